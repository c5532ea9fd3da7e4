//! What the protocol costs, beside what its libraries cost anyway.

use std::hint::black_box;

use fps_core::checkout::{Charge, Charges, PipelineParameters};
use fps_core::operation::{Pay, read_answer};
use fps_core::pipeline::SingleUse;
use fps_core::signature::{Method, string_to_sign};
use fps_core::{Amount, CallerReference, Credentials, Endpoint, Pairs, Version};
use fps_figures::{Once, Pair};
use hmac::{Hmac, KeyInit, Mac};
use quick_xml::Reader;
use quick_xml::events::Event;
use sha2::Sha256;

/// Builds and signs one SingleUse link; the floor is HMAC-SHA256 alone over the same bytes.
pub(crate) fn link() -> Pair {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET);
    let endpoint = Endpoint::sandbox();
    let mut charges = Charges::new();
    charges.add(Charge::ItemTotal, Amount::usd("0.10")).expect("the charge is one");
    let product = PipelineParameters::new(charges)
        .expect("the charges are")
        .with_payment_reason("Now and Forever - Richard Marx");
    let reference = CallerReference::new("x4f7q2-1001-a1").expect("the reference is one");
    let return_url =
        "https://shop.example/return?fps=order/1001.Zk3Gd9yJ2mQ7".parse().expect("the URL is one");
    let single_use = SingleUse::new(reference, &product, return_url);
    let signed = single_use.link(&credentials, &endpoint).expect("the link is one");
    let pairs = Pairs::decode(signed.url().query().unwrap_or_default()).expect("the query is one");
    let text = string_to_sign(Method::Get, endpoint.pages(), &pairs).expect("the path is plain");

    let floor = move || {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(black_box(text.as_bytes()));
        mac.finalize()
    };
    let ours = move || single_use.link(black_box(&credentials), &endpoint).expect("the link is one");
    Pair { name: "link", batch: 500, floor: Box::new(Once(floor)), ours: Box::new(Once(ours)) }
}

/// Parses a Pay answer into its type; the floor is quick-xml's bare event pass over it.
pub(crate) fn answer() -> Pair {
    let floor = || {
        let mut reader = Reader::from_str(black_box(ANSWER));
        while !matches!(reader.read_event().expect("the answer is well-formed"), Event::Eof) {}
    };
    let ours = || {
        let body = black_box(ANSWER.as_bytes());
        let answer = read_answer::<Pay>(Version::V2010_08_28, http::StatusCode::OK, body);
        answer.expect("the answer is one").expect("it is no fault")
    };
    Pair { name: "answer", batch: 500, floor: Box::new(Once(floor)), ours: Box::new(Once(ours)) }
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const ANSWER: &str = "<?xml version=\"1.0\"?>\n<PayResponse xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\"><PayResult><TransactionId>14GKD9GE66FAA63E6O6B2JDPZKN53LZ7F22</TransactionId><TransactionStatus>Pending</TransactionStatus></PayResult><ResponseMetadata><RequestId>2fbd4b46-5a1b-4a0e-9d0c-3a1f0e3a6c52:0</RequestId></ResponseMetadata></PayResponse>";
