//! `GetTokens`.

use crate::operation::v2007::{FIRST, Token, TokenStatus};
use crate::operation::{Operation, Parameters, Repeat, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{CallerReference, Generation};

/// Asks for the tokens on the caller's own account.
///
/// ```
/// use fps_core::operation::v2007::{GetTokens, TokenStatus};
///
/// let ask = GetTokens::new().with_token_status(TokenStatus::Inactive);
/// ```
///
/// # Errors
///
/// Those of every operation only.
///
/// Source: schema of 2007-01-08.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetTokens {
    token_friendly_name: Option<String>,
    token_status: Option<TokenStatus>,
    caller_reference: Option<CallerReference>,
}

/// What [`GetTokens`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTokensResponse {
    /// `Tokens`, repeated.
    pub tokens: Vec<Token>,
}

impl GetTokens {
    /// Asks for all active ones.
    #[must_use]
    pub const fn new() -> Self {
        Self { token_friendly_name: None, token_status: None, caller_reference: None }
    }

    with! {
        /// `TokenFriendlyName`: only of that name.
        with_token_friendly_name(token_friendly_name: String);
        /// `TokenStatus`: only with that status. Default of the service: active.
        with_token_status(token_status: TokenStatus);
        /// `CallerReference`: only under that reference.
        with_caller_reference(caller_reference: CallerReference);
    }
}

impl Operation for GetTokens {
    const ACTION: &'static str = "GetTokens";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = GetTokensResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        self.caller_reference.as_ref()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TOKEN_FRIENDLY_NAME, &self.token_friendly_name);
        to.put(api::TOKEN_STATUS, &self.token_status);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
    }

    fn read(answer: Element<'_>) -> Result<GetTokensResponse, AnswerError> {
        Ok(GetTokensResponse { tokens: answer.repeated("Tokens")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenId;
    use crate::operation::v2007::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(written(&GetTokens::new()), "");
        let full = GetTokens::new()
            .with_caller_reference(CallerReference::new("r").unwrap())
            .with_token_status(TokenStatus::Active)
            .with_token_friendly_name("mine");
        assert_eq!(written(&full), "TokenFriendlyName=mine&TokenStatus=Active&CallerReference=r");
    }

    #[test]
    fn the_answer_has_the_tokens() {
        let response = answered::<GetTokens>(
            "<Tokens><TokenId>A</TokenId></Tokens><Tokens><TokenId>B</TokenId><Status>Active</Status></Tokens>",
        );
        let ids: Vec<_> = response.tokens.iter().map(|token| token.token_id.clone()).collect();
        assert_eq!(ids, [TokenId::new("A"), TokenId::new("B")]);
        assert!(answered::<GetTokens>("").tokens.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetTokens>("InternalError", true).verdict(), Verdict::Unknown);
    }
}
