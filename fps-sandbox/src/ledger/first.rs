//! What only the first generation, version 2007-01-08, knows of a transaction.

use std::fmt;
use std::time::Duration;

use fps_core::{Timestamp, TokenId};
use serde::{Deserialize, Serialize};

use super::transaction::{Due, Transaction};
use super::words::{Operation, Status, StatusCode};

/// What version 2007-01-08 says of a transaction beside what every version does.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstGeneration {
    /// The caller's own token.
    pub caller_token: Option<TokenId>,
    /// The caller's name for the sender.
    pub sender_reference: Option<String>,
    /// The caller's name for the recipient.
    pub recipient_reference: Option<String>,
    /// The caller's words for the recipient.
    pub recipient_description: Option<String>,
    /// Whatever the caller wanted to be kept with it.
    pub metadata: Option<String>,
    /// What a temporary decline leads to.
    pub on_decline: OnDecline,
    /// Whether its end goes into the queue that GetResults reads: not if the caller was subscribed to notifications.
    pub queued: bool,
}

/// Without the caller's texts, which may name people, and his token.
impl fmt::Debug for FirstGeneration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstGeneration")
            .field("on_decline", &self.on_decline)
            .field("queued", &self.queued)
            .finish_non_exhaustive()
    }
}

/// What a temporary decline leads to: `TemporaryDeclinePolicy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnDecline {
    /// It waits until the caller retries it.
    #[default]
    ExplicitRetry,
    /// The service retries it, until then if said.
    ImplicitRetry {
        /// When the service gives up.
        until: Option<Timestamp>,
    },
    /// It fails.
    Failure,
}

/// A kind of notification that a caller can subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Notification {
    /// The ends of transactions.
    TransactionResults,
    /// The ends of tokens.
    TokenCancellation,
}

impl Transaction {
    /// Whether it waits after a temporary decline.
    #[must_use]
    pub fn is_declined_for_now(&self) -> bool {
        self.status == Status::Pending && self.code == StatusCode::TemporaryDecline
    }

    /// Where it will stand once it is through.
    #[must_use]
    pub fn goal(&self) -> Status {
        if self.operation == Operation::Reserve { Status::Reserved } else { Status::Success }
    }

    /// What happens next to a transaction that has just come to stand there: a reservation lapses, a temporary decline is
    /// retried if the service was to do so.
    #[must_use]
    pub fn follow_up(&self, status: Status, code: StatusCode, at: Timestamp) -> Option<Due> {
        let due = |pause, status, code| Some(Due { at: at.after(pause), status, code });
        match (status, code) {
            (Status::Reserved, _) => due(RESERVATION_LIFE, Status::Cancelled, StatusCode::Expired),
            (Status::Pending, StatusCode::Reinitiated) => due(RETRY_TIME, self.goal(), StatusCode::Success),
            (Status::Pending, StatusCode::TemporaryDecline) => match self.first.as_ref()?.on_decline {
                OnDecline::ImplicitRetry { until: Some(until) } if until < at.after(RETRY_PAUSE) => {
                    Some(Due { at: until.max(at), status: Status::Failure, code: StatusCode::Expired })
                }
                OnDecline::ImplicitRetry { .. } => due(RETRY_PAUSE, Status::Pending, StatusCode::Reinitiated),
                OnDecline::ExplicitRetry | OnDecline::Failure => None,
            },
            _ => None,
        }
    }

    /// Whether it stands where GetResults would tell of it.
    pub(super) fn is_result(&self) -> bool {
        self.has_ended() || self.status == Status::Reserved || self.is_declined_for_now()
    }
}

/// How long a reservation stands.
const RESERVATION_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long the service waits before it retries by itself.
const RETRY_PAUSE: Duration = Duration::from_secs(10 * 60);
/// How long a retry takes.
const RETRY_TIME: Duration = Duration::from_secs(1);
