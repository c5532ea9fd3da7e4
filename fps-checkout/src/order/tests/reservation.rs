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
