//! Double entry.

use std::fmt;

use fps_core::Amount;
use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::token::InstrumentId;
use super::transaction::Transaction;
use super::words::{Operation, PayMethod, RefundPolicy, Role};

/// Where money, or a promise of it, can stand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Book {
    /// Somebody's Amazon Payments balance.
    Account(AccountId),
    /// Outside: where opening balances come from.
    World,
    /// Outside: the card networks.
    Cards,
    /// Outside: the banks.
    Banks,
    /// What the service earned.
    Fees,
    /// What is left of a prepaid balance.
    Prepaid(InstrumentId),
    /// What a seller owes in goods for prepaid balances; negative.
    PrepaidIssued(AccountId),
    /// What somebody owes on a postpaid instrument.
    Debt(InstrumentId),
    /// What a seller has given on credit; negative.
    DebtGiven(AccountId),
}

impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "balance of {account}"),
            Self::World => f.write_str("opening balances"),
            Self::Cards => f.write_str("card networks"),
            Self::Banks => f.write_str("banks"),
            Self::Fees => f.write_str("fees of the service"),
            Self::Prepaid(instrument) => write!(f, "prepaid {}", instrument.as_str()),
            Self::PrepaidIssued(account) => write!(f, "prepaid liability of {account}"),
            Self::Debt(instrument) => write!(f, "debt {}", instrument.as_str()),
            Self::DebtGiven(account) => write!(f, "credit given by {account}"),
        }
    }
}

/// An amount that leaves one book and enters another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Where it leaves.
    pub from: Book,
    /// Where it enters.
    pub to: Book,
    /// How much.
    pub amount: Amount,
}

impl Posting {
    /// So much from there to there.
    #[must_use]
    pub const fn new(from: Book, to: Book, amount: Amount) -> Self {
        Self { from, to, amount }
    }
}

/// The postings of a transaction that came to Success.
pub(super) fn of(transaction: &Transaction, postings: &mut Vec<Posting>) {
    let mut post = |from: Book, to: Book, amount: Amount| {
        if !amount.is_zero() {
            postings.push(Posting::new(from, to, amount));
        }
    };
    let account = |role| Book::Account(transaction.party(role).clone());
    let amount = transaction.amount;
    let (mut seller, mut fee_only) = (Role::Recipient, false);
    match transaction.operation {
        Operation::Refund => {
            seller = Role::Sender;
            fee_only = transaction.refund_policy == Some(RefundPolicy::MarketplaceTxnOnly);
            let (from, to) = price(transaction, Role::Recipient, Role::Sender);
            if !fee_only {
                post(to, from, amount);
            }
        }
        Operation::WriteOffDebt => {}
        _ => {
            let (from, to) = price(transaction, Role::Sender, Role::Recipient);
            post(from, to, amount);
        }
    }
    if let Some(instrument) = transaction.instrument.clone() {
        let recipient = transaction.recipient.clone();
        match transaction.operation {
            Operation::FundPrepaid => {
                post(Book::PrepaidIssued(recipient), Book::Prepaid(instrument), amount);
            }
            Operation::SettleDebt | Operation::WriteOffDebt => {
                post(Book::Debt(instrument), Book::DebtGiven(recipient), amount);
            }
            _ => {}
        }
    }
    if !fee_only {
        post(account(transaction.fee_paid_by), Book::Fees, transaction.fee);
    }
    post(account(seller), account(Role::Caller), transaction.marketplace_fee);
}

/// From where to where the price of a payment goes. Prepaid and postpaid payments move a balance and no money.
fn price(transaction: &Transaction, buyer: Role, seller: Role) -> (Book, Book) {
    let (buyer, seller) = (transaction.party(buyer).clone(), transaction.party(seller).clone());
    match (transaction.method, transaction.instrument.clone()) {
        (PayMethod::Prepaid, Some(instrument)) => (Book::Prepaid(instrument), Book::PrepaidIssued(seller)),
        (PayMethod::Debt, Some(instrument)) => (Book::DebtGiven(seller), Book::Debt(instrument)),
        (PayMethod::Ach, _) => (Book::Banks, Book::Account(seller)),
        (PayMethod::Cc, _) => (Book::Cards, Book::Account(seller)),
        _ => (Book::Account(buyer), Book::Account(seller)),
    }
}
