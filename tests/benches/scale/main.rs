//! What one shop carries, and how that grows with the orders that rest in its store:
//!
//! ```text
//! cargo bench -p fps-tests --features postgres --bench scale                  # about three minutes
//! cargo bench -p fps-tests --features postgres --bench scale -- --long        # up to 1,000,000 orders, about 20 minutes
//! cargo bench -p fps-tests --features postgres --bench scale -- postgres --processes 2 --resting 100000 --seconds 20
//! ```
//!
//! The shop is a process of its own with its pages, its routes and its worker, as anybody would run it; its store is SQLite or a
//! PostgreSQL server. Buyers, the payment service and what measures are this process: the shop calls the service over loopback, and the
//! service sends a notice of each payment. So the system tells for each of the three what processor time a checkout took, and the
//! service's own cost, which no shop pays, stands apart. All of them share the machine.
//!
//! A checkout: the shop freezes the order and sends the buyer away, the buyer pays at the service's pages, comes back, and the shop
//! verifies, charges and answers. Its latency is what the buyer waits for the shop: from when he should have begun to his link, and from
//! his coming back to the answer. Checkouts a second are those of a closed loop of [`BUYERS`] buyers, until the last notice has arrived;
//! then half and nine tenths of that many begin each second, whether the ones before have ended or not.
//!
//! Where a run is slow, three lines say why: what a commit took in the shop, what a write that is synced took on the disk alone at that
//! time, and how long the last notice was waited for. A notice that has to be sent again comes a minute later.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, reason = "a benchmark ends when something fails")]

mod load;
mod resting;
mod shop;
mod system;
mod timed;

use std::time::{Duration, Instant};

use fps_tests::PostgresServer;

use load::{Load, Service};
use resting::{Store, document};
use shop::Shops;
use timed::Probe;

/// How many buyers a closed loop has.
const BUYERS: usize = 32;
const WARMING: Duration = Duration::from_secs(2);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let [role, service, store] = arguments.as_slice()
        && role == shop::ROLE
    {
        runtime.block_on(shop::run(service, store));
    } else if arguments.iter().any(|argument| argument == "--bench") {
        runtime.block_on(measure(&Wanted::read(&arguments)));
    }
    // `cargo test --benches` only wants to know that it builds.
}

/// What to measure.
struct Wanted {
    /// Store, orders that rest in it, processes of the shop.
    runs: Vec<(&'static str, u64, usize)>,
    seconds: u64,
}

impl Wanted {
    fn read(arguments: &[String]) -> Self {
        let given = |name: &str| arguments.iter().any(|argument| argument == name);
        let number = |name: &str| -> Option<u64> {
            let at = arguments.iter().position(|argument| argument == name)?;
            Some(arguments.get(at + 1)?.parse().expect("a number"))
        };
        let (resting, seconds): (&[u64], _) =
            if given("--long") { (&[1_000, 100_000, 1_000_000], 30) } else { (&[1_000, 100_000], 4) };
        let resting = number("--resting").map_or_else(|| resting.to_vec(), |resting| vec![resting]);
        let seconds = number("--seconds").unwrap_or(seconds);
        let processes =
            number("--processes").map_or_else(|| vec![1, 2, 4], |processes| vec![processes as usize]);
        let any = !given("sqlite") && !given("postgres");
        let mut runs = Vec::new();
        if any || given("sqlite") {
            runs.extend(resting.iter().map(|&resting| ("sqlite", resting, 1)));
        }
        if any || given("postgres") {
            runs.extend(resting.iter().map(|&resting| ("postgres", resting, processes[0])));
            runs.extend(processes[1..].iter().map(|&processes| ("postgres", resting[0], processes)));
        }
        Self { runs, seconds }
    }
}

async fn measure(wanted: &Wanted) {
    let server = PostgresServer::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let document = document().await;
    println!(
        "{BUYERS} buyers in the closed loop, {} s a phase; an order has {} bytes",
        wanted.seconds,
        document.body.len()
    );
    println!("latencies at the 50th, 99th and 99.9th percentile");
    for (number, &(kind, resting, processes)) in wanted.runs.iter().enumerate() {
        let store = Store::fill(kind, number, folder.path(), &server, resting, &document).await;
        tokio::time::sleep(WARMING).await;
        let service = Service::start().await;
        let shops = Shops::start(processes, &service.url, &store.url);
        let seconds = Duration::from_secs(wanted.seconds);
        let mut load = Load::new(&service, &shops);

        load.closed(BUYERS, WARMING).await;
        service.has_told_all().await;
        load.commits().await;
        let probe = Probe::start(folder.path());
        let (began, before) = (Instant::now(), system::times(&shops, store.server));
        let closed = load.closed(BUYERS, seconds).await;
        let waiting = Instant::now();
        service.has_told_all().await;
        let waited = waiting.elapsed();
        let (commits, alone) = (load.commits().await, probe.stop());
        let used = system::times(&shops, store.server).since(&before);
        // The last of them have cost what they cost when their notices have arrived.
        let rate = closed.len() as u64 * 1_000 / began.elapsed().as_millis() as u64;
        let bought = closed.len() as u64 / wanted.seconds;
        println!(
            "{kind}, {resting} orders at rest, {processes} processes: {rate} checkouts/s, {bought} before notices"
        );
        println!("    processor time of each: {}", used.per(closed.len()));
        println!("    closed loop: {}", load::percentiles(closed));
        println!("    a commit with the wait for its turn: {}", load::slowest(commits));
        println!("    a synced write of 4 KiB beside them: {}", load::slowest(alone));
        println!(
            "    the last notice {} ms after the last buyer, {} sent again",
            waited.as_millis(),
            service.told_again()
        );
        for percent in [50, 90] {
            let open = load.open(rate * percent / 100, seconds).await;
            service.has_told_all().await;
            println!("    {percent} % of it, {}/s: {}", rate * percent / 100, load::percentiles(open));
        }
        let paid = store.paid().await;
        assert_eq!(paid, resting + load.checkouts(), "not every order is paid once");
        assert_eq!(service.payments() as u64, load.checkouts(), "not every order was charged once");
        println!(
            "    memory of a process: {}; {} bytes on the disk per order",
            shops.memory(),
            store.bytes().await / paid
        );
    }
}
