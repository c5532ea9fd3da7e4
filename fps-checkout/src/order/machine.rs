//! The order machine: a pure fold over events.

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, CallerReference, Timestamp, TransactionId};
use serde::{Deserialize, Serialize};

use super::event::{Answer, Event, News, Report, Source};
use super::id::RefundId;
use super::operation::{Kind, Operation, Outcome, Right};
use super::state::{State, Trigger, has_edge};

/// Where an order stands: its state, its attempts, its operations, its alarms. Made from events and from nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    state: State,
    total: Amount,
    reserve: bool,
    attempts: Vec<Attempt>,
    operations: Vec<Operation>,
    alarms: Vec<Alarm>,
}

/// One walk of the buyer through the payment pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its approval's reference.
    pub reference: CallerReference,
    /// When it began.
    pub begun_at: Timestamp,
    /// What came of it.
    pub approval: Approval,
}

/// What came of an attempt's pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Approval {
    /// Nothing yet.
    Waiting,
    /// A token that the order charges.
    Held {
        /// What the buyer pays with, where the pages said it.
        method: Option<PaymentMethod>,
        /// How it became known.
        by: Source,
        /// When it became known.
        at: Timestamp,
    },
    /// A token that is not wanted, because another attempt holds one or the order was cancelled. It is to be cancelled
    /// at the service.
    Unwanted,
    /// A token that was not wanted and is cancelled at the service.
    Discarded,
    /// A token that was charged in vain, or grew too old. It is not charged again.
    Released,
    /// The buyer left.
    Left,
    /// The pages refused, with this status.
    Refused(String),
    /// Nothing ever came.
    Expired,
}

impl Approval {
    /// Whether a token came of it, whatever became of the token.
    #[must_use]
    pub const fn has_token(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Unwanted | Self::Discarded | Self::Released)
    }
}

/// Something that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// When it was raised.
    pub at: Timestamp,
    /// What is wrong.
    pub what: String,
}

/// Why an event cannot happen to an order as it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The order's state does not allow it.
    #[error("the order is {state}; {wanted}")]
    State {
        /// Where the order is.
        state: State,
        /// What would be needed.
        wanted: &'static str,
    },
    /// The amount is more than there is.
    #[error("{asked} is more than the {left} that {what}")]
    Amount {
        /// How much was asked for.
        asked: Amount,
        /// How much there is.
        left: Amount,
        /// What the limit is.
        what: &'static str,
    },
    /// A refund of nothing.
    #[error("the amount is zero or less; a refund moves more than nothing")]
    Nothing,
    /// The merchant's refund id names another amount already.
    #[error("refund {refund} was for {first}; the same id cannot refund {asked}")]
    RefundReused {
        /// The id.
        refund: RefundId,
        /// What it refunded.
        first: Amount,
        /// What was asked for now.
        asked: Amount,
    },
    /// The event speaks of an attempt or operation that the order does not have: the record is damaged.
    #[error("the order has no such {what}")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// Order id and refund id together are too long for the service's 128 characters. Use shorter ones.
    #[error("order id and refund id make a caller reference of over 128 characters; use shorter ids")]
    TooLong,
    /// Another process may be sending this operation at this moment.
    #[error("another process has the right to send this operation until {until}")]
    Claimed {
        /// Until when.
        until: Timestamp,
    },
    /// The machine has no such edge: a defect of this crate.
    #[error("the order machine has no edge from {from} by {on:?} to {to}")]
    Edge {
        /// Where the order is.
        from: State,
        /// What happened.
        on: Trigger,
        /// Where it would go.
        to: State,
    },
}

impl Machine {
    /// An order of nothing but its frozen price.
    #[must_use]
    pub const fn new(total: Amount, reserve: bool) -> Self {
        Self {
            state: State::Created,
            total,
            reserve,
            attempts: Vec::new(),
            operations: Vec::new(),
            alarms: Vec::new(),
        }
    }

