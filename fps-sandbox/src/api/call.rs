//! A request as it came, and who sent it.

use fps_core::param::api as name;
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Pairs, Timestamp};
use http::Request;
use url::Url;

use super::refusal::Refusal;
use crate::ledger::{Account, Ledger};
use crate::mistake::{self, Sides};

/// A request of the Query interface.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) pairs: Pairs,
    addresses: Addresses,
    /// What keeps the request from being read at all.
    fault: Option<Refusal>,
    /// Whether a fault lets what it asks for be declined for now.
    pub(crate) declines: bool,
}

impl Call {
    /// Takes a request apart. GET with a query, POST with a form body, POST with the query in the URL: all three were used.
    pub(crate) fn read(request: &Request<Vec<u8>>, public: &Url) -> Self {
        let mut call = Self {
            method: Method::Get,
            pairs: Pairs::new(),
            addresses: Addresses::of(request, public),
            fault: None,
            declines: false,
        };
        if *request.method() == http::Method::POST {
            call.method = Method::Post;
        } else if *request.method() != http::Method::GET {
            call.fault = Some(Refusal::new("InvalidRequest", "Use GET or POST."));
        }
        let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let body = request.body().trim_ascii_start();
        if body.starts_with(b"<") || kind.is_some_and(|kind| kind.contains("xml")) {
            let message =
                "SOAP is not spoken here. Use the Query interface: GET or POST with form parameters.";
            call.fault = Some(Refusal::new("InvalidRequest", message));
            return call;
        }
        let body = if call.method == Method::Post { str::from_utf8(body) } else { Ok("") };
        let query = request.uri().query().unwrap_or_default();
        let pairs = body.map(|body| Pairs::decode(&format!("{query}&{}", body.trim_ascii_end())));
        match pairs {
            Ok(Ok(pairs)) => call.pairs = pairs,
            _ => {
                let message = "The parameters are not form-encoded UTF-8.";
                call.fault = Some(Refusal::new("MalformedQueryString", message));
            }
        }
        call
    }

    /// `Action`, or nothing.
    pub(crate) fn action(&self) -> &str {
        self.pairs.get(name::ACTION).unwrap_or_default()
    }

    /// What keeps the request from being read at all.
    pub(crate) fn fault(&self) -> Option<&Refusal> {
        self.fault.as_ref()
    }

