//! A stored token on a real store, each step in a process that opens the store anew.

use std::sync::Arc;
use std::time::Duration;

use fps_checkout::order::TokenRefusal;
use fps_checkout::storage::Storage;
use fps_checkout::{Amount, Error, OrderId, Shop, State, TokenName, TokenTerms, Version};
use fps_sandbox::{Fault, people};

use crate::{NOW_AND_FOREVER, World};

/// John stores a token for two songs, is charged for both and not for a third, and the shop cancels the token: whatever a process
/// knew, the next one knows from the store alone.
///
/// # Panics
///
/// If it is not so.
pub async fn a_stored_token_outlives_its_processes(
    version: Version,
    store: impl AsyncFn() -> Arc<dyn Storage>,
) {
    let world = World::with_storage(version, store().await).await;
    let next = async || world.shop_on(version, store().await).await;
    let terms = TokenTerms::at_most(Amount::usd("0.20")).with_reason("Two songs");
    let begun = world.shop.begin_token(&terms, john()).await.expect("the token begins");
    let again = next().await.begin_token(&terms, john()).await.expect("the token begins again");
    assert_eq!(begun.link(), again.link(), "{version}");

    let back = world.john_pays(begun.link()).await;
    let stored = next().await.complete(back.query().unwrap_or_default()).await.expect("it is a return");
    assert_eq!(stored.token().map(|token| token.state()), Some(State::TokenHeld), "{version}");

    // The process ends before it hears of the first payment.
    world.sandbox.faults().always("Pay", Fault::LoseAnswer);
    assert_eq!(charge(&next().await, "1").await.expect("it is charged"), State::Charging, "{version}");
    world.sandbox.faults().clear();
    let worker = next().await;
    for _ in 0..60 {
        worker.work_once().await.expect("the worker reaches the store");
        world.sandbox.clock().advance(Duration::from_secs(60));
    }
    for order in ["1", "2", "1"] {
        assert_eq!(charge(&next().await, order).await.expect("it is charged"), State::Paid, "{version}");
    }
    let refused = charge(&next().await, "3").await;
    let over = |source: &TokenRefusal| matches!(source, TokenRefusal::Amount { .. });
    assert!(matches!(&refused, Err(Error::TokenRefused { source, .. }) if over(source)), "{refused:?}");

    let token = next().await.token(&john()).await.expect("the token is there");
    assert_eq!((token.spent(), token.payments()), (Amount::usd("0.20"), 2), "{version}");
    let cancelled = next().await.cancel_token(&john()).await.expect("the token is cancelled");
    assert_eq!(cancelled.state(), State::Cancelled, "{version}");
    let last = next().await;
    let refused = charge(&last, "4").await;
    let gone = |source: &TokenRefusal| *source == TokenRefusal::NotHeld { state: State::Cancelled };
    assert!(matches!(&refused, Err(Error::TokenRefused { source, .. }) if gone(source)), "{refused:?}");
    let mut tokens = last.walk_tokens(Some(State::Cancelled));
    let found = tokens.next().await.expect("the tokens can be listed").map(|token| token.name().clone());
    assert_eq!(found, Some(john()), "{version}");
    assert!(tokens.next().await.expect("the tokens can be listed").is_none(), "{version}");

    let ledger = world.sandbox.ledger();
    assert_eq!(ledger.charges(), 2, "{version}");
    assert_eq!(world.balance(people::JOHN), Amount::usd("99.80"), "{version}");
    assert!(
        ledger.tokens().all(|token| token.cancelled || !token.reference.as_str().ends_with("-john-t1")),
        "{version}"
    );
}

async fn charge(shop: &Shop, order: &str) -> Result<State, Error> {
    let order = OrderId::new(order).expect("a plain name");
    Ok(shop.charge_token(&john(), &NOW_AND_FOREVER, order).await?.state())
}

fn john() -> TokenName {
    TokenName::new("john").expect("a plain name")
}
