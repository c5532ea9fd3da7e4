//! Amounts and rates in literals, read exactly.

/// The cents of an amount such as `9.99`, by the rules of fps-core's `Amount` and of requests.
pub(crate) fn cents(text: &str) -> Result<i64, String> {
    scaled(text, 2)
        .and_then(|cents| if cents > MOST_CENTS { Err(Wrong::TooLarge) } else { Ok(cents) })
        .map_err(|wrong| match wrong {
            Wrong::Empty => "the amount is empty; write dollars such as \"9.99\"".to_owned(),
            Wrong::Negative if text.contains('.') || text.len() > 1 => {
                "an amount is zero or more; a discount is written as a positive amount".to_owned()
            }
            Wrong::Negative | Wrong::Character => {
                format!("`{text}` is not an amount; write digits with at most one point, such as \"9.99\"")
            }
            Wrong::TooManyDecimals => {
                format!("`{text}` has parts of a cent; an amount has at most two decimals")
            }
            Wrong::TooLarge => format!("`{text}` is over the limit of 9223372036854.77 dollars"),
        })
}

/// The millionths of a rate such as `8.25%`.
pub(crate) fn rate(text: &str) -> Result<u32, String> {
    let Some(number) = text.strip_suffix('%') else {
        return Err(format!("a rate ends in a percent sign: write \"8.25%\", not \"{text}\""));
    };
    scaled(number.trim_end(), 4)
        .and_then(|millionths| {
            u32::try_from(millionths).ok().filter(|it| *it <= WHOLE).ok_or(Wrong::TooLarge)
        })
        .map_err(|wrong| match wrong {
            Wrong::Empty => "the rate is empty; write percent such as \"8.25%\"".to_owned(),
            Wrong::Negative => "a rate is zero or more".to_owned(),
            Wrong::Character => {
                format!("`{text}` is not a rate; write digits with at most one point and a percent sign: \"8.25%\"")
            }
            Wrong::TooManyDecimals => format!("`{text}` is too fine; a rate has at most four decimals"),
            Wrong::TooLarge => format!("`{text}` is over the limit; a rate is at most 100%"),
        })
}

/// The tax on cents, rounded half up, as fps-core's `TaxRate` does it.
pub(crate) fn tax(millionths: u32, cents: i64) -> i64 {
    let exact = i128::from(cents) * i128::from(millionths);
    let whole = i128::from(WHOLE);
    i64::try_from((exact + whole / 2) / whole).unwrap_or(i64::MAX)
}

/// Cents as dollars.
pub(crate) fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Empty,
    Negative,
    Character,
    TooManyDecimals,
    TooLarge,
}

/// A decimal number times ten to the power of `decimals`.
fn scaled(text: &str, decimals: usize) -> Result<i64, Wrong> {
    if text.is_empty() {
        return Err(Wrong::Empty);
    }
    let (digits, negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(Wrong::Character),
        Some(parts) => parts,
        None => (digits, ""),
    };
    let mut all = whole.bytes().chain(fraction.bytes());
    if whole.is_empty() || !all.clone().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Character);
    }
    if negative {
        return Err(Wrong::Negative);
    }
    if fraction.len() > decimals {
        return Err(Wrong::TooManyDecimals);
    }
    let digits =
        all.try_fold(0i64, |number, byte| number.checked_mul(10)?.checked_add(i64::from(byte - b'0')));
    let missing = u32::try_from(decimals - fraction.len()).map_err(|_| Wrong::TooLarge)?;
    digits.and_then(|digits| digits.checked_mul(10i64.pow(missing))).ok_or(Wrong::TooLarge)
}

/// The most that fps-core's `Amount` holds in whole cents.
pub(crate) const MOST_CENTS: i64 = 922_337_203_685_477;
const WHOLE: u32 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_cent() {
        for (text, cents) in
            [("0", 0), ("9.99", 999), ("0.1", 10), ("007", 700), ("9223372036854.77", MOST_CENTS)]
        {
            assert_eq!(super::cents(text), Ok(cents), "{text}");
        }
        for (text, error) in [
            ("", "is empty"),
            ("-1.00", "zero or more"),
            ("-", "is not an amount"),
            ("$1", "is not an amount"),
            ("1,00", "is not an amount"),
            (".5", "is not an amount"),
            ("5.", "is not an amount"),
            ("1e3", "is not an amount"),
            ("٣", "is not an amount"),
            ("0.001", "parts of a cent"),
            ("9223372036854.78", "over the limit"),
            ("1000000000000000000000000000000000000000", "over the limit"),
        ] {
            let message = super::cents(text).unwrap_err();
            assert!(message.contains(error), "{text:?}: {message}");
        }
    }

    #[test]
    fn rates_are_read_to_the_millionth() {
        for (text, millionths) in
            [("8.25%", 82_500), ("0%", 0), ("100%", WHOLE), ("0.0001%", 1), ("19 %", 190_000)]
        {
            assert_eq!(rate(text), Ok(millionths), "{text}");
        }
        for (text, error) in [
            ("8.25", "percent sign"),
            ("%", "is empty"),
            ("-1%", "zero or more"),
            ("8,25%", "is not a rate"),
            ("0.00001%", "too fine"),
            ("100.0001%", "over the limit"),
        ] {
            let message = rate(text).unwrap_err();
            assert!(message.contains(error), "{text:?}: {message}");
        }
    }

    #[test]
    fn tax_rounds_half_up() {
        assert_eq!(tax(82_500, 999), 82);
        assert_eq!(tax(82_500, 200), 17);
        assert_eq!(dollars(tax(1, 500_000)), "0.01");
    }
}
