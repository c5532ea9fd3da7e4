//! Every shape of type that can be a product.

use std::fmt::{Debug, Display};

use fps_core::checkout::{Charge, PaymentMethod, PaymentMethods, ReasonText};
use fps_core::{Amount, Checkout, IntoAmount};

use crate::charged;

#[derive(Checkout)]
#[checkout(payment_methods(ABT, CC), payment_reason = "{title}", shipping = "4.99")]
enum Product<'a> {
    Song {
        title: &'a str,
        #[checkout(item_total)]
        price: Amount,
    },
    #[checkout(payment_reason = "<b>{0}</b>, signed", shipping = "9.99", collect_shipping_address)]
    Poster(&'a str, #[checkout(item_total)] Amount, #[checkout(shipping)] Option<Amount>),
    #[checkout(payment_reason = "A ticket for {owner()}", item_total = "25.00", payment_methods(ABT))]
    Ticket,
    Book {
        #[checkout(payment_reason)]
        name: String,
        #[checkout(items)]
        chapters: Vec<Self>,
    },
}

impl Product<'_> {
    fn owner(&self) -> &'static str {
        "John & Jane"
    }
}

#[test]
fn each_variant_has_its_own_words_and_the_enums_where_it_says_nothing() {
    let price = Amount::usd("1");
    let song = Product::Song { title: "Hazard", price }.parameters().unwrap();
    charged(&song, &[(Charge::ItemTotal, "1"), (Charge::Shipping, "4.99")], "5.99");
    assert_eq!(song.payment_reason(), Some("Hazard"));
    assert_eq!(song.payment_methods(), PaymentMethods::of(&[PaymentMethod::Abt, PaymentMethod::Cc]));
    assert!(!song.collect_shipping_address());

    let poster = Product::Poster("Hazard", price, Some(price)).parameters().unwrap();
    charged(&poster, &[(Charge::ItemTotal, "1"), (Charge::Shipping, "10.99")], "11.99");
    assert_eq!(poster.payment_reason(), Some("<b>Hazard</b>, signed"));
    assert!(poster.collect_shipping_address());

    let ticket = Product::Ticket.parameters().unwrap();
    assert_eq!(ticket.payment_reason(), Some("A ticket for John &amp; Jane"));
    assert_eq!(ticket.payment_methods(), PaymentMethods::of(&[PaymentMethod::Abt]));

    let chapters = vec![Product::Song { title: "a", price }, Product::Song { title: "b", price }];
    let book = Product::Book { name: "Songs".to_owned(), chapters }.parameters().unwrap();
    charged(&book, &[(Charge::ItemTotal, "2"), (Charge::Shipping, "14.97")], "16.97");
    assert_eq!(book.payment_reason(), Some("Songs"));
}

#[derive(Checkout)]
#[checkout(payment_reason = "{0} {1:?}")]
struct Tuple(&'static str, u8, #[checkout(item_total)] Amount);

#[derive(Checkout)]
#[checkout(item_total = "1.00")]
struct Unit;

#[test]
fn tuples_and_units_are_products() {
    let tuple = Tuple("a", 1, Amount::usd("2"));
    assert_eq!(tuple.parameters().unwrap().payment_reason(), Some("a 1"));
    charged(&Unit.parameters().unwrap(), &[(Charge::ItemTotal, "1")], "1");
}

#[derive(Checkout)]
#[checkout(payment_reason = "{title} {tag:?} {parts.len()}")]
struct Generic<'a, T: ?Sized, P, D: Clone, const N: usize = 2>
where
    D: Debug,
{
    title: &'a T,
    tag: D,
    #[checkout(item_total)]
    price: Option<P>,
    parts: [u8; N],
}

#[derive(Checkout)]
struct Reasoned<R, P>(#[checkout(payment_reason)] R, #[checkout(item_total)] Vec1<P>);

#[derive(IntoAmount)]
struct Vec1<P>(P);

#[test]
fn generics_need_no_bounds_for_what_their_words_read() {
    fn reason<T: Display + ?Sized, P: IntoAmount>(title: &T, price: P) -> String {
        let generic = Generic { title, tag: 'x', price: Some(price), parts: [1, 2] };
        generic.parameters().unwrap().payment_reason().unwrap().to_owned()
    }
    assert_eq!(reason("a", Amount::usd("1")), "a &#x27;x&#x27; 2".replace("&#x27;", "'"));
    assert_eq!(reason(&7, Box::new(Amount::usd("1"))), "7 'x' 2");

    fn both<R: ReasonText>(reason: R) -> Option<String> {
        let reasoned = Reasoned(reason, Vec1(Amount::usd("1")));
        reasoned.parameters().unwrap().payment_reason().map(str::to_owned)
    }
    assert_eq!(both("a").as_deref(), Some("a"));
}

#[derive(Checkout)]
#[checkout(payment_reason = "{type} {fn} {r#match.r#struct()}")]
struct Raw {
    r#type: &'static str,
    r#fn: u8,
    r#match: Inner,
    #[checkout(item_total)]
    r#box: Amount,
}

struct Inner;

impl Inner {
    fn r#struct(&self) -> u8 {
        3
    }
}

#[derive(Checkout)]
enum RawVariants {
    #[checkout(payment_reason = "{type}")]
    r#Struct {
        r#type: &'static str,
        #[checkout(item_total)]
        r#in: Amount,
    },
}

#[test]
fn raw_names_are_written_with_or_without_their_mark() {
    let raw = Raw { r#type: "a", r#fn: 2, r#match: Inner, r#box: Amount::usd("1") };
    assert_eq!(raw.parameters().unwrap().payment_reason(), Some("a 2 3"));
    let variant = RawVariants::r#Struct { r#type: "b", r#in: Amount::usd("1") };
    assert_eq!(variant.parameters().unwrap().payment_reason(), Some("b"));
}

#[derive(Checkout)]
struct Configured {
    #[checkout(item_total)]
    price: Amount,
    #[cfg(any())]
    #[checkout(item_total)]
    absent: ThisTypeDoesNotExist,
    #[cfg(not(any()))]
    #[cfg_attr(not(any()), checkout(tax))]
    tax: Amount,
}

#[test]
fn fields_that_are_configured_out_do_not_count() {
    let configured = Configured { price: Amount::usd("1"), tax: Amount::usd("0.10") };
    charged(&configured.parameters().unwrap(), &[(Charge::ItemTotal, "1"), (Charge::Tax, "0.10")], "1.10");
}

type Money = Option<Amount>;

macro_rules! money {
    () => {
        Amount
    };
}

macro_rules! product {
    ($name:ident, $reason:literal, $rate:expr, $word:ident: $price:ty) => {
        #[derive(Checkout)]
        #[checkout(payment_reason = $reason, tax_rate = $rate)]
        struct $name {
            title: &'static str,
            #[checkout($word)]
            price: $price,
            #[checkout(shipping)]
            postage: money!(),
        }
    };
}

product!(FromMacro, "{title}!", "10%", item_total: Money);

#[test]
fn types_behind_aliases_and_macros_are_what_they_are() {
    let product = FromMacro { title: "a", price: Some(Amount::usd("1")), postage: Amount::usd("2") };
    let parameters = product.parameters().unwrap();
    charged(&parameters, &[(Charge::ItemTotal, "1"), (Charge::Shipping, "2"), (Charge::Tax, "0.10")], "3.10");
    assert_eq!(parameters.payment_reason(), Some("a!"));
}
