//! Every error code that the state of this service can lead to: its code, its HTTP status, its document.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::collections::BTreeMap;
use std::time::Duration;

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, Credentials};
use fps_sandbox::ledger::{Account, AccountId, AccountKind, AccountState};
use fps_sandbox::{Buyer, Fault, Sandbox, SandboxClock, people};

use caller::{Answer, Caller, john};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The codes of the reference, §4.3, and those that were seen beside it.
const CODES: &[&str] = &[
    "AccessFailure",
    "AccountClosed",
    "AccountLimitsExceeded",
    "AmountOutOfRange",
    "AuthFailure",
    "ConcurrentModification",
    "DuplicateRequest",
    "InactiveInstrument",
    "IncompatibleTokens",
    "InstrumentAccessDenied",
    "InstrumentExpired",
    "InsufficientBalance",
    "InternalError",
    "InvalidAccountState",
    "InvalidAccountState_Caller",
    "InvalidAccountState_Recipient",
    "InvalidAccountState_Sender",
    "InvalidCallerReference",
    "InvalidClientTokenId",
    "InvalidDateRange",
    "InvalidParams",
    "InvalidPaymentInstrument",
    "InvalidPaymentMethod",
    "InvalidRecipientForCCTransaction",
    "InvalidSenderRoleForAccountType",
    "InvalidTokenId",
    "InvalidTokenId_Recipient",
    "InvalidTokenId_Sender",
    "InvalidTokenType",
    "InvalidTransactionId",
    "InvalidTransactionState",
    "NotMarketplaceApp",
    "OriginalTransactionFailed",
    "OriginalTransactionIncomplete",
    "PaymentInstrumentNotCC",
    "PaymentMethodNotDefined",
    "PrepaidFundingLimitExceeded",
    "RefundAmountExceeded",
    "SameSenderAndRecipient",
    "SameTokenIdUsedMultipleTimes",
    "SenderNotOriginalRecipient",
    "SettleAmountGreaterThanDebt",
    "SettleAmountGreaterThanReserveAmount",
    "SignatureDoesNotMatch",
    "TokenAccessDenied",
    "TokenNotActive",
    "TokenNotActive_Recipient",
    "TokenNotActive_Sender",
    "TokenUsageError",
    "TransactionDenied",
    "TransactionFullyRefundedAlready",
    "TransactionTypeNotRefundable",
    "UnverifiedAccount_Recipient",
    "UnverifiedAccount_Sender",
    "UnverifiedBankAccount",
    "UnverifiedEmailAddress_Caller",
    "UnverifiedEmailAddress_Recipient",
    "UnverifiedEmailAddress_Sender",
    // Seen, but in no list.
    "InvalidAction",
    "InvalidParameterValue",
    "InvalidRequest",
    "InvalidSubscriptionState",
    "MissingParameter",
    "RequestExpired",
    "ServiceUnavailable",
    "Throttling",
];

/// What nothing here can lead to, and why.
const UNREACHABLE: &[(&str, &str)] = &[
    ("AccessFailure", "an account is open, suspended or closed, each with a code of its own"),
    ("ConcurrentModification", "requests are carried out one after the other"),
    ("InvalidAccountState", "the state is known to be the caller's, the sender's or the recipient's"),
    ("InvalidPaymentMethod", "a method that is not a word of the list is InvalidParams"),
    ("PaymentMethodNotDefined", "a sender's token always has a method"),
    ("SameSenderAndRecipient", "the buyer pages end in NP before such a token is made"),
    ("SenderNotOriginalRecipient", "a refund names the payment, and its sender follows from that"),
    ("UnverifiedAccount_Recipient", "cards and bank accounts need no verification, as in Amazon's sandbox"),
    ("UnverifiedAccount_Sender", "as above"),
    ("UnverifiedBankAccount", "as above"),
];

/// The codes that came, and with which status.
#[derive(Default)]
struct Table(BTreeMap<String, u16>);

