//! Moving a shop from one store to another.
//!
//! [`migrate`] copies all records between any two backends, the way from SQLite to PostgreSQL when one machine is not
//! enough:
//!
//! 1. Stop the shop and its workers.
//! 2. Migrate. It may be interrupted and run again; it goes on where it stood.
//! 3. Start the shop on the new store. The old one is as it was.
//!
//! Each record keeps key, state, due time and body. Its version begins anew, and claims, which are leases, are not moved.
//! While the copy runs, a record `migration/target` in the target says so: no shop opens on it until the copy is whole
//! ([`is_under_way`]). A target that has records and no such mark is refused, so that a store in use is never overwritten.

use crate::storage::{InvalidRecord, Key, ListQuery, NewRecord, Record, Storage, StoreError};

/// Copies every record of one store into another, empty one, and verifies that both hold the same.
///
/// `progress` is told of every page.
///
/// ```
/// use fps_checkout::storage::migrate::migrate;
/// use fps_checkout::storage::{Key, NewRecord, Storage, memory::MemoryStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (old, new) = (MemoryStore::new(), MemoryStore::new());
/// old.create(&NewRecord::new(Key::new("order/1")?, "Paid", None, b"{}".to_vec())?).await?;
/// let moved = migrate(&old, &new, |at| println!("{:?}: {} of {}", at.stage, at.done, at.total)).await?;
/// assert_eq!((moved.records, moved.written), (1, 1));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`MigrateError`] if a store fails, the target is in use, or the source is still being written. What was copied stays,
/// and another run goes on from there.
pub async fn migrate(
    from: &dyn Storage,
    to: &dyn Storage,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Moved, MigrateError> {
    let mark = Mark::set(to).await?;
    let mut tell = |stage, done, total| progress(Progress { stage, done, total });

    let mut total = 0;
    let mut pages = Pages::of(from);
    while let Some(page) = pages.next().await.map_err(MigrateError::Reading)? {
        total += page.len() as u64;
        tell(Stage::Counting, total, total);
    }

    let (mut done, mut written) = (0, 0);
    let mut pages = Pages::of(from);
    while let Some(page) = pages.next().await.map_err(MigrateError::Reading)? {
        for record in page {
            done += 1;
            written += u64::from(copy(&record, to, &mark).await?);
        }
        tell(Stage::Copying, done, total.max(done));
    }

    let (mut ours, mut theirs) = (Pages::of(from), Pages::of(to));
    let (mut here, mut there) = (Vec::new().into_iter(), Vec::new().into_iter());
    let mut records = 0;
    loop {
        let one = next(&mut here, &mut ours).await.map_err(MigrateError::Reading)?;
        let other = next(&mut there, &mut theirs).await.map_err(MigrateError::Writing)?;
        match (one, other) {
            (Some(one), Some(other)) if same(&one, &other) => records += 1,
            (None, None) => break,
            (one, other) => {
                let key = one.into_iter().chain(other).map(|record| record.key).min();
                return Err(MigrateError::Differs { key: key.unwrap_or(mark.key) });
            }
        }
        if records % PAGE as u64 == 0 {
            tell(Stage::Verifying, records, done.max(records));
        }
    }
    tell(Stage::Verifying, records, records);
    mark.finish(to).await?;
    Ok(Moved { records, written })
}

/// Whether the store is the target of a migration that has not come to its end, so that orders are missing from it.
///
/// # Errors
///
/// [`StoreError`] if the store cannot be read.
pub async fn is_under_way(store: &dyn Storage) -> Result<bool, StoreError> {
    Ok(store.load(&Key::new(MARK)?).await?.is_some_and(|mark| mark.state == RUNNING))
}

/// How far a migration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What it does.
    pub stage: Stage,
    /// How many records it has done in this stage.
    pub done: u64,
    /// Of how many; while counting, as many as are known.
    pub total: u64,
}

/// The stages of a migration, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Counts what there is to copy.
    Counting,
    /// Copies what the target has not.
    Copying,
    /// Compares each record of both.
    Verifying,
}

/// What a migration did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// How many records both stores hold now.
    pub records: u64,
    /// How many of them this run wrote; the others were there from an earlier one.
    pub written: u64,
}

/// Why a migration did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The source failed.
    #[error("the source cannot be read; run the migration again when it can")]
    Reading(#[source] StoreError),
    /// The target failed.
    #[error("the target cannot be written; run the migration again when it can")]
    Writing(#[source] StoreError),
    /// The target has records that no migration put there, or is in use since one ended.
    #[error(
        "the target is in use: it has the record `{key}`, and no migration is under way; name an empty one"
    )]
    InUse {
        /// One of them.
        key: Key,
    },
    /// At the end the stores did not hold the same.
    #[error(
        "`{key}` is not the same in both stores; stop whatever writes to either and run the migration again"
    )]
    Differs {
        /// The first such record.
        key: Key,
    },
}

