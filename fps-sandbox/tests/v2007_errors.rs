//! Every error code of version 2007-01-08 that the sandbox's state can lead to, with its flag.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/first.rs"]
mod first;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, TokenId};
use fps_sandbox::ledger::{Account, AccountId, AccountKind, AccountState};
use fps_sandbox::{Buyer, Sandbox, people};

use first::{Answer, Own, Shop, john, returned, shop};

/// The guide's table as far as the sandbox goes, and whether the same request may be tried again.
const CODES: &[(&str, bool)] = &[
    ("AmountOutOfRange", false),
    ("BadRule", false),
    ("DuplicateRequest", false),
    ("InactiveInstrument", false),
    ("IncompatibleTokens", false),
    ("InstrumentAccessDenied", false),
    ("InstrumentExpired", false),
    ("InstrumentNotActive", false),
    ("InsufficientBalance", true),
    ("InvalidAccountState_Caller", true),
    ("InvalidAccountState_Recipient", true),
    ("InvalidAccountState_Sender", true),
    ("InvalidCallerReference", false),
    ("InvalidDateRange", false),
    ("InvalidEvent", false),
    ("InvalidParams", false),
    ("InvalidPaymentMethod", false),
    ("InvalidRecipientForCCTransaction", false),
    ("InvalidSenderRoleForAccountType", false),
    ("InvalidTokenId", false),
    ("InvalidTokenId_Caller", false),
    ("InvalidTokenId_Recipient", false),
    ("InvalidTokenId_Sender", false),
    ("InvalidTokenType", false),
    ("InvalidTransactionId", false),
    ("InvalidTransactionState", false),
    ("OriginalTransactionFailed", false),
    ("OriginalTransactionIncomplete", true),
    ("PaymentInstrumentNotCC", false),
    ("PaymentMethodNotDefined", false),
    ("RefundAmountExceeded", false),
    ("SenderNotOriginalRecipient", false),
    ("SettleAmountGreaterThanReserveAmount", false),
    ("TokenAccessDenied", false),
    ("TokenNotActive_Caller", false),
    ("TokenNotActive_Recipient", false),
    ("TokenNotActive_Sender", false),
    ("TokenUsageError", false),
    ("TransactionDenied", false),
    ("TransactionExpired", false),
    ("TransactionFullyRefundedAlready", false),
    ("TransactionTypeNotRefundable", false),
    ("UnverifiedEmailAddress_Caller", false),
    ("UnverifiedEmailAddress_Recipient", false),
    ("UnverifiedEmailAddress_Sender", false),
    ("UsageNotDefined", false),
];

/// Collects the codes that were met.
#[derive(Default)]
struct Met(RefCell<BTreeSet<String>>);

impl Met {
    fn with(&self, code: &str, answer: &Answer) {
        let body = &answer.body;
        assert_eq!((answer.status, answer.request_status(), answer.code()), (200, "Failure", code), "{body}");
        let (_, retriable) =
            *CODES.iter().find(|(have, _)| *have == code).unwrap_or_else(|| panic!("{code}"));
        assert_eq!(answer.text("IsRetriable"), retriable.to_string(), "{body}");
        assert_eq!(answer.text("ErrorType"), "Business", "{body}");
        assert!(!answer.text("ReasonText").is_empty(), "{body}");
        self.0.borrow_mut().insert(code.to_owned());
    }
}

/// Changes an account, asks, and changes it back.
async fn while_changed<T>(
    sandbox: &Sandbox,
    id: &str,
    change: impl FnOnce(&mut Account),
    asks: impl Future<Output = T>,
) -> T {
    let was = sandbox.ledger().account(&AccountId::new(id)).unwrap().clone();
    let mut changed = was.clone();
    change(&mut changed);
    sandbox.set_account(changed).unwrap();
    let answer = asks.await;
    sandbox.set_account(was).unwrap();
    answer
}

#[tokio::test]
async fn every_code_that_can_be_met_is_met() {
    let (shop, own) = shop().await;
    let met = Met::default();
    accounts(&shop, &own, &met).await;
    tokens(&shop, &own, &met).await;
    transactions(&shop, &own, &met).await;
    instruments(&shop, &own, &met).await;
    requests(&shop, &met).await;
    let met = met.0.into_inner();
    let missing: Vec<_> = CODES.iter().filter(|(code, _)| !met.contains(*code)).collect();
    assert!(missing.is_empty(), "not met: {missing:?}");
    assert_eq!(shop.sandbox.ledger().sum(), 0);
}

