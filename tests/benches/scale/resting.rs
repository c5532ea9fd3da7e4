//! Stores in which many orders rest.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fps_checkout::Version;
use fps_checkout::registry::Registry;
use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{ListQuery, Namespace, Record, Storage};
use fps_tests::{PostgresServer, World};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Row};

/// An order as it rests: John bought a song.
pub(crate) async fn document() -> Record {
    let store = Arc::new(MemoryStore::new());
    let world = World::with_storage(Version::default(), Arc::clone(&store) as _).await;
    let begun = world.begin().await;
    let back = world.john_pays(begun.link()).await;
    world.come_back(&back).await.unwrap();
    world.work_to_the_end().await;
    let mut orders = store.list(&ListQuery::new("order/")).await.unwrap().records;
    assert_eq!(orders.len(), 1);
    orders.remove(0)
}

/// A store, and where it is.
pub(crate) struct Store<'a> {
    pub(crate) url: String,
    /// Of PostgreSQL.
    pub(crate) server: Option<&'a PostgresServer>,
    file: PathBuf,
    database: String,
}

impl<'a> Store<'a> {
    /// Makes one in which so many copies of an order rest.
    pub(crate) async fn fill(
        kind: &str,
        number: usize,
        folder: &Path,
        server: &'a PostgresServer,
        resting: u64,
        order: &Record,
    ) -> Self {
        let file = folder.join(format!("{number}.db"));
        let database = format!("scale{number}");
        if kind == "sqlite" {
            let store = Self { url: format!("sqlite://{}", file.display()), server: None, file, database };
            store.make().await;
            store.fill_sqlite(resting, order).await;
            store
        } else {
            server.create_database(&database).unwrap();
            let store = Self { url: server.url(&database), server: Some(server), file, database };
            store.make().await;
            store.fill_postgres(server, resting, order);
            store
        }
    }

    async fn make(&self) {
        drop(Registry::linked().open(&self.url, &Namespace::default()).await.unwrap());
    }

    async fn fill_sqlite(&self, resting: u64, order: &Record) {
        let mut filler = self.connect().await;
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) INSERT INTO fps_records \
                    SELECT 'default', printf('order/r%08d', i), ?2, ?3, NULL, NULL, ?4 FROM n";
        sqlx::query(fill)
            .bind(i64::try_from(resting).unwrap())
            .bind(i64::try_from(order.version).unwrap())
            .bind(&order.state)
            .bind(&order.body)
            .execute(&mut filler)
            .await
            .unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut filler).await.unwrap();
        filler.close().await.unwrap();
    }

    fn fill_postgres(&self, server: &PostgresServer, resting: u64, order: &Record) {
        let mut body = String::new();
        for byte in &order.body {
            write!(body, "{byte:02x}").unwrap();
        }
        let fill = format!(
            "INSERT INTO fps_records SELECT 'default', 'order/r' || lpad(i::text, 8, '0'), {}, '{}', NULL, NULL, \
             '\\x{body}'::bytea FROM generate_series(1, {resting}) AS i",
            order.version, order.state
        );
        for sql in [&fill, "VACUUM ANALYZE fps_records", "CHECKPOINT"] {
            server.sql(&self.database, sql).unwrap();
        }
    }

    async fn connect(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(&self.file);
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// How many orders are paid, all news told.
    pub(crate) async fn paid(&self) -> u64 {
        let count = "SELECT count(*) FROM fps_records WHERE state = 'Paid'";
        match self.server {
            Some(server) => server.sql(&self.database, count).unwrap().parse().unwrap(),
            None => {
                let row = sqlx::query(count).fetch_one(&mut self.connect().await).await.unwrap();
                row.get::<i64, _>(0).try_into().unwrap()
            }
        }
    }

    /// What it takes of the disk, logs aside.
    pub(crate) async fn bytes(&self) -> u64 {
        match self.server {
            Some(server) => {
                let size = "SELECT pg_total_relation_size('fps_records')";
                server.sql(&self.database, size).unwrap().parse().unwrap()
            }
            None => {
                let checkpoint = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
                checkpoint.execute(&mut self.connect().await).await.unwrap();
                self.file.metadata().unwrap().len()
            }
        }
    }
}
