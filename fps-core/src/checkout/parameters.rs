//! What a product says about its payment.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Amount;
use crate::checkout::{Charges, CheckoutError, PaymentMethods};

/// What a product says about its payment: the product's share of a pipeline's parameters.
///
/// `transactionAmount` is always computed from the charges and never set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineParameters {
    charges: Charges,
    transaction_amount: Amount,
    payment_reason: Option<Cow<'static, str>>,
    payment_methods: PaymentMethods,
    reserve: bool,
    collect_shipping_address: bool,
    address: Option<ShippingAddress>,
}

impl PipelineParameters {
    /// A payment of those charges, by any method.
    ///
    /// # Errors
    ///
    /// [`CheckoutError`] if the charges do not add up to a payment: see [`Charges::total`].
    pub fn new(charges: Charges) -> Result<Self, CheckoutError> {
        Ok(Self {
            transaction_amount: charges.total()?,
            charges,
            payment_reason: None,
            payment_methods: PaymentMethods::ALL,
            reserve: false,
            collect_shipping_address: false,
            address: None,
        })
    }

    /// `paymentReason`: what the buyer sees the payment is for; limited HTML.
    #[must_use]
    pub fn with_payment_reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.payment_reason = Some(reason.into());
        self
    }

    /// `paymentMethod`: how it may be paid. Default: every method.
    #[must_use]
    pub fn with_payment_methods(mut self, methods: PaymentMethods) -> Self {
        self.payment_methods = methods;
        self
    }

    /// `reserve`: hold the money now and settle later. Default: no.
    #[must_use]
    pub fn with_reserve(mut self, reserve: bool) -> Self {
        self.reserve = reserve;
        self
    }

    /// `collectShippingAddress`: the buyer pages ask for the address and return it. Default: no.
    #[must_use]
    pub fn with_collect_shipping_address(mut self, collect: bool) -> Self {
        self.collect_shipping_address = collect;
        self
    }

    /// The address that the buyer pages show.
    #[must_use]
    pub fn with_address(mut self, address: ShippingAddress) -> Self {
        self.address = Some(address);
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
        self.collect_shipping_address
    }

    /// The address that the buyer pages show.
    #[must_use]
    pub fn address(&self) -> Option<&ShippingAddress> {
        self.address.as_ref()
    }
}

/// Where the goods go. Every part is optional text; names on the wire stand beside each.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingAddress {
    /// `addressName`: who receives it.
    pub name: Option<String>,
    /// `addressLine1`.
    pub line1: Option<String>,
    /// `addressLine2`.
    pub line2: Option<String>,
    /// `city`.
    pub city: Option<String>,
    /// `state`.
    pub state: Option<String>,
    /// `country`. Never returned by the service.
    pub country: Option<String>,
    /// `zip`.
    pub zip: Option<String>,
    /// `phoneNumber`.
    pub phone_number: Option<String>,
}

/// Addresses are personal: nothing of them shows.
impl std::fmt::Debug for ShippingAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShippingAddress([redacted])")
    }
}
