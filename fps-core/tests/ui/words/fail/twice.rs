use fps_core::checkout::ShippingAddress;
use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(payment_reason = "a song", reserve, shipping = "1.00")]
#[checkout(payment_reason = "a tune", reserve, shipping = "2.00")]
struct OnTheStruct {
    #[checkout(item_total)]
    price: Amount,
}

#[derive(Checkout)]
struct OnAField {
    #[checkout(item_total, item_total)]
    price: Amount,
    #[checkout(shipping)]
    #[checkout(handling)]
    postage: Amount,
}

#[derive(Checkout)]
#[checkout(payment_reason = "{name}")]
struct OnSeveralFields {
    #[checkout(item_total)]
    price: Amount,
    #[checkout(payment_reason)]
    name: String,
    #[checkout(payment_reason)]
    description: String,
    #[checkout(quantity)]
    count: u32,
    #[checkout(quantity)]
    boxes: u32,
    #[checkout(address)]
    to: ShippingAddress,
    #[checkout(address)]
    or_to: ShippingAddress,
}

#[derive(Checkout)]
#[checkout(item_total = "1.00", payment_methods(ABT, CC, ABT), tax_rate = "1%", tax_on(item_total, item_total))]
struct InAList;

fn main() {}
