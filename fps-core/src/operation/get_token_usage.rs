//! `GetTokenUsage`.

use crate::operation::{Operation, Parameters, Repeat};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Generation, Timestamp, TokenId};

/// Asks how far the limits of a multi-use token are used.
///
/// ```
/// use fps_core::TokenId;
/// use fps_core::operation::GetTokenUsage;
///
/// let ask = GetTokenUsage::new(TokenId::new("553ILM…"));
/// ```
///
/// # Errors
///
/// `InvalidTokenType`: a single-use token has no usage.
///
/// Source: FPS API, `GetTokenUsage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetTokenUsage {
    token_id: TokenId,
}

/// What [`GetTokenUsage`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTokenUsageResponse {
    /// `TokenUsageLimits`, up to three: one for each limit.
    pub token_usage_limits: Vec<TokenUsageLimit>,
}

/// One limit of a token: of an amount or of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenUsageLimit {
    /// `Count`: uses in the present period.
    pub count: Option<i64>,
    /// `Amount`: spent in the present period.
    pub amount: Option<Amount>,
    /// `LastResetCount`: uses in the period before.
    pub last_reset_count: Option<i64>,
    /// `LastResetAmount`: spent in the period before.
    pub last_reset_amount: Option<Amount>,
    /// `LastResetTimestamp`, in 2007-01-08 `LastResetTimeStamp`: when the present period began.
    pub last_reset_timestamp: Option<Timestamp>,
}

impl GetTokenUsage {
    /// Asks about that token.
    #[must_use]
    pub const fn new(token_id: TokenId) -> Self {
        Self { token_id }
    }
}

impl Operation for GetTokenUsage {
    const ACTION: &'static str = "GetTokenUsage";
    const GENERATIONS: &'static [Generation] = &[Generation::First, Generation::Second];
    type Response = GetTokenUsageResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::TOKEN_ID, &self.token_id);
    }

    fn read(result: Element<'_>) -> Result<GetTokenUsageResponse, AnswerError> {
        Ok(GetTokenUsageResponse { token_usage_limits: result.repeated("TokenUsageLimits")? })
    }
}

impl FromElement for TokenUsageLimit {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            count: element.optional("Count")?,
            amount: element.optional("Amount")?,
            last_reset_count: element.optional("LastResetCount")?,
            last_reset_amount: element.optional("LastResetAmount")?,
            last_reset_timestamp: match element.optional("LastResetTimestamp")? {
                None => element.optional("LastResetTimeStamp")?,
                timestamp => timestamp,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_token() {
        assert_eq!(written(&GetTokenUsage::new(TokenId::new("S1"))), "TokenId=S1");
    }

    #[test]
    fn the_answer_has_one_entry_for_each_limit() {
        let response = answered::<GetTokenUsage>(
            "<GetTokenUsageResult><TokenUsageLimits><Amount><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></Amount>\
             <LastResetAmount><CurrencyCode>USD</CurrencyCode><Value>0.000000</Value></LastResetAmount>\
             <LastResetTimestamp>2009-10-07T01:37:54.765-07:00</LastResetTimestamp></TokenUsageLimits>\
             <TokenUsageLimits><Count>3</Count><LastResetCount>0</LastResetCount></TokenUsageLimits></GetTokenUsageResult>",
        );
        let [amount, count] = response.token_usage_limits.as_slice() else { panic!("two limits") };
        assert_eq!((amount.amount, amount.count), (Some(Amount::usd("10")), None));
        assert_eq!(amount.last_reset_timestamp.unwrap().to_string(), "2009-10-07T08:37:54.765Z");
        assert_eq!((count.count, count.last_reset_count, count.amount), (Some(3), Some(0), None));
        assert!(answered::<GetTokenUsage>("").token_usage_limits.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetTokenUsage>("InvalidTokenType").verdict(), Verdict::Final);
    }
}
