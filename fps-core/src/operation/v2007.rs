//! The operations of version 2007-01-08, one file each.
//!
//! A payment needs three tokens: the sender's, from the buyer pages, and the caller's and the recipient's, which the shop
//! installs once on its own account by [`InstallPaymentInstruction`]. A [`Client`](crate::client::Client) built with
//! `.version(Version::V2007_01_08)` sends these operations and no others.
//!
//! | | 2007-01-08 | since 2008-09-17 |
//! |---|---|---|
//! | waiting | [`GetResults`] and [`DiscardResults`], or [`GetTransaction`] | notices, `GetTransactionStatus` |
//! | a temporary refusal | `TemporaryDecline`, then [`RetryTransaction`] | stays `Pending` |
//! | a reservation ends | by [`Settle`], or on day 7 | by `Settle`, by `Cancel`, or on day 7 |
//! | refusals | HTTP 200 with `IsRetriable`, which is authoritative | HTTP 4xx |
//!
//! What is the same in both generations stands in [`operation`](crate::operation) and here under the same name.
//!
//! Source: FPS developer guide and schema of 2007-01-08.
//!
#![cfg_attr(feature = "client", doc = include_str!("../docs/version_2007.md"))]

mod details;
mod discard_results;
mod fund_prepaid;
mod gatekeeper;
mod get_account_activity;
mod get_all_credit_instruments;
mod get_all_prepaid_instruments;
mod get_payment_instruction;
mod get_results;
mod get_token_by_caller;
mod get_tokens;
mod get_transaction;
mod install_payment_instruction;
mod kind;
mod pay;
mod policy;
mod refund;
mod reserve;
mod retry_transaction;
mod settle;
mod settle_debt;
mod subscribe_for_caller_notification;
mod token;
mod transaction;
mod un_subscribe_for_caller_notification;
mod write_off_debt;

pub use discard_results::{DiscardResults, DiscardResultsResponse};
pub use fund_prepaid::{FundPrepaid, FundPrepaidResponse};
pub use gatekeeper::{PaymentInstruction, PaymentInstructionError};
pub use get_account_activity::{GetAccountActivity, GetAccountActivityResponse, Transaction};
pub use get_all_credit_instruments::{GetAllCreditInstruments, GetAllCreditInstrumentsResponse};
pub use get_all_prepaid_instruments::{GetAllPrepaidInstruments, GetAllPrepaidInstrumentsResponse};
pub use get_payment_instruction::{GetPaymentInstruction, GetPaymentInstructionResponse};
pub use get_results::{GetResults, GetResultsResponse, TransactionResult};
pub use get_token_by_caller::{GetTokenByCaller, GetTokenByCallerResponse};
pub use get_tokens::{GetTokens, GetTokensResponse};
pub use get_transaction::{GetTransaction, GetTransactionResponse, StatusChange, TransactionDetail};
pub use install_payment_instruction::{InstallPaymentInstruction, InstallPaymentInstructionResponse};
pub use kind::*;
pub use pay::{Pay, PayResponse};
pub use policy::TemporaryDeclinePolicy;
pub use refund::{Refund, RefundResponse};
pub use reserve::{Reserve, ReserveResponse};
pub use retry_transaction::{RetryTransaction, RetryTransactionResponse};
pub use settle::{Settle, SettleResponse};
pub use settle_debt::{SettleDebt, SettleDebtResponse};
pub use subscribe_for_caller_notification::SubscribeForCallerNotification;
pub use token::Token;
pub use transaction::{TransactionPart, TransactionResponse};
pub use un_subscribe_for_caller_notification::UnSubscribeForCallerNotification;
pub use write_off_debt::{WriteOffDebt, WriteOffDebtResponse};

pub use crate::operation::{
    CancelToken, ChargeFeeTo, DescriptorPolicy, GetAccountBalance, GetDebtBalance, GetOutstandingDebtBalance,
    GetPrepaidBalance, GetTokenUsage, GetTotalPrepaidLiability, MarketplaceRefundPolicy, PaymentSource,
    Percent, SortOrder, TokenStatus, TokenType, TokenUsageLimit,
};

use crate::operation::{Answer, Operation};
use crate::response::{AnswerError, Element, Fault};
use crate::{Generation, InstrumentId};

