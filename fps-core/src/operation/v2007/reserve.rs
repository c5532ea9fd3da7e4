//! `Reserve`.

use crate::operation::v2007::details::{Details, detail_methods};
use crate::operation::v2007::{
    ChargeFeeTo, DescriptorPolicy, FIRST, Percent, TemporaryDeclinePolicy, TransactionResponse,
};
use crate::operation::{Operation, Parameters, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Amount, CallerReference, Generation, TokenId};

/// Holds an amount on the sender's credit card, to be charged by [`Settle`](super::Settle).
///
/// The token must have been asked for with `reserve=True` and cards alone. The reservation is answered `Initiated`, becomes
/// `Reserved`, and lapses after seven days unless it is settled: this version cannot cancel one.
///
/// ```
/// use fps_core::operation::v2007::{ChargeFeeTo, Reserve};
/// use fps_core::{Amount, CallerReference, TokenId};
///
/// let reserve = Reserve::new(
///     TokenId::new("74UFLU…"),
///     TokenId::new("U27XL5…"),
///     TokenId::new("76UF2U…"),
///     Amount::usd("25"),
///     ChargeFeeTo::Recipient,
///     CallerReference::new("order-42-reserve")?,
/// )
/// .with_caller_description("a chair, shipped within the week");
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// Those of [`Pay`](super::Pay), and `PaymentInstrumentNotCC`.
///
/// Source: FPS developer guide of 2007, "Reserve and Settle".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    caller_token_id: TokenId,
    sender_token_id: TokenId,
    recipient_token_id: TokenId,
    transaction_amount: Amount,
    charge_fee_to: ChargeFeeTo,
    caller_reference: CallerReference,
    details: Details,
    marketplace_fixed_fee: Option<Amount>,
    marketplace_variable_fee: Option<Percent>,
    temporary_decline_policy: Option<TemporaryDeclinePolicy>,
    descriptor_policy: Option<DescriptorPolicy>,
}

/// What [`Reserve`] answers.
pub type ReserveResponse = TransactionResponse;

impl Reserve {
    /// Reserves the amount (dollars, whole cents, at most what the sender's token allows) under the reference.
    #[must_use]
    pub const fn new(
        caller_token_id: TokenId,
        sender_token_id: TokenId,
        recipient_token_id: TokenId,
        transaction_amount: Amount,
        charge_fee_to: ChargeFeeTo,
        caller_reference: CallerReference,
    ) -> Self {
        Self {
            caller_token_id,
            sender_token_id,
            recipient_token_id,
            transaction_amount,
            charge_fee_to,
            caller_reference,
            details: Details::NONE,
            marketplace_fixed_fee: None,
            marketplace_variable_fee: None,
            temporary_decline_policy: None,
            descriptor_policy: None,
        }
    }

    detail_methods!();

    with! {
        /// `MarketplaceFixedFee`: what the caller takes of each reservation for another recipient.
        with_marketplace_fixed_fee(marketplace_fixed_fee: Amount);
        /// `MarketplaceVariableFee`: the same as a percentage of the amount.
        with_marketplace_variable_fee(marketplace_variable_fee: Percent);
        /// `TemporaryDeclinePolicy`: what happens when the reservation is refused for now.
        with_temporary_decline_policy(temporary_decline_policy: TemporaryDeclinePolicy);
        /// `DescriptorPolicy`: what the sender's statement shows.
        with_descriptor_policy(descriptor_policy: DescriptorPolicy);
    }
}

