//! A client of version 2007-01-08: what it sends, what it takes, and what it refuses of other versions.

use fps_core::client::{BuildError, ClientBuilder, SendErrorKind};
use fps_core::operation::v2007::{
    CancelToken, ChargeFeeTo, GetAccountActivity, GetAccountBalance, InstallPaymentInstruction, Pay,
    PaymentInstruction, Settle, TokenType, TransactionStatus,
};
use fps_core::operation::{self, signed_parameters};
use fps_core::response::{FaultCode, Verdict};
use fps_core::signature::legacy::{string_to_sign_version_0, string_to_sign_version_1};
use fps_core::signature::{Method, SignatureMethod, SignatureVersion, hmac, string_to_sign};
use fps_core::{
    Amount, CallerReference, Credentials, Endpoint, Error, Pairs, SecretKey, Timestamp, TokenId,
    TransactionId, Version,
};

use crate::support::{self, NOW, Script, Step, VirtualClock, block_on};

fn builder(http: &std::sync::Arc<Script>) -> ClientBuilder {
    support::builder(http, &VirtualClock::at(NOW)).version(Version::V2007_01_08)
}

fn pay() -> Pay {
    Pay::new(
        TokenId::new("TOKEN_MARKER"),
        TokenId::new("S1"),
        TokenId::new("R1"),
        Amount::usd("0.10"),
        ChargeFeeTo::Recipient,
        CallerReference::new("order-42-pay").unwrap(),
    )
}

fn flat(action: &str, content: &str) -> String {
    format!(
        "<ns3:{action}Response xmlns:ns3=\"http://fps.amazonaws.com/doc/2007-01-08/\">{content}<RequestId>request-1:0</RequestId></ns3:{action}Response>"
    )
}

fn accepted(action: &str, content: &str) -> Step {
    Step::Answer(200, flat(action, &format!("{content}<Status>Success</Status>")))
}

fn failed(action: &str, code: &str, retriable: bool) -> Step {
    let error = format!(
        "<Status>Failure</Status><Errors><Errors><ErrorType>Business</ErrorType><IsRetriable>{retriable}</IsRetriable><ErrorCode>{code}</ErrorCode><ReasonText>No.</ReasonText></Errors></Errors>"
    );
    Step::Answer(200, flat(action, &error))
}

fn transacted(status: &str) -> Step {
    let transaction = format!(
        "<ns3:TransactionResponse><TransactionId>T1</TransactionId><Status>{status}</Status></ns3:TransactionResponse>"
    );
    accepted("Pay", &transaction)
}

/// The key pair of the vectors, which another implementation computed.
fn vector(operation: &impl operation::Operation, signature: SignatureVersion) -> Pairs {
    signed_parameters(
        operation,
        &Credentials::new("AKEXAMPLE00000000001", "secretkeyEXAMPLE/0123456789abcdefghijklm"),
        Endpoint::sandbox().api(),
        Version::V2007_01_08,
        Method::Get,
        signature,
        "2007-10-16T17:00:00.999Z".parse().unwrap(),
    )
    .unwrap()
}

#[test]
fn requests_are_signed_as_others_computed() {
    let reference = |text| CallerReference::new(text).unwrap();
    let install = InstallPaymentInstruction::new(
        PaymentInstruction::caller(),
        reference("caller-1"),
        TokenType::Unrestricted,
    );
    let signed = vector(&install, SignatureVersion::V1);
    assert_eq!(signed.get("Signature"), Some("yBf0IykASIe5WKmthXfHsAX0QDc="));
    assert_eq!(signed.get("Timestamp"), Some("2007-10-16T17:00:00Z"));
    assert_eq!(signed.get("SignatureMethod"), None);
    let signed = vector(&install, SignatureVersion::V0);
    assert_eq!(signed.get("Signature"), Some("nWM7gV+p857GVkec1dHywMdtlm8="));
    assert_eq!(signed.get("SignatureVersion"), Some("0"));
    let pay = Pay::new(
        TokenId::new("74UFLUGNG3AF5FHD67114VUNNEBDNUVL5VRDCI8HK6PIRU8QQQVVHQXQNJN3TZC2"),
        TokenId::new("U27XL5KSQMTT3274Q8UG6CTBNYUUINLHPXLGKGMCM32P6EJ18BH84GXN9DOSXAON"),
        TokenId::new("76UF2UENGSAZ5F8D571T4IUNKEDDNLV25VDDQI8TKTPIQU3QQLVEHQBQKJNSTJCE"),
        Amount::usd("0.10"),
        ChargeFeeTo::Recipient,
        reference("MP3DownloadId-AF12ES"),
    )
    .with_transaction_date("2007-10-16T17:00:00Z".parse::<Timestamp>().unwrap())
    .with_sender_reference("johndigitaldownload")
    .with_sender_description("John Customer of DigitalDownload");
    let signed = vector(&pay, SignatureVersion::V1);
    assert_eq!(signed.get("Signature"), Some("6755fkZ1BRCoyoH2ZKawZTOm1yY="));
}

