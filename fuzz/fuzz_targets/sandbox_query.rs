//! Any text as the query of an API call or of a pipeline's link, as it is and signed.
#![no_main]

use fps_core::Pairs;
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_fuzz::{send, service, signed};
use fps_sandbox::people;
use http::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| {
    let sandbox = service();
    let get = |path: &str, query: &str| {
        if let Ok(request) = Request::get(format!("http://fps.localhost{path}?{query}")).body(Vec::new()) {
            send(&sandbox, request);
        }
    };
    get("/", query);
    get(PAGES, query);
    let Ok(pairs) = Pairs::decode(query) else { return };
    if let Some(call) = signed(&sandbox, Method::Get, &pairs) {
        get("/", &call);
    }
    let mut link = pairs;
    for (name, value) in [
        ("callerKey", people::SHOP_ACCESS_KEY),
        ("returnURL", "http://shop.example/return"),
        ("signatureMethod", "HmacSHA256"),
        ("signatureVersion", "2"),
        ("version", "2009-01-09"),
    ] {
        if link.get(name).is_none() {
            link.push(name, value);
        }
    }
    if let Ok(text) = string_to_sign(Method::Get, sandbox.endpoint().pages(), &link) {
        let credentials = people::shop_credentials();
        link.push("signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
        get(PAGES, &link.encode());
    }
});

const PAGES: &str = "/cobranded-ui/actions/start";
