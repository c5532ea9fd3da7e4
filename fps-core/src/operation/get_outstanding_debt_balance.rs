//! `GetOutstandingDebtBalance`.

use crate::operation::{Operation, Parameters, Repeat};
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Generation};

/// Asks how much all postpaid instruments of the caller owe together.
///
/// ```
/// use fps_core::operation::GetOutstandingDebtBalance;
///
/// let ask = GetOutstandingDebtBalance::new();
/// ```
///
/// # Errors
///
/// Those of every operation only.
///
/// Source: FPS Aggregated Payments guide, `GetOutstandingDebtBalance`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetOutstandingDebtBalance;

/// What [`GetOutstandingDebtBalance`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetOutstandingDebtBalanceResponse {
    /// `OutstandingDebt`.
    pub outstanding_debt: Option<OutstandingDebtBalance>,
}

/// What the holders of the caller's postpaid instruments owe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutstandingDebtBalance {
    /// `OutstandingBalance`: the debt.
    pub outstanding_balance: Amount,
    /// `PendingOutBalance`: settlements under way.
    pub pending_out_balance: Option<Amount>,
}

impl GetOutstandingDebtBalance {
    /// Asks.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Operation for GetOutstandingDebtBalance {
    const ACTION: &'static str = "GetOutstandingDebtBalance";
    const GENERATIONS: &'static [Generation] = &[Generation::First, Generation::Second];
    type Response = GetOutstandingDebtBalanceResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, _: &mut Parameters) {}

    fn read(result: Element<'_>) -> Result<GetOutstandingDebtBalanceResponse, AnswerError> {
        Ok(GetOutstandingDebtBalanceResponse { outstanding_debt: result.optional("OutstandingDebt")? })
    }
}

impl FromElement for OutstandingDebtBalance {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            outstanding_balance: element.required("OutstandingBalance")?,
            pending_out_balance: element.optional("PendingOutBalance")?,
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
        assert_eq!(written(&GetOutstandingDebtBalance::new()), "");
    }

    #[test]
    fn the_answer_has_its_amounts() {
        let answer = |amounts: &str| {
            let result = format!(
                "<GetOutstandingDebtBalanceResult><OutstandingDebt>{amounts}</OutstandingDebt></GetOutstandingDebtBalanceResult>"
            );
            answered::<GetOutstandingDebtBalance>(&result).outstanding_debt.unwrap()
        };
        let least = answer(
            "<OutstandingBalance><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></OutstandingBalance>",
        );
        assert_eq!(least.outstanding_balance, Amount::usd("10"));
        assert_eq!(least.pending_out_balance, None);
        let full = answer(
            "<OutstandingBalance><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></OutstandingBalance><PendingOutBalance><CurrencyCode>USD</CurrencyCode><Value>0</Value></PendingOutBalance>",
        );
        assert_eq!(full.pending_out_balance, Some(Amount::ZERO));
        assert_eq!(answered::<GetOutstandingDebtBalance>("").outstanding_debt, None);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetOutstandingDebtBalance>("AccessFailure").verdict(), Verdict::Final);
    }
}
