//! DigitalDownload and the payment service in one process, without a port, on one clock.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fps_checkout::fps_core::checkout::PaymentMethod;
use fps_checkout::fps_core::client::{Clock, HttpSend};
use fps_checkout::fps_core::url::Url;
use fps_checkout::fps_core::{Generation, Timestamp};
use fps_checkout::shop::Begun;
use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{ListQuery, NewRecord, Record, Storage};
use fps_checkout::{
    Amount, Checkout, Completed, HandlerError, Happened, Order, OrderId, ReturnHandler, Shop, State, Version,
    async_trait,
};
use fps_sandbox::{Buyer, Page, Sandbox, SandboxBuilder, SandboxClock, people};

use crate::{cancel_on, john_pays, pays};

/// What John buys.
#[derive(Clone, Debug, Checkout)]
#[checkout(payment_reason = "{title} - {artist}", payment_methods(ABT, ACH, CC))]
pub struct Song {
    /// Its title.
    pub title: &'static str,
    /// Who sings it.
    pub artist: &'static str,
    /// What it costs.
    #[checkout(item_total)]
    pub price: Amount,
}

/// "Now and Forever - Richard Marx" for $0.10.
pub const NOW_AND_FOREVER: Song =
    Song { title: "Now and Forever", artist: "Richard Marx", price: Amount::usd("0.10") };

/// A version of each generation: what a story is told in.
pub const VERSIONS: [Version; 2] = [Version::V2010_08_28, Version::V2007_01_08];

/// A shop, its service, and what its handler was told. A test that fails says in which version.
#[derive(Debug)]
pub struct World {
    /// The version of new orders.
    pub version: Version,
    /// The service.
    pub sandbox: Sandbox,
    /// The shop.
    pub shop: Shop,
    /// What the shop's handler heard.
    pub told: Told,
    store: Arc<dyn Storage>,
    http: Arc<dyn HttpSend>,
    orders: AtomicU32,
}

impl World {
    /// A shop that keeps its orders in memory and begins them in the last version.
    pub async fn new() -> Self {
        Self::of(Version::default()).await
    }

    /// A shop that keeps its orders in memory and begins them in this version.
    pub async fn of(version: Version) -> Self {
        Self::with_storage(version, Arc::new(MemoryStore::new())).await
    }

    /// A shop that keeps its orders in this store.
    pub async fn with_storage(version: Version, store: Arc<dyn Storage>) -> Self {
        Self::with(version, store, Sandbox::http).await
    }

    /// A shop that keeps its orders in this store and reaches the service by this way.
    ///
    /// # Panics
    ///
    /// If the shop does not open, or cannot install its tokens.
    pub async fn with(
        version: Version,
        store: Arc<dyn Storage>,
        http: impl FnOnce(&Sandbox) -> Arc<dyn HttpSend>,
    ) -> Self {
        let sandbox = at_noon().build();
        let http = http(&sandbox);
        Self::of_sandbox(version, sandbox, store, http).await
    }

    /// A shop that keeps its orders in memory, and whose service sends its notices by this way.
    pub async fn with_notices(notices: Arc<dyn HttpSend>) -> Self {
        let sandbox = at_noon().notices_by(notices).notices_anywhere(true).build();
        let http = sandbox.http();
        Self::of_sandbox(Version::default(), sandbox, Arc::new(MemoryStore::new()), http).await
    }

    async fn of_sandbox(
        version: Version,
        sandbox: Sandbox,
        store: Arc<dyn Storage>,
        http: Arc<dyn HttpSend>,
    ) -> Self {
        let told = Told::default();
        let shop = open(version, &sandbox, &store, &http, &told).await;
        Self { version, sandbox, shop, told, store, http, orders: AtomicU32::new(0) }
    }

    /// The shop as another process opens it, on the same store: new orders begin in that version.
    pub async fn shop_in(&self, version: Version) -> Shop {
        open(version, &self.sandbox, &self.store, &self.http, &self.told).await
    }

