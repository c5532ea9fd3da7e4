//! Many buyers on many days: by seeds, everything goes wrong by chance, and the ledger says at the end whether money moved once.
//!
//! ```sh
//! FPS_SEEDS=200 cargo test --release -p fps-tests --test simulation -- --nocapture
//! FPS_SEED=17 cargo test --release -p fps-tests --test simulation -- --nocapture
//! ```
//!
//! The first lives through 200 days of 60 buyers in each version, ten of whom store a token, the second through the one day of that seed. `tests/run` takes
//! the first twenty.

#![expect(clippy::disallowed_methods, reason = "it says how long it took")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use fps_checkout::Version;
use fps_tests::proof::{Day, Tooth, simulate};
use fps_tests::{VERSIONS, say};

#[test]
fn money_moves_once_on_every_day() {
    let began = Instant::now();
    let wanted: Vec<(u64, Version)> =
        seeds().flat_map(|seed| VERSIONS.map(|version| (seed, version))).collect();
    let next = AtomicUsize::new(0);
    let days = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((seed, version)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let day = simulate(*version, *seed, BUYERS, None);
                    // At once: whoever ends a long run early has seen what it found.
                    if !day.violations.is_empty() {
                        println!("seed {seed} in {version}: {:#?}", day.violations);
                        println!("run it again: FPS_SEED={seed} {COMMAND}");
                    }
                    let mut days = days.lock().unwrap();
                    days.push((*seed, *version, day));
                    if days.len().is_multiple_of(10) {
                        println!("{} of {} days", days.len(), wanted.len());
                    }
                }
            });
        }
    });
    let days = days.into_inner().unwrap();
    for version in VERSIONS {
        summarise(version, days.iter().filter(|(_, of, _)| *of == version).map(|(_, _, day)| day));
    }
    say(&format!("simulation: {} days in {} s", days.len(), began.elapsed().as_secs()));
    let bad: Vec<_> =
        days.iter().filter(|(_, _, day)| !day.violations.is_empty()).map(|(seed, _, _)| seed).collect();
    assert!(days.iter().any(|(_, _, day)| day.buyers > 0), "nobody came");
    assert!(days.iter().any(|(_, _, day)| day.charges > 0), "nothing was charged to a stored token");
    assert!(bad.is_empty(), "{} of {} days ended wrong, those of seeds {bad:?}", bad.len(), days.len());
}

#[test]
fn a_day_with_a_broken_safety_ends_wrong() {
    for version in VERSIONS {
        for tooth in [Tooth::ForgetsCharges, Tooth::AltersResends] {
            let noticed = (0..20).find_map(|seed| {
                let day = simulate(version, seed, BUYERS, Some(tooth));
                let what = day.violations.first()?.split(": Machine").next()?.to_owned();
                Some(format!("seed {seed}: {what}"))
            });
            say(&format!("{tooth:?} in {version} is noticed by {}", noticed.as_deref().unwrap_or("nothing")));
            assert!(noticed.is_some(), "{tooth:?} breaks nothing in {version} that the judge looks at");
        }
    }
}

/// What came of all days of a version.
fn summarise<'a>(version: Version, days: impl Iterator<Item = &'a Day>) {
    let (mut seeds, mut buyers, mut restarts, mut violations) = (0, 0, 0, 0);
    let (mut faults, mut ends, mut reviews) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (mut regulars, mut charges, mut refused) = (0, 0, 0);
    let (mut tokens, mut taken_back) = (BTreeMap::new(), BTreeMap::new());
    for day in days {
        seeds += 1;
        buyers += day.buyers;
        restarts += day.restarts;
        violations += day.violations.len();
        regulars += day.regulars;
        charges += day.charges;
        refused += day.refused;
        add(&mut tokens, &day.tokens);
        add(&mut taken_back, &day.taken_back);
        add(&mut faults, &day.faults);
        add(&mut ends, &day.ends);
        add(&mut reviews, &day.reviews);
    }
    let struck: usize = faults.values().sum();
    say(&format!(
        "simulation in {version}: {seeds} seeds, {buyers} buyers, {struck} faults {faults:?}, {restarts} restarts, \
         {violations} violations; orders ended {ends:?}; reviews by name: {reviews:?}"
    ));
    say(&format!(
        "simulation in {version}: {regulars} of the buyers stored a token: {charges} charges by them, {refused} refused before \
         anything was sent; taken back by {taken_back:?}; tokens ended {tokens:?}"
    ));
}

fn add<K: Copy + Ord>(sum: &mut BTreeMap<K, usize>, counts: &BTreeMap<K, usize>) {
    for (of, count) in counts {
        *sum.entry(*of).or_default() += count;
    }
}

/// One seed, or so many from 0.
fn seeds() -> Range<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a seed is a number"));
    match number("FPS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FPS_SEEDS").unwrap_or(20),
    }
}

/// Fifty buy once; ten are regulars.
const BUYERS: usize = 60;
const COMMAND: &str = "cargo test --release -p fps-tests --test simulation -- --nocapture";
