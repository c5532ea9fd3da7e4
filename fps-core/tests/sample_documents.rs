//! The service's own documents, where the folder of collected material lies beside this repository: its sample answers parse
//! into the right values, and every request fits its interface description. Without the folder these tests say so and pass;
//! the operations' own tests hold data of our own for the same.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::PathBuf;

use fps_core::operation::*;
use fps_core::response::{Document, Fault, FaultCode};
use fps_core::{
    Amount, CallerReference, InstrumentId, SubscriptionId, Timestamp, TokenId, TransactionId, Version,
};
use quick_xml::Reader;
use quick_xml::events::Event;

fn material(path: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/protocol");
    match fs::read_to_string(folder.join(path)) {
        Ok(text) => Some(text),
        Err(_) => {
            println!("not checked: ../shared/protocol/{path} is not there");
            None
        }
    }
}

fn read<O: Operation>(text: &str) -> O::Response {
    match read_answer::<O>(Version::V2010_08_28, http::StatusCode::OK, text.as_bytes()) {
        Ok(Ok(answer)) => answer.response,
        Ok(Err(fault)) => panic!("{}: {fault}", O::ACTION),
        Err(error) => panic!("{}: {error} {:?}", O::ACTION, std::error::Error::source(&error)),
    }
}

fn sample<O: Operation>() -> Option<O::Response> {
    material(&format!("responses-2008-09-17-samples/{}.xml", O::ACTION)).map(|text| read::<O>(&text))
}

/// Calls a macro with all 27 operations.
macro_rules! for_all_operations {
    ($do:ident) => {
        $do!(
            Cancel,
            CancelSubscriptionAndRefund,
            CancelToken,
            FundPrepaid,
            GetAccountActivity,
            GetAccountBalance,
            GetDebtBalance,
            GetOutstandingDebtBalance,
            GetPaymentInstruction,
            GetPrepaidBalance,
            GetRecipientVerificationStatus,
            GetSubscriptionDetails,
            GetTokenByCaller,
            GetTokenUsage,
            GetTokens,
            GetTotalPrepaidLiability,
            GetTransaction,
            GetTransactionStatus,
            GetTransactionsForSubscription,
            InstallPaymentInstruction,
            Pay,
            Refund,
            Reserve,
            Settle,
            SettleDebt,
            VerifySignature,
            WriteOffDebt
        )
    };
}

#[test]
fn all_27_skeletons_of_2010_are_read() {
    macro_rules! read_all {
        ($($operation:ident),*) => {{
            $(if let Some(text) = material(concat!("responses-2010-08-28/", stringify!($operation), ".xml")) {
                // The skeletons have the word `string` where an amount stands.
                read::<$operation>(&text.replace("<Value>string</Value>", "<Value>1.000000</Value>"));
            })*
        }};
    }
    for_all_operations!(read_all);
}

