//! What the service says no with.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

use crate::mistake::Sides;
use crate::sandbox::DataLost;

/// An error code of the API reference, with its message.
#[derive(Clone)]
pub(crate) struct Refusal {
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// For the request log only.
    pub(crate) why: String,
    /// For the request log only: what should have been signed, and what was.
    pub(crate) sides: Option<Box<Sides>>,
}

/// Nothing was changed; the request log says why.
impl From<DataLost> for Refusal {
    fn from(error: DataLost) -> Self {
        Self::internal().because(error.to_string())
    }
}

/// The code only: the rest may name a token.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").field("code", &self.code).finish_non_exhaustive()
    }
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), message: message.into(), why: String::new(), sides: None }
    }

    pub(crate) fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    pub(crate) fn with_sides(mut self, sides: Option<Sides>) -> Self {
        self.sides = sides.map(Box::new);
        self
    }

    pub(crate) fn params(message: impl Into<String>) -> Self {
        Self::new(INVALID_PARAMS, message)
    }

    pub(crate) fn internal() -> Self {
        Self::new(INTERNAL_ERROR, "The service had an internal error. Try again.")
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(SERVICE_UNAVAILABLE, "The service is temporarily unavailable. Try again.")
    }

    pub(crate) fn throttled() -> Self {
        Self::new(THROTTLING, "Rate exceeded. Try again later.")
    }

    /// The HTTP status that carries it. 404 is never among them: a client of the time would see no code.
    pub(crate) fn status(&self) -> StatusCode {
        match self.code.as_ref() {
            "AuthFailure" => StatusCode::UNAUTHORIZED,
            "InvalidClientTokenId" | "MissingClientTokenId" | "SignatureDoesNotMatch" => {
                StatusCode::FORBIDDEN
            }
            INTERNAL_ERROR => StatusCode::INTERNAL_SERVER_ERROR,
            SERVICE_UNAVAILABLE | THROTTLING => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether it may pass without the request being changed: the documentation's Retriable flag. Such a refusal is not
    /// kept under the caller reference.
    pub(crate) fn may_pass(&self) -> bool {
        RETRIABLE.contains(&self.code.as_ref())
    }
}

const INVALID_PARAMS: &str = "InvalidParams";
const INTERNAL_ERROR: &str = "InternalError";
const SERVICE_UNAVAILABLE: &str = "ServiceUnavailable";
const THROTTLING: &str = "Throttling";

const RETRIABLE: &[&str] = &[
    "AccessFailure",
    "AccountClosed",
    "AccountLimitsExceeded",
    "AuthFailure",
    "ConcurrentModification",
    "InsufficientBalance",
    INTERNAL_ERROR,
    "InvalidAccountState",
    "InvalidAccountState_Caller",
    "InvalidAccountState_Recipient",
    "InvalidAccountState_Sender",
    "NotMarketplaceApp",
    "OriginalTransactionIncomplete",
    "PrepaidFundingLimitExceeded",
    SERVICE_UNAVAILABLE,
    THROTTLING,
];
