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
