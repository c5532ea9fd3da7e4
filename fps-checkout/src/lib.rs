//! Checkout for Rust shops: derive it on a product, and money moves exactly once.
//!
//! A shop derives [`Checkout`](macro@Checkout) on its product type. [`Shop::begin`] freezes the price in a store and returns a
//! signed link to the payment pages; [`Shop::complete`] verifies what the buyer brings back, charges, and commits each step;
//! the worker finishes whatever was left open; [`ReturnHandler`]s hear what happened.
//!
//! ```
//! use fps_checkout::{Amount, Checkout, Credentials, Endpoint, OrderId, Shop, State};
//!
//! #[derive(Checkout)]
//! #[checkout(payment_reason = "{title} - {artist}")]
//! struct Song {
//!     title: &'static str,
//!     artist: &'static str,
//!     #[checkout(item_total)]
//!     price: Amount,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = Shop::builder()
//!     .credentials(Credentials::new("my access key id", "my secret key"))
//!     .endpoint(Endpoint::at("http://127.0.0.1:8081".parse()?)?)
//!     .storage_url("memory:")
//!     .public_url("http://127.0.0.1:8080".parse()?)
//!     .open()
//!     .await?;
//!
//! let song = Song { title: "Now and Forever", artist: "Richard Marx", price: Amount::usd("0.10") };
//! let begun = shop.begin(&song, OrderId::new("order-1")?).await?;
//! assert_eq!(begun.order().state(), State::AwaitingBuyer);
//! assert!(begun.link().as_str().contains("transactionAmount=0.10"));
//! # Ok(())
//! # }
//! ```
//!
//! | to | read |
//! |---|---|
//! | take payments | [`Shop`], [`ShopBuilder`](shop::ShopBuilder), [`web`] |
//! | know what an order can do | [`order`] |
//! | let a buyer approve once and charge many times | [`stored_tokens`] |
//! | speak the protocol of 2007, or move a shop from it | [`generations`] |
//! | react to what happened | [`handler`] |
//! | keep orders elsewhere | [`storage`], [`registry`], and the chapter `conformance::guide` (feature `conformance`) |
//! | look after orders | [`Shop::resolve`], [`Shop::reconcile`], [`Shop::walk`], and the command line (feature `cli`) |
//! | speak the protocol yourself | [`fps_core`] |
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `client` | yes | the built-in way to the payment service (reqwest) |
//! | `tls` | yes | https for it (rustls with ring) |
//! | `sqlite` | yes | storage at `sqlite:…` |
//! | `axum` | yes | [`web::axum`] |
//! | `postgres` | no | storage at `postgres://…`, with TLS, for many processes on many machines |
//! | `cli` | no | [`cli`]: a command line for those who look after the shop |
//! | `rust_decimal` | no | `rust_decimal::Decimal` as a charge |
//! | `metrics` | no | what a shop counts, to whatever [`metrics`](mod@metrics) recorder the program installs |
//! | `conformance` | no | the public test suite of storage backends |

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod gateway;
#[doc = include_str!("docs/generations.md")]
pub mod generations {}
pub mod handler;
pub mod metrics;
pub mod order;
pub mod registry;
pub mod shop;
pub mod storage;
#[doc = include_str!("docs/stored-tokens.md")]
pub mod stored_tokens {}
pub mod web;

#[doc(inline)]
pub use self::error::{Error, OpenShopError, Result};
#[doc(inline)]
pub use self::handler::{HandlerError, HandlerPlugin, Handlers, Happened, ReturnHandler, TokenHappened};
#[doc(inline)]
pub use self::order::{News, Order, OrderId, PayTerms, RefundId, State, Token, TokenName, TokenTerms};
#[doc(inline)]
pub use self::shop::{Completed, Shop};
pub use async_trait::async_trait;
pub use fps_core;
#[doc(inline)]
pub use fps_core::__private::{ShopCheckout as Checkout, ShopIntoAmount as IntoAmount};
pub use fps_core::checkout::{Checkout, IntoAmount};
pub use fps_core::operation::ChargeFeeTo;
pub use fps_core::{Amount, CheckoutError, Credentials, Endpoint, Version};

/// What the expansion of the derives names.
#[doc(hidden)]
pub mod __private {
    pub use fps_core::__private::*;
}
