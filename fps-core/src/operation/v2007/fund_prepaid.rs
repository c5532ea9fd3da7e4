//! `FundPrepaid`.

use crate::operation::v2007::details::{Details, detail_methods};
use crate::operation::v2007::{
    ChargeFeeTo, DescriptorPolicy, FIRST, TemporaryDeclinePolicy, TransactionResponse,
};
use crate::operation::{Operation, Parameters, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Amount, CallerReference, Generation, InstrumentId, TokenId};

/// Puts money on a prepaid instrument. The recipient gets it at once; the instrument holds the full amount.
///
/// The sender's token is the pipeline's `fundingTokenID`. There is no recipient's token: the instrument has its recipient.
///
/// ```
/// use fps_core::operation::v2007::{ChargeFeeTo, FundPrepaid};
/// use fps_core::{Amount, CallerReference, InstrumentId, TokenId};
///
/// let fund = FundPrepaid::new(
///     TokenId::new("U27XL5…"),
///     TokenId::new("74UFLU…"),
///     InstrumentId::new("U57XZ5…"),
///     Amount::usd("100"),
///     ChargeFeeTo::Recipient,
///     CallerReference::new("card-7-fund-1")?,
/// );
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// Those of [`Pay`](super::Pay), and `InstrumentExpired`, `InstrumentNotActive`, `InstrumentAccessDenied`,
/// `InvalidInstrumentState`.
///
/// Source: FPS developer guide of 2007, "Using Prepaid Balance".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundPrepaid {
    sender_token_id: TokenId,
    caller_token_id: TokenId,
    prepaid_instrument_id: InstrumentId,
    funding_amount: Amount,
    caller_reference: CallerReference,
    charge_fee_to: ChargeFeeTo,
    details: Details,
    temporary_decline_policy: Option<TemporaryDeclinePolicy>,
    descriptor_policy: Option<DescriptorPolicy>,
}

/// What [`FundPrepaid`] answers.
pub type FundPrepaidResponse = TransactionResponse;

impl FundPrepaid {
    /// Puts the amount (dollars, whole cents) on the instrument, by its funding token, under the reference.
    #[must_use]
    pub const fn new(
        sender_token_id: TokenId,
        caller_token_id: TokenId,
        prepaid_instrument_id: InstrumentId,
        funding_amount: Amount,
        charge_fee_to: ChargeFeeTo,
        caller_reference: CallerReference,
    ) -> Self {
        Self {
            sender_token_id,
            caller_token_id,
            prepaid_instrument_id,
            funding_amount,
            caller_reference,
            charge_fee_to,
            details: Details::NONE,
            temporary_decline_policy: None,
            descriptor_policy: None,
        }
    }

    detail_methods!();

    with! {
        /// `TemporaryDeclinePolicy`: what happens when it is refused for now.
        with_temporary_decline_policy(temporary_decline_policy: TemporaryDeclinePolicy);
        /// `DescriptorPolicy`: what the sender's statement shows.
        with_descriptor_policy(descriptor_policy: DescriptorPolicy);
    }
}

impl Operation for FundPrepaid {
    const ACTION: &'static str = "FundPrepaid";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = FundPrepaidResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::SENDER_TOKEN_ID, &self.sender_token_id);
        to.put(api::CALLER_TOKEN_ID, &self.caller_token_id);
        to.put(api::PREPAID_INSTRUMENT_ID, &self.prepaid_instrument_id);
        to.put(api::FUNDING_AMOUNT, &self.funding_amount);
        to.put(api::TRANSACTION_DATE, &self.details.transaction_date);
        to.put(api::SENDER_REFERENCE, &self.details.sender_reference);
        to.put(api::RECIPIENT_REFERENCE, &self.details.recipient_reference);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put(api::CHARGE_FEE_TO, &self.charge_fee_to);
        self.details.put_sender_description(to);
        self.details.put_recipient_description(to);
        self.details.put_caller_description(to);
        self.details.put_meta_data(to);
        to.put(api::TEMPORARY_DECLINE_POLICY, &self.temporary_decline_policy);
        to.put(api::DESCRIPTOR_POLICY, &self.descriptor_policy);
    }

    fn read(answer: Element<'_>) -> Result<FundPrepaidResponse, AnswerError> {
        TransactionResponse::read(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::operation::v2007::TransactionStatus;
    use crate::operation::v2007::tests::{answered, fault, refused, transacted, written};
    use crate::operation::{CsOwner, SoftDescriptorType};
    use crate::response::Verdict;

    fn fund(amount: &str) -> FundPrepaid {
        FundPrepaid::new(
            TokenId::new("S1"),
            TokenId::new("C1"),
            InstrumentId::new("I1"),
            amount.parse().unwrap(),
            ChargeFeeTo::Recipient,
            CallerReference::new("r1").unwrap(),
        )
    }

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(
            written(&fund("90")),
            "SenderTokenId=S1&CallerTokenId=C1&PrepaidInstrumentId=I1&FundingAmount.CurrencyCode=USD\
             &FundingAmount.Amount=90.00&CallerReference=r1&ChargeFeeTo=Recipient"
        );
        let full = fund("90")
            .with_transaction_date(Timestamp::from_unix_seconds(1_192_554_000))
            .with_sender_reference("sr")
            .with_recipient_reference("rr")
            .with_caller_description("cd")
            .with_sender_description("sd")
            .with_recipient_description("rd")
            .with_meta_data("md")
            .with_temporary_decline_policy(TemporaryDeclinePolicy::ImplicitRetry { timeout_in_mins: None })
            .with_descriptor_policy(
                DescriptorPolicy::new()
                    .with_soft_descriptor_type(SoftDescriptorType::Dynamic)
                    .with_cs_owner(CsOwner::Caller),
            );
        assert_eq!(
            written(&full),
            "SenderTokenId=S1&CallerTokenId=C1&PrepaidInstrumentId=I1&FundingAmount.CurrencyCode=USD\
             &FundingAmount.Amount=90.00&TransactionDate=2007-10-16T17%3A00%3A00Z&SenderReference=sr\
             &RecipientReference=rr&CallerReference=r1&ChargeFeeTo=Recipient&SenderDescription=sd\
             &RecipientDescription=rd&CallerDescription=cd&MetaData=md\
             &TemporaryDeclinePolicy.TemporaryDeclinePolicyType=ImplicitRetry\
             &DescriptorPolicy.SoftDescriptorType=Dynamic&DescriptorPolicy.CSNumberOf=Caller"
        );
        assert_eq!(refused(&fund("-1")), "FundingAmount is not an amount that can be sent");
    }

    #[test]
    fn the_answer_is_the_transaction_and_where_it_stands() {
        assert_eq!(answered::<FundPrepaid>(&transacted("Success")).status, TransactionStatus::Success);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<FundPrepaid>("InstrumentNotActive", false).verdict(), Verdict::Final);
        assert_eq!(fault::<FundPrepaid>("DuplicateRequest", false).verdict(), Verdict::Spent);
    }
}
