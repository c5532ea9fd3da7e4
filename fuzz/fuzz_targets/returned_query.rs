//! Any text as a return's query: a shape that passes has each signature field once, and what is decoded encodes to the same.
#![no_main]

use fps_core::Pairs;
use fps_core::pipeline::ReturnQuery;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| {
    let url = "https://shop.example/return".parse().expect("a URL");
    let passed = ReturnQuery::from_raw(&url, query);
    if let Ok(pairs) = Pairs::decode(query) {
        let again = Pairs::decode(&pairs.encode()).expect("what we encode can be decoded");
        let kept = |pairs: &Pairs| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        assert_eq!(kept(&again), kept(&pairs));
        if passed.is_ok() {
            let count = |field: &str| pairs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(field)).count();
            for field in ["signature", "signatureVersion", "signatureMethod", "certificateUrl"] {
                assert_eq!(count(field), 1);
            }
            assert_eq!(count("awsSignature"), 0);
            assert!(pairs.repeated().is_none() && query.len() <= 8 * 1024);
        }
    } else {
        assert!(passed.is_err());
    }
});
