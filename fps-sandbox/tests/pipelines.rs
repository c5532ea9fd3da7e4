//! The other six pipelines, and the operations that go with them.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::time::Duration;

use fps_core::Amount;
use fps_core::checkout::PaymentMethod;
use fps_sandbox::{Buyer, people};

use caller::{Caller, john, sandbox};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn a_multi_use_token_pays_within_its_limits() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let link = [
        ("pipelineName", "MultiUse"),
        ("callerReference", "multi"),
        ("globalAmountLimit", "50"),
        ("amountType", "Maximum"),
        ("transactionAmount", "15"),
        ("usageLimitType1", "Amount"),
        ("usageLimitValue1", "20"),
        ("usageLimitPeriod1", "1 Day"),
        ("usageLimitType2", "Count"),
        ("usageLimitValue2", "3"),
        ("usageLimitPeriod2", "6 Months"),
    ];
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let buyer = john().on_page({
        let seen = std::sync::Arc::clone(&seen);
        move |page| page.text.clone_into(&mut seen.lock().unwrap())
    });
    let answer = shop.walk(buyer, &link).await;
    assert_eq!(answer.get("status"), Some("SA"));
    let page = seen.lock().unwrap().clone();
    for part in [
        "Each payment: at most $15.00.",
        "In every 1 day: at most $20.00.",
        "In every 6 months: at most 3 payments.",
        "At most in all $50.00",
    ] {
        assert!(page.contains(part), "{part:?} is not in {page}");
    }
    let token = answer.get("tokenID").unwrap().to_owned();
    let pay = async |amount: &str, reference: &str| {
        let answer = shop.pay(&token, amount, reference).await;
        if answer.status == 200 { "Success".to_owned() } else { answer.text("Code").to_owned() }
    };
    assert_eq!(pay("16", "p1").await, "IncompatibleTokens");
    assert_eq!(pay("12", "p2").await, "Success");
    assert_eq!(pay("8.01", "p3").await, "TokenUsageError");
    assert_eq!(pay("8", "p4").await, "Success");
    let usage = shop.call("GetTokenUsage", &[("TokenId", &token)]).await;
    assert!(
        usage.body.contains("<Amount><CurrencyCode>USD</CurrencyCode><Value>20.000000</Value></Amount>"),
        "{}",
        usage.body
    );
    assert!(usage.body.contains("<Count>2</Count><LastResetCount>0</LastResetCount>"), "{}", usage.body);
    sandbox.clock().advance(DAY);
    let usage = shop.call("GetTokenUsage", &[("TokenId", &token)]).await;
    assert!(
        usage.body.contains("<LastResetAmount><CurrencyCode>USD</CurrencyCode><Value>20.000000</Value>"),
        "{}",
        usage.body
    );
    assert_eq!(pay("15", "p5").await, "Success");
    sandbox.clock().advance(DAY);
    assert_eq!(pay("1", "p6").await, "TokenUsageError", "three times in six months");

    // John changes how he pays; what was used counts on.
    let edit = [
        ("pipelineName", "EditToken"),
        ("callerReference", "edit"),
        ("tokenId", token.as_str()),
        ("paymentMethod", "ABT,CC"),
    ];
    let unchanged = shop.walk(john(), &edit).await;
    assert_eq!((unchanged.get("status"), unchanged.get("tokenID")), (Some("SU"), Some(token.as_str())));
    let betty = shop.walk(Buyer::new(people::BETTY, "betty"), &edit).await;
    assert_eq!(betty.get("status"), Some("UT"));
    let changed = shop.walk(john().method(PaymentMethod::Cc), &edit).await;
    assert_eq!(changed.get("status"), Some("SC"));
    let new = changed.get("tokenID").unwrap();
    assert_ne!(new, token);
    assert_eq!(pay("1", "p7").await, "TokenNotActive_Sender");
    assert_eq!(shop.pay(new, "1", "p8").await.text("Code"), "TokenUsageError");
    let found = shop.call("GetTokenByCaller", &[("TokenId", new)]).await;
    assert_eq!((found.text("OldTokenId"), found.text("TokenType")), (token.as_str(), "MultiUse"));
    let gone = shop.walk(john(), &[edit[0], ("callerReference", "edit2"), edit[2]]).await;
    assert_eq!(gone.get("status"), Some("IT"));
    assert_eq!(sandbox.ledger().balance_of(people::JOHN), Amount::usd("65"));
}

