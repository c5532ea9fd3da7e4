//! `Settle`.

use url::Url;

use crate::operation::{Operation, Parameters, TransactionResult, with};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, TransactionId};

/// Charges a reserved amount, once: what is not charged is given up.
///
/// The answer has the id of the reservation; settling makes no new transaction. There is no caller reference, so
/// [`Client::send`](crate::client::Client::send) never sends it twice: after an unanswered one, ask
/// [`GetTransaction`](crate::operation::GetTransaction) for the reservation.
///
/// ```
/// use fps_core::operation::Settle;
/// use fps_core::{Amount, TransactionId};
///
/// let settle = Settle::new(TransactionId::new("14GKD9GE66FAA63E6O6B2JDPZKN53LZ7F22"))
///     .with_transaction_amount(Amount::usd("20"));
/// ```
///
/// # Errors
///
/// `SettleAmountGreaterThanReserveAmount`, `InvalidTransactionId`, `InvalidTransactionState` (settled, cancelled or lapsed
/// already), `OriginalTransactionFailed`, `OriginalTransactionIncomplete`.
///
/// Source: FPS API reference, `Settle`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    reserve_transaction_id: TransactionId,
    transaction_amount: Option<Amount>,
    override_ipn_url: Option<Url>,
}

/// What [`Settle`] answers.
pub type SettleResponse = TransactionResult;

impl Settle {
    /// Settles the reservation of that id.
    #[must_use]
    pub const fn new(reserve_transaction_id: TransactionId) -> Self {
        Self { reserve_transaction_id, transaction_amount: None, override_ipn_url: None }
    }

    with! {
        /// `TransactionAmount`: at most what was reserved. Default of the service: all of it.
        with_transaction_amount(transaction_amount: Amount);
        /// `OverrideIPNURL`: where the notices of this charge go. Since version 2010-08-28.
        with_override_ipn_url(override_ipn_url: Url);
    }
}

impl Operation for Settle {
    const ACTION: &'static str = "Settle";
    type Response = SettleResponse;

    fn write(&self, to: &mut Parameters) {
        to.put(api::RESERVE_TRANSACTION_ID, &self.reserve_transaction_id);
        to.put(api::TRANSACTION_AMOUNT, &self.transaction_amount);
        to.put_notice_url(self.override_ipn_url.as_ref());
    }

    fn read(result: Element<'_>) -> Result<SettleResponse, AnswerError> {
        SettleResponse::from_element(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::operation::{Repeat, TransactionStatus};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let settle = Settle::new(TransactionId::new("T1"));
        assert_eq!(written(&settle), "ReserveTransactionId=T1");
        let full = settle
            .with_transaction_amount(Amount::usd("20"))
            .with_override_ipn_url("https://example.com/ipn".parse::<Url>().unwrap());
        assert_eq!(
            written(&full),
            "ReserveTransactionId=T1&TransactionAmount.CurrencyCode=USD&TransactionAmount.Value=20.00\
             &OverrideIPNURL=https%3A%2F%2Fexample.com%2Fipn"
        );
    }

    #[test]
    fn it_is_never_sent_twice() {
        assert_eq!(Settle::new(TransactionId::new("T1")).repeat(), Repeat::Never);
    }

    #[test]
    fn the_answer_is_the_reservation() {
        let response = answered::<Settle>(
            "<SettleResult><TransactionId>T1</TransactionId><TransactionStatus>Pending</TransactionStatus></SettleResult>",
        );
        assert_eq!(response.transaction_id, TransactionId::new("T1"));
        assert_eq!(response.transaction_status, TransactionStatus::Pending);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<Settle>("SettleAmountGreaterThanReserveAmount").verdict(), Verdict::Final);
        assert_eq!(fault::<Settle>("ConcurrentModification").verdict(), Verdict::Unknown);
    }
}
