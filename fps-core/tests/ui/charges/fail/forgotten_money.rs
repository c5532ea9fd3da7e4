use fps_core::{Amount, Checkout};

struct Decimal;

#[derive(Checkout)]
struct Song {
    #[checkout(item_total)]
    price: Amount,
    surcharge: Amount,
    rebate: Option<fps_core::Amount>,
    deposit: Decimal,
}

#[derive(Checkout)]
enum Product {
    Ticket(Amount),
}

fn main() {}
