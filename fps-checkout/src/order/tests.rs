use std::time::Duration;

use fps_core::checkout::{Charge, Charges, PaymentMethod};
use fps_core::{Amount, CallerReference, PipelineParameters, Timestamp, TransactionId, Version};

use super::*;

const PRICE: Amount = Amount::usd("0.10");

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_000_000 + seconds)
}

fn reference(text: &str) -> CallerReference {
    CallerReference::new(text).unwrap()
}

fn order(reserve: bool) -> Order {
    let mut charges = Charges::new();
    charges.add(Charge::ItemTotal, PRICE).unwrap();
    let parameters = PipelineParameters::new(charges).unwrap().with_reserve(reserve);
    let product = Product::freeze(parameters, PayTerms::new(), false, at(0));
    Order::freeze(OrderId::new("1").unwrap(), Version::V2010_08_28, product)
}

fn report(outcome: Outcome) -> Report {
    Report {
        transaction: TransactionId::new("T1"),
        outcome,
        declined_for_now: false,
        amount: None,
        code: None,
        request: None,
    }
}

fn begun(attempt: u32) -> Event {
    Event::Begun { reference: reference(&format!("s-1-a{attempt}")) }
}

fn approved(attempt: u32) -> Event {
    Event::Approved { attempt, method: Some(PaymentMethod::Abt), by: Source::Return }
}

fn planned(kind: Kind) -> Event {
    let reference = (!kind.is_fenced()).then(|| reference("s-1-a1-pay"));
    Event::Planned { kind, amount: PRICE, reference, refund: None, of: None }
}

fn claimed(operation: usize, until: i64) -> Event {
    Event::Claimed { operation, sender: "p".to_owned(), until: at(until) }
}

fn answered(operation: usize, send: u32, answer: Answer) -> Event {
    Event::Answered { operation, send, answer }
}

fn accepted(outcome: Outcome) -> Answer {
    Answer::Accepted(report(outcome))
}

fn declined_for_now() -> Report {
    Report { declined_for_now: true, ..report(Outcome::Pending) }
}

fn planned_retry(of: usize) -> Event {
    Event::Planned { kind: Kind::Retry, amount: PRICE, reference: None, refund: None, of: Some(of) }
}

fn code(code: &str) -> (String, Option<fps_core::RequestId>) {
    (code.to_owned(), None)
}

fn refused(text: &str) -> Answer {
    let (code, request) = code(text);
    Answer::Refused { code, request }
}

fn not_done(text: &str) -> Answer {
    let (code, request) = code(text);
    Answer::NotDone { code, request }
}

fn silent() -> Answer {
    Answer::Silent { code: None, request: None }
}

/// Lets all of it happen, a second apart, and returns the order.
fn after(reserve: bool, events: &[Event]) -> Order {
    let mut order = order(reserve);
    for (second, event) in (1..).zip(events) {
        order
            .happen(event.clone(), at(second), &["h"])
            .unwrap_or_else(|refusal| panic!("{event:?}: {refusal}"));
    }
    assert_eq!(order.replay().as_ref(), Ok(order.machine()), "the journal replays to the same machine");
    order
}

fn charging(kind: Kind) -> Vec<Event> {
    vec![begun(1), approved(1), planned(kind), claimed(0, 100)]
}

fn with(mut events: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    events.extend(more);
    events
}

fn news(order: &Order) -> Vec<&'static str> {
    order.outbox().iter().map(|effect| effect.news.name()).collect()
}

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

#[test]
fn paid_is_never_left_and_a_contradiction_raises_one_alarm() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    let contradictions = [
        Report { outcome: Outcome::Failure, ..report(Outcome::Failure) },
        Report { transaction: TransactionId::new("T2"), ..report(Outcome::Success) },
        Report { amount: Some(Amount::usd("0.11")), ..report(Outcome::Success) },
    ];
    for (alarms, report) in (1..).zip(contradictions) {
        for _ in 0..2 {
            order.happen(Event::Reported { operation: 0, report: report.clone() }, at(9), &["h"]).unwrap();
            assert_eq!((order.state(), order.machine().alarms().len()), (State::Paid, alarms), "{report:?}");
        }
    }
}

