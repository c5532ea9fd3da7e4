//! `Cancel`.

use url::Url;

use crate::TransactionId;
use crate::operation::{Operation, Parameters, TransactionStatus, with};
use crate::param::api;
use crate::response::{AnswerError, Element};

/// Cancels a reserved or pending transaction; a reservation can then not be settled any more.
///
/// There is no caller reference, so [`Client::send`](crate::client::Client::send) never sends it twice: after an
/// unanswered one, ask [`GetTransaction`](crate::operation::GetTransaction).
///
/// ```
/// use fps_core::TransactionId;
/// use fps_core::operation::Cancel;
///
/// let cancel = Cancel::new(TransactionId::new("14GKI1SKSR1V6DO1RCCB32RBR6KLODMGQUD")).with_description("out of stock");
/// ```
///
/// # Errors
///
/// `InvalidTransactionId`, `InvalidTransactionState` (it is complete, or cancelled already).
///
/// Source: FPS API reference, `Cancel`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    transaction_id: TransactionId,
    description: Option<String>,
    override_ipn_url: Option<Url>,
}

/// What [`Cancel`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CancelResponse {
    /// `TransactionId`: the one that was asked for.
    pub transaction_id: Option<TransactionId>,
    /// `TransactionStatus`: `Cancelled`.
    pub transaction_status: Option<TransactionStatus>,
}

impl Cancel {
    /// Cancels the transaction that Pay or Reserve made.
    #[must_use]
    pub const fn new(transaction_id: TransactionId) -> Self {
        Self { transaction_id, description: None, override_ipn_url: None }
    }

    with! {
        /// `Description`: why.
        with_description(description: String);
        /// `OverrideIPNURL`: where the notice of this goes. Since version 2010-08-28.
        with_override_ipn_url(override_ipn_url: Url);
    }
}

impl Operation for Cancel {
    const ACTION: &'static str = "Cancel";
    type Response = CancelResponse;

    fn write(&self, to: &mut Parameters) {
        to.put(api::TRANSACTION_ID, &self.transaction_id);
        to.put(api::DESCRIPTION, &self.description);
        to.put_notice_url(self.override_ipn_url.as_ref());
    }

    fn read(result: Element<'_>) -> Result<CancelResponse, AnswerError> {
        Ok(CancelResponse {
            transaction_id: result.optional("TransactionId")?,
            transaction_status: result.optional("TransactionStatus")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Repeat;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let cancel = Cancel::new(TransactionId::new("T1"));
        assert_eq!(written(&cancel), "TransactionId=T1");
        let full = cancel
            .with_description("out of stock")
            .with_override_ipn_url("https://example.com/ipn".parse::<Url>().unwrap());
        assert_eq!(
            written(&full),
            "TransactionId=T1&Description=out%20of%20stock&OverrideIPNURL=https%3A%2F%2Fexample.com%2Fipn"
        );
        assert_eq!(full.repeat(), Repeat::Never);
    }

    #[test]
    fn the_answer_may_be_empty() {
        let response = answered::<Cancel>(
            "<CancelResult><TransactionId>T1</TransactionId><TransactionStatus>Cancelled</TransactionStatus></CancelResult>",
        );
        assert_eq!(response.transaction_id, Some(TransactionId::new("T1")));
        assert_eq!(response.transaction_status, Some(TransactionStatus::Cancelled));
        assert_eq!(answered::<Cancel>("").transaction_status, None);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<Cancel>("InvalidTransactionState").verdict(), Verdict::Final);
    }
}
