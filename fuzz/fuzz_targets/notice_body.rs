//! Any text as a notice: the shape, and the reading behind a version 1 signature that we make ourselves.
#![no_main]

use fps_core::notice::NoticeBody;
use fps_core::signature::legacy::string_to_sign_version_1;
use fps_core::signature::{SignatureMethod, hmac};
use fps_core::{Pairs, SecretKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    let url = "https://shop.example/notice".parse().expect("a URL");
    let _ = NoticeBody::from_raw(&url, "", body);
    let _ = NoticeBody::from_raw(&url, "fps=order.mac", body);
    let secret = SecretKey::new("secret");
    if let Ok(mut pairs) = Pairs::decode(body) {
        let signature = hmac::sign(SignatureMethod::HmacSha1, &secret, &string_to_sign_version_1(&pairs));
        pairs.push("signature", signature);
        if let Ok(notice) = NoticeBody::insecure_verify_version_1(&pairs.encode(), &secret) {
            let _ = format!("{notice:?}");
        }
    }
});
