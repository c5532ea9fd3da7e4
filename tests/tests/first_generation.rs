//! Version 2007-01-08 between the two rooms: the typed client asks, the sandbox answers, each by its own code. All pipelines, all
//! operations.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::time::Duration;

use fps_checkout::Amount;
use fps_checkout::fps_core::checkout::{Charge, Charges, PaymentMethod, PaymentMethods, PipelineParameters};
use fps_checkout::fps_core::client::{Client, Clock as _};
use fps_checkout::fps_core::operation::v2007::*;
use fps_checkout::fps_core::operation::{Answer, CsOwner, Operation, SoftDescriptorType};
use fps_checkout::fps_core::pipeline::v2007::verify_return;
use fps_checkout::fps_core::pipeline::{
    EditToken, MultiUse, Period, PipelineError, Recipient, Recurring, SetupPostpaid, SetupPrepaid,
    SignedLink, SingleUse, UsageLimit, VerifiedReturn,
};
use fps_checkout::fps_core::response::{FaultCode, Verdict};
use fps_checkout::fps_core::signature::{SignatureMethod, SignatureVersion};
use fps_checkout::fps_core::url::Url;
use fps_checkout::fps_core::{
    CallerReference, Credentials, Endpoint, InstrumentId, TokenId, TransactionId, Version,
};
use fps_sandbox::{Buyer, Sandbox, SandboxClock, people};
use fps_tests::{john_pays, pays};

/// The page of the guide's shop, with its own query.
const RETURN: &str = "http://localhost:8080/amazonfpssdk/usecases/digitalDownload/paymentDetails.jsp?PaymentAmount=0.10&Download=Now+and+Forever+-+Richard+Marx&uniqueId=1177495829105";

/// A shop of the first generation with the tokens that it needs.
struct Shop {
    sandbox: Sandbox,
    client: Client,
    caller: TokenId,
    recipient: TokenId,
    refund_sender: TokenId,
}

impl Shop {
    async fn open() -> Self {
        let clock = SandboxClock::virtual_at("2007-10-16T17:00:00Z".parse().unwrap());
        let sandbox = Sandbox::builder().clock(clock).build();
        let client = client(&sandbox, None);
        let install = async |instruction, name| {
            let install =
                InstallPaymentInstruction::new(instruction, reference(name), TokenType::Unrestricted);
            client.send(install).await.unwrap().response.token_id
        };
        let caller = install(PaymentInstruction::caller(), "shop-caller").await;
        let recipient = install(PaymentInstruction::recipient(), "shop-recipient").await;
        let refund_sender = install(PaymentInstruction::refund_sender(), "shop-refund").await;
        Self { sandbox, client, caller, recipient, refund_sender }
    }

    async fn send<O: Operation>(&self, operation: O) -> O::Response {
        match self.client.send(operation).await {
            Ok(Answer { response, .. }) => response,
            Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        }
    }

    /// Walks a link's pages to their end and verifies what comes back.
    async fn walk(
        &self,
        buyer: Option<Buyer>,
        link: impl Fn(Version, &Credentials, &Endpoint) -> Result<SignedLink, PipelineError>,
    ) -> VerifiedReturn {
        let link =
            link(Version::V2007_01_08, self.client.credentials(), self.client.endpoint()).unwrap().into_url();
        let http = self.sandbox.http();
        let back = match buyer {
            Some(buyer) => pays(&http, &link, buyer).await,
            None => john_pays(&http, &link).await,
        };
        let secret = self.client.credentials().secret_key();
        verify_return(&RETURN.parse().unwrap(), back.query().unwrap(), &[secret]).unwrap()
    }

