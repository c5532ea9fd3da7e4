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

#[test]
fn a_late_approval_is_taken_until_the_attempt_was_charged() {
    let refused_by_the_pages = Event::Refused { attempt: 1, status: "PE".to_owned() };
    let charged_in_vain = with(charging(Kind::Pay), [answered(0, 1, refused("AccountClosed"))]);
    let second_refused = Event::Refused { attempt: 2, status: "PE".to_owned() };
    for (events, takes_it) in [
        (vec![begun(1)], true),
        (vec![begun(1), Event::Left { attempt: 1 }], true),
        (vec![begun(1), Event::NeverCame { attempt: 1 }], true),
        (vec![begun(1), refused_by_the_pages], true),
        (charged_in_vain.clone(), false),
        // The second attempt has no charge of its own, whatever became of the first.
        (with(charged_in_vain, [begun(2), second_refused]), true),
        (vec![begun(1), approved(1)], false),
        (vec![begun(1), Event::CancelledByShop], false),
    ] {
        assert_eq!(after(false, &events).machine().takes_late_approval(), takes_it, "{events:?}");
    }
}

#[test]
fn only_the_current_attempts_pages_move_the_order() {
    // The older attempt's word comes late: the order goes on waiting for the newer one.
    for late in [
        Event::Left { attempt: 1 },
        Event::Refused { attempt: 1, status: "PE".to_owned() },
        Event::NeverCame { attempt: 1 },
    ] {
        let order = after(false, &[begun(1), Event::CancelledByShop, begun(2), late.clone()]);
        assert_eq!((order.state(), news(&order)), (State::AwaitingBuyer, vec!["Cancelled"]), "{late:?}");
        assert_ne!(order.attempts()[0].approval, Approval::Waiting, "{late:?}");
        assert_eq!(order.attempts()[1].approval, Approval::Waiting, "{late:?}");
        // And once it holds a token, none of them gives it up.
        let order = after(false, &[begun(1), approved(1), late.clone()]);
        assert_eq!((order.state(), order.machine().held()), (State::TokenHeld, Some(1)), "{late:?}");
    }
    for missing in [Event::Left { attempt: 0 }, Event::Left { attempt: 2 }, approved(9)] {
        let refused = after(false, &[begun(1)]).happen(missing.clone(), at(9), &[]);
        assert_eq!(refused, Err(Refusal::Missing { what: "attempt" }), "{missing:?}");
    }
}

#[test]
fn a_token_is_discarded_only_if_nobody_wants_it() {
    let order = after(false, &[begun(1), approved(1), Event::TokenCancelled { attempt: 1 }]);
    assert_eq!((order.state(), order.machine().held()), (State::TokenHeld, Some(1)));
    let grown_old = after(false, &[begun(1), approved(1), Event::TokenExpired]);
    assert_eq!((grown_old.state(), &grown_old.attempts()[0].approval), (State::Expired, &Approval::Released));
    assert_eq!(news(&grown_old), ["Approved", "Expired"]);
    for (approval, has_token) in [
        (Approval::Waiting, false),
        (Approval::Held { method: None, by: Source::Return, at: at(0) }, true),
        (Approval::Unwanted, true),
        (Approval::Discarded, true),
        (Approval::Released, true),
        (Approval::Left, false),
        (Approval::Refused("PE".to_owned()), false),
        (Approval::Expired, false),
    ] {
        assert_eq!(approval.has_token(), has_token, "{approval:?}");
    }
}
