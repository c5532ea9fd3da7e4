//! Carts: products made of products.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use fps_core::checkout::{Charge, Charges, CheckoutError, PaymentMethod, PaymentMethods, ShippingAddress};
use fps_core::{Amount, Checkout, PipelineParameters};

use crate::{SONG, Song, charged};

/// A collection of one's own, whose reference iterates.
struct Shelf(Vec<Song>);

impl<'a> IntoIterator for &'a Shelf {
    type Item = &'a Song;
    type IntoIter = std::slice::Iter<'a, Song>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// One that gives products away by value.
struct Generated(u32);

impl IntoIterator for &Generated {
    type Item = Song;
    type IntoIter = std::iter::Take<std::iter::RepeatWith<fn() -> Song>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::repeat_with((|| SONG) as fn() -> Song).take(self.0 as usize)
    }
}

type Songs = Vec<Song>;

#[derive(Checkout)]
struct Everything<'a, T: Checkout> {
    #[checkout(items)]
    one: Song,
    #[checkout(items)]
    maybe: Option<Song>,
    #[checkout(items)]
    boxed: Box<dyn Checkout>,
    #[checkout(items)]
    generic: T,
    #[checkout(items)]
    generics: Vec<T>,
    #[checkout(items)]
    alias: Songs,
    #[checkout(items)]
    array: [Song; 2],
    #[checkout(items)]
    slice: &'a [Song],
    #[checkout(items)]
    borrowed: &'a Songs,
    #[checkout(items)]
    shared: Arc<[Song]>,
    #[checkout(items)]
    counted: Rc<VecDeque<Song>>,
    #[checkout(items(values))]
    map: BTreeMap<u8, Song>,
    #[checkout(items(iter))]
    listed: Vec<&'a Song>,
    #[checkout(items)]
    shelf: Shelf,
    #[checkout(items)]
    generated: Generated,
}

#[test]
fn products_come_in_every_shape_of_collection() {
    let songs = vec![SONG];
    let cart = Everything {
        one: SONG,
        maybe: None,
        boxed: Box::new(SONG),
        generic: SONG,
        generics: vec![SONG],
        alias: vec![SONG],
        array: [SONG, SONG],
        slice: &songs,
        borrowed: &songs,
        shared: Arc::from([SONG]),
        counted: Rc::new(VecDeque::from([SONG])),
        map: BTreeMap::from([(1, SONG)]),
        listed: vec![&songs[0]],
        shelf: Shelf(vec![SONG]),
        generated: Generated(2),
    };
    let parameters = cart.parameters().unwrap();
    charged(&parameters, &[(Charge::ItemTotal, "1.60")], "1.60");
    let reason = ["Now and Forever - Richard Marx"; 16].join("; ");
    assert_eq!(parameters.payment_reason(), Some(reason.as_str()));
}

#[derive(Checkout)]
#[checkout(
    payment_reason = "Order {number}",
    shipping = "4.99",
    tax_rate = "10%",
    tax_on(item_total, discount)
)]
struct Order {
    number: u32,
    #[checkout(items)]
    lines: Vec<Line>,
    #[checkout(discount)]
    voucher: Option<Amount>,
}

#[derive(Checkout)]
#[checkout(payment_reason = "{count} × {name}")]
struct Line {
    name: &'static str,
    #[checkout(item_total)]
    price: Amount,
    #[checkout(quantity)]
    count: u32,
}

fn line(name: &'static str, price: &str, count: u32) -> Line {
    Line { name, price: Amount::usd(price), count }
}

#[test]
fn a_cart_adds_its_own_charges_to_its_lines() {
    let order = Order {
        number: 7,
        lines: vec![line("pen", "1.25", 4), line("ink", "3.00", 1), line("sample", "0", 1)],
        voucher: Some(Amount::usd("0.50")),
    };
    let parameters = order.parameters().unwrap();
    charged(
        &parameters,
        &[
            (Charge::ItemTotal, "8.00"),
            (Charge::Shipping, "4.99"),
            (Charge::Tax, "0.75"),
            (Charge::Discount, "0.50"),
        ],
        "13.24",
    );
    assert_eq!(parameters.payment_reason(), Some("Order 7"));
}

