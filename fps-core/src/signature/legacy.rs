//! Signature versions 1 and 0: how requests of 2007-01-08 are signed, and how requests and notices were before November 2009.
//!
//! # Security
//!
//! Version 1 runs names and values together without a mark between them, so that `a=bc` and `ab=c` have one signature; it says
//! neither host nor path nor method. Version 0 covers two values only. The service refused both from February 2011 on. Only
//! clients of version 2007-01-08 send them, which may be told to sign by version 2 instead.

use std::cmp::Ordering;

use crate::Pairs;
use crate::param::pipeline;

/// The string to sign of version 1.
///
/// ```text
/// buyerNamePaulcallerReferencer1statusSUCCESS     names and decoded values run together,
///                                                 sorted by name without regard to case;
///                                                 `signature` and `awsSignature` left out
/// ```
///
/// It is signed by [`SignatureMethod::HmacSha1`](crate::signature::SignatureMethod::HmacSha1).
///
/// Source: FPS guides of 2008, "Generating a Signature".
#[must_use]
pub fn string_to_sign_version_1(pairs: &Pairs) -> String {
    let mut signed: Vec<(&str, &str)> = pairs.iter().filter(|(name, _)| !is_signature(name)).collect();
    signed.sort_by(|(one, _), (other, _)| without_case(one, other));
    signed.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

/// The string to sign of version 0: action and timestamp.
#[must_use]
pub fn string_to_sign_version_0(action: &str, timestamp: &str) -> String {
    [action, timestamp].concat()
}

fn is_signature(name: &str) -> bool {
    name.eq_ignore_ascii_case(pipeline::SIGNATURE) || name.eq_ignore_ascii_case(pipeline::AWS_SIGNATURE)
}

pub(crate) fn without_case(one: &str, other: &str) -> Ordering {
    one.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_without_regard_to_case() {
        let pairs =
            Pairs::from_iter([("b", "2"), ("Signature", "x"), ("C", "3"), ("a", "1"), ("awsSignature", "y")]);
        assert_eq!(string_to_sign_version_1(&pairs), "a1b2C3");
        assert_eq!(string_to_sign_version_0("Pay", "2008-01-01T00:00:00Z"), "Pay2008-01-01T00:00:00Z");
    }
}
