//! `RetryTransaction`.

use crate::operation::v2007::{FIRST, TransactionResponse};
use crate::operation::{Operation, Parameters};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Generation, TransactionId};

/// Tries a transaction again that was declined for now (`TemporaryDecline`).
///
/// There is no caller reference, so [`Client::send`](crate::client::Client::send) never sends it twice: after an unanswered one,
/// ask [`GetTransaction`](super::GetTransaction) whether it is `TemporaryDecline` still.
///
/// ```
/// use fps_core::TransactionId;
/// use fps_core::operation::v2007::RetryTransaction;
///
/// let retry = RetryTransaction::new(TransactionId::new("134OLF7MHB2L4V9T54RHADQ9FCK5NLVZHDC"));
/// ```
///
/// # Errors
///
/// `InvalidTransactionId`, `InvalidTransactionState` (it is not declined for now), `TransactionExpired` (the service retries it
/// by itself), `ConcurrentModification`.
///
/// Source: schema of 2007-01-08; FPS error codes of 2007.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryTransaction {
    original_transaction_id: TransactionId,
}

/// What [`RetryTransaction`] answers.
pub type RetryTransactionResponse = TransactionResponse;

impl RetryTransaction {
    /// Retries the transaction of that id.
    #[must_use]
    pub const fn new(original_transaction_id: TransactionId) -> Self {
        Self { original_transaction_id }
    }
}

impl Operation for RetryTransaction {
    const ACTION: &'static str = "RetryTransaction";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = RetryTransactionResponse;

    fn write(&self, to: &mut Parameters) {
        to.put(api::ORIGINAL_TRANSACTION_ID, &self.original_transaction_id);
    }

    fn read(answer: Element<'_>) -> Result<RetryTransactionResponse, AnswerError> {
        TransactionResponse::read(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Repeat;
    use crate::operation::v2007::TransactionStatus;
    use crate::operation::v2007::tests::{answered, fault, transacted, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_transaction() {
        let retry = RetryTransaction::new(TransactionId::new("T1"));
        assert_eq!(written(&retry), "OriginalTransactionId=T1");
        assert_eq!(retry.repeat(), Repeat::Never);
    }

    #[test]
    fn the_answer_is_the_transaction_and_where_it_stands() {
        let response = answered::<RetryTransaction>(&transacted("Reinitiated"));
        assert_eq!(response.status, TransactionStatus::Reinitiated);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<RetryTransaction>("TransactionExpired", false).verdict(), Verdict::Final);
        assert_eq!(fault::<RetryTransaction>("ConcurrentModification", true).verdict(), Verdict::Unknown);
    }
}
