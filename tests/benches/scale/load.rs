//! Buyers and the payment service.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fps_checkout::fps_core::Amount;
use fps_checkout::fps_core::client::{HttpSend, ReqwestSend};
use fps_checkout::fps_core::http::{Request, StatusCode};
use fps_checkout::fps_core::url::Url;
use fps_sandbox::ledger::AccountId;
use fps_sandbox::notices::NoticeState;
use fps_sandbox::{Buyer, Sandbox, people};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::shop::{COMMITS, Shops};
use crate::timed::Timed;

/// The payment service, for the shop on a port of loopback and for the buyers in this process.
pub(crate) struct Service {
    sandbox: Sandbox,
    pub(crate) url: Url,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let sandbox = Sandbox::new();
        sandbox.deposit(&AccountId::new("BETTY"), Amount::usd("100000000")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        sandbox.listen_at(listener.local_addr().unwrap());
        let url = sandbox.url();
        let serving = sandbox.clone();
        tokio::spawn(async move { serving.serve(listener).await });
        Self { sandbox, url }
    }

    /// Waits until every notice has arrived: they come one after the other, and would weigh on what is measured next.
    pub(crate) async fn has_told_all(&self) {
        while self.sandbox.notices().iter().any(|notice| notice.state != NoticeState::Delivered) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many notices had to be sent again, which the service does after a minute.
    pub(crate) fn told_again(&self) -> usize {
        self.sandbox.notices().iter().filter(|notice| notice.attempts > 1).count()
    }

    /// How many payments there were.
    pub(crate) fn payments(&self) -> usize {
        self.sandbox.ledger().transactions().count()
    }
}

/// Lets buyers buy.
pub(crate) struct Load(Arc<Buyers>);

struct Buyers {
    /// To the shops.
    http: ReqwestSend,
    pages: Arc<dyn HttpSend>,
    shops: Vec<Arc<str>>,
    orders: AtomicU64,
}

impl Load {
    pub(crate) fn new(service: &Service, shops: &Shops) -> Self {
        Self(Arc::new(Buyers {
            http: ReqwestSend::new().unwrap(),
            pages: service.sandbox.http(),
            shops: shops.addresses(),
            orders: AtomicU64::new(0),
        }))
    }

    /// How many checkouts there were.
    pub(crate) fn checkouts(&self) -> u64 {
        self.0.orders.load(Ordering::Relaxed)
    }

    /// How long each commit took since this was asked last, of all shops.
    pub(crate) async fn commits(&self) -> Vec<Duration> {
        let mut all = Vec::new();
        for shop in &self.0.shops {
            let request = Request::get(format!("http://{shop}{COMMITS}")).body(Vec::new()).unwrap();
            let answer = self.0.http.send(request).await.unwrap();
            all.extend(Timed::read(&String::from_utf8(answer.into_body()).unwrap()));
        }
        all
    }

    /// So many buyers, each of whom begins again when he has bought; the latencies of the checkouts that ended in time.
    pub(crate) async fn closed(&mut self, buyers: usize, time: Duration) -> Vec<Duration> {
        let end = Instant::now() + time;
        let mut tasks = JoinSet::new();
        for _ in 0..buyers {
            let buyers = Arc::clone(&self.0);
            tasks.spawn(async move {
                let mut latencies = Vec::new();
                while Instant::now() < end {
                    let latency = buyers.buy(Instant::now()).await;
                    if Instant::now() < end {
                        latencies.push(latency);
                    }
                }
                latencies
            });
        }
        tasks.join_all().await.concat()
    }

    /// So many buyers begin each second, whoever has not ended yet; the latencies of all.
    pub(crate) async fn open(&mut self, per_second: u64, time: Duration) -> Vec<Duration> {
        let gap = Duration::from_secs(1) / u32::try_from(per_second.max(1)).unwrap();
        let (start, mut starts) = mpsc::unbounded_channel();
        // A thread wakes more exactly than tokio's timer, which knows milliseconds.
        thread::spawn(move || {
            let began = Instant::now();
            for number in 0.. {
                let intended = began + gap * number;
                if intended - began >= time {
                    return;
                }
                thread::sleep(intended.saturating_duration_since(Instant::now()));
                if start.send(intended).is_err() {
                    return;
                }
            }
        });
        let mut tasks = JoinSet::new();
        while let Some(intended) = starts.recv().await {
            let buyers = Arc::clone(&self.0);
            tasks.spawn(async move { buyers.buy(intended).await });
        }
        tasks.join_all().await
    }
}

impl Buyers {
    /// One checkout; how long the buyer waited for the shop, who should have begun at that instant.
    async fn buy(&self, intended: Instant) -> Duration {
        let order = self.orders.fetch_add(1, Ordering::Relaxed);
        let shop = &self.shops[order as usize % self.shops.len()];
        let link = self.visit(&format!("http://{shop}/buy/b{order:08}")).await;
        let begun = intended.elapsed();
        let betty = Buyer::new(people::BETTY, "betty");
        let back = betty.approve(&self.pages, &link.parse().unwrap()).await.unwrap();
        let returned = Instant::now();
        let page = self.visit(back.as_str()).await;
        let waited = begun + returned.elapsed();
        assert!(page.contains("/orders/"), "{page}");
        waited
    }

    /// Where the shop sends the browser to.
    async fn visit(&self, url: &str) -> String {
        let request = Request::get(url).body(Vec::new()).unwrap();
        let answer = self.http.send(request).await.unwrap();
        assert_eq!(
            answer.status(),
            StatusCode::SEE_OTHER,
            "{url}: {}",
            String::from_utf8_lossy(answer.body())
        );
        answer.headers()["location"].to_str().unwrap().to_owned()
    }
}

/// At the 50th, 99th and 99.9th percentile, and how many they are.
pub(crate) fn percentiles(times: Vec<Duration>) -> String {
    let times = Sorted::of(times);
    format!("{} {} {} ms ({} checkouts)", times.at(500), times.at(990), times.at(999), times.0.len())
}

/// At the 50th and 99th percentile, and the slowest.
pub(crate) fn slowest(times: Vec<Duration>) -> String {
    let times = Sorted::of(times);
    format!("{} {} ms, the slowest {} ms", times.at(500), times.at(990), times.at(1_000))
}

struct Sorted(Vec<Duration>);

impl Sorted {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// In milliseconds.
    fn at(&self, thousandths: usize) -> String {
        let last = self.0.len().saturating_sub(1);
        let time = self.0.get((self.0.len() * thousandths / 1_000).min(last));
        let us = time.map_or(0, Duration::as_micros);
        format!("{}.{:02}", us / 1_000, us % 1_000 / 10)
    }
}
