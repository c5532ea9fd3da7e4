//! `Recurring`: a token for one amount again and again.

use url::Url;

use crate::checkout::ShippingAddress;
use crate::param::pipeline;
use crate::pipeline::link::{Common, Sender, amount, boolean, common_methods, sender_methods};
use crate::pipeline::parameters::{LinkParameters, Value};
use crate::pipeline::{Expiry, Period, PipelineError, PipelineStatus, VerifiedReturn, Warning};
use crate::{Amount, CallerReference, Pairs, TokenId};

/// Asks the buyer for one amount at fixed intervals. Ask for an end by `with_validity_expiry`: documents disagree whether
/// the token ends after a year or never.
///
/// ```
/// use fps_core::pipeline::{Period, Recurring};
/// use fps_core::{Amount, CallerReference, Credentials, Endpoint};
///
/// let reference = CallerReference::new("paper-7")?;
/// let link = Recurring::new(reference, Amount::usd("5"), Period::months(1), "https://shop.example/return".parse()?)
///     .with_payment_reason("a paper a month")
///     .link(&Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"), &Endpoint::sandbox())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `link` refuses an amount that cannot be sent, a period of zero, and an end before the beginning: see [`PipelineError`].
///
/// The return itself tells of `SE` (the service failed; offer another link),
/// `A` (the buyer left), `CE` (the link was wrong), `PE` (none of the payment methods fits), `NP` (not permitted) and `NM` (not
/// registered for third parties): see [`PipelineStatus`]. There is no token then; begin anew under another reference.
///
/// Source: FPS developer guide, "Recurring-Use Token Installation".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurring {
    common: Common,
    sender: Sender,
    caller_reference: CallerReference,
    transaction_amount: Amount,
    recurring_period: Period,
    recipient_token: Option<TokenId>,
    recipient_cobranding: bool,
}

/// What comes back from [`Recurring`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecurringAnswer {
    /// `status`.
    pub status: PipelineStatus,
    /// `tokenID`: what Pay takes as `SenderTokenId`. Look at [`RecurringAnswer::approved`] rather.
    pub token: Option<TokenId>,
    /// `callerReference`: the link's. Failed returns often carry none.
    pub caller_reference: Option<CallerReference>,
    /// `expiry`: when the buyer's card expires.
    pub expiry: Option<Expiry>,
    /// The address that the buyer confirmed, if it was asked for.
    pub address: Option<ShippingAddress>,
    /// `warningCode` and `warningMessage`: the token is good all the same.
    pub warning: Option<Warning>,
    /// `errorMessage`: in words, for a log; not stable.
    pub error_message: Option<String>,
    /// The shop's own parameters, from the return URL.
    pub own: Pairs,
}

impl Recurring {
    /// A link for a token that pays that amount in each such period.
    #[must_use]
    pub fn new(
        caller_reference: CallerReference,
        transaction_amount: Amount,
        recurring_period: Period,
        return_url: Url,
    ) -> Self {
        Self {
            common: Common::new(return_url),
            sender: Sender::default(),
            caller_reference,
            transaction_amount,
            recurring_period,
            recipient_token: None,
            recipient_cobranding: false,
        }
    }

    /// `recipientToken`: who will be paid, when it is not the caller. From the recipient pipeline.
    #[must_use]
    pub fn with_recipient_token(mut self, token: TokenId) -> Self {
        self.recipient_token = Some(token);
        self
    }

    /// `isRecipientCobranding`: show the recipient's brand instead of the caller's. Needs a recipient token.
    #[must_use]
    pub fn with_recipient_cobranding(mut self, show: bool) -> Self {
        self.recipient_cobranding = show;
        self
    }

    sender_methods!();
    common_methods!("Recurring");

    fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) -> Result<(), PipelineError> {
        pairs.push(pipeline::CALLER_REFERENCE, self.caller_reference.as_str());
        self.sender.push_to(pairs)?;
        if self.recipient_cobranding {
            if self.recipient_token.is_none() {
                return Err(PipelineError::Needs {
                    parameter: pipeline::IS_RECIPIENT_COBRANDING,
                    needs: pipeline::RECIPIENT_TOKEN,
                });
            }
            pairs.push(pipeline::IS_RECIPIENT_COBRANDING, Value::Plain(boolean(true)));
        }
        pairs.push_some(pipeline::RECIPIENT_TOKEN, self.recipient_token.as_ref().map(TokenId::as_str));
        pairs.push(pipeline::RECURRING_PERIOD, self.recurring_period.to_wire(pipeline::RECURRING_PERIOD)?);
        self.common.push_to(pairs, Self::NAME);
        pairs.push(
            pipeline::TRANSACTION_AMOUNT,
            amount(pipeline::TRANSACTION_AMOUNT, self.transaction_amount)?,
        );
        Ok(())
    }
}

impl RecurringAnswer {
    /// The token, if the buyer approved: the status is SA, SB or SC and there is a token.
    #[must_use]
    pub fn approved(&self) -> Option<&TokenId> {
        self.token.as_ref().filter(|_| self.status.payment_method().is_some())
    }
}

impl From<&VerifiedReturn> for RecurringAnswer {
    fn from(returned: &VerifiedReturn) -> Self {
        Self {
            status: returned.status(),
            token: returned.token(pipeline::TOKEN_ID),
            caller_reference: returned.caller_reference(),
            expiry: returned.expiry(),
            address: returned.address(),
            warning: returned.warning(),
            error_message: returned.error_message(),
            own: returned.own(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::PaymentMethods;
    use crate::pipeline::returned::tests::verified;
    use crate::pipeline::tests::{query, refused};

    fn link(period: Period) -> Recurring {
        let reference = CallerReference::new("paper-7").unwrap();
        Recurring::new(reference, Amount::usd("5"), period, "https://shop.example/return".parse().unwrap())
    }

    #[test]
    fn the_least_link_has_what_is_required() {
        assert_eq!(
            query(|credentials, endpoint| link(Period::months(1)).link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=paper-7&currencyCode=USD&pipelineName=Recurring\
             &recurringPeriod=1%20Month&returnURL=https%3A%2F%2Fshop.example%2Freturn&signatureMethod=HmacSHA256\
             &signatureVersion=2&transactionAmount=5.00&version=2009-01-09"
        );
    }

    #[test]
    fn the_fullest_link_has_every_parameter() {
        let address = ShippingAddress { zip: Some("98101".to_owned()), ..ShippingAddress::default() };
        let link = link(Period::days(30))
            .with_recipient_token(TokenId::new("R1"))
            .with_recipient_cobranding(true)
            .with_payment_methods(PaymentMethods::ALL)
            .with_payment_reason("a paper")
            .with_collect_shipping_address()
            .with_address(address)
            .with_validity_start(crate::Timestamp::from_unix_seconds(1))
            .with_validity_expiry(crate::Timestamp::from_unix_seconds(2));
        assert_eq!(
            query(|credentials, endpoint| link.link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=paper-7&currencyCode=USD&isRecipientCobranding=True\
             &paymentMethod=ABT%2CACH%2CCC&paymentReason=a%20paper&pipelineName=Recurring&recipientToken=R1\
             &recurringPeriod=30%20Days&returnURL=https%3A%2F%2Fshop.example%2Freturn&signatureMethod=HmacSHA256\
             &signatureVersion=2&transactionAmount=5.00&validityExpiry=2&validityStart=1&version=2009-01-09&zip=98101"
        );
    }

    #[test]
    fn what_cannot_be_sent_or_would_be_ignored_is_refused() {
        for (link, message) in [
            (link(Period::years(0)), "recurringPeriod is zero; use one or more, or leave it out"),
            (
                link(Period::years(1)).with_recipient_cobranding(true),
                "isRecipientCobranding needs recipientToken beside it",
            ),
        ] {
            assert_eq!(refused(|credentials, endpoint| link.link(credentials, endpoint)), message);
        }
    }

    #[test]
    fn an_approval_is_a_known_success_with_a_token() {
        let answer = verified("status=SB&tokenID=S1&callerReference=paper-7").recurring();
        assert_eq!(answer.approved(), Some(&TokenId::new("S1")));
        assert_eq!(verified("status=SE&tokenID=S1").recurring().approved(), None);
    }
}
