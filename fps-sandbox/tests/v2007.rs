//! Version 2007-01-08: a purchase as its guide tells it, and what each operation does.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/first.rs"]
mod first;

use std::time::Duration;

use fps_core::checkout::PaymentMethod;
use fps_core::signature::legacy::{string_to_sign_version_0, string_to_sign_version_1};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Amount, Pairs};
use fps_sandbox::{Buyer, Fault, Page, people};

use first::{Shop, builder, john, returned, shop};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn john_buys_a_song_as_the_guide_tells_it() {
    let (shop, own) = shop().await;
    let link = shop.link(&[
        ("callerReference", "DigitalDownload1177495829105"),
        ("transactionAmount", "0.10"),
        ("paymentReason", "Now and Forever - Richard Marx"),
        ("paymentMethod", "abt,ba,cc"),
    ]);
    let pages = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let buyer = john().on_page({
        let pages = std::sync::Arc::clone(&pages);
        move |page| pages.lock().unwrap().push(page.page)
    });
    let back = buyer.approve(&shop.http, &link).await.unwrap();
    assert_eq!(*pages.lock().unwrap(), [Page::SignIn, Page::Method, Page::Confirm]);
    assert!(back.as_str().starts_with(first::RETURN), "{back}");
    assert_eq!(returned(&back, "status").as_deref(), Some("SA"));
    let token = returned(&back, "tokenID").unwrap();

    let paid = shop
        .pay(
            "Pay",
            &own,
            &token,
            &[
                ("TransactionAmount.Amount", "0.10"),
                ("CallerReference", "MP3DownloadId-AF12ES"),
                ("TransactionDate", "2007-10-16T17:00:00Z"),
                ("CallerDescription", "DigitalDownload web site"),
                ("MetaData", "Digital Content downloaded: Now and Forever - Richard Marx"),
                ("SenderDescription", "John Customer of DigitalDownload"),
                ("SenderReference", "johndigitaldownload"),
            ],
        )
        .await;
    assert!(
        paid.body.starts_with(
            "<?xml version=\"1.0\"?>\n<ns3:PayResponse xmlns:ns3=\"http://fps.amazonaws.com/doc/2007-01-08/\">\
             <ns3:TransactionResponse><TransactionId>1"
        ),
        "{}",
        paid.body
    );
    assert!(paid.body.ends_with(":0</RequestId></ns3:PayResponse>"), "{}", paid.body);
    let (id, status) = paid.transaction();
    assert_eq!((paid.status, id.len(), status), (200, 35, "Success"));

    let ledger = shop.sandbox.ledger();
    assert_eq!(ledger.balance_of(people::JOHN), Amount::usd("99.90"));
    assert_eq!(ledger.balance_of(people::SHOP), Amount::usd("0.09"));
    assert_eq!((ledger.sum(), ledger.charges()), (0, 1));

    let one = shop.call("GetTransaction", &[("TransactionId", id)]).await;
    for part in [
        "<CallerTransactionDate>2007-10-16T10:00:00.000-07:00</CallerTransactionDate>",
        "<TransactionAmount><CurrencyCode>USD</CurrencyCode><Amount>0.100000</Amount></TransactionAmount>",
        "<MetaData>Digital Content downloaded: Now and Forever - Richard Marx</MetaData>",
        "<Role>Sender</Role><Name>John Customer</Name><Reference>johndigitaldownload</Reference>\
         <Description>John Customer of DigitalDownload</Description>",
        "<Role>Caller</Role><Name>DigitalDownload</Name><Reference>MP3DownloadId-AF12ES</Reference>\
         <Description>DigitalDownload web site</Description>",
        "<Role>Recipient</Role><Name>DigitalDownload</Name><FeePaid><CurrencyCode>USD</CurrencyCode>\
         <Amount>0.010000</Amount></FeePaid>",
        &format!("<CallerTokenId>{}</CallerTokenId><SenderTokenId>{token}</SenderTokenId>", own.caller),
    ] {
        assert!(one.body.contains(part), "{part} is not in {}", one.body);
    }
    let activity = shop.call("GetAccountActivity", &[("StartDate", "2007-10-16T00:00:00Z")]).await;
    assert_eq!(activity.text("ResponseBatchSize"), "1", "{}", activity.body);
    assert_eq!(activity.text("Balance"), "<CurrencyCode>USD</CurrencyCode><Amount>0.090000</Amount>");
    assert!(!activity.body.contains("<Role>Sender</Role>"), "{}", activity.body);
    let balance = shop.call("GetAccountBalance", &[]).await;
    assert_eq!(balance.text("TotalBalance"), "<CurrencyCode>USD</CurrencyCode><Amount>0.090000</Amount>");
    let found = shop.call("GetTokenByCaller", &[("CallerReference", "DigitalDownload1177495829105")]).await;
    assert_eq!((found.text("TokenId"), found.text("Status")), (token.as_str(), "Inactive"));
}

