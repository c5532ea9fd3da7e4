use fps_core::checkout::ShippingAddress;
use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(collect_shipping_address)]
struct Gift {
    #[checkout(item_total)]
    price: Amount,
    #[checkout(address)]
    to: ShippingAddress,
}

fn main() {}
