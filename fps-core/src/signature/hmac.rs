//! Signing with the caller's secret key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;

use crate::SecretKey;
use crate::signature::escape;

/// How a request or link is signed: `SignatureMethod`, `signatureMethod`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SignatureMethod {
    /// `HmacSHA256`, the recommended one.
    #[default]
    HmacSha256,
    /// `HmacSHA1`, for what cannot do better.
    HmacSha1,
}

impl SignatureMethod {
    /// As it goes over the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "HmacSHA256",
            Self::HmacSha1 => "HmacSHA1",
        }
    }

    /// Reads it from the wire, spelled exactly.
    #[must_use]
    pub fn from_wire(text: &str) -> Option<Self> {
        [Self::HmacSha256, Self::HmacSha1].into_iter().find(|method| method.as_str() == text)
    }
}

/// The signature of a string: HMAC, then Base64 with padding. The secret's bytes are the key as they are.
#[must_use]
pub fn sign(method: SignatureMethod, secret: &SecretKey, string_to_sign: &str) -> String {
    let text = string_to_sign.as_bytes();
    match method {
        SignatureMethod::HmacSha256 => {
            STANDARD.encode(secret.sha256().chain_update(text).finalize().into_bytes())
        }
        SignatureMethod::HmacSha1 => {
            STANDARD.encode(secret.sha1().chain_update(text).finalize().into_bytes())
        }
    }
}

/// The bytes of the signature by the recommended method, of a string whose beginning is often the same.
pub(crate) fn sign_sha256(secret: &SecretKey, beginning: &str, rest: &str) -> [u8; 32] {
    let mut mac = secret.sha256_begun(beginning);
    mac.update(rest.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Appends a signature in Base64, percent-encoded.
pub(crate) fn push_escaped(target: &mut String, signature: &[u8; 32]) {
    let mut text = [0; 44];
    let encoded = STANDARD.encode_slice(signature, &mut text).expect("32 bytes are 44 digits");
    escape::push(target, str::from_utf8(&text[..encoded]).expect("Base64 is ASCII"));
}

/// Whether the signature is that of the string, compared in constant time. White space within the Base64 is skipped.
#[must_use]
pub fn verify(method: SignatureMethod, secret: &SecretKey, string_to_sign: &str, signature: &str) -> bool {
    let compact: String = signature.split_ascii_whitespace().collect();
    let Ok(signature) = STANDARD.decode(compact) else {
        return false;
    };
    let text = string_to_sign.as_bytes();
    match method {
        SignatureMethod::HmacSha256 => secret.sha256().chain_update(text).verify_slice(&signature).is_ok(),
        SignatureMethod::HmacSha1 => secret.sha1().chain_update(text).verify_slice(&signature).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pairs;
    use crate::signature::{Method, string_to_sign};

    /// The documentation's example key with a Pay request; signatures computed with another implementation.
    #[test]
    fn a_pay_request_has_the_signatures_that_others_compute() {
        let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        for (http, method, expected) in [
            (Method::Get, SignatureMethod::HmacSha256, "yvgv4sNXa/dvz8MnNa1SEnCPyEIB5yLdhiNBOHV/RL4="),
            (Method::Post, SignatureMethod::HmacSha256, "4vwrZgPRLUBn3Z2cI3pSkwdY3HajBKQXXVoOH1p9ez4="),
            (Method::Get, SignatureMethod::HmacSha1, "cVPvqDforwMgVlPV6br+DuFytcA="),
        ] {
            let pairs = Pairs::from_iter([
                ("Action", "Pay"),
                ("AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
                ("CallerReference", "order 42/ü~*"),
                ("SenderTokenId", "553ILMLCG6Z8J431H7BX3UMN3FFQU8VSNTSRNCTAASDJNX66LNZLKSZU3PI7TXIH"),
                ("SignatureMethod", method.as_str()),
                ("SignatureVersion", "2"),
                ("Timestamp", "2010-10-06T05:49:52.000Z"),
                ("TransactionAmount.CurrencyCode", "USD"),
                ("TransactionAmount.Value", "1.00"),
                ("Version", "2010-08-28"),
            ]);
            let url = "https://fps.sandbox.amazonaws.com/".parse().unwrap();
            let text = string_to_sign(http, &url, &pairs).unwrap();
            assert_eq!(sign(method, &secret, &text), expected);
            assert!(verify(method, &secret, &text, expected));
            assert!(!verify(method, &secret, &format!("{text}x"), expected));
        }
    }
}
