use super::*;

/// Walks at random: no event, in whatever order, breaks the machine or leaves the table's edges.
#[test]
fn no_history_breaks_the_machine() {
    let events: Vec<Event> = vec![
        begun(1),
        begun(2),
        approved(1),
        approved(2),
        Event::Left { attempt: 1 },
        Event::Refused { attempt: 2, status: "PE".to_owned() },
        Event::NeverCame { attempt: 1 },
        Event::TokenExpired,
        Event::TokenCancelled { attempt: 1 },
        Event::CancelledByShop,
        planned(Kind::Pay),
        planned(Kind::Reserve),
        planned(Kind::Settle),
        planned(Kind::Cancel),
        planned_retry(0),
        planned_retry(1),
        answered(0, 1, Answer::Accepted(declined_for_now())),
        claimed(0, 1),
        claimed(1, 1),
        answered(0, 1, silent()),
        answered(0, 1, refused("X")),
        answered(0, 1, not_done("X")),
        answered(0, 1, accepted(Outcome::Reserved)),
        answered(0, 1, accepted(Outcome::Success)),
        answered(1, 1, accepted(Outcome::Success)),
        answered(1, 1, refused("X")),
        Event::Reported { operation: 0, report: report(Outcome::Pending) },
        Event::Reported { operation: 0, report: report(Outcome::Failure) },
        Event::Reported { operation: 0, report: declined_for_now() },
        Event::Reported { operation: 1, report: report(Outcome::Cancelled) },
        Event::Doubted { operation: 0, why: "w".to_owned() },
    ];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut reached = std::collections::BTreeSet::new();
    for walk in 0..4000 {
        let reserve = walk % 2 == 0;
        // Half of the walks begin with a charge, so that the far states are met too.
        let begin =
            if walk % 4 < 2 { charging(if reserve { Kind::Reserve } else { Kind::Pay }) } else { Vec::new() };
        let mut order = after(reserve, &begin);
        let mut was_paid = false;
        for step in 0..14 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let event = events[usize::try_from(seed % events.len() as u64).unwrap()].clone();
            let refused = order.happen(event.clone(), at(step), &["h"]).err();
            assert!(
                !matches!(refused, Some(Refusal::Edge { .. })),
                "{event:?}: {refused:?} {:?}",
                order.journal()
            );
            assert!(!was_paid || order.state() == State::Paid, "{event:?} left Paid");
            was_paid |= order.state() == State::Paid;
            reached.insert(order.state());
        }
        let charges = |attempt| {
            order
                .machine()
                .operations()
                .iter()
                .filter(|op| op.kind.is_charge() && op.attempt == attempt)
                .count()
        };
        assert!(
            (1..=2).all(|attempt| charges(attempt) <= 1),
            "one charge per attempt: {:?}",
            order.journal()
        );
        assert_eq!(order.replay().as_ref(), Ok(order.machine()));
    }
    assert!(reached.len() >= 13, "the walk is long enough to mean something: {reached:?}");
}
