use super::*;

#[test]
fn a_paid_order_was_begun_approved_planned_claimed_and_answered() {
    let order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    assert_eq!(order.state(), State::Paid);
    assert_eq!(order.machine().paid(), PRICE);
    assert_eq!(news(&order), ["Approved", "Paid"]);
    assert_eq!(order.outbox()[1].id.as_str(), "1-e2");
}

#[test]
fn what_an_answer_to_pay_means() {
    for (answer, state) in [
        (accepted(Outcome::Success), State::Paid),
        (accepted(Outcome::Pending), State::Pending),
        (accepted(Outcome::Failure), State::Declined),
        (accepted(Outcome::Cancelled), State::Cancelled),
        (accepted(Outcome::Reserved), State::Review),
        (refused("InsufficientBalance"), State::Declined),
        (not_done("Throttling"), State::Charging),
        (silent(), State::Charging),
        (Answer::Spent { code: "DuplicateRequest".to_owned(), request: None }, State::Charging),
    ] {
        let order = after(false, &with(charging(Kind::Pay), [answered(0, 1, answer.clone())]));
        assert_eq!(order.state(), state, "{answer:?}");
    }
}

#[test]
fn after_silence_a_refusal_ends_nothing() {
    let doubt = with(charging(Kind::Pay), [answered(0, 1, silent()), claimed(0, 200)]);
    for answer in [refused("InsufficientBalance"), not_done("Throttling"), silent()] {
        let order = after(false, &with(doubt.clone(), [answered(0, 2, answer.clone())]));
        assert_eq!(order.state(), State::Charging, "{answer:?}");
    }
    let order = after(false, &with(doubt, [answered(0, 2, accepted(Outcome::Success))]));
    assert_eq!(order.state(), State::Paid);
}

#[test]
fn a_refusal_after_a_send_that_did_nothing_is_still_a_refusal() {
    let order = after(
        false,
        &with(
            charging(Kind::Pay),
            [
                answered(0, 1, not_done("Throttling")),
                claimed(0, 200),
                answered(0, 2, refused("AccountClosed")),
            ],
        ),
    );
    assert_eq!(order.state(), State::Declined);
}

#[test]
fn a_right_that_ended_without_a_word_is_doubt() {
    let mut order = after(false, &charging(Kind::Pay));
    let early =
        order.happen(Event::Claimed { operation: 0, sender: "q".to_owned(), until: at(200) }, at(50), &[]);
    assert_eq!(early, Err(Refusal::Claimed { until: at(100) }));
    order
        .happen(Event::Claimed { operation: 0, sender: "q".to_owned(), until: at(200) }, at(101), &[])
        .unwrap();
    assert!(order.machine().operations()[0].in_doubt);
    // The first process was only slow: its refusal says nothing about what the second one sent.
    order.happen(answered(0, 1, refused("InsufficientBalance")), at(102), &[]).unwrap();
    assert_eq!(order.state(), State::Charging);
    assert!(order.machine().operations()[0].right.is_some());
}

#[test]
fn every_repeat_changes_nothing() {
    let events = with(
        charging(Kind::Pay),
        [
            answered(0, 1, accepted(Outcome::Pending)),
            Event::Reported { operation: 0, report: report(Outcome::Success) },
        ],
    );
    let order = after(false, &events);
    assert_eq!(order.state(), State::Paid);
    for event in [
        begun(1),
        approved(1),
        Event::Left { attempt: 1 },
        Event::Refused { attempt: 1, status: "PE".to_owned() },
        Event::NeverCame { attempt: 1 },
        answered(0, 1, accepted(Outcome::Pending)),
        answered(0, 1, accepted(Outcome::Success)),
        Event::Reported { operation: 0, report: report(Outcome::Success) },
        Event::Reported { operation: 0, report: report(Outcome::Pending) },
        Event::TokenExpired,
    ] {
        let mut again = order.clone();
        assert_eq!(again.happen(event.clone(), at(99), &["h"]), Ok(false), "{event:?}");
        assert_eq!(again, order, "{event:?}");
    }
}

