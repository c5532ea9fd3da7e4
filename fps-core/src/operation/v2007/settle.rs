//! `Settle`.

use crate::operation::v2007::details::put_meta_data;
use crate::operation::v2007::{FIRST, TransactionResponse};
use crate::operation::{Operation, Parameters, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Amount, Generation, Timestamp, TransactionId};

/// Charges a reserved amount, once: what is not charged is given up.
///
/// The answer has the id of the reservation; settling makes no new transaction. There is no caller reference, so
/// [`Client::send`](crate::client::Client::send) never sends it twice: after an unanswered one, ask
/// [`GetTransaction`](super::GetTransaction) for the reservation.
///
/// ```
/// use fps_core::operation::v2007::Settle;
/// use fps_core::{Amount, TransactionId};
///
/// let settle = Settle::new(TransactionId::new("134OLF7MHB2L4V9T54RHADQ9FCK5NLVZHDC"))
///     .with_transaction_amount(Amount::usd("20"));
/// ```
///
/// # Errors
///
/// `SettleAmountGreaterThanReserveAmount`, `InvalidTransactionId`, `InvalidTransactionState`, `OriginalTransactionFailed`,
/// `OriginalTransactionIncomplete`, `AmountOutOfRange`.
///
/// Source: FPS developer guide of 2007, "Reserve and Settle".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    reserve_transaction_id: TransactionId,
    transaction_amount: Option<Amount>,
    transaction_date: Option<Timestamp>,
    meta_data: Option<String>,
}

/// What [`Settle`] answers.
pub type SettleResponse = TransactionResponse;

impl Settle {
    /// Settles the reservation of that id.
    #[must_use]
    pub const fn new(reserve_transaction_id: TransactionId) -> Self {
        Self { reserve_transaction_id, transaction_amount: None, transaction_date: None, meta_data: None }
    }

    with! {
        /// `TransactionAmount`: at most what was reserved. Default of the service: all of it.
        with_transaction_amount(transaction_amount: Amount);
        /// `TransactionDate`: the caller's own date of it.
        with_transaction_date(transaction_date: Timestamp);
        /// `MetaData`: free text, up to 2,048 bytes.
        with_meta_data(meta_data: String);
    }
}

impl Operation for Settle {
    const ACTION: &'static str = "Settle";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = SettleResponse;

    fn write(&self, to: &mut Parameters) {
        to.put(api::RESERVE_TRANSACTION_ID, &self.reserve_transaction_id);
        to.put(api::TRANSACTION_AMOUNT, &self.transaction_amount);
        to.put(api::TRANSACTION_DATE, &self.transaction_date);
        put_meta_data(to, self.meta_data.as_deref());
    }

    fn read(answer: Element<'_>) -> Result<SettleResponse, AnswerError> {
        TransactionResponse::read(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Repeat;
    use crate::operation::v2007::TransactionStatus;
    use crate::operation::v2007::tests::{answered, fault, transacted, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let settle = Settle::new(TransactionId::new("T1"));
        assert_eq!(written(&settle), "ReserveTransactionId=T1");
        let full = settle
            .with_transaction_amount(Amount::usd("20"))
            .with_transaction_date(Timestamp::from_unix_seconds(1_192_554_000))
            .with_meta_data("md");
        assert_eq!(
            written(&full),
            "ReserveTransactionId=T1&TransactionAmount.CurrencyCode=USD&TransactionAmount.Amount=20.00\
             &TransactionDate=2007-10-16T17%3A00%3A00Z&MetaData=md"
        );
        assert_eq!(full.repeat(), Repeat::Never);
    }

    #[test]
    fn the_answer_is_the_reservation_and_where_it_stands() {
        assert_eq!(answered::<Settle>(&transacted("Initiated")).status, TransactionStatus::Initiated);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<Settle>("SettleAmountGreaterThanReserveAmount", false).verdict(), Verdict::Final);
        assert_eq!(fault::<Settle>("OriginalTransactionIncomplete", true).verdict(), Verdict::NotDone);
    }
}
