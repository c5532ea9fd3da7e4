//! The store is locked by somebody else for a while, just when it matters.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use fps_checkout::fps_core::client::{HttpSend, SendError};
use fps_checkout::fps_core::http::{Request, Response};
use fps_checkout::storage::sqlite::SqliteStore;
use fps_checkout::storage::{Namespace, Storage, StorageUrl};
use fps_checkout::{Error, State};
use fps_sandbox::Sandbox;
use fps_tests::{VERSIONS, World};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::Mutex;

#[tokio::test]
async fn locked_when_the_buyer_comes_back_it_is_an_error_and_nothing_is_half_written() {
    for version in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let world = World::with_storage(version, store(&file).await).await;
        let begun = world.begin().await;
        let back = world.john_pays(begun.link()).await;
        let before = world.order(begun.order().id()).await;

        let lock = Lock::take(&file).await;
        let refused = world.come_back(&back).await;
        assert!(matches!(refused, Err(Error::Storage(_))), "{refused:?}");
        assert_eq!(world.sandbox.faults().calls("Pay"), 0, "sent before it was committed");
        lock.release().await;

        assert_eq!(world.order(begun.order().id()).await, before);
        world.work_to_the_end().await;
        world.assert_paid_once(begun.order().id()).await;
    }
}

#[tokio::test]
async fn locked_between_pay_and_its_answer_the_worker_finishes_the_order() {
    for version in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let lock = Arc::new(Mutex::new(None));
        let (path, held) = (file.clone(), Arc::clone(&lock));
        let world = World::with(version, store(&file).await, |sandbox| {
            Arc::new(LocksOnPay { sandbox: sandbox.clone(), file: path.into(), lock: held })
        })
        .await;
        let begun = world.begin().await;
        let back = world.john_pays(begun.link()).await;

        let refused = world.come_back(&back).await;
        assert!(matches!(refused, Err(Error::Storage(_))), "{refused:?}");
        let lock = lock.lock().await.take().expect("Pay was sent");
        assert_eq!(world.order(begun.order().id()).await.state(), State::Charging);
        lock.release().await;

        world.work_to_the_end().await;
        world.assert_paid_once(begun.order().id()).await;
        assert!(world.sandbox.faults().calls("Pay") > 1, "how else would the shop know?");
    }
}

/// A store that waits for a lock a tenth of a second only.
async fn store(file: &Path) -> Arc<dyn Storage> {
    let url = StorageUrl::parse(&format!("sqlite://{}?busy_timeout_ms=100", file.display())).unwrap();
    Arc::new(SqliteStore::open(&url, &Namespace::default()).await.unwrap())
}

/// The write lock of the file, taken by another connection.
#[derive(Debug)]
struct Lock(SqliteConnection);

impl Lock {
    async fn take(file: &Path) -> Self {
        let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
        Self(connection)
    }

    async fn release(mut self) {
        sqlx::query("ROLLBACK").execute(&mut self.0).await.unwrap();
        self.0.close().await.unwrap();
    }
}

/// Takes the lock as soon as the service has answered the first Pay.
#[derive(Debug)]
struct LocksOnPay {
    sandbox: Sandbox,
    file: Box<Path>,
    lock: Arc<Mutex<Option<Lock>>>,
}

#[async_trait]
impl HttpSend for LocksOnPay {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SendError> {
        let answer = self.sandbox.send(request).await;
        if self.sandbox.faults().calls("Pay") == 1 {
            let mut lock = self.lock.lock().await;
            if lock.is_none() {
                *lock = Some(Lock::take(&self.file).await);
            }
        }
        answer
    }
}
