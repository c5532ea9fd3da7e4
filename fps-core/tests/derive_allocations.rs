//! A derived product allocates what the same product by hand does: the text of its reason, and its address.

use allocation_counter::measure;
use fps_core::checkout::{AsText, ShippingAddress};
use fps_core::{Amount, Checkout};

/// How many allocations it takes to get the parameters.
fn allocations(product: &impl Checkout) -> u64 {
    let mut parameters = None;
    let counted = measure(|| parameters = Some(product.parameters()));
    assert!(parameters.is_some_and(|parameters| parameters.is_ok()));
    counted.count_total
}

#[derive(Checkout)]
#[checkout(payment_reason = "{title} - {artist}")]
struct Song {
    title: &'static str,
    artist: &'static str,
    #[checkout(item_total)]
    price: Amount,
}

const SONG: Song = Song { title: "Now and Forever", artist: "Richard Marx", price: Amount::usd("0.10") };

#[test]
fn charges_and_terms_and_a_fixed_reason_allocate_nothing() {
    #[derive(Checkout)]
    #[checkout(
        payment_reason = "A parcel",
        reserve,
        payment_methods(CC),
        tax_rate = "8.25%",
        shipping = "4.99"
    )]
    struct Parcel {
        #[checkout(item_total)]
        price: Amount,
        #[checkout(quantity)]
        count: u8,
        #[checkout(discount)]
        voucher: Option<Amount>,
    }
    let parcel = Parcel { price: Amount::usd("1"), count: 2, voucher: Some(Amount::usd("0.50")) };
    assert_eq!(allocations(&parcel), 0);
}

#[test]
fn a_template_allocates_what_format_does() {
    let by_hand = measure(|| {
        std::hint::black_box(format!("{} - {}", AsText(&SONG.title), AsText(&SONG.artist)));
    });
    assert_eq!(allocations(&SONG), by_hand.count_total);
}

#[test]
fn a_reason_field_is_copied_once() {
    #[derive(Checkout)]
    struct Donation {
        #[checkout(payment_reason)]
        purpose: &'static str,
        #[checkout(item_total)]
        amount: Amount,
    }
    assert_eq!(allocations(&Donation { purpose: "a good one", amount: Amount::usd("5") }), 1);
}

#[test]
fn an_address_allocates_its_text_and_the_box_that_holds_it() {
    #[derive(Checkout)]
    struct Gift {
        #[checkout(item_total)]
        price: Amount,
        #[checkout(address)]
        to: ShippingAddress,
    }
    let to = ShippingAddress {
        name: Some("John".to_owned()),
        city: Some("Berlin".to_owned()),
        ..ShippingAddress::default()
    };
    let texts = 2;
    assert_eq!(allocations(&Gift { price: Amount::usd("1"), to }), texts + 1);
}

#[test]
fn a_cart_allocates_only_what_its_reasons_do() {
    #[derive(Checkout)]
    #[checkout(payment_reason = "An order")]
    struct Silent {
        #[checkout(items)]
        lines: Vec<Line>,
    }
    #[derive(Checkout)]
    #[checkout(payment_reason = "A line")]
    struct Line(#[checkout(item_total)] Amount);

    let lines = || vec![Line(Amount::usd("1")), Line(Amount::usd("2")), Line(Amount::usd("3"))];
    assert_eq!(allocations(&Silent { lines: lines() }), 0);
}
