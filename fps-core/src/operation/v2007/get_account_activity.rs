//! `GetAccountActivity`.

use std::fmt;

use crate::operation::v2007::{
    FIRST, PaymentSource, ResponseGroup, Role, SortOrder, TransactionKind, TransactionPart, TransactionStatus,
};
use crate::operation::{Operation, ParameterError, Parameters, Repeat, with};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Generation, Timestamp, TokenId, TransactionId};

/// Asks for what happened on the caller's own account between two dates, in batches.
///
/// There is one row for each event, not for each transaction: a card payment has a row `Initiated` and a row `Success`.
/// [`Client::account_activity`](crate::client::Client::account_activity) asks for batch after batch.
///
/// ```
/// use fps_core::Timestamp;
/// use fps_core::operation::v2007::{GetAccountActivity, Role, TransactionKind};
///
/// let ask = GetAccountActivity::since("2007-10-01T00:00:00Z".parse::<Timestamp>()?)
///     .with_operation(TransactionKind::Pay)
///     .with_role(Role::Caller)
///     .with_max_batch_size(100u32);
/// # Ok::<(), fps_core::TimestampError>(())
/// ```
///
/// # Errors
///
/// `InvalidDateRange`: the start lies in the future, or the end before the start.
///
/// Source: FPS developer guide of 2007, `GetAccountActivity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAccountActivity {
    operation: Option<TransactionKind>,
    payment_method: Option<PaymentSource>,
    max_batch_size: Option<u32>,
    start_date: Timestamp,
    end_date: Option<Timestamp>,
    response_group: Option<ResponseGroup>,
    sort_order_by_date: Option<SortOrder>,
    roles: Vec<Role>,
    status: Option<TransactionStatus>,
}

/// What [`GetAccountActivity`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAccountActivityResponse {
    /// `ResponseBatchSize`: how many rows this batch has.
    pub response_batch_size: Option<i64>,
    /// `Transactions`, repeated: one row for each event.
    pub transactions: Vec<Transaction>,
    /// `StartTimeForNextTransaction`: the start of the next batch, if there is one.
    pub start_time_for_next_transaction: Option<Timestamp>,
}

/// One event of an account's activity: `Transaction`. `Debug` leaves out names and free text.
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
    /// `Operation`.
    pub operation: Option<TransactionKind>,
    /// `Status` at this event.
    pub status: TransactionStatus,
    /// `ErrorMessage`.
    pub error_message: Option<String>,
    /// `ErrorCode`: there but empty in answers that were seen.
    pub error_code: Option<String>,
    /// `MetaData`: the caller's free text.
    pub meta_data: Option<String>,
    /// `OriginalTransactionId`: of a refund, the payment.
    pub original_transaction_id: Option<TransactionId>,
    /// `TransactionParts`, repeated: only those of the caller's own account.
    pub transaction_parts: Vec<TransactionPart>,
    /// `PaymentMethod`.
    pub payment_method: Option<PaymentSource>,
    /// `SenderName`.
    pub sender_name: Option<String>,
    /// `CallerName`.
    pub caller_name: Option<String>,
    /// `RecipientName`.
    pub recipient_name: Option<String>,
    /// `Fees`: the service's fee.
    pub fees: Option<Amount>,
    /// `Balance`: of the account after this event.
    pub balance: Option<Amount>,
    /// `CallerTokenId`.
    pub caller_token_id: Option<TokenId>,
    /// `SenderTokenId`.
    pub sender_token_id: Option<TokenId>,
    /// `RecipientTokenId`.
    pub recipient_token_id: Option<TokenId>,
}

impl GetAccountActivity {
    /// Asks for what the service received from then on. The time is not in the future.
    #[must_use]
    pub const fn since(start_date: Timestamp) -> Self {
        Self {
            operation: None,
            payment_method: None,
            max_batch_size: None,
            start_date,
            end_date: None,
            response_group: None,
            sort_order_by_date: None,
            roles: Vec::new(),
            status: None,
        }
    }

    with! {
        /// `Operation`: only such; not Reserve.
        with_operation(operation: TransactionKind);
        /// `PaymentMethod`: only so paid.
        with_payment_method(payment_method: PaymentSource);
        /// `MaxBatchSize`: 20 to 200. Default of the service: 20.
        with_max_batch_size(max_batch_size: u32);
        /// `EndDate`: not before the start. Default of the service: now.
        with_end_date(end_date: Timestamp);
        /// `ResponseGroup`: how much each row tells. Default of the service: details.
        with_response_group(response_group: ResponseGroup);
        /// `SortOrderByDate`: by when the service received the request. Default of the service: descending.
        with_sort_order_by_date(sort_order_by_date: SortOrder);
        /// `Status`: only with that status; not Reserved.
        with_status(status: TransactionStatus);
    }