async fn accounts(shop: &Shop, own: &Own, met: &Met) {
    let sandbox = &shop.sandbox;
    let token = shop.token(john(), "n1", &[("recipientToken", people::ARTIST_TOKEN)]).await;
    let number = std::cell::Cell::new(0);
    let pay = || {
        number.set(number.get() + 1);
        let reference = format!("account-{}", number.get());
        let token = token.clone();
        async move {
            let more = [("RecipientTokenId", people::ARTIST_TOKEN), ("CallerReference", &reference)];
            shop.pay("Pay", own, &token, &more).await
        }
    };
    let suspend = |account: &mut Account| account.state = AccountState::Suspended;
    let unverify = |account: &mut Account| account.email_verified = false;
    for (id, role) in [("SHOP", "Caller"), ("JOHN", "Sender"), ("ARTIST", "Recipient")] {
        let suspended = while_changed(sandbox, id, suspend, pay()).await;
        met.with(&format!("InvalidAccountState_{role}"), &suspended);
        let unverified = while_changed(sandbox, id, unverify, pay()).await;
        met.with(&format!("UnverifiedEmailAddress_{role}"), &unverified);
    }
    let closed = |account: &mut Account| account.state = AccountState::Closed;
    met.with("InvalidAccountState_Caller", &while_changed(sandbox, "SHOP", closed, pay()).await);
    let alone = |account: &mut Account| account.third_party = false;
    met.with("TransactionDenied", &while_changed(sandbox, "SHOP", alone, pay()).await);
    let card = john().method(PaymentMethod::Cc);
    let card = shop.token(card, "n2", &[("recipientToken", people::ARTIST_TOKEN)]).await;
    let personal = |account: &mut Account| account.kind = AccountKind::Personal;
    let more = [("RecipientTokenId", people::ARTIST_TOKEN), ("CallerReference", "n2")];
    let refused = while_changed(sandbox, "ARTIST", personal, shop.pay("Pay", own, &card, &more)).await;
    met.with("InvalidRecipientForCCTransaction", &refused);
    let gone = |account: &mut Account| account.card = None;
    let card = shop.token(john().method(PaymentMethod::Cc), "n3", &[]).await;
    let refused = shop.pay("Pay", own, &card, &[("CallerReference", "n3")]);
    met.with("InactiveInstrument", &while_changed(sandbox, "JOHN", gone, refused).await);
    let nina = shop.token(Buyer::new(people::NINA, "nina"), "n4", &[]).await;
    met.with("InsufficientBalance", &shop.pay("Pay", own, &nina, &[("CallerReference", "n4")]).await);

    // A token on the shop's own account pays the artist, if there is something to pay with.
    let ours = shop.install("MyRole == 'Sender';", "ours", "Unrestricted").await.text("TokenId").to_owned();
    let more = [("RecipientTokenId", people::ARTIST_TOKEN), ("CallerReference", "n5")];
    let nothing = |account: &mut Account| account.has_balance = false;
    let refused = while_changed(sandbox, "SHOP", nothing, shop.pay("Pay", own, &ours, &more)).await;
    met.with("PaymentMethodNotDefined", &refused);
    let more = [("CallerReference", "n6")];
    met.with("IncompatibleTokens", &shop.pay("Pay", own, &ours, &more).await);
    sandbox.deposit(&AccountId::new("SHOP"), Amount::usd("1")).unwrap();
    let more = [("RecipientTokenId", people::ARTIST_TOKEN), ("CallerReference", "n7")];
    let paid = shop.pay("Pay", own, &ours, &more).await;
    assert_eq!(paid.transaction().1, "Success");
    assert_eq!(sandbox.ledger().balance_of(people::ARTIST), Amount::usd("0.97"));
}

