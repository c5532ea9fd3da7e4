//! What is SQLite's own; the laws of all stores are in the conformance kit.

use std::path::Path;
use std::time::Duration;

use sqlx::{Connection, Executor, Row};

use sqlx::sqlite::SqliteConnection;

use super::*;

fn url(folder: &Path, options: &str) -> StorageUrl {
    StorageUrl::parse(&format!("sqlite://{}/shop.db{options}", folder.display())).unwrap()
}

async fn store(folder: &Path, options: &str) -> SqliteStore {
    SqliteStore::open(&url(folder, options), &Namespace::default()).await.unwrap()
}

async fn refused(folder: &Path, options: &str) -> OpenError {
    SqliteStore::open(&url(folder, options), &Namespace::default()).await.unwrap_err()
}

fn order(name: &str) -> NewRecord {
    NewRecord::new(Key::new(format!("order/{name}")).unwrap(), "Created", None, vec![7; 100]).unwrap()
}

/// A connection as another program would have it.
async fn stranger(folder: &Path) -> SqliteConnection {
    let file = SqliteConnectOptions::new().filename(folder.join("shop.db")).create_if_missing(true);
    SqliteConnection::connect_with(&file).await.unwrap()
}

#[tokio::test]
async fn a_file_that_is_locked_for_a_while_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), "?busy_timeout_ms=10000").await;
    let mut other = stranger(folder.path()).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let write = tokio::spawn(async move { store.create(&order("1")).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!write.is_finished());
    other.execute("COMMIT").await.unwrap();
    write.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_file_that_stays_locked_makes_writes_unavailable_and_reads_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), "?busy_timeout_ms=100").await;
    store.create(&order("1")).await.unwrap();
    let mut other = stranger(folder.path()).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();

    for failed in [
        store.create(&order("2")).await,
        store.update(&order("1"), 1).await,
        store.claim_due(Timestamp::from_unix_millis(0), Timestamp::from_unix_millis(1), 1).await.map(drop),
    ] {
        let error = failed.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
        assert!(error.to_string().contains("another process holds it locked"), "{error}");
    }
    assert_eq!(store.load(order("1").key()).await.unwrap().unwrap().version, 1);

    let error = refused(folder.path(), "?busy_timeout_ms=100").await;
    assert!(error.to_string().contains("busy_timeout_ms"), "{error}");
    assert!(error.is_retryable());
    other.execute("COMMIT").await.unwrap();
    store.create(&order("2")).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_named_and_nothing_is_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), "").await;
    store.create(&order("1")).await.unwrap();
    store.writer.acquire().await.unwrap().execute("PRAGMA max_page_count = 20").await.unwrap();
    let large = NewRecord::new(order("1").key().clone(), "Paid", None, vec![1; 500_000]).unwrap();
    let error = store.update(&large, 1).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains("the disk is full; make room"), "{error}");
    assert_eq!(store.load(large.key()).await.unwrap(), Some(order("1").into_record(1)));
    store.update(&order("1"), 1).await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(store(folder.path(), "").await);
    let mut other = stranger(folder.path()).await;
    other.execute("UPDATE fps_schema SET version = 99").await.unwrap();
    let error = refused(folder.path(), "").await;
    assert!(matches!(error, OpenError::NewerSchema { found: 99, known: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("upgrade fps-checkout"), "{error}");
    let version = other.fetch_one("SELECT version FROM fps_schema").await.unwrap();
    assert_eq!(version.try_get::<i64, _>(0).unwrap(), 99);
}

#[tokio::test]
async fn what_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.db"), "just a letter to a friend, and long enough to look at")
        .unwrap();
    let text = refused(folder.path(), "").await.to_string();
    assert!(text.contains("not a SQLite database; name another file"), "{text}");
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = refused(&folder.path().join("missing"), "").await.to_string();
    assert!(text.contains("see that its folder exists"), "{text}");
}

