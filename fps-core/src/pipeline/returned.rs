//! What comes back from the buyer pages: first its shape, then its truth, then its meaning.

use std::fmt;

use url::Url;

use crate::checkout::ShippingAddress;
use crate::client::Client;
use crate::operation::{VerificationStatus, VerifySignature};
use crate::param::pipeline;
use crate::pipeline::parameters::LinkParameters;
use crate::pipeline::{
    EditTokenAnswer, Expiry, MultiUseAnswer, PipelineStatus, RecipientAnswer, RecurringAnswer, ReturnError,
    SetupPostpaidAnswer, SetupPrepaidAnswer, SingleUseAnswer, Warning, WarningCode,
};
use crate::response::Verdict;
use crate::signature::Method;
use crate::signature::received::Received;
use crate::{CallerReference, Error, InstrumentId, Pairs, TokenId};

/// A return of the right shape, not verified yet: nothing of it can be read.
///
/// ```
/// use fps_core::pipeline::{ReturnError, ReturnQuery};
///
/// let return_url = "https://shop.example/return".parse()?;
/// let refused = ReturnQuery::from_raw(&return_url, "status=SA&tokenID=…");
/// assert_eq!(refused.unwrap_err(), ReturnError::Missing { field: "signature" });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnQuery(Received);

impl ReturnQuery {
    /// Looks at the shape of a return.
    ///
    /// `return_url` is the address as the link carried it, never what a `Host` header says; its query and fragment play no
    /// part. `raw_query` is what stands behind the question mark, byte for byte, the shop's own parameters included.
    ///
    /// # Errors
    ///
    /// [`ReturnError`] by the first rule broken, in the order of size, the four signature fields, their values, repeated
    /// names. Whether the certificate is the service's own is looked at by the verifier.
    pub fn from_raw(return_url: &Url, raw_query: &str) -> Result<Self, ReturnError> {
        Received::from_raw(Method::Get, return_url, raw_query).map(Self)
    }

    #[cfg(feature = "certificate")]
    pub(crate) const fn received(&self) -> &Received {
        &self.0
    }

    /// To be called by a verifier that has found the signature genuine.
    #[cfg(feature = "certificate")]
    pub(crate) fn into_verified(self) -> VerifiedReturn {
        VerifiedReturn { pairs: self.0.into_pairs() }
    }
}

impl Client {
    /// Has a return verified by the service: the certificate must be on the endpoint's own host, then `VerifySignature` is
    /// asked about the bytes as they came. Returns of 2007-01-08 are verified by [`verify_return`](crate::pipeline::v2007::verify_return).
    ///
    /// # Errors
    ///
    /// [`VerifyError`]: refused, or not known because the service cannot be asked.
    pub async fn verify_return(&self, query: ReturnQuery) -> Result<VerifiedReturn, VerifyError> {
        self.verify_received(&query.0).await?;
        Ok(VerifiedReturn { pairs: query.0.into_pairs() })
    }

    pub(crate) async fn verify_received(&self, received: &Received) -> Result<(), VerifyError> {
        received.check_certificate(self.endpoint())?;
        let answer = self.send(VerifySignature::new(received.url(), received.raw())).await?;
        match answer.response.verification_status {
            Some(VerificationStatus::Success) => Ok(()),
            _ => Err(VerifyError::NotGenuine),
        }
    }
}

/// A return that the service has signed for this address. Only a verifier makes one.
///
/// That the service speaks does not make the payment ours: whoever has an account can obtain genuine returns to our address.
/// Compare the caller reference, and what [`VerifiedReturn::own`] holds, with what the shop sent. `Debug` shows names only.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedReturn {
    pairs: Pairs,
}

impl VerifiedReturn {
    /// To be called by a verifier that has found the signature genuine.
    pub(in crate::pipeline) const fn new(pairs: Pairs) -> Self {
        Self { pairs }
    }

    /// What came back from a [`SingleUse`](crate::pipeline::SingleUse) link.
    #[must_use]
    pub fn single_use(&self) -> SingleUseAnswer {
        self.into()
    }