    /// What becomes of the order by an event, and what is news. An event that already holds changes nothing, and the
    /// news is empty.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the event cannot happen; the machine is as it was.
    pub fn apply(&self, event: &Event, now: Timestamp) -> Result<(Self, Vec<News>), Refusal> {
        let mut step = Step { machine: self.clone(), now, news: Vec::new() };
        match event {
            Event::Begun { reference } => step.begun(reference),
            Event::Approved { attempt, method, by } => step.approved(*attempt, *method, *by),
            Event::Left { attempt } => step.left(*attempt),
            Event::Refused { attempt, status } => step.refused(*attempt, status),
            Event::NeverCame { attempt } => step.never_came(*attempt),
            Event::TokenExpired => step.token_expired(),
            Event::TokenCancelled { attempt } => step.token_cancelled(*attempt),
            Event::Planned { kind, amount, reference, refund } => {
                step.planned(*kind, *amount, reference.as_ref(), refund.as_ref())
            }
            Event::Claimed { operation, sender, until } => step.claimed(*operation, sender, *until),
            Event::Answered { operation, send, answer } => step.answered(*operation, *send, answer),
            Event::Reported { operation, report } => step.reported(*operation, report),
            Event::Doubted { operation, why } => step.doubted(*operation, why),
            Event::CancelledByShop => step.cancelled_by_shop(),
            // What handlers hear moves no money.
            Event::Dropped { .. } => Ok(()),
            Event::Resolved { to, by, evidence } => step.resolved(*to, by, evidence),
        }?;
        Ok((step.machine, step.news))
    }

    /// Where the order is.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The frozen total.
    #[must_use]
    pub const fn total(&self) -> Amount {
        self.total
    }

    /// Whether the charge is a Reserve, to be settled later.
    #[must_use]
    pub const fn is_reserve(&self) -> bool {
        self.reserve
    }

    /// The attempts, the first one first; attempt 1 stands at 0.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The operations in the order in which they were planned.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// What a person has to look at.
    #[must_use]
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// The number of the current attempt, from 1; 0 before the first.
    #[must_use]
    pub fn current_attempt(&self) -> u32 {
        u32::try_from(self.attempts.len()).unwrap_or(u32::MAX)
    }

    /// The attempt of that number.
    #[must_use]
    pub fn attempt(&self, number: u32) -> Option<&Attempt> {
        self.attempts.get(index(number)?)
    }

    /// The number of the attempt whose token the order charges.
    #[must_use]
    pub fn held(&self) -> Option<u32> {
        (1..=self.current_attempt()).rev().find(|number| {
            matches!(self.attempt(*number), Some(Attempt { approval: Approval::Held { .. }, .. }))
        })
    }

    /// Whether an approval that comes now would be charged: the buyer is awaited, or was given up, or the pages (and not a
    /// refused charge) declined the current attempt.
    #[must_use]
    pub fn takes_late_approval(&self) -> bool {
        match self.state {
            State::AwaitingBuyer | State::Abandoned | State::Expired => true,
            State::Declined => self.operations.iter().all(|op| op.attempt != self.current_attempt()),
            _ => false,
        }
    }

    /// The place of the Pay or Reserve of the attempt that holds a token, or of the last one.
    #[must_use]
    pub fn charge(&self) -> Option<usize> {
        self.operations.iter().rposition(|operation| operation.kind.is_charge())
    }

    /// The transaction of the money: of the last Pay or Reserve.
    #[must_use]
    pub fn transaction(&self) -> Option<&TransactionId> {
        self.operations[self.charge()?].transaction.as_ref()
    }

    /// The place of the refund with that id.
    #[must_use]
    pub fn refund(&self, id: &RefundId) -> Option<usize> {
        self.operations.iter().position(|operation| operation.refund.as_ref() == Some(id))
    }

    /// How much was paid: nothing unless the order is Paid.
    #[must_use]
    pub fn paid(&self) -> Amount {
        if self.state != State::Paid {
            return Amount::ZERO;
        }
        self.operations
            .iter()
            .rfind(|op| matches!(op.kind, Kind::Pay | Kind::Settle) && op.outcome == Outcome::Success)
            .map_or(self.total, |operation| operation.amount)
    }

