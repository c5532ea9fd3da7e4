//! References, terms, addresses and tokens of the shop's own.

use super::*;

#[tokio::test]
async fn a_return_signed_with_our_own_secret_needs_no_look_for_its_token() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    *world.script.signs_with_our_secret.lock().unwrap() = true;
    *world.script.token.lock().unwrap() = None;
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    assert_eq!(world.state().await, State::Paid);
}

#[tokio::test]
async fn own_references_are_used_for_everything_and_for_one_order_only() {
    let reference = |text: &str| CallerReference::new(text).unwrap();
    let (approval, pay) = (reference("DigitalDownload1177495829105"), reference("MP3DownloadId-AF12ES"));
    let world = World::new();
    let begin = |id: &str| world.shop.begin(&Song, OrderId::new(id).unwrap());
    let begun = begin("1").references(approval.clone(), pay.clone()).await.unwrap();
    let again = begin("1").references(approval.clone(), pay.clone()).await.unwrap();
    assert_eq!(begun.link(), again.link());
    assert!(begun.link().as_str().contains("callerReference=DigitalDownload1177495829105"));
    for other in [begin("1"), begin("1").references(approval.clone(), reference("another"))] {
        assert!(matches!(other.await, Err(Error::OtherProduct { .. })));
    }
    for (approval, pay) in [(approval.clone(), reference("p2")), (reference("a2"), pay.clone())] {
        let refused = begin("2").references(approval, pay).await;
        assert!(matches!(refused, Err(Error::ReferenceUsed { .. })), "{refused:?}");
        assert!(matches!(
            world.shop.order(&OrderId::new("2").unwrap()).await,
            Err(Error::UnknownOrder { .. })
        ));
    }

    // The first attempt ends without a token, the second pays.
    *world.script.ended.lock().unwrap() = Some(Ended::Left);
    world.shop.complete(&query_of(&begun)).await.unwrap();
    let second = begin("1").references(approval, pay).await.unwrap();
    assert!(second.link().as_str().contains("callerReference=DigitalDownload1177495829105-a2"));
    world.approve();
    *world.script.signs_with_our_secret.lock().unwrap() = true;
    for answer in [silent(), accepted(Outcome::Success)] {
        world.script.answer(answer);
    }
    world.shop.complete(&query_of(&second)).await.unwrap();
    world.work_for(HOUR).await;
    let sent = world.script.sent.lock().unwrap().clone();
    assert_eq!(sent, vec![(Kind::Pay, Some("MP3DownloadId-AF12ES-a2".to_owned())); 2]);
}

#[tokio::test]
async fn terms_that_cannot_be_sent_are_refused_before_anything_is_stored() {
    let shop = Shop::builder()
        .credentials(Credentials::new("key", "secret"))
        .endpoint(Endpoint::at("http://localhost/".parse().unwrap()).unwrap())
        .http(Arc::new(NoWire))
        .clock(Arc::new(Hand::default()))
        .storage_url("memory:")
        .public_url("http://localhost/".parse().unwrap())
        .open()
        .await
        .unwrap();
    for (terms, why) in [
        (PayTerms::new().with_meta_data("x"), "MetaData is not in version 2010-08-28"),
        (PayTerms::new().with_sender_reference("x"), "SenderReference is not in version 2010-08-28"),
        (PayTerms::new().with_recipient_reference("x"), "RecipientReference is not in"),
        (PayTerms::new().with_recipient_description("x"), "RecipientDescription is not in"),
        (PayTerms::new().with_caller_description(""), "CallerDescription is empty"),
        (PayTerms::new().with_sender_description("x".repeat(161)), "has 161 characters"),
        (
            PayTerms::new().with_marketplace_fixed_fee(Amount::usd("0.001")),
            "MarketplaceFixedFee is not an amount",
        ),
    ] {
        let refused = shop.begin(&Song, World::id()).terms(terms).await.unwrap_err();
        let mut whole = refused.to_string();
        if let Some(source) = std::error::Error::source(&refused) {
            whole = format!("{whole}: {source}");
        }
        assert!(whole.contains(why), "{whole}");
        assert!(matches!(shop.order(&World::id()).await, Err(Error::UnknownOrder { .. })));
    }
    let terms = PayTerms::new()
        .with_descriptor(fps_core::operation::DescriptorPolicy::new())
        .with_marketplace_fixed_fee(Amount::usd("0.01"))
        .with_marketplace_variable_fee("2.5".parse::<fps_core::operation::Percent>().unwrap())
        .with_timeout_in_mins(60u32);
    assert!(shop.begin(&Song, World::id()).terms(terms).await.is_ok());
}

