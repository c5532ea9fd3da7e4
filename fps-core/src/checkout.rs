//! From product to payment: the trait that `#[derive(Checkout)]` implements, and what it yields.
#![cfg_attr(feature = "derive", doc = "")]
#![cfg_attr(feature = "derive", doc = include_str!("docs/from_product_to_payment.md"))]

use std::rc::Rc;
use std::sync::Arc;

mod address;
mod charges;
mod error;
mod into_amount;
mod items;
mod line;
mod method;
mod parameters;
mod quantity;
mod reason;
mod tax;

pub use address::{IntoAddress, ShippingAddress};
pub use charges::{Charge, Charges};
pub use error::CheckoutError;
pub use into_amount::{HoldsCentsExactly, IntoAmount};
pub use items::{Items, Many, ManyBehind, One};
pub use line::Line;
pub use method::{PaymentMethod, PaymentMethods};
pub use parameters::PipelineParameters;
pub use quantity::{CountsWholePieces, Quantity};
pub use reason::{AsText, ReasonText};
pub use tax::TaxRate;

/// A product that can be paid for.
///
/// Derive it with `#[derive(Checkout)]`, which explains all its words, or write it by hand. The
/// [module](crate::checkout) leads from a product to its payment, and shows one product both ways.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a product that can be paid for",
    label = "expected a type that implements `Checkout`",
    note = "add `#[derive(Checkout)]` to `{Self}` and mark its price with `#[checkout(item_total)]`"
)]
pub trait Checkout {
    /// What the buyer pays and for what.
    ///
    /// # Errors
    ///
    /// [`CheckoutError`] when the product's values do not make a payment.
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError>;

    /// Writes the product into a line; a cart calls this for each of its items.
    ///
    /// By default the line is what [`parameters`](Self::parameters) says. A derived product may also be a line that
    /// costs nothing, which a whole payment may not.
    ///
    /// # Errors
    ///
    /// [`CheckoutError`] when the product's values do not make a line.
    fn describe(&self, line: &mut Line) -> Result<(), CheckoutError> {
        line.include(self.parameters()?);
        Ok(())
    }
}

/// Pointers to a product are products.
macro_rules! through_pointers {
    ($($pointer:ty),*) => {$(
        impl<T: Checkout + ?Sized> Checkout for $pointer {
            fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
                (**self).parameters()
            }

            fn describe(&self, line: &mut Line) -> Result<(), CheckoutError> {
                (**self).describe(line)
            }
        }
    )*};
}

through_pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

/// The examples of the derives, which live with them and run here.
#[cfg(all(doctest, feature = "derive"))]
mod examples_of_the_derives {
    #[doc = include_str!("../../fps-derive/src/docs/checkout.md")]
    pub enum Checkout {}

    #[doc = include_str!("../../fps-derive/src/docs/into_amount.md")]
    pub enum IntoAmount {}
}
