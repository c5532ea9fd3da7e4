//! Two figures against their floors, measured in one run: `cargo bench -p fps-core --no-default-features --bench floors`.
//!
//! | what | floor | budget |
//! |---|---|---|
//! | build and sign one SingleUse link | HMAC-SHA256 alone over the same bytes | ≤ 1.6× |
//! | parse a Pay answer into its type | quick-xml's bare event pass over it | ≤ 2× |

use std::hint::black_box;
use std::time::{Duration, Instant};

use fps_core::checkout::{Charge, Charges, PipelineParameters};
use fps_core::operation::{Pay, read_answer};
use fps_core::pipeline::SingleUse;
use fps_core::signature::{Method, string_to_sign};
use fps_core::{Amount, CallerReference, Credentials, Endpoint, Pairs};
use hmac::{Hmac, KeyInit, Mac};
use quick_xml::Reader;
use quick_xml::events::Event;
use sha2::Sha256;

const ANSWER: &str = "<?xml version=\"1.0\"?>\n<PayResponse xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\"><PayResult><TransactionId>14GKD9GE66FAA63E6O6B2JDPZKN53LZ7F22</TransactionId><TransactionStatus>Pending</TransactionStatus></PayResult><ResponseMetadata><RequestId>2fbd4b46-5a1b-4a0e-9d0c-3a1f0e3a6c52:0</RequestId></ResponseMetadata></PayResponse>";

fn main() {
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", secret);
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
    let link = single_use.link(&credentials, &endpoint).expect("the link is one");
    let pairs = Pairs::decode(link.url().query().unwrap_or_default()).expect("the query is one");
    let text = string_to_sign(Method::Get, endpoint.pages(), &pairs).expect("the path is plain");

    let floor = || {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(black_box(text.as_bytes()));
        black_box(mac.finalize());
    };
    compare("build and sign one SingleUse link", 1.6, floor, || {
        black_box(single_use.link(black_box(&credentials), &endpoint).expect("the link is one"));
    });

    let floor = || {
        let mut reader = Reader::from_str(black_box(ANSWER));
        while !matches!(reader.read_event().expect("the answer is well-formed"), Event::Eof) {}
    };
    compare("parse a Pay answer into its type", 2.0, floor, || {
        let answer = read_answer::<Pay>(
            fps_core::Version::V2010_08_28,
            http::StatusCode::OK,
            black_box(ANSWER.as_bytes()),
        );
        black_box(answer.expect("the answer is one").expect("it is no fault"));
    });
}

/// Prints the ratio of two times: the best of many rounds each, floor and work by turns, so that both see the same machine.
#[expect(clippy::disallowed_types, clippy::float_arithmetic, reason = "a ratio of times is no money")]
fn compare(what: &str, budget: f64, floor: impl Fn(), work: impl Fn()) {
    let (mut best_floor, mut best_work) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        best_floor = best_floor.min(round(&floor));
        best_work = best_work.min(round(&work));
    }
    let ratio = best_work.as_secs_f64() / best_floor.as_secs_f64();
    let verdict = if ratio <= budget { "within" } else { "OVER" };
    println!(
        "{what}: {:?} over a floor of {:?} is {ratio:.2}×, {verdict} the budget of {budget}×",
        best_work / PER_ROUND,
        best_floor / PER_ROUND
    );
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn round(work: &impl Fn()) -> Duration {
    let start = Instant::now();
    for _ in 0..PER_ROUND {
        work();
    }
    start.elapsed()
}

const ROUNDS: u32 = 200;
const PER_ROUND: u32 = 500;
