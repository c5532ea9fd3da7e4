//! `GetTransactionsForSubscription`.

use crate::operation::{Operation, Parameters, Repeat, TransactionStatus};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, SubscriptionId, Timestamp, TransactionId};

/// Asks for the charges of a subscription of a Simple Pay button. Since version 2010-08-28.
///
/// ```
/// use fps_core::SubscriptionId;
/// use fps_core::operation::GetTransactionsForSubscription;
///
/// let ask = GetTransactionsForSubscription::new(SubscriptionId::new("s1"));
/// ```
///
/// # Errors
///
/// `InvalidParams`: no subscription of this caller.
///
/// Source: FPS interface description, `GetTransactionsForSubscription`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetTransactionsForSubscription {
    subscription_id: SubscriptionId,
}

/// What [`GetTransactionsForSubscription`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTransactionsForSubscriptionResponse {
    /// `SubscriptionTransaction`, repeated.
    pub subscription_transactions: Vec<SubscriptionTransaction>,
}

/// One charge of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionTransaction {
    /// `TransactionId`.
    pub transaction_id: TransactionId,
    /// `TransactionDate`.
    pub transaction_date: Option<Timestamp>,
    /// `TransactionSerialNumber`: counted from 1.
    pub transaction_serial_number: Option<i64>,
    /// `TransactionAmount`.
    pub transaction_amount: Amount,
    /// `Description`.
    pub description: Option<String>,
    /// `TransactionStatus`.
    pub transaction_status: TransactionStatus,
}

impl GetTransactionsForSubscription {
    /// Asks about that subscription.
    #[must_use]
    pub const fn new(subscription_id: SubscriptionId) -> Self {
        Self { subscription_id }
    }
}

impl Operation for GetTransactionsForSubscription {
    const ACTION: &'static str = "GetTransactionsForSubscription";
    type Response = GetTransactionsForSubscriptionResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put_since_2010(api::SUBSCRIPTION_ID, &self.subscription_id);
    }

    fn read(result: Element<'_>) -> Result<GetTransactionsForSubscriptionResponse, AnswerError> {
        Ok(GetTransactionsForSubscriptionResponse {
            subscription_transactions: result.repeated("SubscriptionTransaction")?,
        })
    }
}

impl FromElement for SubscriptionTransaction {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            transaction_date: element.optional("TransactionDate")?,
            transaction_serial_number: element.optional("TransactionSerialNumber")?,
            transaction_amount: element.required("TransactionAmount")?,
            description: element.optional("Description")?,
            transaction_status: element.required("TransactionStatus")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;
    use crate::operation::tests::{answered, fault, refused, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_subscription() {
        let ask = GetTransactionsForSubscription::new(SubscriptionId::new("s1"));
        assert_eq!(written(&ask), "SubscriptionId=s1");
        assert_eq!(
            refused(&ask, Version::V2008_09_17),
            "SubscriptionId is not in version 2008-09-17; use 2010-08-28 or leave it out"
        );
    }

    #[test]
    fn the_answer_has_all_charges() {
        let response = answered::<GetTransactionsForSubscription>(
            "<GetTransactionsForSubscriptionResult><SubscriptionTransaction><TransactionId>T1</TransactionId>\
             <TransactionDate>2010-10-06T05:49:52.000-07:00</TransactionDate><TransactionSerialNumber>1</TransactionSerialNumber>\
             <TransactionAmount><CurrencyCode>USD</CurrencyCode><Value>5.000000</Value></TransactionAmount>\
             <Description>monthly</Description><TransactionStatus>Success</TransactionStatus></SubscriptionTransaction>\
             </GetTransactionsForSubscriptionResult>",
        );
        let [charge] = response.subscription_transactions.as_slice() else { panic!("one charge") };
        assert_eq!(charge.transaction_id, TransactionId::new("T1"));
        assert_eq!(charge.transaction_serial_number, Some(1));
        assert_eq!(charge.transaction_amount, Amount::usd("5"));
        assert_eq!(charge.transaction_status, TransactionStatus::Success);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetTransactionsForSubscription>("InvalidParams").verdict(), Verdict::Final);
    }
}
