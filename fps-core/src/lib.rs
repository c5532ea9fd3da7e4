//! The Amazon Flexible Payments Service protocol.
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
pub use version::Version;

#[cfg(feature = "derive")]
#[doc(inline)]
pub use fps_derive::{Checkout, IntoAmount};
pub use {http, url};
