//! The charges that make up a total.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checkout::CheckoutError;
use crate::{Amount, param};

/// A kind of charge, named as the buyer pages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charge {
    /// `itemTotal`: the items before everything else.
    ItemTotal,
    /// `shipping`.
    Shipping,
    /// `handling`, besides shipping.
    Handling,
    /// `giftWrapping`: an amount, not a flag.
    GiftWrapping,
    /// `discount`: positive, and subtracted.
    Discount,
    /// `tax`.
    Tax,
}

impl Charge {
    /// All kinds, in the order in which they are added up.
    pub const ALL: [Self; 6] =
        [Self::ItemTotal, Self::Shipping, Self::Handling, Self::GiftWrapping, Self::Tax, Self::Discount];

    /// The name on the wire: `itemTotal`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ItemTotal => param::pipeline::ITEM_TOTAL,
            Self::Shipping => param::pipeline::SHIPPING,
            Self::Handling => param::pipeline::HANDLING,
            Self::GiftWrapping => param::pipeline::GIFT_WRAPPING,
            Self::Discount => param::pipeline::DISCOUNT,
            Self::Tax => param::pipeline::TAX,
        }
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The charges of one payment, each there or not: zero or more, in whole cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Charges {
    #[serde(skip_serializing_if = "Option::is_none")]
    item_total: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handling: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gift_wrapping: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax: Option<Amount>,
}

impl Charges {
    /// No charges.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            item_total: None,
            shipping: None,
            handling: None,
            gift_wrapping: None,
            discount: None,
            tax: None,
        }
    }

    /// Adds to a charge.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::Negative`], [`CheckoutError::MoreThanCents`] or [`CheckoutError::Overflow`].
    #[inline(always)]
    pub fn add(&mut self, charge: Charge, amount: Amount) -> Result<(), CheckoutError> {
        if amount.is_negative() {
            return Err(CheckoutError::Negative { charge, amount });
        }
        if amount.to_wire().is_err() {
            return Err(CheckoutError::MoreThanCents { charge, amount });
        }
        let slot = self.slot(charge);
        let Some(sum) = slot.unwrap_or(Amount::ZERO).checked_add(amount) else {
            return Err(CheckoutError::Overflow { charge });
        };
        *slot = Some(sum);
        Ok(())
    }

    /// A charge, if there is one.
    #[must_use]
    pub const fn get(&self, charge: Charge) -> Option<Amount> {
        match charge {
            Charge::ItemTotal => self.item_total,
            Charge::Shipping => self.shipping,
            Charge::Handling => self.handling,
            Charge::GiftWrapping => self.gift_wrapping,
            Charge::Discount => self.discount,
            Charge::Tax => self.tax,
        }
    }

    /// The charges that are there, in the order of [`Charge::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Charge, Amount)> {
        Charge::ALL.into_iter().filter_map(|charge| Some((charge, self.get(charge)?)))
    }

    /// `itemTotal + shipping + handling + giftWrapping + tax − discount`: the `transactionAmount`.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::Overflow`], [`CheckoutError::DiscountTooLarge`] or [`CheckoutError::NothingToPay`].
    pub fn total(&self) -> Result<Amount, CheckoutError> {
        let total = self.sum(Charge::ALL)?;
        if total.is_zero() { Err(CheckoutError::NothingToPay) } else { Ok(total) }
    }

    /// The sum of some charges, less the discount if it is among them; zero or more.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::Overflow`] or [`CheckoutError::DiscountTooLarge`].
    pub fn sum(&self, of: impl IntoIterator<Item = Charge>) -> Result<Amount, CheckoutError> {
        let mut sum = Amount::ZERO;
        let mut discount = Amount::ZERO;
        for charge in of {
            let amount = self.get(charge).unwrap_or(Amount::ZERO);
            if charge == Charge::Discount {
                discount = amount;
            } else {
                let Some(more) = sum.checked_add(amount) else {
                    return Err(CheckoutError::Overflow { charge });
                };
                sum = more;
            }
        }
        match sum.checked_sub(discount) {
            Some(rest) if !rest.is_negative() => Ok(rest),
            _ => Err(CheckoutError::DiscountTooLarge { discount, charges: sum }),
        }
    }

    #[inline(always)]
    fn slot(&mut self, charge: Charge) -> &mut Option<Amount> {
        match charge {
            Charge::ItemTotal => &mut self.item_total,
            Charge::Shipping => &mut self.shipping,
            Charge::Handling => &mut self.handling,
            Charge::GiftWrapping => &mut self.gift_wrapping,
            Charge::Discount => &mut self.discount,
            Charge::Tax => &mut self.tax,
        }
    }
}

/// The stored form, which is checked when it is read.
#[derive(Deserialize)]
struct Stored {
    item_total: Option<Amount>,
    shipping: Option<Amount>,
    handling: Option<Amount>,
    gift_wrapping: Option<Amount>,
    discount: Option<Amount>,
    tax: Option<Amount>,
}

impl TryFrom<Stored> for Charges {
    type Error = CheckoutError;

    fn try_from(stored: Stored) -> Result<Self, CheckoutError> {
        let mut charges = Self::new();
        for (charge, amount) in [
            (Charge::ItemTotal, stored.item_total),
            (Charge::Shipping, stored.shipping),
            (Charge::Handling, stored.handling),
            (Charge::GiftWrapping, stored.gift_wrapping),
            (Charge::Discount, stored.discount),
            (Charge::Tax, stored.tax),
        ] {
            if let Some(amount) = amount {
                charges.add(charge, amount)?;
            }
        }
        Ok(charges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charges(list: &[(Charge, &str)]) -> Result<Charges, CheckoutError> {
        let mut charges = Charges::new();
        for (charge, amount) in list {
            charges.add(*charge, Amount::usd(amount))?;
        }
        Ok(charges)
    }

    #[test]
    fn the_total_is_the_sum_less_the_discount() {
        use Charge::{Discount, GiftWrapping, Handling, ItemTotal, Shipping, Tax};
        for (list, total) in [
            (&[(ItemTotal, "9.99")][..], Ok("9.99")),
            (
                &[
                    (ItemTotal, "1"),
                    (Shipping, "2"),
                    (Handling, "4"),
                    (GiftWrapping, "8"),
                    (Tax, "16"),
                    (Discount, "0.5"),
                ],
                Ok("30.5"),
            ),
            (&[(ItemTotal, "1"), (ItemTotal, "2")], Ok("3")),
            (&[], Err(CheckoutError::NothingToPay)),
            (&[(ItemTotal, "1"), (Discount, "1")], Err(CheckoutError::NothingToPay)),
            (
                &[(ItemTotal, "1"), (Discount, "1.01")],
                Err(CheckoutError::DiscountTooLarge {
                    discount: Amount::usd("1.01"),
                    charges: Amount::usd("1"),
                }),
            ),
            (
                &[(ItemTotal, "9223372036854.77"), (Shipping, "0.01")],
                Err(CheckoutError::Overflow { charge: Shipping }),
            ),
            (
                &[(ItemTotal, "-1")],
                Err(CheckoutError::Negative { charge: ItemTotal, amount: Amount::usd("-1") }),
            ),
            (
                &[(Tax, "0.001")],
                Err(CheckoutError::MoreThanCents { charge: Tax, amount: Amount::usd("0.001") }),
            ),
            (&[(Tax, "9223372036854.77"), (Tax, "0.01")], Err(CheckoutError::Overflow { charge: Tax })),
        ] {
            assert_eq!(charges(list).and_then(|c| c.total()), total.map(Amount::usd), "{list:?}");
        }
    }
}
