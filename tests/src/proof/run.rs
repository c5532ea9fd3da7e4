//! One run of a story with a plan of faults.

use std::sync::Arc;
use std::time::Duration;

use fps_checkout::order::Kind;
use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{Key, ListQuery, NewRecord, Record, Storage};
use fps_checkout::{
    Checkout, CheckoutError, Order, OrderId, RefundId, Shop, State, TokenName, TokenTerms, Version,
};
use fps_core::checkout::{Charge, Charges};
use fps_core::client::Clock;
use fps_core::url::Url;
use fps_core::{Generation, PipelineParameters, Timestamp};
use fps_sandbox::notices::{Notice, NoticeState};
use fps_sandbox::{Buyer, Fault, Page, Sandbox, SandboxClock, ServiceKey, people};

use super::clock::{BEGINNING, PausedClock};
use super::judge::{Verdict, judge, judge_token};
use super::mallory;
use super::seam::{Bookkeeper, Effect, Interruption, Plan, Process, Seam, SeamHttp, SeamNotices, SeamStore};
use super::story::{HALF, PART, PRICE, Story, TWICE};
use super::teeth::Tooth;

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Run {
    /// Every effect, in order: what it was, and of what.
    pub effects: Vec<(Effect, String)>,
    /// What the judge says.
    pub verdict: Verdict,
}

/// Runs a story in that version with that plan of faults, and perhaps with one safety of the shop broken.
///
/// # Panics
///
/// If the world cannot be built.
#[must_use]
pub fn run(story: Story, version: Version, plan: &Plan, tooth: Option<Tooth>) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread");
    runtime.block_on(async {
        let mut world = World::new(story, version, plan.clone(), tooth).await;
        world.tell().await;
        Run { effects: world.seam.effects(), verdict: world.verdict().await }
    })
}

struct World {
    story: Story,
    version: Version,
    seam: Arc<Seam>,
    store: Arc<dyn Storage>,
    sandbox: Sandbox,
    notices: Arc<SeamNotices>,
    clock: PausedClock,
    shop: Option<Shop>,
}

/// The task did not come to its end.
struct Interrupted;

impl World {
    async fn new(story: Story, version: Version, plan: Plan, tooth: Option<Tooth>) -> Self {
        let clock = PausedClock::new();
        let notices = Arc::new(SeamNotices::default());
        let sandbox = Sandbox::builder()
            .clock(SandboxClock::virtual_at(fps_core::Timestamp::from_unix_seconds(BEGINNING)))
            .service_key(ServiceKey::test())
            .notices_by(notices.clone())
            .notices_anywhere(true)
            .build();
        let store: Arc<dyn Storage> = Arc::new(MemoryStore::new());
        let first = Seam::new(Plan::new(), None);
        let mut world = Self { story, version, seam: first, store, sandbox, notices, clock, shop: None };
        // The shop's own short name and tokens are made once in its life, not in this story.
        world.open().await;
        if version.generation() == Generation::First {
            world.shop().install_tokens().await.expect("the tokens are installed");
        }
        if story == Story::Retried {
            world.sandbox.faults().on("Pay", 1, Fault::TemporaryDecline);
        }
        world.seam = Seam::new(plan, tooth);
        world.open().await;
        world
    }

