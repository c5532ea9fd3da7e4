//! The account pages: balance, activity, transactions and tokens, for buyers and sellers alike.

mod chart;
mod transaction;

use askama::Template;
use fps_core::client::Clock;
use fps_core::{Amount, Pairs, Timestamp, TokenId};
use http::{Method, Request, Response, StatusCode};

use super::confirm::dollars;
use super::{form, page, private, reason, refused, session, session_or_new, with_cookie};
use crate::answer::see_other;
use crate::ledger::{
    Account, AccountId, Event, Ledger, Operation, PayMethod, Role, Status, Token, TokenRole, Transaction,
};
use crate::sandbox::{Inner, State};

#[derive(Template)]
#[template(path = "account_sign_in.html")]
struct SignIn<'a> {
    trouble: &'a str,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Overview<'a> {
    name: &'a str,
    email: &'a str,
    balance: String,
    available: String,
    pending_in: String,
    pending_out: String,
    instruments: Vec<String>,
    chart: Option<chart::Chart>,
    tokens: Vec<TokenRow>,
    filter: Filter<'a>,
    rows: Vec<Row<'a>>,
}

/// A token that the account gave to somebody.
struct TokenRow {
    id: String,
    caller: String,
    what: String,
    reason: String,
    since: String,
    active: bool,
}

/// What of the activity is shown.
struct Filter<'a> {
    status: &'a str,
    operation: &'a str,
    statuses: Vec<&'static str>,
    operations: Vec<&'static str>,
}

/// One line of the activity.
struct Row<'a> {
    date: String,
    id: &'a str,
    what: &'static str,
    with: &'a str,
    reason: String,
    reference: &'a str,
    method: &'static str,
    status: &'static str,
    amount: String,
    incoming: bool,
    fee: String,
    balance: String,
}

pub(super) fn answer(inner: &Inner, request: &Request<Vec<u8>>, path: &[&str]) -> Response<Vec<u8>> {
    let now = inner.clock.now();
    let mut state = inner.locked();
    match (request.method(), path) {
        (&Method::GET, ["transactions", id]) => match signed_in(&state, request) {
            Some(account) => transaction::show(&state.ledger, account, id),
            None => private(see_other("/account")),
        },
        (&Method::POST, ["tokens", id, "cancel"]) => cancel_token(&mut state, request, id, now),
        (&Method::GET, []) => overview(&state, request, now),
        (&Method::POST, ["sign-in"]) => sign_in(&mut state, request),
        (&Method::POST, ["sign-out"]) => {
            if let Some(session) = session(request) {
                state.visits.signed_in.remove(session);
            }
            private(see_other("/account"))
        }
        _ => refused(StatusCode::NOT_FOUND, "There is no such page", "Your account is at /account."),
    }
}

fn signed_in<'a>(state: &'a State, request: &Request<Vec<u8>>) -> Option<&'a Account> {
    let signed_in = session(request).and_then(|session| state.visits.signed_in.get(session));
    signed_in.and_then(|id| state.ledger.account(id))
}

/// Whoever gave a token can take it back.
fn cancel_token(
    state: &mut State,
    request: &Request<Vec<u8>>,
    id: &str,
    now: Timestamp,
) -> Response<Vec<u8>> {
    let Some(account) = signed_in(state, request).map(|account| account.id.clone()) else {
        return private(see_other("/account"));
    };
    let token = state.ledger.token(&TokenId::new(id));
    let Some(token) = token.filter(|token| token.holder == account && token.is_active(now)) else {
        return refused(StatusCode::NOT_FOUND, "There is no such token", "It may have ended already.");
    };
    let event = Event::TokenCancelled {
        token: token.id.clone(),
        at: now,
        reason: Some("cancelled by its holder".to_owned()),
        notice_url: None,
    };
    match state.commit(&[event]) {
        Ok(()) => private(see_other("/account")),
        Err(error) => refused(StatusCode::INTERNAL_SERVER_ERROR, "That did not work", &error.to_string()),
    }
}

fn overview(state: &State, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
    let Some(account) = signed_in(state, request) else {
        return page(StatusCode::OK, &SignIn { trouble: "" });
    };
    let (ledger, id) = (&state.ledger, &account.id);
    let query = Pairs::decode(request.uri().query().unwrap_or_default()).unwrap_or_default();
    let filter = Filter {
        status: query.get("status").unwrap_or_default(),
        operation: query.get("operation").unwrap_or_default(),
        statuses: Status::ALL.iter().map(|status| status.as_str()).collect(),
        operations: Operation::ALL.iter().map(|operation| operation.as_str()).collect(),
    };
    let fits = |wanted: &str, word: &str| wanted.is_empty() || wanted == word;
    let rows = ledger
        .transactions()
        .rev()
        .filter(|one| one.involves(id))
        .filter(|one| fits(filter.status, one.status.as_str()))
        .filter(|one| fits(filter.operation, one.operation.as_str()))
        .take(MOST_ROWS)
        .map(|one| row(ledger, id, one))
        .collect();
    let tokens =
        ledger.tokens().filter(|token| token.holder == *id).map(|token| token_row(ledger, token, now));
    let shown = Overview {
        name: &account.name,
        email: &account.email,
        balance: dollars(ledger.balance(id)),
        available: dollars(ledger.available(id)),
        pending_in: dollars(ledger.pending_in(id)),
        pending_out: dollars(ledger.pending_out(id)),
        instruments: instruments(account),
        chart: chart::Chart::of(ledger, id, now),
        tokens: newest(tokens.collect()),
        filter,
        rows,
    };
    page(StatusCode::OK, &shown)
}

