//! The caller's own account: GetTransaction, GetAccountActivity, GetAccountBalance.

use fps_core::param::api as name;
use fps_core::{Amount, Timestamp};

use super::super::arguments::{Arguments, Parameter, Shape};
use super::super::query::visible;
use super::super::xml::Xml;
use super::write::{dollars, operation_at, status};
use super::{Action, Desk, Done, Errors, Refusal};
use crate::ledger::{AccountId, InstrumentKind, Role, Status, StatusCode, Transaction};

pub(super) const GET_TRANSACTION: Action = Action {
    name: "GetTransaction",
    parameters: &[Parameter::required(name::TRANSACTION_ID, Shape::Transaction)],
    run: transaction,
};

pub(super) const GET_ACCOUNT_ACTIVITY: Action = Action {
    name: "GetAccountActivity",
    parameters: &[
        Parameter::optional("Operation", Shape::Word(OPERATIONS)),
        Parameter::optional(name::PAYMENT_METHOD, Shape::Word(&["ABT", "CC", "ACH", "Debt", "Prepaid"])),
        Parameter::optional(name::MAX_BATCH_SIZE, Shape::Integer(20, 200)),
        Parameter::required(name::START_DATE, Shape::Time),
        Parameter::optional(name::END_DATE, Shape::Time),
        Parameter::optional("ResponseGroup", Shape::Word(&["Summary", "Details", "Detail"])),
        Parameter::optional(name::SORT_ORDER_BY_DATE, Shape::Word(&["Ascending", "Descending"])),
        Parameter::optional(name::ROLE, Shape::Words(&["Sender", "Caller", "Recipient"])),
        Parameter::optional("Status", Shape::Word(STATUSES)),
    ],
    run: activity,
};

pub(super) const GET_ACCOUNT_BALANCE: Action =
    Action { name: "GetAccountBalance", parameters: &[], run: balance };

const OPERATIONS: &[&str] = &[
    "Pay",
    "Refund",
    "Settle",
    "SettleDebt",
    "WriteOffDebt",
    "FundPrepaid",
    "DepositFunds",
    "WithdrawFunds",
];
const STATUSES: &[&str] = &["Success", "Failure", "Initiated", "Reinitiated", "TemporaryDecline"];

fn balance(desk: &Desk<'_>, _: &Arguments<'_>) -> Result<Done, Errors> {
    let account = &desk.caller()?.id;
    let available = desk.ledger.available(account);
    let mut xml = Xml::new();
    xml.node("AccountBalance", |xml| {
        dollars(xml, "TotalBalance", desk.ledger.balance(account));
        dollars(xml, "PendingInBalance", desk.ledger.pending_in(account));
        dollars(xml, "PendingOutBalance", desk.ledger.pending_out(account));
        xml.node("AvailableBalances", |xml| {
            dollars(xml, "DisburseBalance", available);
            dollars(xml, "RefundBalance", available);
        });
    });
    Ok(Done::answer(xml))
}

fn transaction(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let transaction = visible(desk, arguments)?;
    let mut xml = Xml::new();
    xml.node("Transaction", |xml| write_detail(xml, desk, transaction));
    Ok(Done::answer(xml))
}

/// One row for each status that a transaction came to. A transaction's rows are never torn apart by the end of a batch.
fn activity(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let account = &desk.caller()?.id;
    let start = arguments.time(name::START_DATE).unwrap_or(desk.now);
    let end = arguments.time(name::END_DATE).unwrap_or(desk.now);
    if start > desk.now || end < start {
        let message = "The end date is before the start date, or the start date is in the future.";
        return Err(Refusal::new("InvalidDateRange", message).into());
    }
    let most =
        arguments.integer(name::MAX_BATCH_SIZE).and_then(|most| usize::try_from(most).ok()).unwrap_or(20);
    let ascending = arguments.text(name::SORT_ORDER_BY_DATE) == Some("Ascending");
    let filter = Filter::read(arguments);
    let transactions = desk.ledger.transactions_of(account, start..=end);
    let rows_of = |one: &'_ Transaction| filter.rows(account, one, ascending);
    let mut found: Vec<(&Transaction, usize)> = Vec::new();
    let mut next = None;
    let ordered: Box<dyn Iterator<Item = &Transaction>> = match ascending {
        true => Box::new(transactions),
        false => Box::new(transactions.rev()),
    };
    for one in ordered {
        let rows = rows_of(one);
        if !found.is_empty() && !rows.is_empty() && found.len() + rows.len() > most {
            next = Some(one.received);
            break;
        }
        found.extend(rows.into_iter().map(|row| (one, row)));
    }
    let mut xml = Xml::new();
    xml.leaf("ResponseBatchSize", &found.len().to_string());
    for (one, row) in found {
        xml.node("Transactions", |xml| write_row(xml, desk, account, one, row));
    }
    xml.leaf_some("StartTimeForNextTransaction", next.map(Timestamp::to_pacific).as_deref());
    Ok(Done::answer(xml))
}