    /// The shop as another process opens it, on another store.
    pub async fn shop_on(&self, version: Version, store: Arc<dyn Storage>) -> Shop {
        open(version, &self.sandbox, &store, &self.http, &self.told).await
    }

    /// A copy of the store as it is now.
    ///
    /// # Panics
    ///
    /// If the store cannot be read.
    pub async fn copy_store(&self) -> Arc<dyn Storage> {
        let copy = MemoryStore::new();
        let page = self.store.list(&ListQuery::new("")).await.expect("the store can be listed");
        for Record { key, state, due, body, .. } in page.records {
            let record = NewRecord::new(key, state, due, body).expect("it was a record before");
            copy.create(&record).await.expect("the copy is empty");
        }
        Arc::new(copy)
    }

    /// Whether it is the first generation.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.version.generation() == Generation::First
    }

    /// The order as the store has it.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub async fn order(&self, id: &OrderId) -> Order {
        self.shop.order(id).await.expect("the order is in the store")
    }

    /// An order's name that was not used before.
    ///
    /// # Panics
    ///
    /// Never: a number makes a plain name.
    pub fn next_id(&self) -> OrderId {
        let number = self.orders.fetch_add(1, Ordering::Relaxed) + 1;
        OrderId::new(format!("order-{number}")).expect("a plain name")
    }

    /// Begins an order for "Now and Forever".
    pub async fn begin(&self) -> Begun {
        self.begin_again(&self.next_id()).await
    }

    /// Begins that order for "Now and Forever", perhaps not for the first time.
    ///
    /// # Panics
    ///
    /// If the shop refuses.
    pub async fn begin_again(&self, id: &OrderId) -> Begun {
        self.shop.begin(&NOW_AND_FOREVER, id.clone()).await.expect("the order begins")
    }

    /// John approves the payment, from his balance; the address that he is sent back to.
    pub async fn john_pays(&self, link: &Url) -> Url {
        john_pays(&self.sandbox.http(), link).await
    }

    /// Somebody else, by e-mail address and password, approves it by the method that is his default, or else by this one.
    pub async fn pays(&self, email: &str, password: &str, method: Option<PaymentMethod>, link: &Url) -> Url {
        let buyer = Buyer::new(email, password);
        let buyer = match method {
            Some(method) => buyer.method(method),
            None => buyer,
        };
        pays(&self.sandbox.http(), link, buyer).await
    }

    /// John presses Cancel on that page.
    pub async fn cancel_on(&self, page: Page, link: &Url) -> Url {
        cancel_on(&self.sandbox.http(), link, page).await
    }

    /// The buyer's browser comes back to the shop.
    ///
    /// # Errors
    ///
    /// What the shop says.
    pub async fn come_back(&self, back: &Url) -> fps_checkout::Result<Completed> {
        self.shop.complete(back.query().unwrap_or_default()).await
    }

    /// Lets the worker work for that long.
    ///
    /// # Panics
    ///
    /// If the worker cannot reach the store.
    pub async fn work_for(&self, time: Duration) {
        let end = self.sandbox.clock().now().after(time);
        while self.sandbox.clock().now() < end {
            self.shop.work_once().await.expect("the worker reaches the store");
            self.sandbox.clock().advance(Duration::from_secs(60).min(time));
        }
    }

    /// Lets the worker work until nothing is due any more, at most for ten days.
    ///
    /// # Panics
    ///
    /// If something is still due then, or the worker cannot reach the store.
    pub async fn work_to_the_end(&self) {
        for _ in 0..10 * 24 * 4 {
            self.shop.work_once().await.expect("the worker reaches the store");
            let orders = self.shop.orders(None, None, 100).await.expect("the orders can be listed");
            if orders.iter().all(|order| order.due().is_none()) {
                return;
            }
            self.sandbox.clock().advance(Duration::from_secs(15 * 60));
        }
        panic!("something is due for ever: {:#?}", self.shop.orders(None, None, 100).await);
    }

    /// Says that John paid for this order exactly once, and that the handler heard of it.
    ///
    /// # Panics
    ///
    /// If it is not so.
    pub async fn assert_paid_once(&self, id: &OrderId) {
        let order = self.order(id).await;
        assert_eq!(order.state(), State::Paid, "{:#?}", order.journal());
        assert_eq!(self.balance(people::JOHN), Amount::usd("99.90"), "John was not charged once");
        let ledger = self.sandbox.ledger();
        let paid = order
            .transaction()
            .and_then(|id| ledger.transaction(id))
            .expect("the ledger knows the transaction");
        let rest = Amount::usd("0.10").checked_sub(paid.fee);
        assert_eq!(Some(self.balance(people::SHOP)), rest, "the shop gets what John paid less the fee");
        assert_eq!(self.sandbox.ledger().sum(), 0, "the books do not balance");
        assert_eq!(self.told.news().iter().filter(|news| *news == "Paid").count(), 1, "{:?}", self.told);
    }

    /// How much somebody has, by e-mail address.
    #[must_use]
    pub fn balance(&self, email: &str) -> Amount {
        self.sandbox.ledger().balance_of(email)
    }

    /// Says that no money moved, and that the order is in this state.
    ///
    /// # Panics
    ///
    /// If it is not so.
    pub async fn assert_unpaid(&self, id: &OrderId, state: State) {
        let order = self.order(id).await;
        assert_eq!(order.state(), state, "{:#?}", order.journal());
        assert_eq!(self.balance(people::JOHN), Amount::usd("100"), "John was charged");
        assert_eq!(self.balance(people::SHOP), Amount::ZERO, "the shop got money");
        assert!(!self.told.news().contains(&"Paid".to_owned()), "{:?}", self.told);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("this happened in version {}", self.version);
        }
    }
}

