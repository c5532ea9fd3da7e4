//! A floor and a subject, and the meters that they are run under.

use std::hint::black_box;
use std::time::Instant;

/// A figure: what has to be done at least, and what we do for the same.
pub struct Pair {
    /// Its name.
    pub name: &'static str,
    /// How many times one round does it.
    pub batch: u32,
    /// What has to be done at least.
    pub floor: Box<dyn Side>,
    /// What we do.
    pub ours: Box<dyn Side>,
}

impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pair").field("name", &self.name).field("batch", &self.batch).finish_non_exhaustive()
    }
}

/// One side of a pair.
pub trait Side {
    /// Does it so many times, what counts under the meter. What has to happen in between is done outside of it.
    fn run(&mut self, times: u32, meter: &mut dyn Meter);

    /// How many commits to a store it has made so far; `None` if it has no store.
    fn commits(&self) -> Option<u64> {
        None
    }
}

/// Measures what it runs.
pub trait Meter {
    /// Runs the work, and measures it.
    fn measure(&mut self, work: &mut dyn FnMut());
}

/// A side of which all counts.
#[derive(Debug)]
pub struct Once<F>(pub F);

impl<F: FnMut() -> T, T> Side for Once<F> {
    fn run(&mut self, times: u32, meter: &mut dyn Meter) {
        meter.measure(&mut || {
            for _ in 0..times {
                black_box((self.0)());
            }
        });
    }
}

/// Adds up the time.
#[derive(Debug, Default)]
pub struct Stopwatch {
    /// So far.
    pub nanoseconds: u64,
}

impl Meter for Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]
    fn measure(&mut self, work: &mut dyn FnMut()) {
        let began = Instant::now();
        work();
        self.nanoseconds += u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    }
}

/// Marks what callgrind counts, by the name of the function in which it is done.
#[derive(Debug)]
pub struct Instructions;

impl Instructions {
    /// What callgrind is told to count: the functions of that name, and all that they call.
    pub const TOGGLE: &str = "--toggle-collect=*fps_figures*counted_by_callgrind*";
}

impl Meter for Instructions {
    fn measure(&mut self, work: &mut dyn FnMut()) {
        counted_by_callgrind(work);
    }
}

/// Not generic, so that there is one function of that name, and never inlined, so that it is entered and left.
#[inline(never)]
fn counted_by_callgrind(work: &mut dyn FnMut()) {
    work();
    black_box(());
}
