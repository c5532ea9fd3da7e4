//! Any bytes as the forms of a buyer's pages, one after the other, and of the account pages.
#![no_main]

use fps_core::Pairs;
use fps_fuzz::{link, send, service};
use http::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let sandbox = service();
    let asked = Pairs::from_iter([
        ("callerReference", "a1"),
        ("collectShippingAddress", "True"),
        ("paymentMethod", "ABT,ACH,CC"),
        ("pipelineName", "SingleUse"),
        ("transactionAmount", "1.00"),
    ]);
    let link = link(&sandbox, &asked).expect("the path is plain");
    let first = Request::get(link.as_str()).body(Vec::new()).expect("the address is one");
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
