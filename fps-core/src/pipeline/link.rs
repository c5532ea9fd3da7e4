//! What all links have in common.

use std::fmt;
use std::sync::OnceLock;

use url::Url;

use crate::amount::{AmountError, WireAmount};
use crate::checkout::{PaymentMethods, ShippingAddress};
use crate::param::pipeline;
use crate::pipeline::parameters::{LinkPairs, LinkParameters, LinkQuery, Value};
use crate::pipeline::returned::is_of_the_service;
use crate::pipeline::v2007;
use crate::signature::{SignatureMethod, hmac};
use crate::wire::wire_enums;
use crate::{Amount, Credentials, Endpoint, Pairs, Timestamp, Version};

/// A link to the buyer pages, ready for a redirect.
///
/// It does not expire, and is good once: a second visit with the same caller reference is refused by the service. `Debug`
/// shows host and path only, for the query holds addresses and a signature.
#[derive(Clone)]
pub struct SignedLink {
    text: String,
    url: OnceLock<Url>,
}

impl SignedLink {
    /// An address that is a URL.
    pub(crate) const fn new(text: String) -> Self {
        Self { text, url: OnceLock::new() }
    }

    /// The whole address, as a `Location` header takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The whole address.
    ///
    /// # Panics
    ///
    /// Never: the address is an endpoint's own with an encoded query.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.url.get_or_init(|| Url::parse(&self.text).expect("a URL with an encoded query is one"))
    }

    /// The whole address, to keep.
    ///
    /// # Panics
    ///
    /// Never: the address is an endpoint's own with an encoded query.
    #[must_use]
    pub fn into_url(self) -> Url {
        let Self { text, url } = self;
        url.into_inner().unwrap_or_else(|| Url::parse(&text).expect("a URL with an encoded query is one"))
    }
}

impl PartialEq for SignedLink {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for SignedLink {}

impl fmt::Debug for SignedLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.text.split_once('?').map_or(self.text.as_str(), |(address, _)| address);
        write!(f, "SignedLink({address}?[redacted])")
    }
}

wire_enums! {
    /// How the buyer pages show whose shop it is: `cobrandingStyle`. Default of the service: a logo.
    CobrandingStyle {
        Logo = "logo",
        /// The service was withdrawing it.
        Banner = "banner",
    }
}

/// What every link carries beside its pipeline's own parameters. `Debug` hides the return URL's query, which may prove to the
/// shop which order it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Common {
    pub(crate) return_url: Url,
    pub(crate) cobranding_style: Option<CobrandingStyle>,
    pub(crate) cobranding_url: Option<Url>,
    pub(crate) website_description: Option<String>,
}

impl Common {
    pub(crate) const fn new(return_url: Url) -> Self {
        Self { return_url, cobranding_style: None, cobranding_url: None, website_description: None }
    }

