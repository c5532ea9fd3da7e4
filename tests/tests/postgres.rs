//! The PostgreSQL backend on a real server, which the tests start themselves.
#![cfg(unix)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use fps_checkout::conformance::{Backend, Capabilities};
use fps_checkout::fps_core::Timestamp;
use fps_checkout::registry::Registry;
use fps_checkout::storage::{BoxError, Key, ListQuery, Namespace, NewRecord, OpenError, Storage, StoreError};
use fps_tests::{PostgresServer, VERSIONS, a_stored_token_outlives_its_processes};

/// The process that the law of the kill starts finds its parent's server here.
const URL: &str = "FPS_TEST_POSTGRES";

struct Postgres(String);

impl Postgres {
    fn shared() -> Self {
        Self(std::env::var(URL).unwrap_or_else(|_| PostgresServer::shared().url("postgres")))
    }
}

#[async_trait]
impl Backend for Postgres {
    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Storage>, BoxError> {
        Ok(Registry::linked().open(&self.0, namespace).await?)
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![(URL, self.0.clone())]
    }
}

mod laws {
    fps_checkout::storage_conformance!(
        ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored",
        super::Postgres::shared()
    );
}

async fn open(url: &str) -> Result<Arc<dyn Storage>, OpenError> {
    Registry::linked().open(url, &Namespace::default()).await
}

fn record(name: &str, version: u64) -> NewRecord {
    let body = format!("{name} {version} ").repeat(300).into_bytes();
    let key = Key::new(format!("order/{name}")).expect("a key");
    NewRecord::new(key, format!("V{version}"), None, body).expect("a record")
}

#[tokio::test]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn what_cannot_be_opened_says_what_to_do() {
    let server = PostgresServer::shared();
    for name in ["later", "tables"] {
        server.create_database(name).unwrap();
    }
    server
        .sql("later", "CREATE TABLE fps_schema (version BIGINT); INSERT INTO fps_schema VALUES (99)")
        .unwrap();
    server.sql("postgres", "CREATE ROLE guest LOGIN PASSWORD 'SECRET_MARKER'; CREATE ROLE reader LOGIN PASSWORD 'SECRET_MARKER'; \
        ALTER ROLE reader SET default_transaction_read_only = on").unwrap();
    server.sql("tables", "REVOKE CREATE ON SCHEMA public FROM PUBLIC").unwrap();
    let port = server.port();
    for (url, message) in [
        (
            format!("postgres://shop:SECRET_MARKER_not@127.0.0.1:{port}/postgres"),
            "see that user and password",
        ),
        (format!("postgres://nobody:SECRET_MARKER@127.0.0.1:{port}/postgres"), "see that user and password"),
        (server.url("missing"), "there is no such database on the server; make it with `createdb`"),
        (
            server.url("later"),
            "has schema 99, but this release knows only schemas up to 1; upgrade fps-checkout",
        ),
        (format!("postgres://guest:SECRET_MARKER@127.0.0.1:{port}/tables"), "the user lacks a privilege"),
        (
            format!("postgres://reader:SECRET_MARKER@127.0.0.1:{port}/postgres"),
            "name the primary and not a replica",
        ),
        // Signed by an authority that nobody trusts unless told.
        (server.url("postgres?sslmode=verify-full"), "no secure connection can be made"),
        (server.url("postgres?sslmode=verify-full&sslrootcert=/missing.pem"), "look at `sslrootcert`"),
    ] {
        let error = open(&url).await.expect_err(&url);
        assert!(error.to_string().contains(message), "{url}: {error}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
    }
}

#[tokio::test]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn a_connection_is_secure_where_the_url_says_so() {
    let server = PostgresServer::shared();
    let authority = PostgresServer::authority().display();
    let url =
        server.url(&format!("postgres?sslmode=verify-full&sslrootcert={authority}&application_name=secured"));
    let store = open(&url).await.unwrap();
    store.load(record("1", 1).key()).await.unwrap();
    let secured = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                   WHERE application_name = 'secured'";
    assert_eq!(server.sql("postgres", secured).unwrap(), "t");
    let plain = PostgresServer::start().unwrap();
    let error = open(&plain.url("postgres?sslmode=require")).await.unwrap_err();
    assert!(error.to_string().contains("no secure connection can be made"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn many_processes_may_make_the_tables_at_once() {
    let server = PostgresServer::shared();
    server.create_database("crowd").unwrap();
    let mut openings = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let url = server.url("crowd");
        openings.spawn(async move { open(&url).await.map(drop) });
    }
    while let Some(opened) = openings.join_next().await {
        opened.unwrap().unwrap();
    }
    assert_eq!(server.sql("crowd", "SELECT version FROM fps_schema").unwrap(), "1");
    // And who may only use the tables can open what is up to date.
    server
        .sql(
            "crowd",
            "CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT SELECT ON fps_schema TO clerk; \
        GRANT SELECT, INSERT, UPDATE ON fps_records TO clerk",
        )
        .unwrap();
    let url = format!("postgres://clerk:clerk@127.0.0.1:{}/crowd", server.port());
    open(&url).await.unwrap().create(&record("1", 1)).await.unwrap();
}

#[tokio::test]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn durability_is_ours_even_where_the_server_thinks_otherwise() {
    let server = PostgresServer::shared();
    server.create_database("hasty").unwrap();
    server.sql("hasty", "ALTER DATABASE hasty SET synchronous_commit = off").unwrap();
    let store = open(&server.url("hasty?application_name=careful")).await.unwrap();
    server.sql("hasty", "CREATE TABLE seen (setting TEXT)").unwrap();
    server
        .sql(
            "hasty",
            "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$; \
             CREATE TRIGGER look BEFORE INSERT ON fps_records FOR EACH ROW EXECUTE FUNCTION look()",
        )
        .unwrap();
    store.create(&record("1", 1)).await.unwrap();
    assert_eq!(server.sql("hasty", "SELECT setting FROM seen").unwrap(), "on");
}

