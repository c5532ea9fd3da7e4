//! A command line for those who look after a shop (feature `cli`).
//!
//! A program of three lines has it:
//!
//! ```no_run
//! // use my_storage_plugin as _;
//! fn main() -> std::process::ExitCode {
//!     fps_checkout::cli::main()
//! }
//! ```
//!
//! It is a program of the shop's own, so that its storage backends and handlers are linked. A shop whose handlers are made by
//! hand, or that keeps its configuration elsewhere than in the environment, says so by [`with`].
//!
//! | command | does |
//! | --- | --- |
//! | `list`, `show ORDER` | orders by state; one order's operations and journal |
//! | `alarms` | what a person has to look at: reviews, alarms, news that no handler could hear |
//! | `resolve`, `close-alarm`, `tell`, `drop` | what the person decides, with evidence or a reason |
//! | `tokens`, `token NAME` | stored tokens; one token's limits, payments and journal |
//! | `cancel-token NAME` | takes a stored token back: [`Shop::cancel_token`] |
//! | `charge`, `settle`, `cancel`, `refund` | moves money, as [`Shop`]'s methods of these names |
//! | `reconcile --since 1d` | holds all orders against the account's activity: [`Shop::reconcile`] |
//! | `export`, `replay` | journals as JSON lines, and whether they lead to where their orders stood |
//! | `forget ORDER`, `forget-token NAME` | empties what is known of a buyer |
//! | `migrate FROM TO` | copies all records into another store: [`storage::migrate`](crate::storage::migrate) |
//! | `work once`, `work run` | the worker, for a cron job or as a process of its own |
//!
//! With `--json` each answer is JSON, one object a line. Colours and progress bars are shown on a terminal only. What the shop itself
//! has to say, such as the worker about a service out of reach, goes to `tracing`: install a subscriber in `main` before, such as
//! `tracing_subscriber::fmt().with_writer(std::io::stderr).init()`.
//!
//! # Configuration
//!
//! | variable | option | is |
//! | --- | --- | --- |
//! | `FPS_ACCESS_KEY`, `FPS_SECRET_KEY` | – | the caller's keys |
//! | `FPS_STORAGE` | `--storage` | the store's URL |
//! | `FPS_NAMESPACE` | `--namespace` | the shop's space in a store that several share; `default` |
//! | `FPS_ENDPOINT` | `--endpoint` | where the payment service is |
//! | `FPS_PUBLIC_URL` | `--public-url` | where the shop is reached from outside |
//!
//! # Security
//!
//! Every user of a machine can read the arguments of its processes, so secrets come from the environment alone: a store's URL
//! with a password in it is refused as an argument. Write `env:VARIABLE` in its place.
//!
//! # Exit codes
//!
//! | code | says |
//! | --- | --- |
//! | 0 | done |
//! | 1 | failed; the reason is on the error stream, and nothing is half done |
//! | 2 | the command line itself is wrong |
//! | 3 | looked, and found something for a person: `alarms`, `reconcile`, `replay` |

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use crate::Shop;
use crate::handler::Handlers;
use crate::shop::ShopBuilder;
use crate::storage::BoxError;

mod alarms;
mod arguments;
mod journal;
mod migrate;
mod money;
mod open;
mod output;
mod reconcile;
mod show;
mod tokens;
mod work;

use self::arguments::{Arguments, Command};
use self::output::Output;

/// The command line of a shop that is configured by the environment and whose handlers are
/// [linked](crate::handler::Handlers::linked).
///
/// Make it the body of a program's `main`; it starts a runtime of its own.
#[must_use]
pub fn main() -> ExitCode {
    with(Ok)
}

/// The same, for a shop that is made by hand: `prepare` gets the builder with what the environment says, and adds what the
/// shop's own program adds.
///
/// Give it every handler that the shop has. Who hears of what happens is fixed when it happens; so a refund that is made
/// here would never be heard of by a handler that only the shop's other program knows.
///
/// ```no_run
/// # use fps_checkout::{Happened, HandlerError, ReturnHandler, async_trait};
/// # #[derive(Debug)] struct SendPoster;
/// # #[async_trait] impl ReturnHandler for SendPoster {
/// #     fn name(&self) -> &str { "send-poster" }
/// #     fn priority(&self) -> i32 { 0 }
/// #     async fn handle(&self, _: &Happened) -> Result<(), HandlerError> { Ok(()) }
/// # }
/// fn main() -> std::process::ExitCode {
///     fps_checkout::cli::with(|shop| Ok(shop.handler(SendPoster)))
/// }
/// ```
#[must_use]
pub fn with(prepare: impl FnOnce(ShopBuilder) -> Result<ShopBuilder, BoxError>) -> ExitCode {
    run(std::env::args_os(), prepare)
}

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Done,
    /// It looked, and a person has to look too.
    Found,
}

