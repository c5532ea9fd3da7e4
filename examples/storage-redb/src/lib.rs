//! Records in a [redb](https://docs.rs/redb) file: a storage backend as a stranger would write it.
//!
//! It depends on `fps-checkout` and `redb` and on nothing else. A shop uses it by one dependency and one line,
//! `use storage_redb as _;`, and opens `redb:shop.redb`.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use fps_checkout::async_trait;
use fps_checkout::fps_core::Timestamp;
use fps_checkout::registry::{Opening, StoragePlugin};
use fps_checkout::storage::{
    Key, ListQuery, Namespace, NewRecord, OpenError, Page, Record, Storage, StorageUrl, StoreError, blocking,
};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, Table, TableDefinition};

/// Opens `redb:`.
pub const PLUGIN: StoragePlugin = StoragePlugin::new("storage-redb", &["redb"], open);

fps_checkout::submit_storage!(PLUGIN);

fn open<'a>(url: &'a StorageUrl, namespace: &'a Namespace) -> Opening<'a> {
    Box::pin(async move {
        url.options(&[])?;
        let (file, namespace) = (url.file()?, namespace.clone());
        let opened = blocking(move || {
            let database = database(&file).map_err(failed)?;
            // A read of tables that were never written would fail.
            let store = RedbStore { database, namespace: namespace.as_str().into() };
            store.write_now(|_, _, _| Ok(()))?;
            Ok(store)
        });
        match opened.await {
            Ok(store) => Ok(Arc::new(store) as _),
            Err(error) => {
                let reason = "see that its folder exists, that this process may write there, and that no other uses it";
                Err(OpenError::unavailable(url, reason, error))
            }
        }
    })
}

/// Keeps one shop's records in a redb file.
#[derive(Clone)]
pub struct RedbStore {
    database: Arc<Database>,
    namespace: Arc<str>,
}

type Row<'r> = (u64, &'r str, Option<i64>, Option<i64>, &'r [u8]);
type Records<'t> = Table<'t, (&'static str, &'static str), Row<'static>>;
type Due<'t> = Table<'t, (&'static str, i64, &'static str), ()>;

/// By namespace and key: version, state, due time, end of the claim, body.
const RECORDS: TableDefinition<(&str, &str), Row> = TableDefinition::new("fps_records");
/// The keys that are due, earliest first.
const DUE: TableDefinition<(&str, i64, &str), ()> = TableDefinition::new("fps_due");