#[tokio::test]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn calls_in_turn_need_one_connection() {
    let server = PostgresServer::shared();
    let store = open(&server.url("postgres?application_name=in_turn")).await.unwrap();
    store.create(&record("in-turn", 1)).await.unwrap();
    for version in 1..30 {
        store.update(&record("in-turn", version + 1), version).await.unwrap();
        store.load(record("in-turn", 1).key()).await.unwrap();
    }
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'in_turn'";
    assert_eq!(server.sql("postgres", connections).unwrap(), "1");
}

#[tokio::test]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn no_call_ever_scans_the_table() {
    let server = PostgresServer::shared();
    server.create_database("plans").unwrap();
    let store = open(&server.url("plans")).await.unwrap();
    let [scans, ..] = counts(server).await;
    // Plans that are made now, and kept, believe that the table is empty.
    every_call(&store, "few", 20).await.unwrap();
    let fill = "INSERT INTO fps_records SELECT 'default', 'order/r' || i, 5, 'Paid', NULL, NULL, 'x' \
                FROM generate_series(1, 20000) AS i";
    server.sql("plans", fill).unwrap();
    every_call(&store, "many", 20).await.unwrap();
    // These know how large it is.
    server.sql("plans", "ANALYZE fps_records").unwrap();
    every_call(&store, "known", 20).await.unwrap();
    drop(store);
    let [scans_later, updated, read] = counts(server).await;
    assert_eq!(updated, 120, "the server has not counted");
    assert_eq!(scans_later, scans);
    assert!(read < 5_000, "{read} rows were read for 360 calls");
}

/// Scans of the whole table, rows changed, and rows read, when every connection has ended and told what it did.
async fn counts(server: &PostgresServer) -> [u64; 3] {
    let asked = |sql: &str| server.sql("plans", sql).expect("the server counts");
    let living = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'plans' AND pid <> pg_backend_pid()";
    while asked(living) != "0" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    ["seq_scan", "n_tup_upd", "idx_tup_fetch"].map(|column| {
        let count = asked(&format!("SELECT {column} FROM pg_stat_user_tables WHERE relname = 'fps_records'"));
        count.parse().expect("a count")
    })
}

