//! Tells handlers the news that an order has committed.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use fps_core::Timestamp;

use super::Shop;
use crate::error::Result;
use crate::handler::{HandlerError, Happened, TokenHappened};
use crate::metrics;
use crate::order::{Delivery, Effect, EffectId, Order, Token};

/// One handler's word on one piece of news.
struct Heard {
    effect: EffectId,
    handler: String,
    word: Result<(), HandlerError>,
}

impl Shop {
    /// Tells what was committed just now, by this process, for the first time.
    pub(super) async fn tell_fresh(&self, order: Order) -> Result<Order> {
        self.tell(order, |delivery, _| delivery.tries == 0 && !delivery.is_stuck()).await
    }

    /// Tells what is due.
    pub(super) async fn tell_due(&self, order: Order) -> Result<Order> {
        self.tell(order, |delivery, now| delivery.next.is_some_and(|next| next <= now)).await
    }

    /// Tells each handler its news in order, stops for a handler at the first that it cannot do, and commits all marks at
    /// once.
    async fn tell(&self, order: Order, wanted: impl Fn(&Delivery, Timestamp) -> bool) -> Result<Order> {
        let order = Arc::new(order);
        let now = self.now();
        let mut waiting = HashSet::new();
        let mut heard = Vec::new();
        for effect in order.outbox() {
            for delivery in &effect.waiting {
                if waiting.contains(&delivery.handler) {
                    continue;
                }
                if !wanted(delivery, now) {
                    waiting.insert(delivery.handler.clone());
                    continue;
                }
                let word = self.run_handler(&order, effect, &delivery.handler).await;
                if word.is_err() {
                    waiting.insert(delivery.handler.clone());
                }
                heard.push(Heard { effect: effect.id.clone(), handler: delivery.handler.clone(), word });
            }
        }
        if heard.is_empty() {
            return Ok(Arc::unwrap_or_clone(order));
        }
        let (order, ()) = self
            .change_held(Arc::unwrap_or_clone(order), |order, now| {
                for heard in &heard {
                    mark(order.outbox_mut(), heard, now);
                }
                order.outbox_mut().retain(|effect| !effect.waiting.is_empty());
                order.reschedule(now);
                Ok(())
            })
            .await?;
        Ok(order)
    }

    /// Runs a handler in a task of its own, so that a panic or a hang stays its own.
    async fn run_handler(&self, order: &Arc<Order>, effect: &Effect, name: &str) -> Result<(), HandlerError> {
        let Some(handler) = self.0.handlers.iter().find(|handler| handler.name() == name).cloned() else {
            return Err(HandlerError::give_up("no handler of that name is registered"));
        };
        let Effect { id, news, at, .. } = effect.clone();
        let token = if order.is_token() { Token::read(Order::clone(order)) } else { None };
        let mut task = match token {
            Some(token) => {
                let happened = TokenHappened { token, effect: id, news, at };
                tokio::spawn(async move { handler.handle_token(&happened).await })
            }
            None => {
                let happened = Happened { order: Arc::clone(order), effect: id, news, at };
                tokio::spawn(async move { handler.handle(&happened).await })
            }
        };
        let word = tokio::select! {
            joined = &mut task => joined.unwrap_or_else(|_| Err(HandlerError::retry("the handler panicked"))),
            () = self.sleep(HANDLER_DEADLINE) => {
                task.abort();
                Err(HandlerError::retry("the handler took longer than a minute"))
            }
        };
        metrics::heard(name, &word);
        match &word {
            Ok(()) => tracing::info!(effect = %effect.id, handler = name, news = effect.news.name(), "heard"),
            Err(problem) => {
                tracing::warn!(effect = %effect.id, handler = name, news = effect.news.name(), %problem, "not heard");
            }
        }
        word
    }
}

fn mark(outbox: &mut [Effect], heard: &Heard, now: Timestamp) {
    let Some(effect) = outbox.iter_mut().find(|effect| effect.id == heard.effect) else {
        return;
    };
    match &heard.word {
        Ok(()) => effect.waiting.retain(|delivery| delivery.handler != heard.handler),
        Err(problem) => {
            if let Some(delivery) =
                effect.waiting.iter_mut().find(|delivery| delivery.handler == heard.handler)
            {
                if problem.gives_up() {
                    delivery.give_up(problem.to_string());
                } else {
                    delivery.again(problem.to_string(), now);
                }
            }
        }
    }
}

const HANDLER_DEADLINE: Duration = Duration::from_secs(60);
