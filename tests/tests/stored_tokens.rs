//! A buyer approves once, and the shop charges as often as the limits allow: against the whole service, in both versions.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fps_checkout::fps_core::PipelineParameters;
use fps_checkout::fps_core::checkout::{Charge, Charges, PaymentMethod};
use fps_checkout::fps_core::client::{HttpSend, SendError};
use fps_checkout::fps_core::http;
use fps_checkout::fps_core::pipeline::{AmountType, Period, UsageLimit};
use fps_checkout::order::{Subject, TokenRefusal};
use fps_checkout::registry::Registry;
use fps_checkout::storage::Namespace;
use fps_checkout::{
    Amount, Checkout, CheckoutError, Error, OrderId, RefundId, Shop, State, TokenName, TokenTerms,
    async_trait, web,
};
use fps_sandbox::ledger::Account;
use fps_sandbox::notices::NoticeState;
use fps_sandbox::{Fault, Page, people};
use fps_tests::{NOW_AND_FOREVER, Song, VERSIONS, World, a_stored_token_outlives_its_processes, take_back};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn john() -> TokenName {
    TokenName::new("john").unwrap()
}

fn id(text: &str) -> OrderId {
    OrderId::new(text).unwrap()
}

fn terms(limit: Amount) -> TokenTerms {
    TokenTerms::at_most(limit).with_reason("Songs, whenever John likes one")
}

/// A world in which John has approved.
async fn approved(world: &World, terms: &TokenTerms) {
    let begun = world.shop.begin_token(terms, john()).await.unwrap();
    let back = world.john_pays(begun.link()).await;
    let completed = world.come_back(&back).await.unwrap();
    assert_eq!(completed.token().unwrap().state(), State::TokenHeld, "{completed:?}");
    assert_eq!(completed.subject(), Subject::Token(john()));
}

async fn charge(world: &World, order: &str) -> Result<State, Error> {
    Ok(world.shop.charge_token(&john(), &NOW_AND_FOREVER, id(order)).await?.state())
}

fn refusal(charged: Result<State, Error>) -> TokenRefusal {
    match charged {
        Err(Error::TokenRefused { source, .. }) => source,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn one_approval_pays_many_orders_each_once() {
    for version in VERSIONS {
        let world = World::of(version).await;
        approved(&world, &terms(Amount::usd("5"))).await;
        for order in ["1", "2", "3"] {
            for _ in 0..2 {
                assert_eq!(charge(&world, order).await.unwrap(), State::Paid, "{version}");
            }
        }
        assert_eq!(world.balance(people::JOHN), Amount::usd("99.70"), "{version}");
        assert_eq!(world.sandbox.ledger().charges(), 3, "{version}");
        assert_eq!(world.told.news(), ["Paid", "Paid", "Paid"], "{version}");
        // Each is an order like any other.
        world.shop.refund(&id("2"), RefundId::new("r").unwrap(), None).await.unwrap();
        world.work_for(DAY).await;
        assert_eq!(world.balance(people::JOHN), Amount::usd("99.80"), "{version}");
        let order = world.order(&id("1")).await;
        assert_eq!(order.product().token(), Some(&john()), "{version}");
        let found = world.shop.reconcile(order.journal()[0].at.before(DAY), None).await.unwrap();
        assert!(found.agreed >= 3 && found.findings.is_empty(), "{version}: {found:?}");
        let token = world.shop.token(&john()).await.unwrap();
        assert_eq!((token.spent(), token.payments()), (Amount::usd("0.30"), 3), "{version}");
        assert_eq!(token.due(), token.ends(), "{version}: only its end is still to come");
    }
}

#[tokio::test(start_paused = true)]
async fn the_limits_are_kept_before_anything_is_sent_and_the_service_agrees() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let terms = terms(Amount::usd("0.45"))
            .with_each(Amount::usd("0.20"), AmountType::Maximum)
            .with_usage_limit(UsageLimit::count(2).per(Period::days(1)))
            .with_usage_limit(UsageLimit::amount(Amount::usd("0.30")).per(Period::days(2)));
        approved(&world, &terms).await;
        let dear = Song { price: Amount::usd("0.21"), ..NOW_AND_FOREVER };
        let refused = world.shop.charge_token(&john(), &dear, id("dear")).await.map(|order| order.state());
        assert_eq!(refusal(refused).to_string(), "each payment is Maximum 0.20, and 0.21 is asked for");
        for order in ["1", "2"] {
            assert_eq!(charge(&world, order).await.unwrap(), State::Paid, "{version}");
        }
        assert_eq!(
            refusal(charge(&world, "3").await).to_string(),
            "2 payments allowed per 1 day, and 2 made"
        );
        world.sandbox.clock().advance(DAY);
        assert_eq!(charge(&world, "3").await.unwrap(), State::Paid, "{version}");
        assert_eq!(
            refusal(charge(&world, "4").await).to_string(),
            "0.30 may be paid per 2 days, 0.30 are spent, and 0.10 more are asked for"
        );
        world.sandbox.clock().advance(DAY);
        assert_eq!(charge(&world, "4").await.unwrap(), State::Paid, "{version}");
        assert_eq!(
            refusal(charge(&world, "5").await).to_string(),
            "0.45 may be paid in all, 0.40 are spent, and 0.10 more are asked for"
        );
        assert_eq!(world.sandbox.ledger().charges(), 4, "{version}");
    }
}

