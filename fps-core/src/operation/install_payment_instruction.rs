//! `InstallPaymentInstruction`.

use crate::operation::{Operation, Parameters, TokenType, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{CallerReference, TokenId};

/// Installs a token on the caller's own account, by rules in the GateKeeper language of 2007.
///
/// ```
/// use fps_core::CallerReference;
/// use fps_core::operation::{InstallPaymentInstruction, TokenType};
///
/// let install = InstallPaymentInstruction::new(
///     "MyRole == 'Caller';",
///     CallerReference::new("caller-token")?,
///     TokenType::Unrestricted,
/// );
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `InvalidParams` (the rules cannot be read), `DuplicateRequest` (another request used the reference).
///
/// Source: FPS interface description; the reference of 2010 leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallPaymentInstruction {
    payment_instruction: String,
    token_friendly_name: Option<String>,
    caller_reference: CallerReference,
    token_type: TokenType,
    payment_reason: Option<String>,
}

/// What [`InstallPaymentInstruction`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InstallPaymentInstructionResponse {
    /// `TokenId`: the new token.
    pub token_id: TokenId,
}

impl InstallPaymentInstruction {
    /// Installs a token of that type with those rules.
    #[must_use]
    pub fn new(
        payment_instruction: impl Into<String>,
        caller_reference: CallerReference,
        token_type: TokenType,
    ) -> Self {
        Self {
            payment_instruction: payment_instruction.into(),
            token_friendly_name: None,
            caller_reference,
            token_type,
            payment_reason: None,
        }
    }

    with! {
        /// `TokenFriendlyName`: a name for lists.
        with_token_friendly_name(token_friendly_name: String);
        /// `PaymentReason`: what payments by the token are for, up to 64 characters.
        with_payment_reason(payment_reason: String);
    }
}

impl Operation for InstallPaymentInstruction {
    const ACTION: &'static str = "InstallPaymentInstruction";
    type Response = InstallPaymentInstructionResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::PAYMENT_INSTRUCTION, &self.payment_instruction);
        to.put(api::TOKEN_FRIENDLY_NAME, &self.token_friendly_name);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put(api::TOKEN_TYPE, &self.token_type);
        to.put_text(api::PAYMENT_REASON, self.payment_reason.as_deref(), REASON_MAX_CHARS);
    }

    fn read(result: Element<'_>) -> Result<InstallPaymentInstructionResponse, AnswerError> {
        Ok(InstallPaymentInstructionResponse { token_id: result.required("TokenId")? })
    }
}

const REASON_MAX_CHARS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let reference = CallerReference::new("c1").unwrap();
        let install =
            InstallPaymentInstruction::new("MyRole == 'Caller';", reference, TokenType::Unrestricted)
                .with_token_friendly_name("mine")
                .with_payment_reason("songs");
        assert_eq!(
            written(&install),
            "PaymentInstruction=MyRole%20%3D%3D%20%27Caller%27%3B&TokenFriendlyName=mine&CallerReference=c1\
             &TokenType=Unrestricted&PaymentReason=songs"
        );
    }

    #[test]
    fn the_answer_is_the_new_token() {
        let response = answered::<InstallPaymentInstruction>(
            "<InstallPaymentInstructionResult><TokenId>S1</TokenId></InstallPaymentInstructionResult>",
        );
        assert_eq!(response.token_id, TokenId::new("S1"));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<InstallPaymentInstruction>("DuplicateRequest").verdict(), Verdict::Spent);
    }
}
