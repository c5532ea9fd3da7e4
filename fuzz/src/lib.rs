//! A payment service to throw things at.

use fps_core::Pairs;
use fps_core::client::{Clock, HttpSend};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::url::Url;
use fps_sandbox::{Buyer, Sandbox, SandboxClock, people};
use http::{Request, Response};
use tokio::runtime::{Builder, Runtime};

/// A service with all its people, and a clock that stands still.
pub fn service() -> Sandbox {
    Sandbox::builder()
        .clock(SandboxClock::virtual_at("2010-10-06T12:00:00Z".parse().expect("a time")))
        .build()
}

/// Sends a request. Whatever it is, it gets an answer, and no money appears or goes.
pub fn send(sandbox: &Sandbox, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let response = runtime().block_on(sandbox.send(request)).expect("no fault is scripted");
    assert!(response.status().as_u16() < 500, "{:?}", response.status());
    assert_eq!(sandbox.ledger().sum(), 0);
    response
}

/// The pairs as the shop would send them, signed for that method, so that more than the signature is looked at.
pub fn signed(sandbox: &Sandbox, method: Method, pairs: &Pairs) -> Option<String> {
    let now = sandbox.clock().now().to_string();
    let mut all = with(
        pairs,
        &[
            ("AWSAccessKeyId", people::SHOP_ACCESS_KEY),
            ("SignatureMethod", "HmacSHA256"),
            ("SignatureVersion", "2"),
            ("Timestamp", &now),
            ("Version", "2010-08-28"),
        ],
    );
    let text = string_to_sign(method, &sandbox.url(), &all).ok()?;
    all.push("Signature", shop_signs(&text));
    Some(all.encode())
}

/// The pairs as a link of the shop, signed.
pub fn link(sandbox: &Sandbox, pairs: &Pairs) -> Option<Url> {
    let mut all = with(
        pairs,
        &[
            ("callerKey", people::SHOP_ACCESS_KEY),
            ("returnURL", "http://shop.example/return"),
            ("signatureMethod", "HmacSHA256"),
            ("signatureVersion", "2"),
            ("version", "2009-01-09"),
        ],
    );
    let mut url = sandbox.endpoint().pages().clone();
    let text = string_to_sign(Method::Get, &url, &all).ok()?;
    all.push("signature", shop_signs(&text));
    url.set_query(Some(&all.encode()));
    Some(url)
}

/// Lets Betty, who pays from her balance, walk a link to its end; what comes back to the shop, if she gets that far.
pub fn approved(sandbox: &Sandbox, link: &Url) -> Option<Pairs> {
    let betty = Buyer::new(people::BETTY, "betty");
    let back = runtime().block_on(betty.approve(&sandbox.http(), link)).ok()?;
    Pairs::decode(back.query().unwrap_or_default()).ok()
}

/// Those, and of these what they do not have.
fn with(pairs: &Pairs, others: &[(&'static str, &str)]) -> Pairs {
    let mut all = pairs.clone();
    for (name, value) in others.iter().filter(|(name, _)| pairs.get(name).is_none()) {
        all.push(*name, (*value).to_owned());
    }
    all
}

fn shop_signs(text: &str) -> String {
    hmac::sign(SignatureMethod::HmacSha256, people::shop_credentials().secret_key(), text)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}
