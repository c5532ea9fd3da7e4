//! The control page: what happens inside, and the levers.

use std::time::Duration;

use askama::Template;
use fps_core::checkout::PaymentMethod;
use fps_core::client::Clock;
use fps_core::{Amount, Pairs};
use http::{Method, Request, Response, StatusCode};
use serde_json::json;
use url::Url;

use super::account::minute;
use super::confirm::dollars;
use super::{form, page, private, refused};
use crate::answer::{see_other, with_body};
use crate::faults::{Fault, FaultError, Rule};
use crate::journal::Beside;
use crate::ledger::account::Key;
use crate::ledger::{Account, AccountKind, AccountState, BankAccount, Event, Period, Secret, Status};
use crate::mistake::Sides;
use crate::notices::NoticeState;
use crate::sandbox::Inner;
use crate::subscribe::{self, NewSubscription};
use crate::{ids, people};

#[derive(Template)]
#[template(path = "control.html")]
struct Control {
    now: String,
    url: String,
    sum: String,
    charges: usize,
    accounts: Vec<AccountRow>,
    books: Vec<(String, String)>,
    waiting: Vec<WaitingRow>,
    subscriptions: Vec<SubscriptionRow>,
    rules: Vec<String>,
    notices: Vec<NoticeRow>,
    entries: Vec<LogRow>,
}

struct AccountRow {
    name: String,
    email: String,
    password: String,
    keys: String,
    balance: String,
}

struct WaitingRow {
    id: String,
    what: String,
    amount: String,
    due: String,
}

struct SubscriptionRow {
    id: String,
    what: String,
    who: String,
    status: &'static str,
    paid: usize,
    next: String,
}

struct NoticeRow {
    number: u64,
    subject: String,
    reference: String,
    url: String,
    attempts: u32,
    last: String,
    state: String,
    good: bool,
}

struct LogRow {
    number: u64,
    at: String,
    what: String,
    who: String,
    /// Empty where a fault is noted and nothing was answered yet.
    status: String,
    good: bool,
    verdict: String,
    why: String,
    came: String,
    sides: Option<Sides>,
}

pub(super) fn answer(inner: &Inner, request: &Request<Vec<u8>>, path: &[&str]) -> Response<Vec<u8>> {
    match (request.method(), path) {
        (&Method::GET, []) => show(inner),
        (&Method::GET, ["ledger.json"]) => private(with_json(StatusCode::OK, &ledger(inner))),
        (&Method::GET, ["notices.json"]) => {
            let state = inner.shared();
            let notices: Vec<_> = state.notices.newest_first().collect();
            private(with_json(StatusCode::OK, &json!(notices)))
        }
        (&Method::POST, [lever]) => pull(inner, request, lever),
        _ => refused(StatusCode::NOT_FOUND, "There is no such page", "The control page is at /sandbox."),
    }
}

/// A lever is a form's POST, answered by a redirect, or JSON, answered by JSON.
fn pull(inner: &Inner, request: &Request<Vec<u8>>, lever: &str) -> Response<Vec<u8>> {
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_json = kind.is_some_and(|kind| kind.starts_with("application/json"));
    let fields = if is_json { json_fields(request.body()) } else { Ok(form(request)) };
    let done = fields.and_then(|fields| operate(inner, lever, &fields));
    match (done, is_json) {
        (Ok(()), true) => with_json(StatusCode::OK, &json!({ "ok": true })),
        (Ok(()), false) => private(see_other("/sandbox")),
        (Err(error), true) => with_json(StatusCode::BAD_REQUEST, &json!({ "ok": false, "error": error })),
        (Err(error), false) => refused(StatusCode::BAD_REQUEST, "That did not work", &error),
    }
}

