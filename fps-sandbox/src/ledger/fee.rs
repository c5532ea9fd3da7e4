//! What the service takes for itself.

use fps_core::Amount;

use super::words::PayMethod;

/// The service's fees by payment method.
///
/// The default is what developers of the time remember of the price list; where the documentation's samples show a fee,
/// it gives the same (a card payment of 1.00 costs 0.10, one of 5.00 costs 0.30):
///
/// | method | below 10 dollars | from 10 dollars |
/// |---|---|---|
/// | CC | 5 % + 0.05 | 2.9 % + 0.30 |
/// | ACH | 2 % + 0.05 | 2 % + 0.05 |
/// | ABT | 1.5 % + 0.01 | 1.5 % + 0.01 |
/// | Prepaid, Debt | 0 | 0 |
///
/// Rounding: to the whole cent, half a cent up. A fee is never more than the amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeTable {
    /// Card payments below [`FeeTable::small_below`].
    pub card_small: Rate,
    /// Card payments from there.
    pub card: Rate,
    /// Bank account payments.
    pub bank: Rate,
    /// Balance payments.
    pub balance: Rate,
    /// Where a card payment stops being small; 10 dollars.
    pub small_below: Amount,
}

/// A share of the amount and a fixed part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Hundredths of a percent: 290 is 2.9 %.
    pub basis_points: u32,
    /// Dollars.
    pub fixed: Amount,
}

impl FeeTable {
    /// No fees at all, for tests that count money.
    #[must_use]
    pub const fn free() -> Self {
        let free = Rate::new(0, Amount::ZERO);
        Self { card_small: free, card: free, bank: free, balance: free, small_below: Amount::ZERO }
    }

    /// The fee of a payment.
    #[must_use]
    pub fn fee(&self, method: PayMethod, amount: Amount) -> Amount {
        let rate = match method {
            PayMethod::Cc if amount < self.small_below => self.card_small,
            PayMethod::Cc => self.card,
            PayMethod::Ach => self.bank,
            PayMethod::Abt => self.balance,
            PayMethod::Prepaid | PayMethod::Debt => Rate::new(0, Amount::ZERO),
        };
        rate.of(amount)
    }
}

impl Default for FeeTable {
    fn default() -> Self {
        Self {
            card_small: Rate::new(500, Amount::usd("0.05")),
            card: Rate::new(290, Amount::usd("0.30")),
            bank: Rate::new(200, Amount::usd("0.05")),
            balance: Rate::new(150, Amount::usd("0.01")),
            small_below: Amount::usd("10"),
        }
    }
}

impl Rate {
    /// So many hundredths of a percent and so many dollars.
    #[must_use]
    pub const fn new(basis_points: u32, fixed: Amount) -> Self {
        Self { basis_points, fixed }
    }

    /// The rate of an amount: whole cents, half a cent up, at most the amount.
    #[must_use]
    pub fn of(self, amount: Amount) -> Amount {
        let share = i128::from(amount.micros()) * i128::from(self.basis_points) / 10_000;
        let exact = share + i128::from(self.fixed.micros());
        cents_half_up(exact).min(amount)
    }
}

/// The part of a fee that goes back with a part of a payment: in proportion, half a cent up.
#[must_use]
pub fn share(fee: Amount, part: Amount, whole: Amount) -> Amount {
    if whole.is_zero() {
        return Amount::ZERO;
    }
    cents_half_up(i128::from(fee.micros()) * i128::from(part.micros()) / i128::from(whole.micros()))
}

fn cents_half_up(micros: i128) -> Amount {
    let cents = (micros + 5_000).div_euclid(10_000);
    Amount::from_micros(i64::try_from(cents * 10_000).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_are_those_of_the_documentations_samples_and_of_memory() {
        let fees = FeeTable::default();
        for (method, amount, fee) in [
            (PayMethod::Cc, "1.00", "0.10"),
            (PayMethod::Cc, "5.00", "0.30"),
            (PayMethod::Cc, "9.99", "0.55"),
            (PayMethod::Cc, "10.00", "0.59"),
            (PayMethod::Cc, "100.00", "3.20"),
            (PayMethod::Abt, "0.10", "0.01"),
            (PayMethod::Abt, "100.00", "1.51"),
            (PayMethod::Ach, "100.00", "2.05"),
            (PayMethod::Prepaid, "4.00", "0.00"),
            (PayMethod::Cc, "0.02", "0.02"),
        ] {
            assert_eq!(fees.fee(method, Amount::usd(amount)), Amount::usd(fee), "{method} {amount}");
        }
    }

    #[test]
    fn half_a_cent_goes_up() {
        assert_eq!(Rate::new(150, Amount::ZERO).of(Amount::usd("1.00")), Amount::usd("0.02"));
        assert_eq!(share(Amount::usd("0.10"), Amount::usd("0.25"), Amount::usd("1.00")), Amount::usd("0.03"));
    }
}
