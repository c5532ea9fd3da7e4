//! Where the service is.

use url::Url;

use crate::signature::Method;
use crate::signature::canonical::begin_string_to_sign;

/// The two addresses of one FPS: its API and its buyer pages.
///
/// | | API | buyer pages |
/// |---|---|---|
/// | [`Endpoint::production`] | `https://fps.amazonaws.com/` | `https://authorize.payments.amazon.com/cobranded-ui/actions/start` |
/// | [`Endpoint::sandbox`] | `https://fps.sandbox.amazonaws.com/` | `https://authorize.payments-sandbox.amazon.com/cobranded-ui/actions/start` |
/// | [`Endpoint::at`] | the given base | `cobranded-ui/actions/start` below it |
///
/// Amazon closed the first two in 2015; `fps-sandbox` serves the third.
///
/// ```
/// use fps_core::Endpoint;
///
/// let endpoint = Endpoint::at("http://127.0.0.1:8081".parse()?)?;
/// assert_eq!(endpoint.pages().as_str(), "http://127.0.0.1:8081/cobranded-ui/actions/start");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    api: Url,
    pages: Url,
    /// How each string to sign of a link begins.
    pages_to_sign: String,
}

impl Endpoint {
    /// The service as it was for real money.
    #[must_use]
    pub fn production() -> Self {
        Self::fixed(
            "https://fps.amazonaws.com/",
            "https://authorize.payments.amazon.com/cobranded-ui/actions/start",
        )
    }

    /// Amazon's own sandbox as it was.
    #[must_use]
    pub fn sandbox() -> Self {
        Self::fixed(
            "https://fps.sandbox.amazonaws.com/",
            "https://authorize.payments-sandbox.amazon.com/cobranded-ui/actions/start",
        )
    }

    /// A service at one base address: `https`, or plain `http` on this machine's loopback only.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] for another scheme, a user name, a query or a fragment, and for plain http off loopback.
    pub fn at(base: Url) -> Result<Self, EndpointError> {
        if base.scheme() == "http" && !is_loopback(&base) {
            return Err(EndpointError::PlainHttp);
        }
        Self::insecure_at(base)
    }

    /// A service at one base address, plain http allowed anywhere.
    ///
    /// # Security
    ///
    /// Over plain http whoever stands between can read tokens and answer in the service's place. Meant for a private
    /// network of test machines.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] for a scheme other than http and https, a user name, a query or a fragment.
    pub fn insecure_at(mut base: Url) -> Result<Self, EndpointError> {
        if !matches!(base.scheme(), "http" | "https") {
            return Err(EndpointError::Scheme);
        }
        if !base.username().is_empty()
            || base.password().is_some()
            || base.query().is_some()
            || base.fragment().is_some()
        {
            return Err(EndpointError::NotABase);
        }
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        let pages = base.join(PAGES).map_err(|_| EndpointError::NotABase)?;
        let pages_to_sign = begin_string_to_sign(Method::Get, &pages).map_err(|_| EndpointError::NotABase)?;
        Ok(Self { api: base, pages, pages_to_sign })
    }

    /// Where operations are sent.
    #[must_use]
    pub fn api(&self) -> &Url {
        &self.api
    }

    /// Where every pipeline begins.
    #[must_use]
    pub fn pages(&self) -> &Url {
        &self.pages
    }

    pub(crate) fn pages_to_sign(&self) -> &str {
        &self.pages_to_sign
    }

    fn fixed(api: &str, pages: &str) -> Self {
        let parse = |text: &str| Url::parse(text).expect("the literal is a URL");
        let pages = parse(pages);
        let pages_to_sign = begin_string_to_sign(Method::Get, &pages).expect("the literal's path is plain");
        Self { api: parse(api), pages, pages_to_sign }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Why an address cannot be an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Neither `http` nor `https`.
    #[error("an endpoint's address begins with https://, or http:// on loopback")]
    Scheme,
    /// Plain `http` to another machine: use `https`, or [`Endpoint::insecure_at`] knowing what it means.
    #[error(
        "plain http is for loopback only; use https, or `Endpoint::insecure_at` on a private test network"
    )]
    PlainHttp,
    /// It has a user name, a query or a fragment, or a path that cannot be decoded.
    #[error("an endpoint's address has no user name, query or fragment")]
    NotABase,
}

const PAGES: &str = "cobranded-ui/actions/start";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_loopback() {
        for base in ["http://127.0.0.1:8081", "http://localhost", "http://[::1]:1/", "https://example.com"] {
            assert!(Endpoint::at(base.parse().unwrap()).is_ok(), "{base}");
        }
        assert_eq!(Endpoint::at("http://example.com".parse().unwrap()), Err(EndpointError::PlainHttp));
        assert!(Endpoint::insecure_at("http://example.com".parse().unwrap()).is_ok());
        assert_eq!(Endpoint::at("ftp://example.com".parse().unwrap()), Err(EndpointError::Scheme));
        assert_eq!(Endpoint::at("https://a@example.com".parse().unwrap()), Err(EndpointError::NotABase));
        assert_eq!(Endpoint::at("https://example.com/?a=b".parse().unwrap()), Err(EndpointError::NotABase));
    }

    #[test]
    fn pages_lie_below_the_base() {
        let endpoint = Endpoint::at("https://example.com/fps".parse().unwrap()).unwrap();
        assert_eq!(endpoint.api().as_str(), "https://example.com/fps/");
        assert_eq!(endpoint.pages().as_str(), "https://example.com/fps/cobranded-ui/actions/start");
    }
}
