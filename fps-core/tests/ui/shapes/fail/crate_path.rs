use fps_core::Checkout;

#[derive(Checkout)]
#[checkout(crate = "fps_core", item_total = "1.00")]
struct Relative;

#[derive(Checkout)]
#[checkout(crate = "super::fps", item_total = "1.00")]
struct Above;

#[derive(Checkout)]
#[checkout(crate = "not a path", item_total = "1.00")]
struct NoPath;

#[derive(Checkout)]
#[checkout(crate = 7, item_total = "1.00")]
struct Number;

#[derive(Checkout)]
#[checkout(crate = "::fps_cor", item_total = "1.00")]
struct NoSuchCrate;

fn main() {}
