//! Sending, waiting, sending again.

use std::error::Error as _;
use std::time::Duration;

use fps_core::client::{RetryPolicy, SendErrorKind};
use fps_core::operation::{Pay, Settle, TransactionStatus};
use fps_core::response::{FaultCode, Verdict};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Amount, CallerReference, Error, SecretKey, TokenId, TransactionId, Version};

use crate::support::{NOW, Script, Step, VirtualClock, block_on, builder, client, fault, response};

fn pay() -> Pay {
    Pay::new(TokenId::new("TOKEN_MARKER"), Amount::usd("0.10"), CallerReference::new("order-42-pay").unwrap())
}

fn paid() -> Step {
    let result = "<PayResult><TransactionId>T1</TransactionId><TransactionStatus>Success</TransactionStatus></PayResult>";
    Step::Answer(200, response("Pay", result))
}

#[test]
fn a_response_comes_with_its_request_id() {
    let http = Script::new([paid()]);
    let answer = block_on(client(&http).send(pay())).unwrap();
    assert_eq!(answer.response.transaction_status, TransactionStatus::Success);
    assert_eq!(answer.request_id.unwrap().as_str(), "request-1:0");
}

#[test]
fn parameters_go_in_a_form_body_or_in_the_url_and_are_signed_for_that() {
    for (method, verb, query, body) in
        [(Method::Post, "POST", false, true), (Method::Get, "GET", true, false)]
    {
        let http = Script::new([paid()]);
        let client = builder(&http, &VirtualClock::at(NOW))
            .method(method)
            .version(Version::V2008_09_17)
            .build()
            .unwrap();
        block_on(client.send(pay())).unwrap();
        let request = http.requests().remove(0);
        assert_eq!(request.method().as_str(), verb);
        assert_eq!(request.uri().query().is_some(), query);
        assert_eq!(!request.body().is_empty(), body);
        let form = request.headers().get("content-type").map(|value| value.to_str().unwrap());
        assert_eq!(form, body.then_some("application/x-www-form-urlencoded; charset=utf-8"));
        let pairs = http.seen().remove(0);
        assert_eq!(pairs.get("Version"), Some("2008-09-17"));
        assert_eq!(pairs.get("Timestamp"), Some("2010-10-06T05:49:52.000Z"));
        let text = string_to_sign(method, client.endpoint().api(), &pairs).unwrap();
        let secret = SecretKey::new("SECRET_MARKER");
        assert!(hmac::verify(SignatureMethod::HmacSha256, &secret, &text, pairs.get("Signature").unwrap()));
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_business_and_a_new_signature() {
    let http =
        Script::new([Step::Fail(SendErrorKind::Unanswered), Step::Answer(500, "oops".to_owned()), paid()]);
    let clock = VirtualClock::at(NOW);
    let answer = block_on(builder(&http, &clock).build().unwrap().send(pay())).unwrap();
    assert_eq!(answer.response.transaction_id, TransactionId::new("T1"));
    let seen = http.seen();
    assert_eq!(seen.len(), 3);
    for again in &seen[1..] {
        for name in ["Action", "SenderTokenId", "TransactionAmount.Value", "CallerReference"] {
            assert_eq!(again.get(name), seen[0].get(name), "{name}");
        }
        assert_ne!(again.get("Timestamp"), seen[0].get("Timestamp"));
        assert_ne!(again.get("Signature"), seen[0].get("Signature"));
    }
}

#[test]
fn what_has_no_reference_is_never_sent_twice() {
    for step in [
        Step::Fail(SendErrorKind::NotSent),
        Step::Fail(SendErrorKind::Unanswered),
        Step::Answer(503, fault("Throttling")),
    ] {
        let http = Script::new([step]);
        let error = block_on(client(&http).send(Settle::new(TransactionId::new("T1")))).unwrap_err();
        assert_eq!(http.seen().len(), 1);
        assert!(!error.is_retryable(), "{error}");
    }
}

#[test]
fn send_once_sends_once() {
    let http = Script::new([Step::Fail(SendErrorKind::Unanswered)]);
    let error = block_on(client(&http).send_once(pay())).unwrap_err();
    assert_eq!((http.seen().len(), error.attempts(), error.verdict()), (1, 1, Verdict::Unknown));
    assert!(error.is_retryable());
}

#[test]
fn a_refusal_ends_it_at_once() {
    let http = Script::new([Step::Answer(400, fault("InsufficientBalance"))]);
    let error = block_on(client(&http).send(pay())).unwrap_err();
    assert_eq!(error.operation(), "Pay");
    assert_eq!(error.caller_reference().unwrap().as_str(), "order-42-pay");
    assert_eq!(error.code(), Some(&FaultCode::InsufficientBalance));
    assert_eq!(error.message(), Some("No."));
    assert_eq!(error.request_id().unwrap().as_str(), "request-2");
    assert_eq!(error.verdict(), Verdict::Final);
    assert!(!error.is_retryable());
    assert_eq!(
        error.to_string(),
        "Pay (reference order-42-pay) was refused: InsufficientBalance, No. (request request-2)"
    );
}

#[test]
fn a_refusal_after_a_lost_answer_is_unknown() {
    let http =
        Script::new([Step::Fail(SendErrorKind::TimedOut), Step::Answer(400, fault("InsufficientBalance"))]);
    let error = block_on(client(&http).send(pay())).unwrap_err();
    assert_eq!((error.attempts(), error.verdict()), (2, Verdict::Unknown));
    let http =
        Script::new([Step::Fail(SendErrorKind::NotSent), Step::Answer(400, fault("InsufficientBalance"))]);
    assert_eq!(block_on(client(&http).send(pay())).unwrap_err().verdict(), Verdict::Final);
}

#[test]
fn what_cannot_be_read_is_unknown_and_never_a_failure() {
    for (status, body) in [
        (200, "<PayResponse><PayResult/></PayResponse>".to_owned()),
        (200, "<PayResponse>".to_owned()),
        (200, "not xml".to_owned()),
        (200, response("Refund", "")),
        (200, "<!DOCTYPE x [<!ENTITY y 'z'>]><PayResponse/>".to_owned()),
        (302, String::new()),
        (404, "<html/>".to_owned()),
        (
            500,
            response(
                "Pay",
                "<PayResult><TransactionId>T</TransactionId><TransactionStatus>Success</TransactionStatus></PayResult>",
            ),
        ),
        (400, "x".repeat(2 * 1024 * 1024)),
    ] {
        let http = Script::new([Step::AnswerWith(status, "x-amzn-requestid", "request-3", body.clone())]);
        let error = block_on(client(&http).send_once(pay())).unwrap_err();
        let shown = &body[..body.len().min(60)];
        assert!(matches!(error, Error::Unreadable { .. }), "{status} {shown}: {error:?}");
        assert_eq!(error.verdict(), Verdict::Unknown, "{status} {shown}");
        assert_eq!(error.request_id().unwrap().as_str(), "request-3");
        assert!(error.source().is_some());
    }
}

#[test]
fn the_deadline_is_the_clocks_and_whole_deadline_covers_all_attempts() {
    let http = Script::new([Step::Hang, Step::Hang, Step::Hang]);
    let clock = VirtualClock::at(NOW);
    let client = builder(&http, &clock).timeout(Duration::from_secs(10)).build().unwrap();
    let error = block_on(client.send(pay())).unwrap_err();
    assert!(
        matches!(&error, Error::Unanswered { source, .. } if source.kind() == SendErrorKind::TimedOut),
        "{error:?}"
    );
    assert_eq!((error.attempts(), error.is_retryable()), (3, false));
    let spent: Duration = clock.slept().iter().sum();
    assert!(spent <= client.whole_deadline(), "{spent:?}");
    assert_eq!(client.whole_deadline(), Duration::from_secs(32));
    let patient =
        builder(&http, &clock).timeout(Duration::from_secs(1)).retry(RetryPolicy::never()).build().unwrap();
    assert_eq!(patient.whole_deadline(), Duration::from_secs(1));
}

#[test]
fn a_wrong_clock_is_told_by_how_much() {
    let http = Script::new([Step::AnswerWith(
        400,
        "date",
        "Wed, 06 Oct 2010 06:49:52 GMT",
        fault("RequestExpired"),
    )]);
    let error = block_on(client(&http).send(pay())).unwrap_err();
    assert!(
        error.to_string().ends_with("; this machine's clock is 60 minutes behind the service's; set it"),
        "{error}"
    );
    assert_eq!(error.verdict(), Verdict::NotDone);
}

#[test]
fn a_parameter_that_cannot_be_sent_is_not() {
    let http = Script::new([]);
    let pay = Pay::new(TokenId::new("S1"), Amount::usd("-1"), CallerReference::new("r").unwrap());
    let error = block_on(client(&http).send(pay)).unwrap_err();
    assert_eq!((error.verdict(), error.is_retryable()), (Verdict::NotDone, false));
    assert!(http.seen().is_empty());
}