/// What the caller wants to see of his transactions.
struct Filter<'a> {
    operation: Option<&'a str>,
    method: Option<&'a str>,
    status: Option<&'a str>,
    roles: Vec<&'a str>,
}

impl<'a> Filter<'a> {
    fn read(arguments: &Arguments<'a>) -> Self {
        Self {
            operation: arguments.text("Operation"),
            method: arguments.text(name::PAYMENT_METHOD),
            status: arguments.text("Status"),
            roles: arguments.list(name::ROLE).collect(),
        }
    }

    /// Which moments of a transaction's history are rows, in the order asked for.
    fn rows(&self, account: &AccountId, one: &Transaction, ascending: bool) -> Vec<usize> {
        let is = |wanted: Option<&str>, have: &str| wanted.is_none_or(|wanted| wanted == have);
        let plays = |role: &Role| {
            one.party(*role) == account && (self.roles.is_empty() || self.roles.contains(&role.as_str()))
        };
        if !Role::ALL.iter().any(plays) || !is(self.method, one.method.as_str()) {
            return Vec::new();
        }
        let fits = |row: &usize| {
            let moment = &one.history[*row];
            is(self.operation, operation_at(one, *row).as_str())
                && is(self.status, status(moment.status, moment.code))
        };
        let mut rows: Vec<usize> = (0..one.history.len()).filter(fits).collect();
        if !ascending {
            rows.reverse();
        }
        rows
    }
}

/// A moment of a transaction as its account sees it, in the order of the schema.
fn write_row(xml: &mut Xml, desk: &Desk<'_>, account: &AccountId, one: &Transaction, row: usize) {
    let moment = &one.history[row];
    let name_of = |id| desk.ledger.account(id).map(|account| account.name.as_str());
    let trouble = trouble(moment.status, moment.code);
    xml.leaf("TransactionId", one.id.as_str())
        .leaf("CallerTransactionDate", &one.caller_date.to_pacific())
        .leaf("DateReceived", &one.received.to_pacific())
        .leaf_some("DateCompleted", completed(one, row).map(Timestamp::to_pacific).as_deref());
    dollars(xml, "TransactionAmount", moment.amount);
    xml.leaf("Operation", operation_at(one, row).as_str())
        .leaf("Status", status(moment.status, moment.code))
        .leaf_some("ErrorMessage", trouble.map(|(_, message)| message))
        .leaf("ErrorCode", trouble.map_or("", |(code, _)| code))
        .leaf_some("MetaData", one.first.as_ref().and_then(|first| first.metadata.as_deref()))
        .leaf_some("OriginalTransactionId", one.original.as_ref().map(|id| id.as_str()));
    for role in PARTS.iter().copied().filter(|role| one.party(*role) == account) {
        write_part(xml, one, role, name_of(account));
    }
    xml.leaf("PaymentMethod", one.method.as_str())
        .leaf_some("SenderName", name_of(&one.sender))
        .leaf("CallerName", name_of(&one.caller).unwrap_or_default())
        .leaf_some("RecipientName", name_of(&one.recipient));
    dollars(xml, "Fees", one.fee);
    dollars(xml, "Balance", desk.ledger.balance_at(account, &one.id, row));
    write_tokens(xml, one);
}

