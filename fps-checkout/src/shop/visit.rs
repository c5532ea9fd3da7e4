//! The worker's visit to one order: finds out what is not known, sends what was not answered, tells what was not heard.

use fps_core::{Timestamp, TokenId};
use tracing::Span;
use tracing::field::Empty;

use super::Shop;
use super::complete::is_ours;
use super::span::within;
use crate::error::Result;
use crate::order::{
    self, Event, Kind, LAST_LOOK_AFTER, Operation, Order, Outcome, Report, Source, State, Subject, TryAgain,
    Visit,
};

/// What a visit has to do at the service, one thing at a time.
enum Errand {
    CancelToken { attempt: u32 },
    LookForToken { attempt: u32 },
    ExpireToken,
    SettleUses,
    AskForReservation { operation: usize },
    AskForTransaction { operation: usize },
    AskForSpent { operation: usize },
    AskForFenced { operation: usize },
    GiveUp { operation: usize },
    TryAgain { operation: usize },
    Send { operation: usize },
}

impl Shop {
    /// Visits an order or a stored token that is due.
    pub(super) async fn visit(&self, of: &Subject) -> Result<Order> {
        let span = tracing::info_span!("visit", order = of.label(), state = Empty);
        within(span, self.visit_due(of)).await
    }

    async fn visit_due(&self, of: &Subject) -> Result<Order> {
        let mut order = self.load(of).await?;
        Span::current().record("state", order.state().as_str());
        let mut failed = false;
        let before = order.journal().len();
        let errands = errands(&order, self.now());
        // A notice that comes while somebody else is at work: there is nothing to ask, and nothing to put off.
        if errands.is_empty() && order.due().is_none_or(|due| due > self.now()) {
            return Ok(order);
        }
        for errand in errands {
            match self.run(order.clone(), errand).await {
                Ok(changed) => order = changed,
                Err(crate::Error::Service(error)) => {
                    tracing::warn!(order = of.label(), %error, "the payment service could not be asked");
                    failed = true;
                }
                Err(other) => return Err(other),
            }
        }
        if order.journal().len() > before {
            order = self.tell_fresh(order).await?;
        }
        let order = self.tell_due(order).await?;
        if order.journal().len() > before && !failed {
            return Ok(order);
        }
        let (order, ()) = self
            .change_held(order, |order, now| {
                if order.journal().len() == before || failed {
                    let Visit { quiet, failed: failures } = order.visit();
                    order.visited(
                        if failed {
                            Visit { quiet, failed: failures.saturating_add(1) }
                        } else {
                            Visit { quiet: quiet.saturating_add(1), failed: 0 }
                        },
                        now,
                    );
                }
                Ok(())
            })
            .await?;
        Ok(order)
    }

    async fn run(&self, order: Order, errand: Errand) -> Result<Order> {
        match errand {
            Errand::CancelToken { attempt } => self.cancel_at_service(order, attempt).await,
            Errand::LookForToken { attempt } => self.look_for_token(order, attempt).await,
            Errand::ExpireToken => self.happen(&order.subject(), Event::TokenExpired).await,
            Errand::SettleUses => self.settle_uses(order).await,
            Errand::AskForReservation { operation } | Errand::AskForTransaction { operation } => {
                self.ask(order, operation).await
            }
            Errand::AskForSpent { operation } => self.ask_for_spent(order, operation).await,
            Errand::AskForFenced { operation } => self.ask_for_fenced(order, operation).await,
            Errand::GiveUp { operation } => {
                let (of, planned) = (order.subject(), &order.machine().operations()[operation]);
                let (kind, asks_no_more) = (planned.kind, planned.is_too_old_to_ask(self.now()));
                let why = format!("{kind} has had no known answer for six days, and is not sent again");
                match self.ask_for_lost(order, operation, why.clone()).await {
                    Err(crate::Error::Service(_)) if asks_no_more => {
                        self.happen(&of, Event::Doubted { operation, why }).await
                    }
                    asked => asked,
                }
            }
            Errand::TryAgain { operation } => self.try_again(order, operation).await,
            Errand::Send { operation } => self.send_again(order, operation).await,
        }
    }

