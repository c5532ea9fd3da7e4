//! What each event does to the machine.

mod approval;
mod person;
mod plan;
mod report;
mod sending;

use fps_core::Timestamp;

use super::{Attempt, Machine, Refusal, index};
use crate::order::event::{Event, News};
use crate::order::operation::Operation;
use crate::order::state::{State, Trigger, has_edge};

/// One step in the making: the machine as it will be, and its news.
pub(super) struct Step {
    machine: Machine,
    now: Timestamp,
    news: Vec<News>,
}

type Done = Result<(), Refusal>;

impl Step {
    pub(super) fn from(machine: &Machine, now: Timestamp) -> Self {
        Self { machine: machine.clone(), now, news: Vec::new() }
    }

    /// Lets the event happen.
    pub(super) fn take(&mut self, event: &Event) -> Done {
        match event {
            Event::Begun { reference } => self.begun(reference),
            Event::Approved { attempt, method, by } => self.approved(*attempt, *method, *by),
            Event::Left { attempt } => self.left(*attempt),
            Event::Refused { attempt, status } => self.refused(*attempt, status),
            Event::NeverCame { attempt } => self.never_came(*attempt),
            Event::TokenExpired => self.token_expired(),
            Event::TokenWithdrawn => self.token_withdrawn(),
            Event::TokenCancelled { attempt } => self.token_cancelled(*attempt),
            Event::Planned { kind, amount, reference, refund, of } => {
                self.planned(*kind, *amount, reference.as_ref(), refund.as_ref(), *of)
            }
            Event::Claimed { operation, sender, until } => self.claimed(*operation, sender, *until),
            Event::Answered { operation, send, answer } => self.answered(*operation, *send, answer),
            Event::Reported { operation, report } => self.reported(*operation, report),
            Event::Doubted { operation, why } => self.doubted(*operation, why),
            Event::CancelledByShop => self.cancelled_by_shop(),
            // What handlers hear moves no money.
            Event::Dropped { .. } => Ok(()),
            Event::AlarmClosed { alarm, by, .. } => self.alarm_closed(*alarm, by),
            Event::Resolved { to, by, evidence } => self.resolved(*to, by, evidence),
        }
    }

    pub(super) fn into_parts(self) -> (Machine, Vec<News>) {
        (self.machine, self.news)
    }

    /// Moves along an edge of the table, and along nothing else.
    fn go(&mut self, on: Trigger, to: State) -> Done {
        let from = self.machine.state;
        if !has_edge(from, on, to) {
            return Err(Refusal::Edge { from, on, to });
        }
        self.machine.state = to;
        Ok(())
    }

    fn attempt(&mut self, number: u32) -> Result<&mut Attempt, Refusal> {
        index(number)
            .and_then(|at| self.machine.attempts.get_mut(at))
            .ok_or(Refusal::Missing { what: "attempt" })
    }

    fn operation(&mut self, at: usize) -> Result<&mut Operation, Refusal> {
        self.machine.operations.get_mut(at).ok_or(Refusal::Missing { what: "operation" })
    }

    fn not_now<T>(&self, wanted: &'static str) -> Result<T, Refusal> {
        Err(Refusal::State { state: self.machine.state, wanted })
    }
}
