//! The last requests: what came, what was decided and why.

use std::collections::VecDeque;

use fps_core::{Pairs, Timestamp};
use serde::Serialize;

use crate::mistake::Sides;

/// The last requests, newest last.
#[derive(Default)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    count: u64,
}

/// One request. It has no `Debug`, because it holds what came.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Entry {
    /// Counted from 1.
    pub(crate) number: u64,
    /// When, by the sandbox's clock.
    pub(crate) at: Timestamp,
    /// `GET Pay`, `GET SingleUse`.
    pub(crate) what: String,
    /// The parameters that came, one a line, without the signature.
    pub(crate) came: String,
    /// The caller's or buyer's name.
    pub(crate) who: String,
    /// `200`; 0 where a fault is noted.
    pub(crate) status: u16,
    /// What was decided: `Success`, `InvalidParams`, …
    pub(crate) verdict: String,
    /// Why, and what to do about it.
    pub(crate) why: String,
    /// For a refused signature: what should have been signed, and what was.
    pub(crate) sides: Option<Sides>,
}

impl Log {
    pub(crate) fn push(&mut self, mut entry: Entry) {
        self.count += 1;
        entry.number = self.count;
        for text in [&mut entry.came, &mut entry.why] {
            text.truncate(text.floor_char_boundary(LONGEST));
        }
        if self.entries.len() == MOST {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }
}

/// The parameters of a request as the log shows them.
pub(crate) fn parameters(pairs: &Pairs) -> String {
    let mut shown = String::with_capacity(512);
    for (name, value) in pairs.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("signature")) {
        shown.push_str(name);
        shown.push_str(" = ");
        shown.push_str(value);
        shown.push('\n');
        if shown.len() > LONGEST {
            break;
        }
    }
    shown
}

const MOST: usize = 200;
const LONGEST: usize = 8 * 1024;
