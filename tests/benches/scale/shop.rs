//! The shop: a process of its own, or several.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Redirect;
use axum::routing::get;
use fps_checkout::fps_core::url::Url;
use fps_checkout::registry::Registry;
use fps_checkout::storage::Namespace;
use fps_checkout::{Endpoint, HandlerError, Happened, OrderId, ReturnHandler, Shop, async_trait, web};
use fps_sandbox::people;
use fps_tests::{NOW_AND_FOREVER, Program};
use tokio::net::TcpListener;

use crate::system::memory_of;
use crate::timed::Timed;

/// The first argument of a process that is a shop.
pub(crate) const ROLE: &str = "shop";

/// Where a shop tells how long its commits took since it was asked last.
pub(crate) const COMMITS: &str = "/commits";

/// Is a shop that pays through this service and keeps its orders in this store.
pub(crate) async fn run(service: &str, store: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let home: Url = format!("http://{address}/").parse().unwrap();
    let store = Registry::linked().open(store, &Namespace::default()).await.unwrap();
    let store = Arc::new(Timed::new(store));
    let shop = Shop::builder()
        .credentials(people::shop_credentials())
        .endpoint(Endpoint::at(service.parse().unwrap()).unwrap())
        .storage(Arc::clone(&store) as _)
        .public_url(home.clone())
        .handler(Hears)
        .open()
        .await
        .unwrap();
    let worker = shop.clone();
    tokio::spawn(async move { worker.run_worker().await });
    let comes_back = web::axum::routes(&shop, move |order| {
        let mut page = home.clone();
        page.set_path(&format!("orders/{order}"));
        page.set_query(None);
        page
    });
    let commits = get(async move || store.told());
    let pages = Router::new().route("/buy/{order}", get(buy)).with_state(shop).merge(comes_back);
    let pages = pages.route(COMMITS, commits);
    println!("process {} listens on {address}", std::process::id());
    axum::serve(listener, pages).await.unwrap();
}

async fn buy(State(shop): State<Shop>, Path(order): Path<OrderId>) -> Result<Redirect, String> {
    let begun = shop.begin(&NOW_AND_FOREVER, order).await.map_err(|error| error.to_string())?;
    Ok(Redirect::to(begun.link().as_str()))
}

/// Has nothing to do.
#[derive(Debug)]
struct Hears;

#[async_trait]
impl ReturnHandler for Hears {
    fn name(&self) -> &str {
        "hears"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, _: &Happened) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// Processes of the shop, on one store.
pub(crate) struct Shops(Vec<(Program, u32, Arc<str>)>);

impl Shops {
    pub(crate) fn start(processes: usize, service: &Url, store: &str) -> Self {
        let program = std::env::current_exe().unwrap();
        let start = |_| {
            let mut shop = Program::start(&program, [ROLE, service.as_str(), store]);
            let said = shop.wait_for("process ");
            let (process, address) = said.split_once(" listens on ").unwrap();
            (shop, process.parse().unwrap(), address.into())
        };
        Self((0..processes).map(start).collect())
    }

    pub(crate) fn processes(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(_, process, _)| *process)
    }

    /// Host and port of each.
    pub(crate) fn addresses(&self) -> Vec<Arc<str>> {
        self.0.iter().map(|(_, _, address)| Arc::clone(address)).collect()
    }

    /// The largest one's.
    pub(crate) fn memory(&self) -> String {
        let most = self.processes().map(memory_of).max().unwrap_or_default();
        format!("{most} KiB")
    }
}
