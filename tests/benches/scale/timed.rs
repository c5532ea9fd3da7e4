//! What commits take: in the shop, and on the disk alone.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fps_checkout::async_trait;
use fps_checkout::fps_core::Timestamp;
use fps_checkout::storage::{Key, ListQuery, NewRecord, Page, Record, Storage, StoreError};

/// A store that notes how long each commit took, the wait for its turn included.
#[derive(Debug)]
pub(crate) struct Timed {
    store: Arc<dyn Storage>,
    /// In microseconds.
    took: Mutex<Vec<u32>>,
}

impl Timed {
    pub(crate) fn new(store: Arc<dyn Storage>) -> Self {
        Self { store, took: Mutex::default() }
    }

    /// Those since the last look, one on a line.
    pub(crate) fn told(&self) -> String {
        let took = std::mem::take(&mut *self.took.lock().unwrap());
        took.iter().map(|us| format!("{us}\n")).collect()
    }

    /// What [`told`](Self::told) says, read.
    pub(crate) fn read(told: &str) -> impl Iterator<Item = Duration> {
        told.lines().map(|us| Duration::from_micros(us.parse().unwrap()))
    }

    fn note<T>(&self, began: Instant, done: T) -> T {
        let us = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.took.lock().unwrap().push(us);
        done
    }
}

#[async_trait]
impl Storage for Timed {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        self.note(Instant::now(), self.store.create(record).await)
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.store.load(key).await
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        self.note(Instant::now(), self.store.update(record, expected_version).await)
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        hidden_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.store.claim_due(now, hidden_until, limit).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        self.store.list(query).await
    }
}

/// Writes a page to the disk and syncs it, twenty times a second: what no store can be faster than, at the same time.
pub(crate) struct Probe {
    over: Arc<AtomicBool>,
    probe: JoinHandle<Vec<Duration>>,
}

impl Probe {
    pub(crate) fn start(folder: &Path) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (is_over, mut file) = (Arc::clone(&over), File::create(folder.join("probe")).unwrap());
        let probe = thread::spawn(move || {
            let mut took = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let began = Instant::now();
                file.rewind().unwrap();
                file.write_all(&[0; 4_096]).unwrap();
                file.sync_data().unwrap();
                took.push(began.elapsed());
                thread::sleep(Duration::from_millis(50));
            }
            took
        });
        Self { over, probe }
    }

    /// What each took.
    pub(crate) fn stop(self) -> Vec<Duration> {
        self.over.store(true, Ordering::Relaxed);
        self.probe.join().unwrap()
    }
}
