//! When the worker visits an order: one place for all due times.

use std::collections::HashMap;
use std::time::Duration;

use fps_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::machine::{Approval, Machine};
use super::operation::{Kind, Operation, Outcome};
use super::outbox::Effect;
use super::state::State;

/// How the visits of the worker have gone since the last thing happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Visit {
    /// How many found nothing new.
    pub(crate) quiet: u32,
    /// How many in a row could not ask.
    pub(crate) failed: u32,
}

impl Visit {
    pub(super) fn is_first(&self) -> bool {
        *self == Self::default()
    }
}

/// When an order is next to be visited, given how the visits since `since` have gone; `None` if never.
///
/// | what waits | visited |
/// |---|---|
/// | the buyer | 10, 30, 60, 120, 180 and 240 minutes after the attempt began; then it is Expired |
/// | a held token | when it is three hours old; a stored one, when its time is over |
/// | payments by a stored token | an hour after the last, doubling, to a day, to learn what became of them |
/// | a call that is being sent | when the right to send ends |
/// | a call without a known answer | after 5 seconds, doubling, to six hours; in Review never |
/// | a pending transaction | after 2 seconds, doubling, to an hour; one declined for now is tried again on these visits |
/// | a reservation | an hour after the seventh day, then each hour |
/// | a token to be cancelled | after 5 seconds, doubling, to an hour |
/// | a handler | by its own gaps |
/// | anything, after the service could not be asked | after 5 seconds, doubling, to ten minutes |
pub(crate) fn next_visit(
    machine: &Machine,
    outbox: &[Effect],
    token_ends: Option<Timestamp>,
    visit: Visit,
    since: Timestamp,
) -> Option<Timestamp> {
    let waiting = state_due(machine, token_ends, visit, since);
    let tokens = machine
        .attempts()
        .iter()
        .any(|attempt| attempt.approval == Approval::Unwanted)
        .then(|| since.after(doubling(UNANSWERED_FIRST, visit.quiet, HOUR)));
    let operations = machine
        .operations()
        .iter()
        .filter_map(|operation| operation_due(operation, machine.state(), visit, since));
    let asked = operations.chain(waiting).chain(tokens).min();
    let asked = match (asked, visit.failed) {
        (Some(_), 1..) => Some(since.after(doubling(UNANSWERED_FIRST, visit.failed - 1, FAILED_MOST))),
        (asked, _) => asked.map(|due| due.max(since.after(LEAST))),
    };
    asked.into_iter().chain(next_delivery(outbox)).min()
}

/// Each handler hears its news in order; so only the first that it has not heard counts, stuck or not.
fn next_delivery(outbox: &[Effect]) -> Option<Timestamp> {
    let mut first_of = HashMap::new();
    for delivery in outbox.iter().flat_map(|effect| &effect.waiting) {
        first_of.entry(delivery.handler.as_str()).or_insert(delivery.next);
    }
    first_of.into_values().flatten().min()
}

fn state_due(
    machine: &Machine,
    token_ends: Option<Timestamp>,
    visit: Visit,
    since: Timestamp,
) -> Option<Timestamp> {
    let attempt = machine.attempt(machine.current_attempt())?;
    match machine.state() {
        State::AwaitingBuyer => {
            let looks = LOOKS.iter().map(|minutes| attempt.begun_at.after(Duration::from_secs(60 * minutes)));
            Some(looks.into_iter().find(|look| *look > since).unwrap_or_else(|| since.after(HOUR)))
        }
        State::TokenHeld => token_ends,
        State::Reserved => {
            let reservation = &machine.operations()[machine.charge()?];
            let lapse = reservation.first_sent_at.unwrap_or(reservation.planned_at).after(RESERVATION_LIFE);
            Some(lapse.max(if visit.quiet == 0 { lapse } else { since.after(HOUR) }))
        }
        _ => None,
    }
}

