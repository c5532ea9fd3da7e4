//! Every answer of every operation: its elements, their order and what stands in them, and where the money is afterwards. In process and
//! over a real connection, by GET, by POST with a body and by POST with a query.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;
#[path = "support/element.rs"]
mod element;
#[path = "support/wire.rs"]
mod wire;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use fps_core::Amount;
use fps_core::checkout::PaymentMethod;
use fps_sandbox::ledger::{Book, Period};
use fps_sandbox::{Buyer, NewSubscription, Sandbox, people};

use caller::{Answer, Caller, john, sandbox};
use element::Element;
use wire::{Wire, serve};

/// What stands inside an element, in the order of the schema: `?` may be missing, `*` may repeat or be missing, `+` may repeat.
/// An element of another content under another parent is named with it. What is not here holds text.
///
/// Source: API reference, sections 2 and 3.3.
const MODELS: &[(&str, &str)] = &[
    ("PayResult", TRANSACTION),
    ("ReserveResult", TRANSACTION),
    ("SettleResult", TRANSACTION),
    ("RefundResult", TRANSACTION),
    ("CancelResult", TRANSACTION),
    ("FundPrepaidResult", TRANSACTION),
    ("SettleDebtResult", TRANSACTION),
    ("WriteOffDebtResult", TRANSACTION),
    (
        "GetTransactionStatusResult",
        "TransactionId TransactionStatus CallerReference StatusCode? StatusMessage?",
    ),
    ("GetTransactionResult", "Transaction?"),
    (
        "GetTransactionResult/Transaction",
        "TransactionId CallerReference CallerDescription? SenderDescription? DateReceived DateCompleted? TransactionAmount FPSFees \
         MarketplaceFees? FPSFeesPaidBy SenderTokenId? RecipientTokenId? PrepaidInstrumentId? CreditInstrumentId? FPSOperation \
         PaymentMethod TransactionStatus StatusCode? StatusMessage? SenderName? SenderEmail? CallerName RecipientName? \
         RecipientEmail? RelatedTransaction* StatusHistory+",
    ),
    ("RelatedTransaction", "TransactionId RelationType?"),
    ("StatusHistory", "Date TransactionStatus StatusCode? Amount"),
    ("GetAccountActivityResult", "BatchSize? Transaction* StartTimeForNextTransaction?"),
    (
        "GetAccountActivityResult/Transaction",
        "TransactionId CallerTransactionDate DateReceived DateCompleted? TransactionAmount FPSOperation TransactionStatus \
         StatusMessage? StatusCode? OriginalTransactionId? TransactionPart+ PaymentMethod SenderName? CallerName RecipientName? \
         FPSFees Balance SenderTokenId? RecipientTokenId?",
    ),
    ("TransactionPart", "InstrumentId? Role Name? Reference? Description? FeesPaid?"),
    ("GetAccountBalanceResult", "AccountBalance?"),
    ("AccountBalance", "TotalBalance PendingInBalance PendingOutBalance AvailableBalances"),
    ("AvailableBalances", "DisburseBalance RefundBalance"),
    ("GetTokenByCallerResult", "Token?"),
    ("GetTokensResult", "Token*"),
    (
        "Token",
        "TokenId FriendlyName TokenStatus DateInstalled CallerReference TokenType OldTokenId? PaymentReason?",
    ),
    ("GetTokenUsageResult", "TokenUsageLimits*"),
    ("TokenUsageLimits", "Count? Amount? LastResetCount? LastResetAmount? LastResetTimestamp?"),
    ("GetPaymentInstructionResult", "Token PaymentInstruction CallerReference TokenFriendlyName?"),
    ("InstallPaymentInstructionResult", "TokenId"),
    ("GetRecipientVerificationStatusResult", "RecipientVerificationStatus?"),
    ("VerifySignatureResult", "VerificationStatus?"),
    ("GetPrepaidBalanceResult", "PrepaidBalance?"),
    ("PrepaidBalance", "AvailableBalance PendingInBalance?"),
    ("GetTotalPrepaidLiabilityResult", "OutstandingPrepaidLiability?"),
    ("OutstandingPrepaidLiability", "OutstandingBalance PendingInBalance?"),
    ("GetDebtBalanceResult", "DebtBalance?"),
    ("DebtBalance", "AvailableBalance PendingOutBalance?"),
    ("GetOutstandingDebtBalanceResult", "OutstandingDebt?"),
    ("OutstandingDebt", "OutstandingBalance PendingOutBalance?"),
    ("CancelSubscriptionAndRefundResult", "RefundTransactionId"),
    ("GetSubscriptionDetailsResult", "SubscriptionDetails?"),
    (
        "SubscriptionDetails",
        "SubscriptionId Description SubscriptionAmount NextTransactionAmount? PromotionalAmount? NumberOfPromotionalTransactions \
         StartDate EndDate? SubscriptionPeriod? SubscriptionFrequency OverrideIPNUrl? SubscriptionStatus \
         NumberOfTransactionsProcessed RecipientEmail RecipientName SenderEmail SenderName NextTransactionDate?",
    ),
    ("SubscriptionPeriod", "Value TimeUnit"),
    ("SubscriptionFrequency", "Value TimeUnit"),
    ("GetTransactionsForSubscriptionResult", "SubscriptionTransaction*"),
    (
        "SubscriptionTransaction",
        "TransactionId TransactionDate TransactionSerialNumber TransactionAmount Description TransactionStatus",
    ),
    ("ResponseMetadata", "RequestId"),
];

