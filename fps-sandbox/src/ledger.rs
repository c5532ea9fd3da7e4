//! What the service knows, and who has how much: pure, no clock, no randomness, no socket.
//!
//! Everything that changes is an [`Event`]; [`Ledger::apply`] takes events in and gives the double-entry [`Posting`]s that
//! they cause. The sum of all books is zero after every event. Replaying the events gives the same ledger.

pub mod account;
pub mod event;
pub mod fee;
pub mod first;
pub mod posting;
pub mod subscription;
pub mod token;
pub mod transaction;
pub mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;

use fps_core::{Amount, CallerReference, SubscriptionId, Timestamp, TokenId, TransactionId};

pub use account::{Account, AccountId, AccountKind, AccountState, BankAccount, Card, Secret};
pub use event::{Event, Kept, Outcome};
pub use fee::{FeeTable, Rate};
pub use first::{FirstGeneration, Notification, OnDecline};
pub use posting::{Book, Posting};
pub use subscription::Subscription;
pub use token::{Instrument, InstrumentId, InstrumentKind, Limit, Period, PeriodUnit, Token, TokenRole};
pub use transaction::{Due, History, Settled, Transaction};
pub use words::{Operation, PayMethod, Role, Status, StatusCode, TokenType};

/// What is on its way into and out of a balance.
#[derive(Clone, Copy, Debug, Default)]
struct Pending {
    coming: Amount,
    going: Amount,
}

/// A transaction, and what its parties had after it.
#[derive(Clone, Debug)]
struct Recorded {
    transaction: Transaction,
    /// The balances by role: of the first generation after each step of its history, of a later one after the last.
    after: Vec<[Amount; Role::ALL.len()]>,
}

/// Accounts, tokens, transactions and books.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    accounts: BTreeMap<AccountId, Account>,
    keys: HashMap<String, AccountId>,
    tokens: HashMap<TokenId, Token>,
    token_order: Vec<TokenId>,
    references: HashMap<(AccountId, CallerReference), TokenId>,
    instruments: BTreeMap<InstrumentId, Instrument>,
    /// In the order in which they were received.
    transactions: Vec<Recorded>,
    places: HashMap<TransactionId, usize>,
    /// When each account's transactions were received, and their places in the order.
    received: HashMap<AccountId, BTreeSet<(Timestamp, usize)>>,
    refunds: HashMap<TransactionId, Vec<TransactionId>>,
    waiting: BTreeSet<(Timestamp, TransactionId)>,
    /// What is pending into and out of each account's balance.
    pending: HashMap<AccountId, Pending>,
    /// The tokens that took another's place, by that other.
    replaced: HashMap<TokenId, TokenId>,
    subscriptions: BTreeMap<SubscriptionId, Subscription>,
    charges_due: BTreeSet<(Timestamp, SubscriptionId)>,
    kept: HashMap<(AccountId, CallerReference), Kept>,
    books: BTreeMap<Book, i128>,
    results: HashMap<AccountId, Vec<TransactionId>>,
    notified: BTreeMap<(AccountId, Notification), String>,
}

