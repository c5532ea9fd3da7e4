//! `Refund`.

use url::Url;

use crate::operation::{
    DESCRIPTION_MAX_CHARS, MarketplaceRefundPolicy, Operation, Parameters, TransactionResult, with,
};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, CallerReference, TransactionId};

/// Gives back all or a part of a payment.
///
/// Each partial refund needs a reference of its own; all together are at most the payment. The answer has the id of a new
/// transaction, which is usually `Pending` for a while.
///
/// ```
/// use fps_core::operation::Refund;
/// use fps_core::{Amount, CallerReference, TransactionId};
///
/// let payment = TransactionId::new("14GK6BGKA7U6OU6SUTNLBI5SBBV9PGDJ6UL");
/// let refund = Refund::new(payment, CallerReference::new("order-42-refund-1")?).with_amount(Amount::usd("0.05"));
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `RefundAmountExceeded`, `TransactionTypeNotRefundable`, `SenderNotOriginalRecipient`, `OriginalTransactionFailed`,
/// `OriginalTransactionIncomplete`, `InvalidTransactionId` refuse; `TransactionFullyRefundedAlready` and
/// `DuplicateRequest` are evidence of an earlier refund; after `ConcurrentModification` send the same again.
///
/// Source: FPS API reference, `Refund`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    transaction_id: TransactionId,
    refund_amount: Option<Amount>,
    caller_reference: CallerReference,
    caller_description: Option<String>,
    marketplace_refund_policy: Option<MarketplaceRefundPolicy>,
    override_ipn_url: Option<Url>,
}

/// What [`Refund`] answers.
pub type RefundResponse = TransactionResult;

impl Refund {
    /// Refunds what is left of the payment, under the reference.
    #[must_use]
    pub const fn new(transaction_id: TransactionId, caller_reference: CallerReference) -> Self {
        Self {
            transaction_id,
            refund_amount: None,
            caller_reference,
            caller_description: None,
            marketplace_refund_policy: None,
            override_ipn_url: None,
        }
    }

    with! {
        /// `RefundAmount`: dollars, whole cents. Default of the service: what is left.
        with_amount(refund_amount: Amount);
        /// `CallerDescription`: for the caller's own eyes, up to 160 characters.
        with_caller_description(caller_description: String);
        /// `MarketplaceRefundPolicy`: which fees go back. Default of the service: `MasterTxnOnly`.
        with_marketplace_refund_policy(marketplace_refund_policy: MarketplaceRefundPolicy);
        /// `OverrideIPNURL`: where the notices of this refund go. Since version 2010-08-28.
        with_override_ipn_url(override_ipn_url: Url);
    }
}

impl Operation for Refund {
    const ACTION: &'static str = "Refund";
    type Response = RefundResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TRANSACTION_ID, &self.transaction_id);
        to.put(api::REFUND_AMOUNT, &self.refund_amount);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put_text(api::CALLER_DESCRIPTION, self.caller_description.as_deref(), DESCRIPTION_MAX_CHARS);
        to.put(api::MARKETPLACE_REFUND_POLICY, &self.marketplace_refund_policy);
        to.put_notice_url(self.override_ipn_url.as_ref());
    }

    fn read(result: Element<'_>) -> Result<RefundResponse, AnswerError> {
        RefundResponse::from_element(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::TransactionStatus;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let refund = Refund::new(TransactionId::new("T1"), CallerReference::new("r1").unwrap());
        assert_eq!(written(&refund), "TransactionId=T1&CallerReference=r1");
        let full = refund
            .with_amount(Amount::usd("0.05"))
            .with_caller_description("sorry")
            .with_marketplace_refund_policy(MarketplaceRefundPolicy::MasterAndMarketplaceTxn)
            .with_override_ipn_url("https://example.com/ipn".parse::<Url>().unwrap());
        assert_eq!(
            written(&full),
            "TransactionId=T1&RefundAmount.CurrencyCode=USD&RefundAmount.Value=0.05&CallerReference=r1\
             &CallerDescription=sorry&MarketplaceRefundPolicy=MasterAndMarketplaceTxn\
             &OverrideIPNURL=https%3A%2F%2Fexample.com%2Fipn"
        );
    }

    #[test]
    fn the_answer_is_a_new_transaction() {
        let response = answered::<Refund>(
            "<RefundResult><TransactionId>T2</TransactionId><TransactionStatus>Pending</TransactionStatus></RefundResult>",
        );
        assert_eq!(response.transaction_id, TransactionId::new("T2"));
        assert_eq!(response.transaction_status, TransactionStatus::Pending);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<Refund>("RefundAmountExceeded").verdict(), Verdict::Final);
        assert_eq!(fault::<Refund>("TransactionFullyRefundedAlready").verdict(), Verdict::Spent);
    }
}
