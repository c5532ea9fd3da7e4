//! `Reserve`.

use url::Url;

use crate::operation::{
    ChargeFeeTo, DESCRIPTION_MAX_CHARS, DescriptorPolicy, Operation, Parameters, Percent, TransactionResult,
    with,
};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, CallerReference, TokenId};

/// Holds an amount on the sender's credit card, to be charged by [`Settle`](crate::operation::Settle).
///
/// The token must have been asked for with `reserve=True`. The reservation is answered `Pending`, becomes `Reserved`, and
/// lapses after seven days unless it is settled or given up by [`Cancel`](crate::operation::Cancel).
///
/// ```
/// use fps_core::operation::Reserve;
/// use fps_core::{Amount, CallerReference, TokenId};
///
/// let reserve = Reserve::new(TokenId::new("553ILM…"), Amount::usd("25"), CallerReference::new("order-42-reserve")?)
///     .with_caller_description("a chair, shipped within the week");
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `PaymentInstrumentNotCC`, `AccountLimitsExceeded` and `AmountOutOfRange` refuse the reservation; `DuplicateRequest`,
/// `TokenUsageError` and `TokenNotActive_Sender` are evidence that the reference or the token was used before. See [`FaultCode`](crate::response::FaultCode).
///
/// Source: FPS API reference, `Reserve`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    sender_token_id: TokenId,
    recipient_token_id: Option<TokenId>,
    transaction_amount: Amount,
    charge_fee_to: Option<ChargeFeeTo>,
    caller_reference: CallerReference,
    caller_description: Option<String>,
    sender_description: Option<String>,
    descriptor_policy: Option<DescriptorPolicy>,
    transaction_timeout_in_mins: Option<u32>,
    marketplace_fixed_fee: Option<Amount>,
    marketplace_variable_fee: Option<Percent>,
    override_ipn_url: Option<Url>,
}

/// What [`Reserve`] answers.
pub type ReserveResponse = TransactionResult;

impl Reserve {
    /// Reserves the amount (dollars, whole cents, more than nothing) for the caller under the reference.
    #[must_use]
    pub const fn new(
        sender_token_id: TokenId,
        transaction_amount: Amount,
        caller_reference: CallerReference,
    ) -> Self {
        Self {
            sender_token_id,
            recipient_token_id: None,
            transaction_amount,
            charge_fee_to: None,
            caller_reference,
            caller_description: None,
            sender_description: None,
            descriptor_policy: None,
            transaction_timeout_in_mins: None,
            marketplace_fixed_fee: None,
            marketplace_variable_fee: None,
            override_ipn_url: None,
        }
    }

    with! {
        /// `RecipientTokenId`: who is paid, when it is not the caller. From the recipient pipeline.
        with_recipient_token_id(recipient_token_id: TokenId);
        /// `ChargeFeeTo`: who pays the service's fee. Default of the service: the recipient.
        with_charge_fee_to(charge_fee_to: ChargeFeeTo);
        /// `CallerDescription`: for the caller's own eyes, up to 160 characters.
        with_caller_description(caller_description: String);
        /// `SenderDescription`: for the sender's eyes, up to 160 characters.
        with_sender_description(sender_description: String);
        /// `DescriptorPolicy`: what the sender's statement shows.
        with_descriptor_policy(descriptor_policy: DescriptorPolicy);
        /// `TransactionTimeoutInMins`: minutes after which an unfinished transaction ends as expired.
        with_transaction_timeout_in_mins(transaction_timeout_in_mins: u32);
        /// `MarketplaceFixedFee`: what the caller takes of each payment to another recipient.
        with_marketplace_fixed_fee(marketplace_fixed_fee: Amount);
        /// `MarketplaceVariableFee`: the same as a percentage of the amount.
        with_marketplace_variable_fee(marketplace_variable_fee: Percent);
        /// `OverrideIPNURL`: where the notices of this reservation go. Since version 2010-08-28.
        with_override_ipn_url(override_ipn_url: Url);
    }
}

