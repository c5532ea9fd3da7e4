//! Names with their values, in order.

use std::borrow::Cow;
use std::fmt;

use crate::signature::escape;

/// The parameters of a request, a link or a return: names with values, decoded, in order, repeats kept.
///
/// `Debug` shows names only, because values hold tokens, signatures and addresses.
///
/// ```
/// use fps_core::Pairs;
///
/// let pairs = Pairs::decode("status=SA&paymentReason=Now+and%20Forever")?;
/// assert_eq!(pairs.get("paymentReason"), Some("Now and Forever"));
/// assert_eq!(pairs.encode(), "status=SA&paymentReason=Now%20and%20Forever");
/// # Ok::<(), fps_core::PairsError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(Cow<'static, str>, String)>);

impl Pairs {
    /// No parameters.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Reads a query string or a form body: `+` is a space, `%XX` a byte of UTF-8, empty pieces are skipped.
    ///
    /// # Errors
    ///
    /// [`PairsError`] for a `%` without two hexadecimal digits and for bytes that are not UTF-8; what cannot be read
    /// is refused, never guessed.
    pub fn decode(query: &str) -> Result<Self, PairsError> {
        let mut pairs = Self::new();
        for piece in query.split('&').filter(|piece| !piece.is_empty()) {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            pairs.0.push((Cow::Owned(escape::decode_form(name)?), escape::decode_form(value)?));
        }
        Ok(pairs)
    }

    /// Adds a parameter at the end.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds a parameter at the end if it has a value.
    pub fn push_some(&mut self, name: &'static str, value: Option<impl fmt::Display>) {
        if let Some(value) = value {
            self.push(name, value.to_string());
        }
    }

    /// The value of the first parameter of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(have, _)| *have == name).map(|(_, value)| value)
    }

    /// The first name that stands more than once.
    #[must_use]
    pub fn repeated(&self) -> Option<&str> {
        let mut names: Vec<&str> = self.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.windows(2).find(|two| two[0] == two[1]).map(|two| two[0])
    }

    /// All parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// As a query string or form body: names and values percent-encoded by RFC 3986 (a space is `%20`), `=` kept for
    /// empty values.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut query = String::new();
        for (name, value) in self.iter() {
            if !query.is_empty() {
                query.push('&');
            }
            escape::push(&mut query, name);
            query.push('=');
            escape::push(&mut query, value);
        }
        query
    }
}

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<String>> FromIterator<(N, V)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// A query string or form body cannot be read. Neither names nor values are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PairsError {
    /// A `%` that two hexadecimal digits do not follow.
    #[error("a % is not followed by two hexadecimal digits")]
    Escape,
    /// The decoded bytes are not UTF-8.
    #[error("the decoded bytes are not UTF-8")]
    Utf8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_show() {
        let pairs = Pairs::from_iter([("tokenID", "SECRET_MARKER")]);
        assert_eq!(format!("{pairs:?}"), "[\"tokenID\"]");
    }

    #[test]
    fn reading_is_exact_or_refused() {
        let pairs = Pairs::decode("a=1&&b&c=x=y&a=%C3%BC+%2B&").unwrap();
        let list: Vec<_> = pairs.iter().collect();
        assert_eq!(list, [("a", "1"), ("b", ""), ("c", "x=y"), ("a", "ü +")]);
        assert_eq!(pairs.repeated(), Some("a"));
        assert_eq!(Pairs::decode("a=%"), Err(PairsError::Escape));
        assert_eq!(Pairs::decode("a=%4"), Err(PairsError::Escape));
        assert_eq!(Pairs::decode("a=%zz"), Err(PairsError::Escape));
        assert_eq!(Pairs::decode("a=%ff"), Err(PairsError::Utf8));
    }
}
