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
