//! `GetTransaction`.

use std::fmt;

use crate::operation::{
    Operation, Parameters, PaymentSource, RelationType, Repeat, Role, TransactionKind, TransactionStatus,
};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, InstrumentId, Timestamp, TokenId, TransactionId};

/// Asks for everything about a transaction.
///
/// ```
/// use fps_core::TransactionId;
/// use fps_core::operation::GetTransaction;
///
/// let ask = GetTransaction::new(TransactionId::new("14GK6BGKA7U6OU6SUTNLBI5SBBV9PGDJ6UL"));
/// ```
///
/// # Errors
///
/// `InvalidTransactionId` (no transaction of this caller), `InvalidParams` (no transaction's id at all).
///
/// Source: FPS API, `GetTransaction` and its data types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetTransaction {
    transaction_id: TransactionId,
}

/// What [`GetTransaction`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTransactionResponse {
    /// `Transaction`.
    pub transaction: Option<TransactionDetail>,
}

/// All about one transaction: `TransactionDetail`. `Debug` leaves out names and e-mail addresses.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionDetail {
    /// `TransactionId`.
    pub transaction_id: TransactionId,
    /// `CallerReference`: the reference that it was made under, as the service has it.
    pub caller_reference: Option<String>,
    /// `CallerDescription`.
    pub caller_description: Option<String>,
    /// `SenderDescription`.
    pub sender_description: Option<String>,
    /// `DateReceived`: when the service took the request.
    pub date_received: Option<Timestamp>,
    /// `DateCompleted`: when it ended.
    pub date_completed: Option<Timestamp>,
    /// `TransactionAmount`.
    pub transaction_amount: Amount,
    /// `FPSFees`: the service's fee; negative for a refund.
    pub fps_fees: Option<Amount>,
    /// `MarketplaceFees`: what the caller took.
    pub marketplace_fees: Option<Amount>,
    /// `FPSFeesPaidBy`.
    pub fps_fees_paid_by: Option<Role>,
    /// `SenderTokenId`.
    pub sender_token_id: Option<TokenId>,
    /// `RecipientTokenId`.
    pub recipient_token_id: Option<TokenId>,
    /// `PrepaidInstrumentId`.
    pub prepaid_instrument_id: Option<InstrumentId>,
    /// `CreditInstrumentId`.
    pub credit_instrument_id: Option<InstrumentId>,
    /// `FPSOperation`.
    pub fps_operation: Option<TransactionKind>,
    /// `PaymentMethod`.
    pub payment_method: Option<PaymentSource>,
    /// `TransactionStatus`.
    pub transaction_status: TransactionStatus,
    /// `StatusCode`: more about the status.
    pub status_code: Option<String>,
    /// `StatusMessage`: the same in words.
    pub status_message: Option<String>,
    /// `SenderName`.
    pub sender_name: Option<String>,
    /// `SenderEmail`: only if the caller is also the recipient.
    pub sender_email: Option<String>,
    /// `CallerName`.
    pub caller_name: Option<String>,
    /// `RecipientName`.
    pub recipient_name: Option<String>,
    /// `RecipientEmail`.
    pub recipient_email: Option<String>,
    /// `RelatedTransaction`, repeated: refunds of a payment, the payment of a refund, and the like.
    pub related_transactions: Vec<RelatedTransaction>,
    /// `StatusHistory`, repeated.
    pub status_history: Vec<StatusHistory>,
}

/// Another transaction that belongs to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelatedTransaction {
    /// `TransactionId`.
    pub transaction_id: TransactionId,
    /// `RelationType`: how it is related.
    pub relation_type: Option<RelationType>,
}

/// One step of a transaction's life.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusHistory {
    /// `Date`.
    pub date: Timestamp,
    /// `TransactionStatus` from then on.
    pub transaction_status: TransactionStatus,
    /// `StatusCode`.
    pub status_code: Option<String>,
    /// `Amount`. The schema demands it, real answers have none.
    pub amount: Option<Amount>,
}

impl GetTransaction {
    /// Asks for the transaction of that id.
    #[must_use]
    pub const fn new(transaction_id: TransactionId) -> Self {
        Self { transaction_id }
    }
}

impl Operation for GetTransaction {
    const ACTION: &'static str = "GetTransaction";
    type Response = GetTransactionResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TRANSACTION_ID, &self.transaction_id);
    }

    fn read(result: Element<'_>) -> Result<GetTransactionResponse, AnswerError> {
        Ok(GetTransactionResponse { transaction: result.optional("Transaction")? })
    }
}

