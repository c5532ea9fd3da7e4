//! The kit against our own backends, and against stores that are broken on purpose.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::conformance::*;
use crate::storage::memory::MemoryStore;

mod faulty;

/// Memory stores by namespace.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<Namespace, MemoryStore>>);

#[async_trait]
impl Backend for Memory {
    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL.with_keeps(false)
    }

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Storage>, BoxError> {
        let mut stores = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::new(stores.entry(namespace.clone()).or_default().clone()))
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

mod memory {
    use super::Memory;

    crate::storage_conformance!(Memory::default());
}

mod boxed {
    use super::*;

    /// The same behind a second pointer.
    #[derive(Default)]
    struct Boxed(Memory);

    #[async_trait]
    impl Backend for Boxed {
        fn capabilities(&self) -> Capabilities {
            self.0.capabilities()
        }

        async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Storage>, BoxError> {
            let store: Box<dyn Storage> = Box::new(self.0.open(namespace).await?);
            Ok(Arc::new(store))
        }

        fn environment(&self) -> Vec<(&'static str, String)> {
            self.0.environment()
        }
    }

    crate::storage_conformance!(Boxed::default());
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use crate::conformance::InFolder;
    use crate::registry::StoragePlugin;
    use crate::storage::sqlite;

    const PLUGIN: StoragePlugin = StoragePlugin::new("sqlite", &["sqlite"], sqlite::open);

    crate::storage_conformance!(InFolder::new(PLUGIN, "sqlite://{folder}/shop.db"));
}

#[test]
fn a_law_that_is_not_run_gives_its_reason() {
    let able = Capabilities::ALL.with_keeps(false).with_many_handles(false);
    let exempt: Vec<_> = Law::ALL.iter().filter_map(|law| Some((law.name(), law.exempt(able)?))).collect();
    assert_eq!(
        exempt,
        [
            (
                "every_handle_sees_what_was_acknowledged",
                "the backend opens no second handle while the first is in use"
            ),
            ("what_was_acknowledged_survives_reopening", "the backend's records end with the process"),
            ("what_was_acknowledged_survives_a_kill", "the backend's records end with the process"),
        ]
    );
    assert!(Law::ALL.iter().all(|law| law.exempt(Capabilities::ALL).is_none()));
}
