//! Any bytes as JSON to each lever of the control page, and as forms.
#![no_main]

use fps_fuzz::{send, service};
use http::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let sandbox = service();
    let lever = LEVERS[usize::from(*first) % LEVERS.len()];
    for kind in ["application/json", "application/x-www-form-urlencoded"] {
        let request = Request::post(format!("/sandbox/{lever}")).header("content-type", kind).body(body.to_vec());
        send(&sandbox, request.expect("the address is one"));
    }
    for page in ["/sandbox", "/sandbox/ledger.json", "/sandbox/notices.json"] {
        send(&sandbox, Request::get(page).body(Vec::new()).expect("the address is one"));
    }
});

const LEVERS: &[&str] = &[
    "clock", "finish", "faults", "clear-faults", "deposit", "accounts", "subscriptions", "resend", "notice-url", "nothing",
];
