//! Random histories of an order: what may happen happens, and now and then what may not.
//!
//! The walks are the same in each run, so that a failure comes again. A walk that fails prints its journal.

use super::*;

/// One moment of a history: what was to happen, and what became of it.
pub(super) struct Moment<'a> {
    pub(super) before: &'a Order,
    pub(super) event: &'a Event,
    pub(super) now: Timestamp,
    /// Whether anything changed, or why it cannot happen.
    pub(super) outcome: &'a Result<bool, Refusal>,
    pub(super) after: &'a Order,
}

/// Lets many orders live, and shows each moment of each of them.
pub(super) fn in_every_history(check: impl Fn(Moment<'_>)) {
    for walk in 0..WALKS {
        let mut chance = Chance::new(walk);
        let reserve = chance.one_in(2);
        let mut order = order(reserve);
        let mut now = at(0);
        for _ in 0..STEPS {
            now = now.after(chance.gap());
            let event = event(&order, now, &mut chance);
            let before = order.clone();
            let shown = Shown { walk, order: &before, event: &event };
            let outcome = order.happen(event.clone(), now, &["h", "i"]);
            // Most news is heard soon.
            if chance.one_in(2) {
                order.outbox_mut().clear();
                order.reschedule(now);
            }
            check(Moment { before: &before, event: &event, now, outcome: &outcome, after: &order });
            drop(shown);
        }
    }
}

/// What happens next: often what the order waits for, sometimes anything.
fn event(order: &Order, now: Timestamp, chance: &mut Chance) -> Event {
    let machine = order.machine();
    let attempts = machine.current_attempt();
    let operations = machine.operations().len();
    if chance.one_in(3) || (operations == 0 && machine.state() != State::TokenHeld) {
        let attempt = chance.from(1..=attempts.max(1));
        return match (chance.below(12), attempts) {
            (_, 0) => begun(1),
            (0..2, _) => begun(attempts + 1),
            (2, _) => begun(attempts),
            (3..6, _) => Event::Approved {
                attempt,
                method: Some(PaymentMethod::Cc),
                by: chance.pick(&[Source::Return, Source::LookUp, Source::Stored]),
            },
            (6, _) => Event::Left { attempt },
            (7, _) => Event::Refused { attempt, status: chance.pick(&["PE", "NP", "SE"]).to_owned() },
            (8, _) => Event::NeverCame { attempt },
            (9, _) if chance.one_in(2) => Event::TokenWithdrawn,
            (9, _) => Event::TokenExpired,
            (10, _) => Event::TokenCancelled { attempt },
            _ => Event::CancelledByShop,
        };
    }
    if operations == 0 || chance.one_in(4) {
        return plan(order, chance);
    }
    // The last operation is the one under way, most of the time.
    let at = if chance.one_in(3) { chance.below(operations) } else { operations - 1 };
    let operation = &machine.operations()[at];
    match chance.below(16) {
        0..5 => Event::Claimed {
            operation: at,
            sender: chance.pick(&["p", "q"]).to_owned(),
            until: now.after(Duration::from_secs(60)),
        },
        5..10 => Event::Answered {
            operation: at,
            send: if chance.one_in(8) { operation.sends.saturating_sub(1) } else { operation.sends },
            answer: match chance.below(10) {
                0 => not_done("Throttling"),
                1 => refused("TransactionDenied"),
                2 => silent(),
                3 => Answer::Spent { code: "DuplicateRequest".to_owned(), request: None },
                _ => Answer::Accepted(some_report(machine, at, chance)),
            },
        },
        10..14 => Event::Reported { operation: at, report: some_report(machine, at, chance) },
        14 if chance.one_in(4) => Event::Doubted { operation: at, why: "six days of silence".to_owned() },
        14 => {
            Event::AlarmClosed { alarm: chance.below(2), by: "ann".to_owned(), evidence: "a call".to_owned() }
        }
        _ => Event::Resolved {
            to: chance.pick(&[State::Paid, State::Declined, State::Cancelled, State::Charging]),
            by: "ann".to_owned(),
            evidence: "the bank's statement".to_owned(),
        },
    }
}

fn plan(order: &Order, chance: &mut Chance) -> Event {
    let machine = order.machine();
    let kind = match machine.state() {
        _ if chance.one_in(8) => {
            chance.pick(&[Kind::Pay, Kind::Reserve, Kind::Settle, Kind::Cancel, Kind::Refund, Kind::Retry])
        }
        State::Reserved => chance.pick(&[Kind::Settle, Kind::Cancel]),
        State::Paid => Kind::Refund,
        State::Pending => Kind::Retry,
        _ if machine.is_reserve() => Kind::Reserve,
        _ => Kind::Pay,
    };
    let attempt = machine.held().unwrap_or(1);
    let name = chance.pick(&["r1", "r2", "r3"]);
    let amount = chance.pick(&["0.10", "0.10", "0.10", "0.04", "0.11", "0", "-0.01"]).parse().unwrap();
    let (reference, refund) = match kind {
        Kind::Refund => {
            (Some(reference(&format!("s-1-a1-refund-{name}"))), Some(RefundId::new(name).unwrap()))
        }
        _ if kind.is_fenced() => (None, None),
        // Once in a while the reference of another body.
        _ if chance.one_in(16) => (Some(reference("s-1-a1-refund-r1")), None),
        _ => (Some(reference(&format!("s-1-a{attempt}-{kind}"))), None),
    };
    let of = (kind == Kind::Retry).then(|| chance.below(machine.operations().len().max(1)));
    Event::Planned { kind, amount, reference, refund, of }
}

/// What the service could say of that operation: most of the time about its own transaction and with its own amount.
fn some_report(machine: &Machine, at: usize, chance: &mut Chance) -> Report {
    let operation = &machine.operations()[at];
    let transaction = match operation.kind {
        _ if chance.one_in(20) => "OTHER".to_owned(),
        Kind::Settle | Kind::Cancel => format!("T{}", machine.charge().unwrap_or(at)),
        Kind::Retry => format!("T{}", operation.of.unwrap_or(at)),
        _ => format!("T{at}"),
    };
    let outcome = match operation.kind {
        _ if chance.one_in(6) => chance.pick(&[
            Outcome::Pending,
            Outcome::Reserved,
            Outcome::Success,
            Outcome::Failure,
            Outcome::Cancelled,
        ]),
        Kind::Reserve => chance.pick(&[Outcome::Reserved, Outcome::Reserved, Outcome::Pending]),
        Kind::Cancel => Outcome::Cancelled,
        _ => chance.pick(&[Outcome::Success, Outcome::Success, Outcome::Pending, Outcome::Failure]),
    };
    let amount = match chance.below(20) {
        0..12 => None,
        12 => Some(Amount::usd("0.07")),
        _ => Some(operation.amount),
    };
    Report {
        transaction: TransactionId::new(transaction),
        outcome,
        declined_for_now: outcome == Outcome::Pending && chance.one_in(2),
        amount,
        code: None,
        request: None,
    }
}

/// A source of choices that gives the same ones for the same seed.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn from(&mut self, numbers: std::ops::RangeInclusive<u32>) -> u32 {
        let among = numbers.end() - numbers.start() + 1;
        numbers.start() + u32::try_from(self.next() % u64::from(among)).unwrap()
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Mostly seconds, sometimes hours.
    fn gap(&mut self) -> Duration {
        Duration::from_secs(self.pick(&[1, 1, 1, 2, 5, 30, 120, 4000]))
    }
}

/// Prints a walk that ends in a panic.
struct Shown<'a> {
    walk: u64,
    order: &'a Order,
    event: &'a Event,
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("walk {}:", self.walk);
            for entry in self.order.journal() {
                eprintln!("  {:?}", entry.event);
            }
            eprintln!("is {}, and then {:?}", self.order.state(), self.event);
        }
    }
}

const WALKS: u64 = 300;
const STEPS: usize = 40;
