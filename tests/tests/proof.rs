//! Money moves once, whatever goes wrong: every single fault, and every pair of faults, in every story.
//!
//! ```sh
//! cargo test --release -p fps-tests --test proof -- --include-ignored --nocapture
//! ```
//!
//! With `FPS_EVERY=100` in the environment the pairs begin with each 100th single only: so `tests/run` does it.

#![expect(clippy::unwrap_used, reason = "a lock is poisoned only by a test that failed already")]
#![expect(clippy::disallowed_methods, reason = "the proof says how long it took")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use fps_checkout::Version;
use fps_tests::proof::{Effect, Fault, Harm, Plan, Run, Story, Tooth, Verdict, run};

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
#[ignore = "takes long; run it by: cargo test --release -p fps-tests --test proof -- --include-ignored --nocapture every_pair"]
fn every_pair_of_faults_is_survived() {
    let tally = Tally::new("pairs");
    let every =
        std::env::var("FPS_EVERY").map_or(1, |text| text.parse().expect("FPS_EVERY is a number from 1"));
    println!("pairs that begin with each {every}. single");
    for_each_single(every, |tale, first| {
        for plan in seconds(tale, first) {
            tally.count(tale, &plan, &told(tale, &plan));
        }
    });
    tally.finish();
}

#[test]
fn every_broken_safety_is_noticed() {
    for tooth in Tooth::ALL {
        let mut noticed = None;
        'stories: for tale in Story::in_all_versions() {
            for plan in std::iter::once(Plan::new()).chain(singles(tale)) {
                if let Verdict::Bad(harm, what) = run(tale.0, tale.1, &plan, Some(tooth)).verdict {
                    noticed = Some(format!("{tale:?} with {plan:?}: {harm:?}: {what}"));
                    break 'stories;
                }
            }
        }
        println!("{tooth:?} is noticed by {}", noticed.as_deref().unwrap_or("nothing"));
        assert!(noticed.is_some(), "{tooth:?} breaks nothing that the proof looks at");
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
                    if (at + 1).is_multiple_of(10) {
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

struct Tally {
    what: &'static str,
    began: Instant,
    runs: AtomicUsize,
    reviews: Mutex<BTreeMap<&'static str, usize>>,
    bad: Mutex<Vec<(Harm, String)>>,
}

impl Tally {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            began: Instant::now(),
            runs: AtomicUsize::new(0),
            reviews: Mutex::default(),
            bad: Mutex::default(),
        }
    }

    fn count(&self, (story, version): Tale, plan: &Plan, told: &Run) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        match &told.verdict {
            Verdict::Good => {}
            Verdict::Review(case) => *self.reviews.lock().unwrap().entry(case).or_default() += 1,
            Verdict::Bad(harm, what) => {
                let faults: Vec<_> = plan
                    .iter()
                    .map(|(at, fault)| format!("{fault:?} at {at} ({:?})", told.effects.get(*at)))
                    .collect();
                let what = format!("{harm:?} in {story:?} of {version}, {}: {what}", faults.join(", "));
                // At once: whoever ends a long run early has seen what it found.
                println!("{what}");
                self.bad.lock().unwrap().push((*harm, what));
            }
        }
    }

    fn finish(self) {
        let (runs, bad) = (self.runs.into_inner(), self.bad.into_inner().unwrap());
        let of = |harm| bad.iter().filter(|(found, _)| *found == harm).count();
        println!(
            "{}: {runs} runs in {} s; {} double charges, {} lost payments, {} stuck orders, {} other violations; reviews by \
             name: {:?}",
            self.what,
            self.began.elapsed().as_secs(),
            of(Harm::DoubleCharge),
            of(Harm::LostPayment),
            of(Harm::Stuck),
            of(Harm::Wrong),
            self.reviews.into_inner().unwrap()
        );
        assert!(runs > 0, "no {} were run", self.what);
        let first: Vec<_> = bad.iter().take(12).map(|(_, what)| what.as_str()).collect();
        assert!(bad.is_empty(), "{} violations, the first ones:\n{}", bad.len(), first.join("\n"));
    }
}
