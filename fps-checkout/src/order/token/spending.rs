//! What was paid with a stored token.

use std::time::Duration;

use fps_core::{Amount, Timestamp};
use serde::{Deserialize, Serialize};

use super::DAY;
use crate::order::id::OrderId;

/// A payment by a stored token, as the token's record knows it: written before the order is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The order that it pays.
    pub order: OrderId,
    /// How much it asks for; how much it took, once it is settled.
    pub amount: Amount,
    /// When it was written.
    pub at: Timestamp,
    /// Whether the order is paid. One that came to nothing is taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
}

/// What became of a use's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is paid, so much.
    Paid(Amount),
    /// Nothing was paid, and nothing will be unless a new attempt begins.
    Nothing,
    /// There is no such order: whoever wrote the use did not come to it, or has not yet.
    Unknown,
    /// It is under way.
    Open,
}

/// What was paid with a stored token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spending {
    /// Those that are open, or lie within a period that counts now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) uses: Vec<Use>,
    /// Settled ones of before.
    #[serde(default)]
    pub(super) before: Tally,
    /// When the service's own count was last found to know no more than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) agreed_at: Option<Timestamp>,
}

/// How much, how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(super) amount: Amount,
    pub(super) count: u64,
}

impl Tally {
    pub(super) fn with(self, one: &Use) -> Self {
        let amount = self.amount.checked_add(one.amount).unwrap_or(Amount::from_micros(i64::MAX));
        Self { amount, count: self.count.saturating_add(1) }
    }
}

impl Spending {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What was used since then, or ever.
    pub(super) fn tally(&self, since: Option<Timestamp>) -> Tally {
        let inside = self.uses.iter().filter(|one| since.is_none_or(|since| one.at >= since));
        inside.fold(if since.is_none() { self.before } else { Tally::default() }, Tally::with)
    }

    /// The orders of uses whose end is not known.
    pub(crate) fn open(&self) -> impl Iterator<Item = &OrderId> {
        self.uses.iter().filter(|one| !one.settled).map(|one| &one.order)
    }

    /// When the worker looks again what became of them: after as long as the last one has been open by now, so that no look is due
    /// in the past, however long one stays open.
    pub(crate) fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.uses.iter().filter(|one| !one.settled).map(|one| one.at).max()?;
        Some(now.after(now.since(last).clamp(LOOK_FIRST, LOOK_MOST)))
    }
}

const LOOK_FIRST: Duration = Duration::from_secs(3600);
const LOOK_MOST: Duration = DAY;