fn operate(inner: &Inner, lever: &str, fields: &Pairs) -> Result<(), String> {
    let number = |name: &str| -> Result<u64, String> {
        let text = fields.get(name).unwrap_or_default();
        text.parse().map_err(|_| format!("{name} has to be a whole number, not {text:?}"))
    };
    match lever {
        // Moves the clock forward: {"seconds": 3600}.
        "clock" => {
            let seconds = number("seconds")?;
            if seconds > MOST_SECONDS {
                return Err("the clock moves at most ten years at a time".to_owned());
            }
            let kept = inner.locked().keep(Beside::ClockMoved { seconds });
            kept.map_err(|error| error.to_string())?;
            inner.clock.advance(Duration::from_secs(seconds));
            drop(inner.locked());
        }
        // Ends what is pending: {}.
        "finish" => {
            finish_all(inner);
        }
        // Scripts a fault: {"operation": "Pay", "call": 1, "fault": "lose_answer"}; "call" may be left out.
        "faults" => {
            let call = match fields.get("call").filter(|call| !call.is_empty()) {
                Some(_) => Some(number("call")?),
                None => None,
            };
            let operation = fields.get("operation").filter(|operation| !operation.is_empty());
            let operation = operation.ok_or("operation has to be named, such as Pay")?.to_owned();
            let fault: Fault = fields
                .get("fault")
                .unwrap_or_default()
                .parse()
                .map_err(|error: FaultError| error.to_string())?;
            if !fault.fits(&operation) {
                let words = "notice_never, notice_twice and notice_late happen to the operation Notice, system_error and \
                             caller_exception to Pipeline, all others to operations of the API";
                return Err(words.to_owned());
            }
            inner.faults.add(Rule { operation, call, fault });
            drop(inner.locked());
        }
        // Forgets the script: {}.
        "clear-faults" => {
            inner.faults.clear();
            drop(inner.locked());
        }
        // Puts money into an account: {"email": "john@example.com", "amount": "10.00"}.
        "deposit" => {
            let email = fields.get("email").unwrap_or_default();
            let text = fields.get("amount").unwrap_or_default();
            let amount = Amount::parse(text).map_err(|error| error.to_string())?;
            if amount > MOST_MONEY || amount.checked_neg().is_none_or(|less| less > MOST_MONEY) {
                return Err(format!("at most {MOST_MONEY} dollars at a time"));
            }
            let mut state = inner.locked();
            let account = state.ledger.account_by_email(email).map(|account| account.id.clone());
            let account = account.ok_or_else(|| format!("nobody has the address {email:?}"))?;
            state.commit(&[Event::Deposited { account, amount }]).map_err(|error| error.to_string())?;
        }
        // Opens an account, or changes the one with that address; see `open_account`.
        "accounts" => open_account(inner, fields)?,
        // Begins a subscription; see `begin_subscription`.
        "subscriptions" => begin_subscription(inner, fields)?,
        // Sends a notice again: {"number": 3}.
        "resend" => {
            let number = number("number")?;
            let at = inner.clock.now();
            let mut state = inner.locked();
            if !state.notices.has(number) {
                return Err(format!("there is no notice {number}"));
            }
            state.keep(Beside::NoticeAgain { number, at }).map_err(|error| error.to_string())?;
        }
        // Where an account's notices go: {"email": "shop@digitaldownload.example", "url": "http://127.0.0.1:8080/notice"}.
        "notice-url" => set_notice_url(inner, fields)?,
        _ => {
            let levers = "the levers are clock, finish, faults, clear-faults, deposit, accounts, subscriptions, resend and notice-url";
            return Err(levers.to_owned());
        }
    }
    Ok(())
}

