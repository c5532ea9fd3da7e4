//! The protocol crate's own client, links and returns of version 2007-01-08 against the sandbox: every operation once, typed.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::sync::Arc;
use std::time::Duration;

use fps_core::checkout::{Charge, Charges, PaymentMethod, PaymentMethods, PipelineParameters};
use fps_core::client::Client;
use fps_core::operation::v2007::{
    CancelToken, ChargeFeeTo, DiscardResults, FundPrepaid, GetAccountActivity, GetAccountBalance,
    GetAllCreditInstruments, GetAllPrepaidInstruments, GetDebtBalance, GetOutstandingDebtBalance,
    GetPaymentInstruction, GetPrepaidBalance, GetResults, GetTokenByCaller, GetTokenUsage, GetTokens,
    GetTotalPrepaidLiability, GetTransaction, InstallPaymentInstruction, NotificationOperation, Pay,
    PaymentInstruction, Refund, Reserve, ResultStatus, RetryTransaction, Settle, SettleDebt,
    SubscribeForCallerNotification, TokenType, TransactionStatus, UnSubscribeForCallerNotification,
    WriteOffDebt,
};
use fps_core::pipeline::v2007::verify_return;
use fps_core::pipeline::{SetupPostpaid, SetupPrepaid, SignedLink, SingleUse, VerifiedReturn};
use fps_core::signature::{Method, SignatureMethod, SignatureVersion};
use fps_core::{Amount, CallerReference, TokenId, Version};
use fps_sandbox::{Buyer, Fault, Sandbox, SandboxClock, people};
use url::Url;

const FIRST: Version = Version::V2007_01_08;

struct Shop {
    sandbox: Sandbox,
    client: Client,
    caller: TokenId,
    recipient: TokenId,
    refunder: TokenId,
}

fn reference(text: &str) -> CallerReference {
    CallerReference::new(text).unwrap()
}

fn client(sandbox: &Sandbox, method: Method, signature: SignatureVersion) -> Client {
    Client::builder(people::shop_credentials(), sandbox.endpoint())
        .version(FIRST)
        .http(sandbox.http())
        .clock(sandbox.clock())
        .method(method)
        .signature_version(signature)
        .build()
        .unwrap()
}

async fn shop() -> Shop {
    let clock = SandboxClock::virtual_at("2007-10-16T17:00:00Z".parse().unwrap());
    let sandbox = Sandbox::builder().clock(clock).build();
    let client = client(&sandbox, Method::Post, SignatureVersion::V1);
    let install = async |rules: &PaymentInstruction, name: &str| {
        let install =
            InstallPaymentInstruction::new(rules.to_string(), reference(name), TokenType::Unrestricted);
        client.send(install).await.unwrap().response.token_id
    };
    let caller = install(&PaymentInstruction::caller(), "caller").await;
    let recipient = install(&PaymentInstruction::recipient(), "recipient").await;
    let refunder = install(&PaymentInstruction::refund_sender(), "refunder").await;
    Shop { sandbox, client, caller, recipient, refunder }
}

impl Shop {
    fn john(&self) -> Buyer {
        Buyer::new(people::JOHN, "john")
    }

    async fn walk(&self, buyer: &Buyer, link: &SignedLink) -> VerifiedReturn {
        let back = buyer.approve(&self.sandbox.http(), link.url()).await.unwrap();
        let secret = people::shop_credentials();
        verify_return(&return_url(), back.query().unwrap(), &[secret.secret_key()]).unwrap()
    }

    async fn token(&self, method: PaymentMethod, name: &str, reserve: bool) -> TokenId {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, Amount::usd("1.00")).unwrap();
        let product = PipelineParameters::new(charges).unwrap().with_payment_reason("a song");
        let product = product.with_payment_methods(PaymentMethods::of(&[method]));
        let product = product.with_reserve(reserve);
        let link = SingleUse::new(reference(name), &product, return_url());
        let link = link.link_in(FIRST, &people::shop_credentials(), &self.sandbox.endpoint()).unwrap();
        let returned = self.walk(&self.john().method(method), &link).await;
        let answer = returned.single_use();
        assert_eq!(answer.caller_reference.as_ref().unwrap().as_str(), name);
        answer.approved().unwrap().clone()
    }

    fn pay(&self, sender: &TokenId, name: &str) -> Pay {
        Pay::new(
            self.caller.clone(),
            sender.clone(),
            self.recipient.clone(),
            Amount::usd("1.00"),
            ChargeFeeTo::Recipient,
            reference(name),
        )
    }
}

fn return_url() -> Url {
    "http://shop.example/back?order=7".parse().unwrap()
}

