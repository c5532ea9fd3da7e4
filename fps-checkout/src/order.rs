#![doc = include_str!("docs/orders.md")]

mod event;
mod export;
mod id;
mod machine;
mod operation;
mod outbox;
mod product;
mod record;
mod schedule;
mod state;
mod terms;
#[cfg(test)]
mod tests;

pub use self::event::{Answer, Event, News, Report, Source};
pub use self::export::{Export, ReplayError};
pub(crate) use self::id::ShopId;
pub use self::id::{IdError, OrderId, RefundId};
pub use self::machine::{Alarm, Approval, Attempt, Machine, Refusal};
pub use self::operation::{Kind, Operation, Outcome, Right};
pub use self::outbox::{Delivery, Effect, EffectId};
pub use self::product::Product;
pub(crate) use self::record::key;
pub use self::record::{BuyerSide, Entry, Order, RecordError};
pub(crate) use self::schedule::{LAST_LOOK_AFTER, TOKEN_LIFE, TryAgain, Visit, try_again};
pub use self::state::{EDGES, Edge, State, Trigger, diagram, has_edge};
pub use self::terms::{PayTerms, References};
pub(crate) use self::terms::{approval_reference, charge_reference};
