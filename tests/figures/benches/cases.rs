//! The pairs that both benches measure.

mod derive;
mod protocol;
mod purchase;

use fps_figures::Pair;

/// Those that are named, or all.
pub(crate) fn pairs(names: &[String]) -> Vec<Pair> {
    let all =
        [protocol::link, protocol::answer, derive::song, derive::parcel, purchase::purchase, purchase::shop];
    let all = all.map(|pair| pair());
    all.into_iter().filter(|pair| names.is_empty() || names.iter().any(|name| name == pair.name)).collect()
}
