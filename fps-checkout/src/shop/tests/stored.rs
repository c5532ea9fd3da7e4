//! Stored tokens against a scripted service.

use super::*;
use crate::order::{Approval, Token, TokenName, TokenRefusal};

fn name() -> TokenName {
    TokenName::new("ann").unwrap()
}

fn id(text: &str) -> OrderId {
    OrderId::new(text).unwrap()
}

/// A token for so much in all, which a buyer has approved.
async fn held(world: &World, limit: &'static str) -> Token {
    let terms = TokenTerms::at_most(limit.parse().unwrap()).with_reason("Now and Forever");
    let begun = world.shop.begin_token(&terms, name()).await.unwrap();
    world.approve_stored();
    let pairs = fps_core::Pairs::decode(begun.link().query().unwrap()).unwrap();
    let return_url: Url = pairs.get("returnURL").unwrap().parse().unwrap();
    let completed = world.shop.complete(return_url.query().unwrap()).await.unwrap();
    let token = completed.token().unwrap().clone();
    assert_eq!(token.state(), State::TokenHeld);
    token
}

impl World {
    fn approve_stored(&self) {
        self.approve();
        *self.script.reference.lock().unwrap() = Some("sssss222-ann-t1".to_owned());
        self.script.token.lock().unwrap().as_mut().unwrap().kind = TokenKind::MultiUse;
    }

    async fn charge(&self, order: &str) -> Result<Order> {
        self.shop.charge_token(&name(), &Song, id(order)).await
    }

    async fn token(&self) -> Token {
        self.shop.token(&name()).await.unwrap()
    }
}

fn paid(transaction: &str) -> Answer {
    let Answer::Accepted(report) = accepted(Outcome::Success) else { unreachable!() };
    Answer::Accepted(Report { transaction: TransactionId::new(transaction), ..report })
}

fn refused(code: &str) -> Answer {
    Answer::Refused { code: code.to_owned(), request: None }
}

#[tokio::test]
async fn a_stored_token_pays_orders_each_under_a_reference_of_its_own_and_each_once() {
    let world = World::new();
    held(&world, "1").await;
    for (order, transaction) in [("1", "T1"), ("2", "T2")] {
        world.script.answer(paid(transaction));
        let before = world.store.commits.load(Ordering::SeqCst);
        let charged = world.charge(order).await.unwrap();
        assert_eq!((charged.state(), charged.transaction().unwrap().as_str()), (State::Paid, transaction));
        assert_eq!(charged.replay().as_ref(), Ok(charged.machine()));
        assert_eq!(charged.product().token(), Some(&name()));
        assert_eq!(world.store.commits.load(Ordering::SeqCst) - before, 4);
        // A second click.
        assert_eq!(world.charge(order).await.unwrap().transaction(), charged.transaction());
    }
    let sent = world.script.sent.lock().unwrap().clone();
    let expected = ["sssss222-1-a1-pay", "sssss222-2-a1-pay"];
    assert_eq!(sent, expected.map(|reference| (Kind::Pay, Some(reference.to_owned()))));
    assert_eq!(world.heard(), ["Paid", "Paid"]);
    assert_eq!(world.heard_of_tokens(), ["token/ann-e1 Approved"]);
    let token = world.token().await;
    assert_eq!((token.spent(), token.payments()), (Amount::usd("0.20"), 2));
    assert_eq!(token.uses().len(), 2, "what became of them is looked at later");
    world.work_for(HOUR * 2).await;
    let token = world.token().await;
    assert_eq!((token.spent(), token.payments(), token.uses().len()), (Amount::usd("0.20"), 2, 0));
    assert_eq!(token.document().replay().as_ref(), Ok(token.machine()));
}

#[tokio::test]
async fn what_the_limits_forbid_is_refused_before_anything_is_sent() {
    let world = World::new();
    let early = world.charge("1").await;
    assert!(matches!(early, Err(Error::UnknownToken { .. })), "{early:?}");
    held(&world, "0.25").await;
    for order in ["1", "2"] {
        world.script.answer(paid(order));
        world.charge(order).await.unwrap();
    }
    let Err(Error::TokenRefused { source, .. }) = world.charge("3").await else { panic!("over the limit") };
    assert_eq!(source.to_string(), "0.25 may be paid in all, 0.20 are spent, and 0.10 more are asked for");
    assert_eq!(world.script.sent().len(), 2);
    let unknown = world.shop.order(&id("3")).await;
    assert!(matches!(unknown, Err(Error::UnknownOrder { .. })), "{unknown:?}");
    // Paid ones are returned as they stand all the same.
    assert_eq!(world.charge("2").await.unwrap().state(), State::Paid);
}

