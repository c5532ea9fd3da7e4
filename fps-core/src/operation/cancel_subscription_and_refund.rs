//! `CancelSubscriptionAndRefund`.

use crate::operation::{Operation, Parameters, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Amount, CallerReference, SubscriptionId, TransactionId};

/// Cancels a subscription of a Simple Pay button, and may give back up to its last charge.
///
/// Without a refund there is no reference, so [`Client::send`](crate::client::Client::send) never sends it twice. With one,
/// on a subscription that is cancelled or completed already, only the refund is made.
///
/// ```
/// use fps_core::operation::CancelSubscriptionAndRefund;
/// use fps_core::{Amount, CallerReference, SubscriptionId};
///
/// let cancel = CancelSubscriptionAndRefund::new(SubscriptionId::new("s1"))
///     .with_refund(Amount::usd("1"), CallerReference::new("cancel-7")?)
///     .with_cancel_reason("UserRequestOnSite");
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `InvalidSubscriptionState` (cancelled or completed already, and no refund asked for), `RefundAmountExceeded`,
/// `DuplicateRequest`.
///
/// Source: Amazon Simple Pay guide, `CancelSubscriptionAndRefund`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelSubscriptionAndRefund {
    subscription_id: SubscriptionId,
    refund_amount: Option<Amount>,
    caller_reference: Option<CallerReference>,
    cancel_reason: Option<String>,
}

/// What [`CancelSubscriptionAndRefund`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CancelSubscriptionAndRefundResponse {
    /// `RefundTransactionId`, if a refund was made.
    pub refund_transaction_id: Option<TransactionId>,
}

impl CancelSubscriptionAndRefund {
    /// Cancels the subscription.
    #[must_use]
    pub const fn new(subscription_id: SubscriptionId) -> Self {
        Self { subscription_id, refund_amount: None, caller_reference: None, cancel_reason: None }
    }

    /// `RefundAmount` and `CallerReference`: gives so much back, under the reference.
    #[must_use]
    pub fn with_refund(mut self, amount: Amount, caller_reference: CallerReference) -> Self {
        self.refund_amount = Some(amount);
        self.caller_reference = Some(caller_reference);
        self
    }

    with! {
        /// `CancelReason`: why.
        with_cancel_reason(cancel_reason: String);
    }
}

impl Operation for CancelSubscriptionAndRefund {
    const ACTION: &'static str = "CancelSubscriptionAndRefund";
    type Response = CancelSubscriptionAndRefundResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        self.caller_reference.as_ref()
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::SUBSCRIPTION_ID, &self.subscription_id);
        to.put(api::REFUND_AMOUNT, &self.refund_amount);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put(api::CANCEL_REASON, &self.cancel_reason);
    }

    fn read(result: Element<'_>) -> Result<CancelSubscriptionAndRefundResponse, AnswerError> {
        Ok(CancelSubscriptionAndRefundResponse {
            refund_transaction_id: result.optional("RefundTransactionId")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Repeat;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let cancel = CancelSubscriptionAndRefund::new(SubscriptionId::new("s1"));
        assert_eq!(written(&cancel), "SubscriptionId=s1");
        assert_eq!(cancel.repeat(), Repeat::Never);
        let full = cancel
            .with_refund(Amount::usd("1"), CallerReference::new("r1").unwrap())
            .with_cancel_reason("UserRequestOnSite");
        assert_eq!(
            written(&full),
            "SubscriptionId=s1&RefundAmount.CurrencyCode=USD&RefundAmount.Value=1.00&CallerReference=r1\
             &CancelReason=UserRequestOnSite"
        );
        assert_eq!(full.repeat(), Repeat::ByReference);
    }

    #[test]
    fn the_answer_may_have_a_refund() {
        let response = answered::<CancelSubscriptionAndRefund>(
            "<CancelSubscriptionAndRefundResult><RefundTransactionId>T1</RefundTransactionId></CancelSubscriptionAndRefundResult>",
        );
        assert_eq!(response.refund_transaction_id, Some(TransactionId::new("T1")));
        assert_eq!(answered::<CancelSubscriptionAndRefund>("").refund_transaction_id, None);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(
            fault::<CancelSubscriptionAndRefund>("InvalidSubscriptionState").verdict(),
            Verdict::Final
        );
    }
}
