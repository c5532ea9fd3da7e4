//! What the service signs and sends to the caller: returns and notices.
//!
//! Before anything of it is believed, it is looked at in this order: size; the four signature fields, each there once
//! however it is spelled; version 2; RSA-SHA1; the certificate at the service's own; no name twice. Then its signature is
//! checked, over the bytes as they came. Only then is it read.

use std::fmt;

use url::Url;

use crate::param::pipeline;
use crate::signature::Method;
use crate::{Endpoint, Pairs, PairsError};

/// The most bytes of a return's query or a notice's body: 8 KiB.
pub const MAX_RECEIVED_BYTES: usize = 8 * 1024;

/// The folder of the service's certificates, on the host of its API.
const CERTIFICATES: &str = "/certs/";

/// A return or a notice of the right shape, not verified yet. `Debug` shows where it arrived, never what.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Received {
    method: Method,
    url: Url,
    raw: String,
    pairs: Pairs,
    certificate_url: Url,
}

impl Received {
    /// Looks at the shape of what arrived at `url`, as the caller had given it to the service.
    pub(crate) fn from_raw(method: Method, url: &Url, raw: &str) -> Result<Self, ReturnError> {
        if raw.len() > MAX_RECEIVED_BYTES {
            return Err(ReturnError::TooLarge { bytes: raw.len() });
        }
        let pairs = Pairs::decode(raw)?;
        if pairs.iter().any(|(name, _)| name.eq_ignore_ascii_case(pipeline::AWS_SIGNATURE)) {
            return Err(ReturnError::OldScheme);
        }
        for field in SIGNATURE_FIELDS {
            let same = pairs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(field)).count();
            match (same, pairs.get(field)) {
                (1, Some(value)) if !value.is_empty() => {}
                (0 | 1, _) => return Err(ReturnError::Missing { field }),
                _ => return Err(ReturnError::Repeated { name: (*field).to_owned() }),
            }
        }
        if pairs.get(pipeline::SIGNATURE_VERSION) != Some("2") {
            return Err(ReturnError::SignatureVersion);
        }
        if pairs.get(pipeline::SIGNATURE_METHOD) != Some("RSA-SHA1") {
            return Err(ReturnError::SignatureMethod);
        }
        let certificate_url = pairs.get(pipeline::CERTIFICATE_URL).and_then(|text| Url::parse(text).ok());
        let certificate_url = certificate_url.ok_or(ReturnError::Certificate)?;
        if let Some(name) = pairs.repeated() {
            return Err(ReturnError::Repeated { name: shown(name) });
        }
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self { method, url, raw: raw.to_owned(), pairs, certificate_url })
    }

    /// Whether the certificate lies on the service's own host (scheme, host and port) under `/certs/`.
    pub(crate) fn check_certificate(&self, endpoint: &Endpoint) -> Result<(), ReturnError> {
        let (there, ours) = (&self.certificate_url, endpoint.api());
        let same_host = there.scheme() == ours.scheme()
            && there.host() == ours.host()
            && there.port_or_known_default() == ours.port_or_known_default();
        let plain = there.username().is_empty() && there.password().is_none() && there.fragment().is_none();
        if same_host && plain && there.path().starts_with(CERTIFICATES) {
            Ok(())
        } else {
            Err(ReturnError::Certificate)
        }
    }

    /// Where it arrived, without query.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The bytes as they came.
    pub(crate) fn raw(&self) -> &str {
        &self.raw
    }

    #[cfg_attr(
        not(feature = "certificate"),
        expect(dead_code, reason = "only local verification looks at these")
    )]
    pub(crate) const fn method(&self) -> Method {
        self.method
    }

    #[cfg_attr(
        not(feature = "certificate"),
        expect(dead_code, reason = "only local verification looks at these")
    )]
    pub(crate) const fn certificate_url(&self) -> &Url {
        &self.certificate_url
    }

    #[cfg_attr(
        not(feature = "certificate"),
        expect(dead_code, reason = "only local verification looks at these")
    )]
    pub(crate) const fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    /// What it says; for the verifiers, once the signature has been found genuine.
    pub(crate) fn into_pairs(self) -> Pairs {
        self.pairs
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

/// A return or a notice was refused before anybody was asked about it. Answer with 400 and change nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnError {
    /// Over 8 KiB.
    #[error("it has {bytes} bytes; the service sends at most {MAX_RECEIVED_BYTES}")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// It cannot be decoded.
    #[error("it cannot be decoded")]
    Malformed(#[from] PairsError),
    /// It is signed as version 2007-01-08 signed, which proves less.
    #[error("it is signed by the scheme of 2007-01-08, which this verifier does not take")]
    OldScheme,
    /// It is signed as versions since 2009-01-09 sign, by the service's key.
    #[error("it is signed by the scheme of 2009-01-09, which a verifier of 2007-01-08 does not take")]
    NewScheme,
    /// One of the four signature fields is missing, empty or spelled in another case. A version 1 signature has only one.
    #[error("it has no {field}")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A name stands twice, so nobody can tell which value was meant.
    #[error("{name} stands in it more than once")]
    Repeated {
        /// The name.
        name: String,
    },
    /// `signatureVersion` is not 2.
    #[error("its signatureVersion is not 2")]
    SignatureVersion,
    /// `signatureMethod` is not `RSA-SHA1`.
    #[error("its signatureMethod is not RSA-SHA1")]
    SignatureMethod,
    /// `certificateUrl` is not on the service's own host under `/certs/`.
    #[error("its certificateUrl is not below /certs/ on the service's own host")]
    Certificate,
}

/// A name that a stranger chose, cut and made printable.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(40).map(|c| if c.is_control() { '?' } else { c }).collect()
}

