//! Orders: what one is, where it can be, and what moves it. Nothing here reads a clock, a store or a socket.
//!
//! An [`Order`] is one document with one version. Everything that happens to it is an [`Event`]; the [`Machine`] is a pure
//! fold over events along the edges of one table, [`EDGES`]; the journal keeps them, so that replaying the journal gives
//! the machine again.

mod event;
mod id;
mod machine;
mod operation;
mod outbox;
mod product;
mod record;
mod schedule;
mod state;
#[cfg(test)]
mod tests;

pub use self::event::{Answer, Event, News, Report, Source};
pub(crate) use self::id::ShopId;
pub use self::id::{IdError, OrderId, RefundId};
pub use self::machine::{Alarm, Approval, Attempt, Machine, Refusal};
pub use self::operation::{Kind, Operation, Outcome, Right};
pub use self::outbox::{Delivery, Effect, EffectId};
pub use self::product::{PayTerms, Product};
pub(crate) use self::record::key;
pub use self::record::{BuyerSide, Entry, Order, RecordError};
pub(crate) use self::schedule::{LAST_LOOK_AFTER, TOKEN_LIFE, Visit};
pub use self::state::{EDGES, Edge, State, Trigger, diagram, has_edge};