#[test]
fn a_client_signs_by_version_1_or_as_it_is_told() {
    let secret = SecretKey::new("SECRET_MARKER");
    for (signature, method) in [
        (None, SignatureMethod::HmacSha1),
        (Some(SignatureVersion::V0), SignatureMethod::HmacSha1),
        (Some(SignatureVersion::V2(SignatureMethod::HmacSha1)), SignatureMethod::HmacSha1),
        (Some(SignatureVersion::V2(SignatureMethod::HmacSha256)), SignatureMethod::HmacSha256),
    ] {
        let http = Script::new([transacted("Success")]);
        let client = match signature {
            Some(signature) => builder(&http).signature_version(signature),
            None => builder(&http),
        };
        let client = client.build().unwrap();
        let answer = block_on(client.send(pay())).unwrap();
        assert_eq!(answer.response.status, TransactionStatus::Success);
        assert_eq!(answer.request_id.unwrap().as_str(), "request-1:0");
        let pairs = http.seen().remove(0);
        assert_eq!(pairs.get("Version"), Some("2007-01-08"));
        assert_eq!(pairs.get("Timestamp"), Some("2010-10-06T05:49:52Z"));
        assert_eq!(pairs.get("TransactionAmount.Amount"), Some("0.10"));
        let text = match signature {
            None | Some(SignatureVersion::V1) => string_to_sign_version_1(&pairs),
            Some(SignatureVersion::V0) => string_to_sign_version_0("Pay", "2010-10-06T05:49:52Z"),
            Some(SignatureVersion::V2(_)) => {
                string_to_sign(Method::Post, client.endpoint().api(), &pairs).unwrap()
            }
        };
        assert!(hmac::verify(method, &secret, &text, pairs.get("Signature").unwrap()), "{signature:?}");
    }
}

