//! `GetTransaction`.

use std::fmt;

use crate::operation::v2007::{FIRST, PaymentSource, TransactionKind, TransactionPart, TransactionStatus};
use crate::operation::{Operation, Parameters, Repeat};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Generation, InstrumentId, Timestamp, TokenId, TransactionId};

/// Asks for everything about a transaction of the caller's own account.
///
/// ```
/// use fps_core::TransactionId;
/// use fps_core::operation::v2007::GetTransaction;
///
/// let ask = GetTransaction::new(TransactionId::new("133I77HJS56JVM7M54OZIRITRVLUT5F227U"));
/// ```
///
/// # Errors
///
/// `InvalidTransactionId` (no transaction of this caller), `InvalidParams` (no transaction's id at all).
///
/// Source: FPS developer guide of 2007, `GetTransaction` and `TransactionDetail`.
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

/// All about one transaction: `TransactionDetail`. `Debug` leaves out names and free text.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionDetail {
    /// `TransactionId`.
    pub transaction_id: TransactionId,
    /// `CallerTransactionDate`: the caller's own date, by the caller's clock.
    pub caller_transaction_date: Option<Timestamp>,
    /// `DateReceived`: when the service took the request.
    pub date_received: Option<Timestamp>,
    /// `DateCompleted`: when it ended.
    pub date_completed: Option<Timestamp>,
    /// `TransactionAmount`.
    pub transaction_amount: Amount,
    /// `Fees`: the service's fee.
    pub fees: Option<Amount>,
    /// `CallerTokenId`.
    pub caller_token_id: Option<TokenId>,
    /// `SenderTokenId`.
    pub sender_token_id: Option<TokenId>,
    /// `RecipientTokenId`.
    pub recipient_token_id: Option<TokenId>,
    /// `PrepaidInstrumentId`.
    pub prepaid_instrument_id: Option<InstrumentId>,
    /// `CreditInstrumentId`.
    pub credit_instrument_id: Option<InstrumentId>,
    /// `Operation`.
    pub operation: Option<TransactionKind>,
    /// `PaymentMethod`.
    pub payment_method: Option<PaymentSource>,
    /// `Status`.
    pub status: TransactionStatus,
    /// `ErrorCode`: why it failed.
    pub error_code: Option<String>,
    /// `ErrorMessage`: the same in words.
    pub error_message: Option<String>,
    /// `MetaData`: the caller's free text.
    pub meta_data: Option<String>,
    /// `SenderName`.
    pub sender_name: Option<String>,
    /// `CallerName`.
    pub caller_name: Option<String>,
    /// `RecipientName`.
    pub recipient_name: Option<String>,
    /// `TransactionParts`, repeated: of all parties.
    pub transaction_parts: Vec<TransactionPart>,
    /// `RelatedTransactions`, repeated: such as the refunds of a payment.
    pub related_transactions: Vec<TransactionId>,
    /// `StatusHistory`, repeated.
    pub status_history: Vec<StatusChange>,
}

/// One step of a transaction's life.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusChange {
    /// `Date`.
    pub date: Timestamp,
    /// `Status` from then on.
    pub status: TransactionStatus,
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

impl TransactionDetail {
    /// The reference that it was made under, as the service has it: the one in the caller's part.
    #[must_use]
    pub fn caller_reference(&self) -> Option<&str> {
        TransactionPart::caller_reference(&self.transaction_parts)
    }
}

impl Operation for GetTransaction {
    const ACTION: &'static str = "GetTransaction";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = GetTransactionResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TRANSACTION_ID, &self.transaction_id);
    }

    fn read(answer: Element<'_>) -> Result<GetTransactionResponse, AnswerError> {
        Ok(GetTransactionResponse { transaction: answer.optional("Transaction")? })
    }
}

impl FromElement for TransactionDetail {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        let related = element.children().filter(|child| child.name() == "RelatedTransactions");
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            caller_transaction_date: element.optional("CallerTransactionDate")?,
            date_received: element.optional("DateReceived")?,
            date_completed: element.optional("DateCompleted")?,
            transaction_amount: element.required("TransactionAmount")?,
            fees: element.optional("Fees")?,
            caller_token_id: element.optional("CallerTokenId")?,
            sender_token_id: element.optional("SenderTokenId")?,
            recipient_token_id: element.optional("RecipientTokenId")?,
            prepaid_instrument_id: element.optional("PrepaidInstrumentId")?,
            credit_instrument_id: element.optional("CreditInstrumentId")?,
            operation: element.optional("Operation")?,
            payment_method: element.optional("PaymentMethod")?,
            status: element.required("Status")?,
            error_code: element.optional("ErrorCode")?,
            error_message: element.optional("ErrorMessage")?,
            meta_data: element.optional("MetaData")?,
            sender_name: element.optional("SenderName")?,
            caller_name: element.optional("CallerName")?,
            recipient_name: element.optional("RecipientName")?,
            transaction_parts: element.repeated("TransactionParts")?,
            related_transactions: related
                .map(|one| one.required("TransactionId"))
                .collect::<Result<_, _>>()?,
            status_history: element.repeated("StatusHistory")?,
        })
    }
}

impl FromElement for StatusChange {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            date: element.required("Date")?,
            status: element.required("Status")?,
            amount: element.optional("Amount")?,
        })
    }
}

