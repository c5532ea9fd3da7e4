//! Any text as the query of an API call or of a pipeline's link, as it is and signed.
#![no_main]

use fps_core::Pairs;
use fps_core::signature::Method;
use fps_fuzz::{link, send, service, signed};
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
    if let Some(link) = link(&sandbox, &pairs) {
        get(PAGES, link.query().unwrap_or_default());
    }
});

const PAGES: &str = "/cobranded-ui/actions/start";