#[tokio::test]
async fn payments_reservations_and_refunds() {
    let shop = shop().await;
    let client = &shop.client;
    let token = shop.token(PaymentMethod::Abt, "a1", false).await;
    let pay = shop.pay(&token, "p1").with_meta_data("song").with_sender_reference("john");
    let paid = client.send(pay).await.unwrap().response;
    assert_eq!(paid.status, TransactionStatus::Success);
    let one = client.send(GetTransaction::new(paid.transaction_id.clone())).await.unwrap().response;
    let one = one.transaction.unwrap();
    assert_eq!(one.caller_reference(), Some("p1"));
    assert_eq!((one.meta_data.as_deref(), one.fees), (Some("song"), Some(Amount::usd("0.03"))));
    let refund =
        Refund::new(shop.caller.clone(), shop.refunder.clone(), paid.transaction_id.clone(), reference("f1"));
    assert_eq!(client.send(refund).await.unwrap().response.status, TransactionStatus::Success);

    // A reservation, a temporary decline on the way, a retry, the queue.
    let token = shop.token(PaymentMethod::Cc, "a2", true).await;
    let reserve = Reserve::new(
        shop.caller.clone(),
        token,
        shop.recipient.clone(),
        Amount::usd("1.00"),
        ChargeFeeTo::Recipient,
        reference("r1"),
    );
    let reserved = client.send(reserve).await.unwrap().response;
    assert_eq!(reserved.status, TransactionStatus::Initiated);
    shop.sandbox.clock().advance(Duration::from_secs(1));
    shop.sandbox.faults().on_next("Settle", Fault::TemporaryDecline);
    let settle = Settle::new(reserved.transaction_id.clone()).with_transaction_amount(Amount::usd("0.50"));
    let settled = client.send(settle).await.unwrap().response;
    assert_eq!(
        (settled.transaction_id.clone(), settled.status),
        (reserved.transaction_id, TransactionStatus::Initiated)
    );
    shop.sandbox.clock().advance(Duration::from_secs(1));
    let results = client.send(GetResults::new()).await.unwrap().response.transaction_results;
    assert_eq!(results[0].status, ResultStatus::TemporaryDecline);
    let retried = client.send(RetryTransaction::new(settled.transaction_id.clone())).await.unwrap().response;
    assert_eq!(retried.status, TransactionStatus::Reinitiated);
    shop.sandbox.clock().advance(Duration::from_secs(1));
    let results = client.send(GetResults::new()).await.unwrap().response.transaction_results;
    assert_eq!((results.len(), &results[0].status), (1, &ResultStatus::Success));
    let discard = || DiscardResults::new([settled.transaction_id.clone()]);
    assert!(client.send(discard()).await.unwrap().response.discard_errors.is_empty());
    assert_eq!(client.send(discard()).await.unwrap().response.discard_errors.len(), 1);

    let start = "2007-10-16T00:00:00Z".parse().unwrap();
    let activity = client.send(GetAccountActivity::since(start)).await.unwrap().response;
    let references: Vec<_> = activity.transactions.iter().filter_map(|row| row.caller_reference()).collect();
    assert_eq!(references, ["r1", "r1", "r1", "r1", "r1", "r1", "f1", "p1"]);
    let balance = client.send(GetAccountBalance).await.unwrap().response.account_balance.unwrap();
    assert_eq!(balance.total_balance, shop.sandbox.ledger().balance_of(people::SHOP));
}

#[tokio::test]
async fn tokens_and_their_rules() {
    let shop = shop().await;
    let client = &shop.client;
    let sender = shop.token(PaymentMethod::Abt, "a1", false).await;
    let rules = PaymentInstruction::recipient()
        .with_payment_methods(PaymentMethods::ALL)
        .with_transaction_amount(Amount::usd("1.00"))
        .with_sender_token(&sender)
        .or_say("not this token")
        .unwrap();
    let install = InstallPaymentInstruction::new(rules.to_string(), reference("bound"), TokenType::SingleUse);
    let bound = client.send(install.clone()).await.unwrap().response.token_id;
    let again = client.send(install).await.unwrap_err();
    assert_eq!(again.code().unwrap().as_str(), "DuplicateRequest");
    let found = client.send(GetTokenByCaller::by_reference(reference("bound"))).await.unwrap().response;
    assert_eq!(found.token.unwrap().token_id, bound);
    let kept = client.send(GetPaymentInstruction::new(bound.clone())).await.unwrap().response;
    assert_eq!(kept.payment_instruction, rules.to_string());
    let other = shop.token(PaymentMethod::Abt, "a2", false).await;
    let pay = |sender: &TokenId, name: &str| {
        let amount = Amount::usd("1.00");
        let (caller, bound) = (shop.caller.clone(), bound.clone());
        Pay::new(caller, sender.clone(), bound, amount, ChargeFeeTo::Recipient, reference(name))
    };
    let refused = client.send(pay(&other, "p1")).await.unwrap_err();
    assert_eq!(refused.code().unwrap().as_str(), "IncompatibleTokens");
    assert!(refused.message().unwrap().ends_with("Recipient not this token"), "{refused}");
    assert_eq!(client.send(pay(&sender, "p2")).await.unwrap().response.status, TransactionStatus::Success);
    assert_eq!(client.send(GetTokens::new()).await.unwrap().response.tokens.len(), 3);
    let usage = client.send(GetTokenUsage::new(shop.caller.clone())).await.unwrap().response;
    assert!(usage.token_usage_limits.is_empty());
    client.send(CancelToken::new(other.clone())).await.unwrap();
    let refused = client.send(shop.pay(&other, "p3")).await.unwrap_err();
    assert_eq!(refused.code().unwrap().as_str(), "TokenNotActive_Sender");
    let event = NotificationOperation::PostTransactionResult;
    let url: Url = "https://shop.example/notify".parse().unwrap();
    client.send(SubscribeForCallerNotification::new(event.clone(), url)).await.unwrap();
    client.send(UnSubscribeForCallerNotification::new(event)).await.unwrap();
}

