use std::collections::HashMap;

use fps_core::{Amount, Checkout, IntoAmount};

#[derive(IntoAmount)]
struct Price(Amount);

#[derive(Checkout)]
#[checkout(item_total = "0.00", shipping = "2.00", discount = "1.99", tax_rate = "0%")]
struct Fixed;

#[derive(Checkout)]
struct Song {
    #[checkout(item_total)]
    price: Price,
    #[checkout(shipping)]
    postage: Option<Amount>,
    #[checkout(quantity)]
    count: u32,
}

#[derive(Checkout)]
struct Cart {
    #[checkout(items)]
    songs: Vec<Song>,
    #[checkout(items(values))]
    map: HashMap<u8, Song>,
}

fn main() {
    assert_eq!(Fixed.parameters().unwrap().transaction_amount(), Amount::usd("0.01"));
}