fn run(
    arguments: impl IntoIterator<Item = OsString>,
    prepare: impl FnOnce(ShopBuilder) -> Result<ShopBuilder, BoxError>,
) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        // Help and version are such errors too, and say so by their codes.
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(WRONG_ARGUMENTS);
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(FAILED),
            };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    match runtime.block_on(obey(arguments, prepare)) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Found) => ExitCode::from(FOUND),
        Err(error) if output::is_closed(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => failed(error.as_ref()),
    }
}

async fn obey(
    arguments: Arguments,
    prepare: impl FnOnce(ShopBuilder) -> Result<ShopBuilder, BoxError>,
) -> Result<Ending, BoxError> {
    let Arguments { configuration, json, command } = arguments;
    let mut output = Output::new(json);
    let shop = match command {
        // These two need no shop.
        Command::Replay(replay) => return journal::replay(&replay, &mut output),
        Command::Migrate(stores) => {
            let registry = prepare(Shop::builder())?.into_registry();
            return migrate::migrate(&registry, &configuration.namespace()?, &stores, &mut output).await;
        }
        _ => {
            let shop = prepare(open::builder(&configuration)?.handlers(Handlers::linked()))?;
            shop.open().await.map_err(open::explain)?
        }
    };
    if command.makes_news() && !configuration.no_handlers && shop.handler_names().is_empty() {
        return Err(NO_HANDLERS.into());
    }
    match command {
        Command::List(which) => show::list(&shop, &which, &mut output).await,
        Command::Show { order } => show::show(&shop, &order, &mut output).await,
        Command::Alarms => alarms::alarms(&shop, &mut output).await,
        Command::Resolve(decision) => alarms::resolve(&shop, &decision, &mut output).await,
        Command::CloseAlarm(decision) => alarms::close(&shop, &decision, &mut output).await,
        Command::Tell(news) => alarms::tell(&shop, &news, &mut output).await,
        Command::Drop(decision) => alarms::drop(&shop, &decision, &mut output).await,
        Command::Tokens(which) => tokens::list(&shop, &which, &mut output).await,
        Command::Token { name } => tokens::show(&shop, &name, &mut output).await,
        Command::CancelToken { name } => tokens::cancel(&shop, &name, &mut output).await,
        Command::ForgetToken { names } => tokens::forget(&shop, &names, &mut output).await,
        Command::Charge(part) => money::charge(&shop, &part, &mut output).await,
        Command::Settle(part) => money::settle(&shop, &part, &mut output).await,
        Command::Cancel { order } => money::cancel(&shop, &order, &mut output).await,
        Command::Refund(refund) => money::refund(&shop, &refund, &mut output).await,
        Command::Forget { orders } => show::forget(&shop, &orders, &mut output).await,
        Command::Reconcile(period) => reconcile::reconcile(&shop, &period, &mut output).await,
        Command::Export { orders } => journal::export(&shop, &orders, &mut output).await,
        Command::Work(work) => work::work(&shop, work, &mut output).await,
        Command::Replay(_) | Command::Migrate(_) => Ok(Ending::Done),
    }
}

fn failed(error: &(dyn Error + 'static)) -> ExitCode {
    output::complain(error);
    ExitCode::from(FAILED)
}

const FAILED: u8 = 1;
const WRONG_ARGUMENTS: u8 = 2;
const FOUND: u8 = 3;
const NO_HANDLERS: &str = "this program has no handlers, so nobody would ever hear of it: build it with the shop's own by \
    `fps_checkout::cli::with`, or say --no-handlers if the shop has none";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_nobody_would_hear_of_is_not_done_unless_told() {
        let told = |more: &'static str| {
            let line = "desk --endpoint http://127.0.0.1:9 --public-url http://127.0.0.1/ --storage memory: refund 1 --id r ";
            let arguments = Arguments::try_parse_from(format!("{line}{more}").split_whitespace()).unwrap();
            obey(arguments, |shop| Ok(shop.credentials(fps_core::Credentials::new("key", "secret"))))
        };
        let error = told("").await.unwrap_err().to_string();
        assert!(error.contains("has no handlers") && error.contains("--no-handlers"), "{error}");
        let error = told("--no-handlers").await.unwrap_err().to_string();
        assert_eq!(error, "there is no order 1");
    }
}
