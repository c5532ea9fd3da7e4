use fps_core::{Amount, Checkout};

#[derive(Checkout)]
struct Nothing;

#[derive(Checkout)]
#[checkout(payment_reason = "{title}")]
struct OnlyShipping {
    title: String,
    #[checkout(shipping)]
    postage: Amount,
}

#[derive(Checkout)]
enum OneOfThem {
    Priced(#[checkout(item_total)] Amount),
    Unpriced(#[checkout(tax)] Amount),
}

#[derive(Checkout)]
enum Never {}

fn main() {}
