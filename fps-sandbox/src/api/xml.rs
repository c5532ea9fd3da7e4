//! XML as the service wrote it: compact, in element order.

use fps_core::Amount;

/// An XML document under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn new() -> Self {
        Self::with_capacity(USUAL)
    }

    /// A document of about so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// An element with text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.open(name);
        escape(&mut self.0, text);
        self.close(name)
    }

    /// An element with text, if there is a text.
    pub(crate) fn leaf_some(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        if let Some(text) = text {
            self.leaf(name, text);
        }
        self
    }

    /// An element with elements.
    pub(crate) fn node(&mut self, name: &str, inside: impl FnOnce(&mut Self)) -> &mut Self {
        self.open(name);
        inside(self);
        self.close(name)
    }

    /// An amount: dollars with six decimals.
    pub(crate) fn amount(&mut self, name: &str, amount: Amount) -> &mut Self {
        self.open(name);
        self.0.push_str("<CurrencyCode>USD</CurrencyCode><Value>");
        push_six_decimals(&mut self.0, amount);
        self.0.push_str("</Value>");
        self.close(name)
    }

    /// An element with dollars, with six decimals.
    pub(crate) fn dollars(&mut self, name: &str, amount: Amount) -> &mut Self {
        self.open(name);
        push_six_decimals(&mut self.0, amount);
        self.close(name)
    }

    /// XML that is well-formed already.
    pub(crate) fn raw(&mut self, xml: &str) -> &mut Self {
        self.0.push_str(xml);
        self
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    fn open(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
    }

    fn close(&mut self, name: &str) -> &mut Self {
        self.0.push_str("</");
        // The name ends where attributes begin, and attributes end in a quote.
        let name = match name.ends_with('"') {
            true => name.split(' ').next().unwrap_or(name),
            false => name,
        };
        self.0.push_str(name);
        self.0.push('>');
        self
    }
}

/// Dollars with six decimals: `1.000000`, `-0.100000`.
pub(crate) fn six_decimals(amount: Amount) -> String {
    let mut text = String::new();
    push_six_decimals(&mut text, amount);
    text
}

fn push_six_decimals(target: &mut String, amount: Amount) {
    // An activity has amounts by the hundred, so they are written by hand: from the last digit, a dot before the sixth.
    let (mut text, mut at) = ([0; MOST_DIGITS], MOST_DIGITS);
    let mut micros = amount.micros().unsigned_abs();
    while micros > 0 || at > MOST_DIGITS - LEAST_DIGITS {
        at -= 1;
        text[at] = match MOST_DIGITS - at {
            7 => b'.',
            _ => {
                let digit = b'0' + (micros % 10) as u8;
                micros /= 10;
                digit
            }
        };
    }
    if amount.is_negative() {
        at -= 1;
        text[at] = b'-';
    }
    target.push_str(str::from_utf8(&text[at..]).expect("digits, a dot and a sign are ASCII"));
}

/// `-9223372036854.775808`.
const MOST_DIGITS: usize = 21;
/// `0.000000`.
const LEAST_DIGITS: usize = 8;

/// More bytes than most results have.
const USUAL: usize = 512;

fn escape(target: &mut String, text: &str) {
    // Nearly every text is plain; those go over in one piece. Not ended early, so that many bytes are looked at at once.
    let is_plain = |byte: u8| (b' '..0x7F).contains(&byte) && !matches!(byte, b'&' | b'<' | b'>');
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        target.push_str(text);
        return;
    }
    for character in text.chars() {
        match character {
            '&' => target.push_str("&amp;"),
            '<' => target.push_str("&lt;"),
            '>' => target.push_str("&gt;"),
            // What XML 1.0 cannot hold at all.
            control if control.is_control() && !matches!(control, '\t' | '\n' | '\r') => {
                target.push('\u{FFFD}')
            }
            '\u{FFFE}' | '\u{FFFF}' => target.push('\u{FFFD}'),
            plain => target.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_compact_and_escaped() {
        let mut xml = Xml::new();
        xml.node("A x=\"y\"", |xml| {
            xml.leaf("B", "<&>\u{1}").amount("C", Amount::usd("-0.1"));
        });
        assert_eq!(
            xml.into_string(),
            "<A x=\"y\"><B>&lt;&amp;&gt;\u{FFFD}</B><C><CurrencyCode>USD</CurrencyCode><Value>-0.100000</Value></C></A>"
        );
    }
    #[test]
    fn amounts_have_six_decimals_to_both_ends() {
        for (micros, text) in [
            (0, "0.000000"),
            (1, "0.000001"),
            (-100_000, "-0.100000"),
            (12_345_678, "12.345678"),
            (i64::MAX, "9223372036854.775807"),
            (i64::MIN, "-9223372036854.775808"),
        ] {
            assert_eq!(six_decimals(Amount::from_micros(micros)), text);
        }
    }
}