impl Table {
    /// The answer is this refusal, in the document that clients of the time read.
    fn row(&mut self, answer: &Answer, status: u16, code: &str) {
        let body = &answer.body;
        assert_eq!((answer.status, answer.text("Code")), (status, code), "{body}");
        let message = answer.text("Message");
        assert!(!message.is_empty() && !message.contains(['\n', '<']), "{body}");
        let id = answer.text("RequestID");
        assert!(id.len() == 36 && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{body}");
        let document = format!(
            "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>\
             </Errors><RequestID>{id}</RequestID></Response>"
        );
        assert_eq!(*body, document);
        self.0.insert(code.to_owned(), status);
    }
}

/// Changes somebody's account, and gives what it was.
fn change(sandbox: &Sandbox, email: &str, change: impl FnOnce(&mut Account)) -> Account {
    let account = sandbox.ledger().account_by_email(email).unwrap().clone();
    let mut changed = account.clone();
    change(&mut changed);
    sandbox.set_account(changed).unwrap();
    account
}

struct Scene {
    sandbox: Sandbox,
    shop: Caller,
    count: std::cell::Cell<u32>,
}

impl Scene {
    fn new(builder: fps_sandbox::SandboxBuilder) -> Self {
        let clock = SandboxClock::virtual_at("2010-10-06T12:00:00Z".parse().unwrap());
        let sandbox = builder.clock(clock).build();
        let shop = Caller::new(&sandbox, people::shop_credentials());
        Self { sandbox, shop, count: std::cell::Cell::new(0) }
    }

    /// A reference that nobody used.
    fn name(&self) -> String {
        self.count.set(self.count.get() + 1);
        format!("n{}", self.count.get())
    }

    async fn token(&self, buyer: Buyer, more: &[(&str, &str)]) -> String {
        let back = self.shop.buy(buyer, &self.name(), more).await;
        back.get("tokenID").unwrap_or_else(|| panic!("{back:?}")).to_owned()
    }

    async fn multi(&self, buyer: Buyer, more: &[(&str, &str)]) -> String {
        let pairs =
            [("pipelineName", "MultiUse"), ("transactionAmount", "-"), ("globalAmountLimit", "50000")];
        self.token(buyer, &[&pairs, more].concat()).await
    }

    async fn pay(&self, token: &str, amount: &str, more: &[(&str, &str)]) -> Answer {
        let name = self.name();
        let pairs = [("SenderTokenId", token), ("CallerReference", name.as_str())];
        self.shop.ask("Pay", ("TransactionAmount", amount), &[&pairs, more].concat()).await
    }

    async fn paid(&self, buyer: Buyer) -> String {
        let token = self.token(buyer, &[]).await;
        self.pay(&token, "1.00", &[]).await.text("TransactionId").to_owned()
    }

    async fn reserve(&self) -> Answer {
        let token = self.token(john().method(PaymentMethod::Cc), &[("reserve", "True")]).await;
        let name = self.name();
        let pairs = [("SenderTokenId", token.as_str()), ("CallerReference", name.as_str())];
        self.shop.ask("Reserve", ("TransactionAmount", "1.00"), &pairs).await
    }

