//! A shop as a process of its own, made to be killed: `shop-to-kill ADDRESS SERVICE ORDERS BOOK LATER
//! VERSION`.
//!
//! It listens at ADDRESS, pays through SERVICE, keeps its orders in the SQLite file ORDERS (or in the store of that URL), and
//! writes each piece of news with its effect id into BOOK. Its clock is LATER seconds ahead, so that a test need not wait. New orders begin in VERSION.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use fps_checkout::fps_core::Generation;
use fps_checkout::fps_core::url::Url;
use fps_checkout::{
    Amount, Endpoint, Error, HandlerError, Happened, OrderId, ReturnHandler, Shop, TokenName, TokenTerms,
    Version, async_trait, web,
};
use fps_sandbox::{SandboxClock, people};
use fps_tests::NOW_AND_FOREVER;
use tokio::net::TcpListener;

type Problem = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Problem> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, service, orders, book, later, version] = arguments.as_slice() else {
        return Err("ADDRESS SERVICE ORDERS BOOK LATER VERSION".into());
    };
    let versions = [Version::V2007_01_08, Version::V2008_09_17, Version::V2010_08_28];
    let version = versions.into_iter().find(|one| one.as_str() == version).ok_or("no such version")?;
    let clock = SandboxClock::system();
    clock.advance(Duration::from_secs(later.parse()?));
    let home: Url = format!("http://{address}/").parse()?;
    let shop = Shop::builder()
        .credentials(people::shop_credentials())
        .endpoint(Endpoint::at(service.parse()?)?)
        .clock(Arc::new(clock))
        .storage_url(if orders.contains(':') { orders.clone() } else { format!("sqlite:{orders}") })
        .public_url(home.clone())
        .handler(WritesDown { book: book.into() })
        .version(version)
        .open()
        .await?;
    if version.generation() == Generation::First {
        shop.install_tokens().await?;
    }
    let worker = shop.clone();
    tokio::spawn(async move { worker.run_worker().await });
    let comes_back = web::axum::routes(&shop, move |order| {
        let mut page = home.clone();
        page.set_path(&format!("orders/{order}"));
        page
    });
    let pages = Router::new()
        .route("/buy/{order}", get(buy))
        .route("/orders/{order}", get(state))
        .route("/store/{token}", get(store))
        .route("/charge/{token}/{order}", get(charge))
        .route("/cancel/{token}", get(cancel))
        .with_state(shop)
        .merge(comes_back);
    let listener = TcpListener::bind(address).await?;
    println!("listening on {address}");
    Ok(axum::serve(listener, pages).await?)
}

async fn buy(State(shop): State<Shop>, Path(order): Path<OrderId>) -> Result<Redirect, String> {
    let begun = shop.begin(&NOW_AND_FOREVER, order).await.map_err(|error| error.to_string())?;
    Ok(Redirect::to(begun.link().as_str()))
}

async fn state(State(shop): State<Shop>, Path(order): Path<OrderId>) -> String {
    match shop.order(&order).await {
        Ok(order) => order.state().to_string(),
        Err(error) => error.to_string(),
    }
}

async fn store(State(shop): State<Shop>, Path(token): Path<TokenName>) -> Result<Redirect, String> {
    let begun = shop.begin_token(&ten_songs(), token).await.map_err(|error| error.to_string())?;
    Ok(Redirect::to(begun.link().as_str()))
}

/// 200 with the order's state; 409 if the token cannot pay; 503 if it is to be asked again.
async fn charge(
    State(shop): State<Shop>,
    Path((token, order)): Path<(TokenName, OrderId)>,
) -> (StatusCode, String) {
    match shop.charge_token(&token, &NOW_AND_FOREVER, order).await {
        Ok(order) => (StatusCode::OK, order.state().to_string()),
        Err(error @ Error::TokenRefused { .. }) => (StatusCode::CONFLICT, error.to_string()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    }
}

async fn cancel(State(shop): State<Shop>, Path(token): Path<TokenName>) -> (StatusCode, String) {
    match shop.cancel_token(&token).await {
        Ok(token) => (StatusCode::OK, token.state().to_string()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    }
}

/// What a buyer is asked to allow.
fn ten_songs() -> TokenTerms {
    TokenTerms::at_most(Amount::usd("1.00")).with_reason("Ten songs")
}

/// Writes everything down that it hears.
#[derive(Debug)]
struct WritesDown {
    book: PathBuf,
}

#[async_trait]
impl ReturnHandler for WritesDown {
    fn name(&self) -> &str {
        "writes-down"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
        let mut book = OpenOptions::new().create(true).append(true).open(&self.book)?;
        writeln!(book, "{} {}", happened.effect(), happened.news())?;
        book.sync_data()?;
        Ok(())
    }
}
