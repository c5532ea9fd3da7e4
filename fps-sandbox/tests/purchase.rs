//! A purchase, step by step, by a client that shares nothing with the sandbox but the protocol.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::sync::Arc;
use std::time::Duration;

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, Credentials, Pairs};
use fps_sandbox::buyer::BuyerError;
use fps_sandbox::ledger::{PayMethod, Status};
use fps_sandbox::{Buyer, Fault, Page, people};
use url::Url;

use caller::{Caller, john, sandbox};

#[tokio::test]
async fn john_buys_a_song() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let link = shop.link(&[
        ("callerReference", "DigitalDownload1177495829105"),
        ("paymentReason", "Now and Forever - Richard Marx"),
        ("itemTotal", "0.09"),
        ("tax", "0.01"),
        ("transactionAmount", "0.10"),
        ("paymentMethod", "ABT,ACH,CC"),
        ("currencyCode", "USD"),
    ]);
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let buyer = john().on_page({
        let seen = Arc::clone(&seen);
        move |page| seen.lock().unwrap().push((page.page, page.text.to_owned(), page.press.to_owned()))
    });
    let back = buyer.approve(&shop.http, &link).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    assert_eq!(
        seen.iter().map(|page| page.0).collect::<Vec<_>>(),
        [Page::SignIn, Page::Method, Page::Confirm]
    );
    let (_, confirm, press) = &seen[2];
    for part in [
        "Now and Forever - Richard Marx",
        "DigitalDownload",
        "Items $0.09",
        "Tax $0.01",
        "Total $0.10",
        "Account balance",
    ] {
        assert!(confirm.contains(part), "{part:?} is not in {confirm}");
    }
    assert_eq!(press, "Confirm");

    assert!(back.as_str().starts_with("http://shop.example:8080/return?order=7&tokenID="), "{back}");
    let answer = Pairs::decode(back.query().unwrap()).unwrap();
    assert_eq!(answer.get("status"), Some("SA"));
    assert_eq!(answer.get("callerReference"), Some("DigitalDownload1177495829105"));
    assert_eq!(answer.get("signatureMethod"), Some("RSA-SHA1"));
    assert_eq!(answer.get("expiry"), None);

    // Verified by the service, signed and unsigned; one byte changed is a Failure.
    let query = back.query().unwrap();
    for (query, status) in [(query.to_owned(), "Success"), (query.replace("order=7", "order=8"), "Failure")] {
        let pairs = [("UrlEndPoint", "http://shop.example:8080/return"), ("HttpParameters", query.as_str())];
        let verified = shop.call("VerifySignature", &pairs).await;
        assert_eq!((verified.status, verified.text("VerificationStatus")), (200, status));
        let mut url = shop.base.clone();
        url.query_pairs_mut().append_pair("Action", "VerifySignature").append_pair("Version", "2008-09-17");
        url.query_pairs_mut().extend_pairs(pairs);
        let unsigned = http::Request::get(url.as_str()).body(Vec::new()).unwrap();
        let unsigned = String::from_utf8(shop.http.send(unsigned).await.unwrap().into_body()).unwrap();
        assert!(unsigned.contains(&format!("<VerificationStatus>{status}<")), "{unsigned}");
        assert!(unsigned.contains("http://fps.amazonaws.com/doc/2008-09-17/"), "{unsigned}");
    }

    // Verified by the certificate that the return names.
    let certificate = Url::parse(answer.get("certificateUrl").unwrap()).unwrap();
    assert!(certificate.as_str().starts_with("http://fps.localhost/certs/"), "{certificate}");
    let pem =
        shop.http.send(http::Request::get(certificate.as_str()).body(Vec::new()).unwrap()).await.unwrap();
    assert_eq!(pem.body(), sandbox.service_key().certificate_pem().as_bytes());

    let token = answer.get("tokenID").unwrap();
    let paid = shop.pay(token, "0.10", "MP3DownloadId-AF12ES").await;
    assert_eq!((paid.status, paid.text("TransactionStatus")), (200, "Success"), "{}", paid.body);
    assert_eq!(paid.text("TransactionId").len(), 35);
    let ledger = sandbox.ledger();
    assert_eq!(ledger.balance_of(people::JOHN), Amount::usd("99.90"));
    assert_eq!(ledger.balance_of(people::SHOP), Amount::usd("0.09"));
    assert_eq!((ledger.sum(), ledger.charges()), (0, 1));
    assert_eq!(ledger.transactions_by_reference("MP3DownloadId-AF12ES").len(), 1);

    let one = shop.call("GetTransaction", &[("TransactionId", paid.text("TransactionId"))]).await;
    assert_eq!(one.text("SenderEmail"), people::JOHN);
    assert_eq!(one.text("Value"), "0.100000");
    let status = shop.call("GetTransactionStatus", &[("TransactionId", paid.text("TransactionId"))]).await;
    assert_eq!(status.text("StatusCode"), "Success");
    let found = shop.call("GetTokenByCaller", &[("CallerReference", "DigitalDownload1177495829105")]).await;
    assert_eq!((found.text("TokenId"), found.text("TokenStatus")), (token, "Inactive"));
    let balance = shop.call("GetAccountBalance", &[]).await;
    assert_eq!(balance.text("TotalBalance"), "<CurrencyCode>USD</CurrencyCode><Value>0.090000</Value>");
    let activity =
        shop.call("GetAccountActivity", &[("StartDate", "2010-10-06"), ("Role.1", "Recipient")]).await;
    assert_eq!(activity.text("BatchSize"), "1");
    assert_eq!(activity.text("Balance"), "<CurrencyCode>USD</CurrencyCode><Value>0.090000</Value>");
}

