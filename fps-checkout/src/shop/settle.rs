//! Plans and sends calls that move money: the charge of a held token, settle and cancel of a reservation.

use fps_core::{Amount, CallerReference, Generation, Timestamp};

use super::Shop;
use super::span::within;
use crate::error::{Error, Result};
use crate::metrics;
use crate::order::{
    Event, Kind, Operation, Order, OrderId, RefundId, Refusal, State, Subject, charge_reference,
};

impl Shop {
    /// Charges a deferred order: all that the buyer authorised, or less.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] unless the order holds a token, or for more than was authorised; [`Error::Storage`].
    pub async fn charge(&self, id: &OrderId, amount: Option<Amount>) -> Result<Order> {
        check_cents(amount)?;
        self.plan_and_send(&id.into(), |order, now| self.plan_charge(order, amount, now)).await
    }

    /// Takes reserved money: all of it, or less; what is left goes back to the buyer. A reservation settles once.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] unless the order is Reserved, or for more than is reserved; [`Error::Storage`].
    pub async fn settle(&self, id: &OrderId, amount: Option<Amount>) -> Result<Order> {
        check_cents(amount)?;
        self.plan_and_send(&id.into(), |order, now| {
            let all = order.charge().map_or(order.total(), |reservation| reservation.amount);
            self.plan(order, Kind::Settle, amount.unwrap_or(all), None, now)
        })
        .await
    }

    /// Cancels what has not been paid: gives reserved money back, or gives up an order that waits for its buyer or for its
    /// charge. A paid order is refunded instead.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the order is neither; [`Error::LapsesOnly`] for a reservation of version 2007-01-08;
    /// [`Error::Storage`].
    pub async fn cancel(&self, id: &OrderId) -> Result<Order> {
        let order = self.order(id).await?;
        if order.state() == State::Reserved {
            if order.api().generation() == Generation::First {
                return Err(Error::LapsesOnly { order: id.clone() });
            }
            return self
                .plan_and_send(&id.into(), |order, now| {
                    let all = order.charge().map_or(order.total(), |reservation| reservation.amount);
                    self.plan(order, Kind::Cancel, all, None, now)
                })
                .await;
        }
        let order = self.happen(&id.into(), Event::CancelledByShop).await?;
        self.tell_fresh(order).await
    }

    /// Plans an operation with the right to send it, in one commit; then sends it, and tells the handlers.
    pub(super) async fn plan_and_send(
        &self,
        of: &Subject,
        mut plan: impl FnMut(&mut Order, Timestamp) -> Result<usize, Refusal> + Send,
    ) -> Result<Order> {
        let (order, operation) = self.change(of, &mut plan).await?;
        let mut order = self.send(order, operation).await?;
        if order.machine().operations()[operation].refused {
            // Where the service cannot be asked now, the worker asks it.
            order = match self.ask_for_fenced(order.clone(), operation).await {
                Err(Error::Service(_)) => order,
                asked => asked?,
            };
        }
        self.tell_fresh(order).await
    }

    /// Plans an operation, with the right to send it. Returns its place.
    pub(super) fn plan(
        &self,
        order: &mut Order,
        kind: Kind,
        amount: Amount,
        refund: Option<RefundId>,
        now: Timestamp,
    ) -> Result<usize, Refusal> {
        let reference = reference(order, kind, refund.as_ref())?;
        self.plan_event(order, Event::Planned { kind, amount, reference, refund, of: None }, now)
    }

    /// Plans to try a transaction again, with the right to send it.
    pub(super) fn plan_retry(&self, order: &mut Order, of: usize, now: Timestamp) -> Result<usize, Refusal> {
        let amount = order.machine().operations()[of].amount;
        let (kind, of) = (Kind::Retry, Some(of));
        self.plan_event(order, Event::Planned { kind, amount, reference: None, refund: None, of }, now)
    }

    /// Plans the charge of the held token in full, without the right to send it.
    pub(super) fn plan_unsent(&self, order: &mut Order, now: Timestamp) -> Result<usize, Refusal> {
        let (kind, amount) = (order.machine().charge_kind(), order.total());
        let reference = reference(order, kind, None)?;
        let planned = Event::Planned { kind, amount, reference, refund: None, of: None };
        order.happen(planned, now, &self.handler_names())?;
        Ok(order.machine().operations().len() - 1)
    }

    fn plan_event(&self, order: &mut Order, planned: Event, now: Timestamp) -> Result<usize, Refusal> {
        order.happen(planned, now, &self.handler_names())?;
        let operation = order.machine().operations().len() - 1;
        self.claim(order, operation, now)?;
        Ok(operation)
    }

    /// Takes the right to send an operation, for longer than any answer can take.
    pub(super) fn claim(&self, order: &mut Order, operation: usize, now: Timestamp) -> Result<(), Refusal> {
        let until = now.after(self.gateway(order).whole_deadline().saturating_mul(2));
        let sender = self.0.process.clone();
        order.happen(Event::Claimed { operation, sender, until }, now, &self.handler_names())?;
        Ok(())
    }

    /// Sends an operation whose right is committed, and commits how it ended.
    pub(super) async fn send(&self, order: Order, at: usize) -> Result<Order> {
        let Operation { attempt, kind, sends, .. } = &order.machine().operations()[at];
        let (operation, send) = (kind.as_str(), sends);
        let span = tracing::info_span!("send", order = %order.id(), attempt, operation, send);
        within(span, self.send_planned(order, at)).await
    }

    async fn send_planned(&self, order: Order, at: usize) -> Result<Order> {
        let operation = &order.machine().operations()[at];
        let (kind, send, began) = (operation.kind, operation.sends, self.now());
        tracing::info!(order = %order.id(), operation = %kind, send, "sending");
        let own = match order.api().generation() {
            // Without them nothing is sent, and the worker tries again.
            Generation::First => self.tokens().await.unwrap_or_default(),
            Generation::Second => None,
        };
        let answer = self.gateway(&order).send(&order, operation, own.as_ref()).await;
        metrics::sent(kind, &answer, self.now().since(began));
        let handlers = self.handler_names();
        let (order, _) = self
            .change_held(order, |order, now| {
                order.happen(Event::Answered { operation: at, send, answer: answer.clone() }, now, &handlers)
            })
            .await?;
        tracing::info!(order = %order.id(), operation = %kind, send, state = %order.state(), "answered");
        Ok(order)
    }
}

/// The idempotency key of an operation: the shop's own, or the approval's reference with the operation's name. Settle and
/// Cancel have none.
fn reference(
    order: &Order,
    kind: Kind,
    refund: Option<&RefundId>,
) -> Result<Option<CallerReference>, Refusal> {
    let machine = order.machine();
    let attempt = machine.held().unwrap_or(machine.current_attempt());
    let Some(approval) = machine.attempt(attempt).map(|attempt| &attempt.reference) else {
        return Err(Refusal::Missing { what: "attempt" });
    };
    let own = order.product().references();
    let reference = match (kind, refund) {
        (Kind::Pay, _) => charge_reference(own, approval, attempt, "pay"),
        (Kind::Reserve, _) => charge_reference(own, approval, attempt, "reserve"),
        (Kind::Refund, Some(id)) => CallerReference::new(format!("{approval}-refund-{id}")),
        _ => return Ok(None),
    };
    reference.map(Some).map_err(|_| Refusal::TooLong)
}

/// Requests carry whole cents.
pub(super) fn check_cents(amount: Option<Amount>) -> Result<()> {
    match amount {
        Some(amount) => amount.to_wire().map(drop).map_err(Error::from),
        None => Ok(()),
    }
}
