//! `GetPaymentInstruction`.

use crate::TokenId;
use crate::operation::{Operation, Parameters, Repeat, Token};
use crate::param::api;
use crate::response::{AnswerError, Element};

/// Asks for the rules that a token was installed with, in the GateKeeper language of 2007.
///
/// ```
/// use fps_core::TokenId;
/// use fps_core::operation::GetPaymentInstruction;
///
/// let ask = GetPaymentInstruction::new(TokenId::new("553ILM…"));
/// ```
///
/// # Errors
///
/// `InvalidTokenId`, `TokenAccessDenied`, `InvalidParams`.
///
/// Source: FPS interface description; the reference of 2010 leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetPaymentInstruction {
    token_id: TokenId,
}

/// What [`GetPaymentInstruction`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetPaymentInstructionResponse {
    /// `Token`.
    pub token: Token,
    /// `PaymentInstruction`: such as `MyRole == 'Caller';`.
    pub payment_instruction: String,
    /// `CallerReference`: the reference that it was installed under, as the service has it.
    pub caller_reference: Option<String>,
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
    type Response = GetPaymentInstructionResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TOKEN_ID, &self.token_id);
    }

    fn read(result: Element<'_>) -> Result<GetPaymentInstructionResponse, AnswerError> {
        Ok(GetPaymentInstructionResponse {
            token: result.required("Token")?,
            payment_instruction: result.required("PaymentInstruction")?,
            caller_reference: result.optional("CallerReference")?,
            token_friendly_name: result.optional("TokenFriendlyName")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::TokenType;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_token() {
        assert_eq!(written(&GetPaymentInstruction::new(TokenId::new("S1"))), "TokenId=S1");
    }

    #[test]
    fn the_answer_is_the_token_and_its_rules() {
        let response = answered::<GetPaymentInstruction>(
            "<GetPaymentInstructionResult><Token><TokenId>S1</TokenId><TokenType>Unrestricted</TokenType></Token>\
             <PaymentInstruction>MyRole == &apos;Caller&apos;;</PaymentInstruction><CallerReference>c1</CallerReference>\
             <TokenFriendlyName>mine</TokenFriendlyName></GetPaymentInstructionResult>",
        );
        assert_eq!(response.token.token_type, Some(TokenType::Unrestricted));
        assert_eq!(response.payment_instruction, "MyRole == 'Caller';");
        assert_eq!(response.caller_reference.as_deref(), Some("c1"));
        assert_eq!(response.token_friendly_name.as_deref(), Some("mine"));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetPaymentInstruction>("TokenAccessDenied").verdict(), Verdict::Final);
    }
}
