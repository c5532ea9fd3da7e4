//! Whatever comes in, an answer goes out: no panic, no broken page, no change of the books.

use fps_core::client::HttpSend;
use fps_sandbox::Sandbox;
use proptest::prelude::*;

const PATHS: &[&str] = &[
    "/",
    "/cobranded-ui/actions/start",
    "/cobranded-ui/visits/x",
    "/account",
    "/account/sign-in",
    "/sandbox",
    "/sandbox/clock",
    "/sandbox/faults",
    "/sandbox/deposit",
    "/sandbox/resend",
    "/sandbox/ledger.json",
    "/certs/110713/PKICert.pem",
    "/certs/../PKICert.pem",
    "//",
    "/assets/fps.css",
];

const KINDS: &[&str] = &["application/x-www-form-urlencoded", "application/json", "text/xml", "\u{7f}"];

/// Pieces of real input beside noise, so that more than the first check is reached.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,6}",
        Just("Action=Pay".to_owned()),
        Just("Action=VerifySignature&Version=2010-08-28".to_owned()),
        Just("Version=2007-01-08".to_owned()),
        Just("Action=DiscardResults&TransactionIds=x&TransactionIds.1=y".to_owned()),
        Just("AWSAccessKeyId=FPSSANDBOXSHOP000001&Signature=AAAA&SignatureVersion=1&Timestamp=x".to_owned()),
        Just("callerKey=FPSSANDBOXSHOP000001&awsSignature=A+/=&returnURL=http://a.example/%3Fx=%25".to_owned()),
        Just("UrlEndPoint=http://[::1]:99999/&HttpParameters=signature=x%26certificateUrl=y".to_owned()),
        Just("UrlEndPoint=http://a.example/&HttpParameters=signatureVersion=2%26signatureMethod=RSA-SHA1%26signature=AAAA%26certificateUrl=c".to_owned()),
        Just("AWSAccessKeyId=FPSSANDBOXSHOP000001&Signature=AAAA&SignatureVersion=2&SignatureMethod=HmacSHA256".to_owned()),
        Just("callerKey=FPSSANDBOXSHOP000001&signature=%FF".to_owned()),
        Just("{\"seconds\": 1e400}".to_owned()),
        Just("{\"email\":\"john@example.com\",\"amount\":\"-1\"}".to_owned()),
        Just("email=john@example.com&password=john".to_owned()),
        Just("%".to_owned()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..5).prop_map(|pieces| pieces.join("&"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_request_gets_an_answer(
        post in any::<bool>(),
        path in 0..PATHS.len(),
        query in text(),
        kind in 0..KINDS.len(),
        body in prop_oneof![text().prop_map(String::into_bytes), proptest::collection::vec(any::<u8>(), 0..64)],
    ) {
        let encoded: String = query
            .chars()
            .map(|character| if character.is_ascii_graphic() && character != '#' { character } else { '+' })
            .collect();
        let request = http::Request::builder()
            .method(if post { "POST" } else { "GET" })
            .uri(format!("http://fps.localhost{}?{encoded}", PATHS[path]))
            .header("cookie", "fps-session=00000000000000000000000000000000; x")
            .header("accept", "text/html")
            .header("content-type", http::HeaderValue::from_bytes(KINDS[kind].as_bytes()).unwrap_or(http::HeaderValue::from_static("x")))
            .body(body);
        if let Ok(request) = request {
            let sandbox = Sandbox::new();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let response = runtime.block_on(sandbox.send(request)).unwrap();
            prop_assert!(response.status().as_u16() < 500, "{:?}", response);
            prop_assert_eq!(sandbox.ledger().sum(), 0);
        }
    }
}
