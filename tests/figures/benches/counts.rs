//! Allocations and commits of each pair: `cargo bench -p fps-figures --bench counts -- purchase`.
//!
//! A program of its own, because the allocator that counts is slower than the system's.

mod cases;

use std::env;

use allocation_counter::measure;
use fps_figures::{Line, Meter, Side, Unit};

fn main() {
    let names: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    for mut pair in cases::pairs(&names) {
        let [floor, ours] = [&mut *pair.floor, &mut *pair.ours].map(|side| count(side, pair.batch));
        let figure = || pair.name.to_owned();
        let allocations = |one: &Counted| vec![one.allocations];
        let line = Line {
            figure: figure(),
            unit: Unit::Allocations,
            floor: allocations(&floor),
            ours: allocations(&ours),
        };
        println!("{line}");
        if let Some(commits) = ours.commits {
            println!(
                "{}",
                Line { figure: figure(), unit: Unit::Commits, floor: Vec::new(), ours: vec![commits] }
            );
        }
    }
}

/// What one takes.
struct Counted {
    allocations: u64,
    commits: Option<u64>,
}

fn count(side: &mut dyn Side, times: u32) -> Counted {
    // What happens only once does not count.
    let mut meter = Allocations(0);
    side.run(3, &mut meter);
    meter.0 = 0;
    let before = side.commits();
    side.run(times, &mut meter);
    let commits = side.commits().zip(before).map(|(after, before)| after - before);
    let each = |all: u64| all / u64::from(times);
    Counted { allocations: each(meter.0), commits: commits.map(each) }
}

struct Allocations(u64);

impl Meter for Allocations {
    fn measure(&mut self, work: &mut dyn FnMut()) {
        self.0 += measure(work).count_total;
    }
}
