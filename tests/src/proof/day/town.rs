//! The service, the store, and the shop's processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use fps_checkout::Version;
use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{ListQuery, Storage};
use fps_core::{Generation, Timestamp};
use fps_sandbox::{Buyer, Sandbox, SandboxClock, ServiceKey};

use super::HOUR;
use super::station::{Station, WanderingClock};
use crate::proof::chance::{Chance, Dice};
use crate::proof::clock::{BEGINNING, PausedClock};
use crate::proof::seam::{Seam, SeamNotices};

/// The service, the store, and the shop's processes.
pub(super) struct Town {
    pub(super) version: Version,
    pub(super) sandbox: Sandbox,
    store: Arc<dyn Storage>,
    pub(super) clock: PausedClock,
    pub(super) stations: Vec<Station>,
    pub(super) over: AtomicBool,
}

impl Town {
    pub(super) fn new(version: Version, dice: &mut Dice, buyers: usize) -> Self {
        let clock = PausedClock::new();
        let notices = Arc::new(SeamNotices::default());
        let mut sandbox = Sandbox::builder()
            .clock(SandboxClock::virtual_at(Timestamp::from_unix_seconds(BEGINNING)))
            .service_key(ServiceKey::test())
            .notices_by(notices.clone())
            .notices_anywhere(true);
        for number in 0..buyers {
            sandbox = sandbox.buyer(&email(number));
        }
        let sandbox = sandbox.build();
        if version.generation() == Generation::First {
            for _ in 0..buyers / DECLINED_FOR_NOW {
                let call = 1 + dice.throw(u64::try_from(buyers).unwrap_or(1));
                sandbox.faults().on("Pay", call, fps_sandbox::Fault::TemporaryDecline);
            }
        }
        let store: Arc<dyn Storage> = Arc::new(MemoryStore::new());
        let station = |dice: Dice| Station {
            version,
            seam: Seam::by_chance(Chance::new(dice, ONE_IN)),
            store: Arc::clone(&store),
            sandbox: sandbox.clone(),
            notices: Arc::clone(&notices),
            clock: Arc::new(WanderingClock { clock, ahead: AtomicI64::new(0) }),
            up: tokio::sync::Mutex::new(None),
        };
        let stations = (0..STATIONS).map(|_| station(dice.split())).collect();
        Self { version, sandbox, store, clock, stations, over: AtomicBool::new(false) }
    }

    pub(super) fn is_first(&self) -> bool {
        self.version.generation() == Generation::First
    }

    pub(super) fn station(&self, dice: &mut Dice) -> &Station {
        let at = dice.throw(u64::try_from(self.stations.len()).unwrap_or(1));
        &self.stations[usize::try_from(at).unwrap_or(0)]
    }

    /// When the worker is next needed.
    pub(super) async fn next_due(&self) -> Option<Timestamp> {
        let query = ListQuery::new("order/").with_limit(MOST_ORDERS);
        let page = self.store.list(&query).await.expect("a store in memory answers");
        page.records.iter().filter_map(|record| record.due).min()
    }

    /// Waits until nothing is due any more, or for a month.
    pub(super) async fn come_to_rest(&self) {
        for _ in 0..30 * 24 {
            if self.next_due().await.is_none() {
                return;
            }
            tokio::time::sleep(HOUR).await;
        }
    }
}

/// One of the people that the service made for this day.
pub(super) fn someone(number: usize) -> Buyer {
    let email = email(number);
    let password = email.split('@').next().unwrap_or_default().to_owned();
    Buyer::new(email, password)
}

fn email(number: usize) -> String {
    format!("buyer{number}@example.com")
}

const STATIONS: usize = 4;
/// One effect in so many goes wrong.
const ONE_IN: u64 = 15;
/// One call of Pay in so many is declined for now.
const DECLINED_FOR_NOW: usize = 10;
const MOST_ORDERS: usize = 1000;
