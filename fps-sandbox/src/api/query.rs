//! One transaction: GetTransaction, GetTransactionStatus.

use fps_core::param::api as name;

use super::arguments::{Arguments, Parameter, Shape};
use super::refusal::Refusal;
use super::xml::Xml;
use super::{Action, Desk, Done};
use crate::ledger::{InstrumentKind, Transaction};

pub(super) const GET_TRANSACTION: Action =
    Action { name: "GetTransaction", parameters: ONE, run: transaction };

pub(super) const GET_TRANSACTION_STATUS: Action =
    Action { name: "GetTransactionStatus", parameters: ONE, run: status };

const ONE: &[Parameter] = &[Parameter::required(name::TRANSACTION_ID, Shape::Transaction)];

fn status(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let transaction = visible(desk, arguments)?;
    let mut xml = Xml::new();
    xml.leaf("TransactionId", transaction.id.as_str())
        .leaf("TransactionStatus", transaction.status.as_str())
        .leaf("CallerReference", transaction.caller_reference.as_str())
        .leaf("StatusCode", transaction.code.as_str())
        .leaf("StatusMessage", transaction.code.message(transaction.status));
    Ok(Done::answer(xml))
}

fn transaction(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let transaction = visible(desk, arguments)?;
    let mut xml = Xml::new();
    xml.node("Transaction", |xml| write(xml, desk, transaction));
    Ok(Done::answer(xml))
}

/// A transaction in full, in the order of the schema.
fn write(xml: &mut Xml, desk: &Desk<'_>, one: &Transaction) {
    let account = |id| desk.ledger.account(id);
    let name_of = |id| account(id).map(|account| account.name.as_str());
    xml.leaf("TransactionId", one.id.as_str())
        .leaf("CallerReference", one.caller_reference.as_str())
        .leaf_some("CallerDescription", one.caller_description.as_deref())
        .leaf_some("SenderDescription", one.sender_description.as_deref())
        .leaf("DateReceived", &one.received.to_pacific())
        .leaf_some("DateCompleted", one.completed.map(|at| at.to_pacific()).as_deref())
        .amount("TransactionAmount", one.amount)
        .amount("FPSFees", one.fee);
    if !one.marketplace_fee.is_zero() {
        xml.amount("MarketplaceFees", one.marketplace_fee);
    }
    xml.leaf("FPSFeesPaidBy", one.fee_paid_by.as_str())
        .leaf_some("SenderTokenId", one.sender_token.as_ref().map(|id| id.as_str()))
        .leaf_some("RecipientTokenId", one.recipient_token.as_ref().map(|id| id.as_str()));
    let instrument = one.instrument.as_ref().and_then(|id| desk.ledger.instrument(id));
    if let Some(instrument) = instrument {
        let name = match instrument.kind {
            InstrumentKind::Prepaid => "PrepaidInstrumentId",
            InstrumentKind::Postpaid => "CreditInstrumentId",
        };
        xml.leaf(name, instrument.id.as_str());
    }
    xml.leaf("FPSOperation", one.operation.as_str())
        .leaf("PaymentMethod", one.method.as_str())
        .leaf("TransactionStatus", one.status.as_str())
        .leaf("StatusCode", one.code.as_str())
        .leaf("StatusMessage", one.code.message(one.status))
        .leaf_some("SenderName", name_of(&one.sender));
    // A marketplace's caller learns the names only.
    if one.caller == one.recipient || one.caller == one.sender {
        xml.leaf_some("SenderEmail", account(&one.sender).map(|account| account.email.as_str()));
    }
    xml.leaf_some("CallerName", name_of(&one.caller))
        .leaf_some("RecipientName", name_of(&one.recipient))
        .leaf_some("RecipientEmail", account(&one.recipient).map(|account| account.email.as_str()));
    if let Some(original) = &one.original {
        related(xml, original.as_str(), "Parent");
    }
    for refund in desk.ledger.refunds(&one.id) {
        related(xml, refund.id.as_str(), "Refund");
    }
    for moment in &one.history {
        xml.node("StatusHistory", |xml| {
            xml.leaf("Date", &moment.at.to_pacific())
                .leaf("TransactionStatus", moment.status.as_str())
                .leaf("StatusCode", moment.code.as_str())
                .amount("Amount", moment.amount);
        });
    }
}

fn related(xml: &mut Xml, id: &str, relation: &str) {
    xml.node("RelatedTransaction", |xml| {
        xml.leaf("TransactionId", id).leaf("RelationType", relation);
    });
}

/// A transaction that the caller made, or plays a part in.
pub(super) fn visible<'a>(desk: &Desk<'a>, arguments: &Arguments<'_>) -> Result<&'a Transaction, Refusal> {
    let caller = desk.caller()?.id.clone();
    let transaction = arguments.transaction(name::TRANSACTION_ID).and_then(|id| desk.ledger.transaction(&id));
    let visible = transaction.filter(|one| one.involves(&caller));
    visible.ok_or_else(|| {
        Refusal::new(
            "InvalidTransactionId",
            "The transaction was not found or was not executed by this caller.",
        )
    })
}
