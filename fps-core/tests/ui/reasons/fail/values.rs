use fps_core::{Amount, Checkout};

struct Artist {
    name: String,
}

#[derive(Checkout)]
#[checkout(payment_reason = "{artist}")]
struct NotShown {
    artist: Artist,
    #[checkout(item_total)]
    price: Amount,
}

#[derive(Checkout)]
#[checkout(payment_reason = "{shown()} {artist.nome} {subtitle}")]
struct NotThere {
    artist: Artist,
    subtitle: Option<String>,
    #[checkout(item_total)]
    price: Amount,
}

fn main() {}