#[tokio::test]
async fn installed_tokens_keep_their_rules_byte_for_byte() {
    let (shop, own) = shop().await;
    let rules = "MyRole=='Recipient' orSay 'Roles do not match';\n\tPaymentMethod in 'abt, ach, cc';";
    let installed = shop.install(rules, "r1", "Unrestricted").await;
    let token = installed.text("TokenId");
    let kept = shop.call("GetPaymentInstruction", &[("TokenId", token)]).await;
    assert_eq!(kept.text("PaymentInstruction"), rules);
    assert_eq!((kept.text("AccountId"), kept.text("TokenFriendlyName")), ("SHOP", "r1"));
    assert_eq!((kept.text("CallerInstalled"), kept.text("OldTokenId")), ("SHOP", token));

    // The same again, to the letter: never the first token, always a refusal. The token is found by its name.
    let again = shop.install(rules, "r1", "Unrestricted").await;
    assert_eq!((again.status, again.request_status(), again.code()), (200, "Failure", "DuplicateRequest"));
    assert_eq!(
        again.text("ReasonText"),
        "This request is a duplicate of a previous request and cannot be executed."
    );
    let found = shop.call("GetTokenByCaller", &[("CallerReference", "r1")]).await;
    assert_eq!(found.text("TokenId"), token);
    let found = shop.call("GetTokenByCaller", &[("TokenId", token)]).await;
    assert_eq!(found.text("CallerReference"), "r1");

    let all = shop.call("GetTokens", &[]).await;
    assert_eq!(all.body.matches("<Tokens>").count(), 4, "{}", all.body);
    let usage = shop.call("GetTokenUsage", &[("TokenId", token)]).await;
    assert_eq!((usage.request_status(), usage.find("TokenUsageLimits")), ("Success", None));
    assert_eq!(shop.call("CancelToken", &[("TokenId", token)]).await.request_status(), "Success");
    let gone = shop.call("GetTokens", &[("TokenStatus", "Inactive")]).await;
    assert_eq!(gone.text("TokenId"), token);
    let refused = shop.call("GetTokenByCaller", &[("CallerReference", "nobody")]).await;
    assert_eq!(refused.code(), "InvalidCallerReference");
    let both = shop.call("GetTokenByCaller", &[("CallerReference", "r1"), ("TokenId", token)]).await;
    assert_eq!(both.code(), "InvalidParams");
    assert_eq!(own.caller.len(), 64);
}

#[tokio::test]
async fn rules_with_mistakes_get_one_error_each() {
    let (shop, _) = shop().await;
    let bad = shop.install("Invalid instruction's", "b1", "Unrestricted").await;
    assert_eq!((bad.status, bad.request_status()), (200, "Failure"));
    let texts: Vec<_> = bad.body.split("<ReasonText>").skip(1).collect();
    assert!(texts[0].starts_with("Parse errors: line 1:9: unexpected token: instruction<"), "{texts:?}");
    assert!(texts[1].starts_with("Parse errors: expecting ''', found '&lt;EOF&gt;'<"), "{texts:?}");
    assert_eq!(bad.body.matches("<ErrorCode>BadRule</ErrorCode>").count(), 2);
    assert_eq!(bad.body.matches("<IsRetriable>false</IsRetriable>").count(), 2);
    for (rules, kind, code) in [
        ("MyRole == 'Caller'; PaymentMethod == 'cash';", "Unrestricted", "InvalidPaymentMethod"),
        ("MyRole == 'Caller'; Weather == 'fair';", "Unrestricted", "BadRule"),
        ("MyRole == 'Caller';", "MultiUse", "UsageNotDefined"),
        ("MyRole == 'Caller';", "Recurring", "UsageNotDefined"),
        ("MyRole == 'Caller';", "Sometimes", "InvalidParams"),
        ("", "Unrestricted", "InvalidParams"),
    ] {
        assert_eq!(shop.install(rules, "b1", kind).await.code(), code, "{rules} {kind}");
    }
    // What was refused took no reference.
    assert_eq!(shop.install("MyRole == 'Caller';", "b1", "SingleUse").await.request_status(), "Success");
    let long = "r".repeat(50);
    assert_eq!(shop.install("MyRole == 'Caller';", &long, "Unrestricted").await.code(), "InvalidParams");
    let permissive = Shop::new(&builder().permissive_rules(true).build(), people::shop_credentials());
    let fair = permissive.install("MyRole == 'Caller'; Weather == 'fair';", "b1", "Unrestricted").await;
    assert_eq!(fair.request_status(), "Success");
}

#[tokio::test]
async fn pay_is_refused_where_a_token_does_not_allow_it() {
    let (shop, own) = shop().await;
    let token = shop.token(john(), "a1", &[]).await;
    let pay = async |more: &[(&str, &str)]| shop.pay("Pay", &own, &token, more).await;

    let above = pay(&[("TransactionAmount.Amount", "1.01"), ("CallerReference", "p1")]).await;
    assert_eq!((above.status, above.code()), (200, "IncompatibleTokens"));
    assert!(above.text("ReasonText").ends_with("Assertion Failed for Sender"), "{}", above.body);
    let swapped = pay(&[("RecipientTokenId", &own.caller), ("CallerReference", "p2")]).await;
    assert_eq!(
        swapped.text("ReasonText"),
        "The transaction could not be completed because the tokens have incompatible payment instructions: \
         Assertion Failed for Recipient Roles do not match"
    );
    let swapped = pay(&[("CallerTokenId", &own.recipient), ("CallerReference", "p3")]).await;
    assert!(swapped.text("ReasonText").contains("Assertion Failed for Caller"), "{}", swapped.body);
    let none = "N".repeat(64);
    // A refusal stands under its reference, so each has its own.
    for (number, (name, value, code)) in [
        ("CallerTokenId", none.as_str(), "InvalidTokenId_Caller"),
        ("RecipientTokenId", &none, "InvalidTokenId_Recipient"),
        ("SenderTokenId", &none, "InvalidTokenId_Sender"),
        ("SenderTokenId", &own.recipient, "IncompatibleTokens"),
        ("RecipientTokenId", &token, "IncompatibleTokens"),
        ("CallerTokenId", "", "InvalidParams"),
        ("ChargeFeeTo", "DigitalDownload", "InvalidParams"),
        ("TransactionAmount.CurrencyCode", "EUR", "InvalidParams"),
        ("TransactionAmount.Value", "1.00", "InvalidParams"),
        ("Weather", "fair", "InvalidParams"),
    ]
    .into_iter()
    .enumerate()
    {
        let reference = format!("p4-{number}");
        let refused = shop.pay("Pay", &own, &token, &[(name, value), ("CallerReference", &reference)]).await;
        assert_eq!((refused.status, refused.code()), (200, code), "{name}={value}: {}", refused.body);
        assert_eq!(refused.text("IsRetriable"), "false");
    }
    let empty = pay(&[("CallerTokenId", ""), ("CallerReference", "p5")]).await;
    assert_eq!(empty.text("ReasonText"), "callerTokenId can not be empty");
    assert_eq!(shop.sandbox.ledger().charges(), 0);

    // The token is still whole; then it is spent.
    let paid = pay(&[("CallerReference", "p6")]).await;
    assert_eq!(paid.transaction().1, "Success");
    let spent = pay(&[("CallerReference", "p7")]).await;
    assert_eq!(spent.code(), "TokenUsageError");
    assert_eq!(spent.text("ReasonText"), format!("The token \"{token}\" has violated its usage policy."));
    // The same request gets the same answer; another under its reference is refused.
    let again = pay(&[("CallerReference", "p6")]).await;
    assert_eq!(again.transaction(), paid.transaction());
    let other = pay(&[("CallerReference", "p6"), ("TransactionAmount.Amount", "0.99")]).await;
    assert_eq!(other.code(), "DuplicateRequest");
    assert_eq!((shop.sandbox.ledger().charges(), shop.sandbox.ledger().sum()), (1, 0));

    // John's token is no use to another caller, nor three hours later.
    let late = shop.token(john(), "a2", &[]).await;
    let mallory = Shop::new(&shop.sandbox, people::mallory_credentials());
    let hers = mallory.own().await;
    let stolen = mallory.pay("Pay", &hers, &late, &[("CallerReference", "p8")]).await;
    assert_eq!(stolen.code(), "InvalidTokenId_Sender");
    shop.sandbox.clock().advance(Duration::from_secs(3 * 3600));
    let late = shop.pay("Pay", &own, &late, &[("CallerReference", "p9")]).await;
    assert_eq!(late.code(), "TokenNotActive_Sender");
    let poor = shop.token(Buyer::new(people::NINA, "nina"), "a3", &[]).await;
    let poor = shop.pay("Pay", &own, &poor, &[("CallerReference", "p10")]).await;
    assert_eq!((poor.code(), poor.text("IsRetriable")), ("InsufficientBalance", "true"));
}

