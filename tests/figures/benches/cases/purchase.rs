//! What a shop adds to a purchase, beside the bare calls that every shop has to make.
//!
//! Both sides buy the same song at a service in the same process: a link, the buyer's walk through the pages, whose end the service
//! signs by RSA, then VerifySignature, GetTokenByCaller and Pay. The floor signs the link and makes the calls
//! by fps-core's client, and keeps nothing. The shop does it by `begin` and `complete`, with a store in memory and a handler: it
//! freezes the order, marks the return address, commits each step before the next, and tells the handler.
//!
//! `purchase` is all of that. `shop` leaves the walk out on both sides, because it is not the shop's: what is left is the shop's own
//! code beside three calls in memory. The walks of a round are done together, between the links and the returns, as the buyer's program
//! would not share the shop's processor.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fps_checkout::fps_core::url::Url;
use fps_checkout::shop::Begun;
use fps_checkout::storage::memory::MemoryStore;
use fps_checkout::storage::{Key, ListQuery, NewRecord, Page, Record, Storage, StoreError};
use fps_checkout::{HandlerError, Happened, OrderId, ReturnHandler, Shop, State, async_trait};
use fps_core::checkout::PaymentMethod;
use fps_core::client::Client;
use fps_core::operation::{GetTokenByCaller, Pay, TransactionStatus};
use fps_core::pipeline::{ReturnQuery, SingleUse};
use fps_core::{Amount, CallerReference, Checkout, Timestamp};
use fps_figures::{Meter, Pair, Side};
use fps_sandbox::ledger::AccountId;
use fps_sandbox::{Buyer, Sandbox, SandboxClock, people};
use tokio::runtime::{Builder, Runtime};

/// One purchase by a shop; the floor is the bare calls, signatures and RSA that it needs.
pub(crate) fn purchase() -> Pair {
    pair("purchase", true)
}

/// The same without the buyer's walk through the pages.
pub(crate) fn shop() -> Pair {
    pair("shop", false)
}

fn pair(name: &'static str, with_walk: bool) -> Pair {
    let (floor, ours) = (BareCalls::new(with_walk), WholeShop::new(with_walk));
    Pair { name, batch: 20, floor: Box::new(floor), ours: Box::new(ours) }
}

#[derive(Checkout)]
#[checkout(payment_reason = "{title} - {artist}", payment_methods(ABT, ACH, CC))]
struct Song {
    title: &'static str,
    artist: &'static str,
    #[checkout(item_total)]
    price: Amount,
}

const SONG: Song = Song { title: "Now and Forever", artist: "Richard Marx", price: Amount::usd("0.10") };

/// The service, and John, who buys.
struct Street {
    runtime: Runtime,
    sandbox: Sandbox,
    john: Buyer,
    bought: u32,
    /// Whether his walk counts.
    with_walk: bool,
}

impl Street {
    fn new(with_walk: bool) -> Self {
        let noon = "2010-10-06T12:00:00Z".parse().expect("the literal is a time");
        let sandbox = Sandbox::builder().clock(SandboxClock::virtual_at(noon)).build();
        sandbox.deposit(&AccountId::new("JOHN"), Amount::usd("1000000")).expect("there is no data file");
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let john = Buyer::new(people::JOHN, "john").method(PaymentMethod::Abt);
        Self { runtime, sandbox, john, bought: 0, with_walk }
    }

    fn next(&mut self) -> String {
        self.bought += 1;
        format!("order-{:06}", self.bought)
    }

    /// John's walks through the pages; the queries that he comes back with.
    fn walks<'l>(&self, mut links: impl Iterator<Item = &'l Url>, meter: &mut dyn Meter) -> Vec<String> {
        let mut backs = Vec::new();
        let mut walk = || backs.extend(links.by_ref().map(|link| self.walk(link)));
        if self.with_walk {
            meter.measure(&mut walk)
        } else {
            walk()
        }
        backs
    }

    fn walk(&self, link: &Url) -> String {
        let pages = self.sandbox.http();
        let back = self.runtime.block_on(self.john.approve(&pages, link)).expect("John can pay");
        back.query().unwrap_or_default().to_owned()
    }
}

/// The floor: what any shop has to do, and nothing else.
struct BareCalls {
    street: Street,
    client: Client,
}

impl BareCalls {
    fn new(with_walk: bool) -> Self {
        let street = Street::new(with_walk);
        let client = Client::builder(people::shop_credentials(), street.sandbox.endpoint())
            .http(street.sandbox.http())
            .clock(street.sandbox.clock())
            .build()
            .expect("a client");
        Self { street, client }
    }

