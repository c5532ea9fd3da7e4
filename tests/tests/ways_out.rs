//! Every way out of the story that is not its happy end: either nothing is paid, or it is paid exactly once.

use std::time::Duration;

use fps_checkout::fps_core::checkout::PaymentMethod;
use fps_checkout::{Amount, Completed, State};
use fps_sandbox::{Fault, Page, people};
use fps_tests::{VERSIONS, World};

#[tokio::test(start_paused = true)]
async fn cancelling_on_any_page_moves_nothing_and_leaves_the_offer_open() {
    for version in VERSIONS {
        for page in [Page::SignIn, Page::Method, Page::Confirm] {
            let world = World::of(version).await;
            let begun = world.begin().await;
            let back = world.cancel_on(page, begun.link()).await;
            world.come_back(&back).await.unwrap();
            world.assert_unpaid(begun.order().id(), State::Abandoned).await;
            assert_eq!(world.told.news(), ["Abandoned"], "{page:?}");

            // John thinks again.
            let again = world.begin_again(begun.order().id()).await;
            assert_ne!(again.link(), begun.link(), "{page:?}: a new attempt has a link of its own");
            let back = world.john_pays(again.link()).await;
            world.come_back(&back).await.unwrap();
            world.assert_paid_once(begun.order().id()).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_browser_closed_before_confirming_expires_after_a_look_up_that_finds_nothing() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        world.work_to_the_end().await;
        world.assert_unpaid(begun.order().id(), State::Expired).await;
        assert_eq!(world.told.news(), ["Expired"]);
        assert!(world.sandbox.faults().calls("GetTokenByCaller") > 0, "nobody looked");
        assert_eq!(world.sandbox.faults().calls("Pay"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_browser_closed_after_confirming_is_found_by_the_worker() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        world.john_pays(begun.link()).await;
        world.work_to_the_end().await;
        world.assert_paid_once(begun.order().id()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_order_expires_while_the_look_up_is_not_answered() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        world.john_pays(begun.link()).await;
        world.sandbox.faults().always("GetTokenByCaller", Fault::Status(503));
        for _ in 0..2 {
            world.work_for(Duration::from_secs(60 * 60)).await;
            assert_eq!(world.order(begun.order().id()).await.state(), State::AwaitingBuyer);
        }
        world.sandbox.faults().clear();
        world.work_to_the_end().await;
        world.assert_paid_once(begun.order().id()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_reload_and_a_second_tab_change_nothing() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let back = world.john_pays(begun.link()).await;
        let (first, second) = tokio::join!(world.come_back(&back), world.come_back(&back));
        first.unwrap();
        second.unwrap();
        let journal = world.order(begun.order().id()).await.journal().len();
        world.sandbox.clock().advance(Duration::from_secs(6 * 60 * 60));
        world.come_back(&back).await.unwrap();
        assert_eq!(world.order(begun.order().id()).await.journal().len(), journal);
        world.assert_paid_once(begun.order().id()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_double_click_begins_one_order_with_one_link() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let id = world.next_id();
        let (first, second) = tokio::join!(world.begin_again(&id), world.begin_again(&id));
        assert_eq!(first.link(), second.link());
        let back = world.john_pays(first.link()).await;
        world.come_back(&back).await.unwrap();
        world.assert_paid_once(&id).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_name_for_another_product_is_refused() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let dearer = fps_tests::Song { price: Amount::usd("9.99"), ..fps_tests::NOW_AND_FOREVER };
        let refused = world.shop.begin(&dearer, begun.order().id().clone()).await;
        assert!(matches!(refused, Err(fps_checkout::Error::OtherProduct { .. })), "{refused:?}");
        assert_eq!(world.order(begun.order().id()).await.total(), Amount::usd("0.10"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_buyer_without_money_is_declined_with_the_services_reason() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let back = world.pays(people::NINA, "nina", None, begun.link()).await;
        world.come_back(&back).await.unwrap();
        world.work_to_the_end().await;
        world.assert_unpaid(begun.order().id(), State::Declined).await;
        assert_eq!(world.told.news().last().unwrap(), "Declined (InsufficientBalance)");
    }
}

#[tokio::test(start_paused = true)]
async fn a_declined_card_is_pending_and_then_declined() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let back = world.pays(people::DORA, "dora", None, begun.link()).await;
        world.come_back(&back).await.unwrap();
        assert_eq!(world.order(begun.order().id()).await.state(), State::Pending);
        world.work_to_the_end().await;
        world.assert_unpaid(begun.order().id(), State::Declined).await;
    }
}

#[tokio::test(start_paused = true)]
async fn cards_and_bank_accounts_are_pending_and_then_paid_by_the_worker() {
    for version in VERSIONS {
        for method in [PaymentMethod::Cc, PaymentMethod::Ach] {
            let world = World::of(version).await;
            let begun = world.begin().await;
            let back = world.pays(people::JOHN, "john", Some(method), begun.link()).await;
            world.come_back(&back).await.unwrap();
            assert_eq!(world.order(begun.order().id()).await.state(), State::Pending, "{method:?}");
            world.work_to_the_end().await;
            let order = world.order(begun.order().id()).await;
            assert_eq!(order.state(), State::Paid, "{method:?}: {:#?}", order.journal());
            assert_eq!(world.told.news(), ["Approved", "Pending", "Paid"], "{method:?}");
            assert_eq!(world.sandbox.faults().calls("Pay"), 1, "{method:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unverified_e_mail_address_is_declined_by_the_pages() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let back = world.pays(people::ULLA, "ulla", None, begun.link()).await;
        world.come_back(&back).await.unwrap();
        world.assert_unpaid(begun.order().id(), State::Declined).await;
        assert_eq!(world.told.news(), ["Declined (NP)"]);
        assert_eq!(world.sandbox.faults().calls("Pay"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_seller_cannot_buy_from_himself() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let begun = world.begin().await;
        let back = world.pays(people::SHOP, "shop", None, begun.link()).await;
        world.come_back(&back).await.unwrap();
        world.work_to_the_end().await;
        world.assert_unpaid(begun.order().id(), State::Declined).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_that_ends_in_an_error_is_declined() {
    for version in VERSIONS {
        for (fault, news) in
            [(Fault::SystemError, "Declined (SE)"), (Fault::CallerException, "Declined (CE)")]
        {
            let world = World::of(version).await;
            let begun = world.begin().await;
            world.sandbox.faults().on_next("Pipeline", fault);
            let back = world.john_pays(begun.link()).await;
            world.come_back(&back).await.unwrap();
            world.assert_unpaid(begun.order().id(), State::Declined).await;
            assert_eq!(world.told.news(), [news]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_out_of_reach_when_the_buyer_comes_back_is_asked_again_by_the_worker() {
    for version in VERSIONS {
        for fault in [Fault::LoseRequest, Fault::LoseAnswer, Fault::Status(503), Fault::CutAnswer] {
            let world = World::of(version).await;
            let begun = world.begin().await;
            let back = world.john_pays(begun.link()).await;
            world.sandbox.faults().always("*", fault);
            let completed = world.come_back(&back).await.unwrap();
            let state = world.order(begun.order().id()).await.state();
            if world.is_first() {
                // The shop verifies the return by itself; it is Pay that finds nobody.
                assert!(matches!(completed, Completed::Known(_)), "{fault:?}: {completed:?}");
                assert_eq!(state, State::Charging, "{fault:?}");
            } else {
                assert!(matches!(completed, Completed::Checking(_)), "{fault:?}: {completed:?}");
                assert_eq!(state, State::AwaitingBuyer, "{fault:?}");
            }
            world.sandbox.faults().clear();
            world.work_to_the_end().await;
            world.assert_paid_once(begun.order().id()).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_pay_the_money_moves_once() {
    for version in VERSIONS {
        for fault in [
            Fault::LoseRequest,
            Fault::LoseAnswer,
            Fault::CutAnswer,
            Fault::Duplicate,
            Fault::FailAfter,
            Fault::Status(500),
            Fault::Status(503),
            Fault::Throttle,
        ] {
            let world = World::of(version).await;
            let begun = world.begin().await;
            let back = world.john_pays(begun.link()).await;
            world.sandbox.faults().on("Pay", 1, fault);
            world.come_back(&back).await.unwrap();
            world.work_to_the_end().await;
            world.assert_paid_once(begun.order().id()).await;
        }
    }
}
