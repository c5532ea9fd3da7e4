//! Every answer of every operation of version 2007-01-08: its elements, their order, their prefixes, and what stands in them. In
//! process and over a real connection, by GET and by POST with a body.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/element.rs"]
mod element;
#[path = "support/first.rs"]
mod first;
#[path = "support/wire.rs"]
mod wire;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fps_core::Amount;
use fps_core::checkout::PaymentMethod;
use fps_core::client::{HttpSend, SendError};
use fps_sandbox::{Buyer, Fault, people};

use element::Element;
use first::{Answer, Shop, builder, john, returned};
use wire::{Wire, serve};

/// What stands inside the root before the request's status.
const RESULTS: &[(&str, &str)] = &[
    ("CancelToken", ""),
    ("DiscardResults", ""),
    ("FundPrepaid", TRANSACTION),
    ("GetAccountActivity", "ResponseBatchSize? Transactions* StartTimeForNextTransaction?"),
    ("GetAccountBalance", "AccountBalance?"),
    ("GetAllCreditInstruments", "CreditInstrumentIds*"),
    ("GetAllPrepaidInstruments", "PrepaidInstrumentIds*"),
    ("GetDebtBalance", "DebtBalance?"),
    ("GetOutstandingDebtBalance", "OutstandingDebt?"),
    ("GetPaymentInstruction", "Token? PaymentInstruction? AccountId? TokenFriendlyName?"),
    ("GetPrepaidBalance", "PrepaidBalance?"),
    ("GetResults", "TransactionResults* NumberPending?"),
    ("GetTokenByCaller", "Token?"),
    ("GetTokenUsage", "TokenUsageLimits*"),
    ("GetTokens", "Tokens*"),
    ("GetTotalPrepaidLiability", "OutstandingPrepaidLiability?"),
    ("GetTransaction", "Transaction?"),
    ("InstallPaymentInstruction", "TokenId?"),
    ("Pay", TRANSACTION),
    ("Refund", TRANSACTION),
    ("Reserve", TRANSACTION),
    ("RetryTransaction", TRANSACTION),
    ("Settle", TRANSACTION),
    ("SettleDebt", TRANSACTION),
    ("SubscribeForCallerNotification", ""),
    ("UnSubscribeForCallerNotification", ""),
    ("WriteOffDebt", TRANSACTION),
];

/// The one element that is qualified beside the root.
const TRANSACTION: &str = "ns3:TransactionResponse?";

/// What stands inside the others, in the order of the schema. What is not here holds text, or is an amount.
const MODELS: &[(&str, &str)] = &[
    ("Errors/Errors", "ErrorType IsRetriable ErrorCode ReasonText"),
    ("Errors", "Errors+"),
    ("ns3:TransactionResponse", "TransactionId Status StatusDetail? NewSenderTokenUsage*"),
    ("NewSenderTokenUsage", USAGE),
    ("TokenUsageLimits", USAGE),
    ("Token", TOKEN),
    ("Tokens", TOKEN),
    ("TransactionResults", "TransactionId Operation CallerReference Status"),
    ("AccountBalance", "TotalBalance PendingInBalance PendingOutBalance AvailableBalances"),
    ("AvailableBalances", "DisburseBalance RefundBalance"),
    ("PrepaidBalance", "AvailableBalance PendingInBalance?"),
    ("OutstandingPrepaidLiability", "OutstandingBalance PendingInBalance?"),
    ("DebtBalance", "AvailableBalance PendingOutBalance?"),
    ("OutstandingDebt", "OutstandingBalance PendingOutBalance?"),
    (
        "Transaction",
        "TransactionId CallerTransactionDate DateReceived DateCompleted? TransactionAmount Fees CallerTokenId? SenderTokenId? \
         RecipientTokenId? PrepaidInstrumentId? CreditInstrumentId? Operation PaymentMethod Status ErrorCode? ErrorMessage? \
         MetaData? SenderName? CallerName RecipientName? TransactionParts+ RelatedTransactions* StatusHistory+",
    ),
    ("RelatedTransactions", "TransactionId"),
    ("StatusHistory", "Date Status Amount"),
    (
        "Transactions",
        "TransactionId CallerTransactionDate DateReceived DateCompleted? TransactionAmount Operation Status ErrorMessage? \
         ErrorCode? MetaData? OriginalTransactionId? TransactionParts+ PaymentMethod SenderName? CallerName RecipientName? Fees \
         Balance CallerTokenId? SenderTokenId? RecipientTokenId?",
    ),
    ("TransactionParts", "AccountId InstrumentId? Role Name? Reference? Description? FeePaid?"),
];

