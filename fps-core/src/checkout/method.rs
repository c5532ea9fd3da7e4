//! How a buyer may pay.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checkout::CheckoutError;

/// A way to pay, as pipelines and operations name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PaymentMethod {
    /// The buyer's Amazon Payments balance; answers at once.
    #[serde(rename = "ABT")]
    Abt,
    /// A bank account; pending for days.
    #[serde(rename = "ACH")]
    Ach,
    /// A credit card; pending for a moment.
    #[serde(rename = "CC")]
    Cc,
}

impl PaymentMethod {
    /// All of them, in the order in which links list them.
    pub const ALL: [Self; 3] = [Self::Abt, Self::Ach, Self::Cc];

    /// The name on the wire: `ABT`, `ACH`, `CC`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Abt => "ABT",
            Self::Ach => "ACH",
            Self::Cc => "CC",
        }
    }
}

impl fmt::Display for PaymentMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The methods that a product may be paid with, at least one: `paymentMethod`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<PaymentMethod>", into = "Vec<PaymentMethod>")]
pub struct PaymentMethods(u8);

impl PaymentMethods {
    /// Every method: the default of this framework. (The service's own default is ABT alone.)
    pub const ALL: Self = Self::of(&PaymentMethod::ALL);

    /// Those methods, in any order.
    ///
    /// # Panics
    ///
    /// When there is none; in a `const` this is a compile error.
    #[must_use]
    pub const fn of(methods: &[PaymentMethod]) -> Self {
        match Self::try_of(methods) {
            Some(methods) => methods,
            None => panic!("there is no payment method; name at least one of ABT, ACH, CC"),
        }
    }

    /// Those methods, if there is at least one.
    #[must_use]
    pub const fn try_of(methods: &[PaymentMethod]) -> Option<Self> {
        let mut bits = 0;
        let mut at = 0;
        while at < methods.len() {
            bits |= 1 << methods[at] as u8;
            at += 1;
        }
        if bits == 0 { None } else { Some(Self(bits)) }
    }

    /// The methods that are in both, if there are any.
    #[must_use]
    pub const fn and(self, other: Self) -> Option<Self> {
        match self.0 & other.0 {
            0 => None,
            bits => Some(Self(bits)),
        }
    }

    /// Whether the method is among them.
    #[must_use]
    pub const fn contains(self, method: PaymentMethod) -> bool {
        self.0 & (1 << method as u8) != 0
    }

    /// The methods, in the order of [`PaymentMethod::ALL`].
    pub fn iter(self) -> impl Iterator<Item = PaymentMethod> {
        PaymentMethod::ALL.into_iter().filter(move |method| self.contains(*method))
    }

    /// Appends what `Display` writes, percent-encoded.
    pub(crate) fn push_escaped_to(self, target: &mut String) {
        if self == Self::ALL {
            return target.push_str("ABT%2CACH%2CCC");
        }
        for (at, method) in self.iter().enumerate() {
            target.push_str(if at > 0 { "%2C" } else { "" });
            target.push_str(method.as_str());
        }
    }
}

impl Default for PaymentMethods {
    fn default() -> Self {
        Self::ALL
    }
}

/// As links write it: `ABT,ACH,CC`.
impl fmt::Display for PaymentMethods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, method) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            f.write_str(method.as_str())?;
        }
        Ok(())
    }
}

impl TryFrom<Vec<PaymentMethod>> for PaymentMethods {
    type Error = CheckoutError;

    fn try_from(methods: Vec<PaymentMethod>) -> Result<Self, CheckoutError> {
        Self::try_of(&methods).ok_or(CheckoutError::NoPaymentMethod)
    }
}

impl From<PaymentMethods> for Vec<PaymentMethod> {
    fn from(methods: PaymentMethods) -> Self {
        methods.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_print_in_one_order_and_are_never_none() {
        use PaymentMethod::{Abt, Ach, Cc};
        assert_eq!(PaymentMethods::of(&[Cc, Abt, Cc]).to_string(), "ABT,CC");
        assert_eq!(PaymentMethods::ALL.to_string(), "ABT,ACH,CC");
        assert_eq!(PaymentMethods::try_of(&[]), None);
        assert_eq!(
            PaymentMethods::of(&[Abt, Ach]).and(PaymentMethods::of(&[Ach, Cc])).unwrap().to_string(),
            "ACH"
        );
        assert_eq!(PaymentMethods::of(&[Abt]).and(PaymentMethods::of(&[Cc])), None);
        assert!(serde_json::from_str::<PaymentMethods>("[]").is_err());
    }
}