#[tokio::test]
async fn sqlite_in_memory_points_to_memory() {
    for text in ["sqlite::memory:", "sqlite://:memory:"] {
        if let Ok(url) = StorageUrl::parse(text) {
            let error = SqliteStore::open(&url, &Namespace::default()).await.unwrap_err();
            assert!(
                std::error::Error::source(&error).unwrap().to_string().contains("write `memory:`"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn unknown_options_list_the_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    let text = refused(folder.path(), "?mode=ro").await.to_string();
    assert!(text.ends_with("`mode`; known are: busy_timeout_ms, readers"), "{text}");
}

#[tokio::test]
async fn due_records_are_found_by_their_index_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), "").await;
    for (statement, index) in [
        (CLAIM_DUE, "fps_records_due (namespace=? AND due<?)"),
        (LIST_STATE, "fps_records_state (namespace=? AND state=? AND key>? AND key<?)"),
        (LIST, "sqlite_autoindex_fps_records_1 (namespace=? AND key>? AND key<?)"),
    ] {
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = sqlx::query(sql).fetch_all(&mut *store.writer().await.unwrap()).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get(3).unwrap()).collect();
        let plan = plan.join("; ");
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[tokio::test]
async fn each_connection_syncs_what_it_commits() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), "").await;
    let row = store.writer.acquire().await.unwrap().fetch_one("PRAGMA synchronous").await.unwrap();
    assert_eq!(row.try_get::<i64, _>(0).unwrap(), 2);
    let row = store.readers.acquire().await.unwrap().fetch_one("PRAGMA journal_mode").await.unwrap();
    assert_eq!(row.try_get::<String, _>(0).unwrap(), "wal");
}

#[tokio::test]
async fn damaged_rows_are_corrupt_and_not_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), "").await;
    let mut other = stranger(folder.path()).await;
    other
        .execute("INSERT INTO fps_records VALUES ('default', 'order', 1, 'x', NULL, NULL, x'')")
        .await
        .unwrap();
    let error = store.list(&ListQuery::new("")).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), "").await;
    store.close().await;
    let text = store.create(&order("1")).await.unwrap_err().to_string();
    assert!(text.contains("it was closed"), "{text}");
}

/// Counts to forty in the state of one record that others count in too.
async fn count_together(store: &SqliteStore) {
    let mut counted = 0;
    while counted < 40 {
        let version = store.load(order("counter").key()).await.unwrap().unwrap().version;
        match store.update(&order("counter"), version).await {
            Ok(()) => counted += 1,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn several_processes_share_a_file() {
    const FOLDER: &str = "FPS_TEST_SHARED_FOLDER";
    let options = "?busy_timeout_ms=30000";
    if let Some(folder) = std::env::var_os(FOLDER) {
        return count_together(&store(Path::new(&folder), options).await).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_, name) = concat!(module_path!(), "::several_processes_share_a_file").split_once("::").unwrap();
    let start = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let created = store(folder.path(), options).await;
    created.create(&order("counter")).await.unwrap();
    let others = [start(), start(), start()];
    count_together(&created).await;
    for mut other in others {
        assert!(tokio::task::spawn_blocking(move || other.wait()).await.unwrap().unwrap().success());
    }
    let counter = created.load(order("counter").key()).await.unwrap().unwrap();
    assert_eq!(counter.version, 1 + 4 * 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_make_the_tables_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut openings = tokio::task::JoinSet::new();
    for number in 0..8 {
        let url = url(folder.path(), "?busy_timeout_ms=30000");
        openings.spawn(async move {
            let store = SqliteStore::open(&url, &Namespace::default()).await.unwrap();
            store.create(&order(&number.to_string())).await.unwrap();
        });
    }
    openings.join_all().await;
    let listed = store(folder.path(), "").await.list(&ListQuery::new("order/")).await.unwrap();
    assert_eq!(listed.records.len(), 8);
}

/// Root may write anything. Runs the test once more as somebody who may not, and answers whether it did.
#[cfg(unix)]
fn ran_without_privileges(folder: &Path, test: &str) -> bool {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65_534;
    if folder.metadata().unwrap().uid() != 0 {
        return false;
    }
    let open_to_all =
        |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    open_to_all(folder);
    // Where the program lies may be closed to others.
    let program = folder.join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    open_to_all(&program);
    let (_, name) = test.split_once("::").unwrap();
    let output = std::process::Command::new(program)
        .args([name, "--exact", "--nocapture"])
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    true
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_or_folder_that_is_read_only_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let test = concat!(module_path!(), "::a_file_or_folder_that_is_read_only_is_named");
    if ran_without_privileges(folder.path(), test) {
        return;
    }
    let allow =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    store(folder.path(), "").await.close().await;
    let file = folder.path().join("shop.db");

    allow(&file, 0o444);
    let text = refused(folder.path(), "").await.to_string();
    assert!(text.contains("the file is read-only; give this process write permission"), "{text}");

    allow(&file, 0o644);
    allow(folder.path(), 0o555);
    let text = refused(folder.path(), "").await.to_string();
    assert!(text.contains("for the file and its folder"), "{text}");

    allow(folder.path(), 0o755);
}
