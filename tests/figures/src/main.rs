//! Every figure of the project in one table, beside its floor and its budget.
//!
//! ```text
//! cargo run -p fps-figures                  the whole table: ten minutes on two cores, once the benches are built
//! cargo run -p fps-figures -- link storage  these parts only
//! cargo run -p fps-figures -- --markdown    the table as Markdown
//! cargo run -p fps-figures -- check         holds the counts that no machine's speed changes against counts.toml
//! cargo run -p fps-figures -- accept        writes them there
//! ```
//!
//! The table goes to the standard output, and how far it is to the standard error. It ends with 0 if all budgets hold and no count has
//! grown, with 1 if one does not, and with 2 if something could not be measured.

mod budgets;
mod builds;
mod environment;
mod guard;
mod parts;
mod table;
mod value;

use std::process::ExitCode;

use fps_figures::{Meter, Stopwatch};

use crate::environment::Environment;
use crate::parts::{Measured, Part};
use crate::table::{Form, Table};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["check"] => guard::check(),
        ["accept"] => guard::accept(),
        _ => figures(&words),
    }
}

fn figures(words: &[String]) -> ExitCode {
    let (options, names): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| word.starts_with("--"));
    let markdown = options.iter().any(|option| *option == "--markdown");
    if let Some(unknown) = options.iter().find(|option| **option != "--markdown") {
        eprintln!("no option `{unknown}`; there is `--markdown`");
        return NOT_MEASURED.into();
    }
    if let Some(unknown) = names.iter().find(|name| Part::named(name).is_none()) {
        let known: Vec<&str> = parts::ALL.iter().map(|part| part.name).collect();
        eprintln!("no part `{unknown}`; there are {}, and `check` and `accept`", known.join(", "));
        return NOT_MEASURED.into();
    }
    let wanted = |part: &&Part| names.is_empty() || names.iter().any(|name| *name == part.name);
    let parts: Vec<&Part> = parts::ALL.iter().filter(wanted).collect();

    let environment = Environment::now();
    let (measured, seconds) = measure(&parts);
    let table = Table::of(&parts, &measured.lines);
    println!("{environment}\n\n{}", table.show(if markdown { Form::Markdown } else { Form::Text }));
    println!("{}; measured in {seconds} s", table.summary());
    for note in measured.notes.iter().chain(&measured.failed) {
        println!("{note}");
    }
    match (table.is_missed(), table.is_whole() && measured.failed.is_empty()) {
        (true, _) => ExitCode::FAILURE,
        (false, false) => NOT_MEASURED.into(),
        (false, true) => ExitCode::SUCCESS,
    }
}

/// Measures them one after the other, and says how far it is; what came of it, and how many seconds it took.
fn measure(parts: &[&Part]) -> (Measured, u64) {
    eprintln!("figures: building what measures");
    let (_, took) = timed(|| parts.iter().for_each(|part| part.build()));
    eprintln!("figures: built in {took} s");
    timed(|| {
        let mut all = Measured::default();
        for (number, part) in (1..).zip(parts) {
            eprintln!("figures: {number} of {}, {}", parts.len(), part.name);
            let (measured, took) = timed(|| part.measure());
            eprintln!("figures: {} took {took} s", part.name);
            all.add(measured);
        }
        all
    })
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let (mut work, mut done, mut time) = (Some(work), None, Stopwatch::default());
    time.measure(&mut || done = work.take().map(|work| work()));
    (done.expect("it was done once"), time.nanoseconds / 1_000_000_000)
}

/// What it ends with if something could not be measured.
const NOT_MEASURED: u8 = 2;