#[tokio::test]
async fn what_came_to_nothing_makes_room_again() {
    let world = World::new();
    held(&world, "0.10").await;
    world.script.answer(refused("InsufficientBalance"));
    assert_eq!(world.charge("1").await.unwrap().state(), State::Declined);
    assert_eq!(world.token().await.spent(), Amount::ZERO);
    world.script.answer(accepted(Outcome::Pending));
    assert_eq!(world.charge("2").await.unwrap().state(), State::Pending);
    assert!(matches!(world.charge("3").await, Err(Error::TokenRefused { .. })));
    *world.script.standing.lock().unwrap() = Some(Outcome::Failure);
    world.work_for(Duration::from_secs(60)).await;
    world.script.answer(paid("T3"));
    assert_eq!(world.charge("3").await.unwrap().state(), State::Paid);
    // The one that was declined is tried anew, under a new reference, and has no room now.
    assert!(matches!(world.charge("1").await, Err(Error::TokenRefused { .. })));
    assert_eq!(world.heard(), ["Declined", "Pending", "Declined", "Paid"]);
}

#[tokio::test]
async fn a_declined_charge_is_tried_anew_under_a_new_reference() {
    let world = World::new();
    held(&world, "1").await;
    world.script.answer(refused("InsufficientBalance"));
    world.charge("1").await.unwrap();
    world.script.answer(paid("T1"));
    let order = world.charge("1").await.unwrap();
    assert_eq!((order.state(), order.attempts().len()), (State::Paid, 2));
    let references: Vec<_> =
        world.script.sent.lock().unwrap().iter().filter_map(|one| one.1.clone()).collect();
    assert_eq!(references, ["sssss222-1-a1-pay", "sssss222-1-a2-pay"]);
    assert_eq!(world.token().await.payments(), 1);
}

#[tokio::test]
async fn an_unanswered_charge_is_sent_again_unchanged_by_the_worker() {
    let world = World::new();
    held(&world, "1").await;
    world.script.answer(silent());
    assert_eq!(world.charge("1").await.unwrap().state(), State::Charging);
    // Asked for again it is not sent by two.
    assert_eq!(world.charge("1").await.unwrap().state(), State::Charging);
    world.script.answer(paid("T1"));
    world.work_for(Duration::from_secs(60)).await;
    assert_eq!(world.shop.status(&id("1")).await.unwrap(), State::Paid);
    let sent = world.script.sent.lock().unwrap().clone();
    assert!(sent.len() == 2 && sent[0] == sent[1], "{sent:?}");
}

#[tokio::test]
async fn a_failure_of_the_store_at_any_write_charges_once_when_asked_again() {
    for failure in [Failure::NotWritten, Failure::ErrorThoughDone, Failure::ErrorAndNotDone] {
        for at in 1..=4 {
            let world = World::new();
            held(&world, "0.10").await;
            world.script.answer(paid("T1"));
            world.script.answer(paid("T1"));
            let writes = world.store.writes.load(Ordering::SeqCst);
            *world.store.fail.lock().unwrap() = Some((writes + at, failure));
            let first = world.charge("1").await;
            world.work_for(HOUR).await;
            let order = world.charge("1").await;
            assert_eq!(order.unwrap().state(), State::Paid, "{failure:?} at {at}: {first:?}");
            world.work_for(HOUR * 2).await;
            let references: std::collections::HashSet<_> =
                world.script.sent.lock().unwrap().iter().map(|one| one.1.clone()).collect();
            assert_eq!(references.len(), 1, "{failure:?} at {at}");
            let token = world.token().await;
            assert_eq!((token.spent(), token.uses().len()), (Amount::usd("0.10"), 0), "{failure:?} at {at}");
            let heard = world.ears.heard.lock().unwrap().clone();
            assert!(heard.iter().all(|news| *news == heard[0]), "{failure:?} at {at}: {heard:?}");
        }
    }
}

