//! What the shop wants to do with money, within its limits.

use fps_core::{Amount, CallerReference};

use super::{Done, Step};
use crate::order::id::RefundId;
use crate::order::machine::Refusal;
use crate::order::operation::{Kind, Operation, Outcome};
use crate::order::state::{State, Trigger};

impl Step {
    pub(super) fn planned(
        &mut self,
        kind: Kind,
        amount: Amount,
        reference: Option<&CallerReference>,
        refund: Option<&RefundId>,
        of: Option<usize>,
    ) -> Done {
        let attempt = match kind {
            Kind::Pay | Kind::Reserve => self.plan_charge(kind, amount)?,
            Kind::Settle | Kind::Cancel => self.plan_fenced(kind, amount)?,
            Kind::Refund => match self.plan_refund(amount, refund)? {
                Some(attempt) => attempt,
                None => return Ok(()),
            },
            Kind::Retry => self.plan_retry(of)?,
        };
        self.check_reference(kind, reference)?;
        self.machine.operations.push(Operation {
            kind,
            attempt,
            refund: refund.cloned(),
            of,
            reference: reference.cloned(),
            amount,
            planned_at: self.now,
            first_sent_at: None,
            right: None,
            sends: 0,
            in_doubt: false,
            spent: false,
            refused: false,
            outcome: Outcome::None,
            declined_for_now: false,
            transaction: None,
            request: None,
            resolved_by: None,
            code: None,
        });
        Ok(())
    }

    fn plan_charge(&mut self, kind: Kind, amount: Amount) -> Result<u32, Refusal> {
        let Some(attempt) = self.machine.held().filter(|_| self.machine.state == State::TokenHeld) else {
            return self.not_now("a charge needs a held token");
        };
        if (kind == Kind::Reserve) != self.machine.reserve {
            return self.not_now("a reserving order is reserved and settled, any other is paid");
        }
        at_most(amount, self.machine.total, "the buyer authorised")?;
        self.go(Trigger::PlanCharge, State::Charging)?;
        Ok(attempt)
    }

    fn plan_fenced(&mut self, kind: Kind, amount: Amount) -> Result<u32, Refusal> {
        let reserved = self.machine.charge().map(|at| &self.machine.operations[at]);
        let Some(reservation) = reserved.filter(|_| self.machine.state == State::Reserved) else {
            return self.not_now("only a reserved order is settled, or cancelled so");
        };
        let attempt = reservation.attempt;
        at_most(amount, reservation.amount, "is reserved")?;
        if kind == Kind::Settle {
            self.go(Trigger::PlanSettle, State::Settling)?;
        } else {
            self.go(Trigger::PlanCancel, State::Cancelling)?;
        }
        Ok(attempt)
    }

    /// The attempt to refund, or `None` if this very refund is planned already.
    fn plan_refund(&self, amount: Amount, refund: Option<&RefundId>) -> Result<Option<u32>, Refusal> {
        let Some(id) = refund else {
            return Err(Refusal::Missing { what: "refund id" });
        };
        if let Some(at) = self.machine.refund(id) {
            let first = self.machine.operations[at].amount;
            return if first == amount {
                Ok(None)
            } else {
                Err(Refusal::RefundReused { refund: id.clone(), first, asked: amount })
            };
        }
        let charge = self.machine.charge().map(|at| &self.machine.operations[at]);
        let Some(charge) = charge.filter(|_| self.machine.state == State::Paid) else {
            return self.not_now("only a paid order is refunded");
        };
        let left = self.machine.paid().checked_sub(self.machine.refunded()).unwrap_or(Amount::ZERO);
        at_most(amount, left, "is left to refund")?;
        Ok(Some(charge.attempt))
    }

    /// At most one Retry of a transaction is unresolved, and none while a person decides.
    fn plan_retry(&self, of: Option<usize>) -> Result<u32, Refusal> {
        let Some((at, tried)) = of.and_then(|at| Some((at, self.machine.operations.get(at)?))) else {
            return Err(Refusal::Missing { what: "operation" });
        };
        let waits = tried.outcome == Outcome::Pending && tried.declined_for_now;
        if !waits
            || self.machine.state == State::Review
            || self.machine.retries(at).any(|one| !one.is_resolved())
        {
            return self.not_now("only what the service declined for now is tried again, once at a time");
        }
        Ok(tried.attempt)
    }

    /// One reference names one call, for ever: by it the service knows a repeat.
    fn check_reference(&self, kind: Kind, reference: Option<&CallerReference>) -> Done {
        let Some(reference) = reference else {
            return if kind.is_fenced() {
                Ok(())
            } else {
                Err(Refusal::Missing { what: "caller reference" })
            };
        };
        if self.machine.operations.iter().any(|operation| operation.reference.as_ref() == Some(reference)) {
            return Err(Refusal::ReferenceUsed { reference: reference.clone() });
        }
        Ok(())
    }
}

fn at_most(asked: Amount, left: Amount, what: &'static str) -> Done {
    if asked <= Amount::ZERO {
        Err(Refusal::Nothing)
    } else if asked > left {
        Err(Refusal::Amount { asked, left, what })
    } else {
        Ok(())
    }
}
