//! What holds whatever happens to the shop: the invariants of `docs/orders.md` that the driver keeps. Each is a test of that
//! name.

use super::*;

#[tokio::test]
async fn nothing_is_sent_before_its_operation_and_the_right_to_send_it_are_committed() {
    for write in 1..=12 {
        for failure in [Failure::NotWritten, Failure::ErrorThoughDone, Failure::ErrorAndNotDone] {
            let world = World::new();
            *world.script.store.lock().unwrap() = Some(Arc::clone(&world.store));
            *world.store.fail.lock().unwrap() = Some((write, failure));
            let begin = || world.shop.begin(&Song, World::id());
            let begun = match begin().await {
                Ok(begun) => begun,
                Err(_) => begin().await.unwrap(),
            };
            world.approve();
            world.script.answer(silent());
            // The same answer again where a commit of it failed.
            for _ in 0..6 {
                world.script.answer(accepted(Outcome::Pending));
            }
            *world.script.standing.lock().unwrap() = Some(Outcome::Success);
            let _ = world.shop.complete(&query_of(&begun)).await;
            world.work_for(HOUR).await;
            assert_eq!(world.state().await, State::Paid, "{failure:?} at {write}");
            let refund = async || world.shop.refund(&World::id(), RefundId::new("r").unwrap(), None).await;
            if refund().await.is_err() {
                refund().await.unwrap();
            }
            world.work_for(HOUR).await;
            let sent = world.script.sent();
            assert!(sent.contains(&Kind::Pay) && sent.contains(&Kind::Refund), "{sent:?}");
            let not_committed = world.script.not_committed.lock().unwrap().clone();
            assert_eq!(not_committed, [], "{failure:?} at {write}: sent and not committed");
        }
    }
}

#[tokio::test]
async fn only_verified_input_confirmed_as_our_own_changes_an_order() {
    let world = World::new();
    let query = world.begin().await;
    let before = world.shop.order(&World::id()).await.unwrap();
    let unchanged = async |what: &str| {
        let now = world.shop.order(&World::id()).await.unwrap();
        assert_eq!((now.journal(), now.state()), (before.journal(), State::AwaitingBuyer), "{what}");
        assert!(world.script.sent().is_empty(), "{what}");
    };
    // Nobody signed it.
    for query in [query.as_str(), "fps=1-a1.AAAA", "status=SA&tokenID=TOKEN"] {
        world.shop.complete(query).await.unwrap_err();
        unchanged(query).await;
    }
    // It is signed, and its token is not one that our keys find.
    world.approve();
    *world.script.token.lock().unwrap() = None;
    world.shop.complete(&query).await.unwrap_err();
    unchanged("a token of another caller").await;
    // A notice without our mark, or that the service did not sign, whatever it says.
    let body = "status=SUCCESS&transactionId=T1&callerReference=sssss222-1-a1-pay";
    world.shop.notice("", body).await.unwrap_err();
    *world.script.notices_are_forged.lock().unwrap() = true;
    world.shop.notice(&query, body).await.unwrap_err();
    unchanged("a forged notice").await;
    // And one that the service signed for somebody else, with our reference in it, is only a hint to ask.
    *world.script.notices_are_forged.lock().unwrap() = false;
    world.shop.notice(&query, body).await.unwrap();
    unchanged("a notice of another caller").await;
}

#[tokio::test]
async fn a_notice_is_taken_only_once_its_step_is_committed() {
    let mut was_refused = false;
    for failure in [Failure::NotWritten, Failure::ErrorThoughDone, Failure::ErrorAndNotDone] {
        let world = World::new();
        let query = world.begin().await;
        world.approve();
        world.script.answer(accepted(Outcome::Pending));
        world.shop.complete(&query).await.unwrap();
        assert_eq!(world.state().await, State::Pending);
        *world.script.standing.lock().unwrap() = Some(Outcome::Success);
        let next = world.store.writes.load(Ordering::SeqCst) + 1;
        *world.store.fail.lock().unwrap() = Some((next, failure));
        let taken = world.shop.notice(&query, "status=SUCCESS").await;
        assert!(taken.is_err() || world.state().await == State::Paid, "{failure:?}: {taken:?}");
        was_refused |= taken.is_err();
        // The service sends a refused notice again.
        world.shop.notice(&query, "status=SUCCESS").await.unwrap();
        assert_eq!(world.state().await, State::Paid, "{failure:?}");
    }
    assert!(was_refused, "a commit that failed refuses the notice");
}

#[tokio::test]
async fn a_handler_hears_each_effect_at_least_once_under_one_id_in_journal_order() {
    for write in 1..=8 {
        for failure in [Failure::NotWritten, Failure::ErrorThoughDone, Failure::ErrorAndNotDone] {
            let world = World::new();
            *world.store.fail.lock().unwrap() = Some((write, failure));
            world.ears.fail.store(1, Ordering::SeqCst);
            world.ears.panic.store(1, Ordering::SeqCst);
            let begun = match world.shop.begin(&Song, World::id()).await {
                Ok(begun) => begun,
                Err(_) => world.shop.begin(&Song, World::id()).await.unwrap(),
            };
            world.approve();
            for _ in 0..3 {
                world.script.answer(accepted(Outcome::Pending));
            }
            *world.script.standing.lock().unwrap() = Some(Outcome::Success);
            let _ = world.shop.complete(&query_of(&begun)).await;
            world.work_for(HOUR).await;
            // What is heard again is heard under the same id; the first time of each is in order.
            let mut heard: Vec<(String, &str)> = Vec::new();
            for (effect, news) in world.ears.heard.lock().unwrap().iter() {
                let entry = (effect.clone(), news.name());
                if !heard.contains(&entry) {
                    heard.push(entry);
                }
            }
            let expected = [("1-e1", "Approved"), ("1-e2", "Pending"), ("1-e3", "Paid")]
                .map(|(id, news)| (id.to_owned(), news));
            assert_eq!(heard, expected, "{failure:?} at {write}");
        }
    }
}

#[tokio::test]
async fn the_price_is_read_when_the_order_is_frozen_and_no_request_sets_it() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let cheap = format!("{query}&transactionAmount=0.01&itemTotal=0.01&amount=USD+0.01");
    world.shop.complete(&cheap).await.unwrap();
    let order = world.shop.order(&World::id()).await.unwrap();
    let charged = order.charge().map(|pay| pay.amount);
    assert_eq!((order.total(), charged), (Amount::usd("0.10"), Some(Amount::usd("0.10"))));
    assert_eq!(order.machine().paid(), Amount::usd("0.10"));

    // And the shop cannot change it by beginning again.
    struct Cheaper;
    impl Checkout for Cheaper {
        fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
            let mut charges = Charges::new();
            charges.add(Charge::ItemTotal, Amount::usd("0.01"))?;
            Ok(PipelineParameters::new(charges)?.with_payment_reason("Now and Forever"))
        }
    }
    let world = World::new();
    world.begin().await;
    let other = world.shop.begin(&Cheaper, World::id()).await;
    assert!(matches!(other, Err(Error::OtherProduct { .. })), "{other:?}");
    assert_eq!(world.shop.order(&World::id()).await.unwrap().total(), Amount::usd("0.10"));
}
