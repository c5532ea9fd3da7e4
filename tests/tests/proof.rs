//! Money moves once, whatever goes wrong: every single fault, and every pair of faults, in every story of both versions.
//!
//! ```sh
//! cargo test --release -p fps-tests --test proof -- --include-ignored --nocapture
//! ```
//!
//! `tests/run` runs all of it too. With `FPS_EVERY=100` in the environment the pairs begin with each 100th single only.

#![expect(clippy::unwrap_used, reason = "a lock is poisoned only by a test that failed already")]
#![expect(clippy::disallowed_methods, reason = "the proof says how long it took")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use fps_checkout::Version;
use fps_tests::proof::{Effect, Fault, Harm, Plan, Run, Story, Tooth, Verdict, run};
use fps_tests::{VERSIONS, say};

/// A story in a version.
type Tale = (Story, Version);

#[test]
fn without_faults_every_story_ends_well() {
    for (story, version) in Story::in_all_versions() {
        let told = run(story, version, &Plan::new(), None);
        assert_eq!(told.verdict, Verdict::Good, "{story:?} in {version}: {:#?}", told.effects);
    }
}

#[test]
fn every_single_fault_is_survived() {
    let tally = Tally::new("singles");
    for_each_single(1, |tale, plan| tally.count(tale, plan, &told(tale, plan)));
    tally.finish();
}

#[test]
#[ignore = "takes minutes; run it by: cargo test --release -p fps-tests --test proof -- --include-ignored --nocapture every_pair"]
fn every_pair_of_faults_is_survived() {
    let tally = Tally::new("pairs");
    let every =
        std::env::var("FPS_EVERY").map_or(1, |text| text.parse().expect("FPS_EVERY is a number from 1"));
    if every > 1 {
        say(&format!("pairs that begin with each {every}. single only"));
    }
    for_each_single(every, |tale, first| {
        for plan in seconds(tale, first) {
            tally.count(tale, &plan, &told(tale, &plan));
        }
    });
    tally.finish();
}

#[test]
fn every_broken_safety_is_noticed() {
    for (version, tooth) in VERSIONS.into_iter().flat_map(|version| Tooth::ALL.map(|tooth| (version, tooth)))
    {
        if !tooth.is_in(version) {
            say(&format!("{tooth:?}: not in {version}, which has no such safety"));
            continue;
        }
        let noticed = Story::in_version(version).find_map(|story| {
            let plans = std::iter::once(Plan::new()).chain(singles((story, version)));
            plans.map(|plan| (run(story, version, &plan, Some(tooth)), plan)).find_map(|(told, plan)| {
                match told.verdict {
                    Verdict::Bad(harm, _) => Some(format!("{story:?} with {plan:?}: {harm:?}")),
                    _ => None,
                }
            })
        });
        let bite = noticed.as_deref().unwrap_or("nothing");
        say(&format!("{tooth:?} in {version} is noticed by {bite}"));
        assert!(noticed.is_some(), "{tooth:?} breaks nothing in {version} that the proof looks at");
    }
}

fn told((story, version): Tale, plan: &Plan) -> Run {
    run(story, version, plan, None)
}

/// Does something with each so manieth single of the stories, on all processors.
fn for_each_single(every: usize, does: impl Fn(Tale, &Plan) + Sync) {
    let singles: Vec<(Tale, Plan)> = Story::in_all_versions()
        .flat_map(|tale| singles(tale).into_iter().map(move |plan| (tale, plan)))
        .step_by(every)
        .collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((tale, plan)) = singles.get(at) else { return };
                    does(*tale, plan);
                    if (at + 1).is_multiple_of(100) {
                        println!("{} of {} singles", at + 1, singles.len());
                    }
                }
            });
        }
    });
}

/// One fault at each effect of the story as it goes without faults.
fn singles(tale: Tale) -> Vec<Plan> {
    at_each(&told(tale, &Plan::new()).effects, 0).map(|(at, fault)| Plan::from([(at, fault)])).collect()
}

/// A second fault at each later effect of the run that the first fault makes.
fn seconds(tale: Tale, first: &Plan) -> Vec<Plan> {
    let from = first.keys().next_back().map_or(0, |at| at + 1);
    at_each(&told(tale, first).effects, from)
        .map(|(at, fault)| {
            let mut plan = first.clone();
            plan.insert(at, fault);
            plan
        })
        .collect()
}

fn at_each(effects: &[(Effect, String)], from: usize) -> impl Iterator<Item = (usize, Fault)> {
    effects
        .iter()
        .enumerate()
        .skip(from)
        .flat_map(|(at, (effect, _))| effect.faults().iter().map(move |fault| (at, *fault)))
}

/// What came of many runs, version by version.
struct Tally {
    what: &'static str,
    began: Instant,
    scores: Mutex<BTreeMap<Version, Score>>,
    bad: Mutex<Vec<String>>,
}

#[derive(Default)]
struct Score {
    runs: usize,
    harms: BTreeMap<Harm, usize>,
    reviews: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn new(what: &'static str) -> Self {
        Self { what, began: Instant::now(), scores: Mutex::default(), bad: Mutex::default() }
    }

    fn count(&self, (story, version): Tale, plan: &Plan, told: &Run) {
        let mut scores = self.scores.lock().unwrap();
        let score = scores.entry(version).or_default();
        score.runs += 1;
        match &told.verdict {
            Verdict::Good => {}
            Verdict::Review(case) => *score.reviews.entry(case).or_default() += 1,
            Verdict::Bad(harm, what) => {
                *score.harms.entry(*harm).or_default() += 1;
                let faults: Vec<_> = plan
                    .iter()
                    .map(|(at, fault)| format!("{fault:?} at {at} ({:?})", told.effects.get(*at)))
                    .collect();
                let what = format!("{harm:?} in {story:?} of {version}, {}: {what}", faults.join(", "));
                // At once: whoever ends a long run early has seen what it found.
                println!("{what}");
                self.bad.lock().unwrap().push(what);
            }
        }
    }

    fn finish(self) {
        let (scores, bad) = (self.scores.into_inner().unwrap(), self.bad.into_inner().unwrap());
        for (version, Score { runs, harms, reviews }) in &scores {
            let of = |harm| harms.get(&harm).copied().unwrap_or_default();
            say(&format!(
                "{} of {version}: {runs} runs; {} double charges, {} lost payments, {} stuck orders, {} other violations; \
                 reviews by name: {reviews:?}",
                self.what,
                of(Harm::DoubleCharge),
                of(Harm::LostPayment),
                of(Harm::Stuck),
                of(Harm::Wrong),
            ));
        }
        let runs: usize = scores.values().map(|score| score.runs).sum();
        say(&format!("{}: {runs} runs in {} s", self.what, self.began.elapsed().as_secs()));
        assert_eq!(scores.len(), VERSIONS.len(), "not every version was told");
        let first: Vec<_> = bad.iter().take(12).map(String::as_str).collect();
        assert!(bad.is_empty(), "{} violations, the first ones:\n{}", bad.len(), first.join("\n"));
    }
}
