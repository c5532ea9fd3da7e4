//! The counts that no machine's speed changes, held against what they were: `counts.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use fps_figures::Unit;
use serde::{Deserialize, Serialize};

use crate::builds;
use crate::parts::{bench, root};
use crate::value::{grouped, unit_name};

/// What is checked in.
#[derive(Debug, Serialize, Deserialize)]
struct Counts {
    /// Instructions depend on who compiled them.
    compiler: String,
    /// By unit, how many each figure takes.
    counts: BTreeMap<Unit, BTreeMap<String, u64>>,
}

/// Counts, and fails if anything has grown.
pub(crate) fn check() -> ExitCode {
    let text = std::fs::read_to_string(path()).expect("counts.toml can be read");
    let mut before: Counts = toml::from_str(&text).expect("counts.toml is what `accept` writes");
    let mut now = Counts::count();
    let uncomparable = if now.compiler != before.compiler {
        Some(format!("counts.toml has those of {}, and this is {}", before.compiler, now.compiler))
    } else if !now.counts.contains_key(&Unit::Instructions) {
        Some("valgrind is not installed".to_owned())
    } else {
        None
    };
    if let Some(why) = uncomparable {
        println!("instructions are not compared: {why}");
        before.counts.remove(&Unit::Instructions);
        now.counts.remove(&Unit::Instructions);
    }
    let changes = changes(&before, &now);
    for (_, change) in &changes {
        println!("{change}");
    }
    if changes.iter().any(|(is_bad, _)| *is_bad) {
        println!("If the change is worth it, run `{ACCEPT}`, and say in the commit why.");
        return ExitCode::FAILURE;
    }
    println!("no count has grown");
    ExitCode::SUCCESS
}

/// Counts, and writes it down.
pub(crate) fn accept() -> ExitCode {
    let now = Counts::count();
    if !now.counts.contains_key(&Unit::Instructions) {
        println!("nothing is written: instructions are not counted, because valgrind is not installed");
        return ExitCode::FAILURE;
    }
    let text = toml::to_string(&now).expect("counts are TOML");
    std::fs::write(path(), format!("{HEAD}{text}")).expect("counts.toml can be written");
    ExitCode::SUCCESS
}

/// What compiles, and for what: the parts of its version on which instructions depend.
pub(crate) fn compiler() -> String {
    let output = Command::new("rustc").arg("-vV").current_dir(root()).output().expect("rustc runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let of = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
    format!("rustc {} {}", of("release:"), of("host:"))
}

impl Counts {
    fn count() -> Self {
        let benches = [bench("times", &["--instructions"]), bench("counts", &[])];
        let lines = benches.into_iter().flat_map(|measured| measured.lines).chain(builds::crates());
        let mut counts = BTreeMap::<_, BTreeMap<_, _>>::new();
        for line in lines {
            let count = line.ours.first().copied().expect("a count has one round");
            counts.entry(line.unit).or_default().insert(line.figure, count);
        }
        Self { compiler: compiler(), counts }
    }
}

/// What is worth saying, and whether it is bad.
fn changes(before: &Counts, now: &Counts) -> Vec<(bool, String)> {
    let mut changes = Vec::new();
    let all = |counts: &Counts| {
        let figures = |(unit, figures): (&Unit, &BTreeMap<String, u64>)| {
            figures.keys().map(|figure| (*unit, figure.clone())).collect::<Vec<_>>()
        };
        counts.counts.iter().flat_map(figures).collect::<std::collections::BTreeSet<_>>()
    };
    for (unit, figure) in &all(before) | &all(now) {
        let of = |counts: &Counts| counts.counts.get(&unit).and_then(|figures| figures.get(&figure)).copied();
        let (name, tolerated) = (unit_name(unit), tolerated_percent(unit));
        changes.extend(match (of(before), of(now)) {
            (Some(before), Some(now)) if now * 100 > before * (100 + tolerated) => Some((
                true,
                format!(
                    "{figure}: {} {name}, and {} in counts.toml; {tolerated} % more would be tolerated",
                    grouped(now),
                    grouped(before)
                ),
            )),
            (Some(before), Some(now)) if now * 100 < before * (100 - tolerated) => Some((
                false,
                format!(
                    "{figure}: {} {name}, fewer than the {} in counts.toml; `{ACCEPT}` keeps it so",
                    grouped(now),
                    grouped(before)
                ),
            )),
            (Some(_), Some(_)) => None,
            (None, _) => Some((true, format!("{figure}: its {name} are counted, and not in counts.toml"))),
            (_, None) => Some((true, format!("{figure}: its {name} are in counts.toml, and not counted"))),
        });
    }
    changes
}

/// How much more of it is no matter. Instructions and allocations change a little with every library.
const fn tolerated_percent(unit: Unit) -> u64 {
    match unit {
        Unit::Instructions | Unit::Allocations => 5,
        _ => 0,
    }
}

fn path() -> PathBuf {
    root().join("tests/figures/counts.toml")
}

const ACCEPT: &str = "cargo run -p fps-figures -- accept";
const HEAD: &str = "\
# What one of each takes. `cargo run -p fps-figures -- check` fails if something has grown: instructions and allocations by more
# than 5 %, commits and crates at all. `cargo run -p fps-figures -- accept` writes this file.

";

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(unit: Unit, figures: &[(&str, u64)]) -> Counts {
        let figures = figures.iter().map(|(figure, count)| ((*figure).to_owned(), *count)).collect();
        Counts { compiler: String::new(), counts: BTreeMap::from([(unit, figures)]) }
    }

    #[test]
    fn a_count_may_grow_by_what_is_tolerated_and_no_more() {
        let cases = [
            (Unit::Instructions, 1_000, 1_050, None),
            (Unit::Instructions, 1_000, 1_051, Some(true)),
            (Unit::Instructions, 1_000, 950, None),
            (Unit::Instructions, 1_000, 949, Some(false)),
            (Unit::Allocations, 8, 9, Some(true)),
            (Unit::Allocations, 0, 1, Some(true)),
            (Unit::Commits, 4, 5, Some(true)),
            (Unit::Commits, 4, 4, None),
            (Unit::Crates, 100, 101, Some(true)),
        ];
        for (unit, before, now, said) in cases {
            let changes = changes(&counts(unit, &[("it", before)]), &counts(unit, &[("it", now)]));
            let is_bad = changes.first().map(|(is_bad, _)| *is_bad);
            assert_eq!(is_bad, said, "{unit:?} {before} → {now}: {changes:?}");
        }
    }

    #[test]
    fn a_figure_that_comes_or_goes_is_said() {
        let (one, two) = (counts(Unit::Crates, &[("one", 1)]), counts(Unit::Crates, &[("two", 1)]));
        let said: Vec<String> = changes(&one, &two).into_iter().map(|(_, said)| said).collect();
        assert!(said[0].starts_with("one: its crates are in counts.toml"), "{said:?}");
        assert!(said[1].starts_with("two: its crates are counted"), "{said:?}");
    }

    #[test]
    fn what_is_checked_in_is_what_is_written() {
        let text = std::fs::read_to_string(path()).unwrap();
        let counts: Counts = toml::from_str(&text).unwrap();
        assert_eq!(format!("{HEAD}{}", toml::to_string(&counts).unwrap()), text);
    }
}
