//! The last page: shall it be so?

use askama::Template;
use fps_core::{Amount, Timestamp};
use http::{Response, StatusCode};

use super::address::is_wrong;
use super::ask::{Ask, Kind};
use super::finish::Ending;
use super::install::install;
use super::method::{detail, title};
use super::sign_in::Summary;
use super::visit::{Next, Step, Visit};
use super::{account, page};
use crate::ledger::account::Address;
use crate::ledger::token::Most;
use crate::ledger::words::AmountType;
use crate::ledger::{Ledger, Limit};

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm<'a> {
    id: &'a str,
    summary: Summary<'a>,
    heading: &'static str,
    buyer: &'a str,
    charges: Vec<(&'a str, String)>,
    terms: Vec<String>,
    method: &'static str,
    detail: String,
    address: Option<&'a Address>,
}

pub(super) fn show(ledger: &Ledger, visit: &Visit, id: &str) -> Response<Vec<u8>> {
    let (ask, buyer) = (&visit.ask, visit.buyer(ledger));
    let charges = ask.charges.iter().map(|(label, amount)| (label.as_ref(), dollars(*amount)));
    let shown = Confirm {
        id,
        summary: Summary::of(ledger, visit),
        heading: match &ask.kind {
            Kind::Recipient { .. } => "Confirm that you will be paid",
            Kind::EditToken { .. } => "Confirm your new payment method",
            _ => "Confirm payment authorization",
        },
        buyer: buyer.map_or("", |buyer| buyer.name.as_str()),
        charges: charges.collect(),
        terms: terms(ask),
        method: visit.method.map_or("", title),
        detail: buyer
            .zip(visit.method)
            .map_or_else(String::new, |(buyer, method)| detail(ledger, buyer, method)),
        address: if ask.collects_address { visit.address.as_ref() } else { ask.address.as_ref() },
    };
    page(StatusCode::OK, &shown)
}

pub(super) fn take(ledger: &Ledger, visit: &mut Visit, now: Timestamp) -> Next {
    let ask = &visit.ask;
    let Some(buyer) = visit.buyer(ledger) else { return Next::Page(Step::SignIn) };
    if ask.kind.is_sender() && visit.method.is_none() {
        return Next::Page(Step::Method);
    }
    // Two tabs with one link: the first token stands.
    if ledger.token_by_reference(&ask.caller, &ask.reference).is_some() {
        let ending =
            Ending { reference: ask.returned_reference(), ..Ending::malformed(&["callerReference"]) };
        return Next::End(Box::new(ending), Vec::new());
    }
    let (mut ending, events) = install(ledger, ask, buyer, visit.method, now);
    if ask.collects_address {
        ending.address.clone_from(&visit.address);
    } else {
        ending.wrong_address = ask.address.as_ref().is_some_and(|address| is_wrong(address).is_some());
    }
    Next::End(Box::new(ending), events)
}

/// What a pipeline allows, in sentences.
fn terms(ask: &Ask) -> Vec<String> {
    let mut terms = Vec::new();
    let mut say = |sentence: String| terms.push(sentence);
    match &ask.kind {
        Kind::SingleUse { reserve, .. } => {
            if *reserve {
                say("The amount is reserved on your card now and charged later.".to_owned());
            }
        }
        Kind::MultiUse { amount, amount_type, global_limit, limits } => {
            if let Some(amount) = amount {
                let how = match amount_type {
                    AmountType::Exact => "exactly",
                    AmountType::Maximum => "at most",
                    AmountType::Minimum => "at least",
                };
                say(format!("Each payment: {how} {}.", dollars(*amount)));
            }
            limits.iter().for_each(|limit| say(sentence(limit)));
            say(format!("All payments together: at most {}.", dollars(*global_limit)));
        }
        Kind::Recurring { amount, period } => {
            say(format!("{} once in every {period}.", dollars(*amount)));
        }
        Kind::Recipient { max_fixed_fee, max_variable_fee, pays_fee, .. } => {
            let fees: Vec<_> = max_fixed_fee
                .map(dollars)
                .into_iter()
                .chain(max_variable_fee.map(|percent| format!("{} %", short(percent))))
                .collect();
            say(match fees.as_slice() {
                [] => "No fee is kept from your payments by the application.".to_owned(),
                fees => format!("The application keeps at most {} of each payment.", fees.join(" and ")),
            });
            say(match pays_fee {
                true => "You pay the payment service's own fee.".to_owned(),
                false => "The application pays the payment service's own fee.".to_owned(),
            });
        }
        Kind::Prepaid { limit, .. } => {
            say(format!(
                "Your prepaid balance begins with $0.00 and can be filled up to {}.",
                dollars(*limit)
            ));
        }
        Kind::Postpaid { credit_limit, global_limit, limits, .. } => {
            say(format!("You can owe up to {} at a time.", dollars(*credit_limit)));
            limits.iter().for_each(|limit| say(sentence(limit)));
            say(format!("All purchases together: at most {}.", dollars(*global_limit)));
        }
        Kind::EditToken { .. } => {
            say("From now on, payments that you allowed before use this method.".to_owned())
        }
    }
    if let Some(starts) = ask.starts {
        say(format!("Valid from {} UTC.", account::minute(starts)));
    }
    if let Some(expires) = ask.expires {
        say(format!("Valid until {} UTC.", account::minute(expires)));
    }
    terms
}

fn sentence(limit: &Limit) -> String {
    let most = match limit.most {
        Most::Amount(most) => format!("at most {}", dollars(most)),
        Most::Count(1) => "at most one payment".to_owned(),
        Most::Count(most) => format!("at most {most} payments"),
    };
    match limit.period {
        Some(period) => format!("In every {period}: {most}."),
        None => format!("In all: {most}."),
    }
}

/// A percentage without needless zeros: `0.25`, `5`.
fn short(percent: Amount) -> String {
    percent.to_string().trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `$4.99`, `−$1.00`.
pub(super) fn dollars(amount: Amount) -> String {
    match amount.checked_neg() {
        Some(opposite) if amount.is_negative() => format!("\u{2212}${opposite}"),
        _ => format!("${amount}"),
    }
}
