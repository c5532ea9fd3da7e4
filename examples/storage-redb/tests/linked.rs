//! What a shop adds: one dependency, and the `use` below.

use fps_checkout::registry::Registry;
use fps_checkout::storage::{Namespace, OpenError};
use storage_redb as _;

#[tokio::test]
async fn a_linked_plugin_is_opened_by_its_url() {
    let folder = std::env::temp_dir().join(format!("storage-redb-linked-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let open = async |file: &str| {
        let url = format!("redb://{}/{file}", folder.display());
        Registry::linked().open(&url, &Namespace::default()).await
    };
    assert!(open("shop.redb").await.is_ok());
    let error = open("missing/shop.redb").await.unwrap_err();
    assert!(matches!(error, OpenError::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains("see that its folder exists"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}