const USAGE: &str = "Count? Amount? LastResetCount? LastResetAmount? LastResetTimeStamp?";
const TOKEN: &str = "TokenId FriendlyName Status DateInstalled CallerInstalled CallerReference TokenType OldTokenId? PaymentReason?";

/// What may stand in elements of a few words.
const WORDS: &[(&str, &[&str])] = &[
    ("ErrorType", &["System", "Business"]),
    ("IsRetriable", &["true", "false"]),
    ("Operation", &["Pay", "Refund", "Settle", "SettleDebt", "WriteOffDebt", "FundPrepaid", "Reserve"]),
    ("PaymentMethod", &["ABT", "CC", "ACH", "Debt", "Prepaid"]),
    ("Role", &["Sender", "Caller", "Recipient"]),
    ("TokenType", &["SingleUse", "MultiUse", "Recurring", "Unrestricted"]),
    ("Token/Status", &["Active", "Inactive"]),
    ("Tokens/Status", &["Active", "Inactive"]),
    ("TransactionResults/Status", &["Success", "TemporaryDecline", "Failure"]),
    ("Status", &["Reserved", "Success", "Failure", "Initiated", "Reinitiated", "TemporaryDecline"]),
];

#[tokio::test]
async fn every_operation_in_process() {
    let sandbox = builder().build();
    let shop = Shop::new(&sandbox, people::shop_credentials());
    check(&session(&shop).await);
}

#[tokio::test]
async fn every_operation_over_a_connection_by_post() {
    let sandbox = builder().build();
    let address = serve(&sandbox).await;
    let mut shop = Shop::new(&sandbox, people::shop_credentials());
    shop.http = Arc::new(Posting);
    shop.base = format!("http://{address}/").parse().unwrap();
    check(&session(&shop).await);
}

/// Sends calls as forms instead of queries. Nothing but the names and values is signed, so it makes no difference.
#[derive(Debug)]
struct Posting;

#[async_trait]
impl HttpSend for Posting {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        let is_call = request.uri().path() == "/";
        let query = request.uri().query().filter(|_| is_call).map(str::to_owned);
        let Some(query) = query else { return Wire.send(request).await };
        let address = request.uri().to_string();
        let bare = address.split('?').next().unwrap();
        let form = http::Request::post(bare)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(query.into_bytes());
        Wire.send(form.unwrap()).await
    }
}

fn read(answer: &Answer) -> Element {
    let document = answer.body.strip_prefix("<?xml version=\"1.0\"?>\n");
    Element::read(document.unwrap_or_else(|| panic!("no declaration: {}", answer.body)))
}

fn check(answers: &[Answer]) {
    let (mut seen, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let root = read(answer);
        let name = root.name.strip_prefix("ns3:").and_then(|name| name.strip_suffix("Response"));
        let name = name.unwrap_or_else(|| panic!("{}", answer.body));
        let known = RESULTS.iter().find(|(operation, _)| *operation == name);
        let (operation, result) = *known.unwrap_or_else(|| panic!("{name} is not an operation"));
        assert_eq!(
            root.attributes, "xmlns:ns3=\"http://fps.amazonaws.com/doc/2007-01-08/\"",
            "{}",
            answer.body
        );
        let discards = if operation == "DiscardResults" { "DiscardErrors*" } else { "" };
        root.has_children(&format!("{result} Status Errors? {discards} RequestId"));
        let status = answer.request_status();
        let errors = root.children.iter().any(|child| child.name == "Errors");
        assert_eq!(errors, status == "Failure", "{}", answer.body);
        if errors {
            failed.insert(operation)
        } else {
            seen.insert(operation)
        };
        for child in &root.children {
            check_element(operation, child, &answer.body);
            child.walk(&mut |parent, one| check_element(parent, one, &answer.body));
        }
    }
    let all: BTreeSet<_> = RESULTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(seen, all, "these succeeded");
    // The three that have nothing to refuse a caller in good order.
    let never = ["GetAccountBalance", "GetOutstandingDebtBalance", "GetTotalPrepaidLiability"];
    assert_eq!(failed, all.into_iter().filter(|name| !never.contains(name)).collect(), "these were refused");
}

