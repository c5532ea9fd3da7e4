//! The parts of what comes back from the buyer pages.

use crate::checkout::PaymentMethod;
use crate::wire::wire_enums;

wire_enums! {
    /// How a walk through the buyer pages ended: `status`. Which of them are a success depends on the pipeline, and is
    /// never told by the first letter.
    PipelineStatus {
        /// Success; the buyer chose the balance (ABT).
        SuccessAbt = "SA",
        /// Success; the buyer chose a bank account (ACH).
        SuccessAch = "SB",
        /// Success; the buyer chose a credit card (CC).
        SuccessCc = "SC",
        /// Success of the recipient pipeline: its tokens are installed.
        RecipientInstalled = "SR",
        /// Success of the edit pipeline: the token is as it was.
        Unchanged = "SU",
        /// A failure of the service, not a success for all its S. Offer another link.
        SystemError = "SE",
        /// The buyer left.
        Abandoned = "A",
        /// The link was wrong; the error message names the parameters.
        CallerError = "CE",
        /// The buyer has none of the payment methods asked for.
        PaymentMethodMismatch = "PE",
        /// Not permitted: an e-mail address that is not verified, buyer and seller the same, a personal account that
        /// cannot take cards, a walk aborted and begun again, or a closed recipient account.
        NotPermitted = "NP",
        /// The caller is not registered to make payments for third parties.
        NotRegistered = "NM",
        /// The token to edit is invalid, expired, or cannot be changed.
        TokenInvalid = "IT",
        /// The account does not exist.
        NoAccount = "NA",
        /// The token to edit is another person's.
        OtherPersonsToken = "UT",
    }

    /// What is odd about a token that was made all the same: `warningCode`.
    WarningCode {
        /// The address that the link carried is not one.
        InvalidShippingAddress = "invalidShippingAddress",
    }
}

impl PipelineStatus {
    /// The method that the buyer chose: SA, SB and SC tell it, and only they.
    #[must_use]
    pub const fn payment_method(&self) -> Option<PaymentMethod> {
        match self {
            Self::SuccessAbt => Some(PaymentMethod::Abt),
            Self::SuccessAch => Some(PaymentMethod::Ach),
            Self::SuccessCc => Some(PaymentMethod::Cc),
            _ => None,
        }
    }

    /// What it means, in a few words.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        match self {
            Self::SuccessAbt => "approved, to be paid from the balance",
            Self::SuccessAch => "approved, to be paid from a bank account",
            Self::SuccessCc => "approved, to be paid by credit card",
            Self::RecipientInstalled => "the recipient's tokens are installed",
            Self::Unchanged => "the token is as it was",
            Self::SystemError => "a failure of the service; offer another link",
            Self::Abandoned => "the buyer left",
            Self::CallerError => "the link was wrong",
            Self::PaymentMethodMismatch => "the buyer has none of the payment methods asked for",
            Self::NotPermitted => "not permitted for this buyer or recipient",
            Self::NotRegistered => "the caller is not registered to make payments for third parties",
            Self::TokenInvalid => "the token is invalid, expired, or cannot be changed",
            Self::NoAccount => "the account does not exist",
            Self::OtherPersonsToken => "the token is another person's",
            Self::Other(_) => "a status that this version does not know",
        }
    }
}

/// A token was made, but something is odd about it: never a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// `warningCode`.
    pub code: WarningCode,
    /// `warningMessage`: the same in words.
    pub message: Option<String>,
}

/// When the buyer's card expires: `expiry`, `MM/YYYY`. It says nothing about the token's own life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry(String);

impl Expiry {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text as it came, up to 20 bytes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Month (1 to 12) and year, if the text is `MM/YYYY`; other forms were seen.
    #[must_use]
    pub fn month_and_year(&self) -> Option<(u8, u16)> {
        let (month, year) = self.0.split_once('/')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || !digits(year) || !digits(month) {
            return None;
        }
        let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
        Some((month, year.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiries_are_read_leniently() {
        for (text, read) in [
            ("10/2016", Some((10, 2016))),
            ("1/2016", Some((1, 2016))),
            ("01/20", None),
            ("13/2016", None),
            ("+1/2016", None),
            ("", None),
            ("2016-10", None),
        ] {
            assert_eq!(Expiry::new(text).month_and_year(), read, "{text}");
        }
    }
}
