//! The last page: shall it be so?

use askama::Template;
use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, Timestamp};
use http::{Response, StatusCode};

use super::address::is_wrong;
use super::finish::Ending;
use super::method::{detail, title};
use super::page;
use super::sign_in::Summary;
use super::visit::{Next, Step, Visit};
use crate::ids;
use crate::ledger::account::Address;
use crate::ledger::words::AmountType;
use crate::ledger::{Event, Ledger, Token};

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm<'a> {
    id: &'a str,
    summary: Summary<'a>,
    buyer: &'a str,
    charges: Vec<(&'static str, String)>,
    method: &'static str,
    detail: String,
    address: Option<&'a Address>,
    reserve: bool,
}

pub(super) fn show(ledger: &Ledger, visit: &Visit, id: &str) -> Response<Vec<u8>> {
    let buyer = visit.buyer(ledger);
    let charges = visit.ask.charges.iter().map(|(label, amount)| (*label, dollars(*amount)));
    let shown = Confirm {
        id,
        summary: Summary::of(ledger, visit),
        buyer: buyer.map_or("", |buyer| buyer.name.as_str()),
        charges: charges.collect(),
        method: visit.method.map_or("", title),
        detail: buyer
            .zip(visit.method)
            .map_or_else(String::new, |(buyer, method)| detail(ledger, buyer, method)),
        address: if visit.ask.collects_address { visit.address.as_ref() } else { visit.ask.address.as_ref() },
        reserve: visit.ask.reserve,
    };
    page(StatusCode::OK, &shown)
}

pub(super) fn take(ledger: &Ledger, visit: &mut Visit, now: Timestamp) -> Next {
    let reference = visit.ask.reference.clone();
    let (Some(buyer), Some(method)) = (visit.buyer(ledger), visit.method) else {
        return Next::Page(Step::SignIn);
    };
    // Two tabs with one link: the first token stands.
    if ledger.token_by_reference(&visit.ask.caller, reference.as_str()).is_some() {
        let ending = Ending { reference: Some(reference), ..Ending::malformed(&["callerReference"]) };
        return Next::End(Box::new(ending), Vec::new());
    }
    let caller = visit.ask.caller.clone();
    let token = Token::single_use(ids::token(), caller, buyer.id.clone(), reference.clone(), now);
    let token = Token {
        reason: visit.ask.reason.clone(),
        method: Some(method),
        amount: Some(visit.ask.amount),
        amount_type: AmountType::Maximum,
        recipients: visit.ask.recipients.clone(),
        reserve: visit.ask.reserve,
        ..token
    };
    let (status, expiry) = match method {
        PaymentMethod::Abt => ("SA", None),
        PaymentMethod::Ach => ("SB", None),
        PaymentMethod::Cc => ("SC", buyer.card.as_ref().map(crate::ledger::Card::expiry)),
    };
    let mut ending = Ending::new(status, None);
    ending.reference = Some(reference);
    ending.token = Some(token.id.clone());
    ending.expiry = expiry;
    if visit.ask.collects_address {
        ending.address = visit.address.clone();
    } else {
        ending.wrong_address = visit.ask.address.as_ref().is_some_and(|address| is_wrong(address).is_some());
    }
    Next::End(Box::new(ending), vec![Event::TokenInstalled { token: Box::new(token) }])
}

/// `$4.99`, `−$1.00`.
pub(super) fn dollars(amount: Amount) -> String {
    match amount.checked_neg() {
        Some(opposite) if amount.is_negative() => format!("\u{2212}${opposite}"),
        _ => format!("${amount}"),
    }
}
