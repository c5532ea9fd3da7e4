//! Any bytes as the service's answer: read as each of a few operations, never a panic, and bounded.
#![no_main]

use fps_core::Version;
use fps_core::operation::{GetAccountActivity, GetTransaction, Operation, Pay, read_answer, v2007};
use fps_core::response::Document;
use http::StatusCode;
use libfuzzer_sys::fuzz_target;

fn read<O: Operation>(version: Version, body: &[u8]) -> bool {
    let [ok, bad] =
        [StatusCode::OK, StatusCode::BAD_REQUEST].map(|status| read_answer::<O>(version, status, body));
    for fault in [&ok, &bad].into_iter().flatten().filter_map(|answer| answer.as_ref().err()) {
        let _ = (fault.to_string(), format!("{fault:?}"), fault.verdict());
    }
    matches!(ok, Ok(Ok(_)))
}

/// No answer is one of both generations.
fn read_both<Later: Operation, Earlier: Operation>(body: &[u8]) {
    let (later, earlier) =
        (read::<Later>(Version::V2010_08_28, body), read::<Earlier>(Version::V2007_01_08, body));
    assert!(!(later && earlier));
}

fuzz_target!(|body: &[u8]| {
    read_both::<Pay, v2007::Pay>(body);
    read_both::<GetTransaction, v2007::GetTransaction>(body);
    read_both::<GetAccountActivity, v2007::GetAccountActivity>(body);
    read_both::<v2007::CancelToken, v2007::CancelToken>(body);
    if let Ok(document) = Document::parse(body) {
        let mut open = vec![(document.root(), 1)];
        while let Some((element, depth)) = open.pop() {
            assert!(depth <= fps_core::response::xml::MAX_DEPTH);
            assert!(element.is_present() && !element.name().contains(':'));
            open.extend(element.children().map(|child| (child, depth + 1)));
        }
    }
});
