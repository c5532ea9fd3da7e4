//! The proof that money moves once: every effect of a story is numbered, and at each of them something goes wrong.
//!
//! A **story** is a purchase, a reservation or a refund. Its **effects** are the writes to the store, the calls to the
//! service, and the runs of handlers, numbered as they happen. A **single** is the story with one fault at one effect; a
//! **pair** has a second fault at a later effect of that very run, recovery included. After the faults only the worker runs, on
//! a clock that jumps from one due time to the next. Then the **judge** looks into the service's ledger.
//!
//! A proof that cannot fail proves nothing: the **teeth** break one safety of the shop from outside, and the proof must
//! notice.

mod chance;
mod clock;
mod day;
mod judge;
mod mallory;
mod run;
mod seam;
mod story;
mod teeth;

pub use day::{Day, simulate};
pub use judge::{Harm, Verdict};
pub use run::{Run, run};
pub use seam::{Effect, Fault, Plan};
pub use story::Story;
pub use teeth::Tooth;
