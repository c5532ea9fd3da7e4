//! Opens a shop.

use std::sync::Arc;

use fps_core::client::{BuildError, Client, Clock, HttpSend};
use fps_core::url::{Host, Url};
use fps_core::{Credentials, Endpoint, SecretKey, Version};
use serde::{Deserialize, Serialize};

use super::mac::ReturnMark;
use super::{Inner, Shop};
use crate::error::OpenShopError;
use crate::gateway::{Gateway, Gateways, V2007, V2010};
use crate::handler::{self, Context, Handlers, Provided, ReturnHandler};
use crate::order::ShopId;
use crate::registry::Registry;
use crate::storage::{Key, Namespace, NewRecord, Record, Storage, StoreError, migrate};

/// Opens a [`Shop`]: made by [`Shop::builder`].
///
/// Credentials, endpoint, storage and public address are needed; everything else has a default.
#[derive(Debug, Default)]
#[must_use = "a shop opens by `open`"]
pub struct ShopBuilder {
    credentials: Option<Credentials>,
    former: Vec<SecretKey>,
    endpoint: Option<Endpoint>,
    storage: Option<StorageChoice>,
    registry: Option<Registry>,
    namespace: Namespace,
    public_url: Option<Url>,
    version: Version,
    http: Option<Arc<dyn HttpSend>>,
    clock: Option<Arc<dyn Clock>>,
    handlers: Vec<Arc<dyn ReturnHandler>>,
    plugins: Handlers,
    provided: Provided,
}

#[derive(Debug)]
enum StorageChoice {
    Opened(Arc<dyn Storage>),
    Url(String),
}

impl ShopBuilder {
    /// The caller's keys. Needed.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// A former secret: return addresses that were marked under it are still taken, and in version 2007-01-08 returns that were
    /// signed with it. Give it for as long as buyers may come
    /// back from before the change.
    pub fn also_accept(mut self, former: SecretKey) -> Self {
        self.former.push(former);
        self
    }

    /// Where the payment service is. Needed.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// The store, opened already. This or [`ShopBuilder::storage_url`] is needed.
    pub fn storage(mut self, storage: Arc<dyn Storage>) -> Self {
        self.storage = Some(StorageChoice::Opened(storage));
        self
    }

    /// The store, by URL: `memory:`, `sqlite:shop.db`, or a scheme that a linked plugin brings.
    pub fn storage_url(mut self, url: impl Into<String>) -> Self {
        self.storage = Some(StorageChoice::Url(url.into()));
        self
    }

