use super::*;

#[test]
fn every_waiting_state_is_visited() {
    let waiting: [(bool, Vec<Event>); 7] = [
        (false, vec![begun(1)]),
        (false, vec![begun(1), approved(1)]),
        (false, charging(Kind::Pay)),
        (false, with(charging(Kind::Pay), [answered(0, 1, silent())])),
        (false, with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Pending))])),
        (true, with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))])),
        (
            true,
            with(
                charging(Kind::Reserve),
                [answered(0, 1, accepted(Outcome::Reserved)), planned(Kind::Settle), claimed(1, 100)],
            ),
        ),
    ];
    for (reserve, events) in waiting {
        let mut order = after(reserve, &events);
        order.outbox_mut().clear();
        let mut now = at(20);
        order.reschedule(now);
        for visit in 0..40 {
            let due = order.due().unwrap_or_else(|| panic!("{} is never visited", order.state()));
            assert!(visit == 0 || due > now, "{} is visited without a pause", order.state());
            now = due.max(now);
            order.visited(Visit { quiet: visit, failed: visit % 3 }, now);
        }
    }
}

#[test]
fn a_finished_order_rests() {
    for events in [
        vec![begun(1), Event::Left { attempt: 1 }],
        with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]),
        with(charging(Kind::Pay), [answered(0, 1, refused("AccountClosed"))]),
    ] {
        let mut order = after(false, &events);
        order.outbox_mut().clear();
        order.reschedule(at(20));
        assert_eq!(order.due(), None, "{}", order.state());
    }
}

#[test]
fn gaps_grow_to_an_hour() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Pending))]));
    order.outbox_mut().clear();
    let mut gaps = Vec::new();
    for quiet in 0..16 {
        order.visited(Visit { quiet, failed: 0 }, at(50));
        gaps.push(order.due().unwrap().since(at(50)));
    }
    assert!(gaps.is_sorted());
    assert_eq!((gaps[0], gaps[15]), (Duration::from_secs(2), Duration::from_secs(3600)));
}
