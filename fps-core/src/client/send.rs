//! The way out: one request in, one answer out.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::Timestamp;

/// Sends one HTTP request and reads the whole answer.
///
/// The built-in one is `ReqwestSend` (feature `client`); the sandbox implements it too, so that a whole shop runs in one
/// process without a port. An implementation follows no redirects, and reads no more than
/// [`MAX_ANSWER_BYTES`].
///
#[doc = include_str!("../docs/blocking.md")]
#[async_trait]
pub trait HttpSend: fmt::Debug + Send + Sync + 'static {
    /// Sends the request. Any status is an `Ok`.
    ///
    /// # Errors
    ///
    /// [`SendError`], which says whether the request can have reached the service.
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError>;
}

/// The most bytes of an answer that are read: 1 MiB.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// No whole answer came.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct SendError {
    kind: SendErrorKind,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a failed send says about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// No connection was made: the service never saw the request.
    #[error("the service could not be reached; the request was not sent")]
    NotSent,
    /// The request may have been carried out: the connection broke, the answer was cut off or too long.
    #[error("no whole answer came; the request may or may not have been carried out")]
    Unanswered,
    /// No answer within the deadline: the request may have been carried out.
    #[error("no answer came in time; the request may or may not have been carried out")]
    TimedOut,
}

impl SendError {
    /// An error of that kind.
    #[must_use]
    pub const fn new(kind: SendErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// An error of that kind with what caused it. The cause must not hold the request's URL or body.
    pub fn with_source(
        kind: SendErrorKind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// What the failure says about the request.
    #[must_use]
    pub const fn kind(&self) -> SendErrorKind {
        self.kind
    }
}

/// Tells the time and waits. `SystemClock` (feature `client`) is the real one; tests and the sandbox have clocks of
/// their own.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits so long.
    async fn sleep(&self, duration: Duration);
}