impl Ledger {
    /// A ledger without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event in and gives the postings that it caused. An event about something unknown changes nothing.
    pub fn apply(&mut self, event: &Event) -> Vec<Posting> {
        let mut postings = Vec::new();
        match event {
            Event::AccountSet { account } => self.set_account(account),
            Event::Deposited { account, amount } => {
                postings.push(Posting::new(Book::World, Book::Account(account.clone()), *amount));
            }
            Event::TokenInstalled { token } => {
                let name = (token.caller.clone(), token.reference.clone());
                self.references.insert(name, token.id.clone());
                if let Some(old) = token.old.as_ref().filter(|old| **old != token.id) {
                    self.replaced.insert(old.clone(), token.id.clone());
                }
                if self.tokens.insert(token.id.clone(), (**token).clone()).is_none() {
                    self.token_order.push(token.id.clone());
                }
            }
            Event::TokenCancelled { token, .. } | Event::TokenReplaced { token, .. } => {
                if let Some(token) = self.tokens.get_mut(token) {
                    token.cancelled = true;
                }
            }
            Event::InstrumentOpened { instrument } => {
                self.instruments.insert(instrument.id.clone(), instrument.clone());
            }
            Event::TransactionOpened { transaction } => self.open_transaction(transaction, &mut postings),
            Event::TransactionMoved { transaction, at, status, code, settled, due, notice_url } => {
                // What has ended stays as it is.
                let going = self.transaction(transaction).filter(|one| !one.has_ended());
                if let Some(former) = going.cloned() {
                    let mut moved = former.clone();
                    self.forget_waiting(&former);
                    moved.advance(*at, *status, *code, *settled, *due);
                    if notice_url.is_some() {
                        moved.notice_url.clone_from(notice_url);
                    }
                    self.settle_books(&moved, &mut postings);
                    self.remember_waiting(&moved);
                    self.count_pending(&former, Amount::checked_sub);
                    self.count_pending(&moved, Amount::checked_add);
                    self.count_spent(&former, Amount::checked_sub);
                    self.count_spent(&moved, Amount::checked_add);
                    self.queue_result(&moved);
                    if let Some(recorded) = self.recorded_mut(transaction) {
                        recorded.transaction = moved;
                    }
                }
            }
            Event::SubscriptionOpened { subscription } => {
                self.charges_due.extend(subscription.next.map(|next| (next, subscription.id.clone())));
                self.subscriptions.insert(subscription.id.clone(), (**subscription).clone());
            }
            Event::SubscriptionMoved { subscription, status, next, transaction } => {
                if let Some(moved) = self.subscriptions.get_mut(subscription) {
                    if let Some(former) = moved.next {
                        self.charges_due.remove(&(former, subscription.clone()));
                    }
                    self.charges_due.extend(next.map(|next| (next, subscription.clone())));
                    moved.status = *status;
                    moved.next = *next;
                    moved.transactions.extend(transaction.clone());
                }
            }
            Event::ReferenceKept { account, reference, kept } => {
                self.kept.insert((account.clone(), reference.clone()), kept.clone());
            }
            Event::TransactionNoted { transaction, caller_date, metadata } => {
                if let Some(Recorded { transaction: one, .. }) = self.recorded_mut(transaction) {
                    one.caller_date = *caller_date;
                    if let (Some(first), Some(_)) = (&mut one.first, metadata) {
                        first.metadata.clone_from(metadata);
                    }
                }
            }
            Event::ResultDiscarded { account, transaction } => {
                if let Some(results) = self.results.get_mut(account) {
                    results.retain(|one| one != transaction);
                }
            }
            Event::NotificationSubscribed { account, notification, url } => {
                self.notified.insert((account.clone(), *notification), url.clone());
            }
            Event::NotificationUnsubscribed { account, notification } => {
                self.notified.remove(&(account.clone(), *notification));
            }
        }
        for posting in &postings {
            self.post(posting);
        }
        if let Event::TransactionOpened { .. } | Event::TransactionMoved { .. } = event {
            self.note_balances(event);
        }
        postings
    }

