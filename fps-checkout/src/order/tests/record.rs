use std::collections::BTreeSet;

use super::*;

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
        ("{\"Approved\":", "{\"TokenCancelled\":", "cannot happen after those before it"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let changed: Export = serde_json::from_str(&changed).unwrap();
        let error = changed.replay().unwrap_err().to_string();
        assert!(error.contains(problem), "{from}: {error}");
    }
}

#[test]
fn an_order_reads_back_from_its_record() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    let record = order.write_record("w".to_owned()).unwrap().into_record(1);
    assert_eq!(record.state, "Paid");
    order.committed_as(1);
    assert_eq!(Order::from_record(&record).unwrap(), order);
    let body = String::from_utf8(record.body.clone()).unwrap();
    let newer = body.replacen("\"format\":1", "\"format\":2", 1);
    let read = |body: String| {
        Order::from_record(&crate::storage::Record { body: body.into_bytes(), ..record.clone() })
    };
    assert!(matches!(read(newer), Err(RecordError::Newer { format: 2, .. })));
    // What this version should be able to read, and cannot, is damaged and not new.
    let damaged = body.replacen("\"machine\":", "\"engine\":", 1);
    assert!(matches!(read(damaged), Err(RecordError::Json { .. })));
}

#[test]
fn what_is_empty_is_not_written() {
    let keys =
        |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let written = |order: &mut Order| -> serde_json::Value {
        let record = order.write_record("w".to_owned()).unwrap().into_record(0);
        assert_eq!(Order::from_record(&record).unwrap(), *order);
        serde_json::from_slice(&record.body).unwrap()
    };
    let empty = written(&mut order(false));
    assert_eq!(
        keys(&empty),
        named(&["api", "buyer", "effects", "format", "id", "journal", "machine", "product", "write"])
    );
    assert_eq!(keys(&empty["machine"]), named(&["attempts", "state", "total"]));
    assert_eq!(keys(&empty["product"]), named(&["frozen_at", "parameters"]));

    let terms = PayTerms::new().with_caller_description("for the books");
    let parameters = order(true).product().parameters().clone();
    let product = Product::freeze(parameters, terms, true, at(0));
    let mut full = Order::freeze(OrderId::new("1").unwrap(), Version::V2007_01_08, product);
    for event in charging(Kind::Reserve) {
        full.happen(event, at(1), &["h"]).unwrap();
    }
    full.visited(Visit { quiet: 3, failed: 1 }, at(9));
    let full = written(&mut full);
    assert_eq!(keys(&full["machine"]), named(&["attempts", "operations", "reserve", "state", "total"]));
    assert_eq!(keys(&full["product"]), named(&["deferred", "frozen_at", "parameters", "terms"]));
    assert_eq!(full["product"]["terms"], serde_json::json!({ "caller_description": "for the books" }));
    assert_eq!(full["visit"], serde_json::json!({ "quiet": 3, "failed": 1 }));
    assert!(full["due"].is_i64() || full["due"].is_string(), "{full}");
    assert_eq!(full["outbox"].as_array().unwrap().len(), 1);
}

#[test]
fn an_order_tells_what_is_known_of_it() {
    let order = order(true);
    assert_eq!((order.id().as_str(), order.api()), ("1", Version::V2010_08_28));
    assert_eq!((order.label(), order.product().token()), ("1".to_owned(), None));
    let old = Order::freeze(order.id().clone(), Version::V2007_01_08, order.product().clone());
    assert_eq!(old.api(), Version::V2007_01_08);
    assert_eq!((order.state(), order.total()), (State::Created, PRICE));
    assert!(order.machine().is_reserve() && order.product().parameters().reserve());
    assert!(order.attempts().is_empty() && order.buyer().is_none() && order.charge().is_none());
    assert_eq!((order.transaction(), order.machine().transaction()), (None, None));
    assert_eq!((order.product().frozen_at(), order.product().is_deferred()), (at(0), false));

    let order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    assert!(!order.machine().is_reserve());
    assert_eq!(order.transaction(), Some(&TransactionId::new("T1")));
    assert_eq!(order.machine().transaction(), order.transaction());
    assert_eq!(order.charge().map(|pay| (pay.kind, pay.attempt)), Some((Kind::Pay, 1)));
    assert_eq!(order.machine().attempt(1).map(|attempt| &attempt.reference), Some(&reference("s-1-a1")));
    assert_eq!((order.machine().attempt(0), order.machine().attempt(2)), (None, None));
    let (events, times): (Vec<_>, Vec<_>) =
        order.journal().iter().map(|entry| (&entry.event, entry.at)).unzip();
    assert_eq!(times, [at(1), at(2), at(3), at(4), at(5)]);
    assert_eq!((events.len(), events[0]), (5, &begun(1)));
    let export = order.export();
    assert_eq!(
        (export.subject(), export.state(), export.journal()),
        (Subject::Order(order.id().clone()), State::Paid, order.journal())
    );
}

