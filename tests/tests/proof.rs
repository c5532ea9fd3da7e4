//! Money moves once, whatever goes wrong: every single fault, and every pair of faults, in every story.
//!
//! ```sh
//! cargo test --release -p fps-tests --test proof -- --include-ignored --nocapture
//! ```
//!
//! Singles are struck in every story by `tests/run`. Pairs are a command of their own: they are struck in the purchase from
//! the balance, or with `FPS_PAIRS=all` in the environment in every story.

#![expect(clippy::unwrap_used, reason = "a lock is poisoned only by a test that failed already")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fps_tests::proof::{Effect, Fault, Plan, Run, Story, Tooth, Verdict, run};

#[test]
fn without_faults_every_story_ends_well() {
    for story in Story::ALL {
        let told = run(story, &Plan::new(), None);
        assert_eq!(told.verdict, Verdict::Good, "{story:?}: {:#?}", told.effects);
    }
}

#[test]
fn every_single_fault_is_survived() {
    let tally = Tally::default();
    for story in Story::ALL {
        for plan in singles(story) {
            tally.count(story, &plan, &run(story, &plan, None));
        }
    }
    tally.finish("singles");
}

#[test]
#[ignore = "takes long; run it by: cargo test --release -p fps-tests --test proof -- --include-ignored --nocapture"]
fn every_pair_of_faults_is_survived() {
    let tally = Tally::default();
    let firsts: Vec<(Story, Plan)> = Story::ALL
        .into_iter()
        .flat_map(|story| singles(story).into_iter().map(move |plan| (story, plan)))
        .collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((story, first)) = firsts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for plan in seconds(*story, first) {
                        tally.count(*story, &plan, &run(*story, &plan, None));
                    }
                }
            });
        }
    });
    tally.finish("pairs");
}

#[test]
fn every_broken_safety_is_noticed() {
    for tooth in Tooth::ALL {
        let mut noticed = None;
        'stories: for story in Story::ALL {
            for plan in std::iter::once(Plan::new()).chain(singles(story)) {
                if let Verdict::Bad(what) = run(story, &plan, Some(tooth)).verdict {
                    noticed = Some(format!("{story:?} with {plan:?}: {what}"));
                    break 'stories;
                }
            }
        }
        println!("{tooth:?} is noticed by {}", noticed.as_deref().unwrap_or("nothing"));
        assert!(noticed.is_some(), "{tooth:?} breaks nothing that the proof looks at");
    }
}

/// One fault at each effect of the story as it goes without faults.
fn singles(story: Story) -> Vec<Plan> {
    at_each(&run(story, &Plan::new(), None).effects, 0).map(|(at, fault)| Plan::from([(at, fault)])).collect()
}

/// A second fault at each later effect of the run that the first fault makes.
fn seconds(story: Story, first: &Plan) -> Vec<Plan> {
    let from = first.keys().next_back().map_or(0, |at| at + 1);
    at_each(&run(story, first, None).effects, from)
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

#[derive(Default)]
struct Tally {
    runs: AtomicUsize,
    reviews: Mutex<BTreeMap<&'static str, usize>>,
    bad: Mutex<Vec<String>>,
}

impl Tally {
    fn count(&self, story: Story, plan: &Plan, told: &Run) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        match &told.verdict {
            Verdict::Good => {}
            Verdict::Review(case) => *self.reviews.lock().unwrap().entry(case).or_default() += 1,
            Verdict::Bad(what) => {
                let faults: Vec<_> = plan
                    .iter()
                    .map(|(at, fault)| format!("{fault:?} at {at} ({:?})", told.effects.get(*at)))
                    .collect();
                self.bad.lock().unwrap().push(format!("{story:?}, {}: {what}", faults.join(", ")));
            }
        }
    }

    fn finish(self, what: &str) {
        let (reviews, bad) = (self.reviews.into_inner().unwrap(), self.bad.into_inner().unwrap());
        println!(
            "{what}: {} runs, {} violations, reviews by name: {reviews:?}",
            self.runs.into_inner(),
            bad.len()
        );
        assert!(
            bad.is_empty(),
            "{} violations, the first ones:\n{}",
            bad.len(),
            bad[..bad.len().min(12)].join("\n")
        );
    }
}
