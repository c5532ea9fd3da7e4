//! `GetAccountActivity`.

use std::fmt;

use crate::operation::{
    Operation, Parameters, PaymentSource, Repeat, Role, SortOrder, TransactionKind, TransactionStatus, with,
};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Timestamp, TokenId, TransactionId};

/// Asks for the transactions of the caller's own account between two dates, in batches.
///
/// [`Client::account_activity`](crate::client::Client::account_activity) asks for batch after batch.
///
/// ```
/// use fps_core::Timestamp;
/// use fps_core::operation::{GetAccountActivity, Role, TransactionKind};
///
/// let ask = GetAccountActivity::since("2010-10-01T00:00:00Z".parse::<Timestamp>()?)
///     .with_fps_operation(TransactionKind::Pay)
///     .with_role(Role::Caller)
///     .with_max_batch_size(100u32);
/// # Ok::<(), fps_core::TimestampError>(())
/// ```
///
/// # Errors
///
/// `InvalidDateRange`: the start lies in the future, or the end before the start.
///
/// Source: FPS Account Management guide, `GetAccountActivity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAccountActivity {
    max_batch_size: Option<u32>,
    start_date: Timestamp,
    end_date: Option<Timestamp>,
    sort_order_by_date: Option<SortOrder>,
    fps_operation: Option<TransactionKind>,
    payment_method: Option<PaymentSource>,
    roles: Vec<Role>,
    transaction_status: Option<TransactionStatus>,
}

/// What [`GetAccountActivity`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAccountActivityResponse {
    /// `BatchSize`: how many transactions this batch has.
    pub batch_size: Option<i64>,
    /// `Transaction`, repeated.
    pub transactions: Vec<Transaction>,
    /// `StartTimeForNextTransaction`: the start of the next batch, if there is one.
    pub start_time_for_next_transaction: Option<Timestamp>,
}

/// One line of an account's activity: `Transaction`. `Debug` leaves out names.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transaction {
    /// `TransactionId`.
    pub transaction_id: TransactionId,
    /// `CallerTransactionDate`: the caller's own date.
    pub caller_transaction_date: Option<Timestamp>,
    /// `DateReceived`: when the service took the request.
    pub date_received: Option<Timestamp>,
    /// `DateCompleted`: when it ended.
    pub date_completed: Option<Timestamp>,
    /// `TransactionAmount`.
    pub transaction_amount: Amount,
    /// `FPSOperation`.
    pub fps_operation: Option<TransactionKind>,
    /// `TransactionStatus`.
    pub transaction_status: TransactionStatus,
    /// `StatusMessage`.
    pub status_message: Option<String>,
    /// `StatusCode`.
    pub status_code: Option<String>,
    /// `OriginalTransactionId`: of a refund, the payment.
    pub original_transaction_id: Option<TransactionId>,
    /// `TransactionPart`, repeated: one for each part that the caller's account plays.
    pub transaction_parts: Vec<TransactionPart>,
    /// `PaymentMethod`.
    pub payment_method: Option<PaymentSource>,
    /// `SenderName`.
    pub sender_name: Option<String>,
    /// `CallerName`.
    pub caller_name: Option<String>,
    /// `RecipientName`.
    pub recipient_name: Option<String>,
    /// `FPSFees`: the service's fee; negative for a refund.
    pub fps_fees: Option<Amount>,
    /// `Balance`: of the account afterwards.
    pub balance: Option<Amount>,
    /// `SenderTokenId`.
    pub sender_token_id: Option<TokenId>,
    /// `RecipientTokenId`.
    pub recipient_token_id: Option<TokenId>,
}

/// One part in a transaction that the caller's account plays.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionPart {
    /// `InstrumentId`.
    pub instrument_id: Option<String>,
    /// `Role`.
    pub role: Role,
    /// `Name`.
    pub name: Option<String>,
    /// `Reference`: in the caller's part, the caller reference of the request.
    pub reference: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `FeesPaid`: negative when they came back.
    pub fees_paid: Option<Amount>,
}

