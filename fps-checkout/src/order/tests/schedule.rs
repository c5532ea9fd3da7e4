//! When the worker comes, to the second: the table of `schedule.rs`.

use super::*;

const SECOND: i64 = 1;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The order of that history as it stands at a time, with all its news heard.
fn heard(reserve: bool, events: &[Event], now: i64) -> Order {
    let mut order = after(reserve, events);
    order.outbox_mut().clear();
    order.reschedule(at(now));
    order
}

/// How many seconds after each visit the next one is, if none of them finds anything.
fn gaps(mut order: Order, now: i64, visits: u32) -> Vec<i64> {
    let gap = |quiet| {
        order.visited(Visit { quiet, failed: 0 }, at(now));
        i64::try_from(order.due().expect("it waits").since(at(now)).as_secs()).unwrap()
    };
    (0..visits).map(gap).collect()
}

/// The gaps from the first to the longest, each twice the one before.
fn doubling(first: i64, most: i64, many: usize) -> Vec<i64> {
    std::iter::successors(Some(first), |gap| Some((gap * 2).min(most))).take(many).collect()
}

#[test]
fn a_buyer_is_looked_for_at_the_tenth_minute_and_five_times_in_four_hours() {
    let mut order = heard(false, &[begun(1)], 1);
    let mut looks = Vec::new();
    for quiet in 1..=8 {
        let due = order.due().unwrap();
        looks.push(due);
        order.visited(Visit { quiet, failed: 0 }, due);
    }
    let minutes = [10, 30, 60, 120, 180, 240, 300, 360].map(|minutes| at(1 + minutes * MINUTE));
    assert_eq!(looks, minutes);
}

#[test]
fn a_held_token_waits_for_three_hours_from_its_approval() {
    let order = heard(false, &[begun(1), approved(1)], 500);
    assert_eq!(order.due(), Some(at(2 + 3 * HOUR)));
    // It may be the token of an older attempt, while the newest one still waits.
    let order = heard(false, &[begun(1), Event::Left { attempt: 1 }, begun(2), approved(1)], 500);
    assert_eq!((order.machine().held(), order.due()), (Some(1), Some(at(4 + 3 * HOUR))));
}

#[test]
fn a_call_that_is_being_sent_is_left_alone_until_its_right_ends() {
    assert_eq!(heard(false, &charging(Kind::Pay), 5).due(), Some(at(100)));
    // And nothing is visited sooner than in a second.
    assert_eq!(heard(false, &charging(Kind::Pay), 100).due(), Some(at(101)));
    assert_eq!(heard(false, &charging(Kind::Pay), 500).due(), Some(at(501)));
}

#[test]
fn a_call_without_an_answer_is_sent_again_with_doubling_gaps_to_six_hours() {
    let planned = [begun(1), approved(1), planned(Kind::Pay)];
    assert_eq!(heard(false, &planned, 3).due(), Some(at(8)));
    let unanswered = with(charging(Kind::Pay), [answered(0, 1, silent())]);
    let order = heard(false, &unanswered, 5);
    assert_eq!(gaps(order, 5, 20), doubling(5 * SECOND, 6 * HOUR, 20));
    // Each sending is a commit, after which visits are counted from nothing; so the sendings count too.
    let again = with(
        unanswered,
        [claimed(0, 200), answered(0, 2, silent()), claimed(0, 200), answered(0, 3, silent())],
    );
    let order = heard(false, &again, 9);
    assert_eq!(gaps(order, 9, 5), [20, 20, 20, 40, 80]);
}

#[test]
fn a_pending_payment_is_asked_for_with_doubling_gaps_to_an_hour() {
    let order = heard(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Pending))]), 5);
    assert_eq!(gaps(order, 5, 16), doubling(2 * SECOND, HOUR, 16));
}

#[test]
fn a_settle_in_doubt_is_looked_at_when_it_must_have_arrived() {
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    let settling = with(reserved.clone(), [planned(Kind::Settle), claimed(1, 100)]);
    let silent = with(settling.clone(), [answered(1, 1, silent())]);
    assert_eq!(heard(true, &silent, 8).due(), Some(at(100)), "an answer that was given up may still come");
    let refused = with(settling.clone(), [answered(1, 1, refused("InvalidTransactionState"))]);
    assert_eq!(gaps(heard(true, &refused, 8), 8, 12), doubling(60 * SECOND, HOUR, 12));
    // What did nothing is sent again as any other call is.
    let not_done = with(settling, [answered(1, 1, not_done("Throttling"))]);
    assert_eq!(gaps(heard(true, &not_done, 8), 8, 3), [5, 10, 20]);
}