    /// The sum of all books: zero, always.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.books.values().sum()
    }

    /// What stands in a book.
    #[must_use]
    pub fn book(&self, book: &Book) -> Amount {
        let micros = self.books.get(book).copied().unwrap_or(0);
        Amount::from_micros(i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Every book with what stands in it.
    pub fn books(&self) -> impl Iterator<Item = (&Book, Amount)> {
        self.books.keys().map(|book| (book, self.book(book)))
    }

    /// The Amazon Payments balance of an account.
    #[must_use]
    pub fn balance(&self, account: &AccountId) -> Amount {
        self.book(&Book::Account(account.clone()))
    }

    /// The balance of the account with that e-mail address; zero if there is none.
    #[must_use]
    pub fn balance_of(&self, email: &str) -> Amount {
        self.account_by_email(email).map_or(Amount::ZERO, |account| self.balance(&account.id))
    }

    /// The balances of all accounts by e-mail address.
    #[must_use]
    pub fn balances(&self) -> BTreeMap<String, Amount> {
        self.accounts.values().map(|account| (account.email.clone(), self.balance(&account.id))).collect()
    }

    /// All accounts.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The account of that id.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// The account that signs in with that address, upper and lower case alike.
    #[must_use]
    pub fn account_by_email(&self, email: &str) -> Option<&Account> {
        self.accounts.values().find(|account| account.email.eq_ignore_ascii_case(email.trim()))
    }

    /// The account that an access key id belongs to.
    #[must_use]
    pub fn account_by_key(&self, access_key: &str) -> Option<&Account> {
        self.keys.get(access_key).and_then(|id| self.accounts.get(id))
    }

    /// The token of that id.
    #[must_use]
    pub fn token(&self, id: &TokenId) -> Option<&Token> {
        self.tokens.get(id)
    }

    /// All tokens in the order in which they were installed.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.token_order.iter().filter_map(|id| self.tokens.get(id))
    }

    /// The newest token that this caller asked for under this reference.
    #[must_use]
    pub fn token_by_reference(&self, caller: &AccountId, reference: &CallerReference) -> Option<&Token> {
        let id = self.references.get(&(caller.clone(), reference.clone()))?;
        self.tokens.get(id)
    }

    /// The prepaid or postpaid instrument of that id.
    #[must_use]
    pub fn instrument(&self, id: &InstrumentId) -> Option<&Instrument> {
        self.instruments.get(id)
    }

    /// All prepaid and postpaid instruments.
    pub fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.instruments.values()
    }

    /// The transaction of that id.
    #[must_use]
    pub fn transaction(&self, id: &TransactionId) -> Option<&Transaction> {
        self.recorded(id).map(|recorded| &recorded.transaction)
    }

    /// All transactions in the order in which they were received.
    pub fn transactions(&self) -> impl DoubleEndedIterator<Item = &Transaction> {
        self.transactions.iter().map(|recorded| &recorded.transaction)
    }

    /// The transactions in which an account plays a role, received in that time, earliest first. It takes as long as they are
    /// many, however many others there are.
    pub fn transactions_of(
        &self,
        account: &AccountId,
        received: RangeInclusive<Timestamp>,
    ) -> impl DoubleEndedIterator<Item = &Transaction> {
        let (from, to) = received.into_inner();
        // A range that ends before it begins holds nothing.
        let all = self.received.get(account).filter(|_| from <= to);
        let within = all.into_iter().flat_map(move |all| all.range((from, 0)..=(to, usize::MAX)));
        within.filter_map(|(_, place)| self.transactions.get(*place)).map(|recorded| &recorded.transaction)
    }

    /// The transactions that carry this caller reference, of any caller.
    #[must_use]
    pub fn transactions_by_reference(&self, reference: &str) -> Vec<&Transaction> {
        self.transactions().filter(|one| one.caller_reference.as_str() == reference).collect()
    }

    /// How often money moved from a buyer to a seller: transactions that are no refunds and ended in Success.
    #[must_use]
    pub fn charges(&self) -> usize {
        self.transactions().filter(|one| one.operation.is_charge() && one.status == Status::Success).count()
    }

    /// How much of a payment was given back, or is on its way back.
    #[must_use]
    pub fn refunded(&self, payment: &TransactionId) -> Amount {
        self.refunds(payment)
            .filter(|refund| refund.status != Status::Failure && refund.status != Status::Cancelled)
            .fold(Amount::ZERO, |sum, refund| sum.checked_add(refund.amount).unwrap_or(sum))
    }

    /// The refunds of a payment.
    pub fn refunds(&self, payment: &TransactionId) -> impl Iterator<Item = &Transaction> {
        self.refunds.get(payment).into_iter().flatten().filter_map(|id| self.transaction(id))
    }

    /// The subscription of that id.
    #[must_use]
    pub fn subscription(&self, id: &SubscriptionId) -> Option<&Subscription> {
        self.subscriptions.get(id)
    }

    /// All subscriptions.
    pub fn subscriptions(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.values()
    }

    /// The subscriptions of which a payment is due by now, earliest first.
    pub fn subscriptions_due(&self, now: Timestamp) -> impl Iterator<Item = &Subscription> {
        let due = self.charges_due.iter().take_while(move |(due, _)| *due <= now);
        due.filter_map(|(_, id)| self.subscriptions.get(id))
    }

    /// When the next payment of a subscription is due.
    #[must_use]
    pub fn next_charge(&self) -> Option<Timestamp> {
        self.charges_due.first().map(|(due, _)| *due)
    }

    /// What the service answered under a reference.
    #[must_use]
    pub fn kept(&self, account: &AccountId, reference: &CallerReference) -> Option<&Kept> {
        self.kept.get(&(account.clone(), reference.clone()))
    }

    /// When the next transaction that waits will end.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.waiting.first().map(|(due, _)| *due)
    }

    /// The transactions that end by now, earliest first.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Vec<&Transaction> {
        let due = self.waiting.iter().take_while(|(due, _)| *due <= now);
        due.filter_map(|(_, id)| self.transaction(id)).collect()
    }

    /// The transactions that have not ended yet.
    pub fn waiting(&self) -> impl Iterator<Item = &Transaction> {
        self.waiting.iter().filter_map(|(_, id)| self.transaction(id))
    }

    /// The balance of an account right after a transaction came to where it stands.
    #[must_use]
    pub fn balance_after(&self, account: &AccountId, transaction: &TransactionId) -> Amount {
        self.balance_at(account, transaction, usize::MAX)
    }

    /// The balance of an account right after a transaction of the first generation came to where its history has it at that
    /// index; of another transaction, or beyond its history, as [`Ledger::balance_after`].
    #[must_use]
    pub fn balance_at(&self, account: &AccountId, transaction: &TransactionId, index: usize) -> Amount {
        let then = self.recorded(transaction).and_then(|Recorded { transaction, after }| {
            let balances = after.get(index).or_else(|| after.last())?;
            let role = Role::ALL.iter().position(|role| transaction.party(*role) == account)?;
            Some(balances[role])
        });
        then.unwrap_or_else(|| self.balance(account))
    }

    /// What GetResults tells a caller: his transactions that came to an end or were declined for now, oldest first, until he
    /// discards them.
    pub fn results(&self, account: &AccountId) -> impl Iterator<Item = &Transaction> {
        self.results.get(account).into_iter().flatten().filter_map(|id| self.transaction(id))
    }

    /// Where a caller wants these notifications of the first generation sent, if he subscribed to them.
    #[must_use]
    pub fn notified_at(&self, account: &AccountId, notification: Notification) -> Option<&str> {
        self.notified.get(&(account.clone(), notification)).map(String::as_str)
    }

    /// What is on its way into an account.
    #[must_use]
    pub fn pending_in(&self, account: &AccountId) -> Amount {
        self.pending.get(account).map_or(Amount::ZERO, |pending| pending.coming)
    }

    /// What is on its way out of an account's balance.
    #[must_use]
    pub fn pending_out(&self, account: &AccountId) -> Amount {
        self.pending.get(account).map_or(Amount::ZERO, |pending| pending.going)
    }

    /// What an account can still spend of its balance.
    #[must_use]
    pub fn available(&self, account: &AccountId) -> Amount {
        let (balance, pending) = (self.balance(account), self.pending_out(account));
        balance.checked_sub(pending).unwrap_or(Amount::ZERO)
    }

    fn set_account(&mut self, account: &Account) {
        if let Some(former) = self.accounts.get(&account.id) {
            for key in &former.keys {
                self.keys.remove(&key.access_key);
            }
        }
        for key in &account.keys {
            self.keys.insert(key.access_key.clone(), account.id.clone());
        }
        self.accounts.insert(account.id.clone(), account.clone());
    }

    fn open_transaction(&mut self, transaction: &Transaction, postings: &mut Vec<Posting>) {
        if self.places.contains_key(&transaction.id) {
            return;
        }
        if let Some(token) = transaction.sender_token.as_ref().and_then(|id| self.tokens.get_mut(id)) {
            token.note_use(transaction);
        }
        // The others have no limits, but some are good for one payment only.
        let caller_token = transaction.first.as_ref().and_then(|first| first.caller_token.as_ref());
        for id in caller_token.into_iter().chain(&transaction.recipient_token) {
            if let Some(token) = self.tokens.get_mut(id).filter(|token| token.kind == TokenType::SingleUse) {
                token.note_use(transaction);
            }
        }
        self.count_spent(transaction, Amount::checked_add);
        self.count_pending(transaction, Amount::checked_add);
        self.settle_books(transaction, postings);
        self.remember_waiting(transaction);
        if let Some(original) = &transaction.original {
            self.refunds.entry(original.clone()).or_default().push(transaction.id.clone());
        }
        let place = self.transactions.len();
        // Who plays two roles in it has it once, because it is a set.
        for account in Role::ALL.iter().map(|role| transaction.party(*role)) {
            let received = match self.received.get_mut(account) {
                Some(received) => received,
                None => self.received.entry(account.clone()).or_default(),
            };
            received.insert((transaction.received, place));
        }
        self.places.insert(transaction.id.clone(), place);
        self.transactions.push(Recorded { transaction: transaction.clone(), after: Vec::new() });
    }

    fn recorded(&self, id: &TransactionId) -> Option<&Recorded> {
        self.transactions.get(*self.places.get(id)?)
    }

    fn recorded_mut(&mut self, id: &TransactionId) -> Option<&mut Recorded> {
        self.transactions.get_mut(*self.places.get(id)?)
    }

    /// The postings of a transaction that has just come to Success.
    fn settle_books(&self, transaction: &Transaction, postings: &mut Vec<Posting>) {
        if transaction.status == Status::Success {
            posting::of(transaction, postings);
        }
    }

    fn post(&mut self, posting: &Posting) {
        let micros = i128::from(posting.amount.micros());
        *self.books.entry(posting.from.clone()).or_default() -= micros;
        *self.books.entry(posting.to.clone()).or_default() += micros;
    }

    fn note_balances(&mut self, event: &Event) {
        let id = match event {
            Event::TransactionOpened { transaction } => &transaction.id,
            Event::TransactionMoved { transaction, .. } => transaction,
            _ => return,
        };
        let Some(transaction) = self.transaction(id) else { return };
        let balances = std::array::from_fn(|role| self.balance(transaction.party(Role::ALL[role])));
        if let Some(Recorded { transaction, after }) = self.recorded_mut(id) {
            if transaction.first.is_none() {
                after.clear();
            }
            after.push(balances);
        }
    }

    /// Puts a transaction at the end of its caller's queue of results, or takes it out while it is on its way again.
    fn queue_result(&mut self, transaction: &Transaction) {
        if !transaction.first.as_ref().is_some_and(|first| first.queued) {
            return;
        }
        let results = self.results.entry(transaction.caller.clone()).or_default();
        results.retain(|one| *one != transaction.id);
        if transaction.is_result() {
            results.push(transaction.id.clone());
        }
    }

    /// Counts a transaction, or no longer, in what is pending for its sender and its recipient.
    fn count_pending(&mut self, one: &Transaction, count: fn(Amount, Amount) -> Option<Amount>) {
        // What waits for its caller's retry holds nothing.
        if one.status != Status::Pending || (one.is_declined_for_now() && one.due.is_none()) {
            return;
        }
        if one.operation.is_charge() {
            let pending = self.pending.entry(one.recipient.clone()).or_default();
            pending.coming = count(pending.coming, one.amount).unwrap_or(pending.coming);
        }
        if one.operation == Operation::Refund || one.method == PayMethod::Abt {
            let pending = self.pending.entry(one.sender.clone()).or_default();
            pending.going = count(pending.going, one.amount).unwrap_or(pending.going);
        }
    }

    /// Counts a transaction, or no longer, in what was paid with its token, and with those that took its place.
    fn count_spent(&mut self, one: &Transaction, count: fn(Amount, Amount) -> Option<Amount>) {
        if matches!(one.status, Status::Failure | Status::Cancelled) {
            return;
        }
        let mut next = one.sender_token.as_ref();
        while let Some(token) = next.and_then(|id| self.tokens.get_mut(id)) {
            token.spent = count(token.spent, one.amount).unwrap_or(token.spent);
            next = self.replaced.get(&token.id);
        }
    }

    fn remember_waiting(&mut self, transaction: &Transaction) {
        if let Some(due) = transaction.due {
            self.waiting.insert((due.at, transaction.id.clone()));
        }
    }

    fn forget_waiting(&mut self, transaction: &Transaction) {
        if let Some(due) = transaction.due {
            self.waiting.remove(&(due.at, transaction.id.clone()));
        }
    }
}
