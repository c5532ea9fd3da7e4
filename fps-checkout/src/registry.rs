//! Backends by the scheme of a URL.
//!
//! A backend is a const [`StoragePlugin`]. The crate's own are always known; a crate that submits one by
//! [`submit_storage!`](crate::submit_storage) is known as soon as it is linked, and a [`Registry`] may be built by hand.
//!
//! Rust leaves out a crate that nothing refers to. A program that only wants a plugin to be there says so:
//! `use my_plugin as _;`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::storage::{Namespace, OpenError, Storage, StorageUrl};

mod builtin;
mod plugins;

pub(crate) use self::plugins::{Plugin, Plugins};

#[doc(hidden)]
pub use inventory;

/// Describes a storage backend: its name, the URL schemes that it serves, and how it opens a store.
///
/// ```
/// use std::sync::Arc;
///
/// use fps_checkout::registry::{Opening, StoragePlugin};
/// use fps_checkout::storage::{Namespace, OpenError, StorageUrl, memory::MemoryStore};
///
/// /// Opens `shelf:`.
/// pub const PLUGIN: StoragePlugin = StoragePlugin::new("shelf", &["shelf"], open);
///
/// fn open<'a>(url: &'a StorageUrl, namespace: &'a Namespace) -> Opening<'a> {
///     Box::pin(async move {
///         # let _ = (url, namespace);
///         Ok(Arc::new(MemoryStore::new()) as _)
///     })
/// }
///
/// fps_checkout::submit_storage!(PLUGIN);
/// # fn main() {}
/// ```
#[derive(Clone, Copy)]
pub struct StoragePlugin {
    name: &'static str,
    schemes: &'static [&'static str],
    open: Open,
}

/// A store being opened.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Arc<dyn Storage>, OpenError>> + Send + 'a>>;

/// Opens the store at a URL for one shop.
pub type Open = for<'a> fn(&'a StorageUrl, &'a Namespace) -> Opening<'a>;

impl StoragePlugin {
    /// A backend called `name` (its crate's name, say) that serves `schemes` by `open`.
    #[must_use]
    pub const fn new(name: &'static str, schemes: &'static [&'static str], open: Open) -> Self {
        Self { name, schemes, open }
    }

    /// The backend's name, as error messages show it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The URL schemes that it serves, in lower case.
    #[must_use]
    pub const fn schemes(&self) -> &'static [&'static str] {
        self.schemes
    }
}

impl fmt::Debug for StoragePlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoragePlugin").field("name", &self.name).field("schemes", &self.schemes).finish()
    }
}

impl Plugin for StoragePlugin {
    fn name(&self) -> &'static str {
        self.name
    }

    fn keys(&self) -> &[&'static str] {
        self.schemes
    }
}

inventory::collect!(StoragePlugin);

/// Submits a const [`StoragePlugin`], so that every program which links this crate knows it.
#[macro_export]
macro_rules! submit_storage {
    ($plugin:expr) => {
        $crate::registry::inventory::submit! { $plugin }
    };
}

/// The backends that a program knows.
///
/// ```
/// use fps_checkout::registry::Registry;
/// use fps_checkout::storage::Namespace;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), fps_checkout::storage::OpenError> {
/// let store = Registry::linked().open("memory:", &Namespace::default()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Registry(Plugins<StoragePlugin>);

impl Registry {
    /// The crate's own backends, and those that linked crates submitted.
    #[must_use]
    pub fn linked() -> Self {
        inventory::iter::<StoragePlugin>()
            .fold(Self::builder(), |builder, plugin| builder.with(*plugin))
            .build()
    }

