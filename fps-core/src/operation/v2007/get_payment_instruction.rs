//! `GetPaymentInstruction`.

use std::fmt;

use crate::operation::v2007::{FIRST, Token};
use crate::operation::{Operation, Parameters, Repeat};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Generation, TokenId};

/// Asks for the rules that a token was installed with, in the GateKeeper language.
///
/// ```
/// use fps_core::TokenId;
/// use fps_core::operation::v2007::GetPaymentInstruction;
///
/// let ask = GetPaymentInstruction::new(TokenId::new("74UFLU…"));
/// ```
///
/// # Errors
///
/// `InvalidTokenId`, `TokenAccessDenied`, `InvalidParams`.
///
/// Source: schema of 2007-01-08.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetPaymentInstruction {
    token_id: TokenId,
}

/// What [`GetPaymentInstruction`] answers. `Debug` shows the token alone: the instruction may name others.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetPaymentInstructionResponse {
    /// `Token`.
    pub token: Option<Token>,
    /// `PaymentInstruction`: the text as it was installed.
    pub payment_instruction: String,
    /// `AccountId`: whose token it is.
    pub account_id: Option<String>,
    /// `TokenFriendlyName`.
    pub token_friendly_name: Option<String>,
}

impl GetPaymentInstruction {
    /// Asks about that token.
    #[must_use]
    pub const fn new(token_id: TokenId) -> Self {
        Self { token_id }
    }
}

impl Operation for GetPaymentInstruction {
    const ACTION: &'static str = "GetPaymentInstruction";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = GetPaymentInstructionResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TOKEN_ID, &self.token_id);
    }

    fn read(answer: Element<'_>) -> Result<GetPaymentInstructionResponse, AnswerError> {
        Ok(GetPaymentInstructionResponse {
            token: answer.optional("Token")?,
            payment_instruction: answer.required("PaymentInstruction")?,
            account_id: answer.optional("AccountId")?,
            token_friendly_name: answer.optional("TokenFriendlyName")?,
        })
    }
}

impl fmt::Debug for GetPaymentInstructionResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetPaymentInstructionResponse").field("token", &self.token).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_token() {
        assert_eq!(written(&GetPaymentInstruction::new(TokenId::new("C1"))), "TokenId=C1");
    }

    #[test]
    fn the_answer_has_the_text_and_the_token() {
        let response = answered::<GetPaymentInstruction>(
            "<Token><TokenId>C1</TokenId></Token><PaymentInstruction>MyRole == 'Caller' orSay 'SECRET_MARKER';</PaymentInstruction><AccountId>A1</AccountId><TokenFriendlyName>mine</TokenFriendlyName>",
        );
        assert_eq!(response.token.as_ref().unwrap().token_id, TokenId::new("C1"));
        assert_eq!(response.payment_instruction, "MyRole == 'Caller' orSay 'SECRET_MARKER';");
        assert_eq!(response.account_id.as_deref(), Some("A1"));
        assert_eq!(response.token_friendly_name.as_deref(), Some("mine"));
        assert!(!format!("{response:?}").contains("SECRET_MARKER"));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetPaymentInstruction>("InvalidParams", false).verdict(), Verdict::Final);
    }
}