impl Operation for Reserve {
    const ACTION: &'static str = "Reserve";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = ReserveResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::CALLER_TOKEN_ID, &self.caller_token_id);
        to.put(api::SENDER_TOKEN_ID, &self.sender_token_id);
        to.put(api::RECIPIENT_TOKEN_ID, &self.recipient_token_id);
        to.put(api::TRANSACTION_AMOUNT, &self.transaction_amount);
        to.put(api::TRANSACTION_DATE, &self.details.transaction_date);
        to.put(api::CHARGE_FEE_TO, &self.charge_fee_to);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put(api::SENDER_REFERENCE, &self.details.sender_reference);
        to.put(api::RECIPIENT_REFERENCE, &self.details.recipient_reference);
        self.details.put_caller_description(to);
        self.details.put_sender_description(to);
        self.details.put_recipient_description(to);
        self.details.put_meta_data(to);
        to.put(api::MARKETPLACE_FIXED_FEE, &self.marketplace_fixed_fee);
        to.put(api::MARKETPLACE_VARIABLE_FEE, &self.marketplace_variable_fee);
        to.put(api::TEMPORARY_DECLINE_POLICY, &self.temporary_decline_policy);
        to.put(api::DESCRIPTOR_POLICY, &self.descriptor_policy);
    }

    fn read(answer: Element<'_>) -> Result<ReserveResponse, AnswerError> {
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

    fn reserve() -> Reserve {
        Reserve::new(
            TokenId::new("C1"),
            TokenId::new("S1"),
            TokenId::new("R1"),
            Amount::usd("25"),
            ChargeFeeTo::Caller,
            CallerReference::new("order-42").unwrap(),
        )
    }

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(
            written(&reserve()),
            "CallerTokenId=C1&SenderTokenId=S1&RecipientTokenId=R1&TransactionAmount.CurrencyCode=USD\
             &TransactionAmount.Amount=25.00&ChargeFeeTo=Caller&CallerReference=order-42"
        );
        let full = reserve()
            .with_transaction_date(Timestamp::from_unix_millis(1_192_554_000_500))
            .with_sender_reference("sr")
            .with_recipient_reference("rr")
            .with_caller_description("cd")
            .with_sender_description("sd")
            .with_recipient_description("rd")
            .with_meta_data("md")
            .with_marketplace_fixed_fee(Amount::usd("1"))
            .with_marketplace_variable_fee(Percent::parse("0.5").unwrap())
            .with_temporary_decline_policy(TemporaryDeclinePolicy::Failure)
            .with_descriptor_policy(
                DescriptorPolicy::new()
                    .with_soft_descriptor_type(SoftDescriptorType::Static)
                    .with_cs_owner(CsOwner::Recipient),
            );
        assert_eq!(
            written(&full),
            "CallerTokenId=C1&SenderTokenId=S1&RecipientTokenId=R1&TransactionAmount.CurrencyCode=USD\
             &TransactionAmount.Amount=25.00&TransactionDate=2007-10-16T17%3A00%3A00.5Z&ChargeFeeTo=Caller\
             &CallerReference=order-42&SenderReference=sr&RecipientReference=rr&CallerDescription=cd\
             &SenderDescription=sd&RecipientDescription=rd&MetaData=md&MarketplaceFixedFee.CurrencyCode=USD\
             &MarketplaceFixedFee.Amount=1.00&MarketplaceVariableFee=0.5\
             &TemporaryDeclinePolicy.TemporaryDeclinePolicyType=Failure\
             &DescriptorPolicy.SoftDescriptorType=Static&DescriptorPolicy.CSNumberOf=Recipient"
        );
        assert_eq!(
            refused(&reserve().with_meta_data("x".repeat(2049))),
            "MetaData has 2049 bytes; the service takes 2048"
        );
    }

    #[test]
    fn the_answer_is_the_transaction_and_where_it_stands() {
        assert_eq!(answered::<Reserve>(&transacted("Initiated")).status, TransactionStatus::Initiated);
        assert_eq!(answered::<Reserve>(&transacted("Reserved")).status, TransactionStatus::Reserved);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<Reserve>("PaymentInstrumentNotCC", false).verdict(), Verdict::Final);
        assert_eq!(fault::<Reserve>("TokenUsageError", false).verdict(), Verdict::Spent);
    }
}