/// A transaction in full, in the order of the schema.
fn write_detail(xml: &mut Xml, desk: &Desk<'_>, one: &Transaction) {
    let name_of = |id| desk.ledger.account(id).map(|account| account.name.as_str());
    let trouble = trouble(one.status, one.code);
    xml.leaf("TransactionId", one.id.as_str())
        .leaf("CallerTransactionDate", &one.caller_date.to_pacific())
        .leaf("DateReceived", &one.received.to_pacific())
        .leaf_some("DateCompleted", one.completed.map(Timestamp::to_pacific).as_deref());
    dollars(xml, "TransactionAmount", one.amount);
    dollars(xml, "Fees", one.fee);
    write_tokens(xml, one);
    let instrument = one.instrument.as_ref().and_then(|id| desk.ledger.instrument(id));
    if let Some(instrument) = instrument {
        let element = match instrument.kind {
            InstrumentKind::Prepaid => "PrepaidInstrumentId",
            InstrumentKind::Postpaid => "CreditInstrumentId",
        };
        xml.leaf(element, instrument.id.as_str());
    }
    xml.leaf("Operation", one.operation.as_str())
        .leaf("PaymentMethod", one.method.as_str())
        .leaf("Status", status(one.status, one.code))
        .leaf_some("ErrorCode", trouble.map(|(code, _)| code))
        .leaf_some("ErrorMessage", trouble.map(|(_, message)| message))
        .leaf_some("MetaData", one.first.as_ref().and_then(|first| first.metadata.as_deref()))
        .leaf_some("SenderName", name_of(&one.sender))
        .leaf("CallerName", name_of(&one.caller).unwrap_or_default())
        .leaf_some("RecipientName", name_of(&one.recipient));
    for role in PARTS.iter().copied() {
        write_part(xml, one, role, name_of(one.party(role)));
    }
    let related = desk.ledger.refunds(&one.id).map(|refund| &refund.id);
    for id in one.original.iter().chain(related) {
        xml.node("RelatedTransactions", |xml| {
            xml.leaf("TransactionId", id.as_str());
        });
    }
    for moment in &one.history {
        xml.node("StatusHistory", |xml| {
            xml.leaf("Date", &moment.at.to_pacific()).leaf("Status", status(moment.status, moment.code));
            dollars(xml, "Amount", moment.amount);
        });
    }
}

fn write_tokens(xml: &mut Xml, one: &Transaction) {
    let caller_token = one.first.as_ref().and_then(|first| first.caller_token.as_ref());
    xml.leaf_some("CallerTokenId", caller_token.map(|id| id.as_str()))
        .leaf_some("SenderTokenId", one.sender_token.as_ref().map(|id| id.as_str()))
        .leaf_some("RecipientTokenId", one.recipient_token.as_ref().map(|id| id.as_str()));
}

fn write_part(xml: &mut Xml, one: &Transaction, role: Role, name: Option<&str>) {
    let first = one.first.as_deref();
    let (reference, description) = match role {
        Role::Caller => (Some(one.caller_reference.as_str()), one.caller_description.as_deref()),
        Role::Sender => {
            (first.and_then(|first| first.sender_reference.as_deref()), one.sender_description.as_deref())
        }
        Role::Recipient => (
            first.and_then(|first| first.recipient_reference.as_deref()),
            first.and_then(|first| first.recipient_description.as_deref()),
        ),
    };
    xml.node("TransactionParts", |xml| {
        xml.leaf("AccountId", one.party(role).as_str());
        if role == Role::Sender {
            xml.leaf_some("InstrumentId", one.instrument.as_ref().map(|id| id.as_str()));
        }
        xml.leaf("Role", role.as_str())
            .leaf_some("Name", name)
            .leaf_some("Reference", reference)
            .leaf_some("Description", description);
        dollars(xml, "FeePaid", if one.fee_paid_by == role { one.fee } else { Amount::ZERO });
    });
}

/// When a transaction was through, as a row of its history tells it.
fn completed(one: &Transaction, row: usize) -> Option<Timestamp> {
    let is_last = row + 1 == one.history.len();
    one.completed.filter(|_| is_last)
}

/// What went wrong, if something did.
fn trouble(status: Status, code: StatusCode) -> Option<(&'static str, &'static str)> {
    let is_bad = matches!(status, Status::Failure | Status::Cancelled)
        || (status, code) == (Status::Pending, StatusCode::TemporaryDecline);
    is_bad.then(|| (code.as_str(), code.message(status)))
}

/// The order of the one capture that has all three.
const PARTS: &[Role] = &[Role::Caller, Role::Sender, Role::Recipient];