#[test]
fn a_reservation_is_looked_at_an_hour_after_its_seventh_day_and_then_each_hour() {
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    let lapse = at(4 + 7 * DAY + HOUR);
    let mut order = heard(true, &reserved, 5);
    assert_eq!(order.due(), Some(lapse));
    order.visited(Visit { quiet: 1, failed: 0 }, lapse);
    assert_eq!(order.due(), Some(lapse.after(Duration::from_secs(3600))));
    // A notice that says nothing new is a quiet visit as well, and makes nothing due sooner.
    order.visited(Visit { quiet: 1, failed: 0 }, at(50));
    assert_eq!(order.due(), Some(lapse));
}

#[test]
fn a_token_that_nobody_wants_is_cancelled_with_doubling_gaps_to_an_hour() {
    let order = heard(false, &[begun(1), Event::CancelledByShop, approved(1)], 3);
    assert_eq!(gaps(order, 3, 12), doubling(5 * SECOND, HOUR, 12));
}

#[test]
fn when_the_service_cannot_be_asked_it_is_tried_with_doubling_gaps_to_ten_minutes() {
    let mut order = heard(false, &[begun(1)], 1);
    let gaps: Vec<i64> = (1..=9)
        .map(|failed| {
            order.visited(Visit { quiet: 3, failed }, at(50));
            i64::try_from(order.due().unwrap().since(at(50)).as_secs()).unwrap()
        })
        .collect();
    assert_eq!(gaps, doubling(5 * SECOND, 10 * MINUTE, 9));
    // Nothing waits for the service in an order that is done.
    let mut paid = heard(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]), 9);
    paid.visited(Visit { quiet: 0, failed: 2 }, at(50));
    assert_eq!(paid.due(), None);
}

#[test]
fn what_happens_begins_the_gaps_anew() {
    let mut order = heard(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Pending))]), 5);
    order.visited(Visit { quiet: 9, failed: 3 }, at(50));
    assert_eq!(order.visit(), Visit { quiet: 9, failed: 3 });
    let refused_for_now = Event::Reported { operation: 0, report: declined_for_now() };
    assert_eq!(order.happen(refused_for_now, at(60), &[]), Ok(true));
    assert_eq!((order.visit(), order.due()), (Visit::default(), Some(at(62))));
    // What says nothing new leaves them.
    order.visited(Visit { quiet: 4, failed: 0 }, at(70));
    let again = Event::Reported { operation: 0, report: declined_for_now() };
    assert_eq!(order.happen(again, at(71), &[]), Ok(false));
    assert_eq!((order.visit().quiet, order.due()), (4, Some(at(70 + 32))));
}

#[test]
fn a_reference_is_not_trusted_after_six_days_and_settle_has_none() {
    let sent = after(false, &charging(Kind::Pay));
    let pay = &sent.machine().operations()[0];
    assert_eq!(pay.first_sent_at, Some(at(4)));
    for (now, is_too_old) in [(4, false), (4 + 6 * DAY, false), (5 + 6 * DAY, true), (9 * DAY, true)] {
        assert_eq!(pay.is_too_old_to_send(at(now)), is_too_old, "{now}");
        // A day later nobody is asked any more either.
        assert_eq!(pay.is_too_old_to_ask(at(now + DAY)), is_too_old, "{now}");
    }
    let planned = after(false, &[begun(1), approved(1), planned(Kind::Pay)]);
    assert!(!planned.machine().operations()[0].is_too_old_to_send(at(9 * DAY)), "it was never sent");
    let reserved = with(charging(Kind::Reserve), [answered(0, 1, accepted(Outcome::Reserved))]);
    let settling = after(true, &with(reserved, [super::planned(Kind::Settle), claimed(1, 100)]));
    assert!(!settling.machine().operations()[1].is_too_old_to_send(at(9 * DAY)));
}

