//! A shop's day in one version, by one seed: many buyers, several processes of the shop, and everything that goes wrong between them.
//!
//! Four processes share one store: buyers come to all of them, and two of them work. Each is killed and restarted, cut off
//! from the service, and its clock jumps. Calls, notices, writes and handlers go wrong as in the proof, by chance. Mallory
//! forges returns, and has genuine notices of payments of her own sent to us. The service declines some payments for now, where
//! the version has that. Buyers click twice, leave, come back twice or
//! never; the merchant settles, releases, charges later and refunds, and does it again until it is done.
//!
//! At the end the service's ledger is compared with each order and with all of them together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{ListQuery, Storage};
use fps_checkout::{
    Amount, Checkout as _, Completed, Order, OrderId, RefundId, Shop, State, Version, async_trait,
};
use fps_core::checkout::PaymentMethod;
use fps_core::client::Clock;
use fps_core::url::Url;
use fps_core::{Generation, Timestamp};
use fps_sandbox::ledger::{Status, Transaction};
use fps_sandbox::notices::NoticeState;
use fps_sandbox::{Buyer, Ledger, Page, Sandbox, SandboxClock, ServiceKey, people};

use super::chance::{Chance, Dice};
use super::clock::{BEGINNING, PausedClock};
use super::judge::{REFUSED_UNHEARD, is_left_to_a_person, is_of};
use super::mallory;
use super::run::{Song, open_shop};
use super::seam::{Fault, Plan, Process, Seam, SeamHttp, SeamNotices, SeamStore};
use super::story::{HALF, PART};

/// What came of a day.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// How many buyers there were.
    pub buyers: usize,
    /// How many faults of each kind struck.
    pub faults: BTreeMap<Fault, usize>,
    /// How often a process was killed and began again.
    pub restarts: u32,
    /// How many orders ended in each state.
    pub ends: BTreeMap<State, usize>,
    /// How many orders a person has to decide, by the named case.
    pub reviews: BTreeMap<&'static str, usize>,
    /// What is wrong, order by order.
    pub violations: Vec<String>,
}

/// Lives through a day of that seed in that version, with so many buyers.
///
/// # Panics
///
/// If the world cannot be built.
#[must_use]
pub fn simulate(version: Version, seed: u64, buyers: usize) -> Day {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread");
    runtime.block_on(live(version, seed, buyers))
}

async fn live(version: Version, seed: u64, buyers: usize) -> Day {
    let mut dice = Dice::new(seed);
    let town = Arc::new(Town::new(version, &mut dice, buyers));
    // The shop's own short name and tokens are made once in its life, on a calm day.
    let (_, shop) = town.stations[0].open(&Seam::new(Plan::new(), None)).await;
    if town.is_first() {
        shop.install_tokens().await.expect("the tokens are installed");
    }
    let work = [
        tokio::spawn(worker(Arc::clone(&town), 0)),
        tokio::spawn(worker(Arc::clone(&town), 1)),
        tokio::spawn(post(Arc::clone(&town))),
        tokio::spawn(jump(Arc::clone(&town), dice.split())),
    ];
    let shopping: Vec<_> =
        (0..buyers).map(|number| tokio::spawn(Visit::new(&town, number, dice.split()).go())).collect();
    let mut visits = Vec::new();
    for visit in shopping {
        visits.push(visit.await.expect("a buyer does not panic"));
    }
    town.come_to_rest().await;
    town.over.store(true, Ordering::Relaxed);
    let mut day = town.judge(&visits).await;
    for task in work {
        task.abort();
        if task.await.is_err_and(|end| end.is_panic()) {
            day.violations.push("a worker panicked".to_owned());
        }
    }
    day
}

/// The service, the store, and the shop's processes.
struct Town {
    version: Version,
    sandbox: Sandbox,
    store: Arc<dyn Storage>,
    clock: PausedClock,
    stations: Vec<Station>,
    over: AtomicBool,
}