#[tokio::test]
async fn a_token_bound_to_one_payment_is_good_for_that_alone() {
    let (shop, own) = shop().await;
    let token = shop.token(john(), "a1", &[]).await;
    let rules = format!(
        "MyRole == 'Recipient' orSay 'Role does not match';\nTransactionAmount == 'USD 1.000000';\nSenderToken == '{token}';"
    );
    let bound = shop.install(&rules, "bound", "SingleUse").await.text("TokenId").to_owned();
    let pay = async |token: &str, amount: &str, reference: &str| {
        let more = [
            ("RecipientTokenId", bound.as_str()),
            ("TransactionAmount.Amount", amount),
            ("CallerReference", reference),
        ];
        shop.pay("Pay", &own, token, &more).await
    };
    assert_eq!(pay(&token, "0.99", "p1").await.code(), "IncompatibleTokens");
    let other = shop.token(john(), "a2", &[]).await;
    assert_eq!(pay(&other, "1.00", "p2").await.code(), "IncompatibleTokens");
    assert_eq!(pay(&token, "1.00", "p3").await.transaction().1, "Success");
    let found = shop.call("GetTokenByCaller", &[("TokenId", &bound)]).await;
    assert_eq!(found.text("Status"), "Inactive");
    assert_eq!(pay(&other, "1.00", "p4").await.code(), "TokenUsageError");
}

