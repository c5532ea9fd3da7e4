//! The project's own sample answers: `testdata/responses/<version>/<operation>.xml`, with at least one for each operation. All that
//! they say is made up by us; their form is the interface description's, by which they were validated when they were written.
//! Where 2008-09-17 answers otherwise it has a document of its own, and so has each shape of an error.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::PathBuf;

use fps_core::operation::*;
use fps_core::response::{Document, Fault, FaultCode, Verdict};
use fps_core::{Amount, Timestamp, Version};

fn text(path: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/responses");
    fs::read_to_string(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The response, after its name for the answer was kept and its `Debug` was found to show no person and no token.
fn read<O: Operation<Response: std::fmt::Debug>>(version: Version, file: &str) -> O::Response {
    let path = format!("{version}/{file}.xml");
    let answer = match read_answer::<O>(version, http::StatusCode::OK, text(&path).as_bytes()) {
        Ok(Ok(answer)) => answer,
        other => panic!("{path}: {:?}", other.map(|fault| fault.err())),
    };
    let id = answer.request_id.unwrap_or_else(|| panic!("{path} has a request id"));
    assert!(
        id.as_str().starts_with("00000000-0000-4000-8000-") && id.as_str().ends_with(":0"),
        "{path}: {id}"
    );
    let shown = format!("{:?}", answer.response);
    for hidden in ["Ann Buyer", "Tune Shop", "@example.com", "SENDER", "CALLER", "RECIPIENT", "MULTI"] {
        assert!(!shown.contains(hidden), "{path} shows {hidden}: {shown}");
    }
    answer.response
}

/// The document of the last version that is called as the operation.
fn answer<O: Operation<Response: std::fmt::Debug>>() -> O::Response {
    read::<O>(Version::V2010_08_28, O::ACTION)
}

fn usd(dollars: &str) -> Option<Amount> {
    Some(Amount::usd(dollars))
}

fn time(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn what_moves_money_answers_with_a_transaction_and_where_it_stands() {
    use TransactionStatus::{Other, Pending, Reserved, Success};
    fn moved<O: Operation<Response = TransactionResult>>(file: &str) -> (String, TransactionStatus) {
        let result = read::<O>(Version::V2010_08_28, file);
        assert_eq!(result.transaction_id.as_str().len(), 35, "{file}");
        (
            result.transaction_id.as_str().trim_end_matches(|c: char| c.is_ascii_hexdigit()).to_owned(),
            result.transaction_status,
        )
    }
    for ((prefix, status), expected_prefix, expected) in [
        (moved::<Pay>("Pay-Success"), "PAY", Success),
        (moved::<Pay>("Pay-Pending"), "PAYCARD", Pending),
        (moved::<Pay>("Pay-unknown-status"), "PAYNEW", Other("Deferred".to_owned())),
        (moved::<Reserve>("Reserve"), "RESERVE", Reserved),
        (moved::<Settle>("Settle"), "RESERVE", Pending),
        (moved::<Refund>("Refund"), "REFUND", Pending),
        (moved::<FundPrepaid>("FundPrepaid"), "FUND", Success),
        (moved::<SettleDebt>("SettleDebt"), "DEBT", Pending),
        (moved::<WriteOffDebt>("WriteOffDebt"), "WRITEOFF", Success),
    ] {
        assert!(expected_prefix.starts_with(&prefix), "{prefix}");
        assert_eq!(status, expected, "{prefix}");
    }
}

#[test]
fn what_ends_something_says_what_became_of_it() {
    let cancelled = answer::<Cancel>();
    assert!(cancelled.transaction_id.unwrap().as_str().starts_with("RESERVE"));
    assert_eq!(cancelled.transaction_status, Some(TransactionStatus::Cancelled));
    let refunded = answer::<CancelSubscriptionAndRefund>().refund_transaction_id.unwrap();
    assert!(refunded.as_str().starts_with("SUBREFUND"));
    answer::<CancelToken>();
}

#[test]
fn activity_has_its_transactions_with_all_their_parts() {
    let answer = answer::<GetAccountActivity>();
    assert_eq!(answer.batch_size, Some(2));
    assert_eq!(answer.start_time_for_next_transaction, time("2011-03-02T16:00:00.001Z"));
    let [paid, refunded] = answer.transactions.as_slice() else { panic!("two transactions") };
    assert_eq!(paid.caller_transaction_date, time("2011-03-01T17:00:00.250Z"));
    assert_eq!(paid.date_received, time("2011-03-01T17:00:01Z"));
    assert_eq!(paid.date_completed, time("2011-03-01T17:00:05.500Z"));
    assert_eq!(paid.transaction_amount, Amount::usd("4.99"));
    assert_eq!(paid.fps_operation, Some(TransactionKind::Pay));
    assert_eq!(paid.transaction_status, TransactionStatus::Success);
    assert_eq!(paid.status_code.as_deref(), Some("Success"));
    assert!(paid.status_message.as_deref().unwrap().ends_with("was charged."));
    assert_eq!(paid.payment_method, Some(PaymentSource::Cc));
    assert_eq!(paid.sender_name.as_deref(), Some("Ann Buyer"));
    assert_eq!(paid.caller_name, paid.recipient_name);
    assert_eq!((paid.fps_fees, paid.balance), (usd("0.45"), usd("104.54")));
    assert_eq!(paid.sender_token_id.as_ref().unwrap().as_str().len(), 64);
    let [sender, caller, recipient] = paid.transaction_parts.as_slice() else { panic!("three parts") };
    assert_eq!((&sender.role, sender.instrument_id.as_deref()), (&Role::Sender, Some("CARDENDINGIN4242")));
    assert_eq!((&caller.role, caller.reference.as_deref()), (&Role::Caller, Some("tune-17-pay")));
    assert_eq!((caller.description.as_deref(), caller.fees_paid), (Some("Seventeen"), usd("0")));
    assert_eq!((&recipient.role, recipient.fees_paid), (&Role::Recipient, usd("0.45")));
    assert_eq!(refunded.fps_operation, Some(TransactionKind::Refund));
    assert_eq!(refunded.original_transaction_id, Some(paid.transaction_id.clone()));
    assert_eq!(refunded.fps_fees, usd("-0.45"));
    assert_eq!(refunded.date_completed, None);
}

#[test]
fn balances_are_exact() {
    let account = answer::<GetAccountBalance>().account_balance.unwrap();
    assert_eq!(
        (account.total_balance, account.pending_in_balance),
        (Amount::usd("100"), Amount::usd("12.50"))
    );
    assert_eq!(account.pending_out_balance, Amount::ZERO);
    let available = account.available_balances;
    assert_eq!(
        (available.disburse_balance, available.refund_balance),
        (Amount::usd("87.50"), Amount::usd("100"))
    );
    let debt = answer::<GetDebtBalance>().debt_balance.unwrap();
    assert_eq!((debt.available_balance, debt.pending_out_balance), (Amount::usd("30.25"), usd("5")));
    let owed = answer::<GetOutstandingDebtBalance>().outstanding_debt.unwrap();
    assert_eq!((owed.outstanding_balance, owed.pending_out_balance), (Amount::usd("730.25"), usd("5")));
    let prepaid = answer::<GetPrepaidBalance>().prepaid_balance.unwrap();
    assert_eq!((prepaid.available_balance, prepaid.pending_in_balance), (Amount::usd("20"), usd("10")));
    let liability = answer::<GetTotalPrepaidLiability>().outstanding_prepaid_liability.unwrap();
    assert_eq!(
        (liability.outstanding_balance, liability.pending_in_balance),
        (Amount::usd("320"), usd("10"))
    );
}

#[test]
fn tokens_have_their_kind_and_their_rule() {
    let token = answer::<GetTokenByCaller>().token.unwrap();
    assert_eq!(token.token_id.as_str().len(), 64);
    assert_eq!(
        (token.token_type, token.token_status),
        (Some(TokenType::MultiUse), Some(TokenStatus::Active))
    );
    assert_eq!(token.friendly_name.as_deref(), Some("Weekly tunes"));
    assert_eq!(token.caller_reference.as_deref(), Some("tune-token-3"));
    assert_eq!(token.payment_reason.as_deref(), Some("Tunes & lyrics"));
    assert_eq!(token.date_installed, time("2011-03-01T07:59:59.999Z"));
    assert_eq!(token.old_token_id, Some(token.token_id));

    let tokens = answer::<GetTokens>().tokens;
    let statuses: Vec<_> = tokens.iter().map(|token| token.token_status.clone().unwrap()).collect();
    assert_eq!(statuses, [TokenStatus::Active, TokenStatus::Inactive]);
    assert_eq!(tokens[1].friendly_name.as_deref(), Some("Recipient"));

    let [amount, count] = answer::<GetTokenUsage>().token_usage_limits.try_into().unwrap();
    assert_eq!((amount.amount, amount.last_reset_amount), (usd("50"), usd("4.99")));
    assert_eq!((count.count, count.last_reset_count), (Some(10), Some(1)));
    assert_eq!(count.last_reset_timestamp, time("2011-03-01T08:00:00Z"));

    let own = answer::<GetPaymentInstruction>();
    assert_eq!(own.token.token_type, Some(TokenType::Unrestricted));
    assert_eq!(own.payment_instruction, "MyRole == 'Caller' orSay 'Role does not match';");
    assert_eq!(own.caller_reference.as_deref(), Some("tune-token-3"));
    assert_eq!(own.token_friendly_name.as_deref(), Some("Weekly tunes"));
    assert_eq!(answer::<InstallPaymentInstruction>().token_id, own.token.token_id);

    let status = answer::<GetRecipientVerificationStatus>().recipient_verification_status;
    assert_eq!(status, Some(RecipientVerificationStatus::VerificationComplete));
}

#[test]
fn subscriptions_have_their_terms_and_their_charges() {
    let details = answer::<GetSubscriptionDetails>().subscription_details.unwrap();
    assert_eq!(details.subscription_id.as_str(), "a0000000-0000-4000-8000-000000000003");
    assert_eq!(details.description.as_deref(), Some("A tune each week"));
    assert_eq!(
        (details.subscription_amount, details.next_transaction_amount),
        (Amount::usd("0.99"), usd("0.99"))
    );
    assert_eq!((details.promotional_amount, details.number_of_promotional_transactions), (usd("0"), Some(2)));
    assert_eq!(
        (details.start_date, details.end_date),
        (time("2011-03-01T08:00:00Z"), time("2012-03-01T08:00:00Z"))
    );
    let period = details.subscription_period.unwrap();
    let frequency = details.subscription_frequency.unwrap();
    assert_eq!((period.value, period.time_unit), (1, TimeUnit::Year));
    assert_eq!((frequency.value, frequency.time_unit), (1, TimeUnit::Week));
    assert_eq!(details.override_ipn_url.as_deref(), Some("https://shop.example/notice"));
    assert_eq!(details.subscription_status, SubscriptionStatus::Active);
    assert_eq!(details.number_of_transactions_processed, Some(3));
    assert_eq!(details.recipient_email.as_deref(), Some("shop@example.com"));
    assert_eq!(details.recipient_name.as_deref(), Some("Tune Shop"));
    assert_eq!(details.sender_email.as_deref(), Some("ann@example.com"));
    assert_eq!(details.sender_name.as_deref(), Some("Ann Buyer"));
    assert_eq!(details.next_transaction_date, time("2011-03-22T07:00:00Z"));

    let [free, failed] =
        answer::<GetTransactionsForSubscription>().subscription_transactions.try_into().unwrap();
    assert_eq!(
        (free.transaction_amount, free.transaction_status),
        (Amount::ZERO, TransactionStatus::Success)
    );
    assert_eq!(
        (failed.transaction_amount, failed.transaction_status),
        (Amount::usd("0.99"), TransactionStatus::Failure)
    );
    assert_eq!((free.transaction_serial_number, failed.transaction_serial_number), (Some(1), Some(2)));
    assert_eq!(failed.transaction_date, time("2011-03-08T08:00:00Z"));
    assert_eq!(failed.description.as_deref(), Some("A tune each week"));
}

#[test]
fn a_transaction_has_its_history_and_its_relations() {
    let transaction = answer::<GetTransaction>().transaction.unwrap();
    assert_eq!(transaction.caller_reference.as_deref(), Some("tune-17-refund"));
    assert_eq!(transaction.caller_description.as_deref(), Some("Seventeen came broken"));
    assert_eq!(transaction.sender_description.as_deref(), Some("Your money back"));
    assert_eq!(transaction.date_completed, time("2011-03-02T16:00:04Z"));
    assert_eq!((transaction.transaction_amount, transaction.fps_fees), (Amount::usd("4.99"), usd("-0.45")));
    assert_eq!(
        (transaction.marketplace_fees, transaction.fps_fees_paid_by),
        (usd("0"), Some(Role::Recipient))
    );
    assert!(transaction.sender_token_id.unwrap().as_str().starts_with("SENDER"));
    assert!(transaction.recipient_token_id.unwrap().as_str().starts_with("RECIPIENT"));
    assert_eq!(transaction.fps_operation, Some(TransactionKind::Refund));
    assert_eq!(transaction.payment_method, Some(PaymentSource::Cc));
    assert_eq!(transaction.status_code.as_deref(), Some("Success"));
    assert_eq!(transaction.status_message.as_deref(), Some("The refund was successful."));
    assert_eq!(transaction.sender_email.as_deref(), Some("shop@example.com"));
    assert_eq!(transaction.recipient_email.as_deref(), Some("ann@example.com"));
    assert_eq!(transaction.recipient_name.as_deref(), Some("Ann Buyer"));
    let [parent] = transaction.related_transactions.as_slice() else { panic!("one relation") };
    assert!(parent.transaction_id.as_str().starts_with("PAYCARD"));
    assert_eq!(parent.relation_type, Some(RelationType::Parent));
    let [pending, done] = transaction.status_history.as_slice() else { panic!("two steps") };
    assert_eq!(pending.status_code.as_deref(), Some("PendingNetworkResponse"));
    assert_eq!((&done.transaction_status, done.amount), (&TransactionStatus::Success, usd("4.99")));

    let status = answer::<GetTransactionStatus>();
    assert!(status.transaction_id.as_str().starts_with("PAYCARD"));
    assert_eq!(status.transaction_status, TransactionStatus::Failure);
    assert_eq!(status.caller_reference.as_deref(), Some("tune-17-pay"));
    assert_eq!(status.status_code.as_deref(), Some("PaymentMethodError"));
    assert_eq!(status.status_message.as_deref(), Some("The card was declined."));
}

#[test]
fn a_verification_is_read() {
    assert_eq!(answer::<VerifySignature>().verification_status, Some(VerificationStatus::Success));
}

#[test]
fn what_2008_09_17_says_otherwise_is_read_too() {
    let version = Version::V2008_09_17;
    let status = read::<GetRecipientVerificationStatus>(version, "GetRecipientVerificationStatus");
    assert_eq!(status.recipient_verification_status, Some(RecipientVerificationStatus::VerificationPending));
    // No amounts in the history, and a time without an offset.
    let transaction = read::<GetTransaction>(version, "GetTransaction").transaction.unwrap();
    assert!(transaction.status_history.iter().all(|step| step.amount.is_none()));
    assert_eq!(Some(transaction.status_history[1].date), time("2011-03-02T08:00:04Z"));
    // No friendly name, and white space around the token.
    let [token] = read::<GetTokens>(version, "GetTokens").tokens.try_into().unwrap();
    assert_eq!((token.friendly_name, token.token_id.as_str().len()), (None, 64));
    assert_eq!(token.old_token_id, Some(token.token_id));
}

#[test]
fn all_three_shapes_of_an_error_have_code_message_and_request_id() {
    for (shape, code, verdict, id) in [
        ("id-last", FaultCode::InsufficientBalance, Verdict::Final, "101"),
        ("id-first", FaultCode::DuplicateRequest, Verdict::Spent, "102"),
        ("by-the-schema", FaultCode::Other("QuotaOfSomethingNew".to_owned()), Verdict::Unknown, "103"),
    ] {
        let text = text(&format!("errors/{shape}.xml"));
        let document = Document::parse(text.as_bytes()).unwrap();
        let fault = Fault::read(&document, http::StatusCode::BAD_REQUEST).unwrap();
        assert_eq!((fault.code(), fault.verdict()), (&code, verdict), "{shape}");
        assert_eq!(fault.request_id().unwrap().as_str(), format!("00000000-0000-4000-8000-000000000{id}"));
        assert!(fault.message().ends_with('.') && !fault.message().contains("Never read"), "{shape}");
    }
}
