//! `awsSignature`: how links to the buyer pages of 2007-01-08 and the returns from there are signed.
//!
//! Both are signed with the caller's own secret key, by HMAC-SHA1: whoever verifies a return needs no certificate and asks
//! nobody. It differs from the API's version 1 in three ways: the path is signed, `=` and `&` are kept, and values are encoded.
//!
//! # Security
//!
//! Scheme, host and port are not signed: a link or a return is as genuine at any other host with that path.

use crate::Pairs;
use crate::param::pipeline;
use crate::signature::{escape, legacy};

/// How a space is encoded in the string to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// `+`, and the rest as forms were encoded then: see [`escape::push_form`]. Links are signed so, and most returns.
    Plus,
    /// `%20`, and the rest by RFC 3986: see [`escape::push`]. Some clients of the time signed so.
    Percent20,
}

/// The string to sign of a link or a return.
///
/// ```text
/// /cobranded-ui/actions/start          the path, as it stands in the URL
/// ?                                    even when there are no pairs
/// callerKey=AK…&callerReference=a+b    every pair but `awsSignature`, sorted by name without regard to case,
///                                      names and values encoded, joined by `&`
/// ```
///
/// It is signed by [`SignatureMethod::HmacSha1`](crate::signature::SignatureMethod::HmacSha1).
///
/// ```
/// use fps_core::Pairs;
/// use fps_core::signature::pages_2007::{Space, string_to_sign};
///
/// let pairs = Pairs::from_iter([("status", "SA"), ("Download", "a song"), ("awsSignature", "…")]);
/// assert_eq!(string_to_sign("/return", &pairs, Space::Plus), "/return?Download=a+song&status=SA");
/// ```
///
/// Source: FPS developer guide of 2007, "Signing A URL". Which form a space has differs between the clients of the time; names
/// are encoded as values are, which matters to a shop's own alone.
#[must_use]
pub fn string_to_sign(path: &str, pairs: &Pairs, space: Space) -> String {
    let push = match space {
        Space::Plus => escape::push_form,
        Space::Percent20 => escape::push,
    };
    let mut signed: Vec<(&str, &str)> =
        pairs.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(pipeline::AWS_SIGNATURE)).collect();
    signed.sort_by(|(one, _), (other, _)| legacy::without_case(one, other));
    let mut text = String::with_capacity(512);
    text.push_str(path);
    for (at, (name, value)) in signed.into_iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        push(&mut text, name);
        text.push('=');
        push(&mut text, value);
    }
    if text.len() == path.len() {
        text.push('?');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_without_regard_to_case_and_all_is_encoded() {
        let pairs = Pairs::from_iter([("b", "~ *"), ("AWSSIGNATURE", "x"), ("C d", "3"), ("a", "")]);
        assert_eq!(string_to_sign("/x%20y", &pairs, Space::Plus), "/x%20y?a=&b=%7E+*&C+d=3");
        assert_eq!(string_to_sign("/", &pairs, Space::Percent20), "/?a=&b=~%20%2A&C%20d=3");
        assert_eq!(string_to_sign("/", &Pairs::new(), Space::Plus), "/?");
    }
}
