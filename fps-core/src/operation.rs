//! The operations of the API, one file each.
//!
//! An operation is a value made by `new` with what is required and `with_…` for the rest; [`Client::send`] sends it and
//! answers with its response. [`signed_parameters`] is the pure half, for those who bring their own way out.
//!
//! Here are the operations of the second generation, 2008-09-17 and 2010-08-28. Version 2007-01-08 has its own in [`v2007`];
//! the few that are the same in both can be sent in both.
//!
//! [`Client::send`]: crate::client::Client::send

mod cancel;
mod cancel_subscription_and_refund;
mod cancel_token;
mod descriptor;
mod fund_prepaid;
mod get_account_activity;
mod get_account_balance;
mod get_debt_balance;
mod get_outstanding_debt_balance;
mod get_payment_instruction;
mod get_prepaid_balance;
mod get_recipient_verification_status;
mod get_subscription_details;
mod get_token_by_caller;
mod get_token_usage;
mod get_tokens;
mod get_total_prepaid_liability;
mod get_transaction;
mod get_transaction_status;
mod get_transactions_for_subscription;
mod install_payment_instruction;
mod kind;
mod parameters;
mod pay;
mod percent;
mod refund;
mod reserve;
mod settle;
mod settle_debt;
mod token;
mod transaction;
pub mod v2007;
mod verify_signature;
mod write_off_debt;

use url::Url;

pub use cancel::{Cancel, CancelResponse};
pub use cancel_subscription_and_refund::{CancelSubscriptionAndRefund, CancelSubscriptionAndRefundResponse};
pub use cancel_token::CancelToken;
pub use descriptor::DescriptorPolicy;
pub use fund_prepaid::{FundPrepaid, FundPrepaidResponse};
pub use get_account_activity::{
    GetAccountActivity, GetAccountActivityResponse, Transaction, TransactionPart,
};
pub use get_account_balance::{
    AccountBalance, AvailableBalances, GetAccountBalance, GetAccountBalanceResponse,
};
pub use get_debt_balance::{DebtBalance, GetDebtBalance, GetDebtBalanceResponse};
pub use get_outstanding_debt_balance::{
    GetOutstandingDebtBalance, GetOutstandingDebtBalanceResponse, OutstandingDebtBalance,
};
pub use get_payment_instruction::{GetPaymentInstruction, GetPaymentInstructionResponse};
pub use get_prepaid_balance::{GetPrepaidBalance, GetPrepaidBalanceResponse, PrepaidBalance};
pub use get_recipient_verification_status::{
    GetRecipientVerificationStatus, GetRecipientVerificationStatusResponse,
};
pub use get_subscription_details::{
    GetSubscriptionDetails, GetSubscriptionDetailsResponse, SubscriptionDetails, SubscriptionDuration,
};
pub use get_token_by_caller::{GetTokenByCaller, GetTokenByCallerResponse};
pub use get_token_usage::{GetTokenUsage, GetTokenUsageResponse, TokenUsageLimit};
pub use get_tokens::{GetTokens, GetTokensResponse};
pub use get_total_prepaid_liability::{
    GetTotalPrepaidLiability, GetTotalPrepaidLiabilityResponse, OutstandingPrepaidLiability,
};
pub use get_transaction::{
    GetTransaction, GetTransactionResponse, RelatedTransaction, StatusHistory, TransactionDetail,
};
pub use get_transaction_status::{GetTransactionStatus, GetTransactionStatusResponse};
pub use get_transactions_for_subscription::{
    GetTransactionsForSubscription, GetTransactionsForSubscriptionResponse, SubscriptionTransaction,
};
pub use install_payment_instruction::{InstallPaymentInstruction, InstallPaymentInstructionResponse};
pub use kind::*;
pub use parameters::{ParameterError, ParameterValue, Parameters};
pub use pay::{Pay, PayResponse};
pub use percent::{Percent, PercentError};
pub use refund::{Refund, RefundResponse};
pub use reserve::{Reserve, ReserveResponse};
pub use settle::{Settle, SettleResponse};
pub use settle_debt::{SettleDebt, SettleDebtResponse};
pub use token::Token;
pub use transaction::TransactionResult;
pub use verify_signature::{VerifySignature, VerifySignatureResponse};
pub use write_off_debt::{WriteOffDebt, WriteOffDebtResponse};

use crate::param::api;
use crate::response::{AnswerError, Document, Element, Fault};
use crate::signature::{Method, SignatureMethod, SignatureVersion, hmac, legacy, string_to_sign};
use crate::{CallerReference, Credentials, Generation, Pairs, RequestId, Timestamp, Version};

/// One operation of the API with its parameters.
pub trait Operation: Send + Sync {
    /// The operation's name: `Action`.
    const ACTION: &'static str;

    /// The generations of the protocol that have it in this form. By default the second alone; the first has its own in
    /// [`v2007`].
    const GENERATIONS: &'static [Generation] = &[Generation::Second];

    /// What the service answers.
    type Response: Send;

    /// The caller's reference, if the request carries one.
    fn caller_reference(&self) -> Option<&CallerReference> {
        None
    }

