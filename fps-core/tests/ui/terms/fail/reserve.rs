use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(reserve, payment_methods(ABT, ACH))]
struct Preorder(#[checkout(item_total)] Amount);

#[derive(Checkout)]
#[checkout(payment_methods(ABT))]
enum Product {
    #[checkout(reserve, item_total = "1.00")]
    Later,
    #[checkout(item_total = "1.00")]
    Now,
}

fn main() {}
