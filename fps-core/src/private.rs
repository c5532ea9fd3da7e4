//! What the expansion of the derives names. No part of the public interface: it changes without notice.

pub use std::fmt::{
    Arguments, Binary, Debug, Display, LowerExp, LowerHex, Octal, Pointer, UpperExp, UpperHex,
};
pub use std::option::Option;
pub use std::result::Result;

#[cfg(feature = "derive")]
pub use fps_derive::{ShopCheckout, ShopIntoAmount};

pub use crate::checkout::{
    AsText, Charge, Checkout, CheckoutError, IntoAddress, IntoAmount, Items, Line, PaymentMethod,
    PaymentMethods, PipelineParameters, Quantity, ReasonText, ShippingAddress, TaxRate,
};
pub use crate::{Amount, AmountError};
