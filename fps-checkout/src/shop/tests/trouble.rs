//! What goes wrong: answers, strangers, the store, handlers.

use super::*;
use crate::order::Refusal;

#[tokio::test]
async fn an_unanswered_pay_is_sent_again_under_its_reference() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    for answer in [silent(), silent(), accepted(Outcome::Success)] {
        world.script.answer(answer);
    }
    let completed = world.shop.complete(&query).await.unwrap();
    assert_eq!(completed.order().unwrap().state(), State::Charging);
    world.work_for(HOUR).await;
    assert_eq!(world.state().await, State::Paid);
    let sent = world.script.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|one| *one == sent[0]), "{sent:?}");
}

#[tokio::test]
async fn a_pending_payment_is_asked_for_until_it_ends() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Pending));
    world.shop.complete(&query).await.unwrap();
    world.work_for(HOUR * 30).await;
    assert_eq!(world.state().await, State::Pending);
    *world.script.standing.lock().unwrap() = Some(Outcome::Success);
    world.work_for(HOUR * 2).await;
    assert_eq!(world.state().await, State::Paid);
    assert_eq!(world.heard(), ["Approved", "Pending", "Paid"]);
}

#[tokio::test]
async fn a_call_without_an_answer_is_given_up_after_six_days() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.shop.complete(&query).await.unwrap();
    world.work_for(HOUR * 24 * 7).await;
    assert_eq!(world.state().await, State::Review);
    let (sent, order) = (world.script.sent().len(), world.shop.order(&World::id()).await.unwrap());
    assert_eq!(order.due(), None, "a person decides, and until then there is nothing to visit it for");
    world.work_for(HOUR * 24).await;
    assert_eq!(world.script.sent().len(), sent, "nothing is sent any more");
    assert_eq!(world.shop.order(&World::id()).await.unwrap(), order);
}

#[tokio::test]
async fn somebody_elses_token_leaves_the_order_untouched() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    let before = world.shop.order(&World::id()).await.unwrap();
    let good = world.script.token.lock().unwrap().clone().unwrap();
    for bad in [
        None,
        Some(FoundToken { token: TokenId::new("OTHER"), ..good.clone() }),
        Some(FoundToken { kind: TokenKind::MultiUse, ..good.clone() }),
        Some(FoundToken { reason: Some("Another song".to_owned()), ..good.clone() }),
        Some(FoundToken { installed_at: Some(world.clock.now().before(HOUR)), ..good.clone() }),
    ] {
        *world.script.token.lock().unwrap() = bad.clone();
        let error = world.shop.complete(&query).await.unwrap_err();
        assert!(matches!(error, Error::NotOurs { .. }), "{bad:?}: {error}");
        assert_eq!(world.shop.order(&World::id()).await.unwrap(), before);
    }
    assert!(world.script.sent().is_empty());
}

#[tokio::test]
async fn what_is_not_signed_for_this_order_is_refused() {
    let world = World::new();
    let query = world.begin().await;
    let before = world.shop.order(&World::id()).await.unwrap();
    let unknown =
        world.shop.0.mark.put(world.shop.return_url(), &Subject::Order(OrderId::new("2").unwrap()), 1);
    for query in [query.as_str(), "", "fps=1-a1.AAAA", &format!("{query}&{query}"), &"x".repeat(9000), "%"] {
        let error = world.shop.complete(query).await.unwrap_err();
        assert!(matches!(error, Error::NotOurs { .. }), "{query}: {error}");
    }
    let error = world.shop.complete(unknown.query().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::UnknownOrder { .. }), "{error}");
    assert_eq!(world.shop.order(&World::id()).await.unwrap(), before);
}

#[tokio::test]
async fn a_buyer_who_left_may_begin_again() {
    let world = World::new();
    let query = world.begin().await;
    *world.script.ended.lock().unwrap() = Some(Ended::Left);
    assert_eq!(world.shop.complete(&query).await.unwrap().order().unwrap().state(), State::Abandoned);
    assert_ne!(world.begin().await, query);
    let order = world.shop.order(&World::id()).await.unwrap();
    assert_eq!((order.state(), order.attempts().len()), (State::AwaitingBuyer, 2));
    assert_eq!(world.heard(), ["Abandoned"]);
}

