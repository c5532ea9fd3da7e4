//! The parts of the table, and how each is measured.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use fps_figures::Line;

use crate::builds;

/// What is measured together, and can be measured alone.
pub(crate) struct Part {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    how: How,
}

enum How {
    /// By both benches of this package.
    Pair,
    /// By a bench of another one: what cargo is told, and what the bench is.
    Bench(&'static [&'static str], &'static [&'static str]),
    /// By a program in the project's folder that prints lines.
    Program(&'static str),
    /// By cargo itself.
    Builds,
}

/// All parts, as they stand in the table.
pub(crate) const ALL: &[Part] = &[
    Part { name: "link", how: How::Pair },
    Part { name: "answer", how: How::Pair },
    Part { name: "derive_song", how: How::Pair },
    Part { name: "derive_parcel", how: How::Pair },
    Part { name: "purchase", how: How::Pair },
    Part { name: "shop", how: How::Pair },
    Part {
        name: "storage",
        how: How::Bench(
            &["-p", "fps-tests", "--features", "postgres", "--bench", "storage"],
            &["commits", "claims"],
        ),
    },
    Part { name: "sandbox", how: How::Bench(&["-p", "fps-sandbox", "--bench", "load"], &[]) },
    Part { name: "compile_time", how: How::Program("tests/figures/compile-time") },
    Part { name: "builds", how: How::Builds },
];

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) lines: Vec<Line>,
    /// What could not be measured, and what to do.
    pub(crate) notes: BTreeSet<String>,
    /// What ended in failure, and has said why.
    pub(crate) failed: Vec<String>,
}

impl Part {
    /// The part of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|part| part.name == name)
    }

    /// Builds what measures it, so that nothing else is done when it is measured. What does not build says so then, too.
    pub(crate) fn build(&self) {
        let what = match self.how {
            How::Pair => PAIRS,
            How::Bench(what, _) => what,
            How::Program(_) | How::Builds => return,
        };
        let build = Command::new(CARGO).args(BENCH).args(what).arg("--no-run").current_dir(root()).status();
        let _it_is_built_or_says_so_when_it_runs = build;
    }

    /// Measures it. What it prints besides goes to the standard error.
    pub(crate) fn measure(&self) -> Measured {
        match self.how {
            How::Pair => {
                let mut measured = bench("times", &[self.name]);
                measured.add(bench("counts", &[self.name]));
                measured
            }
            How::Bench(what, names) => {
                lines(Command::new(CARGO).args(BENCH).args(what).arg("--").args(names))
            }
            How::Program(program) => lines(&mut Command::new(root().join(program))),
            How::Builds => builds::measure(),
        }
    }
}

impl Measured {
    pub(crate) fn add(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.notes.extend(other.notes);
        self.failed.extend(other.failed);
    }
}

/// What a bench of this package prints.
pub(crate) fn bench(name: &str, arguments: &[&str]) -> Measured {
    let bench = ["-p", "fps-figures", "--bench", name, "--"];
    lines(Command::new(CARGO).args(BENCH).args(bench).args(arguments))
}

/// The lines that a program prints.
fn lines(command: &mut Command) -> Measured {
    let mut measured = Measured::default();
    let mut program = match command.current_dir(root()).stdout(Stdio::piped()).spawn() {
        Ok(program) => program,
        Err(error) => {
            measured.failed.push(format!("{command:?}: {error}"));
            return measured;
        }
    };
    let printed = BufReader::new(program.stdout.take().expect("its output is a pipe"));
    for text in printed.lines() {
        let text = text.expect("it prints UTF-8");
        match Line::read(&text) {
            Some(line) => measured.lines.push(line),
            None if text.contains("not measured") => drop(measured.notes.insert(text)),
            None => eprintln!("{text}"),
        }
    }
    let status = program.wait().expect("the program ends");
    if !status.success() {
        measured.failed.push(format!("{command:?}: {status}"));
    }
    measured
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

pub(crate) const CARGO: &str = "cargo";
const BENCH: &[&str] = &["bench", "--quiet", "--locked"];
const PAIRS: &[&str] = &["-p", "fps-figures", "--benches"];
