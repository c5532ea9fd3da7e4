//! Two shops that also work, each a process of its own, on one store, against `fps-sandbox serve` in another: under load, and
//! killed by SIGKILL at random, in both versions at once. Some buyers buy song by song; others store a token, are charged up to its
//! limit and beyond, and every second token is cancelled then. Then the clocks go on until the worker has looked for every
//! return that was lost: what a buyer approved is paid, what none approved is expired, each token knows what was paid with it,
//! and the orders' totals equal the ledger's.
//!
//! ```sh
//! FPS_SOAK=300 cargo test -p fps-tests --all-features --test soak -- --include-ignored --nocapture
//! ```
//!
//! `FPS_SOAK` says for how many seconds; 30 unless given.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![expect(clippy::disallowed_methods, reason = "a soak lasts so long by the wall clock")]

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fps_checkout::fps_core::checkout::PaymentMethod;
use fps_checkout::fps_core::client::{HttpSend, ReqwestSend};
use fps_checkout::fps_core::http::{Request, Response, StatusCode, header};
use fps_checkout::{Amount, Credentials, Endpoint, Order, Shop, State, Token, Version};
use fps_sandbox::{Buyer, people};
#[cfg(feature = "postgres")]
use fps_tests::PostgresServer;
use fps_tests::{Program, Service, VERSIONS, say};
use rand::random;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn two_shops_on_one_sqlite_file_are_killed_at_random() {
    let folder = tempfile::tempdir().unwrap();
    let store = |version: Version| format!("sqlite:{}/{version}.db", folder.path().display());
    soak_in_both_versions(store, folder.path()).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server on this machine; run it by: tests/run"]
async fn two_shops_on_one_postgresql_server_are_killed_at_random() {
    let server = PostgresServer::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = |version: Version| format!("soak_{}", version.as_str().replace('-', "_"));
    for version in VERSIONS {
        server.create_database(&database(version)).unwrap();
    }
    soak_in_both_versions(|version| server.url(&database(version)), folder.path()).await;
}

/// Each version with a store and a service of its own.
async fn soak_in_both_versions(store: impl Fn(Version) -> String, folder: &Path) {
    let [one, other] = VERSIONS.map(|version| soak(version, store(version), folder.to_owned()));
    tokio::join!(one, other);
}

async fn soak(version: Version, store: String, folder: PathBuf) {
    let buyers = (0..buyers()).flat_map(|number| ["--buyer".to_owned(), email(number)]);
    let service = Service::start_with(env!("CARGO_BIN_EXE_fps-sandbox-under-test"), buyers);
    let soak = Soak::begin(version, &service, store, folder);
    let mut shops = Arc::clone(&soak).go().await;
    let eyes = soak.open(&service).await;
    let mut lost = 0;
    // The worker looks for lost returns from ten minutes on, and gives a buyer up after four hours.
    for (at, minutes) in [15, 4 * 60].into_iter().enumerate() {
        shops.drain(..).for_each(Program::kill);
        lost += soak.lost(&eyes).await;
        service.advance(minutes * 60).await;
        soak.later.fetch_add(minutes * 60, Ordering::Relaxed);
        shops.push(soak.start(at));
        soak.wait(&eyes, |order| order.is_at_rest() || at == 0 && !soak.is_approved(order)).await;
    }
    soak.wait_for_tokens(&eyes).await;
    soak.judge_tokens(&eyes, &service).await;
    soak.judge(&eyes, &service, lost).await;
}

struct Soak {
    version: Version,
    service: String,
    store: String,
    folder: PathBuf,
    addresses: [String; 2],
    http: Arc<dyn HttpSend>,
    over: AtomicBool,
    orders: AtomicUsize,
    tokens: AtomicUsize,
    kills: AtomicUsize,
    /// How many seconds the clocks of shops are ahead.
    later: AtomicU64,
    /// The orders and tokens that a buyer approved on the pages, and the orders that the shop charged to a token.
    approved: Mutex<BTreeSet<String>>,
    /// The orders and tokens whose pages did not answer in time, so that nobody knows whether they were approved.
    unsure: Mutex<BTreeSet<String>>,
    /// The tokens that the shop said it had cancelled.
    cancelled: Mutex<BTreeSet<String>>,
    /// How many charges the shop refused because of a token's limit.
    refused: AtomicUsize,
}

impl Soak {
    fn begin(version: Version, service: &Service, store: String, folder: PathBuf) -> Arc<Self> {
        // Free now, and ours from here on: a shop comes back to the same address.
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Arc::new(Self {
            version,
            service: service.address.to_string(),
            store,
            folder,
            addresses: [free(), free()],
            http: Arc::new(ReqwestSend::new().unwrap()),
            over: AtomicBool::new(false),
            orders: AtomicUsize::new(0),
            tokens: AtomicUsize::new(0),
            kills: AtomicUsize::new(0),
            later: AtomicU64::new(0),
            approved: Mutex::default(),
            unsure: Mutex::default(),
            cancelled: Mutex::default(),
            refused: AtomicUsize::new(0),
        })
    }

    async fn go(self: Arc<Self>) -> Vec<Program> {
        let end = Instant::now() + Duration::from_secs(seconds());
        let (mut shops, mut buyers) = (Vec::new(), Vec::new());
        for at in 0..self.addresses.len() {
            shops.push(tokio::spawn(Arc::clone(&self).live_and_die(at)));
        }
        for queue in 0..QUEUES {
            buyers.push(tokio::spawn(Arc::clone(&self).buy_on(queue)));
        }
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.over.store(true, Ordering::Relaxed);
        for buyer in buyers {
            buyer.await.unwrap();
        }
        let mut up = Vec::new();
        for shop in shops {
            up.push(shop.await.unwrap());
        }
        up
    }

    /// A shop that is killed and begins again, until the soak is over; then it lives on.
    async fn live_and_die(self: Arc<Self>, at: usize) -> Program {
        loop {
            let shop = self.start(at);
            let life = Duration::from_millis(500 + u64::from(random::<u16>()) % 4000);
            let end = Instant::now() + life;
            while Instant::now() < end {
                if self.over.load(Ordering::Relaxed) {
                    return shop;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            shop.kill();
            self.kills.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn start(&self, at: usize) -> Program {
        let book = self.folder.join(format!("book-{}-{at}", self.version));
        let later = self.later.load(Ordering::Relaxed).to_string();
        let arguments = [
            self.addresses[at].as_str(),
            self.service.as_str(),
            &self.store,
            book.to_str().unwrap(),
            &later,
            self.version.as_str(),
        ];
        let mut shop = Program::start(env!("CARGO_BIN_EXE_shop-to-kill"), arguments);
        shop.wait_for("listening on");
        shop
    }

    /// Buys one song after the other, whichever shop is up: one buyer until his money is spent, then the next. The first queue
    /// is of those who store a token.
    async fn buy_on(self: Arc<Self>, queue: usize) {
        for number in (queue..buyers()).step_by(QUEUES) {
            let email = email(number);
            let buyer = Buyer::new(&email, email.split('@').next().unwrap()).method(PaymentMethod::Abt);
            // A hundred dollars are a thousand songs, or a hundred tokens.
            for _ in 0..if queue == 0 { 100 } else { 1000 } {
                if self.over.load(Ordering::Relaxed) {
                    return;
                }
                if queue == 0 {
                    self.buy_by_token(&buyer).await;
                    continue;
                }
                let order = self.orders.fetch_add(1, Ordering::Relaxed);
                self.buy(&buyer, &format!("order-{order}")).await;
            }
        }
        panic!("all buyers of a queue have spent their money before the time was over");
    }

    async fn buy(&self, buyer: &Buyer, order: &str) {
        // Of those who meet a shop that is down, half do not try the other one.
        self.approve(buyer, &format!("buy/{order}"), order, random::<bool>()).await;
    }

    /// Stores a token, and is charged to its limit and beyond. Every second one is cancelled then.
    async fn buy_by_token(&self, buyer: &Buyer) {
        let number = self.tokens.fetch_add(1, Ordering::Relaxed);
        let token = format!("token-{number}");
        self.approve(buyer, &format!("store/{token}"), &token, true).await;
        let mut is_known = true;
        for song in 1..=SONGS_OF_A_TOKEN + 2 {
            let order = format!("{token}-{song}");
            let answer = self.insist(&format!("charge/{token}/{order}")).await;
            match answer.as_ref().map(Response::status) {
                Some(StatusCode::OK) => drop(self.approved.lock().unwrap().insert(order)),
                // Its return is lost, or its limit reached.
                Some(StatusCode::CONFLICT) => drop(self.refused.fetch_add(1, Ordering::Relaxed)),
                _ => drop(self.unsure.lock().unwrap().insert(order)),
            }
            is_known &=
                answer.is_some_and(|answer| answer.body() == b"Paid" || !answer.status().is_success());
            if self.over.load(Ordering::Relaxed) {
                break;
            }
        }
        // What nobody has heard of yet may not have reached the service, and would not be paid any more.
        if number.is_multiple_of(2) && is_known {
            let answer = self.insist(&format!("cancel/{token}")).await.unwrap();
            assert_eq!(
                (answer.status(), answer.body().as_slice()),
                (StatusCode::OK, b"Cancelled".as_slice())
            );
            self.cancelled.lock().unwrap().insert(token);
        }
    }

    /// Asks either shop until one has done it, or says that it cannot be done.
    async fn insist(&self, path: &str) -> Option<Response<Vec<u8>>> {
        for _ in 0..20 {
            let answer = self.browse(|shop| format!("http://{shop}/{path}")).await?;
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                return Some(answer);
            }
        }
        None
    }

    async fn approve(&self, buyer: &Buyer, path: &str, what: &str, insists: bool) {
        let Some(answer) = self.browse(|shop| format!("http://{shop}/{path}")).await else { return };
        let Some(link) = answer.headers().get(header::LOCATION) else { return };
        let link = link.to_str().unwrap().parse().unwrap();
        let Ok(back) = buyer.approve(&self.http, &link).await else {
            self.unsure.lock().unwrap().insert(what.to_owned());
            return;
        };
        self.approved.lock().unwrap().insert(what.to_owned());
        // The return goes to the shop that made the link; if it is down, perhaps to the other, perhaps nowhere.
        if self.http.send(get(back.as_str())).await.is_err() && insists {
            let path = &back[fps_checkout::fps_core::url::Position::BeforePath..];
            let _ = self.browse(|shop| format!("http://{shop}{path}")).await;
        }
    }

    /// Asks either shop until one answers.
    async fn browse(&self, address: impl Fn(&str) -> String) -> Option<Response<Vec<u8>>> {
        for _ in 0..200 {
            let shop = &self.addresses[usize::from(random::<bool>())];
            if let Ok(answer) = self.http.send(get(&address(shop))).await {
                return Some(answer);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        None
    }

    /// A shop that only reads.
    async fn open(&self, service: &Service) -> Shop {
        Shop::builder()
            .credentials(Credentials::new(people::SHOP_ACCESS_KEY, people::SHOP_SECRET_KEY))
            .endpoint(Endpoint::at(service.address.clone()).unwrap())
            .storage_url(self.store.clone())
            .public_url(format!("http://{}/", self.addresses[0]).parse().unwrap())
            .open()
            .await
            .unwrap()
    }

    /// Waits until every order has come so far.
    async fn wait(&self, eyes: &Shop, has_come: impl Fn(&Order) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.all(eyes).await.iter().filter(|order| !has_come(order)).count() {
                0 => return,
                busy if Instant::now() > deadline => {
                    panic!("{busy} orders are still busy after {PATIENCE:?}")
                }
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// Waits until every token knows what became of the payments with it.
    async fn wait_for_tokens(&self, eyes: &Shop) {
        let deadline = Instant::now() + PATIENCE;
        let is_busy =
            |token: &Token| !token.outbox().is_empty() || token.uses().iter().any(|one| !one.settled);
        loop {
            match all_tokens(eyes).await.iter().filter(|token| is_busy(token)).count() {
                0 => return,
                busy if Instant::now() > deadline => {
                    panic!("{busy} tokens are still busy after {PATIENCE:?}")
                }
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    fn is_approved(&self, order: &Order) -> bool {
        self.approved.lock().unwrap().contains(order.id().as_str())
    }

    /// How many orders were approved, and their shop does not know.
    async fn lost(&self, eyes: &Shop) -> usize {
        let waits = |order: &&Order| order.state() == State::AwaitingBuyer && self.is_approved(order);
        self.all(eyes).await.iter().filter(waits).count()
    }

    /// What the orders say is what the buyers did, and what the ledger says.
    async fn judge(&self, eyes: &Shop, service: &Service, lost: usize) {
        let orders = self.all(eyes).await;
        let paid: Vec<_> = orders.iter().filter(|order| order.state() == State::Paid).collect();
        let total = paid.iter().fold(Amount::ZERO, |sum, order| sum.checked_add(order.total()).unwrap());
        let ledger = service.ledger().await;
        let balance = |number| ledger["balances"][email(number)].as_str().unwrap().parse::<Amount>().unwrap();
        let left = (0..buyers()).map(balance).fold(Amount::ZERO, |sum, one| sum.checked_add(one).unwrap());
        let had = (0..buyers()).fold(Amount::ZERO, |sum, _| sum.checked_add(Amount::usd("100")).unwrap());
        say(&format!(
            "soak on {} in {}: {} orders, {} paid, {lost} of them after the worker looked for a lost return, {} expired that nobody \
             approved, {} of unknown approval, {total} in all, {} kills",
            self.store.split(':').next().unwrap_or_default(),
            self.version,
            orders.len(),
            paid.len(),
            orders.len() - paid.len(),
            self.unsure.lock().unwrap().len(),
            self.kills.load(Ordering::Relaxed)
        ));
        let by_token = paid.iter().filter(|order| order.product().token().is_some()).count();
        assert!(by_token > 0, "nothing was bought by a token");
        assert!(paid.len() > by_token, "nothing was bought song by song");
        assert!(self.kills.load(Ordering::Relaxed) > 0, "nobody was killed");
        assert_eq!(ledger["charges"], paid.len(), "{ledger:#}");
        assert_eq!(had.checked_sub(left), Some(total), "{ledger:#}");
        assert_eq!(ledger["sum"], "0", "{ledger:#}");
        for order in &orders {
            let is_paid = match self.unsure.lock().unwrap().contains(order.id().as_str()) {
                true => order.state() == State::Paid,
                false => self.is_approved(order),
            };
            assert_eq!(order.state(), if is_paid { State::Paid } else { State::Expired }, "{order:?}");
            assert!(order.is_at_rest() && order.due().is_none(), "{order:?}");
            assert_eq!(order.replay().as_ref(), Ok(order.machine()), "{}", order.id());
        }
    }

    /// Each token ended as its buyer and the shop wanted, was charged within its limit, and knows what for.
    async fn judge_tokens(&self, eyes: &Shop, service: &Service) {
        let (tokens, orders) = (all_tokens(eyes).await, self.all(eyes).await);
        let ledger = service.ledger().await;
        let charged = |order: &Order| {
            let reference = format!("-{}-a1-pay", order.id());
            let is_its = |one: &&Value| {
                one["status"] == "Success"
                    && one["caller_reference"].as_str().is_some_and(|it| it.ends_with(&reference))
            };
            ledger["transactions"].as_array().unwrap().iter().filter(is_its).count()
        };
        let mut charges = 0;
        for token in &tokens {
            let name = token.name().as_str();
            let was_approved = self.approved.lock().unwrap().contains(name);
            let is_cancelled = self.cancelled.lock().unwrap().contains(name);
            let is_unsure = self.unsure.lock().unwrap().contains(name);
            let ended = match token.state() {
                State::Cancelled => is_cancelled,
                State::TokenHeld => !is_cancelled && (was_approved || is_unsure),
                State::Expired => !was_approved,
                _ => false,
            };
            assert!(ended, "{token:?}: {was_approved} {is_cancelled} {is_unsure}");
            assert!(token.due().is_none() || token.due() == token.ends(), "{token:?}");
            let its: Vec<_> =
                orders.iter().filter(|order| order.product().token() == Some(token.name())).collect();
            assert!(its.len() <= SONGS_OF_A_TOKEN, "{} orders of {token:?}", its.len());
            for order in &its {
                assert_eq!((order.state(), charged(order)), (State::Paid, 1), "{order:?}");
            }
            let spent = its.iter().fold(Amount::ZERO, |sum, order| sum.checked_add(order.total()).unwrap());
            assert_eq!((token.spent(), token.payments()), (spent, its.len() as u64), "{token:?}");
            charges += its.len();
        }
        say(&format!(
            "soak on {} in {}: {} tokens, {charges} charges by them, {} refused, {} cancelled",
            self.store.split(':').next().unwrap_or_default(),
            self.version,
            tokens.len(),
            self.refused.load(Ordering::Relaxed),
            self.cancelled.lock().unwrap().len()
        ));
        assert!(charges > 0, "no token was charged");
    }

    async fn all(&self, shop: &Shop) -> Vec<Order> {
        let mut orders: Vec<Order> = Vec::new();
        loop {
            let page = shop.orders(None, orders.last().map(|order| order.id()), 200).await.unwrap();
            if page.is_empty() {
                return orders;
            }
            orders.extend(page);
        }
    }
}

async fn all_tokens(shop: &Shop) -> Vec<Token> {
    let (mut walk, mut tokens) = (shop.walk_tokens(None), Vec::new());
    while let Some(token) = walk.next().await.unwrap() {
        tokens.push(token);
    }
    tokens
}

fn email(number: usize) -> String {
    format!("buyer{number}@example.com")
}

fn get(url: &str) -> Request<Vec<u8>> {
    Request::builder().uri(url).body(Vec::new()).unwrap()
}

/// For how long.
fn seconds() -> u64 {
    std::env::var("FPS_SOAK").map_or(30, |text| text.parse().expect("FPS_SOAK is seconds"))
}

/// So many that their money lasts: a thousand songs in five seconds are more than a queue can buy.
fn buyers() -> usize {
    QUEUES * (1 + usize::try_from(seconds()).expect("some seconds") / 5)
}

/// What a token's limit allows.
const SONGS_OF_A_TOKEN: usize = 10;
/// How many buy at a time.
const QUEUES: usize = 4;
const PATIENCE: Duration = Duration::from_secs(120);