    /// A single-use token for so much.
    async fn token(&self, name: &str, amount: &str, methods: &[PaymentMethod], reserve: bool) -> TokenId {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, amount.parse().unwrap()).unwrap();
        let product = PipelineParameters::new(charges)
            .unwrap()
            .with_payment_reason("Now and Forever - Richard Marx")
            .with_payment_methods(PaymentMethods::of(methods))
            .with_reserve(reserve);
        let link = SingleUse::new(reference(name), &product, back());
        let buyer = Buyer::new(people::JOHN, "john").method(methods[0]);
        let returned = self.walk(Some(buyer), |version, keys, at| link.link_in(version, keys, at)).await;
        assert_eq!(returned.own().get("Download"), Some("Now and Forever - Richard Marx"));
        returned.single_use().approved().unwrap().clone()
    }

    fn pay(&self, sender: TokenId, amount: &str, name: &str) -> Pay {
        Pay::new(
            self.caller.clone(),
            sender,
            self.recipient.clone(),
            amount.parse().unwrap(),
            ChargeFeeTo::Recipient,
            reference(name),
        )
    }

    fn seconds_pass(&self, seconds: u64) {
        self.sandbox.clock().advance(Duration::from_secs(seconds));
    }
}

fn client(sandbox: &Sandbox, signature: Option<SignatureVersion>) -> Client {
    let builder = Client::builder(people::shop_credentials(), sandbox.endpoint())
        .version(Version::V2007_01_08)
        .http(sandbox.http())
        .clock(sandbox.clock());
    match signature {
        Some(signature) => builder.signature_version(signature),
        None => builder,
    }
    .build()
    .unwrap()
}

fn reference(text: &str) -> CallerReference {
    CallerReference::new(text).unwrap()
}

