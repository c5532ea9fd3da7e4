//! Times and instructions of each pair: `cargo bench -p fps-figures --bench times -- link answer`.
//!
//! It prints what it measured, a line for each; the table is `cargo run -p fps-figures`. With `--instructions` it counts
//! instructions only, with `--times` it takes times only. Instructions want valgrind: it runs this program again, one side of one pair at a time.

mod cases;

use std::env;
use std::process::Command;

use fps_figures::{Instructions, Line, Meter, Pair, Stopwatch, Unit};

fn main() {
    let (options, names): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let given = |option: &str| options.iter().any(|given| given == option);
    if let [under_callgrind, name, side] = names.as_slice()
        && under_callgrind == "count"
    {
        return count(name, side);
    }
    for mut pair in cases::pairs(&names) {
        if !given("--bench") {
            // `cargo test --benches` only wants to know that it runs.
            pair.floor.run(1, &mut Unmeasured);
            pair.ours.run(1, &mut Unmeasured);
            continue;
        }
        if !given("--instructions") {
            println!("{}", times(&mut pair));
        }
        if !given("--times") {
            match instructions(&pair) {
                Some(line) => println!("{line}"),
                None => println!(
                    "instructions are not measured: valgrind is not installed; `apt-get install valgrind`"
                ),
            }
        }
    }
}

/// The floor and ours by turns, each as often the one that follows the other, so that both see the same machine.
fn times(pair: &mut Pair) -> Line {
    let (mut floor, mut ours) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + WARM_ROUNDS {
        let [mut one, mut other] = [Stopwatch::default(), Stopwatch::default()];
        if round % 2 == 0 {
            pair.floor.run(pair.batch, &mut one);
            pair.ours.run(pair.batch, &mut other);
        } else {
            pair.ours.run(pair.batch, &mut other);
            pair.floor.run(pair.batch, &mut one);
        }
        if round >= WARM_ROUNDS {
            floor.push(one.nanoseconds / u64::from(pair.batch));
            ours.push(other.nanoseconds / u64::from(pair.batch));
        }
    }
    Line { figure: pair.name.to_owned(), unit: Unit::Ns, floor, ours }
}

/// Instructions of one, on average over a batch; `None` without valgrind.
fn instructions(pair: &Pair) -> Option<Line> {
    Command::new("valgrind").arg("--version").output().ok()?;
    let count = |side| collected(pair.name, side) / u64::from(pair.batch);
    let (floor, ours) = (vec![count("floor")], vec![count("ours")]);
    Some(Line { figure: pair.name.to_owned(), unit: Unit::Instructions, floor, ours })
}

fn collected(name: &str, side: &str) -> u64 {
    let this = env::current_exe().expect("the path of this program");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", Instructions::TOGGLE])
        .arg(this)
        .args(["count", name, side])
        .output()
        .expect("valgrind runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text.lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, number)| number.trim().parse().ok())
        .unwrap_or_else(|| panic!("no count in {text}"))
}

/// What runs under callgrind: one side of one pair. What happens only once is done before it counts.
fn count(name: &str, side: &str) {
    let mut pair = cases::pairs(&[name.to_owned()]).pop().expect("a pair of that name");
    let side = if side == "floor" { &mut pair.floor } else { &mut pair.ours };
    side.run(WARM, &mut Unmeasured);
    side.run(pair.batch, &mut Instructions);
}

struct Unmeasured;

impl Meter for Unmeasured {
    fn measure(&mut self, work: &mut dyn FnMut()) {
        work();
    }
}

const ROUNDS: u32 = 200;
const WARM_ROUNDS: u32 = 5;
/// So many times before anything counts.
const WARM: u32 = 3;
