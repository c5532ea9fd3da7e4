//! `Refund`.

use crate::operation::v2007::details::{put_description, put_meta_data};
use crate::operation::v2007::{ChargeFeeTo, FIRST, MarketplaceRefundPolicy, TransactionResponse};
use crate::operation::{Operation, Parameters, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Amount, CallerReference, Generation, Timestamp, TokenId, TransactionId};

/// Pays a payment back, in whole or in part; several times, until nothing is left.
///
/// The money comes from the original recipient, whose *sender* token this takes: one installed with
/// [`PaymentInstruction::refund_sender`](super::PaymentInstruction::refund_sender), or the `refundTokenID` of the recipient
/// pipeline; never the recipient's token. A card gets its money back on the card, later (`Initiated`); balances and bank
/// accounts into the balance, at once.
///
/// ```
/// use fps_core::operation::v2007::Refund;
/// use fps_core::{Amount, CallerReference, TokenId, TransactionId};
///
/// let refund = Refund::new(
///     TokenId::new("74UFLU…"),
///     TokenId::new("ZS4X4G…"),
///     TransactionId::new("133I77HJS56JVM7M54OZIRITRVLUT5F227U"),
///     CallerReference::new("order-42-refund-1")?,
/// )
/// .with_refund_amount(Amount::usd("0.05"));
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `RefundAmountExceeded`, `TransactionTypeNotRefundable`, `SenderNotOriginalRecipient`, `InvalidTransactionId`,
/// `OriginalTransactionIncomplete` and `OriginalTransactionFailed` refuse it; `TransactionFullyRefundedAlready` and
/// `DuplicateRequest` are evidence of an earlier one.
///
/// Source: FPS developer guide of 2007, "Refunds".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    caller_token_id: TokenId,
    refund_sender_token_id: TokenId,
    transaction_id: TransactionId,
    refund_amount: Option<Amount>,
    charge_fee_to: Option<ChargeFeeTo>,
    transaction_date: Option<Timestamp>,
    caller_reference: CallerReference,
    refund_sender_reference: Option<String>,
    refund_recipient_reference: Option<String>,
    caller_description: Option<String>,
    refund_sender_description: Option<String>,
    refund_recipient_description: Option<String>,
    meta_data: Option<String>,
    marketplace_refund_policy: Option<MarketplaceRefundPolicy>,
}

/// What [`Refund`] answers.
pub type RefundResponse = TransactionResponse;

impl Refund {
    /// Refunds what is left of the payment, under a reference that is new for each refund.
    #[must_use]
    pub const fn new(
        caller_token_id: TokenId,
        refund_sender_token_id: TokenId,
        transaction_id: TransactionId,
        caller_reference: CallerReference,
    ) -> Self {
        Self {
            caller_token_id,
            refund_sender_token_id,
            transaction_id,
            refund_amount: None,
            charge_fee_to: None,
            transaction_date: None,
            caller_reference,
            refund_sender_reference: None,
            refund_recipient_reference: None,
            caller_description: None,
            refund_sender_description: None,
            refund_recipient_description: None,
            meta_data: None,
            marketplace_refund_policy: None,
        }
    }

    with! {
        /// `RefundAmount`: at most what is left. Default of the service: all of that.
        with_refund_amount(refund_amount: Amount);
        /// `ChargeFeeTo`: every client of the time sent it, though refunds carry no fee.
        with_charge_fee_to(charge_fee_to: ChargeFeeTo);
        /// `TransactionDate`: the caller's own date of it. When the request is sent again, it must be the same.
        with_transaction_date(transaction_date: Timestamp);
        /// `RefundSenderReference`: the name or number of who pays back.
        with_refund_sender_reference(refund_sender_reference: String);
        /// `RefundRecipientReference`: the name or number of who gets the money back.
        with_refund_recipient_reference(refund_recipient_reference: String);
        /// `CallerDescription`: for the caller's own eyes, up to 128 bytes.
        with_caller_description(caller_description: String);
        /// `RefundSenderDescription`: for the eyes of who pays back, up to 128 bytes.
        with_refund_sender_description(refund_sender_description: String);
        /// `RefundRecipientDescription`: for the eyes of who gets the money back, up to 128 bytes.
        with_refund_recipient_description(refund_recipient_description: String);
        /// `MetaData`: free text, up to 2,048 bytes.
        with_meta_data(meta_data: String);
        /// `MarketplaceRefundPolicy`: which fees of a marketplace go back too.
        with_marketplace_refund_policy(marketplace_refund_policy: MarketplaceRefundPolicy);
    }
}

