//! What the system says of processes.

use std::fmt;
use std::fs;
use std::time::Duration;

use fps_tests::PostgresServer;

use crate::shop::Shops;

/// Processor time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    shops: Duration,
    database: Duration,
    rest: Duration,
}

/// What all processes have used by now.
pub(crate) fn times(shops: &Shops, server: Option<&PostgresServer>) -> Times {
    Times {
        shops: shops.processes().map(time_of).sum(),
        database: server.map_or(Duration::ZERO, |server| processes_of(server).into_iter().map(time_of).sum()),
        rest: time_of(std::process::id()),
    }
}

impl Times {
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            shops: self.shops - before.shops,
            // Its processes come and go.
            database: self.database.saturating_sub(before.database),
            rest: self.rest - before.rest,
        }
    }

    /// A share of it.
    pub(crate) fn per(self, checkouts: usize) -> Self {
        let share = |time: Duration| time / u32::try_from(checkouts.max(1)).unwrap_or(u32::MAX);
        Self { shops: share(self.shops), database: share(self.database), rest: share(self.rest) }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = |time: Duration| time.as_micros();
        let (shop, database, rest) = (us(self.shops), us(self.database), us(self.rest));
        write!(f, "shop {shop} us, database {database} us, service and buyers {rest} us")
    }
}

/// Resident memory, in KiB.
pub(crate) fn memory_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process lives");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it has memory");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}

/// In user and system mode. Linux counts in hundredths of a second.
fn time_of(process: u32) -> Duration {
    // One that has just ended has nothing to add.
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name before may hold anything but a closing bracket last.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The postmaster and what it started.
fn processes_of(server: &PostgresServer) -> Vec<u32> {
    let postmaster =
        fs::read_to_string(server.folder().join("data/postmaster.pid")).expect("the server runs");
    let postmaster = postmaster.lines().next().unwrap_or_default();
    let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"));
    let children = children.expect("the server runs");
    std::iter::once(postmaster)
        .chain(children.split_whitespace())
        .filter_map(|process| process.parse().ok())
        .collect()
}
