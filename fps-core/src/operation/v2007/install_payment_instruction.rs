//! `InstallPaymentInstruction`.

use std::fmt;

use crate::operation::v2007::{FIRST, TokenType};
use crate::operation::{Operation, Parameters, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{CallerReference, Generation, TokenId};

/// Installs a token on the caller's own account, with rules in the GateKeeper language. Caller and recipient tokens are installed
/// so, once.
///
/// A repeated reference is answered `DuplicateRequest` even if all is the same, never with the token: find it by
/// [`GetTokenByCaller`](super::GetTokenByCaller).
///
/// ```
/// use fps_core::CallerReference;
/// use fps_core::operation::v2007::{InstallPaymentInstruction, PaymentInstruction, TokenType};
///
/// let install = InstallPaymentInstruction::new(
///     PaymentInstruction::caller(),
///     CallerReference::new("shop-caller-token")?,
///     TokenType::Unrestricted,
/// );
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `BadRule` with the place of each mistake, `DuplicateRequest`, `CannotSpecifyUsageForSingleUseToken`, `UsageNotDefined`,
/// `InvalidUsage…`, `InvalidPaymentMethod`, `PaymentInstrumentMissing`, `InvalidAccountState`.
///
/// Source: FPS developer guide of 2007, `InstallPaymentInstruction`.
#[derive(Clone, PartialEq, Eq)]
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
    /// Installs a token of that kind with those rules: a [`PaymentInstruction`](super::PaymentInstruction), or a text of your own.
    /// The reference has at most 49 characters here.
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
        /// `TokenFriendlyName`: a name for people, up to 128 characters.
        with_token_friendly_name(token_friendly_name: String);
        /// `PaymentReason`: what it is for, up to 64 characters.
        with_payment_reason(payment_reason: String);
    }
}

impl Operation for InstallPaymentInstruction {
    const ACTION: &'static str = "InstallPaymentInstruction";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = InstallPaymentInstructionResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        Some(&self.caller_reference)
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::PAYMENT_INSTRUCTION, &self.payment_instruction);
        to.put_text(api::TOKEN_FRIENDLY_NAME, self.token_friendly_name.as_deref(), 128);
        to.put_text(api::CALLER_REFERENCE, Some(self.caller_reference.as_str()), 49);
        to.put(api::TOKEN_TYPE, &self.token_type);
        to.put_text(api::PAYMENT_REASON, self.payment_reason.as_deref(), 64);
    }

    fn read(answer: Element<'_>) -> Result<InstallPaymentInstructionResponse, AnswerError> {
        Ok(InstallPaymentInstructionResponse { token_id: answer.required("TokenId")? })
    }
}

/// Without the instruction, which may name tokens.
impl fmt::Debug for InstallPaymentInstruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstallPaymentInstruction")
            .field("caller_reference", &self.caller_reference)
            .field("token_type", &self.token_type)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::PaymentInstruction;
    use crate::operation::v2007::tests::{answered, envelope, fault, refused, written};
    use crate::response::{FaultCode, Verdict};
    use crate::{Version, operation};

    fn install(reference: &str) -> InstallPaymentInstruction {
        let reference = CallerReference::new(reference).unwrap();
        InstallPaymentInstruction::new(PaymentInstruction::caller(), reference, TokenType::Unrestricted)
    }

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(
            written(&install("caller-1")),
            "PaymentInstruction=MyRole%20%3D%3D%20%27Caller%27%20orSay%20%27Roles%20do%20not%20match%27%3B\
             &CallerReference=caller-1&TokenType=Unrestricted"
        );
        let full = InstallPaymentInstruction::new(
            "MyRole == 'Sender';",
            CallerReference::new("r").unwrap(),
            TokenType::SingleUse,
        )
        .with_token_friendly_name("mine")
        .with_payment_reason("refunds");
        assert_eq!(
            written(&full),
            "PaymentInstruction=MyRole%20%3D%3D%20%27Sender%27%3B&TokenFriendlyName=mine&CallerReference=r\
             &TokenType=SingleUse&PaymentReason=refunds"
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for (install, message) in [
            (install(&"x".repeat(50)), "CallerReference has 50 characters; the service takes 49"),
            (
                install("r").with_token_friendly_name("x".repeat(129)),
                "TokenFriendlyName has 129 characters; the service takes 128",
            ),
            (
                install("r").with_payment_reason("x".repeat(65)),
                "PaymentReason has 65 characters; the service takes 64",
            ),
        ] {
            assert_eq!(refused(&install), message);
        }
        assert!(written(&install(&"x".repeat(49))).contains("xxx"));
    }

    #[test]
    fn the_answer_is_the_token() {
        let response = answered::<InstallPaymentInstruction>("<TokenId>Z34</TokenId>");
        assert_eq!(response.token_id, TokenId::new("Z34"));
        assert!(!format!("{:?}", install("r")).contains("MyRole"));
    }

    #[test]
    fn every_bad_rule_is_told() {
        let error = |place: &str| {
            format!(
                "<Errors><ErrorType>Business</ErrorType><IsRetriable>false</IsRetriable><ErrorCode>BadRule</ErrorCode><ReasonText>Parse errors: {place}</ReasonText></Errors>"
            )
        };
        let body = envelope::<InstallPaymentInstruction>(&format!(
            "<Status>Failure</Status><Errors>{}{}</Errors>",
            error("line 1:9: unexpected token: instruction"),
            error("expecting ''', found '&lt;EOF&gt;'"),
        ));
        let read = operation::read_answer::<InstallPaymentInstruction>(
            Version::V2007_01_08,
            http::StatusCode::OK,
            body.as_bytes(),
        );
        let fault = read.unwrap().unwrap_err();
        assert_eq!(fault.code(), &FaultCode::BadRule);
        assert_eq!(
            fault.message(),
            "Parse errors: line 1:9: unexpected token: instruction; Parse errors: expecting ''', found '<EOF>'"
        );
    }

    #[test]
    fn a_repeated_reference_is_evidence_of_the_token() {
        assert_eq!(fault::<InstallPaymentInstruction>("DuplicateRequest", false).verdict(), Verdict::Spent);
    }
}
