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
fn an_order_reads_back_from_its_record() {
    let mut order = after(false, &with(charging(Kind::Pay), [answered(0, 1, accepted(Outcome::Success))]));
    let record = order.write_record("w".to_owned()).unwrap().into_record(1);
    assert_eq!(record.state, "Paid");
    assert_eq!(Order::from_record(&record).unwrap(), order);
    let newer = String::from_utf8(record.body.clone()).unwrap().replacen("\"format\":1", "\"format\":2", 1);
    let record = crate::storage::Record { body: newer.into_bytes(), ..record };
    assert!(matches!(Order::from_record(&record), Err(RecordError::Newer { format: 2, .. })));
}
