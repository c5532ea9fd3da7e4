//! The parts of the table, and how each is measured.

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
    /// By a command in the project's folder that prints lines.
    Command(&'static str, &'static [&'static str]),
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
        how: How::Command(
            CARGO,
            &["bench", "--locked", "-p", "fps-tests", "--features", "postgres", "--bench", "storage"],
        ),
    },
    Part {
        name: "sandbox",
        how: How::Command(CARGO, &["bench", "--locked", "-p", "fps-sandbox", "--bench", "load"]),
    },
    Part { name: "compile_time", how: How::Command("tests/figures/compile-time", &[]) },
    Part { name: "builds", how: How::Builds },
];

impl Part {
    /// The part of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|part| part.name == name)
    }

    /// Measures it. What it prints besides goes to the standard error.
    pub(crate) fn measure(&self) -> Vec<Line> {
        match self.how {
            How::Pair => [bench("times", &[self.name]), bench("counts", &[self.name])].concat(),
            How::Command(program, arguments) => lines(Command::new(program).args(arguments)),
            How::Builds => builds::measure(),
        }
    }
}

/// What a bench of this package prints.
pub(crate) fn bench(name: &str, arguments: &[&str]) -> Vec<Line> {
    let cargo = ["bench", "--locked", "-p", "fps-figures", "--bench", name, "--"];
    lines(Command::new(CARGO).args(cargo).args(arguments))
}

/// The lines that a program prints. One that ends in failure has said why.
fn lines(command: &mut Command) -> Vec<Line> {
    let mut program = command.current_dir(root()).stdout(Stdio::piped()).spawn().expect("the program runs");
    let printed = BufReader::new(program.stdout.take().expect("its output is a pipe"));
    let mut lines = Vec::new();
    for text in printed.lines() {
        let text = text.expect("it prints UTF-8");
        match Line::read(&text) {
            Some(line) => lines.push(line),
            None => eprintln!("{text}"),
        }
    }
    let status = program.wait().expect("the program ends");
    if !status.success() {
        eprintln!("{command:?}: {status}");
    }
    lines
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

pub(crate) const CARGO: &str = "cargo";
