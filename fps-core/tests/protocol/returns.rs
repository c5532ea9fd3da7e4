//! Verifying what comes back, by asking the service.

use fps_core::pipeline::{PipelineStatus, ReturnError, ReturnQuery, VerifyError};
use fps_core::{Pairs, TokenId};

use crate::support::{Script, Step, block_on, client, fault, response};

const QUERY: &str = "fps=order.mac&tokenID=S1&status=SA&callerReference=order-42&signature=c2ln%0AbmF0dXJl&signatureVersion=2&signatureMethod=RSA-SHA1&certificateUrl=https%3A%2F%2Ffps.sandbox.amazonaws.com%2Fcerts%2F090910%2FPKICert.pem%3FrequestId%3Dx&name=a+b%7e";

fn query(raw: &str) -> ReturnQuery {
    ReturnQuery::from_raw(&"https://shop.example/return?fps=order.mac".parse().unwrap(), raw).unwrap()
}

fn says(status: &str) -> Step {
    let result = format!(
        "<VerifySignatureResult><VerificationStatus>{status}</VerificationStatus></VerifySignatureResult>"
    );
    Step::Answer(200, response("VerifySignature", &result))
}

#[test]
fn the_service_is_asked_about_the_very_bytes_at_the_very_address() {
    let http = Script::new([says("Success")]);
    let returned = block_on(client(&http).verify_return(query(QUERY))).unwrap();
    let asked = http.seen().remove(0);
    assert_eq!(asked.get("Action"), Some("VerifySignature"));
    assert_eq!(asked.get("UrlEndPoint"), Some("https://shop.example/return"));
    assert_eq!(asked.get("HttpParameters"), Some(QUERY));
    let answer = returned.single_use();
    assert_eq!(answer.status, PipelineStatus::SuccessAbt);
    assert_eq!(answer.approved(), Some(&TokenId::new("S1")));
    assert_eq!(returned.own(), Pairs::from_iter([("fps", "order.mac"), ("name", "a b~")]));
}

#[test]
fn only_success_is_success() {
    for step in
        [says("Failure"), says("success"), says(""), Step::Answer(200, response("VerifySignature", ""))]
    {
        let http = Script::new([step]);
        let error = block_on(client(&http).verify_return(query(QUERY))).unwrap_err();
        assert!(matches!(error, VerifyError::NotGenuine), "{error:?}");
        assert!(error.is_refusal());
    }
}

#[test]
fn a_service_that_gives_no_answer_is_no_refusal() {
    let http = Script::new([
        Step::Answer(500, String::new()),
        Step::Answer(503, String::new()),
        Step::Answer(500, String::new()),
    ]);
    let error = block_on(client(&http).verify_return(query(QUERY))).unwrap_err();
    assert!(matches!(error, VerifyError::Service(_)), "{error:?}");
    assert!(!error.is_refusal());
    let http = Script::new([Step::Answer(400, fault("InvalidParams"))]);
    assert!(block_on(client(&http).verify_return(query(QUERY))).unwrap_err().is_refusal());
}

#[test]
fn another_hosts_certificate_is_refused_without_a_call() {
    let http = Script::new([]);
    let forged = QUERY.replace("fps.sandbox.amazonaws.com", "evil.example");
    let error = block_on(client(&http).verify_return(query(&forged))).unwrap_err();
    assert!(matches!(error, VerifyError::Shape(ReturnError::Certificate)), "{error:?}");
    assert!(http.requests().is_empty());
}
