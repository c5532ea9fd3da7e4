//! Addresses of stores.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::storage::OpenError;

/// Where a store is: `memory:`, `sqlite:shop.db`, `postgres://shop@db.example.com/shop?max_connections=20`.
///
/// Scheme, place, and options after a question mark. It may hold a password, so `Debug` and `Display` show neither
/// password nor options.
///
/// ```
/// use fps_checkout::storage::StorageUrl;
///
/// let url: StorageUrl = "postgres://shop:secret@db.example.com/shop?sslmode=verify-full".parse()?;
/// assert_eq!(url.scheme(), "postgres");
/// assert_eq!(url.to_string(), "postgres://shop@db.example.com/shop");
/// # Ok::<(), fps_checkout::storage::OpenError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StorageUrl(Url);

impl StorageUrl {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// [`OpenError::NotAUrl`] if it does not begin with a scheme, or is not a URL for another reason.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        match Url::parse(text) {
            Ok(url) if url.fragment().is_some() => Err(OpenError::NotAUrl { source: None }),
            Ok(url) => Ok(Self(url)),
            Err(source) => Err(OpenError::NotAUrl { source: Some(source.into()) }),
        }
    }

    /// The part before the first colon, in lower case: it chooses the backend.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }

    /// The file that the URL names: `sqlite:shop.db` relative to the working directory, `sqlite:///var/lib/shop.db`
    /// absolute. `%` escapes are read, so that any name can be written.
    ///
    /// # Errors
    ///
    /// [`OpenError::NotAUrl`] if the URL names no file, or a host.
    pub fn file(&self) -> Result<std::path::PathBuf, OpenError> {
        let text = match (self.0.host_str(), self.0.path()) {
            // `sqlite://shop.db` has the file where other URLs have the host; the drivers of SQLite read it so.
            (Some(file), "") => file,
            (Some(""), path) | (None, path) => path,
            (Some(_), _) => "",
        };
        match percent_encoding::percent_decode_str(text).decode_utf8() {
            Ok(path) if !path.is_empty() => Ok(path.into_owned().into()),
            Ok(_) => Err(OpenError::NotAUrl { source: None }),
            Err(source) => Err(OpenError::NotAUrl { source: Some(source.into()) }),
        }
    }

    /// The options, all of which must be among `known`; the last of a repeated one counts.
    ///
    /// # Errors
    ///
    /// [`OpenError::UnknownOption`] for any other.
    pub fn options(&self, known: &'static [&'static str]) -> Result<StorageOptions, OpenError> {
        let pairs: Vec<(String, String)> = self.0.query_pairs().into_owned().collect();
        match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(StorageOptions(pairs)),
            Some((name, _)) => Err(OpenError::UnknownOption { option: name.clone(), known: known.to_vec() }),
        }
    }

    /// The whole address, password included.
    #[must_use]
    pub const fn expose_secret(&self) -> &Url {
        &self.0
    }
}

impl FromStr for StorageUrl {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        Self::parse(text)
    }
}

impl fmt::Display for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(None);
        // A URL without a host has no password either.
        let _ = shown.set_password(None);
        shown.fmt(f)
    }
}

impl fmt::Debug for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StorageUrl({self})")
    }
}

/// The options of a [`StorageUrl`], all of them known.
pub struct StorageOptions(Vec<(String, String)>);

impl StorageOptions {
    /// The text of an option.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// An option that is a whole number from `least` to `most`, or `default` if it is not given.
    ///
    /// # Errors
    ///
    /// [`OpenError::BadOption`] if it is anything else.
    pub fn number(&self, name: &'static str, default: u32, least: u32, most: u32) -> Result<u32, OpenError> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if (least..=most).contains(&number) => Ok(number),
                _ => Err(OpenError::BadOption {
                    option: name,
                    expected: format!("a whole number from {least} to {most}").into(),
                }),
            },
        }
    }
}

impl fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_in_each_of_the_usual_ways() {
        for (url, file) in [
            ("sqlite:shop.db", "shop.db"),
            ("sqlite://shop.db", "shop.db"),
            ("sqlite:./data/shop.db", "./data/shop.db"),
            ("sqlite:../shop.db", "../shop.db"),
            ("sqlite:/var/lib/shop.db", "/var/lib/shop.db"),
            ("sqlite:///var/lib/shop.db", "/var/lib/shop.db"),
            ("sqlite:my shop.db", "my shop.db"),
            ("sqlite:50%25%3F.db?x=1", "50%?.db"),
        ] {
            let file_of = StorageUrl::parse(url).and_then(|url| url.file());
            assert_eq!(file_of.unwrap().to_str(), Some(file), "{url}");
        }
        for url in ["sqlite:", "sqlite://", "sqlite://host/shop.db", "sqlite:%ff"] {
            assert!(StorageUrl::parse(url).and_then(|url| url.file()).is_err(), "{url}");
        }
        for url in ["", "shop.db", "sqlite:a#b"] {
            assert!(StorageUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn passwords_and_options_never_show() {
        let url = StorageUrl::parse("postgres://shop:SECRET_MARKER@db/x?password=SECRET_MARKER").unwrap();
        let options = url.options(&["password"]).unwrap();
        let unknown = url.options(&["a"]).unwrap_err();
        let text = format!("{url} {url:?} {options:?} {unknown} {unknown:?}");
        assert!(!text.contains("SECRET"), "{text}");
        assert_eq!(options.text("password"), Some("SECRET_MARKER"));
    }

    #[test]
    fn options_are_known_and_within_bounds() {
        let url = StorageUrl::parse("x:y?readers=9&readers=4").unwrap();
        assert_eq!(url.options(&["readers"]).unwrap().number("readers", 1, 1, 8).unwrap(), 4);
        assert_eq!(
            url.options(&["writers", "speed"]).unwrap_err().to_string(),
            "the storage URL has the unknown option `readers`; known are: writers, speed"
        );
        assert_eq!(
            url.options(&[]).unwrap_err().to_string(),
            "the storage URL has the unknown option `readers`; this store has none"
        );
        for bad in ["x:y?readers=0", "x:y?readers=9", "x:y?readers=-1", "x:y?readers=two", "x:y?readers="] {
            let options = StorageUrl::parse(bad).unwrap().options(&["readers"]).unwrap();
            let error = options.number("readers", 1, 1, 8).unwrap_err().to_string();
            assert_eq!(
                error, "the option `readers` of the storage URL must be a whole number from 1 to 8",
                "{bad}"
            );
        }
    }
}
