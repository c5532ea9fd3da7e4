//! `GetTokenByCaller`.

use crate::operation::v2007::{FIRST, Token};
use crate::operation::{Operation, Parameters, Repeat};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{CallerReference, Generation, TokenId};

/// Asks for one token: by the reference that its pipeline or installation was given, which finds the token of a buyer whose
/// return got lost, or by its id.
///
/// ```
/// use fps_core::CallerReference;
/// use fps_core::operation::v2007::GetTokenByCaller;
///
/// let ask = GetTokenByCaller::by_reference(CallerReference::new("shop-caller-token")?);
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `InvalidCallerReference` (no token belongs to the reference), `InvalidTokenId`, `InvalidParams`.
///
/// Source: schema of 2007-01-08; FPS developer guide of 2007, "Recipient Token Installation Pipeline".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetTokenByCaller {
    by: By,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Token(TokenId),
    Reference(CallerReference),
}

/// What [`GetTokenByCaller`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTokenByCallerResponse {
    /// `Token`.
    pub token: Option<Token>,
}

impl GetTokenByCaller {
    /// Asks for the token that was made under that reference.
    #[must_use]
    pub const fn by_reference(caller_reference: CallerReference) -> Self {
        Self { by: By::Reference(caller_reference) }
    }

    /// Asks for the token of that id.
    #[must_use]
    pub const fn by_token(token_id: TokenId) -> Self {
        Self { by: By::Token(token_id) }
    }
}

impl Operation for GetTokenByCaller {
    const ACTION: &'static str = "GetTokenByCaller";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = GetTokenByCallerResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        match &self.by {
            By::Reference(reference) => Some(reference),
            By::Token(_) => None,
        }
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        match &self.by {
            By::Token(token_id) => to.put(api::TOKEN_ID, token_id),
            By::Reference(caller_reference) => to.put(api::CALLER_REFERENCE, caller_reference),
        }
    }

    fn read(answer: Element<'_>) -> Result<GetTokenByCallerResponse, AnswerError> {
        Ok(GetTokenByCallerResponse { token: answer.optional("Token")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::tests::{answered, fault, written};
    use crate::operation::v2007::{TokenStatus, TokenType};
    use crate::response::{FaultCode, Verdict};

    #[test]
    fn the_request_has_the_reference_or_the_token() {
        let reference = CallerReference::new("order-42").unwrap();
        assert_eq!(written(&GetTokenByCaller::by_reference(reference)), "CallerReference=order-42");
        assert_eq!(written(&GetTokenByCaller::by_token(TokenId::new("S1"))), "TokenId=S1");
    }

    #[test]
    fn the_answer_is_the_token() {
        let response = answered::<GetTokenByCaller>(
            "<Token><TokenId>S1</TokenId><FriendlyName>SECRET_MARKER</FriendlyName><Status>Inactive</Status>\
             <DateInstalled>2007-11-06T21:08:11.000-08:00</DateInstalled><CallerInstalled>SECRET_MARKER</CallerInstalled>\
             <CallerReference>order-42</CallerReference><TokenType>SingleUse</TokenType><OldTokenId>S1</OldTokenId>\
             <PaymentReason>a song</PaymentReason></Token>",
        );
        let token = response.token.unwrap();
        assert_eq!(token.token_id, TokenId::new("S1"));
        assert_eq!(token.status, Some(TokenStatus::Inactive));
        assert_eq!(token.date_installed.unwrap().to_string(), "2007-11-07T05:08:11.000Z");
        assert_eq!(token.caller_reference.as_deref(), Some("order-42"));
        assert_eq!(token.token_type, Some(TokenType::SingleUse));
        assert_eq!(token.old_token_id, Some(TokenId::new("S1")));
        assert_eq!(token.payment_reason.as_deref(), Some("a song"));
        assert!(!format!("{token:?}").contains("SECRET_MARKER"));
        assert_eq!(answered::<GetTokenByCaller>("").token, None);
    }

    #[test]
    fn no_token_is_a_fault_of_its_own() {
        let fault = fault::<GetTokenByCaller>("InvalidCallerReference", false);
        assert_eq!(fault.code(), &FaultCode::InvalidCallerReference);
        assert_eq!(fault.verdict(), Verdict::Final);
    }
}
