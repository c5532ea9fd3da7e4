use super::*;

#[test]
fn late_approvals_are_charged_unless_another_attempt_holds_a_token() {
    for end in [
        Event::Left { attempt: 1 },
        Event::NeverCame { attempt: 1 },
        Event::Refused { attempt: 1, status: "NP".to_owned() },
    ] {
        let order = after(false, &[begun(1), end.clone(), approved(1)]);
        assert_eq!(order.state(), State::TokenHeld, "{end:?}");
        let order = after(false, &[begun(1), end, begun(2), approved(2), approved(1)]);
        assert_eq!(order.machine().held(), Some(2));
        assert_eq!(order.attempts()[0].approval, Approval::Unwanted);
    }
    let order = after(false, &[begun(1), Event::CancelledByShop, approved(1)]);
    assert_eq!((order.state(), &order.attempts()[0].approval), (State::Cancelled, &Approval::Unwanted));
}

#[test]
fn a_charge_that_was_refused_is_not_charged_by_a_reload() {
    let order = after(
        false,
        &with(charging(Kind::Pay), [answered(0, 1, refused("InsufficientBalance")), approved(1), begun(2)]),
    );
    assert_eq!(order.state(), State::AwaitingBuyer);
    assert_eq!(order.machine().current_attempt(), 2);
}

#[test]
fn what_the_shop_cancels_before_a_charge_gives_its_token_back() {
    let mut order = after(false, &[begun(1), approved(1), Event::CancelledByShop]);
    assert_eq!((order.state(), news(&order)), (State::Cancelled, vec!["Approved", "Cancelled"]));
    assert_eq!((order.machine().held(), &order.attempts()[0].approval), (None, &Approval::Unwanted));
    order.outbox_mut().clear();
    order.reschedule(at(10));
    assert_eq!(order.due(), Some(at(15)), "the token waits to be cancelled at the service");
    order.happen(Event::TokenCancelled { attempt: 1 }, at(15), &[]).unwrap();
    assert_eq!((&order.attempts()[0].approval, order.due()), (&Approval::Discarded, None));

    let order = after(false, &[begun(1), Event::CancelledByShop]);
    assert_eq!((order.state(), news(&order)), (State::Cancelled, vec!["Cancelled"]));
    let mut order = after(false, &charging(Kind::Pay));
    assert!(matches!(order.happen(Event::CancelledByShop, at(9), &[]), Err(Refusal::State { .. })));
}
