//! Records in a PostgreSQL database (feature `postgres`): for a shop that one machine is not enough for.
//!
//! `postgres://shop:secret@db.example.com/shop?sslmode=verify-full` names server and database, which must exist; the
//! tables `fps_schema` and `fps_records` are made at the first opening. Any number of processes may have it open.
//! PostgreSQL 12 or later. A connection pooler in between must pool sessions, not statements.
//!
//! | option | meaning | range | default |
//! | --- | --- | --- | --- |
//! | `max_connections` | the most connections of this process | 1–1000 | 10 |
//! | `acquire_timeout_ms` | how long a call waits for one of them | 1–600000 | 30000 |
//! | `statement_timeout_ms` | how long the server may work on one call | 1–600000 | 30000 |
//! | `sslmode` | `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full` | | `prefer` |
//! | `sslrootcert`, `sslcert`, `sslkey` | files: authorities to trust, own certificate, its key | | the system's authorities |
//! | `application_name` | how the server's views call this process | | |
//! | `host` | folder of the server's Unix socket, as in `postgres:///shop?host=/run/postgresql` | | |
//!
//! # Security
//!
//! Over a network say `sslmode=verify-full`: any less protects from listeners at most. `Debug` and errors never show
//! the password.
//!
//! Durability: `synchronous_commit=on` is set for each connection and read back, and a server with `fsync=off` is refused.
//! Every write is one statement in a transaction of its own; claims take rows by `FOR UPDATE SKIP LOCKED`.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fps_core::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions, PgRow, Postgres};
use sqlx::{ConnectOptions, Connection, Row};

use crate::registry::Opening;
use crate::storage::connections::{Connections, Lent};
use crate::storage::{
    Key, ListQuery, Namespace, NewRecord, OpenError, Page, Record, Storage, StorageUrl, StoreError,
};

mod failure;
mod schema;

/// Keeps one shop's records in a PostgreSQL database.
pub struct PostgresStore {
    /// Without password.
    url: String,
    namespace: Namespace,
    connections: Connections<Postgres>,
    /// How long a call may take here; the server gives up before.
    patience: Duration,
}

impl PostgresStore {
    /// Connects to the database that `url` names for the shop `namespace`, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the URL is wrong, the server cannot be reached or refuses, the database is read-only, has a newer
    /// schema, or is not durable.
    pub async fn open(url: &StorageUrl, namespace: &Namespace) -> Result<Self, OpenError> {
        let given = url.options(OPTIONS)?;
        let max_connections = given.number("max_connections", 10, 1, 1000)?;
        let acquire_timeout = given.number("acquire_timeout_ms", 30_000, 1, 600_000)?;
        let statement_timeout = given.number("statement_timeout_ms", 30_000, 1, 600_000)?;
        let acquire_timeout = Duration::from_millis(acquire_timeout.into());
        let options = PgConnectOptions::from_url(&without_own_options(url))
            .map_err(|error| failure::opening(url, error))?
            .options([
                ("synchronous_commit", "on"),
                ("default_transaction_isolation", "read committed"),
                // Plans are kept, because making one costs as much as carrying it out. Made for any limit and any time,
                // they would scan or sort the table where an index holds what is asked for, in order.
                ("enable_seqscan", "off"),
                ("enable_bitmapscan", "off"),
                ("enable_sort", "off"),
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
                ("statement_timeout", &statement_timeout.to_string()),
            ])
            .disable_statement_logging();

        // A connection of its own: it fails at once and says why, where a pool would try until its time is up.
        let connecting = tokio::time::timeout(acquire_timeout, options.connect());
        let mut connection = match connecting.await {
            Ok(connected) => connected.map_err(|error| failure::opening(url, error))?,
            Err(elapsed) => return Err(failure::unanswered(url, elapsed)),
        };
        schema::prepare(&mut connection, url).await?;
        connection.close().await.map_err(|error| failure::opening(url, error))?;

        let connections = Connections::new(max_connections, acquire_timeout, PgPoolOptions::new(), options);
        let patience = Duration::from_millis(u64::from(statement_timeout) + 5_000);
        Ok(Self { url: url.to_string(), namespace: namespace.clone(), connections, patience })
    }

    /// Waits until running calls are done and closes all connections; later calls fail.
    pub async fn close(&self) {
        self.connections.close().await;
    }