async fn tokens(shop: &Shop, own: &Own, met: &Met) {
    let nothing = "N".repeat(64);
    for (number, (name, role)) in
        [("CallerTokenId", "Caller"), ("RecipientTokenId", "Recipient"), ("SenderTokenId", "Sender")]
            .into_iter()
            .enumerate()
    {
        let token = shop.token(john(), &format!("t{number}"), &[]).await;
        let reference = format!("t-unknown-{number}");
        let unknown =
            shop.pay("Pay", own, &token, &[(name, &nothing), ("CallerReference", &reference)]).await;
        met.with(&format!("InvalidTokenId_{role}"), &unknown);
        let rules = format!("MyRole == '{role}';");
        let cancelled = match role {
            "Sender" => token.clone(),
            _ => {
                let installed = shop.install(&rules, &format!("t-own-{number}"), "Unrestricted").await;
                installed.text("TokenId").to_owned()
            }
        };
        assert_eq!(shop.call("CancelToken", &[("TokenId", &cancelled)]).await.request_status(), "Success");
        met.with("InvalidTokenId", &shop.call("CancelToken", &[("TokenId", &cancelled)]).await);
        let reference = format!("t-cancelled-{number}");
        let more = [(name, cancelled.as_str()), ("CallerReference", &reference)];
        met.with(&format!("TokenNotActive_{role}"), &shop.pay("Pay", own, &token, &more).await);
    }
    let mallory = Shop::new(&shop.sandbox, people::mallory_credentials());
    met.with("TokenAccessDenied", &mallory.call("CancelToken", &[("TokenId", &own.caller)]).await);
    met.with("InvalidTokenId", &mallory.call("GetTokenByCaller", &[("TokenId", &own.caller)]).await);
    met.with("InvalidCallerReference", &shop.call("GetTokenByCaller", &[("CallerReference", "?")]).await);
    let reserving = shop.token(john(), "t7", &[("reserve", "True")]).await;
    met.with("InvalidTokenType", &shop.pay("Pay", own, &reserving, &[("CallerReference", "t7")]).await);
    met.with(
        "PaymentInstrumentNotCC",
        &shop.pay("Reserve", own, &reserving, &[("CallerReference", "t8")]).await,
    );
    for (rules, kind, code) in [
        ("no rule", "Unrestricted", "BadRule"),
        ("MyRole == 'Caller'; PaymentMethod == 'gold';", "Unrestricted", "InvalidPaymentMethod"),
        ("MyRole == 'Caller';", "MultiUse", "UsageNotDefined"),
    ] {
        met.with(code, &shop.install(rules, "t9", kind).await);
    }
    met.with("DuplicateRequest", &shop.install("MyRole == 'Caller';", "own-caller", "Unrestricted").await);
}

async fn transactions(shop: &Shop, own: &Own, met: &Met) {
    let sandbox = &shop.sandbox;
    let card = || john().method(PaymentMethod::Cc);
    sandbox.deposit(&AccountId::new("SHOP"), Amount::usd("10")).unwrap();
    let refund = async |id: &str, token: &str, amount: &str, reference: &str| {
        let pairs = [
            ("CallerTokenId", own.caller.as_str()),
            ("RefundSenderTokenId", token),
            ("TransactionId", id),
            ("CallerReference", reference),
        ];
        shop.ask("Refund", ("RefundAmount", amount), &pairs).await
    };
    let paid = async |buyer: Buyer, reference: &str| {
        let token = shop.token(buyer, &format!("a-{reference}"), &[]).await;
        let paid = shop.pay("Pay", own, &token, &[("CallerReference", reference)]).await;
        (paid.transaction().0.to_owned(), token)
    };
    let (pending, _) = paid(card(), "x1").await;
    met.with("OriginalTransactionIncomplete", &refund(&pending, &own.refunder, "1.00", "f1").await);
    let (failed, _) = paid(Buyer::new(people::DORA, "dora"), "x2").await;
    sandbox.finish_pending();
    met.with("OriginalTransactionFailed", &refund(&failed, &own.refunder, "1.00", "f2").await);
    let (id, token) = paid(john(), "x3").await;
    met.with("TokenUsageError", &shop.pay("Pay", own, &token, &[("CallerReference", "x4")]).await);
    met.with("RefundAmountExceeded", &refund(&id, &own.refunder, "1.01", "f3").await);
    met.with("AmountOutOfRange", &refund(&id, &own.refunder, "0", "f4").await);
    let more = [("recipientToken", people::ARTIST_TOKEN)];
    let token = shop.token(john(), "a-x5", &more).await;
    let more = [("RecipientTokenId", people::ARTIST_TOKEN), ("CallerReference", "x5")];
    let artists = shop.pay("Pay", own, &token, &more).await.transaction().0.to_owned();
    met.with("SenderNotOriginalRecipient", &refund(&artists, &own.refunder, "1.00", "f5").await);
    let given = refund(&id, &own.refunder, "1.00", "f6").await.transaction().0.to_owned();
    met.with("TransactionFullyRefundedAlready", &refund(&id, &own.refunder, "0.01", "f7").await);
    met.with("TransactionTypeNotRefundable", &refund(&given, &own.refunder, "1.00", "f8").await);
    met.with("DuplicateRequest", &refund(&artists, &own.refunder, "1.00", "f6").await);
    met.with("InvalidTransactionId", &refund(&"1".repeat(35), &own.refunder, "1.00", "f9").await);
    let retry = shop.call("RetryTransaction", &[("OriginalTransactionId", &id)]).await;
    met.with("InvalidTransactionState", &retry);
    let token = shop.token(card(), "a-x6", &[("reserve", "True")]).await;
    let reserved = shop.pay("Reserve", own, &token, &[("CallerReference", "x6")]).await;
    let reserved = reserved.transaction().0.to_owned();
    sandbox.finish_pending();
    let much = shop.ask("Settle", ("TransactionAmount", "2"), &[("ReserveTransactionId", &reserved)]).await;
    met.with("SettleAmountGreaterThanReserveAmount", &much);
    sandbox.faults().on_next("Pay", fps_sandbox::Fault::TemporaryDecline);
    let token = shop.token(john(), "a-x7", &[]).await;
    let policy = ("TemporaryDeclinePolicy.TemporaryDeclinePolicyType", "ImplicitRetry");
    let later = shop.pay("Pay", own, &token, &[("CallerReference", "x7"), policy]).await;
    let later = shop.call("RetryTransaction", &[("OriginalTransactionId", later.transaction().0)]).await;
    met.with("TransactionExpired", &later);
}

