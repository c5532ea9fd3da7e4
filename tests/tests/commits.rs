//! A purchase is at most four commits: the order, the plan of the charge with the right to send it, its answer, and what the
//! handlers heard.

#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fps_checkout::State;
use fps_checkout::fps_core::Timestamp;
use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{Key, ListQuery, NewRecord, Page, Record, Storage, StoreError};
use fps_checkout::{Version, async_trait};
use fps_tests::{VERSIONS, World};

#[tokio::test]
async fn a_purchase_is_four_commits() {
    for version in VERSIONS {
        assert_eq!(commits_of_a_purchase(version).await, 4, "in {version}");
    }
}

/// From the first click to the page that says thank you, without notices.
async fn commits_of_a_purchase(version: Version) -> usize {
    let store = Arc::new(Counting::default());
    let world = World::with_storage(version, store.clone()).await;
    // Opening the shop commits its short name and its tokens, once in its life.
    let before = store.commits.load(Ordering::SeqCst);
    let begun = world.begin().await;
    let back = world.john_pays(begun.link()).await;
    let completed = world.come_back(&back).await.unwrap();
    let order = completed.order().unwrap();
    assert_eq!(order.state(), State::Paid);
    world.assert_paid_once(order.id()).await;
    let commits = store.commits.load(Ordering::SeqCst) - before;
    let visited = world.shop.work_once().await.unwrap().visited;
    assert_eq!(visited, 0, "the worker still has something to do in {version}");
    commits
}

/// A store that counts what it commits.
#[derive(Debug, Default)]
struct Counting {
    store: MemoryStore,
    commits: AtomicUsize,
}

impl Counting {
    fn count(&self, written: Result<(), StoreError>) -> Result<(), StoreError> {
        self.commits.fetch_add(usize::from(written.is_ok()), Ordering::SeqCst);
        written
    }
}

#[async_trait]
impl Storage for Counting {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        self.count(self.store.create(record).await)
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.store.load(key).await
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        self.count(self.store.update(record, expected_version).await)
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
