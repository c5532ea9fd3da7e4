//! What to list, and a page of the answer.

use std::ops::Range;

use crate::storage::{Key, Record};

/// Which records to list: by the beginning of their keys and, if wanted, by state; a page at a time.
///
/// ```
/// use fps_checkout::storage::ListQuery;
///
/// let paid = ListQuery::new("order/").with_state("Paid").with_limit(50);
/// assert_eq!(paid.limit(), 50);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    prefix: String,
    state: Option<String>,
    after: Option<Key>,
    limit: usize,
}

impl ListQuery {
    /// The most records of one page.
    pub const MAX_LIMIT: usize = 1000;

    /// All records whose key begins with `prefix`, from the first, 100 a page. An empty prefix means every record.
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), state: None, after: None, limit: 100 }
    }

    /// Only those with exactly this state.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Only those whose key comes after `key`, which need not exist: give [`Page::next`] here.
    #[must_use]
    pub fn with_after(mut self, key: Key) -> Self {
        self.after = Some(key);
        self
    }

    /// At most so many records; brought into 1 to [`MAX_LIMIT`](Self::MAX_LIMIT).
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, Self::MAX_LIMIT);
        self
    }

    /// How the keys begin.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The state, if only one is wanted.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The key after which the page begins.
    #[must_use]
    pub const fn after(&self) -> Option<&Key> {
        self.after.as_ref()
    }

    /// The most records of the page.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// Prefix and `after` as one range of texts in the order of their bytes, for backends that keep keys sorted: it holds
    /// exactly the keys that begin with the prefix and come after `after`. The ends themselves need not be keys.
    #[must_use]
    pub fn range(&self) -> Range<String> {
        // Every key begins with a lower-case letter, which is less than an opening brace; and no key has a control
        // character, so none lies between a key and that key with one.
        let end = successor(&self.prefix).unwrap_or_else(|| "{".to_owned());
        let start = match &self.after {
            Some(after) if after.as_str() >= self.prefix.as_str() => format!("{after}\u{1}"),
            _ => self.prefix.clone(),
        };
        start.min(end.clone())..end
    }

    /// Whether a record with this key and state is one of those that are wanted, page aside.
    #[must_use]
    pub fn matches(&self, key: &Key, state: &str) -> bool {
        key.as_str().starts_with(&self.prefix)
            && self.after.as_ref().is_none_or(|after| key > after)
            && self.state.as_ref().is_none_or(|wanted| wanted == state)
    }
}

/// Some records, and whether there are more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The records, ordered by their keys' bytes.
    pub records: Vec<Record>,
    /// The last key of this page if more records match: continue with [`ListQuery::with_after`].
    pub next: Option<Key>,
}

impl Page {
    /// The page of a query that was answered with one record more than its limit, if there are so many.
    #[must_use]
    pub fn cut(mut records: Vec<Record>, limit: usize) -> Self {
        let more = records.len() > limit;
        records.truncate(limit);
        let next = if more { records.last().map(|record| record.key.clone()) } else { None };
        Self { records, next }
    }
}

/// The least text that is greater than every text with that prefix; `None` if there is none.
fn successor(prefix: &str) -> Option<String> {
    let mut head = prefix.to_owned();
    while let Some(last) = head.pop() {
        // A range of chars steps over the surrogates, which no text holds.
        if let Some(next) = (last..=char::MAX).nth(1) {
            head.push(next);
            return Some(head);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_holds_exactly_what_matches() {
        let max = char::MAX;
        let keys =
            ["a/b", "order/", "order/1", "order/1/2", "order/2", "order/~", "order/ü", "order0/1", "z/1"];
        let odd =
            [format!("a/{max}"), format!("a/{max}{max}"), "a/\u{d7ff}x".to_owned(), "a/\u{e000}".to_owned()];
        let keys: Vec<Key> =
            keys.into_iter().map(str::to_owned).chain(odd).filter_map(|key| Key::new(key).ok()).collect();
        for prefix in
            ["", "order/", "order/1", "a/\u{d7ff}", &format!("a/{max}"), &max.to_string(), "zz", "{", "~"]
        {
            for after in [None, Some("order/1"), Some("a/a"), Some("zz/z")] {
                let mut query = ListQuery::new(prefix);
                if let Some(after) = after {
                    query = query.with_after(Key::new(after).unwrap());
                }
                let range = query.range();
                for key in &keys {
                    let inside = (range.start.as_str()..range.end.as_str()).contains(&key.as_str());
                    assert_eq!(inside, query.matches(key, "x"), "{prefix:?} after {after:?}: {key}");
                }
            }
        }
    }

    #[test]
    fn limits_stay_between_1_and_1000() {
        for (given, kept) in [(0, 1), (1, 1), (1000, 1000), (usize::MAX, 1000)] {
            assert_eq!(ListQuery::new("").with_limit(given).limit(), kept, "{given}");
        }
    }
}
