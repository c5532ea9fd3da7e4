//! `rust_decimal::Decimal` as money.

use rust_decimal::Decimal;

use crate::checkout::IntoAmount;
use crate::{Amount, AmountError};

/// Exactly, and in whole cents: `9.9` and `9.990` are $9.90 and $9.99, `9.999` is refused and not rounded.
impl IntoAmount for Decimal {
    fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
        let (mantissa, scale) = (self.mantissa(), self.scale());
        let micros = if scale <= MICROS {
            mantissa.checked_mul(10i128.pow(MICROS - scale)).ok_or(AmountError::TooLarge)?
        } else {
            // A scale is at most 28, and 10^22 fits.
            let beyond = 10i128.pow(scale - MICROS);
            if mantissa % beyond != 0 {
                return Err(AmountError::MoreThanCents);
            }
            mantissa / beyond
        };
        if micros % MICROS_PER_CENT != 0 {
            return Err(AmountError::MoreThanCents);
        }
        i64::try_from(micros)
            .map(|micros| Some(Amount::from_micros(micros)))
            .map_err(|_| AmountError::TooLarge)
    }
}

/// Decimals of a millionth.
const MICROS: u32 = 6;
const MICROS_PER_CENT: i128 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_exactly_and_never_rounded() {
        for (text, amount) in [
            ("9.99", Ok(Some(Amount::usd("9.99")))),
            ("9.9", Ok(Some(Amount::usd("9.9")))),
            ("9.9900000000000000000000", Ok(Some(Amount::usd("9.99")))),
            ("-1", Ok(Some(Amount::usd("-1")))),
            ("0", Ok(Some(Amount::ZERO))),
            ("9.999", Err(AmountError::MoreThanCents)),
            ("0.0000000000000000000000000001", Err(AmountError::MoreThanCents)),
            ("79228162514264337593543950335", Err(AmountError::TooLarge)),
            ("9223372036854.78", Err(AmountError::TooLarge)),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_amount(), amount, "{text}");
        }
    }
}