/// The record in the target that says what it is.
struct Mark {
    key: Key,
    version: u64,
    /// Whether an earlier migration came to its end: then this one may only find everything the same.
    ended: bool,
}

impl Mark {
    /// Marks an empty target, or takes up the mark of an earlier run.
    async fn set(to: &dyn Storage) -> Result<Self, MigrateError> {
        let key = Key::new(MARK).map_err(|error| MigrateError::Writing(error.into()))?;
        if let Some(found) = to.load(&key).await.map_err(MigrateError::Writing)? {
            return Ok(Self { key, version: found.version, ended: found.state == ENDED });
        }
        let first = to.list(&ListQuery::new("").with_limit(1)).await.map_err(MigrateError::Writing)?;
        if let Some(record) = first.records.into_iter().next() {
            return Err(MigrateError::InUse { key: record.key });
        }
        let mark = NewRecord::new(key.clone(), RUNNING, None, Vec::new()).map_err(invalid)?;
        to.create(&mark).await.map_err(MigrateError::Writing)?;
        Ok(Self { key, version: 1, ended: false })
    }

    async fn finish(self, to: &dyn Storage) -> Result<(), MigrateError> {
        if self.ended {
            return Ok(());
        }
        let mark = NewRecord::new(self.key, ENDED, None, Vec::new()).map_err(invalid)?;
        to.update(&mark, self.version).await.map_err(MigrateError::Writing)
    }
}

/// The records of a store, a page at a time, without marks.
struct Pages<'s> {
    store: &'s dyn Storage,
    query: Option<ListQuery>,
}

impl<'s> Pages<'s> {
    fn of(store: &'s dyn Storage) -> Self {
        Self { store, query: Some(ListQuery::new("").with_limit(PAGE)) }
    }

    async fn next(&mut self) -> Result<Option<Vec<Record>>, StoreError> {
        let Some(query) = self.query.take() else { return Ok(None) };
        let mut page = self.store.list(&query).await?;
        page.records.retain(|record| record.key.as_str() != MARK);
        self.query = page.next.map(|after| query.with_after(after));
        Ok(Some(page.records))
    }
}

async fn next(
    page: &mut std::vec::IntoIter<Record>,
    pages: &mut Pages<'_>,
) -> Result<Option<Record>, StoreError> {
    loop {
        if let Some(record) = page.next() {
            return Ok(Some(record));
        }
        match pages.next().await? {
            Some(records) => *page = records.into_iter(),
            None => return Ok(None),
        }
    }
}

/// Makes the target hold the record; answers whether it had to write.
async fn copy(record: &Record, to: &dyn Storage, mark: &Mark) -> Result<bool, MigrateError> {
    let Record { key, state, due, body, .. } = record;
    let new = NewRecord::new(key.clone(), state.clone(), *due, body.clone()).map_err(invalid)?;
    let mut left = RETRIES;
    loop {
        let written = match to.load(key).await.map_err(MigrateError::Writing)? {
            Some(found) if same(&found, record) => return Ok(left < RETRIES),
            Some(_) if mark.ended => return Err(MigrateError::InUse { key: key.clone() }),
            Some(found) => to.update(&new, found.version).await,
            None if mark.ended => return Err(MigrateError::InUse { key: key.clone() }),
            None => to.create(&new).await,
        };
        match written {
            Ok(()) => return Ok(true),
            // Whether it was written shows at the next look.
            Err(StoreError::Ambiguous { .. }) if left > 0 => left -= 1,
            Err(error) => return Err(MigrateError::Writing(error)),
        }
    }
}

/// Whether both hold the same; versions are each store's own.
fn same(one: &Record, other: &Record) -> bool {
    one.key == other.key && one.state == other.state && one.due == other.due && one.body == other.body
}

fn invalid(error: InvalidRecord) -> MigrateError {
    MigrateError::Writing(error.into())
}

