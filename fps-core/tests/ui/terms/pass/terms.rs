use fps_core::checkout::ShippingAddress;
use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(payment_methods(ABT, ACH, CC))]
enum Product {
    Gift {
        #[checkout(item_total)]
        price: Amount,
        #[checkout(address)]
        to: ShippingAddress,
    },
    #[checkout(collect_shipping_address, reserve, payment_methods(CC))]
    Book(#[checkout(item_total)] Amount),
}

fn main() {}
