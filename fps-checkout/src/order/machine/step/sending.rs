//! The right to send a call, and what its answer says.

use fps_core::{RequestId, Timestamp};

use super::{Done, Step};
use crate::order::event::Answer;
use crate::order::id::RefundId;
use crate::order::machine::Refusal;
use crate::order::operation::{Kind, Operation, Outcome, Right};
use crate::order::state::State;

impl Step {
    pub(super) fn claimed(&mut self, at: usize, sender: &str, until: Timestamp) -> Done {
        let now = self.now;
        let operation = self.operation(at)?;
        if operation.is_resolved() || operation.outcome == Outcome::Pending {
            return self.not_now("the operation needs no more sending");
        }
        if let Some(right) = &operation.right {
            if right.sender != sender && now < right.until {
                return Err(Refusal::Claimed { until: right.until });
            }
            // Whoever had the right never said how the sending ended.
            operation.in_doubt = true;
            operation.outcome = Outcome::Unknown;
        }
        operation.right = Some(Right { sender: sender.to_owned(), until });
        operation.sends = operation.sends.saturating_add(1);
        operation.first_sent_at.get_or_insert(now);
        Ok(())
    }

    pub(super) fn answered(&mut self, at: usize, send: u32, answer: &Answer) -> Done {
        let operation = self.operation(at)?;
        // An answer that comes after somebody else began to send says nothing about that other sending.
        let is_last = operation.sends == send;
        // What has no reference may still be under way when its answer was given up: nobody looks or sends until it must have
        // arrived.
        let may_arrive = operation.kind.is_fenced() && matches!(answer, Answer::Silent { .. });
        if is_last && !may_arrive {
            operation.right = None;
        }
        match answer {
            Answer::Accepted(report) if operation.kind == Kind::Retry => return self.retried(at, report),
            Answer::Accepted(report) => return self.reported(at, report),
            Answer::NotDone { code, request } => operation.note(Some(code), request.as_ref()),
            Answer::Silent { code, request } => {
                operation.note(code.as_ref(), request.as_ref());
                operation.doubt();
            }
            Answer::Spent { code, request } => {
                operation.note(Some(code), request.as_ref());
                operation.doubt();
                operation.spent = true;
            }
            Answer::Refused { code, request } => {
                operation.note(Some(code), request.as_ref());
                if operation.kind.is_fenced() {
                    operation.doubt();
                    operation.refused = true;
                    return Ok(());
                }
                if is_last && operation.outcome == Outcome::None && !operation.in_doubt {
                    operation.outcome = Outcome::Failure;
                    return self.refused_for_good(at, code);
                }
            }
        }
        Ok(())
    }

    /// The service refused a call that it can never have carried out.
    fn refused_for_good(&mut self, at: usize, code: &str) -> Done {
        let Operation { kind, ref refund, .. } = self.machine.operations[at];
        match kind {
            // A person decides already.
            _ if self.machine.state == State::Review => Ok(()),
            Kind::Pay | Kind::Reserve => self.declined(code),
            Kind::Settle | Kind::Cancel | Kind::Retry => Ok(()),
            Kind::Refund => {
                let name = refund.as_ref().map_or("", RefundId::as_str);
                self.alarm(format!("refund {name} was refused with {code}"));
                Ok(())
            }
        }
    }
}

impl Operation {
    pub(super) fn note(&mut self, code: Option<&String>, request: Option<&RequestId>) {
        self.code = code.cloned();
        if let Some(request) = request {
            self.request = Some(request.clone());
        }
    }

    pub(super) fn doubt(&mut self) {
        self.in_doubt = true;
        if self.outcome == Outcome::None {
            self.outcome = Outcome::Unknown;
        }
    }
}
