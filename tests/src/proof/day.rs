//! A shop's day in one version, by one seed: many buyers, several processes of the shop, and everything that goes wrong between them.
//!
//! Four processes share one store: buyers come to all of them, and two of them work. Each is killed and restarted, cut off
//! from the service, and its clock jumps. Calls, notices, writes and handlers go wrong as in the proof, by chance. Mallory
//! forges returns, and has genuine notices of payments of her own sent to us. The service declines some payments for now, where
//! the version has that. Buyers click twice, leave, come back twice or
//! never; the merchant settles, releases, charges later and refunds, and does it again until it is done. One buyer in six is a
//! regular: he stores a token, and the shop charges it for days, up to its limits and beyond, until one of them takes it back.
//!
//! At the end the service's ledger is compared with each order, with each token, and with all of them together.

mod buyers;
mod judge;
mod person;
mod regulars;
mod station;
mod town;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fps_checkout::{State, Version};
use fps_core::client::Clock as _;
use fps_sandbox::notices::NoticeState;

use self::buyers::Visit;
use self::regulars::Regular;
use self::town::Town;
use super::chance::Dice;
use super::seam::Fault;
use super::teeth::Tooth;

/// What came of a day.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// How many buyers there were.
    pub buyers: usize,
    /// How many of them stored a token.
    pub regulars: usize,
    /// How many faults of each kind struck.
    pub faults: BTreeMap<Fault, usize>,
    /// How often a process was killed and began again.
    pub restarts: u32,
    /// How many orders ended in each state.
    pub ends: BTreeMap<State, usize>,
    /// How many tokens ended in each state.
    pub tokens: BTreeMap<State, usize>,
    /// How many tokens were taken back by whom.
    pub taken_back: BTreeMap<&'static str, usize>,
    /// How many payments were made with tokens.
    pub charges: usize,
    /// How many payments with tokens the shop refused before anything was sent.
    pub refused: usize,
    /// How many orders a person has to decide, by the named case.
    pub reviews: BTreeMap<&'static str, usize>,
    /// What is wrong, order by order.
    pub violations: Vec<String>,
}

/// Lives through a day of that seed in that version, with so many buyers, and perhaps with one safety of the shop broken.
///
/// # Panics
///
/// If the world cannot be built.
#[must_use]
pub fn simulate(version: Version, seed: u64, buyers: usize, tooth: Option<Tooth>) -> Day {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread");
    runtime.block_on(live(version, seed, buyers, tooth))
}

async fn live(version: Version, seed: u64, buyers: usize, tooth: Option<Tooth>) -> Day {
    let mut dice = Dice::new(seed);
    let town = Arc::new(Town::new(version, &mut dice, buyers, tooth));
    // The shop's own short name and tokens are made once in its life, on a calm day.
    let shop = town.calm_shop().await;
    if town.is_first() {
        shop.install_tokens().await.expect("the tokens are installed");
    }
    town.send_all_notices_to(&shop);
    let work = [
        tokio::spawn(worker(Arc::clone(&town), 0)),
        tokio::spawn(worker(Arc::clone(&town), 1)),
        tokio::spawn(post(Arc::clone(&town))),
        tokio::spawn(jump(Arc::clone(&town), dice.split())),
    ];
    let (mut shopping, mut living) = (Vec::new(), Vec::new());
    for number in 0..buyers {
        let dice = dice.split();
        if number % ONE_REGULAR_IN == 0 {
            living.push(tokio::spawn(Regular::new(&town, number, dice).go()));
        } else {
            shopping.push(tokio::spawn(Visit::new(&town, number, dice).go()));
        }
    }
    let (mut visits, mut regulars) = (Vec::new(), Vec::new());
    for visit in shopping {
        visits.push(visit.await.expect("a buyer does not panic"));
    }
    for regular in living {
        regulars.push(regular.await.expect("a buyer does not panic"));
    }
    town.come_to_rest().await;
    town.over.store(true, Ordering::Relaxed);
    let mut day = town.judge(&visits, &regulars).await;
    for task in work {
        task.abort();
        if task.await.is_err_and(|end| end.is_panic()) {
            day.violations.push("a worker panicked".to_owned());
        }
    }
    day
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

/// One buyer in so many stores a token.
const ONE_REGULAR_IN: usize = 6;
const MOMENT: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3600);
