//! How a buyer may pay.

use std::fmt;

use serde::{Deserialize, Serialize};

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

/// The set of methods that a product may be paid with: `paymentMethod`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<PaymentMethod>", into = "Vec<PaymentMethod>")]
pub struct PaymentMethods(u8);

impl PaymentMethods {
    /// Every method: the default of this framework. (The service's own default is ABT alone.)
    pub const ALL: Self = Self::of(&PaymentMethod::ALL);

    /// The set of those methods.
    #[must_use]
    pub const fn of(methods: &[PaymentMethod]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < methods.len() {
            bits |= 1 << methods[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    /// Whether the method is among them.
    #[must_use]
    pub const fn contains(self, method: PaymentMethod) -> bool {
        self.0 & (1 << method as u8) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The methods, in the order of [`PaymentMethod::ALL`].
    pub fn iter(self) -> impl Iterator<Item = PaymentMethod> {
        PaymentMethod::ALL.into_iter().filter(move |method| self.contains(*method))
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

impl From<Vec<PaymentMethod>> for PaymentMethods {
    fn from(methods: Vec<PaymentMethod>) -> Self {
        Self::of(&methods)
    }
}

impl From<PaymentMethods> for Vec<PaymentMethod> {
    fn from(methods: PaymentMethods) -> Self {
        methods.iter().collect()
    }
}
