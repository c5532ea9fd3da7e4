//! The caller's keys.

use std::fmt;
use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key pair of one caller: the access key id names it, the secret key signs for it.
///
/// ```
/// use fps_core::Credentials;
///
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
/// assert_eq!(credentials.access_key(), "AKIAIOSFODNN7EXAMPLE");
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// ```
#[derive(Clone, Debug)]
pub struct Credentials {
    access_key: String,
    secret_key: SecretKey,
}

impl Credentials {
    /// The variable that [`Credentials::from_env`] reads the access key id from.
    pub const ACCESS_KEY_VARIABLE: &str = "FPS_ACCESS_KEY";
    /// The variable that [`Credentials::from_env`] reads the secret key from.
    pub const SECRET_KEY_VARIABLE: &str = "FPS_SECRET_KEY";

    /// Takes a key pair as the service issued it.
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<SecretKey>) -> Self {
        Self { access_key: access_key.into(), secret_key: secret_key.into() }
    }

    /// Reads `FPS_ACCESS_KEY` and `FPS_SECRET_KEY` from the process environment.
    ///
    /// # Errors
    ///
    /// [`MissingCredentials`] naming the first variable that is unset, empty or not UTF-8.
    pub fn from_env() -> Result<Self, MissingCredentials> {
        let read = |variable| match std::env::var(variable) {
            Ok(value) if !value.is_empty() => Ok(value),
            _ => Err(MissingCredentials { variable }),
        };
        Ok(Self::new(read(Self::ACCESS_KEY_VARIABLE)?, read(Self::SECRET_KEY_VARIABLE)?))
    }

    /// The access key id: `AWSAccessKeyId` in operations, `callerKey` in links. Not a secret.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The key that signs.
    #[must_use]
    pub fn secret_key(&self) -> &SecretKey {
        &self.secret_key
    }
}

/// The key that signs requests and links. `Debug` prints `[redacted]`; the bytes are wiped when it is dropped.
///
/// # Security
///
/// Whoever has it can charge every token that buyers gave this caller.
#[derive(Clone)]
pub struct SecretKey {
    text: Zeroizing<String>,
    /// The key as HMAC-SHA256 begins with it: half the work of a short signature, done once.
    sha256: OnceLock<Hmac<Sha256>>,
    /// The same after the lines that begin every link to one service's pages: most callers have one service.
    sha256_begun: OnceLock<(String, Hmac<Sha256>)>,
}

impl SecretKey {
    /// Takes a secret as the service issued it: its bytes are the key, nothing is decoded.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { text: Zeroizing::new(secret.into()), sha256: OnceLock::new(), sha256_begun: OnceLock::new() }
    }

    /// The secret itself, for signing and for nothing else.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.text
    }

    pub(crate) fn sha256(&self) -> Hmac<Sha256> {
        self.sha256.get_or_init(|| keyed(&self.text)).clone()
    }

    /// HMAC-SHA256 that has taken the beginning already.
    pub(crate) fn sha256_begun(&self, beginning: &str) -> Hmac<Sha256> {
        let begin = || self.sha256().chain_update(beginning);
        let (known, begun) = self.sha256_begun.get_or_init(|| (beginning.to_owned(), begin()));
        if known == beginning { begun.clone() } else { begin() }
    }

    pub(crate) fn sha1(&self) -> Hmac<Sha1> {
        keyed(&self.text)
    }
}

fn keyed<M: KeyInit>(secret: &str) -> M {
    M::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length")
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey([redacted])")
    }
}

impl From<&str> for SecretKey {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl From<String> for SecretKey {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

/// A variable that [`Credentials::from_env`] needs is unset, empty or not UTF-8. Export it and start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {variable} is unset, empty or not UTF-8; export it before starting")]
pub struct MissingCredentials {
    variable: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_never_shows() {
        let shown = format!("{:?}", Credentials::new("id", "SECRET_MARKER"));
        assert!(!shown.contains("SECRET_MARKER"), "{shown}");
        assert!(shown.contains("[redacted]"), "{shown}");
    }

    #[test]
    fn a_beginning_is_kept_and_another_is_not_taken_for_it() {
        let secret = SecretKey::new("secret");
        for beginning in ["one", "two", "one", ""] {
            let begun = secret.sha256_begun(beginning).finalize().into_bytes();
            let whole = SecretKey::new("secret").sha256().chain_update(beginning).finalize().into_bytes();
            assert_eq!(begun, whole, "{beginning}");
        }
    }
}
