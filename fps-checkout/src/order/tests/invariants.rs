//! What holds in every history of an order. Each invariant is a test of that name; `docs/orders.md` lists them, with those
//! that the shop and the proof keep.

use super::history::{Chance, Moment, in_every_history};
use super::*;

#[test]
fn at_most_one_attempt_is_live_and_each_has_at_most_one_pay_or_reserve() {
    in_every_history(|Moment { after, .. }| {
        let machine = after.machine();
        let held = |attempt: &&Attempt| matches!(attempt.approval, Approval::Held { .. });
        assert!(machine.attempts().iter().filter(held).count() <= 1, "two tokens are held");
        let charges = || machine.operations().iter().filter(|op| op.kind.is_charge());
        for number in 1..=machine.current_attempt() {
            assert!(charges().filter(|op| op.attempt == number).count() <= 1, "attempt {number} twice");
        }
        assert!(charges().filter(|op| !op.is_resolved()).count() <= 1, "two charges are under way");
    });
}

#[test]
fn nothing_is_sent_before_it_is_planned_and_no_second_body_goes_under_one_reference() {
    in_every_history(|Moment { before, event, now, after, .. }| {
        let (planned, now_planned) = (before.machine().operations(), after.machine().operations());
        assert!(now_planned.len() <= planned.len() + usize::from(matches!(event, Event::Planned { .. })));
        // What is sent never changes from its plan on, and only a claim of its own lets it be sent.
        for (at, (was, is)) in planned.iter().zip(now_planned).enumerate() {
            let body = |op: &Operation| {
                (op.kind, op.attempt, op.amount, op.reference.clone(), op.refund.clone(), op.of)
            };
            assert_eq!(body(was), body(is));
            let claimed = matches!(event, Event::Claimed { operation, .. } if *operation == at);
            assert!(is.sends <= was.sends + u32::from(claimed), "it was sent without the right to");
            let others = was.right.as_ref().filter(|right| {
                now < right.until
                    && is.right.as_ref().is_some_and(|taken| claimed && taken.sender != right.sender)
            });
            assert_eq!(others, None, "the right to send was taken from another process");
        }
        assert!(now_planned[planned.len()..].iter().all(|op| op.sends == 0 && op.right.is_none()));
        let mut references: Vec<_> = now_planned.iter().filter_map(|op| op.reference.as_ref()).collect();
        let all = references.len();
        references.sort();
        references.dedup();
        assert_eq!(references.len(), all, "one reference stands for two calls");
        assert!(now_planned.iter().all(|op| op.kind.is_fenced() == op.reference.is_none()));
    });
}

#[test]
fn settled_or_paid_is_within_the_frozen_total_and_refunded_within_paid() {
    in_every_history(|Moment { before, after, .. }| {
        let (machine, total) = (after.machine(), after.total());
        assert_eq!(total, before.total());
        let sum = |kinds: &[Kind]| {
            let of = |op: &&Operation| kinds.contains(&op.kind) && op.outcome == Outcome::Success;
            machine
                .operations()
                .iter()
                .filter(of)
                .fold(Amount::ZERO, |sum, op| sum.checked_add(op.amount).expect("the amounts are small"))
        };
        assert!(sum(&[Kind::Pay, Kind::Settle]) <= total, "more was taken than the buyer authorised");
        assert!(machine.paid() <= total);
        // A Retry has no amount on the wire: it moves what it tries again.
        let mut moves = machine.operations().iter().filter(|op| op.kind != Kind::Retry);
        assert!(moves.all(|op| Amount::ZERO < op.amount && op.amount <= total));
        if after.state() == State::Paid {
            assert!(machine.refunded() <= machine.paid(), "more was given back than was paid");
        } else {
            assert_eq!(machine.paid(), Amount::ZERO, "nothing is paid until it is Paid");
        }
    });
}

