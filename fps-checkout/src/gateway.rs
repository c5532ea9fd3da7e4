//! The driver's only way out: what a shop asks of the payment service, whatever the version of the protocol.

mod v2007;
mod v2010;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fps_core::checkout::{PaymentMethod, ShippingAddress};
use fps_core::operation::v2007::PaymentInstruction;
use fps_core::operation::{self, GetTokenUsageResponse, ParameterError, Parameters, TokenType};
use fps_core::pipeline::{self, MultiUse, PipelineError, PipelineStatus, SignedLink, SingleUseAnswer};
use fps_core::response::{FaultCode, Verdict};
use fps_core::url::Url;
use fps_core::{Amount, CallerReference, Timestamp, TokenId, TransactionId, Version};

use crate::error::Error;
use crate::order::{Answer, Operation, Order, Product, Report, TokenTerms};
use crate::shop::InstalledTokens;

pub(crate) use v2007::V2007;
pub(crate) use v2010::V2010;

/// The payment service, as the order machine needs it.
#[async_trait]
pub(crate) trait Gateway: fmt::Debug + Send + Sync + 'static {
    /// Looks whether the order's terms can be sent in this version, before anything is stored.
    fn check(&self, order: &Order) -> Result<(), Error>;

    /// The signed link to the buyer pages. The same arguments give the same link.
    fn link(
        &self,
        reference: &CallerReference,
        product: &Product,
        return_url: &Url,
    ) -> Result<SignedLink, PipelineError>;

    /// Checks that what came back was signed by the service for that return URL, and only then reads it.
    async fn verify(&self, return_url: &Url, raw_query: &str) -> Result<Returned, VerifyError>;

    /// Checks that a notice was signed by the service for that address.
    async fn verify_notice(
        &self,
        notice_url: &Url,
        raw_query: &str,
        raw_body: &str,
    ) -> Result<(), VerifyError>;

    /// The token that a buyer's approval under that reference made for this caller, if any.
    async fn find_token(&self, reference: &CallerReference) -> Result<Option<FoundToken>, fps_core::Error>;

    /// Sends a planned operation, once or more often under its reference, as the version allows. Only 2007-01-08 wants the
    /// shop's own tokens with it.
    async fn send(&self, order: &Order, operation: &Operation, own: Option<&InstalledTokens>) -> Answer;

    /// Installs a token on the shop's own account; `None` if the reference was used before.
    async fn install_token(
        &self,
        own: OwnToken,
        reference: &CallerReference,
    ) -> Result<Option<TokenId>, fps_core::Error>;

    /// How a transaction stands, in short.
    async fn look_up(&self, transaction: &TransactionId) -> Result<Report, fps_core::Error>;

    /// How a transaction stands, with its amount.
    async fn look_up_in_full(&self, transaction: &TransactionId) -> Result<Report, fps_core::Error>;

    /// The transaction that was made under an operation's reference, if the account's activity since then shows one.
    async fn find_transaction(
        &self,
        reference: &CallerReference,
        since: Timestamp,
    ) -> Result<Option<Report>, fps_core::Error>;

    /// What the account's activity shows between two times: all transactions in which the caller's account plays a part.
    async fn activity(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Deed>, fps_core::Error>;

    /// What the service counts as spent of a multi-use token in its whole life, if it tells.
    async fn spent(&self, token: &TokenId, terms: &TokenTerms) -> Result<Option<Amount>, fps_core::Error>;

    /// Cancels a token that is not wanted. One that is cancelled already is fine.
    async fn cancel_token(&self, token: &TokenId) -> Result<(), fps_core::Error>;

    /// The longest that one call may take, all its repeats and pauses included.
    fn whole_deadline(&self) -> Duration;
}

/// What a token on the shop's own account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnToken {
    Caller,
    Recipient,
    RefundSender,
}

impl OwnToken {
    /// Its part in a reference.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Recipient => "recipient",
            Self::RefundSender => "refund-sender",
        }
    }

    /// Its rules, as the guide of 2007 writes them.
    fn rules(self) -> String {
        let rules = match self {
            Self::Caller => PaymentInstruction::caller(),
            Self::Recipient => PaymentInstruction::recipient(),
            Self::RefundSender => PaymentInstruction::refund_sender(),
        };
        rules.to_string()
    }
}

/// The gateways by version, so that an order is finished in the version that it began with.
#[derive(Debug)]
pub(crate) struct Gateways {
    pub(crate) v2007: Arc<dyn Gateway>,
    pub(crate) v2008: Arc<dyn Gateway>,
    pub(crate) v2010: Arc<dyn Gateway>,
}

impl Gateways {
    pub(crate) fn of(&self, version: Version) -> &dyn Gateway {
        match version {
            Version::V2007_01_08 => self.v2007.as_ref(),
            Version::V2008_09_17 => self.v2008.as_ref(),
            _ => self.v2010.as_ref(),
        }
    }
}

/// Whether an operation's parameters can be sent.
fn check_parameters(operation: &impl operation::Operation, version: Version) -> Result<(), ParameterError> {
    let mut parameters = Parameters::new(version);
    operation.write(&mut parameters);
    parameters.into_pairs().map(drop)
}

