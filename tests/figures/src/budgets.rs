//! The rows of the table, and what each may cost.

use fps_figures::Unit;

/// One row.
pub(crate) struct Row {
    /// The part that measures it.
    pub(crate) part: &'static str,
    /// The figure and the unit that its line has.
    pub(crate) figure: &'static str,
    pub(crate) unit: Unit,
    /// What it says. A row that only adds to the one above it says its unit.
    pub(crate) what: &'static str,
    pub(crate) budget: Option<Budget>,
}

/// What a figure may be. Ratios are in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Budget {
    /// Ours beside the floor: at most.
    AtMostTimes(u64),
    /// Ours beside the floor: at least.
    AtLeastTimes(u64),
    /// Ours alone: at most.
    AtMost(u64),
    /// Ours alone: less than that.
    Below(u64),
}

use Budget::{AtLeastTimes, AtMost, AtMostTimes, Below};
use Unit::{Allocations, CallsPerSecond, Commits, Crates, Instructions, Ns};

/// All rows.
#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    row("link", "link", Ns, "build and sign one SingleUse link / HMAC alone", Some(AtMostTimes(1_600))),
    row("link", "link", Instructions, "", None),
    row("link", "link", Allocations, "", None),
    row("answer", "answer", Ns, "parse a Pay answer into its type / bare event pass", Some(AtMostTimes(2_000))),
    row("answer", "answer", Instructions, "", None),
    row("answer", "answer", Allocations, "", None),
    row("derive_song", "derive_song", Instructions, "derived parameters() of a song / by hand", Some(AtMostTimes(1_020))),
    row("derive_song", "derive_song", Allocations, "", None),
    row("derive_parcel", "derive_parcel", Instructions, "derived parameters() of a parcel / by hand", Some(AtMostTimes(1_020))),
    row("derive_parcel", "derive_parcel", Allocations, "", None),
    row("purchase", "purchase", Ns, "one purchase by a shop / its bare calls, signatures and RSA", Some(AtMostTimes(1_500))),
    row("purchase", "purchase", Instructions, "", None),
    row("purchase", "purchase", Allocations, "", None),
    row("purchase", "purchase", Commits, "", Some(AtMost(4))),
    row("shop", "shop", Ns, "the same without the buyer's pages / its bare calls", Some(AtMostTimes(2_000))),
    row("shop", "shop", Instructions, "", None),
    row("shop", "shop", Allocations, "", None),
    row("storage", "commits_sqlite", Ns, "a purchase's commits on SQLite / bare durable writes", Some(AtMostTimes(1_250))),
    row("storage", "commits_postgres", Ns, "a purchase's commits on PostgreSQL / bare writes", Some(AtMostTimes(1_250))),
    row("storage", "claims_sqlite_1000000", Ns, "claim_due beside 1,000,000 orders / 1,000, SQLite", Some(AtMostTimes(1_200))),
    row("storage", "claims_postgres_1000000", Ns, "claim_due beside 1,000,000 orders / 1,000, PostgreSQL", Some(AtMostTimes(1_200))),
    row("sandbox", "sandbox", CallsPerSecond, "the sandbox under load / a bare axum handler", Some(AtLeastTimes(500))),
    row("compile_time", "compile_time", Ns, "200 structs with Checkout / with serde::Serialize", Some(AtMostTimes(1_200))),
    row("builds", "fps-core", Crates, "build fps-core from nothing", None),
    row("builds", "fps-core", Ns, "", None),
    row("builds", "fps-checkout", Crates, "build fps-checkout from nothing", Some(Below(180))),
    row("builds", "fps-checkout", Ns, "", Some(Below(100_000_000_000))),
    row("builds", "digital-download", Crates, "build digital-download from nothing", None),
    row("builds", "digital-download", Ns, "", None),
];

const fn row(
    part: &'static str,
    figure: &'static str,
    unit: Unit,
    what: &'static str,
    budget: Option<Budget>,
) -> Row {
    Row { part, figure, unit, what, budget }
}
