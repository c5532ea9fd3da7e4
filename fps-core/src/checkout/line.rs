//! A payment being put together.

use std::borrow::Cow;
use std::fmt;

use crate::checkout::parameters::Delivery;
use crate::checkout::{
    Charge, Charges, Checkout, CheckoutError, PaymentMethods, PipelineParameters, ShippingAddress, TaxRate,
};
use crate::{Amount, AmountError};

/// A product on its way to its parameters, or one line of a cart.
///
/// The derive writes into one through [`Checkout::describe`]. A line may cost nothing, as a free gift in a cart does; a
/// whole payment may not.
#[derive(Debug)]
pub struct Line {
    charges: Charges,
    payment_reason: Option<Cow<'static, str>>,
    payment_methods: PaymentMethods,
    reserve: bool,
    delivery: Delivery,
    cart: Cart,
}

/// What has to be known of the lines so far in order to join the next one to them.
#[derive(Debug, Default)]
struct Cart {
    /// Whether this is a cart at all.
    open: bool,
    /// How many lines it has.
    lines: usize,
    /// Whether the cart's own words decide, and not its lines.
    own_reason: bool,
    own_reserve: bool,
    /// The line that said where the goods go; 0 is the cart itself.
    delivery_from: usize,
    /// The first line with a tax of its own.
    taxed_line: Option<usize>,
}

// Always inlined, so that a derived product becomes the code that one writes by hand: the line dissolves into its
// charges, and what the product does not use costs nothing. A benchmark counts the instructions.
#[expect(clippy::inline_always, reason = "measured: a call would move the whole line through memory")]
impl Line {
    /// Nothing yet: no charge, every payment method, no terms.
    #[must_use]
    #[inline(always)]
    pub fn new() -> Self {
        Self {
            charges: Charges::new(),
            payment_reason: None,
            payment_methods: PaymentMethods::ALL,
            reserve: false,
            delivery: Delivery::Unsaid,
            cart: Cart::default(),
        }
    }

    /// The parameters of a product by its [`Checkout::describe`]: what a derived [`Checkout::parameters`] does.
    ///
    /// # Errors
    ///
    /// The first [`CheckoutError`] of the description, or what is wrong with its sum.
    #[inline(always)]
    pub fn parameters_of<T: Checkout + ?Sized>(product: &T) -> Result<PipelineParameters, CheckoutError> {
        let mut line = Self::new();
        product.describe(&mut line)?;
        line.into_parameters()
    }

    /// Adds a charge as [`IntoAmount`](crate::IntoAmount) reads it; `None` adds nothing.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::NotAnAmount`], or what [`Charges::add`] refuses.
    #[inline(always)]
    pub fn charge(
        &mut self,
        charge: Charge,
        amount: Result<Option<Amount>, AmountError>,
    ) -> Result<(), CheckoutError> {
        match amount {
            Ok(Some(amount)) => self.charges.add(charge, amount),
            Ok(None) => Ok(()),
            Err(source) => Err(CheckoutError::NotAnAmount { charge, source }),
        }
    }

    /// Adds a charge.
    ///
    /// # Errors
    ///
    /// What [`Charges::add`] refuses.
    #[inline(always)]
    pub fn fixed_charge(&mut self, charge: Charge, amount: Amount) -> Result<(), CheckoutError> {
        self.charges.add(charge, amount)
    }

    /// Adds a charge so many times over. The price of one piece may have parts of a cent, the product may not.
    ///
    /// # Errors
    ///
    /// As [`charge`](Self::charge).
    #[inline]
    pub fn charge_times(
        &mut self,
        charge: Charge,
        amount: Result<Option<Amount>, AmountError>,
        pieces: i64,
    ) -> Result<(), CheckoutError> {
        match amount {
            Ok(Some(amount)) => match amount.checked_mul(pieces) {
                Some(product) => self.charges.add(charge, product),
                None => Err(CheckoutError::Overflow { charge }),
            },
            Ok(None) => Ok(()),
            Err(source) => Err(CheckoutError::NotAnAmount { charge, source }),
        }
    }

    /// Adds the tax on those charges as they stand now; [`Charge::Discount`] among them is subtracted first.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::TaxedTwice`] where a line has a tax already; [`CheckoutError::DiscountTooLarge`];
    /// [`CheckoutError::Overflow`].
    pub fn tax_rate(&mut self, rate: TaxRate, on: &[Charge]) -> Result<(), CheckoutError> {
        if let Some(line) = self.cart.taxed_line {
            return Err(CheckoutError::TaxedTwice { line });
        }
        let base = self.charges.sum(on.iter().copied())?;
        let tax = rate.tax_on(base).ok_or(CheckoutError::Overflow { charge: Charge::Tax })?;
        self.charges.add(Charge::Tax, tax)
    }

    /// Sets the reason from a template; its values are written through [`AsText`](crate::checkout::AsText).
    #[inline(always)]
    pub fn payment_reason(&mut self, reason: fmt::Arguments<'_>) {
        self.set_reason(Cow::Owned(fmt::format(reason)));
    }

    /// Sets the reason from a text that is known while compiling, as it is.
    #[inline(always)]
    pub fn fixed_reason(&mut self, reason: &'static str) {
        self.set_reason(Cow::Borrowed(reason));
    }

    /// Sets the reason from text as [`ReasonText`](crate::checkout::ReasonText) reads it, shown as it is; `None` sets
    /// nothing.
    #[inline]
    pub fn payment_reason_text(&mut self, reason: Option<&str>) {
        if let Some(text) = reason {
            self.set_reason(Cow::Owned(crate::checkout::reason::escape(text)));
        }
    }

