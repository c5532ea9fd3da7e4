//! What is traced: one span for each call, with one for each attempt inside.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use fps_core::client::SendErrorKind;
use fps_core::operation::{GetAccountBalance, Pay};
use fps_core::{Amount, CallerReference, TokenId};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{Script, Step, block_on, client, fault, response, traced};

/// One span: its name, the one that it is within, and its fields.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    name: &'static str,
    within: Option<usize>,
    fields: String,
}

/// Keeps all spans, and which are entered.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<(Vec<Span>, Vec<usize>)>>);

impl Spans {
    /// What the work traces.
    fn of(work: impl FnOnce()) -> Vec<Span> {
        let spans = Self::default();
        traced(spans.clone(), work);
        std::mem::take(&mut spans.0.lock().unwrap().0)
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let space = if self.0.is_empty() { "" } else { " " };
        let _ = write!(self.0, "{space}{field}={value:?}");
    }
}

/// Identifiers count from one.
fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let (spans, entered) = &mut *self.0.lock().unwrap();
        let mut fields = String::new();
        span.record(&mut Fields(&mut fields));
        spans.push(Span { name: span.metadata().name(), within: entered.last().copied(), fields });
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap().0[index(id)].fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, id: &Id) {
        self.0.lock().unwrap().1.push(index(id));
    }

    fn exit(&self, id: &Id) {
        assert_eq!(self.0.lock().unwrap().1.pop(), Some(index(id)));
    }
}

fn span(name: &'static str, within: Option<usize>, fields: &str) -> Span {
    Span { name, within, fields: fields.to_owned() }
}

#[test]
fn each_attempt_is_a_span_within_its_call() {
    let paid = "<PayResult><TransactionId>T1</TransactionId><TransactionStatus>Success</TransactionStatus></PayResult>";
    let http = Script::new([
        Step::Fail(SendErrorKind::Unanswered),
        Step::Answer(503, fault("Throttling")),
        Step::Answer(200, response("Pay", paid)),
    ]);
    let reference = CallerReference::new("order-42-pay").unwrap();
    let pay = Pay::new(TokenId::new("S1"), Amount::usd("0.10"), reference);
    let spans = Spans::of(|| drop(block_on(client(&http).send(pay)).unwrap()));
    assert_eq!(
        spans,
        [
            span("fps.call", None, "action=\"Pay\" reference=order-42-pay request_id=request-1:0"),
            span("fps.attempt", Some(0), "attempt=1"),
            span("fps.attempt", Some(0), "attempt=2 request_id=request-2"),
            span("fps.attempt", Some(0), "attempt=3 request_id=request-1:0"),
        ]
    );
}

#[test]
fn a_refused_call_has_the_request_id_and_no_reference_where_it_carries_none() {
    let http = Script::new([Step::Answer(400, fault("AccessFailure"))]);
    let spans = Spans::of(|| drop(block_on(client(&http).send(GetAccountBalance::new())).unwrap_err()));
    assert_eq!(
        spans,
        [
            span("fps.call", None, "action=\"GetAccountBalance\" request_id=request-2"),
            span("fps.attempt", Some(0), "attempt=1 request_id=request-2"),
        ]
    );
}