impl GetAccountActivity {
    /// Asks for what the service received from then on. The time is not in the future.
    #[must_use]
    pub const fn since(start_date: Timestamp) -> Self {
        Self {
            max_batch_size: None,
            start_date,
            end_date: None,
            sort_order_by_date: None,
            fps_operation: None,
            payment_method: None,
            roles: Vec::new(),
            transaction_status: None,
        }
    }

    with! {
        /// `MaxBatchSize`: 20 to 200. Default of the service: 20.
        with_max_batch_size(max_batch_size: u32);
        /// `EndDate`: not before the start. Default of the service: now.
        with_end_date(end_date: Timestamp);
        /// `SortOrderByDate`: by when the service received the request. Default of the service: descending.
        with_sort_order_by_date(sort_order_by_date: SortOrder);
        /// `FPSOperation`: only such.
        with_fps_operation(fps_operation: TransactionKind);
        /// `PaymentMethod`: only so paid.
        with_payment_method(payment_method: PaymentSource);
        /// `TransactionStatus`: only with that status.
        with_transaction_status(transaction_status: TransactionStatus);
    }

    /// `Role.1`, `Role.2`, …: only where the account plays one of these parts.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// The same question from another start on.
    pub(crate) const fn from(mut self, start_date: Timestamp) -> Self {
        self.start_date = start_date;
        self
    }
}

impl Operation for GetAccountActivity {
    const ACTION: &'static str = "GetAccountActivity";
    type Response = GetAccountActivityResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put_number(api::MAX_BATCH_SIZE, self.max_batch_size, 20..=200);
        to.put(api::START_DATE, &self.start_date);
        to.put(api::END_DATE, &self.end_date);
        to.put(api::SORT_ORDER_BY_DATE, &self.sort_order_by_date);
        to.put(api::FPS_OPERATION, &self.fps_operation);
        to.put(api::PAYMENT_METHOD, &self.payment_method);
        to.put(api::ROLE, self.roles.as_slice());
        to.put(api::TRANSACTION_STATUS, &self.transaction_status);
    }

    fn read(result: Element<'_>) -> Result<GetAccountActivityResponse, AnswerError> {
        Ok(GetAccountActivityResponse {
            batch_size: result.optional("BatchSize")?,
            transactions: result.repeated("Transaction")?,
            start_time_for_next_transaction: result.optional("StartTimeForNextTransaction")?,
        })
    }
}

impl FromElement for Transaction {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            caller_transaction_date: element.optional("CallerTransactionDate")?,
            date_received: element.optional("DateReceived")?,
            date_completed: element.optional("DateCompleted")?,
            transaction_amount: element.required("TransactionAmount")?,
            fps_operation: element.optional("FPSOperation")?,
            transaction_status: element.required("TransactionStatus")?,
            status_message: element.optional("StatusMessage")?,
            status_code: element.optional("StatusCode")?,
            original_transaction_id: element.optional("OriginalTransactionId")?,
            transaction_parts: element.repeated("TransactionPart")?,
            payment_method: element.optional("PaymentMethod")?,
            sender_name: element.optional("SenderName")?,
            caller_name: element.optional("CallerName")?,
            recipient_name: element.optional("RecipientName")?,
            fps_fees: element.optional("FPSFees")?,
            balance: element.optional("Balance")?,
            sender_token_id: element.optional("SenderTokenId")?,
            recipient_token_id: element.optional("RecipientTokenId")?,
        })
    }
}

