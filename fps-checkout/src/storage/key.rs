//! Names of records and of shops.

use std::fmt;
use std::str::FromStr;

/// The name of a record: a kind and a name, `order/1234`. 1 to 200 bytes of printable text.
///
/// The kind is lower-case ASCII letters; the crate itself uses `order`, `reference`, `token` and `shop`. The name is any text without
/// control characters. Keys are ordered by their bytes.
///
/// ```
/// use fps_checkout::storage::Key;
///
/// let key = Key::new("order/1234")?;
/// assert_eq!((key.kind(), key.name()), ("order", "1234"));
/// # Ok::<(), fps_checkout::storage::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

impl Key {
    /// The most bytes that a key may have.
    pub const MAX_BYTES: usize = 200;

    /// Checks a key.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if it is empty, has more than 200 bytes, has a control character, or is not a kind, a slash and a name.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyError> {
        let text = text.into();
        if text.is_empty() {
            Err(KeyError::Empty)
        } else if text.len() > Self::MAX_BYTES {
            Err(KeyError::TooLong { bytes: text.len() })
        } else if text.chars().any(char::is_control) {
            Err(KeyError::Control)
        } else {
            match text.split_once('/') {
                Some((kind, name))
                    if !kind.is_empty()
                        && kind.bytes().all(|byte| byte.is_ascii_lowercase())
                        && !name.is_empty() =>
                {
                    Ok(Self(text))
                }
                _ => Err(KeyError::Shape { text }),
            }
        }
    }

    /// The whole key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first slash.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split_once('/').map_or("", |(kind, _)| kind)
    }

    /// The part after the first slash.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

/// Why a text cannot be a [`Key`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No bytes.
    #[error("the key is empty; it has 1 to 200 bytes")]
    Empty,
    /// Over 200 bytes.
    #[error("the key has {bytes} bytes; it may have 200")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// A control character, such as a line feed.
    #[error("the key has a control character; use printable characters")]
    Control,
    /// Not a kind, a slash and a name.
    #[error("the key `{text}` is not lower-case letters, a slash and a name, such as `order/1234`")]
    Shape {
        /// The text.
        text: String,
    },
}

/// The shop for which a store is opened: 1 to 64 of `[A-Za-z0-9._-]`.
///
/// Two shops may keep their records in one database; neither sees the other's. The default is `default`, for a database
/// with one shop.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// The most bytes that a namespace may have.
    pub const MAX_BYTES: usize = 64;

    /// Checks a namespace.
    ///
    /// # Errors
    ///
    /// [`NamespaceError`] if it is not 1 to 64 of `[A-Za-z0-9._-]`.
    pub fn new(text: impl Into<String>) -> Result<Self, NamespaceError> {
        let text = text.into();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=Self::MAX_BYTES).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text))
        } else {
            Err(NamespaceError { text })
        }
    }

    /// The namespace as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

/// A text cannot be a [`Namespace`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the namespace `{text}` is not 1 to 64 letters, digits, points, underscores and hyphens")]
pub struct NamespaceError {
    text: String,
}

macro_rules! text {
    ($name:ident, $error:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

text!(Key, KeyError);

/// So that a sorted map of keys can be searched by any text.
impl std::borrow::Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

text!(Namespace, NamespaceError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_a_kind_a_slash_and_a_name_of_up_to_200_bytes() {
        for good in
            ["order/1", "order/a/b", "shop/id", "token/ü", "order/💳", &format!("o/{}", "x".repeat(198))]
        {
            assert!(Key::new(good).is_ok(), "{good}");
        }
        for (bad, error) in [
            ("", KeyError::Empty),
            ("order/a\nb", KeyError::Control),
            ("order/\0", KeyError::Control),
            (&format!("o/{}", "x".repeat(199)), KeyError::TooLong { bytes: 201 }),
            ("order", KeyError::Shape { text: "order".to_owned() }),
            ("order/", KeyError::Shape { text: "order/".to_owned() }),
            ("/1", KeyError::Shape { text: "/1".to_owned() }),
            ("Order/1", KeyError::Shape { text: "Order/1".to_owned() }),
        ] {
            assert_eq!(Key::new(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn namespaces_are_plain_words() {
        assert_eq!(Namespace::default().as_str(), "default");
        for good in ["a", "shop-1.test_2", &"x".repeat(64)] {
            assert!(Namespace::new(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "ü", "a'b", &"x".repeat(65)] {
            assert!(Namespace::new(bad).is_err(), "{bad}");
        }
    }
}
