//! Walks over the shop's orders and stored tokens.

use std::collections::VecDeque;
use std::marker::PhantomData;

use super::Shop;
use crate::error::{Error, Result};
use crate::order::{ORDERS, Order, OrderId, State, Subject, TOKENS, Token, TokenName};
use crate::storage::{ListQuery, Record};

/// The shop's orders, or its stored tokens, by name, read a page at a time as they are taken. Made by [`Shop::walk`] and
/// [`Shop::walk_tokens`].
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
pub struct Walk<T = Order> {
    shop: Shop,
    /// What to read next, if anything is left.
    next: Option<ListQuery>,
    page: VecDeque<Record>,
    of: PhantomData<T>,
}

impl Shop {
    /// All orders, or those in that state, ordered by the bytes of their names.
    pub fn walk(&self, state: Option<State>) -> Walk {
        Walk::below(self, ORDERS, state)
    }

    /// All stored tokens, or those in that state, ordered by the bytes of their names.
    pub fn walk_tokens(&self, state: Option<State>) -> Walk<Token> {
        Walk::below(self, TOKENS, state)
    }
}

impl<T> Walk<T> {
    fn below(shop: &Shop, prefix: &str, state: Option<State>) -> Self {
        let query = ListQuery::new(prefix);
        let query = match state {
            Some(state) => query.with_state(state.as_str()),
            None => query,
        };
        Self { shop: shop.clone(), next: Some(query), page: VecDeque::new(), of: PhantomData }
    }

    fn behind(mut self, of: &Subject) -> Self {
        self.next = self.next.map(|query| query.with_after(of.key()));
        self
    }

    async fn document(&mut self) -> Result<Option<Order>> {
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

impl Walk {
    /// Begins after that order, which need not exist.
    pub fn after(self, id: &OrderId) -> Self {
        self.behind(&id.into())
    }

    /// The next order; `None` when there are no more. An order that was there all the time comes exactly once.
    ///
    /// # Errors
    ///
    /// [`Error::Record`] for an order that this version cannot read: the walk goes on behind it. [`Error::Storage`]: the same
    /// page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Order>> {
        self.document().await
    }
}

impl Walk<Token> {
    /// Begins after that token, which need not exist.
    pub fn after(self, name: &TokenName) -> Self {
        self.behind(&name.into())
    }

    /// The next token; `None` when there are no more. A token that was there all the time comes exactly once.
    ///
    /// # Errors
    ///
    /// As a walk over orders.
    pub async fn next(&mut self) -> Result<Option<Token>> {
        let Some(document) = self.document().await? else { return Ok(None) };
        let of = document.subject();
        Token::read(document).map(Some).ok_or_else(|| Error::unknown(&of))
    }
}
