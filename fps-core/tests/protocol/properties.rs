//! What holds for any input.

use fps_core::notice::NoticeBody;
use fps_core::pipeline::{ReturnQuery, VerifyError, v2007};
use fps_core::response::{Document, Fault};
use fps_core::signature::pages_2007::{self, Space};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Amount, Pairs, SecretKey, Timestamp};
use proptest::prelude::*;

fn pairs() -> impl Strategy<Value = Pairs> {
    prop::collection::vec(("\\PC{0,12}", "\\PC{0,40}"), 0..12).prop_map(Pairs::from_iter)
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(pairs in pairs()) {
        let written: Vec<_> = pairs.iter().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect();
        let read = Pairs::decode(&pairs.encode()).unwrap();
        prop_assert_eq!(read.iter().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect::<Vec<_>>(), written);
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does(pairs in pairs(), secret in "\\PC{1,60}", at in any::<prop::sample::Index>()) {
        let url = "https://shop.example:8080/a b/ü".parse().unwrap();
        let secret = SecretKey::new(secret);
        let text = string_to_sign(Method::Post, &url, &pairs).unwrap();
        for method in [SignatureMethod::HmacSha256, SignatureMethod::HmacSha1] {
            let signature = hmac::sign(method, &secret, &text);
            prop_assert!(hmac::verify(method, &secret, &text, &signature));
            let mut changed = text.clone().into_bytes();
            let at = at.index(changed.len());
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8_lossy(&changed).into_owned();
            prop_assert!(!hmac::verify(method, &secret, &changed, &signature));
        }
    }

    /// The service writes the signature bare, decoders turn its plus signs into spaces, others encode it: all verify.
    #[test]
    fn a_return_of_2007_verifies_however_its_signature_is_written_and_nothing_else_does(
        own in prop::collection::btree_map("[A-Za-z]{1,6}[0-9]", "\\PC{0,30}", 0..6),
        secret in "\\PC{1,40}",
        space in prop::sample::select(vec![Space::Plus, Space::Percent20]),
        at in any::<prop::sample::Index>(),
    ) {
        let (url, secret) = ("https://shop.example/a%20b".parse().unwrap(), SecretKey::new(secret));
        let mut pairs = Pairs::from_iter(own);
        pairs.push("status", "SA");
        let text = pages_2007::string_to_sign("/a%20b", &pairs, space);
        let signature = hmac::sign(SignatureMethod::HmacSha1, &secret, &text);
        for written in [signature.clone(), signature.replace('+', " "), signature.replace('+', "%2B").replace('/', "%2F")] {
            let query = format!("{}&awsSignature={written}", pairs.encode());
            prop_assert!(v2007::verify_return(&url, &query, &[&SecretKey::new("other"), &secret]).is_ok());
        }
        let mut query = pairs.encode().into_bytes();
        let at = at.index(query.len());
        query[at] = if query[at] == b'q' { b'z' } else { b'q' };
        let query = format!("{}&awsSignature={signature}", String::from_utf8(query).unwrap());
        match v2007::verify_return(&url, &query, &[&secret]) {
            Err(VerifyError::NotGenuine | VerifyError::Shape(_)) => {}
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn the_order_of_pairs_does_not_matter_to_the_signature(pairs in pairs()) {
        let url = "https://shop.example/".parse().unwrap();
        let mut turned: Vec<_> = pairs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        turned.reverse();
        let turned = Pairs::from_iter(turned);
        prop_assert_eq!(string_to_sign(Method::Get, &url, &pairs).unwrap(), string_to_sign(Method::Get, &url, &turned).unwrap());
    }

    #[test]
    fn amounts_print_and_read_back(micros in any::<i64>()) {
        let amount = Amount::from_micros(micros);
        prop_assert_eq!(amount.to_string().parse::<Amount>().unwrap(), amount);
    }

    #[test]
    fn amounts_are_read_exactly_or_refused(text in "-?[0-9.e,+ ]{0,24}") {
        if let Ok(amount) = text.parse::<Amount>() {
            let sum: String = text.chars().filter(char::is_ascii_digit).collect();
            prop_assert!(!sum.is_empty());
            prop_assert_eq!(amount.is_negative(), text.starts_with('-') && !amount.is_zero());
        }
    }

    #[test]
    fn times_print_and_read_back(millis in -62_000_000_000_000i64..200_000_000_000_000) {
        let time = Timestamp::from_unix_millis(millis);
        prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        if millis > 0 {
            prop_assert_eq!(time.to_pacific().parse::<Timestamp>().unwrap(), time);
        }
    }

    #[test]
    fn readers_never_panic(text in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let url = "https://shop.example/return".parse().unwrap();
        let _ = ReturnQuery::from_raw(&url, &text);
        let _ = v2007::verify_return(&url, &text, &[&SecretKey::new("secret")]);
        let _ = NoticeBody::from_raw(&url, "", &text);
        let _ = text.parse::<Amount>();
        let _ = text.parse::<Timestamp>();
        if let Ok(document) = Document::parse(&bytes) {
            let _ = Fault::read(&document, http::StatusCode::OK);
            let _ = Fault::read_inline(document.root(), http::StatusCode::OK);
        }
        let _ = Document::parse(text.as_bytes());
    }

    #[test]
    fn documents_are_read_whole(names in prop::collection::vec("[a-z]{1,8}", 1..20), text in "[^<>&\r]{0,20}") {
        let inner: String = names.iter().map(|name| format!("<{name}>{text}</{name}>")).collect();
        let xml = format!("<root>{inner}</root>");
        let document = Document::parse(xml.as_bytes()).unwrap();
        let children: Vec<_> = document.root().children().collect();
        prop_assert_eq!(children.len(), names.len());
        for (child, name) in children.iter().zip(&names) {
            prop_assert_eq!(child.name(), name);
            prop_assert_eq!(child.text(), text.trim_ascii());
        }
    }
}