impl Operation for Refund {
    const ACTION: &'static str = "Refund";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = RefundResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::CALLER_TOKEN_ID, &self.caller_token_id);
        to.put(api::REFUND_SENDER_TOKEN_ID, &self.refund_sender_token_id);
        to.put(api::TRANSACTION_ID, &self.transaction_id);
        to.put(api::REFUND_AMOUNT, &self.refund_amount);
        to.put(api::CHARGE_FEE_TO, &self.charge_fee_to);
        to.put(api::TRANSACTION_DATE, &self.transaction_date);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put(api::REFUND_SENDER_REFERENCE, &self.refund_sender_reference);
        to.put(api::REFUND_RECIPIENT_REFERENCE, &self.refund_recipient_reference);
        put_description(to, api::CALLER_DESCRIPTION, self.caller_description.as_deref());
        put_description(to, api::REFUND_SENDER_DESCRIPTION, self.refund_sender_description.as_deref());
        put_description(to, api::REFUND_RECIPIENT_DESCRIPTION, self.refund_recipient_description.as_deref());
        put_meta_data(to, self.meta_data.as_deref());
        to.put(api::MARKETPLACE_REFUND_POLICY, &self.marketplace_refund_policy);
    }

    fn read(answer: Element<'_>) -> Result<RefundResponse, AnswerError> {
        TransactionResponse::read(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::TransactionStatus;
    use crate::operation::v2007::tests::{answered, fault, refused, transacted, written};
    use crate::response::Verdict;

    fn refund() -> Refund {
        Refund::new(
            TokenId::new("C1"),
            TokenId::new("F1"),
            TransactionId::new("T1"),
            CallerReference::new("r1").unwrap(),
        )
    }

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(
            written(&refund()),
            "CallerTokenId=C1&RefundSenderTokenId=F1&TransactionId=T1&CallerReference=r1"
        );
        let full = refund()
            .with_refund_amount(Amount::usd("0.05"))
            .with_charge_fee_to(ChargeFeeTo::Caller)
            .with_transaction_date(Timestamp::from_unix_seconds(1_192_554_000))
            .with_refund_sender_reference("sr")
            .with_refund_recipient_reference("rr")
            .with_caller_description("cd")
            .with_refund_sender_description("sd")
            .with_refund_recipient_description("rd")
            .with_meta_data("md")
            .with_marketplace_refund_policy(MarketplaceRefundPolicy::MasterAndMarketplaceTxn);
        assert_eq!(
            written(&full),
            "CallerTokenId=C1&RefundSenderTokenId=F1&TransactionId=T1&RefundAmount.CurrencyCode=USD\
             &RefundAmount.Amount=0.05&ChargeFeeTo=Caller&TransactionDate=2007-10-16T17%3A00%3A00Z\
             &CallerReference=r1&RefundSenderReference=sr&RefundRecipientReference=rr&CallerDescription=cd\
             &RefundSenderDescription=sd&RefundRecipientDescription=rd&MetaData=md\
             &MarketplaceRefundPolicy=MasterAndMarketplaceTxn"
        );
        for (refund, message) in [
            (
                refund().with_refund_sender_description("x".repeat(129)),
                "RefundSenderDescription has 129 bytes; the service takes 128",
            ),
            (
                refund().with_refund_recipient_description("x".repeat(129)),
                "RefundRecipientDescription has 129 bytes; the service takes 128",
            ),
            (
                refund().with_refund_amount(Amount::usd("-1")),
                "RefundAmount is not an amount that can be sent",
            ),
        ] {
            assert_eq!(refused(&refund), message);
        }
    }

    #[test]
    fn the_answer_is_the_refunds_own_transaction() {
        assert_eq!(answered::<Refund>(&transacted("Success")).status, TransactionStatus::Success);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<Refund>("RefundAmountExceeded", false).verdict(), Verdict::Final);
        assert_eq!(fault::<Refund>("TransactionFullyRefundedAlready", false).verdict(), Verdict::Spent);
    }
}
