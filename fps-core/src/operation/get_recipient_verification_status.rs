//! `GetRecipientVerificationStatus`.

use crate::TokenId;
use crate::operation::{Operation, Parameters, RecipientVerificationStatus, Repeat};
use crate::param::api;
use crate::response::{AnswerError, Element};

/// Asks whether a recipient's account is verified: before showing that seller's payment button.
///
/// ```
/// use fps_core::TokenId;
/// use fps_core::operation::GetRecipientVerificationStatus;
///
/// let ask = GetRecipientVerificationStatus::new(TokenId::new("C5Q3D4…"));
/// ```
///
/// # Errors
///
/// `InvalidTokenId_Recipient`, `InvalidParams`.
///
/// Source: FPS API reference, `GetRecipientVerificationStatus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetRecipientVerificationStatus {
    recipient_token_id: TokenId,
}

/// What [`GetRecipientVerificationStatus`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetRecipientVerificationStatusResponse {
    /// `RecipientVerificationStatus`. A later version of the service had other values; they are kept.
    pub recipient_verification_status: Option<RecipientVerificationStatus>,
}

impl GetRecipientVerificationStatus {
    /// Asks about the recipient of that token.
    #[must_use]
    pub const fn new(recipient_token_id: TokenId) -> Self {
        Self { recipient_token_id }
    }
}

impl Operation for GetRecipientVerificationStatus {
    const ACTION: &'static str = "GetRecipientVerificationStatus";
    type Response = GetRecipientVerificationStatusResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::RECIPIENT_TOKEN_ID, &self.recipient_token_id);
    }

    fn read(result: Element<'_>) -> Result<GetRecipientVerificationStatusResponse, AnswerError> {
        Ok(GetRecipientVerificationStatusResponse {
            recipient_verification_status: result.optional("RecipientVerificationStatus")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;
    use crate::operation::read_answer;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_recipients_token() {
        assert_eq!(written(&GetRecipientVerificationStatus::new(TokenId::new("R1"))), "RecipientTokenId=R1");
    }

    #[test]
    fn the_answer_is_the_status_in_the_old_envelope_too() {
        let response = answered::<GetRecipientVerificationStatus>(
            "<GetRecipientVerificationStatusResult><RecipientVerificationStatus>VerificationComplete</RecipientVerificationStatus></GetRecipientVerificationStatusResult>",
        );
        assert_eq!(
            response.recipient_verification_status,
            Some(RecipientVerificationStatus::VerificationComplete)
        );
        let old = b"<GetRecipientVerificationResponse><GetRecipientVerificationResult><RecipientVerificationStatus>PendingReview</RecipientVerificationStatus></GetRecipientVerificationResult></GetRecipientVerificationResponse>";
        let answer =
            read_answer::<GetRecipientVerificationStatus>(Version::V2010_08_28, http::StatusCode::OK, old)
                .unwrap()
                .unwrap();
        assert_eq!(
            answer.response.recipient_verification_status,
            Some(RecipientVerificationStatus::Other("PendingReview".to_owned()))
        );
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(
            fault::<GetRecipientVerificationStatus>("InvalidTokenId_Recipient").verdict(),
            Verdict::Final
        );
    }
}
