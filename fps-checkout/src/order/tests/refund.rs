use super::*;

#[test]
fn refunds_never_exceed_what_was_paid() {
    let refund = |id: &str, amount: &str| Event::Planned {
        kind: Kind::Refund,
        amount: amount.parse().unwrap(),
        reference: Some(reference(&format!("s-1-a1-refund-{id}"))),
        refund: Some(RefundId::new(id).unwrap()),
        of: None,
    };
    let mut order = after(
        false,
        &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success)), refund("r1", "0.07")]),
    );
    assert_eq!(order.happen(refund("r1", "0.07"), at(9), &[]), Ok(false));
    assert!(matches!(order.happen(refund("r1", "0.03"), at(9), &[]), Err(Refusal::RefundReused { .. })));
    assert!(matches!(order.happen(refund("r2", "0.04"), at(9), &[]), Err(Refusal::Amount { .. })));
    assert!(matches!(order.happen(refund("r2", "0"), at(9), &[]), Err(Refusal::Nothing)));
    // A refund that failed gives its share free again.
    order.happen(claimed(1, 100), at(9), &[]).unwrap();
    order.happen(answered(1, 1, refused("RefundAmountExceeded")), at(9), &["h"]).unwrap();
    assert_eq!(order.happen(refund("r2", "0.10"), at(9), &[]), Ok(true));
    assert_eq!(order.state(), State::Paid);
}

#[test]
fn what_counts_as_refunded_is_what_may_have_gone_back() {
    let refund = |id: &str, amount: &str| Event::Planned {
        kind: Kind::Refund,
        amount: amount.parse().unwrap(),
        reference: Some(reference(&format!("s-1-a1-refund-{id}"))),
        refund: Some(RefundId::new(id).unwrap()),
        of: None,
    };
    let paid = with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success)), refund("r1", "0.04")]);
    let other = |outcome| Report { transaction: TransactionId::new("T2"), ..report(outcome) };
    for (outcome, refunded) in [
        (None, "0.04"),
        (Some(Outcome::Pending), "0.04"),
        (Some(Outcome::Success), "0.04"),
        (Some(Outcome::Failure), "0"),
        (Some(Outcome::Cancelled), "0"),
    ] {
        let told = outcome.map(|outcome| Event::Reported { operation: 1, report: other(outcome) });
        let mut order = after(false, &with(paid.clone(), told));
        let machine = order.machine();
        assert_eq!((machine.refunded(), machine.paid()), (refunded.parse().unwrap(), PRICE), "{outcome:?}");
        assert_eq!(machine.refund(&RefundId::new("r1").unwrap()), Some(1));
        assert_eq!(machine.refund(&RefundId::new("r2").unwrap()), None);
        assert_eq!((machine.charge(), machine.transaction()), (Some(0), Some(&TransactionId::new("T1"))));
        // Together they are the price, to the last millionth.
        let left = if refunded == "0" { "0.10" } else { "0.06" };
        let too_much = if refunded == "0" { "0.100001" } else { "0.060001" };
        assert!(matches!(order.happen(refund("r2", too_much), at(20), &[]), Err(Refusal::Amount { .. })));
        assert_eq!(order.happen(refund("r2", left), at(20), &[]), Ok(true), "{outcome:?}");
        assert!(order.happen(refund("r3", "0.000001"), at(20), &[]).is_err(), "{outcome:?}");
    }
    // Nothing goes back of what has not come.
    let mut waiting = after(false, &charging(Kind::Pay));
    assert!(matches!(waiting.happen(refund("r1", "0.04"), at(20), &[]), Err(Refusal::State { .. })));
}

#[test]
fn a_plan_says_which_reference_refund_or_operation_it_is_for() {
    let held = [begun(1), approved(1)];
    let paid = with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]);
    let plan = |kind, reference: Option<&str>, refund: Option<&str>| Event::Planned {
        kind,
        amount: PRICE,
        reference: reference.map(super::reference),
        refund: refund.map(|id| RefundId::new(id).unwrap()),
        of: None,
    };
    for (events, event, refusal) in [
        (held.to_vec(), plan(Kind::Pay, None, None), Refusal::Missing { what: "caller reference" }),
        (paid.clone(), plan(Kind::Refund, Some("x"), None), Refusal::Missing { what: "refund id" }),
        (
            paid.clone(),
            plan(Kind::Refund, Some("s-1-a1-pay"), Some("r1")),
            Refusal::ReferenceUsed { reference: reference("s-1-a1-pay") },
        ),
        (paid, plan(Kind::Retry, None, None), Refusal::Missing { what: "operation" }),
    ] {
        assert_eq!(after(false, &events).happen(event.clone(), at(20), &[]), Err(refusal), "{event:?}");
    }
    // A shop that reserves is not paid, and the reverse.
    for (reserve, kind) in [(true, Kind::Pay), (false, Kind::Reserve)] {
        let refused = after(reserve, &held).happen(planned(kind), at(20), &[]);
        assert!(matches!(refused, Err(Refusal::State { state: State::TokenHeld, .. })), "{refused:?}");
    }
}
