//! fps-checkout

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod order;
pub mod registry;
pub mod storage;

pub use fps_core::__private::{ShopCheckout as Checkout, ShopIntoAmount as IntoAmount};
pub use fps_core::checkout::{Checkout, IntoAmount};

/// What the expansion of the derives names.
#[doc(hidden)]
pub mod __private {
    pub use fps_core::__private::*;
}
