//! What the laws write.

use fps_core::Timestamp;

use crate::conformance::Breach;
use crate::storage::{Key, Namespace, NewRecord, Record};

/// A namespace that no other test has.
pub(super) fn namespace() -> Namespace {
    Namespace::new(format!("law-{:032x}", rand::random::<u128>())).unwrap_or_default()
}

pub(super) fn key(text: &str) -> Result<Key, Breach> {
    Key::new(text).map_err(|error| Breach(error.to_string()))
}

/// An order in the state `Created` that is never due.
pub(super) fn order(name: &str) -> Result<NewRecord, Breach> {
    record(&format!("order/{name}"), "Created", None, name.as_bytes())
}

/// An order that is due so many milliseconds after [`NOON`].
pub(super) fn due(name: &str, millis: i64) -> Result<NewRecord, Breach> {
    record(&format!("order/{name}"), "Waiting", Some(at(millis)), name.as_bytes())
}

pub(super) fn record(
    name: &str,
    state: &str,
    due: Option<Timestamp>,
    body: &[u8],
) -> Result<NewRecord, Breach> {
    NewRecord::new(key(name)?, state, due, body.to_vec()).map_err(|error| Breach(error.to_string()))
}

/// The time so many milliseconds after the kit's noon, which is far from the present on purpose.
pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(NOON + millis)
}

/// The names of records, for messages and comparisons.
pub(super) fn names(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.key.name()).collect()
}

/// 2010-08-28T12:00:00Z.
const NOON: i64 = 1_282_996_800_000;
