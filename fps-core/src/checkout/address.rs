//! Where the goods go.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Where the goods go. Every part is optional text; names on the wire stand beside each.
///
/// The buyer pages show it read-only. They do not show it where they collect an address themselves.
///
/// Source: Basic Quick Start, "Single-Use Token API", `addressName` and following.
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
impl fmt::Debug for ShippingAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShippingAddress([redacted])")
    }
}

/// A type that the shipping address can be read from: [`ShippingAddress`], references, `Option`, `Box`, `Rc` and
/// `Arc` of it, or an address type of your own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a shipping address",
    label = "expected `ShippingAddress`, or an `Option` or reference of it",
    note = "write `impl IntoAddress for {Self}` to use an address type of your own"
)]
pub trait IntoAddress {
    /// The address; `None` where there is none, and nothing is sent.
    fn to_address(&self) -> Option<ShippingAddress>;
}

impl IntoAddress for ShippingAddress {
    #[inline]
    fn to_address(&self) -> Option<ShippingAddress> {
        Some(self.clone())
    }
}

impl<T: IntoAddress> IntoAddress for Option<T> {
    #[inline]
    fn to_address(&self) -> Option<ShippingAddress> {
        self.as_ref().and_then(T::to_address)
    }
}

/// Pointers to an address are addresses.
macro_rules! through_pointers {
    ($($pointer:ty),*) => {$(
        impl<T: IntoAddress + ?Sized> IntoAddress for $pointer {
            #[inline]
            fn to_address(&self) -> Option<ShippingAddress> {
                (**self).to_address()
            }
        }
    )*};
}

through_pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_shows() {
        let address =
            ShippingAddress { line1: Some("SECRET_MARKER".to_owned()), ..ShippingAddress::default() };
        assert_eq!(format!("{address:?}"), "ShippingAddress([redacted])");
        assert_eq!(Some(&Box::new(address.clone())).to_address(), Some(address));
    }
}
