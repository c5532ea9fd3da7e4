//! The end of a pipeline: the redirect back, signed.

use fps_core::param::pipeline as name;
use fps_core::signature::{Method, string_to_sign};
use fps_core::{CallerReference, Pairs};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::v2007;
use crate::ledger::Ledger;
use crate::ledger::account::Address;
use crate::sandbox::Inner;

/// How the return is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scheme {
    /// With the service's key, which a certificate vouches for.
    Certificate,
    /// Of 2007-01-08: with the secret key that the link was signed with.
    Secret {
        /// Its access key id.
        access_key: String,
    },
    /// Of 2007-01-08, about a link that was not signed rightly: whoever made it must not be given a signature.
    Unsigned,
}

/// What a pipeline ended in.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// `SA`, `A`, `CE`, …
    pub(crate) status: &'static str,
    /// `errorMessage`.
    pub(crate) message: Option<String>,
    pub(crate) reference: Option<CallerReference>,
    /// Tokens and instruments by the names of the return.
    pub(crate) tokens: Vec<(&'static str, String)>,
    /// The card's, `MM/YYYY`.
    pub(crate) expiry: Option<String>,
    /// The address that the buyer chose.
    pub(crate) address: Option<Address>,
    /// Whether the address that was passed in is wrong.
    pub(crate) wrong_address: bool,
}

impl Ending {
    pub(crate) fn new(status: &'static str, message: Option<String>) -> Self {
        Self {
            status,
            message,
            reference: None,
            tokens: Vec::new(),
            expiry: None,
            address: None,
            wrong_address: false,
        }
    }

    /// The buyer left.
    pub(crate) fn abandoned() -> Self {
        Self::new("A", None)
    }

    /// The link has bad parameters.
    pub(crate) fn malformed(names: &[&str]) -> Self {
        let names = names.join(", ");
        Self::new("CE", Some(format!("The following input(s) are not well formed: [{names}]")))
    }

    /// The same link in the same browser, after the buyer left.
    pub(crate) fn aborted_and_restarted() -> Self {
        Self::new("NP", Some("User Error: The pipeline was aborted and restarted".to_owned()))
    }
}

/// The address that the browser is sent to: the return URL with the answer, signed.
pub(crate) fn location(
    inner: &Inner,
    ledger: &Ledger,
    scheme: &Scheme,
    return_url: &Url,
    ending: &Ending,
) -> Option<String> {
    if *scheme != Scheme::Certificate {
        return v2007::location(inner, ledger, scheme, return_url, ending);
    }
    // What was in the return URL stays in front, and is signed with the rest.
    let mut signed = Pairs::decode(return_url.query().unwrap_or_default()).ok()?;
    let mut pairs = answer(ending);
    pairs.push((name::SIGNATURE_METHOD, "RSA-SHA1".to_owned()));
    pairs.push((name::SIGNATURE_VERSION, "2".to_owned()));
    pairs.push((name::CERTIFICATE_URL, inner.certificate_url()));
    for (name, value) in &pairs {
        signed.push(*name, value.as_str());
    }
    let signature = inner.key.sign(&string_to_sign(Method::Get, return_url, &signed).ok()?);
    pairs.push((name::SIGNATURE, signature));
    let order = |name: &str| ORDER.iter().position(|one| *one == name).unwrap_or(ORDER.len());
    pairs.sort_by_key(|(name, _)| order(name));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    Some(appended(return_url, &query.finish()))
}

/// A URL with more behind its own query.
pub(super) fn appended(return_url: &Url, query: &str) -> String {
    let mut bare = return_url.clone();
    bare.set_fragment(None);
    let mut location = bare.to_string();
    location.push(match location.contains('?') {
        true if location.ends_with(['?', '&']) => ' ',
        true => '&',
        false => '?',
    });
    let location = format!("{}{query}", location.trim_end_matches(' '));
    match return_url.fragment() {
        Some(fragment) => format!("{location}#{fragment}"),
        None => location,
    }
}

/// What the answer says, before it is signed.
pub(super) fn answer(ending: &Ending) -> Vec<(&'static str, String)> {
    let mut pairs = vec![(name::STATUS, ending.status.to_owned())];
    pairs.extend(ending.tokens.iter().cloned());
    let mut push = |name, value: Option<&str>| {
        if let Some(value) = value {
            pairs.push((name, value.to_owned()));
        }
    };
    push(name::CALLER_REFERENCE, ending.reference.as_ref().map(CallerReference::as_str));
    push(name::EXPIRY, ending.expiry.as_deref());
    push(name::ERROR_MESSAGE, ending.message.as_deref());
    if ending.wrong_address {
        push(name::WARNING_CODE, Some("invalidShippingAddress"));
        push(name::WARNING_MESSAGE, Some("The shipping address is not valid."));
    }
    if let Some(address) = &ending.address {
        push(name::ADDRESS_NAME, Some(&address.name));
        push(name::ADDRESS_LINE_1, Some(&address.line_1));
        push(name::ADDRESS_LINE_2, Some(address.line_2.as_str()).filter(|line| !line.is_empty()));
        push(name::CITY, Some(&address.city));
        push(name::STATE, Some(&address.state));
        push(name::ZIP, Some(&address.zip));
        push(name::PHONE_NUMBER, Some(address.phone.as_str()).filter(|phone| !phone.is_empty()));
    }
    pairs
}

/// The order of the service's last years.
const ORDER: &[&str] = &[
    name::TOKEN_ID,
    name::REFUND_TOKEN_ID,
    name::PREPAID_INSTRUMENT_ID,
    name::PREPAID_SENDER_TOKEN_ID,
    name::FUNDING_TOKEN_ID,
    name::CREDIT_INSTRUMENT_ID,
    name::CREDIT_SENDER_TOKEN_ID,
    name::SETTLEMENT_TOKEN_ID,
    name::ERROR_MESSAGE,
    name::SIGNATURE_METHOD,
    name::STATUS,
    name::SIGNATURE_VERSION,
    name::SIGNATURE,
    name::CERTIFICATE_URL,
    name::EXPIRY,
    name::CALLER_REFERENCE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sandbox;

    #[test]
    fn what_was_in_the_return_url_stays_in_front_and_is_signed() {
        let sandbox = Sandbox::new();
        for (return_url, front, back) in [
            ("http://shop.example/return", "http://shop.example/return?tokenID=T&", ""),
            ("http://shop.example:8080/r?fps=a%20b", "http://shop.example:8080/r?fps=a%20b&tokenID=T&", ""),
            ("http://shop.example/r?#top", "http://shop.example/r?tokenID=T&", "#top"),
        ] {
            let return_url: Url = return_url.parse().unwrap();
            let mut ending = Ending::new("SC", None);
            ending.tokens = vec![(name::TOKEN_ID, "T".to_owned())];
            ending.expiry = Some("08/2035".to_owned());
            ending.reference = Some(CallerReference::new("a b+c").unwrap());
            let location =
                location(&sandbox.inner, &Ledger::new(), &Scheme::Certificate, &return_url, &ending).unwrap();
            assert!(location.starts_with(front), "{location}");
            assert!(
                location.ends_with(&format!("&expiry=08%2F2035&callerReference=a+b%2Bc{back}")),
                "{location}"
            );
            let url: Url = location.parse().unwrap();
            let pairs = Pairs::decode(url.query().unwrap()).unwrap();
            let text = string_to_sign(Method::Get, &url, &pairs).unwrap();
            let signature = pairs.get("signature").unwrap();
            assert!(signature.contains('\n'), "wrapped: {signature:?}");
            assert!(sandbox.service_key().verify(&text, signature), "{location}");
        }
    }
}
