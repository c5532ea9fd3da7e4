//! What a merchant or an operator does afterwards.

use super::*;

#[tokio::test]
async fn a_refund_asked_for_twice_is_one_refund() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    let refund = || RefundId::new("r1").unwrap();
    let refunded = |transaction| {
        let transaction = TransactionId::new(transaction);
        Answer::Accepted(Report {
            transaction,
            outcome: Outcome::Success,
            declined_for_now: false,
            amount: None,
            code: None,
            request: None,
        })
    };
    world.script.answer(refunded("R1"));
    for amount in [Some(Amount::usd("0.06")), Some(Amount::usd("0.06")), None] {
        world.shop.refund(&World::id(), refund(), amount).await.unwrap();
    }
    assert_eq!(world.script.sent(), [Kind::Pay, Kind::Refund]);
    let other = world.shop.refund(&World::id(), refund(), Some(Amount::usd("0.01"))).await;
    assert!(matches!(other, Err(Error::Refused { .. })), "{other:?}");
    let cents = world.shop.refund(&World::id(), refund(), Some(Amount::usd("0.001"))).await;
    assert!(matches!(cents, Err(Error::Amount(_))), "{cents:?}");
    world.script.answer(refunded("R2"));
    let order = world.shop.refund(&World::id(), RefundId::new("r2").unwrap(), None).await.unwrap();
    assert_eq!(order.machine().refunded(), Amount::usd("0.10"));
    assert_eq!(world.heard(), ["Approved", "Paid", "Refunded", "Refunded"]);
    let more = world.shop.refund(&World::id(), RefundId::new("r3").unwrap(), None).await;
    assert!(matches!(more, Err(Error::Refused { .. })), "{more:?}");
}

#[tokio::test]
async fn a_name_stands_for_one_product() {
    struct Other;
    impl Checkout for Other {
        fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
            Ok(Song.parameters()?.with_payment_reason("Another song"))
        }
    }
    let world = World::new();
    world.begin().await;
    let other = world.shop.begin(&Other, World::id()).await;
    assert!(matches!(other, Err(Error::OtherProduct { .. })), "{other:?}");
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let query = world.begin().await;
    world.shop.complete(&query).await.unwrap();
    let paid = world.shop.begin(&Song, World::id()).await;
    assert!(matches!(paid, Err(Error::NothingToApprove { state: State::Paid, .. })), "{paid:?}");
}

#[tokio::test]
async fn a_cancelled_order_is_not_charged_by_a_late_approval() {
    let world = World::new();
    let query = world.begin().await;
    world.shop.cancel(&World::id()).await.unwrap();
    world.approve();
    world.shop.complete(&query).await.unwrap();
    world.work_for(HOUR).await;
    let order = world.shop.order(&World::id()).await.unwrap();
    assert_eq!(order.state(), State::Cancelled);
    assert_eq!(order.attempts()[0].approval, crate::order::Approval::Discarded);
    assert!(world.script.sent().is_empty());
}

#[tokio::test]
async fn a_deferred_order_is_charged_by_the_shop_or_expires() {
    for charges in [true, false] {
        let world = World::new();
        let begun = world.shop.begin(&Song, World::id()).deferred().await.unwrap();
        world.approve();
        let query = query_of(&begun);
        world.shop.complete(&query).await.unwrap();
        assert_eq!(world.state().await, State::TokenHeld);
        if charges {
            let much = world.shop.charge(&World::id(), Some(Amount::usd("0.11"))).await;
            assert!(matches!(much, Err(Error::Refused { .. })), "{much:?}");
            world.script.answer(accepted(Outcome::Success));
            let order = world.shop.charge(&World::id(), Some(Amount::usd("0.07"))).await.unwrap();
            assert_eq!(order.machine().paid(), Amount::usd("0.07"));
        } else {
            world.work_for(HOUR * 4).await;
            assert_eq!(world.state().await, State::Expired);
        }
    }
}

#[tokio::test]
async fn an_operator_resolves_drops_tells_and_forgets() {
    let world = World::new();
    let id = World::id();
    world.ears.fail.store(usize::MAX, Ordering::SeqCst);
    let query = world.begin().await;
    world.approve();
    world.shop.complete(&query).await.unwrap();
    assert!(matches!(world.shop.forget(&id).await, Err(Error::NotAtRest { .. })));
    let early = world.shop.resolve(&id, State::Paid, "ann", "a statement").await;
    assert!(matches!(early, Err(Error::Refused { .. })), "{early:?}");
    world.work_for(HOUR * 24 * 8).await;
    assert_eq!(world.state().await, State::Review);
    let order = world.shop.resolve(&id, State::Paid, "ann", "the statement of May").await.unwrap();
    assert_eq!((order.state(), order.machine().paid()), (State::Paid, Amount::usd("0.10")));
    let stuck = order.outbox()[0].id.clone();
    let order = world.shop.drop_news(&id, &stuck, "listener", "ann", "known already").await.unwrap();
    assert!(order.outbox().iter().all(|effect| effect.id != stuck));
    let gone = world.shop.drop_news(&id, &stuck, "listener", "ann", "again").await;
    assert!(matches!(gone, Err(Error::NothingToTell { .. })), "{gone:?}");
    world.ears.fail.store(0, Ordering::SeqCst);
    world.shop.tell_again(&id, &order.outbox()[0].id, "listener").await.unwrap();
    world.work_for(HOUR * 2).await;
    assert_eq!(world.heard(), ["Alarm", "Paid"]);
    let order = world.shop.forget(&id).await.unwrap();
    assert!(order.side(1).unwrap().token.is_none() && order.state() == State::Paid);
    assert_eq!(order.replay().as_ref(), Ok(order.machine()));
}

#[tokio::test]
async fn a_spent_reference_is_looked_for_and_never_a_decline() {
    for found in [true, false] {
        let world = World::new();
        let query = world.begin().await;
        world.approve();
        world.script.answer(Answer::Spent { code: "DuplicateRequest".to_owned(), request: None });
        if found {
            let Answer::Accepted(report) = accepted(Outcome::Success) else { unreachable!() };
            *world.script.activity.lock().unwrap() = Some(report);
        }
        world.shop.complete(&query).await.unwrap();
        world.work_for(HOUR).await;
        assert_eq!(world.state().await, if found { State::Paid } else { State::Review });
        assert_eq!(world.script.sent(), [Kind::Pay], "nothing is sent again");
    }
}

#[tokio::test]
async fn a_used_token_is_evidence_that_money_moved() {
    for found in [true, false] {
        let world = World::new();
        let query = world.begin().await;
        world.approve();
        world.script.token.lock().unwrap().as_mut().unwrap().is_active = false;
        if found {
            let Answer::Accepted(report) = accepted(Outcome::Success) else { unreachable!() };
            *world.script.activity.lock().unwrap() = Some(report);
        }
        let completed = world.shop.complete(&query).await.unwrap();
        assert!(matches!(completed, Completed::Checking(_)), "{completed:?}");
        world.work_for(HOUR * 5).await;
        assert_eq!(world.state().await, if found { State::Paid } else { State::Expired });
        assert!(world.script.sent().is_empty(), "nothing is sent at all");
    }
}
