//! Signatures that others made: published by the service or by clients of the time, or computed with another implementation.
//! Each case in `testdata/signing` says its origin. Stage by stage: the string to sign, then the signature; then every byte
//! that can be changed is changed, and nothing verifies any more.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;

use fps_core::operation::{Operation, Parameters, VerifySignature};
use fps_core::signature::legacy::string_to_sign_version_1;
use fps_core::signature::pages_2007::{self, Space};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Pairs, SecretKey, Version};
use serde_json::Value;

struct Case {
    name: String,
    data: Value,
}

impl Case {
    fn all() -> Vec<Self> {
        let mut cases: Vec<_> = fs::read_dir(testdata("signing"))
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let data = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
                Self { name: path.file_stem().unwrap().to_str().unwrap().to_owned(), data }
            })
            .collect();
        cases.sort_by(|one, other| one.name.cmp(&other.name));
        assert!(cases.len() >= 29, "the cases are there");
        cases
    }

    fn text(&self, field: &str) -> &str {
        self.data[field].as_str().unwrap_or_else(|| panic!("{} has no {field}", self.name))
    }

    fn pairs(&self) -> Pairs {
        let pairs = self.data["pairs"].as_array().unwrap().iter();
        pairs.map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap())).collect()
    }

    fn method(&self) -> Method {
        if self.text("method") == "GET" { Method::Get } else { Method::Post }
    }

    /// The string to sign, built by us from the case's input.
    fn build(&self, pairs: &Pairs) -> String {
        match self.text("scheme").split_once(", ").unwrap().0 {
            "version 2" => string_to_sign(self.method(), &self.text("url").parse().unwrap(), pairs).unwrap(),
            "version 1" => string_to_sign_version_1(pairs),
            "pages 2007 with +" => pages_2007::string_to_sign(self.text("path"), pairs, Space::Plus),
            "pages 2007 with %20" => pages_2007::string_to_sign(self.text("path"), pairs, Space::Percent20),
            "string" => self.text("string_to_sign").to_owned(),
            scheme => panic!("{}: {scheme}", self.name),
        }
    }

    /// The signature in Base64: the case's own, or that of the return or notice.
    fn signature(&self) -> String {
        match self.data.get("signature") {
            Some(signature) => signature.as_str().unwrap().to_owned(),
            None => self.pairs().get("signature").unwrap().to_owned(),
        }
    }

    /// Whether the case's signature is that of the string.
    fn verifies(&self, string_to_sign: &str) -> bool {
        self.is_signed_by(string_to_sign, &self.signature())
    }

    /// Whether the case's key made that signature of the string.
    fn is_signed_by(&self, string_to_sign: &str, signature: &str) -> bool {
        let method = self.text("scheme").split_once(", ").unwrap().1;
        match SignatureMethod::from_wire(method) {
            Some(method) => {
                let secret = SecretKey::new(self.text("secret"));
                hmac::verify(method, &secret, string_to_sign, signature)
            }
            None => self.is_signed_by_rsa(string_to_sign, signature),
        }
    }

    #[cfg(feature = "certificate")]
    fn is_signed_by_rsa(&self, string_to_sign: &str, signature: &str) -> bool {
        use fps_core::signature::certificate::PublicKey;

        let path = testdata(&format!("keys/{}.json", self.text("key")));
        let key: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let number = |field: &str| {
            let digits = key[field].as_str().unwrap();
            (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect::<Vec<_>>()
        };
        let key = PublicKey::from_numbers(&number("modulus"), &number("exponent")).unwrap();
        key.verify(string_to_sign, signature)
    }

    #[cfg(not(feature = "certificate"))]
    fn is_signed_by_rsa(&self, string_to_sign: &str, signature: &str) -> bool {
        string_to_sign == self.text("string_to_sign") && signature == self.signature()
    }
}

fn testdata(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)
}

#[test]
fn every_vector_reproduces_stage_by_stage() {
    for case in Case::all() {
        if case.data.get("pairs").is_some() {
            assert_eq!(case.build(&case.pairs()), case.text("string_to_sign"), "{}", case.name);
        }
        assert!(case.verifies(case.text("string_to_sign")), "{}", case.name);
        if let Some(method) = SignatureMethod::from_wire(case.text("scheme").split_once(", ").unwrap().1) {
            let secret = SecretKey::new(case.text("secret"));
            let signature = hmac::sign(method, &secret, case.text("string_to_sign"));
            assert_eq!(signature, case.text("signature"), "{}", case.name);
        }
    }
}

