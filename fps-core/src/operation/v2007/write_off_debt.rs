//! `WriteOffDebt`.

use crate::operation::v2007::details::{Details, detail_methods};
use crate::operation::v2007::{FIRST, TransactionResponse};
use crate::operation::{Operation, Parameters};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Amount, CallerReference, Generation, InstrumentId, TokenId};

/// Forgives a debt of a postpaid instrument, in whole or in part. It cannot be taken back.
///
/// ```
/// use fps_core::operation::v2007::WriteOffDebt;
/// use fps_core::{Amount, CallerReference, InstrumentId, TokenId};
///
/// let write_off = WriteOffDebt::new(
///     TokenId::new("74UFLU…"),
///     InstrumentId::new("U67XX5…"),
///     Amount::usd("10"),
///     CallerReference::new("tab-7-write-off")?,
/// );
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `AmountOutOfRange`, `InstrumentAccessDenied`, `InstrumentExpired`, `InstrumentNotActive`, and the token errors of
/// [`Pay`](super::Pay).
///
/// Source: FPS developer guide of 2007, "Refunds and Writing Off Debt".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOffDebt {
    caller_token_id: TokenId,
    credit_instrument_id: InstrumentId,
    adjustment_amount: Amount,
    caller_reference: CallerReference,
    details: Details,
}

/// What [`WriteOffDebt`] answers.
pub type WriteOffDebtResponse = TransactionResponse;

impl WriteOffDebt {
    /// Forgives so much (dollars, whole cents, at most the debt) under the reference.
    #[must_use]
    pub const fn new(
        caller_token_id: TokenId,
        credit_instrument_id: InstrumentId,
        adjustment_amount: Amount,
        caller_reference: CallerReference,
    ) -> Self {
        Self {
            caller_token_id,
            credit_instrument_id,
            adjustment_amount,
            caller_reference,
            details: Details::NONE,
        }
    }

    detail_methods!();
}

impl Operation for WriteOffDebt {
    const ACTION: &'static str = "WriteOffDebt";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = WriteOffDebtResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::CALLER_TOKEN_ID, &self.caller_token_id);
        to.put(api::CREDIT_INSTRUMENT_ID, &self.credit_instrument_id);
        to.put(api::ADJUSTMENT_AMOUNT, &self.adjustment_amount);
        to.put(api::TRANSACTION_DATE, &self.details.transaction_date);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put(api::RECIPIENT_REFERENCE, &self.details.recipient_reference);
        self.details.put_caller_description(to);
        self.details.put_recipient_description(to);
        self.details.put_meta_data(to);
        to.put(api::SENDER_REFERENCE, &self.details.sender_reference);
        self.details.put_sender_description(to);
    }

    fn read(answer: Element<'_>) -> Result<WriteOffDebtResponse, AnswerError> {
        TransactionResponse::read(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::operation::v2007::TransactionStatus;
    use crate::operation::v2007::tests::{answered, fault, transacted, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let write_off = WriteOffDebt::new(
            TokenId::new("C1"),
            InstrumentId::new("I1"),
            Amount::usd("10"),
            CallerReference::new("r1").unwrap(),
        );
        assert_eq!(
            written(&write_off),
            "CallerTokenId=C1&CreditInstrumentId=I1&AdjustmentAmount.CurrencyCode=USD&AdjustmentAmount.Amount=10.00\
             &CallerReference=r1"
        );
        let full = write_off
            .with_transaction_date(Timestamp::from_unix_seconds(1_192_554_000))
            .with_sender_reference("sr")
            .with_recipient_reference("rr")
            .with_caller_description("cd")
            .with_sender_description("sd")
            .with_recipient_description("rd")
            .with_meta_data("md");
        assert_eq!(
            written(&full),
            "CallerTokenId=C1&CreditInstrumentId=I1&AdjustmentAmount.CurrencyCode=USD&AdjustmentAmount.Amount=10.00\
             &TransactionDate=2007-10-16T17%3A00%3A00Z&CallerReference=r1&RecipientReference=rr&CallerDescription=cd\
             &RecipientDescription=rd&MetaData=md&SenderReference=sr&SenderDescription=sd"
        );
    }

    #[test]
    fn the_answer_is_the_transaction_and_where_it_stands() {
        assert_eq!(answered::<WriteOffDebt>(&transacted("Success")).status, TransactionStatus::Success);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<WriteOffDebt>("AmountOutOfRange", false).verdict(), Verdict::Final);
        assert_eq!(fault::<WriteOffDebt>("DuplicateRequest", false).verdict(), Verdict::Spent);
    }
}