impl RedbStore {
    /// Does `work` in one durable transaction, to its end, away from the threads that wait for the network.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&str, &mut Records<'_>, &mut Due<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        blocking(move || store.write_now(work)).await
    }

    fn write_now<T>(
        &self,
        work: impl FnOnce(&str, &mut Records<'_>, &mut Due<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.database.begin_write().map_err(failed)?;
        let done = {
            let mut records = transaction.open_table(RECORDS).map_err(failed)?;
            let mut due = transaction.open_table(DUE).map_err(failed)?;
            work(&self.namespace, &mut records, &mut due)?
        };
        transaction.commit().map_err(StoreError::ambiguous)?;
        Ok(done)
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

#[async_trait]
impl Storage for RedbStore {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        let record = record.clone();
        self.write(move |shop, records, due| {
            let place = (shop, record.key().as_str());
            if records.get(place).map_err(failed)?.is_some() {
                return Err(StoreError::AlreadyExists { key: record.key().clone() });
            }
            put(shop, records, due, &record, 1)
        })
        .await
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let (store, key) = (self.clone(), key.clone());
        blocking(move || {
            let records = store.database.begin_read().map_err(failed)?.open_table(RECORDS).map_err(failed)?;
            let row = records.get((&*store.namespace, key.as_str())).map_err(failed)?;
            row.map(|row| record(key.as_str(), row.value())).transpose()
        })
        .await
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        let record = record.clone();
        self.write(move |shop, records, due| {
            let key = record.key();
            let stored = records.get((shop, key.as_str())).map_err(failed)?;
            let (version, former_due) = match stored.as_ref().map(|row| row.value()) {
                None => return Err(StoreError::NotFound { key: key.clone() }),
                Some((version, _, due, _, _)) => (version, due),
            };
            drop(stored);
            if version != expected_version {
                return Err(StoreError::Conflict { key: key.clone(), expected: expected_version });
            }
            if let Some(former) = former_due {
                due.remove((shop, former, key.as_str())).map_err(failed)?;
            }
            put(shop, records, due, &record, version + 1)
        })
        .await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        hidden_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let (now, until) = (now.unix_millis(), hidden_until.unix_millis());
        self.write(move |shop, records, due| {
            let mut claimed = Vec::new();
            for entry in due.range((shop, i64::MIN, "")..).map_err(failed)? {
                let entry = entry.map_err(failed)?.0;
                let (owner, time, key) = entry.value();
                if owner != shop || time > now || claimed.len() == limit {
                    break;
                }
                let Some(row) = records.get((shop, key)).map_err(failed)? else { continue };
                if row.value().3.is_none_or(|hidden| hidden <= now) {
                    claimed.push(record(key, row.value())?);
                }
            }
            for Record { key, version, state, due, body } in &claimed {
                let row =
                    (*version, state.as_str(), due.map(Timestamp::unix_millis), Some(until), body.as_slice());
                records.insert((shop, key.as_str()), row).map_err(failed)?;
            }
            Ok(claimed)
        })
        .await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let (store, query) = (self.clone(), query.clone());
        blocking(move || {
            let records = store.database.begin_read().map_err(failed)?.open_table(RECORDS).map_err(failed)?;
            let (shop, range) = (&*store.namespace, query.range());
            let rows =
                records.range((shop, range.start.as_str())..(shop, range.end.as_str())).map_err(failed)?;
            let mut page = Vec::new();
            for row in rows {
                let (place, row) = row.map_err(failed)?;
                if query.state().is_none_or(|state| row.value().1 == state) {
                    page.push(record(place.value().1, row.value())?);
                }
                if page.len() > query.limit() {
                    break;
                }
            }
            Ok(Page::cut(page, query.limit()))
        })
        .await
    }
}

fn put(
    shop: &str,
    records: &mut Records<'_>,
    due: &mut Due<'_>,
    record: &NewRecord,
    version: u64,
) -> Result<(), StoreError> {
    let (key, time) = (record.key().as_str(), record.due().map(Timestamp::unix_millis));
    records.insert((shop, key), (version, record.state(), time, None, record.body())).map_err(failed)?;
    if let Some(time) = time {
        due.insert((shop, time, key), ()).map_err(failed)?;
    }
    Ok(())
}

fn record(key: &str, (version, state, due, _, body): Row<'_>) -> Result<Record, StoreError> {
    let key = Key::new(key).map_err(|_| StoreError::corrupt(format!("`{key}` is no key")))?;
    let due = due.map(Timestamp::from_unix_millis);
    Ok(Record { key, version, state: state.to_owned(), due, body: body.to_vec() })
}

/// The file's database, which the stores of this process share: redb opens a file once. One that just closes is waited for.
fn database(file: &Path) -> Result<Arc<Database>, DatabaseError> {
    static OPEN: Mutex<BTreeMap<PathBuf, Weak<Database>>> = Mutex::new(BTreeMap::new());
    let file = std::path::absolute(file)?;
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(database) = open.get(&file).and_then(Weak::upgrade) {
        return Ok(database);
    }
    let mut patience = 200;
    let database = loop {
        match Database::create(&file) {
            Err(DatabaseError::DatabaseAlreadyOpen) if patience > 0 => patience -= 1,
            created => break Arc::new(created?),
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    open.insert(file, Arc::downgrade(&database));
    Ok(database)
}

fn failed(error: impl Into<redb::Error>) -> StoreError {
    let error = error.into();
    let reason = match &error {
        redb::Error::Io(io) if io.kind() == ErrorKind::StorageFull => "the disk is full; make room, restart",
        redb::Error::PreviousIo => "the disk failed before; see that it has room and works, restart",
        _ => "redb refused; look at the cause",
    };
    StoreError::unavailable(reason, error)
}

#[cfg(test)]
mod tests {
    use fps_checkout::conformance::InFolder;

    fps_checkout::storage_conformance!(InFolder::new(super::PLUGIN, "redb://{folder}/shop.redb"));
}
