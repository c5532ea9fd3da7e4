//! What the stores cost beside what their drivers cost anyway, measured in one run:
//!
//! ```text
//! cargo bench -p fps-tests --features postgres --bench storage
//! ```
//!
//! It prints lines for the table of figures, of which it is the part `storage`: `cargo run -p fps-figures -- storage`. It fails over
//! its budgets. It starts a PostgreSQL server of its own, or says that there is none and measures SQLite; it needs 5 GB in the temporary
//! folder, and takes some minutes. `FPS_BENCH_RESTING=100000` makes the largest table smaller; `-- commits`, `-- claims` or `-- workers`
//! measures only that.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, reason = "a benchmark ends when something fails")]

use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fps_checkout::fps_core::Timestamp;
use fps_checkout::registry::Registry;
use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{Key, ListQuery, Namespace, NewRecord, Page, Record, Storage, StoreError};
use fps_checkout::{Version, async_trait};
use fps_figures::{Line, Unit};
use fps_tests::{PostgresServer, World};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, Executor, Row};

const PURCHASES: usize = 300;
/// Not measured: statements are prepared, files have grown to their size.
const WARMING: usize = 100;
/// Not timed: what they write is counted.
const LATER: Range<usize> = 1_000_000..1_000_050;
const CLAIMS: usize = 200;
const DUE: i64 = 100_000;

