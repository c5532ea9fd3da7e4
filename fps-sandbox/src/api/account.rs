//! The caller's own account: GetAccountBalance, GetAccountActivity.

use fps_core::param::api as name;
use fps_core::{Amount, Timestamp};

use super::arguments::{Arguments, Parameter, Shape};
use super::refusal::Refusal;
use super::xml::Xml;
use super::{Action, Desk, Done};
use crate::ledger::{AccountId, Role, Transaction};

pub(super) const GET_ACCOUNT_BALANCE: Action =
    Action { name: "GetAccountBalance", parameters: &[], run: balance };

pub(super) const GET_ACCOUNT_ACTIVITY: Action = Action {
    name: "GetAccountActivity",
    parameters: &[
        Parameter::required(name::START_DATE, Shape::Time),
        Parameter::optional(name::END_DATE, Shape::Time),
        Parameter::optional(name::MAX_BATCH_SIZE, Shape::Integer(1, 200)),
        Parameter::optional(name::SORT_ORDER_BY_DATE, Shape::Word(&["Ascending", "Descending"])),
        Parameter::optional(name::FPS_OPERATION, Shape::Word(OPERATIONS)),
        Parameter::optional("Operation", Shape::Word(OPERATIONS)),
        Parameter::optional(name::PAYMENT_METHOD, Shape::Word(&["ABT", "ACH", "CC", "Debt", "Prepaid"])),
        Parameter::optional(name::ROLE, Shape::Words(&["Sender", "Caller", "Recipient"])),
        Parameter::optional(name::TRANSACTION_STATUS, Shape::Word(STATUSES)),
        Parameter::optional("Status", Shape::Word(STATUSES)),
        Parameter::optional("ResponseGroup", Shape::Text(64)),
    ],
    run: activity,
};

const OPERATIONS: &[&str] =
    &["Pay", "Refund", "Settle", "SettleDebt", "WriteOffDebt", "FundPrepaid", "Reserve"];
/// The least that the documentation of 2007 allows; smaller batches are handy in tests.
const LEAST_BATCH: usize = 20;
/// About as many as a transaction takes in an answer.
const BYTES_EACH: usize = 1536;
const STATUSES: &[&str] = &["Reserved", "Success", "Failure", "Pending", "Cancelled"];

fn balance(desk: &Desk<'_>, _: &Arguments<'_>) -> Result<Done, Refusal> {
    let account = &desk.caller()?.id;
    let available = desk.ledger.available(account);
    let mut xml = Xml::new();
    xml.node("AccountBalance", |xml| {
        xml.amount("TotalBalance", desk.ledger.balance(account))
            .amount("PendingInBalance", desk.ledger.pending_in(account))
            .amount("PendingOutBalance", desk.ledger.pending_out(account))
            .node("AvailableBalances", |xml| {
                xml.amount("DisburseBalance", available).amount("RefundBalance", available);
            });
    });
    Ok(Done::answer(xml))
}

