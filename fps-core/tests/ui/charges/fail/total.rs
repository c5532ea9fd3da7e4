use fps_core::Checkout;

#[derive(Checkout)]
#[checkout(item_total = "0.00")]
struct Free;

#[derive(Checkout)]
#[checkout(item_total = "1.00", shipping = "2.00", discount = "3.00")]
struct AllDiscounted;

#[derive(Checkout)]
#[checkout(item_total = "1.00", tax_rate = "50%", discount = "1.51")]
struct MoreThanAll;

#[derive(Checkout)]
#[checkout(item_total = "9223372036854.77", shipping = "0.01")]
struct TooMuch;

fn main() {}
