//! fps-checkout

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod gateway;
pub mod handler;
pub mod order;
pub mod registry;
pub mod shop;
pub mod storage;
pub mod web;

#[doc(inline)]
pub use self::error::{Error, OpenShopError, Result};
#[doc(inline)]
pub use self::handler::{HandlerError, HandlerPlugin, Handlers, Happened, ReturnHandler};
#[doc(inline)]
pub use self::order::{News, Order, OrderId, PayTerms, RefundId, State};
#[doc(inline)]
pub use self::shop::{Completed, Shop};
pub use async_trait::async_trait;
pub use fps_core;
pub use fps_core::__private::{ShopCheckout as Checkout, ShopIntoAmount as IntoAmount};
pub use fps_core::checkout::{Checkout, IntoAmount};
pub use fps_core::operation::ChargeFeeTo;
pub use fps_core::{Amount, CheckoutError, Credentials, Endpoint, Version};

/// What the expansion of the derives names.
#[doc(hidden)]
pub mod __private {
    pub use fps_core::__private::*;
}
