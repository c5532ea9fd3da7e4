//! Bad days on demand.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The script of what goes wrong, call by call. Clones are the same script.
///
/// ```
/// use fps_sandbox::{Fault, Sandbox};
///
/// let sandbox = Sandbox::new();
/// // The first Pay is carried out, but nobody hears of it; the third gets a 503.
/// sandbox.faults().on("Pay", 1, Fault::LoseAnswer);
/// sandbox.faults().on("Pay", 3, Fault::Status(503));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults {
    script: Arc<Mutex<Script>>,
}

/// The lines, and how often each operation was called.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Script {
    rules: Vec<Rule>,
    calls: std::collections::BTreeMap<String, u64>,
    /// Whether it is other than it was when it was last kept.
    #[serde(skip)]
    changed: bool,
}

/// One line of the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The operation, such as `Pay`; `Pipeline` for the buyer pages' end, `Notice` for a notice; `*` for every operation.
    pub operation: String,
    /// Which call of it, counted from 1 since the sandbox began; every call if absent. With a data file the counts outlive
    /// the program as long as the script has lines.
    pub call: Option<u64>,
    /// What goes wrong.
    pub fault: Fault,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// The request never arrives: the connection breaks, nothing is carried out.
    LoseRequest,
    /// The request is carried out, and the connection breaks before the answer.
    LoseAnswer,
    /// The answer comes so many milliseconds later by the sandbox's clock; the request is carried out first.
    DelayAnswer(u64),
    /// The request is held back so many milliseconds by the sandbox's clock before it is carried out.
    DelayRequest(u64),
    /// The request arrives twice; the answer is the second's.
    Duplicate,
    /// The request is not carried out; the answer is this HTTP status, 500 or 503, with the service's error document.
    Status(u16),
    /// The request is not carried out, because there were too many: `Throttling`, 503.
    Throttle,
    /// The request is carried out, and the answer is 500 `InternalError`.
    FailAfter,
    /// The answer is cut off in the middle.
    CutAnswer,
    /// What is asked for is declined for now: the status TemporaryDecline, or what the caller's TemporaryDeclinePolicy says.
    /// Of version 2007-01-08 only, and of Pay, Reserve, Settle, Refund, FundPrepaid, SettleDebt and RetryTransaction.
    TemporaryDecline,
    /// The request is carried out, and its notices are delivered before its answer.
    NoticeFirst,
    /// The notice is never sent. Of `Notice` only.
    NoticeNever,
    /// The notice is sent twice. Of `Notice` only.
    NoticeTwice,
    /// The notice is sent so many milliseconds later by the sandbox's clock, after others. Of `Notice` only.
    NoticeLate(u64),
    /// The pipeline ends in SE instead of what the buyer chose. Of `Pipeline` only.
    SystemError,
    /// The pipeline ends in CE instead of what the buyer chose. Of `Pipeline` only.
    CallerException,
}

impl Fault {
    /// [`Fault::DelayAnswer`] from a duration.
    #[must_use]
    pub fn delay_answer(by: Duration) -> Self {
        Self::DelayAnswer(u64::try_from(by.as_millis()).unwrap_or(u64::MAX))
    }
}

impl Fault {
    /// Whether it can happen to that operation: some happen to notices only, some to the ends of pipelines only.
    #[must_use]
    pub fn fits(self, operation: &str) -> bool {
        match self {
            Self::NoticeNever | Self::NoticeTwice | Self::NoticeLate(_) => operation == NOTICE,
            Self::SystemError | Self::CallerException => operation == PIPELINE,
            _ => operation != NOTICE && operation != PIPELINE,
        }
    }
}

/// As the control page writes it: `lose_answer`, `delay_answer:5000`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DelayAnswer(millis) => write!(f, "delay_answer:{millis}"),
            Self::DelayRequest(millis) => write!(f, "delay_request:{millis}"),
            Self::NoticeLate(millis) => write!(f, "notice_late:{millis}"),
            Self::Status(status) => write!(f, "status:{status}"),
            plain => {
                let word = PLAIN.iter().find(|(_, fault)| fault == plain).map_or("", |(word, _)| *word);
                f.write_str(word)
            }
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let unknown = || FaultError { text: text.to_owned() };
        if let Some((_, fault)) = PLAIN.iter().find(|(word, _)| *word == text) {
            return Ok(*fault);
        }
        let (word, number) = text.split_once(':').ok_or_else(unknown)?;
        let number: u64 = number.parse().map_err(|_| unknown())?;
        match (word, number) {
            ("delay_answer", millis) => Ok(Self::DelayAnswer(millis)),
            ("delay_request", millis) => Ok(Self::DelayRequest(millis)),
            ("notice_late", millis) => Ok(Self::NoticeLate(millis)),
            ("status", 500) => Ok(Self::Status(500)),
            ("status", 503) => Ok(Self::Status(503)),
            _ => Err(unknown()),
        }
    }
}

/// A text names no fault. The message lists those that there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "fault has to be {}, delay_answer:MILLIS, delay_request:MILLIS, notice_late:MILLIS, status:500 or status:503, not {text:?}",
    words()
)]
pub struct FaultError {
    text: String,
}

