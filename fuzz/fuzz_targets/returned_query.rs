//! Any text as a return's query: a shape that passes has each signature field once, and what is decoded encodes to the same. By
//! the rules of 2007-01-08 it verifies behind a signature that we make ourselves, if its shape passes, and behind no other.
#![no_main]

use fps_core::pipeline::{ReturnQuery, VerifyError, v2007};
use fps_core::signature::pages_2007::{Space, string_to_sign};
use fps_core::signature::{SignatureMethod, hmac};
use fps_core::{Pairs, SecretKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| {
    let url = "https://shop.example/return".parse().expect("a URL");
    let passed = ReturnQuery::from_raw(&url, query);
    let secret = SecretKey::new("secret");
    assert!(v2007::verify_return(&url, query, &[&SecretKey::new("a key that nobody has")]).is_err());
    if let Ok(pairs) = Pairs::decode(query) {
        let text = string_to_sign(url.path(), &pairs, Space::Plus);
        let signature = hmac::sign(SignatureMethod::HmacSha1, &secret, &text);
        let signed = format!("{query}&awsSignature={signature}");
        match v2007::verify_return(&url, &signed, &[&secret]) {
            Ok(returned) => assert!(returned.own().iter().count() <= pairs.iter().count()),
            Err(error) => assert!(matches!(error, VerifyError::Shape(_))),
        }
        let again = Pairs::decode(&pairs.encode()).expect("what we encode can be decoded");
        let kept = |pairs: &Pairs| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        assert_eq!(kept(&again), kept(&pairs));
        if passed.is_ok() {
            let count =
                |field: &str| pairs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(field)).count();
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