#[tokio::test]
async fn what_is_declined_for_now_is_tried_again_after_a_look() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    *world.script.declined_for_now.lock().unwrap() = true;
    let Answer::Accepted(report) = accepted(Outcome::Pending) else { unreachable!() };
    world.script.answer(Answer::Accepted(Report { declined_for_now: true, ..report }));
    // The first try is not heard of, and its repeat is taken.
    for answer in [silent(), accepted(Outcome::Pending)] {
        world.script.answer(answer);
    }
    let completed = world.shop.complete(&query).await.unwrap();
    assert_eq!(completed.order().unwrap().state(), State::Pending);
    world.work_for(Duration::from_secs(40)).await;
    assert_eq!(world.script.sent(), [Kind::Pay, Kind::Retry], "nothing is sent again without a look");
    world.work_for(Duration::from_secs(50)).await;
    assert_eq!(
        world.script.sent()[..3],
        [Kind::Pay, Kind::Retry, Kind::Retry],
        "the look told to send it again"
    );
    *world.script.declined_for_now.lock().unwrap() = false;
    *world.script.standing.lock().unwrap() = Some(Outcome::Success);
    world.work_for(HOUR).await;
    assert_eq!(world.state().await, State::Paid);
    let order = world.shop.order(&World::id()).await.unwrap();
    assert!(order.is_at_rest() && order.due().is_none(), "{:#?}", order.machine().operations());
    assert_eq!(world.heard(), ["Approved", "Pending", "Paid"]);
    assert_eq!(order.replay().as_ref(), Ok(order.machine()));
}

#[tokio::test]
async fn what_stays_declined_is_tried_with_growing_gaps_and_then_needs_a_person() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    *world.script.declined_for_now.lock().unwrap() = true;
    let Answer::Accepted(report) = accepted(Outcome::Pending) else { unreachable!() };
    for _ in 0..100 {
        world.script.answer(Answer::Accepted(Report { declined_for_now: true, ..report.clone() }));
    }
    world.shop.complete(&query).await.unwrap();
    for _ in 0..9 * 24 * 4 {
        world.shop.work_once().await.unwrap();
        world.clock.move_on(HOUR / 4);
    }
    assert_eq!(world.state().await, State::Review);
    let tries = world.script.sent().iter().filter(|kind| **kind == Kind::Retry).count();
    assert!((10..30).contains(&tries), "{tries}");
}

#[tokio::test]
async fn a_shop_opens_on_a_store_only_when_the_migration_into_it_has_ended() {
    let store = MemoryStore::new();
    let open = || {
        let shop = Shop::builder().credentials(Credentials::new("key", "secret"));
        let shop = shop.http(Arc::new(NoWire)).clock(Arc::new(Hand::default()));
        let shop = shop.endpoint(Endpoint::at("http://localhost/".parse().unwrap()).unwrap());
        shop.public_url("http://localhost/".parse().unwrap()).storage(Arc::new(store.clone())).open()
    };
    let mark =
        |state| NewRecord::new(Key::new("migration/target").unwrap(), state, None, Vec::new()).unwrap();
    store.create(&mark("Running")).await.unwrap();
    let error = open().await.unwrap_err();
    assert!(error.to_string().contains("run it again to its end"), "{error}");
    store.update(&mark("Ended"), 1).await.unwrap();
    open().await.unwrap();
}