fn words() -> String {
    PLAIN.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}

/// The faults without a number.
const PLAIN: &[(&str, Fault)] = &[
    ("lose_request", Fault::LoseRequest),
    ("lose_answer", Fault::LoseAnswer),
    ("duplicate", Fault::Duplicate),
    ("throttle", Fault::Throttle),
    ("fail_after", Fault::FailAfter),
    ("cut_answer", Fault::CutAnswer),
    ("temporary_decline", Fault::TemporaryDecline),
    ("notice_first", Fault::NoticeFirst),
    ("notice_never", Fault::NoticeNever),
    ("notice_twice", Fault::NoticeTwice),
    ("system_error", Fault::SystemError),
    ("caller_exception", Fault::CallerException),
];

/// What an operation is called in [`Rule::operation`] when it is the end of a pipeline.
pub const PIPELINE: &str = "Pipeline";
/// What an operation is called in [`Rule::operation`] when it is a notice, counted as they are queued.
pub const NOTICE: &str = "Notice";
/// Every operation, in [`Rule::operation`].
pub const EVERY: &str = "*";

impl Faults {
    /// Something goes wrong at one call of an operation, counted from 1 since the sandbox began.
    pub fn on(&self, operation: &str, call: u64, fault: Fault) {
        self.add(Rule { operation: operation.to_owned(), call: Some(call), fault });
    }

    /// Something goes wrong at the next call of an operation.
    pub fn on_next(&self, operation: &str, fault: Fault) {
        let call = self.calls(operation) + 1;
        self.on(operation, call, fault);
    }

    /// Something goes wrong at every call of an operation.
    pub fn always(&self, operation: &str, fault: Fault) {
        self.add(Rule { operation: operation.to_owned(), call: None, fault });
    }

    /// Adds a line to the script. Of several that fit a call, the first does.
    pub fn add(&self, rule: Rule) {
        let mut script = self.lock();
        script.rules.push(rule);
        script.changed = true;
    }

    /// Forgets the script. The calls go on being counted.
    pub fn clear(&self) {
        let mut script = self.lock();
        script.rules.clear();
        script.changed = true;
    }

    /// The lines of the script.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.lock().rules.clone()
    }

    /// How often an operation was called.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u64 {
        self.lock().calls.get(operation).copied().unwrap_or(0)
    }

    /// Counts a call and says what goes wrong at it.
    pub(crate) fn strike(&self, operation: &str) -> Option<Fault> {
        let mut script = self.lock();
        // Names come from outside; a flood of invented ones must not fill the memory.
        if script.calls.len() >= MOST_NAMES && !script.calls.contains_key(operation) {
            return None;
        }
        let call = script.calls.entry(operation.to_owned()).or_default();
        *call += 1;
        let call = *call;
        // Counts are worth keeping where a line waits for one.
        script.changed |= !script.rules.is_empty();
        let fits = |rule: &&Rule| {
            (rule.operation == operation
                || (rule.operation == EVERY && operation != PIPELINE && operation != NOTICE))
                && rule.call.is_none_or(|at| at == call)
        };
        script.rules.iter().find(fits).map(|rule| rule.fault)
    }

    /// Whether the script changed since it was last taken.
    pub(crate) fn has_changed(&self) -> bool {
        self.lock().changed
    }

    /// The script, if it changed since this was last asked.
    pub(crate) fn take_change(&self) -> Option<Script> {
        let mut script = self.lock();
        std::mem::take(&mut script.changed).then(|| script.clone())
    }

    /// Puts a kept script in the place of this one.
    pub(crate) fn restore(&self, script: Script) {
        *self.lock() = script;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MOST_NAMES: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_as_they_are_written() {
        let numbered =
            [Fault::DelayAnswer(1), Fault::DelayRequest(2), Fault::NoticeLate(3), Fault::Status(503)];
        for fault in PLAIN.iter().map(|(_, fault)| *fault).chain(numbered) {
            let text = fault.to_string();
            assert_eq!(text.parse(), Ok(fault), "{text}");
            assert_eq!([NOTICE, PIPELINE, "Pay"].iter().filter(|one| fault.fits(one)).count(), 1, "{text}");
        }
        for text in ["", "explode", "status:404", "delay_answer", "delay_answer:soon", "lose_answer:1"] {
            assert!(text.parse::<Fault>().unwrap_err().to_string().contains("lose_request"), "{text:?}");
        }
    }

    #[test]
    fn the_script_strikes_at_its_calls_only() {
        let faults = Faults::default();
        faults.on("Pay", 2, Fault::LoseAnswer);
        faults.always("Refund", Fault::Status(503));
        let struck: Vec<_> = (0..3).map(|_| faults.strike("Pay")).collect();
        assert_eq!(struck, [None, Some(Fault::LoseAnswer), None]);
        assert_eq!(faults.strike("Refund"), Some(Fault::Status(503)));
        faults.clear();
        faults.on_next("Pay", Fault::Throttle);
        assert_eq!(faults.strike("Pay"), Some(Fault::Throttle));
        assert_eq!(faults.calls("Pay"), 4);
        assert_eq!(faults.strike("Refund"), None);
    }
}
