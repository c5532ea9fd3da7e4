//! Handlers: what a shop does when something happened to an order.
//!
//! A [`ReturnHandler`] hears typed [`News`], never raw query text. News is committed with the step that made it, in the
//! order's own outbox; so a handler hears it at least once whatever crashes, always with the same [`EffectId`], and the news
//! of one order in the order in which it happened.
//!
//! A shop's own handler is given to [`ShopBuilder::handler`](crate::shop::ShopBuilder::handler). A crate of its own offers one as a
//! [`HandlerPlugin`]; `examples/receipts-jsonl` is such a crate, to begin another from.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use fps_core::Timestamp;

use crate::order::{EffectId, News, Order, Token};
use crate::storage::BoxError;

mod linked;

pub use linked::{Context, HandlerPlugin, Handlers, OpenHandler, OpeningHandler};

/// Does the shop's own work when something happened to an order.
///
/// # What you may rely on
///
/// - Each piece of news comes at least once, after it is committed, with the same effect id each time.
/// - News of one order comes in the order in which it happened: the next one only when this one is done.
/// - A panic that unwinds and a future that hangs for longer than a minute count as [`HandlerError::retry`]. A handler that
///   blocks its thread, aborts the process or loops without an await is not contained.
///
/// # What you must bear
///
/// Running twice on the same news is normal and harmless only if you make it so: the process may die between your work and
/// the mark that it was done. With a database of your own one statement does it, in the same transaction as the work:
///
/// ```sql
/// INSERT INTO sales (effect_id, title) VALUES (?, ?) ON CONFLICT (effect_id) DO NOTHING
/// ```
///
/// # Example
///
/// ```
/// use fps_checkout::{Happened, HandlerError, News, ReturnHandler, async_trait};
///
/// #[derive(Debug)]
/// struct RecordSale;
///
/// #[async_trait]
/// impl ReturnHandler for RecordSale {
///     fn name(&self) -> &str {
///         "record-sale"
///     }
///
///     fn priority(&self) -> i32 {
///         0
///     }
///
///     async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
///         if let News::Paid { amount, .. } = happened.news() {
///             println!("{}: {} paid {amount}", happened.effect(), happened.order().id());
///         }
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait ReturnHandler: fmt::Debug + Send + Sync + 'static {
    /// The handler's name in stores and logs. Never change it: news committed for a name that is no longer registered is
    /// listed as stuck.
    fn name(&self) -> &str;

    /// Who hears first: lower numbers before higher ones, equal ones by name.
    fn priority(&self) -> i32;

    /// Hears one piece of news.
    ///
    /// # Errors
    ///
    /// [`HandlerError::retry`], which `?` makes of any error: the news comes again after a growing gap, 36 times in about
    /// a day. [`HandlerError::give_up`]: it does not come again, and is listed as stuck.
    async fn handle(&self, happened: &Happened) -> Result<(), HandlerError>;

    /// Hears one piece of news of a stored token: [`News::Approved`], [`News::Abandoned`], [`News::Declined`] by the pages,
    /// [`News::Expired`], [`News::Cancelled`] by the shop or the buyer, or [`News::Alarm`]. What is paid with it is news of an order,
    /// and comes to [`handle`](Self::handle). Default: it is not of interest.
    ///
    /// # Errors
    ///
    /// As [`handle`](Self::handle).
    async fn handle_token(&self, _happened: &TokenHappened) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// One piece of news, with the order as it stands now.
#[derive(Clone, Debug)]
pub struct Happened {
    pub(crate) order: Arc<Order>,
    pub(crate) effect: EffectId,
    pub(crate) news: News,
    pub(crate) at: Timestamp,
}

impl Happened {
    /// The order as it stands now, which may be further on than the news.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The news' name, the same each time it comes.
    #[must_use]
    pub fn effect(&self) -> &EffectId {
        &self.effect
    }

    /// What happened.
    #[must_use]
    pub fn news(&self) -> &News {
        &self.news
    }

    /// When it was committed.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// One piece of news of a stored token, with the token as it stands now.
#[derive(Clone, Debug)]
pub struct TokenHappened {
    pub(crate) token: Token,
    pub(crate) effect: EffectId,
    pub(crate) news: News,
    pub(crate) at: Timestamp,
}

impl TokenHappened {
    /// The token as it stands now, which may be further on than the news.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The news' name, the same each time it comes.
    #[must_use]
    pub fn effect(&self) -> &EffectId {
        &self.effect
    }

    /// What happened.
    #[must_use]
    pub fn news(&self) -> &News {
        &self.news
    }

    /// When it was committed.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// Why a handler could not do its work, and whether another try makes sense.
///
/// `?` makes a retry of any error.
#[derive(Debug)]
pub struct HandlerError {
    gives_up: bool,
    problem: BoxError,
}

impl HandlerError {
    /// Come again later.
    pub fn retry(problem: impl Into<BoxError>) -> Self {
        Self { gives_up: false, problem: problem.into() }
    }

    /// Do not come again; a person has to look.
    pub fn give_up(problem: impl Into<BoxError>) -> Self {
        Self { gives_up: true, problem: problem.into() }
    }

    /// Whether another try makes no sense.
    #[must_use]
    pub fn gives_up(&self) -> bool {
        self.gives_up
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(problem: E) -> Self {
        Self::retry(problem)
    }
}

/// What the shop put in for its handlers, by type.
#[derive(Default)]
pub(crate) struct Provided(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Provided {
    pub(crate) fn put<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(value));
    }

    fn find<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.get(&TypeId::of::<T>())?.clone().downcast().ok()
    }
}

impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provided({})", self.0.len())
    }
}

/// In the order in which they hear: by priority, then by name.
///
/// # Errors
///
/// The name that two handlers have.
pub(crate) fn in_order(
    mut handlers: Vec<Arc<dyn ReturnHandler>>,
) -> Result<Vec<Arc<dyn ReturnHandler>>, String> {
    handlers.sort_by(|a, b| (a.priority(), a.name()).cmp(&(b.priority(), b.name())));
    let mut names: Vec<&str> = handlers.iter().map(|handler| handler.name()).collect();
    names.sort_unstable();
    if let Some(two) = names.windows(2).find(|two| two[0] == two[1]) {
        return Err(two[0].to_owned());
    }
    Ok(handlers)
}