#[test]
fn the_total_is_the_sum_of_the_charges_less_the_discount() {
    let mut chance = Chance::new(0);
    for _ in 0..200 {
        let mut charges = Charges::new();
        let mut sum = 0;
        for kind in Charge::ALL {
            let cents = i64::try_from(chance.below(1000)).unwrap() + 1;
            // The discount comes last, and is less than the rest.
            let cents = if kind == Charge::Discount { sum / 2 } else { cents };
            charges.add(kind, format!("{}.{:02}", cents / 100, cents % 100).parse().unwrap()).unwrap();
            sum += if kind == Charge::Discount { -cents } else { cents };
        }
        let parameters = PipelineParameters::new(charges).unwrap();
        let product = Product::freeze(parameters, PayTerms::new(), false, at(0));
        let order = Order::freeze(OrderId::new("1").unwrap(), Version::V2010_08_28, product);
        let total: Amount = format!("{}.{:02}", sum / 100, sum % 100).parse().unwrap();
        assert_eq!((order.total(), order.machine().total()), (total, total));
    }
}

#[test]
fn an_answer_with_another_amount_ends_nothing_and_raises_an_alarm() {
    in_every_history(|Moment { before, event, outcome, after, .. }| {
        let (at, report) = match event {
            Event::Reported { operation, report } => (*operation, report),
            Event::Answered { operation, answer: Answer::Accepted(report), .. } => (*operation, report),
            _ => return,
        };
        let operation = &before.machine().operations()[at];
        // What is said of a Retry is said of the transaction that it tries again.
        let at = operation.of.unwrap_or(at);
        let operation = &before.machine().operations()[at];
        if outcome.is_ok() && report.amount.is_some_and(|amount| amount != operation.amount) {
            assert_eq!(after.machine().operations()[at].outcome, operation.outcome);
            assert!(matches!(after.state(), State::Paid | State::Review));
            assert!(after.machine().alarms().iter().any(|alarm| alarm.what.contains("another amount")));
        }
    });
}

#[test]
fn a_repeat_is_a_success_that_changes_nothing() {
    in_every_history(|Moment { event, now, outcome, after, .. }| {
        // To plan and to claim are the shop's own acts, and not input.
        let is_input = !matches!(event, Event::Planned { .. } | Event::Claimed { .. });
        if is_input && outcome.is_ok() {
            let mut again = after.clone();
            assert_eq!(again.happen(event.clone(), now.after(Duration::from_secs(1)), &["h"]), Ok(false));
            assert_eq!(&again, after);
        }
    });
}

#[test]
fn what_is_refused_changes_nothing_and_no_history_leaves_the_table() {
    let reached = std::cell::RefCell::new(std::collections::BTreeSet::new());
    in_every_history(|Moment { before, event, outcome, after, .. }| {
        if let Err(refusal) = outcome {
            assert_eq!(before.machine(), after.machine());
            assert_eq!(before.journal(), after.journal());
            // No word of the service, of a buyer or of a shop can bring it to where the table has no edge. A person's can.
            let by_a_person = matches!(event, Event::Resolved { .. });
            assert!(by_a_person || !matches!(refusal, Refusal::Edge { .. }), "{refusal}");
        }
        let (from, to) = (before.state(), after.state());
        assert!(from == to || EDGES.iter().any(|edge| (edge.from, edge.to) == (from, to)), "{from} to {to}");
        reached.borrow_mut().extend([from, to]);
    });
    let reached = reached.into_inner();
    assert_eq!(reached.len(), State::ALL.len(), "the walks come everywhere: {reached:?}");
}

#[test]
fn every_waiting_state_has_a_due_time_to_come() {
    in_every_history(|Moment { now, outcome, after, .. }| {
        if *outcome != Ok(true) {
            return;
        }
        let is_done = |one: &Operation| one.is_resolved() || one.is_for_a_person(after.state());
        let waits_for_a_person_only =
            after.state() == State::Review && after.machine().operations().iter().all(is_done);
        if !after.is_at_rest() && !waits_for_a_person_only {
            let due = after.due().unwrap_or_else(|| panic!("{} waits for ever", after.state()));
            // What a handler should have heard by now is overdue, and nothing else.
            let is_unheard = !after.outbox().is_empty();
            assert!(due > now || is_unheard, "{} is visited without a pause", after.state());
        }
    });
}