    /// The link of what the pipeline pushes, signed.
    ///
    /// The query is written once, as it is signed: a query is any order of pairs, so the sorted one is as good as another.
    pub(crate) fn link<'a>(
        &'a self,
        credentials: &'a Credentials,
        endpoint: &Endpoint,
        push_own: impl FnOnce(&mut LinkQuery) -> Result<(), PipelineError>,
    ) -> Result<SignedLink, PipelineError> {
        let mut query = LinkQuery::at(endpoint.pages());
        self.collect(&mut query, credentials, push_own)?;
        query.push(pipeline::VERSION, Value::Plain("2009-01-09"));
        query.push_some(pipeline::WEBSITE_DESCRIPTION, self.website_description.as_ref());
        query.sort();
        let signature =
            hmac::sign_sha256(credentials.secret_key(), endpoint.pages_to_sign(), query.to_sign());
        Ok(SignedLink::new(query.signed(&signature)))
    }

    /// The same for the pages of 2007-01-08.
    pub(crate) fn link_of_2007<'a>(
        &'a self,
        pipeline_name: &'static str,
        credentials: &'a Credentials,
        endpoint: &Endpoint,
        push_own: impl FnOnce(&mut LinkPairs<'a>) -> Result<(), PipelineError>,
    ) -> Result<SignedLink, PipelineError> {
        let mut pairs = LinkPairs::default();
        self.collect(&mut pairs, credentials, push_own)?;
        pairs.push_some(pipeline::WEBSITE_DESCRIPTION, self.website_description.as_ref());
        v2007::link::sign(pipeline_name, pairs, credentials, endpoint)
    }

    /// Checks what is common and adds what comes first; then what the pipeline pushes.
    #[inline]
    fn collect<'a, P: LinkParameters<'a>>(
        &'a self,
        pairs: &mut P,
        credentials: &'a Credentials,
        push_own: impl FnOnce(&mut P) -> Result<(), PipelineError>,
    ) -> Result<(), PipelineError> {
        self.check()?;
        pairs.push(pipeline::CALLER_KEY, credentials.access_key());
        pairs.push_some(
            pipeline::COBRANDING_STYLE,
            self.cobranding_style.as_ref().map(CobrandingStyle::as_str),
        );
        pairs.push_some(pipeline::COBRANDING_URL, self.cobranding_url.as_ref().map(Url::as_str));
        push_own(pairs)
    }

    /// What a pipeline pushes of the common parameters, between its own.
    #[inline(always)]
    pub(crate) fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>, pipeline_name: &'static str) {
        pairs.push(pipeline::PIPELINE_NAME, Value::Plain(pipeline_name));
        pairs.push(pipeline::RETURN_URL, self.return_url.as_str());
        Self::push_scheme_to(pairs);
    }

    /// How the link is signed.
    #[inline(always)]
    pub(crate) fn push_scheme_to<'a>(pairs: &mut impl LinkParameters<'a>) {
        pairs.push(pipeline::SIGNATURE_METHOD, Value::Plain(SignatureMethod::HmacSha256.as_str()));
        pairs.push(pipeline::SIGNATURE_VERSION, Value::Plain("2"));
    }

    fn check(&self) -> Result<(), PipelineError> {
        if !matches!(self.return_url.scheme(), "http" | "https") || self.return_url.fragment().is_some() {
            return Err(PipelineError::ReturnUrl);
        }
        if let Some(query) = self.return_url.query() {
            check_own(query)?;
        }
        if self.cobranding_url.as_ref().is_some_and(|url| url.scheme() != "https") {
            return Err(PipelineError::CobrandingUrl);
        }
        Ok(())
    }
}

/// The return URL's own parameters must be told from the service's, and from each other.
fn check_own(query: &str) -> Result<(), PipelineError> {
    if is_one_plain_pair(query) {
        return Ok(());
    }
    let own = Pairs::decode(query).map_err(|_| PipelineError::ReturnUrl)?;
    if let Some(name) = own.iter().map(|(name, _)| name).find(|name| is_of_the_service(name)) {
        return Err(PipelineError::ReturnUrlName { name: name.to_owned() });
    }
    match own.repeated() {
        Some(name) => Err(PipelineError::ReturnUrlRepeats { name: name.to_owned() }),
        None => Ok(()),
    }
}

impl fmt::Debug for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Common").field("return_url", &without_query(&self.return_url)).finish_non_exhaustive()
    }
}

/// Whether there is one pair only, with a name that needs no decoding and is not the service's: the usual case.
fn is_one_plain_pair(query: &str) -> bool {
    let (name, value) = query.split_at(query.bytes().position(|byte| byte == b'=').unwrap_or(query.len()));
    name.bytes().all(|byte| !matches!(byte, b'%' | b'&' | b'+'))
        && value.bytes().all(|byte| !matches!(byte, b'%' | b'&'))
        && !is_of_the_service(name)
}

/// The URL with its query hidden.
fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    if url.query().is_some() {
        url.set_query(Some("[redacted]"));
    }
    url.into()
}

