//! John buys "Now and Forever - Richard Marx" for $0.10 and pays from his balance.

use fps_checkout::fps_core::url::Url;
use fps_checkout::{Amount, State};
use fps_sandbox::people;
use fps_tests::{Program, Service, World};

/// In process, without a port.
#[tokio::test(start_paused = true)]
async fn john_buys_a_song() {
    let world = World::new().await;
    let begun = world.begin().await;
    let asked: Vec<(String, String)> = begun.link().query_pairs().into_owned().collect();
    for (name, value) in [
        ("pipelineName", "SingleUse"),
        ("version", "2009-01-09"),
        ("callerKey", people::SHOP_ACCESS_KEY),
        ("paymentReason", "Now and Forever - Richard Marx"),
        ("itemTotal", "0.10"),
        ("transactionAmount", "0.10"),
        ("currencyCode", "USD"),
        ("paymentMethod", "ABT,ACH,CC"),
        ("signatureMethod", "HmacSHA256"),
        ("signatureVersion", "2"),
    ] {
        assert!(asked.contains(&(name.to_owned(), value.to_owned())), "{name}={value} is not in {asked:#?}");
    }

    let back = world.john_pays(begun.link()).await;
    let returned: Vec<String> = back.query_pairs().map(|(name, _)| name.into_owned()).collect();
    for name in [
        "tokenID",
        "status",
        "callerReference",
        "signature",
        "signatureMethod",
        "signatureVersion",
        "certificateUrl",
    ] {
        assert!(returned.iter().any(|found| found == name), "{name} is not in {returned:?}");
    }
    assert_eq!(world.balance(people::JOHN), Amount::usd("100"), "money moves by Pay only");

    world.come_back(&back).await.unwrap();
    world.assert_paid_once(begun.order().id()).await;
    let order = world.order(begun.order().id()).await;
    assert_eq!(order.transaction().unwrap().as_str().len(), 35);
    assert_eq!(world.told.news(), ["Approved", "Paid"]);
    for (operation, calls) in [("VerifySignature", 1), ("Pay", 1), ("GetTransactionStatus", 0)] {
        assert_eq!(world.sandbox.faults().calls(operation), calls, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_is_told_where_the_notices_of_an_order_go() {
    let world = World::new().await;
    let begun = world.begin().await;
    let back = world.john_pays(begun.link()).await;
    world.come_back(&back).await.unwrap();
    let refund = fps_checkout::RefundId::new("sorry").unwrap();
    world.shop.refund(begun.order().id(), refund, None).await.unwrap();
    let notices = world.sandbox.notices();
    let subjects: Vec<&str> = notices.iter().map(|notice| notice.subject.as_str()).collect();
    assert_eq!(subjects, ["PAY SUCCESS", "REFUND SUCCESS"]);
    for notice in &notices {
        assert_eq!(notice.url.path(), world.shop.notice_url().path());
        let mark =
            |url: &Url| url.query_pairs().find(|(name, _)| name == "fps").map(|(_, mark)| mark.into_owned());
        assert_eq!(mark(&notice.url), mark(&back), "{}", notice.subject);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refund_gives_the_money_back_once_however_often_it_is_asked_for() {
    let world = World::new().await;
    let begun = world.begin().await;
    let back = world.john_pays(begun.link()).await;
    world.come_back(&back).await.unwrap();
    for _ in 0..2 {
        let name = fps_checkout::RefundId::new("sorry").unwrap();
        world.shop.refund(begun.order().id(), name, None).await.unwrap();
    }
    world.work_to_the_end().await;
    assert_eq!(world.balance(people::JOHN), Amount::usd("100"));
    let order = world.order(begun.order().id()).await;
    assert_eq!(order.state(), State::Paid);
    assert_eq!(order.machine().refunded(), Amount::usd("0.10"));
    assert_eq!(world.told.news(), ["Approved", "Paid", "Refunded"]);
}

/// The example, over HTTP, as its users run it.
#[test]
fn the_example_sells_a_song_by_itself_and_ends_with_three_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).into_os_string();
    let example = Program::start(
        env!("CARGO_BIN_EXE_digital-download-under-test"),
        ["--auto".into(), "--data".into(), file("orders.db"), "--sales".into(), file("sales.jsonl")],
    );
    let said = example.finish();
    let whole = said.lines.join("\n");
    assert!(said.status.success(), "{whole}");
    let end: Vec<&str> = said.lines.iter().rev().take(3).rev().map(String::as_str).collect();
    assert_eq!(end[..2], ["a. Pay request: Success", "b. Transaction: Success"], "{whole}");
    let id = end[2].strip_prefix("c. Transaction id: ").unwrap_or_else(|| panic!("{whole}"));
    assert!(id.len() == 35 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{id}");
    let sales = std::fs::read_to_string(folder.path().join("sales.jsonl")).unwrap();
    assert_eq!(sales.lines().count(), 1, "{sales}");
    assert!(sales.contains(id), "{sales}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_sells_with_a_service_that_runs_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let sales = folder.path().join("sales.jsonl");
    let service = Service::start(env!("CARGO_BIN_EXE_fps-sandbox-under-test"));
    for sold in 1..=2 {
        let example = Program::start(
            env!("CARGO_BIN_EXE_digital-download-under-test"),
            [
                "--auto",
                "--sandbox",
                service.address.as_str(),
                "--storage",
                "memory:",
                "--sales",
                sales.to_str().unwrap(),
            ],
        );
        let said = example.finish();
        assert!(said.status.success(), "{}", said.lines.join("\n"));
        let ledger = service.ledger().await;
        assert_eq!(ledger["charges"], sold, "{ledger:#}");
    }
    assert_eq!(std::fs::read_to_string(&sales).unwrap().lines().count(), 2);
}

#[test]
fn the_example_says_clearly_what_is_wrong_and_exits_1() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).into_os_string();
    let nobody = "http://127.0.0.1:9/";
    let example = Program::start(
        env!("CARGO_BIN_EXE_digital-download-under-test"),
        [
            "--auto".into(),
            "--sandbox".into(),
            nobody.into(),
            "--data".into(),
            file("orders.db"),
            "--sales".into(),
            file("sales.jsonl"),
        ],
    );
    let said = example.finish();
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    let last = said.lines.last().unwrap();
    assert!(last.starts_with("digital-download: "), "{said:?}");
}
