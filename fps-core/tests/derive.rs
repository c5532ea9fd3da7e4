//! What derived products say about their payment.

use std::collections::BTreeMap;
use std::sync::Arc;

use fps_core::checkout::{Charge, CheckoutError, PaymentMethod, PaymentMethods, ShippingAddress};
use fps_core::{Amount, Checkout, IntoAmount, PipelineParameters};

fn song() -> Song {
    Song {
        title: "Now and Forever".to_owned(),
        artist: "Richard Marx".to_owned(),
        price: Amount::usd("0.10"),
        sales_tax: None,
    }
}

#[derive(Checkout)]
#[checkout(payment_reason = "{title} - {artist}", payment_methods(ABT, ACH, CC))]
struct Song {
    title: String,
    artist: String,
    #[checkout(item_total)]
    price: Amount,
    #[checkout(tax)]
    sales_tax: Option<Amount>,
}

#[track_caller]
fn charged(parameters: &PipelineParameters, expected: &[(Charge, &str)], total: &str) {
    let charges: Vec<_> = parameters.charges().iter().collect();
    let expected: Vec<_> = expected.iter().map(|(charge, amount)| (*charge, Amount::usd(amount))).collect();
    assert_eq!(charges, expected);
    assert_eq!(parameters.transaction_amount(), Amount::usd(total));
}

#[test]
fn a_song_becomes_its_parameters() {
    let parameters = song().parameters().unwrap();
    charged(&parameters, &[(Charge::ItemTotal, "0.10")], "0.10");
    assert_eq!(parameters.payment_reason(), Some("Now and Forever - Richard Marx"));
    assert_eq!(parameters.payment_methods(), PaymentMethods::ALL);
    assert!(!parameters.reserve());

    let taxed = Song { sales_tax: Some(Amount::usd("0.01")), ..song() };
    charged(&taxed.parameters().unwrap(), &[(Charge::ItemTotal, "0.10"), (Charge::Tax, "0.01")], "0.11");
}

#[derive(IntoAmount)]
struct Price(Amount);

#[derive(Checkout)]
#[checkout(payment_methods(ABT))]
struct Parcel<'a> {
    #[checkout(payment_reason)]
    what: Option<&'a str>,
    #[checkout(item_total)]
    goods: Price,
    #[checkout(item_total)]
    more_goods: &'a Amount,
    #[checkout(shipping)]
    shipping: Box<Amount>,
    #[checkout(handling)]
    handling: Arc<Amount>,
    #[checkout(gift_wrapping)]
    wrapping: Option<Price>,
    #[checkout(discount)]
    voucher: Amount,
    #[checkout(tax)]
    tax: Amount,
    #[checkout(skip)]
    list_price: Amount,
}

#[test]
fn every_charge_goes_where_its_word_says_and_equal_words_add_up() {
    let more = Amount::usd("2");
    let parcel = Parcel {
        what: Some("two <books>"),
        goods: Price(Amount::usd("1")),
        more_goods: &more,
        shipping: Box::new(Amount::usd("4")),
        handling: Arc::new(Amount::usd("8")),
        wrapping: Some(Price(Amount::usd("16"))),
        voucher: Amount::usd("0.5"),
        tax: Amount::usd("32"),
        list_price: Amount::usd("99"),
    };
    let parameters = parcel.parameters().unwrap();
    charged(
        &parameters,
        &[
            (Charge::ItemTotal, "3"),
            (Charge::Shipping, "4"),
            (Charge::Handling, "8"),
            (Charge::GiftWrapping, "16"),
            (Charge::Tax, "32"),
            (Charge::Discount, "0.5"),
        ],
        "62.5",
    );
    assert_eq!(parameters.payment_reason(), Some("two &lt;books>"));
    assert_eq!(parameters.payment_methods(), PaymentMethods::of(&[PaymentMethod::Abt]));
    assert_eq!(parcel.list_price, Amount::usd("99"));
}

#[derive(Checkout)]
#[checkout(tax_rate = "8.25%", tax_on(item_total, shipping))]
struct Cart {
    #[checkout(items)]
    songs: Vec<Song>,
    #[checkout(items(values))]
    by_name: BTreeMap<String, Song>,
    #[checkout(items)]
    one: Option<Song>,
    #[checkout(items)]
    shared: Arc<[Song]>,
    #[checkout(items)]
    nested: Box<Song>,
    #[checkout(items)]
    array: [Song; 1],
    #[checkout(address)]
    to: Option<ShippingAddress>,
}

#[test]
fn a_cart_sums_its_lines() {
    let cart = Cart {
        songs: vec![song(), song()],
        by_name: BTreeMap::from([("x".to_owned(), song())]),
        one: None,
        shared: Arc::from([song()]),
        nested: Box::new(song()),
        array: [song()],
        to: None,
    };
    let parameters = cart.parameters().unwrap();
    charged(&parameters, &[(Charge::ItemTotal, "0.60"), (Charge::Tax, "0.05")], "0.65");
    assert_eq!(
        parameters.payment_reason(),
        Some(["Now and Forever - Richard Marx"; 6].join("; ")).as_deref()
    );
}

#[test]
fn a_product_without_value_is_refused() {
    let free = Song { price: Amount::ZERO, ..song() };
    assert_eq!(free.parameters(), Err(CheckoutError::NothingToPay));
}