/// `email`, and as far as given `password`, `name`, `kind` (personal, business), `balance`, `card` (none, good, declined,
/// expired), `bank` (none, good, declined), `default_method` (none, ABT, ACH, CC), `state` (active, suspended, closed),
/// `email_verified`, `access_key` with `secret_key`.
fn open_account(inner: &Inner, fields: &Pairs) -> Result<(), String> {
    let given = |name: &str| fields.get(name).filter(|text| !text.is_empty());
    let email = given("email").filter(|email| email.contains('@') && email.len() <= 128);
    let email = email.ok_or("email has to be an address")?;
    let year =
        inner.clock.now().to_string().get(..4).and_then(|year| year.parse::<u16>().ok()).unwrap_or(2010);
    let mut state = inner.locked();
    let known = state.ledger.account_by_email(email).cloned();
    let is_new = known.is_none();
    let local = email.split('@').next().unwrap_or_default();
    let mut account = known.unwrap_or_else(|| Account::personal(&ids::account(), local, email, local));
    if let Some(name) = given("name") {
        account.name = name.chars().take(128).collect();
    }
    if let Some(password) = given("password") {
        account.password = Secret::new(password);
    }
    match given("kind") {
        Some("personal") => account.kind = AccountKind::Personal,
        Some("business") => {
            account.kind = AccountKind::Business;
            account.third_party = true;
            account.unlimited = true;
        }
        // Only businesses call.
        None if is_new && given("access_key").is_some() => {
            account.kind = AccountKind::Business;
            account.third_party = true;
            account.unlimited = true;
        }
        None => {}
        Some(_) => return Err("kind has to be personal or business".to_owned()),
    }
    match given("card") {
        Some("none") => account.card = None,
        Some(word @ ("good" | "declined" | "expired")) => {
            let expiry_year = if word == "expired" { year.saturating_sub(1) } else { year.saturating_add(9) };
            account.card = Some(people::card(expiry_year, word == "declined"));
        }
        None => {}
        Some(_) => return Err("card has to be none, good, declined or expired".to_owned()),
    }
    match given("bank") {
        Some("none") => account.bank = None,
        Some(word @ ("good" | "declined")) => {
            account.bank = Some(BankAccount { declined: word == "declined", ..people::bank() });
        }
        None => {}
        Some(_) => return Err("bank has to be none, good or declined".to_owned()),
    }
    match given("default_method") {
        Some("none") => account.default_method = None,
        Some(word) => {
            let method = PaymentMethod::ALL.into_iter().find(|method| method.as_str() == word);
            account.default_method = Some(method.ok_or("default_method has to be none, ABT, ACH or CC")?);
        }
        None => {}
    }
    match given("state") {
        Some("active") => account.state = AccountState::Active,
        Some("suspended") => account.state = AccountState::Suspended,
        Some("closed") => account.state = AccountState::Closed,
        None => {}
        Some(_) => return Err("state has to be active, suspended or closed".to_owned()),
    }
    for (name, flag) in
        [("email_verified", &mut account.email_verified), ("unlimited", &mut account.unlimited)]
    {
        match given(name) {
            Some("true") => *flag = true,
            Some("false") => *flag = false,
            None => {}
            Some(_) => return Err(format!("{name} has to be true or false")),
        }
    }
    if let (Some(access_key), Some(secret_key)) = (given("access_key"), given("secret_key")) {
        if state.ledger.account_by_key(access_key).is_some_and(|other| other.id != account.id) {
            return Err("access_key belongs to another account".to_owned());
        }
        account.keys.retain(|key| key.access_key != access_key);
        account.keys.push(Key { access_key: access_key.to_owned(), secret_key: Secret::new(secret_key) });
    }
    let mut events = vec![Event::AccountSet { account: Box::new(account.clone()) }];
    if let Some(text) = given("balance").filter(|_| is_new) {
        let amount = Amount::parse(text).map_err(|error| error.to_string())?;
        if amount.is_negative() || amount > MOST_MONEY {
            return Err(format!("balance has to be from 0 to {MOST_MONEY}"));
        }
        events.push(Event::Deposited { account: account.id, amount });
    }
    state.commit(&events).map_err(|error| error.to_string())
}

