use fps_core::{Amount, Checkout};

#[derive(Checkout)]
union Either {
    #[checkout(item_total)]
    a: Amount,
    b: Amount,
}

fn main() {}
