//! `FundPrepaid`.

use url::Url;

use crate::operation::{
    DESCRIPTION_MAX_CHARS, DescriptorPolicy, Operation, Parameters, TransactionResult, with,
};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, CallerReference, InstrumentId, TokenId};

/// Puts money onto a prepaid instrument, from the buyer who set it up.
///
/// The balance grows by the whole amount; the service's fee comes off what the recipient gets.
///
/// ```
/// use fps_core::operation::FundPrepaid;
/// use fps_core::{Amount, CallerReference, InstrumentId, TokenId};
///
/// let fund = FundPrepaid::new(
///     TokenId::new("553ILM…"),
///     InstrumentId::new("P1"),
///     Amount::usd("10"),
///     CallerReference::new("fund-7")?,
/// );
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `PrepaidFundingLimitExceeded`, `AccountLimitsExceeded`, `AmountOutOfRange`, `InstrumentAccessDenied`,
/// `InstrumentExpired` refuse; `DuplicateRequest` is evidence of an earlier funding.
///
/// Source: FPS Aggregated Payments guide, `FundPrepaid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundPrepaid {
    sender_token_id: TokenId,
    prepaid_instrument_id: InstrumentId,
    funding_amount: Amount,
    caller_reference: CallerReference,
    sender_description: Option<String>,
    caller_description: Option<String>,
    descriptor_policy: Option<DescriptorPolicy>,
    transaction_timeout_in_mins: Option<u32>,
    override_ipn_url: Option<Url>,
}

/// What [`FundPrepaid`] answers.
pub type FundPrepaidResponse = TransactionResult;

impl FundPrepaid {
    /// Funds the instrument by the funding token (not the sender token) of its pipeline.
    #[must_use]
    pub const fn new(
        sender_token_id: TokenId,
        prepaid_instrument_id: InstrumentId,
        funding_amount: Amount,
        caller_reference: CallerReference,
    ) -> Self {
        Self {
            sender_token_id,
            prepaid_instrument_id,
            funding_amount,
            caller_reference,
            sender_description: None,
            caller_description: None,
            descriptor_policy: None,
            transaction_timeout_in_mins: None,
            override_ipn_url: None,
        }
    }

    with! {
        /// `SenderDescription`: for the sender's eyes, up to 160 characters.
        with_sender_description(sender_description: String);
        /// `CallerDescription`: for the caller's own eyes, up to 160 characters.
        with_caller_description(caller_description: String);
        /// `DescriptorPolicy`: what the sender's statement shows.
        with_descriptor_policy(descriptor_policy: DescriptorPolicy);
        /// `TransactionTimeoutInMins`: minutes after which an unfinished transaction ends as expired.
        with_transaction_timeout_in_mins(transaction_timeout_in_mins: u32);
        /// `OverrideIPNURL`: where the notices of this funding go. Since version 2010-08-28.
        with_override_ipn_url(override_ipn_url: Url);
    }
}

impl Operation for FundPrepaid {
    const ACTION: &'static str = "FundPrepaid";
    type Response = FundPrepaidResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::SENDER_TOKEN_ID, &self.sender_token_id);
        to.put(api::PREPAID_INSTRUMENT_ID, &self.prepaid_instrument_id);
        to.put(api::FUNDING_AMOUNT, &self.funding_amount);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put_text(api::SENDER_DESCRIPTION, self.sender_description.as_deref(), DESCRIPTION_MAX_CHARS);
        to.put_text(api::CALLER_DESCRIPTION, self.caller_description.as_deref(), DESCRIPTION_MAX_CHARS);
        to.put(api::DESCRIPTOR_POLICY, &self.descriptor_policy);
        to.put(api::TRANSACTION_TIMEOUT_IN_MINS, &self.transaction_timeout_in_mins);
        to.put_notice_url(self.override_ipn_url.as_ref());
    }

    fn read(result: Element<'_>) -> Result<FundPrepaidResponse, AnswerError> {
        FundPrepaidResponse::from_element(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TransactionId;
    use crate::operation::tests::{answered, fault, written};
    use crate::operation::{CsOwner, TransactionStatus};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let fund = FundPrepaid::new(
            TokenId::new("F1"),
            InstrumentId::new("P1"),
            Amount::usd("10"),
            CallerReference::new("f1").unwrap(),
        );
        assert_eq!(
            written(&fund),
            "SenderTokenId=F1&PrepaidInstrumentId=P1&FundingAmount.CurrencyCode=USD&FundingAmount.Value=10.00\
             &CallerReference=f1"
        );
        let full = fund
            .with_sender_description("s")
            .with_caller_description("c")
            .with_descriptor_policy(DescriptorPolicy::new().with_cs_owner(CsOwner::Recipient))
            .with_transaction_timeout_in_mins(5u32)
            .with_override_ipn_url("https://example.com/ipn".parse::<Url>().unwrap());
        assert_eq!(
            written(&full),
            "SenderTokenId=F1&PrepaidInstrumentId=P1&FundingAmount.CurrencyCode=USD&FundingAmount.Value=10.00\
             &CallerReference=f1&SenderDescription=s&CallerDescription=c&DescriptorPolicy.CSOwner=Recipient\
             &TransactionTimeoutInMins=5&OverrideIPNURL=https%3A%2F%2Fexample.com%2Fipn"
        );
    }

    #[test]
    fn the_answer_is_the_transaction_and_where_it_stands() {
        let response = answered::<FundPrepaid>(
            "<FundPrepaidResult><TransactionId>T1</TransactionId><TransactionStatus>Pending</TransactionStatus></FundPrepaidResult>",
        );
        assert_eq!(response.transaction_id, TransactionId::new("T1"));
        assert_eq!(response.transaction_status, TransactionStatus::Pending);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<FundPrepaid>("PrepaidFundingLimitExceeded").verdict(), Verdict::Final);
        assert_eq!(fault::<FundPrepaid>("DuplicateRequest").verdict(), Verdict::Spent);
    }
}