const MARK: &str = "migration/target";
const RUNNING: &str = "Running";
const ENDED: &str = "Ended";
/// Bodies may have a mebibyte each, and a page is held in memory.
const PAGE: usize = 100;
const RETRIES: u32 = 3;

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Context, Waker};

    use async_trait::async_trait;
    use fps_core::Timestamp;

    use super::*;
    use crate::storage::Page;
    use crate::storage::memory::MemoryStore;

    fn order(number: u32, state: &str) -> NewRecord {
        let due = (number.is_multiple_of(3)).then(|| Timestamp::from_unix_millis(number.into()));
        NewRecord::new(
            Key::new(format!("order/{number:04}")).unwrap(),
            state,
            due,
            number.to_be_bytes().to_vec(),
        )
        .unwrap()
    }

    async fn filled(count: u32) -> MemoryStore {
        let store = MemoryStore::new();
        for number in 0..count {
            store.create(&order(number, "Paid")).await.unwrap();
        }
        store
    }

    #[tokio::test]
    async fn every_record_is_moved_and_a_second_run_writes_none() {
        for count in [0, 1, 99, 100, 101, 250] {
            let (old, new) = (filled(count).await, MemoryStore::new());
            let mut told = Vec::new();
            let moved = migrate(&old, &new, |at| told.push(at)).await.unwrap();
            let all = u64::from(count);
            assert_eq!(moved, Moved { records: all, written: all });
            assert!(told.is_sorted_by_key(|at| (at.stage, at.done)), "{told:?}");
            let last = told.last().unwrap();
            assert_eq!((last.stage, last.done, last.total), (Stage::Verifying, all, all));
            for number in 0..count {
                let found = new.load(order(number, "Paid").key()).await.unwrap();
                assert_eq!(found, Some(order(number, "Paid").into_record(1)));
            }
            let again = migrate(&old, &new, |_| ()).await.unwrap();
            assert_eq!(again, Moved { records: all, written: 0 });
        }
    }

    #[tokio::test]
    async fn an_interrupted_migration_goes_on_where_it_stood() {
        let (old, new) = (filled(250).await, MemoryStore::new());
        let slow = Faulty { inner: new.clone(), fault: Fault::StopsAt(120), creations: AtomicU32::new(0) };
        {
            let mut first = Box::pin(migrate(&old, &slow, |_| ()));
            // The target answers at once until it never answers again.
            assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert!(is_under_way(&new).await.unwrap());
        old.update(&order(7, "Refunded"), 1).await.unwrap();
        let moved = migrate(&old, &new, |_| ()).await.unwrap();
        assert_eq!((moved.records, moved.written), (250, 250 - 119 + 1));
        assert!(!is_under_way(&new).await.unwrap() && !is_under_way(&old).await.unwrap());
        assert_eq!(new.load(order(7, "Paid").key()).await.unwrap().unwrap().state, "Refunded");
    }

    #[tokio::test]
    async fn a_target_in_use_is_refused_and_left_alone() {
        let old = filled(3).await;
        let new = MemoryStore::new();
        new.create(&order(1, "Created")).await.unwrap();
        let error = migrate(&old, &new, |_| ()).await.unwrap_err();
        assert!(
            error.to_string().contains("`order/0001`") && error.to_string().contains("name an empty one"),
            "{error}"
        );
        assert_eq!(new.load(order(0, "Paid").key()).await.unwrap(), None);

        // Nor is one that has been worked on since its migration ended.
        let new = MemoryStore::new();
        migrate(&old, &new, |_| ()).await.unwrap();
        new.update(&order(1, "Refunded"), 1).await.unwrap();
        let error = migrate(&old, &new, |_| ()).await.unwrap_err();
        assert!(matches!(error, MigrateError::InUse { .. }), "{error}");
        assert_eq!(new.load(order(1, "Paid").key()).await.unwrap().unwrap().state, "Refunded");
    }

    #[tokio::test]
    async fn what_the_target_lost_is_found_at_the_end() {
        let old = filled(120).await;
        let lossy =
            Faulty { inner: MemoryStore::new(), fault: Fault::Loses(77), creations: AtomicU32::new(0) };
        let error = migrate(&old, &lossy, |_| ()).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Differs { key } if key.name() == "0075"), "{error}");
    }

    #[tokio::test]
    async fn a_write_of_unknown_outcome_is_looked_at_and_done_once() {
        let old = filled(120).await;
        let new = MemoryStore::new();
        let vague = Faulty { inner: new.clone(), fault: Fault::IsVague, creations: AtomicU32::new(0) };
        let moved = migrate(&old, &vague, |_| ()).await.unwrap();
        assert_eq!((moved.records, moved.written), (120, 120));
    }

    #[derive(Debug, Clone, Copy)]
    enum Fault {
        /// Never answers that creation.
        StopsAt(u32),
        /// Acknowledges that creation and does not do it.
        Loses(u32),
        /// Does every third creation and does not know it.
        IsVague,
    }

    #[derive(Debug)]
    struct Faulty {
        inner: MemoryStore,
        fault: Fault,
        creations: AtomicU32,
    }

    #[async_trait]
    impl Storage for Faulty {
        async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
            let number = self.creations.fetch_add(1, Ordering::Relaxed);
            match self.fault {
                Fault::StopsAt(stop) if number >= stop => std::future::pending().await,
                Fault::Loses(lost) if number == lost - 1 => Ok(()),
                Fault::IsVague if number % 3 == 1 => {
                    self.inner.create(record).await?;
                    Err(StoreError::ambiguous("the line went dead"))
                }
                _ => self.inner.create(record).await,
            }
        }

        async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
            self.inner.load(key).await
        }

        async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
            self.inner.update(record, expected_version).await
        }

        async fn claim_due(
            &self,
            now: Timestamp,
            until: Timestamp,
            limit: usize,
        ) -> Result<Vec<Record>, StoreError> {
            self.inner.claim_due(now, until, limit).await
        }

        async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
            self.inner.list(query).await
        }
    }
}