fn activity(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let account = &desk.caller()?.id;
    let start = arguments.time(name::START_DATE).unwrap_or(desk.now);
    let end = arguments.time(name::END_DATE).unwrap_or(desk.now);
    if start > desk.now || end < start {
        let message = "The end date is before the start date, or the start date is in the future.";
        return Err(Refusal::new("InvalidDateRange", message));
    }
    let most =
        arguments.integer(name::MAX_BATCH_SIZE).and_then(|most| usize::try_from(most).ok()).unwrap_or(20);
    if desk.settings.strict && most < LEAST_BATCH {
        let message = format!(
            "\"maxBatchSize\" has to be an integer from {LEAST_BATCH} to 200. Specified value: {most}"
        );
        return Err(Refusal::params(message));
    }
    let ascending = arguments.text(name::SORT_ORDER_BY_DATE) == Some("Ascending");
    let filter = Filter::read(arguments);
    let all = desk.ledger.transactions_of(account, start..=end);
    let fits = |one: &&Transaction| filter.fits(account, one);
    // One more than asked for, which tells where the next batch begins.
    let mut found: Vec<&Transaction> = match ascending {
        true => all.filter(fits).take(most + 1).collect(),
        false => all.rev().filter(fits).take(most + 1).collect(),
    };
    let next = found.get(most).map(|one| one.received);
    found.truncate(most);
    let mut xml = Xml::with_capacity(found.len() * BYTES_EACH);
    xml.leaf("BatchSize", &found.len().to_string());
    for one in &found {
        xml.node("Transaction", |xml| write(xml, desk, account, one));
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
    /// Two filters have two names: those of the schema, and those of the documentation's table.
    fn read(arguments: &Arguments<'a>) -> Self {
        Self {
            operation: arguments.text(name::FPS_OPERATION).or_else(|| arguments.text("Operation")),
            method: arguments.text(name::PAYMENT_METHOD),
            status: arguments.text(name::TRANSACTION_STATUS).or_else(|| arguments.text("Status")),
            roles: arguments.list(name::ROLE).collect(),
        }
    }

    fn fits(&self, account: &AccountId, one: &Transaction) -> bool {
        let is = |wanted: Option<&str>, word: &str| wanted.is_none_or(|wanted| wanted == word);
        let plays = |role: &Role| {
            one.party(*role) == account && (self.roles.is_empty() || self.roles.contains(&role.as_str()))
        };
        Role::ALL.iter().any(plays)
            && is(self.operation, one.operation.as_str())
            && is(self.method, one.method.as_str())
            && is(self.status, one.status.as_str())
    }
}

/// A transaction as its account sees it, in the order of the schema.
fn write(xml: &mut Xml, desk: &Desk<'_>, account: &AccountId, one: &Transaction) {
    let name_of = |id| desk.ledger.account(id).map(|account| account.name.as_str());
    xml.leaf("TransactionId", one.id.as_str())
        .leaf("CallerTransactionDate", &one.caller_date.to_pacific())
        .leaf("DateReceived", &one.received.to_pacific())
        .leaf_some("DateCompleted", one.completed.map(Timestamp::to_pacific).as_deref())
        .amount("TransactionAmount", one.amount)
        .leaf("FPSOperation", one.operation.as_str())
        .leaf("TransactionStatus", one.status.as_str())
        .leaf("StatusMessage", one.code.message(one.status))
        .leaf("StatusCode", one.code.as_str())
        .leaf_some("OriginalTransactionId", one.original.as_ref().map(|id| id.as_str()));
    for role in Role::ALL.iter().copied().filter(|role| one.party(*role) == account) {
        write_part(xml, one, role, name_of(account));
    }
    xml.leaf("PaymentMethod", one.method.as_str())
        .leaf_some("SenderName", name_of(&one.sender))
        .leaf_some("CallerName", name_of(&one.caller))
        .leaf_some("RecipientName", name_of(&one.recipient))
        .amount("FPSFees", one.fee)
        .amount("Balance", desk.ledger.balance_after(account, &one.id))
        .leaf_some("SenderTokenId", one.sender_token.as_ref().map(|id| id.as_str()))
        .leaf_some("RecipientTokenId", one.recipient_token.as_ref().map(|id| id.as_str()));
}

fn write_part(xml: &mut Xml, one: &Transaction, role: Role, name: Option<&str>) {
    xml.node("TransactionPart", |xml| {
        if role == Role::Sender {
            xml.leaf_some("InstrumentId", one.instrument.as_ref().map(|id| id.as_str()));
        }
        xml.leaf("Role", role.as_str()).leaf_some("Name", name);
        if role == Role::Caller {
            xml.leaf("Reference", one.caller_reference.as_str());
        }
        match role {
            Role::Caller => xml.leaf_some("Description", one.caller_description.as_deref()),
            Role::Sender => xml.leaf_some("Description", one.sender_description.as_deref()),
            Role::Recipient => xml,
        };
        xml.amount("FeesPaid", if one.fee_paid_by == role { one.fee } else { Amount::ZERO });
    });
}
