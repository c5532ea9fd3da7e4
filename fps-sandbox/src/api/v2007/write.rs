//! What the answers of several operations have in common.

use fps_core::Amount;

use super::super::token::Usage;
use super::super::xml::Xml;
use crate::ledger::token::Most;
use crate::ledger::{Operation, Status, StatusCode, Transaction};

/// An amount: dollars with six decimals, in the words of the first generation.
pub(super) fn dollars(xml: &mut Xml, name: &str, amount: Amount) {
    xml.node(name, |xml| {
        xml.leaf("CurrencyCode", "USD").dollars("Amount", amount);
    });
}

/// The word for where a transaction stands. A reservation that lapsed has failed: there is no word for cancelled.
pub(super) const fn status(status: Status, code: StatusCode) -> &'static str {
    match (status, code) {
        (Status::Success, _) => "Success",
        (Status::Reserved, _) => "Reserved",
        (Status::Failure | Status::Cancelled, _) => "Failure",
        (Status::Pending, StatusCode::TemporaryDecline) => "TemporaryDecline",
        (Status::Pending, StatusCode::Reinitiated) => "Reinitiated",
        (Status::Pending, _) => "Initiated",
    }
}

/// What a transaction did when its history came to that index: a reservation that is settled goes on under its id.
pub(super) fn operation_at(one: &Transaction, index: usize) -> Operation {
    let granted = one.history.iter().position(|moment| moment.status == Status::Reserved);
    match (one.reserved, granted) {
        (Some(_), Some(granted)) if index > granted => one.operation,
        (Some(_), _) => Operation::Reserve,
        (None, _) => one.operation,
    }
}

/// `TransactionResponse`, the one element that is qualified beside the root.
pub(super) fn transaction_response(one: &Transaction, usage: &[Usage]) -> Xml {
    let detail = one.is_declined_for_now().then(|| one.code.message(one.status));
    let mut xml = Xml::new();
    xml.node("ns3:TransactionResponse", |xml| {
        xml.leaf("TransactionId", one.id.as_str())
            .leaf("Status", status(one.status, one.code))
            .leaf_some("StatusDetail", detail);
        for usage in usage.iter().take(MOST_LIMITS) {
            usage_limit(xml, "NewSenderTokenUsage", usage);
        }
    });
    xml
}

/// How much of a limit is used.
pub(super) fn usage_limit(xml: &mut Xml, name: &str, usage: &Usage) {
    xml.node(name, |xml| {
        match usage.limit.most {
            Most::Amount(_) => {
                dollars(xml, "Amount", usage.now.amount);
                dollars(xml, "LastResetAmount", usage.last.amount);
            }
            Most::Count(_) => {
                xml.leaf("Count", &usage.now.count.to_string())
                    .leaf("LastResetCount", &usage.last.count.to_string());
            }
        }
        xml.leaf("LastResetTimeStamp", &usage.began.to_pacific());
    });
}

/// How many limits an answer has room for.
pub(super) const MOST_LIMITS: usize = 3;
