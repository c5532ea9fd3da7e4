use fps_core::Checkout;

#[derive(Checkout)]
#[checkout(item_total = "", shipping = "-1.00", handling = "0.001", tax = "$1", discount = "1,00")]
#[checkout(gift_wrapping = "9223372036854.78")]
struct Amounts;

#[derive(Checkout)]
enum Rates {
    #[checkout(item_total = "1.00", tax_rate = "8.25")]
    NoPercent,
    #[checkout(item_total = "1.00", tax_rate = "%")]
    Empty,
    #[checkout(item_total = "1.00", tax_rate = "-8%")]
    Negative,
    #[checkout(item_total = "1.00", tax_rate = "eight%")]
    Words,
    #[checkout(item_total = "1.00", tax_rate = "8.00001%")]
    TooFine,
    #[checkout(item_total = "1.00", tax_rate = "101%")]
    TooMuch,
    #[checkout(item_total = "1.00", tax_rate = 8.25)]
    Float,
}

fn main() {}