#[tokio::test]
async fn cards_and_banks_answer_later_into_the_queue() {
    let (shop, own) = shop().await;
    let card = john().method(PaymentMethod::Cc);
    let results = async || shop.call("GetResults", &[]).await;
    assert_eq!(results().await.text("NumberPending"), "0");

    let back = shop.walk(card.clone(), &[("callerReference", "a1"), ("transactionAmount", "1.00")]).await;
    assert_eq!(returned(&back, "status").as_deref(), Some("SC"));
    assert_eq!(returned(&back, "expiry").as_deref(), Some("08/2035"));
    let paid =
        shop.pay("Pay", &own, &returned(&back, "tokenID").unwrap(), &[("CallerReference", "p1")]).await;
    let (id, status) = paid.transaction();
    assert_eq!(status, "Initiated");
    let one = shop.call("GetTransaction", &[("TransactionId", id)]).await;
    assert!(one.body.contains("<PaymentMethod>CC</PaymentMethod><Status>Initiated</Status>"), "{}", one.body);
    assert_eq!(results().await.text("NumberPending"), "0");
    shop.sandbox.clock().advance(SECOND);
    let done = results().await;
    assert_eq!(
        done.text("TransactionResults"),
        format!(
            "<TransactionId>{id}</TransactionId><Operation>Pay</Operation>\
             <CallerReference>p1</CallerReference><Status>Success</Status>"
        )
    );
    assert_eq!(done.text("NumberPending"), "1");

    // One row for each status, the newest first, each with the balance of its moment.
    let activity = shop.call("GetAccountActivity", &[("StartDate", "2007-10-16T00:00:00Z")]).await;
    let rows: Vec<_> = activity.body.split("<Transactions>").skip(1).collect();
    assert_eq!(rows.len(), 2, "{}", activity.body);
    for (row, status, balance) in [(rows[0], "Success", "0.900000"), (rows[1], "Initiated", "0.000000")] {
        assert!(row.contains(&format!("<Status>{status}</Status><ErrorCode></ErrorCode>")), "{row}");
        assert!(
            row.contains(&format!("<Balance><CurrencyCode>USD</CurrencyCode><Amount>{balance}<")),
            "{row}"
        );
    }
    let pairs = [("StartDate", "2007-10-16T00:00:00Z"), ("Status", "Initiated")];
    let initiated = shop.call("GetAccountActivity", &pairs).await;
    assert_eq!(initiated.text("ResponseBatchSize"), "1");

    // Dora's card is declined; John's bank takes days.
    let dora = shop.token(Buyer::new(people::DORA, "dora"), "a2", &[]).await;
    let declined = shop.pay("Pay", &own, &dora, &[("CallerReference", "p2")]).await;
    let declined = declined.transaction().0.to_owned();
    let bank = shop.token(john().method(PaymentMethod::Ach), "a3", &[]).await;
    let bank = shop.pay("Pay", &own, &bank, &[("CallerReference", "p3")]).await;
    assert_eq!(bank.transaction().1, "Initiated");
    shop.sandbox.clock().advance(Duration::from_secs(3 * 24 * 3600));
    let done = results().await;
    let statuses: Vec<_> = done.body.split("<Status>").skip(1).map(|rest| &rest[..7]).collect();
    assert_eq!(statuses, ["Success", "Failure", "Success", "Success"], "{}", done.body);
    let failed = shop.call("GetTransaction", &[("TransactionId", &declined)]).await;
    assert_eq!((failed.text("ErrorCode"), failed.text("Status")), ("TransactionDenied", "Failure"));

    // Old results hide new ones until they are discarded; discarding twice harms nothing.
    let first = shop.call("GetResults", &[("MaxResultsCount", "1")]).await;
    assert_eq!((first.text("TransactionId"), first.text("NumberPending")), (id, "3"));
    let discarded =
        shop.call("DiscardResults", &[("TransactionIds.1", id), ("TransactionIds.2", &declined)]).await;
    assert_eq!((discarded.request_status(), discarded.find("DiscardErrors")), ("Success", None));
    assert_eq!(results().await.text("NumberPending"), "1");
    let again = shop.call("DiscardResults", &[("TransactionIds", id)]).await;
    assert_eq!(again.text("DiscardErrors"), format!("No result of transaction {id} is waiting."));
    assert_eq!(shop.sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn who_subscribes_finds_nothing_in_the_queue() {
    let (shop, own) = shop().await;
    let name = ("NotificationOperationName", "postTransactionResult");
    let gone = shop.call("UnSubscribeForCallerNotification", &[name]).await;
    assert_eq!(gone.code(), "InvalidEvent");
    let plain = [name, ("WebServiceAPIURL", "http://shop.example/notify")];
    assert_eq!(shop.call("SubscribeForCallerNotification", &plain).await.code(), "InvalidParams");
    let secure = [name, ("WebServiceAPIURL", "https://shop.example/notify")];
    assert_eq!(shop.call("SubscribeForCallerNotification", &secure).await.request_status(), "Success");
    let pay = async |reference: &str| {
        let token = shop.token(john().method(PaymentMethod::Cc), &format!("a-{reference}"), &[]).await;
        shop.pay("Pay", &own, &token, &[("CallerReference", reference)]).await;
        shop.sandbox.clock().advance(SECOND);
        shop.call("GetResults", &[]).await.text("NumberPending").to_owned()
    };
    assert_eq!(pay("p1").await, "0");
    let other = ("NotificationOperationName", "TransactionResults");
    assert_eq!(shop.call("UnSubscribeForCallerNotification", &[other]).await.request_status(), "Success");
    assert_eq!(pay("p2").await, "1");
}

#[tokio::test]
async fn a_reservation_is_settled_under_its_id_or_lapses() {
    let (shop, own) = shop().await;
    let card = john().method(PaymentMethod::Cc);
    let reserve = async |reference: &str| {
        let more = [("reserve", "True"), ("paymentMethod", "CC")];
        let token = shop.token(card.clone(), &format!("a-{reference}"), &more).await;
        let reserved = shop.pay("Reserve", &own, &token, &[("CallerReference", reference)]).await;
        assert_eq!(reserved.transaction().1, "Initiated");
        reserved.transaction().0.to_owned()
    };
    let status = async |id: &str| {
        let one = shop.call("GetTransaction", &[("TransactionId", id)]).await;
        let at = one.body.find("</PaymentMethod><Status>").unwrap() + "</PaymentMethod><Status>".len();
        one.body[at..].split('<').next().unwrap().to_owned()
    };
    let id = reserve("r1").await;
    let early = shop.call("Settle", &[("ReserveTransactionId", &id)]).await;
    assert_eq!(early.code(), "OriginalTransactionIncomplete");
    shop.sandbox.clock().advance(SECOND);
    assert_eq!(status(&id).await, "Reserved");
    assert_eq!(shop.sandbox.ledger().balance_of(people::SHOP), Amount::ZERO);
    let much = shop.ask("Settle", ("TransactionAmount", "1.01"), &[("ReserveTransactionId", &id)]).await;
    assert_eq!(
        (much.code(), much.text("ReasonText")),
        (
            "SettleAmountGreaterThanReserveAmount",
            "Settle Amount \"$1.010000\" is greater than the Reserve Amount \"$1.000000\""
        )
    );
    let pairs = [("ReserveTransactionId", id.as_str()), ("MetaData", "shipped")];
    let settled = shop.ask("Settle", ("TransactionAmount", "0.60"), &pairs).await;
    assert_eq!(settled.transaction(), (id.as_str(), "Initiated"));
    shop.sandbox.clock().advance(SECOND);
    assert_eq!(status(&id).await, "Success");
    assert_eq!(shop.sandbox.ledger().balance_of(people::SHOP), Amount::usd("0.52"));
    let one = shop.call("GetTransaction", &[("TransactionId", &id)]).await;
    assert_eq!((one.text("MetaData"), one.text("Operation")), ("shipped", "Settle"));
    assert_eq!(one.body.matches("<StatusHistory>").count(), 4, "{}", one.body);
    let activity = shop.call("GetAccountActivity", &[("StartDate", "2007-10-16T00:00:00Z")]).await;
    let operations: Vec<_> =
        activity.body.split("<Operation>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(operations, ["Settle", "Settle", "Reserve", "Reserve"]);
    let twice = shop.call("Settle", &[("ReserveTransactionId", &id)]).await;
    assert_eq!(twice.code(), "InvalidTransactionState");

    // It cannot be cancelled in this version; on day 7 it is over.
    let id = reserve("r2").await;
    shop.sandbox.clock().advance(SECOND);
    assert_eq!(shop.call("Cancel", &[("TransactionId", &id)]).await.status, 400);
    shop.sandbox.clock().advance(Duration::from_secs(7 * 24 * 3600 - 1));
    assert_eq!(status(&id).await, "Reserved");
    shop.sandbox.clock().advance(SECOND);
    assert_eq!(status(&id).await, "Failure");
    let late = shop.call("Settle", &[("ReserveTransactionId", &id)]).await;
    assert_eq!(late.code(), "InvalidTransactionState");
    let balance = shop.token(john(), "a3", &[("reserve", "True")]).await;
    let refused = shop.pay("Reserve", &own, &balance, &[("CallerReference", "r3")]).await;
    assert_eq!(refused.code(), "PaymentInstrumentNotCC");
    assert_eq!(shop.sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn refunds_come_from_a_sender_token_of_the_one_who_was_paid() {
    let (shop, own) = shop().await;
    shop.sandbox.deposit(&fps_sandbox::ledger::AccountId::new("SHOP"), Amount::usd("10")).unwrap();
    let paid = async |method: PaymentMethod| {
        let token = shop.token(john().method(method), &format!("a-{method}"), &[]).await;
        let paid = shop.pay("Pay", &own, &token, &[("CallerReference", &format!("p-{method}"))]).await;
        shop.sandbox.finish_pending();
        paid.transaction().0.to_owned()
    };
    let refund = async |id: &str, token: &str, amount: &str, reference: &str| {
        let pairs = [
            ("CallerTokenId", own.caller.as_str()),
            ("RefundSenderTokenId", token),
            ("TransactionId", id),
            ("CallerReference", reference),
            ("RefundSenderReference", "us"),
            ("ChargeFeeTo", "Recipient"),
        ];
        shop.ask("Refund", ("RefundAmount", amount), &pairs).await
    };
    let id = paid(PaymentMethod::Abt).await;
    assert_eq!(refund(&id, &own.recipient, "0.40", "f1").await.code(), "IncompatibleTokens");
    let first = refund(&id, &own.refunder, "0.40", "f2").await;
    assert_eq!(first.transaction().1, "Success");
    let given = first.transaction().0.to_owned();
    assert_eq!(refund(&id, &own.refunder, "0.40", "f2").await.transaction().0, given);
    assert_eq!(refund(&id, &own.refunder, "0.61", "f3").await.code(), "RefundAmountExceeded");
    assert_eq!(refund(&id, &own.refunder, "0.60", "f4").await.transaction().1, "Success");
    assert_eq!(refund(&id, &own.refunder, "0.01", "f5").await.code(), "TransactionFullyRefundedAlready");
    assert_eq!(shop.sandbox.ledger().balance_of(people::JOHN), Amount::usd("100"));
    assert_eq!(shop.sandbox.ledger().balance_of(people::SHOP), Amount::usd("10"));
    let one = shop.call("GetTransaction", &[("TransactionId", &given)]).await;
    assert_eq!(one.text("RelatedTransactions"), format!("<TransactionId>{id}</TransactionId>"));
    assert!(one.body.contains("<Role>Sender</Role><Name>DigitalDownload</Name><Reference>us</Reference>"));
    let activity =
        shop.call("GetAccountActivity", &[("StartDate", "2007-10-16"), ("Operation", "Refund")]).await;
    assert_eq!(activity.text("OriginalTransactionId"), id);

    // To a card it goes back later; what came from a bank goes to the balance at once.
    let id = paid(PaymentMethod::Cc).await;
    assert_eq!(refund(&id, &own.refunder, "1.00", "f6").await.transaction().1, "Initiated");
    shop.sandbox.finish_pending();
    assert_eq!(shop.sandbox.ledger().balance_of(people::JOHN), Amount::usd("100"));
    let id = paid(PaymentMethod::Ach).await;
    assert_eq!(refund(&id, &own.refunder, "1.00", "f7").await.transaction().1, "Success");
    assert_eq!(shop.sandbox.ledger().balance_of(people::JOHN), Amount::usd("101"));
    assert_eq!(shop.sandbox.ledger().sum(), 0);

    // Mallory cannot refund what is not hers.
    let mallory = Shop::new(&shop.sandbox, people::mallory_credentials());
    let hers = mallory.own().await;
    let pairs = [
        ("CallerTokenId", hers.caller.as_str()),
        ("RefundSenderTokenId", &hers.refunder),
        ("TransactionId", &id),
        ("CallerReference", "f8"),
    ];
    assert_eq!(mallory.call("Refund", &pairs).await.code(), "InvalidTransactionId");
}

#[tokio::test]
async fn a_temporary_decline_ends_as_the_policy_says() {
    let (shop, own) = shop().await;
    let faults = shop.sandbox.faults();
    let pay = async |method: PaymentMethod, reference: &str, policy: &[(&str, &str)]| {
        faults.on_next("Pay", Fault::TemporaryDecline);
        let token = shop.token(john().method(method), &format!("a-{reference}"), &[]).await;
        let paid = shop.pay("Pay", &own, &token, &[&[("CallerReference", reference)], policy].concat()).await;
        let (id, status) = paid.transaction();
        (id.to_owned(), status.to_owned())
    };
    let status = async |id: &str| {
        let one = shop.call("GetTransaction", &[("TransactionId", id)]).await;
        let at = one.body.find("</PaymentMethod><Status>").unwrap() + "</PaymentMethod><Status>".len();
        one.body[at..].split('<').next().unwrap().to_owned()
    };
    let retry = async |id: &str| shop.call("RetryTransaction", &[("OriginalTransactionId", id)]).await;

    // From the balance: told at once, retried at once.
    let (id, told) = pay(PaymentMethod::Abt, "p1", &[]).await;
    assert_eq!(told, "TemporaryDecline");
    assert_eq!(shop.sandbox.ledger().charges(), 0);
    faults.on_next("RetryTransaction", Fault::TemporaryDecline);
    assert_eq!(retry(&id).await.transaction(), (id.as_str(), "TemporaryDecline"));
    assert_eq!(retry(&id).await.transaction(), (id.as_str(), "Success"));
    assert_eq!(retry(&id).await.code(), "InvalidTransactionState");
    assert_eq!(shop.sandbox.ledger().charges(), 1);

    // By card: told by the result, retried, and told again.
    let (id, told) = pay(PaymentMethod::Cc, "p2", &[]).await;
    assert_eq!(told, "Initiated");
    assert_eq!(retry(&id).await.code(), "InvalidTransactionState");
    shop.sandbox.clock().advance(SECOND);
    assert_eq!(status(&id).await, "TemporaryDecline");
    let result = shop.call("GetResults", &[("Operation", "Pay")]).await;
    assert!(result.body.contains(&format!(
        "<TransactionId>{id}</TransactionId><Operation>Pay</Operation><CallerReference>p2</CallerReference>\
         <Status>TemporaryDecline</Status>"
    )), "{}", result.body);
    assert_eq!(retry(&id).await.transaction(), (id.as_str(), "Reinitiated"));
    // On its way again, it is no result any more.
    let results = shop.call("GetResults", &[]).await;
    assert!(!results.body.contains(&id), "{}", results.body);
    shop.sandbox.clock().advance(SECOND);
    assert_eq!(status(&id).await, "Success");
    let one = shop.call("GetTransaction", &[("TransactionId", &id)]).await;
    let history: Vec<_> = one.body.split("<StatusHistory>").skip(1).collect();
    for (moment, status) in history.iter().zip(["Initiated", "TemporaryDecline", "Reinitiated", "Success"]) {
        assert!(moment.contains(&format!("<Status>{status}</Status>")), "{moment}");
    }
    assert_eq!(history.len(), 4);

    // The service retries by itself, or gives up; or nothing is retried at all.
    let policy = |word| ("TemporaryDeclinePolicy.TemporaryDeclinePolicyType", word);
    let minutes = |number| ("TemporaryDeclinePolicy.ImplicitRetryTimeoutInMins", number);
    let (id, _) = pay(PaymentMethod::Cc, "p3", &[policy("ImplicitRetry"), minutes("60")]).await;
    shop.sandbox.clock().advance(SECOND);
    assert_eq!(status(&id).await, "TemporaryDecline");
    assert_eq!(retry(&id).await.code(), "TransactionExpired");
    shop.sandbox.clock().advance(Duration::from_secs(601));
    assert_eq!(status(&id).await, "Success");
    let (id, _) = pay(PaymentMethod::Abt, "p4", &[policy("ImplicitRetry"), minutes("5")]).await;
    shop.sandbox.clock().advance(Duration::from_secs(301));
    assert_eq!(status(&id).await, "Failure");
    let (id, told) = pay(PaymentMethod::Abt, "p5", &[policy("Failure")]).await;
    assert_eq!((told.as_str(), status(&id).await.as_str()), ("Failure", "Failure"));
    assert_eq!((shop.sandbox.ledger().charges(), shop.sandbox.ledger().sum()), (3, 0));
}

#[tokio::test]
async fn a_marketplace_takes_its_fee_from_another_seller() {
    let (shop, own) = shop().await;
    let back = shop
        .walk(
            Buyer::new(people::ARTIST, "artist"),
            &[
                ("pipelineName", "Recipient"),
                ("callerReference", "artist-1"),
                ("callerReferenceRefund", "artist-1-refund"),
                ("maxFixedFee", "0.20"),
                ("maxVariableFee", "10"),
                ("recipientPaysFee", "True"),
            ],
        )
        .await;
    assert_eq!(returned(&back, "status").as_deref(), Some("SR"));
    let artist = returned(&back, "tokenID").unwrap();
    let refunder = returned(&back, "refundTokenID").unwrap();
    let token = shop.token(john(), "a1", &[("recipientToken", &artist)]).await;
    let fee = [("MarketplaceFixedFee.Amount", "0.10"), ("MarketplaceFixedFee.CurrencyCode", "USD")];
    let more =
        [("RecipientTokenId", artist.as_str()), ("MarketplaceVariableFee", "5"), ("CallerReference", "p1")];
    let paid = shop.pay("Pay", &own, &token, &[&more[..], &fee].concat()).await;
    assert_eq!(paid.transaction().1, "Success");
    let ledger = shop.sandbox.ledger();
    assert_eq!(ledger.balance_of(people::SHOP), Amount::usd("0.15"));
    assert_eq!(ledger.balance_of(people::ARTIST), Amount::usd("0.82"));
    // The artist is not the caller: his own refund token gives back.
    let id = paid.transaction().0;
    let pairs = |token| {
        [("CallerTokenId", own.caller.as_str()), ("RefundSenderTokenId", token), ("TransactionId", id)]
    };
    let policy = [("MarketplaceRefundPolicy", "MasterAndMarketplaceTxn"), ("CallerReference", "f1")];
    let ours = shop.call("Refund", &[&pairs(&own.refunder)[..], &policy].concat()).await;
    assert_eq!(ours.code(), "SenderNotOriginalRecipient", "{}", ours.body);
    let theirs = shop
        .call("Refund", &[&pairs(&refunder)[..], &policy[..1], &[("CallerReference", "f2")]].concat())
        .await;
    assert_eq!(theirs.transaction().1, "Success");
    let ledger = shop.sandbox.ledger();
    assert_eq!(ledger.balance_of(people::JOHN), Amount::usd("100"));
    assert_eq!((ledger.balance_of(people::SHOP), ledger.sum()), (Amount::ZERO, 0));
}

#[tokio::test]
async fn prepaid_and_postpaid_keep_their_books() {
    let (shop, own) = shop().await;
    let betty = || Buyer::new(people::BETTY, "betty");
    let back = shop
        .walk(
            betty(),
            &[
                ("pipelineName", "SetupPrepaid"),
                ("callerReferenceSender", "ps"),
                ("callerReferenceFunding", "pf"),
                ("fundingAmount", "20"),
            ],
        )
        .await;
    let part = |name: &str| returned(&back, name).unwrap_or_else(|| panic!("no {name} in {back}"));
    let instrument = part("prepaidInstrumentID");
    let fund = async |amount: &str, reference: &str| {
        let pairs = [
            ("SenderTokenId", part("fundingTokenID")),
            ("CallerTokenId", own.caller.clone()),
            ("PrepaidInstrumentId", instrument.clone()),
            ("CallerReference", reference.to_owned()),
            ("ChargeFeeTo", "Recipient".to_owned()),
        ];
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        shop.ask("FundPrepaid", ("FundingAmount", amount), &pairs).await
    };
    assert_eq!(fund("20.01", "f1").await.code(), "AmountOutOfRange");
    assert_eq!(fund("10.00", "f2").await.transaction().1, "Success");
    let paid = shop.pay("Pay", &own, &part("prepaidSenderTokenID"), &[("CallerReference", "p1")]).await;
    assert_eq!(paid.transaction().1, "Success");
    let balance = shop.call("GetPrepaidBalance", &[("PrepaidInstrumentId", &instrument)]).await;
    assert_eq!(balance.text("AvailableBalance"), "<CurrencyCode>USD</CurrencyCode><Amount>9.000000</Amount>");
    let liability = shop.call("GetTotalPrepaidLiability", &[]).await;
    assert_eq!(
        liability.text("OutstandingBalance"),
        "<CurrencyCode>USD</CurrencyCode><Amount>9.000000</Amount>"
    );
    let all = shop.call("GetAllPrepaidInstruments", &[("InstrumentStatus", "Active")]).await;
    assert_eq!(all.text("PrepaidInstrumentIds"), instrument);
    let wrong = shop.pay("Pay", &own, &part("fundingTokenID"), &[("CallerReference", "p2")]).await;
    assert_eq!(wrong.code(), "IncompatibleTokens");

    let back = shop
        .walk(
            betty(),
            &[
                ("pipelineName", "SetupPostpaid"),
                ("callerReferenceSender", "cs"),
                ("callerReferenceSettlement", "ct"),
                ("creditLimit", "20"),
                ("globalAmountLimit", "50"),
            ],
        )
        .await;
    let part = |name: &str| returned(&back, name).unwrap_or_else(|| panic!("no {name} in {back}"));
    let credit = part("creditInstrumentID");
    let paid = shop.pay("Pay", &own, &part("creditSenderTokenID"), &[("CallerReference", "p3")]).await;
    assert_eq!(paid.transaction().1, "Success");
    let (settler, credit) = (part("settlementTokenID"), credit.as_str());
    let settle = [
        ("SenderTokenId", settler.as_str()),
        ("CallerTokenId", &own.caller),
        ("CreditInstrumentId", credit),
        ("ChargeFeeTo", "Recipient"),
    ];
    let before = shop.sandbox.ledger().balance_of(people::SHOP);
    let pairs = [&settle[..], &[("CallerReference", "s1")]].concat();
    let settled = shop.ask("SettleDebt", ("SettlementAmount", "0.40"), &pairs).await;
    assert_eq!(settled.transaction().1, "Success");
    assert_eq!(shop.sandbox.ledger().balance_of(people::SHOP).checked_sub(before), Some(Amount::usd("0.38")));
    let pairs = [&settle[..], &[("CallerReference", "s2")]].concat();
    let much = shop.ask("SettleDebt", ("SettlementAmount", "0.61"), &pairs).await;
    assert_eq!(much.code(), "AmountOutOfRange");
    let pairs =
        [("CallerTokenId", own.caller.as_str()), ("CreditInstrumentId", credit), ("CallerReference", "w1")];
    let written = shop.ask("WriteOffDebt", ("AdjustmentAmount", "0.10"), &pairs).await;
    assert_eq!(written.transaction().1, "Success");
    let debt = shop.call("GetDebtBalance", &[("CreditInstrumentId", credit)]).await;
    assert_eq!(debt.text("AvailableBalance"), "<CurrencyCode>USD</CurrencyCode><Amount>0.500000</Amount>");
    let outstanding = shop.call("GetOutstandingDebtBalance", &[]).await;
    assert!(outstanding.text("OutstandingDebt").starts_with("<OutstandingBalance>"), "{}", outstanding.body);
    let all = shop.call("GetAllCreditInstruments", &[]).await;
    assert_eq!(all.text("CreditInstrumentIds"), credit);
    shop.call("CancelToken", &[("TokenId", &part("creditSenderTokenID"))]).await;
    let active = shop.call("GetAllCreditInstruments", &[("InstrumentStatus", "Active")]).await;
    assert_eq!(active.find("CreditInstrumentIds"), None);
    let bad = shop.call("GetDebtBalance", &[("CreditInstrumentId", "invalid_instrument_id")]).await;
    assert_eq!(bad.text("ReasonText"), "CreditInstrumentId : invalid_instrument_id is invalid");
    assert_eq!(shop.sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn limits_of_a_multi_use_token_are_told() {
    let (shop, own) = shop().await;
    let back = shop
        .walk(
            john(),
            &[
                ("pipelineName", "MultiUse"),
                ("callerReference", "m1"),
                ("globalAmountLimit", "50"),
                ("usageLimitType1", "Count"),
                ("usageLimitValue1", "2"),
                ("usageLimitPeriod1", "1 Day"),
                ("transactionAmount", "-"),
            ],
        )
        .await;
    let token = returned(&back, "tokenID").unwrap();
    let first = shop.pay("Pay", &own, &token, &[("CallerReference", "p1")]).await;
    let usage = first.text("NewSenderTokenUsage");
    assert!(usage.starts_with("<Count>1</Count><LastResetCount>0</LastResetCount>"), "{usage}");
    shop.pay("Pay", &own, &token, &[("CallerReference", "p2")]).await;
    let third = shop.pay("Pay", &own, &token, &[("CallerReference", "p3")]).await;
    assert_eq!((third.code(), third.text("IsRetriable")), ("TokenUsageError", "false"));
    let told = shop.call("GetTokenUsage", &[("TokenId", &token)]).await;
    assert_eq!(told.body.matches("<TokenUsageLimits>").count(), 2);
    assert!(told.body.contains("<Amount><CurrencyCode>USD</CurrencyCode><Amount>2.000000</Amount></Amount>"));
    let single = shop.token(john(), "a1", &[]).await;
    let refused = shop.call("GetTokenUsage", &[("TokenId", &single)]).await;
    assert_eq!(
        (refused.code(), refused.text("ReasonText")),
        ("InvalidTokenType", "Type of token \"{0}\" is invalid for this operation.")
    );
}

#[tokio::test]
async fn all_three_signatures_are_taken_and_nothing_else() {
    let (shop, _) = shop().await;
    let sign = |method, text: &str| hmac::sign(method, shop.credentials.secret_key(), text);
    let (sha1, sha256) = (SignatureMethod::HmacSha1, SignatureMethod::HmacSha256);
    let blank = || shop.parameters("GetAccountBalance", &[]);

    let mut zero = blank();
    let text = string_to_sign_version_0("GetAccountBalance", zero.get("Timestamp").unwrap());
    zero.push("Signature", sign(sha1, &text));
    assert_eq!(shop.send(&zero).await.request_status(), "Success");
    zero.push("SignatureVersion", "0");
    assert_eq!(shop.send(&zero).await.request_status(), "Success");

    let mut two = blank();
    two.push("SignatureVersion", "2");
    two.push("SignatureMethod", "HmacSHA256");
    two.push("Signature", sign(sha256, &string_to_sign(Method::Get, &shop.base, &two).unwrap()));
    assert_eq!(shop.send(&two).await.request_status(), "Success");

    let with = |pairs: &Pairs, name: &str, value: &str| {
        let rest = pairs.iter().filter(|(have, _)| *have != name);
        let mut all = Pairs::from_iter(rest.map(|(name, value)| (name.to_owned(), value.to_owned())));
        if !value.is_empty() {
            all.push(name.to_owned(), value);
        }
        all
    };
    let mut one = blank();
    one.push("SignatureVersion", "1");
    let signature = sign(sha1, &string_to_sign_version_1(&one));
    one.push("Signature", signature.as_str());
    assert_eq!(shop.send(&one).await.request_status(), "Success");
    for (name, value, status, code) in [
        ("Signature", "AAAA", 403, "SignatureDoesNotMatch"),
        ("Signature", "", 400, "MissingParameter"),
        ("AWSAccessKeyId", "NOBODY", 403, "InvalidClientTokenId"),
        ("AWSAccessKeyId", people::MALLORY_ACCESS_KEY, 403, "SignatureDoesNotMatch"),
        ("SignatureVersion", "3", 400, "InvalidParameterValue"),
        ("SignatureVersion", "0", 403, "SignatureDoesNotMatch"),
        ("Action", "PayBatch", 400, "InvalidAction"),
        ("Action", "Cancel", 400, "InvalidAction"),
        ("Timestamp", "2007-10-16T18:00:00Z", 403, "SignatureDoesNotMatch"),
    ] {
        let refused = shop.send(&with(&one, name, value)).await;
        assert_eq!((refused.status, refused.text("Code")), (status, code), "{name}={value}");
        assert!(refused.body.contains("</Errors><RequestID>"), "{}", refused.body);
    }
    shop.sandbox.clock().advance(Duration::from_secs(15 * 60 + 1));
    let late = shop.send(&one).await;
    assert_eq!((late.status, late.text("Code")), (400, "RequestExpired"));
    assert!(late.text("Message").starts_with("Request has expired. Timestamp date is 2007-10-16T17:00:00"));
}

#[tokio::test]
async fn whoever_heard_no_answer_asks_again_and_nothing_happens_twice() {
    let (shop, own) = shop().await;
    let faults = shop.sandbox.faults();
    let token = shop.token(john(), "a1", &[]).await;
    let pay = || shop.pay("Pay", &own, &token, &[("CallerReference", "p1")]);
    for (fault, status) in [(Fault::Status(503), 503), (Fault::Status(500), 500), (Fault::FailAfter, 500)] {
        faults.on_next("Pay", fault);
        let answer = pay().await;
        assert_eq!(answer.status, status, "{fault:?}");
        assert!(answer.body.contains("<Response><Errors><Error><Code>"), "{}", answer.body);
    }
    // The last was carried out.
    assert_eq!(shop.sandbox.ledger().charges(), 1);
    faults.on_next("Pay", Fault::Duplicate);
    assert_eq!(pay().await.transaction().1, "Success");
    assert_eq!(shop.sandbox.ledger().charges(), 1);

    // InstallPaymentInstruction never repeats its answer; the token is found by its name.
    faults.on_next("InstallPaymentInstruction", Fault::FailAfter);
    let rules = "MyRole == 'Caller';";
    assert_eq!(shop.install(rules, "again", "Unrestricted").await.status, 500);
    assert_eq!(shop.install(rules, "again", "Unrestricted").await.code(), "DuplicateRequest");
    let found = shop.call("GetTokenByCaller", &[("CallerReference", "again")]).await;
    assert_eq!(found.text("CallerReference"), "again");

    // RetryTransaction twice: the second finds nothing to retry.
    faults.on_next("Pay", Fault::TemporaryDecline);
    let token = shop.token(john(), "a2", &[]).await;
    let declined = shop.pay("Pay", &own, &token, &[("CallerReference", "p2")]).await;
    faults.on_next("RetryTransaction", Fault::Duplicate);
    let pairs = [("OriginalTransactionId", declined.transaction().0)];
    assert_eq!(shop.call("RetryTransaction", &pairs).await.code(), "InvalidTransactionState");
    assert_eq!((shop.sandbox.ledger().charges(), shop.sandbox.ledger().sum()), (2, 0));
}
