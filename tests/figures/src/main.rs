//! Every figure of the project in one table, beside its floor and its budget.
//!
//! ```text
//! cargo run -p fps-figures                  the whole table: ten minutes on two cores
//! cargo run -p fps-figures -- link storage  these parts only
//! cargo run -p fps-figures -- check         holds the counts that no machine's speed changes against counts.toml
//! cargo run -p fps-figures -- accept        writes them there
//! ```
//!
//! It fails if a budget does not hold, or a count has grown.

mod budgets;
mod builds;
mod guard;
mod parts;
mod table;

use std::process::ExitCode;

use fps_figures::Line;

use crate::parts::Part;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["check"] => guard::check(),
        ["accept"] => guard::accept(),
        _ => figures(&words),
    }
}

fn figures(words: &[String]) -> ExitCode {
    if let Some(unknown) = words.iter().find(|word| Part::named(word).is_none()) {
        let known: Vec<&str> = parts::ALL.iter().map(|part| part.name).collect();
        eprintln!("no part `{unknown}`; there are {}, and `check` and `accept`", known.join(", "));
        return ExitCode::FAILURE;
    }
    let wanted = |part: &&Part| words.is_empty() || words.iter().any(|word| word == part.name);
    let parts: Vec<&Part> = parts::ALL.iter().filter(wanted).collect();
    let measured: Vec<Line> = parts.iter().flat_map(|part| part.measure()).collect();
    let all_hold = table::print(&parts, &measured);
    if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
