//! Notices (IPN): what the service posts to the caller when a transaction moves or a token is cancelled.
//!
//! A notice is a hint, delivered any number of times and in any order: what a receiver does must be the same the second time,
//! by transaction id and status. [`NoticeBody::from_raw`] looks at the shape,
//! [`Client::verify_notice`](crate::client::Client::verify_notice) has it verified and only then reads it.
//!
//! Source: FPS Basic Quick Start, "Instant Payment Notification".

use std::fmt;

use url::Url;

use crate::checkout::ShippingAddress;
use crate::client::Client;
use crate::operation::{PaymentSource, TokenType, TransactionStatus};
use crate::param::{notice, pipeline};
use crate::pipeline::{MAX_RECEIVED_BYTES, ReturnError, VerifyError};
use crate::signature::legacy::string_to_sign_version_1;
use crate::signature::received::Received;
use crate::signature::{Method, SignatureMethod, hmac};
use crate::wire::wire_enums;
use crate::{Amount, CallerReference, Pairs, SecretKey, Timestamp, TokenId, TransactionId};

/// A notice of the right shape, not verified yet: nothing of it can be read.
///
/// ```
/// use fps_core::notice::NoticeBody;
/// use fps_core::pipeline::ReturnError;
///
/// let notice_url = "https://shop.example/notice".parse()?;
/// let refused = NoticeBody::from_raw(&notice_url, "", "transactionId=T1&status=SUCCESS&signature=8g9X");
/// assert_eq!(refused.unwrap_err(), ReturnError::Missing { field: "signatureVersion" });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeBody(Received);

impl NoticeBody {
    /// Looks at the shape of a notice.
    ///
    /// `notice_url` is the address as the account or `OverrideIPNURL` has it, never what a `Host` header says; its query and
    /// fragment play no part. `raw_query` is what the request's URL had behind the question mark (the signature covers it),
    /// `raw_body` its body, both byte for byte.
    ///
    /// # Errors
    ///
    /// [`ReturnError`] by the first rule broken, as for returns.
    pub fn from_raw(notice_url: &Url, raw_query: &str, raw_body: &str) -> Result<Self, ReturnError> {
        if raw_query.is_empty() {
            return Received::from_raw(Method::Post, notice_url, raw_body).map(Self);
        }
        Received::from_raw(Method::Post, notice_url, &format!("{raw_query}&{raw_body}")).map(Self)
    }

    /// Verifies and reads a notice of before November 2009, signed by version 1 with the caller's own secret.
    ///
    /// # Security
    ///
    /// Version 1 proves little: see [`signature::legacy`](crate::signature::legacy). For recorded notices only; what arrives
    /// today without `signatureVersion` is an attempt to get away with less.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Shape`], [`VerifyError::NotGenuine`] or [`VerifyError::Unreadable`].
    pub fn insecure_verify_version_1(raw_body: &str, secret: &SecretKey) -> Result<Notice, VerifyError> {
        if raw_body.len() > MAX_RECEIVED_BYTES {
            return Err(ReturnError::TooLarge { bytes: raw_body.len() }.into());
        }
        let pairs = Pairs::decode(raw_body).map_err(ReturnError::from)?;
        if let Some(name) = pairs.repeated() {
            return Err(ReturnError::Repeated { name: name.to_owned() }.into());
        }
        let signature = pairs.get(pipeline::SIGNATURE);
        let signature = signature.ok_or(ReturnError::Missing { field: pipeline::SIGNATURE })?;
        if pairs.get(pipeline::SIGNATURE_VERSION).is_some_and(|version| version != "1") {
            return Err(ReturnError::SignatureVersion.into());
        }
        let text = string_to_sign_version_1(&pairs);
        if !hmac::verify(SignatureMethod::HmacSha1, secret, &text, signature) {
            return Err(VerifyError::NotGenuine);
        }
        Notice::read(&Facts(pairs))
    }

    #[cfg(feature = "certificate")]
    pub(crate) const fn received(&self) -> &Received {
        &self.0
    }

    /// To be called by a verifier that has found the signature genuine.
    pub(crate) fn into_verified(self) -> Result<Notice, VerifyError> {
        Notice::read(&Facts(self.0.into_pairs()))
    }
}

