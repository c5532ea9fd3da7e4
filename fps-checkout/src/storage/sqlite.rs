//! Records in a SQLite file: durable, embedded, enough for a shop on one machine.
//!
//! `sqlite:shop.db` opens or makes the file, beside which SQLite keeps `shop.db-wal` and `shop.db-shm`: copy or move the
//! three together, or better, back up with `VACUUM INTO`. Several processes of one machine may open it at once. It must
//! lie on a disk of that machine: over a network file system SQLite's locks are not to be trusted.
//!
//! | option | meaning | range | default |
//! | --- | --- | --- | --- |
//! | `busy_timeout_ms` | how long to wait while another process holds the file locked | 0–600000 | 5000 |
//! | `readers` | connections for reading | 1–64 | 4 |
//!
//! Durability: write-ahead log with `synchronous=FULL`, set and read back; when a call has answered `Ok`, its bytes
//! have been synced to the disk. Every write is one statement, which SQLite runs as one immediate transaction.
//!
//! Its two tables, `fps_schema` and `fps_records`, may share the file with a shop's own tables.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fps_core::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqlitePoolOptions, SqliteRow, SqliteSynchronous};

use crate::registry::Opening;
use crate::storage::connections::{Connections, Lent};
use crate::storage::{
    Key, ListQuery, Namespace, NewRecord, OpenError, Page, Record, Storage, StorageUrl, StoreError,
};

mod failure;
mod network;
mod schema;

/// Keeps one shop's records in a SQLite file.
///
/// ```
/// use fps_checkout::storage::sqlite::SqliteStore;
/// use fps_checkout::storage::{Namespace, StorageUrl};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), fps_checkout::storage::OpenError> {
/// # let folder = std::env::temp_dir().join(format!("fps-sqlite-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let file = folder.join("shop.db");
/// let url = StorageUrl::parse(&format!("sqlite://{}?busy_timeout_ms=2000", file.display()))?;
/// let store = SqliteStore::open(&url, &Namespace::default()).await?;
/// # drop(store);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
pub struct SqliteStore {
    file: PathBuf,
    namespace: Namespace,
    /// One connection: writers of this process queue here, in order, and not at the file's lock.
    writer: Connections<Sqlite>,
    readers: Connections<Sqlite>,
}

impl SqliteStore {
    /// Opens the file that `url` names for the shop `namespace`; makes it if it is not there, and brings its schema up to
    /// date.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the URL is wrong, the file cannot be opened or written, stays locked, is no database, has a newer
    /// schema, or cannot be made durable.
    pub async fn open(url: &StorageUrl, namespace: &Namespace) -> Result<Self, OpenError> {
        let given = url.options(OPTIONS)?;
        let busy_timeout = Duration::from_millis(given.number("busy_timeout_ms", 5_000, 0, 600_000)?.into());
        let readers = given.number("readers", 4, 1, 64)?;
        let file = url.file()?;
        if file.as_os_str() == ":memory:" {
            let source = "SQLite in memory would forget with each connection; write `memory:`";
            return Err(OpenError::NotAUrl { source: Some(source.into()) });
        }
        network::warn_if_remote(&file);

        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .busy_timeout(busy_timeout)
            .synchronous(SqliteSynchronous::Full)
            // Elsewhere than on Apple's systems, where a plain fsync leaves data in the drive, these two do nothing.
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON");
        let connections = |most, options| {
            let pool = SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None);
            Connections::new(most, busy_timeout + QUEUE_TIMEOUT, pool, options)
        };
        let writer = connections(1, options.clone());
        let mut connection = writer.acquire().await.map_err(|error| failure::opening(url, error))?;
        schema::prepare(&mut connection, url, busy_timeout).await?;
        connection.keep();
        let readers = connections(readers, options.pragma("query_only", "ON"));
        Ok(Self { file, namespace: namespace.clone(), writer, readers })
    }

    /// Waits until running calls are done and closes the file; later calls fail.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn reader(&self) -> Result<Lent<'_, Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(failure::reading)
    }

    async fn writer(&self) -> Result<Lent<'_, Sqlite>, StoreError> {
        // Without a connection nothing was written: this fails as reading does.
        self.writer.acquire().await.map_err(failure::reading)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("file", &self.file).field("namespace", &self.namespace).finish()
    }
}

