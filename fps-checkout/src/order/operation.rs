//! One call that moves money, from its plan to its outcome.

use std::fmt;

use fps_core::{Amount, CallerReference, RequestId, Timestamp, TransactionId};
use serde::{Deserialize, Serialize};

use super::id::RefundId;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Takes the money.
    Pay,
    /// Holds the money.
    Reserve,
    /// Takes held money. Has no reference of its own and is fenced by the reservation.
    Settle,
    /// Gives held money up. Has no reference of its own and is fenced by the reservation.
    Cancel,
    /// Gives money back.
    Refund,
    /// Tries a transaction again that the service declined for now. Has no reference of its own and is fenced by that
    /// transaction. 2007-01-08 only.
    Retry,
}

impl Kind {
    /// The operation's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "Pay",
            Self::Reserve => "Reserve",
            Self::Settle => "Settle",
            Self::Cancel => "Cancel",
            Self::Refund => "Refund",
            Self::Retry => "RetryTransaction",
        }
    }

    /// Whether it takes or holds money by the buyer's token, under a reference of its own.
    #[must_use]
    pub const fn is_charge(self) -> bool {
        matches!(self, Self::Pay | Self::Reserve)
    }

    /// Whether the service has no reference by which to know a repeat.
    #[must_use]
    pub const fn is_fenced(self) -> bool {
        matches!(self, Self::Settle | Self::Cancel | Self::Retry)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of an operation's end, from less to more. A lower report never replaces a higher one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Planned, no answer yet.
    #[default]
    None,
    /// Sent, and no answer came or it could not be read.
    Unknown,
    /// The service is working on it.
    Pending,
    /// The money is held.
    Reserved,
    /// Done.
    Success,
    /// Not done, and it never will be.
    Failure,
    /// Given up.
    Cancelled,
}

impl Outcome {
    /// Whether nothing can follow, unless evidence contradicts itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Failure | Self::Cancelled)
    }

    /// The rung of the ladder. The three final outcomes share one.
    #[must_use]
    pub const fn rung(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Unknown => 1,
            Self::Pending => 2,
            Self::Reserved => 3,
            Self::Success | Self::Failure | Self::Cancelled => 4,
        }
    }
}

/// A planned or sent call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// What it does.
    pub kind: Kind,
    /// The attempt whose approval it stands on.
    pub attempt: u32,
    /// The merchant's name for a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<RefundId>,
    /// The operation whose transaction a Retry tries again, by its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
    /// Its idempotency key; Settle, Cancel and Retry have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<CallerReference>,
    /// How much it moves.
    pub amount: Amount,
    /// When it was planned.
    pub planned_at: Timestamp,
    /// When its first sending was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_sent_at: Option<Timestamp>,
    /// Who may send it, until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Right>,
    /// How many sendings were committed.
    pub sends: u32,
    /// Whether a sending ended without a known answer: from then on only success, pending, reserved or failure of the
    /// transaction itself end it.
    pub in_doubt: bool,
    /// Whether the service said that the reference or the token was used before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spent: bool,
    /// Whether the service refused a Settle, Cancel or Retry. Having no reference it may have come twice, and the second one is
    /// refused because the first was carried out; so only a look at the transaction tells.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// What is known of its end.
    pub outcome: Outcome,
    /// Whether the service declined it for now: it is pending, and a Retry tries it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub declined_for_now: bool,
    /// The transaction that the service made for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TransactionId>,
    /// The service's name for its last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// The person who said how it ended, where the service did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
    /// The last error or status code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// The right to send an operation: a commit of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Right {
    /// The process that may send, named at random when it started.
    pub sender: String,
    /// Until when nobody else sends.
    pub until: Timestamp,
}

impl Operation {
    /// Whether its end is known.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        self.outcome.is_final() || (self.kind == Kind::Reserve && self.outcome == Outcome::Reserved)
    }
}
