//! The Amazon Flexible Payments Service protocol: FPS of 2010-08-28, 2008-09-17 and 2007-01-08, typed and verified.
//!
//! ```text
//! product ── checkout ──► parameters ── pipeline ──► signed link ──► the buyer pages
//! raw return ── shape, verification ──► VerifiedReturn ──► a token
//! token ── operation::Pay ── client ──► transaction          raw notice ── verification ──► Notice
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`checkout`] | the trait that `#[derive(Checkout)]` implements, charges, payment methods |
//! | [`pipeline`] | links to the buyer pages, all seven kinds, and what comes back |
//! | [`operation`] | all 27 operations of the API with their answers; those of 2007-01-08 in [`operation::v2007`] |
//! | [`response`] | faults with meaning, verdict and remedy; the XML underneath |
//! | [`notice`] | what the service posts when something happens |
//! | [`signature`] | signing and verifying, and why one does not match |
//! | [`client`] | the thin async client around it all |
//! | [`param`] | every name that goes over the wire |
//!
//! Everything but [`client`] is pure: bytes and values in, values and bytes out. The client reaches the world through two small
//! traits, [`HttpSend`](client::HttpSend) and [`Clock`](client::Clock), so a whole shop runs in one process against
//! `fps-sandbox`, without a port and on a clock that tests move.
//!
//! Features: `client` (reqwest and tokio behind those traits; default), `tls` (https by rustls; default), `derive` (the macro),
//! `certificate` (checking the service's signatures on this side), `rust_decimal` (its `Decimal` as a charge). Without any, neither
//! reqwest nor tokio is in the tree.
#![forbid(unsafe_code)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod amount;
pub mod checkout;
pub mod client;
mod credentials;
mod endpoint;
mod error;
mod id;
pub mod notice;
pub mod operation;
mod pairs;
pub mod param;
pub mod pipeline;
pub mod response;
pub mod signature;
mod timestamp;
mod version;
mod wire;

pub use amount::{Amount, AmountError, WireAmount};
pub use checkout::{Checkout, CheckoutError, IntoAmount, PipelineParameters};
pub use credentials::{Credentials, MissingCredentials, SecretKey};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{Call, ClockSkew, Error, Result};
pub use id::{
    CallerReference, InstrumentId, ReferenceError, RequestId, SubscriptionId, TokenId, TransactionId,
};
pub use pairs::{Pairs, PairsError};
pub use timestamp::{Timestamp, TimestampError};
pub use version::{Generation, Version};

#[cfg(feature = "derive")]
#[doc(inline)]
pub use fps_derive::{Checkout, IntoAmount};
pub use {http, url};