#[tokio::test]
async fn the_return_address_carries_the_shops_own_parameters_and_the_mark() {
    let world = World::new();
    let begin = |pairs: [(&str, &str); 2]| world.shop.begin(&Song, World::id()).return_query(pairs);
    let begun = begin([("Download", "Now and Forever - Richard Marx"), ("uniqueId", "1")]).await.unwrap();
    let query = query_of(&begun);
    assert!(query.starts_with("Download=Now+and+Forever+-+Richard+Marx&uniqueId=1&fps=1-a1."), "{query}");
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    assert_eq!(world.state().await, State::Paid);
    for (pairs, why) in [([("a", "1"), ("fps", "2")], "fps"), ([("status", "SA"), ("b", "2")], "status")] {
        let refused = world.shop.begin(&Song, OrderId::new("2").unwrap()).return_query(pairs).await;
        match refused {
            Err(Error::Link(refused)) => assert!(refused.to_string().contains(why), "{refused}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn own_tokens_are_installed_once_whatever_is_lost() {
    let world = World::new();
    let tokens = world.shop.install_tokens().await.unwrap();
    let names: Vec<String> =
        world.script.installed.lock().unwrap().iter().map(|(reference, _)| reference.clone()).collect();
    assert_eq!(names, ["sssss222-own-caller-1", "sssss222-own-recipient-1", "sssss222-own-refund-sender-1"]);
    for _ in 0..2 {
        assert_eq!(world.shop.install_tokens().await.unwrap(), tokens);
    }
    assert_eq!(world.script.installed.lock().unwrap().len(), 3);
    assert!(!format!("{tokens:?}").contains("caller0"), "{tokens:?}");

    // Stored, they are there without the service; and one that was cancelled is replaced.
    *world.script.unreachable.lock().unwrap() = true;
    assert_eq!(world.shop.install_tokens().await.unwrap(), tokens);
    *world.script.unreachable.lock().unwrap() = false;
    world.script.cancelled.lock().unwrap().push("sssss222-own-recipient-1".to_owned());
    let replaced = world.shop.install_tokens().await.unwrap();
    assert_eq!((&replaced.caller, &replaced.refund_sender), (&tokens.caller, &tokens.refund_sender));
    assert_ne!(replaced.recipient, tokens.recipient);
    assert_eq!(world.shop.tokens().await.unwrap(), Some(replaced));
}

#[tokio::test]
async fn a_crash_while_tokens_are_installed_installs_none_twice() {
    // After each call, and at the write: with an error before it, after it, and of an open end.
    for lost in 0..6 {
        let world = World::new();
        for _ in 0..lost.min(2) {
            *world.script.loses_installed.lock().unwrap() = true;
            assert!(matches!(world.shop.install_tokens().await, Err(Error::Service(_))));
            *world.script.unreachable.lock().unwrap() = false;
        }
        let failure = match lost {
            3 => Some(Failure::NotWritten),
            4 => Some(Failure::ErrorThoughDone),
            5 => Some(Failure::ErrorAndNotDone),
            _ => None,
        };
        *world.store.fail.lock().unwrap() = failure.map(|failure| (1, failure));
        let first = world.shop.install_tokens().await;
        assert_eq!(first.is_err(), failure.is_some(), "{lost}: {first:?}");
        let tokens = world.shop.install_tokens().await.unwrap();
        assert_eq!(world.shop.tokens().await.unwrap(), Some(tokens));
        assert_eq!(world.script.installed.lock().unwrap().len(), 3, "{lost}");
    }
}

#[tokio::test]
async fn what_the_worker_finds_out_is_heard_at_once() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Pending));
    world.shop.complete(&query).await.unwrap();
    *world.script.standing.lock().unwrap() = Some(Outcome::Success);
    world.clock.move_on(Duration::from_secs(3));
    world.shop.work_once().await.unwrap();
    assert_eq!(world.heard(), ["Approved", "Pending", "Paid"]);
}