    /// Whether the request may be sent again. By default: with a caller reference yes, without one never.
    fn repeat(&self) -> Repeat {
        match self.caller_reference() {
            Some(_) => Repeat::ByReference,
            None => Repeat::Never,
        }
    }

    /// Adds the operation's own parameters, in the order of the schema.
    fn write(&self, to: &mut Parameters);

    /// Reads the response from the answer's result element, which is absent where an answer has none. Answers of 2007-01-08 are
    /// flat: there it is the root.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] naming what is missing or cannot be read.
    fn read(result: Element<'_>) -> Result<Self::Response, AnswerError>;
}

/// What is known about sending a request twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// It only reads.
    Freely,
    /// It carries a caller reference: for seven days the service answers a repeated one with the first answer.
    ByReference,
    /// It changes something and has no reference: look before sending it again.
    Never,
}

/// A response with the service's name for the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<R> {
    /// The operation's response.
    pub response: R,
    /// `ResponseMetadata/RequestId`: quote it when asking for help.
    pub request_id: Option<RequestId>,
}

/// The whole of a request's parameters, signed: the operation's own, the common ones, and `Signature` at the end.
///
/// `method` is how they will be sent: in the URL's query ([`Method::Get`]) or in a form body ([`Method::Post`]);
/// `signature` how they are signed: see [`SignatureVersion::of`].
///
/// ```
/// use fps_core::operation::{GetTransactionStatus, signed_parameters};
/// use fps_core::signature::{Method, SignatureVersion};
/// use fps_core::{Credentials, Endpoint, Timestamp, TransactionId, Version};
///
/// let operation = GetTransactionStatus::new(TransactionId::new("14GKE3B85HCMF1BTSH5C4PD2IHZL95RJ2LM"));
/// let pairs = signed_parameters(
///     &operation,
///     &Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"),
///     Endpoint::sandbox().api(),
///     Version::V2010_08_28,
///     Method::Get,
///     SignatureVersion::of(Version::V2010_08_28.generation()),
///     Timestamp::from_unix_seconds(1_286_344_192),
/// )?;
/// assert_eq!(pairs.get("Timestamp"), Some("2010-10-06T05:49:52.000Z"));
/// assert!(pairs.get("Signature").is_some());
/// # Ok::<(), fps_core::operation::ParameterError>(())
/// ```
///
/// # Errors
///
/// [`ParameterError`] for what cannot be sent, is not in that version, or cannot be signed so in it.
pub fn signed_parameters<O: Operation>(
    operation: &O,
    credentials: &Credentials,
    api: &Url,
    version: Version,
    method: Method,
    signature: SignatureVersion,
    timestamp: Timestamp,
) -> Result<Pairs, ParameterError> {
    if !O::GENERATIONS.contains(&version.generation()) {
        return Err(ParameterError::Operation { action: O::ACTION, version });
    }
    if !signature.is_in(version.generation()) {
        return Err(ParameterError::SignatureVersion { version, signature });
    }
    let mut parameters = Parameters::new(version);
    parameters.put(api::ACTION, O::ACTION);
    operation.write(&mut parameters);
    parameters.put(api::AWS_ACCESS_KEY_ID, credentials.access_key());
    if let SignatureVersion::V2(signature_method) = signature {
        parameters.put(api::SIGNATURE_METHOD, signature_method.as_str());
    }
    parameters.put(api::SIGNATURE_VERSION, signature.as_str());
    parameters.put(api::TIMESTAMP, &common_timestamp(version, timestamp));
    parameters.put(api::VERSION, version.as_str());
    let mut pairs = parameters.into_pairs()?;
    let (signature_method, text) = match signature {
        SignatureVersion::V0 => {
            let timestamp = pairs.get(api::TIMESTAMP).unwrap_or_default();
            (SignatureMethod::HmacSha1, legacy::string_to_sign_version_0(O::ACTION, timestamp))
        }
        SignatureVersion::V1 => (SignatureMethod::HmacSha1, legacy::string_to_sign_version_1(&pairs)),
        SignatureVersion::V2(signature_method) => {
            let text = string_to_sign(method, api, &pairs)
                .map_err(|_| ParameterError::Scheme { parameter: "the endpoint" })?;
            (signature_method, text)
        }
    };
    pairs.push(api::SIGNATURE, hmac::sign(signature_method, credentials.secret_key(), &text));
    Ok(pairs)
}

/// The request's own time: in 2007-01-08 in whole seconds.
fn common_timestamp(version: Version, timestamp: Timestamp) -> Timestamp {
    match version.generation() {
        Generation::First => Timestamp::from_unix_seconds(timestamp.unix_seconds()),
        Generation::Second => timestamp,
    }
}