async fn every_call(store: &Arc<dyn Storage>, name: &str, times: u64) -> Result<(), StoreError> {
    let at = Timestamp::from_unix_millis;
    for number in 0..times {
        let key = Key::new(format!("order/{name}-{number}"))?;
        let due = |millis| NewRecord::new(key.clone(), "Pending", Some(at(millis)), vec![1]);
        store.create(&due(1)?).await?;
        store.update(&due(2)?, 1).await?;
        assert_eq!(store.claim_due(at(5), at(10), 3).await?.len(), 1);
        store.load(&key).await?;
        store.list(&ListQuery::new("order/").with_limit(3)).await?;
        store.list(&ListQuery::new("order/").with_limit(3).with_state("Pending")).await?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn the_servers_failures_are_told_apart() {
    let server = PostgresServer::shared();
    server.create_database("failing").unwrap();
    let store = open(&server.url("failing?statement_timeout_ms=300")).await.unwrap();
    store.create(&record("1", 1)).await.unwrap();
    let fail = |code: &str, times: u32| {
        let sql = format!(
            "DROP SEQUENCE IF EXISTS calls; CREATE SEQUENCE calls; \
             CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF nextval('calls') <= {times} THEN RAISE EXCEPTION 'as told' USING ERRCODE = '{code}'; END IF; \
             RETURN NEW; END $$; \
             CREATE OR REPLACE TRIGGER fail BEFORE UPDATE ON fps_records FOR EACH ROW EXECUTE FUNCTION fail()"
        );
        server.sql("failing", &sql).unwrap();
    };

    for (code, message) in [
        ("53100", "the server's disk is full; make room there"),
        ("25006", "the server takes no writes; name the primary"),
        ("42501", "grant it the tables"),
        ("23514", "the server refused"),
    ] {
        fail(code, 99);
        let error = store.update(&record("1", 2), 1).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{code}: {error:?}");
        assert!(error.to_string().contains(message), "{code}: {error}");
    }
    for code in ["57P01", "58030", "XX000"] {
        fail(code, 99);
        let error = store.update(&record("1", 2), 1).await.unwrap_err();
        assert!(matches!(error, StoreError::Ambiguous { .. }), "{code}: {error:?}");
    }
    // What the server takes back because of others is done again, but not for ever.
    for code in ["40001", "40P01"] {
        fail(code, 99);
        let error = store.update(&record("1", 2), 1).await.unwrap_err();
        assert!(error.to_string().contains("too many callers"), "{code}: {error}");
        assert_eq!(server.sql("failing", "SELECT last_value FROM calls").unwrap(), "6", "{code}");
    }
    fail("40001", 4);
    store.update(&record("1", 2), 1).await.unwrap();
    assert_eq!(store.load(record("1", 2).key()).await.unwrap(), Some(record("1", 2).into_record(2)));

    // A table that stays locked.
    let url = server.url("failing");
    let locker = std::thread::spawn(move || {
        PostgresServer::shared()
            .sql("failing", "BEGIN; LOCK TABLE fps_records; SELECT pg_sleep(2); COMMIT")
            .map(|_| url)
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let error = store.update(&record("1", 3), 2).await.unwrap_err();
    assert!(error.to_string().contains("raise `statement_timeout_ms`"), "{error}");
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    locker.join().unwrap().unwrap();
    store.update(&record("1", 3), 2).await.unwrap();
}

/// What the writers did, all together.
#[derive(Default)]
struct Tally {
    acknowledged: AtomicU64,
    ambiguous: AtomicU64,
    refused: AtomicU64,
    done: AtomicBool,
}

/// Writes one record again and again, and holds each answer against what is there.
async fn write_through(store: Arc<dyn Storage>, name: String, tally: Arc<Tally>) {
    let mut version = 0;
    while !tally.done.load(Ordering::Relaxed) {
        let next = record(&name, version + 1);
        let written = match version {
            0 => store.create(&next).await,
            _ => store.update(&next, version).await,
        };
        match written {
            Ok(()) => {
                version += 1;
                tally.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Err(StoreError::Ambiguous { .. }) => {
                let found = load_in_time(&store, &name).await;
                assert!(found == version || found == version + 1, "{name}: {version} became {found}");
                version = found;
                tally.ambiguous.fetch_add(1, Ordering::Relaxed);
            }
            Err(StoreError::Unavailable { .. }) => {
                let found = load_in_time(&store, &name).await;
                assert_eq!(found, version, "{name}: what was certainly not written is there");
                tally.refused.fetch_add(1, Ordering::Relaxed);
            }
            Err(other) => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(load_in_time(&store, &name).await, version, "{name}");
}

/// Loads until the server is there again; checks that the record is whole.
async fn load_in_time(store: &Arc<dyn Storage>, name: &str) -> u64 {
    for _ in 0..600 {
        match store.load(record(name, 1).key()).await {
            Ok(None) => return 0,
            Ok(Some(found)) => {
                let version = found.version;
                assert_eq!(found, record(name, version).into_record(version));
                return version;
            }
            Err(error) => {
                assert!(error.is_retryable(), "{error:?}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    panic!("the server did not come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn a_killed_server_loses_nothing_that_it_acknowledged() {
    let mut server = PostgresServer::start().unwrap();
    let store = open(&server.url("postgres?acquire_timeout_ms=2000")).await.unwrap();
    let tally = Arc::new(Tally::default());
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..6 {
        writers.spawn(write_through(store.clone(), format!("w{number}"), tally.clone()));
    }
    for life in 1..=4 {
        let enough = life * 150;
        while tally.acknowledged.load(Ordering::Relaxed) < enough {
            assert!(!writers.is_empty() && writers.try_join_next().is_none(), "a writer ended");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if life < 4 {
            server = tokio::task::spawn_blocking(move || {
                server.kill().unwrap();
                server.resume().unwrap();
                server
            })
            .await
            .unwrap();
        }
    }
    tally.done.store(true, Ordering::Relaxed);
    writers.join_all().await;
    let Tally { acknowledged, ambiguous, refused, .. } = &*tally;
    println!(
        "acknowledged {acknowledged:?}, of unknown outcome {ambiguous:?}, certainly not written {refused:?}"
    );
    assert!(ambiguous.load(Ordering::Relaxed) > 0, "no call was cut off, so the test shows nothing");
}

#[tokio::test]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test postgres -- --include-ignored"]
async fn a_stored_token_is_charged_and_cancelled_by_one_process_after_the_other() {
    let server = PostgresServer::shared();
    for (version, database) in VERSIONS.into_iter().zip(["tokens_2010", "tokens_2007"]) {
        server.create_database(database).unwrap();
        let url = server.url(database);
        a_stored_token_outlives_its_processes(version, async || open(&url).await.unwrap()).await;
    }
}
