//! The second page, for those without a default: with what?

use askama::Template;
use fps_core::Pairs;
use fps_core::checkout::PaymentMethod;
use http::{Response, StatusCode};

use super::page;
use super::sign_in::Summary;
use super::visit::{Next, Step, Visit};
use crate::ledger::{Account, Ledger};

#[derive(Template)]
#[template(path = "method.html")]
struct Method<'a> {
    id: &'a str,
    summary: Summary<'a>,
    buyer: &'a str,
    choices: Vec<Choice>,
    trouble: &'a str,
}

/// A way to pay that can be picked.
struct Choice {
    word: &'static str,
    title: &'static str,
    detail: String,
    picked: bool,
}

pub(super) fn show(ledger: &Ledger, visit: &Visit, id: &str, trouble: &str) -> Response<Vec<u8>> {
    let buyer = visit.buyer(ledger);
    let offered = visit.offered(ledger);
    let choices = offered.iter().enumerate().map(|(at, method)| Choice {
        word: method.as_str(),
        title: title(*method),
        detail: buyer.map(|buyer| detail(ledger, buyer, *method)).unwrap_or_default(),
        picked: visit.method.map_or(at == 0, |picked| picked == *method),
    });
    let status = if trouble.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page_of = Method {
        id,
        summary: Summary::of(ledger, visit),
        buyer: buyer.map_or("", |buyer| buyer.name.as_str()),
        choices: choices.collect(),
        trouble,
    };
    page(status, &page_of)
}

pub(super) fn take(ledger: &Ledger, visit: &mut Visit, fields: &Pairs) -> Next {
    let word = fields.get("method").unwrap_or_default();
    match visit.offered(ledger).into_iter().find(|method| method.as_str() == word) {
        Some(method) => {
            visit.method = Some(method);
            Next::Page(visit.after(Step::Method))
        }
        None => {
            visit.step = Step::Method;
            Next::Again("Please choose one of the payment methods.".to_owned())
        }
    }
}

/// A payment method in words.
pub(super) const fn title(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Abt => "Account balance",
        PaymentMethod::Ach => "Bank account",
        PaymentMethod::Cc => "Credit card",
    }
}

/// Which card, which bank, how much there is.
pub(super) fn detail(ledger: &Ledger, buyer: &Account, method: PaymentMethod) -> String {
    match method {
        PaymentMethod::Abt => format!("${} available", ledger.available(&buyer.id)),
        PaymentMethod::Ach => buyer
            .bank
            .as_ref()
            .map_or_else(String::new, |bank| format!("{}, account ending in {}", bank.bank, bank.last_four)),
        PaymentMethod::Cc => buyer.card.as_ref().map_or_else(String::new, |card| {
            format!("{} ending in {}, expires {}", card.network, card.last_four, card.expiry())
        }),
    }
}
