//! One stored document.

use std::fmt;

use fps_core::Timestamp;

use crate::storage::{Key, KeyError};

/// A record as it is stored: what a store gives back.
///
/// `Debug` shows the body's length, never its bytes: they hold personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub key: Key,
    /// How often it was written: 1 when created, one more with each update.
    pub version: u64,
    /// A short label to list by.
    pub state: String,
    /// When a worker should look at it; `None` if never.
    pub due: Option<Timestamp>,
    /// The document itself; opaque to the store.
    pub body: Vec<u8>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("key", &self.key)
            .field("version", &self.version)
            .field("state", &self.state)
            .field("due", &self.due)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// What a write puts into a record: a new one, or the next version of one that exists.
///
/// It is checked when it is made, so that a store need not check it again.
///
/// ```
/// use fps_checkout::storage::{Key, NewRecord};
///
/// let record = NewRecord::new(Key::new("order/1234")?, "Created", None, b"{}".to_vec())?;
/// assert_eq!(record.state(), "Created");
/// # Ok::<(), fps_checkout::storage::StoreError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NewRecord {
    key: Key,
    state: String,
    due: Option<Timestamp>,
    body: Vec<u8>,
}

impl NewRecord {
    /// The most bytes that a state may have.
    pub const MAX_STATE_BYTES: usize = 32;
    /// The most bytes that a body may have: 1 MiB.
    pub const MAX_BODY_BYTES: usize = 1024 * 1024;

    /// Checks what is to be written.
    ///
    /// # Errors
    ///
    /// [`InvalidRecord`] if `state` is not 1 to 32 visible ASCII characters, or `body` has more than 1 MiB.
    pub fn new(
        key: Key,
        state: impl Into<String>,
        due: Option<Timestamp>,
        body: Vec<u8>,
    ) -> Result<Self, InvalidRecord> {
        let state = state.into();
        let fits = (1..=Self::MAX_STATE_BYTES).contains(&state.len());
        if !fits || !state.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err(InvalidRecord::State { key, state })
        } else if body.len() > Self::MAX_BODY_BYTES {
            Err(InvalidRecord::Body { key, bytes: body.len() })
        } else {
            Ok(Self { key, state, due, body })
        }
    }

    /// The record's name.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// The label to list by.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// When a worker should look at it.
    #[must_use]
    pub const fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// The document.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The record as stored with that version.
    #[must_use]
    pub fn into_record(self, version: u64) -> Record {
        let Self { key, state, due, body } = self;
        Record { key, version, state, due, body }
    }
}

impl fmt::Debug for NewRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRecord")
            .field("key", &self.key)
            .field("state", &self.state)
            .field("due", &self.due)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// Why something can never be a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRecord {
    /// The key is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The state is not 1 to 32 visible ASCII characters.
    #[error("the state `{state}` of `{key}` is not 1 to 32 visible ASCII characters")]
    State {
        /// The record.
        key: Key,
        /// The state.
        state: String,
    },
    /// The body has more than 1 MiB.
    #[error("the body of `{key}` has {bytes} bytes; it may have 1048576")]
    Body {
        /// The record.
        key: Key,
        /// How many it has.
        bytes: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_short_labels_and_bodies_have_up_to_1_mib() {
        let key = || Key::new("order/1").unwrap();
        for (state, bytes, good) in [
            ("Paid", 0, true),
            ("P", NewRecord::MAX_BODY_BYTES, true),
            (&"x".repeat(32), 1, true),
            ("", 1, false),
            (&"x".repeat(33), 1, false),
            ("zu spät", 1, false),
            ("a b", 1, false),
            ("Paid", NewRecord::MAX_BODY_BYTES + 1, false),
        ] {
            assert_eq!(
                NewRecord::new(key(), state, None, vec![0; bytes]).is_ok(),
                good,
                "{state}, {bytes} bytes"
            );
        }
    }

    #[test]
    fn bodies_never_show() {
        let record =
            NewRecord::new(Key::new("order/1").unwrap(), "Paid", None, b"SECRET_MARKER".to_vec()).unwrap();
        let text = format!("{record:?} {:?}", record.clone().into_record(1));
        assert!(!text.contains("SECRET") && !text.contains("83, 69"), "{text}");
        assert!(text.contains("13 bytes"), "{text}");
    }
}