#[tokio::test]
async fn a_recurring_token_pays_once_in_each_period() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let link = [
        ("pipelineName", "Recurring"),
        ("callerReference", "monthly"),
        ("transactionAmount", "9.99"),
        ("recurringPeriod", "1 Month"),
    ];
    let token = shop.walk(john(), &link).await.get("tokenID").unwrap().to_owned();
    assert_eq!(shop.pay(&token, "9.98", "p0").await.text("Code"), "IncompatibleTokens");
    assert_eq!(shop.pay(&token, "9.99", "p1").await.status, 200);
    assert_eq!(shop.pay(&token, "9.99", "p2").await.text("Code"), "TokenUsageError");
    sandbox.clock().advance(31 * DAY);
    assert_eq!(shop.pay(&token, "9.99", "p3").await.status, 200);
    assert_eq!(sandbox.ledger().charges(), 2);
}

#[tokio::test]
async fn a_marketplace_takes_its_fee_and_gives_it_back() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let link = [
        ("pipelineName", "Recipient"),
        ("callerReference", "artist"),
        ("maxFixedFee", "0.50"),
        ("maxVariableFee", "10"),
        ("recipientPaysFee", "True"),
    ];
    let artist = Buyer::new(people::ARTIST, "artist");
    let answer = shop.walk(artist, &link).await;
    assert_eq!(answer.get("status"), Some("SR"));
    assert_eq!(answer.get("expiry"), None);
    assert_eq!(answer.get("refundTokenID").map(str::len), Some(64));
    let seller = answer.get("tokenID").unwrap().to_owned();
    let found = shop.call("GetTokenByCaller", &[("CallerReference", "artist")]).await;
    assert_eq!(found.text("TokenId"), seller);
    let busker = Buyer::new(people::BUSKER, "busker");
    let personal = shop.walk(busker, &[link[0], ("callerReference", "busker"), link[4]]).await;
    assert_eq!(personal.get("status"), Some("NP"));

    let status = shop.call("GetRecipientVerificationStatus", &[("RecipientTokenId", &seller)]).await;
    assert_eq!(status.text("RecipientVerificationStatus"), "VerificationCompleteNoLimits");

    let buy = async |reference: &str| {
        let pairs = [("recipientToken", seller.as_str()), ("transactionAmount", "10.00")];
        shop.buy(john(), reference, &pairs).await.get("tokenID").unwrap().to_owned()
    };
    let token = buy("m1").await;
    let pay = async |token: &str, reference: &str, more: &[(&str, &str)]| {
        let pairs = [("SenderTokenId", token), ("CallerReference", reference)];
        shop.ask("Pay", ("TransactionAmount", "10.00"), &[&pairs[..], more].concat()).await
    };
    let to = ("RecipientTokenId", seller.as_str());
    assert_eq!(pay(&token, "p1", &[]).await.text("Code"), "IncompatibleTokens", "the recipient is missing");
    let fixed = [("MarketplaceFixedFee.Value", "0.50"), ("MarketplaceFixedFee.CurrencyCode", "USD")];
    let much = [to, ("MarketplaceVariableFee", "10.1")];
    assert_eq!(pay(&token, "p2", &much).await.text("Code"), "IncompatibleTokens");
    let paid = pay(&token, "p3", &[to, fixed[0], fixed[1], ("MarketplaceVariableFee", "10")]).await;
    assert_eq!(paid.text("TransactionStatus"), "Success", "{}", paid.body);
    // 10.00 less 0.16 for the service and 1.50 for the caller.
    assert_eq!(sandbox.ledger().balance_of(people::ARTIST), Amount::usd("8.34"));
    assert_eq!(sandbox.ledger().balance_of(people::SHOP), Amount::usd("1.50"));
    let one = shop.call("GetTransaction", &[("TransactionId", paid.text("TransactionId"))]).await;
    assert!(
        one.body.contains("<MarketplaceFees><CurrencyCode>USD</CurrencyCode><Value>1.500000"),
        "{}",
        one.body
    );
    assert!(!one.body.contains("SenderEmail"), "{}", one.body);

    let id = paid.text("TransactionId").to_owned();
    let refund = async |reference: &str, policy: &str, amount: &str| {
        let pairs = [
            ("TransactionId", id.as_str()),
            ("CallerReference", reference),
            ("MarketplaceRefundPolicy", policy),
        ];
        shop.ask("Refund", ("RefundAmount", amount), &pairs).await
    };
    let done = refund("r1", "MasterAndMarketplaceTxn", "5.00").await;
    assert_eq!(done.text("TransactionStatus"), "Success", "{}", done.body);
    assert_eq!(sandbox.ledger().balance_of(people::JOHN), Amount::usd("95"));
    assert_eq!(sandbox.ledger().balance_of(people::SHOP), Amount::usd("0.75"));
    assert_eq!(sandbox.ledger().balance_of(people::ARTIST), Amount::usd("4.17"));
    // The caller keeps its fee, so the artist lacks the money for the rest.
    assert_eq!(refund("r2", "MasterTxnOnly", "5.00").await.text("Code"), "InsufficientBalance");
    assert_eq!(sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn prepaid_is_filled_and_spent() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let link = [
        ("pipelineName", "SetupPrepaid"),
        ("callerReferenceFunding", "funding"),
        ("callerReferenceSender", "sender"),
        ("fundingAmount", "20"),
        ("paymentMethod", "ABT,CC"),
    ];
    let answer = shop.walk(john().method(PaymentMethod::Cc), &link).await;
    assert_eq!((answer.get("status"), answer.get("callerReference")), (Some("SC"), None));
    let part = |name| answer.get(name).unwrap().to_owned();
    let (instrument, sender, funding) =
        (part("prepaidInstrumentID"), part("prepaidSenderTokenID"), part("fundingTokenID"));
    let fund = async |amount: &str, reference: &str| {
        let pairs = [
            ("SenderTokenId", funding.as_str()),
            ("PrepaidInstrumentId", instrument.as_str()),
            ("CallerReference", reference),
        ];
        shop.ask("FundPrepaid", ("FundingAmount", amount), &pairs).await
    };
    let balance = async || {
        let answer = shop.call("GetPrepaidBalance", &[("PrepaidInstrumentId", &instrument)]).await;
        let answer = answer.text("AvailableBalance").to_owned();
        answer.split("<Value>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    assert_eq!(shop.pay(&sender, "1.00", "p0").await.text("Code"), "InsufficientBalance");
    assert_eq!(fund("20.01", "f0").await.text("Code"), "PrepaidFundingLimitExceeded");
    assert_eq!(fund("5.00", "f1").await.text("TransactionStatus"), "Pending");
    assert_eq!(balance().await, "0.000000");
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(balance().await, "5.000000");
    // The fee comes off the money, not off the balance: 5 % and 0.05.
    assert_eq!(sandbox.ledger().balance_of(people::SHOP), Amount::usd("4.70"));
    let paid = shop.pay(&sender, "4.00", "p1").await;
    assert_eq!(paid.text("TransactionStatus"), "Success", "{}", paid.body);
    assert_eq!(balance().await, "1.000000");
    assert_eq!(sandbox.ledger().balance_of(people::SHOP), Amount::usd("4.70"));
    assert_eq!(shop.pay(&funding, "1.00", "p2").await.text("Code"), "InvalidSenderRoleForAccountType");
    let liability = shop.call("GetTotalPrepaidLiability", &[]).await;
    assert!(liability.text("OutstandingBalance").contains("1.000000"), "{}", liability.body);
    let mallory = Caller::new(&sandbox, people::mallory_credentials());
    let foreign = mallory.call("GetPrepaidBalance", &[("PrepaidInstrumentId", &instrument)]).await;
    assert_eq!(foreign.text("Code"), "InstrumentAccessDenied");
    // A single payment can be given back, the balance cannot.
    let back = [("TransactionId", paid.text("TransactionId")), ("CallerReference", "r1")];
    assert_eq!(shop.call("Refund", &back).await.text("TransactionStatus"), "Success");
    assert_eq!(balance().await, "5.000000");
    assert_eq!(sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn postpaid_grows_and_is_settled_or_written_off() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let link = [
        ("pipelineName", "SetupPostpaid"),
        ("callerReferenceSender", "sender"),
        ("callerReferenceSettlement", "settlement"),
        ("creditLimit", "100"),
        ("globalAmountLimit", "150"),
    ];
    let answer = shop.walk(john(), &link).await;
    assert_eq!((answer.get("status"), answer.get("callerReference")), (Some("SA"), None));
    let part = |name| answer.get(name).unwrap().to_owned();
    let (instrument, sender, settlement) =
        (part("creditInstrumentID"), part("creditSenderTokenID"), part("settlementTokenID"));
    assert_eq!(shop.pay(&sender, "60.00", "p1").await.text("TransactionStatus"), "Success");
    assert_eq!(shop.pay(&sender, "40.01", "p2").await.text("Code"), "InsufficientBalance");
    assert_eq!(shop.pay(&sender, "40.00", "p3").await.text("TransactionStatus"), "Success");
    let settle = async |amount: &str, reference: &str| {
        let pairs = [
            ("SenderTokenId", settlement.as_str()),
            ("CreditInstrumentId", instrument.as_str()),
            ("CallerReference", reference),
        ];
        shop.ask("SettleDebt", ("SettlementAmount", amount), &pairs).await
    };
    assert_eq!(settle("100.01", "s1").await.text("Code"), "SettleAmountGreaterThanDebt");
    let settled = settle("90.00", "s2").await;
    assert_eq!(settled.text("TransactionStatus"), "Success", "{}", settled.body);
    assert_eq!(sandbox.ledger().balance_of(people::JOHN), Amount::usd("10"));
    assert_eq!(sandbox.ledger().balance_of(people::SHOP), Amount::usd("88.64"));
    let back = [("TransactionId", settled.text("TransactionId")), ("CallerReference", "r1")];
    assert_eq!(shop.call("Refund", &back).await.text("Code"), "TransactionTypeNotRefundable");
    let write_off = async |amount: &str, reference: &str| {
        let pairs = [("CreditInstrumentId", instrument.as_str()), ("CallerReference", reference)];
        shop.ask("WriteOffDebt", ("AdjustmentAmount", amount), &pairs).await
    };
    assert_eq!(write_off("6.00", "w1").await.text("TransactionStatus"), "Success");
    let debt = shop.call("GetDebtBalance", &[("CreditInstrumentId", &instrument)]).await;
    assert!(debt.text("AvailableBalance").contains("4.000000"), "{}", debt.body);
    let outstanding = shop.call("GetOutstandingDebtBalance", &[]).await;
    assert!(outstanding.text("OutstandingBalance").contains("4.000000"), "{}", outstanding.body);
    assert_eq!(write_off("4.01", "w2").await.text("Code"), "SettleAmountGreaterThanDebt");
    // 100 of the 150 over its life are used.
    assert_eq!(shop.pay(&sender, "50.01", "p4").await.text("Code"), "TokenUsageError");
    assert_eq!(sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn the_callers_own_tokens_are_listed() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    shop.buy(john(), "johns", &[]).await;
    let install = [
        ("PaymentInstruction", "MyRole == 'Caller';"),
        ("TokenType", "Unrestricted"),
        ("CallerReference", "own"),
        ("TokenFriendlyName", "mine"),
    ];
    let token = shop.call("InstallPaymentInstruction", &install).await.text("TokenId").to_owned();
    let again = shop.call("InstallPaymentInstruction", &install).await;
    assert_eq!(again.text("TokenId"), token);
    let tokens = shop.call("GetTokens", &[]).await;
    assert_eq!((tokens.body.matches("<Token>").count(), tokens.text("TokenId")), (1, token.as_str()));
    let rules = shop.call("GetPaymentInstruction", &[("TokenId", &token)]).await;
    assert_eq!(rules.text("PaymentInstruction"), "MyRole == 'Caller';");
    assert_eq!(
        shop.call("GetTokens", &[("TokenStatus", "Inactive")]).await.body.matches("<Token>").count(),
        0
    );
    assert_eq!(shop.call("CancelToken", &[("TokenId", &token)]).await.status, 200);
    assert_eq!(
        shop.call("GetTokens", &[("TokenStatus", "Inactive")]).await.body.matches("<Token>").count(),
        1
    );
    assert_eq!(shop.call("GetTokenUsage", &[("TokenId", &token)]).await.text("Code"), "InvalidTokenType");
    assert_eq!(
        shop.call("GetSubscriptionDetails", &[("SubscriptionId", "S1")]).await.text("Code"),
        "InvalidParams"
    );
}

#[tokio::test]
async fn bad_links_name_every_parameter_that_is_wrong() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    for (pairs, wrong) in [
        (
            &[
                ("pipelineName", "MultiUse"),
                ("callerReference", "r"),
                ("transactionAmount", "x"),
                ("amountType", "Some"),
            ][..],
            "[transactionAmount, amountType, globalAmountLimit]",
        ),
        (
            &[
                ("pipelineName", "MultiUse"),
                ("callerReference", "r"),
                ("globalAmountLimit", "1"),
                ("usageLimitType1", "Amount"),
            ],
            "[usageLimitValue1]",
        ),
        (
            &[
                ("pipelineName", "Recurring"),
                ("callerReference", "r"),
                ("transactionAmount", "1"),
                ("recurringPeriod", "often"),
            ],
            "[recurringPeriod]",
        ),
        (
            &[("pipelineName", "Recipient"), ("callerReference", "r"), ("maxVariableFee", "101")],
            "[maxVariableFee, recipientPaysFee]",
        ),
        (
            &[
                ("pipelineName", "SetupPostpaid"),
                ("callerReferenceSender", "a"),
                ("callerReferenceSettlement", ""),
                ("creditLimit", "1"),
                ("globalAmountLimit", "1"),
            ],
            "[callerReferenceSettlement]",
        ),
        (
            &[
                ("pipelineName", "Recurring"),
                ("callerReference", "r"),
                ("transactionAmount", "1"),
                ("recurringPeriod", "1 Day"),
                ("validityExpiry", "1000"),
            ],
            "[validityExpiry]",
        ),
        (&[("pipelineName", "EditToken"), ("callerReference", "r")], "[tokenId]"),
    ] {
        let answer = shop.walk(john(), pairs).await;
        assert_eq!(answer.get("status"), Some("CE"), "{pairs:?}");
        let message = answer.get("errorMessage").unwrap();
        assert!(message.ends_with(wrong), "{pairs:?}: {message}");
    }
}
