use super::*;

#[test]
fn a_reservation_is_settled_once_or_cancelled() {
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    assert_eq!(after(true, &reserved).state(), State::Reserved);
    let settling = with(reserved.clone(), [planned(Kind::Settle), claimed(1, 100)]);
    for (answer, state) in [
        (accepted(Outcome::Success), State::Paid),
        (accepted(Outcome::Pending), State::Pending),
        (refused("InvalidTransactionState"), State::Settling),
        (silent(), State::Settling),
    ] {
        let order = after(true, &with(settling.clone(), [answered(1, 1, answer.clone())]));
        assert_eq!(order.state(), state, "{answer:?}");
    }
    // It has no reference, so a refusal may be the answer to its double: the reservation tells.
    for (outcome, state) in [(Outcome::Success, State::Paid), (Outcome::Reserved, State::Reserved)] {
        let told = Event::Reported { operation: 1, report: report(outcome) };
        let order =
            after(true, &with(settling.clone(), [answered(1, 1, refused("InvalidTransactionState")), told]));
        assert_eq!(order.state(), state, "{outcome:?}");
    }
    let mut order = after(true, &settling);
    assert!(matches!(order.happen(planned(Kind::Cancel), at(9), &[]), Err(Refusal::State { .. })));
    let cancelling = with(reserved, [planned(Kind::Cancel), claimed(1, 100)]);
    let order = after(true, &with(cancelling, [answered(1, 1, accepted(Outcome::Cancelled))]));
    assert_eq!(order.state(), State::Cancelled);
}

#[test]
fn a_look_at_a_reservation_says_nothing_against_its_settle_or_cancel() {
    for (kind, outcome, under_way, end) in [
        (Kind::Settle, Outcome::Success, State::Settling, State::Paid),
        (Kind::Cancel, Outcome::Cancelled, State::Cancelling, State::Cancelled),
    ] {
        let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
        let sent = with(reserved, [planned(kind), claimed(1, 100)]);
        let seen = Event::Reported { operation: 0, report: report(outcome) };
        let done = answered(1, 1, accepted(outcome));

        let order = after(true, &with(sent.clone(), [seen.clone()]));
        assert_eq!(order.state(), under_way, "the look came before the answer to {kind}");
        let before = after(true, &with(sent.clone(), [seen.clone(), done.clone()]));
        let later = after(true, &with(sent, [done, seen]));
        for order in [before, later] {
            assert_eq!(order.state(), end, "{kind}");
            assert!(order.machine().alarms().is_empty(), "{kind}: {:?}", order.machine().alarms());
            assert!(order.machine().operations().iter().all(Operation::is_resolved), "{kind}");
        }
    }
}

/// The look that was under way when a part was settled, and came back late: before the answer to Settle, or after it.
#[test]
fn a_look_that_sees_a_part_settled_is_no_contradiction_and_any_other_amount_is() {
    let part = Amount::usd("0.06");
    let settle = Event::Planned { kind: Kind::Settle, amount: part, reference: None, refund: None, of: None };
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    let sent = with(reserved, [settle, claimed(1, 100)]);
    let seen = |amount| {
        let report = Report { amount: Some(amount), ..report(Outcome::Success) };
        Event::Reported { operation: 0, report }
    };
    let done = answered(1, 1, accepted(Outcome::Success));
    assert_eq!(after(true, &with(sent.clone(), [seen(part)])).state(), State::Settling);
    for events in [[seen(part), done.clone()], [done.clone(), seen(part)]] {
        let order = after(true, &with(sent.clone(), events));
        assert_eq!((order.state(), order.machine().paid()), (State::Paid, part));
        assert!(order.machine().alarms().is_empty(), "{:?}", order.machine().alarms());
    }
    // A Settle that came to nothing explains no amount: then money moved that nobody knows of.
    let nothing = Event::Reported { operation: 1, report: report(Outcome::Reserved) };
    let refused = answered(1, 1, refused("InvalidTransactionState"));
    let mut order = after(true, &with(sent.clone(), [refused, nothing]));
    assert_eq!((order.state(), order.machine().operations()[1].outcome), (State::Reserved, Outcome::Failure));
    order.happen(seen(part), at(50), &["h"]).unwrap();
    assert_eq!(order.state(), State::Review);
    let other = seen(Amount::usd("0.05"));
    assert_eq!(after(true, &with(sent.clone(), [other.clone()])).state(), State::Review);
    let order = after(true, &with(sent, [done, other]));
    assert_eq!((order.state(), order.machine().alarms().len()), (State::Paid, 1));
}

