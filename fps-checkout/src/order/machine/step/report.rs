//! How a transaction stands by the service's word, and what that means for the order.

use fps_core::Amount;

use super::{Done, Step};
use crate::order::event::{News, Report};
use crate::order::machine::{Approval, Refusal};
use crate::order::operation::{Kind, Operation, Outcome};
use crate::order::state::{State, Trigger};

impl Step {
    pub(super) fn reported(&mut self, at: usize, report: &Report) -> Done {
        let operation = self.operation(at)?;
        if operation.kind == Kind::Retry {
            return self.retry_stands(at, report);
        }
        if report.amount.is_some_and(|amount| amount != operation.amount) {
            let what =
                format!("transaction {} has another amount than its {}", report.transaction, operation.kind);
            let is_its_own = operation.transaction.as_ref() == Some(&report.transaction);
            if operation.kind == Kind::Reserve && is_its_own && self.has_planned_to_settle(report.amount) {
                // A look that was under way when a Settle was planned sees how much that took: the word on it is that call's own.
                return Ok(());
            }
            return self.contradiction(what);
        }
        if let Some(first) = operation.transaction.as_ref().filter(|first| **first != report.transaction) {
            let what =
                format!("one {} has two transactions, {first} and {}", operation.kind, report.transaction);
            return self.contradiction(what);
        }
        let before = operation.outcome;
        if before.is_final() && report.outcome.is_final() && before != report.outcome {
            let what =
                format!("transaction {} was {before:?} and is {:?}", report.transaction, report.outcome);
            return self.contradiction(what);
        }
        operation.transaction = Some(report.transaction.clone());
        if report.outcome == Outcome::Pending && before == Outcome::Pending {
            operation.declined_for_now = report.declined_for_now;
        }
        if report.outcome.rung() <= before.rung() {
            return Ok(());
        }
        // Why a Settle or Cancel was refused stays known when the reservation still stands.
        let code = operation.code.take().filter(|_| operation.refused && report.outcome == Outcome::Reserved);
        operation.note(code.as_ref().or(report.code.as_ref()), report.request.as_ref());
        operation.outcome = report.outcome;
        operation.declined_for_now = report.declined_for_now;
        operation.right = None;
        match operation.kind {
            Kind::Pay => self.pay_stands(at, report),
            Kind::Reserve => self.reservation_stands(report),
            Kind::Settle => self.settle_stands(at, report),
            Kind::Cancel => self.cancel_stands(at, report),
            Kind::Refund => self.refund_stands(at, report),
            Kind::Retry => Ok(()),
        }
    }

    /// The service took a Retry: whatever the transaction is now, it was tried again.
    pub(super) fn retried(&mut self, at: usize, report: &Report) -> Done {
        let operation = self.operation(at)?;
        if !operation.is_resolved() {
            operation.outcome = Outcome::Success;
            operation.right = None;
            operation.note(None, report.request.as_ref());
        }
        self.tried_transaction(at, report)
    }

    /// How the transaction stands tells whether a Retry without an answer was carried out. If it is still declined, a Retry that
    /// was refused never will be, and any other is sent again.
    fn retry_stands(&mut self, at: usize, report: &Report) -> Done {
        let operation = self.operation(at)?;
        if !operation.is_resolved() {
            operation.right = None;
            operation.outcome = match (report.declined_for_now, operation.refused) {
                (false, _) => Outcome::Success,
                (true, true) => Outcome::Failure,
                (true, false) => Outcome::Unknown,
            };
        }
        self.tried_transaction(at, report)
    }

    fn tried_transaction(&mut self, at: usize, report: &Report) -> Done {
        match self.operation(at)?.of {
            Some(tried) if tried < at => self.reported(tried, report),
            _ => Err(Refusal::Missing { what: "operation" }),
        }
    }

    fn pay_stands(&mut self, at: usize, report: &Report) -> Done {
        match (self.machine.state, report.outcome) {
            (State::Review, _) => Ok(()),
            (State::Charging | State::Pending, Outcome::Success) => self.paid(at, report),
            (State::Charging, Outcome::Pending) => self.pending(report),
            (State::Charging | State::Pending, Outcome::Failure) => self.declined(reason(report)),
            (State::Charging | State::Pending, Outcome::Cancelled) => self.cancelled(),
            _ => self.unexpected(at, report),
        }
    }

    fn reservation_stands(&mut self, report: &Report) -> Done {
        // A look that was under way when a Settle or Cancel was planned sees what that call did: the word on it is that
        // call's own.
        let is_fenced = self
            .machine
            .operations
            .iter()
            .any(|op| matches!(op.kind, Kind::Settle | Kind::Cancel) && !op.is_resolved());
        match (self.machine.state, report.outcome) {
            (State::Review, _) => Ok(()),
            (State::Settling | State::Cancelling | State::Pending, _) if is_fenced => Ok(()),
            (State::Paid, Outcome::Success) | (State::Cancelled, Outcome::Cancelled) => Ok(()),
            (State::Charging | State::Pending, Outcome::Reserved) => {
                self.go(Trigger::Hold, State::Reserved)?;
                let amount =
                    self.machine.charge().map_or(self.machine.total, |at| self.machine.operations[at].amount);
                self.news.push(News::Reserved { amount, transaction: report.transaction.clone() });
                Ok(())
            }
            (State::Charging, Outcome::Pending) => self.pending(report),
            (State::Charging | State::Pending | State::Reserved, Outcome::Failure) => {
                self.declined(reason(report))
            }
            (State::Charging | State::Pending | State::Reserved, Outcome::Cancelled) => self.cancelled(),
            _ => self.contradiction(format!(
                "reservation {} is {:?} while the order is {}",
                report.transaction, report.outcome, self.machine.state
            )),
        }
    }

