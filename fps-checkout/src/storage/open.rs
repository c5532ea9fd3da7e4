//! What can go wrong while a store is opened.

use std::borrow::Cow;

use crate::storage::BoxError;

/// Why a store could not be opened. Plugins make these too.
///
/// No message shows a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address is no URL that names a store.
    #[error(
        "not the URL of a store; expected one such as `memory:`, `sqlite:shop.db` or `postgres://user@host/db`"
    )]
    NotAUrl {
        /// What is wrong with it, if more is known.
        source: Option<BoxError>,
    },
    /// No backend has this scheme.
    #[error(
        "no storage backend has the scheme `{scheme}`; known are: {}. A backend of another crate must be linked: \
         add `use that_crate as _;` to the program", known.join(", ")
    )]
    UnknownScheme {
        /// The scheme.
        scheme: String,
        /// Those that exist.
        known: Vec<&'static str>,
    },
    /// The backend is not compiled in.
    #[error("the scheme `{scheme}` needs the feature `{feature}` of fps-checkout; add it in Cargo.toml")]
    MissingFeature {
        /// The scheme.
        scheme: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// Several backends have this scheme, so that none can be chosen.
    #[error(
        "several storage backends have the scheme `{scheme}`: {}. Link only one of them, or build the registry by hand",
        plugins.join(", ")
    )]
    SchemeTwice {
        /// The scheme.
        scheme: &'static str,
        /// The backends' names.
        plugins: Vec<&'static str>,
    },
    /// The backend has no such option.
    #[error("the storage URL has the unknown option `{option}`; {}", match known.as_slice() {
        [] => "this store has none".to_owned(),
        known => format!("known are: {}", known.join(", ")),
    })]
    UnknownOption {
        /// The option.
        option: String,
        /// Those that exist.
        known: Vec<&'static str>,
    },
    /// An option has a value that it cannot have.
    #[error("the option `{option}` of the storage URL must be {expected}")]
    BadOption {
        /// The option.
        option: &'static str,
        /// What it can be.
        expected: Cow<'static, str>,
    },
    /// The store cannot be used: not there, not reachable, locked, read-only, or the password is wrong.
    #[error("the store `{store}` cannot be opened: {reason}")]
    Unavailable {
        /// Its address, without password and options.
        store: String,
        /// What is wrong and what to do about it.
        reason: Cow<'static, str>,
        /// What happened.
        source: BoxError,
    },
    /// The store was written by a later release of this crate.
    #[error(
        "the store `{store}` has schema {found}, but this release knows only schemas up to {known}; upgrade fps-checkout"
    )]
    NewerSchema {
        /// Its address, without password and options.
        store: String,
        /// The schema that it has.
        found: i64,
        /// The latest that is known.
        known: i64,
    },
    /// The store would lose what it acknowledged, or misread it.
    #[error(
        "the setting `{setting}` of the store `{store}` is `{found}` and must be `{expected}`, or records may be lost"
    )]
    WrongSetting {
        /// Its address, without password and options.
        store: String,
        /// The setting.
        setting: &'static str,
        /// What it was read back as.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
}

impl OpenError {
    /// The store at `store` cannot be used: what is wrong and what to do about it, because of `source`.
    pub fn unavailable(
        store: &impl ToString,
        reason: impl Into<Cow<'static, str>>,
        source: impl Into<BoxError>,
    ) -> Self {
        Self::Unavailable { store: store.to_string(), reason: reason.into(), source: source.into() }
    }

    /// Whether opening may succeed later without any change by a person.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
