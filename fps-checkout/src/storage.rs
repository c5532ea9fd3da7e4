//! Where orders are kept: the contract between a shop and its store.
//!
//! A shop's memory is a set of [`Record`]s, each one document under one [`Key`] with one version number. [`Storage`] is
//! the whole contract, small enough that a key-value store can honour it: no joins, no transactions over several
//! records. The crate brings [`memory`] for tests and, by feature, an embedded and a server database; any other crate
//! can bring its own and be opened by URL.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use fps_core::Timestamp;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod connections;
mod error;
mod key;
pub mod memory;
pub mod migrate;
mod open;
#[cfg(feature = "postgres")]
pub mod postgres;
mod query;
mod record;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod url;

pub use self::error::{BoxError, StoreError};
pub use self::key::{Key, KeyError, Namespace, NamespaceError};
pub use self::open::OpenError;
pub use self::query::{ListQuery, Page};
pub use self::record::{InvalidRecord, NewRecord, Record};
pub use self::url::{StorageOptions, StorageUrl};

/// Keeps one shop's records.
///
/// These sentences are laws. Each is a function of the conformance kit (feature `conformance`), which the crate's own
/// backends pass and which any other backend can run by one line.
///
/// # Of the whole store
///
/// - **One shop.** A store is opened for one [`Namespace`]; it neither sees nor touches another's records.
/// - **Kept.** What was acknowledged by an `Ok` is there after the process was killed and the store opened again
///   (a store that keeps nothing says so in its capabilities).
/// - **Seen at once.** After an `Ok`, every handle opened for that namespace, in whatever process, loads the new version.
/// - **Exact.** Key, state, due time and body come back as they were given, byte by byte: any body up to
///   [`NewRecord::MAX_BODY_BYTES`], any due time a [`Timestamp`] can hold, any key that [`Key`] admits. Keys that differ in
///   case or in Unicode composition are different keys.
/// - **Whole.** A future dropped at any await, or a process killed at any instant, leaves each record either as it was
///   before the call or as it should be after it, and leaves the store usable. It follows that each call changes at
///   most what it names.
/// - **The clock is given.** No method reads a clock to decide; "now" is an argument. Times may go backwards between calls.
/// - **Versions count.** A record has version 1 when created, and one more with each update; no version is ever given
///   to two different writes.
/// - **Errors are truthful.** [`StoreError::Unavailable`] means certainly not written. A write whose fate is not known is
///   [`StoreError::Ambiguous`]: the caller loads the record and looks for the write id it put into the body.
///
/// The trait has no default bodies, so that a wrapper which forgets one does not compile.
#[async_trait]
pub trait Storage: Debug + Send + Sync + 'static {
    /// Stores a record that is not there yet, with version 1 and no claim on it.
    ///
    /// Of many creations of one key at once exactly one succeeds.
    ///
    /// # Errors
    ///
    /// [`AlreadyExists`](StoreError::AlreadyExists) if the key is present; nothing is changed then.
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError>;

    /// Reads one record, claimed or not; `None` if the key is absent.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](StoreError::Unavailable), or [`Corrupt`](StoreError::Corrupt) if what is stored cannot be a record.
    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError>;

    /// Compare and set: replaces state, due time and body if the stored version is still `expected_version`; the new
    /// version is one more, and a claim on the record is gone.
    ///
    /// Of many updates at once that expect the same version exactly one succeeds.
    ///
    /// # Errors
    ///
    /// [`Conflict`](StoreError::Conflict) if the stored version is another, lower or higher;
    /// [`NotFound`](StoreError::NotFound) if the key is absent. Nothing is changed then.
    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError>;

    /// Takes up to `limit` records that are due: `due <= now`, and not claimed until a time later than `now`.
    ///
    /// They come earliest due first, equal ones in the order of their keys' bytes. Each is claimed: until
    /// `hidden_until` no other call of `claim_due` returns it, unless an update comes first. A claim changes neither
    /// version nor anything else that `load` and `list` show, and stands in nobody's way: a claimed record can be
    /// loaded, listed and updated by anyone.
    ///
    /// Of many calls at once no two get the same record. A claim is only a lease that spreads work; it ends by itself,
    /// so that work of a dead worker is taken up again. `limit` 0 claims nothing; records without due time are never
    /// claimed; how many of those there are does not slow it down.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](StoreError::Unavailable), or [`Ambiguous`](StoreError::Ambiguous): some may be claimed, and come
    /// back when the claim ends.
    async fn claim_due(
        &self,
        now: Timestamp,
        hidden_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError>;

    /// One page of the records that match, ordered by their keys' bytes, claimed or not.
    ///
    /// [`Page::next`] is the key to continue after; it is `None` exactly if no further record matched at that moment.
    /// A walk page by page meets every record that was there all the time exactly once.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](StoreError::Unavailable), or [`Corrupt`](StoreError::Corrupt).
    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError>;
}

/// Runs a backend's blocking work (files, fsync) away from the threads that serve everybody.
///
/// The work is done to its end even if the returned future is dropped, so one call does one whole write.
///
/// # Errors
///
/// What the work answers; [`StoreError::Ambiguous`] if it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panicked| Err(StoreError::ambiguous(panicked)))
}

/// A shared or boxed store is a store.
macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        #[async_trait]
        impl<S: Storage + ?Sized> Storage for $pointer<S> {
            async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
                (**self).create(record).await
            }

            async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
                (**self).load(key).await
            }

            async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
                (**self).update(record, expected_version).await
            }

            async fn claim_due(
                &self,
                now: Timestamp,
                hidden_until: Timestamp,
                limit: usize,
            ) -> Result<Vec<Record>, StoreError> {
                (**self).claim_due(now, hidden_until, limit).await
            }

            async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
                (**self).list(query).await
            }
        }
    )*};
}

pointers!(Arc Box);
