//! Links and returns of version 2007-01-08: both signed with the caller's secret key, as `awsSignature`.

use fps_core::Pairs;
use fps_core::checkout::PaymentMethod;
use fps_core::param::pipeline as name;
use fps_core::signature::pages_2007::{Space, string_to_sign};
use fps_core::signature::{SignatureMethod, escape, hmac};
use http::Request;
use url::Url;

use super::ask::{Ask, Given};
use super::finish::{Ending, Scheme, answer, appended};
use crate::ledger::{Account, Ledger};
use crate::mistake::{self, Sides};
use crate::sandbox::Inner;

/// Whether a link is of this version: signed as it did, and of no version by name.
pub(super) fn is_link(given: &Given<'_>) -> bool {
    given.text(name::AWS_SIGNATURE).is_some()
        && given.text(name::SIGNATURE).is_none()
        && given.text(name::VERSION).is_none()
}

/// Checks a link's signature, in the form encoding and in that of RFC 3986; says why it does not fit, and what would.
pub(super) fn check_link(
    request: &Request<Vec<u8>>,
    given: &Given<'_>,
    caller: &Account,
) -> Result<(), (String, Option<Sides>)> {
    let signature = given.text(name::AWS_SIGNATURE).unwrap_or_default();
    let key = given.text(name::CALLER_KEY).unwrap_or_default();
    let path = request.uri().path();
    let texts = [Space::Plus, Space::Percent20].map(|space| string_to_sign(path, given.pairs, space));
    let sha1 = SignatureMethod::HmacSha1;
    let fits =
        |text: &String| caller.signing_keys(key).any(|secret| hmac::verify(sha1, secret, text, signature));
    if texts.iter().any(fits) {
        return Ok(());
    }
    let first = caller.signing_keys(key).next();
    let mistake = first.and_then(|secret| mistake::v2007::of_link(secret, signature, path, given.pairs));
    Err((mistake::explain(&texts[..0], mistake.as_ref()), Sides::of(texts.first(), mistake.as_ref())))
}

/// What this version takes for granted: without `paymentMethod`, everything that there is.
pub(super) fn complete(ask: &mut Ask, given: &Given<'_>) {
    if given.text(name::PAYMENT_METHOD).is_none() {
        ask.methods = PaymentMethod::ALL.to_vec();
    }
}

/// The address that the browser is sent to: the return URL with the answer, signed with the caller's secret if there is one.
pub(super) fn location(
    inner: &Inner,
    ledger: &Ledger,
    scheme: &Scheme,
    return_url: &Url,
    ending: &Ending,
) -> Option<String> {
    let mut signed = Pairs::decode(return_url.query().unwrap_or_default()).ok()?;
    let mut pairs = answer(&Ending { status: status(ending.status), wrong_address: false, ..ending.clone() });
    let order = |name: &str| ORDER.iter().position(|one| *one == name).unwrap_or(ORDER.len());
    pairs.sort_by_key(|(name, _)| order(name));
    let mut query = String::new();
    for (name, value) in &pairs {
        signed.push(*name, value.as_str());
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        escape::push_form(&mut query, value);
    }
    if let Scheme::Secret { access_key } = scheme {
        let secret = ledger.account_by_key(access_key)?.signing_keys(access_key).next()?;
        let text = string_to_sign(return_url.path(), &signed, Space::Plus);
        let signature = hmac::sign(SignatureMethod::HmacSha1, secret, &text);
        query.push_str("&awsSignature=");
        match inner.settings.encode_aws_signature {
            true => escape::push_form(&mut query, &signature),
            // As the service did: `+`, `/` and `=` stand bare.
            false => query.push_str(&signature),
        }
    }
    Some(appended(return_url, &query))
}

/// The status in the words of this version.
fn status(later: &'static str) -> &'static str {
    match later {
        "IT" => "CE",
        "UT" | "NA" => "NP",
        other => other,
    }
}

/// The order of the one return that was kept.
const ORDER: &[&str] = &[
    name::STATUS,
    name::EXPIRY,
    name::TOKEN_ID,
    name::REFUND_TOKEN_ID,
    name::PREPAID_INSTRUMENT_ID,
    name::PREPAID_SENDER_TOKEN_ID,
    name::FUNDING_TOKEN_ID,
    name::CREDIT_SENDER_TOKEN_ID,
    name::SETTLEMENT_TOKEN_ID,
    name::CREDIT_INSTRUMENT_ID,
    name::CALLER_REFERENCE,
    name::ERROR_MESSAGE,
];