#[test]
fn each_attempt_has_its_own_buyer_until_the_shop_forgets_them() {
    let side = |name: &str| BuyerSide::new(format!("https://shop.example/{name}").parse().unwrap(), None);
    let mut order = order(false);
    order.begin(begun(1), side("a"), at(1)).unwrap();
    order.begin(begun(1), side("not again"), at(2)).unwrap();
    order.happen(Event::Left { attempt: 1 }, at(3), &[]).unwrap();
    order.begin(begun(2), side("b"), at(4)).unwrap();
    assert_eq!((order.side(0), order.side(3)), (None, None));
    assert_eq!((order.side(1), order.side(2)), (Some(&side("a")), Some(&side("b"))));
    assert_eq!(order.buyer(), Some(&side("b")));
    assert!(order.side_mut(0).is_none() && order.side_mut(3).is_none());

    let address =
        fps_core::checkout::ShippingAddress { city: Some("Springfield".to_owned()), ..Default::default() };
    for attempt in 1..=2 {
        let known = order.side_mut(attempt).unwrap();
        known.token = Some(fps_core::TokenId::new("TOKEN"));
        known.address = Some(address.clone());
        known.expiry = Some("10/2016".to_owned());
        known.warning = Some("invalidShippingAddress".to_owned());
        known.message = Some("the card is expired".to_owned());
        known.verified = Some("a digest".to_owned());
    }
    let known = order.buyer().unwrap();
    assert_eq!((known.address(), known.expiry()), (Some(&address), Some("10/2016")));
    assert_eq!(
        (known.warning(), known.message()),
        (Some("invalidShippingAddress"), Some("the card is expired"))
    );
    order.forget_buyer();
    assert_eq!((order.side(1), order.side(2)), (Some(&side("a")), Some(&side("b"))));
    let known = order.buyer().unwrap();
    assert_eq!((known.address(), known.expiry(), known.warning(), known.message()), (None, None, None, None));
}

#[test]
fn an_order_is_at_rest_when_nothing_is_under_way() {
    let refund = Event::Planned {
        kind: Kind::Refund,
        amount: PRICE,
        reference: Some(reference("s-1-a1-refund-r")),
        refund: Some(RefundId::new("r").unwrap()),
        of: None,
    };
    let paid = with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]);
    let doubt = Event::Doubted { operation: 0, why: "w".to_owned() };
    for (events, rests) in [
        (vec![begun(1)], false),
        (vec![begun(1), approved(1)], false),
        (vec![begun(1), Event::Left { attempt: 1 }], true),
        (vec![begun(1), Event::NeverCame { attempt: 1 }], true),
        (vec![begun(1), Event::Refused { attempt: 1, status: "PE".to_owned() }], true),
        (vec![begun(1), Event::CancelledByShop], true),
        (charging(Kind::Pay), false),
        (paid.clone(), true),
        (with(paid, [refund]), false),
        (with(charging(Kind::Pay), [doubt]), false),
    ] {
        let mut order = after(false, &events);
        assert!(
            order.outbox().is_empty() || !order.is_at_rest(),
            "a handler has not heard all of {events:?}"
        );
        order.outbox_mut().clear();
        assert_eq!(order.is_at_rest(), rests, "{events:?}");
    }
}