impl fmt::Debug for TransactionDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionDetail")
            .field("transaction_id", &self.transaction_id)
            .field("date_received", &self.date_received)
            .field("date_completed", &self.date_completed)
            .field("transaction_amount", &self.transaction_amount)
            .field("fees", &self.fees)
            .field("operation", &self.operation)
            .field("payment_method", &self.payment_method)
            .field("status", &self.status)
            .field("error_code", &self.error_code)
            .field("transaction_parts", &self.transaction_parts)
            .field("related_transactions", &self.related_transactions)
            .field("status_history", &self.status_history)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::Role;
    use crate::operation::v2007::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_transaction() {
        assert_eq!(written(&GetTransaction::new(TransactionId::new("T1"))), "TransactionId=T1");
    }

    #[test]
    fn the_answer_has_everything() {
        let amount = |name: &str, value: &str| {
            format!("<{name}><CurrencyCode>USD</CurrencyCode><Amount>{value}</Amount></{name}>")
        };
        let response = answered::<GetTransaction>(&format!(
            "<Transaction><TransactionId>T1</TransactionId><CallerTransactionDate>2007-10-16T10:00:00.000-07:00</CallerTransactionDate>\
             <DateReceived>2007-10-16T10:00:01.000-07:00</DateReceived><DateCompleted>2007-10-16T10:00:02.000-07:00</DateCompleted>{}{}\
             <CallerTokenId>C1</CallerTokenId><SenderTokenId>S1</SenderTokenId><RecipientTokenId>R1</RecipientTokenId>\
             <PrepaidInstrumentId>P1</PrepaidInstrumentId><CreditInstrumentId>D1</CreditInstrumentId>\
             <Operation>Pay</Operation><PaymentMethod>CC</PaymentMethod><Status>Failure</Status>\
             <ErrorCode>x</ErrorCode><ErrorMessage>y</ErrorMessage><MetaData>order=42</MetaData>\
             <SenderName>SECRET_MARKER</SenderName><CallerName>Shop</CallerName><RecipientName>Shop</RecipientName>\
             <TransactionParts><AccountId>A1</AccountId><InstrumentId>I1</InstrumentId><Role>Sender</Role><Name>SECRET_MARKER</Name>\
             <Reference /><Description /></TransactionParts>\
             <TransactionParts><AccountId>A2</AccountId><Role>Caller</Role><Reference>order-42-pay</Reference><Description>a song</Description>{}</TransactionParts>\
             <RelatedTransactions><TransactionId>T2</TransactionId></RelatedTransactions>\
             <StatusHistory><Date>2007-10-16T10:00:01.000-07:00</Date><Status>Initiated</Status></StatusHistory>\
             <StatusHistory><Date>2007-10-16T10:00:02.000-07:00</Date><Status>Failure</Status>{}</StatusHistory></Transaction>",
            amount("TransactionAmount", "0.100000"),
            amount("Fees", "0.010000"),
            amount("FeePaid", "0.010000"),
            amount("Amount", "0.100000"),
        ));
        let transaction = response.transaction.unwrap();
        assert!(!format!("{transaction:?}").contains("SECRET_MARKER"));
        assert_eq!(transaction.caller_reference(), Some("order-42-pay"));
        assert_eq!(transaction.caller_transaction_date.unwrap().to_string(), "2007-10-16T17:00:00.000Z");
        assert_eq!(transaction.date_received.unwrap().to_string(), "2007-10-16T17:00:01.000Z");
        assert_eq!(transaction.date_completed.unwrap().to_string(), "2007-10-16T17:00:02.000Z");
        assert_eq!(transaction.transaction_amount, Amount::usd("0.10"));
        assert_eq!(transaction.fees, Some(Amount::usd("0.01")));
        assert_eq!(transaction.caller_token_id, Some(TokenId::new("C1")));
        assert_eq!(transaction.sender_token_id, Some(TokenId::new("S1")));
        assert_eq!(transaction.recipient_token_id, Some(TokenId::new("R1")));
        assert_eq!(transaction.prepaid_instrument_id, Some(InstrumentId::new("P1")));
        assert_eq!(transaction.credit_instrument_id, Some(InstrumentId::new("D1")));
        assert_eq!(transaction.operation, Some(TransactionKind::Pay));
        assert_eq!(transaction.payment_method, Some(PaymentSource::Cc));
        assert_eq!(transaction.status, TransactionStatus::Failure);
        assert_eq!(transaction.error_code.as_deref(), Some("x"));
        assert_eq!(transaction.error_message.as_deref(), Some("y"));
        assert_eq!(transaction.meta_data.as_deref(), Some("order=42"));
        assert_eq!(transaction.sender_name.as_deref(), Some("SECRET_MARKER"));
        assert_eq!(transaction.caller_name, transaction.recipient_name);
        let [sender, caller] = transaction.transaction_parts.as_slice() else { panic!("two parts") };
        assert_eq!((&sender.role, sender.reference.as_deref()), (&Role::Sender, Some("")));
        assert_eq!(sender.instrument_id, Some(InstrumentId::new("I1")));
        assert_eq!((sender.account_id.as_deref(), sender.fee_paid), (Some("A1"), None));
        assert_eq!(caller.description.as_deref(), Some("a song"));
        assert_eq!(caller.fee_paid, Some(Amount::usd("0.01")));
        assert_eq!(transaction.related_transactions, [TransactionId::new("T2")]);
        let [first, last] = transaction.status_history.as_slice() else { panic!("two steps") };
        assert_eq!((&first.status, first.amount), (&TransactionStatus::Initiated, None));
        assert_eq!((&last.status, last.amount), (&TransactionStatus::Failure, Some(Amount::usd("0.10"))));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetTransaction>("InvalidTransactionId", false).verdict(), Verdict::Final);
    }
}
