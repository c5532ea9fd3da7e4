//! Exact money.

use std::fmt;
use std::str::FromStr;

/// An exact number of US dollars.
///
/// FPS knows one currency, USD, and answers with six decimals; so an amount is a signed count of
/// millionths of a dollar in an `i64`: from −9,223,372,036,854.775808 to 9,223,372,036,854.775807
/// dollars. There is no float anywhere, all arithmetic is checked, and nothing is ever rounded.
///
/// Amounts of answers may be negative (the fee of a refund is). Requests refuse negatives and more
/// than two decimals: see [`Amount::to_wire`].
///
/// ```
/// use fps_core::Amount;
///
/// const PRICE: Amount = Amount::usd("0.10");
/// let shipping: Amount = "4.99".parse()?;
/// assert_eq!(PRICE.checked_add(shipping), Some(Amount::from_cents(509)));
/// assert_eq!(PRICE.to_string(), "0.10");
/// # Ok::<(), fps_core::AmountError>(())
/// ```
///
/// Source: FPS data types, `Amount` (`CurrencyCode`, `Value`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

impl Amount {
    /// No dollars at all.
    pub const ZERO: Self = Self(0);

    /// The amount of a literal, checked while compiling when it stands in a `const`.
    ///
    /// # Panics
    ///
    /// When the text is not an amount by the rules of [`Amount::parse`]; in a `const` this is a
    /// compile error.
    #[must_use]
    pub const fn usd(literal: &str) -> Self {
        match Self::parse(literal) {
            Ok(amount) => amount,
            Err(AmountError::Empty) => panic!("the amount is empty; write dollars such as \"9.99\""),
            Err(AmountError::Character { .. }) => {
                panic!("an amount is digits with at most one point, such as \"9.99\"")
            }
            Err(AmountError::TooManyDecimals) => panic!("an amount has at most six decimals"),
            Err(AmountError::TooLarge) => panic!("the amount is over 9223372036854.775807 dollars"),
            Err(AmountError::Negative | AmountError::MoreThanCents) => panic!("not an amount"),
        }
    }

    /// An amount of whole cents, if it fits.
    ///
    /// # Panics
    ///
    /// Beyond ±922,337,203,685,477 cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        match cents.checked_mul(MICROS_PER_CENT) {
            Some(micros) => Self(micros),
            None => panic!("the amount is over 9223372036854.775807 dollars"),
        }
    }

    /// An amount of millionths of a dollar.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Reads decimal text: an optional minus sign, at least one digit before and after an optional point,
    /// at most six decimals, ASCII only.
    ///
    /// `0.1`, `0.10`, `25`, `1.000000` and `-0.100000` are amounts; `.5`, `5.`, `+1`, `1,00`, `1e3`
    /// and `$1` are not.
    ///
    /// # Errors
    ///
    /// The [`AmountError`] of the first rule broken.
    pub const fn parse(text: &str) -> Result<Self, AmountError> {
        let bytes = text.as_bytes();
        if bytes.is_empty() {
            return Err(AmountError::Empty);
        }
        let negative = bytes[0] == b'-';
        let mut at = negative as usize;
        let first_digit = at;
        // Counted downwards, because i64 reaches one millionth further below zero than above it.
        let mut micros: i64 = 0;
        let mut decimals: Option<u32> = None;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte == b'.' && decimals.is_none() && at > first_digit {
                decimals = Some(0);
            } else if byte.is_ascii_digit() {
                if let Some(n) = decimals {
                    if n == DECIMALS {
                        return Err(AmountError::TooManyDecimals);
                    }
                    decimals = Some(n + 1);
                }
                micros = match push_digit(micros, byte - b'0') {
                    Some(micros) => micros,
                    None => return Err(AmountError::TooLarge),
                };
            } else {
                return Err(AmountError::Character { position: at });
            }
            at += 1;
        }
        if at == first_digit || matches!(decimals, Some(0)) {
            return Err(AmountError::Character { position: at });
        }
        let mut missing = match decimals {
            Some(n) => DECIMALS - n,
            None => DECIMALS,
        };
        while missing > 0 {
            micros = match push_digit(micros, 0) {
                Some(micros) => micros,
                None => return Err(AmountError::TooLarge),
            };
            missing -= 1;
        }
        if negative {
            return Ok(Self(micros));
        }
        match micros.checked_neg() {
            Some(micros) => Ok(Self(micros)),
            None => Err(AmountError::TooLarge),
        }
    }

    /// The millionths of a dollar.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whether this is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// The difference, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// So many times this, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_mul(self, times: i64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// The amount with its sign turned, or `None` for the least amount, which has no opposite.
    #[must_use]
    pub const fn checked_neg(self) -> Option<Self> {
        match self.0.checked_neg() {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// Checks what every request demands: not negative, and whole cents.
    ///
    /// # Errors
    ///
    /// [`AmountError::Negative`] or [`AmountError::MoreThanCents`].
    pub const fn to_wire(self) -> Result<WireAmount, AmountError> {
        if self.is_negative() {
            Err(AmountError::Negative)
        } else if self.0 % MICROS_PER_CENT != 0 {
            Err(AmountError::MoreThanCents)
        } else {
            Ok(WireAmount(self))
        }
    }
}

/// Adds one digit at the end of a number that is counted downwards.
const fn push_digit(micros: i64, digit: u8) -> Option<i64> {
    match micros.checked_mul(10) {
        Some(micros) => micros.checked_sub(digit as i64),
        None => None,
    }
}

/// Dollars with at least two decimals and at most six: `0.10`, `4.99`, `0.000001`, `-0.10`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0u8; LONGEST];
        f.pad(write_decimal(self.0, 2, &mut text))
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

/// As its text, so that no reader of the stored form can make a float of it.
impl serde::Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// An amount that a request may carry: not negative, whole cents. Made by [`Amount::to_wire`].
///
/// It prints as dollars with two decimals, `0.10`, as requests and pipeline links send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireAmount(Amount);

impl WireAmount {
    /// The amount itself.
    #[must_use]
    pub const fn amount(self) -> Amount {
        self.0
    }
}

impl WireAmount {
    /// Appends the dollars without the detour of formatting.
    pub(crate) fn push_to(self, target: &mut String) {
        let mut text = [0u8; LONGEST];
        target.push_str(write_decimal(self.0.0, 2, &mut text));
    }
}

impl fmt::Display for WireAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text is not an [`Amount`], or an amount cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// The text has no characters. Write dollars, such as `9.99`.
    #[error("the amount is empty; expected dollars such as 9.99")]
    Empty,
    /// A character that does not belong, or a missing digit. Only ASCII digits, one point between
    /// digits and a leading minus sign are read.
    #[error(
        "the amount is malformed at byte {position}; expected ASCII digits with at most one point, such as 9.99"
    )]
    Character {
        /// Where in the text, in bytes from 0.
        position: usize,
    },
    /// More than six decimals. Round by a rule of your own before.
    #[error("the amount has more than six decimals")]
    TooManyDecimals,
    /// Beyond what an [`Amount`] holds.
    #[error("the amount is over 9223372036854.775807 dollars")]
    TooLarge,
    /// A request cannot carry less than nothing.
    #[error("the amount is negative; requests carry zero or more")]
    Negative,
    /// A request carries whole cents. Round by a rule of your own before.
    #[error("the amount has more than two decimals; requests carry whole cents")]
    MoreThanCents,
}

