//! The part of a document that is a stored token's.

use std::time::Duration;

use fps_core::{Amount, Timestamp};

use super::refusal::TokenRefusal;
use super::spending::{Fate, Spending, Tally, Use};
use super::terms::TokenTerms;
use crate::order::id::OrderId;
use crate::order::machine::Approval;
use crate::order::record::Order;
use crate::order::state::State;
use crate::order::{GIVE_UP_SENDING_AFTER, TOKEN_LIFE};

impl Order {
    /// The terms of a stored token; an order has none.
    pub(crate) fn token_terms(&self) -> Option<&TokenTerms> {
        self.product().token_terms()
    }

    /// When the held token was approved.
    fn held_since(&self) -> Option<Timestamp> {
        match self.machine().attempt(self.machine().held()?)?.approval {
            Approval::Held { at, .. } => Some(at),
            _ => None,
        }
    }

    /// Until when the held token can be charged.
    pub(crate) fn token_ends(&self) -> Option<Timestamp> {
        let since = self.held_since()?;
        Some(self.token_terms().map_or_else(|| since.after(TOKEN_LIFE), |terms| terms.ends(since)))
    }

    /// Writes down a payment by this token, if its limits allow it. Written again for the same order it is the same payment.
    pub(crate) fn spend(
        &mut self,
        order: &OrderId,
        amount: Amount,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        let state = self.state();
        let (Some(since), Some(terms)) = (self.held_since(), self.token_terms()) else {
            return Err(TokenRefusal::NotHeld { state });
        };
        if state != State::TokenHeld {
            return Err(TokenRefusal::NotHeld { state });
        }
        let mut spending = self.spending().clone();
        spending.uses.retain(|one| one.order != *order);
        terms.refusal(&spending, since, amount, now)?;
        spending.uses.push(Use { order: order.clone(), amount, at: now, settled: false });
        self.set_spending(spending, now);
        Ok(())
    }

    /// Takes down what had become of uses' orders at that time, and adds up what no limit counts one by one any more.
    pub(crate) fn settle_uses(&mut self, fates: &[(OrderId, Fate)], looked_at: Timestamp, now: Timestamp) {
        let mut spending = self.spending().clone();
        for (order, fate) in fates {
            // A use that was written since is of a new attempt.
            let same = |one: &Use| one.order == *order && one.at <= looked_at;
            match fate {
                Fate::Paid(amount) => {
                    for one in spending.uses.iter_mut().filter(|one| same(one)) {
                        (one.amount, one.settled) = (*amount, true);
                    }
                }
                Fate::Nothing => spending.uses.retain(|one| !same(one)),
                // Its writer may only be slow.
                Fate::Unknown => spending.uses.retain(|one| !same(one) || now < one.at.after(SLOW)),
                Fate::Open => {}
            }
        }
        let earliest = match (self.token_terms(), self.held_since()) {
            (Some(terms), Some(since)) => terms.earliest_period(since, now),
            _ => None,
        };
        let is_over = |one: &Use| one.settled && earliest.is_none_or(|earliest| one.at < earliest);
        spending.before = spending.uses.iter().filter(|one| is_over(one)).fold(spending.before, Tally::with);
        spending.uses.retain(|one| !is_over(one));
        if spending != *self.spending() {
            self.set_spending(spending, now);
        }
    }

    /// Whether the service's own count has to be asked for before a charge: this store may be a restored one, and lack charges whose
    /// references protect no more. Only an agreement of both counts moves that time on, so whatever is unknown is younger
    /// than that.
    pub(crate) fn must_agree(&self, now: Timestamp) -> bool {
        let last = self.spending().agreed_at.or(self.held_since());
        last.is_none_or(|last| now.since(last) > GIVE_UP_SENDING_AFTER)
    }

    /// Whether the service counts no more than is known to be paid by other orders than this. What is under way may never have
    /// reached the service, and cannot stand for what it counts.
    pub(crate) fn agrees_with(&self, spent: Option<Amount>, order: &OrderId) -> bool {
        let paid = self.spending().uses.iter().filter(|one| one.settled && one.order != *order);
        let known = paid.fold(self.spending().before, Tally::with);
        spent.is_some_and(|spent| spent <= known.amount)
    }

    /// Notes that both counts agree.
    pub(crate) fn agreed(&mut self, now: Timestamp) {
        let spending = Spending { agreed_at: Some(now), ..self.spending().clone() };
        self.set_spending(spending, now);
    }
}

/// After which a use without an order is one whose writer is gone.
const SLOW: Duration = Duration::from_secs(10 * 60);
