//! An account's activity, batch after batch.

use std::collections::{BTreeSet, VecDeque};

use crate::client::Client;
use crate::error::Result;
use crate::operation::{GetAccountActivity, SortOrder, Transaction};
use crate::{Timestamp, TransactionId};

impl Client {
    /// The transactions of the caller's own account, oldest first, asked for in batches as they are taken.
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
    pub fn account_activity(&self, question: GetAccountActivity) -> AccountActivity {
        AccountActivity {
            client: self.clone(),
            next: Some(question.with_sort_order_by_date(SortOrder::Ascending)),
            start: None,
            seen: BTreeSet::new(),
            batch: VecDeque::new(),
        }
    }
}

/// Transactions, asked for in batches as they are taken. Made by [`Client::account_activity`].
#[derive(Debug)]
pub struct AccountActivity {
    client: Client,
    /// The next question, if there is one left.
    next: Option<GetAccountActivity>,
    /// From when on the last question asked, if it was not the first.
    start: Option<Timestamp>,
    /// What was given out: batches may overlap where they meet.
    seen: BTreeSet<TransactionId>,
    batch: VecDeque<Transaction>,
}

impl AccountActivity {
    /// The next transaction; `None` when there are no more. Each comes once. After an error, the same may be tried again.
    ///
    /// # Errors
    ///
    /// What [`Client::send`] gives.
    pub async fn next(&mut self) -> Result<Option<Transaction>> {
        loop {
            if let Some(transaction) = self.batch.pop_front() {
                return Ok(Some(transaction));
            }
            let Some(question) = self.next.clone() else {
                return Ok(None);
            };
            let response = self.client.send(question.clone()).await?.response;
            self.batch.extend(
                response
                    .transactions
                    .into_iter()
                    .filter(|transaction| self.seen.insert(transaction.transaction_id.clone())),
            );
            // A start that does not move and brings nothing new would be asked for ever.
            self.next = match response.start_time_for_next_transaction {
                Some(start) if Some(start) > self.start || !self.batch.is_empty() => {
                    self.start = Some(start);
                    Some(question.from(start))
                }
                _ => None,
            };
        }
    }
}
