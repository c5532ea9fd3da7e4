//! The identifiers that the service makes.

use fps_core::{TokenId, TransactionId};
use rand::RngExt;

use crate::ledger::InstrumentId;

/// A transaction: 35 upper-case letters and digits.
pub(crate) fn transaction() -> TransactionId {
    TransactionId::new(format!("1{}", text(UPPER, 34)))
}

/// A token: 64 upper-case letters and digits.
pub(crate) fn token() -> TokenId {
    TokenId::new(text(UPPER, 64))
}

/// A prepaid or postpaid instrument: 64 upper-case letters and digits.
pub(crate) fn instrument() -> InstrumentId {
    InstrumentId::new(text(UPPER, 64))
}

/// An account: 14 upper-case letters and digits.
pub(crate) fn account() -> String {
    format!("A{}", text(UPPER, 13))
}

/// A request: a lower-case UUID.
pub(crate) fn request() -> String {
    let hex = hex(&rand::random::<[u8; 16]>());
    [&hex[..8], "-", &hex[8..12], "-4", &hex[13..16], "-a", &hex[17..20], "-", &hex[20..]].concat()
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789abcdef"[usize::from(half)])));
    }
    text
}

/// A name that cannot be guessed: 32 lower-case letters and digits.
pub(crate) fn secret() -> String {
    text(LOWER, 32)
}

/// The tail of a certificate's address: 47 lower-case letters and digits.
pub(crate) fn certificate_request() -> String {
    text(LOWER, 47)
}

/// Whether a text has the shape of a transaction's id.
pub(crate) fn is_transaction(text: &str) -> bool {
    text.len() == 35 && is_upper(text)
}

/// Whether a text has the shape of a token's or an instrument's id.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == 64 && is_upper(text)
}

fn is_upper(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn text(digits: &[u8], length: usize) -> String {
    let mut random = rand::rng();
    (0..length).map(|_| char::from(digits[random.random_range(0..digits.len())])).collect()
}

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shapes_seen_on_the_wire() {
        assert!(is_transaction(transaction().as_str()));
        assert!(is_token(token().as_str()));
        let request = request();
        assert_eq!(request.len(), 36, "{request}");
        assert_eq!(request.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{request}");
        assert!(!is_token("NONE"));
        assert_eq!(hex(&[0, 0x1f, 0xa0, 0xff]), "001fa0ff");
    }
}
