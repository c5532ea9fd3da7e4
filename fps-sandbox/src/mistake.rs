//! Why a signature does not fit.

use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Pairs, SecretKey};
use url::Url;

/// A mistake that clients are known to make, if it explains the signature.
pub(crate) fn find(
    method: SignatureMethod,
    secret: &SecretKey,
    signature: &str,
    http: Method,
    urls: &[Url],
    pairs: &Pairs,
) -> Option<&'static str> {
    let fits = |text: &str| hmac::verify(method, secret, text, signature);
    let other_http = if http == Method::Get { Method::Post } else { Method::Get };
    let other_hash = match method {
        SignatureMethod::HmacSha256 => SignatureMethod::HmacSha1,
        SignatureMethod::HmacSha1 => SignatureMethod::HmacSha256,
    };
    for url in urls {
        let text = string_to_sign(http, url, pairs).ok()?;
        if hmac::verify(other_hash, secret, &text, signature) {
            return Some("it was made with the other hash than its method parameter says");
        }
        if string_to_sign(other_http, url, pairs).is_ok_and(|text| fits(&text)) {
            return Some("the string signed begins with another HTTP method than the request was sent with");
        }
        if fits(&text.replace("%20", "+")) {
            return Some("spaces were signed as + instead of %20");
        }
        if fits(&text.replace('~', "%7E")) {
            return Some("~ was signed as %7E; it stays as it is");
        }
        if fits(&text.replace("%2A", "*")) {
            return Some("* was signed as it is; it is %2A");
        }
        let mut lines = text.splitn(4, '\n');
        let (first, host) = (lines.next()?, lines.next()?);
        let (path, query) = (lines.next()?, lines.next()?);
        if fits(&format!("{first}\n{}\n{path}\n{query}", host.to_uppercase())) {
            return Some("the host was signed in upper case");
        }
        if fits(&format!("{first}\n{host}:443\n{path}\n{query}"))
            || fits(&format!("{first}\n{host}:80\n{path}\n{query}"))
        {
            return Some("the scheme's own port was signed; leave it out");
        }
        if fits(&format!("{text}\n")) {
            return Some("a line feed was signed at the end");
        }
        let mut sorted: Vec<&str> = query.split('&').collect();
        sorted.sort_by_key(|pair| pair.to_lowercase());
        if fits(&format!("{first}\n{host}\n{path}\n{}", sorted.join("&"))) {
            return Some("the names were sorted without regard to case; sort by bytes");
        }
    }
    let mut run_together: Vec<(&str, &str)> =
        pairs.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("signature")).collect();
    run_together.sort_by_key(|(name, _)| name.to_lowercase());
    let version_1: String = run_together.iter().flat_map(|(name, value)| [*name, *value]).collect();
    if hmac::verify(SignatureMethod::HmacSha1, secret, &version_1, signature) {
        return Some("it is a signature of version 1, which ended on 2011-02-10");
    }
    None
}

/// What to tell about a signature that fits none of these strings.
pub(crate) fn explain(strings_to_sign: &[String], mistake: Option<&'static str>) -> String {
    let mut why = match mistake {
        Some(mistake) => format!("The signature is wrong because {mistake}."),
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
            assert!(found.is_some_and(|found| found.contains(part)), "{text:?}: {found:?}");
        }
        let version_1 = hmac::sign(SignatureMethod::HmacSha1, &secret, "bx ~*C1");
        let found = find(sha256, &secret, &version_1, Method::Get, &[url], &pairs);
        assert!(found.is_some_and(|found| found.contains("version 1")));
    }
}
