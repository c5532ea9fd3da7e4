//! `Pay`.

use crate::operation::v2007::details::{Details, detail_methods};
use crate::operation::v2007::{
    ChargeFeeTo, DescriptorPolicy, FIRST, Percent, TemporaryDeclinePolicy, TransactionResponse,
};
use crate::operation::{Operation, Parameters, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Amount, CallerReference, Generation, TokenId};

/// Moves money from a sender to a recipient, by the tokens of all three parties.
///
/// A balance (ABT) and a prepaid instrument are answered at once with their end; cards and bank accounts are answered
/// `Initiated` and end later: ask [`GetTransaction`](super::GetTransaction) or [`GetResults`](super::GetResults). A shop that
/// sells for itself is caller and recipient at once, and needs both tokens all the same.
///
/// ```
/// use fps_core::operation::v2007::{ChargeFeeTo, Pay};
/// use fps_core::{Amount, CallerReference, TokenId};
///
/// let pay = Pay::new(
///     TokenId::new("74UFLU…"),
///     TokenId::new("U27XL5…"),
///     TokenId::new("76UF2U…"),
///     Amount::usd("0.10"),
///     ChargeFeeTo::Recipient,
///     CallerReference::new("MP3DownloadId-AF12ES")?,
/// )
/// .with_caller_description("DigitalDownload web site")
/// .with_meta_data("Digital Content downloaded: Now and Forever - Richard Marx")
/// .with_sender_description("John Customer of DigitalDownload")
/// .with_sender_reference("johndigitaldownload");
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `InsufficientBalance`, `AccountLimitsExceeded`, `AmountOutOfRange`, `IncompatibleTokens` and `InvalidAccountState_…` refuse the
/// payment; `DuplicateRequest`, `TokenUsageError` and `SameTokenIdUsedMultipleTimes` are evidence that the reference or the token
/// was used before. See [`FaultCode`](crate::response::FaultCode).
///
/// Source: FPS developer guide of 2007, "Using Tokens for Payments".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pay {
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

/// What [`Pay`] answers.
pub type PayResponse = TransactionResponse;

impl Pay {
    /// Pays the amount (dollars, whole cents, at most what the sender's token allows) under the reference.
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
        /// `MarketplaceFixedFee`: what the caller takes of each payment to another recipient.
        with_marketplace_fixed_fee(marketplace_fixed_fee: Amount);
        /// `MarketplaceVariableFee`: the same as a percentage of the amount.
        with_marketplace_variable_fee(marketplace_variable_fee: Percent);
        /// `TemporaryDeclinePolicy`: what happens when the payment is refused for now.
        with_temporary_decline_policy(temporary_decline_policy: TemporaryDeclinePolicy);
        /// `DescriptorPolicy`: what the sender's statement shows.
        with_descriptor_policy(descriptor_policy: DescriptorPolicy);
    }
}

impl Operation for Pay {
    const ACTION: &'static str = "Pay";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = PayResponse;

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

