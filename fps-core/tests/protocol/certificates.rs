//! Verifying on this side, by a certificate that is fetched once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fps_core::client::{CertificateError, CertificateVerifier, SendErrorKind};
use fps_core::notice::{Notice, NoticeBody};
use fps_core::pipeline::{PipelineStatus, ReturnError, ReturnQuery, VerifyError};
use fps_core::signature::explain::Cause;
use serde_json::Value;

use crate::support::{NOW, Script, Step, VirtualClock, block_on, builder};

fn testdata(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)).unwrap()
}

fn signed(field: &str) -> String {
    let data: Value = serde_json::from_str(&testdata("certificate-signed.json")).unwrap();
    data[field].as_str().unwrap().to_owned()
}

fn query(raw: &str) -> ReturnQuery {
    ReturnQuery::from_raw(&"https://shop.example/return".parse().unwrap(), raw).unwrap()
}

fn certificate() -> Step {
    Step::Answer(200, testdata("keys/test-certificate.pem"))
}

fn verifier(http: &Arc<Script>, clock: &Arc<VirtualClock>) -> CertificateVerifier {
    CertificateVerifier::of(&builder(http, clock).build().unwrap())
}

#[test]
fn a_genuine_return_is_read_and_the_certificate_is_fetched_once_a_day() {
    let http = Script::new([certificate(), certificate()]);
    let clock = VirtualClock::at(NOW);
    let verifier = verifier(&http, &clock);
    let answer = block_on(verifier.verify_return(query(&signed("return")))).unwrap().single_use();
    assert_eq!(answer.status, PipelineStatus::SuccessCc);
    assert_eq!(answer.caller_reference.unwrap().as_str(), "order 42/ü");
    block_on(verifier.verify_return(query(&signed("return_with_another_request_id")))).unwrap();
    assert_eq!(http.requests().len(), 1);
    assert_eq!(http.requests()[0].uri().path(), "/certs/090910/PKICert.pem");
    clock.pass(Duration::from_secs(24 * 60 * 60));
    block_on(verifier.verify_return(query(&signed("return")))).unwrap();
    assert_eq!(http.requests().len(), 2);
}

#[test]
fn a_genuine_notice_is_read() {
    let http = Script::new([certificate()]);
    let url = signed("notice_url").parse().unwrap();
    let body = NoticeBody::from_raw(&url, &signed("notice_query"), &signed("notice_body")).unwrap();
    let notice = block_on(verifier(&http, &VirtualClock::at(NOW)).verify_notice(body)).unwrap();
    assert!(matches!(notice, Notice::Transaction(_)), "{notice:?}");
    let http = Script::new([certificate()]);
    let without_query = NoticeBody::from_raw(&url, "", &signed("notice_body")).unwrap();
    let refused = block_on(verifier(&http, &VirtualClock::at(NOW)).verify_notice(without_query));
    assert!(matches!(refused, Err(VerifyError::NotGenuine)), "{refused:?}");
}

#[test]
fn any_change_is_refused_and_can_be_explained() {
    let genuine = signed("return");
    for (changed, cause) in [
        (genuine.replace("status=SC", "status=SA"), Cause::Unknown),
        (genuine.replace("tokenID=S1", "tokenID=S2"), Cause::Unknown),
        (format!("{genuine}&id=31"), Cause::Added { name: "id".to_owned() }),
        (genuine.replace("order+42", "order%2B42"), Cause::PlusSign),
        (genuine.replace("requestId%3Done", "requestId%3Dtwo"), Cause::Unknown),
    ] {
        let http = Script::new([certificate()]);
        let verifier = verifier(&http, &VirtualClock::at(NOW));
        let refused = block_on(verifier.verify_return(query(&changed)));
        assert!(matches!(refused, Err(VerifyError::NotGenuine)), "{changed}: {refused:?}");
        let explanation = block_on(verifier.explain_return(&query(&changed))).unwrap();
        assert_eq!(explanation.cause(), &cause, "{changed}");
    }
    let http = Script::new([certificate()]);
    let elsewhere =
        ReturnQuery::from_raw(&"https://shop.example/return/".parse().unwrap(), &genuine).unwrap();
    let explanation = block_on(verifier(&http, &VirtualClock::at(NOW)).explain_return(&elsewhere)).unwrap();
    assert_eq!(explanation.cause(), &Cause::TrailingSlash);
}

#[test]
fn no_byte_of_a_genuine_return_can_be_changed_or_left_out() {
    let genuine = signed("return");
    // Whoever forges serves the genuine certificate wherever it is looked for.
    let http = Script::new((0..2 * genuine.len()).map(|_| certificate()));
    let verifier = verifier(&http, &VirtualClock::at(NOW));
    block_on(verifier.verify_return(query(&genuine))).unwrap();
    let url = "https://shop.example/return".parse().unwrap();
    for at in 0..genuine.len() {
        let another = if genuine.as_bytes()[at] == b'x' { "y" } else { "x" };
        for piece in [another, ""] {
            let changed = [&genuine[..at], piece, &genuine[at + 1..]].concat();
            let Ok(query) = ReturnQuery::from_raw(&url, &changed) else { continue };
            let refused = block_on(verifier.verify_return(query)).unwrap_err();
            assert!(refused.is_refusal(), "byte {at}: {changed}: {refused:?}");
        }
    }
}

#[test]
fn another_hosts_certificate_is_never_fetched() {
    let http = Script::new([]);
    let forged = signed("return").replace("fps.sandbox.amazonaws.com", "evil.example");
    let refused = block_on(verifier(&http, &VirtualClock::at(NOW)).verify_return(query(&forged)));
    assert!(matches!(refused, Err(VerifyError::Shape(ReturnError::Certificate))), "{refused:?}");
    assert!(http.requests().is_empty());
}

#[test]
fn a_certificate_that_cannot_be_had_is_no_refusal_and_is_not_kept() {
    for (step, expected) in [
        (Step::Answer(404, testdata("keys/test-certificate.pem")), "status 404"),
        (Step::AnswerWith(302, "location", "https://evil.example/", String::new()), "status 302"),
        (Step::Answer(200, "not a certificate".to_owned()), "cannot be read"),
        (Step::Answer(200, "x".repeat(2 * 1024 * 1024)), "cannot be read"),
        (Step::Fail(SendErrorKind::NotSent), "could not be fetched"),
        (Step::Hang, "could not be fetched"),
    ] {
        let http = Script::new([step, certificate()]);
        let verifier = verifier(&http, &VirtualClock::at(NOW));
        let error = block_on(verifier.verify_return(query(&signed("return")))).unwrap_err();
        let VerifyError::Certificate(cause) = &error else { panic!("{error:?}") };
        let told: &CertificateError = cause;
        assert!(told.to_string().contains(expected), "{told}");
        assert!(!error.is_refusal());
        block_on(verifier.verify_return(query(&signed("return")))).unwrap();
    }
}
