use fps_core::{Amount, Checkout};

struct Artist {
    name: String,
}

#[derive(Checkout)]
#[checkout(payment_reason = "<b>{artist.name}</b> {{{shown()}}} 3 < 4, {title:.max$}<br/>{title:?}")]
struct Song {
    artist: Artist,
    title: String,
    max: usize,
    #[checkout(item_total)]
    price: Amount,
}

impl Song {
    fn shown(&self) -> String {
        self.title.to_uppercase()
    }
}

fn main() {}