    /// Cancels what is not wanted at once. Where the service cannot be asked now, the worker asks it.
    pub(super) async fn cancel_unwanted(&self, mut order: Order) -> Result<Order> {
        for attempt in order.unwanted() {
            order = match self.cancel_at_service(order.clone(), attempt).await {
                Err(crate::Error::Service(_)) => order,
                cancelled => cancelled?,
            };
        }
        Ok(order)
    }

    async fn cancel_at_service(&self, order: Order, attempt: u32) -> Result<Order> {
        if let Some(token) = order.side(attempt).and_then(|side| side.token.as_ref()) {
            self.gateway(&order).cancel_token(token).await.map_err(Box::new)?;
        }
        self.happen(&order.subject(), Event::TokenCancelled { attempt }).await
    }

    /// A lost return: asks whether the buyer's approval made a token for us.
    async fn look_for_token(&self, order: Order, attempt: u32) -> Result<Order> {
        let Some(begun) = order.machine().attempt(attempt) else {
            return Ok(order);
        };
        let found = self.gateway(&order).find_token(&begun.reference).await.map_err(Box::new)?;
        match found {
            Some(found) if is_ours(&found, &order, begun.begun_at) && found.is_active => {
                let event = Event::Approved { attempt, method: None, by: Source::LookUp };
                self.approve(order, attempt, event, Some(found.token), |_| {}).await
            }
            Some(found) if !order.is_token() && is_ours(&found, &order, begun.begun_at) => {
                self.look_for_lost_charge(order, attempt, found.token).await
            }
            _ => self.give_buyer_up(order, attempt).await,
        }
    }

    async fn give_buyer_up(&self, order: Order, attempt: u32) -> Result<Order> {
        let begun_at = order.machine().attempt(attempt).map(|begun| begun.begun_at);
        if begun_at.is_some_and(|begun_at| self.now() >= begun_at.after(LAST_LOOK_AFTER)) {
            return self.happen(&order.subject(), Event::NeverCame { attempt }).await;
        }
        Ok(order)
    }

    /// Our token is used up, and the order knows nothing of it: the store is a restored one, or the token was cancelled. The
    /// account's activity tells, and nothing is sent.
    async fn look_for_lost_charge(&self, order: Order, attempt: u32, token: TokenId) -> Result<Order> {
        let mut planned = order.clone();
        let approved = Event::Approved { attempt, method: None, by: Source::LookUp };
        let refused = |source| crate::Error::Refused { of: order.subject(), source };
        planned.happen(approved.clone(), self.now(), &[]).map_err(refused)?;
        let at = self.plan_charge(&mut planned, None, self.now()).map_err(refused)?;
        let charge = &planned.machine().operations()[at];
        let (kind, reference) = (charge.kind, charge.reference.clone());
        let begun_at = order.machine().attempt(attempt).map_or(self.now(), |begun| begun.begun_at);
        let found = match &reference {
            Some(reference) => {
                self.gateway(&order).find_transaction(reference, begun_at).await.map_err(Box::new)?
            }
            None => None,
        };
        let Some(report) = found else {
            return self.give_buyer_up(order, attempt).await;
        };
        let handlers = self.handler_names();
        let amount = report.amount.unwrap_or(order.total());
        let (order, ()) = self
            .change(&order.subject(), |order, now| {
                if order.happen(approved.clone(), now, &handlers)? {
                    if let Some(side) = order.side_mut(attempt) {
                        side.token = Some(token.clone());
                    }
                    let reference = reference.clone();
                    let planned = Event::Planned { kind, amount, reference, refund: None, of: None };
                    order.happen(planned, now, &handlers)?;
                    let operation = order.machine().operations().len() - 1;
                    order.happen(Event::Reported { operation, report: report.clone() }, now, &handlers)?;
                }
                Ok(())
            })
            .await?;
        Ok(order)
    }

