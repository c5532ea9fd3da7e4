//! What can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use fps_core::url::Url;
use fps_core::{Amount, Timestamp};

use crate::order::{IdError, OrderId, RefundId, State, Subject, TOKENS, TokenName};

/// Looks after a shop: its orders, its money, its store.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) configuration: Configuration,
    /// Answer in JSON, one object a line.
    #[arg(long, global = true, help_heading = "The shop")]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Where the shop is.
#[derive(Debug, Args)]
#[command(next_help_heading = "The shop")]
pub(super) struct Configuration {
    /// The shop's store, such as sqlite:shop.db, or env:VARIABLE where a URL with a password is. [env: FPS_STORAGE]
    #[arg(long, global = true, value_name = "URL")]
    pub(super) storage: Option<String>,
    /// The shop's space in a store that several shops share. [env: FPS_NAMESPACE] [default: default]
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) namespace: Option<String>,
    /// The payment service. [env: FPS_ENDPOINT]
    #[arg(long, global = true, value_name = "URL")]
    pub(super) endpoint: Option<Url>,
    /// Where the shop is reached from outside. [env: FPS_PUBLIC_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub(super) public_url: Option<Url>,
    /// The shop has no handlers, so nobody needs to hear of what is done here.
    #[arg(long, global = true)]
    pub(super) no_handlers: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists orders by name.
    List(Which),
    /// Shows one order: where it stands, its operations, its journal.
    Show {
        /// The order's name.
        order: OrderId,
    },
    /// Shows what a person has to look at; exit code 3 if there is anything.
    Alarms,
    /// Resolves an order in Review.
    Resolve(Resolve),
    /// Closes an alarm of an order that is not in Review.
    CloseAlarm(CloseAlarm),
    /// Tells a handler again what it could not hear.
    Tell(News),
    /// Takes news away from a handler that cannot hear it.
    Drop(DropNews),
    /// Lists stored tokens by name.
    Tokens(WhichTokens),
    /// Shows one stored token: its limits, what was paid with it, its journal.
    Token {
        /// The token's name.
        name: TokenName,
    },
    /// Takes a stored token back: nothing is charged to it any more.
    CancelToken {
        /// The token's name.
        name: TokenName,
    },
    /// Forgets the buyers of stored tokens that are at rest.
    ForgetToken {
        /// The tokens' names.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<TokenName>,
    },
    /// Charges a deferred order.
    Charge(Part),
    /// Takes reserved money; what is left goes back to the buyer.
    Settle(Part),
    /// Cancels what has not been paid: gives reserved money back, or gives the order up.
    Cancel {
        /// The order's name.
        order: OrderId,
    },
    /// Refunds a paid order.
    Refund(Refund),
    /// Forgets the buyers of orders that are at rest.
    Forget {
        /// The orders' names.
        #[arg(required = true)]
        orders: Vec<OrderId>,
    },
    /// Holds all orders against the account's activity; exit code 3 if a person has to look.
    Reconcile(Period),
    /// Writes journals as JSON lines, without anything personal.
    Export {
        /// Only these orders; all orders and stored tokens unless given.
        orders: Vec<OrderId>,
    },
    /// Replays exported journals; exit code 3 if one does not lead to where its order stood.
    Replay(Replay),
    /// Copies all records of one store into another, empty one; can be interrupted and run again.
    Migrate(Stores),
    /// Finishes what was left open.
    #[command(subcommand)]
    Work(Work),
}

impl Command {
    /// Whether handlers hear of what it does.
    pub(super) fn makes_news(&self) -> bool {
        matches!(
            self,
            Self::Resolve(_)
                | Self::Charge(_)
                | Self::Settle(_)
                | Self::Cancel { .. }
                | Self::CancelToken { .. }
                | Self::Refund(_)
                | Self::Work(_)
        )
    }
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// Only in this state, such as Paid or Review.
    #[arg(long, value_parser = state)]
    pub(super) state: Option<State>,
    /// Only those whose names come after this one.
    #[arg(long, value_name = "ORDER")]
    pub(super) after: Option<OrderId>,
    /// At most so many.
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    pub(super) limit: usize,
}

#[derive(Debug, Args)]
pub(super) struct WhichTokens {
    /// Only in this state, such as TokenHeld or Cancelled.
    #[arg(long, value_parser = state)]
    pub(super) state: Option<State>,
    /// Only those whose names come after this one.
    #[arg(long, value_name = "NAME")]
    pub(super) after: Option<TokenName>,
    /// At most so many.
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    pub(super) limit: usize,
}

/// Who decides.
#[derive(Debug, Args)]
pub(super) struct Person {
    /// Who decides; goes into the journal. [env: USER]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(super) by: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Resolve {
    /// The order's name.
    pub(super) order: OrderId,
    /// What it is from now on: Paid, Declined or Cancelled.
    #[arg(long, value_name = "STATE", value_parser = resolved_state)]
    pub(super) to: State,
    /// How that is known, such as a line of the bank's statement; goes into the journal.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(super) evidence: String,
    #[command(flatten)]
    pub(super) person: Person,
}

#[derive(Debug, Args)]
pub(super) struct CloseAlarm {
    /// The order's name.
    pub(super) order: OrderId,
    /// The alarm's number, as `alarms` and `show` print it.
    pub(super) alarm: usize,
    /// What was found out; goes into the journal.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(super) evidence: String,
    #[command(flatten)]
    pub(super) person: Person,
}

#[derive(Debug, Args)]
pub(super) struct News {
    /// The order's name, or token/NAME of a stored token.
    #[arg(value_name = "ORDER", value_parser = subject)]
    pub(super) of: Subject,
    /// The news' name, as `alarms` prints it.
    pub(super) effect: String,
    /// The handler's name.
    pub(super) handler: String,
}

