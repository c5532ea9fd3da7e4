//! What can go wrong between a shop and its store.

use std::borrow::Cow;

use crate::storage::{InvalidRecord, Key, KeyError};

/// Any cause of an error, as backends pass it on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a store did not do what it was told. Backends make these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// [`create`](super::Storage::create) met a record with this key. Load it, and go on from there.
    #[error("a record `{key}` exists already")]
    AlreadyExists {
        /// The key.
        key: Key,
    },
    /// [`update`](super::Storage::update) expected another version than the stored one: someone else was first. Load the
    /// record again and decide anew.
    #[error("the record `{key}` is no longer at version {expected}")]
    Conflict {
        /// The key.
        key: Key,
        /// The version that the caller expected.
        expected: u64,
    },
    /// [`update`](super::Storage::update) met no record with this key.
    #[error("there is no record `{key}`")]
    NotFound {
        /// The key.
        key: Key,
    },
    /// What was given can never be stored; calling again does not help.
    #[error("the record cannot be stored")]
    Invalid(#[from] InvalidRecord),
    /// The write may or may not have been carried out. Load the record: your own write id in it means done.
    #[error("the store did not say whether the write was carried out; load the record to see")]
    Ambiguous {
        /// What happened.
        source: BoxError,
    },
    /// The store cannot be used now. If the call was a write, it was certainly not carried out. Calling again later may
    /// succeed.
    #[error("the store cannot be used, nothing was written: {reason}")]
    Unavailable {
        /// What is wrong and what to do about it.
        reason: Cow<'static, str>,
        /// What happened.
        source: BoxError,
    },
    /// What is stored cannot be a record: damaged, or written by something else.
    #[error("what is stored is not a record: {reason}")]
    Corrupt {
        /// Where, and what is wrong.
        reason: Cow<'static, str>,
    },
}

impl StoreError {
    /// The write's fate is not known, because of `source`.
    pub fn ambiguous(source: impl Into<BoxError>) -> Self {
        Self::Ambiguous { source: source.into() }
    }

    /// The store cannot be used now: what is wrong and what to do about it, because of `source`.
    pub fn unavailable(reason: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self::Unavailable { reason: reason.into(), source: source.into() }
    }

    /// What is stored cannot be a record.
    pub fn corrupt(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Corrupt { reason: reason.into() }
    }

    /// Whether the same call may succeed later. For an [`Ambiguous`](Self::Ambiguous) write, load first.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Ambiguous { .. })
    }
}

impl From<KeyError> for StoreError {
    fn from(source: KeyError) -> Self {
        Self::Invalid(source.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_reached_by_source_and_not_printed_twice() {
        use std::error::Error;

        let error = StoreError::unavailable("the disk is full; make room", "os error 28");
        assert_eq!(
            error.to_string(),
            "the store cannot be used, nothing was written: the disk is full; make room"
        );
        assert_eq!(error.source().unwrap().to_string(), "os error 28");
        assert!(error.is_retryable());
        assert!(!StoreError::corrupt("version 0").is_retryable());
    }
}
