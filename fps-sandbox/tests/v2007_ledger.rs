//! Version 2007-01-08 and the ledger: shared with the later versions, kept in the data file, told in batches.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;
#[path = "support/first.rs"]
mod first;

use std::collections::BTreeSet;
use std::time::Duration;

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, Pairs};
use fps_sandbox::{Fault, people};

use caller::Caller;
use first::{Shop, builder, john, shop};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn both_generations_are_one_ledger() {
    let (shop, own) = shop().await;
    let later = Caller::new(&shop.sandbox, people::shop_credentials());

    // A token of either generation's pages pays in the other.
    let old = shop.token(john(), "old", &[]).await;
    let paid = later.pay(&old, "1.00", "p1").await;
    assert_eq!(paid.text("TransactionStatus"), "Success", "{}", paid.body);
    let new = later.buy(john(), "new", &[]).await.get("tokenID").unwrap().to_owned();
    let paid = shop.pay("Pay", &own, &new, &[("CallerReference", "p2")]).await;
    assert_eq!(paid.transaction().1, "Success");
    let used = shop.pay("Pay", &own, &old, &[("CallerReference", "p3")]).await;
    assert_eq!(used.code(), "TokenUsageError");
    // A reference is one reference.
    let other = later.pay(&new, "1.00", "p2").await;
    assert_eq!(other.text("Code"), "DuplicateRequest");

    // Each tells of the other's transactions in its own words.
    let activity = shop.call("GetAccountActivity", &[("StartDate", "2007-10-16T00:00:00Z")]).await;
    assert_eq!(activity.text("ResponseBatchSize"), "2", "{}", activity.body);
    shop.sandbox.faults().on_next("Pay", Fault::TemporaryDecline);
    let token = shop.token(john(), "declined", &[]).await;
    let declined = shop.pay("Pay", &own, &token, &[("CallerReference", "p4")]).await;
    let (id, status) = declined.transaction();
    assert_eq!(status, "TemporaryDecline");
    let status = later.call("GetTransactionStatus", &[("TransactionId", id)]).await;
    assert_eq!(
        (status.text("TransactionStatus"), status.text("StatusCode")),
        ("Pending", "TemporaryDecline")
    );
    assert_eq!(shop.sandbox.ledger().balance_of(people::JOHN), Amount::usd("98"));
    assert_eq!(
        shop.sandbox.ledger().available(&fps_sandbox::ledger::AccountId::new("JOHN")),
        Amount::usd("98")
    );
    assert_eq!((shop.sandbox.ledger().sum(), shop.sandbox.ledger().charges()), (0, 2));
}

#[tokio::test]
async fn no_notice_is_sent_of_what_had_none() {
    let (shop, own) = shop().await;
    let mut account = shop.sandbox.ledger().account_by_email(people::SHOP).unwrap().clone();
    account.notice_url = Some("http://127.0.0.1:9/notice".to_owned());
    shop.sandbox.set_account(account).unwrap();
    let token = shop.token(john(), "a1", &[]).await;
    shop.pay("Pay", &own, &token, &[("CallerReference", "p1")]).await;
    assert!(shop.sandbox.notices().is_empty(), "{:?}", shop.sandbox.notices());
    let later = Caller::new(&shop.sandbox, people::shop_credentials());
    let token = later.buy(john(), "a2", &[]).await.get("tokenID").unwrap().to_owned();
    later.pay(&token, "1.00", "p2").await;
    assert_eq!(shop.sandbox.notices().len(), 1);
}