/// `email`, `seller`, `amount`, `every` (`1 month`), and as far as given `description`, `lasts` (`12 months`),
/// `promotional_amount` with `promotional_count`, `method` (ABT, ACH, CC), `url` for its notices.
fn begin_subscription(inner: &Inner, fields: &Pairs) -> Result<(), String> {
    let given = |name: &str| fields.get(name).filter(|text| !text.is_empty());
    let needed = |name: &str| given(name).ok_or_else(|| format!("{name} has to be given"));
    let amount = |text: &str| Amount::parse(text).map_err(|error| error.to_string());
    let period = |name: &str, text: &str| {
        Period::parse(text).ok_or_else(|| format!("{name} has to be a period such as 1 month, not {text:?}"))
    };
    let every = period("every", needed("every")?)?;
    let mut wanted =
        NewSubscription::new(needed("email")?, needed("seller")?, amount(needed("amount")?)?, every);
    if let Some(text) = given("lasts") {
        wanted = wanted.with_length(period("lasts", text)?);
    }
    if let Some(text) = given("description") {
        wanted = wanted.with_description(text.chars().take(160).collect::<String>());
    }
    if let Some(text) = given("promotional_amount") {
        let count = needed("promotional_count")?.parse();
        let count = count.map_err(|_| "promotional_count has to be a whole number".to_owned())?;
        wanted = wanted.with_promotion(amount(text)?, count);
    }
    if let Some(word) = given("method") {
        let method = PaymentMethod::ALL.into_iter().find(|method| method.as_str() == word);
        wanted = wanted.with_method(method.ok_or("method has to be ABT, ACH or CC")?);
    }
    if let Some(text) = given("url") {
        wanted = wanted.with_notice_url(Url::parse(text).map_err(|error| format!("url: {error}"))?);
    }
    subscribe::begin(inner, &wanted).map(drop).map_err(|error| error.to_string())
}

fn set_notice_url(inner: &Inner, fields: &Pairs) -> Result<(), String> {
    let email = fields.get("email").unwrap_or_default();
    let text = fields.get("url").unwrap_or_default();
    if !text.is_empty() {
        Url::parse(text).map_err(|error| format!("url: {error}"))?;
    }
    let mut state = inner.locked();
    let account = state.ledger.account_by_email(email).cloned();
    let mut account = account.ok_or_else(|| format!("nobody has the address {email:?}"))?;
    account.notice_url = Some(text.to_owned()).filter(|url| !url.is_empty());
    let event = Event::AccountSet { account: Box::new(account) };
    state.commit(&[event]).map_err(|error| error.to_string())
}

fn finish_all(inner: &Inner) {
    let now = inner.clock.now();
    let mut state = inner.locked();
    state.finish_pending(now);
}

