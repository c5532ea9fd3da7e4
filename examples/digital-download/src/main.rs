//! DigitalDownload sells songs and a video, and John buys "Now and Forever".
//!
//! `cargo run -p digital-download` starts the shop and the payment service; `-- --auto` lets John buy by himself, and
//! `--api 2007-01-08` sells by the protocol's first version, as its guide told the story.

mod arguments;
mod auto;
mod catalogue;
mod counter;
mod media;
mod narrator;
mod pages;
mod recorder;
mod sales;
mod site;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use fps_checkout::fps_core::Generation;
use fps_checkout::fps_core::client::{Client, HttpSend, ReqwestSend};
use fps_checkout::fps_core::url::Url;
use fps_checkout::{Credentials, Endpoint, Shop, web};
use fps_sandbox::{Sandbox, people};
// All that it takes to open `redb:` beside `sqlite:` and `memory:`.
#[cfg(feature = "redb")]
use storage_redb as _;
use tokio::net::TcpListener;

use crate::arguments::Arguments;
use crate::counter::Counter;
use crate::narrator::Narrator;
use crate::recorder::RecordSale;
use crate::sales::Sales;

/// Anything that ends the program.
type Problem = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("digital-download: {}", chain(&*problem));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Problem> {
    let service = match &arguments.sandbox {
        Some(elsewhere) => elsewhere.clone(),
        None => start_sandbox(arguments.sandbox_addr()).await?,
    };
    let (listener, address) = listen(arguments.shop_addr(), "--shop-addr").await?;
    let http: Arc<dyn HttpSend> = Arc::new(ReqwestSend::new()?);
    let http = if arguments.auto { Arc::new(Narrator(http)) } else { http };
    // The sandbox knows DigitalDownload already; another service knows the keys of the environment.
    let credentials = Credentials::from_env().unwrap_or_else(|_| people::shop_credentials());
    let endpoint = Endpoint::at(service.clone())?;
    let sales = Sales::open(&arguments.sales).map_err(|error| {
        format!("the book of sales {} cannot be opened: {error}", arguments.sales.display())
    })?;
    // The shop: its keys, its service, its store, and what it does when something is sold.
    let shop = Shop::builder()
        .credentials(credentials.clone())
        .endpoint(endpoint.clone())
        .http(Arc::clone(&http))
        .version(arguments.api)
        .storage_url(arguments.storage_url())
        .public_url(address.clone())
        .handler(RecordSale(sales))
        .open()
        .await?;

    println!("DigitalDownload   {address}");
    println!("Payment service   {service}  (fps-sandbox: play money)");
    println!("Sign in there as  {}, password john", people::JOHN);
    if arguments.api.generation() == Generation::First {
        shop.install_tokens().await?;
    }

    let worker = shop.clone();
    tokio::spawn(async move { worker.run_worker().await });
    let home = address.clone();
    let comes_back = web::axum::routes(&shop, move |order| site::order_page(&home, order));
    let counter =
        Counter { shop, api: arguments.api, as_in_the_guide: arguments.auto && arguments.sandbox.is_none() };
    let pages = site::router(counter).merge(comes_back);
    let serving = tokio::spawn(async move { axum::serve(listener, pages).await });

    if arguments.auto {
        let transaction = auto::john_buys_a_song(&address).await?;
        if arguments.api.generation() == Generation::First {
            let client = Client::builder(credentials, endpoint).http(http).version(arguments.api).build()?;
            auto::look_back(&client, &service, transaction).await?;
        }
        return Ok(());
    }
    println!("Press Ctrl-C to stop.");
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => Ok(stopped?),
        ended = serving => Ok(ended??),
    }
}

/// Starts the payment service in this program.
async fn start_sandbox(at: SocketAddr) -> Result<Url, Problem> {
    let (listener, address) = listen(at, "--sandbox-addr").await?;
    let sandbox = Sandbox::builder().build();
    tokio::spawn(async move { sandbox.serve(listener).await });
    Ok(address)
}

async fn listen(at: SocketAddr, option: &str) -> Result<(TcpListener, Url), Problem> {
    let listener = TcpListener::bind(at).await.map_err(|error| {
        format!("cannot listen on {at}: {error}; choose another address by {option}, such as 127.0.0.1:0")
    })?;
    let address = format!("http://{}/", listener.local_addr()?).parse()?;
    Ok((listener, address))
}

/// One step of John's story.
fn step(what: &str) {
    println!("- {what}");
}

/// An error with all its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
