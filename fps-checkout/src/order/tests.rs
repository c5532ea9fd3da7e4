//! Histories of orders, by topic. What an event looks like in a test stands here.

mod approval;
mod history;
mod invariants;
mod names;
mod person;
mod record;
mod refund;
mod reservation;
mod retry;
mod schedule;
mod sending;
mod token;
mod words;

use std::time::Duration;

use fps_core::checkout::{Charge, Charges, PaymentMethod};
use fps_core::{Amount, CallerReference, PipelineParameters, Timestamp, TransactionId, Version};

use super::*;

const PRICE: Amount = Amount::usd("0.10");

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_000_000 + seconds)
}

fn reference(text: &str) -> CallerReference {
    CallerReference::new(text).unwrap()
}

fn order(reserve: bool) -> Order {
    let mut charges = Charges::new();
    charges.add(Charge::ItemTotal, PRICE).unwrap();
    let parameters = PipelineParameters::new(charges).unwrap().with_reserve(reserve);
    let product = Product::freeze(parameters, PayTerms::new(), false, at(0));
    Order::freeze(OrderId::new("1").unwrap(), Version::V2010_08_28, product)
}

fn report(outcome: Outcome) -> Report {
    Report {
        transaction: TransactionId::new("T1"),
        outcome,
        declined_for_now: false,
        amount: None,
        code: None,
        request: None,
    }
}

fn begun(attempt: u32) -> Event {
    Event::Begun { reference: reference(&format!("s-1-a{attempt}")) }
}

fn approved(attempt: u32) -> Event {
    Event::Approved { attempt, method: Some(PaymentMethod::Abt), by: Source::Return }
}

fn planned(kind: Kind) -> Event {
    let reference = (!kind.is_fenced()).then(|| reference("s-1-a1-pay"));
    Event::Planned { kind, amount: PRICE, reference, refund: None, of: None }
}

fn claimed(operation: usize, until: i64) -> Event {
    Event::Claimed { operation, sender: "p".to_owned(), until: at(until) }
}

fn answered(operation: usize, send: u32, answer: Answer) -> Event {
    Event::Answered { operation, send, answer }
}

fn accepted(outcome: Outcome) -> Answer {
    Answer::Accepted(report(outcome))
}

fn declined_for_now() -> Report {
    Report { declined_for_now: true, ..report(Outcome::Pending) }
}

fn planned_retry(of: usize) -> Event {
    Event::Planned { kind: Kind::Retry, amount: PRICE, reference: None, refund: None, of: Some(of) }
}

fn code(code: &str) -> (String, Option<fps_core::RequestId>) {
    (code.to_owned(), None)
}

fn refused(text: &str) -> Answer {
    let (code, request) = code(text);
    Answer::Refused { code, request }
}

fn not_done(text: &str) -> Answer {
    let (code, request) = code(text);
    Answer::NotDone { code, request }
}

fn silent() -> Answer {
    Answer::Silent { code: None, request: None }
}

/// Lets all of it happen, a second apart, and returns the order.
fn after(reserve: bool, events: &[Event]) -> Order {
    let mut order = order(reserve);
    for (second, event) in (1..).zip(events) {
        order
            .happen(event.clone(), at(second), &["h"])
            .unwrap_or_else(|refusal| panic!("{event:?}: {refusal}"));
    }
    assert_eq!(order.replay().as_ref(), Ok(order.machine()), "the journal replays to the same machine");
    order
}

fn charging(kind: Kind) -> Vec<Event> {
    vec![begun(1), approved(1), planned(kind), claimed(0, 100)]
}

fn with(mut events: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    events.extend(more);
    events
}

fn news(order: &Order) -> Vec<&'static str> {
    order.outbox().iter().map(|effect| effect.news.name()).collect()
}
