//! Random histories.

use std::collections::BTreeMap;

use fps_core::{Amount, CallerReference, Timestamp, TransactionId};
use proptest::collection::vec;
use proptest::prelude::*;

use super::words::RefundPolicy;
use super::*;

fn name(number: u8) -> AccountId {
    AccountId::new(format!("A{}", number % 4))
}

fn dollars() -> impl Strategy<Value = Amount> {
    (0..5_000_000_000i64).prop_map(Amount::from_micros)
}

/// A transaction of any kind between any accounts, sensible or not: the books must balance all the same.
fn transaction() -> impl Strategy<Value = Transaction> {
    let parties = (any::<u8>(), any::<u8>(), any::<u8>());
    let kind = (0..Operation::ALL.len(), 0..PayMethod::ALL.len(), 0..Status::ALL.len(), any::<u8>());
    let money = (dollars(), dollars(), dollars(), 0..Role::ALL.len(), proptest::option::of(0..3usize));
    (0..40u8, parties, kind, money).prop_map(|(id, parties, kind, money)| {
        let at = Timestamp::from_unix_seconds(i64::from(id));
        let status = Status::ALL[kind.2];
        let ended = matches!(status, Status::Success | Status::Failure | Status::Cancelled);
        Transaction {
            id: TransactionId::new(format!("T{id}")),
            operation: Operation::ALL[kind.0],
            caller: name(parties.0),
            sender: name(parties.1),
            recipient: name(parties.2),
            method: PayMethod::ALL[kind.1],
            amount: money.0,
            reserved: None,
            fee: money.1,
            fee_paid_by: Role::ALL[money.3],
            marketplace_fee: money.2,
            caller_reference: CallerReference::new(format!("r{id}")).unwrap(),
            caller_description: None,
            sender_description: None,
            reason: None,
            sender_token: None,
            recipient_token: None,
            instrument: (kind.3 % 2 == 0).then(|| InstrumentId::new(format!("I{}", kind.3 % 6))),
            original: (kind.3 % 3 == 0).then(|| TransactionId::new(format!("T{}", kind.3 % 40))),
            refund_policy: money.4.map(|policy| RefundPolicy::ALL[policy]),
            notice_url: None,
            caller_date: at,
            received: at,
            completed: ended.then_some(at),
            expires: None,
            status,
            code: StatusCode::Success,
            due: (!ended).then_some(Due { at, status: Status::Success, code: StatusCode::Success }),
            history: Vec::new(),
            first: (kind.3 % 5 != 0)
                .then(|| Box::new(FirstGeneration { queued: kind.3 % 5 == 1, ..Default::default() })),
        }
    })
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (any::<u8>(), dollars())
            .prop_map(|(account, amount)| Event::Deposited { account: name(account), amount }),
        transaction().prop_map(|transaction| Event::TransactionOpened { transaction: Box::new(transaction) }),
        (
            0..40u8,
            0..Status::ALL.len(),
            0..StatusCode::ALL.len(),
            proptest::option::of((dollars(), dollars(), dollars()))
        )
            .prop_map(|(id, status, code, settled)| Event::TransactionMoved {
                transaction: TransactionId::new(format!("T{id}")),
                at: Timestamp::from_unix_seconds(100),
                status: Status::ALL[status],
                code: StatusCode::ALL[code],
                settled: settled.map(|(amount, fee, marketplace_fee)| Settled {
                    amount,
                    fee,
                    marketplace_fee
                }),
                due: None,
                notice_url: None,
            }),
        (0..40u8, any::<u8>()).prop_map(|(id, account)| Event::ResultDiscarded {
            account: name(account),
            transaction: TransactionId::new(format!("T{id}")),
        }),
    ]
}

