//! The service, the store, and the shop's processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{ListQuery, Storage};
use fps_checkout::{Shop, State, Token, Version};
use fps_core::{Generation, Timestamp};
use fps_sandbox::ledger::Account;
use fps_sandbox::{Sandbox, SandboxClock, ServiceKey, people};

use super::HOUR;
use super::station::{Station, WanderingClock};
use crate::proof::chance::{Chance, Dice};
use crate::proof::clock::{BEGINNING, PausedClock};
use crate::proof::seam::{Plan, Seam, SeamNotices};
use crate::proof::teeth::Tooth;

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
    pub(super) fn new(version: Version, dice: &mut Dice, buyers: usize, tooth: Option<Tooth>) -> Self {
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
            seam: Seam::by_chance(Chance::new(dice, ONE_IN), tooth),
            store: Arc::clone(&store),
            sandbox: sandbox.clone(),
            notices: Arc::clone(&notices),
            clock: Arc::new(WanderingClock { clock, ahead: AtomicI64::new(0) }),
            up: tokio::sync::Mutex::new(None),
        };
        let stations = (0..STATIONS).map(|_| station(dice.split())).collect();
        Self { version, sandbox, store, clock, stations, over: AtomicBool::new(false) }
    }

    /// That a buyer took a token back is told to the account's own address. Lets that be the shop's.
    pub(super) fn send_all_notices_to(&self, shop: &Shop) {
        let ledger = self.sandbox.ledger();
        let account =
            ledger.account_by_key(people::SHOP_ACCESS_KEY).expect("the shop has an account").clone();
        let account = Account { notice_url: Some(shop.notice_url().to_string()), ..account };
        self.sandbox.set_account(account).expect("a ledger in memory takes an account");
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
        let (orders, tokens) = (self.first_due("order/").await, self.first_due("token/").await);
        orders.into_iter().chain(tokens).min()
    }

    async fn first_due(&self, prefix: &str) -> Option<Timestamp> {
        let query = ListQuery::new(prefix).with_limit(MOST_ORDERS);
        let page = self.store.list(&query).await.expect("a store in memory answers");
        page.records.iter().filter_map(|record| record.due).min()
    }

    /// A process that nothing happens to, to read with.
    pub(super) async fn calm_shop(&self) -> Shop {
        self.stations[0].open(&Seam::new(Plan::new(), None)).await.1
    }

    /// Waits until nothing is due any more, or for a month.
    pub(super) async fn come_to_rest(&self) {
        let shop = self.calm_shop().await;
        for _ in 0..30 * 24 {
            if self.first_due("order/").await.is_none() && self.tokens_are_at_rest(&shop).await {
                return;
            }
            tokio::time::sleep(HOUR).await;
        }
    }

    async fn tokens_are_at_rest(&self, shop: &Shop) -> bool {
        let mut tokens = shop.walk_tokens(None);
        while let Some(token) = tokens.next().await.expect("a store in memory answers") {
            if !waits_for_its_end(&token) && !waits_for_a_person(shop, &token).await {
                return false;
            }
        }
        true
    }
}

/// Whether nothing is due of a token but its own end.
pub(super) fn waits_for_its_end(token: &Token) -> bool {
    token.due().is_none_or(|due| token.ends() == Some(due))
}

/// Whether a token waits for nothing but orders in Review: what was paid with it is not known before a person decides.
async fn waits_for_a_person(shop: &Shop, token: &Token) -> bool {
    for open in token.uses().iter().filter(|one| !one.settled) {
        if !shop.order(&open.order).await.is_ok_and(|order| order.state() == State::Review) {
            return false;
        }
    }
    token.outbox().is_empty() && token.uses().iter().any(|one| !one.settled)
}

/// One of the people whom the service made for this day: e-mail address and password.
pub(super) fn someone(number: usize) -> (String, String) {
    (email(number), format!("buyer{number}"))
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
