//! What happens to an order, and what its handlers hear of it.

use std::fmt;

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, CallerReference, RequestId, Timestamp, TransactionId};
use serde::{Deserialize, Serialize};

use super::id::RefundId;
use super::operation::{Kind, Outcome};
use super::outbox::EffectId;
use super::state::State;

/// Something that happened to an order. The journal is a list of these; none holds personal data or a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The shop began an attempt under that approval reference.
    Begun {
        /// The approval's reference.
        reference: CallerReference,
    },
    /// The buyer approved.
    Approved {
        /// Which attempt.
        attempt: u32,
        /// What the buyer pays with, where the pages said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<PaymentMethod>,
        /// How it became known.
        by: Source,
    },
    /// The buyer left the pages (A).
    Left {
        /// Which attempt.
        attempt: u32,
    },
    /// The pages refused.
    Refused {
        /// Which attempt.
        attempt: u32,
        /// The pages' status code: PE, NP, NM, CE, SE or one not known.
        status: String,
    },
    /// The last look-up answered that there is no token.
    NeverCame {
        /// Which attempt.
        attempt: u32,
    },
    /// The held token grew too old to be used.
    TokenExpired,
    /// The held token was taken back at the service, by the buyer or by another program of the caller.
    TokenWithdrawn,
    /// A token that was not wanted is cancelled at the service.
    TokenCancelled {
        /// Which attempt.
        attempt: u32,
    },
    /// A call was planned.
    Planned {
        /// What it does.
        kind: Kind,
        /// How much it moves.
        amount: Amount,
        /// Its idempotency key, where the service has one for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<CallerReference>,
        /// The merchant's name of a refund.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<RefundId>,
        /// The operation that a Retry tries again, by its place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<usize>,
    },
    /// A process took the right to send a call.
    Claimed {
        /// Which operation, by its place.
        operation: usize,
        /// The process.
        sender: String,
        /// Until when nobody else sends.
        until: Timestamp,
    },
    /// A sending ended.
    Answered {
        /// Which operation, by its place.
        operation: usize,
        /// Which of its sendings, from 1.
        send: u32,
        /// How it ended.
        answer: Answer,
    },
    /// The service said, asked or by a confirmed notice, how a transaction stands.
    Reported {
        /// Which operation, by its place.
        operation: usize,
        /// What it said.
        report: Report,
    },
    /// The service's word on a call can no longer be had.
    Doubted {
        /// Which operation, by its place.
        operation: usize,
        /// Why a person is needed.
        why: String,
    },
    /// The shop cancelled before any charge.
    CancelledByShop,
    /// A person decided that a handler will not hear a piece of news.
    Dropped {
        /// The news.
        effect: EffectId,
        /// The handler.
        handler: String,
        /// Who decided.
        by: String,
        /// Why.
        reason: String,
    },
    /// A person looked at an alarm and closed it. Where the order is does not change.
    AlarmClosed {
        /// Which alarm, by its place.
        alarm: usize,
        /// Who decided.
        by: String,
        /// On what evidence.
        evidence: String,
    },
    /// A person resolved a review, and with it all alarms.
    Resolved {
        /// What the order is from now on.
        to: State,
        /// Who decided.
        by: String,
        /// On what evidence.
        evidence: String,
    },
}

/// One line of a journal, for people.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begun { reference } => write!(f, "the buyer has the link, under {}", reference.as_str()),
            Self::Approved { attempt, by: Source::Return, .. } => {
                write!(f, "attempt {attempt}: the buyer approved")
            }
            Self::Approved { attempt, by: Source::Stored, .. } => {
                write!(f, "attempt {attempt}: a stored token pays")
            }
            Self::Approved { attempt, .. } => write!(f, "attempt {attempt}: the buyer's approval was found"),
            Self::Left { attempt } => write!(f, "attempt {attempt}: the buyer left"),
            Self::Refused { attempt, status } => {
                write!(f, "attempt {attempt}: the pages refused with {status}")
            }
            Self::NeverCame { attempt } => write!(f, "attempt {attempt}: the buyer never came back"),
            Self::TokenExpired => f.write_str("the held token grew too old"),
            Self::TokenWithdrawn => f.write_str("the held token was taken back at the service"),
            Self::TokenCancelled { attempt } => write!(f, "attempt {attempt}: its token is cancelled"),
            Self::Planned { kind, amount, refund: Some(refund), .. } => {
                write!(f, "{kind} {refund} of {amount} is planned")
            }
            Self::Planned { kind, amount, .. } => write!(f, "{kind} of {amount} is planned"),
            Self::Claimed { operation, until, .. } => {
                write!(f, "operation {operation}: is being sent, until {until} at the latest")
            }
            Self::Answered { operation, send, answer } => {
                write!(f, "operation {operation}, sending {send}: {answer}")
            }
            Self::Reported { operation, report } => write!(f, "operation {operation}: asked for, {report}"),
            Self::Doubted { operation, why } => write!(f, "operation {operation}: {why}"),
            Self::CancelledByShop => f.write_str("the shop cancelled"),
            Self::Dropped { effect, handler, by, reason } => {
                write!(f, "{by} dropped {effect} for `{handler}`: {reason}")
            }
            Self::AlarmClosed { alarm, by, evidence } => write!(f, "{by} closed alarm {alarm}: {evidence}"),
            Self::Resolved { to, by, evidence } => write!(f, "{by} resolved it to {to}: {evidence}"),
        }
    }
}

