//! `GetAllCreditInstruments`.

use crate::operation::v2007::{FIRST, InstrumentStatus};
use crate::operation::{Operation, Parameters, Repeat, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Generation, InstrumentId};

/// Asks for the postpaid instruments that were set up for the caller's own account.
///
/// ```
/// use fps_core::operation::v2007::{GetAllCreditInstruments, InstrumentStatus};
///
/// let ask = GetAllCreditInstruments::new().with_instrument_status(InstrumentStatus::Active);
/// ```
///
/// # Errors
///
/// Those of every operation only.
///
/// Source: schema of 2007-01-08.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetAllCreditInstruments {
    instrument_status: Option<InstrumentStatus>,
}

/// What [`GetAllCreditInstruments`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAllCreditInstrumentsResponse {
    /// `CreditInstrumentIds`, repeated.
    pub credit_instrument_ids: Vec<InstrumentId>,
}

impl GetAllCreditInstruments {
    /// Asks for those that the service lists by default.
    #[must_use]
    pub const fn new() -> Self {
        Self { instrument_status: None }
    }

    with! {
        /// `InstrumentStatus`: only such.
        with_instrument_status(instrument_status: InstrumentStatus);
    }
}

impl Operation for GetAllCreditInstruments {
    const ACTION: &'static str = "GetAllCreditInstruments";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = GetAllCreditInstrumentsResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::INSTRUMENT_STATUS, &self.instrument_status);
    }

    fn read(answer: Element<'_>) -> Result<GetAllCreditInstrumentsResponse, AnswerError> {
        Ok(GetAllCreditInstrumentsResponse {
            credit_instrument_ids: InstrumentId::listed(answer, "CreditInstrumentIds"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_the_status() {
        assert_eq!(written(&GetAllCreditInstruments::new()), "");
        for (status, text) in [
            (InstrumentStatus::All, "All"),
            (InstrumentStatus::Active, "Active"),
            (InstrumentStatus::Cancelled, "Cancelled"),
        ] {
            let ask = GetAllCreditInstruments::new().with_instrument_status(status);
            assert_eq!(written(&ask), format!("InstrumentStatus={text}"));
        }
    }

    #[test]
    fn the_answer_has_the_ids_plain_or_nested() {
        let ids = ["A", "B"].map(InstrumentId::new);
        for text in [
            "<CreditInstrumentIds>A</CreditInstrumentIds><CreditInstrumentIds>B</CreditInstrumentIds>",
            "<CreditInstrumentIds><InstrumentId>A</InstrumentId><InstrumentId>B</InstrumentId></CreditInstrumentIds>",
        ] {
            assert_eq!(answered::<GetAllCreditInstruments>(text).credit_instrument_ids, ids, "{text}");
        }
        assert!(answered::<GetAllCreditInstruments>("").credit_instrument_ids.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetAllCreditInstruments>("InternalError", true).verdict(), Verdict::Unknown);
    }
}
