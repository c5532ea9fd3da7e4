//! `GetTokens`.

use crate::CallerReference;
use crate::operation::{Operation, Parameters, Repeat, Token, TokenStatus, TokenType, with};
use crate::param::api;
use crate::response::{AnswerError, Element};

/// Asks for the tokens that are installed on the caller's own account. A token that a buyer confirmed is on the buyer's
/// account: ask for it by [`GetTokenByCaller`](crate::operation::GetTokenByCaller).
///
/// The service answers with all of them at once: neither question nor answer has a place for a next page, so there is nothing to walk
/// as there is in an account's activity. Narrow a long list by the parameters.
///
/// ```
/// use fps_core::operation::{GetTokens, TokenType};
///
/// let ask = GetTokens::new().with_token_type(TokenType::Unrestricted);
/// ```
///
/// # Errors
///
/// Those of every operation only.
///
/// Source: FPS API, `GetTokens`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetTokens {
    token_status: Option<TokenStatus>,
    token_type: Option<TokenType>,
    caller_reference: Option<CallerReference>,
    token_friendly_name: Option<String>,
}

/// What [`GetTokens`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTokensResponse {
    /// `Token`, repeated.
    pub tokens: Vec<Token>,
}

impl GetTokens {
    /// Asks for all active tokens.
    #[must_use]
    pub const fn new() -> Self {
        Self { token_status: None, token_type: None, caller_reference: None, token_friendly_name: None }
    }

    with! {
        /// `TokenStatus`: only with that status. Default of the service: active.
        with_token_status(token_status: TokenStatus);
        /// `TokenType`: only of that type.
        with_token_type(token_type: TokenType);
        /// `CallerReference`: only the one installed under it.
        with_caller_reference(caller_reference: CallerReference);
        /// `TokenFriendlyName`: only of that name.
        with_token_friendly_name(token_friendly_name: String);
    }
}

impl Operation for GetTokens {
    const ACTION: &'static str = "GetTokens";
    type Response = GetTokensResponse;

    fn caller_reference(&self) -> Option<&CallerReference> {
        self.caller_reference.as_ref()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TOKEN_STATUS, &self.token_status);
        to.put(api::TOKEN_TYPE, &self.token_type);
        to.put(api::CALLER_REFERENCE, &self.caller_reference);
        to.put(api::TOKEN_FRIENDLY_NAME, &self.token_friendly_name);
    }

    fn read(result: Element<'_>) -> Result<GetTokensResponse, AnswerError> {
        Ok(GetTokensResponse { tokens: result.repeated("Token")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenId;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        assert_eq!(written(&GetTokens::new()), "");
        let full = GetTokens::new()
            .with_token_status(TokenStatus::Inactive)
            .with_token_type(TokenType::MultiUse)
            .with_caller_reference(CallerReference::new("c1").unwrap())
            .with_token_friendly_name("mine");
        assert_eq!(
            written(&full),
            "TokenStatus=Inactive&TokenType=MultiUse&CallerReference=c1&TokenFriendlyName=mine"
        );
    }

    #[test]
    fn the_answer_has_all_tokens_even_without_names() {
        let response = answered::<GetTokens>(
            "<GetTokensResult><Token><TokenId>S1</TokenId><TokenStatus>Active</TokenStatus></Token>\
             <Token><TokenId>S2</TokenId><FriendlyName>mine</FriendlyName></Token></GetTokensResult>",
        );
        let ids: Vec<_> = response.tokens.iter().map(|token| token.token_id.clone()).collect();
        assert_eq!(ids, [TokenId::new("S1"), TokenId::new("S2")]);
        assert_eq!(response.tokens[0].friendly_name, None);
        assert_eq!(response.tokens[1].friendly_name.as_deref(), Some("mine"));
        assert!(answered::<GetTokens>("").tokens.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetTokens>("Throttling").verdict(), Verdict::NotDone);
    }
}
