//! The order machine: a pure fold over events.

mod step;

use std::ops::Not;

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, CallerReference, Timestamp, TransactionId};
use serde::{Deserialize, Serialize};

use self::step::Step;
use super::event::{Event, News, Source};
use super::id::RefundId;
use super::operation::{Kind, Operation, Outcome};
use super::state::{State, Trigger};

/// Where an order stands: its state, its attempts, its operations, its alarms. Made from events and from nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    state: State,
    total: Amount,
    #[serde(default, skip_serializing_if = "Not::not")]
    reserve: bool,
    attempts: Vec<Attempt>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    operations: Vec<Operation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alarms: Vec<Alarm>,
}

/// One walk of the buyer through the payment pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its approval's reference.
    pub reference: CallerReference,
    /// When it began.
    pub begun_at: Timestamp,
    /// What came of it.
    pub approval: Approval,
}

/// What came of an attempt's pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Approval {
    /// Nothing yet.
    Waiting,
    /// A token that the order charges.
    Held {
        /// What the buyer pays with, where the pages said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<PaymentMethod>,
        /// How it became known.
        by: Source,
        /// When it became known.
        at: Timestamp,
    },
    /// A token that is not wanted, because another attempt holds one or the order was cancelled. It is to be cancelled
    /// at the service.
    Unwanted,
    /// A token that was not wanted and is cancelled at the service.
    Discarded,
    /// A token that was charged in vain, or grew too old. It is not charged again.
    Released,
    /// The buyer left.
    Left,
    /// The pages refused, with this status.
    Refused(String),
    /// Nothing ever came.
    Expired,
}

impl Approval {
    /// Whether a token came of it, whatever became of the token.
    #[must_use]
    pub const fn has_token(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Unwanted | Self::Discarded | Self::Released)
    }
}

/// Something that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// When it was raised.
    pub at: Timestamp,
    /// What is wrong.
    pub what: String,
    /// The person who looked at it and closed it; the evidence is in the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
}

impl Alarm {
    /// Whether nobody has closed it yet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.closed_by.is_none()
    }
}

/// Why an event cannot happen to an order as it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The order's state does not allow it.
    #[error("the order is {state}; {wanted}")]
    State {
        /// Where the order is.
        state: State,
        /// What would be needed.
        wanted: &'static str,
    },
    /// The amount is more than there is.
    #[error("{asked} is more than the {left} that {what}")]
    Amount {
        /// How much was asked for.
        asked: Amount,
        /// How much there is.
        left: Amount,
        /// What the limit is.
        what: &'static str,
    },
    /// A refund of nothing.
    #[error("the amount is zero or less; a refund moves more than nothing")]
    Nothing,
    /// The merchant's refund id names another amount already.
    #[error("refund {refund} was for {first}; the same id cannot refund {asked}")]
    RefundReused {
        /// The id.
        refund: RefundId,
        /// What it refunded.
        first: Amount,
        /// What was asked for now.
        asked: Amount,
    },
    /// The reference names another call of the order already: a second body would go under it. Give the order references of
    /// its own that do not end like those of refunds.
    #[error("the reference {} names another call of this order", reference.as_str())]
    ReferenceUsed {
        /// The reference.
        reference: CallerReference,
    },
    /// The event speaks of an attempt or operation that the order does not have: the record is damaged.
    #[error("the order has no such {what}")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// Order id and refund id together are too long for the service's 128 characters. Use shorter ones.
    #[error("order id and refund id make a caller reference of over 128 characters; use shorter ids")]
    TooLong,
    /// Another process may be sending this operation at this moment.
    #[error("another process has the right to send this operation until {until}")]
    Claimed {
        /// Until when.
        until: Timestamp,
    },
    /// The machine has no such edge: a defect of this crate.
    #[error("the order machine has no edge from {from} by {on:?} to {to}")]
    Edge {
        /// Where the order is.
        from: State,
        /// What happened.
        on: Trigger,
        /// Where it would go.
        to: State,
    },
}

