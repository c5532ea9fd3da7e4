//! The client as a user has it: over a scripted way out, on a virtual clock, without a runtime.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#[cfg(feature = "certificate")]
mod certificates;
mod client;
#[cfg(feature = "client")]
mod network;
mod notices;
mod properties;
mod returns;
mod secrets;
mod spans;
mod support;
mod v2007;