/// A service whose clock only tests move.
fn at_noon() -> SandboxBuilder {
    let noon = "2010-10-06T12:00:00Z".parse().expect("the literal is a time");
    Sandbox::builder().clock(SandboxClock::virtual_at(noon))
}

async fn open(
    version: Version,
    sandbox: &Sandbox,
    store: &Arc<dyn Storage>,
    http: &Arc<dyn HttpSend>,
    told: &Told,
) -> Shop {
    let shop = Shop::builder()
        .credentials(people::shop_credentials())
        .endpoint(sandbox.endpoint())
        .http(Arc::clone(http))
        .clock(Arc::new(Time(sandbox.clock())))
        .storage(Arc::clone(store))
        .public_url("https://digitaldownload.example/".parse().expect("the literal is a URL"))
        .handler(told.clone())
        .version(version)
        .open()
        .await
        .expect("the shop opens");
    if version.generation() == Generation::First {
        shop.install_tokens().await.expect("the tokens are installed");
    }
    shop
}

/// The sandbox's clock for the shop: whoever sleeps on it sleeps by tokio's time and moves it on when he wakes.
///
/// A test with `start_paused = true` does not wait: tokio lets time jump as soon as nobody has anything else to do.
#[derive(Debug)]
struct Time(Arc<SandboxClock>);

#[async_trait]
impl Clock for Time {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now().after(duration);
        tokio::time::sleep(duration).await;
        if self.now() < until {
            self.0.set(until);
        }
    }
}

/// A handler that only listens: effect ids and news, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<Mutex<Vec<(String, String)>>>);

impl Told {
    /// The news, repeats of one effect left out.
    #[must_use]
    pub fn news(&self) -> Vec<String> {
        let mut heard: Vec<(String, String)> = Vec::new();
        for (effect, news) in self.all().iter() {
            if !heard.iter().any(|(known, _)| known == effect) {
                heard.push((effect.clone(), news.clone()));
            }
        }
        heard.into_iter().map(|(_, news)| news).collect()
    }

    fn all(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ReturnHandler for Told {
    fn name(&self) -> &str {
        "told"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
        self.all().push((happened.effect().to_string(), happened.news().to_string()));
        Ok(())
    }
}
