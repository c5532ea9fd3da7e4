//! Why a signature of version 2007-01-08 does not fit.

use fps_core::param::api as name;
use fps_core::signature::SignatureMethod::{HmacSha1, HmacSha256};
use fps_core::signature::legacy::{string_to_sign_version_0, string_to_sign_version_1};
use fps_core::signature::pages_2007::{self, Space};
use fps_core::signature::{escape, hmac};
use fps_core::{Pairs, SecretKey};

use super::Mistake;

/// A mistake in the signature of a call that clients are known to make, if it explains it.
pub(crate) fn of_call(secret: &SecretKey, signature: &str, pairs: &Pairs) -> Option<Mistake> {
    let signed = || pairs.iter().filter(|(given, _)| !given.eq_ignore_ascii_case(name::SIGNATURE));
    let run_together =
        |pairs: &[(&str, &str)]| pairs.iter().flat_map(|(name, value)| [*name, *value]).collect();
    let as_sent: Vec<_> = signed().collect();
    let mut by_bytes = as_sent.clone();
    by_bytes.sort_unstable();
    let encoded = signed().map(|(given, value)| (given.to_owned(), escape::encode(value)));
    let encoded = string_to_sign_version_1(&Pairs::from_iter(encoded));
    let named = Pairs::from_iter(signed().map(|(given, value)| (given.to_owned(), value)));
    let action = pairs.get(name::ACTION).unwrap_or_default();
    let timestamp = pairs.get(name::TIMESTAMP).unwrap_or_default();
    let right = string_to_sign_version_1(pairs);
    let candidates = [
        (HmacSha256, "it was made with SHA-256; versions 0 and 1 take SHA-1", right),
        (HmacSha1, "the names were sorted by bytes; sort without regard to case", run_together(&by_bytes)),
        (HmacSha1, "the names were not sorted", run_together(&as_sent)),
        (HmacSha1, "the values were percent-encoded before they were signed; sign them as they are", encoded),
        (
            HmacSha1,
            "it was made by the rule for links, with path, = and &; run names and values together",
            pages_2007::string_to_sign("/", &named, Space::Plus),
        ),
        (
            HmacSha1,
            "it is a signature of version 0, but SignatureVersion says another",
            string_to_sign_version_0(action, timestamp),
        ),
    ];
    first_that_fits(secret, signature, candidates)
}

/// A mistake in the signature of a link that clients are known to make, if it explains it.
pub(crate) fn of_link(secret: &SecretKey, signature: &str, path: &str, pairs: &Pairs) -> Option<Mistake> {
    let right = pages_2007::string_to_sign(path, pairs, Space::Plus);
    let query = right.strip_prefix(path).and_then(|rest| rest.strip_prefix('?')).unwrap_or_default();
    let mut by_bytes: Vec<&str> = query.split('&').collect();
    by_bytes.sort_unstable();
    let mut bare: Vec<(&str, &str)> =
        pairs.iter().filter(|(given, _)| !given.eq_ignore_ascii_case("awsSignature")).collect();
    bare.sort_by_key(|(given, _)| given.to_lowercase());
    let bare: Vec<_> = bare.iter().map(|(given, value)| format!("{given}={value}")).collect();
    let by_bytes = format!("{path}?{}", by_bytes.join("&"));
    let candidates = [
        (HmacSha256, "it was made with SHA-256; awsSignature takes SHA-1", right.clone()),
        (HmacSha1, "the names were sorted by bytes; sort without regard to case", by_bytes),
        (HmacSha1, "the question mark behind the path was not signed", format!("{path}{query}")),
        (HmacSha1, "the path was not signed", query.to_owned()),
        (
            HmacSha1,
            "the values were signed as they are; encode them first",
            format!("{path}?{}", bare.join("&")),
        ),
        (
            HmacSha1,
            "it was made by the rule for calls; sign the path, and keep = and &",
            string_to_sign_version_1(pairs),
        ),
    ];
    first_that_fits(secret, signature, candidates)
}

fn first_that_fits<const N: usize>(
    secret: &SecretKey,
    signature: &str,
    candidates: [(fps_core::signature::SignatureMethod, &'static str, String); N],
) -> Option<Mistake> {
    let mut candidates = candidates.into_iter();
    let found = candidates.find(|(method, _, text)| hmac::verify(*method, secret, text, signature));
    found.map(|(_, what, signed)| Mistake { what, signed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_mistakes_are_recognised() {
        let secret = SecretKey::new("secret");
        let pairs = [
            ("Action", "Pay"),
            ("AWSAccessKeyId", "K"),
            ("Zeta", "a b"),
            ("SignatureVersion", "1"),
            ("Timestamp", "2007-10-16T17:00:00Z"),
        ];
        let all = Pairs::from_iter(pairs.into_iter().chain([("Signature", "x")]));
        for (method, text, part) in [
            (HmacSha256, string_to_sign_version_1(&all), "SHA-256"),
            (
                HmacSha1,
                "AWSAccessKeyIdKActionPaySignatureVersion1Timestamp2007-10-16T17:00:00ZZetaa b".to_owned(),
                "by bytes",
            ),
            (
                HmacSha1,
                "ActionPayAWSAccessKeyIdKZetaa bSignatureVersion1Timestamp2007-10-16T17:00:00Z".to_owned(),
                "not sorted",
            ),
            (
                HmacSha1,
                "ActionPayAWSAccessKeyIdKSignatureVersion1Timestamp2007-10-16T17%3A00%3A00ZZetaa%20b".to_owned(),
                "percent-encoded",
            ),
            (
                HmacSha1,
                "/?Action=Pay&AWSAccessKeyId=K&SignatureVersion=1&Timestamp=2007-10-16T17%3A00%3A00Z&Zeta=a+b"
                    .to_owned(),
                "rule for links",
            ),
            (HmacSha1, "Pay2007-10-16T17:00:00Z".to_owned(), "version 0"),
        ] {
            let found = of_call(&secret, &hmac::sign(method, &secret, &text), &all);
            assert!(found.as_ref().is_some_and(|found| found.what.contains(part)), "{text:?}: {found:?}");
        }
        assert!(of_call(&secret, "AAAA", &all).is_none());

        let all = Pairs::from_iter([("callerKey", "K"), ("Beta", "a b"), ("awsSignature", "x")]);
        for (method, text, part) in [
            (HmacSha256, "/start?Beta=a+b&callerKey=K", "SHA-256"),
            (HmacSha1, "/start?callerKey=K&Beta=a+b", "not this one"),
            (HmacSha1, "/startBeta=a+b&callerKey=K", "question mark"),
            (HmacSha1, "Beta=a+b&callerKey=K", "path was not signed"),
            (HmacSha1, "/start?Beta=a b&callerKey=K", "encode them first"),
            (HmacSha1, "Betaa bcallerKeyK", "rule for calls"),
        ] {
            let found = of_link(&secret, &hmac::sign(method, &secret, text), "/start", &all);
            let fits = found.as_ref().is_some_and(|found| found.what.contains(part));
            assert_eq!(fits, part != "not this one", "{text:?}: {found:?}");
        }
        let mixed = Pairs::from_iter([("alpha", "1"), ("Beta", "2"), ("awsSignature", "x")]);
        let by_bytes = hmac::sign(HmacSha1, &secret, "/start?Beta=2&alpha=1");
        assert!(of_link(&secret, &by_bytes, "/start", &mixed).unwrap().what.contains("by bytes"));
    }
}
