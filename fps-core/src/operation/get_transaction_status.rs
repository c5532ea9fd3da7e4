//! `GetTransactionStatus`.

use crate::TransactionId;
use crate::operation::{Operation, Parameters, Repeat, TransactionStatus};
use crate::param::api;
use crate::response::{AnswerError, Element};

/// Asks where a transaction stands.
///
/// ```
/// use fps_core::TransactionId;
/// use fps_core::operation::GetTransactionStatus;
///
/// let ask = GetTransactionStatus::new(TransactionId::new("14GKE3B85HCMF1BTSH5C4PD2IHZL95RJ2LM"));
/// ```
///
/// # Errors
///
/// `InvalidTransactionId` (no transaction of this caller), `InvalidParams` (no transaction's id at all).
///
/// Source: FPS API reference, `GetTransactionStatus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetTransactionStatus {
    transaction_id: TransactionId,
}

/// What [`GetTransactionStatus`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTransactionStatusResponse {
    /// `TransactionId`: the one that was asked for.
    pub transaction_id: TransactionId,
    /// `TransactionStatus`.
    pub transaction_status: TransactionStatus,
    /// `CallerReference`: the reference that the transaction was made under, as the service has it.
    pub caller_reference: Option<String>,
    /// `StatusCode`: more about the status, such as `PendingNetworkResponse`, `TransactionDenied`, `Expired`. A free text.
    pub status_code: Option<String>,
    /// `StatusMessage`: the same in words.
    pub status_message: Option<String>,
}

impl GetTransactionStatus {
    /// Asks for the transaction of that id.
    #[must_use]
    pub const fn new(transaction_id: TransactionId) -> Self {
        Self { transaction_id }
    }
}

impl Operation for GetTransactionStatus {
    const ACTION: &'static str = "GetTransactionStatus";
    type Response = GetTransactionStatusResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TRANSACTION_ID, &self.transaction_id);
    }

    fn read(result: Element<'_>) -> Result<GetTransactionStatusResponse, AnswerError> {
        Ok(GetTransactionStatusResponse {
            transaction_id: result.required("TransactionId")?,
            transaction_status: result.required("TransactionStatus")?,
            caller_reference: result.optional("CallerReference")?,
            status_code: result.optional("StatusCode")?,
            status_message: result.optional("StatusMessage")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_transaction() {
        assert_eq!(written(&GetTransactionStatus::new(TransactionId::new("T1"))), "TransactionId=T1");
    }

    #[test]
    fn the_answer_has_status_and_reason() {
        let response = answered::<GetTransactionStatus>(
            "<GetTransactionStatusResult><TransactionId>T1</TransactionId><TransactionStatus>Failure</TransactionStatus>\
             <CallerReference>order-42-pay</CallerReference><StatusCode>TransactionDenied</StatusCode>\
             <StatusMessage>No.</StatusMessage></GetTransactionStatusResult>",
        );
        assert_eq!(response.transaction_status, TransactionStatus::Failure);
        assert_eq!(response.caller_reference.as_deref(), Some("order-42-pay"));
        assert_eq!(response.status_code.as_deref(), Some("TransactionDenied"));
        assert_eq!(response.status_message.as_deref(), Some("No."));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetTransactionStatus>("InvalidTransactionId").verdict(), Verdict::Final);
    }
}
