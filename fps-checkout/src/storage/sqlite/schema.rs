//! The tables, and how a file comes to have them.

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};

use super::failure;
use crate::storage::{OpenError, StorageUrl};

/// Brings a file to where a store can stand on it: durable, writable, and of our latest schema.
pub(super) async fn prepare(
    connection: &mut SqliteConnection,
    url: &StorageUrl,
    busy_timeout: Duration,
) -> Result<(), OpenError> {
    make_durable(connection, url, busy_timeout).await?;
    migrate(connection, url).await
}

/// Sets the write-ahead log and reads back what counts.
async fn make_durable(
    connection: &mut SqliteConnection,
    url: &StorageUrl,
    busy_timeout: Duration,
) -> Result<(), OpenError> {
    // The change to the log needs the file for itself, and SQLite's busy timeout does not wait for that.
    let mut patience = busy_timeout.as_millis() / STEP.as_millis();
    let journal = loop {
        match text(connection, "PRAGMA journal_mode = WAL").await {
            Err(error) if failure::is_busy(&error) && patience > 0 => {
                patience -= 1;
                tokio::time::sleep(STEP).await;
            }
            other => break other.map_err(|error| failure::opening(url, error))?,
        }
    };
    expect(url, "journal_mode", journal, "wal")?;
    let synchronous =
        number(connection, "PRAGMA synchronous").await.map_err(|error| failure::opening(url, error))?;
    expect(url, "synchronous", synchronous.to_string(), "2")?;
    let encoding = text(connection, "PRAGMA encoding").await.map_err(|error| failure::opening(url, error))?;
    // In another encoding keys would be in another order.
    expect(url, "encoding", encoding, "UTF-8")
}

/// Runs the migrations that the file has not seen, all or none; several processes may do so at once.
async fn migrate(connection: &mut SqliteConnection, url: &StorageUrl) -> Result<(), OpenError> {
    let failed = |error| failure::opening(url, error);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    sqlx::raw_sql(SCHEMA_TABLE).execute(&mut *transaction).await.map_err(failed)?;
    let found = number(&mut transaction, "SELECT version FROM fps_schema").await.map_err(failed)?;
    let known = MIGRATIONS.len();
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    let Some(rest) = MIGRATIONS.get(done..) else {
        return Err(OpenError::NewerSchema {
            store: url.to_string(),
            found,
            known: i64::try_from(known).unwrap_or(i64::MAX),
        });
    };
    for migration in rest {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await.map_err(failed)?;
    }
    // Written even where nothing changed: so a file that cannot be written is found now and not at the first order.
    sqlx::query("UPDATE fps_schema SET version = ?1")
        .bind(i64::try_from(known).unwrap_or(i64::MAX))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

fn expect(
    url: &StorageUrl,
    setting: &'static str,
    found: String,
    expected: &'static str,
) -> Result<(), OpenError> {
    if found == expected {
        Ok(())
    } else {
        Err(OpenError::WrongSetting { store: url.to_string(), setting, found, expected })
    }
}

async fn text(connection: &mut SqliteConnection, sql: &'static str) -> sqlx::Result<String> {
    sqlx::query(sql).fetch_one(connection).await?.try_get(0)
}

async fn number(connection: &mut SqliteConnection, sql: &'static str) -> sqlx::Result<i64> {
    sqlx::query(sql).fetch_one(connection).await?.try_get(0)
}

const STEP: Duration = Duration::from_millis(20);

/// One row says how many migrations the file has seen.
const SCHEMA_TABLE: &str = "\
    CREATE TABLE IF NOT EXISTS fps_schema (version INTEGER NOT NULL) STRICT; \
    INSERT INTO fps_schema SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM fps_schema)";

/// Never edit one that was released; add the next.
const MIGRATIONS: &[&str] = &["\
    CREATE TABLE fps_records (\
        namespace TEXT NOT NULL, \
        key TEXT NOT NULL, \
        version INTEGER NOT NULL CHECK (version >= 1), \
        state TEXT NOT NULL, \
        due INTEGER, \
        hidden_until INTEGER, \
        body BLOB NOT NULL, \
        PRIMARY KEY (namespace, key)\
    ) STRICT; \
    CREATE INDEX fps_records_due ON fps_records (namespace, due, key) WHERE due IS NOT NULL; \
    CREATE INDEX fps_records_state ON fps_records (namespace, state, key)"];