    async fn refund(&self, id: &str, amount: &str) -> Answer {
        let name = self.name();
        let pairs = [("TransactionId", id), ("CallerReference", name.as_str())];
        self.shop.ask("Refund", ("RefundAmount", amount), &pairs).await
    }
}

#[tokio::test]
async fn every_code_that_can_come_comes_with_its_status_and_document() {
    let mut table = Table::default();
    who_calls(&mut table).await;
    what_is_asked(&mut table).await;
    tokens(&mut table).await;
    accounts(&mut table).await;
    transactions(&mut table).await;
    instruments(&mut table).await;
    limits_and_faults(&mut table).await;
    for code in CODES {
        let reason = UNREACHABLE.iter().find(|(unreachable, _)| unreachable == code);
        assert_eq!(table.0.contains_key(*code), reason.is_none(), "{code}: {reason:?}");
    }
    for code in table.0.keys() {
        assert!(CODES.contains(&code.as_str()) || ALSO.contains(&code.as_str()), "{code} is in no list");
    }
}

/// Words of the front end that no capture shows: choices of this service.
const ALSO: &[&str] = &["MissingAction", "MissingClientTokenId", "NoSuchVersion", "MalformedQueryString"];

async fn who_calls(table: &mut Table) {
    let scene = Scene::new(Sandbox::builder());
    let caller = |access: &str, secret: &str| Caller::new(&scene.sandbox, Credentials::new(access, secret));
    let balance = "GetAccountBalance";
    table.row(&caller("NOBODY", "x").call(balance, &[]).await, 403, "InvalidClientTokenId");
    table.row(
        &caller(people::SHOP_ACCESS_KEY, "guessed").call(balance, &[]).await,
        403,
        "SignatureDoesNotMatch",
    );
    change(&scene.sandbox, people::JOHN, |john| {
        john.keys.push(fps_sandbox::ledger::account::Key {
            access_key: "JOHNSKEY".to_owned(),
            secret_key: fps_sandbox::ledger::Secret::new("johns"),
        });
    });
    table.row(&caller("JOHNSKEY", "johns").call(balance, &[]).await, 401, "AuthFailure");
    let send = async |pairs: &[(&str, &str)]| scene.shop.bare(pairs).await;
    table.row(&send(&[("Version", "2010-08-28")]).await, 400, "MissingAction");
    table.row(&send(&[("Action", balance)]).await, 400, "MissingParameter");
    table.row(&send(&[("Action", balance), ("Version", "2010-08-28")]).await, 403, "MissingClientTokenId");
    table.row(&send(&[("Action", balance), ("Version", "2007-13-13")]).await, 400, "NoSuchVersion");
    table.row(&scene.shop.call("Fly", &[]).await, 400, "InvalidAction");
    table.row(&scene.shop.call(balance, &[("recipient_token_id", "x")]).await, 400, "InvalidRequest");
    let mut later = scene.shop.at("2010-08-28");
    later.timestamp = Some("2010-10-06 T12:00:00");
    table.row(&later.call(balance, &[]).await, 400, "InvalidParameterValue");
    later.timestamp = Some("2010-10-06T12:15:01.000Z");
    table.row(&later.call(balance, &[]).await, 400, "RequestExpired");
    later.timestamp = Some("2010-10-06T12:14:59.000Z");
    assert_eq!(later.call(balance, &[]).await.status, 200);

    for (state, code) in
        [(AccountState::Suspended, "InvalidAccountState_Caller"), (AccountState::Closed, "AccountClosed")]
    {
        let before = change(&scene.sandbox, people::SHOP, |shop| shop.state = state);
        table.row(&scene.shop.call(balance, &[]).await, 400, code);
        scene.sandbox.set_account(before).unwrap();
    }
    change(&scene.sandbox, people::SHOP, |shop| shop.email_verified = false);
    table.row(&scene.shop.call(balance, &[]).await, 400, "UnverifiedEmailAddress_Caller");
}

async fn what_is_asked(table: &mut Table) {
    let scene = Scene::new(Sandbox::builder());
    let call = async |action: &str, pairs: &[(&str, &str)]| scene.shop.call(action, pairs).await;
    let token = scene.token(john(), &[]).await;
    let money = |value: &'static str, currency: &'static str| {
        [("TransactionAmount.Value", value), ("TransactionAmount.CurrencyCode", currency)]
    };
    let pay = |money: [(&'static str, &'static str); 2], more: &[(&'static str, &'static str)]| {
        let token = token.clone();
        let more = more.to_vec();
        let scene = &scene;
        async move {
            let pairs = [("SenderTokenId", token.as_str()), ("CallerReference", "c1")];
            scene.shop.call("Pay", &[&pairs[..], &money, &more].concat()).await
        }
    };
    for (answer, part) in [
        (pay(money("1e3", "USD"), &[]).await, "transactionAmount"),
        (pay(money("1.00", "EUR"), &[]).await, "transactionAmount"),
        (pay(money("1.00", "USD"), &[("ChargeFeeTo", "Sender")]).await, "chargeFeeTo"),
        (pay(money("1.00", "USD"), &[("TransactionTimeoutInMins", "0")]).await, "transactionTimeoutInMins"),
        (pay(money("1.00", "USD"), &[("MarketplaceVariableFee", "five")]).await, "marketplaceVariableFee"),
        (pay(money("1.00", "USD"), &[("OverrideIPNURL", "nowhere")]).await, "overrideIPNURL"),
        (pay(money("1.00", "USD"), &[("RecipientTokenId", "NONE")]).await, "recipientTokenId"),
        (pay(money("1.00", "USD"), &[("CallerReference", "c2")]).await, "callerReference"),
        (call("Pay", &[("SenderTokenId", &token)]).await, "transactionAmount"),
        (
            call("GetTransaction", &[("TransactionId", "FAKE")]).await,
            "transactionId has to be a valid transaction ID",
        ),
        (call("GetTokenByCaller", &[]).await, "tokenId"),
        (call("GetAccountActivity", &[("StartDate", "yesterday")]).await, "startDate"),
        (
            call("GetAccountActivity", &[("StartDate", "2010-10-06"), ("MaxBatchSize", "201")]).await,
            "maxBatchSize",
        ),
        (call("GetAccountActivity", &[("StartDate", "2010-10-06"), ("Role.1", "Thief")]).await, "role"),
        (
            call("VerifySignature", &[("UrlEndPoint", "x"), ("HttpParameters", "a=b")]).await,
            "is an invalid URL",
        ),
        (
            call(
                "VerifySignature",
                &[("UrlEndPoint", "http://a.example/"), ("HttpParameters", "signature=b")],
            )
            .await,
            "certificateUrl is missing in 'HttpParameters'.",
        ),
        (call("GetSubscriptionDetails", &[("SubscriptionId", "s1")]).await, "subscriptionId"),
    ] {
        assert!(answer.text("Message").contains(part), "{part:?} is not in {}", answer.body);
        table.row(&answer, 400, "InvalidParams");
    }
    let long = "x".repeat(161);
    let described =
        [("CallerDescription", long.as_str()), ("SenderTokenId", &token), ("CallerReference", "c1")];
    let described = scene.shop.ask("Pay", ("TransactionAmount", "1.00"), &described).await;
    assert!(described.text("Message").contains("at most 160 characters"), "{}", described.body);
    for (start, end) in [("2010-10-07", None), ("2010-10-06", Some("2010-10-05"))] {
        let mut pairs = vec![("StartDate", start)];
        pairs.extend(end.map(|end| ("EndDate", end)));
        table.row(&call("GetAccountActivity", &pairs).await, 400, "InvalidDateRange");
    }
    let nothing = call("GetTokenByCaller", &[("CallerReference", "nothing")]).await;
    table.row(&nothing, 400, "InvalidCallerReference");
    assert_eq!(pay(money("1.00", "USD"), &[]).await.status, 200);
    table.row(&pay(money("0.99", "USD"), &[]).await, 400, "DuplicateRequest");
    for amount in ["0", "10000.01"] {
        let token = scene.multi(john(), &[]).await;
        table.row(&scene.pay(&token, amount, &[]).await, 400, "AmountOutOfRange");
    }
    let card = scene.multi(john().method(PaymentMethod::Cc), &[]).await;
    table.row(&scene.pay(&card, "0.01", &[]).await, 400, "AmountOutOfRange");
}

async fn tokens(table: &mut Table) {
    let scene = Scene::new(Sandbox::builder());
    let mallory = Caller::new(&scene.sandbox, people::mallory_credentials());
    let unknown = "A".repeat(64);
    table.row(&scene.pay(&unknown, "1.00", &[]).await, 400, "InvalidTokenId_Sender");
    let token = scene.token(john(), &[]).await;
    let to = |id: &'static str| [("RecipientTokenId", id)];
    let nobody = [("RecipientTokenId", unknown.as_str())];
    table.row(&scene.pay(&token, "1.00", &nobody).await, 400, "InvalidTokenId_Recipient");
    table.row(&mallory.pay(&token, "1.00", "m1").await, 400, "IncompatibleTokens");
    table.row(&scene.pay(&token, "1.01", &[]).await, 400, "IncompatibleTokens");
    table.row(&scene.pay(&token, "1.00", &to(people::ARTIST_TOKEN)).await, 400, "IncompatibleTokens");
    table.row(&mallory.call("CancelToken", &[("TokenId", &token)]).await, 400, "TokenAccessDenied");
    table.row(&scene.shop.call("CancelToken", &[("TokenId", &unknown)]).await, 400, "InvalidTokenId");
    table.row(&scene.shop.call("GetTokenUsage", &[("TokenId", &token)]).await, 400, "InvalidTokenType");
    assert_eq!(scene.shop.call("CancelToken", &[("TokenId", &token)]).await.status, 200);
    table.row(&scene.shop.call("CancelToken", &[("TokenId", &token)]).await, 400, "TokenNotActive");
    table.row(&scene.pay(&token, "1.00", &[]).await, 400, "TokenNotActive_Sender");
    let used = scene.token(john(), &[]).await;
    assert_eq!(scene.pay(&used, "1.00", &[]).await.status, 200);
    table.row(&scene.pay(&used, "1.00", &[]).await, 400, "SameTokenIdUsedMultipleTimes");
    let reserved = scene.token(john().method(PaymentMethod::Cc), &[("reserve", "True")]).await;
    table.row(&scene.pay(&reserved, "1.00", &[]).await, 400, "InvalidTokenType");
    table.row(&scene.pay(people::ARTIST_TOKEN, "1.00", &[]).await, 400, "InvalidSenderRoleForAccountType");
    let limited = [("usageLimitType1", "Count"), ("usageLimitValue1", "1"), ("usageLimitPeriod1", "1 Day")];
    let limited = scene.multi(john(), &limited).await;
    assert_eq!(scene.pay(&limited, "1.00", &[]).await.status, 200);
    table.row(&scene.pay(&limited, "1.00", &[]).await, 400, "TokenUsageError");
    let balance = scene.multi(john(), &[]).await;
    let pairs = [("SenderTokenId", balance.as_str()), ("CallerReference", "r1")];
    let reserve = scene.shop.ask("Reserve", ("TransactionAmount", "1.00"), &pairs).await;
    table.row(&reserve, 400, "PaymentInstrumentNotCC");

    let marketplace = scene.token(john(), &[("recipientToken", people::ARTIST_TOKEN)]).await;
    let fee = |value: &'static str| {
        [
            to(people::ARTIST_TOKEN)[0],
            ("MarketplaceFixedFee.Value", value),
            ("MarketplaceFixedFee.CurrencyCode", "USD"),
        ]
    };
    table.row(&scene.pay(&marketplace, "1.00", &fee("1.01")).await, 400, "IncompatibleTokens");
    let all = scene.pay(&marketplace, "1.00", &fee("1.00")).await;
    assert_eq!(all.text("Message"), "Transaction amount must be greater than Recipient Fee liability.");
    table.row(&all, 400, "InvalidParams");
    let before = change(&scene.sandbox, people::SHOP, |shop| shop.third_party = false);
    table.row(&scene.pay(&marketplace, "1.00", &fee("0.10")).await, 400, "NotMarketplaceApp");
    scene.sandbox.set_account(before).unwrap();
    assert_eq!(scene.shop.call("CancelToken", &[("TokenId", people::ARTIST_TOKEN)]).await.status, 200);
    table.row(&scene.pay(&marketplace, "1.00", &fee("0.10")).await, 400, "TokenNotActive_Recipient");