#[tokio::test]
async fn everything_is_there_again_when_the_data_file_is_opened() {
    let path = std::env::temp_dir().join(format!("fps-sandbox-2007-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let open = || builder().open(&path).unwrap();
    let first = Shop::new(&open(), people::shop_credentials());
    let own = first.own().await;
    let card = || john().method(PaymentMethod::Cc);
    let pay = async |shop: &Shop, reference: &str| {
        let token = shop.token(card(), &format!("a-{reference}"), &[]).await;
        let more = [("CallerReference", reference), ("MetaData", "kept"), ("SenderReference", "john")];
        shop.pay("Pay", &own, &token, &more).await.transaction().0.to_owned()
    };
    let seen = pay(&first, "p1").await;
    let waiting = pay(&first, "p2").await;
    first.sandbox.faults().on_next("Pay", Fault::TemporaryDecline);
    let declined = pay(&first, "p3").await;
    first.sandbox.clock().advance(SECOND);
    first.call("DiscardResults", &[("TransactionIds", &seen)]).await;
    let name = ("NotificationOperationName", "TransactionResults");
    let url = ("WebServiceAPIURL", "https://shop.example/notify");
    first.call("SubscribeForCallerNotification", &[name, url]).await;
    let unseen = pay(&first, "p4").await;
    let before = first.sandbox.ledger().balances();
    drop(first);

    let second = Shop::new(&open(), people::shop_credentials());
    assert_eq!(second.sandbox.ledger().balances(), before);
    let results = second.call("GetResults", &[]).await;
    let ids: BTreeSet<_> = results.body.split("<TransactionId>").skip(1).map(|rest| &rest[..35]).collect();
    assert_eq!(ids, BTreeSet::from([waiting.as_str(), &declined]), "{}", results.body);
    let one = second.call("GetTransaction", &[("TransactionId", &waiting)]).await;
    assert_eq!((one.text("MetaData"), one.text("CallerTokenId")), ("kept", own.caller.as_str()));
    let retried = second.call("RetryTransaction", &[("OriginalTransactionId", &declined)]).await;
    assert_eq!(retried.transaction().1, "Reinitiated");
    second.sandbox.clock().advance(2 * SECOND);
    let results = second.call("GetResults", &[]).await;
    assert_eq!(results.text("NumberPending"), "2", "{}", results.body);
    assert!(!results.body.contains(&unseen), "{}", results.body);
    assert_eq!(second.call("UnSubscribeForCallerNotification", &[name]).await.request_status(), "Success");
    assert_eq!((second.sandbox.ledger().charges(), second.sandbox.ledger().sum()), (4, 0));
    let found = second.call("GetTokenByCaller", &[("CallerReference", "own-caller")]).await;
    assert_eq!(found.text("TokenId"), own.caller);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn activity_comes_in_batches_that_follow_each_other() {
    let (shop, own) = shop().await;
    let mut wanted = Vec::new();
    for number in 0..23 {
        let method = if number % 2 == 0 { PaymentMethod::Abt } else { PaymentMethod::Cc };
        let token = shop.token(john().method(method), &format!("a{number}"), &[]).await;
        let paid = shop.pay("Pay", &own, &token, &[("CallerReference", &format!("p{number}"))]).await;
        shop.sandbox.clock().advance(2 * SECOND);
        let rows = if method == PaymentMethod::Abt { &["Success"][..] } else { &["Initiated", "Success"] };
        wanted.extend(rows.iter().map(|row| (paid.transaction().0.to_owned(), (*row).to_owned())));
    }
    let mut start = "2007-10-16T00:00:00Z".to_owned();
    let (mut found, mut batches) = (Vec::new(), 0);
    loop {
        let pairs = [("StartDate", start.as_str()), ("SortOrderByDate", "Ascending")];
        let batch = shop.call("GetAccountActivity", &pairs).await;
        let rows: Vec<_> = batch.body.split("<Transactions>").skip(1).collect();
        assert!(rows.len() <= 20, "{}", rows.len());
        assert_eq!(batch.text("ResponseBatchSize"), rows.len().to_string());
        for row in rows {
            let id = row.split("<TransactionId>").nth(1).unwrap()[..35].to_owned();
            let status = row.split("<Status>").nth(1).unwrap().split('<').next().unwrap().to_owned();
            found.push((id, status));
        }
        batches += 1;
        match batch.find("StartTimeForNextTransaction") {
            Some(next) => start = next.to_owned(),
            None => break,
        }
    }
    assert_eq!((found, batches), (wanted, 2));
}

#[tokio::test]
async fn dates_follow_the_clocks_of_seattle() {
    for (now, told) in [
        ("2007-10-16T17:00:00Z", "2007-10-16T10:00:00.000-07:00"),
        ("2007-11-04T08:59:59Z", "2007-11-04T01:59:59.000-07:00"),
        ("2007-11-04T09:00:00Z", "2007-11-04T01:00:00.000-08:00"),
        ("2008-03-09T09:59:59Z", "2008-03-09T01:59:59.000-08:00"),
        ("2008-03-09T10:00:00Z", "2008-03-09T03:00:00.000-07:00"),
    ] {
        let clock = fps_sandbox::SandboxClock::virtual_at(now.parse().unwrap());
        let shop = Shop::new(&builder().clock(clock).build(), people::shop_credentials());
        let own = shop.own().await;
        let found = shop.call("GetTokenByCaller", &[("TokenId", &own.caller)]).await;
        assert_eq!(found.text("DateInstalled"), told);
    }
}

#[tokio::test]
async fn what_the_guide_signed_is_answered() {
    let (key, secret) = ("AKEXAMPLE00000000001", "secretkeyEXAMPLE/0123456789abcdefghijklm");
    let credentials = fps_core::Credentials::new(key, secret);
    let shop = Shop::new(&builder().caller(&credentials).build(), credentials);
    // Signatures of version 1 and 0, computed with another implementation.
    for (version, signature, status) in
        [("1", "yBf0IykASIe5WKmthXfHsAX0QDc=", "Success"), ("0", "nWM7gV+p857GVkec1dHywMdtlm8=", "Failure")]
    {
        let pairs = Pairs::from_iter([
            ("Action", "InstallPaymentInstruction"),
            ("AWSAccessKeyId", key),
            ("CallerReference", "caller-1"),
            ("PaymentInstruction", "MyRole == 'Caller' orSay 'Roles do not match';"),
            ("SignatureVersion", version),
            ("Timestamp", "2007-10-16T17:00:00Z"),
            ("TokenType", "Unrestricted"),
            ("Version", "2007-01-08"),
            ("Signature", signature),
        ]);
        let answer = shop.send(&pairs).await;
        // The second is genuine, and a repetition.
        assert_eq!((answer.status, answer.request_status()), (200, status), "{}", answer.body);
    }
}
