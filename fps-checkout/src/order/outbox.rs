//! What an order still has to tell its handlers.

use std::fmt;
use std::time::Duration;

use fps_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::News;
use super::id::Subject;

/// The name of one piece of news of one order: `<order>-e<number>`; of a stored token: `token/<name>-e<number>`. The same news always comes with the same id, so that a
/// handler can tell a repeat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(String);

impl EffectId {
    pub(crate) fn new(of: &Subject, number: u32) -> Self {
        Self(format!("{}-e{number}", of.label()))
    }

    /// The name as text: at most 98 of `[A-Za-z0-9._-]`, and a slash in a token's.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A piece of news with the handlers that have not heard it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Its name.
    pub id: EffectId,
    /// What happened.
    pub news: News,
    /// When it was committed.
    pub at: Timestamp,
    /// Who has not heard it yet: fixed when the news was committed.
    pub waiting: Vec<Delivery>,
}

/// One handler that has not heard a piece of news yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The handler's name.
    pub handler: String,
    /// How often it was tried in vain.
    pub tries: u32,
    /// When it is tried again; never, if the handler gave up or was tried too often: then it is stuck.
    pub next: Option<Timestamp>,
    /// What the handler last said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Delivery {
    /// A handler that is told for the first time. Whoever committed the news tells it at once; the worker steps in later.
    pub(crate) fn first(handler: &str, now: Timestamp) -> Self {
        Self { handler: handler.to_owned(), tries: 0, next: Some(now.after(FIRST_TRY_WITHIN)), problem: None }
    }

    /// The handler asked for another try, or failed.
    pub(crate) fn again(&mut self, problem: String, now: Timestamp) {
        self.tries += 1;
        self.problem = Some(problem);
        self.next = (self.tries < MAX_TRIES).then(|| now.after(gap(self.tries)));
    }

    /// The handler wants no other try.
    pub(crate) fn give_up(&mut self, problem: String) {
        self.tries += 1;
        self.problem = Some(problem);
        self.next = None;
    }

    /// Whether nobody tries it any more: a person has to look.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.next.is_none()
    }
}

/// One second, two, four and so on, to an hour.
fn gap(tries: u32) -> Duration {
    Duration::from_secs(1 << tries.saturating_sub(1).min(12)).min(Duration::from_secs(3600))
}

/// How long the process that committed the news has for telling it before a worker does.
const FIRST_TRY_WITHIN: Duration = Duration::from_secs(30);
/// About a day of tries.
const MAX_TRIES: u32 = 36;
