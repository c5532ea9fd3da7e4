//! Transactions.

use fps_core::{Amount, CallerReference, Timestamp, TokenId, TransactionId};
use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::first::FirstGeneration;
use super::token::InstrumentId;
use super::words::{Operation, PayMethod, RefundPolicy, Role, Status, StatusCode};

/// Money on its way from one account to another, or a promise of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transaction {
    /// The service's name for it, 35 upper-case letters and digits.
    pub id: TransactionId,
    /// What it does.
    pub operation: Operation,
    /// Who asked for it.
    pub caller: AccountId,
    /// Whose money it was. Of a refund: who was paid before.
    pub sender: AccountId,
    /// Whose money it is after. Of a refund: who paid before.
    pub recipient: AccountId,
    /// With what it is paid.
    pub method: PayMethod,
    /// How much.
    pub amount: Amount,
    /// What was reserved, of a reservation.
    pub reserved: Option<Amount>,
    /// The service's fee; negative in a refund.
    pub fee: Amount,
    /// Who pays the fee, or gets it back.
    pub fee_paid_by: Role,
    /// The caller's own fee, from the recipient; negative in a refund.
    pub marketplace_fee: Amount,
    /// The caller's name for it.
    pub caller_reference: CallerReference,
    /// The caller's words for himself.
    pub caller_description: Option<String>,
    /// The caller's words for the sender.
    pub sender_description: Option<String>,
    /// What was paid for, from the token.
    pub reason: Option<String>,
    /// The sender's token.
    pub sender_token: Option<TokenId>,
    /// The recipient's token.
    pub recipient_token: Option<TokenId>,
    /// The prepaid or postpaid instrument.
    pub instrument: Option<InstrumentId>,
    /// The payment that it gives back.
    pub original: Option<TransactionId>,
    /// Who gives back what.
    pub refund_policy: Option<RefundPolicy>,
    /// Where its notices go, instead of the account's address.
    pub notice_url: Option<String>,
    /// When the caller says he sent it.
    pub caller_date: Timestamp,
    /// When the service took it.
    pub received: Timestamp,
    /// When it ended.
    pub completed: Option<Timestamp>,
    /// When its timeout ends it.
    pub expires: Option<Timestamp>,
    /// Where it stands.
    pub status: Status,
    /// Why.
    pub code: StatusCode,
    /// What will happen to it, and when.
    pub due: Option<Due>,
    /// Where it stood.
    pub history: Vec<History>,
    /// What version 2007-01-08 says of it beside that; absent if it was made by a later version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Box<FirstGeneration>>,
}

impl Transaction {
    /// Whether nothing will happen to it any more.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self.status, Status::Success | Status::Failure | Status::Cancelled)
    }

    /// The account that plays a role in it.
    #[must_use]
    pub const fn party(&self, role: Role) -> &AccountId {
        match role {
            Role::Sender => &self.sender,
            Role::Caller => &self.caller,
            Role::Recipient => &self.recipient,
        }
    }

    /// Whether that account plays a role in it.
    #[must_use]
    pub fn involves(&self, account: &AccountId) -> bool {
        Role::ALL.iter().any(|role| self.party(*role) == account)
    }

    pub(super) fn advance(
        &mut self,
        at: Timestamp,
        status: Status,
        code: StatusCode,
        settled: Option<Settled>,
        due: Option<Due>,
    ) {
        if let Some(settled) = settled {
            self.operation = Operation::Settle;
            self.amount = settled.amount;
            self.fee = settled.fee;
            self.marketplace_fee = settled.marketplace_fee;
        }
        self.status = status;
        self.code = code;
        self.due = due;
        self.completed = self.has_ended().then_some(at);
        self.history.push(History { at, status, code, amount: self.amount });
    }
}

/// What a reservation becomes when it is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// How much of it is taken.
    pub amount: Amount,
    /// The service's fee for that.
    pub fee: Amount,
    /// The caller's fee for that.
    pub marketplace_fee: Amount,
}

/// What will happen to a transaction, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// Where it will stand.
    pub status: Status,
    /// Why.
    pub code: StatusCode,
}

/// Where a transaction stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Since when.
    pub at: Timestamp,
    /// Where.
    pub status: Status,
    /// Why.
    pub code: StatusCode,
    /// How much it was then.
    pub amount: Amount,
}