    fn link(&self, order: &Bare) -> Url {
        let product = SONG.parameters().expect("the song has a price");
        let link = SingleUse::new(order.reference.clone(), &product, order.returns.clone());
        let link = link.link(self.client.credentials(), self.client.endpoint());
        link.expect("the link is one").into_url()
    }

    async fn calls(&self, order: &Bare, query: &str) {
        let query = ReturnQuery::from_raw(&order.returns, query).expect("the return has a signature");
        let verified = self.client.verify_return(query).await.expect("the service signed it").single_use();
        let token = verified.approved().expect("John approved").clone();
        let ask = GetTokenByCaller::by_reference(order.reference.clone());
        let found = self.client.send(ask).await.expect("an answer").response.token.expect("a token");
        assert!(found.token_id == token, "another's token");
        let pay = Pay::new(token, SONG.price, order.reference.clone());
        let pay = pay.with_override_ipn_url(order.notices.clone());
        let answer = self.client.send(pay).await.expect("an answer");
        assert!(answer.response.transaction_status == TransactionStatus::Success, "unpaid");
    }
}

/// An order without a shop: a reference, and addresses with a mark as long as a shop's.
struct Bare {
    reference: CallerReference,
    returns: Url,
    notices: Url,
}

impl Bare {
    fn new(order: &str) -> Self {
        let at = |path: &str| {
            let url =
                format!("https://digitaldownload.example/fps/{path}?fps={order}-a1.Zk3Gd9yJ2mQ7Zk3Gd9yJ2m");
            url.parse().expect("the literal is a URL")
        };
        let reference = CallerReference::new(format!("x4f7q2-{order}-a1")).expect("a reference");
        Self { reference, returns: at("return"), notices: at("notice") }
    }
}

impl Side for BareCalls {
    fn run(&mut self, times: u32, meter: &mut dyn Meter) {
        let orders: Vec<_> = (0..times).map(|_| Bare::new(&self.street.next())).collect();
        let mut links = Vec::new();
        meter.measure(&mut || {
            for order in &orders {
                links.push(self.link(order));
            }
        });
        let backs = self.street.walks(links.iter(), meter);
        meter.measure(&mut || {
            for (order, back) in orders.iter().zip(&backs) {
                self.street.runtime.block_on(self.calls(order, back));
            }
        });
    }
}

/// The same by a shop.
struct WholeShop {
    street: Street,
    shop: Shop,
    store: Arc<CountsCommits>,
}

impl WholeShop {
    fn new(with_walk: bool) -> Self {
        let street = Street::new(with_walk);
        let store = Arc::new(CountsCommits::default());
        let shop = Shop::builder()
            .credentials(people::shop_credentials())
            .endpoint(street.sandbox.endpoint())
            .http(street.sandbox.http())
            .clock(street.sandbox.clock())
            .storage(Arc::<CountsCommits>::clone(&store))
            .public_url("https://digitaldownload.example/".parse().expect("the literal is a URL"))
            .handler(Listens)
            .open();
        let shop = street.runtime.block_on(shop).expect("the shop opens");
        Self { street, shop, store }
    }
}

impl Side for WholeShop {
    fn run(&mut self, times: u32, meter: &mut dyn Meter) {
        let Self { street, shop, .. } = self;
        let orders: Vec<_> = (0..times).map(|_| OrderId::new(street.next()).expect("a plain name")).collect();
        let mut begun = Vec::new();
        meter.measure(&mut || {
            for order in &orders {
                let begin = async { shop.begin(&SONG, order.clone()).await };
                begun.push(street.runtime.block_on(begin).expect("the order begins"));
            }
        });
        let backs = street.walks(begun.iter().map(Begun::link), meter);
        meter.measure(&mut || {
            for back in &backs {
                let completed = street.runtime.block_on(shop.complete(back)).expect("John is back");
                let paid = completed.order().is_some_and(|order| order.state() == State::Paid);
                assert!(paid, "unpaid");
            }
        });
    }

    fn commits(&self) -> Option<u64> {
        Some(self.store.commits.load(Ordering::Relaxed))
    }
}

/// A store in memory that counts its commits.
#[derive(Debug, Default)]
struct CountsCommits {
    store: MemoryStore,
    commits: AtomicU64,
}

#[async_trait]
impl Storage for CountsCommits {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.store.create(record).await
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.store.load(key).await
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.store.update(record, expected_version).await
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

/// A handler that has nothing else to do.
#[derive(Debug)]
struct Listens;

#[async_trait]
impl ReturnHandler for Listens {
    fn name(&self) -> &str {
        "listens"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, _: &Happened) -> Result<(), HandlerError> {
        Ok(())
    }
}
