//! Exact percentages.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::Amount;
use crate::amount::AmountError;
use crate::operation::{ParameterValue, Parameters};

/// A percentage of marketplace fees, 0 to 100 with at most six decimals: `5`, `0.25`.
///
/// ```
/// use fps_core::operation::Percent;
///
/// let fee: Percent = "0.25".parse()?;
/// assert_eq!(fee.to_string(), "0.25");
/// assert!("101".parse::<Percent>().is_err());
/// # Ok::<(), fps_core::operation::PercentError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Percent(Amount);

impl Percent {
    /// Reads decimal text by the rules of [`Amount::parse`].
    ///
    /// # Errors
    ///
    /// [`PercentError`] if it is not a decimal number from 0 to 100.
    pub fn parse(text: &str) -> Result<Self, PercentError> {
        let number = Amount::parse(text).map_err(|source| PercentError { source: Some(source) })?;
        if number.is_negative() || number > Amount::usd("100") {
            return Err(PercentError { source: None });
        }
        Ok(Self(number))
    }
}

impl FromStr for Percent {
    type Err = PercentError;

    fn from_str(text: &str) -> Result<Self, PercentError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Percent {
    type Error = PercentError;

    fn try_from(text: String) -> Result<Self, PercentError> {
        Self::parse(&text)
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> Self {
        percent.to_string()
    }
}

/// Without needless decimals: `5`, `0.1`.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl ParameterValue for Percent {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        self.to_string().put(name, to);
    }
}

/// A text is not a percentage: a decimal number from 0 to 100 with at most six decimals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a percentage; expected a decimal number from 0 to 100 such as 0.25")]
pub struct PercentError {
    source: Option<AmountError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact_and_bounded() {
        for (text, shown) in
            [("0", "0"), ("5", "5"), ("10.50", "10.5"), ("100", "100"), ("0.000001", "0.000001")]
        {
            let percent = Percent::parse(text).unwrap();
            assert_eq!(percent.to_string(), shown);
            let json = serde_json::to_string(&percent).unwrap();
            assert_eq!(serde_json::from_str::<Percent>(&json).unwrap(), percent, "{json}");
        }
        for text in ["", "-1", "100.000001", "1e1", "5%"] {
            assert!(Percent::parse(text).is_err(), "{text}");
            assert!(serde_json::from_str::<Percent>(&format!("{text:?}")).is_err(), "{text}");
        }
    }
}