fn show(inner: &Inner) -> Response<Vec<u8>> {
    let url = inner.url().to_string();
    let now = inner.clock.now();
    let state = inner.shared();
    let ledger = &state.ledger;
    let accounts = ledger.accounts().map(|account| AccountRow {
        name: account.name.clone(),
        email: account.email.clone(),
        password: account.password.expose_secret().to_owned(),
        keys: account.keys.iter().map(|key| key.access_key.as_str()).collect::<Vec<_>>().join(" "),
        balance: dollars(ledger.balance(&account.id)),
    });
    let waiting = ledger.waiting().map(|one| WaitingRow {
        id: one.id.to_string(),
        what: format!("{} {} {}", one.operation, one.method, one.status),
        amount: dollars(one.amount),
        due: one.due.map_or_else(String::new, |due| format!("{} at {}", due.status, minute(due.at))),
    });
    let name_of = |id| ledger.account(id).map_or("", |account| account.name.as_str());
    let subscriptions = ledger.subscriptions().map(|one| SubscriptionRow {
        id: one.id.to_string(),
        what: format!("{} every {}: {}", dollars(one.amount), one.frequency, one.description),
        who: format!("{} pays {}", name_of(&one.sender), name_of(&one.caller)),
        status: one.status.as_str(),
        paid: one.transactions.len(),
        next: one.next.map(minute).unwrap_or_default(),
    });
    let entries = inner.log.newest_first().into_iter().map(|entry| LogRow {
        number: entry.number,
        at: entry.at.to_string().get(11..23).unwrap_or_default().to_owned(),
        what: entry.what.clone(),
        who: entry.who.clone(),
        status: Some(entry.status)
            .filter(|status| *status > 0)
            .map_or_else(String::new, |status| status.to_string()),
        good: (1..400).contains(&entry.status),
        verdict: entry.verdict.clone(),
        why: entry.why.clone(),
        came: entry.came.clone(),
        sides: entry.sides.clone(),
    });
    let notices = state.notices.newest_first().take(MOST_ROWS).map(|notice| NoticeRow {
        number: notice.number,
        subject: notice.subject.clone(),
        reference: notice.reference.clone(),
        url: notice.url.to_string(),
        attempts: notice.attempts,
        last: notice.last.clone(),
        state: match notice.state {
            NoticeState::Waiting(at) => format!("waits until {}", minute(at)),
            NoticeState::Delivered => "delivered".to_owned(),
            NoticeState::GivenUp => "given up".to_owned(),
        },
        good: notice.state == NoticeState::Delivered,
    });
    let shown = Control {
        now: now.to_string().get(..19).unwrap_or_default().replace('T', " "),
        url,
        sum: ledger.sum().to_string(),
        charges: ledger.charges(),
        accounts: accounts.collect(),
        books: ledger.books().map(|(book, amount)| (book.to_string(), dollars(amount))).collect(),
        waiting: waiting.collect(),
        subscriptions: subscriptions.collect(),
        rules: inner.faults.rules().iter().map(describe).collect(),
        notices: notices.collect(),
        entries: entries.collect(),
    };
    page(StatusCode::OK, &shown)
}

fn describe(rule: &Rule) -> String {
    let call = rule.call.map_or_else(|| "every call".to_owned(), |call| format!("call {call}"));
    format!("{} {call}: {}", rule.operation, rule.fault)
}

/// Balances, transactions and the sum, for a test in another process.
fn ledger(inner: &Inner) -> serde_json::Value {
    let now = inner.clock.now();
    let state = inner.shared();
    let ledger = &state.ledger;
    let transactions = ledger.transactions().map(|one| {
        json!({
            "id": one.id,
            "operation": one.operation,
            "status": one.status,
            "method": one.method,
            "amount": one.amount,
            "fee": one.fee,
            "caller_reference": one.caller_reference,
            "sender": one.sender,
            "recipient": one.recipient,
        })
    });
    json!({
        "now": now.to_string(),
        "sum": ledger.sum().to_string(),
        "charges": ledger.charges(),
        "pending": ledger.waiting().filter(|one| one.status == Status::Pending).count(),
        "balances": ledger.balances(),
        "transactions": transactions.collect::<Vec<_>>(),
    })
}

/// The members of a flat JSON object as fields.
fn json_fields(body: &[u8]) -> Result<Pairs, String> {
    let value: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| format!("not JSON: {error}"))?;
    let object = value.as_object().ok_or("expected a JSON object")?;
    object
        .iter()
        .map(|(name, value)| match value {
            serde_json::Value::String(text) => Ok((name.clone(), text.clone())),
            serde_json::Value::Number(number) => Ok((name.clone(), number.to_string())),
            serde_json::Value::Bool(yes) => Ok((name.clone(), yes.to_string())),
            _ => Err(format!("{name} has to be a text or a number")),
        })
        .collect()
}

fn with_json(status: StatusCode, value: &serde_json::Value) -> Response<Vec<u8>> {
    with_body(status, "application/json", value.to_string())
}

const MOST_ROWS: usize = 100;
const MOST_SECONDS: u64 = 10 * 365 * 24 * 60 * 60;
const MOST_MONEY: Amount = Amount::usd("1000000000");