fn back() -> Url {
    RETURN.parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_guides_story_goes_through() {
    let shop = Shop::open().await;
    let token = shop.token("DigitalDownload1177495829105", "0.10", &PaymentMethod::ALL, false).await;
    let pay = shop
        .pay(token.clone(), "0.10", "MP3DownloadId-AF12ES")
        .with_transaction_date(shop.sandbox.clock().now())
        .with_caller_description("DigitalDownload web site")
        .with_meta_data("Digital Content downloaded: Now and Forever - Richard Marx")
        .with_sender_description("John Customer of DigitalDownload")
        .with_sender_reference("johndigitaldownload");
    let paid = shop.send(pay.clone()).await;
    assert_eq!(paid.status, TransactionStatus::Success);
    // The same request again is the same payment; another under the same reference is refused as evidence.
    assert_eq!(shop.send(pay).await, paid);
    let error = shop.client.send(shop.pay(token, "0.05", "MP3DownloadId-AF12ES")).await.unwrap_err();
    assert_eq!((error.code(), error.verdict()), (Some(&FaultCode::DuplicateRequest), Verdict::Spent));

    let ask = GetTransaction::new(paid.transaction_id.clone());
    let transaction = shop.send(ask).await.transaction.unwrap();
    assert_eq!(transaction.status, TransactionStatus::Success);
    assert_eq!(transaction.transaction_amount, Amount::usd("0.10"));
    assert_eq!(transaction.payment_method, Some(PaymentSource::Abt));
    assert_eq!(transaction.caller_reference(), Some("MP3DownloadId-AF12ES"));
    assert_eq!(
        transaction.meta_data.as_deref(),
        Some("Digital Content downloaded: Now and Forever - Richard Marx")
    );
    let since = "2007-10-16T00:00:00Z".parse().unwrap();
    let mut activity = shop.client.account_activity(GetAccountActivity::since(since));
    let row = activity.next().await.unwrap().unwrap();
    assert_eq!(
        (&row.transaction_id, row.caller_reference()),
        (&paid.transaction_id, Some("MP3DownloadId-AF12ES"))
    );
    assert!(activity.next().await.unwrap().is_none());
    let balance = shop.send(GetAccountBalance::new()).await.account_balance.unwrap();
    assert_eq!(Some(balance.total_balance), row.balance);
    assert_eq!(shop.sandbox.ledger().charges(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_parameter_is_taken() {
    let shop = Shop::open().await;
    let token = shop.token("a1", "2.00", &[PaymentMethod::Abt], false).await;
    let now = shop.sandbox.clock().now();
    let pay = shop
        .pay(token, "2.00", "p1")
        .with_transaction_date(now)
        .with_sender_reference("john-7")
        .with_recipient_reference("shop-7")
        .with_caller_description("ü".repeat(64))
        .with_sender_description("s".repeat(128))
        .with_recipient_description("r".repeat(128))
        .with_meta_data("m".repeat(2048))
        .with_temporary_decline_policy(TemporaryDeclinePolicy::ImplicitRetry { timeout_in_mins: Some(60) })
        .with_descriptor_policy(
            DescriptorPolicy::new()
                .with_soft_descriptor_type(SoftDescriptorType::Dynamic)
                .with_cs_owner(CsOwner::Recipient),
        );
    let paid = shop.send(pay).await;
    assert_eq!(paid.status, TransactionStatus::Success);
    let transaction = shop.send(GetTransaction::new(paid.transaction_id.clone())).await.transaction.unwrap();
    assert_eq!(transaction.meta_data.as_deref(), Some("m".repeat(2048).as_str()));
    assert_eq!(transaction.caller_transaction_date, Some(now));
    for (role, reference, description) in [
        (Role::Sender, "john-7", "s".repeat(128)),
        (Role::Recipient, "shop-7", "r".repeat(128)),
        (Role::Caller, "p1", "ü".repeat(64)),
    ] {
        let part = transaction.transaction_parts.iter().find(|part| part.role == role).unwrap();
        assert_eq!(part.reference.as_deref(), Some(reference), "{role}");
        assert_eq!(part.description, Some(description), "{role}");
    }

    shop.seconds_pass(1);
    let refund =
        Refund::new(shop.caller.clone(), shop.refund_sender.clone(), paid.transaction_id, reference("f1"))
            .with_refund_amount(Amount::usd("0.50"))
            .with_charge_fee_to(ChargeFeeTo::Recipient)
            .with_transaction_date(shop.sandbox.clock().now())
            .with_refund_sender_reference("shop-7")
            .with_refund_recipient_reference("john-7")
            .with_caller_description("too loud")
            .with_refund_sender_description("to John")
            .with_refund_recipient_description("from the shop")
            .with_meta_data("song=7")
            .with_marketplace_refund_policy(MarketplaceRefundPolicy::MasterTxnOnly);
    let refunded = shop.send(refund).await;
    assert_eq!(refunded.status, TransactionStatus::Success);

    let ask = GetAccountActivity::since("2007-10-16T00:00:00Z".parse().unwrap())
        .with_end_date(now)
        .with_operation(TransactionKind::Pay)
        .with_payment_method(PaymentSource::Abt)
        .with_max_batch_size(20u32)
        .with_response_group(ResponseGroup::Details)
        .with_sort_order_by_date(SortOrder::Descending)
        .with_role(Role::Caller)
        .with_role(Role::Recipient)
        .with_status(TransactionStatus::Success);
    let activity = shop.send(ask).await;
    let ids: Vec<_> = activity.transactions.iter().map(|row| &row.transaction_id).collect();
    assert_eq!(ids, [&transaction.transaction_id]);
    let refunds = GetAccountActivity::since(now).with_operation(TransactionKind::Refund);
    let row = shop.send(refunds).await.transactions.remove(0);
    assert_eq!(row.original_transaction_id, Some(transaction.transaction_id));
    assert_eq!(row.meta_data.as_deref(), Some("song=7"));
}

#[tokio::test(start_paused = true)]
async fn every_signature_of_the_version_is_taken() {
    let shop = Shop::open().await;
    for signature in [
        SignatureVersion::V0,
        SignatureVersion::V1,
        SignatureVersion::V2(SignatureMethod::HmacSha1),
        SignatureVersion::V2(SignatureMethod::HmacSha256),
    ] {
        let answer = client(&shop.sandbox, Some(signature)).send(GetAccountBalance::new()).await;
        assert!(answer.unwrap().request_id.unwrap().as_str().ends_with(":0"), "{signature:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_ends_later_and_is_read_from_the_queue_or_the_transaction() {
    let shop = Shop::open().await;
    let token = shop.token("a1", "1.00", &[PaymentMethod::Cc], false).await;
    let paid = shop.send(shop.pay(token, "1.00", "p1")).await;
    assert_eq!(paid.status, TransactionStatus::Initiated);
    shop.seconds_pass(5);
    let results = shop.send(GetResults::new().with_max_results_count(25u32)).await;
    let [result] = results.transaction_results.as_slice() else { panic!("{results:?}") };
    assert_eq!((&result.transaction_id, &result.status), (&paid.transaction_id, &ResultStatus::Success));
    assert_eq!(result.caller_reference.as_deref(), Some("p1"));
    let ids = [paid.transaction_id.clone(), TransactionId::new("T".repeat(35))];
    assert_eq!(shop.send(DiscardResults::new(ids)).await.discard_errors.len(), 1);
    assert!(shop.send(GetResults::new()).await.transaction_results.is_empty());
    let transaction = shop.send(GetTransaction::new(paid.transaction_id.clone())).await.transaction.unwrap();
    assert_eq!(transaction.status, TransactionStatus::Success);

    let mut activity =
        shop.client.account_activity(GetAccountActivity::since("2007-10-16T00:00:00Z".parse().unwrap()));
    let mut statuses = Vec::new();
    while let Some(row) = activity.next().await.unwrap() {
        statuses.push(row.status);
    }
    assert_eq!(statuses, [TransactionStatus::Initiated, TransactionStatus::Success]);

    let refund =
        Refund::new(shop.caller.clone(), shop.refund_sender.clone(), paid.transaction_id, reference("f1"))
            .with_refund_amount(Amount::usd("0.40"))
            .with_charge_fee_to(ChargeFeeTo::Caller);
    assert_eq!(shop.send(refund).await.status, TransactionStatus::Initiated);
}

#[tokio::test(start_paused = true)]
async fn a_reservation_is_settled_under_its_own_id() {
    let shop = Shop::open().await;
    let token = shop.token("a1", "25.00", &[PaymentMethod::Cc], true).await;
    let reserve = Reserve::new(
        shop.caller.clone(),
        token,
        shop.recipient.clone(),
        Amount::usd("25"),
        ChargeFeeTo::Caller,
        reference("r1"),
    );
    let reserved = shop.send(reserve).await;
    assert_eq!(reserved.status, TransactionStatus::Initiated);
    shop.seconds_pass(5);
    let too_much = Settle::new(reserved.transaction_id.clone()).with_transaction_amount(Amount::usd("26"));
    let error = shop.client.send(too_much).await.unwrap_err();
    assert_eq!(error.code(), Some(&FaultCode::SettleAmountGreaterThanReserveAmount));
    assert_eq!(error.fault().unwrap().is_retriable(), Some(false));
    let settled = shop.send(Settle::new(reserved.transaction_id.clone())).await;
    assert_eq!(settled.transaction_id, reserved.transaction_id);
    let error = shop.client.send(RetryTransaction::new(reserved.transaction_id)).await.unwrap_err();
    assert_eq!(error.code(), Some(&FaultCode::InvalidTransactionState));
}

#[tokio::test(start_paused = true)]
async fn tokens_are_found_listed_and_cancelled() {
    let shop = Shop::open().await;
    let again = InstallPaymentInstruction::new(
        PaymentInstruction::caller(),
        reference("shop-caller"),
        TokenType::Unrestricted,
    );
    let error = shop.client.send(again).await.unwrap_err();
    assert_eq!((error.code(), error.verdict()), (Some(&FaultCode::DuplicateRequest), Verdict::Spent));
    let found = shop.send(GetTokenByCaller::by_reference(reference("shop-caller"))).await.token.unwrap();
    assert_eq!(found.token_id, shop.caller);
    assert_eq!(shop.send(GetTokenByCaller::by_token(shop.caller.clone())).await.token, Some(found));
    let instruction = shop.send(GetPaymentInstruction::new(shop.caller.clone())).await;
    assert_eq!(instruction.payment_instruction, PaymentInstruction::caller().to_string());
    let bad = InstallPaymentInstruction::new("MyRole is 'Caller'", reference("bad"), TokenType::Unrestricted);
    let error = shop.client.send(bad).await.unwrap_err();
    assert_eq!(error.code(), Some(&FaultCode::BadRule));
    assert!(error.message().unwrap().contains("line 1:"), "{error}");
    assert!(shop.send(GetTokenUsage::new(shop.caller.clone())).await.token_usage_limits.is_empty());
    assert_eq!(shop.send(GetTokens::new()).await.tokens.len(), 3);
    shop.send(CancelToken::new(shop.recipient.clone()).with_reason_text("moved")).await;
    let inactive = shop.send(GetTokens::new().with_token_status(TokenStatus::Inactive)).await.tokens;
    assert_eq!(inactive.iter().map(|token| &token.token_id).collect::<Vec<_>>(), [&shop.recipient]);
    let token = shop.token("a1", "1.00", &[PaymentMethod::Abt], false).await;
    let error = shop.client.send(shop.pay(token, "1.00", "p1")).await.unwrap_err();
    assert_eq!(error.verdict(), Verdict::Final, "{error}");
}

#[tokio::test(start_paused = true)]
async fn tokens_for_many_payments_and_of_sellers_come_back() {
    let shop = Shop::open().await;
    let many = MultiUse::new(reference("tab"), Amount::usd("50"), back())
        .with_usage_limit(UsageLimit::amount(Amount::usd("20")).per(Period::months(1)))
        .with_payment_reason("songs");
    let returned = shop.walk(None, |version, keys, at| many.link_in(version, keys, at)).await;
    let token = returned.multi_use().approved().unwrap().clone();
    let paid = shop.send(shop.pay(token.clone(), "3", "p1")).await;
    assert_eq!(paid.status, TransactionStatus::Success);
    let usage = shop.send(GetTokenUsage::new(token.clone())).await.token_usage_limits;
    assert!(usage.iter().any(|limit| limit.amount == Some(Amount::usd("3"))), "{usage:?}");

    let edit = EditToken::new(reference("tab-edit"), token, back());
    let card = Buyer::new(people::JOHN, "john").method(PaymentMethod::Cc);
    let returned = shop.walk(Some(card), |version, keys, at| edit.link_in(version, keys, at)).await;
    assert!(returned.edit_token().current().is_some(), "{:?}", returned.status());

    let monthly = Recurring::new(reference("paper"), Amount::usd("5"), Period::months(1), back());
    let returned = shop.walk(None, |version, keys, at| monthly.link_in(version, keys, at)).await;
    let token = returned.recurring().approved().unwrap().clone();
    assert_eq!(shop.send(shop.pay(token, "5", "p2")).await.status, TransactionStatus::Success);

    let seller = Recipient::new(reference("seller"), true, back())
        .with_caller_reference_refund(reference("seller-refund"));
    let artist = Buyer::new(people::ARTIST, "artist");
    let returned = shop.walk(Some(artist), |version, keys, at| seller.link_in(version, keys, at)).await;
    let answer = returned.recipient();
    assert!(answer.installed().is_some() && answer.refund_token.is_some(), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn instruments_keep_their_books() {
    let shop = Shop::open().await;
    let prepaid = SetupPrepaid::new(reference("s1"), reference("f1"), Amount::usd("20"), back());
    let returned = shop.walk(None, |version, keys, at| prepaid.link_in(version, keys, at)).await;
    let answer = returned.setup_prepaid();
    let (instrument, _, funding) = answer.approved().unwrap();
    let fund = FundPrepaid::new(
        funding.clone(),
        shop.caller.clone(),
        instrument.clone(),
        Amount::usd("20"),
        ChargeFeeTo::Recipient,
        reference("fund-1"),
    );
    assert_eq!(shop.send(fund).await.status, TransactionStatus::Success);
    let balance = shop.send(GetPrepaidBalance::new(instrument.clone())).await.prepaid_balance.unwrap();
    assert_eq!(balance.available_balance, Amount::usd("20"));
    let liability = shop.send(GetTotalPrepaidLiability::new()).await.outstanding_prepaid_liability.unwrap();
    assert_eq!(liability.outstanding_balance, Amount::usd("20"));
    let all =
        shop.send(GetAllPrepaidInstruments::new().with_instrument_status(InstrumentStatus::Active)).await;
    assert_eq!(all.prepaid_instrument_ids, std::slice::from_ref(instrument));

    let postpaid =
        SetupPostpaid::new(reference("s2"), reference("d2"), Amount::usd("20"), Amount::usd("200"), back());
    let returned = shop.walk(None, |version, keys, at| postpaid.link_in(version, keys, at)).await;
    let answer = returned.setup_postpaid();
    let (instrument, sender, settlement) = answer.approved().unwrap();
    assert_eq!(shop.send(shop.pay(sender.clone(), "10", "p1")).await.status, TransactionStatus::Success);
    let debt = async || shop.send(GetDebtBalance::new(instrument.clone())).await.debt_balance.unwrap();
    assert_eq!(debt().await.available_balance, Amount::usd("10"));
    let settle = SettleDebt::new(
        settlement.clone(),
        shop.caller.clone(),
        instrument.clone(),
        Amount::usd("6"),
        ChargeFeeTo::Recipient,
        reference("settle-1"),
    );
    assert_eq!(shop.send(settle).await.status, TransactionStatus::Success);
    let write_off = WriteOffDebt::new(
        shop.caller.clone(),
        instrument.clone(),
        Amount::usd("3"),
        reference("write-off-1"),
    );
    assert_eq!(shop.send(write_off).await.status, TransactionStatus::Success);
    assert_eq!(debt().await.available_balance, Amount::usd("1"));
    let all_debt = shop.send(GetOutstandingDebtBalance::new()).await.outstanding_debt.unwrap();
    assert_eq!(all_debt.outstanding_balance, Amount::usd("1"));
    let all = shop.send(GetAllCreditInstruments::new()).await.credit_instrument_ids;
    assert_eq!(all, std::slice::from_ref(instrument));
    let error = shop.client.send(GetDebtBalance::new(InstrumentId::new("xyz"))).await.unwrap_err();
    assert_eq!(error.code(), Some(&FaultCode::InvalidParams));
}

#[tokio::test(start_paused = true)]
async fn subscriptions_are_recorded_and_switch_the_queue_off() {
    let shop = Shop::open().await;
    let event = NotificationOperation::PostTransactionResult;
    let error = shop.client.send(UnSubscribeForCallerNotification::new(event.clone())).await.unwrap_err();
    assert_eq!(error.code(), Some(&FaultCode::InvalidEvent));
    let subscribe =
        SubscribeForCallerNotification::new(event.clone(), "https://shop.example/fps".parse().unwrap());
    shop.send(subscribe).await;
    let token = shop.token("a1", "1.00", &[PaymentMethod::Cc], false).await;
    shop.send(shop.pay(token, "1.00", "p1")).await;
    shop.seconds_pass(5);
    assert!(shop.send(GetResults::new()).await.transaction_results.is_empty());
    shop.send(UnSubscribeForCallerNotification::new(event)).await;
}

/// The sandbox speaks both: each client gets the answers of its own generation, and refuses to ask for the other's.
#[tokio::test(start_paused = true)]
async fn clients_of_both_generations_share_one_service() {
    let shop = Shop::open().await;
    let later = Client::builder(people::shop_credentials(), shop.sandbox.endpoint())
        .http(shop.sandbox.http())
        .clock(shop.sandbox.clock())
        .build()
        .unwrap();
    let one = shop.send(GetAccountBalance::new()).await;
    let other = later.send(GetAccountBalance::new()).await.unwrap().response;
    assert_eq!(one, other);
    let error = later.send(GetResults::new()).await.unwrap_err();
    assert_eq!((error.verdict(), error.attempts()), (Verdict::NotDone, 1));
}
