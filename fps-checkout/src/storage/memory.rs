//! Records in this process's memory: for tests and for trying things out. They are gone when the process ends.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use fps_core::Timestamp;

use crate::storage::{Key, ListQuery, NewRecord, Page, Record, Storage, StoreError};

/// Keeps records in memory: the reference that the other backends are held against.
///
/// Clones share their records, as two handles on one database do.
///
/// ```
/// use fps_checkout::storage::{Key, NewRecord, Storage, memory::MemoryStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), fps_checkout::storage::StoreError> {
/// let store = MemoryStore::new();
/// let key = Key::new("order/1234")?;
/// store.create(&NewRecord::new(key.clone(), "Created", None, b"{}".to_vec())?).await?;
/// assert_eq!(store.load(&key).await?.map(|record| record.version), Some(1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Shards>);

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        let shards = std::array::from_fn(|_| Mutex::default());
        Self(Arc::new(Shards { hasher: RandomState::new(), shards }))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records: usize = self.0.lock_all().iter().map(|shard| shard.rows.len()).sum();
        f.debug_struct("MemoryStore").field("records", &records).finish()
    }
}

#[async_trait]
impl Storage for MemoryStore {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        let mut shard = self.0.lock(record.key());
        if shard.rows.contains_key(record.key()) {
            return Err(StoreError::AlreadyExists { key: record.key().clone() });
        }
        shard.put(record.clone().into_record(1));
        Ok(())
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        Ok(self.0.lock(key).rows.get(key).map(|row| row.record.clone()))
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        let key = record.key();
        let mut shard = self.0.lock(key);
        match shard.rows.get(key).map(|row| row.record.version) {
            None => Err(StoreError::NotFound { key: key.clone() }),
            Some(version) if version != expected_version => {
                Err(StoreError::Conflict { key: key.clone(), expected: expected_version })
            }
            Some(version) => {
                shard.put(record.clone().into_record(version + 1));
                Ok(())
            }
        }
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        hidden_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let mut shards = self.0.lock_all();
        let keys = earliest(shards.iter().map(|shard| shard.claimable(now)), limit);
        let mut claimed = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(row) = shards[self.0.index(&key)].rows.get_mut(&key) {
                row.hidden_until = Some(hidden_until);
                claimed.push(row.record.clone());
            }
        }
        Ok(claimed)
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let shards = self.0.lock_all();
        let range = query.range();
        let matching = |shard: &Shard| {
            shard
                .rows
                .range::<str, _>((Bound::Included(range.start.as_str()), Bound::Excluded(range.end.as_str())))
                .map(|(_, row)| &row.record)
                .filter(|record| query.matches(&record.key, &record.state))
                .take(query.limit() + 1)
                .cloned()
                .collect::<Vec<_>>()
        };
        let mut records: Vec<Record> = shards.iter().flat_map(|shard| matching(shard)).collect();
        records.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(Page::cut(records, query.limit()))
    }
}

/// The records, spread over locks by their keys. No lock is held across an await. Who needs several locks takes all,
/// in order.
struct Shards {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

impl Shards {
    fn index(&self, key: &Key) -> usize {
        usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0)
    }

    fn lock(&self, key: &Key) -> MutexGuard<'_, Shard> {
        lock(&self.shards[self.index(key)])
    }

    fn lock_all(&self) -> Vec<MutexGuard<'_, Shard>> {
        self.shards.iter().map(lock).collect()
    }
}

#[derive(Default)]
struct Shard {
    rows: BTreeMap<Key, Row>,
    /// The records that have a due time, earliest first.
    due: BTreeSet<(Timestamp, Key)>,
}

struct Row {
    record: Record,
    hidden_until: Option<Timestamp>,
}

impl Shard {
    /// Puts a record in, or in the place of its earlier version; no claim is on it.
    fn put(&mut self, record: Record) {
        let key = record.key.clone();
        if let Some(due) = record.due {
            self.due.insert((due, key.clone()));
        }
        let due = record.due;
        let former = self.rows.insert(key, Row { record, hidden_until: None });
        if let Some(Row { record: Record { key, due: Some(former), .. }, .. }) = former
            && due != Some(former)
        {
            self.due.remove(&(former, key));
        }
    }

    /// What is due and not hidden, earliest first.
    fn claimable(&self, now: Timestamp) -> impl Iterator<Item = &(Timestamp, Key)> {
        self.due
            .iter()
            .take_while(move |(due, _)| *due <= now)
            .filter(move |(_, key)| self.rows[key].hidden_until.is_none_or(|hidden| hidden <= now))
    }
}

/// The first `limit` keys of several sorted rows together.
fn earliest<'s>(
    rows: impl Iterator<Item = impl Iterator<Item = &'s (Timestamp, Key)>>,
    limit: usize,
) -> Vec<Key> {
    let mut rows: Vec<_> = rows.collect();
    let mut heads: BinaryHeap<_> =
        rows.iter_mut().enumerate().filter_map(|(at, row)| Some(Reverse((row.next()?, at)))).collect();
    let mut keys = Vec::new();
    while keys.len() < limit
        && let Some(Reverse((head, at))) = heads.pop()
    {
        keys.push(head.1.clone());
        heads.extend(rows[at].next().map(|next| Reverse((next, at))));
    }
    keys
}

/// A panic under a lock cannot leave a shard half-changed, so the lock's poison is of no concern.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

const SHARDS: usize = 16;
