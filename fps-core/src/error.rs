//! What can go wrong with a request.

use std::fmt;

use http::StatusCode;

use crate::client::{SendError, SendErrorKind};
use crate::operation::{ParameterError, Repeat};
use crate::response::{AnswerError, Fault, FaultCode, Verdict};
use crate::{CallerReference, RequestId, Timestamp};

/// The result of what [`Client`](crate::client::Client) does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A request had no response. [`Error::verdict`] says what that means for the money.
///
/// ```no_run
/// # async fn f(client: &fps_core::client::Client, pay: fps_core::operation::Pay) {
/// use fps_core::response::Verdict;
///
/// match client.send(pay).await {
///     Ok(answer) => println!("{}", answer.response.transaction_status),
///     Err(error) if error.verdict() == Verdict::Final => println!("declined: {error}"),
///     Err(error) => println!("not known yet: {error}"),
/// }
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter cannot be sent, so nothing was. Correct the request.
    #[error("{call} was not sent, because a parameter cannot be")]
    Parameter {
        /// Which call.
        call: Box<Call>,
        /// The parameter and the rule.
        source: ParameterError,
    },
    /// No whole answer came.
    #[error("{call} got no answer")]
    Unanswered {
        /// Which call.
        call: Box<Call>,
        /// What happened to the last attempt.
        source: SendError,
    },
    /// The service answered with a fault.
    #[error("{call} was refused: {fault}{}", SkewNote(clock_skew.as_ref()))]
    Refused {
        /// Which call.
        call: Box<Call>,
        /// The fault.
        fault: Fault,
        /// How far this machine's clock is from the service's, when that is the cause.
        clock_skew: Option<ClockSkew>,
    },
    /// The answer is neither the operation's response nor a fault.
    #[error("{call} got an answer of status {status} that cannot be read")]
    Unreadable {
        /// Which call.
        call: Box<Call>,
        /// The answer's HTTP status.
        status: StatusCode,
        /// The service's name for the answer, where a header has it.
        request_id: Option<RequestId>,
        /// What is wrong with it.
        source: AnswerError,
    },
}

/// Which call an [`Error`] is about.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) operation: &'static str,
    pub(crate) caller_reference: Option<CallerReference>,
    pub(crate) repeat: Repeat,
    /// How many attempts were made.
    pub(crate) attempts: u32,
    /// Whether an attempt before the last one may have been carried out.
    pub(crate) open: bool,
    /// Whether the client has tried again in vain.
    pub(crate) exhausted: bool,
}

impl Error {
    /// The operation: `Pay`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.call().operation
    }

    /// The reference that the request carried.
    #[must_use]
    pub fn caller_reference(&self) -> Option<&CallerReference> {
        self.call().caller_reference.as_ref()
    }

    /// How many times the request was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.call().attempts
    }

    /// The fault that the service answered with.
    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Refused { fault, .. } => Some(fault),
            _ => None,
        }
    }

    /// The fault's code.
    #[must_use]
    pub fn code(&self) -> Option<&FaultCode> {
        self.fault().map(Fault::code)
    }

    /// The service's own words; see [`Fault::message`].
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.fault().map(Fault::message)
    }

    /// The service's name for the answer.
    #[must_use]
    pub fn request_id(&self) -> Option<&RequestId> {
        match self {
            Self::Refused { fault, .. } => fault.request_id(),
            Self::Unreadable { request_id, .. } => request_id.as_ref(),
            Self::Parameter { .. } | Self::Unanswered { .. } => None,
        }
    }

    /// What is known about the money, all attempts of this call considered: when an attempt that was tried again may have
    /// been carried out, a later refusal does not take that back.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.last_verdict() {
            Verdict::NotDone | Verdict::Final if self.call().open => Verdict::Unknown,
            verdict => verdict,
        }
    }

    /// Whether the same request, sent again later, may be carried out, and may be sent again at all. A failure that the
    /// client retried in vain is not retryable any more.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        !self.call().exhausted && self.call().repeat != Repeat::Never && self.is_transient()
    }

    /// Whether the cause may pass by itself.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Parameter { .. } => false,
            Self::Unanswered { .. } | Self::Unreadable { .. } => true,
            Self::Refused { fault, .. } => fault.is_retriable().unwrap_or_else(|| {
                fault.verdict() == Verdict::Unknown
                    || matches!(fault.code(), FaultCode::Throttling | FaultCode::RequestThrottled)
            }),
        }
    }

    /// The verdict of the last attempt alone.
    pub(crate) fn last_verdict(&self) -> Verdict {
        match self {
            Self::Parameter { .. } => Verdict::NotDone,
            Self::Unanswered { source, .. } => match source.kind() {
                SendErrorKind::NotSent => Verdict::NotDone,
                SendErrorKind::Unanswered | SendErrorKind::TimedOut => Verdict::Unknown,
            },
            Self::Refused { fault, .. } => fault.verdict(),
            Self::Unreadable { .. } => Verdict::Unknown,
        }
    }

    pub(crate) const fn call(&self) -> &Call {
        match self {
            Self::Parameter { call, .. }
            | Self::Unanswered { call, .. }
            | Self::Refused { call, .. }
            | Self::Unreadable { call, .. } => call,
        }
    }

    pub(crate) const fn call_mut(&mut self) -> &mut Call {
        match self {
            Self::Parameter { call, .. }
            | Self::Unanswered { call, .. }
            | Self::Refused { call, .. }
            | Self::Unreadable { call, .. } => call,
        }
    }
}

