use fps_core::{Amount, IntoAmount};

#[derive(IntoAmount)]
struct Nothing;

#[derive(IntoAmount)]
struct Two(Amount, Amount);

#[derive(IntoAmount)]
enum Either {
    A(Amount),
}

#[derive(IntoAmount)]
#[checkout(item_total = "1.00")]
struct Worded(Amount);

fn main() {}
