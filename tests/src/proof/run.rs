//! One run of a story with a plan of faults.

use std::sync::Arc;
use std::time::Duration;

use fps_checkout::order::Kind;
use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{ListQuery, NewRecord, Record, Storage};
use fps_checkout::{Checkout, CheckoutError, Order, OrderId, RefundId, Shop, State};
use fps_core::checkout::{Charge, Charges};
use fps_core::client::{Clock as _, HttpSend};
use fps_core::url::Url;
use fps_core::{Pairs, PipelineParameters};
use fps_sandbox::{Buyer, Page, Sandbox, SandboxClock, ServiceKey, people};

use super::clock::{BEGINNING, PausedClock};
use super::judge::{Verdict, judge};
use super::seam::{Bookkeeper, Effect, Interruption, Plan, Process, Seam, SeamHttp, SeamStore};
use super::story::{HALF, PART, PRICE, Story};
use super::teeth::Tooth;

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Run {
    /// Every effect, in order: what it was, and of what.
    pub effects: Vec<(Effect, String)>,
    /// What the judge says.
    pub verdict: Verdict,
}

/// Runs a story with that plan of faults, and perhaps with one safety of the shop broken.
///
/// # Panics
///
/// If the world cannot be built.
#[must_use]
pub fn run(story: Story, plan: &Plan, tooth: Option<Tooth>) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread");
    runtime.block_on(async {
        let mut world = World::new(story, plan.clone(), tooth).await;
        world.tell().await;
        let verdict =
            judge(story, &world.sandbox.ledger(), world.order().await.as_ref(), &world.seam.heard());
        Run { effects: world.seam.effects(), verdict }
    })
}

struct World {
    story: Story,
    seam: Arc<Seam>,
    store: Arc<dyn Storage>,
    sandbox: Sandbox,
    clock: PausedClock,
    shop: Shop,
}

/// The task did not come to its end.
struct Interrupted;

impl World {
    async fn new(story: Story, plan: Plan, tooth: Option<Tooth>) -> Self {
        let clock = PausedClock::new();
        let sandbox = Sandbox::builder()
            .clock(SandboxClock::virtual_at(fps_core::Timestamp::from_unix_seconds(BEGINNING)))
            .service_key(ServiceKey::test())
            .build();
        let store: Arc<dyn Storage> = Arc::new(MemoryStore::new());
        // The shop's own short name is made once in its life, not in this story.
        let first = Seam::new(Plan::new(), None);
        open(&first, &store, &sandbox, clock).await;
        let seam = Seam::new(plan, tooth);
        let shop = open(&seam, &store, &sandbox, clock).await;
        Self { story, seam, store, sandbox, clock, shop }
    }

    /// The story: whatever is interrupted is not done again by hand, but for what a person would do again.
    async fn tell(&mut self) {
        let Some(link) = self.begin().await else { return };
        if self.story == Story::Forged {
            self.forge(&link).await;
        }
        let Some(back) = self.walk(&link).await else { return };
        let backup = copy(self.store.as_ref()).await;
        let query = back.query().unwrap_or_default().to_owned();
        let shop = self.shop.clone();
        let _ = self.act(async move { shop.complete(&query).await }).await;
        self.work().await;
        if self.story == Story::Restored {
            self.store = backup;
            self.shop = open(&self.seam, &self.store, &self.sandbox, self.clock).await;
            self.work().await;
        }
        for _ in 0..MOST_CLICKS {
            if self.merchant_is_done().await {
                return;
            }
            self.merchant().await;
            self.work().await;
        }
    }

    /// The buyer clicks until there is a link.
    async fn begin(&mut self) -> Option<Url> {
        for _ in 0..MOST_CLICKS {
            let (shop, song) = (self.shop.clone(), Song { reserve: self.story.reserves() });
            if let Ok(Ok(begun)) = self.act(async move { shop.begin(&song, id()).await }).await {
                return Some(begun.link().clone());
            }
        }
        None
    }

    /// The buyer walks through the pages.
    async fn walk(&self, link: &Url) -> Option<Url> {
        let (email, password, method) = self.story.buyer();
        let mut buyer = Buyer::new(email, password).method(method);
        if self.story == Story::Cancelled {
            buyer = buyer.cancel_at(Page::Confirm);
        }
        self.sandbox.clock().set(self.clock.now());
        buyer.approve(&self.sandbox.http(), link).await.ok()
    }

