//! `CancelToken`.

use url::Url;

use crate::operation::{Operation, Parameters, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Generation, TokenId};

/// Cancels a token, so that nobody can be charged by it any more.
///
/// The answer has nothing but a request id. There is no caller reference, so
/// [`Client::send`](crate::client::Client::send) never sends it twice; a second one is answered `TokenNotActive`.
///
/// ```
/// use fps_core::TokenId;
/// use fps_core::operation::CancelToken;
///
/// let cancel = CancelToken::new(TokenId::new("553ILM…")).with_reason_text("the buyer chose another method");
/// ```
///
/// # Errors
///
/// `InvalidTokenId` and `TokenAccessDenied` (another caller installed it), `TokenNotActive` (it is cancelled already),
/// `InvalidParams` (it is no token's id).
///
/// Source: FPS API, `CancelToken`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelToken {
    token_id: TokenId,
    reason_text: Option<String>,
    override_ipn_url: Option<Url>,
}

impl CancelToken {
    /// Cancels the token.
    #[must_use]
    pub const fn new(token_id: TokenId) -> Self {
        Self { token_id, reason_text: None, override_ipn_url: None }
    }

    with! {
        /// `ReasonText`: why. In 2007-01-08 up to 64 characters.
        with_reason_text(reason_text: String);
        /// `OverrideIPNURL`: where the notice of this goes. Since version 2010-08-28.
        with_override_ipn_url(override_ipn_url: Url);
    }
}

impl Operation for CancelToken {
    const ACTION: &'static str = "CancelToken";
    const GENERATIONS: &'static [Generation] = &[Generation::First, Generation::Second];
    type Response = ();

    fn write(&self, to: &mut Parameters) {
        to.put(api::TOKEN_ID, &self.token_id);
        match to.version().generation() {
            Generation::First => {
                to.put_text(api::REASON_TEXT, self.reason_text.as_deref(), REASON_MAX_CHARS_OF_2007);
            }
            Generation::Second => to.put(api::REASON_TEXT, &self.reason_text),
        }
        to.put_notice_url(self.override_ipn_url.as_ref());
    }

    fn read(_: Element<'_>) -> Result<(), AnswerError> {
        Ok(())
    }
}

/// The most characters of a reason in 2007-01-08.
const REASON_MAX_CHARS_OF_2007: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;
    use crate::operation::Repeat;
    use crate::operation::tests::{answered, fault, refused, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter_in_the_schemas_order() {
        let cancel = CancelToken::new(TokenId::new("S1"));
        assert_eq!(written(&cancel), "TokenId=S1");
        let full = cancel
            .with_reason_text("no longer needed")
            .with_override_ipn_url("https://example.com/ipn".parse::<Url>().unwrap());
        assert_eq!(
            written(&full),
            "TokenId=S1&ReasonText=no%20longer%20needed&OverrideIPNURL=https%3A%2F%2Fexample.com%2Fipn"
        );
        assert_eq!(full.repeat(), Repeat::Never);
    }

    #[test]
    fn version_2007_limits_the_reason_and_has_no_notices() {
        let cancel = || CancelToken::new(TokenId::new("S1"));
        assert_eq!(
            refused(&cancel().with_reason_text("x".repeat(65)), Version::V2007_01_08),
            "ReasonText has 65 characters; the service takes 64"
        );
        let notices = cancel().with_override_ipn_url("https://example.com/".parse::<Url>().unwrap());
        assert_eq!(
            refused(&notices, Version::V2007_01_08),
            "OverrideIPNURL is not in version 2007-01-08; use 2010-08-28 or leave it out"
        );
    }

    #[test]
    fn the_answer_has_nothing_but_a_request_id() {
        answered::<CancelToken>("");
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<CancelToken>("TokenAccessDenied").verdict(), Verdict::Final);
    }
}