#[derive(Checkout)]
struct Basket<T: Checkout> {
    #[checkout(items)]
    items: Vec<T>,
}

#[test]
fn a_wrong_line_is_named_and_its_error_is_the_cause() {
    let basket = Basket { items: vec![line("pen", "1.25", 1), line("ink", "-1", 1)] };
    let error = basket.parameters().unwrap_err();
    assert_eq!(error.to_string(), "line 2 of the cart is no payment");
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "itemTotal is -1.00; a charge is zero or more");
}

#[test]
fn a_discount_of_a_line_is_on_that_line() {
    #[derive(Checkout)]
    struct Discounted {
        #[checkout(item_total)]
        price: Amount,
        #[checkout(discount)]
        off: Amount,
    }
    let discounted = |price, off| Discounted { price: Amount::usd(price), off: Amount::usd(off) };
    let gift = Basket { items: vec![discounted("5", "5"), discounted("2", "0")] };
    charged(&gift.parameters().unwrap(), &[(Charge::ItemTotal, "7"), (Charge::Discount, "5")], "2");
    let wrong = Basket { items: vec![discounted("5", "6"), discounted("2", "0")] };
    assert!(matches!(wrong.parameters(), Err(CheckoutError::Line { line: 1, .. })));
}

#[test]
fn sums_of_lines_do_not_wrap() {
    let most = "9223372036854.77";
    let basket = Basket { items: vec![line("gold", most, 1), line("silver", most, 1)] };
    assert_eq!(basket.parameters(), Err(CheckoutError::Overflow { charge: Charge::ItemTotal }));
}

#[test]
fn an_empty_cart_is_an_error_and_free_lines_alone_are_no_payment() {
    assert_eq!(Basket::<Line> { items: vec![] }.parameters(), Err(CheckoutError::EmptyCart));
    let empty = Order { number: 1, lines: vec![], voucher: None };
    assert_eq!(empty.parameters(), Err(CheckoutError::EmptyCart), "shipping alone is nothing to pay for");
    let nested = Basket { items: vec![Basket::<Line> { items: vec![] }] };
    assert_eq!(
        nested.parameters(),
        Err(CheckoutError::Line { line: 1, source: Box::new(CheckoutError::EmptyCart) })
    );
    let free = Basket { items: vec![line("sample", "0", 2)] };
    assert_eq!(free.parameters(), Err(CheckoutError::NothingToPay));
}

#[test]
fn a_cart_with_a_price_of_its_own_may_be_empty() {
    #[derive(Checkout)]
    struct Subscription {
        #[checkout(item_total)]
        fee: Amount,
        #[checkout(items)]
        extras: Vec<Line>,
    }
    let plain = Subscription { fee: Amount::usd("5"), extras: vec![] };
    charged(&plain.parameters().unwrap(), &[(Charge::ItemTotal, "5")], "5");
}

/// A product written by hand, with terms of every kind.
struct ByHand(Box<dyn Fn(PipelineParameters) -> PipelineParameters>);

impl Checkout for ByHand {
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, Amount::usd("1"))?;
        Ok((self.0)(PipelineParameters::new(charges)?))
    }
}

fn by_hand(terms: impl Fn(PipelineParameters) -> PipelineParameters + 'static) -> ByHand {
    ByHand(Box::new(terms))
}

fn methods(methods: &'static [PaymentMethod]) -> ByHand {
    by_hand(move |parameters| parameters.with_payment_methods(PaymentMethods::of(methods)))
}

fn to(city: &'static str) -> ByHand {
    by_hand(move |parameters| {
        parameters.with_address(ShippingAddress { city: Some(city.to_owned()), ..ShippingAddress::default() })
    })
}