fn sign_in(state: &mut State, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let fields = form(request);
    let (email, password) =
        (fields.get("email").unwrap_or_default(), fields.get("password").unwrap_or_default());
    let account = state.ledger.account_by_email(email);
    let account = account.filter(|account| account.password.expose_secret() == password);
    let Some(account) = account.map(|account| account.id.clone()) else {
        let trouble = "The e-mail address or the password is not right. Please try again.";
        return page(StatusCode::UNPROCESSABLE_ENTITY, &SignIn { trouble });
    };
    let (session, cookie) = session_or_new(request);
    state.visits.sign_in(&session, account);
    with_cookie(private(see_other("/account")), cookie)
}

fn instruments(account: &Account) -> Vec<String> {
    let card = account
        .card
        .as_ref()
        .map(|card| format!("{} ending in {}, expires {}", card.network, card.last_four, card.expiry()));
    let bank =
        account.bank.as_ref().map(|bank| format!("{}, account ending in {}", bank.bank, bank.last_four));
    card.into_iter().chain(bank).collect()
}

fn newest(mut tokens: Vec<TokenRow>) -> Vec<TokenRow> {
    tokens.reverse();
    tokens.truncate(MOST_ROWS);
    tokens
}

fn token_row(ledger: &Ledger, token: &Token, now: Timestamp) -> TokenRow {
    let role = match token.role {
        TokenRole::Sender => "payments",
        TokenRole::Recipient => "receiving",
        TokenRole::Refund => "refunds",
        TokenRole::Funding(_) => "filling a prepaid balance",
        TokenRole::PrepaidSender(_) => "paying from a prepaid balance",
        TokenRole::CreditSender(_) => "buying on credit",
        TokenRole::Settlement(_) => "settling a debt",
        TokenRole::Own => "the account's own",
    };
    TokenRow {
        id: token.id.as_str().to_owned(),
        caller: ledger.account(&token.caller).map_or_else(String::new, |caller| caller.name.clone()),
        what: format!("{} · {role}", token.kind),
        reason: token.reason.as_deref().map(reason::plain).unwrap_or_default(),
        since: minute(token.installed),
        active: token.is_active(now),
    }
}

fn row<'a>(ledger: &'a Ledger, account: &AccountId, one: &'a Transaction) -> Row<'a> {
    let incoming = one.recipient == *account;
    let other = if incoming { &one.sender } else { &one.recipient };
    let pays_fee = one.party(one.fee_paid_by) == account;
    let outside = !matches!(one.method, PayMethod::Abt);
    let shown = match one.amount.checked_neg() {
        Some(negative) if one.party(Role::Sender) == account => negative,
        _ => one.amount,
    };
    Row {
        date: minute(one.received),
        id: one.id.as_str(),
        what: match one.operation {
            Operation::Pay if incoming => "Payment received",
            Operation::Pay => "Payment",
            Operation::Refund if incoming => "Refund received",
            Operation::Refund => "Refund",
            Operation::Settle => "Settled reservation",
            Operation::Reserve => "Reservation",
            Operation::FundPrepaid => "Prepaid balance",
            Operation::SettleDebt => "Debt settled",
            Operation::WriteOffDebt => "Debt written off",
        },
        with: ledger.account(other).map_or("", |account| account.name.as_str()),
        reason: one.reason.as_deref().map(reason::plain).unwrap_or_default(),
        reference: one.caller_reference.as_str(),
        method: one.method.as_str(),
        status: one.status.as_str(),
        amount: dollars(shown),
        incoming,
        fee: if pays_fee && !one.fee.is_zero() { dollars(one.fee) } else { dollars(Amount::ZERO) },
        // A buyer's card moves no balance.
        balance: match one.status {
            Status::Success if incoming || !outside || one.operation == Operation::Refund => {
                dollars(ledger.balance_after(account, &one.id))
            }
            _ => String::new(),
        },
    }
}

/// `2010-10-06 05:49`.
pub(super) fn minute(at: Timestamp) -> String {
    at.to_string().get(..16).unwrap_or_default().replace('T', " ")
}

const MOST_ROWS: usize = 200;
