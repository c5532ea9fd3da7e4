//! Whether and when to send again: a pure decision.

use std::time::Duration;

use crate::Error;
use crate::operation::Repeat;

/// How often one call may be attempted, and how long the client waits between two attempts.
///
/// The wait before attempt n + 1 is `first_wait × 4ⁿ⁻¹`, at most `longest_wait`, of which the upper half is left to chance, so
/// that callers who failed together do not come back together.
///
/// ```
/// use std::time::Duration;
///
/// use fps_core::client::RetryPolicy;
///
/// let policy = RetryPolicy::default();
/// assert_eq!(policy.whole_wait(), Duration::from_millis(400 + 1600));
/// assert_eq!(RetryPolicy::never().attempts(), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    first_wait: Duration,
    longest_wait: Duration,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Send again after that time.
    Again {
        /// How long to wait.
        after: Duration,
    },
    /// Give the error to the caller.
    Stop,
}

impl RetryPolicy {
    /// So many attempts in all, at least one.
    #[must_use]
    pub const fn new(attempts: u32) -> Self {
        Self {
            attempts: if attempts == 0 { 1 } else { attempts },
            first_wait: Duration::from_millis(400),
            longest_wait: Duration::from_millis(6400),
        }
    }

    /// One attempt only.
    #[must_use]
    pub const fn never() -> Self {
        Self::new(1)
    }

    /// The wait after the first attempt and the longest one. Default: 0.4 s and 6.4 s.
    #[must_use]
    pub const fn with_waits(mut self, first: Duration, longest: Duration) -> Self {
        self.first_wait = first;
        self.longest_wait = longest;
        self
    }

    /// How many attempts one call gets.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// All waits of one call together, at their longest.
    #[must_use]
    pub fn whole_wait(&self) -> Duration {
        (1..self.attempts).fold(Duration::ZERO, |sum, attempt| sum.saturating_add(self.wait(attempt)))
    }

    /// What to do after that attempt (counted from 1) failed.
    ///
    /// `jitter` is any number; all are equally likely in good use.
    #[must_use]
    pub fn decide(&self, repeat: Repeat, error: &Error, attempt: u32, jitter: u16) -> Decision {
        if repeat == Repeat::Never || attempt >= self.attempts || !error.is_transient() {
            return Decision::Stop;
        }
        let half = self.wait(attempt) / 2;
        let chance = u32::try_from(half.as_micros()).unwrap_or(u32::MAX);
        let chance = u64::from(chance) * u64::from(jitter) / u64::from(u16::MAX);
        Decision::Again { after: half.saturating_add(Duration::from_micros(chance)) }
    }

    /// The longest wait after that attempt.
    fn wait(&self, attempt: u32) -> Duration {
        let factor = 4u32.saturating_pow(attempt.saturating_sub(1));
        self.first_wait.saturating_mul(factor).min(self.longest_wait)
    }
}

impl Default for RetryPolicy {
    /// Three attempts.
    fn default() -> Self {
        Self::new(3)
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::client::{SendError, SendErrorKind};
    use crate::error::Call;
    use crate::operation::ParameterError;
    use crate::response::{AnswerError, Fault, FaultCode, XmlError};

    fn call() -> Box<Call> {
        Box::new(Call {
            operation: "Pay",
            caller_reference: None,
            repeat: Repeat::ByReference,
            attempts: 1,
            open: false,
            exhausted: false,
        })
    }

    fn unanswered(kind: SendErrorKind) -> Error {
        Error::Unanswered { call: call(), source: SendError::new(kind) }
    }

    fn refused(code: &str, status: u16) -> Error {
        let fault = Fault::new(FaultCode::from_wire(code), "", None, StatusCode::from_u16(status).unwrap());
        Error::Refused { call: call(), fault, clock_skew: None }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_cannot_is_not() {
        let unreadable = || Error::Unreadable {
            call: call(),
            status: StatusCode::BAD_GATEWAY,
            request_id: None,
            source: AnswerError::Xml(XmlError::Utf8),
        };
        let parameter = || Error::Parameter {
            call: call(),
            source: ParameterError::Scheme { parameter: "OverrideIPNURL" },
        };
        type Case = (&'static str, fn() -> Error, bool);
        let table: [Case; 9] = [
            ("not sent", || unanswered(SendErrorKind::NotSent), true),
            ("unanswered", || unanswered(SendErrorKind::Unanswered), true),
            ("timed out", || unanswered(SendErrorKind::TimedOut), true),
            ("internal", || refused("InternalError", 500), true),
            ("throttled", || refused("Throttling", 400), true),
            ("unavailable", || refused("InsufficientBalance", 503), true),
            ("refused", || refused("InsufficientBalance", 400), false),
            ("signature", || refused("SignatureDoesNotMatch", 403), false),
            ("spent", || refused("DuplicateRequest", 400), false),
        ];
        let policy = RetryPolicy::default();
        for (name, error, again) in table {
            for repeat in [Repeat::Freely, Repeat::ByReference, Repeat::Never] {
                let decision = policy.decide(repeat, &error(), 1, 0);
                let expected = again && repeat != Repeat::Never;
                assert_eq!(decision != Decision::Stop, expected, "{name}, {repeat:?}");
            }
        }
        assert_ne!(policy.decide(Repeat::Freely, &unreadable(), 1, 0), Decision::Stop);
        assert_eq!(policy.decide(Repeat::Freely, &parameter(), 1, 0), Decision::Stop);
    }

    #[test]
    fn waits_grow_and_are_bounded_and_the_attempts_end() {
        let policy = RetryPolicy::new(6);
        let error = unanswered(SendErrorKind::Unanswered);
        let wait = |attempt, jitter| match policy.decide(Repeat::Freely, &error, attempt, jitter) {
            Decision::Again { after } => after.as_millis(),
            Decision::Stop => 0,
        };
        assert_eq!((1..=6).map(|n| wait(n, u16::MAX)).collect::<Vec<_>>(), [400, 1600, 6400, 6400, 6400, 0]);
        assert_eq!((1..=6).map(|n| wait(n, 0)).collect::<Vec<_>>(), [200, 800, 3200, 3200, 3200, 0]);
        assert_eq!(policy.whole_wait(), Duration::from_millis(400 + 1600 + 3 * 6400));
        assert_eq!(RetryPolicy::new(0).attempts(), 1);
        assert_eq!(
            RetryPolicy::new(u32::MAX).with_waits(Duration::MAX, Duration::MAX).wait(9),
            Duration::MAX
        );
    }
}