    async fn connection(&self) -> Result<Lent<'_, Postgres>, StoreError> {
        // Without a connection nothing was written: this fails as reading does.
        self.connections.acquire().await.map_err(failure::reading)
    }

    async fn create_once(&self, on: &mut PgConnection, record: &NewRecord) -> sqlx::Result<u64> {
        let created = sqlx::query(CREATE)
            .bind(self.namespace.as_str())
            .bind(record.key().as_str())
            .bind(record.state())
            .bind(record.due().map(Timestamp::unix_millis))
            .bind(record.body())
            .execute(on)
            .await?;
        Ok(created.rows_affected())
    }

    async fn update_once(
        &self,
        on: &mut PgConnection,
        record: &NewRecord,
        expected_version: u64,
    ) -> sqlx::Result<u64> {
        let updated = sqlx::query(UPDATE)
            .bind(self.namespace.as_str())
            .bind(record.key().as_str())
            // No stored version is so high that it needs the sign.
            .bind(i64::try_from(expected_version).unwrap_or(-1))
            .bind(record.state())
            .bind(record.due().map(Timestamp::unix_millis))
            .bind(record.body())
            .execute(on)
            .await?;
        Ok(updated.rows_affected())
    }

    async fn claim_once(
        &self,
        on: &mut PgConnection,
        now: Timestamp,
        hidden_until: Timestamp,
        limit: usize,
    ) -> sqlx::Result<Vec<PgRow>> {
        sqlx::query(CLAIM_DUE)
            .bind(self.namespace.as_str())
            .bind(now.unix_millis())
            .bind(hidden_until.unix_millis())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(on)
            .await
    }

    async fn find(&self, on: &mut PgConnection, sql: &'static str, key: &Key) -> sqlx::Result<Option<PgRow>> {
        sqlx::query(sql).bind(self.namespace.as_str()).bind(key.as_str()).fetch_optional(on).await
    }

    async fn list_once(&self, on: &mut PgConnection, query: &ListQuery) -> sqlx::Result<Vec<PgRow>> {
        let range = query.range();
        let select = sqlx::query(if query.state().is_some() { LIST_STATE } else { LIST })
            .bind(self.namespace.as_str())
            .bind(range.start)
            .bind(range.end)
            .bind(i64::try_from(query.limit() + 1).unwrap_or(i64::MAX));
        match query.state() {
            None => select.fetch_all(on).await,
            Some(state) => select.bind(state).fetch_all(on).await,
        }
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("url", &self.url).field("namespace", &self.namespace).finish()
    }
}

/// Carries a call out within the store's patience, and again when the server took it back because of another's.
macro_rules! attempt {
    ($store:expr, $call:expr) => {{
        let mut left = RETRIES;
        loop {
            let answer = match tokio::time::timeout($store.patience, $call).await {
                Ok(answer) => answer,
                Err(elapsed) => {
                    Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, elapsed)))
                }
            };
            match answer {
                Err(error) if left > 0 && failure::was_taken_back(&error) => {
                    tokio::time::sleep(PAUSE * (1 + RETRIES - left)).await;
                    left -= 1;
                }
                answer => break answer,
            }
        }
    }};
}

#[async_trait]
impl Storage for PostgresStore {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        let created = attempt!(self, self.create_once(&mut connection, record)).map_err(failure::writing)?;
        connection.keep();
        match created {
            1 => Ok(()),
            _ => Err(StoreError::AlreadyExists { key: record.key().clone() }),
        }
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let mut connection = self.connection().await?;
        let row = attempt!(self, self.find(&mut connection, LOAD, key)).map_err(failure::reading)?;
        connection.keep();
        row.map(|row| record(&row)).transpose()
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        let key = record.key();
        let mut connection = self.connection().await?;
        let updated = attempt!(self, self.update_once(&mut connection, record, expected_version));
        if updated.map_err(failure::writing)? == 1 {
            connection.keep();
            return Ok(());
        }
        let present = attempt!(self, self.find(&mut connection, PRESENT, key)).map_err(failure::reading)?;
        connection.keep();
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
        let mut connection = self.connection().await?;
        let rows = attempt!(self, self.claim_once(&mut connection, now, hidden_until, limit))
            .map_err(failure::writing)?;
        connection.keep();
        let mut records = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
        // PostgreSQL returns changed rows in no particular order.
        records.sort_unstable_by(|one, other| (one.due, &one.key).cmp(&(other.due, &other.key)));
        Ok(records)
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let mut connection = self.connection().await?;
        let rows = attempt!(self, self.list_once(&mut connection, query)).map_err(failure::reading)?;
        connection.keep();
        let records = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::cut(records, query.limit()))
    }
}

/// Opens `postgres:`.
pub(crate) fn open<'a>(url: &'a StorageUrl, namespace: &'a Namespace) -> Opening<'a> {
    Box::pin(async move { Ok(Arc::new(PostgresStore::open(url, namespace).await?) as _) })
}

