//! The thin async client.

pub mod send;

pub use send::{Clock, HttpSend, MAX_ANSWER_BYTES, SendError, SendErrorKind};