#[test]
fn the_right_to_send_lasts_to_its_second_and_is_its_senders_own() {
    let claim =
        |sender: &str, until| Event::Claimed { operation: 0, sender: sender.to_owned(), until: at(until) };
    let held = after(false, &charging(Kind::Pay));
    for (sender, now, outcome) in [
        ("q", 99, Err(Refusal::Claimed { until: at(100) })),
        ("q", 100, Ok(true)),
        // A process may take up again what it began: it knows that nothing else of it is under way.
        ("p", 50, Ok(true)),
    ] {
        let mut order = held.clone();
        assert_eq!(order.happen(claim(sender, 200), at(now), &[]), outcome, "{sender} at {now}");
        let pay = &order.machine().operations()[0];
        let sends = if outcome.is_ok() { 2 } else { 1 };
        assert_eq!((pay.sends, pay.in_doubt, pay.first_sent_at), (sends, sends == 2, Some(at(4))));
    }
    // What has an end, or waits for one at the service, is not sent.
    for outcome in [Outcome::Success, Outcome::Failure, Outcome::Cancelled, Outcome::Pending] {
        let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(outcome))]));
        assert!(
            matches!(order.happen(claim("p", 200), at(50), &[]), Err(Refusal::State { .. })),
            "{outcome:?}"
        );
    }
    let mut order = held;
    assert_eq!(
        order.happen(Event::Claimed { operation: 1, sender: "p".to_owned(), until: at(200) }, at(50), &[]),
        Err(Refusal::Missing { what: "operation" })
    );
}

#[test]
fn an_answer_leaves_its_code_and_its_name_and_ends_the_right_of_its_own_sending() {
    let request = || Some(fps_core::RequestId::new("R1"));
    let code = || "Code".to_owned();
    for answer in [
        Answer::NotDone { code: code(), request: request() },
        Answer::Refused { code: code(), request: request() },
        Answer::Spent { code: code(), request: request() },
        Answer::Silent { code: Some(code()), request: request() },
        Answer::Accepted(Report { code: Some(code()), request: request(), ..report(Outcome::Pending) }),
    ] {
        let order = after(false, &with(charging(Kind::Pay), [answered(0, 1, answer.clone())]));
        let pay = &order.machine().operations()[0];
        assert_eq!((pay.code.as_deref(), &pay.request), (Some("Code"), &request()), "{answer:?}");
        assert_eq!(pay.right, None, "{answer:?}");
        assert_eq!(pay.spent, matches!(answer, Answer::Spent { .. }));
        let in_doubt = matches!(answer, Answer::Spent { .. } | Answer::Silent { .. });
        assert_eq!(pay.in_doubt, in_doubt, "{answer:?}");
        assert_eq!(pay.outcome == Outcome::Unknown, in_doubt, "{answer:?}");
        // A later answer without a name leaves the name.
        let mut order = order;
        if pay_is_open(&order) {
            order.happen(claimed(0, 300), at(50), &[]).unwrap();
            order.happen(answered(0, 2, silent()), at(51), &[]).unwrap();
            let pay = &order.machine().operations()[0];
            assert_eq!((pay.code.as_deref(), &pay.request), (None, &request()), "{answer:?}");
        }
    }
}

fn pay_is_open(order: &Order) -> bool {
    matches!(order.machine().operations()[0].outcome, Outcome::None | Outcome::Unknown)
}

#[test]
fn only_the_last_of_several_sendings_can_be_refused_for_good() {
    let twice = with(charging(Kind::Pay), [answered(0, 1, not_done("Throttling")), claimed(0, 200)]);
    // The refusal of the first one comes late: the second one is under way.
    let order = after(false, &with(twice.clone(), [answered(0, 1, refused("AccountClosed"))]));
    let pay = &order.machine().operations()[0];
    assert_eq!((order.state(), pay.outcome, pay.right.is_some()), (State::Charging, Outcome::None, true));
    let order = after(false, &with(twice, [answered(0, 2, refused("AccountClosed"))]));
    assert_eq!(order.state(), State::Declined);
}

#[test]
fn a_refused_refund_is_an_alarm_with_its_name_and_leaves_the_order_paid() {
    let refund = Event::Planned {
        kind: Kind::Refund,
        amount: PRICE,
        reference: Some(reference("s-1-a1-refund-r1")),
        refund: Some(RefundId::new("r1").unwrap()),
        of: None,
    };
    let paid =
        with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success)), refund, claimed(1, 100)]);
    let failed = Report {
        transaction: TransactionId::new("T2"),
        code: Some("TransactionDenied".to_owned()),
        ..report(Outcome::Failure)
    };
    let cancelled = Report { outcome: Outcome::Cancelled, code: None, ..failed.clone() };
    for (answer, alarm) in [
        (refused("AccountClosed"), "refund r1 was refused with AccountClosed"),
        (Answer::Accepted(failed), "refund r1 failed with TransactionDenied"),
        (Answer::Accepted(cancelled), "refund r1 failed with Failure"),
    ] {
        let order = after(false, &with(paid.clone(), [answered(1, 1, answer)]));
        let alarms: Vec<&str> = order.machine().alarms().iter().map(|alarm| alarm.what.as_str()).collect();
        assert_eq!((order.state(), alarms), (State::Paid, vec![alarm]));
        assert_eq!(order.machine().refunded(), Amount::ZERO);
        assert_eq!(news(&order), ["Approved", "Paid", "Alarm"]);
    }
}
