//! A disk that is really full: named, nothing acknowledged is lost, and with room again the shop goes on.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::sync::Arc;

use fps_checkout::registry::Registry;
use fps_checkout::storage::{Key, Namespace, NewRecord, Storage, StoreError};
use fps_tests::SmallDisk;
use storage_redb as _;

#[tokio::test]
async fn sqlite_names_a_full_disk_and_goes_on_when_there_is_room() {
    let name = "sqlite_names_a_full_disk_and_goes_on_when_there_is_room";
    let Some(disk) = SmallDisk::mounted(name, 4, false) else { return };
    let url = format!("sqlite://{}/shop.db", disk.folder().display());
    disk.hold_back();
    let store = open(&url).await;
    let (written, refused) = fill(&store).await;
    assert!(matches!(refused, StoreError::Unavailable { .. }), "{refused:?}");
    assert!(refused.to_string().contains("the disk is full; make room"), "{refused}");
    all_there(&store, written).await;
    disk.make_room();
    store.create(&record(written)).await.unwrap();
    all_there(&store, written + 1).await;
    all_there(&open(&url).await, written + 1).await;
}

#[tokio::test]
async fn redb_names_a_full_disk_and_goes_on_when_it_is_opened_again() {
    let name = "redb_names_a_full_disk_and_goes_on_when_it_is_opened_again";
    let Some(disk) = SmallDisk::mounted(name, 8, false) else { return };
    let url = format!("redb://{}/shop.redb", disk.folder().display());
    disk.hold_back();
    let store = open(&url).await;
    let (written, refused) = fill(&store).await;
    let why = std::error::Error::source(&refused).map(ToString::to_string).unwrap_or_default();
    // Where only the commit failed, its cause has the system's word.
    let named = ["the disk is full; make room", "No space left on device"];
    assert!(named.iter().any(|named| format!("{refused}: {why}").contains(named)), "{refused:?}");
    drop(store);
    disk.make_room();
    let store = open(&url).await;
    all_there(&store, written).await;
    // What was refused is there or not; it was not acknowledged.
    if store.load(record(written).key()).await.unwrap().is_none() {
        store.create(&record(written)).await.unwrap();
    }
    all_there(&store, written + 1).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
#[ignore = "starts PostgreSQL; cargo test -p fps-tests --features postgres --test full_disk -- --include-ignored"]
async fn postgres_names_a_full_disk_and_goes_on_when_there_is_room() {
    use std::os::unix::fs::{MetadataExt, chown};

    let name = "postgres_names_a_full_disk_and_goes_on_when_there_is_room";
    let Some(disk) = SmallDisk::mounted(name, 24, true) else { return };
    let server = fps_tests::PostgresServer::start().unwrap();
    let (tables, owner) = (disk.folder().join("tables"), server.folder().metadata().unwrap());
    std::fs::create_dir(&tables).unwrap();
    chown(&tables, Some(owner.uid()), Some(owner.gid())).unwrap();
    server.sql("postgres", &format!("CREATE TABLESPACE small LOCATION '{}'", tables.display())).unwrap();
    server.sql("postgres", "CREATE DATABASE shop TABLESPACE small").unwrap();
    let store = open(&server.url("shop")).await;
    disk.hold_back();
    let (written, refused) = fill(&store).await;
    assert!(matches!(refused, StoreError::Unavailable { .. }), "{refused:?}");
    assert!(refused.to_string().contains("the server's disk is full; make room there"), "{refused}");
    all_there(&store, written).await;
    disk.make_room();
    store.create(&record(written)).await.unwrap();
    all_there(&store, written + 1).await;
}

async fn open(url: &str) -> Arc<dyn Storage> {
    Registry::linked().open(url, &Namespace::default()).await.unwrap()
}

fn record(number: usize) -> NewRecord {
    // Nothing that a server could pack.
    let mut seed = number as u64 + 1;
    let body = (0..20_000).map(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed.to_be_bytes()[0]
    });
    NewRecord::new(Key::new(format!("order/{number:06}")).unwrap(), "Paid", None, body.collect()).unwrap()
}

/// Writes records until one is refused: how many were acknowledged, and the refusal.
async fn fill(store: &Arc<dyn Storage>) -> (usize, StoreError) {
    for number in 0..5_000 {
        if let Err(refused) = store.create(&record(number)).await {
            assert!(number > 0, "nothing could be written at all: {refused:?}");
            return (number, refused);
        }
    }
    panic!("the disk is not small");
}

async fn all_there(store: &Arc<dyn Storage>, count: usize) {
    for number in 0..count {
        let found = store.load(record(number).key()).await.unwrap();
        assert_eq!(found, Some(record(number).into_record(1)), "{number} of {count}");
    }
}