#[test]
fn stuck_news_is_listed_told_again_or_dropped_by_name() {
    let told = with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]);
    let mut order = after(false, &told);
    assert!(!order.needs_a_person() && order.stuck().next().is_none());
    let [first, second] = [1, 2].map(|number| EffectId::new(&order.id().into(), number));
    order.outbox_mut()[0].waiting[0].give_up("no such address".to_owned());
    order.reschedule(at(10));
    let stuck: Vec<_> = order.stuck().map(|(effect, delivery)| (effect.id.clone(), delivery.tries)).collect();
    assert_eq!((stuck, order.needs_a_person()), (vec![(first.clone(), 1)], true));
    assert_eq!(order.due(), None, "the second news waits for the first");

    // Names that nobody waits under.
    let other = EffectId::new(&order.id().into(), 9);
    for (effect, handler) in [(&other, "h"), (&first, "x")] {
        assert!(!order.tell_again(effect, handler, at(20)));
        assert!(!order.drop_news(effect, handler, "ann", "told by telephone", at(20)));
    }
    assert_eq!((order.journal().len(), order.due()), (5, None));

    assert!(order.tell_again(&first, "h", at(20)));
    let waits = &order.outbox()[0].waiting[0];
    assert_eq!((waits.tries, waits.next, order.due()), (0, Some(at(20)), Some(at(20))));
    assert!(!order.needs_a_person());
    assert_eq!(order.outbox()[1].waiting[0].tries, 0);

    assert!(order.drop_news(&first, "h", "ann", "told by telephone", at(30)));
    assert_eq!(order.outbox().iter().map(|one| &one.id).collect::<Vec<_>>(), [&second]);
    assert_eq!(order.journal().last().map(|entry| entry.at), Some(at(30)));
    assert!(matches!(&order.journal()[5].event, Event::Dropped { effect, .. } if *effect == first));
    assert_eq!(order.due(), order.outbox()[0].waiting[0].next);
    assert!(!order.drop_news(&first, "h", "ann", "again", at(31)));
    // What one handler is spared, another still hears.
    let mut two = order_with_two_handlers();
    assert!(two.drop_news(&first, "h", "ann", "told by telephone", at(30)));
    let waiting: Vec<_> = two.outbox()[0].waiting.iter().map(|one| one.handler.as_str()).collect();
    assert_eq!((two.outbox().len(), waiting), (1, vec!["i"]));
}

fn order_with_two_handlers() -> Order {
    let mut order = order(false);
    for event in [begun(1), approved(1)] {
        order.happen(event, at(1), &["h", "i"]).unwrap();
    }
    order
}

#[test]
fn an_alarm_or_a_review_needs_a_person() {
    let other = Report { transaction: TransactionId::new("T2"), ..report(Outcome::Success) };
    let paid = with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]);
    let contradicted = with(paid, [Event::Reported { operation: 0, report: other }]);
    let mut order = after(false, &contradicted);
    assert!(order.state() == State::Paid && order.needs_a_person());
    let closed = Event::AlarmClosed { alarm: 0, by: "ann".to_owned(), evidence: "a call".to_owned() };
    order.happen(closed, at(20), &[]).unwrap();
    assert!(!order.needs_a_person());
    let doubted = with(charging(Kind::Pay), [Event::Doubted { operation: 0, why: "w".to_owned() }]);
    assert!(after(false, &doubted).needs_a_person());
}

#[test]
fn a_record_carries_when_it_is_due_and_who_wrote_it() {
    let mut order = after(false, &charging(Kind::Pay));
    let record = order.write_record("w1".to_owned()).unwrap().into_record(1);
    assert_eq!((record.key.as_str(), record.due, order.write()), ("order/1", order.due(), "w1"));
    order.hurry(at(7));
    let record = order.write_record("w2".to_owned()).unwrap().into_record(2);
    assert_eq!((record.due, order.write()), (Some(at(7)), "w2"));
    assert_eq!(Order::from_record(&record).unwrap().write(), "w2");

    // A format that is not this one's may well be unreadable; the format says why, and only a newer one.
    for (body, newer) in [
        ("{\"format\":2,\"what\":0}", true),
        ("{\"format\":1,\"what\":0}", false),
        ("{}", false),
        ("no", false),
    ] {
        let record = crate::storage::Record { body: body.as_bytes().to_vec(), ..record.clone() };
        let error = Order::from_record(&record).unwrap_err();
        assert_eq!(matches!(error, RecordError::Newer { format: 2, .. }), newer, "{body}: {error}");
        assert!(error.to_string().contains("`order/1`"), "{error}");
    }
}

#[test]
fn products_say_the_same_whenever_they_were_frozen() {
    let frozen = |price: &str, deferred, second| {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, price.parse().unwrap()).unwrap();
        Product::freeze(PipelineParameters::new(charges).unwrap(), PayTerms::new(), deferred, at(second))
    };
    let product = frozen("0.10", true, 0);
    assert!(product.is_deferred() && product.says_the_same(&frozen("0.10", true, 9)));
    for other in [
        frozen("0.11", true, 0),
        frozen("0.10", false, 0),
        frozen("0.10", true, 0).with_return_query(vec![("a".to_owned(), "1".to_owned())]),
        frozen("0.10", true, 0).with_references(Some(References::new(reference("a"), reference("p")))),
    ] {
        assert!(!product.says_the_same(&other), "{other:?}");
    }
    let asked = frozen("0.10", true, 0).with_return_query(vec![("a".to_owned(), "1".to_owned())]);
    assert_eq!((asked.return_query(), asked.references()), (&[("a".to_owned(), "1".to_owned())][..], None));
}