    /// `Role.1`, `Role.2`, …: only where the account is Sender, Caller or Recipient.
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

impl Transaction {
    /// The reference that it was made under, as the service has it: the one in the caller's part.
    #[must_use]
    pub fn caller_reference(&self) -> Option<&str> {
        TransactionPart::caller_reference(&self.transaction_parts)
    }
}

impl Operation for GetAccountActivity {
    const ACTION: &'static str = "GetAccountActivity";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = GetAccountActivityResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        if self.operation == Some(TransactionKind::Reserve) {
            to.refuse(no_filter(api::OPERATION, "Reserve"));
        }
        if self.status == Some(TransactionStatus::Reserved) {
            to.refuse(no_filter(api::STATUS, "Reserved"));
        }
        to.put(api::OPERATION, &self.operation);
        to.put(api::PAYMENT_METHOD, &self.payment_method);
        to.put_number(api::MAX_BATCH_SIZE, self.max_batch_size, 20..=200);
        to.put(api::START_DATE, &self.start_date);
        to.put(api::END_DATE, &self.end_date);
        to.put(api::RESPONSE_GROUP, &self.response_group);
        to.put(api::SORT_ORDER_BY_DATE, &self.sort_order_by_date);
        to.put(api::ROLE, self.roles.as_slice());
        to.put(api::STATUS, &self.status);
    }

    fn read(answer: Element<'_>) -> Result<GetAccountActivityResponse, AnswerError> {
        Ok(GetAccountActivityResponse {
            response_batch_size: answer.optional("ResponseBatchSize")?,
            transactions: answer.repeated("Transactions")?,
            start_time_for_next_transaction: answer.optional("StartTimeForNextTransaction")?,
        })
    }
}

/// The service cannot filter by every value that its answers have.
fn no_filter(parameter: &'static str, value: &'static str) -> ParameterError {
    ParameterError::Value { parameter, value }
}

