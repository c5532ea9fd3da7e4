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

/// The charges of one payment, each there or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charges {
    item_total: Option<Amount>,
    shipping: Option<Amount>,
    handling: Option<Amount>,
    gift_wrapping: Option<Amount>,
    discount: Option<Amount>,
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
    pub fn add(&mut self, charge: Charge, amount: Amount) -> Result<(), CheckoutError> {
        if amount.is_negative() {
            return Err(CheckoutError::Negative { charge, amount });
        }
        if amount.to_wire().is_err() {
            return Err(CheckoutError::MoreThanCents { charge, amount });
        }
        let slot = self.slot(charge);
        let sum =
            slot.unwrap_or(Amount::ZERO).checked_add(amount).ok_or(CheckoutError::Overflow { charge })?;
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
        let mut sum = Amount::ZERO;
        for (charge, amount) in self.iter().filter(|(charge, _)| *charge != Charge::Discount) {
            sum = sum.checked_add(amount).ok_or(CheckoutError::Overflow { charge })?;
        }
        let discount = self.discount.unwrap_or(Amount::ZERO);
        match sum.checked_sub(discount) {
            Some(total) if total.is_zero() => Err(CheckoutError::NothingToPay),
            Some(total) if !total.is_negative() => Ok(total),
            _ => Err(CheckoutError::DiscountTooLarge { discount, charges: sum }),
        }
    }

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
