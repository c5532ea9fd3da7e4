//! What happens to a ledger.

use std::fmt;

use fps_core::{Amount, CallerReference, SubscriptionId, Timestamp, TokenId, TransactionId};
use serde::{Deserialize, Serialize};

use super::account::{Account, AccountId};
use super::first::Notification;
use super::subscription::Subscription;
use super::token::{Instrument, Token};
use super::transaction::{Due, Settled, Transaction};
use super::words::{Status, StatusCode, SubscriptionStatus};

/// One change of a ledger. Stored with `--data`, so its form is kept readable for later versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event")]
#[non_exhaustive]
pub enum Event {
    /// An account was opened or changed.
    AccountSet {
        /// The whole account.
        account: Box<Account>,
    },
    /// Money came into an account from outside.
    Deposited {
        /// Whose balance grew.
        account: AccountId,
        /// By how much; negative when money was taken out.
        amount: Amount,
    },
    /// Somebody gave a caller a token.
    TokenInstalled {
        /// The whole token.
        token: Box<Token>,
    },
    /// A token ended.
    TokenCancelled {
        /// Which.
        token: TokenId,
        /// When.
        at: Timestamp,
        /// Why, in the caller's words.
        reason: Option<String>,
        /// Where the notice of it goes, instead of the account's address.
        notice_url: Option<String>,
    },
    /// A token ended because another took its place.
    TokenReplaced {
        /// Which.
        token: TokenId,
        /// When.
        at: Timestamp,
    },
    /// A prepaid or postpaid instrument was set up, empty.
    InstrumentOpened {
        /// The whole instrument.
        instrument: Instrument,
    },
    /// A transaction was accepted.
    TransactionOpened {
        /// The whole transaction.
        transaction: Box<Transaction>,
    },
    /// A transaction came to another status.
    TransactionMoved {
        /// Which.
        transaction: TransactionId,
        /// When.
        at: Timestamp,
        /// Where it stands now.
        status: Status,
        /// Why.
        code: StatusCode,
        /// What it becomes, when a reservation is settled.
        settled: Option<Settled>,
        /// What will happen to it, and when.
        due: Option<Due>,
        /// Where its notices go from now on.
        notice_url: Option<String>,
    },
    /// Regular payments began.
    SubscriptionOpened {
        /// The whole subscription.
        subscription: Box<Subscription>,
    },
    /// A subscription was paid, cancelled or completed.
    SubscriptionMoved {
        /// Which.
        subscription: SubscriptionId,
        /// Where it stands now.
        status: SubscriptionStatus,
        /// When the next payment is made.
        next: Option<Timestamp>,
        /// The payment that was made.
        transaction: Option<TransactionId>,
    },
    /// A caller reference was used.
    ReferenceKept {
        /// Whose.
        account: AccountId,
        /// Which.
        reference: CallerReference,
        /// For what, and what the service answered.
        kept: Kept,
    },
    /// A caller of the first generation said more of a transaction.
    TransactionNoted {
        /// Which.
        transaction: TransactionId,
        /// When the caller says he settled it.
        caller_date: Timestamp,
        /// What is kept with it instead of what was, if anything.
        metadata: Option<String>,
    },
    /// A caller of the first generation has seen how a transaction ended.
    ResultDiscarded {
        /// Whose queue it leaves.
        account: AccountId,
        /// Which.
        transaction: TransactionId,
    },
    /// A caller of the first generation wants to be called.
    NotificationSubscribed {
        /// Who.
        account: AccountId,
        /// About what.
        notification: Notification,
        /// Where.
        url: String,
    },
    /// A caller of the first generation does not want to be called any more.
    NotificationUnsubscribed {
        /// Who.
        account: AccountId,
        /// About what.
        notification: Notification,
    },
}

/// What the service remembers of a request for seven days, by its caller reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The request's digest: another request under the same reference has another.
    pub digest: String,
    /// When it was received.
    pub at: Timestamp,
    /// What was answered.
    pub outcome: Outcome,
}

/// The answer to a request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The inside of the answer's result element.
    Done(String),
    /// A refusal that stands: the same request gets it again.
    Refused {
        /// Its code.
        code: String,
        /// Its message.
        message: String,
    },
    /// A refusal that may pass: the same request is tried anew.
    Passing,
}

/// Without the answer's text, which may name a token.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(_) => f.write_str("Done(..)"),
            Self::Refused { code, .. } => {
                f.debug_struct("Refused").field("code", code).finish_non_exhaustive()
            }
            Self::Passing => f.write_str("Passing"),
        }
    }
}