/// Reads a flat answer.
///
/// ```text
/// <ns3:PayResponse xmlns:ns3="…">
///   <ns3:TransactionResponse>…<Status>Initiated</Status></ns3:TransactionResponse>    the operation's own elements
///   <Status>Success</Status>                                                          the request's status
///   <RequestId/>
/// </ns3:PayResponse>
/// ```
pub(super) fn read_answer<O: Operation>(
    root: Element<'_>,
    status: http::StatusCode,
) -> Result<Result<Answer<O::Response>, Fault>, AnswerError> {
    if root.child("ResponseMetadata").is_present() {
        return Err(AnswerError::Generation);
    }
    match root.required::<RequestStatus>("Status")? {
        RequestStatus::Success => {
            Ok(Ok(Answer { response: O::read(root)?, request_id: root.optional("RequestId")? }))
        }
        RequestStatus::Failure => match Fault::read_inline(root, status) {
            Some(fault) => Ok(Err(fault)),
            None => Err(AnswerError::Missing { element: "Errors" }),
        },
        RequestStatus::Other(text) => Err(AnswerError::malformed(
            root.child("Status"),
            format!("{text:?} is neither Success nor Failure"),
        )),
    }
}

impl InstrumentId {
    /// The ids of a list: plain by the schema, within `InstrumentId` by what a client of the time expected.
    fn listed(answer: Element<'_>, name: &str) -> Vec<Self> {
        let listed = answer.children().filter(|child| child.name() == name);
        let ids = listed.flat_map(|child| match child.child("InstrumentId") {
            nested if nested.is_present() => child.children().collect(),
            _ => vec![child],
        });
        ids.map(|id| Self::new(id.text())).collect()
    }
}

/// The generation of everything here.
const FIRST: &[Generation] = &[Generation::First];

/// The most bytes of a description.
const DESCRIPTION_MAX_BYTES: usize = 128;
/// The most bytes of `MetaData`: 2 KiB.
const META_DATA_MAX_BYTES: usize = 2048;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::operation::{Parameters, read_answer};
    use crate::response::Fault;
    use crate::{RequestId, Version};

    const VERSION: Version = Version::V2007_01_08;

    /// The operation's own parameters as a form writes them.
    pub(crate) fn written(operation: &impl Operation) -> String {
        let mut parameters = Parameters::new(VERSION);
        operation.write(&mut parameters);
        parameters.into_pairs().unwrap().encode()
    }

    /// Why the operation cannot be sent.
    pub(crate) fn refused(operation: &impl Operation) -> String {
        crate::operation::tests::refused(operation, VERSION)
    }

    /// An envelope of the operation's name as the service writes it.
    pub(crate) fn envelope<O: Operation>(content: &str) -> String {
        let action = O::ACTION;
        format!(
            "<?xml version=\"1.0\"?>\n<ns3:{action}Response xmlns:ns3=\"http://fps.amazonaws.com/doc/2007-01-08/\">{content}<RequestId>r-1:0</RequestId></ns3:{action}Response>"
        )
    }

    /// The response within a successful answer.
    pub(crate) fn answered<O: Operation>(content: &str) -> O::Response {
        let body = envelope::<O>(&format!("{content}<Status>Success</Status>"));
        let answer = read_answer::<O>(VERSION, http::StatusCode::OK, body.as_bytes()).unwrap().unwrap();
        assert_eq!(answer.request_id, Some(RequestId::new("r-1:0")));
        answer.response
    }

    /// The fault of a failed answer of that code.
    pub(crate) fn fault<O: Operation>(code: &str, retriable: bool) -> Fault {
        let body = envelope::<O>(&format!(
            "<Status>Failure</Status><Errors><Errors><ErrorType>Business</ErrorType><IsRetriable>{retriable}</IsRetriable><ErrorCode>{code}</ErrorCode><ReasonText>No.</ReasonText></Errors></Errors>"
        ));
        match read_answer::<O>(VERSION, http::StatusCode::OK, body.as_bytes()).unwrap() {
            Err(fault) => fault,
            Ok(_) => panic!("{code} was read as a response"),
        }
    }

    /// The answer of every operation that makes or moves a transaction.
    pub(crate) fn transacted(status: &str) -> String {
        format!(
            "<ns3:TransactionResponse><TransactionId>133I77HJS56JVM7M54OZIRITRVLUT5F227U</TransactionId><Status>{status}</Status></ns3:TransactionResponse>"
        )
    }
}