#[tokio::main]
async fn main() -> ExitCode {
    // `cargo test --benches` only wants to know that it runs.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|named| named == name);
    let purchases = if measured { PURCHASES } else { 3 };
    let resting: &[i64] = if measured { &[1_000, 100_000, 1_000_000] } else { &[100, 200] };
    let most = std::env::var("FPS_BENCH_RESTING").ok().and_then(|most| most.parse().ok()).unwrap_or(i64::MAX);

    let folder = tempfile::tempdir().unwrap();
    let server = match PostgresServer::start() {
        Ok(server) => Some(server),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("storage on PostgreSQL is not measured: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    };
    let mut within = true;
    if wanted("commits") {
        let purchase = Purchase::real().await;
        within &= commits_sqlite(folder.path(), &purchase, purchases).await;
        if let Some(server) = &server {
            within &= commits_postgres(server, &purchase, purchases).await;
        }
    }
    if wanted("claims") {
        within &= claims_sqlite(folder.path(), resting, most).await;
        if let Some(server) = &server {
            within &= claims_postgres(server, resting, most).await;
        }
    }
    if let Some(server) = server.filter(|_| wanted("workers")) {
        workers_postgres(&server, if measured { 20_000 } else { 100 }).await;
    }
    // A few rounds measure nothing.
    if within || !measured { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn open(url: &str) -> Arc<dyn Storage> {
    Registry::linked().open(url, &Namespace::default()).await.unwrap()
}

/// What a shop writes for one purchase: four documents with their states and due times.
struct Purchase(Vec<NewRecord>);

impl Purchase {
    /// John buys a song, and each write of the shop is noted.
    async fn real() -> Self {
        let notes = Arc::new(Notes::default());
        let world = World::with_storage(Version::default(), Arc::clone(&notes) as _).await;
        let begun = world.begin().await;
        let back = world.john_pays(begun.link()).await;
        world.come_back(&back).await.unwrap();
        world.work_to_the_end().await;
        let mut written = std::mem::take(&mut *notes.written.lock().unwrap());
        written.retain(|record| record.key().as_str().starts_with("order/"));
        assert_eq!(written.len(), 4, "{written:?}");
        Self(written)
    }

    /// The same of another order.
    fn of(&self, order: usize) -> impl Iterator<Item = NewRecord> {
        let key = Key::new(format!("order/{order:08}")).unwrap();
        self.0.iter().map(move |record| {
            NewRecord::new(key.clone(), record.state(), record.due(), record.body().to_vec()).unwrap()
        })
    }
}

/// A store that notes what is written.
#[derive(Debug, Default)]
struct Notes {
    store: MemoryStore,
    written: Mutex<Vec<NewRecord>>,
}

#[async_trait]
impl Storage for Notes {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        self.written.lock().unwrap().push(record.clone());
        self.store.create(record).await
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.store.load(key).await
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        self.written.lock().unwrap().push(record.clone());
        self.store.update(record, expected_version).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.store.claim_due(now, until, limit).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        self.store.list(query).await
    }
}

async fn commit(store: &dyn Storage, records: &[NewRecord]) {
    store.create(&records[0]).await.unwrap();
    for (record, version) in records[1..].iter().zip(1..) {
        store.update(record, version).await.unwrap();
    }
}

/// Times both in turn. Each is as often the one that follows the other.
async fn in_turn(
    purchase: &Purchase,
    purchases: usize,
    mut ours: impl AsyncFnMut(&[NewRecord]),
    mut floor: impl AsyncFnMut(&[NewRecord]),
) -> (Vec<Duration>, Vec<Duration>) {
    let (mut of_ours, mut of_floor) = (Vec::new(), Vec::new());
    for order in 0..WARMING + purchases {
        let records: Vec<NewRecord> = purchase.of(order).collect();
        for turn in 0..2 {
            let began = Instant::now();
            if turn == order % 2 {
                ours(&records).await;
                of_ours.push(began.elapsed());
            } else {
                floor(&records).await;
                of_floor.push(began.elapsed());
            }
        }
    }
    (of_ours.split_off(WARMING), of_floor.split_off(WARMING))
}

async fn commits_sqlite(folder: &Path, purchase: &Purchase, purchases: usize) -> bool {
    let store = open(&format!("sqlite://{}/ours.db", folder.display())).await;
    let bare = SqliteConnectOptions::new()
        .filename(folder.join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut bare = SqliteConnection::connect_with(&bare).await.unwrap();
    bare.execute("CREATE TABLE bare (id TEXT PRIMARY KEY, body BLOB) STRICT").await.unwrap();
    let mut bare_writes = async |records: &[NewRecord]| {
        let insert = sqlx::query("INSERT INTO bare VALUES (?1, ?2)");
        let insert = insert.bind(records[0].key().as_str()).bind(records[0].body());
        insert.execute(&mut bare).await.unwrap();
        for record in &records[1..] {
            let update = sqlx::query("UPDATE bare SET body = ?2 WHERE id = ?1");
            update.bind(record.key().as_str()).bind(record.body()).execute(&mut bare).await.unwrap();
        }
    };
    let mut ours = async |records: &[NewRecord]| commit(&*store, records).await;
    let (took, bare_took) = in_turn(purchase, purchases, &mut ours, &mut bare_writes).await;
    let mut pages = [0; 2];
    for (name, pages) in ["ours", "bare"].into_iter().zip(&mut pages) {
        let options = SqliteConnectOptions::new().filename(folder.join(format!("{name}.db")));
        let mut log = SqliteConnection::connect_with(&options).await.unwrap();
        log.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        for order in LATER {
            let records: Vec<NewRecord> = purchase.of(order).collect();
            if name == "ours" { ours(&records).await } else { bare_writes(&records).await }
        }
        let row = log.fetch_one("PRAGMA wal_checkpoint(PASSIVE)").await.unwrap();
        *pages = row.get::<i64, _>(1) / i64::try_from(LATER.len()).unwrap();
    }
    println!("sqlite: pages written to the log for a purchase: {} / {}", pages[0], pages[1]);
    ratio("commits_sqlite", took, bare_took, 125)
}

async fn commits_postgres(server: &PostgresServer, purchase: &Purchase, purchases: usize) -> bool {
    server.create_database("commits").unwrap();
    let store = open(&server.url("commits")).await;
    let mut bare = PgConnection::connect(&server.url("commits")).await.unwrap();
    bare.execute("CREATE TABLE bare (id TEXT PRIMARY KEY, body BYTEA)").await.unwrap();
    let log = || -> u64 {
        let bytes = server.sql("commits", "SELECT pg_current_wal_lsn() - '0/0'").unwrap();
        bytes.parse().unwrap()
    };
    let mut bare_writes = async |records: &[NewRecord]| {
        let insert = sqlx::query("INSERT INTO bare VALUES ($1, $2)");
        let insert = insert.bind(records[0].key().as_str()).bind(records[0].body());
        insert.execute(&mut bare).await.unwrap();
        for record in &records[1..] {
            let update = sqlx::query("UPDATE bare SET body = $2 WHERE id = $1");
            update.bind(record.key().as_str()).bind(record.body()).execute(&mut bare).await.unwrap();
        }
    };
    let mut ours = async |records: &[NewRecord]| commit(&*store, records).await;
    let (took, bare_took) = in_turn(purchase, purchases, &mut ours, &mut bare_writes).await;
    let mut bytes = [0; 2];
    for (name, bytes) in ["ours", "bare"].into_iter().zip(&mut bytes) {
        let before = log();
        for order in LATER {
            let records: Vec<NewRecord> = purchase.of(order).collect();
            if name == "ours" { ours(&records).await } else { bare_writes(&records).await }
        }
        *bytes = (log() - before) / LATER.len() as u64;
    }
    println!("postgres: bytes written to the log for a purchase: {} / {}", bytes[0], bytes[1]);
    ratio("commits_postgres", took, bare_took, 125)
}

async fn claims_sqlite(folder: &Path, resting: &[i64], most: i64) -> bool {
    let mut stores = Vec::new();
    for &count in resting.iter().filter(|count| **count <= most) {
        let file = folder.join(format!("resting-{count}.db"));
        let store = open(&format!("sqlite://{}", file.display())).await;
        let options = SqliteConnectOptions::new().filename(&file);
        let mut filler = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
             INSERT INTO fps_records SELECT 'default', printf('order/r%08d', i), 5, 'Paid', NULL, NULL, randomblob(1500) FROM n",
        )
        .bind(count)
        .execute(&mut filler)
        .await
        .unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut filler).await.unwrap();
        println!(
            "sqlite: bytes per stored order of 1500 bytes, {count} orders: {}",
            file.metadata().unwrap().len() / count as u64
        );
        filler.close().await.unwrap();
        stores.push((count, store));
    }
    claims("sqlite", &stores).await
}

async fn claims_postgres(server: &PostgresServer, resting: &[i64], most: i64) -> bool {
    let mut stores = Vec::new();
    for &count in resting.iter().filter(|count| **count <= most) {
        let name = format!("resting{count}");
        server.create_database(&name).unwrap();
        let store = open(&server.url(&name)).await;
        let fill = format!(
            "INSERT INTO fps_records SELECT 'default', 'order/r' || lpad(i::text, 8, '0'), 5, 'Paid', NULL, NULL, \
             convert_to(rpad(repeat(md5(i::text), 40), 1500, 'x'), 'UTF8') FROM generate_series(1, {count}) AS i"
        );
        server.sql(&name, &fill).unwrap();
        // The filling's own work ends here, and not beside what is measured.
        server.sql(&name, "VACUUM ANALYZE fps_records").unwrap();
        server.sql(&name, "CHECKPOINT").unwrap();
        let bytes: u64 =
            server.sql(&name, "SELECT pg_total_relation_size('fps_records')").unwrap().parse().unwrap();
        println!("postgres: bytes per stored order of 1500 bytes, {count} orders: {}", bytes / count as u64);
        stores.push((count, store));
    }
    claims("postgres", &stores).await
}

/// Claims ten of a hundred due records from each store in turn, so that all meet the same weather.
async fn claims(name: &str, stores: &[(i64, Arc<dyn Storage>)]) -> bool {
    let (now, later) = (Timestamp::from_unix_millis(DUE), Timestamp::from_unix_millis(DUE * 3));
    for (_, store) in stores {
        for number in 0..100 {
            let key = Key::new(format!("order/due-{number:03}")).unwrap();
            let due = Some(Timestamp::from_unix_millis(number));
            store.create(&NewRecord::new(key, "Pending", due, vec![b'x'; 2_000]).unwrap()).await.unwrap();
        }
        // Sixty are hidden for long, as by workers that are at it.
        assert_eq!(store.claim_due(now, later, 60).await.unwrap().len(), 60);
    }
    let mut times = vec![Vec::new(); stores.len()];
    for _ in 0..CLAIMS {
        for (times, (_, store)) in times.iter_mut().zip(stores) {
            let began = Instant::now();
            // A claim that ends at once leaves the same work for the next round.
            assert_eq!(store.claim_due(now, now, 10).await.unwrap().len(), 10);
            times.push(began.elapsed());
        }
    }
    let least = times[0].clone();
    let mut within = true;
    for (times, (count, _)) in times.into_iter().zip(stores) {
        within &= ratio(&format!("claims_{name}_{count}"), times, least.clone(), 120);
    }
    within
}

async fn workers_postgres(server: &PostgresServer, records: i64) {
    for workers in [1, 2, 4, 8] {
        let name = format!("workers{workers}");
        server.create_database(&name).unwrap();
        let store = open(&server.url(&name)).await;
        let fill = format!(
            "INSERT INTO fps_records SELECT 'default', 'order/' || i, 1, 'Pending', i, NULL, \
             convert_to(repeat('x', 2000), 'UTF8') FROM generate_series(1, {records}) AS i"
        );
        server.sql(&name, &fill).unwrap();
        server.sql(&name, "VACUUM ANALYZE fps_records").unwrap();
        let began = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..workers {
            let store = store.clone();
            tasks.spawn(async move {
                let (now, later) = (Timestamp::from_unix_millis(DUE), Timestamp::from_unix_millis(DUE * 3));
                let mut claimed = 0;
                loop {
                    match store.claim_due(now, later, 20).await.unwrap().len() {
                        0 => return claimed,
                        some => claimed += some,
                    }
                }
            });
        }
        let claimed: usize = tasks.join_all().await.into_iter().sum();
        assert_eq!(claimed, records as usize);
        let rate = claimed as u128 * 1_000_000 / began.elapsed().as_micros();
        println!("postgres: {workers} workers claim {rate} records a second, 20 at a time");
    }
}

/// Prints what each round took, as a line for the table of figures, and the medians with their ratio; whether it is within so many
/// hundredths.
fn ratio(what: &str, mut ours: Vec<Duration>, mut floor: Vec<Duration>, budget: u128) -> bool {
    let rounds = |times: &[Duration]| times.iter().map(|time| time.as_nanos() as u64).collect();
    println!(
        "{}",
        Line { figure: what.to_owned(), unit: Unit::Ns, floor: rounds(&floor), ours: rounds(&ours) }
    );
    ours.sort_unstable();
    floor.sort_unstable();
    let (ours, floor) = (ours[ours.len() / 2].as_micros(), floor[floor.len() / 2].as_micros());
    let hundredths = ours * 100 / floor.max(1);
    let within = hundredths <= budget;
    let verdict = if within { "within" } else { "OVER" };
    println!(
        "{what}: {ours} us / {floor} us = {}.{:02}, {verdict} its budget of {}.{:02}",
        hundredths / 100,
        hundredths % 100,
        budget / 100,
        budget % 100
    );
    within
}