    /// What came back from a [`MultiUse`](crate::pipeline::MultiUse) link.
    #[must_use]
    pub fn multi_use(&self) -> MultiUseAnswer {
        self.into()
    }

    /// What came back from a [`Recurring`](crate::pipeline::Recurring) link.
    #[must_use]
    pub fn recurring(&self) -> RecurringAnswer {
        self.into()
    }

    /// What came back from a [`Recipient`](crate::pipeline::Recipient) link.
    #[must_use]
    pub fn recipient(&self) -> RecipientAnswer {
        self.into()
    }

    /// What came back from a [`SetupPrepaid`](crate::pipeline::SetupPrepaid) link.
    #[must_use]
    pub fn setup_prepaid(&self) -> SetupPrepaidAnswer {
        self.into()
    }

    /// What came back from a [`SetupPostpaid`](crate::pipeline::SetupPostpaid) link.
    #[must_use]
    pub fn setup_postpaid(&self) -> SetupPostpaidAnswer {
        self.into()
    }

    /// What came back from an [`EditToken`](crate::pipeline::EditToken) link.
    #[must_use]
    pub fn edit_token(&self) -> EditTokenAnswer {
        self.into()
    }

    /// The shop's own parameters, which its return URL carried: all whose names the service does not use.
    #[must_use]
    pub fn own(&self) -> Pairs {
        self.pairs
            .iter()
            .filter(|(name, _)| !is_of_the_service(name))
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// `status`.
    #[must_use]
    pub fn status(&self) -> PipelineStatus {
        PipelineStatus::from_wire(self.pairs.get(pipeline::STATUS).unwrap_or_default())
    }

    /// `callerReference`, if there is one that can be one.
    #[must_use]
    pub fn caller_reference(&self) -> Option<CallerReference> {
        self.text(pipeline::CALLER_REFERENCE).and_then(|text| CallerReference::new(text).ok())
    }

    pub(crate) fn token(&self, name: &str) -> Option<TokenId> {
        self.text(name).map(TokenId::new)
    }

    pub(crate) fn instrument(&self, name: &str) -> Option<InstrumentId> {
        self.text(name).map(InstrumentId::new)
    }

    pub(crate) fn expiry(&self) -> Option<Expiry> {
        self.text(pipeline::EXPIRY).map(Expiry::new)
    }

    pub(crate) fn address(&self) -> Option<ShippingAddress> {
        ShippingAddress::from_pairs(&self.pairs)
    }

    pub(crate) fn warning(&self) -> Option<Warning> {
        let code = WarningCode::from_wire(self.text(pipeline::WARNING_CODE)?);
        Some(Warning { code, message: self.text(pipeline::WARNING_MESSAGE).map(str::to_owned) })
    }

    pub(crate) fn error_message(&self) -> Option<String> {
        self.text(pipeline::ERROR_MESSAGE).map(str::to_owned)
    }

    /// A value that is not empty.
    fn text(&self, name: &str) -> Option<&str> {
        self.pairs.get(name).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for VerifiedReturn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedReturn({:?})", self.pairs)
    }
}

impl ShippingAddress {
    /// Adds the parts that are there.
    pub(crate) fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) {
        pairs.push_some(pipeline::ADDRESS_LINE_1, self.line1.as_ref());
        pairs.push_some(pipeline::ADDRESS_LINE_2, self.line2.as_ref());
        pairs.push_some(pipeline::ADDRESS_NAME, self.name.as_ref());
        pairs.push_some(pipeline::CITY, self.city.as_ref());
        pairs.push_some(pipeline::COUNTRY, self.country.as_ref());
        pairs.push_some(pipeline::PHONE_NUMBER, self.phone_number.as_ref());
        pairs.push_some(pipeline::STATE, self.state.as_ref());
        pairs.push_some(pipeline::ZIP, self.zip.as_ref());
    }

