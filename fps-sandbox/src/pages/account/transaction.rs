//! One transaction in full.

use askama::Template;
use fps_core::TransactionId;
use http::{Response, StatusCode};

use crate::ledger::{Account, Ledger};
use crate::pages::confirm::dollars;
use crate::pages::{page, reason, refused};

#[derive(Template)]
#[template(path = "transaction.html")]
struct TransactionPage<'a> {
    id: &'a str,
    what: String,
    amount: String,
    fee: String,
    fee_paid_by: &'static str,
    status: &'static str,
    facts: Vec<(&'static str, String)>,
    history: Vec<(String, &'static str, &'static str, String)>,
    related: Vec<(&'static str, String, String)>,
}

/// Shows a transaction to an account that plays a role in it.
pub(super) fn show(ledger: &Ledger, account: &Account, id: &str) -> Response<Vec<u8>> {
    let one = ledger.transaction(&TransactionId::new(id)).filter(|one| one.involves(&account.id));
    let Some(one) = one else {
        return refused(
            StatusCode::NOT_FOUND,
            "There is no such transaction",
            "Your activity is at /account.",
        );
    };
    let name = |id| ledger.account(id).map_or_else(String::new, |account| account.name.clone());
    let mut facts = vec![
        ("From", name(&one.sender)),
        ("To", name(&one.recipient)),
        ("Through", name(&one.caller)),
        ("Paid by", one.method.to_string()),
        ("Caller reference", one.caller_reference.to_string()),
        ("Received", one.received.to_string()),
    ];
    let mut say = |label, text: Option<String>| facts.extend(text.map(|text| (label, text)));
    say("Completed", one.completed.map(|at| at.to_string()));
    say("For", one.reason.as_deref().map(reason::plain));
    say("Caller's words", one.caller_description.clone());
    say("Sender's words", one.sender_description.clone());
    say("Application's fee", Some(one.marketplace_fee).filter(|fee| !fee.is_zero()).map(dollars));
    say("Reserved", one.reserved.map(dollars));
    say("Becomes", one.due.map(|due| format!("{} at {}", due.status, due.at)));
    let related =
        one.original.iter().map(|original| ("Gives back", original.to_string(), String::new())).chain(
            ledger
                .refunds(&one.id)
                .map(|refund| ("Given back", refund.id.to_string(), dollars(refund.amount))),
        );
    let history = one.history.iter().map(|moment| {
        let (status, why) = (moment.status, moment.code.message(moment.status));
        (moment.at.to_string(), status.as_str(), why, dollars(moment.amount))
    });
    let shown = TransactionPage {
        id: one.id.as_str(),
        what: format!("{} · {}", one.operation, name(&one.recipient)),
        amount: dollars(one.amount),
        fee: dollars(one.fee),
        fee_paid_by: one.fee_paid_by.as_str(),
        status: one.status.as_str(),
        facts,
        history: history.collect(),
        related: related.collect(),
    };
    page(StatusCode::OK, &shown)
}
