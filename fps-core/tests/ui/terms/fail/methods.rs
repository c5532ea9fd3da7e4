use fps_core::Checkout;

#[derive(Checkout)]
#[checkout(item_total = "1.00", payment_methods(ABT, abt, CASH, Credit))]
struct Song;

fn main() {}