    /// Sets how it may be paid.
    #[inline(always)]
    pub fn payment_methods(&mut self, methods: PaymentMethods) {
        self.payment_methods = methods;
    }

    /// Holds the money now, to be settled later. In a cart, its own word decides for all lines.
    #[inline(always)]
    pub fn reserve(&mut self) {
        self.reserve = true;
        self.cart.own_reserve = true;
    }

    /// Has the buyer pages ask for the address.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::AddressConflict`] where there is an address already.
    #[inline]
    pub fn collect_shipping_address(&mut self) -> Result<(), CheckoutError> {
        self.deliver(0, Delivery::Collect)
    }

    /// Sets the address that the buyer pages show; `None` sets nothing.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::AddressConflict`] where there is another already, or one is collected.
    #[inline]
    pub fn address(&mut self, address: Option<ShippingAddress>) -> Result<(), CheckoutError> {
        match address {
            Some(address) => self.deliver(0, Delivery::To(Box::new(address))),
            None => Ok(()),
        }
    }

    /// Adds products as lines of a cart, in their order.
    ///
    /// Charges add up by kind. Reasons are joined by `; ` unless this has one of its own. Of payment methods those
    /// remain that every line accepts; the buyer pages ask for an address where one line wants it. All lines are to be
    /// reserved, or none.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::Line`] where a line is wrong by itself; [`CheckoutError::MethodConflict`],
    /// [`CheckoutError::ReserveConflict`] or [`CheckoutError::AddressConflict`] where two do not agree;
    /// [`CheckoutError::Overflow`].
    pub fn items<I>(&mut self, items: I) -> Result<(), CheckoutError>
    where
        I: IntoIterator<Item: Checkout>,
    {
        self.cart.open = true;
        for item in items {
            self.cart.lines += 1;
            let mut line = Self::new();
            item.describe(&mut line)
                .and_then(|()| line.check())
                .map_err(|error| CheckoutError::Line { line: self.cart.lines, source: Box::new(error) })?;
            self.join(line)?;
        }
        Ok(())
    }

    /// Takes over a payment that is put together already: how a product written by hand becomes a line.
    pub fn include(&mut self, parameters: PipelineParameters) {
        self.charges = parameters.charges;
        self.payment_reason = parameters.payment_reason;
        self.payment_methods = parameters.payment_methods;
        self.reserve = parameters.reserve;
        self.delivery = parameters.delivery;
    }

    /// The parameters, if there is something to pay.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::EmptyCart`] or [`CheckoutError::NoItemTotal`] where nothing is sold; or what is wrong with the
    /// sum: see [`Charges::total`].
    #[inline(always)]
    pub fn into_parameters(self) -> Result<PipelineParameters, CheckoutError> {
        self.sells_something()?;
        // A copy of their own to be summed, so that no one else points into the line.
        let charges = self.charges;
        Ok(PipelineParameters {
            transaction_amount: charges.total()?,
            charges,
            payment_reason: self.payment_reason,
            payment_methods: self.payment_methods,
            reserve: self.reserve,
            delivery: self.delivery,
        })
    }

    /// What every line must fulfil, in a cart or alone.
    fn check(&self) -> Result<(), CheckoutError> {
        self.sells_something()?;
        self.charges.sum(Charge::ALL).map(|_| ())
    }

    #[inline(always)]
    fn sells_something(&self) -> Result<(), CheckoutError> {
        match self.charges.get(Charge::ItemTotal) {
            Some(_) => Ok(()),
            None if self.cart.open => Err(CheckoutError::EmptyCart),
            None => Err(CheckoutError::NoItemTotal),
        }
    }

    #[inline(always)]
    fn set_reason(&mut self, reason: Cow<'static, str>) {
        self.payment_reason = Some(reason);
        self.cart.own_reason = true;
    }

    fn join(&mut self, line: Self) -> Result<(), CheckoutError> {
        let number = self.cart.lines;
        for (charge, amount) in line.charges.iter() {
            self.charges.add(charge, amount)?;
        }
        if line.charges.get(Charge::Tax).is_some() {
            self.cart.taxed_line.get_or_insert(number);
        }
        self.payment_methods =
            self.payment_methods.and(line.payment_methods).ok_or(CheckoutError::MethodConflict {
                line: number,
                accepts: line.payment_methods,
                others: self.payment_methods,
            })?;
        if !self.cart.own_reserve {
            if number > 1 && self.reserve != line.reserve {
                let (reserved, paid) = if line.reserve { (number, 1) } else { (1, number) };
                return Err(CheckoutError::ReserveConflict { reserved, paid });
            }
            self.reserve = line.reserve;
        }
        self.deliver(number, line.delivery)?;
        if let (false, Some(reason)) = (self.cart.own_reason, line.payment_reason) {
            self.append_reason(reason);
        }
        Ok(())
    }

    fn append_reason(&mut self, reason: Cow<'static, str>) {
        match &mut self.payment_reason {
            Some(reasons) => {
                let reasons = reasons.to_mut();
                reasons.push_str("; ");
                reasons.push_str(&reason);
            }
            none => *none = Some(reason),
        }
    }

    fn deliver(&mut self, from: usize, delivery: Delivery) -> Result<(), CheckoutError> {
        if delivery == Delivery::Unsaid || delivery == self.delivery {
            return Ok(());
        }
        if self.delivery != Delivery::Unsaid {
            return Err(CheckoutError::AddressConflict { first: self.cart.delivery_from, second: from });
        }
        self.delivery = delivery;
        self.cart.delivery_from = from;
        Ok(())
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}
