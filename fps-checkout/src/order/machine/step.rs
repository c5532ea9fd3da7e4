//! What each event does to the machine.

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, CallerReference, RequestId, Timestamp};

use super::{Alarm, Approval, Attempt, Machine, Refusal, index};
use crate::order::event::{Answer, News, Report, Source};
use crate::order::id::RefundId;
use crate::order::operation::{Kind, Operation, Outcome, Right};
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

    pub(super) fn into_parts(self) -> (Machine, Vec<News>) {
        (self.machine, self.news)
    }

    pub(super) fn begun(&mut self, reference: &CallerReference) -> Done {
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

    pub(super) fn approved(&mut self, number: u32, method: Option<PaymentMethod>, by: Source) -> Done {
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

    pub(super) fn left(&mut self, number: u32) -> Done {
        self.turned_away(number, Approval::Left, Trigger::Leave, State::Abandoned, News::Abandoned)
    }

    pub(super) fn refused(&mut self, number: u32, status: &str) -> Done {
        let reason = status.to_owned();
        self.turned_away(
            number,
            Approval::Refused(status.to_owned()),
            Trigger::Refuse,
            State::Declined,
            News::Declined { reason },
        )
    }

    pub(super) fn never_came(&mut self, number: u32) -> Done {
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

    pub(super) fn token_cancelled(&mut self, number: u32) -> Done {
        let attempt = self.attempt(number)?;
        if attempt.approval == Approval::Unwanted {
            attempt.approval = Approval::Discarded;
        }
        Ok(())
    }

    pub(super) fn token_expired(&mut self) -> Done {
        if self.machine.state != State::TokenHeld {
            return Ok(());
        }
        self.release_token(Approval::Released)?;
        self.go(Trigger::Expire, State::Expired)?;
        self.news.push(News::Expired);
        Ok(())
    }

    pub(super) fn cancelled_by_shop(&mut self) -> Done {
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

    pub(super) fn reported(&mut self, at: usize, report: &Report) -> Done {
        let operation = self.operation(at)?;
        if operation.kind == Kind::Retry {
            return self.retry_stands(at, report);
        }
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
        if report.outcome == Outcome::Pending && before == Outcome::Pending {
            operation.declined_for_now = report.declined_for_now;
        }
        if report.outcome.rung() <= before.rung() {
            return Ok(());
        }
        operation.note(report.code.as_ref(), report.request.as_ref());
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
    fn retried(&mut self, at: usize, report: &Report) -> Done {
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
            self.machine.alarms.push(Alarm { at: self.now, what: what.clone(), closed_by: None });
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
    fn note(&mut self, code: Option<&String>, request: Option<&RequestId>) {
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
