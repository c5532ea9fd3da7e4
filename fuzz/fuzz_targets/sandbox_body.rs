//! Any bytes as the body of an API call, as they are and signed.
#![no_main]

use fps_core::Pairs;
use fps_core::signature::Method;
use fps_fuzz::{send, service, signed};
use http::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let sandbox = service();
    let post = |kind: &str, body: Vec<u8>| {
        let request = Request::post("http://fps.localhost/").header("content-type", kind).body(body);
        send(&sandbox, request.expect("the address is one"));
    };
    post("application/x-www-form-urlencoded", body.to_vec());
    post("text/xml", body.to_vec());
    let pairs = std::str::from_utf8(body).ok().and_then(|body| Pairs::decode(body).ok());
    if let Some(call) = pairs.and_then(|pairs| signed(&sandbox, Method::Post, &pairs)) {
        post("application/x-www-form-urlencoded; charset=utf-8", call.into_bytes());
    }
});
