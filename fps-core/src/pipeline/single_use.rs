//! `SingleUse`: a token for one payment.

use url::Url;

use crate::checkout::{Charge, PaymentMethod, PipelineParameters, ShippingAddress};
use crate::param::pipeline;
use crate::pipeline::link::{Common, amount, boolean, common_methods};
use crate::pipeline::parameters::{LinkParameters, Value};
use crate::pipeline::{Expiry, PipelineError, PipelineStatus, VerifiedReturn, Warning};
use crate::{CallerReference, Pairs, TokenId};

/// Asks the buyer for one payment. The token lives three hours.
///
/// ```
/// use fps_core::checkout::{Charge, Charges, PipelineParameters};
/// use fps_core::pipeline::SingleUse;
/// use fps_core::{Amount, CallerReference, Credentials, Endpoint};
///
/// let mut charges = Charges::new();
/// charges.add(Charge::ItemTotal, Amount::usd("0.10"))?;
/// let product = PipelineParameters::new(charges)?.with_payment_reason("Now and Forever - Richard Marx");
///
/// let link = SingleUse::new(CallerReference::new("order-42")?, &product, "https://shop.example/return".parse()?)
///     .with_website_description("DigitalDownload")
///     .link(&Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"), &Endpoint::sandbox())?;
/// assert!(link.url().query().unwrap_or_default().contains("transactionAmount=0.10"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `link` refuses a charge that cannot be sent, `reserve` without cards, and co-branding without a recipient: see
/// [`PipelineError`].
///
/// The return itself tells of `SE` (the service failed; offer another link),
/// `A` (the buyer left), `CE` (the link was wrong), `PE` (none of the payment methods fits), `NP` (not permitted) and `NM` (not
/// registered for third parties): see [`PipelineStatus`]. There is no token then; begin anew under another reference.
///
/// Source: FPS Basic Quick Start, "Single-Use Token API".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleUse {
    common: Common,
    caller_reference: CallerReference,
    parameters: PipelineParameters,
    recipient_token: Option<TokenId>,
    recipient_cobranding: bool,
}

/// What comes back from [`SingleUse`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SingleUseAnswer {
    /// `status`.
    pub status: PipelineStatus,
    /// `tokenID`: what Pay or Reserve take as `SenderTokenId`. Look at [`SingleUseAnswer::approved`] rather.
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

impl SingleUse {
    /// A link for that product. The reference is new for each link; the URL is where the buyer comes back, with the shop's
    /// own query, if any, of names that the service does not use.
    #[must_use]
    pub fn new(caller_reference: CallerReference, parameters: &PipelineParameters, return_url: Url) -> Self {
        Self {
            common: Common::new(return_url),
            caller_reference,
            parameters: parameters.clone(),
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

    common_methods!("SingleUse");

    /// In the order of signing, but for an address.
    fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) -> Result<(), PipelineError> {
        let product = &self.parameters;
        if let Some(address) = product.address() {
            address.push_to(pairs);
        }
        pairs.push(pipeline::CALLER_REFERENCE, self.caller_reference.as_str());
        if product.collect_shipping_address() {
            pairs.push(pipeline::COLLECT_SHIPPING_ADDRESS, Value::Plain(boolean(true)));
        }
        pairs.push(pipeline::CURRENCY_CODE, Value::Plain("USD"));
        self.push_charge(Charge::Discount, pairs)?;
        self.push_charge(Charge::GiftWrapping, pairs)?;
        self.push_charge(Charge::Handling, pairs)?;
        if self.recipient_cobranding {
            if self.recipient_token.is_none() {
                return Err(PipelineError::Needs {
                    parameter: pipeline::IS_RECIPIENT_COBRANDING,
                    needs: pipeline::RECIPIENT_TOKEN,
                });
            }
            pairs.push(pipeline::IS_RECIPIENT_COBRANDING, Value::Plain(boolean(true)));
        }
        self.push_charge(Charge::ItemTotal, pairs)?;
        pairs.push(pipeline::PAYMENT_METHOD, product.payment_methods());
        pairs.push_some(pipeline::PAYMENT_REASON, product.payment_reason());
        pairs.push(pipeline::PIPELINE_NAME, Value::Plain(Self::NAME));
        pairs.push_some(pipeline::RECIPIENT_TOKEN, self.recipient_token.as_ref().map(TokenId::as_str));
        if product.reserve() {
            if !product.payment_methods().contains(PaymentMethod::Cc) {
                return Err(PipelineError::ReserveWithoutCard);
            }
            pairs.push(pipeline::RESERVE, Value::Plain(boolean(true)));
        }
        pairs.push(pipeline::RETURN_URL, self.common.return_url.as_str());
        self.push_charge(Charge::Shipping, pairs)?;
        Common::push_scheme_to(pairs);
        self.push_charge(Charge::Tax, pairs)?;
        pairs.push(
            pipeline::TRANSACTION_AMOUNT,
            amount(pipeline::TRANSACTION_AMOUNT, product.transaction_amount())?,
        );
        Ok(())
    }

    #[inline(always)]
    fn push_charge<'a>(
        &'a self,
        charge: Charge,
        pairs: &mut impl LinkParameters<'a>,
    ) -> Result<(), PipelineError> {
        if let Some(charged) = self.parameters.charges().get(charge) {
            pairs.push(charge.as_str(), amount(charge.as_str(), charged)?);
        }
        Ok(())
    }
}

