//! Percent-encoding as signatures demand it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pairs::PairsError;

/// Appends the text percent-encoded by RFC 3986: `A-Z a-z 0-9 - _ . ~` stay, every other byte of its UTF-8
/// form becomes `%XX` with upper-case digits. A space is `%20`, never `+`.
pub fn push(target: &mut String, text: &str) {
    target.extend(utf8_percent_encode(text, RESERVED));
}

/// Appends a path percent-encoded in the same way, its slashes kept.
pub fn push_path(target: &mut String, path: &str) {
    target.extend(utf8_percent_encode(path, RESERVED_IN_PATH));
}

/// The text percent-encoded as [`push`] does it.
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decodes one name or value of a form: `+` is a space, `%XX` a byte of UTF-8.
///
/// # Errors
///
/// [`PairsError`] for a `%` without two hexadecimal digits and for bytes that are not UTF-8.
pub fn decode_form(text: &str) -> Result<String, PairsError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(PairsError::Escape),
            },
            plain => plain,
        });
    }
    String::from_utf8(bytes).map_err(|_| PairsError::Utf8)
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encode("Az09-_.~"), "Az09-_.~");
        assert_eq!(encode("order 42/ü~*+"), "order%2042%2F%C3%BC~%2A%2B");
    }
}
