use fps_core::checkout::ShippingAddress;
use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(payment_methods(CC), payment_reason = "{title}", tax_rate = "8.25%", tax_on(item_total, shipping))]
#[checkout(shipping = "1.00", reserve, crate = "::fps_core",)]
struct Song {
    title: String,
    #[checkout(item_total)]
    price: Amount,
    #[checkout(shipping)]
    postage: Amount,
    #[checkout(skip)]
    list_price: Amount,
    #[checkout(quantity)]
    count: u32,
    #[checkout(address)]
    to: ShippingAddress,
    #[checkout()]
    nothing_said: u8,
}

#[derive(Checkout)]
struct Cart {
    #[checkout(items)]
    songs: Vec<Song>,
}

fn main() {}
