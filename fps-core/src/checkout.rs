//! From product to payment: the trait that `#[derive(Checkout)]` implements, and what it yields.

mod charges;
mod method;
mod parameters;

pub use charges::{Charge, Charges};
pub use method::{PaymentMethod, PaymentMethods};
pub use parameters::{PipelineParameters, ShippingAddress};

use crate::Amount;

/// A product that can be paid for.
///
/// Derive it, or write it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a product that can be paid for",
    note = "add `#[derive(Checkout)]` to `{Self}` and mark its price with `#[checkout(item_total)]`"
)]
pub trait Checkout {
    /// What the buyer pays and for what.
    ///
    /// # Errors
    ///
    /// [`CheckoutError`] when the product's values do not make a payment.
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError>;
}

impl<T: Checkout + ?Sized> Checkout for &T {
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        (**self).parameters()
    }
}

/// Why a product's values do not make a payment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// A charge is less than nothing.
    #[error("{charge} is {amount}; a charge is zero or more")]
    Negative {
        /// Which charge.
        charge: Charge,
        /// What it is.
        amount: Amount,
    },
    /// A charge has parts of a cent. Round by a rule of your own before.
    #[error("{charge} is {amount}; a charge has at most two decimals")]
    MoreThanCents {
        /// Which charge.
        charge: Charge,
        /// What it is.
        amount: Amount,
    },
    /// The sum does not fit an [`Amount`].
    #[error("adding {charge} takes the sum over what an amount can hold")]
    Overflow {
        /// The charge whose addition was too much.
        charge: Charge,
    },
    /// The discount is more than all that is charged.
    #[error("the discount of {discount} is more than the charges of {charges}")]
    DiscountTooLarge {
        /// The discount.
        discount: Amount,
        /// The sum of the charges.
        charges: Amount,
    },
    /// There is nothing to pay.
    #[error("the total is zero; there is nothing to pay")]
    NothingToPay,
}