const TRANSACTION: &str = "TransactionId TransactionStatus";

/// Elements that are amounts: a currency and a value.
const AMOUNTS: &[&str] = &[
    "Amount",
    "AvailableBalance",
    "Balance",
    "DisburseBalance",
    "FPSFees",
    "FeesPaid",
    "LastResetAmount",
    "MarketplaceFees",
    "NextTransactionAmount",
    "OutstandingBalance",
    "PendingInBalance",
    "PendingOutBalance",
    "PromotionalAmount",
    "RefundBalance",
    "SubscriptionAmount",
    "TotalBalance",
    "TransactionAmount",
];

/// The words of the enumerations, section 3.1.
const WORDS: &[(&str, &[&str])] = &[
    ("TransactionStatus", &["Reserved", "Success", "Failure", "Pending", "Cancelled"]),
    ("FPSOperation", &["Pay", "Refund", "Settle", "SettleDebt", "WriteOffDebt", "FundPrepaid", "Reserve"]),
    ("PaymentMethod", &["ABT", "CC", "ACH", "Debt", "Prepaid"]),
    ("FPSFeesPaidBy", &["Sender", "Caller", "Recipient"]),
    ("Role", &["Sender", "Caller", "Recipient"]),
    ("RelationType", &["Refund", "Parent", "MarketplaceFee", "RefundReversal"]),
    ("TokenStatus", &["Active", "Inactive"]),
    ("TokenType", &["SingleUse", "MultiUse", "Recurring", "Unrestricted"]),
    ("CurrencyCode", &["USD"]),
    ("VerificationStatus", &["Success", "Failure"]),
    (
        "RecipientVerificationStatus",
        &["VerificationComplete", "VerificationPending", "VerificationCompleteNoLimits"],
    ),
    ("SubscriptionStatus", &["Active", "Cancelled", "Completed"]),
    ("TimeUnit", &["day", "week", "month", "year"]),
    (
        "StatusCode",
        &[
            "Canceled",
            "Expired",
            "PendingNetworkResponse",
            "PendingVerification",
            "Success",
            "TransactionDenied",
        ],
    ),
];