#[tokio::test]
async fn a_payment_that_was_written_down_and_never_began_makes_room_after_a_while() {
    let world = World::new();
    held(&world, "0.10").await;
    let writes = world.store.writes.load(Ordering::SeqCst);
    *world.store.fail.lock().unwrap() = Some((writes + 2, Failure::NotWritten));
    assert!(matches!(world.charge("1").await, Err(Error::Storage(_))));
    assert!(
        matches!(world.charge("2").await, Err(Error::TokenRefused { .. })),
        "its writer may only be slow"
    );
    world.clock.move_on(Duration::from_secs(11 * 60));
    world.script.answer(paid("T2"));
    assert_eq!(world.charge("2").await.unwrap().state(), State::Paid);
}

#[tokio::test]
async fn the_same_terms_give_the_same_link_and_others_are_refused() {
    let world = World::new();
    let terms = TokenTerms::at_most(Amount::usd("5"));
    let first = world.shop.begin_token(&terms, name()).await.unwrap();
    world.clock.move_on(HOUR);
    let again = world.shop.begin_token(&terms, name()).await.unwrap();
    assert_eq!(first.link(), again.link());
    let other = world.shop.begin_token(&TokenTerms::at_most(Amount::usd("6")), name()).await;
    assert!(matches!(other, Err(Error::OtherTerms { .. })), "{other:?}");
    // A token is no order, whatever their names.
    let order = world.shop.order(&id("ann")).await;
    assert!(matches!(order, Err(Error::UnknownOrder { .. })), "{order:?}");
    world.shop.begin(&Song, id("ann")).await.unwrap();
    let ended = TokenTerms::at_most(Amount::usd("5")).with_expiry(world.clock.now());
    let ended = world.shop.begin_token(&ended, TokenName::new("late").unwrap()).await;
    assert!(matches!(ended, Err(Error::TokenRefused { source: TokenRefusal::Over { .. }, .. })), "{ended:?}");
    let nothing =
        world.shop.begin_token(&TokenTerms::at_most(Amount::ZERO), TokenName::new("no").unwrap()).await;
    assert!(matches!(nothing, Err(Error::Product(_))), "{nothing:?}");
}

#[tokio::test]
async fn a_lost_return_is_found_and_a_late_one_taken() {
    for late in [false, true] {
        let world = World::new();
        let terms = TokenTerms::at_most(Amount::usd("1")).with_reason("Now and Forever");
        world.shop.begin_token(&terms, name()).await.unwrap();
        if late {
            world.work_for(HOUR * 5).await;
            assert_eq!(world.token().await.state(), State::Expired);
        }
        world.approve_stored();
        if late {
            let query = world.shop.0.mark.put(world.shop.return_url(), &(&name()).into(), 1);
            world.shop.complete(query.query().unwrap()).await.unwrap();
        } else {
            world.work_for(HOUR).await;
        }
        assert_eq!(world.token().await.state(), State::TokenHeld, "late: {late}");
        world.script.answer(paid("T1"));
        assert_eq!(world.charge("1").await.unwrap().state(), State::Paid);
    }
}

#[tokio::test]
async fn a_single_use_token_is_not_taken_for_a_stored_one() {
    let world = World::new();
    let terms = TokenTerms::at_most(Amount::usd("1")).with_reason("Now and Forever");
    world.shop.begin_token(&terms, name()).await.unwrap();
    world.approve();
    *world.script.reference.lock().unwrap() = Some("sssss222-ann-t1".to_owned());
    let query = world.shop.0.mark.put(world.shop.return_url(), &(&name()).into(), 1);
    let taken = world.shop.complete(query.query().unwrap()).await;
    assert!(matches!(taken, Err(Error::NotOurs { .. })), "{taken:?}");
    world.work_for(HOUR).await;
    assert_eq!(world.token().await.state(), State::AwaitingBuyer);
}

