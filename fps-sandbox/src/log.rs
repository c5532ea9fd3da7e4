//! The last requests: what came, what was decided and why.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fps_core::{Pairs, Timestamp};
use serde::Serialize;

use crate::mistake::Sides;

/// The last requests. Apart from the state, so that those who write here wait for nobody else.
#[derive(Default)]
pub(crate) struct Log {
    last: Mutex<Last>,
}

/// Newest last.
#[derive(Default)]
struct Last {
    entries: VecDeque<Arc<Entry>>,
    count: u64,
}

/// One request. It has no `Debug`, because it holds what came.
#[derive(Default, Serialize)]
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
    pub(crate) fn push(&self, mut entry: Entry) {
        for text in [&mut entry.came, &mut entry.why] {
            text.truncate(text.floor_char_boundary(LONGEST));
        }
        let mut last = self.lock();
        last.count += 1;
        entry.number = last.count;
        let oldest = if last.entries.len() == MOST { last.entries.pop_front() } else { None };
        last.entries.push_back(Arc::new(entry));
        drop(last);
        // What it held is given back when nobody waits for it any more.
        drop(oldest);
    }

    pub(crate) fn newest_first(&self) -> Vec<Arc<Entry>> {
        self.lock().entries.iter().rev().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
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