#[test]
fn the_documentations_samples_have_their_values() {
    if let Some(answer) = sample::<Pay>() {
        assert_eq!(answer.transaction_id.as_str().len(), 35);
        assert_eq!(answer.transaction_status, TransactionStatus::Pending);
    }
    for status in [
        sample::<Refund>().map(|answer| answer.transaction_status),
        sample::<Reserve>().map(|answer| answer.transaction_status),
        sample::<Settle>().map(|answer| answer.transaction_status),
    ] {
        assert!(status.is_none_or(|status| status == TransactionStatus::Pending));
    }
    if let Some(answer) = sample::<Cancel>() {
        assert_eq!(answer.transaction_status, Some(TransactionStatus::Cancelled));
    }
    sample::<CancelToken>();
    if let Some(answer) = sample::<VerifySignature>() {
        assert_eq!(answer.verification_status, Some(VerificationStatus::Success));
    }
    if let Some(answer) = sample::<GetTransactionStatus>() {
        assert_eq!(answer.transaction_status, TransactionStatus::Success);
        assert_eq!(answer.caller_reference.as_deref(), Some("CallerReference07"));
        assert_eq!(answer.status_code.as_deref(), Some("Success"));
        assert!(answer.status_message.unwrap().starts_with("The transaction was successful"));
    }
    if let Some(answer) = sample::<GetTransaction>() {
        let transaction = answer.transaction.unwrap();
        assert_eq!(transaction.transaction_amount, Amount::usd("1"));
        assert_eq!(transaction.fps_fees, Some(Amount::usd("0.10")));
        assert_eq!(transaction.sender_token_id.unwrap().as_str().len(), 64);
        assert_eq!(transaction.date_received.unwrap().to_pacific(), "2009-10-05T22:50:08.010-07:00");
        let history: Vec<_> =
            transaction.status_history.iter().map(|step| step.transaction_status.clone()).collect();
        assert_eq!(history, [TransactionStatus::Pending, TransactionStatus::Success]);
        assert!(transaction.status_history.iter().all(|step| step.amount.is_none()));
    }
    if let Some(answer) = sample::<GetAccountActivity>() {
        assert_eq!(answer.transactions.len(), 5);
        assert_eq!(answer.batch_size, Some(5));
        let roles = answer.transactions.iter().flat_map(|transaction| &transaction.transaction_parts);
        assert!(roles.map(|part| &part.role).all(|role| !matches!(role, Role::Other(_))));
        let kinds = answer.transactions.iter().map(|transaction| transaction.fps_operation.clone().unwrap());
        assert!(kinds.into_iter().all(|kind| !matches!(kind, TransactionKind::Other(_))));
        assert!(answer.transactions.iter().any(|one| one.fps_fees.is_some_and(Amount::is_negative)));
    }
    if let Some(answer) = sample::<GetAccountBalance>() {
        let balance = answer.account_balance.unwrap();
        assert_eq!(balance.total_balance, Amount::usd("7.40"));
        assert_eq!(balance.available_balances.refund_balance, Amount::usd("7.40"));
    }
    if let Some(answer) = sample::<GetTokenByCaller>() {
        let token = answer.token.unwrap();
        assert_eq!(token.token_type, Some(TokenType::SingleUse));
        assert_eq!(token.old_token_id, Some(token.token_id));
        assert_eq!(token.date_installed.unwrap().to_pacific(), "2009-10-07T04:29:05.054-07:00");
    }
    if let Some(answer) = sample::<GetTokens>() {
        assert_eq!(answer.tokens.len(), 1);
        assert_eq!(answer.tokens[0].friendly_name, None);
    }
    if let Some(answer) = sample::<GetTokenUsage>() {
        let [amount, count] = answer.token_usage_limits.as_slice() else { panic!("two limits") };
        assert!(amount.amount.is_some() && amount.last_reset_amount.is_some() && amount.count.is_none());
        assert!(count.count.is_some() && count.last_reset_count.is_some() && count.amount.is_none());
    }
    if let Some(answer) = sample::<GetRecipientVerificationStatus>() {
        assert!(answer.recipient_verification_status.is_some());
    }
}

#[test]
fn recorded_errors_are_read_with_their_request_ids() {
    for (file, code) in [
        ("InvalidParams", FaultCode::InvalidParams),
        ("InvalidParams_certificateUrl", FaultCode::InvalidParams),
        ("InvalidParameterValue", FaultCode::InvalidParameterValue),
        ("RequestExpired", FaultCode::RequestExpired),
    ] {
        let Some(text) = material(&format!("responses-2008-09-17-samples/Error-{file}.xml")) else {
            continue;
        };
        let document = Document::parse(text.as_bytes()).unwrap();
        let fault = Fault::read(&document, http::StatusCode::BAD_REQUEST).unwrap();
        assert_eq!(fault.code(), &code);
        assert_eq!(fault.request_id().unwrap().as_str().len(), 36);
        assert!(!fault.message().is_empty());
    }
    if let Some(text) = material("responses-2010-08-28/Error.xml") {
        let document = Document::parse(text.as_bytes()).unwrap();
        let fault = Fault::read(&document, http::StatusCode::BAD_REQUEST).unwrap();
        assert_eq!(fault.code(), &FaultCode::Other("string".to_owned()));
    }
}