impl Operation for Reserve {
    const ACTION: &'static str = "Reserve";
    type Response = ReserveResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::SENDER_TOKEN_ID, &self.sender_token_id);
        to.put(api::RECIPIENT_TOKEN_ID, &self.recipient_token_id);
        to.put(api::TRANSACTION_AMOUNT, &self.transaction_amount);
        to.put(api::CHARGE_FEE_TO, &self.charge_fee_to);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put_text(api::CALLER_DESCRIPTION, self.caller_description.as_deref(), DESCRIPTION_MAX_CHARS);
        to.put_text(api::SENDER_DESCRIPTION, self.sender_description.as_deref(), DESCRIPTION_MAX_CHARS);
        to.put(api::DESCRIPTOR_POLICY, &self.descriptor_policy);
        to.put(api::TRANSACTION_TIMEOUT_IN_MINS, &self.transaction_timeout_in_mins);
        to.put(api::MARKETPLACE_FIXED_FEE, &self.marketplace_fixed_fee);
        to.put(api::MARKETPLACE_VARIABLE_FEE, &self.marketplace_variable_fee);
        to.put_notice_url(self.override_ipn_url.as_ref());
    }

    fn read(result: Element<'_>) -> Result<ReserveResponse, AnswerError> {
        ReserveResponse::from_element(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TransactionId;
    use crate::operation::tests::{answered, fault, written};
    use crate::operation::{CsOwner, SoftDescriptorType, TransactionStatus};
    use crate::response::Verdict;

    fn reserve() -> Reserve {
        Reserve::new(TokenId::new("S1"), Amount::usd("0.10"), CallerReference::new("order 42").unwrap())
    }

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(
            written(&reserve()),
            "SenderTokenId=S1&TransactionAmount.CurrencyCode=USD&TransactionAmount.Value=0.10&CallerReference=order%2042"
        );
        let full = reserve()
            .with_recipient_token_id(TokenId::new("R1"))
            .with_charge_fee_to(ChargeFeeTo::Caller)
            .with_caller_description("a&b")
            .with_sender_description("a song")
            .with_descriptor_policy(
                DescriptorPolicy::new()
                    .with_soft_descriptor_type(SoftDescriptorType::Dynamic)
                    .with_cs_owner(CsOwner::Caller),
            )
            .with_transaction_timeout_in_mins(60u32)
            .with_marketplace_fixed_fee(Amount::usd("0.01"))
            .with_marketplace_variable_fee(Percent::parse("2.5").unwrap())
            .with_override_ipn_url("https://example.com/ipn".parse::<Url>().unwrap());
        assert_eq!(
            written(&full),
            "SenderTokenId=S1&RecipientTokenId=R1&TransactionAmount.CurrencyCode=USD&TransactionAmount.Value=0.10\
             &ChargeFeeTo=Caller&CallerReference=order%2042&CallerDescription=a%26b&SenderDescription=a%20song\
             &DescriptorPolicy.SoftDescriptorType=Dynamic&DescriptorPolicy.CSOwner=Caller&TransactionTimeoutInMins=60\
             &MarketplaceFixedFee.CurrencyCode=USD&MarketplaceFixedFee.Value=0.01&MarketplaceVariableFee=2.5\
             &OverrideIPNURL=https%3A%2F%2Fexample.com%2Fipn"
        );
    }

    #[test]
    fn the_answer_is_the_transaction_and_where_it_stands() {
        let response = answered::<Reserve>(
            "<ReserveResult><TransactionId>14GKD9GE66FAA63E6O6B2JDPZKN53LZ7F22</TransactionId><TransactionStatus>Pending</TransactionStatus></ReserveResult>",
        );
        assert_eq!(response.transaction_id, TransactionId::new("14GKD9GE66FAA63E6O6B2JDPZKN53LZ7F22"));
        assert_eq!(response.transaction_status, TransactionStatus::Pending);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<Reserve>("PaymentInstrumentNotCC").verdict(), Verdict::Final);
        assert_eq!(fault::<Reserve>("DuplicateRequest").verdict(), Verdict::Spent);
    }
}