#[test]
fn what_is_declined_for_now_is_tried_at_once_and_then_with_growing_gaps_for_a_week() {
    let declined = || Answer::Accepted(declined_for_now());
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, declined())]));
    let mut now = 10;
    assert_eq!(try_again(order.machine(), 0, at(now)), TryAgain::Now);
    let first = now;
    let mut tries = Vec::new();
    for operation in 1.. {
        tries.push(now - first);
        let mut happen = |event| order.happen(event, at(now), &[]).unwrap();
        happen(planned_retry(0));
        happen(claimed(operation, now + 60));
        assert_eq!(try_again(order.machine(), 0, at(now + 30 * DAY)), TryAgain::Later, "one is under way");
        order.happen(answered(operation, 1, declined()), at(now), &[]).unwrap();
        // To the second: the first moment at which it is not too early.
        let gap = (MINUTE << (operation - 1).min(16)).min(DAY);
        assert_eq!(try_again(order.machine(), 0, at(now + gap - 1)), TryAgain::Later, "try {operation}");
        now += gap;
        match try_again(order.machine(), 0, at(now)) {
            TryAgain::Now => assert!(now < first + 7 * DAY, "it was tried for a week"),
            TryAgain::GiveUp => break,
            TryAgain::Later => panic!("{gap} seconds after try {operation}"),
        }
    }
    assert!(now >= first + 7 * DAY, "it was not given up early");
    assert_eq!(tries[..4], [0, MINUTE, 3 * MINUTE, 7 * MINUTE]);
    assert_eq!(tries.len(), 17);
    // Another operation has tries of its own.
    assert_eq!(try_again(order.machine(), 1, at(now)), TryAgain::Now);
    // The week is over at its last second, and not before.
    let tried = [answered(0, 1, declined()), planned_retry(0), claimed(1, 100), answered(1, 1, declined())];
    let order = after(false, &with(charging(Kind::Pay), tried));
    let week = 6 + 7 * DAY;
    assert_eq!(try_again(order.machine(), 0, at(week - 1)), TryAgain::Now);
    assert_eq!(try_again(order.machine(), 0, at(week)), TryAgain::GiveUp);
}

#[test]
fn a_handler_is_told_within_half_a_minute_and_then_with_doubling_gaps_for_a_day() {
    let mut delivery = Delivery::first("h", at(0));
    assert_eq!((delivery.tries, delivery.next), (0, Some(at(30))));
    let mut gaps = Vec::new();
    let mut now = at(30);
    while !delivery.is_stuck() && delivery.tries < 100 && gaps.len() < 100 {
        delivery.again(format!("problem {}", delivery.tries), now);
        if let Some(next) = delivery.next {
            gaps.push(i64::try_from(next.since(now).as_secs()).unwrap());
            now = next;
        }
    }
    assert_eq!(gaps, doubling(SECOND, HOUR, 35));
    assert_eq!((delivery.tries, delivery.problem.as_deref()), (36, Some("problem 35")));
    let day = now.since(at(0)).as_secs();
    assert!((20 * 3600..28 * 3600).contains(&day), "about a day, and not {day} seconds");

    let mut given_up = Delivery::first("h", at(0));
    given_up.give_up("no such address".to_owned());
    assert!(given_up.is_stuck());
    assert_eq!((given_up.tries, given_up.problem.as_deref()), (1, Some("no such address")));
}

#[test]
fn each_handler_hears_its_own_first_news_first() {
    let mut order = order(false);
    for event in with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]) {
        order.happen(event, at(5), &["h", "i"]).unwrap();
    }
    order.reschedule(at(5));
    assert_eq!(order.due(), Some(at(35)));
    // `h` waits for its first news long; that `i` heard its own brings nothing forward for `h`.
    let outbox = order.outbox_mut();
    outbox[0].waiting[0].next = Some(at(900));
    outbox[0].waiting.remove(1);
    outbox[1].waiting[1].next = Some(at(700));
    order.reschedule(at(6));
    assert_eq!(order.due(), Some(at(700)), "the second news of `i`, and not that of `h` at 35");
    order.outbox_mut()[0].waiting[0].next = None;
    order.outbox_mut()[1].waiting.remove(1);
    order.reschedule(at(7));
    assert_eq!(order.due(), None, "`h` is stuck at its first news");
}

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
fn an_order_that_a_person_decides_is_visited_only_for_a_transaction() {
    let doubted = Event::Doubted { operation: 0, why: "six days".to_owned() };
    for (answer, is_visited) in [(silent(), false), (accepted(Outcome::Pending), true)] {
        let order = heard(false, &with(charging(Kind::Pay), [answered(0, 1, answer), doubted.clone()]), 20);
        assert_eq!(order.state(), State::Review);
        assert_eq!(order.due().is_some(), is_visited, "{:?}", order.machine());
    }
}
