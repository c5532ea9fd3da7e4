//! Many buyers on many days: by seeds, everything goes wrong by chance, and the ledger says at the end whether money moved once.
//!
//! ```sh
//! FPS_SEEDS=200 cargo test --release -p fps-tests --test simulation -- --nocapture
//! FPS_SEED=17 cargo test --release -p fps-tests --test simulation -- --nocapture
//! ```
//!
//! The first lives through 200 days of 50 buyers, the second through the one day of that seed. `tests/run` takes the first
//! twenty.

#![expect(clippy::disallowed_methods, reason = "it says how long it took")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use fps_tests::proof::{Day, simulate};

#[test]
fn money_moves_once_on_every_day() {
    let began = Instant::now();
    let seeds = seeds();
    let next = AtomicU64::new(seeds.start);
    let days = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let day = simulate(seed, BUYERS);
                    let mut days = days.lock().unwrap();
                    days.push((seed, day));
                    if days.len().is_multiple_of(10) {
                        println!("{} of {} days", days.len(), seeds.end - seeds.start);
                    }
                }
            });
        }
    });
    let days = days.into_inner().unwrap();
    let sum = |of: fn(&Day) -> usize| days.iter().map(|(_, day)| of(day)).sum::<usize>();
    let mut ends = BTreeMap::new();
    for (state, orders) in days.iter().flat_map(|(_, day)| &day.ends) {
        *ends.entry(*state).or_insert(0) += orders;
    }
    println!(
        "{} seeds, {} buyers, {} faults, {} restarts, {} violations in {} s; orders ended {ends:?}",
        days.len(),
        sum(|day| day.buyers),
        sum(|day| day.faults),
        days.iter().map(|(_, day)| day.restarts).sum::<u32>(),
        sum(|day| day.violations.len()),
        began.elapsed().as_secs()
    );
    let bad: Vec<_> = days.iter().filter(|(_, day)| !day.violations.is_empty()).collect();
    for (seed, day) in bad.iter().take(5) {
        println!("seed {seed}: {:#?}", day.violations);
        println!(
            "run it again: FPS_SEED={seed} cargo test --release -p fps-tests --test simulation -- --nocapture"
        );
    }
    assert!(sum(|day| day.buyers) > 0, "nobody came");
    assert!(bad.is_empty(), "{} of {} days ended wrong", bad.len(), days.len());
}

/// One seed, or so many from 0.
fn seeds() -> Range<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a seed is a number"));
    match number("FPS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FPS_SEEDS").unwrap_or(20),
    }
}

const BUYERS: usize = 50;
