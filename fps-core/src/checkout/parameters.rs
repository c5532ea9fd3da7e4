//! What a product says about its payment.

use std::borrow::Cow;
use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::Amount;
use crate::checkout::{Charges, CheckoutError, PaymentMethods, ShippingAddress};

/// What a product says about its payment: the product's share of a pipeline's parameters.
///
/// The charges add up to more than nothing, and `transactionAmount` is their sum: it is always computed and never set.
/// The stored form is checked again when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct PipelineParameters {
    pub(super) charges: Charges,
    pub(super) transaction_amount: Amount,
    pub(super) payment_reason: Option<Cow<'static, str>>,
    pub(super) payment_methods: PaymentMethods,
    pub(super) reserve: bool,
    pub(super) delivery: Delivery,
}

impl PipelineParameters {
    /// A payment of those charges, by any method.
    ///
    /// # Errors
    ///
    /// [`CheckoutError`] if the charges do not add up to a payment: see [`Charges::total`].
    #[inline]
    pub fn new(charges: Charges) -> Result<Self, CheckoutError> {
        Ok(Self {
            transaction_amount: charges.total()?,
            charges,
            payment_reason: None,
            payment_methods: PaymentMethods::ALL,
            reserve: false,
            delivery: Delivery::Unsaid,
        })
    }

    /// `paymentReason`: what the buyer sees the payment is for; limited HTML. Write values through
    /// [`AsText`](crate::checkout::AsText).
    #[must_use]
    #[inline]
    pub fn with_payment_reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.payment_reason = Some(reason.into());
        self
    }

    /// `paymentMethod`: how it may be paid. Default: every method.
    #[must_use]
    #[inline]
    pub fn with_payment_methods(mut self, methods: PaymentMethods) -> Self {
        self.payment_methods = methods;
        self
    }

    /// `reserve`: hold the money now and settle later. Default: no.
    #[must_use]
    #[inline]
    pub fn with_reserve(mut self, reserve: bool) -> Self {
        self.reserve = reserve;
        self
    }

    /// `collectShippingAddress`: the buyer pages ask for the address and return it. Default: no.
    ///
    /// The service ignores an address of ours where it collects one, so `true` replaces
    /// [`with_address`](Self::with_address).
    #[must_use]
    #[inline]
    pub fn with_collect_shipping_address(mut self, collect: bool) -> Self {
        if collect {
            self.delivery = Delivery::Collect;
        } else if self.delivery == Delivery::Collect {
            self.delivery = Delivery::Unsaid;
        }
        self
    }

    /// The address that the buyer pages show. It replaces
    /// [`with_collect_shipping_address`](Self::with_collect_shipping_address).
    #[must_use]
    #[inline]
    pub fn with_address(mut self, address: ShippingAddress) -> Self {
        self.delivery = Delivery::To(Box::new(address));
        self
    }

    /// The charges by kind.
    #[must_use]
    pub fn charges(&self) -> &Charges {
        &self.charges
    }

    /// `transactionAmount`: what the buyer pays in all.
    #[must_use]
    pub fn transaction_amount(&self) -> Amount {
        self.transaction_amount
    }

    /// What the payment is for.
    #[must_use]
    pub fn payment_reason(&self) -> Option<&str> {
        self.payment_reason.as_deref()
    }

    /// How it may be paid.
    #[must_use]
    pub fn payment_methods(&self) -> PaymentMethods {
        self.payment_methods
    }

    /// Whether the money is reserved now and settled later.
    #[must_use]
    pub fn reserve(&self) -> bool {
        self.reserve
    }

    /// Whether the buyer pages ask for the address.
    #[must_use]
    pub fn collect_shipping_address(&self) -> bool {
        self.delivery == Delivery::Collect
    }

    /// The address that the buyer pages show.
    #[must_use]
    pub fn address(&self) -> Option<&ShippingAddress> {
        match &self.delivery {
            Delivery::To(address) => Some(address),
            Delivery::Unsaid | Delivery::Collect => None,
        }
    }
}

/// What is said about where the goods go. One of three, because the service ignores an address where it collects one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Delivery {
    #[default]
    Unsaid,
    Collect,
    /// Boxed, so that the many products without an address stay small.
    To(Box<ShippingAddress>),
}

