//! Charges: from fields, from literals, many times over, with a tax.

use std::num::NonZeroU32;
use std::sync::Arc;

use fps_core::checkout::{Charge, CheckoutError, PaymentMethod, PaymentMethods};
use fps_core::{Amount, AmountError, Checkout, IntoAmount};

use crate::{SONG, Song, charged};

#[test]
fn a_song_becomes_its_parameters() {
    let parameters = SONG.parameters().unwrap();
    charged(&parameters, &[(Charge::ItemTotal, "0.10")], "0.10");
    assert_eq!(parameters.payment_reason(), Some("Now and Forever - Richard Marx"));
    assert_eq!(parameters.payment_methods(), PaymentMethods::ALL);
    assert!(!parameters.reserve());

    let taxed = Song { sales_tax: Some(Amount::usd("0.01")), ..SONG };
    charged(&taxed.parameters().unwrap(), &[(Charge::ItemTotal, "0.10"), (Charge::Tax, "0.01")], "0.11");
}

#[derive(IntoAmount)]
struct Price(Amount);

#[derive(IntoAmount)]
struct Maybe<T> {
    inner: Option<T>,
}

struct Cents(i64);

impl IntoAmount for Cents {
    fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
        Ok(Some(Amount::from_cents(self.0)))
    }
}

#[derive(Checkout)]
#[checkout(payment_methods(ABT))]
struct Parcel<'a> {
    #[checkout(item_total)]
    goods: Price,
    #[checkout(item_total)]
    more_goods: &'a Amount,
    #[checkout(shipping)]
    shipping: Box<Amount>,
    #[checkout(handling)]
    handling: Arc<Amount>,
    #[checkout(gift_wrapping)]
    wrapping: Option<Maybe<Cents>>,
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
        goods: Price(Amount::usd("1")),
        more_goods: &more,
        shipping: Box::new(Amount::usd("4")),
        handling: Arc::new(Amount::usd("8")),
        wrapping: Some(Maybe { inner: Some(Cents(1600)) }),
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
    assert_eq!(parameters.payment_methods(), PaymentMethods::of(&[PaymentMethod::Abt]));
    assert_eq!(parcel.list_price, Amount::usd("99"));
}

#[derive(Checkout)]
#[checkout(item_total = "9.99", shipping = "4.99", handling = "1", gift_wrapping = "2.00", tax = "0.80")]
#[checkout(discount = "1.00")]
struct Yearbook {
    #[checkout(item_total)]
    cover: Option<Amount>,
}

#[test]
fn literals_are_charges_and_add_to_those_of_fields() {
    let all = |items, total| {
        [
            (Charge::ItemTotal, items),
            (Charge::Shipping, "4.99"),
            (Charge::Handling, "1"),
            (Charge::GiftWrapping, "2"),
            (Charge::Tax, "0.80"),
            (Charge::Discount, "1"),
        ]
        .to_vec()
        .into_iter()
        .chain([(Charge::ItemTotal, total)])
        .collect::<Vec<_>>()
    };
    let plain = all("9.99", "17.78");
    charged(&Yearbook { cover: None }.parameters().unwrap(), &plain[..6], plain[6].1);
    let covered = all("12.00", "19.79");
    charged(
        &Yearbook { cover: Some(Amount::usd("2.01")) }.parameters().unwrap(),
        &covered[..6],
        covered[6].1,
    );
}

#[derive(Checkout)]
#[checkout(item_total = "1.00", shipping = "4.99")]
struct Screws<Q> {
    #[checkout(item_total)]
    each: Amount,
    #[checkout(quantity)]
    count: Q,
}

#[test]
fn a_quantity_multiplies_the_item_total_and_nothing_else() {
    let screws = |count| Screws { each: Amount::usd("0.005"), count };
    charged(
        &screws(200u32).parameters().unwrap(),
        &[(Charge::ItemTotal, "201"), (Charge::Shipping, "4.99")],
        "205.99",
    );
    let one = Screws { each: Amount::usd("1"), count: NonZeroU32::MIN };
    charged(&one.parameters().unwrap(), &[(Charge::ItemTotal, "2"), (Charge::Shipping, "4.99")], "6.99");

    for (count, error) in [
        (0, CheckoutError::NoPieces { pieces: 0 }),
        (1, CheckoutError::MoreThanCents { charge: Charge::ItemTotal, amount: Amount::usd("0.005") }),
        (u64::MAX, CheckoutError::TooManyPieces),
        (i64::MAX as u64, CheckoutError::Overflow { charge: Charge::ItemTotal }),
    ] {
        let screws = Screws { each: Amount::usd("0.005"), count };
        assert_eq!(screws.parameters(), Err(error), "{count}");
    }
    let fewer = Screws { each: Amount::usd("1"), count: -3i8 };
    assert_eq!(fewer.parameters(), Err(CheckoutError::NoPieces { pieces: -3 }));
}

