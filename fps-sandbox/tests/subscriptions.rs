//! Subscriptions: begun on the control page or from Rust, paid by the clock, asked about and ended by the API.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::time::Duration;

use fps_core::Amount;
use fps_core::client::HttpSend;
use fps_sandbox::ledger::Period;
use fps_sandbox::{NewSubscription, SubscribeError, people};

use caller::{Caller, sandbox};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn every(text: &str) -> Period {
    Period::parse(text).unwrap()
}

#[tokio::test]
async fn a_subscription_is_paid_by_the_clock_until_it_is_complete() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let wanted = NewSubscription::new(people::BETTY, people::SHOP, Amount::usd("10"), every("1 month"))
        .with_length(every("3 months"))
        .with_promotion(Amount::usd("1"), 1)
        .with_description("Songs without end");
    let id = sandbox.subscribe(&wanted).unwrap();
    let ask = [("SubscriptionId", id.as_str())];
    let details = shop.call("GetSubscriptionDetails", &ask).await;
    assert_eq!(
        details.text("NextTransactionAmount"),
        "<CurrencyCode>USD</CurrencyCode><Value>10.000000</Value>"
    );
    assert_eq!(details.text("SubscriptionFrequency"), "<Value>1</Value><TimeUnit>month</TimeUnit>");
    for (name, text) in [
        ("Description", "Songs without end"),
        ("NumberOfPromotionalTransactions", "1"),
        ("StartDate", "2010-10-06T05:00:00.000-07:00"),
        ("EndDate", "2011-01-06T04:00:00.000-08:00"),
        ("NextTransactionDate", "2010-11-06T05:00:00.000-07:00"),
        ("SubscriptionStatus", "Active"),
        ("NumberOfTransactionsProcessed", "1"),
        ("RecipientEmail", people::SHOP),
        ("SenderName", "Betty Balance"),
    ] {
        assert_eq!(details.text(name), text, "{name} of {}", details.body);
    }
    assert_eq!(sandbox.ledger().balance_of(people::BETTY), Amount::usd("99"));
    sandbox.clock().advance(92 * DAY);
    let made = shop.call("GetTransactionsForSubscription", &ask).await;
    assert_eq!(made.body.matches("<SubscriptionTransaction>").count(), 3, "{}", made.body);
    for (serial, amount) in [(1, "1"), (2, "10"), (3, "10")] {
        let part = format!(
            "<TransactionSerialNumber>{serial}</TransactionSerialNumber><TransactionAmount><CurrencyCode>USD\
             </CurrencyCode><Value>{amount}.000000</Value></TransactionAmount><Description>Songs without end\
             </Description><TransactionStatus>Success</TransactionStatus>"
        );
        assert!(made.body.contains(&part), "{part} is not in {}", made.body);
    }
    assert_eq!(sandbox.ledger().balance_of(people::BETTY), Amount::usd("79"));
    let details = shop.call("GetSubscriptionDetails", &ask).await;
    assert_eq!(details.text("SubscriptionStatus"), "Completed");
    assert!(!details.body.contains("NextTransaction"), "{}", details.body);
    let cancel = shop.call("CancelSubscriptionAndRefund", &ask).await;
    assert_eq!((cancel.status, cancel.text("Code")), (400, "InvalidSubscriptionState"));
    assert_eq!(sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn a_subscription_is_cancelled_and_its_last_payment_given_back() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let begin = || {
        let wanted = NewSubscription::new(people::BETTY, people::SHOP, Amount::usd("10"), every("1 week"));
        sandbox.subscribe(&wanted).unwrap()
    };
    let (plain, refunded) = (begin(), begin());
    sandbox.clock().advance(8 * DAY);
    assert_eq!(sandbox.ledger().balance_of(people::BETTY), Amount::usd("60"));

    // Only cancelled: no result element, also when the same is asked again under its reference.
    let ask = [("SubscriptionId", plain.as_str()), ("CallerReference", "c1"), ("CancelReason", "moved away")];
    for _ in 0..2 {
        let done = shop.call("CancelSubscriptionAndRefund", &ask).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(!done.body.contains("Result"), "{}", done.body);
    }
    let again = shop.call("CancelSubscriptionAndRefund", &ask[..1]).await;
    assert_eq!(again.text("Code"), "InvalidSubscriptionState");

    let cancel = async |reference: &str, amount: &str| {
        let pairs = [("SubscriptionId", refunded.as_str()), ("CallerReference", reference)];
        shop.ask("CancelSubscriptionAndRefund", ("RefundAmount", amount), &pairs).await
    };
    assert_eq!(cancel("r1", "10.01").await.text("Code"), "RefundAmountExceeded");
    let details = shop.call("GetSubscriptionDetails", &[("SubscriptionId", refunded.as_str())]).await;
    assert_eq!(details.text("SubscriptionStatus"), "Active", "a refused refund cancels nothing");
    let done = cancel("r2", "4.00").await;
    let refund = done.text("RefundTransactionId").to_owned();
    assert_eq!(cancel("r2", "4.00").await.text("RefundTransactionId"), refund);
    // Cancelled already: the cancelling is ignored, the refund is made.
    assert_eq!(cancel("r3", "6.00").await.status, 200);
    assert_eq!(cancel("r4", "0.01").await.text("Code"), "TransactionFullyRefundedAlready");
    let unnamed = shop
        .ask("CancelSubscriptionAndRefund", ("RefundAmount", "1"), &[("SubscriptionId", refunded.as_str())])
        .await;
    assert!(unnamed.text("Message").contains("callerReference"), "{}", unnamed.body);
    sandbox.clock().advance(30 * DAY);
    assert_eq!(sandbox.ledger().balance_of(people::BETTY), Amount::usd("70"), "nothing more is paid");
    assert_eq!(sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn a_refused_payment_is_a_failure_and_a_token_taken_back_ends_it() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let wanted = NewSubscription::new(people::NINA, people::SHOP, Amount::usd("5"), every("1 day"));
    let id = sandbox.subscribe(&wanted).unwrap();
    let statuses = async || {
        let made = shop.call("GetTransactionsForSubscription", &[("SubscriptionId", id.as_str())]).await;
        let words = made.body.split("<TransactionStatus>").skip(1);
        words.map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(statuses().await, ["Failure"]);
    let nina = sandbox.ledger().account_by_email(people::NINA).unwrap().id.clone();
    sandbox.deposit(&nina, Amount::usd("7")).unwrap();
    sandbox.clock().advance(2 * DAY);
    assert_eq!(statuses().await, ["Failure", "Success", "Failure"]);
    let token = sandbox.ledger().subscription(&id).unwrap().token.clone();
    assert_eq!(shop.call("CancelToken", &[("TokenId", token.as_str())]).await.status, 200);
    sandbox.clock().advance(2 * DAY);
    let details = shop.call("GetSubscriptionDetails", &[("SubscriptionId", id.as_str())]).await;
    assert_eq!(details.text("SubscriptionStatus"), "Cancelled");
    assert_eq!(sandbox.ledger().balance_of(people::NINA), Amount::usd("2"));
}

#[tokio::test]
async fn subscriptions_are_their_sellers_and_came_with_2010() {
    let sandbox = sandbox();
    let (shop, mallory) = [people::shop_credentials(), people::mallory_credentials()]
        .map(|keys| Caller::new(&sandbox, keys))
        .into();
    let wanted = NewSubscription::new(people::JOHN, people::SHOP, Amount::usd("1"), every("1 year"));
    let id = sandbox.subscribe(&wanted).unwrap();
    let ask = [("SubscriptionId", id.as_str())];
    for action in ["GetSubscriptionDetails", "GetTransactionsForSubscription", "CancelSubscriptionAndRefund"]
    {
        assert_eq!(mallory.call(action, &ask).await.text("Code"), "InvalidParams", "{action}");
    }
    for (version, code) in [("2008-09-17", Some("InvalidAction")), ("2010-08-28", None)] {
        let answer = shop.at(version).call("GetSubscriptionDetails", &ask).await;
        assert_eq!((answer.status == 400).then(|| answer.text("Code")), code, "{version}");
    }
    for (buyer, seller, amount, period) in [
        ("nobody@example.com", people::SHOP, "1", "1 day"),
        (people::JOHN, people::ARTIST, "1", "1 day"),
        (people::SHOP, people::SHOP, "1", "1 day"),
        (people::NORA, people::SHOP, "1", "1 day"),
        (people::JOHN, people::SHOP, "0", "1 day"),
        (people::JOHN, people::SHOP, "0.001", "1 day"),
        (people::JOHN, people::SHOP, "1", "1 hour"),
    ] {
        let wanted = NewSubscription::new(buyer, seller, Amount::usd(amount), every(period));
        let refused = sandbox.subscribe(&wanted);
        assert!(
            refused.is_err() && !matches!(refused, Err(SubscribeError::DataLost(_))),
            "{buyer} {seller} {amount} {period}"
        );
    }
    let lever = async |json: &str| {
        let request = http::Request::post("http://fps.localhost/sandbox/subscriptions")
            .header("content-type", "application/json")
            .body(json.as_bytes().to_vec())
            .unwrap();
        String::from_utf8(sandbox.send(request).await.unwrap().into_body()).unwrap()
    };
    let good = "{\"email\":\"betty@example.com\",\"seller\":\"shop@digitaldownload.example\",\"amount\":\"2\",\
                \"every\":\"1 week\",\"promotional_amount\":\"1\",\"promotional_count\":2,\"method\":\"ABT\"}";
    assert_eq!(lever(good).await, "{\"ok\":true}");
    assert_eq!(sandbox.ledger().balance_of(people::BETTY), Amount::usd("99"));
    assert!(lever(&good.replace("1 week", "often")).await.contains("every has to be a period"));
}