#[test]
fn failed_is_only_ever_said_by_the_service_or_by_a_person() {
    in_every_history(|Moment { before, event, after, .. }| {
        let said = match event {
            Event::Refused { .. } | Event::Resolved { .. } => true,
            Event::Answered { answer: Answer::Refused { .. }, .. } => true,
            Event::Answered { answer: Answer::Accepted(report), .. } | Event::Reported { report, .. } => {
                report.outcome == Outcome::Failure
            }
            _ => false,
        };
        let is_new = after.state() == State::Declined && before.state() != State::Declined;
        assert!(said || !is_new, "nobody said that the payment failed");
        // A call that was never sent, or whose answer never came, has not failed either.
        for (was, is) in before.machine().operations().iter().zip(after.machine().operations()) {
            let told_that_it_is_not_done = was.refused && matches!(event, Event::Reported { .. });
            let failed = is.outcome == Outcome::Failure && was.outcome != Outcome::Failure;
            assert!(said || told_that_it_is_not_done || !failed || was.refused, "{} failed", is.kind);
        }
    });
}

#[test]
fn paid_is_never_left_and_whatever_contradicts_it_raises_an_alarm() {
    in_every_history(|Moment { before, event, outcome, after, .. }| {
        if before.state() != State::Paid {
            return;
        }
        assert_eq!(after.state(), State::Paid);
        assert!(after.machine().alarms().len() >= before.machine().alarms().len());
        let Event::Reported { operation, report } = event else { return };
        let told = &before.machine().operations()[*operation];
        let contradicts = matches!(told.kind, Kind::Pay | Kind::Settle)
            && told.outcome == Outcome::Success
            && (matches!(report.outcome, Outcome::Failure | Outcome::Cancelled)
                || told.transaction.as_ref().is_some_and(|first| *first != report.transaction));
        if contradicts && outcome.is_ok() {
            let about = report.transaction.as_str();
            let mut alarms = after.machine().alarms().iter();
            assert!(alarms.any(|alarm| alarm.what.contains(about)), "nobody hears of {report}");
        }
        // An alarm is closed by a person, with evidence, and by nothing else.
        for (was, is) in before.machine().alarms().iter().zip(after.machine().alarms()) {
            assert!(was.is_open() == is.is_open() || matches!(event, Event::AlarmClosed { .. }));
        }
    });
}

#[test]
fn news_comes_in_journal_order_and_keeps_its_name() {
    in_every_history(|Moment { before, now, outcome, after, .. }| {
        let names: Vec<u32> = after
            .outbox()
            .iter()
            .map(|effect| effect.id.as_str().strip_prefix("1-e").unwrap().parse().unwrap())
            .collect();
        assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
        for effect in before.outbox() {
            let same = after.outbox().iter().find(|other| other.id == effect.id);
            assert!(same.is_none_or(|same| same.news == effect.news && same.at == effect.at));
        }
        // Both handlers wait for what is new, and what is new has a name that nothing had before.
        let last = before.outbox().last().map(|effect| effect.id.clone());
        let new = after.outbox().iter().filter(|effect| *outcome == Ok(true) && effect.at == now);
        for effect in new {
            let waiting: Vec<&str> = effect.waiting.iter().map(|one| one.handler.as_str()).collect();
            assert_eq!(waiting, ["h", "i"]);
            assert!(Some(&effect.id) != last.as_ref());
        }
    });
}

#[test]
fn the_journal_replays_from_empty_to_the_stored_state() {
    in_every_history(|Moment { before, outcome, after, .. }| {
        // A step at a time is enough: the journal only grows at its end.
        assert!(after.journal().starts_with(before.journal()));
        assert_eq!(after.journal().len(), before.journal().len() + usize::from(*outcome == Ok(true)));
        if *outcome == Ok(true) && after.journal().len() % 4 == 0 {
            assert_eq!(after.replay().as_ref(), Ok(after.machine()));
            assert_eq!(after.export().replay(), Ok(()));
        }
    });
}
