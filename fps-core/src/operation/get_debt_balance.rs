//! `GetDebtBalance`.

use crate::operation::{Operation, Parameters, Repeat};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Generation, InstrumentId};

/// Asks how much a postpaid instrument owes.
///
/// ```
/// use fps_core::InstrumentId;
/// use fps_core::operation::GetDebtBalance;
///
/// let ask = GetDebtBalance::new(InstrumentId::new("C1"));
/// ```
///
/// # Errors
///
/// `InstrumentAccessDenied` (another recipient's instrument), `InstrumentExpired`, `InvalidParams`.
///
/// Source: FPS Aggregated Payments guide, `GetDebtBalance`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetDebtBalance {
    credit_instrument_id: InstrumentId,
}

/// What [`GetDebtBalance`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetDebtBalanceResponse {
    /// `DebtBalance`.
    pub debt_balance: Option<DebtBalance>,
}

/// What a postpaid instrument owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DebtBalance {
    /// `AvailableBalance`: the debt.
    pub available_balance: Amount,
    /// `PendingOutBalance`: settlements under way.
    pub pending_out_balance: Option<Amount>,
}

impl GetDebtBalance {
    /// Asks about that instrument.
    #[must_use]
    pub const fn new(credit_instrument_id: InstrumentId) -> Self {
        Self { credit_instrument_id }
    }
}

impl Operation for GetDebtBalance {
    const ACTION: &'static str = "GetDebtBalance";
    const GENERATIONS: &'static [Generation] = &[Generation::First, Generation::Second];
    type Response = GetDebtBalanceResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::CREDIT_INSTRUMENT_ID, &self.credit_instrument_id);
    }

    fn read(result: Element<'_>) -> Result<GetDebtBalanceResponse, AnswerError> {
        Ok(GetDebtBalanceResponse { debt_balance: result.optional("DebtBalance")? })
    }
}

impl FromElement for DebtBalance {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            available_balance: element.required("AvailableBalance")?,
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
        assert_eq!(written(&GetDebtBalance::new(InstrumentId::new("I1"))), "CreditInstrumentId=I1");
    }

    #[test]
    fn the_answer_has_its_amounts() {
        let answer = |amounts: &str| {
            let result =
                format!("<GetDebtBalanceResult><DebtBalance>{amounts}</DebtBalance></GetDebtBalanceResult>");
            answered::<GetDebtBalance>(&result).debt_balance.unwrap()
        };
        let least = answer(
            "<AvailableBalance><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></AvailableBalance>",
        );
        assert_eq!(least.available_balance, Amount::usd("10"));
        assert_eq!(least.pending_out_balance, None);
        let full = answer(
            "<AvailableBalance><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></AvailableBalance><PendingOutBalance><CurrencyCode>USD</CurrencyCode><Value>0</Value></PendingOutBalance>",
        );
        assert_eq!(full.pending_out_balance, Some(Amount::ZERO));
        assert_eq!(answered::<GetDebtBalance>("").debt_balance, None);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetDebtBalance>("InstrumentAccessDenied").verdict(), Verdict::Final);
    }
}
