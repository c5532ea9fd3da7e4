//! What the service tells about a token.

use std::fmt;

use crate::operation::{TokenStatus, TokenType};
use crate::response::{AnswerError, Element, FromElement};
use crate::{Timestamp, TokenId};

/// A token as the service lists it. Real answers leave out parts that the schema demands, so all but the id may be
/// missing.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// `TokenId`.
    pub token_id: TokenId,
    /// `FriendlyName`: a name that the service or the caller gave it.
    pub friendly_name: Option<String>,
    /// `TokenStatus`.
    pub token_status: Option<TokenStatus>,
    /// `DateInstalled`: when the buyer confirmed.
    pub date_installed: Option<Timestamp>,
    /// `CallerReference`: the reference that the pipeline was given, as the service has it.
    pub caller_reference: Option<String>,
    /// `TokenType`.
    pub token_type: Option<TokenType>,
    /// `OldTokenId`: the token that this one replaced; often the same.
    pub old_token_id: Option<TokenId>,
    /// `PaymentReason`: what the pipeline was given.
    pub payment_reason: Option<String>,
}

impl FromElement for Token {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            token_id: element.required("TokenId")?,
            friendly_name: element.optional("FriendlyName")?,
            token_status: element.optional("TokenStatus")?,
            date_installed: element.optional("DateInstalled")?,
            caller_reference: element.optional("CallerReference")?,
            token_type: element.optional("TokenType")?,
            old_token_id: element.optional("OldTokenId")?,
            payment_reason: element.optional("PaymentReason")?,
        })
    }
}

/// Without the friendly name, which may be a person's.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("token_id", &self.token_id)
            .field("token_status", &self.token_status)
            .field("date_installed", &self.date_installed)
            .field("caller_reference", &self.caller_reference)
            .field("token_type", &self.token_type)
            .finish_non_exhaustive()
    }
}