/// Reads a row of the columns `key, version, state, due, body`.
fn record(row: &PgRow) -> Result<Record, StoreError> {
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

/// The address as the driver knows it: it would log the options that are ours, values included.
fn without_own_options(url: &StorageUrl) -> url::Url {
    let mut plain = url.expose_secret().clone();
    let kept: Vec<_> = plain.query_pairs().filter(|(name, _)| !OWN.contains(&&**name)).map(own).collect();
    plain.set_query(None);
    if !kept.is_empty() {
        plain.query_pairs_mut().extend_pairs(kept);
    }
    plain
}

fn own((name, value): (Cow<'_, str>, Cow<'_, str>)) -> (String, String) {
    (name.into_owned(), value.into_owned())
}

/// Those of [`OPTIONS`] that the driver does not read.
const OWN: &[&str] = &["max_connections", "acquire_timeout_ms", "statement_timeout_ms"];

const OPTIONS: &[&str] = &[
    "acquire_timeout_ms",
    "application_name",
    "host",
    "max_connections",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement_timeout_ms",
];

const RETRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(5);

const CREATE: &str = "\
    INSERT INTO fps_records (namespace, key, version, state, due, body) VALUES ($1, $2, 1, $3, $4, $5) \
    ON CONFLICT (namespace, key) DO NOTHING";

const LOAD: &str = "SELECT key, version, state, due, body FROM fps_records WHERE namespace = $1 AND key = $2";

const PRESENT: &str = "SELECT 1 FROM fps_records WHERE namespace = $1 AND key = $2";

const UPDATE: &str = "\
    UPDATE fps_records SET version = version + 1, state = $4, due = $5, hidden_until = NULL, body = $6 \
    WHERE namespace = $1 AND key = $2 AND version = $3";

const CLAIM_DUE: &str = "\
    WITH chosen AS MATERIALIZED (\
        SELECT key FROM fps_records \
        WHERE namespace = $1 AND due <= $2 AND (hidden_until IS NULL OR hidden_until <= $2) \
        ORDER BY due, key LIMIT $4 FOR UPDATE SKIP LOCKED\
    ) UPDATE fps_records AS r SET hidden_until = $3 FROM chosen WHERE r.namespace = $1 AND r.key = chosen.key \
    RETURNING r.key, r.version, r.state, r.due, r.body";

const LIST: &str = "\
    SELECT key, version, state, due, body FROM fps_records \
    WHERE namespace = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4";

const LIST_STATE: &str = "\
    SELECT key, version, state, due, body FROM fps_records \
    WHERE namespace = $1 AND key >= $2 AND key < $3 AND state = $5 ORDER BY key LIMIT $4";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_gets_its_own_options_and_no_others() {
        let text = "postgres://a:b@h/d?max_connections=3&sslmode=require&statement_timeout_ms=1&application_name=x%26y";
        let plain = without_own_options(&StorageUrl::parse(text).unwrap());
        assert_eq!(plain.as_str(), "postgres://a:b@h/d?sslmode=require&application_name=x%26y");
        let plain = without_own_options(&StorageUrl::parse("postgres://h/d?max_connections=3").unwrap());
        assert_eq!(plain.as_str(), "postgres://h/d");
        assert!(OWN.iter().all(|name| OPTIONS.contains(name)));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named_at_once_and_without_the_password() {
        // Port 1 of this machine: nobody listens there.
        let url = StorageUrl::parse("postgres://shop:SECRET_MARKER@127.0.0.1:1/shop").unwrap();
        let error = PostgresStore::open(&url, &Namespace::default()).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(error.to_string().contains("`postgres://shop@127.0.0.1:1/shop`"), "{error}");
        assert!(error.to_string().contains("the server cannot be reached"), "{error}");
        assert!(!text.contains("SECRET") && error.is_retryable(), "{text}");
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_given_up() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let url = format!("postgres://shop@127.0.0.1:{port}/shop?acquire_timeout_ms=100");
        let opened = PostgresStore::open(&StorageUrl::parse(&url).unwrap(), &Namespace::default()).await;
        let text = opened.unwrap_err().to_string();
        assert!(text.contains("the server does not answer"), "{text}");
    }

    #[tokio::test]
    async fn wrong_options_are_refused_before_anything_is_sent() {
        for (options, message) in [
            ("max_conections=5", "unknown option `max_conections`; known are: acquire_timeout_ms, "),
            (
                "max_connections=0",
                "`max_connections` of the storage URL must be a whole number from 1 to 1000",
            ),
            ("sslmode=maybe", "the URL has an option that the driver cannot read"),
        ] {
            let url = StorageUrl::parse(&format!("postgres://shop@127.0.0.1:1/shop?{options}")).unwrap();
            let text = PostgresStore::open(&url, &Namespace::default()).await.unwrap_err().to_string();
            assert!(text.contains(message), "{options}: {text}");
        }
    }
}