/// `Pay (reference order-42-pay, attempt 3)`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation)?;
        match (&self.caller_reference, self.attempts) {
            (Some(reference), 0 | 1) => write!(f, " (reference {reference})"),
            (Some(reference), attempt) => write!(f, " (reference {reference}, attempt {attempt})"),
            (None, 0 | 1) => Ok(()),
            (None, attempt) => write!(f, " (attempt {attempt})"),
        }
    }
}

/// How far this machine's clock is from the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSkew {
    /// Seconds that this machine is ahead; negative if it is behind.
    seconds_ahead: i64,
}

impl ClockSkew {
    /// The skew between the two clocks, if it is more than a minute.
    pub(crate) fn between(ours: Timestamp, theirs: Timestamp) -> Option<Self> {
        let seconds_ahead = ours.unix_seconds().saturating_sub(theirs.unix_seconds());
        (seconds_ahead.unsigned_abs() > 60).then_some(Self { seconds_ahead })
    }

    /// Seconds that this machine is ahead of the service; negative if it is behind.
    #[must_use]
    pub const fn seconds_ahead(self) -> i64 {
        self.seconds_ahead
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.seconds_ahead < 0 { "behind" } else { "ahead of" };
        let seconds = self.seconds_ahead.unsigned_abs();
        if seconds < 120 {
            write!(f, "this machine's clock is {seconds} seconds {direction} the service's; set it")
        } else {
            write!(f, "this machine's clock is {} minutes {direction} the service's; set it", seconds / 60)
        }
    }
}

struct SkewNote<'a>(Option<&'a ClockSkew>);

impl fmt::Display for SkewNote<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(skew) => write!(f, "; {skew}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(attempts: u32, open: bool) -> Box<Call> {
        Box::new(Call {
            operation: "Pay",
            caller_reference: Some(CallerReference::new("order-42-pay").unwrap()),
            repeat: Repeat::ByReference,
            attempts,
            open,
            exhausted: false,
        })
    }

    fn refused(code: &str, open: bool) -> Error {
        let fault = Fault::new(FaultCode::from_wire(code), "", None, StatusCode::BAD_REQUEST);
        Error::Refused { call: call(2, open), fault, clock_skew: None }
    }

    #[test]
    fn a_refusal_after_an_open_attempt_ends_nothing() {
        for (code, alone, after_open) in [
            ("InsufficientBalance", Verdict::Final, Verdict::Unknown),
            ("Throttling", Verdict::NotDone, Verdict::Unknown),
            ("InternalError", Verdict::Unknown, Verdict::Unknown),
            ("DuplicateRequest", Verdict::Spent, Verdict::Spent),
        ] {
            assert_eq!(refused(code, false).verdict(), alone, "{code}");
            assert_eq!(refused(code, true).verdict(), after_open, "{code}");
        }
    }

    #[test]
    fn a_failure_that_was_retried_in_vain_is_not_retryable() {
        let mut error = refused("InternalError", false);
        assert!(error.is_retryable());
        error.call_mut().exhausted = true;
        assert!(!error.is_retryable());
        let mut error = refused("InternalError", false);
        error.call_mut().repeat = Repeat::Never;
        assert!(!error.is_retryable());
        assert!(!refused("SignatureDoesNotMatch", false).is_retryable());
    }

    #[test]
    fn the_message_says_which_call_and_how_far_the_clock_is_off() {
        let fault = Fault::new(FaultCode::RequestExpired, "", None, StatusCode::BAD_REQUEST);
        let clock_skew =
            ClockSkew::between(Timestamp::from_unix_seconds(0), Timestamp::from_unix_seconds(1020));
        let error = Error::Refused { call: call(2, false), fault, clock_skew };
        assert_eq!(
            error.to_string(),
            "Pay (reference order-42-pay, attempt 2) was refused: RequestExpired; this machine's clock is 17 minutes behind the service's; set it"
        );
    }
}
