//! Signatures: what proves who speaks.
//!
//! | what | scheme | where |
//! |---|---|---|
//! | our requests and links | version 2, HMAC with the caller's secret key | [`hmac`] |
//! | what the service sends back | version 2, RSA-SHA1 with the service's own key | `VerifySignature` |
//!
//! Both sign the same string, which [`canonical`] builds.
//!
//! Source: FPS guides, "Generating a Signature" and "Verifying a Signature".

pub mod canonical;
#[cfg(feature = "certificate")]
pub mod certificate;
pub mod escape;
pub mod hmac;
pub(crate) mod received;

pub use canonical::{Method, string_to_sign};
pub use hmac::SignatureMethod;
