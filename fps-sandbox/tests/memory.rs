//! What stays in memory: nothing of a read, a stated number of bytes of a payment.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use allocation_counter::measure;
use fps_core::Amount;
use fps_core::client::HttpSend;
use fps_sandbox::ledger::AccountId;
use fps_sandbox::people;
use tokio::runtime::Builder;

use caller::{Caller, john, sandbox};

#[test]
fn reads_leave_no_memory_behind_and_a_payment_costs_what_the_docs_say() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    sandbox.deposit(&AccountId::new("JOHN"), Amount::usd("10000")).unwrap();
    let link = [("pipelineName", "MultiUse"), ("callerReference", "m1"), ("globalAmountLimit", "10000")];
    let back = runtime.block_on(john().approve(&shop.http, &shop.link(&link))).unwrap();
    let token = fps_core::Pairs::decode(back.query().unwrap()).unwrap().get("tokenID").unwrap().to_owned();
    let pay = |number: u32| {
        let reference = format!("payment-{number:06}");
        let pairs = [
            ("SenderTokenId", token.as_str()),
            ("CallerReference", &reference),
            ("TransactionAmount.Value", "0.10"),
            ("TransactionAmount.CurrencyCode", "USD"),
        ];
        let answer = runtime.block_on(sandbox.send(shop.request("Pay", &pairs))).unwrap();
        assert_eq!(answer.status(), 200);
        String::from_utf8(answer.into_body()).unwrap()
    };
    let first = pay(0);
    let id = first.split("<TransactionId>").nth(1).unwrap().split('<').next().unwrap();
    let about = [("TransactionId", id)];
    let reads: [(&str, &[(&str, &str)]); 6] = [
        ("GetTransactionStatus", &about),
        ("GetTransaction", &about),
        ("GetAccountBalance", &[]),
        ("GetAccountActivity", &[("StartDate", "2010-10-06")]),
        ("GetTokenByCaller", &[("CallerReference", "m1")]),
        (
            "VerifySignature",
            &[
                ("UrlEndPoint", "http://a.example/"),
                (
                    "HttpParameters",
                    "signature=x&certificateUrl=c&signatureMethod=RSA-SHA1&signatureVersion=2",
                ),
            ],
        ),
    ];
    let read = |rounds: u32| {
        for _ in 0..rounds {
            for (action, pairs) in reads {
                let answer = runtime.block_on(sandbox.send(shop.request(action, pairs))).unwrap();
                assert_eq!(answer.status(), 200, "{action}");
            }
        }
    };
    // The request log holds the last so many; after these it is full of them.
    read(100);
    let left = measure(|| read(100)).bytes_current;
    assert!(left.unsigned_abs() < 16 * 1024, "600 reads left {left} bytes behind");

    // From one doubling of the tables to the next, so that what they keep in hand is counted as it is on average.
    (1..2048).for_each(|number| drop(pay(number)));
    let cost = measure(|| (2048..4096).for_each(|number| drop(pay(number)))).bytes_current / 2048;
    println!("a stored payment: {cost} bytes");
    assert!((1000..BYTES_OF_A_PAYMENT).contains(&cost), "{cost} bytes for a payment");
    assert_eq!(sandbox.ledger().charges(), 4096);
}

/// As the documentation of `Sandbox` has it.
const BYTES_OF_A_PAYMENT: i64 = 1600;
