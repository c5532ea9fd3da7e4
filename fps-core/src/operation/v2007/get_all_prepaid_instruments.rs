//! `GetAllPrepaidInstruments`.

use crate::operation::v2007::{FIRST, InstrumentStatus};
use crate::operation::{Operation, Parameters, Repeat, with};
use crate::param::api;
use crate::response::{AnswerError, Element};
use crate::{Generation, InstrumentId};

/// Asks for the prepaid instruments that were set up for the caller's own account.
///
/// ```
/// use fps_core::operation::v2007::{GetAllPrepaidInstruments, InstrumentStatus};
///
/// let ask = GetAllPrepaidInstruments::new().with_instrument_status(InstrumentStatus::Active);
/// ```
///
/// # Errors
///
/// Those of every operation only.
///
/// Source: schema of 2007-01-08.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetAllPrepaidInstruments {
    instrument_status: Option<InstrumentStatus>,
}

/// What [`GetAllPrepaidInstruments`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAllPrepaidInstrumentsResponse {
    /// `PrepaidInstrumentIds`, repeated.
    pub prepaid_instrument_ids: Vec<InstrumentId>,
}

impl GetAllPrepaidInstruments {
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

impl Operation for GetAllPrepaidInstruments {
    const ACTION: &'static str = "GetAllPrepaidInstruments";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = GetAllPrepaidInstrumentsResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::INSTRUMENT_STATUS, &self.instrument_status);
    }

    fn read(answer: Element<'_>) -> Result<GetAllPrepaidInstrumentsResponse, AnswerError> {
        Ok(GetAllPrepaidInstrumentsResponse {
            prepaid_instrument_ids: InstrumentId::listed(answer, "PrepaidInstrumentIds"),
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
        assert_eq!(written(&GetAllPrepaidInstruments::new()), "");
        for (status, text) in [
            (InstrumentStatus::All, "All"),
            (InstrumentStatus::Active, "Active"),
            (InstrumentStatus::Cancelled, "Cancelled"),
        ] {
            let ask = GetAllPrepaidInstruments::new().with_instrument_status(status);
            assert_eq!(written(&ask), format!("InstrumentStatus={text}"));
        }
    }

    #[test]
    fn the_answer_has_the_ids_plain_or_nested() {
        let ids = ["A", "B"].map(InstrumentId::new);
        for text in [
            "<PrepaidInstrumentIds>A</PrepaidInstrumentIds><PrepaidInstrumentIds>B</PrepaidInstrumentIds>",
            "<PrepaidInstrumentIds><InstrumentId>A</InstrumentId><InstrumentId>B</InstrumentId></PrepaidInstrumentIds>",
        ] {
            assert_eq!(answered::<GetAllPrepaidInstruments>(text).prepaid_instrument_ids, ids, "{text}");
        }
        assert!(answered::<GetAllPrepaidInstruments>("").prepaid_instrument_ids.is_empty());
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetAllPrepaidInstruments>("InternalError", true).verdict(), Verdict::Unknown);
    }
}
