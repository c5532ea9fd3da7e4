use super::*;

#[test]
fn paid_is_never_left_and_a_contradiction_raises_one_alarm() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    let contradictions = [
        Report { outcome: Outcome::Failure, ..report(Outcome::Failure) },
        Report { transaction: TransactionId::new("T2"), ..report(Outcome::Success) },
        Report { amount: Some(Amount::usd("0.11")), ..report(Outcome::Success) },
    ];
    for (alarms, report) in (1..).zip(contradictions) {
        for _ in 0..2 {
            order.happen(Event::Reported { operation: 0, report: report.clone() }, at(9), &["h"]).unwrap();
            assert_eq!((order.state(), order.machine().alarms().len()), (State::Paid, alarms), "{report:?}");
        }
    }
}

#[test]
fn a_person_closes_an_alarm_once_and_a_review_closes_all_of_its_own() {
    let closed =
        |alarm, by: &str| Event::AlarmClosed { alarm, by: by.to_owned(), evidence: "a call".to_owned() };
    let other = Report { transaction: TransactionId::new("T2"), ..report(Outcome::Success) };
    let contradicted =
        [answered(0, 1, accepted(Outcome::Success)), Event::Reported { operation: 0, report: other }];
    let mut order = after(false, &with(charging(Kind::Pay), contradicted));
    assert!(order.needs_a_person());
    assert_eq!(order.happen(closed(1, "ann"), at(20), &[]), Err(Refusal::Missing { what: "alarm" }));
    assert_eq!(order.happen(closed(0, "ann"), at(20), &[]), Ok(true));
    assert_eq!(order.happen(closed(0, "bob"), at(21), &[]), Ok(false));
    assert_eq!(order.machine().alarms()[0].closed_by.as_deref(), Some("ann"));
    assert_eq!(order.state(), State::Paid);
    assert_eq!(order.replay().as_ref(), Ok(order.machine()));

    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Reserved))]));
    assert_eq!(order.state(), State::Review);
    assert!(matches!(order.happen(closed(0, "ann"), at(20), &[]), Err(Refusal::State { .. })));
    let resolved = Event::Resolved {
        to: State::Declined,
        by: "ann".to_owned(),
        evidence: "the bank says no".to_owned(),
    };
    order.happen(resolved, at(21), &[]).unwrap();
    assert!(!order.machine().alarms().is_empty());
    assert!(order.machine().alarms().iter().all(|alarm| !alarm.is_open()));
}

#[test]
fn a_review_is_resolved_by_a_person_with_evidence() {
    let doubt = Event::Doubted { operation: 0, why: "six days".to_owned() };
    for to in [State::Paid, State::Declined, State::Cancelled] {
        let resolved = Event::Resolved { to, by: "ann".to_owned(), evidence: "statement of May".to_owned() };
        let order = after(false, &with(charging(Kind::Pay), [doubt.clone(), resolved]));
        assert_eq!(order.state(), to);
    }
    let mut order = after(false, &with(charging(Kind::Pay), [doubt]));
    let nonsense =
        Event::Resolved { to: State::AwaitingBuyer, by: "ann".to_owned(), evidence: "none".to_owned() };
    assert!(matches!(order.happen(nonsense, at(9), &[]), Err(Refusal::Edge { .. })));
}

#[test]
fn what_a_person_resolves_ends_what_is_open_and_nothing_else() {
    // The first attempt was refused, the second one is in doubt.
    let second = Event::Planned {
        kind: Kind::Pay,
        amount: PRICE,
        reference: Some(reference("s-1-a2-pay")),
        refund: None,
        of: None,
    };
    let doubted = with(
        charging(Kind::Pay),
        [
            answered(0, 1, refused("AccountClosed")),
            begun(2),
            approved(2),
            second,
            claimed(1, 100),
            Event::Doubted { operation: 1, why: "six days".to_owned() },
        ],
    );
    for (to, outcome, told) in [
        (State::Paid, Outcome::Success, News::Paid { amount: PRICE, transaction: None }),
        (State::Cancelled, Outcome::Cancelled, News::Cancelled),
        (State::Declined, Outcome::Failure, News::Declined { reason: "statement of May".to_owned() }),
    ] {
        let resolved = Event::Resolved { to, by: "ann".to_owned(), evidence: "statement of May".to_owned() };
        let order = after(false, &with(doubted.clone(), [resolved]));
        let [first, second] = order.machine().operations() else { panic!("two were planned") };
        assert_eq!((first.outcome, first.resolved_by.as_deref()), (Outcome::Failure, None), "{to}");
        assert_eq!((second.outcome, second.resolved_by.as_deref()), (outcome, Some("ann")), "{to}");
        assert_eq!(order.outbox().last().map(|effect| &effect.news), Some(&told));
    }
}

#[test]
fn what_the_service_says_while_a_person_decides_is_noted_and_raises_no_other_alarm() {
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    let under_way = |kind| with(reserved.clone(), [planned(kind), claimed(1, 100)]);
    for (reserve, events, at_place) in [
        (false, charging(Kind::Pay), 0),
        (true, charging(Kind::Reserve), 0),
        (true, under_way(Kind::Settle), 1),
        (true, under_way(Kind::Cancel), 1),
    ] {
        let doubted =
            with(events, [Event::Doubted { operation: at_place, why: "six days of silence".to_owned() }]);
        for outcome in
            [Outcome::Pending, Outcome::Reserved, Outcome::Success, Outcome::Failure, Outcome::Cancelled]
        {
            let told = Event::Reported { operation: at_place, report: report(outcome) };
            let order = after(reserve, &with(doubted.clone(), [told]));
            let operation = &order.machine().operations()[at_place];
            let stands = (order.state(), operation.outcome, order.machine().alarms().len());
            assert_eq!(stands, (State::Review, outcome, 1), "{}", operation.kind);
        }
        // A refusal of what was in doubt ends nothing either.
        let mut order = after(reserve, &doubted);
        order.happen(answered(at_place, 1, refused("AccountClosed")), at(50), &[]).unwrap();
        assert_eq!((order.state(), order.machine().alarms().len()), (State::Review, 1));
    }
}