    // The tokens of Amazon's own sandbox.
    for (id, code) in [
        ("E3FR7BARJV3PB631PMKV74PGKCJLBHI1Q1KMQN7BJ2JJICPDKN3N1CJIKFZ8D7NN", "UnverifiedEmailAddress_Sender"),
        ("H216UECZ8ZM1G8G4QA3V7RKF8JDFZ9SI3SJAFSGUKBBNDHX1NVM8GUQRZNRNAHER", "InvalidAccountState_Sender"),
        ("Z1LGRXR4HMDZBSFKXELA32KZASGWD8IHMHZCK4DETR784LDLD1GMFW4P3WT8VTGX", "InvalidAccountState_Sender"),
    ] {
        table.row(&scene.pay(id, "1.00", &[]).await, 400, code);
    }
    for (id, code) in [
        (
            "C4LGSEMXN11FTUXZ2X2C7QVFHN5DVBGQJNF17AIQXXXQSX4DRG4KJFCN2KRFUUZI",
            "UnverifiedEmailAddress_Recipient",
        ),
        ("R3VK49XVGCAZTJSXKN7ZSBHPMFGKM5VEEQTXGMVE8CFUZ2G5RLLMAB4J6TQRL6BU", "InvalidAccountState_Recipient"),
        ("P1LL7A1LHK935DBGI5NAYCXOCLVEBHBNIU7PBXBAMRKKNLDEPI8M3MUSLZT2VANZ", "InvalidAccountState_Recipient"),
    ] {
        table.row(&scene.pay(&marketplace, "1.00", &[("RecipientTokenId", id)]).await, 400, code);
    }
    scene.sandbox.clock().advance(366 * DAY);
    table.row(&scene.pay(&limited, "1.00", &[]).await, 400, "IncompatibleTokens");
}

