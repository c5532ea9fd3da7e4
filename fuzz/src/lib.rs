//! A payment service to throw things at.

use fps_core::Pairs;
use fps_core::client::{Clock, HttpSend};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_sandbox::{Sandbox, SandboxClock, people};
use http::{Request, Response};

/// A service with all its people, and a clock that stands still.
pub fn service() -> Sandbox {
    Sandbox::builder().clock(SandboxClock::virtual_at("2010-10-06T12:00:00Z".parse().expect("a time"))).build()
}

/// Sends a request. Whatever it is, it gets an answer, and no money appears or goes.
pub fn send(sandbox: &Sandbox, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let response = runtime.block_on(sandbox.send(request)).expect("no fault is scripted");
    assert!(response.status().as_u16() < 500, "{:?}", response.status());
    assert_eq!(sandbox.ledger().sum(), 0);
    response
}

/// The pairs as the shop would send them, signed for that method, so that more than the signature is looked at.
pub fn signed(sandbox: &Sandbox, method: Method, pairs: &Pairs) -> Option<String> {
    let mut all = pairs.clone();
    for (name, value) in [
        ("AWSAccessKeyId", people::SHOP_ACCESS_KEY.to_owned()),
        ("SignatureMethod", "HmacSHA256".to_owned()),
        ("SignatureVersion", "2".to_owned()),
        ("Timestamp", sandbox.clock().now().to_string()),
        ("Version", "2010-08-28".to_owned()),
    ] {
        if all.get(name).is_none() {
            all.push(name, value);
        }
    }
    let text = string_to_sign(method, &sandbox.url(), &all).ok()?;
    let credentials = people::shop_credentials();
    all.push("Signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
    Some(all.encode())
}
