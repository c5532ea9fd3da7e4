//! The result that all money-moving operations share.

use crate::TransactionId;
use crate::operation::TransactionStatus;
use crate::response::{AnswerError, Element, FromElement};

/// The transaction that a request made, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionResult {
    /// `TransactionId`: 35 upper-case letters and digits.
    pub transaction_id: TransactionId,
    /// `TransactionStatus`.
    pub transaction_status: TransactionStatus,
}

impl FromElement for TransactionResult {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            transaction_status: element.required("TransactionStatus")?,
        })
    }
}