#[tokio::test]
async fn a_token_ends_with_its_time() {
    let world = World::new();
    let token = held(&world, "1").await;
    let end = token.ends().unwrap();
    assert_eq!(end.since(world.clock.now()), HOUR * 24 * 365);
    world.clock.move_on(HOUR * 24 * 365);
    let over = world.charge("1").await;
    assert!(matches!(over, Err(Error::TokenRefused { source: TokenRefusal::Over { .. }, .. })), "{over:?}");
    world.work_for(HOUR).await;
    assert_eq!(world.token().await.state(), State::Expired);
    assert_eq!(world.heard_of_tokens(), ["token/ann-e1 Approved", "token/ann-e2 Expired"]);
    let over = world.charge("1").await;
    assert!(
        matches!(over, Err(Error::TokenRefused { source: TokenRefusal::NotHeld { .. }, .. })),
        "{over:?}"
    );
    assert!(world.script.sent().is_empty());
}

#[tokio::test]
async fn the_shop_takes_a_token_back_and_the_service_is_told_now_or_later() {
    for reachable in [true, false] {
        let world = World::new();
        held(&world, "1").await;
        world.script.cancels_fail.store(usize::from(!reachable), Ordering::SeqCst);
        let token = world.shop.cancel_token(&name()).await.unwrap();
        assert_eq!(token.state(), State::Cancelled);
        let done = || token.attempts()[0].approval == Approval::Discarded;
        assert_eq!(done(), reachable);
        if !reachable {
            let early = world.shop.forget_token(&name()).await;
            assert!(matches!(early, Err(Error::NotAtRest { .. })), "the service still has to hear of it");
        }
        world.work_for(HOUR).await;
        let token = world.shop.forget_token(&name()).await.unwrap();
        assert_eq!(token.attempts()[0].approval, Approval::Discarded);
        assert!(token.document().side(1).unwrap().token.is_none());
        assert!(matches!(world.charge("1").await, Err(Error::TokenRefused { .. })));
        assert_eq!(world.heard_of_tokens(), ["token/ann-e1 Approved", "token/ann-e2 Cancelled"]);
        // Asked for anew it counts from nothing.
        let terms = token.terms().clone();
        world.shop.begin_token(&terms, name()).await.unwrap();
        assert_eq!(world.token().await.attempts()[1].reference.as_str(), "sssss222-ann-t2");
    }
}

#[tokio::test]
async fn a_refusal_tells_that_the_buyer_took_the_token_back() {
    let world = World::new();
    held(&world, "1").await;
    world.script.token.lock().unwrap().as_mut().unwrap().is_active = false;
    world.script.answer(refused("TokenNotActive_Sender"));
    let order = world.charge("1").await.unwrap();
    assert_eq!(order.state(), State::Declined);
    let token = world.token().await;
    assert_eq!((token.state(), token.spent()), (State::Cancelled, Amount::ZERO));
    assert_eq!(world.heard_of_tokens(), ["token/ann-e1 Approved", "token/ann-e2 Cancelled"]);
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test]
async fn a_notice_of_cancellation_is_only_a_hint() {
    let world = World::new();
    held(&world, "1").await;
    let body = |token: &str, reference: &str| {
        format!("notificationType=TokenCancellation&tokenId={token}&callerReference={reference}")
    };
    for other in [
        body("TOKEN", "sssss222-eve-t1"),
        body("TOKEN", "sssss222-ann-t2"),
        body("TOKEN", "other-ann-t1"),
        body("NEKOT", "sssss222-ann-t1"),
        body("TOKEN", "sssss222-ann-a1"),
        body("TOKEN", "sssss222-ann-t1").replace("TokenC", "C"),
        "%".to_owned(),
    ] {
        let refused = world.shop.notice("", &other).await;
        assert!(matches!(refused, Err(Error::NotOurs { .. })), "{other}: {refused:?}");
    }
    let notice = body("TOKEN", "sssss222-ann-t1");
    // The service says otherwise.
    world.shop.notice("", &notice).await.unwrap();
    assert_eq!(world.token().await.state(), State::TokenHeld);
    *world.script.unreachable.lock().unwrap() = true;
    assert!(matches!(world.shop.notice("", &notice).await, Err(Error::Service(_))));
    *world.script.unreachable.lock().unwrap() = false;
    world.script.token.lock().unwrap().as_mut().unwrap().is_active = false;
    for _ in 0..2 {
        let of = world.shop.notice("", &notice).await.unwrap();
        assert_eq!(of, Subject::Token(name()));
        assert_eq!(world.token().await.state(), State::Cancelled);
    }
}