/// Another process of the same caller, without our store, has used the token.
#[tokio::test(start_paused = true)]
async fn what_the_service_refuses_by_its_own_count_is_declined_with_the_reason() {
    for version in VERSIONS {
        let world = World::of(version).await;
        approved(&world, &terms(Amount::usd("0.15"))).await;
        let other = world.shop_on(version, world.copy_store().await).await;
        other.charge_token(&john(), &NOW_AND_FOREVER, id("theirs")).await.unwrap();
        let order = world.shop.charge_token(&john(), &NOW_AND_FOREVER, id("ours")).await.unwrap();
        assert_eq!(order.state(), State::Declined, "{version}");
        assert_eq!(world.told.news(), ["Paid", "Declined (TokenUsageError)"], "{version}");
        assert_eq!(world.sandbox.ledger().charges(), 1, "{version}");
        assert_eq!(world.shop.token(&john()).await.unwrap().spent(), Amount::ZERO, "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_return_is_found_by_the_worker_and_a_forged_or_changed_one_is_not_believed() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.shop.begin_token(&terms(Amount::usd("5")), john()).await.unwrap();
        let back = world.john_pays(begun.link()).await;
        let changed = back.query().unwrap().replace("status=SA", "status=A");
        assert!(matches!(world.shop.complete(&changed).await, Err(Error::NotOurs { .. })), "{version}");
        assert_eq!(world.shop.token(&john()).await.unwrap().state(), State::AwaitingBuyer, "{version}");
        world.work_for(Duration::from_secs(15 * 60)).await;
        assert_eq!(world.shop.token(&john()).await.unwrap().state(), State::TokenHeld, "{version}");
        // His browser comes back after all.
        world.come_back(&back).await.unwrap();
        assert_eq!(charge(&world, "1").await.unwrap(), State::Paid, "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_buyer_who_leaves_may_be_asked_anew() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.shop.begin_token(&terms(Amount::usd("5")), john()).await.unwrap();
        let back = world.cancel_on(Page::Confirm, begun.link()).await;
        let completed = world.come_back(&back).await.unwrap();
        assert_eq!(completed.token().unwrap().state(), State::Abandoned, "{version}");
        assert!(matches!(refusal(charge(&world, "1").await), TokenRefusal::NotHeld { .. }), "{version}");
        approved(&world, &terms(Amount::usd("5"))).await;
        assert_eq!(charge(&world, "1").await.unwrap(), State::Paid, "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_is_asked_for_again_under_the_same_reference() {
    for version in VERSIONS {
        for fault in
            [Fault::LoseRequest, Fault::LoseAnswer, Fault::CutAnswer, Fault::Duplicate, Fault::FailAfter]
        {
            let world = World::of(version).await;
            approved(&world, &terms(Amount::usd("5"))).await;
            world.sandbox.faults().on("Pay", 1, fault);
            charge(&world, "1").await.unwrap();
            world.work_for(Duration::from_secs(3600)).await;
            assert_eq!(world.order(&id("1")).await.state(), State::Paid, "{version} {fault:?}");
            assert_eq!(charge(&world, "2").await.unwrap(), State::Paid, "{version} {fault:?}");
            assert_eq!(world.sandbox.ledger().charges(), 2, "{version} {fault:?}");
            assert_eq!(world.balance(people::JOHN), Amount::usd("99.80"), "{version} {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_shop_takes_the_token_back() {
    for version in VERSIONS {
        let world = World::of(version).await;
        approved(&world, &terms(Amount::usd("5"))).await;
        charge(&world, "1").await.unwrap();
        assert_eq!(world.shop.cancel_token(&john()).await.unwrap().state(), State::Cancelled, "{version}");
        assert!(world.sandbox.ledger().tokens().any(|token| token.cancelled), "{version}");
        assert!(matches!(refusal(charge(&world, "2").await), TokenRefusal::NotHeld { .. }), "{version}");
        // Once more it is fine, and what was paid stays so.
        world.shop.cancel_token(&john()).await.unwrap();
        assert_eq!(charge(&world, "1").await.unwrap(), State::Paid, "{version}");
        let forgotten = world.shop.forget_token(&john()).await.unwrap();
        assert_eq!(forgotten.state(), State::Cancelled, "{version}");
        // Asked for anew, its limits count from nothing.
        approved(&world, &terms(Amount::usd("5"))).await;
        assert_eq!(world.shop.token(&john()).await.unwrap().spent(), Amount::ZERO, "{version}");
        assert_eq!(charge(&world, "2").await.unwrap(), State::Paid, "{version}");
    }
}

/// John cancels the token on his account's page.
async fn john_takes_it_back(world: &World) {
    let ledger = world.sandbox.ledger();
    let token = ledger.tokens().find(|token| token.reference.as_str().ends_with("-john-t1")).unwrap();
    let (http, service) = (world.sandbox.http(), world.sandbox.url());
    assert!(take_back(&http, &service, people::JOHN, "john", &token.id).await);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_buyer_took_back_pays_nothing_and_the_shop_learns_of_it() {
    for version in VERSIONS {
        let world = World::of(version).await;
        approved(&world, &terms(Amount::usd("5"))).await;
        john_takes_it_back(&world).await;
        assert_eq!(charge(&world, "1").await.unwrap(), State::Declined, "{version}");
        assert_eq!(world.shop.token(&john()).await.unwrap().state(), State::Cancelled, "{version}");
        assert_eq!(world.balance(people::JOHN), Amount::usd("100"), "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_payment_by_a_token_comes_to_its_end_like_any_other() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.shop.begin_token(&terms(Amount::usd("5")), john()).await.unwrap();
        let back = world.pays(people::JOHN, "john", Some(PaymentMethod::Cc), begun.link()).await;
        world.come_back(&back).await.unwrap();
        let token = world.shop.token(&john()).await.unwrap();
        assert_eq!(token.method(), Some(PaymentMethod::Cc), "{version}");
        assert_eq!(charge(&world, "1").await.unwrap(), State::Pending, "{version}");
        world.work_for(DAY).await;
        assert_eq!(world.order(&id("1")).await.state(), State::Paid, "{version}");
    }
}

/// A reservation by a token is settled like any other, and the token counts what was taken.
#[tokio::test(start_paused = true)]
async fn a_token_reserves_what_is_settled_later() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.shop.begin_token(&terms(Amount::usd("5")), john()).await.unwrap();
        let back = world.pays(people::JOHN, "john", Some(PaymentMethod::Cc), begun.link()).await;
        world.come_back(&back).await.unwrap();
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, Amount::usd("2")).unwrap();
        let poster = Reserved(PipelineParameters::new(charges).unwrap().with_reserve(true));
        world.shop.charge_token(&john(), &poster, id("1")).await.unwrap();
        world.work_for(DAY).await;
        assert_eq!(world.order(&id("1")).await.state(), State::Reserved, "{version}");
        assert_eq!(world.shop.token(&john()).await.unwrap().spent(), Amount::usd("2"), "{version}");
        world.shop.settle(&id("1"), Some(Amount::usd("1.50"))).await.unwrap();
        world.work_for(DAY).await;
        assert_eq!(world.order(&id("1")).await.machine().paid(), Amount::usd("1.50"), "{version}");
        assert_eq!(world.shop.token(&john()).await.unwrap().spent(), Amount::usd("1.50"), "{version}");
    }
}

struct Reserved(PipelineParameters);

impl Checkout for Reserved {
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        Ok(self.0.clone())
    }
}

/// A store restored to before the first charge: within a week the reference protects, later the counts are compared.
#[tokio::test(start_paused = true)]
async fn a_restored_store_never_charges_twice() {
    for version in VERSIONS {
        for days in [1, 8, 30] {
            let world = World::of(version).await;
            approved(&world, &terms(Amount::usd("5"))).await;
            let backup = world.copy_store().await;
            charge(&world, "1").await.unwrap();
            charge(&world, "2").await.unwrap();
            world.sandbox.clock().advance(DAY * days);
            let restored = world.shop_on(version, backup).await;
            for order in ["1", "3", "2"] {
                restored.charge_token(&john(), &NOW_AND_FOREVER, id(order)).await.unwrap();
                for _ in 0..30 {
                    restored.work_once().await.unwrap();
                    world.sandbox.clock().advance(Duration::from_secs(60));
                }
                let charged = restored.order(&id(order)).await.unwrap();
                assert_eq!(
                    charged.state(),
                    State::Paid,
                    "{version} {days} {order}: {:#?}",
                    charged.journal()
                );
            }
            assert_eq!(world.sandbox.ledger().charges(), 3, "{version} after {days} days");
            assert_eq!(world.balance(people::JOHN), Amount::usd("99.70"), "{version} after {days} days");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_processes_charge_one_order_once() {
    for version in VERSIONS {
        let world = World::of(version).await;
        approved(&world, &terms(Amount::usd("0.10"))).await;
        let other = world.shop_in(version).await;
        let (name, one, two) = (john(), id("1"), id("1"));
        let ours = world.shop.charge_token(&name, &NOW_AND_FOREVER, one);
        let theirs = other.charge_token(&name, &NOW_AND_FOREVER, two);
        let (ours, theirs) = tokio::join!(ours.into_future(), theirs.into_future());
        assert!(ours.is_ok() && theirs.is_ok(), "{version}: {ours:?} {theirs:?}");
        world.work_for(Duration::from_secs(3600)).await;
        assert_eq!(world.sandbox.ledger().charges(), 1, "{version}");
        assert!(matches!(refusal(charge(&world, "2").await), TokenRefusal::Amount { .. }), "{version}");
    }
}

/// The service's way to the shop's notice route.
#[derive(Debug, Default)]
struct Post(OnceLock<Shop>);

#[async_trait]
impl HttpSend for Post {
    async fn send(&self, notice: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        let query = notice.uri().query().unwrap_or_default().to_owned();
        let body = String::from_utf8(notice.into_body()).unwrap();
        let answer = web::answer_notice(self.0.get().unwrap(), query, body).await;
        Ok(answer.map(String::into_bytes))
    }
}

/// The account's own notice address is the shop's: so the shop hears of it at once, asks, and only then believes it.
#[tokio::test(start_paused = true)]
async fn a_notice_makes_the_shop_ask_whether_the_buyer_took_the_token_back() {
    let post = Arc::new(Post::default());
    let world = World::with_notices(Arc::clone(&post) as _).await;
    post.0.set(world.shop.clone()).unwrap();
    let caller = people::shop_credentials();
    let account = world.sandbox.ledger().account_by_key(caller.access_key()).unwrap().clone();
    world
        .sandbox
        .set_account(Account { notice_url: Some(world.shop.notice_url().to_string()), ..account })
        .unwrap();
    approved(&world, &terms(Amount::usd("5"))).await;
    assert_eq!(charge(&world, "1").await.unwrap(), State::Paid);
    john_takes_it_back(&world).await;
    world.sandbox.deliver_notices().await;
    let notices = world.sandbox.notices();
    assert!(notices.iter().all(|notice| notice.state == NoticeState::Delivered), "{notices:#?}");
    assert_eq!(world.shop.token(&john()).await.unwrap().state(), State::Cancelled);
    assert!(matches!(refusal(charge(&world, "2").await), TokenRefusal::NotHeld { .. }));
}

/// PostgreSQL tells the same story in `tests/postgres.rs`.
#[tokio::test]
async fn a_token_in_an_sqlite_file_is_charged_and_cancelled_by_one_process_after_the_other() {
    for version in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/orders.db", folder.path().display());
        let open = async || Registry::linked().open(&url, &Namespace::default()).await.unwrap();
        a_stored_token_outlives_its_processes(version, open).await;
    }
}