fn check_element(parent: &str, one: &Element, body: &str) {
    let of = format!("{parent}/{}", one.name);
    let find = |name: &str| MODELS.iter().find(|(have, _)| *have == name).map(|(_, model)| *model);
    match find(&of).or_else(|| find(&one.name)) {
        Some(model) => one.has_children(model),
        None if one.children.is_empty() => {}
        None => {
            one.has_children("CurrencyCode Amount");
            let amount = &one.children[1].text;
            let decimals = amount.split_once('.').map(|(_, decimals)| decimals.len());
            assert!(decimals == Some(6) && Amount::parse(amount).is_ok(), "{amount:?} in {body}");
            assert_eq!(one.children[0].text, "USD", "{body}");
        }
    }
    let words = WORDS.iter().find(|(name, _)| *name == of || *name == one.name);
    if let Some((_, words)) = words {
        assert!(words.contains(&one.text.as_str()), "{of} is {:?} in {body}", one.text);
    }
    let shaped = match one.name.as_str() {
        "TransactionId" | "OriginalTransactionId" => one.text.len() == 35,
        "TokenId"
        | "OldTokenId"
        | "CallerTokenId"
        | "SenderTokenId"
        | "RecipientTokenId"
        | "InstrumentId"
        | "PrepaidInstrumentIds"
        | "CreditInstrumentIds" => one.text.len() == 64,
        "RequestId" => one.text.len() == 38 && one.text.ends_with(":0"),
        name if name.contains("Date") || name.ends_with("TimeStamp") || name.starts_with("StartTime") => {
            one.text.len() == 29 && (one.text.ends_with("-07:00") || one.text.ends_with("-08:00"))
        }
        _ => true,
    };
    assert!(shaped, "{of} is {:?} in {body}", one.text);
}

const SCHEMA: &str = "../../shared/protocol/AmazonFPS-2007-01-08.xsd";