#[derive(Debug, Args)]
pub(super) struct DropNews {
    #[command(flatten)]
    pub(super) news: News,
    /// Why it need not hear it; goes into the journal.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) person: Person,
}

#[derive(Debug, Args)]
pub(super) struct Part {
    /// The order's name.
    pub(super) order: OrderId,
    /// Only so many dollars, such as 12.50; all unless given.
    #[arg(long)]
    pub(super) amount: Option<Amount>,
}

#[derive(Debug, Args)]
pub(super) struct Refund {
    /// The order's name.
    pub(super) order: OrderId,
    /// Your own name for the refund: given again it is the same refund.
    #[arg(long, value_name = "NAME")]
    pub(super) id: RefundId,
    /// Only so many dollars, such as 12.50; all that is left unless given.
    #[arg(long)]
    pub(super) amount: Option<Amount>,
}

#[derive(Debug, Args)]
pub(super) struct Period {
    /// From when on: 2026-11-01, 2026-11-01T12:00:00Z, or how long ago: 90m, 24h, 7d.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) since: Moment,
    /// Until when; now unless given.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) until: Option<Moment>,
}

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// What `export` wrote; the standard input unless given.
    pub(super) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Stores {
    /// The store that the shop has, or env:VARIABLE where its URL is.
    pub(super) from: String,
    /// The store that it moves to, or env:VARIABLE where its URL is.
    pub(super) to: String,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Work {
    /// Visits all orders that are due now.
    Once,
    /// Visits orders as they become due, until it is interrupted; then finishes what it holds.
    Run,
}

/// A point in time, or how long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    At(Timestamp),
    Ago(Duration),
}

impl Moment {
    pub(super) fn by(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Ago(duration) => now.before(duration),
        }
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    if let Ok(time) = text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()) {
        return Ok(Moment::At(time));
    }
    let seconds = match text.chars().next_back() {
        Some('m') => 60,
        Some('h') => 60 * 60,
        Some('d') => 24 * 60 * 60,
        _ => 0,
    };
    let count = text.get(..text.len().saturating_sub(1)).and_then(|count| count.parse::<u64>().ok());
    match count.and_then(|count| count.checked_mul(seconds)) {
        Some(seconds) if seconds > 0 => Ok(Moment::Ago(Duration::from_secs(seconds))),
        _ => Err("expected a date such as 2026-11-01, a time such as 2026-11-01T12:00:00Z, or how long ago, such as 90m, \
                  24h or 7d"
            .to_owned()),
    }
}

/// An order's name has no slash.
fn subject(text: &str) -> Result<Subject, IdError> {
    match text.strip_prefix(TOKENS) {
        Some(name) => TokenName::new(name).map(Subject::Token),
        None => OrderId::new(text).map(Subject::Order),
    }
}

fn state(text: &str) -> Result<State, String> {
    among(text, &State::ALL)
}

fn resolved_state(text: &str) -> Result<State, String> {
    among(text, &[State::Paid, State::Declined, State::Cancelled])
}

fn among(text: &str, states: &[State]) -> Result<State, String> {
    let found = states.iter().find(|state| state.as_str().eq_ignore_ascii_case(text));
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// What no option says: secrets have none.
const AFTER_HELP: &str = "\
The caller's keys come from the environment: FPS_ACCESS_KEY and FPS_SECRET_KEY.

Exit codes: 0 done, 1 failed, 2 the command line is wrong, 3 found something for a person (alarms, reconcile, replay).";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn help_says_what_the_program_is_for_and_what_it_needs() {
        let help = Arguments::command().render_help().to_string();
        assert!(help.starts_with("Looks after a shop"), "{help}");
        for needed in ["FPS_ACCESS_KEY and FPS_SECRET_KEY", "--storage", "Exit codes", "3 found"] {
            assert!(help.contains(needed), "{needed}: {help}");
        }
        // What a command has of its own stands before what all have.
        let help = Arguments::command().find_subcommand_mut("refund").unwrap().render_help().to_string();
        assert!(help.contains("--id <NAME>") && !help.contains("Looks after"), "{help}");
    }

    #[test]
    fn times_are_given_as_dates_or_as_how_long_ago() {
        let day = Duration::from_secs(24 * 60 * 60);
        for (text, read) in [
            ("7d", Some(Moment::Ago(day * 7))),
            ("24h", Some(Moment::Ago(day))),
            ("90m", Some(Moment::Ago(Duration::from_secs(5400)))),
            ("1970-01-02", Some(Moment::At(Timestamp::from_unix_seconds(86_400)))),
            ("1970-01-01T01:00:00+01:00", Some(Moment::At(Timestamp::from_unix_seconds(0)))),
            ("", None),
            ("d", None),
            ("0d", None),
            ("7", None),
            ("-7d", None),
            ("7w", None),
            ("ü", None),
            ("99999999999999999999d", None),
            ("9999999999999999999d", None),
        ] {
            assert_eq!(moment(text).ok(), read, "{text:?}");
        }
    }

    #[test]
    fn states_are_known_in_any_case_and_a_review_ends_in_three_of_them() {
        assert_eq!(state("awaitingbuyer"), Ok(State::AwaitingBuyer));
        assert!(state("paidd").unwrap_err().contains("AwaitingBuyer, TokenHeld"));
        assert_eq!(resolved_state("PAID"), Ok(State::Paid));
        assert_eq!(resolved_state("Review").unwrap_err(), "expected one of Paid, Declined, Cancelled");
    }
}
