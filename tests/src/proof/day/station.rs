//! A process of the shop, whichever life it is in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use fps_checkout::storage::Storage;
use fps_checkout::{Shop, Version, async_trait};
use fps_core::Timestamp;
use fps_core::client::Clock;
use fps_sandbox::Sandbox;

use crate::proof::clock::PausedClock;
use crate::proof::run::open_shop;
use crate::proof::seam::{Process, Seam, SeamHttp, SeamNotices, SeamStore};

/// A process of the shop, whichever life it is in.
pub(super) struct Station {
    pub(super) version: Version,
    pub(super) seam: Arc<Seam>,
    pub(super) store: Arc<dyn Storage>,
    pub(super) sandbox: Sandbox,
    pub(super) notices: Arc<SeamNotices>,
    pub(super) clock: Arc<WanderingClock>,
    pub(super) up: tokio::sync::Mutex<Option<(u32, Shop)>>,
}

impl Station {
    /// Runs a task in the process: until it ends, or the process is killed, or the task is given up.
    pub(super) async fn act<T, F: Future<Output = T>>(&self, task: impl FnOnce(Shop) -> F) -> Option<T> {
        let (life, shop) = self.up().await;
        let mut killed = std::pin::pin!(self.seam.killed.notified());
        killed.as_mut().enable();
        if self.seam.life() != life {
            return None;
        }
        tokio::select! {
            biased;
            ended = task(shop) => Some(ended),
            () = killed => None,
            () = tokio::time::sleep(GIVE_UP_AFTER) => None,
        }
    }

    /// The process as it is up now; one that was killed begins again.
    async fn up(&self) -> (u32, Shop) {
        let mut up = self.up.lock().await;
        match &*up {
            Some((life, shop)) if *life == self.seam.life() => (*life, shop.clone()),
            _ => {
                let (process, shop) = self.open(&self.seam).await;
                self.notices.lead_to(process.clone(), shop.clone());
                *up = Some((process.life, shop.clone()));
                (process.life, shop)
            }
        }
    }

    pub(super) async fn open(&self, seam: &Arc<Seam>) -> (Process, Shop) {
        let process = Process { life: seam.next_life(), seam: Arc::clone(seam) };
        let store = SeamStore { process: process.clone(), store: Arc::clone(&self.store) };
        let http = SeamHttp {
            process: process.clone(),
            sandbox: self.sandbox.clone(),
            clock: self.clock.clock,
            overtakes: false,
        };
        let shop = open_shop(&process, store, http, self.clock.clone(), self.version).await;
        (process, shop)
    }
}

/// A process's clock: up to four minutes wrong, and it jumps. (The service takes requests that are up to 15 minutes off.)
#[derive(Debug)]
pub(super) struct WanderingClock {
    pub(super) clock: PausedClock,
    pub(super) ahead: AtomicI64,
}

#[async_trait]
impl Clock for WanderingClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead.load(Ordering::Relaxed);
        Timestamp::from_unix_millis(self.clock.now().unix_millis() + ahead * 1000)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

const GIVE_UP_AFTER: Duration = Duration::from_secs(300);