#[tokio::test]
#[ignore = "needs xmllint and the schema in ../shared; run `cargo test -p fps-sandbox --test v2007_schema -- --ignored`"]
async fn every_answer_fits_the_published_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCHEMA);
    if !schema.exists() {
        eprintln!("not checked: {} is not there", schema.display());
        return;
    }
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("not checked: install xmllint (Debian: libxml2-utils)");
        return;
    }
    let shop = Shop::new(&builder().build(), people::shop_credentials());
    let folder = std::env::temp_dir().join(format!("fps-sandbox-schema-2007-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new("xmllint");
    command.arg("--noout").arg("--schema").arg(&schema);
    let answers = session(&shop).await;
    for (number, answer) in answers.iter().enumerate() {
        let file = folder.join(format!("{number}.xml"));
        std::fs::write(&file, &answer.body).unwrap();
        command.arg(file);
    }
    let checked = command.output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    std::fs::remove_dir_all(folder).unwrap();
}

/// A session through every operation, in which each succeeds and, where it can, is refused; its answers.
async fn session(shop: &Shop) -> Vec<Answer> {
    let mut answers = Vec::new();
    let sandbox = &shop.sandbox;
    let second = || sandbox.clock().advance(Duration::from_secs(1));
    answers.push(shop.install("Invalid instruction's", "bad", "Unrestricted").await);
    answers.push(shop.install("MyRole == 'Caller';", "one-more", "SingleUse").await);
    let own = shop.own().await;

    let card = john().method(PaymentMethod::Cc);
    let token = shop.token(card.clone(), "a1", &[("reserve", "True")]).await;
    let words = [
        ("CallerReference", "r1"),
        ("CallerDescription", "words & <signs>"),
        ("SenderDescription", "s"),
        ("RecipientDescription", "r"),
        ("SenderReference", "sr"),
        ("RecipientReference", "rr"),
        ("MetaData", "m"),
        ("TransactionDate", "2007-10-16T16:59:59Z"),
        ("DescriptorPolicy.SoftDescriptorType", "Dynamic"),
        ("DescriptorPolicy.CSNumberOf", "Caller"),
    ];
    answers.push(shop.pay("Reserve", &own, &token, &words).await);
    let reserved = answers.last().unwrap().transaction().0.to_owned();
    answers.push(shop.call("Settle", &[("ReserveTransactionId", &reserved)]).await);
    answers.push(shop.pay("Reserve", &own, &token, &[("CallerReference", "r2")]).await);
    second();
    answers.push(shop.call("Settle", &[("ReserveTransactionId", &reserved)]).await);
    second();
    let refund = async |id: &str, reference: &str| {
        let pairs = [
            ("CallerTokenId", own.caller.as_str()),
            ("RefundSenderTokenId", &own.refunder),
            ("TransactionId", id),
            ("CallerReference", reference),
        ];
        shop.call("Refund", &pairs).await
    };
    sandbox.deposit(&fps_sandbox::ledger::AccountId::new("SHOP"), Amount::usd("10")).unwrap();
    answers.push(refund(&reserved, "f1").await);
    let refunded = answers.last().unwrap().transaction().0.to_owned();
    answers.push(refund(&reserved, "f2").await);
    second();
    for id in [reserved.as_str(), &refunded, &"1".repeat(35)] {
        answers.push(shop.call("GetTransaction", &[("TransactionId", id)]).await);
    }

    // Declined, declined for now, and retried.
    let dora = shop.token(Buyer::new(people::DORA, "dora"), "a2", &[]).await;
    answers.push(shop.pay("Pay", &own, &dora, &[("CallerReference", "p2")]).await);
    let declined = answers.last().unwrap().transaction().0.to_owned();
    sandbox.faults().on_next("Pay", Fault::TemporaryDecline);
    let later = shop.token(john(), "a3", &[]).await;
    answers.push(shop.pay("Pay", &own, &later, &[("CallerReference", "p3")]).await);
    let later = answers.last().unwrap().transaction().0.to_owned();
    second();
    for id in [&declined, &later] {
        answers.push(shop.call("GetTransaction", &[("TransactionId", id)]).await);
    }
    answers.push(shop.call("RetryTransaction", &[("OriginalTransactionId", &later)]).await);
    answers.push(shop.call("RetryTransaction", &[("OriginalTransactionId", &later)]).await);
    answers.push(shop.call("GetResults", &[]).await);
    answers.push(shop.call("GetResults", &[("MaxResultsCount", "26")]).await);
    answers.push(shop.call("DiscardResults", &[("TransactionIds.1", &declined)]).await);
    answers.push(shop.call("DiscardResults", &[("TransactionIds", &declined)]).await);
    answers.push(shop.call("DiscardResults", &[("TransactionIds", "short")]).await);

    // Tokens.
    let multi = [
        ("pipelineName", "MultiUse"),
        ("callerReference", "m1"),
        ("globalAmountLimit", "50"),
        ("usageLimitType1", "Count"),
        ("usageLimitValue1", "5"),
        ("usageLimitPeriod1", "1 Day"),
        ("usageLimitType2", "Amount"),
        ("usageLimitValue2", "20"),
        ("paymentReason", "songs"),
    ];
    let token = returned(&shop.walk(john(), &multi).await, "tokenID").unwrap();
    answers.push(shop.pay("Pay", &own, &token, &[("CallerReference", "p4")]).await);
    answers
        .push(shop.pay("Pay", &own, &token, &[("CallerReference", "p5"), ("ChargeFeeTo", "Nobody")]).await);
    let nothing = "N".repeat(64);
    for action in ["GetTokenUsage", "GetTokenByCaller", "GetPaymentInstruction", "CancelToken"] {
        answers.push(shop.call(action, &[("TokenId", &token)]).await);
        answers.push(shop.call(action, &[("TokenId", &nothing)]).await);
    }
    answers.push(shop.call("GetTokens", &[]).await);
    answers.push(shop.call("GetTokens", &[("TokenStatus", "Asleep")]).await);

    // Prepaid and postpaid.
    let betty = || Buyer::new(people::BETTY, "betty");
    let prepaid = [
        ("pipelineName", "SetupPrepaid"),
        ("callerReferenceFunding", "f3"),
        ("callerReferenceSender", "s3"),
        ("fundingAmount", "20"),
    ];
    let back = shop.walk(betty(), &prepaid).await;
    let part = |name: &str| returned(&back, name).unwrap();
    let (funder, instrument) = (part("fundingTokenID"), part("prepaidInstrumentID"));
    for (amount, reference) in [("10.00", "f4"), ("30.00", "f5")] {
        let pairs = [
            ("SenderTokenId", funder.as_str()),
            ("CallerTokenId", &own.caller),
            ("PrepaidInstrumentId", &instrument),
            ("CallerReference", reference),
            ("ChargeFeeTo", "Recipient"),
        ];
        answers.push(shop.ask("FundPrepaid", ("FundingAmount", amount), &pairs).await);
    }
    let paid = shop.pay("Pay", &own, &part("prepaidSenderTokenID"), &[("CallerReference", "p6")]).await;
    answers.push(shop.call("GetTransaction", &[("TransactionId", paid.transaction().0)]).await);
    answers.push(paid);
    for id in [instrument.as_str(), "nonsense"] {
        answers.push(shop.call("GetPrepaidBalance", &[("PrepaidInstrumentId", id)]).await);
    }
    answers.push(shop.call("GetTotalPrepaidLiability", &[]).await);
    let postpaid = [
        ("pipelineName", "SetupPostpaid"),
        ("callerReferenceSender", "s5"),
        ("callerReferenceSettlement", "t5"),
        ("creditLimit", "20"),
        ("globalAmountLimit", "50"),
    ];
    let back = shop.walk(betty(), &postpaid).await;
    let part = |name: &str| returned(&back, name).unwrap();
    let (settler, instrument) = (part("settlementTokenID"), part("creditInstrumentID"));
    let more = [("CallerReference", "p7"), ("TransactionAmount.Amount", "3.00")];
    answers.push(shop.pay("Pay", &own, &part("creditSenderTokenID"), &more).await);
    for (amount, settle, write_off) in [("1.00", "d5", "w5"), ("9.00", "d6", "w6")] {
        let pairs = [
            ("SenderTokenId", settler.as_str()),
            ("CallerTokenId", &own.caller),
            ("CreditInstrumentId", &instrument),
            ("CallerReference", settle),
            ("ChargeFeeTo", "Caller"),
        ];
        answers.push(shop.ask("SettleDebt", ("SettlementAmount", amount), &pairs).await);
        let pairs = [
            ("CallerTokenId", own.caller.as_str()),
            ("CreditInstrumentId", &instrument),
            ("CallerReference", write_off),
        ];
        answers.push(shop.ask("WriteOffDebt", ("AdjustmentAmount", amount), &pairs).await);
    }
    for id in [instrument.as_str(), "nonsense"] {
        answers.push(shop.call("GetDebtBalance", &[("CreditInstrumentId", id)]).await);
    }
    answers.push(shop.call("GetOutstandingDebtBalance", &[]).await);
    for action in ["GetAllPrepaidInstruments", "GetAllCreditInstruments"] {
        for status in ["All", "ALL"] {
            answers.push(shop.call(action, &[("InstrumentStatus", status)]).await);
        }
    }

    // The account, and notifications.
    answers.push(shop.call("GetAccountBalance", &[]).await);
    let from = ("StartDate", "2007-10-16T00:00:00Z");
    answers.push(shop.call("GetAccountActivity", &[from]).await);
    answers.push(shop.call("GetAccountActivity", &[from, ("SortOrderByDate", "Ascending")]).await);
    answers.push(shop.call("GetAccountActivity", &[("StartDate", "2008-10-16T00:00:00Z")]).await);
    let name = ("NotificationOperationName", "postTokenCancellation");
    for url in ["https://shop.example/notify", "ftp://shop.example/"] {
        answers.push(shop.call("SubscribeForCallerNotification", &[name, ("WebServiceAPIURL", url)]).await);
    }
    for _ in 0..2 {
        answers.push(shop.call("UnSubscribeForCallerNotification", &[name]).await);
    }
    let ledger = sandbox.ledger();
    assert_eq!(ledger.sum(), 0);
    answers
}