async fn accounts(table: &mut Table) {
    let scene = Scene::new(Sandbox::builder());
    let sandbox = &scene.sandbox;
    let nina = scene.token(Buyer::new(people::NINA, "nina"), &[]).await;
    table.row(&scene.pay(&nina, "1.00", &[]).await, 400, "InsufficientBalance");
    let earl = scene.token(Buyer::new(people::EARL, "earl"), &[]).await;
    table.row(&scene.pay(&earl, "1.00", &[]).await, 400, "InactiveInstrument");
    let token = scene.token(john(), &[]).await;
    for (state, code) in [
        (AccountState::Suspended, "InvalidAccountState_Sender"),
        (AccountState::Closed, "InvalidAccountState_Sender"),
    ] {
        let before = change(sandbox, people::JOHN, |john| john.state = state);
        table.row(&scene.pay(&token, "1.00", &[]).await, 400, code);
        sandbox.set_account(before).unwrap();
    }
    let before = change(sandbox, people::JOHN, |john| john.email_verified = false);
    table.row(&scene.pay(&token, "1.00", &[]).await, 400, "UnverifiedEmailAddress_Sender");
    sandbox.set_account(before).unwrap();

    let to = [("RecipientTokenId", people::ARTIST_TOKEN)];
    let list = [("recipientTokenList", people::ARTIST_TOKEN)];
    let card = scene.multi(john().method(PaymentMethod::Cc), &list).await;
    let before = change(sandbox, people::ARTIST, |artist| artist.kind = AccountKind::Personal);
    table.row(&scene.pay(&card, "1.00", &to).await, 400, "InvalidRecipientForCCTransaction");
    sandbox.set_account(before.clone()).unwrap();
    change(sandbox, people::ARTIST, |artist| artist.email_verified = false);
    table.row(&scene.pay(&card, "1.00", &to).await, 400, "UnverifiedEmailAddress_Recipient");
    change(sandbox, people::ARTIST, |artist| {
        *artist = Account { state: AccountState::Closed, ..before.clone() }
    });
    table.row(&scene.pay(&card, "1.00", &to).await, 400, "InvalidAccountState_Recipient");

    // Who is verified receives up to 10,000 dollars in a month.
    change(sandbox, people::ARTIST, |artist| *artist = Account { unlimited: false, ..before.clone() });
    assert_eq!(scene.pay(&card, "9999.00", &to).await.status, 200);
    table.row(&scene.pay(&card, "1.01", &to).await, 400, "AccountLimitsExceeded");
    assert_eq!(scene.pay(&card, "1.00", &to).await.status, 200);
    sandbox.clock().advance(30 * DAY + Duration::from_secs(1));
    assert_eq!(scene.pay(&card, "10000.00", &to).await.status, 200);
}

