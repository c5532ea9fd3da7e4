//! `GetPrepaidBalance`.

use crate::operation::{Operation, Parameters, Repeat};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, Generation, InstrumentId};

/// Asks how much a prepaid instrument holds. Only its sender and its recipient may ask.
///
/// ```
/// use fps_core::InstrumentId;
/// use fps_core::operation::GetPrepaidBalance;
///
/// let ask = GetPrepaidBalance::new(InstrumentId::new("P1"));
/// ```
///
/// # Errors
///
/// `InstrumentAccessDenied` (another recipient's instrument), `InstrumentExpired`, `InvalidParams`.
///
/// Source: FPS Aggregated Payments guide, `GetPrepaidBalance`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetPrepaidBalance {
    prepaid_instrument_id: InstrumentId,
}

/// What [`GetPrepaidBalance`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetPrepaidBalanceResponse {
    /// `PrepaidBalance`.
    pub prepaid_balance: Option<PrepaidBalance>,
}

/// What a prepaid instrument holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrepaidBalance {
    /// `AvailableBalance`: what can be spent.
    pub available_balance: Amount,
    /// `PendingInBalance`: fundings under way.
    pub pending_in_balance: Option<Amount>,
}

impl GetPrepaidBalance {
    /// Asks about that instrument.
    #[must_use]
    pub const fn new(prepaid_instrument_id: InstrumentId) -> Self {
        Self { prepaid_instrument_id }
    }
}

impl Operation for GetPrepaidBalance {
    const ACTION: &'static str = "GetPrepaidBalance";
    const GENERATIONS: &'static [Generation] = &[Generation::First, Generation::Second];
    type Response = GetPrepaidBalanceResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::PREPAID_INSTRUMENT_ID, &self.prepaid_instrument_id);
    }

    fn read(result: Element<'_>) -> Result<GetPrepaidBalanceResponse, AnswerError> {
        Ok(GetPrepaidBalanceResponse { prepaid_balance: result.optional("PrepaidBalance")? })
    }
}

impl FromElement for PrepaidBalance {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            available_balance: element.required("AvailableBalance")?,
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
        assert_eq!(written(&GetPrepaidBalance::new(InstrumentId::new("I1"))), "PrepaidInstrumentId=I1");
    }

    #[test]
    fn the_answer_has_its_amounts() {
        let answer = |amounts: &str| {
            let result = format!(
                "<GetPrepaidBalanceResult><PrepaidBalance>{amounts}</PrepaidBalance></GetPrepaidBalanceResult>"
            );
            answered::<GetPrepaidBalance>(&result).prepaid_balance.unwrap()
        };
        let least = answer(
            "<AvailableBalance><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></AvailableBalance>",
        );
        assert_eq!(least.available_balance, Amount::usd("10"));
        assert_eq!(least.pending_in_balance, None);
        let full = answer(
            "<AvailableBalance><CurrencyCode>USD</CurrencyCode><Value>10.000000</Value></AvailableBalance><PendingInBalance><CurrencyCode>USD</CurrencyCode><Value>0</Value></PendingInBalance>",
        );
        assert_eq!(full.pending_in_balance, Some(Amount::ZERO));
        assert_eq!(answered::<GetPrepaidBalance>("").prepaid_balance, None);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetPrepaidBalance>("InstrumentAccessDenied").verdict(), Verdict::Final);
    }
}
