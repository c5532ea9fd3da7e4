//! The names that a shop gives: orders, refunds, and what is derived from them.

use std::fmt;
use std::str::FromStr;

use fps_core::{CallerReference, ReferenceError};
use serde::{Deserialize, Serialize};

use crate::storage::Key;

/// A name that the shop chooses: 1 to 80 of `[A-Za-z0-9._-]`.
macro_rules! shop_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks a name.
            ///
            /// # Errors
            ///
            /// [`IdError`] unless it is 1 to 80 of `[A-Za-z0-9._-]`.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check($what, &text)?;
                Ok(Self(text))
            }

            /// The name as the shop gave it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

shop_id! {
    /// An order, named by the shop and never used for another: 1 to 80 of `[A-Za-z0-9._-]`.
    ///
    /// ```
    /// use fps_checkout::OrderId;
    ///
    /// assert!(OrderId::new("2026-11-22.0001").is_ok());
    /// assert!(OrderId::new("no spaces").is_err());
    /// ```
    OrderId, "order id"
}

shop_id! {
    /// A stored token, named by the shop: 1 to 80 of `[A-Za-z0-9._-]`. A name of its own, such as the buyer's number; the
    /// service's id of the token never leaves the store.
    ///
    /// ```
    /// use fps_checkout::TokenName;
    ///
    /// assert!(TokenName::new("customer-4711").is_ok());
    /// ```
    TokenName, "token name"
}

shop_id! {
    /// A refund of an order, named by the merchant: 1 to 80 of `[A-Za-z0-9._-]`.
    ///
    /// The same id with the same amount is the same refund, however often it is asked for.
    RefundId, "refund id"
}

/// What a record is of: an order, or a stored token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An order.
    Order(OrderId),
    /// A stored token.
    Token(TokenName),
}

impl Subject {
    /// What a document of that name is of. Names of orders and of tokens have the same rules.
    pub(super) fn named(name: &OrderId, is_token: bool) -> Self {
        if is_token { Self::Token(TokenName(name.0.clone())) } else { Self::Order(name.clone()) }
    }

    /// The record's key: `order/<id>` or `token/<name>`.
    pub(crate) fn key(&self) -> Key {
        let key = match self {
            Self::Order(id) => format!("{ORDERS}{id}"),
            Self::Token(name) => format!("{TOKENS}{name}"),
        };
        Key::new(key).expect("a name is short and plain")
    }

    /// What the record of that key is of.
    pub(crate) fn of(key: &Key) -> Option<Self> {
        match key.kind() {
            "order" => OrderId::new(key.name()).ok().map(Self::Order),
            "token" => TokenName::new(key.name()).ok().map(Self::Token),
            _ => None,
        }
    }

    /// An order by its name, a token as `token/<name>`: for traces and effects, where orders are meant unless it says otherwise.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Order(id) => id.to_string(),
            Self::Token(name) => format!("{TOKENS}{name}"),
        }
    }

    /// The name, and the letter before the number of an attempt: `<name>-a1`, `<name>-t1`. A reference or a mark thus tells
    /// whose it is by its end, whatever the name has in it.
    pub(crate) fn with_attempt(&self, attempt: u32) -> String {
        match self {
            Self::Order(id) => format!("{id}-a{attempt}"),
            Self::Token(name) => format!("{name}-t{attempt}"),
        }
    }

    /// Reads [`Subject::with_attempt`].
    pub(crate) fn read_with_attempt(text: &str) -> Option<(Self, u32)> {
        let (name, attempt) = text.rsplit_once('-')?;
        let subject = match attempt.get(..1)? {
            "a" => Self::Order(OrderId::new(name).ok()?),
            "t" => Self::Token(TokenName::new(name).ok()?),
            _ => return None,
        };
        Some((subject, attempt.get(1..)?.parse().ok()?))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => write!(f, "order {id}"),
            Self::Token(name) => write!(f, "token {name}"),
        }
    }
}

impl From<&OrderId> for Subject {
    fn from(id: &OrderId) -> Self {
        Self::Order(id.clone())
    }
}

impl From<&TokenName> for Subject {
    fn from(name: &TokenName) -> Self {
        Self::Token(name.clone())
    }
}

