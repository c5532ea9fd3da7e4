//! What a link, an answer and a signature cost beside boto and aws-sigv4: `tests/beside-others/run`.
//!
//! Before anything is measured, both sides show what they made: the links, the fields of the answers and the signatures of boto have to
//! be ours. The two sides run by turns, and the ratio is taken round by round.

mod aws;
mod boto;

use std::hint::black_box;
use std::time::Instant;

use aws_sigv4::sign::v4::calculate_signature;
use fps_core::checkout::{Charge, Charges, PipelineParameters};
use fps_core::operation::{Answer, Pay, PayResponse, read_answer};
use fps_core::pipeline::SingleUse;
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Amount, CallerReference, Credentials, Endpoint, Pairs, Version};

use boto::Boto;

fn main() {
    let python =
        std::env::args().nth(1).expect("the Python that has boto; start it by tests/beside-others/run");
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let endpoint = Endpoint::sandbox();
    let product = product();
    let single_use = single_use(&product);
    let link = single_use.link(&credentials, &endpoint).expect("the link is one");
    let query = link.url().query().unwrap_or_default();
    let pairs = Pairs::decode(query).expect("the query is one");
    let text = string_to_sign(Method::Get, endpoint.pages(), &pairs).expect("the path is plain");

    let given = |name: &str| !BY_THE_SIGNER.contains(&name);
    let kept = pairs.iter().filter(|(name, _)| given(name));
    let words: serde_json::Map<_, _> = kept.map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut boto = Boto::start(
        &python,
        &serde_json::json!({
            "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "link": words, "answer": ANSWER, "text": text,
        }),
    );
    let version = boto.shows("version");
    let theirs = boto.shows("link");
    let (address, theirs) = theirs.split_once('?').expect("boto's link has a query");
    assert_eq!(address, endpoint.pages().as_str(), "boto's link goes elsewhere");
    assert_eq!(sorted(theirs), sorted(query), "boto's link says something else");
    assert_eq!(boto.shows("answer"), fields(&parsed()), "boto reads the answer otherwise");
    let secret = credentials.secret_key();
    let ours = || hmac::sign(SignatureMethod::HmacSha256, secret, &text);
    assert_eq!(boto.shows("text"), ours(), "boto signs otherwise");

    println!("boto {version}; aws-sigv4 as in tests/beside-others/Cargo.lock");
    println!("medians of {ROUNDS} rounds, and between what the middle half of the rounds lies\n");
    println!("| the same | by | theirs, ns | ours, ns | theirs to ours |\n| --- | --- | ---: | ---: | --- |");
    let link = || single_use.link(black_box(&credentials), &endpoint).expect("the link is one");
    compare("link signed", "boto", |times| boto.takes("link", times), 500, link);
    compare("answer parsed", "boto", |times| boto.takes("answer", times), 500, parsed);
    compare("string signed", "boto", |times| boto.takes("text", times), 2_000, ours);
    let key = aws::signing_key(SECRET_KEY);
    let theirs = || calculate_signature(black_box(&key), text.as_bytes());
    compare("string signed", "aws-sigv4", |times| takes(times, theirs), 10_000, ours);
    let given = pairs.iter().filter(|(name, _)| given(name)).map(|(name, value)| (name.to_owned(), value));
    let unsigned = format!("{}?{}", endpoint.pages(), given.collect::<Pairs>().encode());
    aws::presigning(ACCESS_KEY, SECRET_KEY, &unsigned, |presign| {
        compare("address signed", "aws-sigv4", |times| takes(times, presign), 1_000, link);
    });
}

/// The two by turns, each as often the one that follows the other.
fn compare<T>(
    what: &str,
    by: &str,
    mut theirs: impl FnMut(u32) -> u64,
    their_times: u32,
    mut ours: impl FnMut() -> T,
) {
    let (mut all_theirs, mut all_ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..WARM_ROUNDS + ROUNDS {
        let (one, other);
        if round % 2 == 0 {
            one = theirs(their_times);
            other = takes(OUR_TIMES, &mut ours);
        } else {
            other = takes(OUR_TIMES, &mut ours);
            one = theirs(their_times);
        }
        if round >= WARM_ROUNDS {
            let (one, other) = (one / u64::from(their_times), (other / u64::from(OUR_TIMES)).max(1));
            all_theirs.push(one);
            all_ours.push(other);
            ratios.push(one * 100 / other);
        }
    }
    let hundredths = |ratio: u64| format!("{}.{:02}", ratio / 100, ratio % 100);
    println!(
        "| {what} | {by} | {} | {} | {} ({} to {}) |",
        quarter(&mut all_theirs, 2),
        quarter(&mut all_ours, 2),
        hundredths(quarter(&mut ratios, 2)),
        hundredths(quarter(&mut ratios, 1)),
        hundredths(quarter(&mut ratios, 3)),
    );
}

/// What so many quarters of the numbers do not exceed.
fn quarter(numbers: &mut [u64], quarters: usize) -> u64 {
    numbers.sort_unstable();
    numbers[(numbers.len() - 1) * quarters / 4]
}

/// How many nanoseconds so many times take.
#[expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]
fn takes<T>(times: u32, mut work: impl FnMut() -> T) -> u64 {
    let began = Instant::now();
    for _ in 0..times {
        black_box(work());
    }
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn product() -> PipelineParameters {
    let mut charges = Charges::new();
    charges.add(Charge::ItemTotal, Amount::usd("0.10")).expect("the charge is one");
    PipelineParameters::new(charges)
        .expect("the charges are")
        .with_payment_reason("Now and Forever - Richard Marx")
}

fn single_use(product: &PipelineParameters) -> SingleUse {
    let reference = CallerReference::new("x4f7q2-1001-a1").expect("the reference is one");
    let return_url =
        "https://shop.example/return?fps=order/1001.Zk3Gd9yJ2mQ7".parse().expect("the URL is one");
    SingleUse::new(reference, product, return_url)
}

fn parsed() -> Answer<PayResponse> {
    let body = black_box(ANSWER.as_bytes());
    let answer = read_answer::<Pay>(Version::V2010_08_28, http::StatusCode::OK, body);
    answer.expect("the answer is one").expect("it is no fault")
}

fn fields(answer: &Answer<PayResponse>) -> String {
    let request_id = answer.request_id.as_ref().expect("the answer has one");
    format!("{} {} {}", answer.response.transaction_id, answer.response.transaction_status, request_id)
}

fn sorted(query: &str) -> Vec<&str> {
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    pairs
}

const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// What each signer puts into a link by itself.
const BY_THE_SIGNER: [&str; 4] = ["callerKey", "signature", "signatureMethod", "signatureVersion"];
const ANSWER: &str = "<?xml version=\"1.0\"?>\n<PayResponse xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\"><PayResult><TransactionId>14GKD9GE66FAA63E6O6B2JDPZKN53LZ7F22</TransactionId><TransactionStatus>Pending</TransactionStatus></PayResult><ResponseMetadata><RequestId>2fbd4b46-5a1b-4a0e-9d0c-3a1f0e3a6c52:0</RequestId></ResponseMetadata></PayResponse>";
const ROUNDS: u32 = 60;
const WARM_ROUNDS: u32 = 5;
const OUR_TIMES: u32 = 10_000;
