//! `GetTotalPrepaidLiability`.

use crate::operation::{Operation, Parameters, Repeat};
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Generation};

/// Asks how much all prepaid instruments of the caller hold together.
///
/// ```
/// use fps_core::operation::GetTotalPrepaidLiability;
///
/// let ask = GetTotalPrepaidLiability::new();
/// ```
///
/// # Errors
///
/// Those of every operation only.
///
/// Source: FPS Aggregated Payments guide, `GetTotalPrepaidLiability`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetTotalPrepaidLiability;

/// What [`GetTotalPrepaidLiability`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTotalPrepaidLiabilityResponse {
    /// `OutstandingPrepaidLiability`.
    pub outstanding_prepaid_liability: Option<OutstandingPrepaidLiability>,
}

/// What the caller owes to the holders of its prepaid instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutstandingPrepaidLiability {
    /// `OutstandingBalance`: what they can spend.
    pub outstanding_balance: Amount,
    /// `PendingInBalance`: fundings under way.
    pub pending_in_balance: Option<Amount>,
}

impl GetTotalPrepaidLiability {
    /// Asks.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Operation for GetTotalPrepaidLiability {
    const ACTION: &'static str = "GetTotalPrepaidLiability";
    const GENERATIONS: &'static [Generation] = &[Generation::First, Generation::Second];
    type Response = GetTotalPrepaidLiabilityResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, _: &mut Parameters) {}

    fn read(result: Element<'_>) -> Result<GetTotalPrepaidLiabilityResponse, AnswerError> {
        Ok(GetTotalPrepaidLiabilityResponse {
            outstanding_prepaid_liability: result.optional("OutstandingPrepaidLiability")?,
        })
    }
}

impl FromElement for OutstandingPrepaidLiability {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            outstanding_balance: element.required("OutstandingBalance")?,
            pending_in_balance: element.optional("PendingInBalance")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_every_parameter() {
        assert_eq!(written(&GetTotalPrepaidLiability::new()), "");
    }

    #[test]
    fn the_answer_has_its_amounts() {
        let answer = |amounts: &str| {
            let result = format!(
                "<GetTotalPrepaidLiabilityResult><OutstandingPrepaidLiability>{amounts}</OutstandingPrepaidLiability></GetTotalPrepaidLiabilityResult>"
            );
            answered::<GetTotalPrepaidLiability>(&result).outstanding_prepaid_liability.unwrap()
        };
        let least = answer(
            "<OutstandingBalance><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></OutstandingBalance>",
        );
        assert_eq!(least.outstanding_balance, Amount::usd("10"));
        assert_eq!(least.pending_in_balance, None);
        let full = answer(
            "<OutstandingBalance><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></OutstandingBalance><PendingInBalance><CurrencyCode>USD</CurrencyCode><Value>0</Value></PendingInBalance>",
        );
        assert_eq!(full.pending_in_balance, Some(Amount::ZERO));
        assert_eq!(answered::<GetTotalPrepaidLiability>("").outstanding_prepaid_liability, None);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetTotalPrepaidLiability>("AccessFailure").verdict(), Verdict::Final);
    }
}
