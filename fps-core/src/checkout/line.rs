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
/// The derive writes into one through [`Checkout::describe`]. It keeps the first error and gives it back at the end, so
/// that the code that fills it stays a plain list. A line may cost nothing, as a free gift in a cart does; a whole
/// payment may not.
#[derive(Debug)]
pub struct Line {
    charges: Charges,
    payment_reason: Option<Cow<'static, str>>,
    payment_methods: PaymentMethods,
    reserve: bool,
    delivery: Delivery,
    cart: Cart,
    error: Option<CheckoutError>,
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

impl Line {
    /// Nothing yet: no charge, every payment method, no terms.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self {
            charges: Charges::new(),
            payment_reason: None,
            payment_methods: PaymentMethods::ALL,
            reserve: false,
            delivery: Delivery::Unsaid,
            cart: Cart::default(),
            error: None,
        }
    }

    /// The parameters of a product by its [`Checkout::describe`]: what a derived [`Checkout::parameters`] does.
    ///
    /// # Errors
    ///
    /// The first [`CheckoutError`] of the description, or what is wrong with its sum.
    #[inline]
    pub fn parameters_of<T: Checkout + ?Sized>(product: &T) -> Result<PipelineParameters, CheckoutError> {
        let mut line = Self::new();
        product.describe(&mut line);
        line.into_parameters()
    }

    /// Adds a charge as [`IntoAmount`](crate::IntoAmount) reads it; `None` adds nothing.
    #[inline]
    pub fn charge(&mut self, charge: Charge, amount: Result<Option<Amount>, AmountError>) {
        match amount {
            Ok(Some(amount)) => self.fixed_charge(charge, amount),
            Ok(None) => {}
            Err(source) => self.fail(CheckoutError::NotAnAmount { charge, source }),
        }
    }

    /// Adds a charge.
    #[inline]
    pub fn fixed_charge(&mut self, charge: Charge, amount: Amount) {
        if let Err(error) = self.charges.add(charge, amount) {
            self.fail(error);
        }
    }

    /// Adds a charge so many times over. The price of one piece may have parts of a cent, the product may not.
    pub fn charge_times(
        &mut self,
        charge: Charge,
        amount: Result<Option<Amount>, AmountError>,
        pieces: Result<i64, CheckoutError>,
    ) {
        match (amount, pieces) {
            (Ok(Some(amount)), Ok(pieces)) => match amount.checked_mul(pieces) {
                Some(product) => self.fixed_charge(charge, product),
                None => self.fail(CheckoutError::Overflow { charge }),
            },
            (Ok(None), Ok(_)) => {}
            (Err(source), _) => self.fail(CheckoutError::NotAnAmount { charge, source }),
            (_, Err(error)) => self.fail(error),
        }
    }

    /// Adds the tax on those charges as they stand now; [`Charge::Discount`] among them is subtracted first.
    pub fn tax_rate(&mut self, rate: TaxRate, on: &[Charge]) {
        if let Some(line) = self.cart.taxed_line {
            return self.fail(CheckoutError::TaxedTwice { line });
        }
        match self
            .charges
            .sum(on.iter().copied())
            .and_then(|base| rate.tax_on(base).ok_or(CheckoutError::Overflow { charge: Charge::Tax }))
        {
            Ok(tax) => self.fixed_charge(Charge::Tax, tax),
            Err(error) => self.fail(error),
        }
    }

    /// Sets the reason from a template; its values are written through [`AsText`](crate::checkout::AsText).
    #[inline]
    pub fn payment_reason(&mut self, reason: fmt::Arguments<'_>) {
        self.set_reason(match reason.as_str() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(fmt::format(reason)),
        });
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
    #[inline]
    pub fn payment_methods(&mut self, methods: PaymentMethods) {
        self.payment_methods = methods;
    }

    /// Holds the money now, to be settled later. In a cart, its own word decides for all lines.
    #[inline]
    pub fn reserve(&mut self) {
        self.reserve = true;
        self.cart.own_reserve = true;
    }

    /// Has the buyer pages ask for the address.
    #[inline]
    pub fn collect_shipping_address(&mut self) {
        self.deliver(0, Delivery::Collect);
    }

    /// Sets the address that the buyer pages show.
    #[inline]
    pub fn address(&mut self, address: Option<ShippingAddress>) {
        if let Some(address) = address {
            self.deliver(0, Delivery::To(address));
        }
    }

    /// Adds products as lines of a cart, in their order.
    ///
    /// Charges add up by kind. Reasons are joined by `; ` unless this has one of its own. Of payment methods those
    /// remain that every line accepts; the buyer pages ask for an address where one line wants it. All lines are to be
    /// reserved, or none.
    pub fn items<I>(&mut self, items: I)
    where
        I: IntoIterator<Item: Checkout>,
    {
        self.cart.open = true;
        for item in items {
            let mut line = Self::new();
            item.describe(&mut line);
            self.join(line);
        }
    }

    /// Takes over a payment that is put together already: how a product written by hand becomes a line.
    pub fn include(&mut self, parameters: Result<PipelineParameters, CheckoutError>) {
        match parameters {
            Ok(parameters) => {
                self.charges = parameters.charges;
                self.payment_reason = parameters.payment_reason;
                self.payment_methods = parameters.payment_methods;
                self.reserve = parameters.reserve;
                self.delivery = parameters.delivery;
            }
            Err(error) => self.fail(error),
        }
    }

    /// Keeps an error, unless there is one already.
    #[cold]
    pub fn fail(&mut self, error: CheckoutError) {
        self.error.get_or_insert(error);
    }

    /// The parameters, if nothing was wrong and there is something to pay.
    ///
    /// # Errors
    ///
    /// The first error that was kept; [`CheckoutError::EmptyCart`] or [`CheckoutError::NoItemTotal`] where nothing is
    /// sold; or what is wrong with the sum: see [`Charges::total`].
    #[inline]
    pub fn into_parameters(mut self) -> Result<PipelineParameters, CheckoutError> {
        self.check()?;
        Ok(PipelineParameters {
            transaction_amount: self.charges.total()?,
            charges: self.charges,
            payment_reason: self.payment_reason,
            payment_methods: self.payment_methods,
            reserve: self.reserve,
            delivery: self.delivery,
        })
    }

    /// What every line must fulfil, in a cart or alone.
    #[inline]
    fn check(&mut self) -> Result<(), CheckoutError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.charges.get(Charge::ItemTotal).is_none() {
            return Err(if self.cart.open { CheckoutError::EmptyCart } else { CheckoutError::NoItemTotal });
        }
        Ok(())
    }

    #[inline]
    fn set_reason(&mut self, reason: Cow<'static, str>) {
        self.payment_reason = Some(reason);
        self.cart.own_reason = true;
    }

    fn join(&mut self, mut line: Self) {
        self.cart.lines += 1;
        let number = self.cart.lines;
        if let Err(error) = line.check().and_then(|()| line.charges.sum(Charge::ALL)) {
            return self.fail(CheckoutError::Line { line: number, source: Box::new(error) });
        }
        for (charge, amount) in line.charges.iter() {
            self.fixed_charge(charge, amount);
        }
        if line.charges.get(Charge::Tax).is_some() {
            self.cart.taxed_line.get_or_insert(number);
        }
        match self.payment_methods.and(line.payment_methods) {
            Some(methods) => self.payment_methods = methods,
            None => self.fail(CheckoutError::MethodConflict {
                line: number,
                accepts: line.payment_methods,
                others: self.payment_methods,
            }),
        }
        if !self.cart.own_reserve {
            if number > 1 && self.reserve != line.reserve {
                let (reserved, paid) = if line.reserve { (number, 1) } else { (1, number) };
                self.fail(CheckoutError::ReserveConflict { reserved, paid });
            }
            self.reserve = line.reserve;
        }
        self.deliver(number, line.delivery);
        if !self.cart.own_reason
            && let Some(reason) = line.payment_reason
        {
            match &mut self.payment_reason {
                Some(reasons) => {
                    let reasons = reasons.to_mut();
                    reasons.push_str("; ");
                    reasons.push_str(&reason);
                }
                none => *none = Some(reason),
            }
        }
    }

    fn deliver(&mut self, from: usize, delivery: Delivery) {
        if delivery == Delivery::Unsaid || delivery == self.delivery {
            return;
        }
        if self.delivery == Delivery::Unsaid {
            self.delivery = delivery;
            self.cart.delivery_from = from;
        } else {
            self.fail(CheckoutError::AddressConflict { first: self.cart.delivery_from, second: from });
        }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}
