//! How transactions ended that did not end at once: GetResults, DiscardResults, and subscriptions to be told instead.

use url::Url;

use super::super::arguments::{Arguments, Parameter, Shape};
use super::super::xml::Xml;
use super::{Action, Desk, Done, Errors, Refusal};
use crate::ledger::{Event, Notification, Operation, Status, Transaction};

pub(super) const GET_RESULTS: Action = Action {
    name: "GetResults",
    parameters: &[
        Parameter::optional("Operation", Shape::Word(OPERATIONS)),
        Parameter::optional("MaxResultsCount", Shape::Integer(1, 25)),
    ],
    run: results,
};

pub(super) const DISCARD_RESULTS: Action = Action {
    name: "DiscardResults",
    parameters: &[Parameter::required("TransactionIds", Shape::Transactions)],
    run: discard,
};

pub(super) const SUBSCRIBE: Action = Action {
    name: "SubscribeForCallerNotification",
    parameters: &[
        Parameter::required("NotificationOperationName", Shape::Word(NOTIFICATIONS)),
        Parameter::required("WebServiceAPIURL", Shape::Text(2048)),
    ],
    run: subscribe,
};

pub(super) const UNSUBSCRIBE: Action = Action {
    name: "UnSubscribeForCallerNotification",
    parameters: &[Parameter::required("NotificationOperationName", Shape::Word(NOTIFICATIONS))],
    run: unsubscribe,
};

const OPERATIONS: &[&str] = &[
    "Pay",
    "Refund",
    "Settle",
    "SettleDebt",
    "WriteOffDebt",
    "FundPrepaid",
    "DepositFunds",
    "WithdrawFunds",
    "Reserve",
];
/// The words of the clients of the time, and those of the schema.
const NOTIFICATIONS: &[&str] =
    &["postTransactionResult", "postTokenCancellation", "TransactionResults", "TokenCancellation"];

/// The oldest results that nobody discarded yet. Old ones hide new ones, as they did.
fn results(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let account = &desk.caller()?.id;
    let most = arguments.integer("MaxResultsCount").and_then(|most| usize::try_from(most).ok()).unwrap_or(25);
    let operation = arguments.text("Operation").and_then(Operation::from_wire);
    // Nothing in this ledger deposits or withdraws.
    let other = arguments.text("Operation").is_some() && operation.is_none();
    let fits = |one: &&Transaction| !other && operation.is_none_or(|operation| one.operation == operation);
    let mut xml = Xml::new();
    for one in desk.ledger.results(account).filter(fits).take(most) {
        xml.node("TransactionResults", |xml| {
            xml.leaf("TransactionId", one.id.as_str())
                .leaf("Operation", one.operation.as_str())
                .leaf("CallerReference", one.caller_reference.as_str())
                .leaf("Status", result_status(one));
        });
    }
    xml.leaf("NumberPending", &desk.ledger.results(account).count().to_string());
    Ok(Done::answer(xml))
}

/// The words for a result are three; a reservation that was granted is a success.
fn result_status(one: &Transaction) -> &'static str {
    match one.status {
        Status::Success | Status::Reserved => "Success",
        Status::Failure | Status::Cancelled => "Failure",
        Status::Pending => "TemporaryDecline",
    }
}

/// Takes results out of the queue. What is not in it is told, and harms nothing.
fn discard(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let account = &desk.caller()?.id;
    let (mut events, mut xml) = (Vec::new(), Xml::new());
    for id in arguments.list("TransactionIds") {
        match desk.ledger.results(account).find(|one| one.id.as_str() == id) {
            Some(one) => {
                events.push(Event::ResultDiscarded { account: account.clone(), transaction: one.id.clone() })
            }
            None => {
                xml.leaf("DiscardErrors", &format!("No result of transaction {id} is waiting."));
            }
        }
    }
    Ok(Done::with(events, xml))
}

/// Kept, and it empties the queue of what comes later; nothing is sent, because what a notification looked like is not known.
fn subscribe(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let url = arguments.text("WebServiceAPIURL").unwrap_or_default();
    if !Url::parse(url).is_ok_and(|url| url.scheme() == "https" && url.has_host()) {
        let message = "\"webServiceAPIURL\" has to be an https URL.";
        return Err(Refusal::params(message).into());
    }
    let account = desk.caller()?.id.clone();
    let event =
        Event::NotificationSubscribed { account, notification: notification(arguments), url: url.to_owned() };
    Ok(Done::with(vec![event], Xml::new()))
}

fn unsubscribe(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let account = desk.caller()?.id.clone();
    let notification = notification(arguments);
    if desk.ledger.notified_at(&account, notification).is_none() {
        return Err(Refusal::new("InvalidEvent", "The event was not subscribed.").into());
    }
    Ok(Done::with(vec![Event::NotificationUnsubscribed { account, notification }], Xml::new()))
}

fn notification(arguments: &Arguments<'_>) -> Notification {
    match arguments.text("NotificationOperationName") {
        Some("postTokenCancellation" | "TokenCancellation") => Notification::TokenCancellation,
        _ => Notification::TransactionResults,
    }
}