impl Client {
    /// Has a notice verified by the service, and reads it.
    ///
    /// # Errors
    ///
    /// [`VerifyError`]: refused, unreadable, or not known because the service cannot be asked.
    pub async fn verify_notice(&self, body: NoticeBody) -> Result<Notice, VerifyError> {
        self.verify_received(&body.0).await?;
        body.into_verified()
    }
}

/// A notice that the service has signed for this address. Only a verifier makes one.
///
/// It proves that the service speaks, not that the transaction is ours: look the transaction up by our own keys, or know its
/// id from an answer of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A transaction moved: `notificationType=TransactionStatus`.
    Transaction(Box<TransactionNotice>),
    /// A token was cancelled: `notificationType=TokenCancellation`.
    TokenCancellation(Box<TokenNotice>),
    /// Something else, such as a notice of a Simple Pay button, as it came.
    Other(Pairs),
}

/// A transaction moved. `Debug` leaves out names and addresses.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionNotice {
    /// `transactionId`.
    pub transaction_id: TransactionId,
    /// `transactionDate`.
    pub transaction_date: Option<Timestamp>,
    /// `transactionStatus`, or `status` as older notices spell it. `INITIATED` of 2009 is kept as it came.
    pub transaction_status: TransactionStatus,
    /// `statusCode`: more about the status.
    pub status_code: Option<String>,
    /// `statusMessage`: the same in words.
    pub status_message: Option<String>,
    /// `operation`.
    pub operation: Option<NoticeOperation>,
    /// `callerReference`: of the operation, as the service has it.
    pub caller_reference: Option<CallerReference>,
    /// `paymentMethod`.
    pub payment_method: Option<PaymentSource>,
    /// `transactionAmount`: `USD 10.00`.
    pub transaction_amount: Option<Amount>,
    /// `paymentReason`.
    pub payment_reason: Option<String>,
    /// `parentTransactionId`: of a refund, the payment.
    pub parent_transaction_id: Option<TransactionId>,
    /// `buyerName`, up to 128 characters.
    pub buyer_name: Option<String>,
    /// `buyerEmail`: not in marketplace transactions.
    pub buyer_email: Option<String>,
    /// `recipientName`, up to 128 characters.
    pub recipient_name: Option<String>,
    /// `recipientEmail`.
    pub recipient_email: Option<String>,
    /// `addressFullName` and the rest, if the address was collected. There is no city.
    pub address: Option<ShippingAddress>,
    /// The caller's own parameters, from the notice URL.
    pub own: Pairs,
}

/// A token was cancelled. `Debug` leaves out name and address of the customer.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenNotice {
    /// `tokenId`.
    pub token_id: TokenId,
    /// `tokenType`.
    pub token_type: Option<TokenType>,
    /// `callerReference`: of the pipeline, as the service has it.
    pub caller_reference: Option<CallerReference>,
    /// `dateInstalled`: a text such as `Sep 27, 2009`.
    pub date_installed: Option<String>,
    /// `paymentReason`.
    pub payment_reason: Option<String>,
    /// `customerName`.
    pub customer_name: Option<String>,
    /// `customerEmail`.
    pub customer_email: Option<String>,
    /// The caller's own parameters, from the notice URL.
    pub own: Pairs,
}

wire_enums! {
    /// What a notice's transaction does: `operation`.
    NoticeOperation {
        Pay = "PAY",
        Refund = "REFUND",
        Settle = "SETTLE",
        SettleDebt = "SETTLE_DEBT",
        WriteOffDebt = "WRITE_OFF_DEBT",
        FundPrepaid = "FUND_PREPAID",
        Reserve = "RESERVE",
        MultiSettle = "MULTI_SETTLE",
        /// A reservation had to be authorised anew.
        Reauth = "REAUTH",
        DepositFunds = "DEPOSIT_FUNDS",
        WithdrawFunds = "WITHDRAW_FUNDS",
        /// Cancelled, not by a user.
        CancelTransaction = "CANCEL_TRANSACTION",
        /// Cancelled by a user.
        Cancel = "CANCEL",
    }
}

impl Notice {
    fn read(facts: &Facts) -> Result<Self, VerifyError> {
        match facts.text(notice::NOTIFICATION_TYPE) {
            Some("TransactionStatus") => TransactionNotice::read(facts).map(Box::new).map(Self::Transaction),
            Some("TokenCancellation") => TokenNotice::read(facts).map(Box::new).map(Self::TokenCancellation),
            _ => Ok(Self::Other(facts.0.clone())),
        }
    }
}

