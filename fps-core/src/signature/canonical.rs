//! The string to sign of signature version 2.

use url::{Position, Url};

use crate::signature::escape;
use crate::{Pairs, PairsError, param};

/// The HTTP method that a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Links, returns and requests with their parameters in the URL.
    Get,
    /// Notices and requests with their parameters in a form body.
    Post,
}

impl Method {
    /// As it stands in the first line: `GET` or `POST`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Builds the string to sign of signature version 2.
///
/// ```text
/// GET                                   the method as sent
/// fps.sandbox.amazonaws.com             host in lower case; :port only when it is not the scheme's own
/// /                                     path, decoded and encoded again, slashes kept
/// Action=Pay&CallerReference=order%2042 every pair but the signature, sorted by name in byte order,
///                                       names and values percent-encoded by RFC 3986
/// ```
///
/// Lines are joined by one line feed, none at the end. A parameter called `signature` in any case is left out. The
/// URL's own query is not read: give its pairs in `pairs`.
///
/// # Errors
///
/// [`PairsError`] if the path has a malformed escape or is not UTF-8.
///
/// Source: FPS guides, "Generating a Signature", steps 1 to 5.
pub fn string_to_sign(method: Method, url: &Url, pairs: &Pairs) -> Result<String, PairsError> {
    let mut text = begin_string_to_sign(method, url)?;
    push_query(&mut text, pairs);
    Ok(text)
}

/// The first three lines.
pub(crate) fn begin_string_to_sign(method: Method, url: &Url) -> Result<String, PairsError> {
    let mut text = String::with_capacity(1024);
    text.push_str(method.as_str());
    text.push('\n');
    text.push_str(&url[Position::BeforeHost..Position::AfterPort]);
    text.push('\n');
    push_path(&mut text, url.path())?;
    text.push('\n');
    Ok(text)
}

/// The path as it is signed: decoded as a form is, because the service's own verifiers do so, and encoded again.
fn push_path(text: &mut String, path: &str) -> Result<(), PairsError> {
    if path.is_empty() {
        text.push('/');
    } else if path.bytes().all(|byte| byte == b'/' || escape::is_unreserved(byte)) {
        text.push_str(path);
    } else {
        escape::push_path(text, &escape::decode_form(path)?);
    }
    Ok(())
}

fn push_query(text: &mut String, pairs: &Pairs) {
    // Taken out after all are there, so that their memory is reserved once.
    let mut signed: Vec<(&str, &str)> = pairs.iter().collect();
    signed.retain(|(name, _)| !name.eq_ignore_ascii_case(param::pipeline::SIGNATURE));
    signed.sort_unstable();
    for (at, (name, value)) in signed.into_iter().enumerate() {
        if at > 0 {
            text.push('&');
        }
        escape::push(text, name);
        text.push('=');
        escape::push(text, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_path_and_query_are_in_normal_form() {
        let pairs = Pairs::from_iter([("b", "2"), ("Signature", "x"), ("a", ""), ("B", "1 ~*")]);
        for (url, host, path) in [
            ("https://Example.COM", "example.com", "/"),
            ("https://example.com:443/a%2fb/", "example.com", "/a/b/"),
            ("http://example.com:8080/a%20b+c", "example.com:8080", "/a%20b%20c"),
            ("http://[::1]:80/~x", "[::1]", "/~x"),
        ] {
            let text = string_to_sign(Method::Get, &url.parse().unwrap(), &pairs).unwrap();
            assert_eq!(text, format!("GET\n{host}\n{path}\nB=1%20~%2A&a=&b=2"), "{url}");
        }
    }
}
