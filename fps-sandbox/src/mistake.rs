//! Why a signature does not fit.

pub(crate) mod v2007;

use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Pairs, SecretKey};
use serde::Serialize;
use url::Url;

/// A mistake of a client.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// What it is, after "because".
    pub(crate) what: &'static str,
    /// The string that the client signed.
    pub(crate) signed: String,
}

/// The string that should have been signed and the one that was, taken apart where they part.
#[derive(Clone, Serialize)]
pub(crate) struct Sides {
    /// What they have in common at the beginning.
    pub(crate) same: String,
    /// How the right one goes on.
    pub(crate) right: String,
    /// How the client's goes on; none if it is not known.
    pub(crate) signed: Option<String>,
}

impl Sides {
    /// Both strings, if there is a right one.
    pub(crate) fn of(right: Option<&String>, mistake: Option<&Mistake>) -> Option<Self> {
        let right = right?;
        let Some(mistake) = mistake else {
            return Some(Self { same: String::new(), right: right.clone(), signed: None });
        };
        let same = right.chars().zip(mistake.signed.chars()).take_while(|(right, signed)| right == signed);
        let same: String = same.map(|(right, _)| right).collect();
        let (right, signed) = (right[same.len()..].to_owned(), mistake.signed[same.len()..].to_owned());
        Some(Self { same, right, signed: Some(signed) })
    }
}

/// A mistake that clients are known to make, if it explains the signature.
pub(crate) fn find(
    method: SignatureMethod,
    secret: &SecretKey,
    signature: &str,
    http: Method,
    urls: &[Url],
    pairs: &Pairs,
) -> Option<Mistake> {
    let fits = |text: &str| hmac::verify(method, secret, text, signature);
    let made = |what, text: String| fits(&text).then_some(Mistake { what, signed: text });
    let other_http = if http == Method::Get { Method::Post } else { Method::Get };
    let other_hash = match method {
        SignatureMethod::HmacSha256 => SignatureMethod::HmacSha1,
        SignatureMethod::HmacSha1 => SignatureMethod::HmacSha256,
    };
    for url in urls {
        let text = string_to_sign(http, url, pairs).ok()?;
        if hmac::verify(other_hash, secret, &text, signature) {
            let what = "it was made with the other hash than its method parameter says";
            return Some(Mistake { what, signed: text });
        }
        let other_http = string_to_sign(other_http, url, pairs).ok()?;
        let whole = [
            ("the string signed begins with another HTTP method than the request was sent with", other_http),
            ("spaces were signed as + instead of %20", text.replace("%20", "+")),
            ("~ was signed as %7E; it stays as it is", text.replace('~', "%7E")),
            ("* was signed as it is; it is %2A", text.replace("%2A", "*")),
        ];
        if let Some(mistake) = whole.into_iter().find_map(|(what, text)| made(what, text)) {
            return Some(mistake);
        }
        let mut lines = text.splitn(4, '\n');
        let (first, host) = (lines.next()?, lines.next()?);
        let (path, query) = (lines.next()?, lines.next()?);
        let mut sorted: Vec<&str> = query.split('&').collect();
        sorted.sort_by_key(|pair| pair.to_lowercase());
        let parts = [
            (
                "the host was signed in upper case",
                format!("{first}\n{}\n{path}\n{query}", host.to_uppercase()),
            ),
            (
                "the scheme's own port was signed; leave it out",
                format!("{first}\n{host}:443\n{path}\n{query}"),
            ),
            (
                "the scheme's own port was signed; leave it out",
                format!("{first}\n{host}:80\n{path}\n{query}"),
            ),
            ("a line feed was signed at the end", format!("{text}\n")),
            (
                "the names were sorted without regard to case; sort by bytes",
                format!("{first}\n{host}\n{path}\n{}", sorted.join("&")),
            ),
        ];
        if let Some(mistake) = parts.into_iter().find_map(|(what, text)| made(what, text)) {
            return Some(mistake);
        }
    }
    let mut run_together: Vec<(&str, &str)> =
        pairs.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("signature")).collect();
    run_together.sort_by_key(|(name, _)| name.to_lowercase());
    let version_1: String = run_together.iter().flat_map(|(name, value)| [*name, *value]).collect();
    if hmac::verify(SignatureMethod::HmacSha1, secret, &version_1, signature) {
        let what = "it is a signature of version 1, which ended on 2011-02-10";
        return Some(Mistake { what, signed: version_1 });
    }
    None
}

/// What to tell about a signature that fits none of these strings.
pub(crate) fn explain(strings_to_sign: &[String], mistake: Option<&Mistake>) -> String {
    let mut why = match mistake {
        Some(mistake) => format!("The signature is wrong because {}.", mistake.what),
        None => "The signature fits none of the strings below: either the secret key is another one, or the string that \
                 was signed differs. Compare it with these."
            .to_owned(),
    };
    for text in strings_to_sign {
        why.push_str("\n\n");
        why.push_str(text);
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_mistakes_are_recognised() {
        let secret = SecretKey::new("secret");
        let url: Url = "http://example.com:8081/".parse().unwrap();
        let pairs = Pairs::from_iter([("b", "x ~*"), ("C", "1")]);
        let right = string_to_sign(Method::Get, &url, &pairs).unwrap();
        let sha256 = SignatureMethod::HmacSha256;
        for (text, part) in [
            (right.replace("%20", "+"), "spaces"),
            (right.replace('~', "%7E"), "%7E"),
            (right.replace("GET", "POST"), "method"),
            (format!("{right}\n"), "line feed"),
            (right.replace("example.com", "EXAMPLE.COM"), "upper case"),
            ("GET\nexample.com:8081\n/\nb=x%20~%2A&C=1".to_owned(), "sorted"),
        ] {
            let signature = hmac::sign(sha256, &secret, &text);
            let found = find(sha256, &secret, &signature, Method::Get, std::slice::from_ref(&url), &pairs);
            let found = found.unwrap_or_else(|| panic!("{text:?} is not recognised"));
            assert!(found.what.contains(part), "{text:?}: {found:?}");
            let sides = Sides::of(Some(&right), Some(&found)).unwrap();
            assert_eq!(format!("{}{}", sides.same, sides.right), right);
            assert_eq!(format!("{}{}", sides.same, sides.signed.unwrap()), text);
        }
        let version_1 = hmac::sign(SignatureMethod::HmacSha1, &secret, "bx ~*C1");
        let found = find(sha256, &secret, &version_1, Method::Get, &[url], &pairs);
        assert!(found.is_some_and(|found| found.what.contains("version 1") && found.signed == "bx ~*C1"));
    }
}
