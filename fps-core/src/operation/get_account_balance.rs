//! `GetAccountBalance`.

use crate::operation::{Operation, Parameters, Repeat};
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Generation};

/// Asks how much the caller's own account holds.
///
/// ```
/// use fps_core::operation::GetAccountBalance;
///
/// let ask = GetAccountBalance::new();
/// ```
///
/// # Errors
///
/// Those of every operation only.
///
/// Source: FPS Account Management guide, `GetAccountBalance`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetAccountBalance;

/// What [`GetAccountBalance`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAccountBalanceResponse {
    /// `AccountBalance`.
    pub account_balance: Option<AccountBalance>,
}

/// What an account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountBalance {
    /// `TotalBalance`.
    pub total_balance: Amount,
    /// `PendingInBalance`: what is on its way in.
    pub pending_in_balance: Amount,
    /// `PendingOutBalance`: what is on its way out.
    pub pending_out_balance: Amount,
    /// `AvailableBalances`.
    pub available_balances: AvailableBalances,
}

/// What an account can spend now, by purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AvailableBalances {
    /// `DisburseBalance`: for payments to others.
    pub disburse_balance: Amount,
    /// `RefundBalance`: for refunds.
    pub refund_balance: Amount,
}

impl GetAccountBalance {
    /// Asks.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Operation for GetAccountBalance {
    const ACTION: &'static str = "GetAccountBalance";
    const GENERATIONS: &'static [Generation] = &[Generation::First, Generation::Second];
    type Response = GetAccountBalanceResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, _: &mut Parameters) {}

    fn read(result: Element<'_>) -> Result<GetAccountBalanceResponse, AnswerError> {
        Ok(GetAccountBalanceResponse { account_balance: result.optional("AccountBalance")? })
    }
}

impl FromElement for AccountBalance {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            total_balance: element.required("TotalBalance")?,
            pending_in_balance: element.required("PendingInBalance")?,
            pending_out_balance: element.required("PendingOutBalance")?,
            available_balances: element.required("AvailableBalances")?,
        })
    }
}

impl FromElement for AvailableBalances {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            disburse_balance: element.required("DisburseBalance")?,
            refund_balance: element.required("RefundBalance")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_no_parameters() {
        assert_eq!(written(&GetAccountBalance::new()), "");
    }

    #[test]
    fn the_answer_has_all_balances() {
        let amount = |name: &str, value: &str| {
            format!("<{name}><CurrencyCode>USD</CurrencyCode><Value>{value}</Value></{name}>")
        };
        let result = format!(
            "<GetAccountBalanceResult><AccountBalance>{}{}{}<AvailableBalances>{}{}</AvailableBalances></AccountBalance></GetAccountBalanceResult>",
            amount("TotalBalance", "7.400000"),
            amount("PendingInBalance", "0.000000"),
            amount("PendingOutBalance", "1.5"),
            amount("DisburseBalance", "5.900000"),
            amount("RefundBalance", "7.4"),
        );
        let balance = answered::<GetAccountBalance>(&result).account_balance.unwrap();
        assert_eq!(balance.total_balance, Amount::usd("7.40"));
        assert_eq!(balance.pending_in_balance, Amount::ZERO);
        assert_eq!(balance.pending_out_balance, Amount::usd("1.50"));
        assert_eq!(balance.available_balances.disburse_balance, Amount::usd("5.90"));
        assert_eq!(balance.available_balances.refund_balance, Amount::usd("7.40"));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetAccountBalance>("InternalError").verdict(), Verdict::Unknown);
    }
}
