//! `GetTokenByCaller`.

use crate::operation::{Operation, Parameters, Repeat, Token};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{CallerReference, TokenId};

/// Asks for one token: by the reference that its pipeline was given, which finds the token of a buyer whose return got
/// lost, or by its id.
///
/// The service keeps an unused single-use token for about three hours.
///
/// ```
/// use fps_core::CallerReference;
/// use fps_core::operation::GetTokenByCaller;
///
/// let ask = GetTokenByCaller::by_reference(CallerReference::new("order-42")?);
/// # Ok::<(), fps_core::ReferenceError>(())
/// ```
///
/// # Errors
///
/// `InvalidCallerReference`: no token belongs to the reference (the buyer has not confirmed, or it is gone).
///
/// Source: FPS API, `GetTokenByCaller` (the page's title has an s too many).
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
    /// Asks for the token that a pipeline of that reference made.
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

    fn read(result: Element<'_>) -> Result<GetTokenByCallerResponse, AnswerError> {
        Ok(GetTokenByCallerResponse { token: result.optional("Token")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::operation::{TokenStatus, TokenType};
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
            "<GetTokenByCallerResult><Token><TokenId>S1</TokenId><FriendlyName>Friendly1</FriendlyName>\
             <TokenStatus>Active</TokenStatus><DateInstalled>2009-10-07T04:29:05.054-07:00</DateInstalled>\
             <CallerReference>order-42</CallerReference><TokenType>SingleUse</TokenType><OldTokenId>S1</OldTokenId>\
             <PaymentReason>a song</PaymentReason></Token></GetTokenByCallerResult>",
        );
        let token = response.token.unwrap();
        assert_eq!(token.token_id, TokenId::new("S1"));
        assert_eq!(token.token_status, Some(TokenStatus::Active));
        assert_eq!(token.date_installed.unwrap().to_string(), "2009-10-07T11:29:05.054Z");
        assert_eq!(token.caller_reference.as_deref(), Some("order-42"));
        assert_eq!(token.token_type, Some(TokenType::SingleUse));
        assert_eq!(token.payment_reason.as_deref(), Some("a song"));
        assert_eq!(answered::<GetTokenByCaller>("<GetTokenByCallerResult/>").token, None);
    }

    #[test]
    fn no_token_is_a_fault_of_its_own() {
        let fault = fault::<GetTokenByCaller>("InvalidCallerReference");
        assert_eq!(fault.code(), &FaultCode::InvalidCallerReference);
        assert_eq!(fault.verdict(), Verdict::Final);
    }
}