/// The operations of 2010-08-28.
const OPERATIONS: &[&str] = &[
    "Cancel",
    "CancelSubscriptionAndRefund",
    "CancelToken",
    "FundPrepaid",
    "GetAccountActivity",
    "GetAccountBalance",
    "GetDebtBalance",
    "GetOutstandingDebtBalance",
    "GetPaymentInstruction",
    "GetPrepaidBalance",
    "GetRecipientVerificationStatus",
    "GetSubscriptionDetails",
    "GetTokenByCaller",
    "GetTokenUsage",
    "GetTokens",
    "GetTotalPrepaidLiability",
    "GetTransaction",
    "GetTransactionsForSubscription",
    "GetTransactionStatus",
    "InstallPaymentInstruction",
    "Pay",
    "Refund",
    "Reserve",
    "Settle",
    "SettleDebt",
    "VerifySignature",
    "WriteOffDebt",
];

#[tokio::test]
async fn every_operation_in_process() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    check(&session(&sandbox, &shop).await);
}

#[tokio::test]
async fn every_operation_over_a_connection() {
    let sandbox = sandbox();
    let address = serve(&sandbox).await;
    let mut shop = Caller::new(&sandbox, people::shop_credentials());
    shop.http = Arc::new(Wire);
    shop.base = format!("http://{address}/").parse().unwrap();
    check(&session(&sandbox, &shop).await);
}

fn check(answers: &[Answer]) {
    let mut seen = BTreeSet::new();
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let root = Element::read(&answer.body);
        let operation = root.name.strip_suffix("Response").unwrap_or_else(|| panic!("{}", answer.body));
        assert_eq!(root.attributes, "xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\"", "{}", answer.body);
        let result = format!("{operation}Result?");
        root.has_children(&format!("{result} ResponseMetadata"));
        root.walk(&mut |parent, one| check_element(parent, one, &answer.body));
        seen.insert(operation.to_owned());
    }
    assert_eq!(seen, OPERATIONS.iter().map(|name| (*name).to_owned()).collect());
}

fn check_element(parent: &str, one: &Element, body: &str) {
    let of = format!("{parent}/{}", one.name);
    let model = MODELS.iter().find(|(name, _)| *name == of || *name == one.name).map(|(_, model)| *model);
    if AMOUNTS.contains(&one.name.as_str()) {
        one.has_children("CurrencyCode Value");
        let value = &one.children[1].text;
        let decimals = value.split_once('.').map(|(_, decimals)| decimals.len());
        assert!(decimals == Some(6) && Amount::parse(value).is_ok(), "{value:?} in {body}");
        return;
    }
    match model {
        Some(model) => one.has_children(model),
        None => assert!(one.children.is_empty(), "{} has elements in {body}", one.name),
    }
    if let Some((_, words)) = WORDS.iter().find(|(name, _)| *name == one.name) {
        assert!(words.contains(&one.text.as_str()), "{} is {:?} in {body}", one.name, one.text);
    }
    let shaped = match one.name.as_str() {
        "TransactionId" | "OriginalTransactionId" | "RefundTransactionId" => one.text.len() == 35,
        "TokenId" | "OldTokenId" | "SenderTokenId" | "RecipientTokenId" | "InstrumentId" => {
            one.text.len() == 64
        }
        "RequestId" => one.text.len() == 38 && one.text.ends_with(":0"),
        name if name.contains("Date")
            || name == "LastResetTimestamp"
            || name == "StartTimeForNextTransaction" =>
        {
            one.text.len() == 29 && (one.text.ends_with("-07:00") || one.text.ends_with("-08:00"))
        }
        _ => true,
    };
    assert!(shaped, "{} is {:?} in {body}", one.name, one.text);
}

const SCHEMA: &str = "../../shared/protocol/AmazonFPS-2010-08-28.reconstructed.xsd";

