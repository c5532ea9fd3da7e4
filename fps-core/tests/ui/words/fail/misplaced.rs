use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(quantity, items, address, skip)]
struct OnTheStruct {
    #[checkout(item_total)]
    price: Amount,
}

#[derive(Checkout)]
struct OnAField {
    #[checkout(payment_methods(ABT))]
    price: Amount,
    #[checkout(reserve)]
    later: bool,
    #[checkout(collect_shipping_address)]
    ship: bool,
    #[checkout(tax_rate = "8.25%")]
    rate: u8,
    #[checkout(tax_on(shipping))]
    on: u8,
    #[checkout(crate = "::fps_core")]
    path: u8,
}

#[derive(Checkout)]
enum OnAVariant {
    #[checkout(item_total = "1.00", crate = "::fps_core", quantity)]
    A,
}

fn main() {}
