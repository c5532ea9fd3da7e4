//! Ten mistakes, ten messages, and no echo: the type is still a product to the rest of the program.

use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(payment_reason = "{titel} <p>", payment_methods(ABT, CASH), tax_rate = "8.25", shiping = "1.00")]
struct Song {
    title: String,
    #[checkout(item_total, tax)]
    price: Amount,
    list_price: Option<Amount>,
    #[checkout(reserve)]
    later: bool,
    #[checkout(discount = "1.00")]
    rebate: Amount,
    #[checkout(quantity)]
    count: u32,
    #[checkout(quantity)]
    boxes: u32,
    #[checkout(handlign)]
    handling: Amount,
}

fn pay(product: &impl Checkout) {
    let _ = product.parameters();
}

fn sell(song: Song) {
    pay(&song);
}

fn main() {}