    /// The crate's own backends, to add others by hand.
    #[must_use]
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder(builtin::PLUGINS.iter().copied().collect())
    }

    /// No backends, to add all by hand.
    #[must_use]
    pub fn bare() -> RegistryBuilder {
        RegistryBuilder(Plugins::from_iter([]))
    }

    /// The schemes that can be opened, sorted.
    pub fn schemes(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys()
    }

    /// Opens the store at `url` for the shop `namespace`.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the URL is none, its scheme is not known, known twice or not compiled in, or the backend cannot
    /// open the store.
    pub async fn open(&self, url: &str, namespace: &Namespace) -> Result<Arc<dyn Storage>, OpenError> {
        let url = StorageUrl::parse(url)?;
        let plugin = self.find(url.scheme())?;
        (plugin.open)(&url, namespace).await
    }

    fn find(&self, scheme: &str) -> Result<&StoragePlugin, OpenError> {
        match self.0.find(scheme) {
            Some((_, [plugin])) => Ok(plugin),
            Some((scheme, plugins)) => Err(OpenError::SchemeTwice {
                scheme,
                plugins: plugins.iter().map(StoragePlugin::name).collect(),
            }),
            None => match builtin::NOT_COMPILED.iter().find(|(name, _)| *name == scheme) {
                Some(&(scheme, feature)) => Err(OpenError::MissingFeature { scheme, feature }),
                None => Err(OpenError::UnknownScheme {
                    scheme: scheme.to_owned(),
                    known: self.schemes().collect(),
                }),
            },
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.schemes()).finish()
    }
}

/// Puts a [`Registry`] together by hand: for tests, and where nothing is linked by itself.
#[derive(Clone)]
pub struct RegistryBuilder(Plugins<StoragePlugin>);

impl RegistryBuilder {
    /// Adds a backend.
    #[must_use]
    pub fn with(mut self, plugin: StoragePlugin) -> Self {
        self.0.add(plugin);
        self
    }

    /// The registry. Two backends with one scheme are an error when that scheme is opened.
    #[must_use]
    pub fn build(self) -> Registry {
        Registry(self.0)
    }
}

impl fmt::Debug for RegistryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::memory::MemoryStore;

    const ONE: StoragePlugin = StoragePlugin::new("one", &["shelf", "memory"], open);
    const OTHER: StoragePlugin = StoragePlugin::new("other", &["shelf"], open);

    fn open<'a>(_: &'a StorageUrl, _: &'a Namespace) -> Opening<'a> {
        Box::pin(async { Ok(Arc::new(MemoryStore::new()) as _) })
    }

    async fn error(registry: &Registry, url: &str) -> String {
        registry.open(url, &Namespace::default()).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_backend_is_found_by_the_scheme_in_whatever_case() {
        let registry = Registry::builder().with(OTHER).build();
        for url in ["memory:", "MEMORY:", "shelf:a/b"] {
            assert!(registry.open(url, &Namespace::default()).await.is_ok(), "{url}");
        }
        assert!(registry.schemes().is_sorted());
        assert!(Registry::linked().schemes().any(|scheme| scheme == "memory"));
    }

    #[tokio::test]
    async fn a_scheme_that_several_have_is_an_error_that_names_them() {
        let registry = Registry::builder().with(OTHER).with(ONE).build();
        for (url, scheme, names) in
            [("shelf:", "shelf", "one, other"), ("memory:", "memory", "fps-checkout, one")]
        {
            assert_eq!(
                error(&registry, url).await,
                format!(
                    "several storage backends have the scheme `{scheme}`: {names}. \
                     Link only one of them, or build the registry by hand"
                )
            );
        }
    }

    #[tokio::test]
    async fn an_unknown_scheme_lists_the_known_ones_and_the_way_to_link() {
        let text = error(&Registry::builder().build(), "shelf:").await;
        for part in ["`shelf`", "known are: memory", "use that_crate as _;"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[tokio::test]
    async fn a_backend_that_is_not_compiled_in_names_its_feature() {
        for (scheme, feature) in builtin::NOT_COMPILED {
            let text = error(&Registry::builder().build(), &format!("{scheme}:x")).await;
            assert!(text.contains(&format!("the feature `{feature}`")), "{text}");
        }
    }

    #[tokio::test]
    async fn what_is_no_url_says_what_one_looks_like() {
        for url in ["", "shop.db", "/var/lib/shop.db", "sqlite:a#b"] {
            let text = error(&Registry::builder().build(), url).await;
            assert!(text.contains("`sqlite:shop.db`"), "{url}: {text}");
        }
    }
}
