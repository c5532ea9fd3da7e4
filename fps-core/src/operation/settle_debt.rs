//! `SettleDebt`.

use url::Url;

use crate::operation::{
    DESCRIPTION_MAX_CHARS, DescriptorPolicy, Operation, Parameters, TransactionResult, with,
};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, CallerReference, InstrumentId, TokenId};

/// Settles the debt of a postpaid instrument, or a part of it, from the buyer who set it up.
///
/// The debt shrinks by the whole amount; the service's fee comes off what the recipient gets. A settlement cannot be
/// refunded.
///
/// ```
/// use fps_core::operation::SettleDebt;
/// use fps_core::{Amount, CallerReference, InstrumentId, TokenId};
///
/// let settle = SettleDebt::new(
///     TokenId::new("553ILM…"),
///     InstrumentId::new("C1"),
///     Amount::usd("90"),
///     CallerReference::new("settle-7")?,
/// );
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `SettleAmountGreaterThanDebt`, `AccountLimitsExceeded`, `AmountOutOfRange`, `InstrumentAccessDenied` refuse;
/// `DuplicateRequest` is evidence of an earlier settlement.
///
/// Source: FPS Aggregated Payments guide, `SettleDebt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettleDebt {
    sender_token_id: TokenId,
    credit_instrument_id: InstrumentId,
    settlement_amount: Amount,
    caller_reference: CallerReference,
    sender_description: Option<String>,
    caller_description: Option<String>,
    descriptor_policy: Option<DescriptorPolicy>,
    transaction_timeout_in_mins: Option<u32>,
    override_ipn_url: Option<Url>,
}

/// What [`SettleDebt`] answers.
pub type SettleDebtResponse = TransactionResult;

impl SettleDebt {
    /// Settles by the settlement token (not the sender token) of the instrument's pipeline.
    #[must_use]
    pub const fn new(
        sender_token_id: TokenId,
        credit_instrument_id: InstrumentId,
        settlement_amount: Amount,
        caller_reference: CallerReference,
    ) -> Self {
        Self {
            sender_token_id,
            credit_instrument_id,
            settlement_amount,
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
        /// `OverrideIPNURL`: where the notices of this settlement go. Since version 2010-08-28.
        with_override_ipn_url(override_ipn_url: Url);
    }
}

impl Operation for SettleDebt {
    const ACTION: &'static str = "SettleDebt";
    type Response = SettleDebtResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::SENDER_TOKEN_ID, &self.sender_token_id);
        to.put(api::CREDIT_INSTRUMENT_ID, &self.credit_instrument_id);
        to.put(api::SETTLEMENT_AMOUNT, &self.settlement_amount);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put_text(api::SENDER_DESCRIPTION, self.sender_description.as_deref(), DESCRIPTION_MAX_CHARS);
        to.put_text(api::CALLER_DESCRIPTION, self.caller_description.as_deref(), DESCRIPTION_MAX_CHARS);
        to.put(api::DESCRIPTOR_POLICY, &self.descriptor_policy);
        to.put(api::TRANSACTION_TIMEOUT_IN_MINS, &self.transaction_timeout_in_mins);
        to.put_notice_url(self.override_ipn_url.as_ref());
    }

    fn read(result: Element<'_>) -> Result<SettleDebtResponse, AnswerError> {
        SettleDebtResponse::from_element(result)
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
        let settle = SettleDebt::new(
            TokenId::new("F1"),
            InstrumentId::new("C1"),
            Amount::usd("10"),
            CallerReference::new("f1").unwrap(),
        );
        assert_eq!(
            written(&settle),
            "SenderTokenId=F1&CreditInstrumentId=C1&SettlementAmount.CurrencyCode=USD&SettlementAmount.Value=10.00\
             &CallerReference=f1"
        );
        let full = settle
            .with_sender_description("s")
            .with_caller_description("c")
            .with_descriptor_policy(DescriptorPolicy::new().with_cs_owner(CsOwner::Recipient))
            .with_transaction_timeout_in_mins(5u32)
            .with_override_ipn_url("https://example.com/ipn".parse::<Url>().unwrap());
        assert_eq!(
            written(&full),
            "SenderTokenId=F1&CreditInstrumentId=C1&SettlementAmount.CurrencyCode=USD&SettlementAmount.Value=10.00\
             &CallerReference=f1&SenderDescription=s&CallerDescription=c&DescriptorPolicy.CSOwner=Recipient\
             &TransactionTimeoutInMins=5&OverrideIPNURL=https%3A%2F%2Fexample.com%2Fipn"
        );
    }

    #[test]
    fn the_answer_is_the_transaction_and_where_it_stands() {
        let response = answered::<SettleDebt>(
            "<SettleDebtResult><TransactionId>T1</TransactionId><TransactionStatus>Pending</TransactionStatus></SettleDebtResult>",
        );
        assert_eq!(response.transaction_id, TransactionId::new("T1"));
        assert_eq!(response.transaction_status, TransactionStatus::Pending);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<SettleDebt>("SettleAmountGreaterThanDebt").verdict(), Verdict::Final);
        assert_eq!(fault::<SettleDebt>("DuplicateRequest").verdict(), Verdict::Spent);
    }
}