#[test]
fn a_person_closes_an_alarm_once_and_a_review_closes_all_of_its_own() {
    let closed =
        |alarm, by: &str| Event::AlarmClosed { alarm, by: by.to_owned(), evidence: "a call".to_owned() };
    let other = Report { transaction: TransactionId::new("T2"), ..report(Outcome::Success) };
    let contradicted =
        [answered(0, 1, accepted(Outcome::Success)), Event::Reported { operation: 0, report: other }];
    let mut order = after(false, &with(charging(Kind::Pay), contradicted));
    assert!(order.needs_a_person());
    assert_eq!(order.happen(closed(1, "ann"), at(20), &[]), Err(Refusal::Missing { what: "alarm" }));
    assert_eq!(order.happen(closed(0, "ann"), at(20), &[]), Ok(true));
    assert_eq!(order.happen(closed(0, "bob"), at(21), &[]), Ok(false));
    assert_eq!(order.machine().alarms()[0].closed_by.as_deref(), Some("ann"));
    assert_eq!(order.state(), State::Paid);
    assert_eq!(order.replay().as_ref(), Ok(order.machine()));

    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Reserved))]));
    assert_eq!(order.state(), State::Review);
    assert!(matches!(order.happen(closed(0, "ann"), at(20), &[]), Err(Refusal::State { .. })));
    let resolved = Event::Resolved {
        to: State::Declined,
        by: "ann".to_owned(),
        evidence: "the bank says no".to_owned(),
    };
    order.happen(resolved, at(21), &[]).unwrap();
    assert!(!order.machine().alarms().is_empty());
    assert!(order.machine().alarms().iter().all(|alarm| !alarm.is_open()));
}

#[test]
fn an_export_replays_holds_nothing_personal_and_shows_that_it_was_changed() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    let mut side = BuyerSide::new("https://shop.example/?SECRET_MARKER".parse().unwrap(), None);
    side.token = Some(fps_core::TokenId::new("SECRET_MARKER"));
    side.message = Some("SECRET_MARKER".to_owned());
    order.begin(begun(1), side.clone(), at(50)).unwrap();
    if let Some(held) = order.side_mut(1) {
        *held = side;
    }
    let text = serde_json::to_string(&order.export()).unwrap();
    assert!(!text.contains("SECRET"), "{text}");
    let export: Export = serde_json::from_str(&text).unwrap();
    assert_eq!(export, order.export());
    assert_eq!(export.replay(), Ok(()));

    for (from, to, problem) in [
        ("\"format\":1", "\"format\":2", "use the version that wrote it"),
        ("\"outcome\":\"Success\"", "\"outcome\":\"Failure\"", "it is Paid there and Declined here"),
        ("\"event\":\"Approved\"", "\"event\":\"TokenCancelled\"", "cannot happen after those before it"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let changed: Export = serde_json::from_str(&changed).unwrap();
        let error = changed.replay().unwrap_err().to_string();
        assert!(error.contains(problem), "{from}: {error}");
    }
}

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
fn what_is_declined_for_now_is_pending_and_tried_again_once_at_a_time() {
    let declined = Answer::Accepted(declined_for_now());
    let waiting = with(charging(Kind::Pay), [answered(0, 1, declined.clone())]);
    assert_eq!(after(false, &waiting).state(), State::Pending);
    let trying = with(waiting, [planned_retry(0), claimed(1, 100)]);
    let again = after(false, &trying).happen(planned_retry(0), at(9), &[]);
    assert!(matches!(again, Err(Refusal::State { .. })), "{again:?}");
    for (answer, state, is_resolved, still_declined) in [
        (accepted(Outcome::Pending), State::Pending, true, false),
        (declined, State::Pending, true, true),
        (accepted(Outcome::Success), State::Paid, true, false),
        (accepted(Outcome::Failure), State::Declined, true, false),
        (silent(), State::Pending, false, true),
        (not_done("Throttling"), State::Pending, false, true),
        (refused("TransactionExpired"), State::Pending, false, true),
    ] {
        let order = after(false, &with(trying.clone(), [answered(1, 1, answer.clone())]));
        let [pay, retry] = order.machine().operations() else { panic!("{answer:?}") };
        let stands = (order.state(), retry.is_resolved(), pay.declined_for_now);
        assert_eq!(stands, (state, is_resolved, still_declined), "{answer:?}");
        assert!(order.machine().alarms().is_empty(), "{answer:?}");
    }
}