async fn transactions(table: &mut Table) {
    let scene = Scene::new(Sandbox::builder());
    let (sandbox, shop) = (&scene.sandbox, &scene.shop);
    let second = || sandbox.clock().advance(Duration::from_secs(1));
    let unknown = "1".repeat(35);
    for action in ["GetTransaction", "GetTransactionStatus", "Cancel"] {
        table.row(&shop.call(action, &[("TransactionId", &unknown)]).await, 400, "InvalidTransactionId");
    }
    let paid = scene.paid(john()).await;
    let mallory = Caller::new(sandbox, people::mallory_credentials());
    table.row(
        &mallory.call("GetTransaction", &[("TransactionId", &paid)]).await,
        400,
        "InvalidTransactionId",
    );
    table.row(&shop.call("Cancel", &[("TransactionId", &paid)]).await, 400, "InvalidTransactionState");
    table.row(&shop.call("Settle", &[("ReserveTransactionId", &paid)]).await, 400, "InvalidTransactionId");
    table.row(&scene.refund(&paid, "1.01").await, 400, "RefundAmountExceeded");
    table.row(&scene.refund(&paid, "0").await, 400, "AmountOutOfRange");
    // The shop has what it got; it lacks what it spent.
    sandbox.deposit(&AccountId::new("SHOP"), Amount::usd("-0.50")).unwrap();
    table.row(&scene.refund(&paid, "1.00").await, 400, "InsufficientBalance");
    sandbox.deposit(&AccountId::new("SHOP"), Amount::usd("10")).unwrap();
    let refund = scene.refund(&paid, "1.00").await.text("TransactionId").to_owned();
    table.row(&scene.refund(&paid, "0.01").await, 400, "TransactionFullyRefundedAlready");
    table.row(&scene.refund(&refund, "1.00").await, 400, "TransactionTypeNotRefundable");

    let pending = scene.paid(john().method(PaymentMethod::Cc)).await;
    table.row(&scene.refund(&pending, "1.00").await, 400, "OriginalTransactionIncomplete");
    let declined = scene.paid(Buyer::new(people::DORA, "dora")).await;
    second();
    table.row(&scene.refund(&declined, "1.00").await, 400, "OriginalTransactionFailed");

    let reserved = scene.reserve().await.text("TransactionId").to_owned();
    let settle = async |amount: &str| {
        shop.ask("Settle", ("TransactionAmount", amount), &[("ReserveTransactionId", &reserved)]).await
    };
    table.row(&settle("1.00").await, 400, "OriginalTransactionIncomplete");
    second();
    table.row(&settle("1.01").await, 400, "SettleAmountGreaterThanReserveAmount");
    table.row(&settle("0").await, 400, "AmountOutOfRange");
    table.row(&scene.refund(&reserved, "1.00").await, 400, "InvalidTransactionState");
    assert_eq!(settle("1.00").await.status, 200);
    table.row(&settle("1.00").await, 400, "InvalidTransactionState");

    let every = fps_sandbox::ledger::Period::parse("1 month").unwrap();
    let wanted = fps_sandbox::NewSubscription::new(people::JOHN, people::SHOP, Amount::usd("1"), every);
    let id = sandbox.subscribe(&wanted).unwrap();
    let cancel = [("SubscriptionId", id.as_str())];
    assert_eq!(shop.call("CancelSubscriptionAndRefund", &cancel).await.status, 200);
    table.row(&shop.call("CancelSubscriptionAndRefund", &cancel).await, 400, "InvalidSubscriptionState");
}