/// The methods that every pipeline has: co-branding and the link itself.
macro_rules! common_methods {
    ($name:literal) => {
        const NAME: &str = $name;

        /// `cobrandingStyle`: how the pages show whose shop it is. Default of the service: a logo.
        #[must_use]
        pub fn with_cobranding_style(mut self, style: $crate::pipeline::CobrandingStyle) -> Self {
            self.common.cobranding_style = Some(style);
            self
        }

        /// `cobrandingUrl`: the logo for this link, an image of at most 215 × 40 pixels on an https server.
        #[must_use]
        pub fn with_cobranding_url(mut self, url: url::Url) -> Self {
            self.common.cobranding_url = Some(url);
            self
        }

        /// `websiteDescription`: the shop's name in plain text, for the link back to it.
        #[must_use]
        pub fn with_website_description(mut self, description: impl Into<String>) -> Self {
            self.common.website_description = Some(description.into());
            self
        }

        /// The signed link.
        ///
        /// # Errors
        ///
        /// [`PipelineError`](crate::pipeline::PipelineError) for what cannot be sent, or would be ignored.
        pub fn link(
            &self,
            credentials: &$crate::Credentials,
            endpoint: &$crate::Endpoint,
        ) -> Result<$crate::pipeline::SignedLink, $crate::pipeline::PipelineError> {
            self.common.link(credentials, endpoint, |query| self.push_to(query))
        }

        /// The signed link to the pages of that version: see [`v2007`](crate::pipeline::v2007) for what differs in
        /// 2007-01-08. Later versions have the same pages, and the link is that of `link`.
        ///
        /// # Errors
        ///
        /// [`PipelineError`](crate::pipeline::PipelineError) for what cannot be sent, would be ignored, or is not in that
        /// version.
        pub fn link_in(
            &self,
            version: $crate::Version,
            credentials: &$crate::Credentials,
            endpoint: &$crate::Endpoint,
        ) -> Result<$crate::pipeline::SignedLink, $crate::pipeline::PipelineError> {
            match version.generation() {
                $crate::Generation::First => {
                    self.common.link_of_2007(Self::NAME, credentials, endpoint, |pairs| self.push_to(pairs))
                }
                $crate::Generation::Second => self.link(credentials, endpoint),
            }
        }
    };
}

pub(crate) use common_methods;

/// What the buyer of a token with a life of its own is shown and asked: shared by MultiUse, Recurring, SetupPrepaid and
/// SetupPostpaid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) payment_methods: Option<PaymentMethods>,
    pub(crate) payment_reason: Option<String>,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) validity_start: Option<Timestamp>,
    pub(crate) validity_expiry: Option<Timestamp>,
}

/// Whose word the shipping address is. The pages ignore an address where they collect one, so there is one or the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    To(ShippingAddress),
    Collect,
}

impl Sender {
    pub(crate) fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) -> Result<(), PipelineError> {
        match &self.delivery {
            Some(Delivery::To(address)) => address.push_to(pairs),
            Some(Delivery::Collect) => {
                pairs.push(pipeline::COLLECT_SHIPPING_ADDRESS, Value::Plain(boolean(true)))
            }
            None => {}
        }
        pairs.push(pipeline::CURRENCY_CODE, Value::Plain("USD"));
        pairs.push_some(pipeline::PAYMENT_METHOD, self.payment_methods);
        pairs.push_some(pipeline::PAYMENT_REASON, self.payment_reason.as_ref());
        push_validity(pairs, self.validity_start, self.validity_expiry)
    }
}