#[test]
fn the_transaction_tells_whether_a_retry_was_carried_out() {
    let declined = answered(0, 1, Answer::Accepted(declined_for_now()));
    let trying = with(charging(Kind::Pay), [declined, planned_retry(0), claimed(1, 100)]);
    for (answer, told, outcome) in [
        (silent(), declined_for_now(), Outcome::Unknown),
        (silent(), report(Outcome::Pending), Outcome::Success),
        (silent(), report(Outcome::Success), Outcome::Success),
        (silent(), report(Outcome::Failure), Outcome::Success),
        (refused("InvalidTransactionState"), declined_for_now(), Outcome::Failure),
        (refused("InvalidTransactionState"), report(Outcome::Success), Outcome::Success),
    ] {
        let reported = Event::Reported { operation: 1, report: told.clone() };
        let order = after(false, &with(trying.clone(), [answered(1, 1, answer.clone()), reported]));
        let [pay, retry] = order.machine().operations() else { panic!("{answer:?}") };
        assert_eq!((retry.outcome, pay.outcome), (outcome, told.outcome), "{answer:?}, {told:?}");
    }
    // Nothing that is not declined for now is tried again, and a refund is tried again as a payment is.
    let mut paid = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    for of in [0, 7] {
        assert!(paid.happen(planned_retry(of), at(9), &[]).is_err());
    }
    let refund = Event::Planned {
        kind: Kind::Refund,
        amount: PRICE,
        reference: Some(reference("s-1-a1-refund-r")),
        refund: Some(RefundId::new("r").unwrap()),
        of: None,
    };
    let declined = answered(
        1,
        1,
        Answer::Accepted(Report { transaction: TransactionId::new("T2"), ..declined_for_now() }),
    );
    for event in [refund, claimed(1, 100), declined, planned_retry(1), claimed(2, 100)] {
        paid.happen(event, at(9), &["h"]).unwrap();
    }
    let done = Report { transaction: TransactionId::new("T2"), ..report(Outcome::Success) };
    paid.happen(answered(2, 1, Answer::Accepted(done)), at(9), &["h"]).unwrap();
    assert_eq!((paid.state(), news(&paid).last()), (State::Paid, Some(&"Refunded")));
}

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
fn a_review_is_resolved_by_a_person_with_evidence() {
    let doubt = Event::Doubted { operation: 0, why: "six days".to_owned() };
    for to in [State::Paid, State::Declined, State::Cancelled] {
        let resolved = Event::Resolved { to, by: "ann".to_owned(), evidence: "statement of May".to_owned() };
        let order = after(false, &with(charging(Kind::Pay), [doubt.clone(), resolved]));
        assert_eq!(order.state(), to);
    }
    let mut order = after(false, &with(charging(Kind::Pay), [doubt]));
    let nonsense =
        Event::Resolved { to: State::AwaitingBuyer, by: "ann".to_owned(), evidence: "none".to_owned() };
    assert!(matches!(order.happen(nonsense, at(9), &[]), Err(Refusal::Edge { .. })));
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
fn an_order_reads_back_from_its_record() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    let record = order.write_record("w".to_owned()).unwrap().into_record(1);
    assert_eq!(record.state, "Paid");
    assert_eq!(Order::from_record(&record).unwrap(), order);
    let newer = String::from_utf8(record.body.clone()).unwrap().replacen("\"format\":1", "\"format\":2", 1);
    let record = crate::storage::Record { body: newer.into_bytes(), ..record };
    assert!(matches!(Order::from_record(&record), Err(RecordError::Newer { format: 2, .. })));
}

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
