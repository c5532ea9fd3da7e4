//! `DiscardResults`.

use crate::operation::v2007::FIRST;
use crate::operation::{Operation, ParameterError, Parameters};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Generation, TransactionId};

/// Takes results out of the queue that [`GetResults`](super::GetResults) answers from. Discard one only once its end is stored.
///
/// ```
/// use fps_core::TransactionId;
/// use fps_core::operation::v2007::DiscardResults;
///
/// let discard = DiscardResults::new([TransactionId::new("133I77HJS56JVM7M54OZIRITRVLUT5F227U")]);
/// ```
///
/// # Errors
///
/// `InvalidParams`. What cannot be discarded stands in the answer.
///
/// Source: schema of 2007-01-08; FPS developer guide of 2007, "Handling Asynchronous Responses".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscardResults {
    transaction_ids: Vec<TransactionId>,
}

/// What [`DiscardResults`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiscardResultsResponse {
    /// `DiscardErrors`, repeated: what could not be discarded, in words.
    pub discard_errors: Vec<String>,
}

impl DiscardResults {
    /// Discards the results of these transactions, at least one.
    #[must_use]
    pub fn new(transaction_ids: impl IntoIterator<Item = TransactionId>) -> Self {
        Self { transaction_ids: transaction_ids.into_iter().collect() }
    }
}

impl Operation for DiscardResults {
    const ACTION: &'static str = "DiscardResults";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = DiscardResultsResponse;

    fn write(&self, to: &mut Parameters) {
        if self.transaction_ids.is_empty() {
            to.refuse(ParameterError::Empty { parameter: api::TRANSACTION_IDS.to_owned() });
        }
        to.put(api::TRANSACTION_IDS, self.transaction_ids.as_slice());
    }

    fn read(answer: Element<'_>) -> Result<DiscardResultsResponse, AnswerError> {
        Ok(DiscardResultsResponse { discard_errors: answer.repeated("DiscardErrors")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::tests::{answered, fault, refused, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_the_ids_counted_from_one() {
        let discard = DiscardResults::new(["T1", "T2"].map(TransactionId::new));
        assert_eq!(written(&discard), "TransactionIds.1=T1&TransactionIds.2=T2");
        assert_eq!(
            refused(&DiscardResults::new([])),
            "TransactionIds is empty; leave it out or give it a value"
        );
    }

    #[test]
    fn the_answer_says_what_could_not_be_discarded() {
        let response =
            answered::<DiscardResults>("<DiscardErrors>T1</DiscardErrors><DiscardErrors>T2</DiscardErrors>");
        assert_eq!(response.discard_errors, ["T1", "T2"]);
        assert!(answered::<DiscardResults>("").discard_errors.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<DiscardResults>("InvalidParams", false).verdict(), Verdict::Final);
    }
}