    /// Whether a Settle of that amount is under way or done. One that came to nothing explains no amount.
    fn has_planned_to_settle(&self, amount: Option<Amount>) -> bool {
        self.machine.operations.iter().any(|op| {
            op.kind == Kind::Settle
                && Some(op.amount) == amount
                && !matches!(op.outcome, Outcome::Failure | Outcome::Cancelled)
        })
    }

    fn settle_stands(&mut self, at: usize, report: &Report) -> Done {
        match (self.machine.state, report.outcome) {
            (State::Review, _) => Ok(()),
            (State::Settling | State::Pending, Outcome::Success) => self.paid(at, report),
            (State::Settling, Outcome::Pending) => self.pending(report),
            (State::Settling, Outcome::Reserved) => self.still_reserved(at),
            (State::Settling | State::Pending, Outcome::Failure) => self.declined(reason(report)),
            (State::Settling | State::Pending, Outcome::Cancelled) => self.cancelled(),
            _ => self.unexpected(at, report),
        }
    }

    fn cancel_stands(&mut self, at: usize, report: &Report) -> Done {
        match (self.machine.state, report.outcome) {
            (State::Review, _) => Ok(()),
            (State::Cancelling, Outcome::Reserved) => self.still_reserved(at),
            (State::Cancelling, Outcome::Pending) => {
                self.machine.operations[at].outcome = Outcome::Unknown;
                Ok(())
            }
            (State::Cancelling, Outcome::Cancelled) => self.cancelled(),
            (State::Cancelling, Outcome::Failure) => self.declined(reason(report)),
            (State::Cancelling, Outcome::Success) => self.settled_before_cancel(report),
            _ => self.contradiction(format!(
                "reservation {} is {:?} while it was being cancelled",
                report.transaction, report.outcome
            )),
        }
    }

    /// A settle or cancel has not happened. If the service refused it, it never will; else it is sent again.
    fn still_reserved(&mut self, at: usize) -> Done {
        let operation = &mut self.machine.operations[at];
        if !operation.refused {
            operation.outcome = Outcome::Unknown;
            return Ok(());
        }
        operation.outcome = Outcome::Failure;
        let (kind, code) = (operation.kind, operation.code.clone().unwrap_or_default());
        self.go(Trigger::Hold, State::Reserved)?;
        self.alarm(format!("{kind} was refused with {code}; the money is still reserved"));
        Ok(())
    }

    /// A settle that the service had refused, or never answered, came before the cancel after all.
    fn settled_before_cancel(&mut self, report: &Report) -> Done {
        let planned = self.machine.operations.iter().rposition(|op| {
            op.kind == Kind::Settle && report.amount.is_none_or(|amount| amount == op.amount)
        });
        let Some(at) = planned else {
            return self.contradiction(format!(
                "reservation {} was settled by nobody's plan while it was being cancelled",
                report.transaction
            ));
        };
        self.machine.operations[at].outcome = Outcome::Success;
        self.machine.operations[at].transaction = Some(report.transaction.clone());
        self.paid(at, report)
    }

    fn refund_stands(&mut self, at: usize, report: &Report) -> Done {
        let Operation { amount, ref refund, .. } = self.machine.operations[at];
        let Some(refund) = refund.clone() else {
            return Err(Refusal::Missing { what: "refund id" });
        };
        match report.outcome {
            Outcome::Success => {
                self.news.push(News::Refunded { refund, amount, transaction: report.transaction.clone() });
            }
            Outcome::Failure | Outcome::Cancelled => {
                self.alarm(format!("refund {refund} failed with {}", reason(report)));
            }
            _ => {}
        }
        Ok(())
    }

    fn paid(&mut self, at: usize, report: &Report) -> Done {
        self.go(Trigger::Succeed, State::Paid)?;
        let amount = self.machine.operations[at].amount;
        self.news.push(News::Paid { amount, transaction: Some(report.transaction.clone()) });
        Ok(())
    }

    fn pending(&mut self, report: &Report) -> Done {
        self.go(Trigger::Pend, State::Pending)?;
        self.news.push(News::Pending { transaction: report.transaction.clone() });
        Ok(())
    }

    pub(super) fn declined(&mut self, reason: &str) -> Done {
        self.go(Trigger::Fail, State::Declined)?;
        self.release_token(Approval::Released)?;
        self.news.push(News::Declined { reason: reason.to_owned() });
        Ok(())
    }

    fn cancelled(&mut self) -> Done {
        self.go(Trigger::Cancel, State::Cancelled)?;
        self.release_token(Approval::Released)?;
        self.news.push(News::Cancelled);
        Ok(())
    }

    fn unexpected(&mut self, at: usize, report: &Report) -> Done {
        let kind = self.machine.operations[at].kind;
        self.contradiction(format!(
            "{kind} {} is {:?} while the order is {}",
            report.transaction, report.outcome, self.machine.state
        ))
    }
}

fn reason(report: &Report) -> &str {
    report.code.as_deref().unwrap_or("Failure")
}