#[test]
fn conflicting_terms_name_the_lines() {
    use PaymentMethod::{Abt, Ach, Cc};
    let plain = || by_hand(|parameters| parameters);
    let reserved = || by_hand(|parameters| parameters.with_reserve(true));
    let collected = || by_hand(|parameters| parameters.with_collect_shipping_address(true));
    for (items, error) in [
        (
            vec![plain(), plain(), reserved()],
            "line 3 is to be reserved and line 1 is not; a payment is one or the other",
        ),
        (
            vec![reserved(), plain()],
            "line 1 is to be reserved and line 2 is not; a payment is one or the other",
        ),
        (
            vec![methods(&[Abt, Ach]), methods(&[Ach, Cc]), methods(&[Cc])],
            "line 3 can be paid by CC only, and the rest of the cart by ACH only",
        ),
        (vec![to("Berlin"), plain(), to("Paris")], "line 1 and line 3 do not agree on the shipping address"),
        (vec![plain(), to("Berlin"), collected()], "line 2 and line 3 do not agree on the shipping address"),
    ] {
        assert_eq!(Basket { items }.parameters().unwrap_err().to_string(), error);
    }
}

#[test]
fn terms_that_agree_become_those_of_the_cart() {
    use PaymentMethod::{Abt, Ach, Cc};
    let reserved = || by_hand(|parameters| parameters.with_reserve(true));
    assert!(Basket { items: vec![reserved(), reserved()] }.parameters().unwrap().reserve());
    let common = Basket { items: vec![methods(&[Abt, Ach]), methods(&[Ach, Cc])] }.parameters().unwrap();
    assert_eq!(common.payment_methods(), PaymentMethods::of(&[Ach]));
    let berlin = Basket { items: vec![methods(&[Cc]), to("Berlin"), to("Berlin")] }.parameters().unwrap();
    assert_eq!(berlin.address().unwrap().city.as_deref(), Some("Berlin"));
    let collected = by_hand(|parameters| parameters.with_collect_shipping_address(true));
    let collected = Basket { items: vec![methods(&[Cc]), collected] }.parameters().unwrap();
    assert!(collected.collect_shipping_address());
}

#[derive(Checkout)]
#[checkout(reserve, payment_methods(CC))]
struct Decided<'a> {
    #[checkout(items)]
    items: Vec<ByHand>,
    #[checkout(address)]
    to: &'a ShippingAddress,
}

#[test]
fn the_carts_own_words_decide_where_they_can() {
    let berlin = ShippingAddress { city: Some("Berlin".to_owned()), ..ShippingAddress::default() };
    let plain = || by_hand(|parameters| parameters);
    let decided =
        Decided { items: vec![plain(), by_hand(|p| p.with_reserve(true)), to("Berlin")], to: &berlin };
    let parameters = decided.parameters().unwrap();
    assert!(parameters.reserve());
    assert_eq!(parameters.payment_methods(), PaymentMethods::of(&[PaymentMethod::Cc]));
    assert_eq!(parameters.address(), Some(&berlin));

    for (line, error) in [
        (
            methods(&[PaymentMethod::Abt]),
            "line 1 can be paid by ABT only, and the rest of the cart by CC only",
        ),
        (to("Paris"), "the cart and line 1 do not agree on the shipping address"),
    ] {
        let refused = Decided { items: vec![line], to: &berlin };
        assert_eq!(refused.parameters().unwrap_err().to_string(), error);
    }
}

#[test]
fn a_taxed_line_is_not_taxed_again() {
    #[derive(Checkout)]
    #[checkout(tax_rate = "10%")]
    struct Taxing {
        #[checkout(items)]
        songs: Vec<Song>,
    }
    let taxed = || Song { sales_tax: Some(Amount::usd("0.01")), ..SONG };
    assert_eq!(
        Taxing { songs: vec![SONG, taxed()] }.parameters(),
        Err(CheckoutError::TaxedTwice { line: 2 })
    );
    let basket = Basket { items: vec![SONG, taxed()] };
    charged(&basket.parameters().unwrap(), &[(Charge::ItemTotal, "0.20"), (Charge::Tax, "0.01")], "0.21");
}