#[async_trait]
impl Storage for SqliteStore {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let created = sqlx::query(CREATE)
            .bind(self.namespace.as_str())
            .bind(record.key().as_str())
            .bind(record.state())
            .bind(record.due().map(Timestamp::unix_millis))
            .bind(record.body())
            .execute(&mut *writer)
            .await
            .map_err(failure::writing)?;
        writer.keep();
        match created.rows_affected() {
            1 => Ok(()),
            _ => Err(StoreError::AlreadyExists { key: record.key().clone() }),
        }
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(LOAD)
            .bind(self.namespace.as_str())
            .bind(key.as_str())
            .fetch_optional(&mut *reader)
            .await
            .map_err(failure::reading)?;
        reader.keep();
        row.map(|row| record(&row)).transpose()
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        let key = record.key();
        let mut writer = self.writer().await?;
        let updated = sqlx::query(UPDATE)
            .bind(self.namespace.as_str())
            .bind(key.as_str())
            // No stored version is so high that it needs the sign.
            .bind(i64::try_from(expected_version).unwrap_or(-1))
            .bind(record.state())
            .bind(record.due().map(Timestamp::unix_millis))
            .bind(record.body())
            .execute(&mut *writer)
            .await
            .map_err(failure::writing)?;
        if updated.rows_affected() == 1 {
            writer.keep();
            return Ok(());
        }
        let present = sqlx::query(PRESENT)
            .bind(self.namespace.as_str())
            .bind(key.as_str())
            .fetch_optional(&mut *writer)
            .await
            .map_err(failure::reading)?;
        writer.keep();
        Err(match present {
            Some(_) => StoreError::Conflict { key: key.clone(), expected: expected_version },
            None => StoreError::NotFound { key: key.clone() },
        })
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        hidden_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let mut writer = self.writer().await?;
        let rows = sqlx::query(CLAIM_DUE)
            .bind(self.namespace.as_str())
            .bind(now.unix_millis())
            .bind(hidden_until.unix_millis())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *writer)
            .await
            .map_err(failure::writing)?;
        writer.keep();
        let mut records = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
        // SQLite returns changed rows in no particular order.
        records.sort_unstable_by(|one, other| (one.due, &one.key).cmp(&(other.due, &other.key)));
        Ok(records)
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let range = query.range();
        let select = match query.state() {
            None => sqlx::query(LIST),
            Some(_) => sqlx::query(LIST_STATE),
        };
        let select = select
            .bind(self.namespace.as_str())
            .bind(range.start)
            .bind(range.end)
            .bind(i64::try_from(query.limit() + 1).unwrap_or(i64::MAX));
        let select = match query.state() {
            None => select,
            Some(state) => select.bind(state.to_owned()),
        };
        let mut reader = self.reader().await?;
        let rows = select.fetch_all(&mut *reader).await.map_err(failure::reading)?;
        reader.keep();
        let records = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::cut(records, query.limit()))
    }
}

/// Opens `sqlite:`.
pub(crate) fn open<'a>(url: &'a StorageUrl, namespace: &'a Namespace) -> Opening<'a> {
    Box::pin(async move { Ok(Arc::new(SqliteStore::open(url, namespace).await?) as _) })
}

/// Reads a row of the columns `key, version, state, due, body`.
fn record(row: &SqliteRow) -> Result<Record, StoreError> {
    let key: String = row.try_get(0).map_err(failure::reading)?;
    let version: i64 = row.try_get(1).map_err(failure::reading)?;
    let due: Option<i64> = row.try_get(3).map_err(failure::reading)?;
    let corrupt = |what: &str| StoreError::corrupt(Cow::Owned(format!("the row `{key}` has {what}")));
    Ok(Record {
        key: Key::new(key.as_str()).map_err(|_| corrupt("a key that is none"))?,
        version: u64::try_from(version).map_err(|_| corrupt("a negative version"))?,
        state: row.try_get(2).map_err(failure::reading)?,
        due: due.map(Timestamp::from_unix_millis),
        body: row.try_get(4).map_err(failure::reading)?,
    })
}

const OPTIONS: &[&str] = &["busy_timeout_ms", "readers"];

/// How long a call may wait for the calls before it in this process, beside waiting for other processes.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(30);

// The indexes are named where a plan must not depend on what SQLite believes about the number of rows.

const CREATE: &str = "\
    INSERT INTO fps_records (namespace, key, version, state, due, body) VALUES (?1, ?2, 1, ?3, ?4, ?5) \
    ON CONFLICT (namespace, key) DO NOTHING";

const LOAD: &str = "SELECT key, version, state, due, body FROM fps_records WHERE namespace = ?1 AND key = ?2";

const PRESENT: &str = "SELECT 1 FROM fps_records WHERE namespace = ?1 AND key = ?2";

const UPDATE: &str = "\
    UPDATE fps_records SET version = version + 1, state = ?4, due = ?5, hidden_until = NULL, body = ?6 \
    WHERE namespace = ?1 AND key = ?2 AND version = ?3";

const CLAIM_DUE: &str = "\
    UPDATE fps_records SET hidden_until = ?3 WHERE rowid IN (\
        SELECT rowid FROM fps_records INDEXED BY fps_records_due \
        WHERE namespace = ?1 AND due <= ?2 AND (hidden_until IS NULL OR hidden_until <= ?2) \
        ORDER BY due, key LIMIT ?4\
    ) RETURNING key, version, state, due, body";

const LIST: &str = "\
    SELECT key, version, state, due, body FROM fps_records \
    WHERE namespace = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4";

const LIST_STATE: &str = "\
    SELECT key, version, state, due, body FROM fps_records INDEXED BY fps_records_state \
    WHERE namespace = ?1 AND key >= ?2 AND key < ?3 AND state = ?5 ORDER BY key LIMIT ?4";

#[cfg(test)]
mod tests;
