//! What a person has to look at, and what the person decides.

use super::{Done, Step};
use crate::order::event::News;
use crate::order::machine::{Alarm, Refusal};
use crate::order::operation::{Kind, Outcome};
use crate::order::state::{State, Trigger};

impl Step {
    pub(super) fn doubted(&mut self, at: usize, why: &str) -> Done {
        let operation = self.operation(at)?;
        if operation.is_resolved() {
            return Ok(());
        }
        operation.doubt();
        self.contradiction(why.to_owned())
    }

    pub(super) fn resolved(&mut self, to: State, by: &str, evidence: &str) -> Done {
        if self.machine.state == to {
            return Ok(());
        }
        if self.machine.state != State::Review {
            return self.not_now("only an order in Review is resolved by a person");
        }
        self.go(Trigger::Resolve, to)?;
        for alarm in self.machine.alarms.iter_mut().filter(|alarm| alarm.is_open()) {
            alarm.closed_by = Some(by.to_owned());
        }
        let outcome = match to {
            State::Paid => Outcome::Success,
            State::Cancelled => Outcome::Cancelled,
            _ => Outcome::Failure,
        };
        for operation in &mut self.machine.operations {
            if operation.kind != Kind::Refund && !operation.is_resolved() {
                operation.outcome = outcome;
                operation.resolved_by = Some(by.to_owned());
            }
        }
        self.news.push(match to {
            State::Paid => {
                News::Paid { amount: self.machine.paid(), transaction: self.machine.transaction().cloned() }
            }
            State::Cancelled => News::Cancelled,
            _ => News::Declined { reason: evidence.to_owned() },
        });
        Ok(())
    }

    pub(super) fn alarm_closed(&mut self, at: usize, by: &str) -> Done {
        if self.machine.state == State::Review {
            return self.not_now("resolve it, which closes its alarms");
        }
        let alarm = self.machine.alarms.get_mut(at).ok_or(Refusal::Missing { what: "alarm" })?;
        if alarm.is_open() {
            alarm.closed_by = Some(by.to_owned());
        }
        Ok(())
    }

    /// Evidence contradicts itself: a person decides. Paid is never left.
    pub(super) fn contradiction(&mut self, what: String) -> Done {
        if !matches!(self.machine.state, State::Paid | State::Review) {
            self.go(Trigger::Doubt, State::Review)?;
        }
        self.alarm(what);
        Ok(())
    }

    pub(super) fn alarm(&mut self, what: String) {
        if self.machine.alarms.iter().all(|alarm| alarm.what != what) {
            self.machine.alarms.push(Alarm { at: self.now, what: what.clone(), closed_by: None });
            self.news.push(News::Alarm { what });
        }
    }
}
