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
mod token;

pub use self::event::{Answer, Event, News, Report, Source};
pub use self::export::{Export, ReplayError};
pub use self::id::{IdError, OrderId, RefundId, Subject, TokenName};
pub(crate) use self::id::{ORDERS, ShopId, TOKENS};
pub use self::machine::{Alarm, Approval, Attempt, Machine, Refusal};
pub use self::operation::{Kind, Operation, Outcome, Right};
pub use self::outbox::{Delivery, Effect, EffectId};
pub use self::product::Product;
pub use self::record::{BuyerSide, Entry, Order, RecordError};
pub(crate) use self::schedule::{
    GIVE_UP_SENDING_AFTER, LAST_LOOK_AFTER, TOKEN_LIFE, TryAgain, Visit, try_again,
};
pub use self::state::{EDGES, Edge, State, Trigger, diagram, has_edge};
pub use self::terms::{PayTerms, References};
pub(crate) use self::terms::{approval_reference, charge_reference};
pub(crate) use self::token::Fate;
pub use self::token::{Token, TokenRefusal, TokenTerms, Use};
