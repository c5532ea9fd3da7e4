//! A tax rate, and the one rule by which it rounds.

use std::fmt;

use crate::Amount;

/// A tax rate in millionths: 8.25 % is 82,500.
///
/// The tax of an amount is **rounded half up to the cent**: exact arithmetic first, then half a cent and more become a
/// cent, less is dropped. It rounds once, on the whole base, and not once per charge.
///
/// ```
/// use fps_core::Amount;
/// use fps_core::checkout::TaxRate;
///
/// let rate = TaxRate::from_millionths(82_500);
/// assert_eq!(rate.to_string(), "8.25%");
/// // 9.99 × 0.0825 = 0.824175
/// assert_eq!(rate.tax_on(Amount::usd("9.99")), Some(Amount::usd("0.82")));
/// // 2.00 × 0.0825 = 0.165: half a cent goes up.
/// assert_eq!(rate.tax_on(Amount::usd("2.00")), Some(Amount::usd("0.17")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxRate(u32);

impl TaxRate {
    /// The rate of so many millionths of the base.
    ///
    /// # Panics
    ///
    /// Over 1,000,000, which is 100 %; in a `const` this is a compile error.
    #[must_use]
    pub const fn from_millionths(millionths: u32) -> Self {
        assert!(millionths <= WHOLE, "a tax rate is at most 100%");
        Self(millionths)
    }

    /// The millionths.
    #[must_use]
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// The tax on a base of zero or more, rounded half up to the cent; `None` where it does not fit an [`Amount`], and
    /// for a negative base.
    #[must_use]
    pub const fn tax_on(self, base: Amount) -> Option<Amount> {
        if base.is_negative() {
            return None;
        }
        // At most 2^63 × 10^6, far inside 128 bits.
        let exact = base.micros() as i128 * self.0 as i128;
        let cents = (exact + HALF_A_CENT) / A_CENT;
        match (cents as i64).checked_mul(10_000) {
            Some(micros) => Some(Amount::from_micros(micros)),
            None => None,
        }
    }
}

/// In percent, with as many decimals as it needs: `8.25%`, `20%`.
impl fmt::Display for TaxRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            write!(f, "{whole}%")
        } else {
            write!(f, "{whole}.{}%", format!("{rest:04}").trim_end_matches('0'))
        }
    }
}

const WHOLE: u32 = 1_000_000;
/// A cent in millionths of millionths of a dollar.
const A_CENT: i128 = 10_000 * WHOLE as i128;
const HALF_A_CENT: i128 = A_CENT / 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_is_exact_and_then_rounded_half_up_to_the_cent() {
        for (millionths, base, tax) in [
            (82_500, "9.99", "0.82"),
            (82_500, "2.00", "0.17"),
            (82_500, "0.00", "0.00"),
            (1_000_000, "12.34", "12.34"),
            (0, "12.34", "0.00"),
            (1, "4999.99", "0.00"),
            (1, "5000.00", "0.01"),
            (190_000, "0.03", "0.01"),
            (1_000_000, "9223372036854.77", "9223372036854.77"),
        ] {
            let rate = TaxRate::from_millionths(millionths);
            assert_eq!(rate.tax_on(Amount::usd(base)), Some(Amount::usd(tax)), "{rate} of {base}");
        }
        assert_eq!(TaxRate::from_millionths(1).tax_on(Amount::usd("-1")), None);
        assert_eq!(TaxRate::from_millionths(1_000_000).tax_on(Amount::from_micros(i64::MAX)), None);
    }

    #[test]
    fn a_rate_prints_as_it_is_written() {
        for (millionths, text) in
            [(82_500, "8.25%"), (200_000, "20%"), (1, "0.0001%"), (0, "0%"), (1_000_000, "100%")]
        {
            assert_eq!(TaxRate::from_millionths(millionths).to_string(), text);
        }
    }
}