#[tokio::test]
async fn prepaid_and_postpaid() {
    let shop = shop().await;
    let client = &shop.client;
    let (credentials, endpoint) = (people::shop_credentials(), shop.sandbox.endpoint());
    let betty = Buyer::new(people::BETTY, "betty");
    let twenty = Amount::usd("20");
    let link = SetupPrepaid::new(reference("s1"), reference("s2"), twenty, return_url());
    let link = link.link_in(FIRST, &credentials, &endpoint).unwrap();
    let prepaid = shop.walk(&betty, &link).await.setup_prepaid();
    let instrument = prepaid.prepaid_instrument.unwrap();
    let fund = FundPrepaid::new(
        prepaid.funding_token.unwrap(),
        shop.caller.clone(),
        instrument.clone(),
        Amount::usd("10"),
        ChargeFeeTo::Recipient,
        reference("f1"),
    );
    client.send(fund).await.unwrap();
    client.send(shop.pay(&prepaid.prepaid_sender_token.unwrap(), "p1")).await.unwrap();
    let balance = client.send(GetPrepaidBalance::new(instrument.clone())).await.unwrap().response;
    assert_eq!(balance.prepaid_balance.unwrap().available_balance, Amount::usd("9"));
    let liability = client.send(GetTotalPrepaidLiability).await.unwrap().response;
    assert_eq!(liability.outstanding_prepaid_liability.unwrap().outstanding_balance, Amount::usd("9"));
    let all = client.send(GetAllPrepaidInstruments::new()).await.unwrap().response;
    assert_eq!(all.prepaid_instrument_ids, [instrument]);

    let link = SetupPostpaid::new(reference("c1"), reference("c2"), twenty, Amount::usd("50"), return_url());
    let link = link.link_in(FIRST, &credentials, &endpoint).unwrap();
    let postpaid = shop.walk(&betty, &link).await.setup_postpaid();
    let instrument = postpaid.credit_instrument.unwrap();
    client.send(shop.pay(&postpaid.credit_sender_token.unwrap(), "p2")).await.unwrap();
    let settle = SettleDebt::new(
        postpaid.settlement_token.unwrap(),
        shop.caller.clone(),
        instrument.clone(),
        Amount::usd("0.40"),
        ChargeFeeTo::Recipient,
        reference("d1"),
    );
    client.send(settle).await.unwrap();
    let write_off =
        WriteOffDebt::new(shop.caller.clone(), instrument.clone(), Amount::usd("0.10"), reference("w1"));
    client.send(write_off).await.unwrap();
    let debt = client.send(GetDebtBalance::new(instrument.clone())).await.unwrap().response;
    assert_eq!(debt.debt_balance.unwrap().available_balance, Amount::usd("0.50"));
    let debt = client.send(GetOutstandingDebtBalance).await.unwrap().response;
    assert_eq!(debt.outstanding_debt.unwrap().outstanding_balance, Amount::usd("0.50"));
    let all = client.send(GetAllCreditInstruments::new()).await.unwrap().response;
    assert_eq!(all.credit_instrument_ids, [instrument]);
    assert_eq!(shop.sandbox.ledger().sum(), 0);
}

#[tokio::test]
async fn every_signature_and_method_of_the_client_is_taken() {
    let shop = shop().await;
    let sandbox = Arc::new(shop.sandbox);
    for method in [Method::Get, Method::Post] {
        for signature in [
            SignatureVersion::V0,
            SignatureVersion::V1,
            SignatureVersion::V2(SignatureMethod::HmacSha1),
            SignatureVersion::V2(SignatureMethod::HmacSha256),
        ] {
            let client = client(&sandbox, method, signature);
            let answer = client.send(GetAccountBalance).await;
            assert!(answer.is_ok(), "{method:?} {signature:?}: {answer:?}");
        }
    }
}
