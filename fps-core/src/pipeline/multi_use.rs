//! `MultiUse`: a token for many payments within limits.

use url::Url;

use crate::checkout::ShippingAddress;
use crate::param::pipeline;
use crate::pipeline::limits::push_usage_limits;
use crate::pipeline::link::{Common, Sender, amount, boolean, common_methods, sender_methods};
use crate::pipeline::parameters::{LinkParameters, Value};
use crate::pipeline::{Expiry, PipelineError, PipelineStatus, UsageLimit, VerifiedReturn, Warning};
use crate::wire::wire_enums;
use crate::{Amount, CallerReference, Pairs, TokenId};

/// Asks the buyer for many payments within limits. The token lives a year unless another end is asked for.
///
/// ```
/// use fps_core::pipeline::{AmountType, MultiUse, Period, UsageLimit};
/// use fps_core::{Amount, CallerReference, Credentials, Endpoint};
///
/// let link = MultiUse::new(CallerReference::new("tab-7")?, Amount::usd("50"), "https://shop.example/return".parse()?)
///     .with_transaction_amount(Amount::usd("5"), AmountType::Maximum)
///     .with_usage_limit(UsageLimit::amount(Amount::usd("10")).per(Period::months(6)))
///     .link(&Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"), &Endpoint::sandbox())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `link` refuses an amount that cannot be sent, more than two usage limits, limits and periods of zero, and an end before the
/// beginning: see [`PipelineError`].
///
/// The return itself tells of `SE` (the service failed; offer another link),
/// `A` (the buyer left), `CE` (the link was wrong), `PE` (none of the payment methods fits), `NP` (not permitted) and `NM` (not
/// registered for third parties): see [`PipelineStatus`]. There is no token then; begin anew under another reference.
///
/// Source: FPS Advanced Quick Start, "Multi-Use Token API".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiUse {
    common: Common,
    sender: Sender,
    caller_reference: CallerReference,
    global_amount_limit: Amount,
    transaction_amount: Option<(Amount, AmountType)>,
    usage_limits: Vec<UsageLimit>,
    recipient_tokens: Vec<TokenId>,
    recipient_cobranding: bool,
}

wire_enums! {
    /// How a link's amount bounds each payment: `amountType`. Default of the service: exact.
    AmountType {
        Exact = "Exact",
        Maximum = "Maximum",
        Minimum = "Minimum",
    }
}

/// What comes back from [`MultiUse`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MultiUseAnswer {
    /// `status`.
    pub status: PipelineStatus,
    /// `tokenID`: what Pay takes as `SenderTokenId`. Look at [`MultiUseAnswer::approved`] rather.
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

impl MultiUse {
    /// A link for a token that pays at most so much in its whole life.
    #[must_use]
    pub fn new(caller_reference: CallerReference, global_amount_limit: Amount, return_url: Url) -> Self {
        Self {
            common: Common::new(return_url),
            sender: Sender::default(),
            caller_reference,
            global_amount_limit,
            transaction_amount: None,
            usage_limits: Vec::new(),
            recipient_tokens: Vec::new(),
            recipient_cobranding: false,
        }
    }

    /// `transactionAmount` and `amountType`: what each payment is.
    #[must_use]
    pub fn with_transaction_amount(mut self, amount: Amount, amount_type: AmountType) -> Self {
        self.transaction_amount = Some((amount, amount_type));
        self
    }

    /// `usageLimitType1`, `usageLimitPeriod1`, `usageLimitValue1`, then the same with 2: at most two limits.
    #[must_use]
    pub fn with_usage_limit(mut self, limit: UsageLimit) -> Self {
        self.usage_limits.push(limit);
        self
    }

    /// `recipientTokenList`: one who may be paid, when it is not the caller alone. From the recipient pipeline.
    #[must_use]
    pub fn with_recipient_token(mut self, token: TokenId) -> Self {
        self.recipient_tokens.push(token);
        self
    }

    /// `isRecipientCobranding`: show the recipient's brand instead of the caller's. Needs a recipient token.
    #[must_use]
    pub fn with_recipient_cobranding(mut self, show: bool) -> Self {
        self.recipient_cobranding = show;
        self
    }

    sender_methods!();
    common_methods!("MultiUse");

    fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) -> Result<(), PipelineError> {
        pairs.push(pipeline::CALLER_REFERENCE, self.caller_reference.as_str());
        self.sender.push_to(pairs)?;
        pairs.push(
            pipeline::GLOBAL_AMOUNT_LIMIT,
            amount(pipeline::GLOBAL_AMOUNT_LIMIT, self.global_amount_limit)?,
        );
        self.common.push_to(pairs, Self::NAME);
        if let Some((each, amount_type)) = &self.transaction_amount {
            pairs.push(pipeline::TRANSACTION_AMOUNT, amount(pipeline::TRANSACTION_AMOUNT, *each)?);
            pairs.push(pipeline::AMOUNT_TYPE, amount_type.as_str());
        }
        push_usage_limits(pairs, &self.usage_limits)?;
        if !self.recipient_tokens.is_empty() {
            let list: Vec<_> = self.recipient_tokens.iter().map(TokenId::as_str).collect();
            pairs.push(pipeline::RECIPIENT_TOKEN_LIST, list.join(","));
        }
        if self.recipient_cobranding {
            if self.recipient_tokens.is_empty() {
                return Err(PipelineError::Needs {
                    parameter: pipeline::IS_RECIPIENT_COBRANDING,
                    needs: pipeline::RECIPIENT_TOKEN_LIST,
                });
            }
            pairs.push(pipeline::IS_RECIPIENT_COBRANDING, Value::Plain(boolean(true)));
        }
        Ok(())
    }
}

