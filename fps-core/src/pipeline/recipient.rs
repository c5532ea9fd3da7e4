//! `Recipient`: a seller lets the caller move money to him.

use url::Url;

use crate::checkout::PaymentMethods;
use crate::operation::Percent;
use crate::param::pipeline;
use crate::pipeline::link::{Common, amount, boolean, common_methods, push_validity};
use crate::pipeline::parameters::{LinkParameters, Value};
use crate::pipeline::{PipelineError, PipelineStatus, VerifiedReturn};
use crate::{Amount, CallerReference, Pairs, Timestamp, TokenId};

/// Asks a seller to accept the caller's fees and to be paid through the caller. It is the seller who walks through it.
///
/// Payments with marketplace fees above the two maxima, or with any if there are no maxima, are refused later as
/// `IncompatibleTokens`.
///
/// ```
/// use fps_core::operation::Percent;
/// use fps_core::pipeline::Recipient;
/// use fps_core::{Amount, CallerReference, Credentials, Endpoint};
///
/// let link = Recipient::new(CallerReference::new("seller-7")?, true, "https://market.example/return".parse()?)
///     .with_max_fixed_fee(Amount::usd("0.50"))
///     .with_max_variable_fee(Percent::parse("5")?)
///     .link(&Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"), &Endpoint::sandbox())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `link` refuses a fee that cannot be sent, and an end before the beginning: see [`PipelineError`].
///
/// The return itself tells of `SE` (the service failed; offer another link), `A` (the seller left), `CE` (the link was wrong), `NP`
/// (not permitted) and `NM` (the caller is not registered for third parties): see [`PipelineStatus`]. There are no tokens then.
///
/// Source: FPS Marketplace guide, "Merchant Registration".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    common: Common,
    caller_reference: CallerReference,
    recipient_pays_fee: bool,
    caller_reference_refund: Option<CallerReference>,
    max_fixed_fee: Option<Amount>,
    max_variable_fee: Option<Percent>,
    payment_methods: Option<PaymentMethods>,
    payment_reason: Option<String>,
    validity_start: Option<Timestamp>,
    validity_expiry: Option<Timestamp>,
}

/// What comes back from [`Recipient`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecipientAnswer {
    /// `status`.
    pub status: PipelineStatus,
    /// `tokenID`: what Pay takes as `RecipientTokenId`. Look at [`RecipientAnswer::installed`] rather.
    pub token: Option<TokenId>,
    /// `refundTokenID`: needed for refunds in 2007 only.
    pub refund_token: Option<TokenId>,
    /// `callerReference`: the link's. Failed returns often carry none.
    pub caller_reference: Option<CallerReference>,
    /// `errorMessage`: in words, for a log; not stable.
    pub error_message: Option<String>,
    /// The shop's own parameters, from the return URL.
    pub own: Pairs,
}

impl Recipient {
    /// A link for a seller who pays the service's fees (`recipientPaysFee`), or for whom the caller does.
    #[must_use]
    pub fn new(caller_reference: CallerReference, recipient_pays_fee: bool, return_url: Url) -> Self {
        Self {
            common: Common::new(return_url),
            caller_reference,
            recipient_pays_fee,
            caller_reference_refund: None,
            max_fixed_fee: None,
            max_variable_fee: None,
            payment_methods: None,
            payment_reason: None,
            validity_start: None,
            validity_expiry: None,
        }
    }

    crate::operation::with! {
        /// `callerReferenceRefund`: the reference of the refund token.
        with_caller_reference_refund(caller_reference_refund: CallerReference);
        /// `maxFixedFee`: the most that the caller takes of each payment, in dollars.
        with_max_fixed_fee(max_fixed_fee: Amount);
        /// `maxVariableFee`: the most that the caller takes of each payment, in percent.
        with_max_variable_fee(max_variable_fee: Percent);
        /// `paymentMethod`: what the seller accepts.
        with_payment_methods(payment_methods: PaymentMethods);
        /// `paymentReason`: what it is for; limited HTML.
        with_payment_reason(payment_reason: String);
        /// `validityStart`: from when on the tokens are good. Default of the service: now.
        with_validity_start(validity_start: Timestamp);
        /// `validityExpiry`: until when the tokens are good; after the start. Default of the service: for ever.
        with_validity_expiry(validity_expiry: Timestamp);
    }

    common_methods!("Recipient");

    fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) -> Result<(), PipelineError> {
        pairs.push(pipeline::CALLER_REFERENCE, self.caller_reference.as_str());
        pairs.push_some(
            pipeline::CALLER_REFERENCE_REFUND,
            self.caller_reference_refund.as_ref().map(CallerReference::as_str),
        );
        if let Some(fee) = self.max_fixed_fee {
            pairs.push(pipeline::MAX_FIXED_FEE, amount(pipeline::MAX_FIXED_FEE, fee)?);
        }
        pairs.push_some(pipeline::MAX_VARIABLE_FEE, self.max_variable_fee.map(|fee| fee.to_string()));
        pairs.push_some(pipeline::PAYMENT_METHOD, self.payment_methods);
        pairs.push_some(pipeline::PAYMENT_REASON, self.payment_reason.as_ref());
        pairs.push(pipeline::RECIPIENT_PAYS_FEE, Value::Plain(boolean(self.recipient_pays_fee)));
        self.common.push_to(pairs, Self::NAME);
        push_validity(pairs, self.validity_start, self.validity_expiry)?;
        Ok(())
    }
}

impl RecipientAnswer {
    /// The recipient's token, if the seller agreed: the status is SR and there is a token.
    #[must_use]
    pub fn installed(&self) -> Option<&TokenId> {
        self.token.as_ref().filter(|_| self.status == PipelineStatus::RecipientInstalled)
    }
}

impl From<&VerifiedReturn> for RecipientAnswer {
    fn from(returned: &VerifiedReturn) -> Self {
        Self {
            status: returned.status(),
            token: returned.token(pipeline::TOKEN_ID),
            refund_token: returned.token(pipeline::REFUND_TOKEN_ID),
            caller_reference: returned.caller_reference(),
            error_message: returned.error_message(),
            own: returned.own(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::PaymentMethod;
    use crate::pipeline::returned::tests::verified;
    use crate::pipeline::tests::{query, refused};

    fn link(pays: bool) -> Recipient {
        let reference = CallerReference::new("seller-7").unwrap();
        Recipient::new(reference, pays, "https://market.example/return".parse().unwrap())
    }

    #[test]
    fn the_least_link_has_what_is_required() {
        assert_eq!(
            query(|credentials, endpoint| link(false).link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=seller-7&pipelineName=Recipient&recipientPaysFee=False\
             &returnURL=https%3A%2F%2Fmarket.example%2Freturn&signatureMethod=HmacSHA256&signatureVersion=2\
             &version=2009-01-09"
        );
    }

    #[test]
    fn the_fullest_link_has_every_parameter() {
        let link = link(true)
            .with_caller_reference_refund(CallerReference::new("seller-7-refund").unwrap())
            .with_max_fixed_fee(Amount::usd("0.50"))
            .with_max_variable_fee(Percent::parse("0.25").unwrap())
            .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Cc]))
            .with_payment_reason("to sell")
            .with_validity_start(Timestamp::from_unix_seconds(1))
            .with_validity_expiry(Timestamp::from_unix_seconds(2));
        assert_eq!(
            query(|credentials, endpoint| link.link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=seller-7&callerReferenceRefund=seller-7-refund\
             &maxFixedFee=0.50&maxVariableFee=0.25&paymentMethod=CC&paymentReason=to%20sell&pipelineName=Recipient\
             &recipientPaysFee=True&returnURL=https%3A%2F%2Fmarket.example%2Freturn&signatureMethod=HmacSHA256\
             &signatureVersion=2&validityExpiry=2&validityStart=1&version=2009-01-09"
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        let link = link(true).with_max_fixed_fee(Amount::usd("-1"));
        assert_eq!(
            refused(|credentials, endpoint| link.link(credentials, endpoint)),
            "maxFixedFee is not an amount that can be sent"
        );
    }

    #[test]
    fn only_sr_is_an_installation() {
        let answer = verified("status=SR&tokenID=R1&refundTokenID=R2&callerReference=seller-7").recipient();
        assert_eq!(answer.installed(), Some(&TokenId::new("R1")));
        assert_eq!(answer.refund_token, Some(TokenId::new("R2")));
        for status in ["SA", "SC", "SE", "A", "NM"] {
            let answer = verified(&format!("status={status}&tokenID=R1")).recipient();
            assert_eq!(answer.installed(), None, "{status}");
        }
    }
}