#[tokio::test]
async fn a_store_that_is_older_than_references_live_looks_before_it_charges() {
    let report = |transaction: &str| {
        let Answer::Accepted(report) = paid(transaction) else { unreachable!() };
        report
    };
    for (spent, found, sends) in [
        // The service counts what we do.
        (Some(Amount::ZERO), None, 1),
        // It counts more, or does not tell: then the account's activity tells.
        (Some(Amount::usd("0.10")), Some(report("T9")), 0),
        (Some(Amount::usd("0.10")), None, 1),
        (None, Some(report("T9")), 0),
        (None, None, 1),
    ] {
        let world = World::new();
        held(&world, "1").await;
        world.clock.move_on(HOUR * 24 * 7);
        *world.script.spent.lock().unwrap() = spent;
        *world.script.activity.lock().unwrap() = found;
        world.script.answer(paid("T1"));
        let order = world.charge("1").await.unwrap();
        let transaction = if sends == 1 { "T1" } else { "T9" };
        assert_eq!((order.state(), order.transaction().unwrap().as_str()), (State::Paid, transaction));
        assert_eq!(world.script.sent().len(), sends);
        assert_eq!(world.heard(), ["Paid"]);
    }
}

#[tokio::test]
async fn an_unreachable_service_stops_a_charge_that_needs_a_look_and_nothing_is_lost() {
    let world = World::new();
    held(&world, "1").await;
    world.clock.move_on(HOUR * 24 * 7);
    *world.script.unreachable.lock().unwrap() = true;
    assert!(matches!(world.charge("1").await, Err(Error::Service(_))));
    assert!(world.script.sent().is_empty());
    *world.script.unreachable.lock().unwrap() = false;
    *world.script.spent.lock().unwrap() = Some(Amount::ZERO);
    world.script.answer(paid("T1"));
    assert_eq!(world.charge("1").await.unwrap().state(), State::Paid);
}

#[tokio::test]
async fn a_reference_used_with_other_parameters_is_looked_for() {
    for found in [true, false] {
        let world = World::new();
        held(&world, "1").await;
        if found {
            let Answer::Accepted(report) = paid("T9") else { unreachable!() };
            *world.script.activity.lock().unwrap() = Some(report);
        }
        world.script.answer(Answer::Spent { code: "DuplicateRequest".to_owned(), request: None });
        world.charge("1").await.unwrap();
        world.work_for(Duration::from_secs(60)).await;
        let state = world.shop.status(&id("1")).await.unwrap();
        assert_eq!(state, if found { State::Paid } else { State::Review });
        assert_eq!(world.script.sent().len(), 1);
        assert_eq!(
            world.token().await.spent(),
            Amount::usd("0.10"),
            "what a person decides counts until then"
        );
    }
}

#[tokio::test]
async fn six_days_of_silence_are_looked_into_before_a_person_is_asked() {
    for found in [true, false] {
        let world = World::new();
        held(&world, "1").await;
        world.charge("1").await.unwrap();
        world.clock.move_on(HOUR * 24 * 6 + HOUR);
        if found {
            let Answer::Accepted(report) = paid("T9") else { unreachable!() };
            *world.script.activity.lock().unwrap() = Some(report);
        }
        world.work_for(HOUR).await;
        let state = world.shop.status(&id("1")).await.unwrap();
        assert_eq!(state, if found { State::Paid } else { State::Review });
    }
}

#[tokio::test]
async fn a_person_is_asked_after_seven_days_though_the_activity_cannot_be() {
    let world = World::new();
    held(&world, "1").await;
    world.charge("1").await.unwrap();
    *world.script.unreachable.lock().unwrap() = true;
    for (hours, state) in [(6 * 24 + 1, State::Charging), (24, State::Review)] {
        world.clock.move_on(HOUR * hours);
        world.work_for(HOUR).await;
        assert_eq!(world.shop.status(&id("1")).await.unwrap(), state);
    }
    assert_eq!(world.script.sent().len(), 1);
}
