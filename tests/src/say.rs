//! What the reader of a test run wants to see even where every test passes.

use std::io::Write as _;

/// Says a line on standard output, past the test runner, which keeps to itself what passing tests print.
///
/// # Panics
///
/// If standard output is closed.
pub fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output is open");
}