fn check(what: &'static str, text: &str) -> Result<(), IdError> {
    let chars = text.chars().count();
    if chars == 0 || chars > MAX_CHARS {
        return Err(IdError::Length { what, chars });
    }
    match text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))) {
        Some(character) => Err(IdError::Character { what, character }),
        None => Ok(()),
    }
}

/// Why a text cannot name an order or a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// Empty, or over 80 characters.
    #[error("the {what} has {chars} characters; it has 1 to 80")]
    Length {
        /// Which name.
        what: &'static str,
        /// How many characters it has.
        chars: usize,
    },
    /// A character that does not belong.
    #[error("the {what} has the character {character:?}; use A-Z, a-z, 0-9, `.`, `_` and `-`")]
    Character {
        /// Which name.
        what: &'static str,
        /// The first character that does not belong.
        character: char,
    },
}

/// The shop's own short name, made once and kept in its store, so that two shops under one caller key never use the
/// same reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ShopId(String);

impl ShopId {
    /// A name of 40 random bits: eight letters and digits.
    pub(crate) fn random() -> Self {
        let alphabet = b"abcdefghijkmnpqrstuvwxyz23456789";
        Self((0..8).map(|_| alphabet[usize::from(rand::random::<u8>()) % alphabet.len()] as char).collect())
    }

    /// `<shop>-<order>-a<attempt>`, or `<shop>-<token>-t<attempt>`: the reference of an approval.
    pub(crate) fn approval(&self, of: &Subject, attempt: u32) -> Result<CallerReference, ReferenceError> {
        CallerReference::new(format!("{}-{}", self.0, of.with_attempt(attempt)))
    }

    /// What an approval's reference is of, if this shop made it.
    pub(crate) fn approved_by(&self, reference: &str) -> Option<(Subject, u32)> {
        Subject::read_with_attempt(reference.strip_prefix(&self.0)?.strip_prefix('-')?)
    }

    /// Whether a caller reference begins with this shop's name.
    pub(crate) fn made(&self, reference: &str) -> bool {
        reference.strip_prefix(&self.0).is_some_and(|rest| rest.starts_with('-'))
    }

    /// `<shop>-own-<kind>-<number>`: the reference of a token on the shop's own account. The service takes 49 characters.
    pub(crate) fn own_token(&self, kind: &str, number: u32) -> Result<CallerReference, ReferenceError> {
        CallerReference::new(format!("{}-own-{kind}-{number}", self.0))
    }
}

const MAX_CHARS: usize = 80;
/// How the keys of orders begin.
pub(crate) const ORDERS: &str = "order/";
/// How the keys of stored tokens begin.
pub(crate) const TOKENS: &str = "token/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for good in ["1", "2026-11-22.0001", "A_b-c.d", &"x".repeat(80)] {
            assert!(OrderId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "ü", "a\n", &"x".repeat(81)] {
            assert!(OrderId::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_longest_reference_fits_the_wire() {
        let order = Subject::Order(OrderId::new("x".repeat(80)).unwrap());
        let approval = ShopId::random().approval(&order, u32::MAX).unwrap();
        assert!(approval.as_str().len() + "-reserve".len() <= CallerReference::MAX_CHARS);
        let own = ShopId::random().own_token("refund-sender", u32::MAX).unwrap();
        assert!(own.as_str().len() <= 49, "{own}");
    }

    #[test]
    fn a_name_with_its_attempt_tells_orders_from_tokens() {
        let shop = ShopId::random();
        for name in ["1", "a-t1", "a-a1", "x-a1-refund-y-t1"] {
            for subject in
                [Subject::Order(OrderId::new(name).unwrap()), Subject::Token(TokenName::new(name).unwrap())]
            {
                assert_eq!(Subject::of(&subject.key()).as_ref(), Some(&subject));
                let reference = shop.approval(&subject, 12).unwrap();
                assert_eq!(shop.approved_by(reference.as_str()), Some((subject, 12)), "{reference}");
            }
        }
        for other in ["", "1", "1-a", "1-b2", "1-ax", "-a1", "ü-ä1", "1-a1-pay"] {
            assert_eq!(Subject::read_with_attempt(other), None, "{other}");
        }
        assert_eq!(shop.approved_by("another-1-t1"), None);
    }
}
