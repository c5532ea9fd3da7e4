//! Any text as a story that one service lives through, line by line:
//!
//! - `?` and pairs: Betty approves that link.
//! - `+` and seconds: time goes by. `!`: what is pending ends.
//! - Pairs alone: the shop calls, by a signed POST.
//!
//! What tokens, instruments and transactions the service names is known as `@0`, `@1` and so on, in the order in which it names
//! them. Whatever comes in whatever order, the books balance, Betty's balance is not overdrawn, a single-use token pays once at most,
//! and a call that is repeated gets its first answer and moves nothing.
#![no_main]

use std::time::Duration;

use fps_core::signature::Method;
use fps_core::{Amount, Pairs};
use fps_fuzz::{approved, link, send, service, signed};
use fps_sandbox::Sandbox;
use fps_sandbox::ledger::{AccountId, Status, TokenType, Transaction};
use http::{Request, StatusCode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|story: &str| {
    let sandbox = service();
    let mut named = Vec::new();
    for line in story.lines().take(LINES) {
        match line.split_at_checked(1) {
            Some(("?", asked)) => approve(&sandbox, asked, &mut named),
            Some(("+", seconds)) => {
                let seconds = seconds.parse::<u64>().unwrap_or_default().min(TEN_YEARS);
                sandbox.clock().advance(Duration::from_secs(seconds));
            }
            Some(("!", _)) => drop(sandbox.finish_pending()),
            _ => call(&sandbox, line, &mut named),
        }
    }
    let ledger = sandbox.ledger();
    assert_eq!(ledger.sum(), 0);
    assert!(ledger.balance(&AccountId::new("BETTY")) >= Amount::ZERO, "Betty's balance is overdrawn");
});

/// Betty approves a link.
fn approve(sandbox: &Sandbox, asked: &str, named: &mut Vec<String>) {
    let Some(pairs) = read(asked, named) else { return };
    let Some(returned) = link(sandbox, &pairs).and_then(|link| approved(sandbox, &link)) else { return };
    for name in TOKENS {
        named.extend(returned.get(name).map(str::to_owned));
    }
}

/// The shop calls, and calls again.
fn call(sandbox: &Sandbox, line: &str, named: &mut Vec<String>) {
    let Some(pairs) = read(line, named) else { return };
    let Some(call) = signed(sandbox, Method::Post, &pairs) else { return };
    let post = || {
        let request = Request::post("http://fps.localhost/")
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = send(sandbox, request.body(call.clone().into_bytes()).expect("the address is one"));
        (answer.status(), String::from_utf8(answer.into_body()).expect("answers are UTF-8"))
    };
    let (status, answer) = post();
    named.extend(values(&answer, "TokenId").chain(values(&answer, "TransactionId")));
    if status == StatusCode::OK && is_kept(&pairs) {
        let before = sandbox.ledger();
        let (status, again) = post();
        assert_eq!(
            (status, without_request_id(&again)),
            (StatusCode::OK, without_request_id(&answer)),
            "{line}"
        );
        let after = sandbox.ledger();
        assert_eq!(after.balances(), before.balances(), "{line}");
        assert_eq!(after.transactions().count(), before.transactions().count(), "{line}");
    }
    check_single_use(sandbox);
}

/// Whether a repeat gets the first answer. The first generation refused an installation's.
fn is_kept(pairs: &Pairs) -> bool {
    let action = pairs.get("Action").unwrap_or_default();
    KEPT.contains(&action)
        && (action != "InstallPaymentInstruction" || pairs.get("Version") != Some("2007-01-08"))
}

/// No single-use token pays twice.
fn check_single_use(sandbox: &Sandbox) {
    let ledger = sandbox.ledger();
    for token in ledger.tokens().filter(|token| token.kind == TokenType::SingleUse) {
        let stands = |one: &&Transaction| {
            one.sender_token.as_ref() == Some(&token.id)
                && !matches!(one.status, Status::Failure | Status::Cancelled)
        };
        assert!(ledger.transactions().filter(stands).count() <= 1, "{token:?}");
    }
}

/// The pairs of a line, with what it calls by number.
fn read(line: &str, named: &[String]) -> Option<Pairs> {
    let pairs = Pairs::decode(line).ok()?;
    let meant = |value: &str| {
        let number = value.strip_prefix('@').and_then(|number| number.parse::<usize>().ok());
        number.and_then(|number| named.get(number)).cloned().unwrap_or_else(|| value.to_owned())
    };
    Some(pairs.iter().map(|(name, value)| (name.to_owned(), meant(value))).collect())
}

/// What stands in elements of that name.
fn values<'a>(answer: &'a str, element: &str) -> impl Iterator<Item = String> + use<'a> {
    let open = format!("<{element}>");
    let found: Vec<String> =
        answer.split(&open).skip(1).filter_map(|rest| Some(rest.split_once('<')?.0.to_owned())).collect();
    found.into_iter()
}

fn without_request_id(answer: &str) -> String {
    let (before, rest) = answer.split_once("<RequestId>").unwrap_or((answer, ""));
    let after = rest.split_once("</RequestId>").map_or("", |(_, after)| after);
    format!("{before}{after}")
}

const LINES: usize = 16;
const TEN_YEARS: u64 = 10 * 366 * 86_400;
/// What a return calls what it names.
const TOKENS: &[&str] = &[
    "tokenID",
    "refundTokenID",
    "prepaidSenderTokenID",
    "prepaidInstrumentID",
    "creditSenderTokenID",
    "creditInstrumentID",
    "settlementTokenID",
    "fundingTokenID",
];
/// What is done once under a caller's reference.
const KEPT: &[&str] =
    &["Pay", "Reserve", "Refund", "FundPrepaid", "SettleDebt", "WriteOffDebt", "InstallPaymentInstruction"];