    /// Somebody comes back with John's address and a cancel that the service never signed.
    async fn forge(&mut self, link: &Url) {
        let pairs = Pairs::decode(link.query().unwrap_or_default()).unwrap_or_default();
        let own: Url =
            pairs.get("returnURL").and_then(|url| url.parse().ok()).expect("a link has a return URL");
        let certificate = self.sandbox.url().join("certs/090911/PKICert.pem").expect("a path");
        let mut query = own.query().unwrap_or_default().to_owned();
        for (name, value) in [
            ("status", "A"),
            ("signature", "Zm9yZ2Vk"),
            ("signatureVersion", "2"),
            ("signatureMethod", "RSA-SHA1"),
            ("certificateUrl", certificate.as_str()),
        ] {
            query.push('&');
            query.push_str(&Pairs::from_iter([(name, value)]).encode());
        }
        let shop = self.shop.clone();
        let _ = self.act(async move { shop.complete(&query).await }).await;
    }

    /// What a merchant does with a finished order, and does again until it is done.
    async fn merchant(&mut self) {
        let shop = self.shop.clone();
        match self.story {
            Story::Settled => drop(self.act(async move { shop.settle(&id(), Some(PART)).await }).await),
            Story::Released => drop(self.act(async move { shop.cancel(&id()).await }).await),
            Story::Refunded => {
                let refund = async |name| {
                    shop.refund(&id(), RefundId::new(name).expect("a plain name"), Some(HALF)).await
                };
                drop(self.act(async { tokio::join!(refund("r1"), refund("r2")) }).await);
            }
            _ => {}
        }
    }

    async fn merchant_is_done(&self) -> bool {
        let Some(order) = self.order().await else { return true };
        match self.story {
            Story::Settled | Story::Released => order.state() != State::Reserved,
            Story::Refunded => {
                order.state() != State::Paid
                    || order.machine().operations().iter().filter(|one| one.kind == Kind::Refund).count() > 1
            }
            _ => true,
        }
    }

    /// The worker, until nothing is due that it can change: from one due time to the next.
    async fn work(&mut self) {
        for _ in 0..MOST_VISITS {
            let Some(order) = self.order().await else { return };
            let waits_for_merchant = order.state() == State::Reserved && order.outbox().is_empty();
            let Some(due) = order.due().filter(|_| !waits_for_merchant) else { return };
            tokio::time::sleep(due.since(self.clock.now())).await;
            let shop = self.shop.clone();
            let visited = self.act(async move { shop.work_once().await }).await;
            if !matches!(visited, Ok(Ok(work)) if work.visited > 0) {
                // Hidden by the claim of a process that is gone.
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
        }
    }

    /// Runs a task until it ends or is interrupted. If the process was killed, a new one begins.
    async fn act<T>(&mut self, task: impl Future<Output = T>) -> Result<T, Interrupted> {
        let ended = tokio::select! {
            biased;
            ended = task => Some(ended),
            () = self.seam.interrupted.notified() => None,
        };
        if self.seam.take_interruption() == Some(Interruption::Killed) {
            self.shop = open(&self.seam, &self.store, &self.sandbox, self.clock).await;
        }
        ended.ok_or(Interrupted)
    }

    async fn order(&self) -> Option<Order> {
        let page = self.store.list(&ListQuery::new("order/")).await.ok()?;
        if page.records.is_empty() {
            return None;
        }
        self.shop.order(&id()).await.ok()
    }
}

/// A copy of all records, each at its first version.
async fn copy(store: &dyn Storage) -> Arc<dyn Storage> {
    let copy = MemoryStore::new();
    for prefix in ["order/", "shop/"] {
        let page = store.list(&ListQuery::new(prefix)).await.expect("a store in memory answers");
        for Record { key, state, due, body, .. } in page.records {
            let record = NewRecord::new(key, state, due, body).expect("it was a record before");
            copy.create(&record).await.expect("the copy is empty");
        }
    }
    Arc::new(copy)
}

/// A process opens the shop.
async fn open(seam: &Arc<Seam>, store: &Arc<dyn Storage>, sandbox: &Sandbox, clock: PausedClock) -> Shop {
    let process = Process { life: seam.next_life(), seam: Arc::clone(seam) };
    let store = Arc::new(SeamStore { process: process.clone(), store: Arc::clone(store) });
    let http: Arc<dyn HttpSend> =
        Arc::new(SeamHttp { process: process.clone(), sandbox: sandbox.clone(), clock });
    Shop::builder()
        .credentials(people::shop_credentials())
        .endpoint(sandbox.endpoint())
        .http(http)
        .clock(Arc::new(clock))
        .storage(store)
        .public_url("https://digitaldownload.example/".parse().expect("the literal is a URL"))
        .handler(Bookkeeper { process })
        .open()
        .await
        .expect("the shop opens")
}

struct Song {
    reserve: bool,
}

impl Checkout for Song {
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, PRICE)?;
        Ok(PipelineParameters::new(charges)?
            .with_payment_reason("Now and Forever")
            .with_reserve(self.reserve))
    }
}

fn id() -> OrderId {
    OrderId::new("1").expect("a plain name")
}

const MOST_CLICKS: usize = 4;
const MOST_VISITS: usize = 400;