proptest! {
    #[test]
    fn the_sum_is_zero_after_every_event(events in vec(event(), 0..60)) {
        let mut ledger = Ledger::new();
        let mut by_hand: BTreeMap<Book, i128> = BTreeMap::new();
        for event in &events {
            for posting in ledger.apply(event) {
                *by_hand.entry(posting.from).or_default() -= i128::from(posting.amount.micros());
                *by_hand.entry(posting.to).or_default() += i128::from(posting.amount.micros());
            }
            prop_assert_eq!(ledger.sum(), 0, "after {:?}", event);
            for account in (0..4).map(name) {
                let holds = |one: &&Transaction| !one.is_declined_for_now() || one.due.is_some();
                let pending = ledger.transactions().filter(|one| one.status == Status::Pending).filter(holds);
                let (mut coming, mut going) = (0, 0);
                for one in pending {
                    let amount = i128::from(one.amount.micros());
                    coming += if one.recipient == account && one.operation.is_charge() { amount } else { 0 };
                    let out = one.operation == Operation::Refund || one.method == PayMethod::Abt;
                    going += if one.sender == account && out { amount } else { 0 };
                }
                prop_assert_eq!(i128::from(ledger.pending_in(&account).micros()), coming, "after {:?}", event);
                prop_assert_eq!(i128::from(ledger.pending_out(&account).micros()), going, "after {:?}", event);
            }
        }
        for (book, amount) in ledger.books() {
            prop_assert_eq!(i128::from(amount.micros()), by_hand[book], "{}", book);
        }
    }

    #[test]
    fn replaying_the_stored_form_of_the_events_gives_the_same_ledger(events in vec(event(), 0..40)) {
        let mut ledger = Ledger::new();
        events.iter().for_each(|event| drop(ledger.apply(event)));
        let stored = serde_json::to_string(&events).unwrap();
        let read: Vec<Event> = serde_json::from_str(&stored).unwrap();
        let mut again = Ledger::new();
        read.iter().for_each(|event| drop(again.apply(event)));
        prop_assert_eq!(format!("{:?}", ledger.books), format!("{:?}", again.books));
        prop_assert_eq!(format!("{:?}", ledger.waiting), format!("{:?}", again.waiting));
        prop_assert_eq!(&ledger.results, &again.results);
        for (caller, results) in &ledger.results {
            let told: Vec<_> = ledger.results(caller).collect();
            prop_assert_eq!(told.len(), results.len());
            for one in told {
                prop_assert!(one.is_result() && one.first.as_ref().is_some_and(|first| first.queued), "{:?}", one);
            }
        }
        prop_assert_eq!(ledger.charges(), again.charges());
    }

    #[test]
    fn an_account_has_the_transactions_that_a_look_at_all_finds(
        events in vec(event(), 0..60), from in 0..41i64, to in 0..41i64,
    ) {
        let mut ledger = Ledger::new();
        events.iter().for_each(|event| drop(ledger.apply(event)));
        let (from, to) = (Timestamp::from_unix_seconds(from), Timestamp::from_unix_seconds(to));
        for account in (0..4).map(name) {
            let within = |one: &&Transaction| one.received >= from && one.received <= to;
            let mut expected: Vec<_> =
                ledger.transactions().filter(within).filter(|one| one.involves(&account)).collect();
            expected.sort_by_key(|one| one.received);
            let expected: Vec<_> = expected.into_iter().map(|one| &one.id).collect();
            let mut found: Vec<_> = ledger.transactions_of(&account, from..=to).map(|one| &one.id).collect();
            prop_assert_eq!(&found, &expected);
            found.reverse();
            let backwards: Vec<_> = ledger.transactions_of(&account, from..=to).rev().map(|one| &one.id).collect();
            prop_assert_eq!(found, backwards);
        }
    }

    #[test]
    fn a_transaction_that_has_ended_moves_no_money_again(transaction in transaction(), status in 0..Status::ALL.len()) {
        let mut ledger = Ledger::new();
        let id = transaction.id.clone();
        let ended = transaction.has_ended();
        ledger.apply(&Event::TransactionOpened { transaction: Box::new(transaction) });
        let moved = Event::TransactionMoved {
            transaction: id,
            at: Timestamp::default(),
            status: Status::ALL[status],
            code: StatusCode::Success,
            settled: None,
            due: None,
            notice_url: None,
        };
        if ended {
            prop_assert_eq!(ledger.apply(&moved), Vec::new());
        }
    }
}
