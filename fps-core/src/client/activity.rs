//! An account's activity, batch after batch.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use crate::client::Client;
use crate::error::Result;
use crate::operation::{self, Operation, SortOrder, v2007};
use crate::{Timestamp, TransactionId};

impl Client {
    /// What happened on the caller's own account, oldest first, asked for in batches as it is taken: the transactions, or in
    /// version 2007-01-08, by a question of [`v2007`], the events.
    ///
    /// The order that the question asks for is replaced by ascending: a batch says only where a later one starts.
    ///
    /// ```no_run
    /// # async fn f(client: fps_core::client::Client, since: fps_core::Timestamp) -> fps_core::Result<()> {
    /// use fps_core::operation::GetAccountActivity;
    ///
    /// let mut activity = client.account_activity(GetAccountActivity::since(since));
    /// while let Some(transaction) = activity.next().await? {
    ///     println!("{} {}", transaction.transaction_id, transaction.transaction_amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn account_activity<Q: ActivityQuestion>(&self, question: Q) -> AccountActivity<Q> {
        AccountActivity {
            client: self.clone(),
            next: Some(question.ascending()),
            start: None,
            seen: BTreeSet::new(),
            batch: VecDeque::new(),
        }
    }
}

/// What happened on an account, asked for in batches as it is taken. Made by [`Client::account_activity`].
pub struct AccountActivity<Q: ActivityQuestion = operation::GetAccountActivity> {
    client: Client,
    /// The next question, if there is one left.
    next: Option<Q>,
    /// From when on the last question asked, if it was not the first.
    start: Option<Timestamp>,
    /// What was given out: batches may overlap where they meet.
    seen: BTreeSet<Key>,
    batch: VecDeque<Q::Row>,
}

impl<Q: ActivityQuestion> AccountActivity<Q> {
    /// The next one; `None` when there are no more. Each comes once. After an error, the same may be tried again.
    ///
    /// # Errors
    ///
    /// What [`Client::send`] gives.
    pub async fn next(&mut self) -> Result<Option<Q::Row>> {
        loop {
            if let Some(row) = self.batch.pop_front() {
                return Ok(Some(row));
            }
            let Some(question) = self.next.clone() else {
                return Ok(None);
            };
            let response = self.client.send(question.clone()).await?.response;
            let (rows, next_start) = Q::batch(response);
            self.batch.extend(rows.into_iter().filter_map(|(key, row)| self.seen.insert(key).then_some(row)));
            // A start that does not move and brings nothing new would be asked for ever.
            self.next = match next_start {
                Some(start) if Some(start) > self.start || !self.batch.is_empty() => {
                    self.start = Some(start);
                    Some(question.starting(start))
                }
                _ => None,
            };
        }
    }
}

impl<Q: ActivityQuestion> fmt::Debug for AccountActivity<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountActivity").field("client", &self.client).finish_non_exhaustive()
    }
}

/// What tells a row from all others: the transaction, and of its events which.
type Key = (TransactionId, Option<(String, usize)>);

/// `GetAccountActivity` of one generation or the other. No other crate can implement it.
pub trait ActivityQuestion: Operation + Clone + sealed::Batches {}

impl ActivityQuestion for operation::GetAccountActivity {}
impl ActivityQuestion for v2007::GetAccountActivity {}

mod sealed {
    use super::*;

    #[expect(unnameable_types, reason = "no other crate can implement it")]
    pub trait Batches: Operation + Sized {
        /// One of what the answer lists.
        type Row: Send;

        fn ascending(self) -> Self;
        fn starting(self, start: Timestamp) -> Self;
        /// The rows of a batch with what tells them apart, and the start of the next batch.
        fn batch(response: Self::Response) -> (Vec<(Key, Self::Row)>, Option<Timestamp>);
    }

    impl Batches for operation::GetAccountActivity {
        type Row = operation::Transaction;

        fn ascending(self) -> Self {
            self.with_sort_order_by_date(SortOrder::Ascending)
        }

        fn starting(self, start: Timestamp) -> Self {
            self.from(start)
        }

        fn batch(response: Self::Response) -> (Vec<(Key, Self::Row)>, Option<Timestamp>) {
            let rows = response.transactions.into_iter().map(|row| ((row.transaction_id.clone(), None), row));
            (rows.collect(), response.start_time_for_next_transaction)
        }
    }

    impl Batches for v2007::GetAccountActivity {
        type Row = v2007::Transaction;

        fn ascending(self) -> Self {
            self.with_sort_order_by_date(SortOrder::Ascending)
        }

        fn starting(self, start: Timestamp) -> Self {
            self.from(start)
        }

        /// One transaction has a row for each of its events, and may be `Initiated` more than once. A batch starts at a date on
        /// which the service received requests, so it has all events of the transactions received then: they can be counted.
        fn batch(response: Self::Response) -> (Vec<(Key, Self::Row)>, Option<Timestamp>) {
            let mut counts = BTreeMap::new();
            let rows = response.transactions.into_iter().map(|row| {
                let event = (row.transaction_id.clone(), row.status.to_string());
                let count = counts.entry(event.clone()).and_modify(|count| *count += 1).or_insert(0);
                ((event.0, Some((event.1, *count))), row)
            });
            (rows.collect(), response.start_time_for_next_transaction)
        }
    }
}