    fn read(answer: Element<'_>) -> Result<PayResponse, AnswerError> {
        TransactionResponse::read(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::TransactionStatus;
    use crate::operation::v2007::tests::{answered, fault, refused, transacted, written};
    use crate::operation::{CsOwner, SoftDescriptorType};
    use crate::response::Verdict;
    use crate::{Timestamp, TransactionId};

    fn pay(amount: &str) -> Pay {
        Pay::new(
            TokenId::new("C1"),
            TokenId::new("S1"),
            TokenId::new("R1"),
            amount.parse().unwrap(),
            ChargeFeeTo::Recipient,
            CallerReference::new("order 42").unwrap(),
        )
    }

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(
            written(&pay("0.10")),
            "CallerTokenId=C1&SenderTokenId=S1&RecipientTokenId=R1&TransactionAmount.CurrencyCode=USD\
             &TransactionAmount.Amount=0.10&ChargeFeeTo=Recipient&CallerReference=order%2042"
        );
        let full = pay("0.10")
            .with_transaction_date(Timestamp::from_unix_seconds(1_192_554_000))
            .with_sender_reference("johndigitaldownload")
            .with_recipient_reference("dd")
            .with_caller_description("DigitalDownload web site")
            .with_sender_description("John")
            .with_recipient_description("a song")
            .with_meta_data("order=42")
            .with_marketplace_fixed_fee(Amount::usd("0.01"))
            .with_marketplace_variable_fee(Percent::parse("2.5").unwrap())
            .with_temporary_decline_policy(TemporaryDeclinePolicy::ImplicitRetry {
                timeout_in_mins: Some(60),
            })
            .with_descriptor_policy(
                DescriptorPolicy::new()
                    .with_soft_descriptor_type(SoftDescriptorType::Dynamic)
                    .with_cs_owner(CsOwner::Caller),
            );
        assert_eq!(
            written(&full),
            "CallerTokenId=C1&SenderTokenId=S1&RecipientTokenId=R1&TransactionAmount.CurrencyCode=USD\
             &TransactionAmount.Amount=0.10&TransactionDate=2007-10-16T17%3A00%3A00Z&ChargeFeeTo=Recipient\
             &CallerReference=order%2042&SenderReference=johndigitaldownload&RecipientReference=dd\
             &CallerDescription=DigitalDownload%20web%20site&SenderDescription=John&RecipientDescription=a%20song\
             &MetaData=order%3D42&MarketplaceFixedFee.CurrencyCode=USD&MarketplaceFixedFee.Amount=0.01\
             &MarketplaceVariableFee=2.5&TemporaryDeclinePolicy.TemporaryDeclinePolicyType=ImplicitRetry\
             &TemporaryDeclinePolicy.ImplicitRetryTimeoutInMins=60&DescriptorPolicy.SoftDescriptorType=Dynamic\
             &DescriptorPolicy.CSNumberOf=Caller"
        );
        for (policy, text) in [
            (TemporaryDeclinePolicy::ExplicitRetry, "ExplicitRetry"),
            (TemporaryDeclinePolicy::Failure, "Failure"),
        ] {
            let written = written(&pay("1").with_temporary_decline_policy(policy));
            assert!(written.ends_with(&format!("&TemporaryDeclinePolicy.TemporaryDeclinePolicyType={text}")));
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for (pay, message) in [
            (pay("-1"), "TransactionAmount is not an amount that can be sent"),
            (pay("0.001"), "TransactionAmount is not an amount that can be sent"),
            (
                pay("1").with_caller_description("ü".repeat(65)),
                "CallerDescription has 130 bytes; the service takes 128",
            ),
            (
                pay("1").with_sender_description("x".repeat(129)),
                "SenderDescription has 129 bytes; the service takes 128",
            ),
            (
                pay("1").with_recipient_description("x".repeat(129)),
                "RecipientDescription has 129 bytes; the service takes 128",
            ),
            (pay("1").with_meta_data("x".repeat(2049)), "MetaData has 2049 bytes; the service takes 2048"),
            (pay("1").with_sender_reference(""), "SenderReference is empty; leave it out or give it a value"),
        ] {
            assert_eq!(refused(&pay), message);
        }
    }

    #[test]
    fn the_answer_is_the_transaction_and_where_it_stands() {
        let response = answered::<Pay>(&transacted("Initiated"));
        assert_eq!(response.transaction_id, TransactionId::new("133I77HJS56JVM7M54OZIRITRVLUT5F227U"));
        assert_eq!(response.status, TransactionStatus::Initiated);
        assert_eq!((response.status_detail, response.new_sender_token_usage), (None, Vec::new()));
        let declined = answered::<Pay>(
            "<TransactionResponse><TransactionId>T1</TransactionId><Status>TemporaryDecline</Status><StatusDetail>locked</StatusDetail><NewSenderTokenUsage><Count>2</Count></NewSenderTokenUsage><NewSenderTokenUsage><Amount><CurrencyCode>USD</CurrencyCode><Amount>1.000000</Amount></Amount></NewSenderTokenUsage></TransactionResponse>",
        );
        assert_eq!(declined.status, TransactionStatus::TemporaryDecline);
        assert_eq!(declined.status_detail.as_deref(), Some("locked"));
        let [by_count, by_amount] = declined.new_sender_token_usage.as_slice() else { panic!("two limits") };
        assert_eq!((by_count.count, by_amount.amount), (Some(2), Some(Amount::usd("1"))));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<Pay>("IncompatibleTokens", false).verdict(), Verdict::Final);
        assert_eq!(fault::<Pay>("DuplicateRequest", false).verdict(), Verdict::Spent);
        assert_eq!(fault::<Pay>("ConcurrentModification", true).verdict(), Verdict::Unknown);
    }
}
