use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(payment_method(ABT), paymentReason = "{title}", colour = "red")]
struct Song {
    title: String,
    #[checkout(itm_total)]
    price: Amount,
    #[checkout(price)]
    list_price: Amount,
    #[checkout(fps::tax)]
    tax: Amount,
}

#[derive(Checkout)]
#[checkout]
#[checkout = "item_total"]
#[checkout[item_total]]
struct Brackets {
    #[checkout("item_total")]
    price: Amount,
    #[checkout(shipping handling)]
    postage: Amount,
}

fn main() {}