impl FromElement for TransactionPart {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            instrument_id: element.optional("InstrumentId")?,
            role: element.required("Role")?,
            name: element.optional("Name")?,
            reference: element.optional("Reference")?,
            description: element.optional("Description")?,
            fees_paid: element.optional("FeesPaid")?,
        })
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("transaction_id", &self.transaction_id)
            .field("date_received", &self.date_received)
            .field("transaction_amount", &self.transaction_amount)
            .field("fps_operation", &self.fps_operation)
            .field("transaction_status", &self.transaction_status)
            .field("status_code", &self.status_code)
            .field("payment_method", &self.payment_method)
            .field("transaction_parts", &self.transaction_parts)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TransactionPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionPart")
            .field("role", &self.role)
            .field("reference", &self.reference)
            .field("fees_paid", &self.fees_paid)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;
    use crate::operation::tests::{answered, fault, refused, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let ask = GetAccountActivity::since(Timestamp::from_unix_seconds(1_286_344_192));
        assert_eq!(written(&ask), "StartDate=2010-10-06T05%3A49%3A52.000Z");
        let full = ask
            .with_max_batch_size(200u32)
            .with_end_date(Timestamp::from_unix_seconds(1_286_344_193))
            .with_sort_order_by_date(SortOrder::Ascending)
            .with_fps_operation(TransactionKind::FundPrepaid)
            .with_payment_method(PaymentSource::Cc)
            .with_role(Role::Sender)
            .with_role(Role::Caller)
            .with_transaction_status(TransactionStatus::Pending);
        assert_eq!(
            written(&full),
            "MaxBatchSize=200&StartDate=2010-10-06T05%3A49%3A52.000Z&EndDate=2010-10-06T05%3A49%3A53.000Z\
             &SortOrderByDate=Ascending&FPSOperation=FundPrepaid&PaymentMethod=CC&Role.1=Sender&Role.2=Caller\
             &TransactionStatus=Pending"
        );
        assert_eq!(
            refused(&full.with_max_batch_size(201u32), Version::default()),
            "MaxBatchSize is 201; the service takes 20 to 200"
        );
    }

    #[test]
    fn the_answer_has_transactions_and_the_next_start() {
        let response = answered::<GetAccountActivity>(
            "<GetAccountActivityResult><BatchSize>2</BatchSize>\
             <Transaction><TransactionId>T1</TransactionId><CallerTransactionDate>2009-10-07T04:36:28.528-07:00</CallerTransactionDate>\
             <DateReceived>2009-10-07T04:36:28.568-07:00</DateReceived>\
             <TransactionAmount><CurrencyCode>USD</CurrencyCode><Value>4.000000</Value></TransactionAmount>\
             <FPSOperation>Pay</FPSOperation><TransactionStatus>Success</TransactionStatus>\
             <TransactionPart><Role>Caller</Role><Reference>order-42-pay</Reference>\
             <FeesPaid><CurrencyCode>USD</CurrencyCode><Value>-0.1</Value></FeesPaid></TransactionPart>\
             <TransactionPart><Role>Recipient</Role><Name>John Doe</Name></TransactionPart>\
             <PaymentMethod>ABT</PaymentMethod><SenderName>John Doe</SenderName><CallerName>Shop</CallerName>\
             <FPSFees><CurrencyCode>USD</CurrencyCode><Value>0</Value></FPSFees>\
             <Balance><CurrencyCode>USD</CurrencyCode><Value>8.900000</Value></Balance></Transaction>\
             <Transaction><TransactionId>T2</TransactionId>\
             <TransactionAmount><CurrencyCode>USD</CurrencyCode><Value>1</Value></TransactionAmount>\
             <TransactionStatus>Pending</TransactionStatus></Transaction>\
             <StartTimeForNextTransaction>2009-10-07T04:36:29.000-07:00</StartTimeForNextTransaction></GetAccountActivityResult>",
        );
        assert_eq!(response.batch_size, Some(2));
        let [first, second] = response.transactions.as_slice() else { panic!("two transactions") };
        assert_eq!(first.transaction_amount, Amount::usd("4"));
        assert_eq!(first.transaction_parts[0].role, Role::Caller);
        assert_eq!(first.transaction_parts[0].reference.as_deref(), Some("order-42-pay"));
        assert_eq!(first.transaction_parts[0].fees_paid, Some(Amount::usd("-0.10")));
        assert_eq!(first.fps_fees, Some(Amount::ZERO));
        assert_eq!(first.balance, Some(Amount::usd("8.90")));
        assert_eq!(second.transaction_status, TransactionStatus::Pending);
        let next = response.start_time_for_next_transaction.unwrap();
        assert_eq!(next.to_string(), "2009-10-07T11:36:29.000Z");
        assert!(!format!("{first:?}").contains("John"));
        assert!(answered::<GetAccountActivity>("<GetAccountActivityResult/>").transactions.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetAccountActivity>("InvalidDateRange").verdict(), Verdict::Final);
    }
}
