//! `SetupPostpaid`: an instrument that runs up a debt, to be settled later.

use url::Url;

use crate::checkout::ShippingAddress;
use crate::param::pipeline;
use crate::pipeline::limits::push_usage_limits;
use crate::pipeline::link::{Common, Sender, amount, common_methods, sender_methods};
use crate::pipeline::parameters::LinkParameters;
use crate::pipeline::{Expiry, PipelineError, PipelineStatus, UsageLimit, VerifiedReturn, Warning};
use crate::{Amount, CallerReference, InstrumentId, Pairs, TokenId};

/// Asks the buyer for a postpaid instrument. Payments run up a debt, which
/// [`SettleDebt`](crate::operation::SettleDebt) collects. The caller must be the recipient.
///
/// ```
/// use fps_core::pipeline::SetupPostpaid;
/// use fps_core::{Amount, CallerReference, Credentials, Endpoint};
///
/// let link = SetupPostpaid::new(
///     CallerReference::new("tab-7-sender")?,
///     CallerReference::new("tab-7-settlement")?,
///     Amount::usd("20"),
///     Amount::usd("200"),
///     "https://shop.example/return?tab=7".parse()?,
/// )
/// .link(&Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"), &Endpoint::sandbox())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `link` refuses amounts that cannot be sent, more than two usage limits, limits and periods of zero, and an end before the
/// beginning: see [`PipelineError`].
///
/// The return itself tells of `SE` (the service failed; offer another link),
/// `A` (the buyer left), `CE` (the link was wrong), `PE` (none of the payment methods fits), `NP` (not permitted) and `NM` (not
/// registered for third parties): see [`PipelineStatus`]. There is no token then; begin anew under another reference.
///
/// Source: FPS developer guide, "Setting Up a Postpaid Instrument".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupPostpaid {
    common: Common,
    sender: Sender,
    caller_reference_sender: CallerReference,
    caller_reference_settlement: CallerReference,
    credit_limit: Amount,
    global_amount_limit: Amount,
    usage_limits: Vec<UsageLimit>,
}

/// What comes back from [`SetupPostpaid`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetupPostpaidAnswer {
    /// `status`.
    pub status: PipelineStatus,
    /// `creditInstrumentID`: the instrument.
    pub credit_instrument: Option<InstrumentId>,
    /// `creditSenderTokenID`: what Pay takes as `SenderTokenId`.
    pub credit_sender_token: Option<TokenId>,
    /// `settlementTokenID`: what SettleDebt takes as `SenderTokenId`.
    pub settlement_token: Option<TokenId>,
    /// `expiry`: when the buyer's card expires.
    pub expiry: Option<Expiry>,
    /// The address that the buyer confirmed, if it was asked for.
    pub address: Option<ShippingAddress>,
    /// `warningCode` and `warningMessage`: the tokens are good all the same.
    pub warning: Option<Warning>,
    /// `errorMessage`: in words, for a log; not stable.
    pub error_message: Option<String>,
    /// The shop's own parameters, from the return URL. There is no `callerReference`, so put an id of yours here.
    pub own: Pairs,
}

impl SetupPostpaid {
    /// A link for an instrument with at most so much debt at one time and so much in its whole life, with the references of
    /// its two tokens.
    #[must_use]
    pub fn new(
        caller_reference_sender: CallerReference,
        caller_reference_settlement: CallerReference,
        credit_limit: Amount,
        global_amount_limit: Amount,
        return_url: Url,
    ) -> Self {
        Self {
            common: Common::new(return_url),
            sender: Sender::default(),
            caller_reference_sender,
            caller_reference_settlement,
            credit_limit,
            global_amount_limit,
            usage_limits: Vec::new(),
        }
    }

    /// `usageLimitType1`, `usageLimitPeriod1`, `usageLimitValue1`, then the same with 2: at most two limits.
    #[must_use]
    pub fn with_usage_limit(mut self, limit: UsageLimit) -> Self {
        self.usage_limits.push(limit);
        self
    }

    sender_methods!();
    common_methods!("SetupPostpaid");

    fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) -> Result<(), PipelineError> {
        pairs.push(pipeline::CALLER_REFERENCE_SENDER, self.caller_reference_sender.as_str());
        pairs.push(pipeline::CALLER_REFERENCE_SETTLEMENT, self.caller_reference_settlement.as_str());
        pairs.push(pipeline::CREDIT_LIMIT, amount(pipeline::CREDIT_LIMIT, self.credit_limit)?);
        self.sender.push_to(pairs)?;
        pairs.push(
            pipeline::GLOBAL_AMOUNT_LIMIT,
            amount(pipeline::GLOBAL_AMOUNT_LIMIT, self.global_amount_limit)?,
        );
        self.common.push_to(pairs, Self::NAME);
        push_usage_limits(pairs, &self.usage_limits)?;
        Ok(())
    }
}