    /// How much of it was refunded or is being refunded.
    #[must_use]
    pub fn refunded(&self) -> Amount {
        self.operations
            .iter()
            .filter(|op| {
                op.kind == Kind::Refund && !matches!(op.outcome, Outcome::Failure | Outcome::Cancelled)
            })
            .fold(Amount::ZERO, |sum, op| sum.checked_add(op.amount).unwrap_or(sum))
    }
}

/// One step in the making: the machine as it will be, and its news.
struct Step {
    machine: Machine,
    now: Timestamp,
    news: Vec<News>,
}

type Done = Result<(), Refusal>;

impl Step {
    fn begun(&mut self, reference: &CallerReference) -> Done {
        if self.machine.attempts.last().is_some_and(|attempt| attempt.reference == *reference) {
            return Ok(());
        }
        if self.machine.state != State::Created && !self.machine.state.allows_new_attempt() {
            return self.not_now("a new attempt needs Declined, Abandoned, Expired or Cancelled");
        }
        self.go(Trigger::Begin, State::AwaitingBuyer)?;
        self.machine.attempts.push(Attempt {
            reference: reference.clone(),
            begun_at: self.now,
            approval: Approval::Waiting,
        });
        Ok(())
    }

    fn approved(&mut self, number: u32, method: Option<PaymentMethod>, by: Source) -> Done {
        let (holder, payable, at) = (self.machine.held(), self.machine.takes_late_approval(), self.now);
        let attempt = self.attempt(number)?;
        if attempt.approval.has_token() {
            return Ok(());
        }
        if holder.is_some() || !payable {
            attempt.approval = Approval::Unwanted;
            return Ok(());
        }
        attempt.approval = Approval::Held { method, by, at };
        self.go(Trigger::Approve, State::TokenHeld)?;
        self.news.push(News::Approved { method });
        Ok(())
    }

    fn left(&mut self, number: u32) -> Done {
        self.turned_away(number, Approval::Left, Trigger::Leave, State::Abandoned, News::Abandoned)
    }

    fn refused(&mut self, number: u32, status: &str) -> Done {
        let reason = status.to_owned();
        self.turned_away(
            number,
            Approval::Refused(status.to_owned()),
            Trigger::Refuse,
            State::Declined,
            News::Declined { reason },
        )
    }

    fn never_came(&mut self, number: u32) -> Done {
        self.turned_away(number, Approval::Expired, Trigger::Expire, State::Expired, News::Expired)
    }

    /// The pages ended without a token.
    fn turned_away(&mut self, number: u32, how: Approval, on: Trigger, to: State, news: News) -> Done {
        let current = self.machine.current_attempt();
        let attempt = self.attempt(number)?;
        if attempt.approval != Approval::Waiting {
            return Ok(());
        }
        attempt.approval = how;
        if number == current && self.machine.state == State::AwaitingBuyer {
            self.go(on, to)?;
            self.news.push(news);
        }
        Ok(())
    }

    fn token_cancelled(&mut self, number: u32) -> Done {
        let attempt = self.attempt(number)?;
        if attempt.approval == Approval::Unwanted {
            attempt.approval = Approval::Discarded;
        }
        Ok(())
    }

    fn token_expired(&mut self) -> Done {
        if self.machine.state != State::TokenHeld {
            return Ok(());
        }
        self.release_token(Approval::Released)?;
        self.go(Trigger::Expire, State::Expired)?;
        self.news.push(News::Expired);
        Ok(())
    }

    fn cancelled_by_shop(&mut self) -> Done {
        match self.machine.state {
            State::Cancelled => Ok(()),
            State::AwaitingBuyer => {
                self.go(Trigger::Cancel, State::Cancelled)?;
                self.news.push(News::Cancelled);
                Ok(())
            }
            State::TokenHeld => {
                self.release_token(Approval::Unwanted)?;
                self.go(Trigger::Cancel, State::Cancelled)?;
                self.news.push(News::Cancelled);
                Ok(())
            }
            _ => self.not_now("only an order that waits for its buyer or holds a token is cancelled so"),
        }
    }

