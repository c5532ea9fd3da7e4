//! Any bytes as the service's answer: read as each of a few operations, never a panic, and bounded.
#![no_main]

use fps_core::operation::{GetAccountActivity, GetTransaction, Operation, Pay, read_answer};
use fps_core::response::Document;
use http::StatusCode;
use libfuzzer_sys::fuzz_target;

fn read<O: Operation>(body: &[u8]) {
    for status in [StatusCode::OK, StatusCode::BAD_REQUEST] {
        if let Ok(Err(fault)) = read_answer::<O>(fps_core::Version::V2010_08_28, status, body) {
            let _ = (fault.to_string(), format!("{fault:?}"), fault.verdict());
        }
    }
}

fuzz_target!(|body: &[u8]| {
    read::<Pay>(body);
    read::<GetTransaction>(body);
    read::<GetAccountActivity>(body);
    if let Ok(document) = Document::parse(body) {
        let mut open = vec![(document.root(), 1)];
        while let Some((element, depth)) = open.pop() {
            assert!(depth <= fps_core::response::xml::MAX_DEPTH);
            assert!(element.is_present() && !element.name().contains(':'));
            open.extend(element.children().map(|child| (child, depth + 1)));
        }
    }
});
