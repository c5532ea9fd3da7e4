//! What a shop counts, by the [`metrics`](https://docs.rs/metrics) facade (feature `metrics`).
//!
//! The program installs a recorder, such as a Prometheus exporter, and may call [`describe`] so that it knows what the
//! numbers mean. Without the feature nothing is counted. Labels are names of this crate and of the shop's handlers; no order,
//! buyer, token or amount is among them.
//!
//! | metric | kind | labels | counts |
//! |---|---|---|---|
//! | `fps_orders_moved_total` | counter | `from`, `to`: states | commits that moved an order; begun orders come from `Created` |
//! | `fps_tokens_moved_total` | counter | `from`, `to`: states | commits that moved a stored token |
//! | `fps_conflicts_total` | counter | – | commits that began again because somebody else was faster |
//! | `fps_calls_total` | counter | `operation`; `answer`: `accepted`, `not_done`, `refused`, `spent`, `silent` | calls that move money |
//! | `fps_call_duration_seconds` | histogram | `operation` | how long such a call took, its repeats included |
//! | `fps_returns_total` | counter | `result`: `known`, `checking`, `refused`, `failed` | buyers who came back |
//! | `fps_notices_total` | counter | `result`: `taken`, `refused`, `failed` | notices |
//! | `fps_news_total` | counter | `handler`; `result`: `done`, `retry`, `gave_up` | runs of handlers |
//! | `fps_visits_total` | counter | `result`: `done`, `failed` | the worker's visits to due orders |
//!
//! Alert on `fps_orders_moved_total{to="Review"}`, on `fps_news_total{result="gave_up"}`, and on a rising share of
//! `fps_calls_total{answer="silent"}`.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::handler::HandlerError;
use crate::order::{Answer, Kind, Order, State};
use crate::shop::Completed;

/// Tells the program's recorder what each metric counts.
#[cfg(feature = "metrics")]
pub fn describe() {
    for (name, text) in [
        (ORDERS_MOVED, "Commits that moved an order from one state to another"),
        (TOKENS_MOVED, "Commits that moved a stored token from one state to another"),
        (CONFLICTS, "Commits that began again because somebody else was faster"),
        (CALLS, "Calls that move money, by how they were answered"),
        (RETURNS, "Buyers who came back from the payment pages"),
        (NOTICES, "Notices of the payment service"),
        (NEWS, "Runs of return handlers"),
        (VISITS, "The worker's visits to due orders"),
    ] {
        ::metrics::describe_counter!(name, text);
    }
    ::metrics::describe_histogram!(
        CALL_DURATION,
        ::metrics::Unit::Seconds,
        "How long a call that moves money took"
    );
}

/// An order or a stored token moved.
pub(crate) fn moved(order: &Order, from: State) {
    let to = order.state();
    if from != to {
        let name = if order.is_token() { TOKENS_MOVED } else { ORDERS_MOVED };
        count(name, 1, &[("from", from.as_str()), ("to", to.as_str())]);
    }
}

/// Somebody else's commit was faster.
pub(crate) fn conflicted() {
    count(CONFLICTS, 1, &[]);
}

/// A call that moves money was answered, or was not.
pub(crate) fn sent(kind: Kind, answer: &Answer, took: Duration) {
    let word = match answer {
        Answer::Accepted(_) => "accepted",
        Answer::NotDone { .. } => "not_done",
        Answer::Refused { .. } => "refused",
        Answer::Spent { .. } => "spent",
        Answer::Silent { .. } => "silent",
    };
    count(CALLS, 1, &[("operation", kind.as_str()), ("answer", word)]);
    time(CALL_DURATION, kind.as_str(), took);
}

/// A buyer came back.
pub(crate) fn returned(completed: &Result<Completed>) {
    let result = match completed {
        Ok(Completed::Known(_) | Completed::Token(_)) => "known",
        Ok(Completed::Checking(_)) => "checking",
        Err(error) => failed(error),
    };
    count(RETURNS, 1, &[("result", result)]);
}

/// A notice came.
pub(crate) fn noticed(taken: &Result<Order>) {
    let result = taken.as_ref().map_or_else(failed, |_| "taken");
    count(NOTICES, 1, &[("result", result)]);
}

/// A handler ran.
pub(crate) fn heard(handler: &str, word: &Result<(), HandlerError>) {
    let result = match word {
        Ok(()) => "done",
        Err(problem) if problem.gives_up() => "gave_up",
        Err(_) => "retry",
    };
    count(NEWS, 1, &[("handler", handler), ("result", result)]);
}

/// The worker made a round.
pub(crate) fn visited(done: usize, failed: usize) {
    for (result, visits) in [("done", done), ("failed", failed)] {
        if visits > 0 {
            count(VISITS, visits, &[("result", result)]);
        }
    }
}

fn failed(error: &Error) -> &'static str {
    if matches!(error, Error::NotOurs { .. }) { "refused" } else { "failed" }
}

#[cfg(feature = "metrics")]
fn count(name: &'static str, by: usize, labels: &[(&'static str, &str)]) {
    let labels: Vec<_> =
        labels.iter().map(|(name, value)| ::metrics::Label::new(*name, (*value).to_owned())).collect();
    ::metrics::counter!(name, labels).increment(u64::try_from(by).unwrap_or(u64::MAX));
}

#[cfg(feature = "metrics")]
fn time(name: &'static str, operation: &'static str, took: Duration) {
    ::metrics::histogram!(name, "operation" => operation).record(took);
}

#[cfg(not(feature = "metrics"))]
fn count(_: &'static str, _: usize, _: &[(&'static str, &str)]) {}

#[cfg(not(feature = "metrics"))]
fn time(_: &'static str, _: &'static str, _: Duration) {}

const ORDERS_MOVED: &str = "fps_orders_moved_total";
const TOKENS_MOVED: &str = "fps_tokens_moved_total";
const CONFLICTS: &str = "fps_conflicts_total";
const CALLS: &str = "fps_calls_total";
const CALL_DURATION: &str = "fps_call_duration_seconds";
const RETURNS: &str = "fps_returns_total";
const NOTICES: &str = "fps_notices_total";
const NEWS: &str = "fps_news_total";
const VISITS: &str = "fps_visits_total";
