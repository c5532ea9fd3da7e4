use fps_core::{Amount, Checkout, IntoAmount};

mod fps {
    pub use fps_core::*;
}

#[derive(Checkout)]
#[checkout(crate = "::fps_core", item_total = "1.00")]
struct Absolute;

#[derive(Checkout)]
#[checkout(crate = "crate::fps", item_total = "1.00")]
struct OfThisCrate;

#[derive(Checkout)]
#[checkout(crate = crate::fps, item_total = "1.00")]
struct WithoutQuotes;

#[derive(IntoAmount)]
struct Price {
    amount: Option<Amount>,
}

#[derive(Checkout)]
enum Product {
    A(#[checkout(item_total)] Price),
    #[checkout(item_total = "1.00")]
    B,
}

fn main() {}
