//! The crate's own backends. They are listed here and not submitted, so that they are there even where nothing is
//! collected by the linker.

use std::sync::Arc;

use crate::registry::{Opening, StoragePlugin};
use crate::storage::memory::MemoryStore;
#[cfg(feature = "postgres")]
use crate::storage::postgres;
#[cfg(feature = "sqlite")]
use crate::storage::sqlite;
use crate::storage::{Namespace, OpenError, StorageUrl};

/// Those that are compiled in.
pub(super) const PLUGINS: &[StoragePlugin] = &[
    StoragePlugin::new("fps-checkout", &["memory"], memory),
    #[cfg(feature = "postgres")]
    StoragePlugin::new("fps-checkout", &["postgres", "postgresql"], postgres::open),
    #[cfg(feature = "sqlite")]
    StoragePlugin::new("fps-checkout", &["sqlite"], sqlite::open),
];

/// The schemes of the others, each with the feature that it needs.
pub(super) const NOT_COMPILED: &[(&str, &str)] = &[
    #[cfg(not(feature = "postgres"))]
    ("postgres", "postgres"),
    #[cfg(not(feature = "postgres"))]
    ("postgresql", "postgres"),
    #[cfg(not(feature = "sqlite"))]
    ("sqlite", "sqlite"),
];

/// `memory:` is a new store with each opening.
fn memory<'a>(url: &'a StorageUrl, _: &'a Namespace) -> Opening<'a> {
    Box::pin(async move {
        url.options(&[])?;
        match url.file() {
            Err(_) => Ok(Arc::new(MemoryStore::new()) as _),
            Ok(_) => Err(OpenError::NotAUrl { source: Some("write `memory:` and nothing after it".into()) }),
        }
    })
}