/// The setters of a [`Sender`].
macro_rules! sender_methods {
    () => {
        /// `paymentMethod`: how the buyer may pay. Default of the service: ABT alone.
        #[must_use]
        pub fn with_payment_methods(mut self, methods: $crate::checkout::PaymentMethods) -> Self {
            self.sender.payment_methods = Some(methods);
            self
        }

        /// `paymentReason`: what the payments are for; limited HTML.
        #[must_use]
        pub fn with_payment_reason(mut self, reason: impl Into<String>) -> Self {
            self.sender.payment_reason = Some(reason.into());
            self
        }

        /// The address that the pages show. It replaces `with_collect_shipping_address`.
        #[must_use]
        pub fn with_address(mut self, address: $crate::checkout::ShippingAddress) -> Self {
            self.sender.delivery = Some($crate::pipeline::link::Delivery::To(address));
            self
        }

        /// `collectShippingAddress`: the pages ask for the address and return it. It replaces `with_address`.
        #[must_use]
        pub fn with_collect_shipping_address(mut self) -> Self {
            self.sender.delivery = Some($crate::pipeline::link::Delivery::Collect);
            self
        }

        /// `validityStart`: from when on the token is good; not in the past, at most a year ahead. Default of the
        /// service: now.
        #[must_use]
        pub fn with_validity_start(mut self, start: $crate::Timestamp) -> Self {
            self.sender.validity_start = Some(start);
            self
        }

        /// `validityExpiry`: until when the token is good; after the start.
        #[must_use]
        pub fn with_validity_expiry(mut self, expiry: $crate::Timestamp) -> Self {
            self.sender.validity_expiry = Some(expiry);
            self
        }
    };
}

pub(crate) use sender_methods;

/// `True` or `False`, as the documents write it.
pub(crate) const fn boolean(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// An amount as links carry it.
pub(crate) fn amount(parameter: &'static str, amount: Amount) -> Result<WireAmount, PipelineError> {
    amount.to_wire().map_err(|source| PipelineError::Amount { parameter, source })
}

/// Adds from when until when a token is good, in seconds since the epoch.
pub(crate) fn push_validity<'a>(
    pairs: &mut impl LinkParameters<'a>,
    start: Option<Timestamp>,
    expiry: Option<Timestamp>,
) -> Result<(), PipelineError> {
    if let (Some(start), Some(expiry)) = (start, expiry)
        && expiry <= start
    {
        return Err(PipelineError::Validity);
    }
    pairs.push_some(pipeline::VALIDITY_EXPIRY, expiry.map(|time| time.unix_seconds().to_string()));
    pairs.push_some(pipeline::VALIDITY_START, start.map(|time| time.unix_seconds().to_string()));
    Ok(())
}

/// A link cannot be made. Nothing was sent; correct the value and try again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// `returnURL` is not http or https, has a fragment, or a query that cannot be decoded.
    #[error("returnURL is not an http or https URL without a fragment")]
    ReturnUrl,
    /// The return URL's own query has a name that the service adds.
    #[error("returnURL has a parameter `{name}` of its own, which the service also adds; rename it")]
    ReturnUrlName {
        /// The name.
        name: String,
    },
    /// The return URL's own query has a name twice.
    #[error("returnURL has the parameter `{name}` more than once; returns with repeated names are refused")]
    ReturnUrlRepeats {
        /// The name.
        name: String,
    },
    /// `cobrandingUrl` is not https.
    #[error("cobrandingUrl is not an https URL")]
    CobrandingUrl,
    /// An amount is negative or has parts of a cent.
    #[error("{parameter} is not an amount that can be sent")]
    Amount {
        /// The parameter.
        parameter: &'static str,
        /// The rule broken.
        #[source]
        source: AmountError,
    },
    /// Only credit cards can be reserved.
    #[error("reserve needs CC among the payment methods")]
    ReserveWithoutCard,
    /// A parameter makes sense only beside another.
    #[error("{parameter} needs {needs} beside it")]
    Needs {
        /// The parameter.
        parameter: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// A number is zero where the service counts from one.
    #[error("{parameter} is zero; use one or more, or leave it out")]
    Zero {
        /// The parameter.
        parameter: &'static str,
    },
    /// There are more usage limits than the service takes.
    #[error("there are {limits} usage limits; the service takes two")]
    TooManyLimits {
        /// How many.
        limits: usize,
    },
    /// A token would end before it begins.
    #[error("validityExpiry is not after validityStart")]
    Validity,
    /// The pages of that version have no such parameter. Leave it out, or ask for a later version.
    #[error("{parameter} is not in version {version} of these pages; leave it out or use 2010-08-28")]
    Version {
        /// The parameter.
        parameter: &'static str,
        /// The version.
        version: Version,
    },
}