/// For each place where the service can be asked, what each of its five words makes of the order.
#[test]
fn what_each_word_of_the_service_makes_of_the_order() {
    let first = |outcome| answered(0, 1, accepted(outcome));
    let reserved = with(charging(Kind::Reserve), [first(Outcome::Reserved)]);
    let under_way = |kind| with(reserved.clone(), [planned(kind), claimed(1, 100)]);
    let settle_pending = with(under_way(Kind::Settle), [answered(1, 1, accepted(Outcome::Pending))]);
    use State::{Cancelled, Cancelling, Charging, Declined, Paid, Pending, Reserved, Review, Settling};
    let words = [Outcome::Pending, Outcome::Reserved, Outcome::Success, Outcome::Failure, Outcome::Cancelled];
    for (reserve, events, at_place, from, to) in [
        (false, charging(Kind::Pay), 0, Charging, [Pending, Review, Paid, Declined, Cancelled]),
        (
            false,
            with(charging(Kind::Pay), [first(Outcome::Pending)]),
            0,
            Pending,
            [Pending, Review, Paid, Declined, Cancelled],
        ),
        (true, charging(Kind::Reserve), 0, Charging, [Pending, Reserved, Review, Declined, Cancelled]),
        (
            true,
            with(charging(Kind::Reserve), [first(Outcome::Pending)]),
            0,
            Pending,
            [Pending, Reserved, Review, Declined, Cancelled],
        ),
        (true, reserved.clone(), 0, Reserved, [Reserved, Reserved, Review, Declined, Cancelled]),
        (true, under_way(Kind::Settle), 1, Settling, [Pending, Settling, Paid, Declined, Cancelled]),
        (true, settle_pending, 1, Pending, [Pending, Review, Paid, Declined, Cancelled]),
        (true, under_way(Kind::Cancel), 1, Cancelling, [Cancelling, Cancelling, Review, Declined, Cancelled]),
    ] {
        for (word, to) in words.into_iter().zip(to) {
            let mut order = after(reserve, &events);
            assert_eq!(order.state(), from);
            order.outbox_mut().clear();
            let what = format!("{word:?} of {} while {from}", order.machine().operations()[at_place].kind);
            order
                .happen(Event::Reported { operation: at_place, report: report(word) }, at(50), &["h"])
                .unwrap();
            assert_eq!(order.state(), to, "{what}");
            let told: &[&str] = match to {
                _ if to == from => &[],
                Review => &["Alarm"],
                _ => &[to.as_str()],
            };
            assert_eq!(news(&order), told, "{what}");
            // The token of what was refused or given up is not charged again.
            let is_over = matches!(to, Declined | Cancelled);
            assert_eq!(order.machine().held(), (!is_over).then_some(1), "{what}");
            assert_eq!(order.attempts()[0].approval == Approval::Released, is_over, "{what}");
            // And whoever had the right to send needs it no more, unless nothing was learnt.
            let learnt = to != from || at_place == 1 && !matches!(from, Pending);
            assert!(!learnt || order.machine().operations()[at_place].right.is_none(), "{what}");
        }
    }
}

#[test]
fn a_refused_settle_leaves_the_money_reserved_and_says_so() {
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    for kind in [Kind::Settle, Kind::Cancel] {
        let refused = [
            planned(kind),
            claimed(1, 100),
            answered(1, 1, refused("InvalidTransactionState")),
            Event::Reported { operation: 1, report: report(Outcome::Reserved) },
        ];
        let order = after(true, &with(reserved.clone(), refused));
        assert_eq!(
            (order.state(), order.machine().operations()[1].outcome),
            (State::Reserved, Outcome::Failure)
        );
        let alarm = format!("{kind} was refused with InvalidTransactionState; the money is still reserved");
        assert_eq!(order.machine().alarms()[0].what, alarm);
        // Without a refusal it is sent again.
        let silent = [
            planned(kind),
            claimed(1, 100),
            answered(1, 1, silent()),
            Event::Reported { operation: 1, report: report(Outcome::Reserved) },
        ];
        let mut order = after(true, &with(reserved.clone(), silent));
        let stands = (order.state() == State::Reserved, order.machine().operations()[1].outcome);
        assert_eq!(stands, (false, Outcome::Unknown));
        assert_eq!(order.happen(claimed(1, 300), at(200), &[]), Ok(true));
    }
}

#[test]
fn a_settle_that_came_before_the_cancel_is_found_by_its_amount() {
    let settle = |amount: &str| Event::Planned {
        kind: Kind::Settle,
        amount: amount.parse().unwrap(),
        reference: None,
        refund: None,
        of: None,
    };
    let refused_settle = |amount: &str, at_place| {
        [
            settle(amount),
            claimed(at_place, 100),
            answered(at_place, 1, refused("InternalServerError")),
            Event::Reported { operation: at_place, report: report(Outcome::Reserved) },
        ]
    };
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    let twice = with(with(reserved, refused_settle("0.10", 1)), refused_settle("0.04", 2));
    let cancelling = with(twice, [planned(Kind::Cancel), claimed(3, 200)]);
    // Settled after all: in full, or by the last plan where no amount is said.
    for (amount, settled, paid) in [(Some(PRICE), 1, "0.10"), (None, 2, "0.04")] {
        let told = Event::Reported { operation: 3, report: Report { amount, ..report(Outcome::Success) } };
        let order = after(true, &with(cancelling.clone(), [told]));
        let paid: Amount = paid.parse().unwrap();
        assert_eq!((order.state(), order.machine().paid()), (State::Paid, paid));
        let done = &order.machine().operations()[settled];
        assert_eq!((done.outcome, &done.transaction), (Outcome::Success, &Some(TransactionId::new("T1"))));
        let transaction = Some(TransactionId::new("T1"));
        assert_eq!(
            order.outbox().last().map(|one| &one.news),
            Some(&News::Paid { amount: paid, transaction })
        );
    }
}

#[test]
fn an_operations_code_is_that_of_the_last_word_but_for_a_refusal_that_stands() {
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    let settling = with(reserved, [planned(Kind::Settle), claimed(1, 100)]);
    let said = |outcome, code: &str| Report { code: Some(code.to_owned()), ..report(outcome) };
    let doubt = || Answer::Silent { code: Some("InternalError".to_owned()), request: None };
    for (answer, told, code) in [
        (refused("InvalidTransactionState"), said(Outcome::Reserved, "Reserved"), "InvalidTransactionState"),
        (refused("InvalidTransactionState"), said(Outcome::Success, "Success"), "Success"),
        (doubt(), said(Outcome::Reserved, "Reserved"), "Reserved"),
        (doubt(), said(Outcome::Success, "Success"), "Success"),
    ] {
        let events = [answered(1, 1, answer.clone()), Event::Reported { operation: 1, report: told.clone() }];
        let order = after(true, &with(settling.clone(), events));
        assert_eq!(order.machine().operations()[1].code.as_deref(), Some(code), "{answer:?}, {told:?}");
    }
}
