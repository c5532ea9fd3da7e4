//! Percent-encoding as signatures demand it.

use crate::pairs::PairsError;

/// Appends the text percent-encoded by RFC 3986: `A-Z a-z 0-9 - _ . ~` stay, every other byte of its UTF-8
/// form becomes `%XX` with upper-case digits. A space is `%20`, never `+`.
#[inline]
pub fn push(target: &mut String, text: &str) {
    push_unless(target, text, is_unreserved);
}

/// Appends the text encoded as forms were in 2007, by `java.net.URLEncoder`: `A-Z a-z 0-9 . - * _` stay, a space becomes `+`,
/// every other byte of its UTF-8 form, `~` among them, `%XX` with upper-case digits.
pub fn push_form(target: &mut String, text: &str) {
    for (at, piece) in text.split(' ').enumerate() {
        if at > 0 {
            target.push('+');
        }
        push_unless(target, piece, |byte| byte == b'*' || (byte != b'~' && is_unreserved(byte)));
    }
}

/// Appends a path percent-encoded in the same way, its slashes kept.
pub fn push_path(target: &mut String, path: &str) {
    push_unless(target, path, |byte| byte == b'/' || is_unreserved(byte));
}

/// The text percent-encoded as [`push`] does it.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push(&mut encoded, text);
    encoded
}

/// Whether the byte stays as it is.
pub(crate) const fn is_unreserved(byte: u8) -> bool {
    UNRESERVED[byte as usize]
}

/// Copies whole runs of bytes that stay: most of a link does, and signing one should cost little more than its HMAC.
#[inline]
fn push_unless(target: &mut String, text: &str, stays: impl Fn(u8) -> bool) {
    let mut run = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !stays(byte) {
            if run < at {
                target.push_str(&text[run..at]);
            }
            let escape = usize::from(byte) * 3;
            target.push_str(&ESCAPES[escape..escape + 3]);
            run = at + 1;
        }
    }
    if run < text.len() {
        target.push_str(&text[run..]);
    }
}

/// Decodes one name or value of a form: `+` is a space, `%XX` a byte of UTF-8.
///
/// # Errors
///
/// [`PairsError`] for a `%` without two hexadecimal digits and for bytes that are not UTF-8.
pub fn decode_form(text: &str) -> Result<String, PairsError> {
    if !text.bytes().any(|byte| matches!(byte, b'+' | b'%')) {
        return Ok(text.to_owned());
    }
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

const UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let character = byte as u8;
        table[byte] = character.is_ascii_alphanumeric() || matches!(character, b'-' | b'_' | b'.' | b'~');
        byte += 1;
    }
    table
};

/// `%00%01…%FF`.
const ESCAPES: &str = {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    const TEXT: [u8; 768] = {
        let mut text = [b'%'; 768];
        let mut byte = 0;
        while byte < 256 {
            text[byte * 3 + 1] = DIGITS[byte >> 4];
            text[byte * 3 + 2] = DIGITS[byte & 15];
            byte += 1;
        }
        text
    };
    match str::from_utf8(&TEXT) {
        Ok(text) => text,
        Err(_) => panic!("the table is ASCII"),
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encode("Az09-_.~"), "Az09-_.~");
        assert_eq!(encode("order 42/ü~*+"), "order%2042%2F%C3%BC~%2A%2B");
        assert_eq!(encode("ü"), "%C3%BC");
        assert_eq!(encode("\u{0}\u{ff}€x"), "%00%C3%BF%E2%82%ACx");
        let mut path = String::new();
        push_path(&mut path, "/a b/ü/");
        assert_eq!(path, "/a%20b/%C3%BC/");
        let mut form = String::new();
        push_form(&mut form, " a  b.-*_~+/ü\u{0}");
        assert_eq!(form, "+a++b.-*_%7E%2B%2F%C3%BC%00");
    }
}