async fn instruments(shop: &Shop, own: &Own, met: &Met) {
    let sandbox = &shop.sandbox;
    let expiry = sandbox.clock();
    let expiry = fps_core::client::Clock::now(&*expiry).unix_seconds() + 3600;
    let setup = async |reference: &str, more: &[(&str, &str)]| {
        let (sender, funding) = (format!("s-{reference}"), format!("f-{reference}"));
        let pairs = [
            ("pipelineName", "SetupPrepaid"),
            ("callerReferenceSender", sender.as_str()),
            ("callerReferenceFunding", &funding),
            ("fundingAmount", "20"),
        ];
        let back = shop.walk(Buyer::new(people::BETTY, "betty"), &[&pairs[..], more].concat()).await;
        ["fundingTokenID", "prepaidSenderTokenID", "prepaidInstrumentID"]
            .map(|name| returned(&back, name).unwrap())
    };
    let fund = async |who: &Shop, caller: &str, token: &str, instrument: &str, reference: &str| {
        let pairs = [
            ("SenderTokenId", token),
            ("CallerTokenId", caller),
            ("PrepaidInstrumentId", instrument),
            ("CallerReference", reference),
            ("ChargeFeeTo", "Recipient"),
        ];
        who.ask("FundPrepaid", ("FundingAmount", "1.00"), &pairs).await
    };
    let [funder, sender, instrument] = setup("i1", &[]).await;
    let wrong = fund(shop, &own.caller, &sender, &instrument, "i1").await;
    met.with("InvalidSenderRoleForAccountType", &wrong);
    let mallory = Shop::new(sandbox, people::mallory_credentials());
    let hers = mallory.own().await;
    met.with("InstrumentAccessDenied", &fund(&mallory, &hers.caller, &funder, &instrument, "i2").await);
    shop.call("CancelToken", &[("TokenId", &sender)]).await;
    met.with("InstrumentNotActive", &fund(shop, &own.caller, &funder, &instrument, "i3").await);
    let [funder, _, instrument] = setup("i4", &[("validityExpiry", &expiry.to_string())]).await;
    sandbox.clock().advance(Duration::from_secs(3601));
    met.with("InstrumentExpired", &fund(shop, &own.caller, &funder, &instrument, "i4").await);
    assert!(sandbox.ledger().token(&TokenId::new(funder)).is_some());
}

async fn requests(shop: &Shop, met: &Met) {
    let start = ("StartDate", "2007-10-16T00:00:00Z");
    let backwards = shop.call("GetAccountActivity", &[start, ("EndDate", "2007-10-15T00:00:00Z")]).await;
    met.with("InvalidDateRange", &backwards);
    for pairs in [
        &[start, ("MaxBatchSize", "19")][..],
        &[start, ("MaxBatchSize", "201")],
        &[start, ("Status", "Reserved")],
        &[start, ("Role.1", "Cook")],
        &[start, start],
        &[("StartDate", "yesterday")],
        &[],
    ] {
        met.with("InvalidParams", &shop.call("GetAccountActivity", pairs).await);
    }
    let name = ("NotificationOperationName", "TokenCancellation");
    met.with("InvalidEvent", &shop.call("UnSubscribeForCallerNotification", &[name]).await);
    let other = ("NotificationOperationName", "Weather");
    met.with("InvalidParams", &shop.call("UnSubscribeForCallerNotification", &[other]).await);
}
