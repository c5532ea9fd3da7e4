//! The last requests: what came, what was decided and why.

use std::collections::VecDeque;

use fps_core::Timestamp;
use serde::Serialize;

/// The last requests, newest last.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    count: u64,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// Counted from 1.
    pub(crate) number: u64,
    /// When, by the sandbox's clock.
    pub(crate) at: Timestamp,
    /// `GET Pay`, `GET SingleUse`.
    pub(crate) what: String,
    /// The caller's or buyer's name.
    pub(crate) who: String,
    /// `200`.
    pub(crate) status: u16,
    /// What was decided: `Success`, `InvalidParams`, …
    pub(crate) verdict: String,
    /// Why, and what to do about it. Holds strings to sign, so it is for the control page only.
    pub(crate) why: String,
}

impl Log {
    pub(crate) fn push(&mut self, mut entry: Entry) {
        self.count += 1;
        entry.number = self.count;
        entry.why.truncate(entry.why.floor_char_boundary(LONGEST));
        if self.entries.len() == MOST {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }
}

const MOST: usize = 200;
const LONGEST: usize = 8 * 1024;