impl TransactionNotice {
    fn read(facts: &Facts) -> Result<Self, VerifyError> {
        let status = facts.text(notice::TRANSACTION_STATUS).or_else(|| facts.text(notice::STATUS));
        let status = status.ok_or(VerifyError::Unreadable { parameter: notice::TRANSACTION_STATUS })?;
        Ok(Self {
            transaction_id: TransactionId::new(facts.required(notice::TRANSACTION_ID)?),
            transaction_date: facts.read(notice::TRANSACTION_DATE, seconds)?,
            transaction_status: status_in_capitals(status),
            status_code: facts.owned(notice::STATUS_CODE),
            status_message: facts.owned(notice::STATUS_MESSAGE),
            operation: facts.text(notice::OPERATION).map(NoticeOperation::from_wire),
            caller_reference: facts.caller_reference(),
            payment_method: facts.text(notice::PAYMENT_METHOD).map(PaymentSource::from_wire),
            transaction_amount: facts.read(notice::TRANSACTION_AMOUNT, dollars)?,
            payment_reason: facts.owned(notice::PAYMENT_REASON),
            parent_transaction_id: facts.text(notice::PARENT_TRANSACTION_ID).map(TransactionId::new),
            buyer_name: facts.owned(notice::BUYER_NAME),
            buyer_email: facts.owned(notice::BUYER_EMAIL),
            recipient_name: facts.owned(notice::RECIPIENT_NAME),
            recipient_email: facts.owned(notice::RECIPIENT_EMAIL),
            address: facts.address(),
            own: facts.own(),
        })
    }
}

impl TokenNotice {
    fn read(facts: &Facts) -> Result<Self, VerifyError> {
        Ok(Self {
            token_id: TokenId::new(facts.required(notice::TOKEN_ID)?),
            token_type: facts.text(notice::TOKEN_TYPE).map(TokenType::from_wire),
            caller_reference: facts.caller_reference(),
            date_installed: facts.owned(notice::DATE_INSTALLED),
            payment_reason: facts.owned(notice::PAYMENT_REASON),
            customer_name: facts.owned(notice::CUSTOMER_NAME),
            customer_email: facts.owned(notice::CUSTOMER_EMAIL),
            own: facts.own(),
        })
    }
}

impl fmt::Debug for TransactionNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionNotice")
            .field("transaction_id", &self.transaction_id)
            .field("transaction_status", &self.transaction_status)
            .field("status_code", &self.status_code)
            .field("operation", &self.operation)
            .field("caller_reference", &self.caller_reference)
            .field("payment_method", &self.payment_method)
            .field("transaction_amount", &self.transaction_amount)
            .field("parent_transaction_id", &self.parent_transaction_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TokenNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenNotice")
            .field("token_id", &self.token_id)
            .field("token_type", &self.token_type)
            .field("caller_reference", &self.caller_reference)
            .finish_non_exhaustive()
    }
}

/// What a genuine notice says, by name.
struct Facts(Pairs);

