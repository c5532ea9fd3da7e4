//! What comes back to the return address and is not the service's word about our own order.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use fps_checkout::fps_core::pipeline::SingleUse;
use fps_checkout::fps_core::url::Url;
use fps_checkout::fps_core::{CallerReference, Pairs};
use fps_checkout::{Amount, Checkout as _, Error, State};
use fps_sandbox::{Page, people};
use fps_tests::{NOW_AND_FOREVER, Song, VERSIONS, World, tampered};

#[tokio::test(start_paused = true)]
async fn a_return_with_anything_changed_is_refused_and_the_order_stays_as_it_was() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let (mine, other) = (world.begin().await, world.begin().await);
        let back = world.john_pays(mine.link()).await;
        let others_back = world.john_pays(other.link()).await;
        let before = world.order(mine.order().id()).await;
        let others_before = world.order(other.order().id()).await;

        let mut tampered = tampered(query(&back), query(&others_back));
        if world.is_first() {
            // What is signed is the decoded parameters in their order, so that moving one changes nothing.
            tampered.retain(|tampered| meaning(&tampered.query) != meaning(query(&back)));
        }
        assert!(tampered.len() > if world.is_first() { 200 } else { 500 }, "only {}", tampered.len());
        for tampered in tampered {
            let refused = world.shop.complete(&tampered.query).await;
            assert!(matches!(refused, Err(Error::NotOurs { .. })), "{}: {refused:?}", tampered.how);
        }
        assert_eq!(world.order(mine.order().id()).await, before);
        assert_eq!(world.order(other.order().id()).await, others_before);
        assert_eq!(world.sandbox.faults().calls("Pay"), 0);
        assert!(world.told.news().is_empty(), "{:?}", world.told);

        // The genuine one is as good as ever.
        world.come_back(&back).await.unwrap();
        world.assert_paid_once(mine.order().id()).await;
        assert_eq!(world.order(other.order().id()).await, others_before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_genuine_return_of_another_caller_with_our_reference_and_address_is_refused() {
    for version in VERSIONS {
        let cheap = Song { price: Amount::usd("0.01"), ..NOW_AND_FOREVER };
        for product in [NOW_AND_FOREVER, cheap] {
            let world = World::of(version).await;
            let begun = world.begin().await;
            let before = world.order(begun.order().id()).await;
            let back = world.john_pays(&mallorys_link(&world, begun.link(), &product)).await;
            assert!(query(&back).contains("tokenID="), "Mallory's own pages did not end well: {back}");
            let refused = world.come_back(&back).await;
            assert!(matches!(refused, Err(Error::NotOurs { .. })), "{refused:?}");
            assert_eq!(world.order(begun.order().id()).await, before);
            world.assert_unpaid(begun.order().id(), State::AwaitingBuyer).await;
        }
    }
}

/// A cancelled return names no token that could be looked up, so it is taken for the buyer's own; but nothing is lost by it.
#[tokio::test(start_paused = true)]
async fn another_callers_cancelled_return_does_not_stop_the_genuine_approval() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let genuine = world.john_pays(begun.link()).await;
        let back =
            world.cancel_on(Page::Confirm, &mallorys_link(&world, begun.link(), &NOW_AND_FOREVER)).await;
        let _ = world.come_back(&back).await;
        world.come_back(&genuine).await.unwrap();
        world.work_to_the_end().await;
        world.assert_paid_once(begun.order().id()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_genuine_return_of_one_order_completes_no_other() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let (mine, other) = (world.begin().await, world.begin().await);
        let back = world.john_pays(other.link()).await;
        world.come_back(&back).await.unwrap();
        assert_eq!(world.order(mine.order().id()).await.state(), State::AwaitingBuyer);
        world.assert_paid_once(other.order().id()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_genuine_return_of_a_shop_with_another_store_is_unknown_here() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let elsewhere = World::of(version).await;
        let begun = elsewhere.begin().await;
        let back = elsewhere.john_pays(begun.link()).await;
        let refused = world.come_back(&back).await;
        assert!(matches!(refused, Err(Error::UnknownOrder { .. } | Error::NotOurs { .. })), "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_of_the_service_without_our_own_mark() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let back = world.john_pays(begun.link()).await;
        let without: Vec<&str> = query(&back).split('&').filter(|pair| !pair.starts_with("fps=")).collect();
        let long = format!("{}&x={}", query(&back), "x".repeat(9000));
        for hopeless in
            ["", "fps=order-1.AAAA", &without.join("&"), &long, "%ff=%00&&&==", "tokenID=1&status=SA"]
        {
            let refused = world.shop.complete(hopeless).await;
            assert!(matches!(refused, Err(Error::NotOurs { .. })), "{hopeless}: {refused:?}");
        }
        assert_eq!(world.sandbox.faults().calls("VerifySignature"), 0);
    }
}

/// A link of Mallory's own, with the reference and the return address of ours.
fn mallorys_link(world: &World, ours: &Url, product: &Song) -> Url {
    let ours = |name: &str| {
        let found = ours.query_pairs().find(|(found, _)| found == name);
        found.unwrap_or_else(|| panic!("the link has no {name}")).1.into_owned()
    };
    let reference = CallerReference::new(ours("callerReference")).unwrap();
    let return_url = ours("returnURL").parse().unwrap();
    let link = SingleUse::new(reference, &product.parameters().unwrap(), return_url)
        .link_in(world.version, &people::mallory_credentials(), &world.sandbox.endpoint())
        .unwrap();
    link.url().clone()
}

fn query(back: &Url) -> &str {
    back.query().unwrap_or_default()
}

/// The parameters as they are signed in 2007-01-08; a space in a signature is a `+` that somebody decoded.
fn meaning(query: &str) -> Option<Vec<(String, String)>> {
    let pairs = Pairs::decode(query).ok()?;
    let mut pairs: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| match name {
            "awsSignature" => (name.to_owned(), value.replace(' ', "+")),
            _ => (name.to_owned(), value.to_owned()),
        })
        .collect();
    pairs.sort();
    Some(pairs)
}