    fn planned(
        &mut self,
        kind: Kind,
        amount: Amount,
        reference: Option<&CallerReference>,
        refund: Option<&RefundId>,
    ) -> Done {
        let attempt = match kind {
            Kind::Pay | Kind::Reserve => self.plan_charge(kind, amount)?,
            Kind::Settle | Kind::Cancel => self.plan_fenced(kind, amount)?,
            Kind::Refund => match self.plan_refund(amount, refund)? {
                Some(attempt) => attempt,
                None => return Ok(()),
            },
        };
        self.machine.operations.push(Operation {
            kind,
            attempt,
            refund: refund.cloned(),
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

    fn claimed(&mut self, at: usize, sender: &str, until: Timestamp) -> Done {
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

    fn answered(&mut self, at: usize, send: u32, answer: &Answer) -> Done {
        let operation = self.operation(at)?;
        // An answer that comes after somebody else began to send says nothing about that other sending.
        let is_last = operation.sends == send;
        if is_last {
            operation.right = None;
        }
        match answer {
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
            Kind::Settle | Kind::Cancel => Ok(()),
            Kind::Refund => {
                let name = refund.as_ref().map_or("", RefundId::as_str);
                self.alarm(format!("refund {name} was refused with {code}"));
                Ok(())
            }
        }
    }

    fn reported(&mut self, at: usize, report: &Report) -> Done {
        let operation = self.operation(at)?;
        if report.amount.is_some_and(|amount| amount != operation.amount) {
            let what =
                format!("transaction {} has another amount than its {}", report.transaction, operation.kind);
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
        if report.outcome.rung() <= before.rung() {
            return Ok(());
        }
        operation.note(report.code.as_ref(), report.request.as_ref());
        operation.outcome = report.outcome;
        operation.right = None;
        match operation.kind {
            Kind::Pay => self.pay_stands(at, report),
            Kind::Reserve => self.reservation_stands(report),
            Kind::Settle => self.settle_stands(at, report),
            Kind::Cancel => self.cancel_stands(at, report),
            Kind::Refund => self.refund_stands(at, report),
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
        match (self.machine.state, report.outcome) {
            (State::Review, _) => Ok(()),
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

    fn doubted(&mut self, at: usize, why: &str) -> Done {
        let operation = self.operation(at)?;
        if operation.is_resolved() {
            return Ok(());
        }
        operation.doubt();
        self.contradiction(why.to_owned())
    }

    fn resolved(&mut self, to: State, by: &str, evidence: &str) -> Done {
        if self.machine.state == to {
            return Ok(());
        }
        if self.machine.state != State::Review {
            return self.not_now("only an order in Review is resolved by a person");
        }
        self.go(Trigger::Resolve, to)?;
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

    fn declined(&mut self, reason: &str) -> Done {
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

    /// The token that the order held is not charged any more.
    fn release_token(&mut self, how: Approval) -> Done {
        if let Some(number) = self.machine.held() {
            self.attempt(number)?.approval = how;
        }
        Ok(())
    }

    fn unexpected(&mut self, at: usize, report: &Report) -> Done {
        let kind = self.machine.operations[at].kind;
        self.contradiction(format!(
            "{kind} {} is {:?} while the order is {}",
            report.transaction, report.outcome, self.machine.state
        ))
    }

    /// Evidence contradicts itself: a person decides. Paid is never left.
    fn contradiction(&mut self, what: String) -> Done {
        if !matches!(self.machine.state, State::Paid | State::Review) {
            self.go(Trigger::Doubt, State::Review)?;
        }
        self.alarm(what);
        Ok(())
    }

    fn alarm(&mut self, what: String) {
        if self.machine.alarms.iter().all(|alarm| alarm.what != what) {
            self.machine.alarms.push(Alarm { at: self.now, what: what.clone() });
            self.news.push(News::Alarm { what });
        }
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

impl Operation {
    fn note(&mut self, code: Option<&String>, request: Option<&fps_core::RequestId>) {
        self.code = code.cloned();
        if let Some(request) = request {
            self.request = Some(request.clone());
        }
    }

    fn doubt(&mut self) {
        self.in_doubt = true;
        if self.outcome == Outcome::None {
            self.outcome = Outcome::Unknown;
        }
    }
}

fn reason(report: &Report) -> &str {
    report.code.as_deref().unwrap_or("Failure")
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

/// Attempts are numbered from 1 and stand from 0.
fn index(number: u32) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}