/// How an approval became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The buyer's browser brought it.
    Return,
    /// The service was asked for the token.
    LookUp,
    /// The buyer approved a stored token before, for orders such as this.
    Stored,
}

/// How one sending of a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// The service took the call and made a transaction.
    Accepted(Report),
    /// The service did nothing: signature, time, key, throttle, no connection.
    NotDone {
        /// The error's code.
        code: String,
        /// The answer's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
    },
    /// The service refused for good.
    Refused {
        /// The error's code.
        code: String,
        /// The answer's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
    },
    /// The reference or the token was used before: evidence that money moved.
    Spent {
        /// The error's code.
        code: String,
        /// The answer's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
    },
    /// No answer, or none that can be read. The call may have been carried out.
    Silent {
        /// An error code, where the service gave one that says nothing.
        code: Option<String>,
        /// The answer's name, where one came.
        request: Option<RequestId>,
    },
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(report) => report.fmt(f),
            Self::NotDone { code, .. } => write!(f, "not done ({code})"),
            Self::Refused { code, .. } => write!(f, "refused ({code})"),
            Self::Spent { code, .. } => write!(f, "used before ({code})"),
            Self::Silent { code: Some(code), .. } => write!(f, "no known answer ({code})"),
            Self::Silent { code: None, .. } => f.write_str("no answer"),
        }
    }
}

/// How a transaction stands, by the service's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which transaction.
    pub transaction: TransactionId,
    /// How it stands.
    pub outcome: Outcome,
    /// Whether the service declined it for now; it is pending then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub declined_for_now: bool,
    /// Its amount, where the answer carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The status code, such as `PendingNetworkResponse` or `TransactionDenied`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The answer's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.outcome)?;
        if let Some(amount) = self.amount {
            write!(f, " {amount}")?;
        }
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        write!(f, ", transaction {}", self.transaction.as_str())
    }
}

/// What a [`ReturnHandler`](crate::handler::ReturnHandler) hears of an order: each once committed, at least once, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum News {
    /// The buyer approved the payment; no money has moved yet.
    Approved {
        /// What the buyer pays with, where the pages said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<PaymentMethod>,
    },
    /// The money moved. Deliver.
    Paid {
        /// How much.
        amount: Amount,
        /// The transaction, where it is known. An order resolved by a person may have none.
        transaction: Option<TransactionId>,
    },
    /// The service accepted the payment and is working on it: a card for moments, a bank account for days.
    Pending {
        /// The transaction.
        transaction: TransactionId,
    },
    /// The money is held for seven days: settle or cancel it.
    Reserved {
        /// How much.
        amount: Amount,
        /// The reservation.
        transaction: TransactionId,
    },
    /// The payment was refused; the shop may begin a new attempt.
    Declined {
        /// The pages' status (PE, NP, NM, CE, SE) or the service's code.
        reason: String,
    },
    /// The buyer left the pages; the shop may begin a new attempt.
    Abandoned,
    /// The buyer never came back; the shop may begin a new attempt.
    Expired,
    /// Nothing will be paid; the shop may begin a new attempt.
    Cancelled,
    /// Money went back.
    Refunded {
        /// The merchant's name for the refund.
        refund: RefundId,
        /// How much.
        amount: Amount,
        /// The refund's own transaction.
        transaction: TransactionId,
    },
    /// Something that a person has to look at.
    Alarm {
        /// What is wrong.
        what: String,
    },
}

impl News {
    /// The news' name, for logs and lists.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Approved { .. } => "Approved",
            Self::Paid { .. } => "Paid",
            Self::Pending { .. } => "Pending",
            Self::Reserved { .. } => "Reserved",
            Self::Declined { .. } => "Declined",
            Self::Abandoned => "Abandoned",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
            Self::Refunded { .. } => "Refunded",
            Self::Alarm { .. } => "Alarm",
        }
    }
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined { reason } => write!(f, "Declined ({reason})"),
            Self::Alarm { what } => write!(f, "Alarm ({what})"),
            other => f.write_str(other.name()),
        }
    }
}