    /// The backends that [`ShopBuilder::storage_url`] may name. Default: [`Registry::linked`].
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// The shop's own space in a store that several shops share. Default: `default`.
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespace = namespace;
        self
    }

    /// Where buyers and the payment service reach this shop from outside, as a base: the return route is `fps/return` below
    /// it, the notice route `fps/notice`. Needed; never guessed from a request, whose Host header anybody can write.
    pub fn public_url(mut self, url: Url) -> Self {
        self.public_url = Some(url);
        self
    }

    /// The protocol version of new orders. Default: 2010-08-28. Orders that began in another version are finished in that one.
    /// Version 2007-01-08 wants [`Shop::install_tokens`] before orders begin.
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Another way to the payment service: a sandbox in the same process, say. Default: reqwest.
    pub fn http(mut self, http: Arc<dyn HttpSend>) -> Self {
        self.http = Some(http);
        self
    }

    /// Another clock. Default: the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// One more handler.
    pub fn handler(mut self, handler: impl ReturnHandler) -> Self {
        self.handlers.push(Arc::new(handler));
        self
    }

    /// The handlers that linked crates bring: [`Handlers::linked`]. Default: none.
    pub fn handlers(mut self, plugins: Handlers) -> Self {
        self.plugins = plugins;
        self
    }

    /// Puts in a value that handler plugins find by its type.
    pub fn provide<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.provided.put(value);
        self
    }

    /// The backends that it may open.
    #[cfg(feature = "cli")]
    pub(crate) fn into_registry(self) -> Registry {
        self.registry.unwrap_or_else(Registry::linked)
    }

    /// Opens the shop: opens its store, reads or makes its own short name there, and opens its handlers.
    ///
    /// # Errors
    ///
    /// [`OpenShopError`], which says what is missing or failed.
    pub async fn open(self) -> Result<Shop, OpenShopError> {
        let credentials = needed(self.credentials, "credentials", "credentials")?;
        let endpoint = needed(self.endpoint, "an endpoint", "endpoint")?;
        let public_url = base(needed(self.public_url, "its public address", "public_url")?)?;
        let storage = needed(self.storage, "a store", "storage_url")?;
        let mark = ReturnMark::new(std::iter::once(credentials.secret_key()).chain(&self.former));
        let mut client = Client::builder(credentials.clone(), endpoint.clone());
        if let Some(http) = self.http {
            client = client.http(http);
        }
        if let Some(clock) = self.clock {
            client = client.clock(clock);
        }
        let client = client.build()?;
        let clock = Arc::clone(client.clock());
        // All versions share one way out.
        let client_of = |version| {
            Client::builder(credentials.clone(), endpoint.clone())
                .http(Arc::clone(client.http()))
                .clock(Arc::clone(client.clock()))
                .version(version)
                .build()
        };
        let second = |version| -> Result<Arc<dyn Gateway>, BuildError> {
            Ok(Arc::new(V2010::new(client_of(version)?, credentials.clone(), endpoint.clone())))
        };
        let first =
            V2007::new(client_of(Version::V2007_01_08)?, credentials.clone(), self.former, endpoint.clone());
        let gateways = Gateways {
            v2007: Arc::new(first),
            v2008: second(Version::V2008_09_17)?,
            v2010: second(Version::V2010_08_28)?,
        };
        let mut handlers = self.handlers;
        let context = Context { provided: &self.provided };
        for plugin in self.plugins.iter() {
            let opened = plugin.open(&context).await;
            handlers.push(opened.map_err(|source| OpenShopError::Handler { plugin: plugin.name(), source })?);
        }
        let handlers = handler::in_order(handlers).map_err(|name| OpenShopError::HandlerNames { name })?;
        let store = match storage {
            StorageChoice::Opened(store) => store,
            StorageChoice::Url(url) => {
                let registry = self.registry.unwrap_or_else(Registry::linked);
                registry.open(&url, &self.namespace).await.map_err(OpenShopError::OpenStorage)?
            }
        };
        if migrate::is_under_way(store.as_ref()).await? {
            return Err(OpenShopError::Migrating);
        }
        let id = own_name(store.as_ref()).await?;
        let below =
            |path| public_url.join(path).map_err(|_| OpenShopError::PublicUrl { why: "is not a base" });
        Ok(Shop(Arc::new(Inner {
            store,
            gateways,
            clock,
            mark,
            handlers,
            id,
            version: self.version,
            return_url: below(RETURN_PATH)?,
            notice_url: below(NOTICE_PATH)?,
            front: public_url,
            process: format!("{:016x}", rand::random::<u64>()),
        })))
    }
}

fn needed<T>(value: Option<T>, what: &'static str, method: &'static str) -> Result<T, OpenShopError> {
    value.ok_or(OpenShopError::Missing { what, method })
}

/// A base that routes can lie below: it ends in a slash, and is https or on loopback.
fn base(mut url: Url) -> Result<Url, OpenShopError> {
    let wrong = |why| Err(OpenShopError::PublicUrl { why });
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return wrong("has no host"),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return wrong("is not https");
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return wrong("has a query, a fragment or a user name");
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// The shop's own short name: made once, by whichever process opens the store first.
async fn own_name(store: &dyn Storage) -> Result<ShopId, OpenShopError> {
    #[derive(Serialize, Deserialize)]
    struct Own {
        format: u32,
        id: ShopId,
    }
    let read = |record: Record| match serde_json::from_slice(&record.body) {
        Ok(Own { id, .. }) => Ok(id),
        Err(_) => Err(OpenShopError::Damaged { key: OWN_KEY }),
    };
    let damaged = || OpenShopError::Damaged { key: OWN_KEY };
    let key = Key::new(OWN_KEY).map_err(|_| damaged())?;
    for _ in 0..8 {
        if let Some(record) = store.load(&key).await? {
            return read(record);
        }
        let own = serde_json::to_vec(&Own { format: 1, id: ShopId::random() }).map_err(|_| damaged())?;
        let record = NewRecord::new(key.clone(), "Shop", None, own).map_err(|_| damaged())?;
        match store.create(&record).await {
            // Whoever was first, the name that is stored counts.
            Ok(()) | Err(StoreError::AlreadyExists { .. } | StoreError::Ambiguous { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(damaged())
}

const OWN_KEY: &str = "shop/self";
const RETURN_PATH: &str = "fps/return";
const NOTICE_PATH: &str = "fps/notice";