async fn instruments(table: &mut Table) {
    let scene = Scene::new(Sandbox::builder());
    let (sandbox, shop) = (&scene.sandbox, &scene.shop);
    let soon = "1286452800"; // 2010-10-07T12:00:00Z
    let prepaid = [
        ("pipelineName", "SetupPrepaid"),
        ("callerReferenceFunding", "f1"),
        ("callerReferenceSender", "s1"),
        ("fundingAmount", "20"),
        ("validityExpiry", soon),
    ];
    let prepaid = shop.walk(john(), &prepaid).await;
    let part = |name: &str| prepaid.get(name).unwrap();
    let (instrument, funding, sender) =
        (part("prepaidInstrumentID"), part("fundingTokenID"), part("prepaidSenderTokenID"));
    let fund = async |instrument: &str, token: &str, amount: &str| {
        let name = scene.name();
        let pairs =
            [("PrepaidInstrumentId", instrument), ("SenderTokenId", token), ("CallerReference", &name)];
        shop.ask("FundPrepaid", ("FundingAmount", amount), &pairs).await
    };
    let unknown = "B".repeat(64);
    table.row(&fund(&unknown, funding, "1").await, 400, "InvalidPaymentInstrument");
    table.row(&fund(instrument, funding, "20.01").await, 400, "PrepaidFundingLimitExceeded");
    table.row(&fund(instrument, sender, "1").await, 400, "InvalidSenderRoleForAccountType");
    table.row(&scene.pay(sender, "1.00", &[]).await, 400, "InsufficientBalance");
    let mallory = Caller::new(sandbox, people::mallory_credentials());
    let foreign = mallory.call("GetPrepaidBalance", &[("PrepaidInstrumentId", instrument)]).await;
    table.row(&foreign, 400, "InstrumentAccessDenied");
    assert_eq!(fund(instrument, funding, "5").await.status, 200);

    let postpaid = [
        ("pipelineName", "SetupPostpaid"),
        ("callerReferenceSender", "s2"),
        ("callerReferenceSettlement", "t2"),
        ("creditLimit", "10"),
        ("globalAmountLimit", "15"),
        ("paymentMethod", "ABT"),
    ];
    let postpaid = shop.walk(john(), &postpaid).await;
    let part = |name: &str| postpaid.get(name).unwrap();
    let (credit, settlement, debtor) =
        (part("creditInstrumentID"), part("settlementTokenID"), part("creditSenderTokenID"));
    table.row(&scene.pay(debtor, "10.01", &[]).await, 400, "InsufficientBalance");
    assert_eq!(scene.pay(debtor, "10.00", &[]).await.status, 200);
    let settle = [("CreditInstrumentId", credit), ("SenderTokenId", settlement), ("CallerReference", "d1")];
    let settled = shop.ask("SettleDebt", ("SettlementAmount", "10.01"), &settle).await;
    table.row(&settled, 400, "SettleAmountGreaterThanDebt");
    let settle = [settle[0], settle[1], ("CallerReference", "d2")];
    let settled = shop.ask("SettleDebt", ("SettlementAmount", "10.00"), &settle).await;
    table.row(
        &scene.refund(settled.text("TransactionId"), "1.00").await,
        400,
        "TransactionTypeNotRefundable",
    );
    table.row(&scene.pay(debtor, "5.01", &[]).await, 400, "TokenUsageError");
    let wrong = [("CreditInstrumentId", instrument), ("CallerReference", "w1")];
    let wrong = shop.ask("WriteOffDebt", ("AdjustmentAmount", "1.00"), &wrong).await;
    table.row(&wrong, 400, "InvalidPaymentInstrument");

    sandbox.clock().advance(DAY);
    table.row(&fund(instrument, funding, "1").await, 400, "InstrumentExpired");
}

async fn limits_and_faults(table: &mut Table) {
    let scene = Scene::new(Sandbox::builder().simulate_amounts(true));
    for (amount, code) in [("2.61", "TransactionDenied"), ("50.71", "TransactionDenied")] {
        let token = scene.multi(john(), &[]).await;
        table.row(&scene.pay(&token, amount, &[]).await, 400, code);
    }
    for (fault, status, code) in [
        (Fault::Status(500), 500, "InternalError"),
        (Fault::Status(503), 503, "ServiceUnavailable"),
        (Fault::Throttle, 503, "Throttling"),
        (Fault::FailAfter, 500, "InternalError"),
    ] {
        scene.sandbox.faults().on_next("GetAccountBalance", fault);
        table.row(&scene.shop.call("GetAccountBalance", &[]).await, status, code);
    }
}
