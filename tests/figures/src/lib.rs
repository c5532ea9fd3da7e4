//! What the benches share: a figure's floor and subject, how they are measured by turns, and the line that says what came of it.

mod line;
mod pair;
mod tree;

pub use line::{Line, Unit};
pub use pair::{Instructions, Meter, Once, Pair, Side, Stopwatch};
pub use tree::tree;