/// The names of an operation's request elements in the schema, structures flattened as the query interface does it.
fn request_names(schema: &str, action: &str) -> Vec<String> {
    let mut reader = Reader::from_str(schema);
    let mut names = Vec::new();
    let mut depth_within = 0;
    loop {
        let (start, opens) = match reader.read_event().unwrap() {
            Event::Start(start) => (start, true),
            Event::Empty(start) => (start, false),
            Event::End(_) if depth_within == 1 => return names,
            Event::End(_) => {
                depth_within = depth_within.max(1) - 1;
                continue;
            }
            Event::Eof => panic!("the schema has no {action}"),
            _ => continue,
        };
        let attribute = |name: &str| {
            let found = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == name);
            found.map(|attribute| attribute.value.into_owned())
        };
        let name = attribute("name").filter(|_| start.local_name().as_ref() == "element");
        match name {
            Some(name) if depth_within > 0 => {
                let kind = attribute("type").unwrap_or_default();
                let index = if attribute("maxOccurs").as_deref() == Some("unbounded") { ".1" } else { "" };
                match kind.rsplit(':').next().unwrap_or_default() {
                    "Amount" => names.extend(["CurrencyCode", "Value"].map(|part| format!("{name}.{part}"))),
                    "DescriptorPolicy" => {
                        names.extend(["SoftDescriptorType", "CSOwner"].map(|part| format!("{name}.{part}")));
                    }
                    _ => names.push(format!("{name}{index}")),
                }
                depth_within += usize::from(opens);
            }
            // A message's part has an element's name too, but is no `element`; the first of that name is the request.
            Some(name) if name == action && attribute("type").is_none() => {
                if !opens {
                    return names;
                }
                depth_within = 1;
            }
            _ if depth_within > 0 => depth_within += usize::from(opens),
            _ => {}
        }
    }
}

fn written(operation: &impl Operation, version: Version) -> Vec<String> {
    let mut parameters = Parameters::new(version);
    operation.write(&mut parameters);
    parameters.into_pairs().unwrap().iter().map(|(name, _)| name.to_owned()).collect()
}

