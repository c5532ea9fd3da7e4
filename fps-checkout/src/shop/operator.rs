//! What a person decides: reviews, stuck news, and what is forgotten.

use super::Shop;
use super::stored::token;
use crate::error::{Error, Result};
use crate::order::{EffectId, Event, Order, OrderId, State, Subject, Token, TokenName};

impl Shop {
    /// Resolves an order in Review: from now on it is `to` (Paid, Declined or Cancelled), by that person's decision and on
    /// that evidence, both of which go into the journal. Handlers hear of it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] unless the order is in Review, or for any other state to go to; [`Error::Storage`].
    pub async fn resolve(&self, id: &OrderId, to: State, by: &str, evidence: &str) -> Result<Order> {
        let event = Event::Resolved { to, by: by.to_owned(), evidence: evidence.to_owned() };
        let order = self.happen(&id.into(), event).await?;
        self.tell_fresh(order).await
    }

    /// Closes an alarm of an order that is not in Review: that person looked at it, on that evidence, both of which go into
    /// the journal. `alarm` is its place among [`Machine::alarms`](crate::order::Machine::alarms), from 0. Closed again it
    /// stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is no such alarm, or the order is in Review, which [`resolve`](Self::resolve) ends;
    /// [`Error::Storage`].
    pub async fn close_alarm(&self, id: &OrderId, alarm: usize, by: &str, evidence: &str) -> Result<Order> {
        self.happen(
            &id.into(),
            Event::AlarmClosed { alarm, by: by.to_owned(), evidence: evidence.to_owned() },
        )
        .await
    }

    /// Tells a handler again what it could not hear; for news that is stuck, or to be quick.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToTell`] if the handler does not wait for it; [`Error::Storage`].
    pub async fn tell_again(&self, id: &OrderId, effect: &EffectId, handler: &str) -> Result<Order> {
        self.tell_subject_again(&id.into(), effect, handler).await
    }

    /// The same for news of a stored token.
    ///
    /// # Errors
    ///
    /// As [`tell_again`](Self::tell_again).
    pub async fn tell_token_again(
        &self,
        name: &TokenName,
        effect: &EffectId,
        handler: &str,
    ) -> Result<Token> {
        token(self.tell_subject_again(&name.into(), effect, handler).await?)
    }

    async fn tell_subject_again(&self, of: &Subject, effect: &EffectId, handler: &str) -> Result<Order> {
        let (order, waits) = self.change(of, |order, now| Ok(order.tell_again(effect, handler, now))).await?;
        if !waits {
            return Err(nothing_to_tell(of, effect, handler));
        }
        self.tell_due(order).await
    }

    /// Takes a piece of news away from a handler that cannot hear it, so that the later ones come through. Who decided, and
    /// why, goes into the journal.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToTell`] if the handler does not wait for it; [`Error::Storage`].
    pub async fn drop_news(
        &self,
        id: &OrderId,
        effect: &EffectId,
        handler: &str,
        by: &str,
        reason: &str,
    ) -> Result<Order> {
        self.drop_news_of(&id.into(), effect, handler, by, reason).await
    }

    /// The same for news of a stored token.
    ///
    /// # Errors
    ///
    /// As [`drop_news`](Self::drop_news).
    pub async fn drop_token_news(
        &self,
        name: &TokenName,
        effect: &EffectId,
        handler: &str,
        by: &str,
        reason: &str,
    ) -> Result<Token> {
        token(self.drop_news_of(&name.into(), effect, handler, by, reason).await?)
    }

    async fn drop_news_of(
        &self,
        of: &Subject,
        effect: &EffectId,
        handler: &str,
        by: &str,
        reason: &str,
    ) -> Result<Order> {
        let (order, dropped) =
            self.change(of, |order, now| Ok(order.drop_news(effect, handler, by, reason, now))).await?;
        if !dropped {
            return Err(nothing_to_tell(of, effect, handler));
        }
        self.tell_due(order).await
    }

    /// Forgets the buyer of an order that is at rest: the token, the address and the pages' words leave the record. The
    /// journal, which holds none of them, stays.
    ///
    /// # Errors
    ///
    /// [`Error::NotAtRest`] while anything is under way; [`Error::Storage`].
    pub async fn forget(&self, id: &OrderId) -> Result<Order> {
        self.forget_buyer(&id.into()).await
    }

    /// The same of an order or a stored token.
    pub(super) async fn forget_buyer(&self, of: &Subject) -> Result<Order> {
        let (order, at_rest) = self
            .change(of, |order, _| {
                let at_rest = order.is_at_rest();
                if at_rest {
                    order.forget_buyer();
                }
                Ok(at_rest)
            })
            .await?;
        if at_rest { Ok(order) } else { Err(Error::NotAtRest { of: of.clone() }) }
    }
}

fn nothing_to_tell(of: &Subject, effect: &EffectId, handler: &str) -> Error {
    Error::NothingToTell { of: of.clone(), effect: effect.clone(), handler: handler.to_owned() }
}
