use std::collections::HashMap;

use fps_core::{Amount, Checkout, IntoAmount};

type Float = f32;

struct Artist;

#[derive(Checkout)]
struct Song {
    #[checkout(item_total)]
    price: f64,
    #[checkout(shipping)]
    postage: Option<Float>,
    #[checkout(tax)]
    tax: String,
    #[checkout(discount)]
    rebate: Artist,
    #[checkout(quantity)]
    count: f32,
    #[checkout(payment_reason)]
    number: u64,
    #[checkout(address)]
    to: String,
}

#[derive(Checkout)]
struct Weighed {
    #[checkout(item_total)]
    price: Amount,
    #[checkout(quantity)]
    weight: &'static str,
}

#[derive(Checkout)]
struct Cart {
    #[checkout(items)]
    artists: Vec<Artist>,
    #[checkout(items)]
    artist: Artist,
    #[checkout(items)]
    map: HashMap<u8, Weighed>,
    #[checkout(items(values))]
    list: Vec<Weighed>,
}

#[derive(IntoAmount)]
struct Price(f64);

fn main() {
    let _ = Artist.parameters();
    fn pay(_: &impl Checkout) {}
    pay(&Artist);
}