impl Facts {
    /// A value that is not empty.
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).filter(|text| !text.is_empty())
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    fn required(&self, parameter: &'static str) -> Result<&str, VerifyError> {
        self.text(parameter).ok_or(VerifyError::Unreadable { parameter })
    }

    fn read<T>(
        &self,
        parameter: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, VerifyError> {
        match self.text(parameter) {
            Some(text) => read(text).map(Some).ok_or(VerifyError::Unreadable { parameter }),
            None => Ok(None),
        }
    }

    fn caller_reference(&self) -> Option<CallerReference> {
        self.text(notice::CALLER_REFERENCE).and_then(|text| CallerReference::new(text).ok())
    }

    fn address(&self) -> Option<ShippingAddress> {
        let address = ShippingAddress {
            name: self.owned(notice::ADDRESS_FULL_NAME),
            line1: self.owned(notice::ADDRESS_LINE_1),
            line2: self.owned(notice::ADDRESS_LINE_2),
            city: None,
            state: self.owned(notice::ADDRESS_STATE),
            country: self.owned(notice::ADDRESS_COUNTRY),
            zip: self.owned(notice::ADDRESS_ZIP),
            phone_number: self.owned(notice::ADDRESS_PHONE),
        };
        (address != ShippingAddress::default()).then_some(address)
    }

    fn own(&self) -> Pairs {
        let of_the_service =
            |name: &str| NAMES_OF_THE_SERVICE.iter().any(|known| name.eq_ignore_ascii_case(known));
        let own = self.0.iter().filter(|(name, _)| !of_the_service(name));
        own.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// The status as answers spell it: notices write it in capitals.
fn status_in_capitals(text: &str) -> TransactionStatus {
    match text {
        "RESERVED" => TransactionStatus::Reserved,
        "SUCCESS" => TransactionStatus::Success,
        "FAILURE" => TransactionStatus::Failure,
        "PENDING" => TransactionStatus::Pending,
        "CANCELLED" => TransactionStatus::Cancelled,
        other => TransactionStatus::from_wire(other),
    }
}

/// `1402841022`.
fn seconds(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Timestamp::from_unix_seconds)
}

/// `USD 10.00`.
fn dollars(text: &str) -> Option<Amount> {
    text.strip_prefix("USD ").and_then(|amount| amount.parse().ok())
}

const NAMES_OF_THE_SERVICE: &[&str] = &[
    pipeline::SIGNATURE,
    pipeline::SIGNATURE_METHOD,
    pipeline::SIGNATURE_VERSION,
    pipeline::CERTIFICATE_URL,
    notice::ADDRESS_COUNTRY,
    notice::ADDRESS_FULL_NAME,
    notice::ADDRESS_LINE_1,
    notice::ADDRESS_LINE_2,
    notice::ADDRESS_PHONE,
    notice::ADDRESS_STATE,
    notice::ADDRESS_ZIP,
    notice::BUYER_EMAIL,
    notice::BUYER_NAME,
    notice::CALLER_REFERENCE,
    notice::CUSTOMER_EMAIL,
    notice::CUSTOMER_NAME,
    notice::DATE_INSTALLED,
    notice::IS_SHIPPING_ADDRESS_PROVIDED,
    notice::NOTIFICATION_TYPE,
    notice::OPERATION,
    notice::PARENT_TRANSACTION_ID,
    notice::PAYMENT_METHOD,
    notice::PAYMENT_REASON,
    notice::RECIPIENT_EMAIL,
    notice::RECIPIENT_NAME,
    notice::STATUS,
    notice::STATUS_CODE,
    notice::STATUS_MESSAGE,
    notice::TOKEN_ID,
    notice::TOKEN_TYPE,
    notice::TRANSACTION_AMOUNT,
    notice::TRANSACTION_DATE,
    notice::TRANSACTION_ID,
    notice::TRANSACTION_STATUS,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Notice, VerifyError> {
        Notice::read(&Facts(Pairs::decode(body).unwrap()))
    }

    fn transaction(body: &str) -> TransactionNotice {
        match read(&format!("notificationType=TransactionStatus&{body}")) {
            Ok(Notice::Transaction(notice)) => *notice,
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn a_payment_of_2014_is_read_in_full() {
        let notice = transaction(
            "fps=order.mac&operation=PAY&transactionDate=1402841022&recipientEmail=shop%40example.com\
             &recipientName=DigitalDownload&buyerName=John+Doe&callerReference=order-42-pay&transactionId=T1\
             &transactionStatus=SUCCESS&statusCode=Success&statusMessage=Done.&paymentMethod=ABT\
             &transactionAmount=USD+10.00&paymentReason=a+song&addressFullName=John+Doe&addressZip=98101\
             &signature=x&signatureVersion=2&signatureMethod=RSA-SHA1&certificateUrl=y",
        );
        assert_eq!(notice.transaction_id, TransactionId::new("T1"));
        assert_eq!(notice.transaction_date, Some(Timestamp::from_unix_seconds(1_402_841_022)));
        assert_eq!(notice.transaction_status, TransactionStatus::Success);
        assert_eq!(notice.status_code.as_deref(), Some("Success"));
        assert_eq!(notice.operation, Some(NoticeOperation::Pay));
        assert_eq!(notice.caller_reference, Some(CallerReference::new("order-42-pay").unwrap()));
        assert_eq!(notice.payment_method, Some(PaymentSource::Abt));
        assert_eq!(notice.transaction_amount, Some(Amount::usd("10")));
        assert_eq!(notice.address.as_ref().and_then(|address| address.zip.as_deref()), Some("98101"));
        assert_eq!(notice.own, Pairs::from_iter([("fps", "order.mac")]));
        let shown = format!("{notice:?}");
        assert!(!shown.contains("John") && !shown.contains("shop@"), "{shown}");
    }

    #[test]
    fn both_spellings_of_the_status_are_read() {
        for (body, status) in [
            ("transactionStatus=PENDING", TransactionStatus::Pending),
            ("transactionStatus=RESERVED", TransactionStatus::Reserved),
            ("transactionStatus=CANCELLED", TransactionStatus::Cancelled),
            ("status=FAILURE", TransactionStatus::Failure),
            ("status=Success", TransactionStatus::Success),
            ("status=INITIATED", TransactionStatus::Other("INITIATED".to_owned())),
            ("transactionStatus=SUCCESS&status=PENDING", TransactionStatus::Success),
        ] {
            let notice =
                transaction(&format!("transactionId=T1&operation=REFUND&parentTransactionId=T0&{body}"));
            assert_eq!(notice.transaction_status, status, "{body}");
            assert_eq!(notice.parent_transaction_id, Some(TransactionId::new("T0")));
        }
    }

    #[test]
    fn a_value_that_cannot_be_read_is_said_and_never_dropped() {
        for (body, parameter) in [
            ("status=SUCCESS", notice::TRANSACTION_ID),
            ("transactionId=T1", notice::TRANSACTION_STATUS),
            ("transactionId=T1&status=SUCCESS&transactionAmount=EUR+1.00", notice::TRANSACTION_AMOUNT),
            ("transactionId=T1&status=SUCCESS&transactionAmount=1.00", notice::TRANSACTION_AMOUNT),
            ("transactionId=T1&status=SUCCESS&transactionDate=today", notice::TRANSACTION_DATE),
            ("transactionId=T1&status=SUCCESS&transactionDate=-1", notice::TRANSACTION_DATE),
        ] {
            match read(&format!("notificationType=TransactionStatus&{body}")) {
                Err(VerifyError::Unreadable { parameter: said }) => assert_eq!(said, parameter, "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_cancelled_token_is_read() {
        let body = "notificationType=TokenCancellation&tokenId=S1&tokenType=MultiUse&callerReference=tab-7\
                    &customerName=John+Doe&customerEmail=john%40example.com&dateInstalled=Sep+27%2C+2009&paymentReason=songs";
        let Ok(Notice::TokenCancellation(notice)) = read(body) else { panic!("{body}") };
        assert_eq!(notice.token_id, TokenId::new("S1"));
        assert_eq!(notice.token_type, Some(TokenType::MultiUse));
        assert_eq!(notice.date_installed.as_deref(), Some("Sep 27, 2009"));
        assert!(!format!("{notice:?}").to_lowercase().contains("john"));
    }

    #[test]
    fn a_recorded_notice_of_version_1_is_read_only_by_its_own_entry() {
        let secret = SecretKey::new("secret");
        let body =
            "notificationType=TransactionStatus&transactionId=T1&status=SUCCESS&transactionAmount=USD+9.00";
        let text = string_to_sign_version_1(&Pairs::decode(body).unwrap());
        let mut pairs = Pairs::new();
        pairs.push("signature", hmac::sign(SignatureMethod::HmacSha1, &secret, &text));
        let signed = format!("{body}&{}", pairs.encode());
        let notice = NoticeBody::insecure_verify_version_1(&signed, &secret).unwrap();
        assert!(matches!(notice, Notice::Transaction(_)), "{notice:?}");
        for forged in [signed.replace("9.00", "1.00"), signed.replace("T1", "T2"), format!("{signed}&a=b")] {
            let refused = NoticeBody::insecure_verify_version_1(&forged, &secret);
            assert!(matches!(refused, Err(VerifyError::NotGenuine)), "{forged}");
        }
        let url = "https://shop.example/notice".parse().unwrap();
        assert_eq!(
            NoticeBody::from_raw(&url, "", &signed),
            Err(ReturnError::Missing { field: pipeline::SIGNATURE_VERSION })
        );
    }

    #[test]
    fn what_is_neither_is_kept_as_it_came() {
        let simple_pay = "referenceId=r&status=PS&operation=pay&transactionAmount=USD+1.1";
        assert_eq!(read(simple_pay).unwrap(), Notice::Other(Pairs::decode(simple_pay).unwrap()));
    }
}
