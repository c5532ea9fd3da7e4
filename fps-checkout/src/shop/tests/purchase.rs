//! The usual day: a purchase, its repeats, and buyers who close the browser.

use super::*;

#[tokio::test]
async fn a_purchase_takes_four_commits() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let completed = world.shop.complete(&query).await.unwrap();
    assert_eq!(completed.order().unwrap().state(), State::Paid);
    assert_eq!(world.heard(), ["Approved", "Paid"]);
    assert_eq!(world.store.commits.load(Ordering::SeqCst), 4);
    assert!(completed.order().unwrap().outbox().is_empty() && completed.order().unwrap().due().is_none());
    let sent = world.script.sent.lock().unwrap().clone();
    assert_eq!(sent, [(Kind::Pay, Some("sssss222-1-a1-pay".to_owned()))]);
}

#[tokio::test]
async fn the_same_return_again_changes_nothing() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let first = world.shop.complete(&query).await.unwrap();
    let again = world.shop.complete(&query).await.unwrap();
    assert_eq!(again.order(), first.order());
    // The same answer in other bytes is verified, and changes nothing either.
    let other = world.shop.complete(&format!("{query}&")).await.unwrap();
    assert_eq!(other.order(), first.order());
    assert_eq!((world.script.sent().len(), world.heard().len()), (1, 2));
}

#[tokio::test]
async fn two_tabs_at_once_pay_once() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let (one, two) = tokio::join!(world.shop.complete(&query), world.shop.complete(&query));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(world.state().await, State::Paid);
    assert_eq!(world.script.sent(), [Kind::Pay]);
}

#[tokio::test]
async fn a_double_click_is_one_order_with_one_link() {
    let world = World::new();
    assert_eq!(world.begin().await, world.begin().await);
    assert_eq!(world.store.commits.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_unreachable_service_is_asked_by_the_worker() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    *world.script.unreachable.lock().unwrap() = true;
    let completed = world.shop.complete(&query).await.unwrap();
    assert!(matches!(completed, Completed::Checking(_)));
    assert_eq!(world.state().await, State::AwaitingBuyer);
    world.work_for(HOUR).await;
    *world.script.unreachable.lock().unwrap() = false;
    world.script.answer(accepted(Outcome::Success));
    world.work_for(HOUR).await;
    assert_eq!(world.state().await, State::Paid);
    assert_eq!(world.heard(), ["Approved", "Paid"]);
}

#[tokio::test]
async fn a_closed_browser_is_found_or_expires() {
    for approves in [true, false] {
        let world = World::new();
        world.begin().await;
        if approves {
            world.approve();
            world.script.answer(accepted(Outcome::Success));
        }
        world.work_for(HOUR * 5).await;
        let (state, heard) = if approves {
            (State::Paid, vec!["Approved", "Paid"])
        } else {
            (State::Expired, vec!["Expired"])
        };
        assert_eq!((world.state().await, world.heard()), (state, heard));
    }
}