impl MultiUseAnswer {
    /// The token, if the buyer approved: the status is SA, SB or SC and there is a token.
    #[must_use]
    pub fn approved(&self) -> Option<&TokenId> {
        self.token.as_ref().filter(|_| self.status.payment_method().is_some())
    }
}

impl From<&VerifiedReturn> for MultiUseAnswer {
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
    use crate::Timestamp;
    use crate::checkout::{PaymentMethod, PaymentMethods};
    use crate::pipeline::Period;
    use crate::pipeline::returned::tests::verified;
    use crate::pipeline::tests::{query, refused};

    fn link() -> MultiUse {
        let reference = CallerReference::new("tab-7").unwrap();
        MultiUse::new(reference, Amount::usd("50"), "https://shop.example/return".parse().unwrap())
    }

    #[test]
    fn the_least_link_has_what_is_required() {
        assert_eq!(
            query(|credentials, endpoint| link().link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=tab-7&currencyCode=USD&globalAmountLimit=50.00\
             &pipelineName=MultiUse&returnURL=https%3A%2F%2Fshop.example%2Freturn&signatureMethod=HmacSHA256\
             &signatureVersion=2&version=2009-01-09"
        );
    }

    #[test]
    fn the_fullest_link_has_every_parameter() {
        let link = link()
            .with_transaction_amount(Amount::usd("5"), AmountType::Maximum)
            .with_usage_limit(UsageLimit::amount(Amount::usd("10")).per(Period::months(6)))
            .with_usage_limit(UsageLimit::count(3).per(Period::hours(1)))
            .with_recipient_token(TokenId::new("R1"))
            .with_recipient_token(TokenId::new("R2"))
            .with_recipient_cobranding(true)
            .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Cc, PaymentMethod::Abt]))
            .with_payment_reason("songs")
            .with_collect_shipping_address()
            .with_validity_start(Timestamp::from_unix_seconds(1_300_000_000))
            .with_validity_expiry(Timestamp::from_unix_seconds(1_300_000_001));
        assert_eq!(
            query(|credentials, endpoint| link.link(credentials, endpoint)),
            "amountType=Maximum&callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=tab-7&collectShippingAddress=True\
             &currencyCode=USD&globalAmountLimit=50.00&isRecipientCobranding=True&paymentMethod=ABT%2CCC\
             &paymentReason=songs&pipelineName=MultiUse&recipientTokenList=R1%2CR2\
             &returnURL=https%3A%2F%2Fshop.example%2Freturn&signatureMethod=HmacSHA256&signatureVersion=2\
             &transactionAmount=5.00&usageLimitPeriod1=6%20Months&usageLimitPeriod2=1%20Hour&usageLimitType1=Amount\
             &usageLimitType2=Count&usageLimitValue1=10.00&usageLimitValue2=3&validityExpiry=1300000001\
             &validityStart=1300000000&version=2009-01-09"
        );
    }

    #[test]
    fn what_cannot_be_sent_or_would_be_ignored_is_refused() {
        let now = Timestamp::from_unix_seconds(1_300_000_000);
        for (link, message) in [
            (
                link().with_recipient_cobranding(true),
                "isRecipientCobranding needs recipientTokenList beside it",
            ),
            (
                link().with_validity_start(now).with_validity_expiry(now),
                "validityExpiry is not after validityStart",
            ),
            (
                link().with_transaction_amount(Amount::usd("0.001"), AmountType::Exact),
                "transactionAmount is not an amount that can be sent",
            ),
            (
                (0..3).fold(link(), |link, _| link.with_usage_limit(UsageLimit::count(1))),
                "there are 3 usage limits; the service takes two",
            ),
        ] {
            assert_eq!(refused(|credentials, endpoint| link.link(credentials, endpoint)), message);
        }
    }

    #[test]
    fn an_approval_is_a_known_success_with_a_token() {
        let answer = verified("status=SC&tokenID=S1&callerReference=tab-7&expiry=08%2F2015").multi_use();
        assert_eq!(answer.approved(), Some(&TokenId::new("S1")));
        assert_eq!(answer.expiry.and_then(|expiry| expiry.month_and_year()), Some((8, 2015)));
        for status in ["SE", "SR", "SU", "S", "NP"] {
            assert_eq!(
                verified(&format!("status={status}&tokenID=S1")).multi_use().approved(),
                None,
                "{status}"
            );
        }
    }
}