const SIGNATURE_FIELDS: &[&str] = &[
    pipeline::SIGNATURE,
    pipeline::SIGNATURE_VERSION,
    pipeline::SIGNATURE_METHOD,
    pipeline::CERTIFICATE_URL,
];

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "status=SA&tokenID=S1&signature=c2ln&signatureVersion=2&signatureMethod=RSA-SHA1&certificateUrl=https%3A%2F%2Ffps.sandbox.amazonaws.com%2Fcerts%2F090910%2FPKICert.pem%3FrequestId%3Dx";

    fn check(raw: &str) -> Result<(), ReturnError> {
        let url = "https://shop.example/return?order=42#x".parse().unwrap();
        Received::from_raw(Method::Get, &url, raw)?.check_certificate(&Endpoint::sandbox())
    }

    #[test]
    fn what_the_service_sends_passes() {
        assert_eq!(check(GOOD), Ok(()));
        assert_eq!(check(&format!("order=42&{GOOD}&&")), Ok(()));
    }

    #[test]
    fn every_deviation_is_refused_by_name() {
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        let missing = |field| ReturnError::Missing { field };
        let repeated = |name: &str| ReturnError::Repeated { name: name.to_owned() };
        for (raw, error) in [
            (String::new(), missing("signature")),
            (with("signature=c2ln&", ""), missing("signature")),
            (with("signature=c2ln", "signature="), missing("signature")),
            (with("signature=", "Signature="), missing("signature")),
            (with("signatureVersion=2&", ""), missing("signatureVersion")),
            (with("&signatureMethod=RSA-SHA1", ""), missing("signatureMethod")),
            (with("certificateUrl=", "certificateURL="), missing("certificateUrl")),
            (format!("{GOOD}&signature=c2ln"), repeated("signature")),
            (format!("SIGNATURE=x&{GOOD}"), repeated("signature")),
            (format!("{GOOD}&SignatureVersion=1"), repeated("signatureVersion")),
            (format!("{GOOD}&%73ignatureMethod=RSA-SHA1"), repeated("signatureMethod")),
            (format!("{GOOD}&certificateurl=x"), repeated("certificateUrl")),
            (format!("{GOOD}&awsSignature=x"), ReturnError::OldScheme),
            (with("signatureVersion=2", "signatureVersion=1"), ReturnError::SignatureVersion),
            (with("signatureVersion=2", "signatureVersion=02"), ReturnError::SignatureVersion),
            (with("RSA-SHA1", "HmacSHA1"), ReturnError::SignatureMethod),
            (with("RSA-SHA1", "rsa-sha1"), ReturnError::SignatureMethod),
            (with("https%3A", "http%3A"), ReturnError::Certificate),
            (with("fps.sandbox.amazonaws.com", "fps.amazonaws.com"), ReturnError::Certificate),
            (
                with("fps.sandbox.amazonaws.com", "fps.sandbox.amazonaws.com.evil.example"),
                ReturnError::Certificate,
            ),
            (
                with("fps.sandbox.amazonaws.com", "fps.sandbox.amazonaws.com%40evil.example"),
                ReturnError::Certificate,
            ),
            (with("fps.sandbox.amazonaws.com", "x%40fps.sandbox.amazonaws.com"), ReturnError::Certificate),
            (with("fps.sandbox.amazonaws.com", "fps.sandbox.amazonaws.com%3A444"), ReturnError::Certificate),
            (with("%2Fcerts%2F", "%2Fcerts%2F..%2F"), ReturnError::Certificate),
            (with("%2Fcerts%2F", "%2Fuploads%2F"), ReturnError::Certificate),
            (with("https%3A%2F%2F", ""), ReturnError::Certificate),
            (format!("{GOOD}&status=SC"), repeated("status")),
            (format!("{GOOD}&a=%"), ReturnError::Malformed(PairsError::Escape)),
            (
                format!("{GOOD}&a={}", "x".repeat(MAX_RECEIVED_BYTES)),
                ReturnError::TooLarge { bytes: GOOD.len() + 3 + MAX_RECEIVED_BYTES },
            ),
        ] {
            let shown = &raw[..raw.len().min(300)];
            assert_eq!(check(&raw), Err(error), "{shown}");
        }
    }

    #[test]
    fn the_default_port_may_be_written() {
        let raw = GOOD.replace("amazonaws.com", "amazonaws.com%3A443");
        assert_eq!(check(&raw), Ok(()));
    }
}
