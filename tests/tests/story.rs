//! John buys "Now and Forever - Richard Marx" for $0.10 and pays from his balance.

use fps_checkout::fps_core::CallerReference;
use fps_checkout::fps_core::client::Client;
use fps_checkout::fps_core::operation::v2007::{GetTransaction, Role};
use fps_checkout::fps_core::url::Url;
use fps_checkout::{Amount, ChargeFeeTo, PayTerms, State, Version};
use fps_sandbox::people;
use fps_tests::{NOW_AND_FOREVER, Program, Service, VERSIONS, World};

/// In process, without a port.
#[tokio::test(start_paused = true)]
async fn john_buys_a_song() {
    let world = World::of(Version::V2010_08_28).await;
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

/// As the guide of 2007 told it first, with its own references and texts.
#[tokio::test(start_paused = true)]
async fn john_buys_a_song_in_the_version_of_2007() {
    let world = World::of(Version::V2007_01_08).await;
    let reference = |text: &str| CallerReference::new(text).unwrap();
    let terms = PayTerms::new()
        .with_charge_fee_to(ChargeFeeTo::Recipient)
        .with_caller_description("DigitalDownload web site")
        .with_meta_data("Digital Content downloaded: Now and Forever - Richard Marx")
        .with_sender_description("John Customer of DigitalDownload")
        .with_sender_reference("johndigitaldownload");
    let begun = world
        .shop
        .begin(&NOW_AND_FOREVER, world.next_id())
        .references(reference("DigitalDownload1177495829105"), reference("MP3DownloadId-AF12ES"))
        .return_query([
            ("PaymentAmount", "0.10"),
            ("Download", "Now and Forever - Richard Marx"),
            ("uniqueId", "1177495829105"),
        ])
        .terms(terms)
        .await
        .unwrap();
    let asked: Vec<(String, String)> = begun.link().query_pairs().into_owned().collect();
    for (name, value) in [
        ("callerKey", people::SHOP_ACCESS_KEY),
        ("pipelineName", "SingleUse"),
        ("callerReference", "DigitalDownload1177495829105"),
        ("transactionAmount", "0.10"),
        ("paymentReason", "Now and Forever - Richard Marx"),
        ("paymentMethod", "abt,ba,cc"),
    ] {
        assert!(asked.contains(&(name.to_owned(), value.to_owned())), "{name}={value} is not in {asked:#?}");
    }
    let value = |wanted: &str| asked.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    assert!(value("awsSignature").is_some() && value("version").is_none() && value("signature").is_none());
    let own = "PaymentAmount=0.10&Download=Now+and+Forever+-+Richard+Marx&uniqueId=1177495829105&";
    assert!(value("returnURL").unwrap().contains(own), "{asked:#?}");

    let back = world.john_pays(begun.link()).await;
    assert!(back.query().unwrap().starts_with(own) && back.query().unwrap().contains("status=SA"), "{back}");
    world.come_back(&back).await.unwrap();
    world.assert_paid_once(begun.order().id()).await;
    assert_eq!(world.told.news(), ["Approved", "Paid"]);
    for (operation, calls) in
        [("InstallPaymentInstruction", 3), ("Pay", 1), ("VerifySignature", 0), ("GetTransaction", 0)]
    {
        assert_eq!(world.sandbox.faults().calls(operation), calls, "{operation}");
    }

    let client = Client::builder(people::shop_credentials(), world.sandbox.endpoint())
        .http(world.sandbox.http())
        .clock(world.sandbox.clock())
        .version(Version::V2007_01_08)
        .build()
        .unwrap();
    let id = world.order(begun.order().id()).await.transaction().unwrap().clone();
    let told = client.send(GetTransaction::new(id)).await.unwrap().response.transaction.unwrap();
    assert_eq!(told.caller_reference(), Some("MP3DownloadId-AF12ES"));
    assert_eq!(told.meta_data.as_deref(), Some("Digital Content downloaded: Now and Forever - Richard Marx"));
    let part = |role| told.transaction_parts.iter().find(|part| part.role == role).unwrap();
    assert_eq!(part(Role::Sender).reference.as_deref(), Some("johndigitaldownload"));
    assert_eq!(part(Role::Caller).description.as_deref(), Some("DigitalDownload web site"));
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
    for version in VERSIONS {
        let world = World::of(version).await;
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

/// The example in the version of 2007: the guide's story with the guide's own values, line by line.
#[test]
fn the_example_tells_the_story_of_2007_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let sales = folder.path().join("sales.jsonl");
    let example = Program::start(
        env!("CARGO_BIN_EXE_digital-download-under-test"),
        ["--auto", "--api", "2007-01-08", "--sales", sales.to_str().unwrap()],
    );
    let said = example.finish();
    let whole = said.lines.join("\n");
    assert!(said.status.success(), "{whole}");
    let id = said.lines.iter().find_map(|line| line.strip_prefix("c. Transaction id: ")).expect(&whole);
    assert!(id.len() == 35 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{id}");
    let transaction = format!("Transaction {id}");
    let third = format!("c. Transaction id: {id}");
    let told: Vec<&str> = said.lines.iter().map(String::as_str).skip(3).collect();
    let download = told.iter().find(|line| line.starts_with("- He downloads his song, ")).expect(&whole);
    let expected = [
        "- DigitalDownload calls InstallPaymentInstruction",
        "- DigitalDownload calls InstallPaymentInstruction",
        "- DigitalDownload calls InstallPaymentInstruction",
        "- John opens the shop",
        "- He clicks Download Now, and the shop sends him to the payment pages",
        "- On the page \"Sign in\" he presses Sign in",
        "- On the page \"Payment method\" he presses Continue",
        "- On the page \"Confirm payment authorization\" he presses Confirm",
        "- The payment pages send him back to the shop, which verifies the answer and charges him",
        "- DigitalDownload calls Pay",
        "- The result page says what became of it",
        download,
        "a. Pay request: Success",
        "b. Transaction: Success",
        &third,
        "- DigitalDownload calls GetTransaction",
        &transaction,
        "  Pay of $0.10",
        "  by ABT",
        "  Success",
        "  caller reference MP3DownloadId-AF12ES",
        "  metadata Digital Content downloaded: Now and Forever - Richard Marx",
        "  Caller: DigitalDownload, MP3DownloadId-AF12ES, DigitalDownload web site",
        "  Sender: John Customer, johndigitaldownload, John Customer of DigitalDownload",
        "  Recipient: DigitalDownload",
        "- DigitalDownload calls GetAccountActivity",
        "History",
        "  Pay of $0.10, Success, fee $0.01, balance $0.09",
        "- DigitalDownload calls GetAccountBalance",
        "DigitalDownload's balance: $0.09",
        "John's balance: $99.90",
    ];
    assert_eq!(told, expected, "{whole}");
    let sales = std::fs::read_to_string(&sales).unwrap();
    assert!(sales.lines().count() == 1 && sales.contains(id), "{sales}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_sells_with_a_service_that_runs_elsewhere() {
    for api in ["2010-08-28", "2007-01-08"] {
        let folder = tempfile::tempdir().unwrap();
        let sales = folder.path().join("sales.jsonl");
        let service = Service::start(env!("CARGO_BIN_EXE_fps-sandbox-under-test"));
        for sold in 1..=2 {
            let example = Program::start(
                env!("CARGO_BIN_EXE_digital-download-under-test"),
                [
                    "--auto",
                    "--api",
                    api,
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