#[test]
fn no_vector_verifies_with_any_byte_of_its_string_changed() {
    for case in Case::all() {
        let string = case.text("string_to_sign");
        for at in
            (0..string.len()).filter(|at| string.is_char_boundary(*at) && string.is_char_boundary(at + 1))
        {
            let other = if string.as_bytes()[at] == b'x' { "y" } else { "x" };
            let changed = [&string[..at], other, &string[at + 1..]].concat();
            assert!(!case.verifies(&changed), "{}, byte {at}", case.name);
        }
    }
}

#[test]
fn no_vector_verifies_with_any_byte_of_its_signature_changed() {
    for case in Case::all() {
        let signature = case.signature();
        for at in 0..signature.len() {
            // Line ends within a signature are skipped, by protocol; one more of them changes nothing.
            for other in ["x", "y", "=", ""].into_iter().filter(|other| *other != &signature[at..=at]) {
                if signature.as_bytes()[at].is_ascii_whitespace() && other.is_empty() {
                    continue;
                }
                let changed = [&signature[..at], other, &signature[at + 1..]].concat();
                assert!(
                    !case.is_signed_by(case.text("string_to_sign"), &changed),
                    "{}, byte {at}: {changed}",
                    case.name
                );
            }
        }
    }
}

#[test]
fn no_vector_verifies_with_a_parameter_changed_added_or_removed() {
    for case in Case::all().into_iter().filter(|case| case.data.get("pairs").is_some()) {
        let pairs = case.pairs();
        let count = pairs.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("signature")).count();
        assert!(count > 0, "{}", case.name);
        for changed in
            pairs.iter().map(|(name, _)| name).filter(|name| !name.eq_ignore_ascii_case("signature"))
        {
            let with = |change: &dyn Fn(&str) -> Option<String>| -> Pairs {
                let changed = pairs.iter().filter_map(|(name, value)| {
                    Some((name.to_owned(), if name == changed { change(value)? } else { value.to_owned() }))
                });
                changed.collect()
            };
            let appended = with(&|value| Some(format!("{value} ")));
            let removed = with(&|_| None);
            assert!(!case.verifies(&case.build(&appended)), "{}, {changed} with a space more", case.name);
            assert!(!case.verifies(&case.build(&removed)), "{}, {changed} removed", case.name);
        }
        let mut added = pairs.clone();
        added.push("id", "31");
        assert!(!case.verifies(&case.build(&added)), "{} with a parameter more", case.name);
    }
}

#[test]
fn no_vector_of_version_2_verifies_at_another_address() {
    for case in Case::all().into_iter().filter(|case| case.text("scheme").starts_with("version 2")) {
        let url: url::Url = case.text("url").parse().unwrap();
        let other = match case.method() {
            Method::Get => Method::Post,
            Method::Post => Method::Get,
        };
        let mut slashed = url.clone();
        slashed.set_path(&format!("{}/x", url.path().trim_end_matches('/')));
        let mut ported = url.clone();
        ported.set_port(Some(if url.port() == Some(1234) { 1235 } else { 1234 })).unwrap();
        let mut hosted = url.clone();
        hosted.set_host(Some("other.example")).unwrap();
        for (what, method, url) in [
            ("method", other, &url),
            ("path", case.method(), &slashed),
            ("port", case.method(), &ported),
            ("host", case.method(), &hosted),
        ] {
            let text = string_to_sign(method, url, &case.pairs()).unwrap();
            assert!(!case.verifies(&text), "{}, other {what}", case.name);
        }
    }
}

#[test]
fn verify_signature_is_sent_as_the_documentation_shows() {
    let data: Value =
        serde_json::from_str(&fs::read_to_string(testdata("verify-signature-request.json")).unwrap())
            .unwrap();
    let ask = VerifySignature::new(
        &data["url_end_point"].as_str().unwrap().parse().unwrap(),
        data["http_parameters"].as_str().unwrap(),
    );
    let mut parameters = Parameters::new(Version::V2010_08_28);
    ask.write(&mut parameters);
    let sent = parameters.into_pairs().unwrap().encode();
    let expected = format!(
        "UrlEndPoint={}&HttpParameters={}",
        data["sent"]["UrlEndPoint"].as_str().unwrap(),
        data["sent"]["HttpParameters"].as_str().unwrap()
    );
    assert_eq!(sent, expected);
}