/// Each operation with every parameter that the version knows.
fn check_requests(schema: &str, version: Version) {
    let last = version == Version::V2010_08_28;
    let token = || TokenId::new("S1");
    let transaction = || TransactionId::new("T1");
    let reference = || CallerReference::new("r1").unwrap();
    let one = Amount::usd("1");
    let url = || "https://example.com/ipn".parse::<url::Url>().unwrap();
    let policy = || {
        DescriptorPolicy::new()
            .with_soft_descriptor_type(SoftDescriptorType::Dynamic)
            .with_cs_owner(CsOwner::Caller)
    };
    let now = Timestamp::from_unix_seconds(1_286_344_192);
    macro_rules! check {
        ($operation:expr $(, $notices:ident)?) => {{
            let operation = $operation;
            $(let operation = if last { operation.$notices(url()) } else { operation };)?
            assert_eq!(written(&operation, version), request_names(schema, action(&operation)), "{version}");
        }};
    }
    fn action<O: Operation>(_: &O) -> &'static str {
        O::ACTION
    }
    check!(Cancel::new(transaction()).with_description("d"), with_override_ipn_url);
    check!(
        CancelSubscriptionAndRefund::new(SubscriptionId::new("s"))
            .with_refund(one, reference())
            .with_cancel_reason("why")
    );
    check!(CancelToken::new(token()).with_reason_text("why"), with_override_ipn_url);
    check!(
        FundPrepaid::new(token(), InstrumentId::new("P1"), one, reference())
            .with_sender_description("s")
            .with_caller_description("c")
            .with_descriptor_policy(policy())
            .with_transaction_timeout_in_mins(1u32),
        with_override_ipn_url
    );
    check!(
        GetAccountActivity::since(now)
            .with_max_batch_size(20u32)
            .with_end_date(now)
            .with_sort_order_by_date(SortOrder::Ascending)
            .with_fps_operation(TransactionKind::Pay)
            .with_payment_method(PaymentSource::Abt)
            .with_role(Role::Caller)
            .with_transaction_status(TransactionStatus::Success)
    );
    check!(GetAccountBalance::new());
    check!(GetDebtBalance::new(InstrumentId::new("C1")));
    check!(GetOutstandingDebtBalance::new());
    check!(GetPaymentInstruction::new(token()));
    check!(GetPrepaidBalance::new(InstrumentId::new("P1")));
    check!(
        GetTokens::new()
            .with_token_status(TokenStatus::Active)
            .with_token_type(TokenType::SingleUse)
            .with_caller_reference(reference())
            .with_token_friendly_name("mine")
    );
    check!(GetTokenUsage::new(token()));
    check!(GetTotalPrepaidLiability::new());
    check!(GetTransaction::new(transaction()));
    check!(GetTransactionStatus::new(transaction()));
    check!(
        InstallPaymentInstruction::new("MyRole == 'Caller';", reference(), TokenType::Unrestricted)
            .with_token_friendly_name("mine")
            .with_payment_reason("why")
    );
    check!(
        Pay::new(token(), one, reference())
            .with_recipient_token_id(token())
            .with_charge_fee_to(ChargeFeeTo::Caller)
            .with_caller_description("c")
            .with_sender_description("s")
            .with_descriptor_policy(policy())
            .with_transaction_timeout_in_mins(1u32)
            .with_marketplace_fixed_fee(one)
            .with_marketplace_variable_fee(Percent::parse("1").unwrap()),
        with_override_ipn_url
    );
    check!(
        Reserve::new(token(), one, reference())
            .with_recipient_token_id(token())
            .with_charge_fee_to(ChargeFeeTo::Caller)
            .with_caller_description("c")
            .with_sender_description("s")
            .with_descriptor_policy(policy())
            .with_transaction_timeout_in_mins(1u32)
            .with_marketplace_fixed_fee(one)
            .with_marketplace_variable_fee(Percent::parse("1").unwrap()),
        with_override_ipn_url
    );
    check!(
        Refund::new(transaction(), reference())
            .with_amount(one)
            .with_caller_description("c")
            .with_marketplace_refund_policy(MarketplaceRefundPolicy::MasterTxnOnly),
        with_override_ipn_url
    );
    check!(Settle::new(transaction()).with_transaction_amount(one), with_override_ipn_url);
    check!(
        SettleDebt::new(token(), InstrumentId::new("C1"), one, reference())
            .with_sender_description("s")
            .with_caller_description("c")
            .with_descriptor_policy(policy())
            .with_transaction_timeout_in_mins(1u32),
        with_override_ipn_url
    );
    check!(VerifySignature::new(&url(), "a=b"));
    check!(WriteOffDebt::new(InstrumentId::new("C1"), one, reference()).with_caller_description("c"));
    if last {
        check!(GetRecipientVerificationStatus::new(token()));
        check!(GetSubscriptionDetails::new(SubscriptionId::new("s")));
        check!(GetTransactionsForSubscription::new(SubscriptionId::new("s")));
    }
    // One of two: each alone is in the schema.
    let names = request_names(schema, "GetTokenByCaller");
    assert_eq!(written(&GetTokenByCaller::by_token(token()), version), names[..1]);
    assert_eq!(written(&GetTokenByCaller::by_reference(reference()), version), names[1..]);
}

#[test]
fn requests_have_the_schemas_elements_in_the_schemas_order() {
    for (file, version) in [
        ("AmazonFPS-2008-09-17.wsdl", Version::V2008_09_17),
        ("AmazonFPS-2010-08-28.reconstructed.xsd", Version::V2010_08_28),
    ] {
        let Some(text) = material(file) else { continue };
        check_requests(&text, version);
    }
}
