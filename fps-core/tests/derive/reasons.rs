//! Payment reasons.

use std::borrow::Cow;

use fps_core::{Amount, Checkout};

struct Artist {
    name: &'static str,
    born: (u16, &'static str),
}

impl Artist {
    fn initials(&self) -> String {
        self.name.split(' ').filter_map(|word| word.chars().next()).collect()
    }
}

#[derive(Checkout)]
#[checkout(
    payment_reason = "<b>{title:.max$}</b> {{{artist.name}}} {artist.initials()} {artist.born.0:05} {loud():>6}! {max:?}"
)]
struct Song {
    title: &'static str,
    max: usize,
    artist: Artist,
    #[checkout(item_total)]
    price: Amount,
}

impl Song {
    fn loud(&self) -> String {
        self.title.to_uppercase()
    }
}

#[test]
fn a_template_shows_fields_their_parts_methods_and_formats() {
    let song = Song {
        title: "Hazard",
        max: 3,
        artist: Artist { name: "Richard Marx", born: (1963, "Chicago") },
        price: Amount::usd("1"),
    };
    assert_eq!(song.artist.born.1, "Chicago");
    assert_eq!(
        song.parameters().unwrap().payment_reason(),
        Some("<b>Haz</b> {Richard Marx} RM 01963 HAZARD! 3")
    );
    let short = Song { title: "<i>", max: 9, artist: Artist { name: "AT&T <3", born: (1, "") }, ..song };
    assert_eq!(
        short.parameters().unwrap().payment_reason(),
        Some("<b>&lt;i></b> {AT&amp;T &lt;3} A&lt; 00001    &lt;I>! 9"),
        "only the template's own tags format, and widths count what is shown"
    );
}

#[derive(Checkout)]
struct Said<T> {
    #[checkout(payment_reason)]
    what: T,
    #[checkout(item_total)]
    price: Amount,
}

#[test]
fn a_field_can_be_the_whole_reason() {
    fn reason<T: fps_core::checkout::ReasonText>(what: T) -> Option<String> {
        Said { what, price: Amount::usd("1") }.parameters().unwrap().payment_reason().map(str::to_owned)
    }
    assert_eq!(reason("a <b>book</b> & more").as_deref(), Some("a &lt;b>book&lt;/b> &amp; more"));
    assert_eq!(reason("a book".to_owned()).as_deref(), Some("a book"));
    assert_eq!(reason(Cow::Borrowed("a book")).as_deref(), Some("a book"));
    assert_eq!(reason(Some(Box::new("a book"))).as_deref(), Some("a book"));
    assert_eq!(reason(None::<String>), None);
}

#[derive(Checkout)]
#[checkout(payment_reason = "Tickets & more <br> 3 < 4 {{}}", item_total = "1.00")]
struct Fixed;

#[test]
fn a_reason_without_values_is_sent_as_it_is_written() {
    assert_eq!(Fixed.parameters().unwrap().payment_reason(), Some("Tickets & more <br> 3 < 4 {}"));
}

#[test]
fn a_product_without_reason_sends_none() {
    #[derive(Checkout)]
    #[checkout(item_total = "1.00")]
    struct Silent;
    assert_eq!(Silent.parameters().unwrap().payment_reason(), None);
}
