//! `GetResults`.

use crate::operation::v2007::{FIRST, ResultStatus, TransactionKind};
use crate::operation::{Operation, Parameters, Repeat, with};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Generation, TransactionId};

/// Asks for the ends of transactions that were not answered at once: a queue of the whole account.
///
/// A result stays in the queue until it is discarded by [`DiscardResults`](super::DiscardResults), and old ones hide new ones
/// beyond the limit; so discard those of others too. Whoever is subscribed to notifications gets nothing here. To ask about one
/// transaction, and to ask from several processes, use [`GetTransaction`](super::GetTransaction).
///
/// ```
/// use fps_core::operation::v2007::{GetResults, TransactionKind};
///
/// let ask = GetResults::new().with_operation(TransactionKind::Pay).with_max_results_count(25u32);
/// ```
///
/// # Errors
///
/// Those of every operation only.
///
/// Source: FPS developer guide of 2007, `GetResults` and "Handling Asynchronous Responses".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetResults {
    operation: Option<TransactionKind>,
    max_results_count: Option<u32>,
}

/// What [`GetResults`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetResultsResponse {
    /// `TransactionResults`, repeated.
    pub transaction_results: Vec<TransactionResult>,
    /// `NumberPending`: how many results wait to be discarded.
    pub number_pending: Option<i64>,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionResult {
    /// `TransactionId`.
    pub transaction_id: TransactionId,
    /// `Operation`.
    pub operation: Option<TransactionKind>,
    /// `CallerReference`: of the request that made it, as the service has it.
    pub caller_reference: Option<String>,
    /// `Status`.
    pub status: ResultStatus,
}

impl GetResults {
    /// Asks for as many as the service gives.
    #[must_use]
    pub const fn new() -> Self {
        Self { operation: None, max_results_count: None }
    }

    with! {
        /// `Operation`: only of such transactions.
        with_operation(operation: TransactionKind);
        /// `MaxResultsCount`: 1 to 25. Default of the service: the most.
        with_max_results_count(max_results_count: u32);
    }
}

impl Operation for GetResults {
    const ACTION: &'static str = "GetResults";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = GetResultsResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::OPERATION, &self.operation);
        to.put_number(api::MAX_RESULTS_COUNT, self.max_results_count, 1..=25);
    }

    fn read(answer: Element<'_>) -> Result<GetResultsResponse, AnswerError> {
        Ok(GetResultsResponse {
            transaction_results: answer.repeated("TransactionResults")?,
            number_pending: answer.optional("NumberPending")?,
        })
    }
}

impl FromElement for TransactionResult {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            operation: element.optional("Operation")?,
            caller_reference: element.optional("CallerReference")?,
            status: element.required("Status")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::tests::{answered, fault, refused, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(written(&GetResults::new()), "");
        let full = GetResults::new().with_max_results_count(25u32).with_operation(TransactionKind::Reserve);
        assert_eq!(written(&full), "Operation=Reserve&MaxResultsCount=25");
        for count in [0u32, 26] {
            let ask = GetResults::new().with_max_results_count(count);
            assert_eq!(refused(&ask), format!("MaxResultsCount is {count}; the service takes 1 to 25"));
        }
    }

    #[test]
    fn the_answer_has_the_results_and_how_many_wait() {
        let response = answered::<GetResults>(
            "<TransactionResults><TransactionId>T1</TransactionId><Operation>Pay</Operation><CallerReference>r1</CallerReference><Status>Success</Status></TransactionResults>\
             <TransactionResults><TransactionId>T2</TransactionId><Operation>Settle</Operation><CallerReference>r2</CallerReference><Status>TemporaryDecline</Status></TransactionResults>\
             <NumberPending>2</NumberPending>",
        );
        assert_eq!(response.number_pending, Some(2));
        let [first, second] = response.transaction_results.as_slice() else { panic!("two results") };
        assert_eq!(first.transaction_id, TransactionId::new("T1"));
        assert_eq!(first.operation, Some(TransactionKind::Pay));
        assert_eq!(first.caller_reference.as_deref(), Some("r1"));
        assert_eq!(first.status, ResultStatus::Success);
        assert_eq!(second.status, ResultStatus::TemporaryDecline);
        assert!(answered::<GetResults>("<NumberPending>0</NumberPending>").transaction_results.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetResults>("InternalError", true).verdict(), Verdict::Unknown);
    }
}
