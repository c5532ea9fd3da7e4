//! The tables, and how a database comes to have them.

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Row};

use super::failure;
use crate::storage::{OpenError, StorageUrl};

/// Brings a database to where a store can stand on it: durable, writable, and of our latest schema.
pub(super) async fn prepare(connection: &mut PgConnection, url: &StorageUrl) -> Result<(), OpenError> {
    for (query, setting, expected) in [
        ("SHOW synchronous_commit", "synchronous_commit", "on"),
        ("SHOW fsync", "fsync", "on"),
        ("SHOW server_encoding", "server_encoding", "UTF8"),
    ] {
        let found = text(connection, query).await.map_err(|error| failure::opening(url, error))?;
        if found != expected {
            return Err(OpenError::WrongSetting { store: url.to_string(), setting, found, expected });
        }
    }
    let read_only = text(connection, "SHOW transaction_read_only").await;
    if read_only.map_err(|error| failure::opening(url, error))? == "on" {
        return Err(failure::read_only(url));
    }
    migrate(connection, url).await
}

/// Runs the migrations that the database has not seen, all or none. Others that open it now wait.
async fn migrate(connection: &mut PgConnection, url: &StorageUrl) -> Result<(), OpenError> {
    let failed = |error| failure::opening(url, error);
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    // Who may only use the tables can open a database that is up to date.
    let present = sqlx::query("SELECT to_regclass('fps_schema') IS NOT NULL");
    let present: bool =
        present.fetch_one(&mut *connection).await.and_then(|row| row.try_get(0)).map_err(failed)?;
    if present && version(connection).await.map_err(failed)? == Some(known) {
        return Ok(());
    }

    let mut transaction = connection.begin().await.map_err(failed)?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(LOCK)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    sqlx::raw_sql(SCHEMA_TABLE).execute(&mut *transaction).await.map_err(failed)?;
    let found = version(&mut transaction).await.map_err(failed)?.unwrap_or(0);
    let Some(rest) = usize::try_from(found).ok().and_then(|done| MIGRATIONS.get(done..)) else {
        return Err(OpenError::NewerSchema { store: url.to_string(), found, known });
    };
    for migration in rest {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await.map_err(failed)?;
    }
    sqlx::raw_sql("DELETE FROM fps_schema").execute(&mut *transaction).await.map_err(failed)?;
    let set = sqlx::query("INSERT INTO fps_schema (version) VALUES ($1)").bind(known);
    set.execute(&mut *transaction).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

async fn version(connection: &mut PgConnection) -> sqlx::Result<Option<i64>> {
    let row = sqlx::query("SELECT version FROM fps_schema").fetch_optional(connection).await?;
    row.map(|row| row.try_get(0)).transpose()
}

async fn text(connection: &mut PgConnection, sql: &'static str) -> sqlx::Result<String> {
    sqlx::query(sql).fetch_one(connection).await?.try_get(0)
}

/// Any number, the same in every release: the bytes of `fps lock`.
const LOCK: i64 = i64::from_be_bytes(*b"fps lock");

/// One row says how many migrations the database has seen.
const SCHEMA_TABLE: &str = "CREATE TABLE IF NOT EXISTS fps_schema (version BIGINT NOT NULL)";

/// Never edit one that was released; add the next.
const MIGRATIONS: &[&str] = &["\
    CREATE TABLE fps_records (\
        namespace TEXT COLLATE \"C\" NOT NULL, \
        key TEXT COLLATE \"C\" NOT NULL, \
        version BIGINT NOT NULL CHECK (version >= 1), \
        state TEXT COLLATE \"C\" NOT NULL, \
        due BIGINT, \
        hidden_until BIGINT, \
        body BYTEA NOT NULL, \
        PRIMARY KEY (namespace, key)\
    ) WITH (fillfactor = 80); \
    CREATE INDEX fps_records_due ON fps_records (namespace, due, key) WHERE due IS NOT NULL; \
    CREATE INDEX fps_records_state ON fps_records (namespace, state, key)"];
