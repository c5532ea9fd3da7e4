//! The identifiers that travel between a caller and the service.

use std::fmt;
use std::str::FromStr;

/// The caller's unique name for one request, 1 to 128 characters: `callerReference` in a pipeline,
/// `CallerReference` in an operation.
///
/// It is the idempotency key. For seven days the service answers a repeated request under one
/// reference with the first answer, and refuses another request under it. Control characters are
/// refused, because no page or log would show them.
///
/// Source: FPS Basic Quick Start, "Important Values to Store in Your Database".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallerReference(String);

impl CallerReference {
    /// The most characters that a reference may have.
    pub const MAX_CHARS: usize = 128;

    /// Checks a reference.
    ///
    /// # Errors
    ///
    /// [`ReferenceError`] if it is empty, longer than 128 characters, or has control characters.
    pub fn new(text: impl Into<String>) -> Result<Self, ReferenceError> {
        let text = text.into();
        let chars = text.chars().count();
        if chars == 0 {
            Err(ReferenceError::Empty)
        } else if chars > Self::MAX_CHARS {
            Err(ReferenceError::TooLong { chars })
        } else if text.chars().any(char::is_control) {
            Err(ReferenceError::Control)
        } else {
            Ok(Self(text))
        }
    }

    /// The reference as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallerReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CallerReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        Self::new(text)
    }
}

impl TryFrom<String> for CallerReference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        Self::new(text)
    }
}

impl From<CallerReference> for String {
    fn from(reference: CallerReference) -> Self {
        reference.0
    }
}

/// Why a text cannot be a [`CallerReference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// No characters.
    #[error("the caller reference is empty; it has 1 to 128 characters")]
    Empty,
    /// Over 128 characters.
    #[error("the caller reference has {chars} characters; it may have 128")]
    TooLong {
        /// How many it has.
        chars: usize,
    },
    /// A control character, such as a line feed.
    #[error("the caller reference has a control character; use printable characters")]
    Control,
}

/// An identifier that the service makes and a caller only repeats.
macro_rules! service_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as the service wrote it.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as the service wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
    ($(#[$doc:meta])* $name:ident shown) => {
        service_id!($(#[$doc])* $name);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
    ($(#[$doc:meta])* $name:ident hidden) => {
        service_id!($(#[$doc])* $name);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

service_id! {
    /// A transaction, 35 upper-case letters and digits: `TransactionId`.
    TransactionId shown
}

service_id! {
    /// The service's name for one answer, up to 64 bytes: `RequestId`. Quote it when asking for help.
    RequestId shown
}

service_id! {
    /// A subscription of a Simple Pay button: `SubscriptionId`.
    SubscriptionId shown
}

service_id! {
    /// A prepaid or postpaid instrument: `PrepaidInstrumentId`, `CreditInstrumentId`; `prepaidInstrumentID`,
    /// `creditInstrumentID` in returns. It never shows, as a token never does.
    InstrumentId hidden
}

service_id! {
    /// A payment token, 64 upper-case letters and digits: `tokenID` in returns, `SenderTokenId` in Pay.
    ///
    /// # Security
    ///
    /// Whoever has a token and the caller's keys can charge the buyer; so it never shows in `Debug`, and has no
    /// `Display`.
    TokenId hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_have_1_to_128_printable_characters() {
        assert!(CallerReference::new("MP3DownloadId-AF12ES").is_ok());
        assert!(CallerReference::new("ü".repeat(128)).is_ok());
        assert_eq!(CallerReference::new(""), Err(ReferenceError::Empty));
        assert_eq!(CallerReference::new("x".repeat(129)), Err(ReferenceError::TooLong { chars: 129 }));
        assert_eq!(CallerReference::new("a\nb"), Err(ReferenceError::Control));
        assert!(serde_json::from_str::<CallerReference>("\"\"").is_err());
    }

    #[test]
    fn a_token_never_shows() {
        assert_eq!(format!("{:?}", TokenId::new("SECRET_MARKER")), "TokenId([redacted])");
    }
}