#[tokio::test]
async fn the_same_request_gets_its_first_answer_and_another_is_refused() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = shop.buy(john(), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let first = shop.pay(&token, "1.00", "p1").await;
    let again = shop.pay(&token, "1.00", "p1").await;
    assert_eq!(first.text("TransactionId"), again.text("TransactionId"));
    assert_ne!(first.text("RequestId"), again.text("RequestId"));
    let other = shop.pay(&token, "0.99", "p1").await;
    assert_eq!((other.status, other.text("Code")), (400, "DuplicateRequest"));
    let spent = shop.pay(&token, "1.00", "p2").await;
    assert_eq!(spent.text("Code"), "SameTokenIdUsedMultipleTimes");
    assert_eq!(sandbox.ledger().charges(), 1);
    // After seven days the reference is forgotten, and the token has been used.
    sandbox.clock().advance(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(shop.pay(&token, "1.00", "p1").await.text("Code"), "SameTokenIdUsedMultipleTimes");
    assert_eq!(sandbox.ledger().charges(), 1);
}

#[tokio::test]
async fn cards_and_banks_answer_later() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    for (method, status, wait, fee) in [
        (PaymentMethod::Cc, "SC", Duration::from_secs(1), "0.10"),
        (PaymentMethod::Ach, "SB", Duration::from_secs(3 * 24 * 3600), "0.07"),
    ] {
        let before = sandbox.ledger().balance_of(people::SHOP);
        let answer = shop.buy(john().method(method), &format!("a-{method}"), &[]).await;
        assert_eq!(answer.get("status"), Some(status));
        assert_eq!(answer.get("expiry"), (method == PaymentMethod::Cc).then_some("08/2035"));
        let paid = shop.pay(answer.get("tokenID").unwrap(), "1.00", &format!("p-{method}")).await;
        assert_eq!(paid.text("TransactionStatus"), "Pending");
        let id = paid.text("TransactionId").to_owned();
        let pending = shop.call("GetTransactionStatus", &[("TransactionId", &id)]).await;
        assert_eq!(pending.text("StatusCode"), "PendingNetworkResponse");
        assert_eq!(sandbox.ledger().balance_of(people::SHOP), before);
        sandbox.clock().advance(wait);
        let done = shop.call("GetTransactionStatus", &[("TransactionId", &id)]).await;
        assert_eq!(done.text("TransactionStatus"), "Success");
        let net = Amount::usd("1.00").checked_sub(Amount::usd(fee)).unwrap();
        assert_eq!(sandbox.ledger().balance_of(people::SHOP), before.checked_add(net).unwrap(), "{method}");
    }
    let dora = Buyer::new(people::DORA, "dora");
    let answer = shop.buy(dora, "a-dora", &[]).await;
    let paid = shop.pay(answer.get("tokenID").unwrap(), "1.00", "p-dora").await;
    let id = paid.text("TransactionId").to_owned();
    assert_eq!(sandbox.finish_pending(), 1);
    let done = shop.call("GetTransactionStatus", &[("TransactionId", &id)]).await;
    assert_eq!((done.text("TransactionStatus"), done.text("StatusCode")), ("Failure", "TransactionDenied"));
    assert_eq!(sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn refunds_give_back_parts_up_to_the_whole() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = shop.buy(john(), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let paid = shop.pay(&token, "1.00", "p1").await;
    let id = paid.text("TransactionId");
    sandbox.deposit(&fps_sandbox::ledger::AccountId::new("SHOP"), Amount::usd("5")).unwrap();
    let refund = |reference: &'static str, amount: &'static str| {
        let amount = [("RefundAmount.Value", amount), ("RefundAmount.CurrencyCode", "USD")];
        let pairs = [&[("TransactionId", id), ("CallerReference", reference)][..], &amount[..]].concat();
        let shop = &shop;
        async move { shop.call("Refund", &pairs).await }
    };
    let first = refund("r1", "0.40").await;
    assert_eq!(first.text("TransactionStatus"), "Success", "{}", first.body);
    assert_ne!(first.text("TransactionId"), id);
    assert_eq!(refund("r2", "0.61").await.text("Code"), "RefundAmountExceeded");
    assert_eq!(refund("r3", "0.60").await.text("TransactionStatus"), "Success");
    assert_eq!(refund("r4", "0.01").await.text("Code"), "TransactionFullyRefundedAlready");
    assert_eq!(sandbox.ledger().balance_of(people::JOHN), Amount::usd("100"));
    assert_eq!(sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn a_reservation_is_settled_once_cancelled_or_lapses() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let reserve = async |name: &str| {
        let card = john().method(PaymentMethod::Cc);
        let answer = shop.buy(card, &format!("a-{name}"), &[("reserve", "True")]).await;
        let token = answer.get("tokenID").unwrap().to_owned();
        assert_eq!(shop.pay(&token, "1.00", &format!("wrong-{name}")).await.text("Code"), "InvalidTokenType");
        let reference = format!("r-{name}");
        let pairs = [
            ("SenderTokenId", token.as_str()),
            ("CallerReference", &reference),
            ("TransactionAmount.Value", "1.00"),
            ("TransactionAmount.CurrencyCode", "USD"),
        ];
        let reserved = shop.call("Reserve", &pairs).await;
        assert_eq!(reserved.text("TransactionStatus"), "Pending", "{}", reserved.body);
        sandbox.clock().advance(Duration::from_secs(1));
        reserved.text("TransactionId").to_owned()
    };
    let status = async |id: &str| {
        let answer = shop.call("GetTransactionStatus", &[("TransactionId", id)]).await;
        (answer.text("TransactionStatus").to_owned(), answer.text("StatusCode").to_owned())
    };
    let settle = async |id: &str, amount: &str| {
        let amount = [("TransactionAmount.Value", amount), ("TransactionAmount.CurrencyCode", "USD")];
        shop.call("Settle", &[&[("ReserveTransactionId", id)][..], &amount].concat()).await
    };
    let settled = reserve("settle").await;
    assert_eq!(status(&settled).await.0, "Reserved");
    assert_eq!(settle(&settled, "1.01").await.text("Code"), "SettleAmountGreaterThanReserveAmount");
    let answer = settle(&settled, "0.60").await;
    assert_eq!(
        (answer.text("TransactionId"), answer.text("TransactionStatus")),
        (settled.as_str(), "Pending")
    );
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(status(&settled).await.0, "Success");
    assert_eq!(settle(&settled, "0.10").await.text("Code"), "InvalidTransactionState");
    assert_eq!(sandbox.ledger().balance_of(people::SHOP), Amount::usd("0.52"));

    let cancelled = reserve("cancel").await;
    let answer = shop.call("Cancel", &[("TransactionId", &cancelled)]).await;
    assert_eq!(answer.text("TransactionStatus"), "Cancelled");
    assert_eq!(status(&cancelled).await, ("Cancelled".to_owned(), "Canceled".to_owned()));
    assert_eq!(settle(&cancelled, "0.10").await.text("Code"), "InvalidTransactionState");

    let lapsed = reserve("lapse").await;
    sandbox.clock().advance(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(status(&lapsed).await, ("Cancelled".to_owned(), "Expired".to_owned()));
    assert_eq!(sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn every_way_out_of_the_pages_has_its_status() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let someone = |email: &str, password: &str| Buyer::new(email, password);
    for (number, (buyer, more, status)) in [
        (john().cancel_at(Page::SignIn), &[][..], "A"),
        (john().cancel_at(Page::Method), &[], "A"),
        (john().cancel_at(Page::Confirm), &[], "A"),
        (someone(people::NORA, "nora"), &[], "PE"),
        (someone(people::CARL, "carl"), &[("paymentMethod", "ABT,ACH")], "PE"),
        (someone(people::ULLA, "ulla"), &[], "NP"),
        (someone(people::SUSI, "susi"), &[], "NP"),
        (someone(people::SHOP, "shop"), &[], "NP"),
        (someone(people::BETTY, "betty"), &[], "SA"),
        (someone(people::CARL, "carl"), &[], "SC"),
        (someone(people::JOHN, "john"), &[], "SA"),
        (john(), &[("transactionAmount", "1e3")], "CE"),
        (john(), &[("transactionAmount", "-")], "CE"),
        (john(), &[("transactionAmount", "0")], "CE"),
        (john(), &[("paymentMethod", "ABT,XYZ")], "CE"),
        (john(), &[("currencyCode", "EUR")], "CE"),
        (john(), &[("reserve", "maybe")], "CE"),
        (john(), &[("pipelineName", "DoubleUse")], "CE"),
        (john(), &[("version", "2007-01-08")], "CE"),
        (john(), &[("recipientToken", people::BUSKER_TOKEN)], "NP"),
        (john(), &[("recipientToken", people::CLOSED_TOKEN)], "NP"),
        (john(), &[("recipientToken", people::ARTIST_TOKEN)], "SA"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = shop.buy(buyer, &format!("a{number}"), more).await;
        assert_eq!(answer.get("status"), Some(status), "case {number}: {:?}", answer.get("errorMessage"));
        assert_eq!(answer.get("tokenID").is_some(), status.starts_with('S'), "case {number}");
    }
    let small = Caller::new(&sandbox, people::small_shop_credentials());
    let answer = small.buy(john(), "nm", &[("recipientToken", people::SMALL_SHOP_TOKEN)]).await;
    assert_eq!(answer.get("status"), Some("NM"));
    sandbox.faults().on_next("Pipeline", Fault::SystemError);
    assert_eq!(shop.buy(john(), "se", &[]).await.get("status"), Some("SE"));
    let again = shop.buy(john(), "a10", &[]).await;
    assert_eq!((again.get("status"), again.get("callerReference")), (Some("CE"), Some("a10")));
    assert!(again.get("errorMessage").unwrap().ends_with("[callerReference]"));
}

#[tokio::test]
async fn nobody_is_redirected_to_an_address_that_is_not_vouched_for() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let pairs = [("callerReference", "a1"), ("transactionAmount", "1.00")];
    let good = shop.link(&pairs);
    let tampered: Url =
        good.as_str().replace("transactionAmount=1.00", "transactionAmount=0.01").parse().unwrap();
    let unsigned: Url = good.as_str().split("&signature=").next().unwrap().parse().unwrap();
    let no_return = shop.link(&[pairs[0], pairs[1], ("returnURL", "-")]);
    let script = shop.link(&[pairs[0], pairs[1], ("returnURL", "javascript:alert(1)")]);
    let stranger = shop.link(&[pairs[0], pairs[1], ("callerKey", "NOBODY")]);
    for (link, part) in [
        (tampered, "signature does not match"),
        (unsigned, "not signed"),
        (no_return, "return URL is missing"),
        (script, "return URL is missing"),
        (stranger, "Nobody is known"),
    ] {
        match john().approve(&shop.http, &link).await {
            Err(BuyerError::Refused { status: 400, heading, .. }) => {
                assert!(heading.contains(part), "{heading}")
            }
            other => panic!("{link}: {other:?}"),
        }
    }
    let wrong = Buyer::new(people::JOHN, "wrong").approve(&shop.http, &good).await;
    assert!(matches!(wrong, Err(BuyerError::Refused { status: 422, .. })), "{wrong:?}");
}

#[tokio::test]
async fn bad_requests_get_the_documented_codes() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = shop.buy(john(), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let mallory = Caller::new(&sandbox, people::mallory_credentials());
    let forged = Caller::new(&sandbox, Credentials::new(people::SHOP_ACCESS_KEY, "guessed"));
    let unknown = Caller::new(&sandbox, Credentials::new("NOBODY", "x"));
    for (caller, action, pairs, status, code) in [
        (&forged, "GetAccountBalance", &[][..], 403, "SignatureDoesNotMatch"),
        (&unknown, "GetAccountBalance", &[], 403, "InvalidClientTokenId"),
        (&shop, "Fly", &[], 400, "InvalidAction"),
        (&shop, "GetAccountBalance", &[("recipient_token_id", "x")], 400, "InvalidRequest"),
        (&shop, "GetTransactionStatus", &[], 400, "InvalidParams"),
        (&shop, "GetTransactionStatus", &[("TransactionId", "FAKE")], 400, "InvalidParams"),
        (
            &shop,
            "GetTransactionStatus",
            &[("TransactionId", "14GKE3B85HCMF1BTSH5C4PD2IHZL95RJ2LM")],
            400,
            "InvalidTransactionId",
        ),
        (&shop, "GetTokenByCaller", &[("CallerReference", "nothing")], 400, "InvalidCallerReference"),
        (&mallory, "GetTokenByCaller", &[("CallerReference", "a1")], 400, "InvalidCallerReference"),
        (&mallory, "CancelToken", &[("TokenId", token.as_str())], 400, "TokenAccessDenied"),
        (&shop, "GetAccountActivity", &[("StartDate", "2011-01-01")], 400, "InvalidDateRange"),
    ] {
        let answer = caller.call(action, pairs).await;
        assert_eq!(
            (answer.status, answer.text("Code")),
            (status, code),
            "{action} {pairs:?}: {}",
            answer.body
        );
        assert!(answer.body.contains("</Message></Error></Errors><RequestID>"), "{}", answer.body);
    }
    assert_eq!(mallory.pay(&token, "1.00", "m1").await.text("Code"), "IncompatibleTokens");
    assert_eq!(shop.pay(&token, "1.01", "p1").await.text("Code"), "IncompatibleTokens");
    assert_eq!(shop.pay("NONE", "1.00", "p2").await.text("Code"), "InvalidParams");
    assert_eq!(shop.pay(&"A".repeat(64), "1.00", "p3").await.text("Code"), "InvalidTokenId_Sender");
    for amount in ["1e3", "٣", "1,00", "-1", "0.001", "1000000000000000000000000000000000000000"] {
        let refused = shop.pay(&token, amount, "p4").await;
        assert_eq!(refused.text("Code"), "InvalidParams", "{amount}");
        assert!(refused.body.contains("transactionAmount"), "{}", refused.body);
    }
    sandbox.clock().advance(Duration::from_secs(3 * 3600));
    assert_eq!(shop.pay(&token, "1.00", "p5").await.text("Code"), "IncompatibleTokens");
    let old = shop.request("GetAccountBalance", &[]);
    sandbox.clock().advance(Duration::from_secs(15 * 60 + 1));
    let expired = String::from_utf8(shop.http.send(old).await.unwrap().into_body()).unwrap();
    assert!(expired.contains("<Code>RequestExpired</Code>"), "{expired}");
    let nina = shop.buy(Buyer::new(people::NINA, "nina"), "a-nina", &[]).await;
    assert_eq!(
        shop.pay(nina.get("tokenID").unwrap(), "1.00", "p6").await.text("Code"),
        "InsufficientBalance"
    );
    assert_eq!(sandbox.ledger().charges(), 0);
}

#[tokio::test]
async fn a_lost_answer_was_carried_out_and_a_lost_request_was_not() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = shop.buy(john(), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let amount = [("TransactionAmount.Value", "1.00"), ("TransactionAmount.CurrencyCode", "USD")];
    let pairs = [&amount[..], &[("SenderTokenId", token.as_str()), ("CallerReference", "p1")]].concat();
    sandbox.faults().on("Pay", 1, Fault::LoseRequest);
    sandbox.faults().on("Pay", 2, Fault::LoseAnswer);
    sandbox.faults().on("Pay", 3, Fault::Status(503));
    assert!(shop.http.send(shop.request("Pay", &pairs)).await.is_err());
    assert_eq!(sandbox.ledger().charges(), 0);
    assert!(shop.http.send(shop.request("Pay", &pairs)).await.is_err());
    assert_eq!(sandbox.ledger().charges(), 1);
    assert_eq!(shop.call("Pay", &pairs).await.status, 503);
    let ledger = sandbox.ledger();
    let made = ledger.transactions_by_reference("p1");
    assert_eq!((made.len(), made[0].status, made[0].method), (1, Status::Success, PayMethod::Abt));
    assert_eq!(shop.call("Pay", &pairs).await.text("TransactionId"), made[0].id.as_str());
}
