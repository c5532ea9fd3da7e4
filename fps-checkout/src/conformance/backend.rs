//! A backend whose stores are files.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::conformance::{Backend, Capabilities};
use crate::registry::{Registry, StoragePlugin};
use crate::storage::{BoxError, Namespace, Storage};

/// A plugin that keeps its records in a file or folder, tested in a temporary folder that goes when the test ends.
///
/// `InFolder::new(PLUGIN, "redb://{folder}/shop.redb")` opens that URL with the folder filled in.
#[derive(Debug)]
pub struct InFolder {
    plugin: StoragePlugin,
    url: &'static str,
    capabilities: Capabilities,
    folder: Folder,
}

#[derive(Debug)]
enum Folder {
    Own(tempfile::TempDir),
    /// The folder of the process that started this one.
    Given(PathBuf),
}

impl InFolder {
    /// Tests `plugin` by a URL that has `{folder}` in it.
    ///
    /// # Panics
    ///
    /// If no temporary folder can be made.
    #[must_use]
    pub fn new(plugin: StoragePlugin, url: &'static str) -> Self {
        let folder = match std::env::var_os(FOLDER) {
            Some(folder) => Folder::Given(folder.into()),
            None => Folder::Own(tempfile::tempdir().expect("a test needs a temporary folder")),
        };
        Self { plugin, url, capabilities: Capabilities::ALL, folder }
    }

    /// Says what the backend is able to do; [`Capabilities::ALL`] unless said.
    #[must_use]
    pub const fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }
}

#[async_trait]
impl Backend for InFolder {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Storage>, BoxError> {
        let folder = match &self.folder {
            Folder::Own(folder) => folder.path(),
            Folder::Given(folder) => folder,
        };
        let url = self.url.replace("{folder}", &folder.to_string_lossy());
        Ok(Registry::bare().with(self.plugin).build().open(&url, namespace).await?)
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        match &self.folder {
            Folder::Own(folder) => vec![(FOLDER, folder.path().to_string_lossy().into_owned())],
            Folder::Given(_) => Vec::new(),
        }
    }
}

const FOLDER: &str = "FPS_CONFORMANCE_FOLDER";