#[tokio::test]
async fn a_store_that_fails_at_any_commit_loses_nothing() {
    for commit in 1..=4 {
        for failure in [Failure::NotWritten, Failure::ErrorThoughDone, Failure::ErrorAndNotDone] {
            let world = World::new();
            *world.store.fail.lock().unwrap() = Some((commit, failure));
            let begun = match world.shop.begin(&Song, World::id()).await {
                Ok(begun) => begun,
                Err(_) => world.shop.begin(&Song, World::id()).await.unwrap(),
            };
            world.approve();
            world.script.answer(accepted(Outcome::Success));
            world.script.answer(accepted(Outcome::Success));
            let _ = world.shop.complete(&query_of(&begun)).await;
            world.work_for(HOUR).await;
            assert_eq!(world.state().await, State::Paid, "{failure:?} at commit {commit}");
            let heard: std::collections::BTreeSet<_> = world.heard().into_iter().collect();
            assert_eq!(
                heard.into_iter().collect::<Vec<_>>(),
                ["Approved", "Paid"],
                "{failure:?} at {commit}"
            );
            let order = world.shop.order(&World::id()).await.unwrap();
            assert_eq!(order.replay().as_ref(), Ok(order.machine()), "{failure:?} at {commit}");
        }
    }
}

#[tokio::test]
async fn a_handler_that_fails_or_panics_hears_it_again_in_order() {
    let world = World::new();
    world.ears.fail.store(1, Ordering::SeqCst);
    world.ears.panic.store(1, Ordering::SeqCst);
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    assert!(world.heard().is_empty());
    world.work_for(HOUR).await;
    assert_eq!(world.heard(), ["Approved", "Paid"]);
    let effects: Vec<_> = world.ears.heard.lock().unwrap().iter().map(|(effect, _)| effect.clone()).collect();
    assert_eq!(effects, ["1-e1", "1-e2"]);
}

#[tokio::test]
async fn a_handler_that_never_works_is_stuck_after_a_day() {
    let world = World::new();
    world.ears.fail.store(usize::MAX, Ordering::SeqCst);
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    world.work_for(HOUR * 40).await;
    let order = world.shop.order(&World::id()).await.unwrap();
    assert!(order.outbox()[0].waiting[0].is_stuck(), "{:?}", order.outbox());
    assert_eq!(order.due(), None);
    // Another process that does not know the handler lists it as stuck at once.
    assert_eq!(order.outbox()[1].waiting[0].tries, 0, "the second news waits for the first");
}

#[tokio::test]
async fn an_outdated_order_decides_nothing() {
    let world = World::new();
    world.begin().await;
    let outdated = world.shop.order(&World::id()).await.unwrap();
    world.shop.cancel(&World::id()).await.unwrap();
    let now = world.store.load(&outdated.subject().key()).await.unwrap().unwrap().version;

    // It says that there is nothing to do, that it cannot be, or something new: what is there now is looked at each time.
    let states = Mutex::new(Vec::new());
    let note = |order: &Order| states.lock().unwrap().push(order.state());
    let (order, ()) = world
        .shop
        .change_held(outdated.clone(), |order, _| {
            note(order);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!((order.state(), order.version()), (State::Cancelled, now));
    let (order, ()) = world
        .shop
        .change_held(outdated.clone(), |order, _| {
            note(order);
            if order.state() == State::Cancelled { Ok(()) } else { Err(Refusal::Missing { what: "attempt" }) }
        })
        .await
        .unwrap();
    assert_eq!(order.version(), now);
    let (order, ()) = world
        .shop
        .change_held(outdated, |order, now| {
            note(order);
            order.hurry(now.after(HOUR));
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!((order.state(), order.version()), (State::Cancelled, now + 1));
    assert_eq!(*states.lock().unwrap(), [State::AwaitingBuyer, State::Cancelled].repeat(3));

    // What was just committed is as good as what was just read.
    let (order, ()) = world
        .shop
        .change_held(order, |order, now| {
            order.hurry(now);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(order, world.shop.order(&World::id()).await.unwrap());
    assert_eq!(order.version(), now + 2);
}
