//! Any bytes as the forms of a buyer's pages, one after the other, and of the account pages.
#![no_main]

use fps_core::Pairs;
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_fuzz::{send, service};
use fps_sandbox::people;
use http::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let sandbox = service();
    let mut link = Pairs::from_iter([
        ("callerKey", people::SHOP_ACCESS_KEY),
        ("callerReference", "a1"),
        ("collectShippingAddress", "True"),
        ("paymentMethod", "ABT,ACH,CC"),
        ("pipelineName", "SingleUse"),
        ("returnURL", "http://shop.example/return"),
        ("signatureMethod", "HmacSHA256"),
        ("signatureVersion", "2"),
        ("transactionAmount", "1.00"),
        ("version", "2009-01-09"),
    ]);
    let pages = sandbox.endpoint().pages().clone();
    let text = string_to_sign(Method::Get, &pages, &link).expect("the path is plain");
    let credentials = people::shop_credentials();
    link.push("signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
    let first = Request::get(format!("{pages}?{}", link.encode())).body(Vec::new()).expect("the address is one");
    let first = send(&sandbox, first);
    let cookie = first.headers()["set-cookie"].to_str().expect("a text").to_owned();
    let page = first.headers()["location"].to_str().expect("a text").to_owned();
    let post = |path: &str, body: &[u8]| {
        let request = Request::post(path).header("cookie", &cookie).body(body.to_vec());
        send(&sandbox, request.expect("the address is one"));
    };
    // A zero byte ends a form.
    for form in bytes.split(|byte| *byte == 0).take(8) {
        post(&page, form);
        post("/account/sign-in", form);
    }
});