impl SingleUseAnswer {
    /// The token, if the buyer approved: the status is SA, SB or SC and there is a token.
    #[must_use]
    pub fn approved(&self) -> Option<&TokenId> {
        self.token.as_ref().filter(|_| self.status.payment_method().is_some())
    }
}

impl From<&VerifiedReturn> for SingleUseAnswer {
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
    use crate::checkout::{Charges, PaymentMethods};
    use crate::pipeline::CobrandingStyle;
    use crate::pipeline::returned::tests::verified;
    use crate::pipeline::tests::{query, refused};
    use crate::{Amount, param};

    fn product() -> PipelineParameters {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, Amount::usd("0.10")).unwrap();
        PipelineParameters::new(charges).unwrap()
    }

    fn link(product: &PipelineParameters) -> SingleUse {
        let reference = CallerReference::new("order 42").unwrap();
        SingleUse::new(reference, product, "https://shop.example/return?fps=a.b".parse().unwrap())
    }

    #[test]
    fn the_least_link_has_what_is_required() {
        assert_eq!(
            query(|credentials, endpoint| link(&product()).link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=order%2042&currencyCode=USD&itemTotal=0.10\
             &paymentMethod=ABT%2CACH%2CCC&pipelineName=SingleUse\
             &returnURL=https%3A%2F%2Fshop.example%2Freturn%3Ffps%3Da.b&signatureMethod=HmacSHA256&signatureVersion=2\
             &transactionAmount=0.10&version=2009-01-09"
        );
    }

    #[test]
    fn the_fullest_link_has_every_parameter() {
        let mut charges = Charges::new();
        for (charge, amount) in [
            (Charge::ItemTotal, "10"),
            (Charge::Shipping, "4.99"),
            (Charge::Handling, "1"),
            (Charge::GiftWrapping, "0.50"),
            (Charge::Tax, "0.83"),
            (Charge::Discount, "2"),
        ] {
            charges.add(charge, amount.parse().unwrap()).unwrap();
        }
        let address = ShippingAddress {
            name: Some("John Doe".to_owned()),
            line1: Some("1 Main St".to_owned()),
            line2: Some("#2".to_owned()),
            city: Some("Seattle".to_owned()),
            state: Some("WA".to_owned()),
            country: Some("US".to_owned()),
            zip: Some("98101".to_owned()),
            phone_number: Some("+1 206".to_owned()),
        };
        let product = PipelineParameters::new(charges)
            .unwrap()
            .with_payment_reason("<b>a</b> & ü")
            .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Cc]))
            .with_reserve(true)
            .with_address(address);
        let link = link(&product)
            .with_recipient_token(TokenId::new("R1"))
            .with_recipient_cobranding(true)
            .with_cobranding_style(CobrandingStyle::Logo)
            .with_cobranding_url("https://shop.example/logo.png".parse().unwrap())
            .with_website_description("DigitalDownload");
        assert_eq!(
            query(|credentials, endpoint| link.link(credentials, endpoint)),
            "addressLine1=1%20Main%20St&addressLine2=%232&addressName=John%20Doe&callerKey=AKIAIOSFODNN7EXAMPLE\
             &callerReference=order%2042&city=Seattle&cobrandingStyle=logo\
             &cobrandingUrl=https%3A%2F%2Fshop.example%2Flogo.png&country=US&currencyCode=USD&discount=2.00\
             &giftWrapping=0.50&handling=1.00&isRecipientCobranding=True&itemTotal=10.00&paymentMethod=CC\
             &paymentReason=%3Cb%3Ea%3C%2Fb%3E%20%26%20%C3%BC&phoneNumber=%2B1%20206&pipelineName=SingleUse\
             &recipientToken=R1&reserve=True&returnURL=https%3A%2F%2Fshop.example%2Freturn%3Ffps%3Da.b\
             &shipping=4.99&signatureMethod=HmacSHA256&signatureVersion=2&state=WA&tax=0.83&transactionAmount=15.32\
             &version=2009-01-09&websiteDescription=DigitalDownload&zip=98101"
        );
        let collected = product_collecting();
        assert!(
            query(|credentials, endpoint| super::tests::link(&collected).link(credentials, endpoint))
                .contains("&collectShippingAddress=True&")
        );
    }

    fn product_collecting() -> PipelineParameters {
        product().with_collect_shipping_address(true)
    }

    #[test]
    fn what_cannot_be_sent_or_would_be_ignored_is_refused() {
        let with_return =
            |url: &str| SingleUse::new(CallerReference::new("r").unwrap(), &product(), url.parse().unwrap());
        let methods = |methods: &[PaymentMethod]| product().with_payment_methods(PaymentMethods::of(methods));
        for (link, message) in [
            (
                link(&product()).with_recipient_cobranding(true),
                "isRecipientCobranding needs recipientToken beside it",
            ),
            (
                link(&methods(&[PaymentMethod::Abt]).with_reserve(true)),
                "reserve needs CC among the payment methods",
            ),
            (
                link(&product()).with_cobranding_url("http://shop.example/logo.png".parse().unwrap()),
                "cobrandingUrl is not an https URL",
            ),
            (with_return("ftp://shop.example/"), "returnURL is not an http or https URL without a fragment"),
            (
                with_return("https://shop.example/#a"),
                "returnURL is not an http or https URL without a fragment",
            ),
            (
                with_return("https://shop.example/?Status=x"),
                "returnURL has a parameter `Status` of its own, which the service also adds; rename it",
            ),
            (
                with_return("https://shop.example/?a=1&a=2"),
                "returnURL has the parameter `a` more than once; returns with repeated names are refused",
            ),
        ] {
            assert_eq!(refused(|credentials, endpoint| link.link(credentials, endpoint)), message);
        }
    }

    #[test]
    fn an_approval_is_a_known_success_with_a_token() {
        for (status, approved) in [
            ("SA", true),
            ("SB", true),
            ("SC", true),
            ("SE", false),
            ("SR", false),
            ("SU", false),
            ("SX", false),
            ("A", false),
            ("CE", false),
            ("PE", false),
            ("NP", false),
            ("NM", false),
            ("", false),
        ] {
            let answer =
                verified(&format!("status={status}&tokenID=S1&callerReference=order-42")).single_use();
            assert_eq!(answer.approved().is_some(), approved, "{status}");
            assert_eq!(answer.status.as_str(), status);
        }
        assert_eq!(verified("status=SA").single_use().approved(), None);
    }

    #[test]
    fn everything_that_came_back_is_typed() {
        let answer = verified(
            "fps=a.b&status=SC&tokenID=S1&callerReference=order+42&expiry=10%2F2016&addressName=John&zip=98101\
             &warningCode=invalidShippingAddress&warningMessage=Odd&errorMessage=None",
        )
        .single_use();
        assert_eq!(answer.token, Some(TokenId::new("S1")));
        assert_eq!(answer.caller_reference, Some(CallerReference::new("order 42").unwrap()));
        assert_eq!(answer.expiry.as_ref().and_then(Expiry::month_and_year), Some((10, 2016)));
        assert_eq!(answer.address.as_ref().and_then(|address| address.zip.as_deref()), Some("98101"));
        assert_eq!(
            answer.warning.as_ref().map(|warning| warning.code.as_str()),
            Some("invalidShippingAddress")
        );
        assert_eq!(answer.error_message.as_deref(), Some("None"));
        assert_eq!(answer.own, Pairs::from_iter([("fps", "a.b")]));
        let abandoned = verified("status=A&fps=a.b").single_use();
        assert_eq!((abandoned.caller_reference, abandoned.address), (None, None));
        assert!(param::pipeline::STATUS == "status");
    }
}
