//! `SetupPrepaid`: an instrument that holds money for later payments.

use url::Url;

use crate::checkout::ShippingAddress;
use crate::param::pipeline;
use crate::pipeline::link::{Common, Sender, amount, common_methods, sender_methods};
use crate::pipeline::parameters::LinkParameters;
use crate::pipeline::{Expiry, PipelineError, PipelineStatus, VerifiedReturn, Warning};
use crate::{Amount, CallerReference, InstrumentId, Pairs, TokenId};

/// Asks the buyer for a prepaid instrument. It begins empty: fund it by
/// [`FundPrepaid`](crate::operation::FundPrepaid).
///
/// ```
/// use fps_core::pipeline::SetupPrepaid;
/// use fps_core::{Amount, CallerReference, Credentials, Endpoint};
///
/// let link = SetupPrepaid::new(
///     CallerReference::new("card-7-sender")?,
///     CallerReference::new("card-7-funding")?,
///     Amount::usd("100"),
///     "https://shop.example/return".parse()?,
/// )
/// .link(&Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"), &Endpoint::sandbox())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `link` refuses an amount that cannot be sent, and an end before the beginning: see [`PipelineError`].
///
/// The return itself tells of `SE` (the service failed; offer another link),
/// `A` (the buyer left), `CE` (the link was wrong), `PE` (none of the payment methods fits), `NP` (not permitted) and `NM` (not
/// registered for third parties): see [`PipelineStatus`]. There is no token then; begin anew under another reference.
///
/// Source: FPS Aggregated Payments guide, "Prepaid Token API".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupPrepaid {
    common: Common,
    sender: Sender,
    caller_reference_sender: CallerReference,
    caller_reference_funding: CallerReference,
    funding_amount: Amount,
}

/// What comes back from [`SetupPrepaid`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetupPrepaidAnswer {
    /// `status`.
    pub status: PipelineStatus,
    /// `prepaidInstrumentID`: the instrument.
    pub prepaid_instrument: Option<InstrumentId>,
    /// `prepaidSenderTokenID`: what Pay takes as `SenderTokenId`.
    pub prepaid_sender_token: Option<TokenId>,
    /// `fundingTokenID`: what FundPrepaid takes as `SenderTokenId`.
    pub funding_token: Option<TokenId>,
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

impl SetupPrepaid {
    /// A link for an instrument that holds at most so much, with the references of its two tokens.
    #[must_use]
    pub fn new(
        caller_reference_sender: CallerReference,
        caller_reference_funding: CallerReference,
        funding_amount: Amount,
        return_url: Url,
    ) -> Self {
        Self {
            common: Common::new(return_url),
            sender: Sender::default(),
            caller_reference_sender,
            caller_reference_funding,
            funding_amount,
        }
    }

    sender_methods!();
    common_methods!("SetupPrepaid");

    fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) -> Result<(), PipelineError> {
        pairs.push(pipeline::CALLER_REFERENCE_FUNDING, self.caller_reference_funding.as_str());
        pairs.push(pipeline::CALLER_REFERENCE_SENDER, self.caller_reference_sender.as_str());
        self.sender.push_to(pairs)?;
        pairs.push(pipeline::FUNDING_AMOUNT, amount(pipeline::FUNDING_AMOUNT, self.funding_amount)?);
        self.common.push_to(pairs, Self::NAME);
        Ok(())
    }
}

impl SetupPrepaidAnswer {
    /// The instrument with its sender and its funding token, if the buyer approved: the status is SA, SB or SC and all three
    /// are there.
    #[must_use]
    pub fn approved(&self) -> Option<(&InstrumentId, &TokenId, &TokenId)> {
        self.status.payment_method()?;
        Some((
            self.prepaid_instrument.as_ref()?,
            self.prepaid_sender_token.as_ref()?,
            self.funding_token.as_ref()?,
        ))
    }
}

impl From<&VerifiedReturn> for SetupPrepaidAnswer {
    fn from(returned: &VerifiedReturn) -> Self {
        Self {
            status: returned.status(),
            prepaid_instrument: returned.instrument(pipeline::PREPAID_INSTRUMENT_ID),
            prepaid_sender_token: returned.token(pipeline::PREPAID_SENDER_TOKEN_ID),
            funding_token: returned.token(pipeline::FUNDING_TOKEN_ID),
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
    use crate::pipeline::returned::tests::verified;
    use crate::pipeline::tests::{query, refused};

    fn link(amount: &str) -> SetupPrepaid {
        SetupPrepaid::new(
            CallerReference::new("s7").unwrap(),
            CallerReference::new("f7").unwrap(),
            amount.parse().unwrap(),
            "https://shop.example/return".parse().unwrap(),
        )
    }

    #[test]
    fn the_least_link_has_what_is_required() {
        assert_eq!(
            query(|credentials, endpoint| link("100").link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReferenceFunding=f7&callerReferenceSender=s7&currencyCode=USD\
             &fundingAmount=100.00&pipelineName=SetupPrepaid&returnURL=https%3A%2F%2Fshop.example%2Freturn\
             &signatureMethod=HmacSHA256&signatureVersion=2&version=2009-01-09"
        );
    }

    #[test]
    fn the_fullest_link_has_every_parameter() {
        let link = link("100")
            .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Ach]))
            .with_payment_reason("a card")
            .with_collect_shipping_address()
            .with_validity_start(crate::Timestamp::from_unix_seconds(1))
            .with_validity_expiry(crate::Timestamp::from_unix_seconds(2));
        assert_eq!(
            query(|credentials, endpoint| link.link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReferenceFunding=f7&callerReferenceSender=s7\
             &collectShippingAddress=True&currencyCode=USD&fundingAmount=100.00&paymentMethod=ACH\
             &paymentReason=a%20card&pipelineName=SetupPrepaid&returnURL=https%3A%2F%2Fshop.example%2Freturn\
             &signatureMethod=HmacSHA256&signatureVersion=2&validityExpiry=2&validityStart=1&version=2009-01-09"
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert_eq!(
            refused(|credentials, endpoint| link("0.001").link(credentials, endpoint)),
            "fundingAmount is not an amount that can be sent"
        );
    }

    #[test]
    fn an_approval_has_all_three() {
        let all = "prepaidInstrumentID=P1&prepaidSenderTokenID=S1&fundingTokenID=F1";
        let answer = verified(&format!("status=SA&{all}")).setup_prepaid();
        assert_eq!(
            answer.approved(),
            Some((&InstrumentId::new("P1"), &TokenId::new("S1"), &TokenId::new("F1")))
        );
        assert_eq!(verified(&format!("status=SE&{all}")).setup_prepaid().approved(), None);
        assert_eq!(verified("status=SA&prepaidInstrumentID=P1").setup_prepaid().approved(), None);
    }
}
