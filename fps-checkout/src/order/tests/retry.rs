use super::*;

#[test]
fn what_is_declined_for_now_is_pending_and_tried_again_once_at_a_time() {
    let declined = Answer::Accepted(declined_for_now());
    let waiting = with(charging(Kind::Pay), [answered(0, 1, declined.clone())]);
    assert_eq!(after(false, &waiting).state(), State::Pending);
    let trying = with(waiting, [planned_retry(0), claimed(1, 100)]);
    let again = after(false, &trying).happen(planned_retry(0), at(9), &[]);
    assert!(matches!(again, Err(Refusal::State { .. })), "{again:?}");
    for (answer, state, is_resolved, still_declined) in [
        (accepted(Outcome::Pending), State::Pending, true, false),
        (declined, State::Pending, true, true),
        (accepted(Outcome::Success), State::Paid, true, false),
        (accepted(Outcome::Failure), State::Declined, true, false),
        (silent(), State::Pending, false, true),
        (not_done("Throttling"), State::Pending, false, true),
        (refused("TransactionExpired"), State::Pending, false, true),
    ] {
        let order = after(false, &with(trying.clone(), [answered(1, 1, answer.clone())]));
        let [pay, retry] = order.machine().operations() else { panic!("{answer:?}") };
        let stands = (order.state(), retry.is_resolved(), pay.declined_for_now);
        assert_eq!(stands, (state, is_resolved, still_declined), "{answer:?}");
        assert!(order.machine().alarms().is_empty(), "{answer:?}");
    }
}

#[test]
fn the_transaction_tells_whether_a_retry_was_carried_out() {
    let declined = answered(0, 1, Answer::Accepted(declined_for_now()));
    let trying = with(charging(Kind::Pay), [declined, planned_retry(0), claimed(1, 100)]);
    for (answer, told, outcome) in [
        (silent(), declined_for_now(), Outcome::Unknown),
        (silent(), report(Outcome::Pending), Outcome::Success),
        (silent(), report(Outcome::Success), Outcome::Success),
        (silent(), report(Outcome::Failure), Outcome::Success),
        (refused("InvalidTransactionState"), declined_for_now(), Outcome::Failure),
        (refused("InvalidTransactionState"), report(Outcome::Success), Outcome::Success),
    ] {
        let reported = Event::Reported { operation: 1, report: told.clone() };
        let order = after(false, &with(trying.clone(), [answered(1, 1, answer.clone()), reported]));
        let [pay, retry] = order.machine().operations() else { panic!("{answer:?}") };
        assert_eq!((retry.outcome, pay.outcome), (outcome, told.outcome), "{answer:?}, {told:?}");
    }
    // Nothing that is not declined for now is tried again, and a refund is tried again as a payment is.
    let mut paid = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    for of in [0, 7] {
        assert!(paid.happen(planned_retry(of), at(9), &[]).is_err());
    }
    let refund = Event::Planned {
        kind: Kind::Refund,
        amount: PRICE,
        reference: Some(reference("s-1-a1-refund-r")),
        refund: Some(RefundId::new("r").unwrap()),
        of: None,
    };
    let declined = answered(
        1,
        1,
        Answer::Accepted(Report { transaction: TransactionId::new("T2"), ..declined_for_now() }),
    );
    for event in [refund, claimed(1, 100), declined, planned_retry(1), claimed(2, 100)] {
        paid.happen(event, at(9), &["h"]).unwrap();
    }
    let done = Report { transaction: TransactionId::new("T2"), ..report(Outcome::Success) };
    paid.happen(answered(2, 1, Answer::Accepted(done)), at(9), &["h"]).unwrap();
    assert_eq!((paid.state(), news(&paid).last()), (State::Paid, Some(&"Refunded")));
}

#[test]
fn a_payment_that_is_only_pending_is_not_tried_again() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Pending))]));
    assert!(matches!(order.happen(planned_retry(0), at(9), &[]), Err(Refusal::State { .. })));
    // It is while the service declines it for now, and not a moment longer.
    order.happen(Event::Reported { operation: 0, report: declined_for_now() }, at(10), &[]).unwrap();
    assert_eq!(order.clone().happen(planned_retry(0), at(11), &[]), Ok(true));
    order.happen(Event::Reported { operation: 0, report: report(Outcome::Pending) }, at(12), &[]).unwrap();
    assert!(matches!(order.happen(planned_retry(0), at(13), &[]), Err(Refusal::State { .. })));
}

#[test]
fn a_late_word_that_it_was_declined_for_now_changes_nothing() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    let before = order.clone();
    let late = Event::Reported { operation: 0, report: declined_for_now() };
    assert_eq!(order.happen(late, at(9), &["h"]), Ok(false));
    assert_eq!(order, before);
}

#[test]
fn a_damaged_record_whose_retry_tries_itself_again_is_refused() {
    let declined = answered(0, 1, Answer::Accepted(declined_for_now()));
    let order = after(false, &with(charging(Kind::Pay), [declined, planned_retry(0), claimed(1, 100)]));
    let text = serde_json::to_string(order.machine()).unwrap();
    let reported = Event::Reported { operation: 1, report: report(Outcome::Success) };
    for of in ["1", "2", "null"] {
        let damaged = text.replace("\"of\":0", &format!("\"of\":{of}"));
        assert_ne!(damaged, text);
        let machine: Machine = serde_json::from_str(&damaged).unwrap();
        assert_eq!(machine.apply(&reported, at(9)), Err(Refusal::Missing { what: "operation" }), "{of}");
    }
}
