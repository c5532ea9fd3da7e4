//! What the shop does, in spans.

use std::pin::Pin;

use tracing::Span;
use tracing::instrument::{Instrument, Instrumented};

/// Does it within that span. It is kept on the heap: what a shop does takes kilobytes of state, which would be copied from each
/// future into the one around it.
pub(super) fn within<F: Future>(span: Span, what: F) -> Instrumented<Pin<Box<F>>> {
    Box::pin(what).instrument(span)
}
