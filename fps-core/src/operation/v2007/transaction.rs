//! What all transactions have in common.

use std::fmt;

use crate::operation::TokenUsageLimit;
use crate::operation::v2007::{Role, TransactionStatus};
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, InstrumentId, TransactionId};

/// The transaction that a request made, and where it stands: `TransactionResponse`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionResponse {
    /// `TransactionId`: 35 upper-case letters and digits.
    pub transaction_id: TransactionId,
    /// `Status`: the transaction's, not the request's.
    pub status: TransactionStatus,
    /// `StatusDetail`: more about the status.
    pub status_detail: Option<String>,
    /// `NewSenderTokenUsage`, up to three: how far the limits of the sender's token are used now.
    pub new_sender_token_usage: Vec<TokenUsageLimit>,
}

impl TransactionResponse {
    /// Reads it from an answer that has nothing else.
    pub(super) fn read(answer: Element<'_>) -> Result<Self, AnswerError> {
        answer.required("TransactionResponse")
    }
}

impl FromElement for TransactionResponse {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            status: element.required("Status")?,
            status_detail: element.optional("StatusDetail")?,
            new_sender_token_usage: element.repeated("NewSenderTokenUsage")?,
        })
    }
}

/// What one party did in a transaction: `TransactionPart`. `Debug` leaves out account and name.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionPart {
    /// `AccountId`: up to 38 letters and digits.
    pub account_id: Option<String>,
    /// `InstrumentId`.
    pub instrument_id: Option<InstrumentId>,
    /// `Role`.
    pub role: Role,
    /// `Name`: of a person, or of a business.
    pub name: Option<String>,
    /// `Reference`: in the caller's part, the caller reference of the request.
    pub reference: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `FeePaid`.
    pub fee_paid: Option<Amount>,
}

impl TransactionPart {
    /// The caller reference among the parts of a transaction: the reference in the caller's part.
    pub(super) fn caller_reference(parts: &[Self]) -> Option<&str> {
        let caller = parts.iter().find(|part| part.role == Role::Caller)?;
        caller.reference.as_deref().filter(|reference| !reference.is_empty())
    }
}

impl FromElement for TransactionPart {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            account_id: element.optional("AccountId")?,
            instrument_id: element.optional("InstrumentId")?,
            role: element.required("Role")?,
            name: element.optional("Name")?,
            reference: element.optional("Reference")?,
            description: element.optional("Description")?,
            fee_paid: element.optional("FeePaid")?,
        })
    }
}

impl fmt::Debug for TransactionPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionPart")
            .field("role", &self.role)
            .field("reference", &self.reference)
            .field("fee_paid", &self.fee_paid)
            .finish_non_exhaustive()
    }
}