    /// A parameter that every request has.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        let message = || format!("The request must contain the parameter {name}.");
        self.pairs.get(name).ok_or_else(|| Refusal::new("MissingParameter", message()))
    }

    /// Whether it carries neither a key nor a signature.
    pub(crate) fn is_unsigned(&self) -> bool {
        self.pairs.get(name::AWS_ACCESS_KEY_ID).is_none() && self.pairs.get(name::SIGNATURE).is_none()
    }

    /// Checks the signature and then the time, and gives who sent it.
    pub(crate) fn caller<'a>(&self, ledger: &'a Ledger, now: Timestamp) -> Result<&'a Account, Refusal> {
        let Some(key) = self.pairs.get(name::AWS_ACCESS_KEY_ID) else {
            let message =
                "Request must contain either a valid (registered) AWS access key ID or X.509 certificate.";
            return Err(Refusal::new("MissingClientTokenId", message));
        };
        let Some(account) = ledger.account_by_key(key) else {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            return Err(Refusal::new("InvalidClientTokenId", message));
        };
        self.check_signature(account, key)?;
        self.check_time(now)?;
        Ok(account)
    }

    /// When the caller says he sent it.
    pub(crate) fn sent(&self) -> Option<Timestamp> {
        self.pairs.get(name::TIMESTAMP).and_then(|text| text.parse().ok())
    }

    fn check_signature(&self, account: &Account, key: &str) -> Result<(), Refusal> {
        let signature = self.required(name::SIGNATURE)?;
        let version = self.required(name::SIGNATURE_VERSION)?;
        if version != "2" {
            let message = format!("SignatureVersion {version} is no longer accepted. Use version 2.");
            return Err(Refusal::new("InvalidParameterValue", message));
        }
        let method = self.signature_method()?;
        let fits = |text: &String| {
            account.signing_keys(key).any(|secret| hmac::verify(method, secret, text, signature))
        };
        if self.strings_to_sign().any(|text| fits(&text)) {
            return Ok(());
        }
        let texts: Vec<String> = self.strings_to_sign().collect();
        let message = "The request signature we calculated does not match the signature you provided. Check your AWS \
                       Secret Access Key and signing method. Consult the service documentation for details.";
        let mistake = account.signing_keys(key).next().and_then(|secret| {
            let urls: Vec<Url> = self.addresses.urls().collect();
            mistake::find(method, secret, signature, self.method, &urls, &self.pairs)
        });
        let why = mistake::explain(&texts[..0], mistake.as_ref());
        let sides = Sides::of(texts.first(), mistake.as_ref());
        Err(Refusal::new("SignatureDoesNotMatch", message).because(why).with_sides(sides))
    }

    /// The hash of signature version 2.
    pub(super) fn signature_method(&self) -> Result<SignatureMethod, Refusal> {
        let method = self.required(name::SIGNATURE_METHOD)?;
        SignatureMethod::from_wire(method).ok_or_else(|| {
            let message = format!(
                "Value ({method}) for parameter SignatureMethod is invalid. Must be HmacSHA256 or HmacSHA1."
            );
            Refusal::new("InvalidParameterValue", message)
        })
    }

    /// Whether it was sent now, or nearly.
    pub(super) fn check_time(&self, now: Timestamp) -> Result<(), Refusal> {
        let text = self.required(name::TIMESTAMP)?;
        let Some(sent) = self.sent() else {
            let message =
                format!("Value ({text}) for parameter Timestamp is invalid. Must be in ISO8601 format.");
            return Err(Refusal::new("InvalidParameterValue", message));
        };
        if sent.since(now).max(now.since(sent)) > TOLERANCE {
            let message = format!("Request has expired. Timestamp date is {text}");
            let why = format!("the sandbox's clock shows {now}; 15 minutes either way are allowed");
            return Err(Refusal::new("RequestExpired", message).because(why));
        }
        Ok(())
    }

    /// What signature version 2 may have signed, likeliest first; each is made only when the one before did not fit.
    pub(super) fn strings_to_sign(&self) -> impl Iterator<Item = String> {
        self.addresses.urls().filter_map(|url| string_to_sign(self.method, &url, &self.pairs).ok())
    }
}

/// The addresses that a client may have signed: the host as it came, and without its port; the same as the request line has
/// it. Last comes the public address, for a service behind a proxy.
#[derive(Debug)]
pub(crate) struct Addresses {
    hosts: Vec<String>,
    path: String,
}

impl Addresses {
    pub(crate) fn of<B>(request: &Request<B>, public: &Url) -> Self {
        let header = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        let mut hosts: Vec<String> = Vec::with_capacity(2);
        for host in header.into_iter().chain(authority).chain([public.authority()]) {
            if !hosts.iter().any(|one| one == host) {
                hosts.push(host.to_owned());
            }
        }
        Self { hosts, path: request.uri().path().to_owned() }
    }

    /// The likeliest first; each is made only when it is asked for.
    pub(crate) fn urls(&self) -> impl Iterator<Item = Url> {
        let parsed = |host: &String| Url::parse(&format!("http://{host}{}", self.path)).ok();
        self.hosts.iter().filter_map(parsed).flat_map(|url| {
            let without_port = url.port().map(|_| {
                let mut bare = url.clone();
                // A URL that has a host can lose its port.
                let _has_a_host = bare.set_port(None);
                bare
            });
            [url].into_iter().chain(without_port)
        })
    }
}

/// How far a request's time may lie from the service's, either way.
const TOLERANCE: std::time::Duration = std::time::Duration::from_secs(15 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_address_comes_first_and_none_twice() {
        let public: Url = "http://pay.example:8080/".parse().unwrap();
        for (line, host, expected) in [
            ("/", "127.0.0.1:9", &["127.0.0.1:9", "127.0.0.1", "pay.example:8080", "pay.example"] as &[&str]),
            ("/", "pay.example:8080", &["pay.example:8080", "pay.example"]),
            (
                "http://a.example/",
                "b.example",
                &["b.example", "a.example", "pay.example:8080", "pay.example"],
            ),
            ("/", "no host", &["pay.example:8080", "pay.example"]),
        ] {
            let request = Request::get(line).header("host", host).body(()).unwrap();
            let urls: Vec<_> = Addresses::of(&request, &public).urls().map(String::from).collect();
            let expected: Vec<_> = expected.iter().map(|host| format!("http://{host}/")).collect();
            assert_eq!(urls, expected, "{line} {host}");
        }
    }
}
