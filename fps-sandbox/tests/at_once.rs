//! Calls that come at once: each decides by what it changes.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::sync::Barrier;

use fps_core::{Amount, Pairs};
use fps_sandbox::people;
use tokio::runtime::{Builder, Runtime};

use caller::{Answer, Caller, john, sandbox};

const THREADS: usize = 8;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn token(shop: &Caller) -> String {
    let link = [("pipelineName", "MultiUse"), ("callerReference", "m1"), ("globalAmountLimit", "10000")];
    let back = runtime().block_on(john().approve(&shop.http, &shop.link(&link))).unwrap();
    Pairs::decode(back.query().unwrap()).unwrap().get("tokenID").unwrap().to_owned()
}

fn pay(shop: &Caller, token: &str, reference: &str) -> Answer {
    let pairs = [
        ("SenderTokenId", token),
        ("CallerReference", reference),
        ("TransactionAmount.Value", "1.00"),
        ("TransactionAmount.CurrencyCode", "USD"),
    ];
    runtime().block_on(shop.call("Pay", &pairs))
}

#[test]
fn one_reference_sent_by_many_at_once_is_one_payment() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = token(&shop);
    let start = Barrier::new(THREADS);
    for round in 1..=50 {
        let one = || {
            start.wait();
            pay(&shop, &token, &format!("round-{round}")).text("TransactionId").to_owned()
        };
        let ids: Vec<String> = std::thread::scope(|threads| {
            let asked: Vec<_> = (0..THREADS).map(|_| threads.spawn(one)).collect();
            asked.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(sandbox.ledger().charges(), round);
    }
}

#[test]
fn a_balance_is_spent_once_by_many_who_pay_at_once() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = token(&shop);
    let start = Barrier::new(THREADS);
    let spend = |thread: usize| {
        start.wait();
        (0..20).filter(|number| pay(&shop, &token, &format!("{thread}-{number}")).status == 200).count()
    };
    // 160 payments of one dollar, of the 100 that John has.
    let paid: usize = std::thread::scope(|threads| {
        let spend = &spend;
        let all: Vec<_> = (0..THREADS).map(|thread| threads.spawn(move || spend(thread))).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    });
    let ledger = sandbox.ledger();
    assert_eq!((paid, ledger.charges(), ledger.sum()), (100, 100, 0));
    assert_eq!(ledger.balance_of(people::JOHN), Amount::ZERO);
}
