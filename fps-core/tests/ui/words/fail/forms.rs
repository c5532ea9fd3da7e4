use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(item_total, shipping = 4.99, handling = 2, tax = rate, discount("1.00"))]
#[checkout(payment_reason, payment_methods = "ABT", reserve = true, collect_shipping_address())]
#[checkout(tax_rate("8%"), tax_on = "shipping", crate("::fps_core"))]
struct OnTheStruct;

#[derive(Checkout)]
struct OnAField {
    #[checkout(item_total = "9.99")]
    price: Amount,
    #[checkout(payment_reason = "{title}")]
    title: String,
    #[checkout(skip = true)]
    cost: Amount,
    #[checkout(quantity(2))]
    count: u32,
    #[checkout(items = "values")]
    songs: Vec<OnTheStruct>,
    #[checkout(items(keys, values))]
    more: Vec<OnTheStruct>,
}

#[derive(Checkout)]
#[checkout(item_total = "1.00", payment_methods())]
struct EmptyList;

#[derive(Checkout)]
#[checkout(item_total = "1.00", tax_rate = "1%", tax_on(tax, price))]
struct TaxOnTax;

#[derive(Checkout)]
#[checkout(item_total = "1.00", tax_on(shipping))]
struct TaxWithoutRate;

#[derive(Checkout)]
struct QuantityOfItems {
    #[checkout(items)]
    songs: Vec<TaxOnTax>,
    #[checkout(quantity)]
    count: u32,
}

fn main() {}
