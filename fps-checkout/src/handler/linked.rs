//! Handlers that linked crates bring.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Provided, ReturnHandler};
use crate::storage::BoxError;

/// A handler as a crate offers it: submit one by [`submit_handler!`](crate::submit_handler), and every shop that links the
/// crate and asks for [`Handlers::linked`] runs it.
///
/// ```
/// use std::sync::Arc;
/// use fps_checkout::handler::{Context, HandlerPlugin, OpeningHandler};
/// use fps_checkout::{Happened, HandlerError, ReturnHandler, async_trait};
///
/// #[derive(Debug)]
/// struct Greet;
///
/// #[async_trait]
/// impl ReturnHandler for Greet {
///     fn name(&self) -> &str { "greet" }
///     fn priority(&self) -> i32 { 10 }
///     async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
///         println!("{}", happened.news());
///         Ok(())
///     }
/// }
///
/// fn open<'a>(_: &'a Context<'a>) -> OpeningHandler<'a> {
///     Box::pin(async { Ok(Arc::new(Greet) as _) })
/// }
///
/// fps_checkout::submit_handler!(HandlerPlugin::new("greet", open));
/// # fn main() {}
/// ```
#[derive(Clone, Copy)]
pub struct HandlerPlugin {
    name: &'static str,
    open: OpenHandler,
}

/// A handler being opened.
pub type OpeningHandler<'a> =
    Pin<Box<dyn Future<Output = Result<Arc<dyn ReturnHandler>, BoxError>> + Send + 'a>>;

/// Makes the handler when a shop opens.
pub type OpenHandler = for<'a> fn(&'a Context<'a>) -> OpeningHandler<'a>;

impl HandlerPlugin {
    /// A handler that the crate called `name` brings, made by `open`.
    #[must_use]
    pub const fn new(name: &'static str, open: OpenHandler) -> Self {
        Self { name, open }
    }

    /// The plugin's name, as error messages show it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) async fn open(&self, context: &Context<'_>) -> Result<Arc<dyn ReturnHandler>, BoxError> {
        (self.open)(context).await
    }
}

impl fmt::Debug for HandlerPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HandlerPlugin").field(&self.name).finish()
    }
}

inventory::collect!(HandlerPlugin);

/// Submits a const [`HandlerPlugin`], so that every shop which links this crate and asks for [`Handlers::linked`] runs it.
#[macro_export]
macro_rules! submit_handler {
    ($plugin:expr) => {
        $crate::registry::inventory::submit! { $plugin }
    };
}

/// What a handler plugin gets when the shop opens: whatever the shop put in by `ShopBuilder::provide`.
#[derive(Debug)]
pub struct Context<'a> {
    pub(crate) provided: &'a Provided,
}

impl Context<'_> {
    /// The value of that type that the shop put in, if it did.
    #[must_use]
    pub fn find<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.provided.find()
    }
}

/// A set of handler plugins.
#[derive(Clone, Debug, Default)]
pub struct Handlers(Vec<HandlerPlugin>);

impl Handlers {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// All that linked crates submitted. A crate that nothing refers to is not linked: write `use the_plugin as _;`.
    #[must_use]
    pub fn linked() -> Self {
        let mut plugins: Vec<_> = inventory::iter::<HandlerPlugin>().copied().collect();
        plugins.sort_by_key(HandlerPlugin::name);
        Self(plugins)
    }

    /// One more, by hand.
    #[must_use]
    pub fn with(mut self, plugin: HandlerPlugin) -> Self {
        self.0.push(plugin);
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &HandlerPlugin> {
        self.0.iter()
    }
}
