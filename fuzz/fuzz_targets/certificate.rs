//! Any bytes as a certificate, and any text as a signature by its key.
#![no_main]

use fps_core::signature::certificate::PublicKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (pem, rest) = bytes.split_at(at);
    if let Ok(key) = PublicKey::from_certificate(pem) {
        assert!(!key.verify("a", &String::from_utf8_lossy(rest)));
    }
});
