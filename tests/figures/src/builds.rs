//! What it costs to build: crates, and the time from nothing.

use std::process::Command;

use fps_figures::{Line, Meter, Stopwatch, Unit, tree};

use crate::parts::{CARGO, Measured, root};

/// What users build: the protocol alone, a shop, and a whole program with the service in it.
const PACKAGES: &[&str] = &["fps-core", "fps-checkout", "digital-download"];

/// Crates and time of each, all with their default features.
pub(crate) fn measure() -> Measured {
    let mut measured = Measured { lines: crates(), ..Measured::default() };
    for package in PACKAGES {
        eprintln!("figures: building {package} from nothing");
        match cold_build(package) {
            Some(line) => measured.lines.push(line),
            None => measured.failed.push(format!("{package} does not build")),
        }
    }
    measured
}

/// How many crates each builds, its own among them. On one platform, so that the count is the same everywhere.
pub(crate) fn crates() -> Vec<Line> {
    let count = |package: &&str| {
        let built = tree(&["-p", package, "--edges", "normal,build", "--target", "x86_64-unknown-linux-gnu"]);
        line(package, Unit::Crates, built.len() as u64)
    };
    PACKAGES.iter().map(count).collect()
}

/// Builds it into an empty folder by two jobs. The sources are there already; `None` if it does not build.
fn cold_build(package: &str) -> Option<Line> {
    let target = tempfile::tempdir().expect("a temporary folder");
    let mut build = Command::new(CARGO);
    build.current_dir(root()).env("CARGO_TARGET_DIR", target.path()).env("CARGO_INCREMENTAL", "0");
    build.args(["build", "--quiet", "--locked", "--jobs", "2", "-p", package]);
    let (mut time, mut built) = (Stopwatch::default(), false);
    time.measure(&mut || built = build.status().is_ok_and(|status| status.success()));
    built.then(|| line(package, Unit::Ns, time.nanoseconds))
}

fn line(figure: &str, unit: Unit, ours: u64) -> Line {
    Line { figure: figure.to_owned(), unit, floor: Vec::new(), ours: vec![ours] }
}