impl Machine {
    /// An order of nothing but its frozen price.
    #[must_use]
    pub const fn new(total: Amount, reserve: bool) -> Self {
        Self {
            state: State::Created,
            total,
            reserve,
            attempts: Vec::new(),
            operations: Vec::new(),
            alarms: Vec::new(),
        }
    }

    /// What becomes of the order by an event, and what is news. An event that already holds changes nothing, and the
    /// news is empty.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the event cannot happen; the machine is as it was.
    pub fn apply(&self, event: &Event, now: Timestamp) -> Result<(Self, Vec<News>), Refusal> {
        let mut step = Step::from(self, now);
        step.take(event)?;
        Ok(step.into_parts())
    }

    /// Where the order is.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The frozen total.
    #[must_use]
    pub const fn total(&self) -> Amount {
        self.total
    }

    /// Whether the charge is a Reserve, to be settled later.
    #[must_use]
    pub const fn is_reserve(&self) -> bool {
        self.reserve
    }

    /// What charges it: a Reserve or a Pay.
    pub(crate) const fn charge_kind(&self) -> Kind {
        if self.reserve { Kind::Reserve } else { Kind::Pay }
    }

    /// The attempts, the first one first; attempt 1 stands at 0.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The operations in the order in which they were planned.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// What a person has to look at.
    #[must_use]
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// The number of the current attempt, from 1; 0 before the first.
    #[must_use]
    pub fn current_attempt(&self) -> u32 {
        u32::try_from(self.attempts.len()).unwrap_or(u32::MAX)
    }

    /// The attempt of that number.
    #[must_use]
    pub fn attempt(&self, number: u32) -> Option<&Attempt> {
        self.attempts.get(index(number)?)
    }

    /// The number of the attempt whose token the order charges.
    #[must_use]
    pub fn held(&self) -> Option<u32> {
        (1..=self.current_attempt()).rev().find(|number| {
            matches!(self.attempt(*number), Some(Attempt { approval: Approval::Held { .. }, .. }))
        })
    }

    /// Whether an approval that comes now would be charged: the buyer is awaited, or was given up, or the pages (and not a
    /// refused charge) declined the current attempt.
    #[must_use]
    pub fn takes_late_approval(&self) -> bool {
        match self.state {
            State::AwaitingBuyer | State::Abandoned | State::Expired => true,
            State::Declined => self.operations.iter().all(|op| op.attempt != self.current_attempt()),
            _ => false,
        }
    }

    /// The place of the Pay or Reserve of the attempt that holds a token, or of the last one.
    #[must_use]
    pub fn charge(&self) -> Option<usize> {
        self.operations.iter().rposition(|operation| operation.kind.is_charge())
    }

    /// The transaction of the money: of the last Pay or Reserve.
    #[must_use]
    pub fn transaction(&self) -> Option<&TransactionId> {
        self.operations[self.charge()?].transaction.as_ref()
    }

    /// The place of the refund with that id.
    #[must_use]
    pub fn refund(&self, id: &RefundId) -> Option<usize> {
        self.operations.iter().position(|operation| operation.refund.as_ref() == Some(id))
    }

    /// The Retries of the operation at that place, the first one first.
    pub(crate) fn retries(&self, of: usize) -> impl DoubleEndedIterator<Item = &Operation> {
        self.operations.iter().filter(move |operation| operation.of == Some(of))
    }

    /// How much was paid: nothing unless the order is Paid.
    #[must_use]
    pub fn paid(&self) -> Amount {
        if self.state != State::Paid {
            return Amount::ZERO;
        }
        self.operations
            .iter()
            .rfind(|op| matches!(op.kind, Kind::Pay | Kind::Settle) && op.outcome == Outcome::Success)
            .map_or(self.total, |operation| operation.amount)
    }

    /// How much of it was refunded or is being refunded.
    #[must_use]
    pub fn refunded(&self) -> Amount {
        self.operations
            .iter()
            .filter(|op| {
                op.kind == Kind::Refund && !matches!(op.outcome, Outcome::Failure | Outcome::Cancelled)
            })
            .fold(Amount::ZERO, |sum, op| sum.checked_add(op.amount).unwrap_or(sum))
    }
}

/// Attempts are numbered from 1 and stand from 0.
fn index(number: u32) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}
