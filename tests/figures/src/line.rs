//! What a measurement says: one line of JSON.

use serde::{Deserialize, Serialize};

/// What came of one measurement. A bench prints it as a line, and [`Line::read`] finds it among whatever else is printed.
///
/// ```
/// use fps_figures::{Line, Unit};
///
/// let line = Line { figure: "link".into(), unit: Unit::Allocations, floor: vec![0], ours: vec![7] };
/// assert_eq!(line.to_string(), r#"{"figure":"link","unit":"allocations","floor":[0],"ours":[7]}"#);
/// assert_eq!(Line::read(&line.to_string()), Some(line));
/// assert_eq!(Line::read("Compiling fps-core"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which figure, such as `purchase`.
    pub figure: String,
    /// What was measured.
    pub unit: Unit,
    /// The floor, round by round; nothing where there is none.
    #[serde(default)]
    pub floor: Vec<u64>,
    /// What we do, round by round. The same round of the floor was measured just before or just after.
    pub ours: Vec<u64>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nanoseconds that one takes.
    Ns,
    /// Calls in a second.
    CallsPerSecond,
    /// Instructions that one takes, counted by callgrind.
    Instructions,
    /// Allocations that one makes.
    Allocations,
    /// Commits to the store.
    Commits,
    /// Crates that are built.
    Crates,
}

impl Line {
    /// The line, if it is one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
    }
}