/// Writes the digits from the end and returns the text; at least `least` decimals.
fn write_decimal(micros: i64, least: usize, text: &mut [u8; LONGEST]) -> &str {
    let mut rest = micros.unsigned_abs();
    let mut at = text.len();
    let mut push = |byte: u8| {
        at -= 1;
        text[at] = byte;
    };
    let mut printed = false;
    for place in (0..DECIMALS as usize).rev() {
        let digit = (rest % 10) as u8;
        rest /= 10;
        if digit != 0 || printed || place < least {
            push(b'0' + digit);
            printed = true;
        }
    }
    push(b'.');
    loop {
        push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if micros < 0 {
        push(b'-');
    }
    str::from_utf8(&text[at..]).expect("only ASCII was written")
}

const DECIMALS: u32 = 6;
const MICROS_PER_CENT: i64 = 10_000;
/// A sign, thirteen digits, the point and six decimals.
const LONGEST: usize = 21;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_exactly() {
        for (text, micros) in [
            ("0", 0),
            ("0.10", 100_000),
            ("0.1", 100_000),
            ("25", 25_000_000),
            ("1.000000", 1_000_000),
            ("-0.100000", -100_000),
            ("007", 7_000_000),
            ("9223372036854.775807", i64::MAX),
            ("-9223372036854.775808", i64::MIN),
        ] {
            assert_eq!(Amount::parse(text), Ok(Amount(micros)), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused_with_the_rule() {
        for (text, error) in [
            ("", AmountError::Empty),
            ("-", AmountError::Character { position: 1 }),
            (".5", AmountError::Character { position: 0 }),
            ("5.", AmountError::Character { position: 2 }),
            ("-.5", AmountError::Character { position: 1 }),
            ("+1", AmountError::Character { position: 0 }),
            ("1,00", AmountError::Character { position: 1 }),
            ("1e3", AmountError::Character { position: 1 }),
            ("1.2.3", AmountError::Character { position: 3 }),
            (" 1", AmountError::Character { position: 0 }),
            ("$1", AmountError::Character { position: 0 }),
            ("٣", AmountError::Character { position: 0 }),
            ("0.0000001", AmountError::TooManyDecimals),
            ("9223372036854.775808", AmountError::TooLarge),
            ("1000000000000000000000000000000000000000", AmountError::TooLarge),
        ] {
            assert_eq!(Amount::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn printing_has_two_to_six_decimals_and_reads_back() {
        for (micros, text) in [
            (0, "0.00"),
            (100_000, "0.10"),
            (1, "0.000001"),
            (1_230_000, "1.23"),
            (1_234_000, "1.234"),
            (-100_000, "-0.10"),
            (i64::MAX, "9223372036854.775807"),
            (i64::MIN, "-9223372036854.775808"),
        ] {
            assert_eq!(Amount(micros).to_string(), text);
            assert_eq!(text.parse(), Ok(Amount(micros)));
        }
        assert_eq!(format!("{:>8}", Amount::usd("4.99")), "    4.99");
    }

    #[test]
    fn requests_take_whole_cents_only() {
        assert_eq!(Amount::usd("0.10").to_wire().unwrap().to_string(), "0.10");
        assert_eq!(Amount::usd("-0.10").to_wire(), Err(AmountError::Negative));
        assert_eq!(Amount::usd("0.001").to_wire(), Err(AmountError::MoreThanCents));
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Amount(i64::MAX).checked_add(Amount(1)), None);
        assert_eq!(Amount(i64::MIN).checked_sub(Amount(1)), None);
        assert_eq!(Amount(i64::MAX).checked_mul(2), None);
        assert_eq!(Amount(i64::MIN).checked_neg(), None);
    }

    #[test]
    fn the_stored_form_is_text() {
        let json = serde_json::to_string(&Amount::usd("4.99")).unwrap();
        assert_eq!(json, "\"4.99\"");
        assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), Amount::usd("4.99"));
        assert!(serde_json::from_str::<Amount>("4.99").is_err());
    }
}