impl FromElement for TransactionDetail {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            caller_reference: element.optional("CallerReference")?,
            caller_description: element.optional("CallerDescription")?,
            sender_description: element.optional("SenderDescription")?,
            date_received: element.optional("DateReceived")?,
            date_completed: element.optional("DateCompleted")?,
            transaction_amount: element.required("TransactionAmount")?,
            fps_fees: element.optional("FPSFees")?,
            marketplace_fees: element.optional("MarketplaceFees")?,
            fps_fees_paid_by: element.optional("FPSFeesPaidBy")?,
            sender_token_id: element.optional("SenderTokenId")?,
            recipient_token_id: element.optional("RecipientTokenId")?,
            prepaid_instrument_id: element.optional("PrepaidInstrumentId")?,
            credit_instrument_id: element.optional("CreditInstrumentId")?,
            fps_operation: element.optional("FPSOperation")?,
            payment_method: element.optional("PaymentMethod")?,
            transaction_status: element.required("TransactionStatus")?,
            status_code: element.optional("StatusCode")?,
            status_message: element.optional("StatusMessage")?,
            sender_name: element.optional("SenderName")?,
            sender_email: element.optional("SenderEmail")?,
            caller_name: element.optional("CallerName")?,
            recipient_name: element.optional("RecipientName")?,
            recipient_email: element.optional("RecipientEmail")?,
            related_transactions: element.repeated("RelatedTransaction")?,
            status_history: element.repeated("StatusHistory")?,
        })
    }
}

impl FromElement for RelatedTransaction {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            relation_type: element.optional("RelationType")?,
        })
    }
}

impl FromElement for StatusHistory {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            date: element.required("Date")?,
            transaction_status: element.required("TransactionStatus")?,
            status_code: element.optional("StatusCode")?,
            amount: element.optional("Amount")?,
        })
    }
}

impl fmt::Debug for TransactionDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionDetail")
            .field("transaction_id", &self.transaction_id)
            .field("caller_reference", &self.caller_reference)
            .field("date_received", &self.date_received)
            .field("date_completed", &self.date_completed)
            .field("transaction_amount", &self.transaction_amount)
            .field("fps_fees", &self.fps_fees)
            .field("fps_operation", &self.fps_operation)
            .field("payment_method", &self.payment_method)
            .field("transaction_status", &self.transaction_status)
            .field("status_code", &self.status_code)
            .field("related_transactions", &self.related_transactions)
            .field("status_history", &self.status_history)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_transaction() {
        assert_eq!(written(&GetTransaction::new(TransactionId::new("T1"))), "TransactionId=T1");
    }

    #[test]
    fn the_answer_is_read_where_it_breaks_the_schema() {
        let response = answered::<GetTransaction>(
            "<GetTransactionResult><Transaction><TransactionId>T2</TransactionId><CallerReference>order-42-refund-1</CallerReference>\
             <DateReceived>2009-10-05T22:50:08.010-07:00</DateReceived>\
             <TransactionAmount><CurrencyCode>USD</CurrencyCode><Value>1.000000</Value></TransactionAmount>\
             <FPSFees><CurrencyCode>USD</CurrencyCode><Value>-0.100000</Value></FPSFees>\
             <MarketplaceFees><CurrencyCode>USD</CurrencyCode><Value>0</Value></MarketplaceFees>\
             <FPSFeesPaidBy>Recipient</FPSFeesPaidBy><SenderTokenId>\n  S1\n</SenderTokenId><FPSOperation>Refund</FPSOperation>\
             <PaymentMethod>CC</PaymentMethod><TransactionStatus>Success</TransactionStatus>\
             <SenderEmail>john@example.com</SenderEmail><CallerName>DigitalDownload</CallerName>\
             <RelatedTransaction><TransactionId>T1</TransactionId><RelationType>Parent</RelationType></RelatedTransaction>\
             <StatusHistory><Date>2009-10-05T22:50:08.092-07:00</Date><TransactionStatus>Pending</TransactionStatus>\
             <StatusCode>PendingNetworkResponse</StatusCode></StatusHistory>\
             <StatusHistory><Date>2009-10-05T22:50:09</Date><TransactionStatus>Success</TransactionStatus>\
             <Amount><CurrencyCode>USD</CurrencyCode><Value>1</Value></Amount></StatusHistory>\
             </Transaction></GetTransactionResult>",
        );
        let transaction = response.transaction.unwrap();
        assert_eq!(transaction.transaction_amount, Amount::usd("1"));
        assert_eq!(transaction.fps_fees, Some(Amount::usd("-0.10")));
        assert_eq!(transaction.marketplace_fees, Some(Amount::ZERO));
        assert_eq!(transaction.fps_fees_paid_by, Some(Role::Recipient));
        assert_eq!(transaction.sender_token_id, Some(TokenId::new("S1")));
        assert_eq!(transaction.fps_operation, Some(TransactionKind::Refund));
        assert_eq!(transaction.payment_method, Some(PaymentSource::Cc));
        assert_eq!(transaction.related_transactions[0].relation_type, Some(RelationType::Parent));
        let history: Vec<_> = transaction.status_history.iter().map(|step| step.amount).collect();
        assert_eq!(history, [None, Some(Amount::usd("1"))]);
        assert_eq!(transaction.status_history[1].date.to_string(), "2009-10-05T22:50:09.000Z");
        assert!(!format!("{transaction:?}").contains("john@"));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetTransaction>("InvalidTransactionId").verdict(), Verdict::Final);
    }
}
