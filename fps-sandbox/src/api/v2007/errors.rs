//! Errors as the first generation wrote them: within the answer, several at a time, each with its flag.

use super::super::refusal::Refusal;
use super::super::xml::Xml;
use super::{described, shown};

/// What an operation was refused with: one error, or several.
#[derive(Debug)]
pub(super) struct Errors(Vec<Refusal>);

impl Errors {
    /// Several errors. There has to be one.
    pub(super) fn new(refusals: Vec<Refusal>) -> Self {
        debug_assert!(!refusals.is_empty());
        Self(refusals.into_iter().map(translated).collect())
    }

    /// The first of them.
    pub(super) fn into_first(self) -> Refusal {
        self.0.into_iter().next().unwrap_or_else(Refusal::internal)
    }

    /// The code of the first.
    pub(super) fn code(&self) -> &str {
        self.0.first().map_or("", |refusal| &refusal.code)
    }

    /// For the request log.
    pub(super) fn described(&self) -> String {
        self.0.iter().map(described).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn to_xml(&self) -> String {
        let mut xml = Xml::new();
        xml.node("Errors", |xml| {
            for refusal in &self.0 {
                xml.node("Errors", |xml| {
                    xml.leaf("ErrorType", if is_system(&refusal.code) { "System" } else { "Business" })
                        .leaf("IsRetriable", if refusal.may_pass() { "true" } else { "false" })
                        .leaf("ErrorCode", &refusal.code)
                        .leaf("ReasonText", shown(&refusal.message));
                });
            }
        });
        xml.into_string()
    }
}

impl From<Refusal> for Errors {
    fn from(refusal: Refusal) -> Self {
        Self::new(vec![refusal])
    }
}

/// The refusal in the words of the first generation, where later versions found others.
fn translated(refusal: Refusal) -> Refusal {
    let code = refusal.code.as_ref();
    if code == "DuplicateRequest" {
        return Refusal { message: DUPLICATE.to_owned(), ..refusal };
    }
    let earlier = EARLIER.iter().find(|(later, _)| *later == code).map(|(_, earlier)| *earlier);
    match earlier {
        Some(earlier) => Refusal { code: earlier.into(), ..refusal },
        None => refusal,
    }
}

fn is_system(code: &str) -> bool {
    matches!(code, "InternalError" | "ConcurrentModification")
}

const DUPLICATE: &str = "This request is a duplicate of a previous request and cannot be executed.";

/// Codes of later versions, and what 2007-01-08 says instead.
const EARLIER: &[(&str, &str)] = &[
    ("AccountClosed", "InvalidAccountState_Caller"),
    ("InvalidRequest", "InvalidParams"),
    ("NotMarketplaceApp", "TransactionDenied"),
    ("PrepaidFundingLimitExceeded", "AmountOutOfRange"),
    ("SameSenderAndRecipient", "IncompatibleTokens"),
    ("SettleAmountGreaterThanDebt", "AmountOutOfRange"),
    ("TokenNotActive", "InvalidTokenId"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_codes_become_codes_of_the_time() {
        for (later, earlier) in EARLIER {
            assert_eq!(Errors::from(Refusal::new(later, "x")).code(), *earlier);
        }
    }

    #[test]
    fn errors_have_their_kind_and_their_flag() {
        let errors = Errors::new(vec![
            Refusal::new("InsufficientBalance", "a < b"),
            Refusal::new("ConcurrentModification", "c"),
        ]);
        assert_eq!(
            errors.to_xml(),
            "<Errors><Errors><ErrorType>Business</ErrorType><IsRetriable>true</IsRetriable>\
             <ErrorCode>InsufficientBalance</ErrorCode><ReasonText>a &lt; b</ReasonText></Errors>\
             <Errors><ErrorType>System</ErrorType><IsRetriable>true</IsRetriable>\
             <ErrorCode>ConcurrentModification</ErrorCode><ReasonText>c</ReasonText></Errors></Errors>"
        );
    }
}