impl Town {
    fn new(version: Version, dice: &mut Dice, buyers: usize) -> Self {
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

    fn is_first(&self) -> bool {
        self.version.generation() == Generation::First
    }

    fn station(&self, dice: &mut Dice) -> &Station {
        let at = dice.throw(u64::try_from(self.stations.len()).unwrap_or(1));
        &self.stations[usize::try_from(at).unwrap_or(0)]
    }

    /// When the worker is next needed.
    async fn next_due(&self) -> Option<Timestamp> {
        let query = ListQuery::new("order/").with_limit(MOST_ORDERS);
        let page = self.store.list(&query).await.expect("a store in memory answers");
        page.records.iter().filter_map(|record| record.due).min()
    }

    /// Waits until nothing is due any more, or for a month.
    async fn come_to_rest(&self) {
        for _ in 0..30 * 24 {
            if self.next_due().await.is_none() {
                return;
            }
            tokio::time::sleep(HOUR).await;
        }
    }

    async fn judge(&self, visits: &[Visit]) -> Day {
        self.sandbox.clock().set(self.clock.now());
        let ledger = self.sandbox.ledger();
        let heard: Vec<_> = self.stations.iter().flat_map(|station| station.seam.heard()).collect();
        let mut day = Day {
            buyers: visits.len(),
            restarts: self.stations.iter().map(|station| station.seam.life() / 2).sum(),
            ..Day::default()
        };
        for (fault, times) in self.stations.iter().flat_map(|station| station.seam.struck()) {
            *day.faults.entry(fault).or_default() += times;
        }
        if ledger.sum() != 0 {
            day.violations.push(format!("the ledger's sum is {}", ledger.sum()));
        }
        // A calm process, to read with.
        let calm = Seam::new(Plan::new(), None);
        let (_, shop) = self.stations[0].open(&calm).await;
        let mut paid = Amount::ZERO;
        for visit in visits {
            let Ok(order) = shop.order(&visit.id).await else {
                day.violations.push(format!("order {} is not there", visit.id));
                continue;
            };
            *day.ends.entry(order.state()).or_default() += 1;
            paid = plus(paid, order.machine().paid());
            match judge(visit, &order, &ledger, &heard) {
                Ok(None) => {}
                Ok(Some(case)) => *day.reviews.entry(case).or_default() += 1,
                Err(what) => {
                    let (wish, machine) = (visit.wish, order.machine());
                    day.violations.push(format!("order {} ({wish:?}): {what}: {machine:?}", visit.id));
                }
            }
        }
        let moved = of_the_shop(&ledger).filter(|one| one.operation.is_charge()).map(|one| one.amount);
        let moved = moved.fold(Amount::ZERO, plus);
        if moved != paid {
            day.violations.push(format!("the orders say {paid}, the ledger says {moved}"));
        }
        day
    }
}

/// One order against the ledger: the named case, if a person has to decide it.
fn judge(
    visit: &Visit,
    order: &Order,
    ledger: &Ledger,
    heard: &[(String, &'static str)],
) -> Result<Option<&'static str>, String> {
    let references: BTreeSet<_> = order.attempts().iter().map(|attempt| attempt.reference.as_str()).collect();
    let ours = |one: &&Transaction| {
        let reference = one.caller_reference.as_str();
        references.iter().any(|own| reference.strip_prefix(own).is_some_and(|rest| rest.starts_with('-')))
    };
    let (charges, refunds): (Vec<_>, Vec<_>) =
        of_the_shop(ledger).filter(ours).partition(|one| one.operation.is_charge());
    let moved = charges.iter().map(|one| one.amount).fold(Amount::ZERO, plus);
    let back = refunds.iter().map(|one| one.amount).fold(Amount::ZERO, plus);
    if charges.len() > 1 || moved > order.total() {
        return Err(format!("{moved} moved in {} charges", charges.len()));
    }
    if moved != order.machine().paid() {
        return Err(format!("{moved} moved, and the order is {}", order.state()));
    }
    if back != order.machine().refunded() || back > moved {
        return Err(format!("{back} went back, and the order says {}", order.machine().refunded()));
    }
    let ends = visit.may_end();
    if !ends.contains(&order.state()) {
        return Err(format!("the order is {}, expected one of {ends:?}", order.state()));
    }
    if is_left_to_a_person(order, heard) {
        return Ok(Some(REFUSED_UNHEARD));
    }
    if !order.is_at_rest() || order.due().is_some() {
        return Err(format!("the order waits for ever: {:?}", order.outbox()));
    }
    if !order.machine().alarms().is_empty() {
        return Err("it has alarms".to_owned());
    }
    if order.replay().as_ref() != Ok(order.machine()) {
        return Err("the journal replays to something else".to_owned());
    }
    let news: BTreeSet<_> = heard.iter().filter(|(effect, _)| is_of(effect, order)).collect();
    let told = |name: &str| news.iter().filter(|(_, news)| *news == name).count();
    if told("Paid") != usize::from(order.state() == State::Paid) {
        return Err(format!("the handlers heard {news:?}"));
    }
    Ok(None)
}

/// A process of the shop, whichever life it is in.
struct Station {
    version: Version,
    seam: Arc<Seam>,
    store: Arc<dyn Storage>,
    sandbox: Sandbox,
    notices: Arc<SeamNotices>,
    clock: Arc<WanderingClock>,
    up: tokio::sync::Mutex<Option<(u32, Shop)>>,
}

impl Station {
    /// Runs a task in the process: until it ends, or the process is killed, or the task is given up.
    async fn act<T, F: Future<Output = T>>(&self, task: impl FnOnce(Shop) -> F) -> Option<T> {
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

    async fn open(&self, seam: &Arc<Seam>) -> (Process, Shop) {
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
struct WanderingClock {
    clock: PausedClock,
    ahead: AtomicI64,
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

/// Works whenever something is due.
async fn worker(town: Arc<Town>, at: usize) {
    while !town.over.load(Ordering::Relaxed) {
        let _ = town.stations[at].act(|shop| async move { shop.work_once().await }).await;
        let now = town.clock.now();
        let pause = town.next_due().await.map_or(HOUR, |due| due.since(now));
        tokio::time::sleep(pause.clamp(MOMENT, HOUR)).await;
    }
}

/// The service sends its notices.
async fn post(town: Arc<Town>) {
    while !town.over.load(Ordering::Relaxed) {
        town.sandbox.clock().set(town.clock.now());
        town.sandbox.deliver_notices().await;
        let waiting = town.sandbox.notices().into_iter().filter_map(|notice| match notice.state {
            NoticeState::Waiting(at) => Some(at),
            _ => None,
        });
        let pause = waiting.min().map_or(HOUR, |at| at.since(town.clock.now()));
        tokio::time::sleep(pause.clamp(MOMENT, 60 * MOMENT)).await;
    }
}

/// Somebody sets the clocks.
async fn jump(town: Arc<Town>, mut dice: Dice) {
    while !town.over.load(Ordering::Relaxed) {
        let ahead = i64::try_from(dice.throw(481)).unwrap_or(0) - 240;
        town.station(&mut dice).clock.ahead.store(ahead, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(600 + dice.throw(3600))).await;
    }
}

/// What a buyer wants, and what the merchant makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Balance,
    Card,
    Bank,
    Settled,
    Released,
    Deferred,
    Refunded,
    Leaves,
    ComesAgain,
    Broke,
    Declined,
}

impl Wish {
    const ALL: [Self; 11] = [
        Self::Balance,
        Self::Card,
        Self::Bank,
        Self::Settled,
        Self::Released,
        Self::Deferred,
        Self::Refunded,
        Self::Leaves,
        Self::ComesAgain,
        Self::Broke,
        Self::Declined,
    ];

    const fn reserves(self) -> bool {
        matches!(self, Self::Settled | Self::Released)
    }

    const fn method(self) -> PaymentMethod {
        match self {
            Self::Card | Self::Settled | Self::Released | Self::Declined => PaymentMethod::Cc,
            Self::Bank => PaymentMethod::Ach,
            _ => PaymentMethod::Abt,
        }
    }
}

/// One buyer's order.
struct Visit {
    town: Arc<Town>,
    dice: Dice,
    number: usize,
    id: OrderId,
    wish: Wish,
    /// Whether the buyer confirmed on the last page.
    approved: bool,
}

impl Visit {
    fn new(town: &Arc<Town>, number: usize, mut dice: Dice) -> Self {
        let id = OrderId::new(format!("order-{number}")).expect("a plain name");
        let wish = dice.pick(&Wish::ALL);
        Self { town: Arc::clone(town), dice, number, id, wish, approved: false }
    }

    async fn go(mut self) -> Self {
        self.pause(3600).await;
        self.buy(self.wish == Wish::Leaves || self.wish == Wish::ComesAgain).await;
        if self.wish == Wish::ComesAgain {
            self.pause(3600).await;
            self.buy(false).await;
        }
        self.merchant().await;
        self
    }

    /// Where the order may end.
    fn may_end(&self) -> &'static [State] {
        match self.wish {
            // Its return may never have come.
            Wish::Leaves => &[State::Abandoned, State::Expired],
            _ if !self.approved => &[State::Abandoned, State::Expired, State::AwaitingBuyer],
            Wish::Broke => &[State::Declined, State::Review],
            Wish::Declined => &[State::Declined],
            Wish::Released => &[State::Cancelled],
            _ => &[State::Paid],
        }
    }

    async fn buy(&mut self, leaves: bool) {
        let Some(link) = self.begin().await else { return };
        if self.dice.hits(6) {
            let query = mallory::forged_cancel(&self.town.sandbox, &link, self.town.version);
            self.come_back(query).await;
        }
        self.pause(600).await;
        let Some(back) = self.walk(&link, leaves).await else { return };
        self.approved |= back.query_pairs().any(|(name, _)| name == "tokenID");
        if self.dice.hits(8) {
            let song = Song { reserve: self.wish.reserves() }.parameters().expect("a song can be paid for");
            mallory::is_paid(&self.town.sandbox, self.town.clock, &link, &song).await;
        }
        let query = back.query().unwrap_or_default().to_owned();
        match self.dice.throw(5) {
            0 => {}
            1 => {
                self.pause(120).await;
                self.come_back(query.clone()).await;
                self.come_back(query).await;
            }
            _ => {
                self.pause(120).await;
                self.come_back(query).await;
            }
        }
    }

    /// Clicks until there is a link, sometimes at two processes at once.
    async fn begin(&mut self) -> Option<Url> {
        for _ in 0..MOST_CLICKS {
            let (town, id, wish) = (Arc::clone(&self.town), self.id.clone(), self.wish);
            let click = |shop: Shop| {
                let id = id.clone();
                async move {
                    let begin = shop.begin(&Song { reserve: wish.reserves() }, id);
                    let begin = if wish == Wish::Deferred { begin.deferred() } else { begin };
                    begin.await.ok().map(|begun| begun.link().clone())
                }
            };
            let link = if self.dice.hits(4) {
                let (one, two) = (town.station(&mut self.dice), town.station(&mut self.dice));
                let (one, two) = tokio::join!(one.act(click), two.act(click));
                one.flatten().or(two.flatten())
            } else {
                town.station(&mut self.dice).act(click).await.flatten()
            };
            if link.is_some() {
                return link;
            }
            self.pause(30).await;
        }
        None
    }

    async fn walk(&self, link: &Url, leaves: bool) -> Option<Url> {
        let mut buyer = match self.wish {
            Wish::Broke => Buyer::new(people::NINA, "nina"),
            Wish::Declined => Buyer::new(people::DORA, "dora"),
            _ => {
                let email = email(self.number);
                let password = email.split('@').next().unwrap_or_default().to_owned();
                Buyer::new(&email, &password)
            }
        };
        buyer = buyer.method(self.wish.method());
        if leaves {
            buyer = buyer.cancel_at(Page::Confirm);
        }
        self.town.sandbox.clock().set(self.town.clock.now());
        buyer.approve(&self.town.sandbox.http(), link).await.ok()
    }

    /// Comes back, sometimes in two tabs at two processes. A page that says "we are checking" is left alone.
    async fn come_back(&mut self, query: String) {
        let town = Arc::clone(&self.town);
        let come = |shop: Shop| {
            let query = query.clone();
            async move { shop.complete(&query).await.map(|completed: Completed| drop(completed)) }
        };
        if self.dice.hits(4) {
            let (one, two) = (town.station(&mut self.dice), town.station(&mut self.dice));
            let _ = tokio::join!(one.act(come), two.act(come));
        } else {
            let _ = town.station(&mut self.dice).act(come).await;
        }
    }

    /// The merchant looks at the order every few minutes, and does what is to be done until it is done.
    async fn merchant(&mut self) {
        if !matches!(self.wish, Wish::Settled | Wish::Released | Wish::Deferred | Wish::Refunded) {
            return;
        }
        let town = Arc::clone(&self.town);
        for _ in 0..MOST_LOOKS {
            self.pause(1200).await;
            let (id, wish) = (self.id.clone(), self.wish);
            let station = town.station(&mut self.dice);
            let look = id.clone();
            let Some(Ok(order)) = station.act(|shop| async move { shop.order(&look).await }).await else {
                continue;
            };
            let refunds = order.machine().refunded() > Amount::ZERO;
            match (wish, order.state()) {
                (Wish::Settled, State::Reserved) => {
                    let _ = station.act(|shop| async move { shop.settle(&id, Some(PART)).await }).await;
                }
                // A reservation of the first version cannot be cancelled: it lapses.
                (Wish::Released, State::Reserved) if town.is_first() => return,
                (Wish::Released, State::Reserved) => {
                    let _ = station.act(|shop| async move { shop.cancel(&id).await }).await;
                }
                (Wish::Deferred, State::TokenHeld) => {
                    let _ = station.act(|shop| async move { shop.charge(&id, Some(PART)).await }).await;
                }
                (Wish::Refunded, State::Paid) if !refunds => {
                    let refund = |shop: Shop| {
                        let id = id.clone();
                        async move {
                            let name = RefundId::new("sorry").expect("a plain name");
                            shop.refund(&id, name, Some(HALF)).await
                        }
                    };
                    let _ = tokio::join!(station.act(refund), town.station(&mut self.dice).act(refund));
                }
                (Wish::Refunded, State::Paid)
                | (_, State::Paid | State::Cancelled | State::Declined | State::Review) => return,
                (_, State::Abandoned | State::Expired) if !self.approved => return,
                _ => {}
            }
        }
    }

    async fn pause(&mut self, at_most: u64) {
        tokio::time::sleep(Duration::from_secs(self.dice.throw(at_most))).await;
    }
}

fn email(number: usize) -> String {
    format!("buyer{number}@example.com")
}

/// What ended well and was asked for by the shop.
fn of_the_shop(ledger: &Ledger) -> impl Iterator<Item = &Transaction> {
    ledger.transactions().filter(|one| one.status == Status::Success && one.caller.as_str() == "SHOP")
}

fn plus(one: Amount, other: Amount) -> Amount {
    one.checked_add(other).unwrap_or(one)
}

const STATIONS: usize = 4;
/// One effect in so many goes wrong.
const ONE_IN: u64 = 15;
/// One call of Pay in so many is declined for now.
const DECLINED_FOR_NOW: usize = 10;
const MOST_CLICKS: usize = 50;
const MOST_LOOKS: usize = 60;
const MOST_ORDERS: usize = 1000;
const GIVE_UP_AFTER: Duration = Duration::from_secs(300);
const MOMENT: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3600);