    /// Asks how a transaction stands that an answer to our own call has named.
    async fn ask(&self, order: Order, operation: usize) -> Result<Order> {
        let Some(transaction) = &order.machine().operations()[operation].transaction else {
            return Ok(order);
        };
        let report = self.gateway(&order).look_up(transaction).await.map_err(Box::new)?;
        self.happen(&order.subject(), Event::Reported { operation, report }).await
    }

    /// The service said that the reference or the token was used before: looks for what it was used for.
    async fn ask_for_spent(&self, order: Order, operation: usize) -> Result<Order> {
        let Operation { kind, code, .. } = &order.machine().operations()[operation];
        let code = code.as_deref().unwrap_or("an error");
        let why = format!("{kind} answered {code}, and the account's activity does not show it");
        self.ask_for_lost(order, operation, why).await
    }

    /// Looks in the account's activity for what was made under an operation's reference. If nothing was, a person decides.
    async fn ask_for_lost(&self, order: Order, operation: usize, why: String) -> Result<Order> {
        let Operation { reference, attempt, planned_at, .. } = &order.machine().operations()[operation];
        // It may have been used before it was planned here: the store is a restored one.
        let mut since = order.machine().attempt(*attempt).map_or(*planned_at, |attempt| attempt.begun_at);
        if order.product().token().is_some() {
            // A stored token was there before the order was; but no reference is remembered for longer.
            since = since.before(REFERENCE_LIFE);
        }
        let found = match reference {
            Some(reference) => {
                self.gateway(&order).find_transaction(reference, since).await.map_err(Box::new)?
            }
            None => None,
        };
        let event = match found {
            Some(report) => Event::Reported { operation, report },
            None => Event::Doubted { operation, why },
        };
        self.happen(&order.subject(), event).await
    }

    /// Settle and Cancel have no reference: how the reservation stands tells whether they happened.
    pub(super) async fn ask_for_fenced(&self, order: Order, operation: usize) -> Result<Order> {
        let machine = order.machine();
        if machine.operations()[operation].kind == Kind::Retry {
            return self.ask_for_retried(order, operation).await;
        }
        let Some(transaction) = machine.transaction() else {
            return Ok(order);
        };
        let report = self.gateway(&order).look_up_in_full(transaction).await.map_err(Box::new)?;
        match report.outcome {
            Outcome::Reserved
                if !machine.operations()[operation].refused
                    && is_young(machine.charge().map(|at| &machine.operations()[at]), self.now()) =>
            {
                self.send_again(order, operation).await
            }
            // Until it is settled, the service may still tell the reserved amount.
            Outcome::Success => self.happen(&order.subject(), Event::Reported { operation, report }).await,
            _ => {
                let report = Report { amount: None, ..report };
                self.happen(&order.subject(), Event::Reported { operation, report }).await
            }
        }
    }

    /// Nor has RetryTransaction: how the transaction stands tells whether it happened.
    async fn ask_for_retried(&self, order: Order, operation: usize) -> Result<Order> {
        let machine = order.machine();
        let retry = &machine.operations()[operation];
        let tried = retry.of.and_then(|of| machine.operations().get(of));
        let Some(transaction) = tried.and_then(|tried| tried.transaction.as_ref()) else {
            return Ok(order);
        };
        let report = self.gateway(&order).look_up(transaction).await.map_err(Box::new)?;
        if report.declined_for_now && !retry.refused {
            return self.send_again(order, operation).await;
        }
        // The service may still tell the reserved amount of a settlement.
        let report = Report { amount: None, ..report };
        self.happen(&order.subject(), Event::Reported { operation, report }).await
    }