fn operation_due(operation: &Operation, state: State, visit: Visit, since: Timestamp) -> Option<Timestamp> {
    match (&operation.right, operation.outcome) {
        _ if operation.is_resolved() || operation.is_for_a_person(state) => None,
        (Some(right), _) => Some(right.until),
        (None, Outcome::Pending) => Some(since.after(doubling(PENDING_FIRST, visit.quiet, HOUR))),
        (None, _) if operation.kind.is_fenced() && operation.in_doubt => {
            Some(since.after(doubling(FENCED_FIRST, visit.quiet, HOUR)))
        }
        (None, _) => Some(since.after(doubling(
            UNANSWERED_FIRST,
            visit.quiet.max(operation.sends.saturating_sub(1)),
            UNANSWERED_MOST,
        ))),
    }
}

impl Operation {
    /// Whether only a person can say how it ended: an order in Review sends no charge any more, and without a transaction there
    /// is nothing to ask for.
    pub(crate) fn is_for_a_person(&self, state: State) -> bool {
        state == State::Review && self.kind != Kind::Refund && self.transaction.is_none()
    }

    /// Whether so much time has passed since the first sending that the reference may not protect another one.
    pub(crate) fn is_too_old_to_send(&self, now: Timestamp) -> bool {
        !self.kind.is_fenced()
            && self.first_sent_at.is_some_and(|first| now.since(first) > GIVE_UP_SENDING_AFTER)
    }

    /// Whether so much time has passed that a person decides, even if the account's activity cannot be asked for.
    pub(crate) fn is_too_old_to_ask(&self, now: Timestamp) -> bool {
        self.first_sent_at.is_some_and(|first| now.since(first) > GIVE_UP_ASKING_AFTER)
    }
}

/// What the worker does about a transaction that the service declined for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TryAgain {
    /// Tries it again now.
    Now,
    /// Only looks: a Retry is under way, or was a short time ago.
    Later,
    /// It was tried for seven days: a person decides.
    GiveUp,
}

/// When the operation at that place is tried again: at once, then after a minute, doubling, to a day.
pub(crate) fn try_again(machine: &Machine, of: usize, now: Timestamp) -> TryAgain {
    let mut retries = machine.retries(of);
    let Some(first) = retries.next() else { return TryAgain::Now };
    let (others, last) = retries.fold((0, first), |(others, _), retry| (others + 1, retry));
    if !last.is_resolved() || now < last.planned_at.after(doubling(RETRY_FIRST, others, DAY)) {
        TryAgain::Later
    } else if now >= first.planned_at.after(RETRY_FOR) {
        TryAgain::GiveUp
    } else {
        TryAgain::Now
    }
}

fn doubling(first: Duration, times: u32, most: Duration) -> Duration {
    first.saturating_mul(1 << times.min(16)).min(most)
}

/// A reference protects for seven days; one day is kept as a margin.
pub(crate) const GIVE_UP_SENDING_AFTER: Duration = Duration::from_secs(6 * 24 * 3600);
/// For a day, the account's activity is asked for instead.
const GIVE_UP_ASKING_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);
/// A single-use token lives for three hours; after another hour no token can come of the walk any more.
pub(crate) const LAST_LOOK_AFTER: Duration = Duration::from_secs(240 * 60);
/// How long a single-use token can be charged.
pub(crate) const TOKEN_LIFE: Duration = Duration::from_secs(3 * 3600);

/// Nothing is asked again sooner.
const LEAST: Duration = Duration::from_secs(1);
/// Minutes after the attempt began.
const LOOKS: [u64; 6] = [10, 30, 60, 120, 180, 240];
const HOUR: Duration = Duration::from_secs(3600);
const RESERVATION_LIFE: Duration = Duration::from_secs((7 * 24 + 1) * 3600);
const UNANSWERED_FIRST: Duration = Duration::from_secs(5);
/// Each sending is two lines of the journal, for six days; and no pause is much longer than the silence before it.
const UNANSWERED_MOST: Duration = Duration::from_secs(6 * 3600);
const PENDING_FIRST: Duration = Duration::from_secs(2);
/// Settle and Cancel have no reference: look only when an answer that is still under way must have come.
const FENCED_FIRST: Duration = Duration::from_secs(60);
/// The service locks accounts and tokens for moments, and may be trying again by itself.
const RETRY_FIRST: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
const RETRY_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
const FAILED_MOST: Duration = Duration::from_secs(600);