/// The stored form, which is checked when it is read.
#[derive(Serialize, Deserialize)]
struct Stored {
    charges: Charges,
    transaction_amount: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_reason: Option<Cow<'static, str>>,
    payment_methods: PaymentMethods,
    #[serde(default, skip_serializing_if = "Not::not")]
    reserve: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    collect_shipping_address: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<ShippingAddress>,
}

impl From<PipelineParameters> for Stored {
    fn from(parameters: PipelineParameters) -> Self {
        Self {
            charges: parameters.charges,
            transaction_amount: parameters.transaction_amount,
            payment_reason: parameters.payment_reason,
            payment_methods: parameters.payment_methods,
            reserve: parameters.reserve,
            collect_shipping_address: parameters.delivery == Delivery::Collect,
            address: match parameters.delivery {
                Delivery::To(address) => Some(*address),
                Delivery::Unsaid | Delivery::Collect => None,
            },
        }
    }
}

impl TryFrom<Stored> for PipelineParameters {
    type Error = CheckoutError;

    fn try_from(stored: Stored) -> Result<Self, CheckoutError> {
        let total = stored.charges.total()?;
        if total != stored.transaction_amount {
            return Err(CheckoutError::TotalMismatch { stored: stored.transaction_amount, sum: total });
        }
        let delivery = match (stored.collect_shipping_address, stored.address) {
            (false, None) => Delivery::Unsaid,
            (true, None) => Delivery::Collect,
            (false, Some(address)) => Delivery::To(Box::new(address)),
            (true, Some(_)) => return Err(CheckoutError::AddressIgnored),
        };
        Ok(Self {
            charges: stored.charges,
            transaction_amount: total,
            payment_reason: stored.payment_reason,
            payment_methods: stored.payment_methods,
            reserve: stored.reserve,
            delivery,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Charge;

    fn parameters() -> PipelineParameters {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, Amount::usd("9.99")).unwrap();
        charges.add(Charge::Discount, Amount::usd("1.00")).unwrap();
        PipelineParameters::new(charges).unwrap().with_payment_reason("a song")
    }

    #[test]
    fn the_stored_form_reads_back() {
        let address = ShippingAddress { city: Some("Berlin".to_owned()), ..ShippingAddress::default() };
        for parameters in [
            parameters(),
            parameters().with_reserve(true).with_collect_shipping_address(true),
            parameters().with_address(address),
        ] {
            let json = serde_json::to_string(&parameters).unwrap();
            assert_eq!(serde_json::from_str::<PipelineParameters>(&json).unwrap(), parameters, "{json}");
        }
    }

    #[test]
    fn a_stored_form_that_breaks_a_rule_is_refused() {
        let json = serde_json::to_string(&parameters()).unwrap();
        for (from, to, error) in [
            (
                r#""transaction_amount":"8.99""#,
                r#""transaction_amount":"8.98""#,
                "the sum of the charges is 8.99",
            ),
            (r#""item_total":"9.99""#, r#""item_total":"-9.99""#, "itemTotal is -9.99"),
            (r#""item_total":"9.99""#, r#""item_total":"9.991""#, "itemTotal is 9.991"),
            (r#""discount":"1.00""#, r#""discount":"10.00""#, "more than the charges"),
            (r#"["ABT","ACH","CC"]"#, "[]", "no payment method"),
            (
                r#""payment_methods""#,
                r#""collect_shipping_address":true,"address":{},"payment_methods""#,
                "ignores the address",
            ),
        ] {
            let broken = json.replace(from, to);
            assert_ne!(broken, json, "{from}");
            let refused = serde_json::from_str::<PipelineParameters>(&broken).unwrap_err().to_string();
            assert!(refused.contains(error), "{broken}: {refused}");
        }
    }

    #[test]
    fn the_later_word_about_the_address_replaces_the_earlier() {
        let to = parameters().with_address(ShippingAddress::default());
        assert_eq!(to.clone().with_collect_shipping_address(false), to);
        assert_eq!(to.with_collect_shipping_address(true).address(), None);
        let collected = parameters().with_collect_shipping_address(true);
        assert!(!collected.with_address(ShippingAddress::default()).collect_shipping_address());
    }
}