#[tokio::test]
#[ignore = "needs xmllint and the schema in ../shared; run `cargo test -p fps-sandbox --test schema -- --ignored`"]
async fn every_answer_fits_the_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCHEMA);
    if !schema.exists() {
        eprintln!("not checked: {} is not there", schema.display());
        return;
    }
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("not checked: install xmllint (Debian: libxml2-utils)");
        return;
    }
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let folder = std::env::temp_dir().join(format!("fps-sandbox-schema-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (number, answer) in session(&sandbox, &shop).await.into_iter().enumerate() {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let file = folder.join(format!("{number}.xml"));
        std::fs::write(&file, &answer.body).unwrap();
        let checked =
            Command::new("xmllint").arg("--noout").arg("--schema").arg(&schema).arg(&file).output().unwrap();
        assert!(checked.status.success(), "{}\n{}", answer.body, String::from_utf8_lossy(&checked.stderr));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// A session through every operation; its answers. The ledger's sum is zero at the end, and the balances are right to the cent.
async fn session(sandbox: &Sandbox, shop: &Caller) -> Vec<Answer> {
    let mut answers = Vec::new();
    let second = || sandbox.clock().advance(Duration::from_secs(1));

    let card = john().method(PaymentMethod::Cc);
    let token = shop.buy(card.clone(), "a1", &[("reserve", "True")]).await.get("tokenID").unwrap().to_owned();
    let pairs =
        [("SenderTokenId", token.as_str()), ("CallerReference", "r1"), ("CallerDescription", "words")];
    answers.push(shop.ask("Reserve", ("TransactionAmount", "1.00"), &pairs).await);
    let reserved = answers[0].text("TransactionId").to_owned();
    second();
    answers.push(shop.call("Settle", &[("ReserveTransactionId", &reserved)]).await);
    second();
    answers.push(shop.call("Refund", &[("TransactionId", &reserved), ("CallerReference", "f1")]).await);
    let refund = answers[2].text("TransactionId").to_owned();
    for id in [&reserved, &refund] {
        answers.push(shop.call("GetTransaction", &[("TransactionId", id)]).await);
        answers.push(shop.call("GetTransactionStatus", &[("TransactionId", id)]).await);
    }
    second();
    let token = shop.buy(card.clone(), "a2", &[]).await.get("tokenID").unwrap().to_owned();
    answers.push(shop.pay(&token, "1.00", "p2").await);
    let id = answers.last().unwrap().text("TransactionId").to_owned();
    answers.push(shop.call("Cancel", &[("TransactionId", &id)]).await);

    let multi = [
        ("pipelineName", "MultiUse"),
        ("callerReference", "m1"),
        ("globalAmountLimit", "50"),
        ("usageLimitType1", "Count"),
        ("usageLimitValue1", "5"),
        ("usageLimitPeriod1", "1 Day"),
    ];
    let returned = shop.walk(john(), &multi).await;
    let token = returned.get("tokenID").unwrap();
    answers.push(shop.pay(token, "1.00", "p3").await);
    for action in ["GetTokenUsage", "GetTokenByCaller", "GetPaymentInstruction", "CancelToken"] {
        answers.push(shop.call(action, &[("TokenId", token)]).await);
    }
    let own = [
        ("PaymentInstruction", "MyRole == 'Caller';"),
        ("TokenType", "Unrestricted"),
        ("CallerReference", "o1"),
    ];
    answers.push(shop.call("InstallPaymentInstruction", &own).await);
    answers.push(shop.call("GetTokens", &[]).await);
    answers.push(
        shop.call("GetRecipientVerificationStatus", &[("RecipientTokenId", people::ARTIST_TOKEN)]).await,
    );

    let prepaid = [
        ("pipelineName", "SetupPrepaid"),
        ("callerReferenceFunding", "f2"),
        ("callerReferenceSender", "s2"),
        ("fundingAmount", "20"),
    ];
    let returned = shop.walk(Buyer::new(people::BETTY, "betty"), &prepaid).await;
    let part = |name: &str| returned.get(name).unwrap();
    let pairs = [
        ("SenderTokenId", part("fundingTokenID")),
        ("PrepaidInstrumentId", part("prepaidInstrumentID")),
        ("CallerReference", "f3"),
    ];
    answers.push(shop.ask("FundPrepaid", ("FundingAmount", "10.00"), &pairs).await);
    answers.push(shop.pay(part("prepaidSenderTokenID"), "1.00", "p4").await);
    answers.push(shop.call("GetPrepaidBalance", &[pairs[1]]).await);
    answers.push(shop.call("GetTotalPrepaidLiability", &[]).await);

    let postpaid = [
        ("pipelineName", "SetupPostpaid"),
        ("callerReferenceSender", "s5"),
        ("callerReferenceSettlement", "t5"),
        ("creditLimit", "20"),
        ("globalAmountLimit", "50"),
    ];
    let returned = shop.walk(Buyer::new(people::BETTY, "betty"), &postpaid).await;
    let part = |name: &str| returned.get(name).unwrap();
    answers.push(shop.pay(part("creditSenderTokenID"), "3.00", "p5").await);
    let instrument = ("CreditInstrumentId", part("creditInstrumentID"));
    let pairs = [("SenderTokenId", part("settlementTokenID")), instrument, ("CallerReference", "d5")];
    answers.push(shop.ask("SettleDebt", ("SettlementAmount", "1.00"), &pairs).await);
    let pairs = [instrument, ("CallerReference", "w5")];
    answers.push(shop.ask("WriteOffDebt", ("AdjustmentAmount", "1.00"), &pairs).await);
    answers.push(shop.call("GetDebtBalance", &[instrument]).await);
    answers.push(shop.call("GetOutstandingDebtBalance", &[]).await);

    answers.push(shop.call("GetAccountBalance", &[]).await);
    answers.push(shop.call("GetAccountActivity", &[("StartDate", "2010-10-06")]).await);
    answers
        .push(shop.call("GetAccountActivity", &[("StartDate", "2010-10-06"), ("MaxBatchSize", "2")]).await);
    let back = shop.link(&[("callerReference", "v"), ("transactionAmount", "1.00")]);
    let back = john().approve(&shop.http, &back).await.unwrap();
    let pairs =
        [("UrlEndPoint", "http://shop.example:8080/return"), ("HttpParameters", back.query().unwrap())];
    answers.push(shop.call("VerifySignature", &pairs).await);

    let weekly = Period::parse("1 week").unwrap();
    let wanted = NewSubscription::new(people::BETTY, people::SHOP, Amount::usd("5"), weekly)
        .with_length(Period::parse("1 year").unwrap())
        .with_promotion(Amount::usd("1"), 0)
        .with_notice_url("http://127.0.0.1:9/notice".parse().unwrap());
    let id = sandbox.subscribe(&wanted).unwrap();
    let ask = [("SubscriptionId", id.as_str())];
    answers.push(shop.call("GetSubscriptionDetails", &ask).await);
    answers.push(shop.call("GetTransactionsForSubscription", &ask).await);
    let pairs = [ask[0], ("CallerReference", "s6"), ("CancelReason", "enough")];
    answers.push(shop.ask("CancelSubscriptionAndRefund", ("RefundAmount", "2.00"), &pairs).await);
    answers.push(shop.call("GetSubscriptionDetails", &ask).await);

    // What each has, by hand: fees of 0.10 for the card (given back with it), 0.03, 0.16, 0.03 and 0.09 less 0.04.
    let ledger = sandbox.ledger();
    assert_eq!(ledger.sum(), 0);
    for (email, balance) in [(people::JOHN, "99.00"), (people::BETTY, "86.00"), (people::SHOP, "14.73")] {
        assert_eq!(ledger.balance_of(email), Amount::usd(balance), "{email}");
    }
    assert_eq!(ledger.book(&Book::Fees), Amount::usd("0.27"));
    answers
}