/// Refuses the terms among these that are given though the version lacks them.
fn check_lacking(lacking: &[(&'static str, bool)], version: Version) -> Result<(), Error> {
    match lacking.iter().find(|(_, given)| *given) {
        Some((parameter, _)) => Err(Error::NotInVersion { parameter, version }),
        None => Ok(()),
    }
}

/// A transaction as the account's activity shows it.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) report: Report,
    /// The caller reference, where this account was the caller; another caller's proves nothing.
    pub(crate) reference: Option<String>,
    pub(crate) received: Option<Timestamp>,
}

/// What genuinely came back from the buyer pages.
#[derive(Clone, Debug)]
pub(crate) struct Returned {
    /// Whether the signature proves that the service speaks of our own link: it was made with our secret. Else it proves only
    /// that the service speaks, and the token has to be found by our own keys.
    pub(crate) is_ours: bool,
    pub(crate) reference: Option<CallerReference>,
    pub(crate) ended: Ended,
    pub(crate) expiry: Option<String>,
    pub(crate) address: Option<ShippingAddress>,
    pub(crate) warning: Option<String>,
    pub(crate) message: Option<String>,
}

impl Returned {
    /// Reads what a verifier let through. A multi-use approval comes back in the same form.
    fn read(answer: SingleUseAnswer, is_ours: bool) -> Self {
        let ended = match (answer.approved(), &answer.status) {
            (Some(token), status) => {
                Ended::Approved { token: token.clone(), method: status.payment_method() }
            }
            (None, PipelineStatus::Abandoned) => Ended::Left,
            (None, status) => Ended::Refused { status: status.as_str().to_owned() },
        };
        Self {
            is_ours,
            reference: answer.caller_reference,
            ended,
            expiry: answer.expiry.map(|expiry| expiry.as_str().to_owned()),
            address: answer.address,
            warning: answer.warning.map(|warning| warning.code.as_str().to_owned()),
            message: answer.error_message,
        }
    }
}

/// How the buyer pages ended.
#[derive(Clone, Debug)]
pub(crate) enum Ended {
    /// SA, SB, SC with a token.
    Approved { token: TokenId, method: Option<PaymentMethod> },
    /// A.
    Left,
    /// PE, NP, NM, CE, SE, or a status not known: none of them is a success.
    Refused { status: String },
}

/// A token as the service knows it.
#[derive(Clone, Debug)]
pub(crate) struct FoundToken {
    pub(crate) token: TokenId,
    pub(crate) is_active: bool,
    pub(crate) kind: TokenKind,
    pub(crate) installed_at: Option<Timestamp>,
    pub(crate) reason: Option<String>,
}

/// How often a token may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    SingleUse,
    MultiUse,
    Other,
}

impl TokenKind {
    fn of(kind: Option<&TokenType>) -> Self {
        match kind {
            Some(TokenType::SingleUse) => Self::SingleUse,
            Some(TokenType::MultiUse) => Self::MultiUse,
            _ => Self::Other,
        }
    }
}

/// The link by which a buyer approves a stored token.
fn multi_use(
    reference: &CallerReference,
    product: &Product,
    terms: &TokenTerms,
    return_url: &Url,
) -> MultiUse {
    let parameters = product.parameters();
    let mut link = MultiUse::new(reference.clone(), terms.limit(), return_url.clone())
        .with_payment_methods(parameters.payment_methods());
    if let Some((amount, rule)) = terms.each() {
        link = link.with_transaction_amount(*amount, rule.clone());
    }
    for limit in terms.usage_limits() {
        link = link.with_usage_limit(*limit);
    }
    if let Some(reason) = parameters.payment_reason() {
        link = link.with_payment_reason(reason);
    }
    if parameters.collect_shipping_address() {
        link = link.with_collect_shipping_address();
    }
    if let Some(start) = terms.starts() {
        link = link.with_validity_start(start);
    }
    if let Some(expiry) = terms.expires() {
        link = link.with_validity_expiry(expiry);
    }
    link
}

/// What is spent in a token's whole life: the limits are told without their names, but the global one counts most. It is there if as
/// many limits are told as the token has.
fn spent(usage: &GetTokenUsageResponse, terms: &TokenTerms) -> Option<Amount> {
    let limits = &usage.token_usage_limits;
    let all = limits.len() == terms.usage_limits().len() + 1;
    limits.iter().filter_map(|limit| limit.amount).max().filter(|_| all)
}

/// What the answer to a charge says of its order.
///
/// A stored token is not used up by one payment. What says of another that it was used, and money may have moved, says of this
/// one only that it cannot pay now. Its reference is another matter: used before means that something was paid under it.
fn of_charge(answer: Answer, order: &Order) -> Answer {
    let of_token = |code: &str| {
        use FaultCode::{InvalidTokenIdSender, TokenNotActiveSender, TokenUsageError};
        matches!(FaultCode::from_wire(code), TokenUsageError | TokenNotActiveSender | InvalidTokenIdSender)
    };
    match answer {
        Answer::Spent { code, request } if order.product().token().is_some() && of_token(&code) => {
            Answer::Refused { code, request }
        }
        answer => answer,
    }
}

/// What a call that brought no response says.
fn failed(error: &fps_core::Error) -> Answer {
    let request = error.request_id().cloned();
    let code = error.code().map_or("NoAnswer", FaultCode::as_str).to_owned();
    match error.verdict() {
        Verdict::NotDone => Answer::NotDone { code, request },
        Verdict::Final => Answer::Refused { code, request },
        Verdict::Spent => Answer::Spent { code, request },
        Verdict::Unknown => Answer::Silent { code: Some(code), request },
    }
}

/// Why a return or a notice is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
    /// It is not the service's word on this address.
    #[error(transparent)]
    Refused(pipeline::VerifyError),
    /// The service could not be asked.
    #[error(transparent)]
    Unreachable(pipeline::VerifyError),
    /// The version has no notices that could be verified.
    #[error("this version has no notices")]
    NoNotices,
}

impl From<pipeline::VerifyError> for VerifyError {
    fn from(error: pipeline::VerifyError) -> Self {
        if error.is_refusal() { Self::Refused(error) } else { Self::Unreachable(error) }
    }
}