/// What an answer's body says to a request of that version: the response, or a fault.
///
/// # Errors
///
/// [`AnswerError`] if it is neither, or has the shape of the other generation: an answer that proves less is not taken for one.
pub fn read_answer<O: Operation>(
    version: Version,
    status: http::StatusCode,
    body: &[u8],
) -> Result<Result<Answer<O::Response>, Fault>, AnswerError> {
    let document = Document::parse(body)?;
    if let Some(fault) = Fault::read(&document, status) {
        return Ok(Err(fault));
    }
    let root = document.root();
    // Answers of 2009 had `GetRecipientVerificationResponse` for GetRecipientVerificationStatus.
    let of_this_operation = root.name().strip_suffix("Response").is_some_and(|stem| {
        stem == O::ACTION || (stem == "GetRecipientVerification" && O::ACTION.starts_with(stem))
    });
    if !of_this_operation {
        return Err(AnswerError::Root { expected: format!("{}Response", O::ACTION) });
    }
    match version.generation() {
        Generation::First => v2007::read_answer::<O>(root, status),
        Generation::Second => read_enveloped::<O>(root).map(Ok),
    }
}

/// `<PayResponse><PayResult>…</PayResult><ResponseMetadata><RequestId/></ResponseMetadata></PayResponse>`.
fn read_enveloped<O: Operation>(root: Element<'_>) -> Result<Answer<O::Response>, AnswerError> {
    if root.child("Status").is_present() || root.child("RequestId").is_present() {
        return Err(AnswerError::Generation);
    }
    let result = root.children().find(|child| child.name().ends_with("Result")).unwrap_or(Element::ABSENT);
    Ok(Answer {
        response: O::read(result)?,
        request_id: root.child("ResponseMetadata").optional("RequestId")?,
    })
}

/// Setters of optional parameters: `with_x(value)` for a field `x: Option<T>`.
macro_rules! with {
    ($($(#[$doc:meta])* $with:ident($field:ident: $type:ty);)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $with(mut self, $field: impl Into<$type>) -> Self {
            self.$field = Some($field.into());
            self
        }
    )*};
}

pub(crate) use with;

/// The most characters of a description, for the caller's or the sender's eyes.
const DESCRIPTION_MAX_CHARS: usize = 160;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Endpoint;

    /// The operation's own parameters as a form writes them.
    pub(crate) fn written(operation: &impl Operation) -> String {
        let mut parameters = Parameters::new(Version::V2010_08_28);
        operation.write(&mut parameters);
        parameters.into_pairs().unwrap().encode()
    }

    /// Why the operation cannot be sent.
    pub(crate) fn refused(operation: &impl Operation, version: Version) -> String {
        let mut parameters = Parameters::new(version);
        operation.write(&mut parameters);
        parameters.into_pairs().unwrap_err().to_string()
    }

    /// The response within an envelope of the operation's name.
    pub(crate) fn answered<O: Operation>(result: &str) -> O::Response {
        let action = O::ACTION;
        let body = format!(
            "<{action}Response xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\">{result}<ResponseMetadata><RequestId>r-1:0</RequestId></ResponseMetadata></{action}Response>"
        );
        let answer =
            read_answer::<O>(Version::V2010_08_28, http::StatusCode::OK, body.as_bytes()).unwrap().unwrap();
        assert_eq!(answer.request_id, Some(RequestId::new("r-1:0")));
        answer.response
    }

    /// The fault that an answer of that code is.
    pub(crate) fn fault<O: Operation>(code: &str) -> Fault {
        let body = format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>No.</Message></Error></Errors><RequestID>r-1</RequestID></Response>"
        );
        match read_answer::<O>(Version::V2010_08_28, http::StatusCode::BAD_REQUEST, body.as_bytes()).unwrap()
        {
            Err(fault) => fault,
            Ok(_) => panic!("{code} was read as a response"),
        }
    }

    #[test]
    fn the_common_parameters_are_signed_with_the_rest() {
        let operation = GetTransactionStatus::new(crate::TransactionId::new("T1"));
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
        let endpoint = Endpoint::at("http://127.0.0.1:8081".parse().unwrap()).unwrap();
        let pairs = signed_parameters(
            &operation,
            &credentials,
            endpoint.api(),
            Version::V2008_09_17,
            Method::Post,
            SignatureVersion::V2(SignatureMethod::HmacSha1),
            Timestamp::from_unix_seconds(0),
        )
        .unwrap();
        let names: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "Action",
                "TransactionId",
                "AWSAccessKeyId",
                "SignatureMethod",
                "SignatureVersion",
                "Timestamp",
                "Version",
                "Signature"
            ]
        );
        let text = string_to_sign(Method::Post, endpoint.api(), &pairs).unwrap();
        let signature = pairs.get("Signature").unwrap();
        assert!(hmac::verify(SignatureMethod::HmacSha1, credentials.secret_key(), &text, signature));
    }

    #[test]
    fn only_the_operations_own_response_is_read() {
        for body in [
            "<PayResponse><PayResult/></PayResponse>",
            "<Response/>",
            "<html/>",
            "<GetTransactionStatusResponse/>",
            "<GetTransactionStatusRespons",
            "<GetTransactionStatusResponse><Status>Success</Status><RequestId>r-1:0</RequestId></GetTransactionStatusResponse>",
            "",
        ] {
            let read = read_answer::<GetTransactionStatus>(
                Version::V2010_08_28,
                http::StatusCode::OK,
                body.as_bytes(),
            );
            assert!(read.is_err(), "{body}");
        }
    }
}
