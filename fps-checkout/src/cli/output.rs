//! What is printed: tables for people, JSON for programs.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use console::{Alignment, Style, measure_text_width, pad_str, style};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::order::State;
use crate::storage::BoxError;

/// The standard output.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints one JSON object on a line of its own.
    pub(super) fn object(&mut self, value: &impl Serialize) -> Result<(), BoxError> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        Ok(io::stdout().write_all(&line)?)
    }

    /// Prints a line for people.
    pub(super) fn line(&mut self, text: &str) -> Result<(), BoxError> {
        Ok(writeln!(io::stdout(), "{text}")?)
    }

    /// Prints the rows as a table, or each as an object whose names are the head's.
    pub(super) fn table(&mut self, head: &[&str], rows: Vec<Vec<Cell>>) -> Result<(), BoxError> {
        if self.json {
            return rows.into_iter().try_for_each(|row| self.object(&object(head, row)));
        }
        let head: Vec<String> =
            head.iter().map(|name| style(name.to_uppercase()).bold().to_string()).collect();
        let rows = rows.into_iter().map(|row| row.into_iter().map(|cell| cell.text).collect());
        let lines: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
        let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
        let width = |at: usize| {
            lines.iter().filter_map(|line| line.get(at)).map(|text| measure_text_width(text)).max()
        };
        let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
        for line in &lines {
            let cells =
                line.iter().zip(&widths).map(|(text, width)| pad_str(text, *width, Alignment::Left, None));
            let text = cells.collect::<Vec<_>>().join("  ");
            self.line(text.trim_end())?;
        }
        Ok(())
    }
}

/// A row as an object whose names are the head's.
pub(super) fn object(head: &[&str], row: Vec<Cell>) -> Map<String, Value> {
    let names = head.iter().map(|name| name.replace(' ', "_"));
    names.zip(row.into_iter().map(|cell| cell.value)).collect()
}

/// One cell: what people read, and what programs read.
#[derive(Debug)]
pub(super) struct Cell {
    text: String,
    value: Value,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { value: text.clone().into(), text: plain(&text) }
    }

    /// Nothing is `-` for people, and null for programs.
    pub(super) fn optional(text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => Self::text(text),
            None => Self { text: "-".to_owned(), value: Value::Null },
        }
    }

    pub(super) fn number(number: impl Into<u64>) -> Self {
        let number = number.into();
        Self { text: number.to_string(), value: number.into() }
    }

    pub(super) fn state(state: State) -> Self {
        Self { text: colour(state).apply_to(state.as_str()).to_string(), value: state.as_str().into() }
    }
}

/// What others wrote cannot move the cursor of a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn colour(state: State) -> Style {
    match state {
        State::Paid => Style::new().green(),
        State::Review => Style::new().red().bold(),
        State::Declined | State::Abandoned | State::Expired | State::Cancelled => Style::new().dim(),
        _ => Style::new().yellow(),
    }
}

/// Prints an error with all its causes.
pub(super) fn complain(error: &(dyn Error + 'static)) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some causes are told by what they caused already.
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    // Nobody can be told that nobody can be told.
    let _ = writeln!(io::stderr(), "{} {text}", style("error:").red().bold().for_stderr());
}

/// Whether whoever read the output has gone, as `head` does.
pub(super) fn is_closed(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Shows on a terminal that something is going on, and how far it is.
pub(super) fn spinner(what: &'static str) -> ProgressBar {
    let spinner = bar_of("{spinner} {msg}: {human_pos}", what);
    if io::stderr().is_terminal() {
        spinner.enable_steady_tick(Duration::from_millis(120));
    }
    spinner
}

/// The same, where it is known how far it goes.
pub(super) fn bar(what: &'static str) -> ProgressBar {
    bar_of("{msg:12} [{bar:40}] {human_pos} of {human_len}, {eta} left", what)
}

fn bar_of(template: &str, what: &'static str) -> ProgressBar {
    let shown = ProgressBar::new(0).with_message(what);
    match ProgressStyle::with_template(template) {
        Ok(template) => shown.with_style(template.progress_chars("=> ")),
        Err(_) => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_cannot_move_the_cursor() {
        let cell = Cell::text("a\u{1b}[2Jb\nc");
        assert_eq!((cell.text.as_str(), &cell.value), ("a [2Jb c", &Value::from("a\u{1b}[2Jb\nc")));
        assert_eq!(Cell::optional(None::<String>).value, Value::Null);
    }
}
