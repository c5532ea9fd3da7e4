//! The pages, as data for the templates beside `src/`.

use askama::Template;
use axum::http::StatusCode;
use fps_checkout::Amount;
use fps_checkout::order::{Operation, Order, Outcome, State};

use crate::catalogue::Item;
use crate::media;

/// The shelf.
#[derive(Debug, Template)]
#[template(path = "shop.html")]
pub(crate) struct ShopPage {
    offers: Vec<Offer>,
}

#[derive(Debug)]
struct Offer {
    slug: &'static str,
    title: &'static str,
    artist: &'static str,
    kind: &'static str,
    symbol: &'static str,
    hue: usize,
    price: Amount,
    tax: Option<Amount>,
    ticket: String,
}

impl ShopPage {
    /// A shelf of these items, with a fresh ticket for each button.
    pub(crate) fn new(catalogue: &'static [(&'static str, Item)], ticket: impl Fn() -> String) -> Self {
        let offer = |(place, (slug, item)): (usize, &'static (&'static str, Item))| {
            let (kind, symbol) = match item {
                Item::Song(_) => ("song", "♪"),
                Item::Video(_) => ("video", "▶"),
            };
            Offer {
                slug,
                title: item.title(),
                artist: item.artist(),
                kind,
                symbol,
                hue: (place * 83 + 250) % 360,
                price: item.price(),
                tax: item.tax(),
                ticket: ticket(),
            }
        };
        Self { offers: catalogue.iter().enumerate().map(offer).collect() }
    }
}

/// What became of an order.
#[derive(Debug, Template)]
#[template(path = "result.html")]
pub(crate) struct ResultPage {
    mood: &'static str,
    headline: &'static str,
    advice: &'static str,
    what: String,
    total: Amount,
    facts: Vec<(&'static str, String)>,
    download: Option<Download>,
    again: Option<Again>,
    looks_again: bool,
}

#[derive(Debug)]
struct Download {
    href: String,
    file: String,
}

/// The same button again: the order's own item and ticket.
#[derive(Debug)]
struct Again {
    item: String,
    ticket: String,
    label: &'static str,
}

impl ResultPage {
    /// The page of an order for an item, with the order's own path.
    pub(crate) fn new(order: &Order, item: &Item, path: &str) -> Self {
        let story = Story::of(order.state());
        let (slug, ticket) = order.id().as_str().split_once('.').unwrap_or_default();
        let again = |label| Again { item: slug.to_owned(), ticket: ticket.to_owned(), label };
        let file = || Download { href: format!("{path}/download"), file: media::file_name(item) };
        Self {
            mood: story.mood,
            headline: story.headline,
            advice: story.advice,
            what: order.product().parameters().payment_reason().unwrap_or(item.title()).to_owned(),
            total: order.total(),
            facts: order.charge().map(facts).unwrap_or_default(),
            download: (order.state() == State::Paid).then(file),
            again: story.again.map(again),
            looks_again: story.mood == "wait",
        }
    }
}

/// What the guide's result page shows: a, the status of the Pay request; b, of the transaction; c, the transaction's id.
fn facts(pay: &Operation) -> Vec<(&'static str, String)> {
    let request = match (&pay.transaction, pay.outcome) {
        (Some(_), _) => "Success".to_owned(),
        (None, Outcome::None) => "Not sent yet".to_owned(),
        (None, Outcome::Unknown) => "No answer yet".to_owned(),
        (None, _) => pay.code.clone().unwrap_or_else(|| "Refused".to_owned()),
    };
    let mut facts = vec![("a. Pay request", request)];
    if let Some(transaction) = &pay.transaction {
        facts.push(("b. Transaction", format!("{:?}", pay.outcome)));
        facts.push(("c. Transaction id", transaction.to_string()));
    }
    facts
}

/// What a state means to a buyer.
#[derive(Debug)]
struct Story {
    mood: &'static str,
    headline: &'static str,
    advice: &'static str,
    again: Option<&'static str>,
}

impl Story {
    fn of(state: State) -> Self {
        let story = |mood, headline, advice, again| Self { mood, headline, advice, again };
        match state {
            State::Paid => story("good", "Thank you, it is yours", "The payment went through.", None),
            State::Pending => story(
                "wait",
                "Your payment is on its way",
                "The payment service is working on it. This page looks again by itself.",
                None,
            ),
            State::Created | State::AwaitingBuyer => story(
                "wait",
                "We are checking your payment",
                "We have not heard of it from the payment service yet. This page looks again by itself; \
                 if you have not paid yet, go on to the payment pages.",
                Some("Go on to payment"),
            ),
            State::Declined => story(
                "bad",
                "The payment was declined",
                "You have not been charged. You can try again, perhaps with another payment method.",
                Some("Try again"),
            ),
            State::Abandoned => story(
                "bad",
                "You left before paying",
                "You have not been charged. The offer still stands.",
                Some("Try again"),
            ),
            State::Expired | State::Cancelled => {
                story("bad", "This order has ended", "You have not been charged for it.", Some("Try again"))
            }
            State::Review => story(
                "wait",
                "We are looking into your payment",
                "Something needs a person's eye. You need not do anything.",
                None,
            ),
            _ => story(
                "wait",
                "We are checking your payment",
                "You need not do anything. This page looks again by itself.",
                None,
            ),
        }
    }
}

/// Something did not work.
#[derive(Debug, Template)]
#[template(path = "sorry.html")]
pub(crate) struct SorryPage {
    status: StatusCode,
    headline: &'static str,
    advice: &'static str,
}

impl SorryPage {
    /// No such item, order or download.
    pub(crate) const NOT_FOUND: Self = Self {
        status: StatusCode::NOT_FOUND,
        headline: "There is nothing here",
        advice: "Perhaps the address was cut off. Everything we sell is in the shop.",
    };

    /// The download of an order that is not paid.
    pub(crate) const NOT_PAID: Self = Self {
        status: StatusCode::PAYMENT_REQUIRED,
        headline: "This is not paid yet",
        advice: "The download opens as soon as the payment has gone through.",
    };

    /// The store or the service does not answer.
    pub(crate) const OUT_OF_ORDER: Self = Self {
        status: StatusCode::SERVICE_UNAVAILABLE,
        headline: "We cannot do that right now",
        advice: "Please try again in a moment. Whatever you have paid for is safe.",
    };

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}