#[derive(Checkout)]
#[checkout(tax_rate = "8.25%")]
struct Lamp {
    #[checkout(item_total)]
    price: Amount,
    #[checkout(shipping)]
    freight: Amount,
}

#[derive(Checkout)]
#[checkout(tax_rate = "8.25%", tax_on(item_total, shipping, discount))]
struct TaxedLamp {
    #[checkout(item_total)]
    price: Amount,
    #[checkout(shipping)]
    freight: Amount,
    #[checkout(discount)]
    rebate: Option<Amount>,
}

#[test]
fn a_tax_is_on_what_it_names_and_rounds_half_up_once() {
    let lamp = Lamp { price: Amount::usd("2.00"), freight: Amount::usd("1.00") };
    charged(
        &lamp.parameters().unwrap(),
        &[(Charge::ItemTotal, "2"), (Charge::Shipping, "1"), (Charge::Tax, "0.17")],
        "3.17",
    );
    for (rebate, tax, total) in [(None, "0.25", "3.25"), (Some("2.5"), "0.04", "0.54")] {
        let lamp = TaxedLamp {
            price: Amount::usd("2.00"),
            freight: Amount::usd("1.00"),
            rebate: rebate.map(Amount::usd),
        };
        let parameters = lamp.parameters().unwrap();
        assert_eq!(parameters.charges().get(Charge::Tax), Some(Amount::usd(tax)), "{rebate:?}");
        assert_eq!(parameters.transaction_amount(), Amount::usd(total), "{rebate:?}");
    }
    let negative =
        TaxedLamp { price: Amount::usd("2"), freight: Amount::ZERO, rebate: Some(Amount::usd("3")) };
    assert_eq!(
        negative.parameters(),
        Err(CheckoutError::DiscountTooLarge { discount: Amount::usd("3"), charges: Amount::usd("2") })
    );
}

#[derive(Checkout)]
struct Wrong<T> {
    #[checkout(item_total)]
    price: Amount,
    #[checkout(shipping)]
    postage: Option<Amount>,
    #[checkout(discount)]
    voucher: Option<T>,
}

#[test]
fn values_that_make_no_payment_are_refused_by_name() {
    let most = "9223372036854.77";
    for (price, postage, voucher, error) in [
        ("-1", None, None, "itemTotal is -1.00; a charge is zero or more"),
        ("0.001", None, None, "itemTotal is 0.001; a charge has at most two decimals"),
        ("1", Some("-0.01"), None, "shipping is -0.01; a charge is zero or more"),
        ("1", Some("0.001"), None, "shipping is 0.001; a charge has at most two decimals"),
        ("1", None, Some("-1"), "discount is -1.00; a charge is zero or more"),
        ("1", None, Some("1.01"), "the discount of 1.01 is more than the charges of 1.00"),
        ("1", None, Some("1"), "the total is zero; there is nothing to pay"),
        ("0", None, None, "the total is zero; there is nothing to pay"),
        (most, Some("0.01"), None, "adding shipping takes the sum over what an amount can hold"),
    ] {
        let product = Wrong {
            price: Amount::usd(price),
            postage: postage.map(Amount::usd),
            voucher: voucher.map(Amount::usd),
        };
        let refused = product.parameters().unwrap_err().to_string();
        assert_eq!(refused, error, "{price} {postage:?} {voucher:?}");
    }
}

struct Unreadable;

impl IntoAmount for Unreadable {
    fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
        Err(AmountError::TooLarge)
    }
}

#[test]
fn a_value_that_is_no_amount_is_refused_with_its_cause() {
    let product = Wrong { price: Amount::usd("1"), postage: None, voucher: Some(Unreadable) };
    let error = product.parameters().unwrap_err();
    assert_eq!(error.to_string(), "discount is not an amount");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), AmountError::TooLarge.to_string());
}

#[test]
fn a_product_whose_only_price_is_absent_is_refused() {
    #[derive(Checkout)]
    struct Unpriced {
        #[checkout(item_total)]
        price: Option<Amount>,
        #[checkout(shipping)]
        postage: Amount,
    }
    let unpriced = Unpriced { price: None, postage: Amount::usd("4.99") };
    assert_eq!(unpriced.parameters(), Err(CheckoutError::NoItemTotal));
}

#[cfg(feature = "rust_decimal")]
#[test]
fn a_decimal_is_money() {
    use rust_decimal::Decimal;

    #[derive(Checkout)]
    struct Priced {
        #[checkout(item_total)]
        price: Decimal,
        #[checkout(tax)]
        tax: Option<Decimal>,
    }
    let priced = Priced { price: Decimal::new(999, 2), tax: Some(Decimal::new(8, 1)) };
    charged(&priced.parameters().unwrap(), &[(Charge::ItemTotal, "9.99"), (Charge::Tax, "0.80")], "10.79");
    let fine = Priced { price: Decimal::new(9999, 3), tax: None };
    assert_eq!(
        fine.parameters(),
        Err(CheckoutError::NotAnAmount { charge: Charge::ItemTotal, source: AmountError::MoreThanCents })
    );
}
