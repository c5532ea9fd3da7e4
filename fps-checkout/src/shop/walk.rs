//! A walk over the shop's orders.

use std::collections::VecDeque;

use super::Shop;
use crate::error::Result;
use crate::order::{Order, OrderId, State, key};
use crate::storage::{ListQuery, Record};

/// The shop's orders by name, read a page at a time as they are taken. Made by [`Shop::walk`].
///
/// ```
/// # async fn look(shop: &fps_checkout::Shop) -> fps_checkout::Result<()> {
/// let mut orders = shop.walk(None);
/// while let Some(order) = orders.next().await? {
///     if order.needs_a_person() {
///         println!("{} is {}", order.id(), order.state());
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a walk goes on by `next`"]
pub struct Walk {
    shop: Shop,
    /// What to read next, if anything is left.
    next: Option<ListQuery>,
    page: VecDeque<Record>,
}

impl Shop {
    /// All orders, or those in that state, ordered by the bytes of their names.
    pub fn walk(&self, state: Option<State>) -> Walk {
        let query = ListQuery::new("order/");
        let query = match state {
            Some(state) => query.with_state(state.as_str()),
            None => query,
        };
        Walk { shop: self.clone(), next: Some(query), page: VecDeque::new() }
    }
}

impl Walk {
    /// Begins after that order, which need not exist.
    pub fn after(mut self, id: &OrderId) -> Self {
        self.next = self.next.map(|query| query.with_after(key(id)));
        self
    }

    /// The next order; `None` when there are no more. An order that was there all the time comes exactly once.
    ///
    /// # Errors
    ///
    /// [`Error::Record`](crate::Error::Record) for an order that this version cannot read: the walk goes on behind it.
    /// [`Error::Storage`](crate::Error::Storage): the same page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Order>> {
        loop {
            if let Some(record) = self.page.pop_front() {
                return Ok(Some(Order::from_record(&record)?));
            }
            let Some(query) = self.next.clone() else {
                return Ok(None);
            };
            let page = self.shop.0.store.list(&query).await?;
            self.next = page.next.map(|after| query.with_after(after));
            self.page = page.records.into();
        }
    }
}
