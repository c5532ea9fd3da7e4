//! The shop: drives orders through the payment service, one committed step at a time.

mod begin;
mod builder;
mod change;
mod complete;
mod deliver;
mod mac;
mod notice;
mod operator;
mod reconcile;
mod references;
mod refund;
mod settle;
mod span;
mod stored;
#[cfg(test)]
mod tests;
mod tokens;
mod visit;
mod walk;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fps_core::client::Clock;
use fps_core::url::Url;
use fps_core::{Pairs, Timestamp, Version};

use crate::error::{Error, Result};
use crate::gateway::{Gateway, Gateways};
use crate::handler::ReturnHandler;
use crate::order::{ORDERS, Order, OrderId, ShopId, Subject};
use crate::storage::{ListQuery, Storage};

use self::mac::ReturnMark;

pub use self::begin::{Begin, Begun};
pub use self::builder::ShopBuilder;
pub use self::complete::Completed;
pub use self::reconcile::{Disagreement, Finding, Reconciliation, Standing};
pub use self::stored::{BeginToken, BegunToken, ChargeToken};
pub use self::tokens::InstalledTokens;
pub use self::walk::Walk;
pub use self::worker::Work;

/// A shop: begins orders, completes them when buyers come back, and finishes what was left open.
///
/// It is cheap to clone, and every clone is the same shop. Several processes may open one shop on one store.
#[derive(Clone)]
pub struct Shop(Arc<Inner>);

pub(crate) struct Inner {
    store: Arc<dyn Storage>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
    mark: ReturnMark,
    handlers: Vec<Arc<dyn ReturnHandler>>,
    id: ShopId,
    version: Version,
    return_url: Url,
    notice_url: Url,
    /// The public address itself.
    front: Url,
    /// This process, by a name made at random when it opened the shop.
    process: String,
}

impl Shop {
    /// Makes a shop.
    pub fn builder() -> ShopBuilder {
        ShopBuilder::default()
    }

    /// An order as it stands now.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOrder`], [`Error::Storage`] or [`Error::Record`].
    pub async fn order(&self, id: &OrderId) -> Result<Order> {
        self.load(&id.into()).await
    }

    /// The document of an order or a stored token as it stands now.
    async fn load(&self, of: &Subject) -> Result<Order> {
        self.find(of).await?.ok_or_else(|| Error::unknown(of))
    }

    async fn find(&self, of: &Subject) -> Result<Option<Order>> {
        match self.0.store.load(&of.key()).await? {
            Some(record) => Ok(Some(Order::from_record(&record)?)),
            None => Ok(None),
        }
    }

    /// Where an order is: the short form of [`Shop::order`].
    ///
    /// # Errors
    ///
    /// As [`Shop::order`].
    pub async fn status(&self, id: &OrderId) -> Result<crate::order::State> {
        Ok(self.order(id).await?.state())
    }

    /// One page of the orders, by name: after that name, so many at most, in that state or any.
    ///
    /// # Errors
    ///
    /// [`Error::Storage`] or [`Error::Record`].
    pub async fn orders(
        &self,
        state: Option<crate::order::State>,
        after: Option<&OrderId>,
        limit: usize,
    ) -> Result<Vec<Order>> {
        let mut query = ListQuery::new(ORDERS).with_limit(limit);
        if let Some(state) = state {
            query = query.with_state(state.as_str());
        }
        if let Some(after) = after {
            query = query.with_after(Subject::from(after).key());
        }
        let page = self.0.store.list(&query).await?;
        page.records.iter().map(|record| Ok(Order::from_record(record)?)).collect()
    }

    /// Where the pages send buyers back to: the address of the return route, without its query.
    #[must_use]
    pub fn return_url(&self) -> &Url {
        &self.0.return_url
    }

    /// Where the service sends notices to: the address of the notice route, without its query.
    #[must_use]
    pub fn notice_url(&self) -> &Url {
        &self.0.notice_url
    }

    /// The shop's public address.
    pub(crate) fn front(&self) -> &Url {
        &self.0.front
    }

    /// What our own mark among those parameters names.
    pub(crate) fn marked(&self, pairs: &Pairs) -> Option<Subject> {
        self.0.mark.find(pairs).map(|(of, _)| of)
    }

    /// Waits so long, by the shop's clock.
    pub(crate) async fn sleep(&self, duration: Duration) {
        self.0.clock.sleep(duration).await;
    }

    /// The way to the service in the version that an order began with.
    fn gateway(&self, order: &Order) -> &dyn Gateway {
        self.0.gateways.of(order.api())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The names of the handlers that hear of news committed now.
    pub(crate) fn handler_names(&self) -> Vec<&str> {
        self.0.handlers.iter().map(|handler| handler.name()).collect()
    }
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shop")
            .field("id", &self.0.id)
            .field("version", &self.0.version)
            .field("store", &self.0.store)
            .field("return_url", &self.0.return_url.as_str())
            .field("handlers", &self.handler_names())
            .finish_non_exhaustive()
    }
}
