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