    /// Reads the parts that are there; `None` if there are none.
    pub(crate) fn from_pairs(pairs: &Pairs) -> Option<Self> {
        let part = |name| pairs.get(name).map(str::to_owned);
        let address = Self {
            name: part(pipeline::ADDRESS_NAME),
            line1: part(pipeline::ADDRESS_LINE_1),
            line2: part(pipeline::ADDRESS_LINE_2),
            city: part(pipeline::CITY),
            state: part(pipeline::STATE),
            country: part(pipeline::COUNTRY),
            zip: part(pipeline::ZIP),
            phone_number: part(pipeline::PHONE_NUMBER),
        };
        (address != Self::default()).then_some(address)
    }
}

/// Why a return or a notice does not count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Its shape is wrong. Answer with 400 and change nothing.
    #[error("it was refused")]
    Shape(#[from] ReturnError),
    /// The signature is not the service's for these bytes at this address. Answer with 400 and change nothing.
    #[error("its signature is not the service's for what arrived at this address")]
    NotGenuine,
    /// The service was asked and gave no yes or no. Unless [`VerifyError::is_refusal`], ask again later.
    #[error("the service did not say whether it is genuine")]
    Service(#[from] Error),
    /// It is genuine, but a value cannot be read. Look at what the service sends before answering it.
    #[error("it is genuine, but its {parameter} cannot be read")]
    Unreadable {
        /// The parameter.
        parameter: &'static str,
    },
    /// The service's certificate could not be had or read. Ask again later.
    #[cfg(feature = "certificate")]
    #[error("the service's certificate could not be had")]
    Certificate(#[from] crate::client::CertificateError),
}

impl VerifyError {
    /// Whether this is a no, rather than not knowing.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Shape(_) | Self::NotGenuine => true,
            Self::Unreadable { .. } => false,
            Self::Service(error) => error.verdict() == Verdict::Final,
            #[cfg(feature = "certificate")]
            Self::Certificate(_) => false,
        }
    }
}

/// Whether the service adds a parameter of that name to returns, however it is spelled.
pub(crate) fn is_of_the_service(name: &str) -> bool {
    NAMES_OF_THE_SERVICE.iter().any(|of_the_service| name.eq_ignore_ascii_case(of_the_service))
}

const NAMES_OF_THE_SERVICE: &[&str] = &[
    pipeline::ADDRESS_LINE_1,
    pipeline::ADDRESS_LINE_2,
    pipeline::ADDRESS_NAME,
    pipeline::AWS_SIGNATURE,
    pipeline::CALLER_REFERENCE,
    pipeline::CERTIFICATE_URL,
    pipeline::CITY,
    pipeline::COUNTRY,
    pipeline::CREDIT_INSTRUMENT_ID,
    pipeline::CREDIT_SENDER_TOKEN_ID,
    pipeline::ERROR_MESSAGE,
    pipeline::EXPIRY,
    pipeline::FUNDING_TOKEN_ID,
    pipeline::PHONE_NUMBER,
    pipeline::PREPAID_INSTRUMENT_ID,
    pipeline::PREPAID_SENDER_TOKEN_ID,
    pipeline::REFUND_TOKEN_ID,
    pipeline::SETTLEMENT_TOKEN_ID,
    pipeline::SIGNATURE,
    pipeline::SIGNATURE_METHOD,
    pipeline::SIGNATURE_VERSION,
    pipeline::STATE,
    pipeline::STATUS,
    pipeline::TOKEN_ID,
    pipeline::WARNING_CODE,
    pipeline::WARNING_MESSAGE,
    pipeline::ZIP,
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A return as if a verifier had passed it.
    pub(crate) fn verified(query: &str) -> VerifiedReturn {
        VerifiedReturn { pairs: Pairs::decode(query).unwrap() }
    }

    #[test]
    fn nothing_of_a_return_shows() {
        let returned = verified("status=SA&tokenID=SECRET_MARKER&addressName=SECRET_MARKER");
        let shown = format!("{returned:?} {:?}", returned.single_use());
        assert!(!shown.contains("SECRET_MARKER"), "{shown}");
    }
}