    /// The service declined a transaction for now: tries it again, unless the look just before told otherwise.
    async fn try_again(&self, order: Order, operation: usize) -> Result<Order> {
        let tried = &order.machine().operations()[operation];
        if tried.outcome != Outcome::Pending || !tried.declined_for_now {
            return Ok(order);
        }
        let kind = tried.kind;
        match order::try_again(order.machine(), operation, self.now()) {
            TryAgain::Later => Ok(order),
            TryAgain::GiveUp => {
                let why = format!("{kind} has been declined for now for seven days");
                self.happen(&order.subject(), Event::Doubted { operation, why }).await
            }
            TryAgain::Now => {
                let of = order.subject();
                match self.plan_and_send(&of, |order, now| self.plan_retry(order, operation, now)).await {
                    // Somebody else is trying, or it ended in the meantime.
                    Err(crate::Error::Refused { .. }) => self.load(&of).await,
                    tried => tried,
                }
            }
        }
    }

    async fn send_again(&self, order: Order, operation: usize) -> Result<Order> {
        let of = order.subject();
        let claimed = self.change(&of, |order, now| self.claim(order, operation, now)).await;
        match claimed {
            Ok((order, ())) => self.send(order, operation).await,
            // Somebody else is sending it, or it was answered in the meantime.
            Err(crate::Error::Refused { .. }) => self.load(&of).await,
            Err(other) => Err(other),
        }
    }

    pub(super) async fn happen(&self, of: &Subject, event: Event) -> Result<Order> {
        let handlers = self.handler_names();
        Ok(self.change(of, |order, now| order.happen(event.clone(), now, &handlers)).await?.0)
    }
}

/// What there is to do, in the order in which it is done.
fn errands(order: &Order, now: Timestamp) -> Vec<Errand> {
    let machine = order.machine();
    let mut errands = Vec::new();
    errands.extend(order.unwanted().into_iter().map(|attempt| Errand::CancelToken { attempt }));
    match machine.state() {
        State::AwaitingBuyer => errands.push(Errand::LookForToken { attempt: machine.current_attempt() }),
        State::TokenHeld if order.token_ends().is_some_and(|end| now >= end) => {
            errands.push(Errand::ExpireToken);
        }
        State::Reserved => {
            errands.extend(machine.charge().map(|operation| Errand::AskForReservation { operation }));
        }
        _ => {}
    }
    if !order.open_uses().is_empty() {
        errands.push(Errand::SettleUses);
    }
    for (operation, planned) in machine.operations().iter().enumerate() {
        errands.extend(errand_for(operation, planned, machine.state(), now));
        if planned.outcome == Outcome::Pending && machine.state() != State::Review {
            errands.push(Errand::TryAgain { operation });
        }
    }
    errands
}

fn errand_for(operation: usize, planned: &Operation, state: State, now: Timestamp) -> Option<Errand> {
    if planned.is_resolved()
        || planned.is_for_a_person(state)
        || planned.right.as_ref().is_some_and(|right| now < right.until)
    {
        return None;
    }
    // A person decides what becomes of the money; until then nothing is sent.
    if state == State::Review && planned.kind != Kind::Refund {
        return Some(Errand::AskForTransaction { operation });
    }
    Some(match planned.outcome {
        Outcome::Pending if !planned.kind.is_fenced() => Errand::AskForTransaction { operation },
        _ if planned.spent => Errand::AskForSpent { operation },
        _ if planned.is_too_old_to_send(now) => Errand::GiveUp { operation },
        _ if planned.kind.is_fenced()
            && (planned.in_doubt || planned.right.is_some() || planned.outcome == Outcome::Pending) =>
        {
            Errand::AskForFenced { operation }
        }
        _ => Errand::Send { operation },
    })
}

/// Whether a reservation can still be settled: after its seventh day it is only looked at.
fn is_young(reservation: Option<&Operation>, now: Timestamp) -> bool {
    let seven_days = std::time::Duration::from_secs(7 * 24 * 3600);
    reservation.is_some_and(|op| now < op.first_sent_at.unwrap_or(op.planned_at).after(seven_days))
}

/// For how long the service remembers a reference, and a day.
const REFERENCE_LIFE: std::time::Duration = std::time::Duration::from_secs(8 * 24 * 3600);