    /// The story: whatever is interrupted is not done again by hand, but for what a person would do again.
    async fn tell(&mut self) {
        let Some(link) = self.begin().await else { return };
        if self.story == Story::Forged {
            self.forge(&link).await;
        }
        let Some(back) = self.walk(&link).await else { return };
        let backup = copy(self.store.as_ref()).await;
        if self.story != Story::Lost {
            let query = back.query().unwrap_or_default().to_owned();
            let shop = self.shop();
            let _ = self.act(async move { shop.complete(&query).await }).await;
        }
        if self.story == Story::Impostor {
            let song = Song { reserve: false }.parameters().expect("a song can be paid for");
            mallory::is_paid(&self.sandbox, self.clock, &link, &song).await;
        }
        self.work().await;
        if self.story == Story::Restored {
            self.store = backup;
            self.open().await;
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
            let (shop, song) = (self.shop(), Song { reserve: self.story.reserves() });
            if self.story == Story::Stored {
                let begin = shop.begin_token(&terms(), john()).into_future();
                match self.act(begin).await {
                    Ok(Ok(begun)) => return Some(begun.link().clone()),
                    _ => continue,
                }
            }
            let begin = shop.begin(&song, id());
            let begin = if self.story == Story::Deferred { begin.deferred() } else { begin };
            if let Ok(Ok(begun)) = self.act(async move { begin.await }).await {
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
        let query = mallory::forged_cancel(&self.sandbox, link, self.version);
        let query = self.seam.tooth.map_or(query.clone(), |tooth| tooth.forged(link, query));
        let shop = self.shop();
        let _ = self.act(async move { shop.complete(&query).await }).await;
    }

    /// What a merchant does with a finished order, and does again until it is done.
    async fn merchant(&mut self) {
        let shop = self.shop();
        match self.story {
            Story::Deferred => drop(self.act(async move { shop.charge(&id(), Some(PART)).await }).await),
            Story::Stored => {
                let charge = async |order| {
                    let song = Song { reserve: false };
                    shop.charge_token(&john(), &song, OrderId::new(order).expect("a plain name")).await
                };
                drop(self.act(async { (charge("1").await, charge("2").await) }).await);
            }
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
        if self.story == Story::Stored {
            return self.record("order/1").await.is_some() && self.record("order/2").await.is_some();
        }
        let Some(order) = self.order("1").await else { return true };
        match self.story {
            Story::Deferred => order.state() != State::TokenHeld,
            Story::Settled | Story::Released => order.state() != State::Reserved,
            Story::Refunded => {
                order.state() != State::Paid
                    || order.machine().operations().iter().filter(|one| one.kind == Kind::Refund).count() > 1
            }
            _ => true,
        }
    }

    /// The worker and the service's notices, until nothing is due that they can change: from one due time to the next.
    async fn work(&mut self) {
        for _ in 0..MOST_VISITS {
            self.post().await;
            let due = self.due().await;
            let Some(next) = due.into_iter().chain(self.next_notice()).min() else { return };
            tokio::time::sleep(next.since(self.clock.now())).await;
            if due.is_none_or(|due| due > next) {
                continue;
            }
            let shop = self.shop();
            let visited = self.act(async move { shop.work_once().await }).await;
            if !matches!(visited, Ok(Ok(work)) if work.visited > 0) {
                // Hidden by the claim of a process that is gone.
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
        }
    }

    /// When the worker next has something to do that is not the merchant's.
    async fn due(&self) -> Option<Timestamp> {
        let mut due = None;
        for id in self.story.orders() {
            due = match self.record(&format!("order/{id}")).await {
                Some(record) if !self.waits_for_merchant(&record).await => {
                    due.into_iter().chain(record.due).min()
                }
                _ => due,
            };
        }
        let token = self.shop().token(&john()).await.ok();
        // That it ends in a year is another story.
        let of_token = token.and_then(|token| token.due().filter(|due| Some(*due) != token.ends()));
        due.into_iter().chain(of_token).min()
    }

    async fn waits_for_merchant(&self, record: &Record) -> bool {
        self.story != Story::Lapsed
            && matches!(record.state.as_str(), "Reserved" | "TokenHeld")
            && self.order("1").await.is_some_and(|order| order.outbox().is_empty())
    }

    /// What the judge says of each order, the first one first, and of the token.
    async fn verdict(&self) -> Verdict {
        let (ledger, heard) = (self.sandbox.ledger(), self.seam.heard());
        let of = |name: &str| -> Vec<_> {
            heard.iter().filter(|(effect, _)| effect.starts_with(&format!("{name}-e"))).cloned().collect()
        };
        for id in self.story.orders() {
            let verdict = judge(self.story, &ledger, self.order(id).await.as_ref(), &of(id));
            if verdict != Verdict::Good {
                return verdict;
            }
        }
        match self.story {
            Story::Stored => judge_token(self.shop().token(&john()).await.ok().as_ref(), &of("token/john")),
            _ => Verdict::Good,
        }
    }

    /// The service sends the notices that are due.
    async fn post(&mut self) {
        if self.next_notice().is_some_and(|next| next <= self.clock.now()) {
            self.sandbox.clock().set(self.clock.now());
            let sandbox = self.sandbox.clone();
            let _ = self.act(async move { sandbox.deliver_notices().await }).await;
        }
    }

    fn next_notice(&self) -> Option<Timestamp> {
        let waiting = |notice: Notice| match notice.state {
            NoticeState::Waiting(at) => Some(at),
            _ => None,
        };
        self.story.has_notices().then(|| self.sandbox.notices().into_iter().filter_map(waiting).min())?
    }

    /// Runs a task until it ends or is interrupted. If the process was killed, a new one begins.
    async fn act<T>(&mut self, task: impl Future<Output = T>) -> Result<T, Interrupted> {
        let ended = tokio::select! {
            biased;
            ended = task => Some(ended),
            () = self.seam.interrupted.notified() => None,
        };
        if self.seam.take_interruption() == Some(Interruption::Killed) {
            self.open().await;
        }
        ended.ok_or(Interrupted)
    }

    async fn record(&self, key: &str) -> Option<Record> {
        let key = Key::new(key).expect("a plain key");
        self.store.load(&key).await.ok()?
    }

    async fn order(&self, id: &str) -> Option<Order> {
        self.record(&format!("order/{id}")).await?;
        self.shop().order(&OrderId::new(id).expect("a plain name")).await.ok()
    }

    fn shop(&self) -> Shop {
        self.shop.clone().expect("a world has its shop open")
    }

    /// A process opens the shop.
    async fn open(&mut self) {
        let process = Process { life: self.seam.next_life(), seam: Arc::clone(&self.seam) };
        let store = SeamStore { process: process.clone(), store: Arc::clone(&self.store) };
        let http = SeamHttp {
            process: process.clone(),
            sandbox: self.sandbox.clone(),
            clock: self.clock,
            overtakes: self.story == Story::Overtaken,
        };
        let shop = open_shop(&process, store, http, Arc::new(self.clock), self.version).await;
        self.notices.lead_to(process, shop.clone());
        self.shop = Some(shop);
    }
}

/// A process opens the shop.
pub(super) async fn open_shop(
    process: &Process,
    store: SeamStore,
    http: SeamHttp,
    clock: Arc<dyn Clock>,
    version: Version,
) -> Shop {
    Shop::builder()
        .credentials(people::shop_credentials())
        .endpoint(http.sandbox.endpoint())
        .version(version)
        .http(Arc::new(http))
        .clock(clock)
        .storage(Arc::new(store))
        .public_url("https://digitaldownload.example/".parse().expect("the literal is a URL"))
        .handler(Bookkeeper { process: process.clone() })
        .open()
        .await
        .expect("the shop opens")
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

pub(super) struct Song {
    pub(super) reserve: bool,
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

/// What John allows: two songs, and no third.
fn terms() -> TokenTerms {
    TokenTerms::at_most(TWICE).with_reason("Songs")
}

fn john() -> TokenName {
    TokenName::new("john").expect("a plain name")
}

fn id() -> OrderId {
    OrderId::new("1").expect("a plain name")
}

const MOST_CLICKS: usize = 4;
const MOST_VISITS: usize = 400;
