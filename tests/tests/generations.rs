//! What differs between the generations of the protocol, in the shop.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::time::Duration;

use fps_checkout::fps_core::checkout::{Charge, Charges, PaymentMethod};
use fps_checkout::fps_core::{PipelineParameters, Timestamp};
use fps_checkout::order::Kind;
use fps_checkout::{
    Amount, Checkout, CheckoutError, Completed, Error, OrderId, PayTerms, RefundId, State, Version, web,
};
use fps_sandbox::{Fault, people};
use fps_tests::{NOW_AND_FOREVER, World};

const FIRST: Version = Version::V2007_01_08;

#[tokio::test(start_paused = true)]
async fn an_order_is_finished_in_the_version_it_began_with() {
    for (old, new) in [(FIRST, Version::V2010_08_28), (Version::V2010_08_28, FIRST)] {
        let world = World::of(old).await;
        let begun = world.begin().await;
        let lost = world.begin().await;
        let back = world.john_pays(begun.link()).await;
        world.john_pays(lost.link()).await;

        // The shop moves to the other version while the buyers are at the pages.
        let moved = world.shop_in(new).await;
        let completed = moved.complete(back.query().unwrap()).await.unwrap();
        assert_eq!(completed.order().unwrap().state(), State::Paid, "{old} to {new}: {completed:?}");
        let again = moved.begin(&NOW_AND_FOREVER, lost.order().id().clone()).await.unwrap();
        assert_eq!(again.link(), lost.link(), "{old} to {new}");
        for _ in 0..40 {
            world.sandbox.clock().advance(Duration::from_secs(60));
            moved.work_once().await.unwrap();
        }
        let found = moved.order(lost.order().id()).await.unwrap();
        assert_eq!((found.state(), found.api()), (State::Paid, old));

        let fresh = moved.begin(&NOW_AND_FOREVER, world.next_id()).await.unwrap();
        assert_eq!(fresh.order().api(), new);
        let back = world.john_pays(fresh.link()).await;
        let completed = moved.complete(back.query().unwrap()).await.unwrap();
        assert_eq!(completed.order().unwrap().state(), State::Paid, "{new}: {completed:?}");
        assert_eq!(world.sandbox.ledger().charges(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn the_shops_own_tokens_are_installed_once_whatever_is_lost() {
    for fault in [Fault::LoseRequest, Fault::LoseAnswer, Fault::CutAnswer, Fault::Duplicate, Fault::FailAfter]
    {
        let world = World::of(Version::V2010_08_28).await;
        world.sandbox.faults().on("InstallPaymentInstruction", 1, fault);
        let shop = world.shop_in(FIRST).await;
        let tokens = shop.install_tokens().await.unwrap();
        assert_eq!(world.shop_in(FIRST).await.install_tokens().await.unwrap(), tokens, "{fault:?}");
        let installed = world.sandbox.ledger().tokens().filter(|token| token.instruction.is_some()).count();
        assert_eq!(installed, 3, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn orders_of_2007_need_the_shops_own_tokens() {
    let world = World::of(Version::V2010_08_28).await;
    let shop = fps_checkout::Shop::builder()
        .credentials(people::shop_credentials())
        .endpoint(world.sandbox.endpoint())
        .http(world.sandbox.http())
        .storage_url("memory:")
        .public_url("https://digitaldownload.example/".parse().unwrap())
        .version(FIRST)
        .open()
        .await
        .unwrap();
    let refused = shop.begin(&NOW_AND_FOREVER, world.next_id()).await;
    assert!(matches!(refused, Err(Error::TokensNotInstalled)), "{refused:?}");
    let timed =
        shop.begin(&NOW_AND_FOREVER, world.next_id()).terms(PayTerms::new().with_timeout_in_mins(5u32));
    assert!(matches!(timed.await, Err(Error::NotInVersion { parameter: "TransactionTimeoutInMins", .. })));
}

#[tokio::test(start_paused = true)]
async fn there_are_no_notices_in_2007() {
    let world = World::of(FIRST).await;
    let begun = world.begin().await;
    let back = world.john_pays(begun.link()).await;
    let mark = back.query().unwrap().split('&').find(|pair| pair.starts_with("fps=")).unwrap();
    let refused = world.shop.notice(mark, "status=SUCCESS").await.unwrap_err();
    assert!(matches!(refused, Error::NotOurs { .. }), "{refused:?}");
    assert!(refused.to_string().contains("2007-01-08 have no notices"), "{refused}");
    world.assert_unpaid(begun.order().id(), State::AwaitingBuyer).await;
    let answer = web::answer_notice(&world.shop, mark.to_owned(), "status=SUCCESS".to_owned()).await;
    assert_eq!(answer.status(), 400);
    assert!(answer.body().contains("2007-01-08 have no notices"), "{}", answer.body());
}

/// Yesterday's store waits for a buyer whose money has moved: whether his return comes again or never, it moves no more.
#[tokio::test(start_paused = true)]
async fn a_restored_store_finds_its_payment_again() {
    for (version, comes_again) in [FIRST, Version::V2010_08_28]
        .into_iter()
        .zip([true, false])
        .chain([(FIRST, false), (Version::V2010_08_28, true)])
    {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let back = world.john_pays(begun.link()).await;
        let yesterday = world.copy_store().await;
        world.come_back(&back).await.unwrap();
        world.assert_paid_once(begun.order().id()).await;

        let restored = world.shop_on(version, yesterday).await;
        if comes_again {
            restored.complete(back.query().unwrap()).await.unwrap();
        }
        for _ in 0..90 {
            world.sandbox.clock().advance(Duration::from_secs(60));
            restored.work_once().await.unwrap();
        }
        let order = restored.order(begun.order().id()).await.unwrap();
        let case = format!("{version}, the return comes again: {comes_again}");
        assert_eq!(order.state(), State::Paid, "{case}: {:#?}", order.journal());
        assert_eq!(order.transaction(), world.order(begun.order().id()).await.transaction(), "{case}");
        assert_eq!(world.sandbox.ledger().charges(), 1, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reservation_of_2007_is_settled() {
    let world = World::of(FIRST).await;
    let id = reserved(&world).await;
    world.shop.settle(&id, Some(Amount::usd("6.00"))).await.unwrap();
    world.work_to_the_end().await;
    let order = world.order(&id).await;
    assert_eq!((order.state(), order.machine().paid()), (State::Paid, Amount::usd("6.00")), "{order:#?}");
    assert_eq!(world.sandbox.ledger().sum(), 0);
    assert_books_agree(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_reservation_of_2007_cannot_be_cancelled_and_lapses() {
    let world = World::of(FIRST).await;
    let id = reserved(&world).await;
    let refused = world.shop.cancel(&id).await.unwrap_err();
    assert!(matches!(refused, Error::LapsesOnly { .. }), "{refused:?}");
    assert!(refused.to_string().contains("lapses on its seventh day"), "{refused}");
    world.work_to_the_end().await;
    let order = world.order(&id).await;
    assert_eq!(order.state(), State::Cancelled, "{:#?}", order.journal());
    assert_eq!(world.told.news(), ["Approved", "Pending", "Reserved", "Cancelled"]);
    assert_eq!(world.sandbox.faults().calls("Cancel"), 0);
    assert_books_agree(&world).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_declined_for_now_is_tried_again_and_paid_once() {
    for (method, lost) in [
        (PaymentMethod::Abt, None),
        (PaymentMethod::Cc, None),
        (PaymentMethod::Abt, Some(Fault::LoseRequest)),
        (PaymentMethod::Abt, Some(Fault::LoseAnswer)),
        (PaymentMethod::Abt, Some(Fault::Duplicate)),
        (PaymentMethod::Cc, Some(Fault::FailAfter)),
    ] {
        let world = World::of(FIRST).await;
        let begun = world.begin().await;
        let back = world.pays(people::JOHN, "john", Some(method), begun.link()).await;
        world.sandbox.faults().on("Pay", 1, Fault::TemporaryDecline);
        if let Some(lost) = &lost {
            world.sandbox.faults().on("RetryTransaction", 1, *lost);
        }
        let completed = world.come_back(&back).await.unwrap();
        assert_eq!(completed.order().unwrap().state(), State::Pending, "{method:?} {lost:?}");
        world.work_to_the_end().await;
        let order = world.order(begun.order().id()).await;
        assert_eq!(order.state(), State::Paid, "{method:?} {lost:?}: {:#?}", order.journal());
        assert_eq!(world.told.news(), ["Approved", "Pending", "Paid"], "{method:?} {lost:?}");
        assert_eq!(world.sandbox.ledger().charges(), 1);
        assert!(order.machine().operations().iter().any(|one| one.kind == Kind::Retry));
        assert_books_agree(&world).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_refund_of_2007_is_paid_by_the_shops_refund_token() {
    let world = World::of(FIRST).await;
    let begun = world.begin().await;
    let back = world.john_pays(begun.link()).await;
    world.come_back(&back).await.unwrap();
    let id = begun.order().id();
    for (name, amount) in [("first", "0.04"), ("second", "0.06")] {
        let amount: Amount = amount.parse().unwrap();
        world.sandbox.faults().on_next("Refund", Fault::LoseAnswer);
        world.shop.refund(id, RefundId::new(name).unwrap(), Some(amount)).await.unwrap();
        world.work_for(Duration::from_secs(3600)).await;
    }
    assert_eq!(world.order(id).await.machine().refunded(), Amount::usd("0.10"));
    assert_eq!(world.balance(people::JOHN), Amount::usd("100"));
    assert_eq!(world.told.news(), ["Approved", "Paid", "Refunded", "Refunded"]);
}

/// The date of the caller is a business parameter: a repeat with another one would be another request.
#[tokio::test(start_paused = true)]
async fn a_repeated_pay_of_2007_carries_the_date_of_its_plan() {
    let world = World::of(FIRST).await;
    let begun = world.begin().await;
    let back = world.john_pays(begun.link()).await;
    // Longer than the client itself tries.
    for call in 1..=5 {
        world.sandbox.faults().on("Pay", call, Fault::LoseAnswer);
    }
    let completed = world.come_back(&back).await.unwrap();
    assert_eq!(completed.order().unwrap().state(), State::Charging);
    let planned: Timestamp = completed.order().unwrap().charge().unwrap().planned_at;
    world.work_to_the_end().await;
    world.assert_paid_once(begun.order().id()).await;
    assert!(world.sandbox.faults().calls("Pay") > 3);
    let ledger = world.sandbox.ledger();
    assert_eq!(ledger.transactions().next().unwrap().caller_date.unix_seconds(), planned.unix_seconds());
}

/// The account's activity, a row for each event, tells the same as the orders.
async fn assert_books_agree(world: &World) {
    let since = "2010-10-06T00:00:00Z".parse().unwrap();
    let found = world.shop.reconcile(since, None).await.unwrap();
    assert!(found.findings.is_empty() && found.agreed == 1 && found.transactions == 1, "{found:#?}");
}

/// Ten dollars by John's card, held.
async fn reserved(world: &World) -> OrderId {
    let id = world.next_id();
    let begun = world.shop.begin(&Chair, id.clone()).await.unwrap();
    let back = world.pays(people::JOHN, "john", Some(PaymentMethod::Cc), begun.link()).await;
    let completed = world.come_back(&back).await.unwrap();
    assert!(matches!(completed, Completed::Known(_)));
    world.work_for(Duration::from_secs(120)).await;
    assert_eq!(world.order(&id).await.state(), State::Reserved);
    id
}

struct Chair;

impl Checkout for Chair {
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, Amount::usd("10.00"))?;
        Ok(PipelineParameters::new(charges)?.with_payment_reason("A chair").with_reserve(true))
    }
}