impl FromElement for Transaction {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            transaction_id: element.required("TransactionId")?,
            caller_transaction_date: element.optional("CallerTransactionDate")?,
            date_received: element.optional("DateReceived")?,
            date_completed: element.optional("DateCompleted")?,
            transaction_amount: element.required("TransactionAmount")?,
            operation: element.optional("Operation")?,
            status: element.required("Status")?,
            error_message: element.optional("ErrorMessage")?,
            error_code: element.optional("ErrorCode")?,
            meta_data: element.optional("MetaData")?,
            original_transaction_id: element.optional("OriginalTransactionId")?,
            transaction_parts: element.repeated("TransactionParts")?,
            payment_method: element.optional("PaymentMethod")?,
            sender_name: element.optional("SenderName")?,
            caller_name: element.optional("CallerName")?,
            recipient_name: element.optional("RecipientName")?,
            fees: element.optional("Fees")?,
            balance: element.optional("Balance")?,
            caller_token_id: element.optional("CallerTokenId")?,
            sender_token_id: element.optional("SenderTokenId")?,
            recipient_token_id: element.optional("RecipientTokenId")?,
        })
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("transaction_id", &self.transaction_id)
            .field("date_received", &self.date_received)
            .field("transaction_amount", &self.transaction_amount)
            .field("operation", &self.operation)
            .field("status", &self.status)
            .field("original_transaction_id", &self.original_transaction_id)
            .field("transaction_parts", &self.transaction_parts)
            .field("payment_method", &self.payment_method)
            .field("fees", &self.fees)
            .field("balance", &self.balance)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::tests::{answered, fault, refused, written};
    use crate::response::Verdict;

    fn since() -> GetAccountActivity {
        GetAccountActivity::since(Timestamp::from_unix_seconds(1_192_554_000))
    }

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(written(&since()), "StartDate=2007-10-16T17%3A00%3A00Z");
        let full = since()
            .with_operation(TransactionKind::Pay)
            .with_payment_method(PaymentSource::Cc)
            .with_max_batch_size(200u32)
            .with_end_date(Timestamp::from_unix_millis(1_192_554_001_250))
            .with_response_group(ResponseGroup::Details)
            .with_sort_order_by_date(SortOrder::Ascending)
            .with_role(Role::Sender)
            .with_role(Role::Caller)
            .with_status(TransactionStatus::Initiated);
        assert_eq!(
            written(&full),
            "Operation=Pay&PaymentMethod=CC&MaxBatchSize=200&StartDate=2007-10-16T17%3A00%3A00Z\
             &EndDate=2007-10-16T17%3A00%3A01.25Z&ResponseGroup=Details&SortOrderByDate=Ascending&Role.1=Sender\
             &Role.2=Caller&Status=Initiated"
        );
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        for (ask, message) in [
            (since().with_max_batch_size(19u32), "MaxBatchSize is 19; the service takes 20 to 200"),
            (since().with_operation(TransactionKind::Reserve), "Operation cannot be Reserve; leave it out"),
            (since().with_status(TransactionStatus::Reserved), "Status cannot be Reserved; leave it out"),
        ] {
            assert_eq!(refused(&ask), message);
        }
    }

    #[test]
    fn the_answer_has_a_row_for_each_event_and_the_next_start() {
        let amount = |name: &str, value: &str| {
            format!("<{name}><CurrencyCode>USD</CurrencyCode><Amount>{value}</Amount></{name}>")
        };
        let row = |status: &str, balance: &str| {
            format!(
                "<Transactions><TransactionId>T1</TransactionId><CallerTransactionDate>2008-04-15T19:43:01.000-07:00</CallerTransactionDate>\
                 <DateReceived>2008-04-15T19:41:09.000-07:00</DateReceived><DateCompleted>2008-04-15T19:41:10.000-07:00</DateCompleted>{}\
                 <Operation>Refund</Operation><Status>{status}</Status><ErrorMessage>m</ErrorMessage><ErrorCode /><MetaData>md</MetaData>\
                 <OriginalTransactionId>T0</OriginalTransactionId><TransactionParts><AccountId>A1</AccountId><Role>Caller</Role>\
                 <Name>SECRET_MARKER</Name><Reference>order-42</Reference></TransactionParts><PaymentMethod>CC</PaymentMethod>\
                 <SenderName>SECRET_MARKER</SenderName><CallerName>Shop</CallerName><RecipientName>Shop</RecipientName>{}{}\
                 <CallerTokenId>C1</CallerTokenId><SenderTokenId>S1</SenderTokenId><RecipientTokenId>R1</RecipientTokenId></Transactions>",
                amount("TransactionAmount", "1.000000"),
                amount("Fees", "0.100000"),
                amount("Balance", balance),
            )
        };
        let response = answered::<GetAccountActivity>(&format!(
            "<ResponseBatchSize>2</ResponseBatchSize>{}{}<StartTimeForNextTransaction>2008-04-15T19:41:09.001-07:00</StartTimeForNextTransaction>",
            row("Success", "32.000000"),
            row("Initiated", "31.100000"),
        ));
        assert_eq!(response.response_batch_size, Some(2));
        let [success, initiated] = response.transactions.as_slice() else { panic!("two rows") };
        assert_eq!(success.transaction_id, initiated.transaction_id);
        assert_eq!(
            (&success.status, success.balance),
            (&TransactionStatus::Success, Some(Amount::usd("32")))
        );
        assert_eq!(initiated.status, TransactionStatus::Initiated);
        assert_eq!(success.caller_reference(), Some("order-42"));
        assert_eq!(success.transaction_amount, Amount::usd("1"));
        assert_eq!(success.fees, Some(Amount::usd("0.10")));
        assert_eq!(success.operation, Some(TransactionKind::Refund));
        assert_eq!(success.payment_method, Some(PaymentSource::Cc));
        assert_eq!(success.original_transaction_id, Some(TransactionId::new("T0")));
        assert_eq!((success.error_code.as_deref(), success.error_message.as_deref()), (Some(""), Some("m")));
        assert_eq!(success.meta_data.as_deref(), Some("md"));
        assert_eq!(success.sender_token_id, Some(TokenId::new("S1")));
        assert!(success.caller_transaction_date > success.date_received);
        assert!(success.date_completed > success.date_received);
        let next = response.start_time_for_next_transaction.unwrap();
        assert_eq!(next.to_string(), "2008-04-16T02:41:09.001Z");
        assert!(!format!("{success:?}").contains("SECRET_MARKER"));
        assert!(answered::<GetAccountActivity>("").transactions.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetAccountActivity>("InvalidDateRange", false).verdict(), Verdict::Final);
    }
}
