//! Every answer against the schema of 2010-08-28, where it lies beside the checkout.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use fps_core::checkout::PaymentMethod;
use fps_sandbox::{Buyer, people};

use caller::{Answer, Caller, john, sandbox};

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
    let folder = std::env::temp_dir().join(format!("fps-sandbox-schema-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (number, answer) in answers().await.into_iter().enumerate() {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let file = folder.join(format!("{number}.xml"));
        std::fs::write(&file, &answer.body).unwrap();
        let checked =
            Command::new("xmllint").arg("--noout").arg("--schema").arg(&schema).arg(&file).output().unwrap();
        assert!(checked.status.success(), "{}\n{}", answer.body, String::from_utf8_lossy(&checked.stderr));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// An answer of every operation that can succeed.
async fn answers() -> Vec<Answer> {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
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
    answers
}