impl SetupPostpaidAnswer {
    /// The instrument with its sender and its settlement token, if the buyer approved: the status is SA, SB or SC and all
    /// three are there.
    #[must_use]
    pub fn approved(&self) -> Option<(&InstrumentId, &TokenId, &TokenId)> {
        self.status.payment_method()?;
        Some((
            self.credit_instrument.as_ref()?,
            self.credit_sender_token.as_ref()?,
            self.settlement_token.as_ref()?,
        ))
    }
}

impl From<&VerifiedReturn> for SetupPostpaidAnswer {
    fn from(returned: &VerifiedReturn) -> Self {
        Self {
            status: returned.status(),
            credit_instrument: returned.instrument(pipeline::CREDIT_INSTRUMENT_ID),
            credit_sender_token: returned.token(pipeline::CREDIT_SENDER_TOKEN_ID),
            settlement_token: returned.token(pipeline::SETTLEMENT_TOKEN_ID),
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
    use crate::checkout::{PaymentMethod, PaymentMethods};
    use crate::pipeline::Period;
    use crate::pipeline::returned::tests::verified;
    use crate::pipeline::tests::{query, refused};

    fn link(limit: &str) -> SetupPostpaid {
        SetupPostpaid::new(
            CallerReference::new("s7").unwrap(),
            CallerReference::new("d7").unwrap(),
            limit.parse().unwrap(),
            Amount::usd("200"),
            "https://shop.example/return?tab=7".parse().unwrap(),
        )
    }

    #[test]
    fn the_least_link_has_what_is_required() {
        assert_eq!(
            query(|credentials, endpoint| link("20").link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReferenceSender=s7&callerReferenceSettlement=d7&creditLimit=20.00\
             &currencyCode=USD&globalAmountLimit=200.00&pipelineName=SetupPostpaid\
             &returnURL=https%3A%2F%2Fshop.example%2Freturn%3Ftab%3D7&signatureMethod=HmacSHA256&signatureVersion=2\
             &version=2009-01-09"
        );
    }

    #[test]
    fn the_fullest_link_has_every_parameter() {
        let link = link("20")
            .with_usage_limit(UsageLimit::count(2).per(Period::days(1)))
            .with_usage_limit(UsageLimit::amount(Amount::usd("30")).per(Period::years(2)))
            .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Abt]))
            .with_payment_reason("a tab")
            .with_collect_shipping_address()
            .with_validity_start(crate::Timestamp::from_unix_seconds(1))
            .with_validity_expiry(crate::Timestamp::from_unix_seconds(2));
        assert_eq!(
            query(|credentials, endpoint| link.link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReferenceSender=s7&callerReferenceSettlement=d7\
             &collectShippingAddress=True&creditLimit=20.00&currencyCode=USD&globalAmountLimit=200.00\
             &paymentMethod=ABT&paymentReason=a%20tab&pipelineName=SetupPostpaid\
             &returnURL=https%3A%2F%2Fshop.example%2Freturn%3Ftab%3D7&signatureMethod=HmacSHA256&signatureVersion=2\
             &usageLimitPeriod1=1%20Day&usageLimitPeriod2=2%20Years&usageLimitType1=Count&usageLimitType2=Amount\
             &usageLimitValue1=2&usageLimitValue2=30.00&validityExpiry=2&validityStart=1&version=2009-01-09"
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert_eq!(
            refused(|credentials, endpoint| link("-1").link(credentials, endpoint)),
            "creditLimit is not an amount that can be sent"
        );
    }

    #[test]
    fn an_approval_has_all_three() {
        let all = "creditInstrumentID=C1&creditSenderTokenID=S1&settlementTokenID=D1&tab=7";
        let answer = verified(&format!("status=SC&expiry=01%2F20&{all}")).setup_postpaid();
        assert_eq!(
            answer.approved(),
            Some((&InstrumentId::new("C1"), &TokenId::new("S1"), &TokenId::new("D1")))
        );
        assert_eq!(answer.own, Pairs::from_iter([("tab", "7")]));
        assert_eq!(verified(&format!("status=CE&{all}")).setup_postpaid().approved(), None);
    }
}