#[test]
fn later_versions_are_not_signed_by_the_older_schemes() {
    let http = Script::new([]);
    for signature in [SignatureVersion::V0, SignatureVersion::V1] {
        let client = builder(&http).version(Version::V2010_08_28).signature_version(signature);
        let error = client.build().unwrap_err();
        assert!(matches!(error, BuildError::SignatureVersion { .. }));
        let expected = format!(
            "version 2010-08-28 is signed by signature version 2 only, not by {}",
            signature.as_str()
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn an_operation_of_the_other_generation_is_not_sent() {
    let http = Script::new([]);
    let later = operation::Pay::new(TokenId::new("S1"), Amount::usd("1"), CallerReference::new("r").unwrap());
    let message = |error: Error| std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        message(block_on(builder(&http).build().unwrap().send(later)).unwrap_err()),
        "Pay in this form is not in version 2007-01-08; send one of `operation::v2007`, or by a client of 2010-08-28"
    );
    let client = support::client(&http);
    assert_eq!(
        message(block_on(client.send(pay())).unwrap_err()),
        "Pay in this form is not in version 2010-08-28; send one of `operation`, or by a client of 2007-01-08"
    );
    assert!(http.seen().is_empty());
}

#[test]
fn what_both_generations_have_is_sent_in_both() {
    let http =
        Script::new([accepted("CancelToken", ""), Step::Answer(200, support::response("CancelToken", ""))]);
    let cancel = || CancelToken::new(TokenId::new("S1"));
    block_on(builder(&http).build().unwrap().send(cancel())).unwrap();
    block_on(support::client(&http).send(cancel())).unwrap();
}

/// An answer that anybody with an old recording could give proves nothing about a request of today, and the reverse.
#[test]
fn no_client_takes_an_answer_by_the_rules_of_the_other_generation() {
    let balance = "<AccountBalance/>";
    let accepted = |action| flat(action, "<Status>Success</Status>");
    let failed = flat(
        "CancelToken",
        "<Status>Failure</Status><Errors><Errors><ErrorCode>InvalidParams</ErrorCode></Errors></Errors>",
    );
    for (client, body) in [
        (builder as fn(&std::sync::Arc<Script>) -> ClientBuilder, support::response("CancelToken", "")),
        (builder, "<CancelTokenResponse/>".to_owned()),
        (builder, flat("CancelToken", "<Status>Perhaps</Status>")),
        (builder, flat("CancelToken", "<Status>Failure</Status>")),
        (builder, accepted("Pay")),
        (|http| support::builder(http, &VirtualClock::at(NOW)), accepted("CancelToken")),
        (|http| support::builder(http, &VirtualClock::at(NOW)), failed),
    ] {
        let http = Script::new([Step::Answer(200, body.clone())]);
        let client = client(&http).build().unwrap();
        let error = block_on(client.send_once(CancelToken::new(TokenId::new("S1")))).unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{body}: {error:?}");
        assert_eq!(error.verdict(), Verdict::Unknown, "{body}");
    }
    let http = Script::new([Step::Answer(200, support::response("GetAccountBalance", balance))]);
    let error = block_on(builder(&http).build().unwrap().send_once(GetAccountBalance::new())).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
}

#[test]
fn what_the_service_calls_retriable_is_tried_again_and_nothing_else_is() {
    for (code, retriable, sends, verdict) in [
        ("InternalError", true, 3, Verdict::Unknown),
        ("InternalError", false, 1, Verdict::Unknown),
        ("ConcurrentModification", true, 3, Verdict::Unknown),
        ("InsufficientBalance", true, 3, Verdict::Final),
        ("InsufficientBalance", false, 1, Verdict::Final),
        ("InvalidParams", false, 1, Verdict::Final),
        ("TransactionDenied", true, 3, Verdict::NotDone),
        ("DuplicateRequest", false, 1, Verdict::Spent),
    ] {
        let http = Script::new((0..3).map(|_| failed("Pay", code, retriable)));
        let error = block_on(builder(&http).build().unwrap().send(pay())).unwrap_err();
        assert_eq!((http.seen().len(), error.verdict()), (sends, verdict), "{code} {retriable}");
        assert_eq!(error.fault().unwrap().is_retriable(), Some(retriable));
        assert!(!error.is_retryable() || sends == 1 && retriable, "{code}");
    }
    // What cannot be sent twice is not, whatever the service calls it.
    let http = Script::new([failed("Settle", "InternalError", true)]);
    let error = block_on(builder(&http).build().unwrap().send(Settle::new(TransactionId::new("T1"))));
    assert!(!error.unwrap_err().is_retryable());
    assert_eq!(http.seen().len(), 1);
}

#[test]
fn a_refusal_after_a_lost_answer_ends_nothing() {
    let http =
        Script::new([Step::Fail(SendErrorKind::Unanswered), failed("Pay", "InsufficientBalance", false)]);
    let error = block_on(builder(&http).build().unwrap().send(pay())).unwrap_err();
    assert_eq!((error.code(), error.verdict()), (Some(&FaultCode::InsufficientBalance), Verdict::Unknown));
}

#[test]
fn errors_of_the_request_layer_are_read_in_their_own_shape() {
    let http = Script::new([Step::AnswerWith(
        403,
        "date",
        "Wed, 06 Oct 2010 06:49:52 GMT",
        support::fault("RequestExpired"),
    )]);
    let error = block_on(builder(&http).build().unwrap().send(pay())).unwrap_err();
    assert_eq!((error.code(), error.verdict()), (Some(&FaultCode::RequestExpired), Verdict::NotDone));
    assert_eq!(error.request_id().unwrap().as_str(), "request-2");
    assert_eq!(error.fault().unwrap().is_retriable(), None);
    assert!(error.to_string().contains("60 minutes behind"), "{error}");
}

#[test]
fn an_accepted_request_with_the_status_of_a_failure_is_unknown() {
    let Step::Answer(_, body) = transacted("Success") else { unreachable!() };
    let http = Script::new([Step::Answer(500, body)]);
    let error = block_on(builder(&http).build().unwrap().send_once(pay())).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
}

#[test]
fn an_accounts_events_are_one_walk_and_each_comes_once() {
    let row = |id: &str, status: &str, completed: bool| {
        let completed =
            if completed { "<DateCompleted>2008-04-15T19:41:10.000-07:00</DateCompleted>" } else { "" };
        format!(
            "<Transactions><TransactionId>{id}</TransactionId>{completed}<TransactionAmount><CurrencyCode>USD</CurrencyCode><Amount>1.000000</Amount></TransactionAmount><Status>{status}</Status></Transactions>"
        )
    };
    let next = "<StartTimeForNextTransaction>2008-04-15T19:41:10.250-07:00</StartTimeForNextTransaction>";
    let answer =
        |rows: &[String], next: &str| accepted("GetAccountActivity", &format!("{}{next}", rows.concat()));
    let http = Script::new([
        answer(
            &[row("T1", "Initiated", true), row("T1", "Reserved", true), row("T2", "Initiated", false)],
            next,
        ),
        Step::Fail(SendErrorKind::NotSent),
        // The batches overlap, and what was under way has ended in between.
        answer(
            &[
                row("T2", "Initiated", true),
                row("T2", "Success", true),
                row("T2", "Initiated", true),
                row("T3", "Initiated", false),
            ],
            "",
        ),
    ]);
    let client = builder(&http).build().unwrap();
    let mut walk = client.account_activity(GetAccountActivity::since(Timestamp::from_unix_seconds(0)));
    let mut seen = Vec::new();
    while let Some(row) = block_on(walk.next()).unwrap() {
        seen.push(format!("{} {}", row.transaction_id, row.status));
    }
    assert_eq!(
        seen,
        ["T1 Initiated", "T1 Reserved", "T2 Initiated", "T2 Success", "T2 Initiated", "T3 Initiated"]
    );
    let asked = http.seen();
    assert_eq!(asked[0].get("StartDate"), Some("1970-01-01T00:00:00Z"));
    assert_eq!(asked[2].get("StartDate"), Some("2008-04-16T02:41:10.25Z"));
    assert!(asked.iter().all(|pairs| pairs.get("SortOrderByDate") == Some("Ascending")));
}
