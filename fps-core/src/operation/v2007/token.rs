//! What the service tells about a token.

use std::fmt;

use crate::operation::{TokenStatus, TokenType};
use crate::response::{AnswerError, Element, FromElement};
use crate::{Timestamp, TokenId};

/// A token as the service lists it. `Debug` leaves out the friendly name and the account.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// `TokenId`.
    pub token_id: TokenId,
    /// `FriendlyName`: a name that the service or the caller gave it.
    pub friendly_name: Option<String>,
    /// `Status`.
    pub status: Option<TokenStatus>,
    /// `DateInstalled`.
    pub date_installed: Option<Timestamp>,
    /// `CallerInstalled`: the account that installed it.
    pub caller_installed: Option<String>,
    /// `CallerReference`: the reference that it was installed under, as the service has it.
    pub caller_reference: Option<String>,
    /// `TokenType`.
    pub token_type: Option<TokenType>,
    /// `OldTokenId`: the token that this one replaced; the same in all answers that were seen.
    pub old_token_id: Option<TokenId>,
    /// `PaymentReason`: what it was installed for.
    pub payment_reason: Option<String>,
}

impl FromElement for Token {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            token_id: element.required("TokenId")?,
            friendly_name: element.optional("FriendlyName")?,
            status: element.optional("Status")?,
            date_installed: element.optional("DateInstalled")?,
            caller_installed: element.optional("CallerInstalled")?,
            caller_reference: element.optional("CallerReference")?,
            token_type: element.optional("TokenType")?,
            old_token_id: element.optional("OldTokenId")?,
            payment_reason: element.optional("PaymentReason")?,
        })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("token_id", &self.token_id)
            .field("status", &self.status)
            .field("date_installed", &self.date_installed)
            .field("caller_reference", &self.caller_reference)
            .field("token_type", &self.token_type)
            .finish_non_exhaustive()
    }
}
