//! What the stores cost beside what their drivers cost anyway, measured in one run:
//!
//! ```text
//! cargo bench -p fps-tests --features postgres --bench storage
//! ```
//!
//! It prints lines for the table of figures, of which it is the part `storage`: `cargo run -p fps-figures -- storage`. It fails over
//! its budgets. It starts a PostgreSQL server of its own, needs 5 GB in the temporary folder, and takes some minutes. `FPS_BENCH_RESTING=100000` makes the
//! largest table smaller.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, reason = "a benchmark ends when something fails")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fps_checkout::fps_core::Timestamp;
use fps_checkout::registry::Registry;
use fps_checkout::storage::{Key, Namespace, NewRecord, Storage};
use fps_figures::{Line, Unit};
use fps_tests::PostgresServer;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};

const PURCHASES: usize = 200;
const CLAIMS: usize = 200;
const DUE: i64 = 100_000;

#[tokio::main]
async fn main() -> ExitCode {
    // `cargo test --benches` only wants to know that it runs.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let purchases = if measured { PURCHASES } else { 3 };
    let resting: &[i64] = if measured { &[1_000, 100_000, 1_000_000] } else { &[100, 200] };
    let most = std::env::var("FPS_BENCH_RESTING").ok().and_then(|most| most.parse().ok()).unwrap_or(i64::MAX);

    let folder = tempfile::tempdir().unwrap();
    let server = PostgresServer::start().unwrap();
    let mut within = four_commits_sqlite(folder.path(), purchases).await;
    within &= four_commits_postgres(&server, purchases).await;
    within &= claims_sqlite(folder.path(), resting, most).await;
    within &= claims_postgres(&server, resting, most).await;
    workers_postgres(&server, if measured { 20_000 } else { 100 }).await;
    // A few rounds measure nothing.
    if within || !measured { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn open(url: &str) -> Arc<dyn Storage> {
    Registry::linked().open(url, &Namespace::default()).await.unwrap()
}

/// A document as an order has it after each of the four commits of a purchase: it grows from 1.2 to 2.4 KB.
fn document(order: usize, commit: usize) -> NewRecord {
    let key = Key::new(format!("order/{order:08}")).unwrap();
    let body = vec![b'x'; 1_200 + 400 * commit];
    NewRecord::new(key, "AwaitingBuyer", Some(Timestamp::from_unix_millis(DUE * 2)), body).unwrap()
}

async fn purchase(store: &dyn Storage, order: usize) -> Duration {
    let began = Instant::now();
    store.create(&document(order, 0)).await.unwrap();
    for commit in 1..4 {
        store.update(&document(order, commit), commit as u64).await.unwrap();
    }
    began.elapsed()
}

async fn four_commits_sqlite(folder: &Path, purchases: usize) -> bool {
    let store = open(&format!("sqlite://{}/ours.db", folder.display())).await;
    let options = SqliteConnectOptions::new()
        .filename(folder.join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("CREATE TABLE bare (id TEXT PRIMARY KEY, body BLOB) STRICT")
        .execute(&mut connection)
        .await
        .unwrap();
    let bare = async |connection: &mut SqliteConnection, order| {
        let (record, began) = (document(order, 0), Instant::now());
        let insert =
            sqlx::query("INSERT INTO bare VALUES (?1, ?2)").bind(record.key().as_str()).bind(record.body());
        insert.execute(&mut *connection).await.unwrap();
        for commit in 1..4 {
            let update = sqlx::query("UPDATE bare SET body = ?2 WHERE id = ?1").bind(record.key().as_str());
            update.bind(document(order, commit).body()).execute(&mut *connection).await.unwrap();
        }
        began.elapsed()
    };
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for order in 0..purchases {
        // Each is as often the one that follows the other.
        if order % 2 == 0 {
            ours.push(purchase(&*store, order).await);
            floor.push(bare(&mut connection, order).await);
        } else {
            floor.push(bare(&mut connection, order).await);
            ours.push(purchase(&*store, order).await);
        }
    }
    ratio("commits_sqlite", ours, floor, 125)
}

async fn four_commits_postgres(server: &PostgresServer, purchases: usize) -> bool {
    server.create_database("commits").unwrap();
    let store = open(&server.url("commits")).await;
    let mut connection = PgConnection::connect(&server.url("commits")).await.unwrap();
    sqlx::query("CREATE TABLE bare (id TEXT PRIMARY KEY, body BYTEA)")
        .execute(&mut connection)
        .await
        .unwrap();
    let bare = async |connection: &mut PgConnection, order| {
        let (record, began) = (document(order, 0), Instant::now());
        let insert =
            sqlx::query("INSERT INTO bare VALUES ($1, $2)").bind(record.key().as_str()).bind(record.body());
        insert.execute(&mut *connection).await.unwrap();
        for commit in 1..4 {
            let update = sqlx::query("UPDATE bare SET body = $2 WHERE id = $1").bind(record.key().as_str());
            update.bind(document(order, commit).body()).execute(&mut *connection).await.unwrap();
        }
        began.elapsed()
    };
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for order in 0..purchases {
        // Each is as often the one that follows the other.
        if order % 2 == 0 {
            ours.push(purchase(&*store, order).await);
            floor.push(bare(&mut connection, order).await);
        } else {
            floor.push(bare(&mut connection, order).await);
            ours.push(purchase(&*store, order).await);
        }
    }
    ratio("commits_postgres", ours, floor, 125)
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
