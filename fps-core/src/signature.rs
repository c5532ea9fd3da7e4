//! Signatures: what proves who speaks.
//!
//! | what | scheme | where |
//! |---|---|---|
//! | our requests and links | version 2, HMAC with the caller's secret key | [`hmac`] |
//! | what the service sends back | version 2, RSA-SHA1 with the service's own key | `VerifySignature`, or `certificate` under its feature |
//! | requests of 2007-01-08 | versions 1 (its default), 0 and 2, HMAC | [`legacy`] |
//! | links and returns of 2007-01-08 | `awsSignature`, HMAC | [`pages_2007`] |
//!
//! The first two sign the same string, which [`canonical`] builds. Why one does not match, [`explain`] finds out.
//!
//! Source: FPS guides, "Generating a Signature" and "Verifying a Signature".

pub mod canonical;
#[cfg(feature = "certificate")]
pub mod certificate;
pub mod escape;
pub mod explain;
pub mod hmac;
pub mod legacy;
pub mod pages_2007;
pub(crate) mod received;
mod version;

pub use canonical::{Method, string_to_sign};
pub use hmac::SignatureMethod;
pub use version::SignatureVersion;
