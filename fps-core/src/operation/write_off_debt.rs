//! `WriteOffDebt`.

use crate::operation::{DESCRIPTION_MAX_CHARS, Operation, Parameters, TransactionResult, with};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, CallerReference, InstrumentId};

/// Gives up a postpaid instrument's debt, or a part of it. It cannot be undone.
///
/// ```
/// use fps_core::operation::WriteOffDebt;
/// use fps_core::{Amount, CallerReference, InstrumentId};
///
/// let give_up = WriteOffDebt::new(InstrumentId::new("C1"), Amount::usd("2"), CallerReference::new("write-off-7")?);
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `SettleAmountGreaterThanDebt`, `AmountOutOfRange`, `InstrumentAccessDenied` refuse; `DuplicateRequest` is evidence of an
/// earlier one.
///
/// Source: FPS Aggregated Payments guide, `WriteOffDebt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOffDebt {
    credit_instrument_id: InstrumentId,
    adjustment_amount: Amount,
    caller_reference: CallerReference,
    caller_description: Option<String>,
}

/// What [`WriteOffDebt`] answers.
pub type WriteOffDebtResponse = TransactionResult;

impl WriteOffDebt {
    /// Gives up so much of the debt, at most all of it.
    #[must_use]
    pub const fn new(
        credit_instrument_id: InstrumentId,
        adjustment_amount: Amount,
        caller_reference: CallerReference,
    ) -> Self {
        Self { credit_instrument_id, adjustment_amount, caller_reference, caller_description: None }
    }

    with! {
        /// `CallerDescription`: for the caller's own eyes, up to 160 characters.
        with_caller_description(caller_description: String);
    }
}

impl Operation for WriteOffDebt {
    const ACTION: &'static str = "WriteOffDebt";
    type Response = WriteOffDebtResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::CREDIT_INSTRUMENT_ID, &self.credit_instrument_id);
        to.put(api::ADJUSTMENT_AMOUNT, &self.adjustment_amount);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put_text(api::CALLER_DESCRIPTION, self.caller_description.as_deref(), DESCRIPTION_MAX_CHARS);
    }

    fn read(result: Element<'_>) -> Result<WriteOffDebtResponse, AnswerError> {
        WriteOffDebtResponse::from_element(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TransactionId;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let give_up =
            WriteOffDebt::new(InstrumentId::new("C1"), Amount::usd("2"), CallerReference::new("w1").unwrap())
                .with_caller_description("lost");
        assert_eq!(
            written(&give_up),
            "CreditInstrumentId=C1&AdjustmentAmount.CurrencyCode=USD&AdjustmentAmount.Value=2.00&CallerReference=w1\
             &CallerDescription=lost"
        );
    }

    #[test]
    fn the_answer_is_a_transaction() {
        let response = answered::<WriteOffDebt>(
            "<WriteOffDebtResult><TransactionId>T1</TransactionId><TransactionStatus>Success</TransactionStatus></WriteOffDebtResult>",
        );
        assert_eq!(response.transaction_id, TransactionId::new("T1"));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<WriteOffDebt>("SettleAmountGreaterThanDebt").verdict(), Verdict::Final);
    }
}
