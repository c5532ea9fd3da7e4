//! The first page: who is it?

use askama::Template;
use fps_core::Pairs;
use fps_core::checkout::PaymentMethod;
use http::{Response, StatusCode};

use super::ask::Kind;
use super::confirm::dollars;
use super::finish::Ending;
use super::visit::{Next, Step, Visit};
use super::{page, reason};
use crate::ledger::{Account, AccountKind, Ledger};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    id: &'a str,
    summary: Summary<'a>,
    email: &'a str,
    trouble: &'a str,
}

/// What every page of a pipeline shows beside its form.
pub(super) struct Summary<'a> {
    pub(super) site: &'a str,
    pub(super) caller: &'a str,
    pub(super) logo: Option<&'a str>,
    pub(super) reason: String,
    pub(super) label: &'static str,
    pub(super) total: String,
    /// What the one who signs in is about to do.
    pub(super) purpose: &'static str,
    pub(super) pays: bool,
    pub(super) asks_address: bool,
}

impl<'a> Summary<'a> {
    pub(super) fn of(ledger: &'a Ledger, visit: &'a Visit) -> Self {
        let ask = &visit.ask;
        let brand = if ask.recipient_brand { ask.recipients.first() } else { None };
        let brand = brand.and_then(|brand| ledger.account(brand)).or_else(|| visit.caller(ledger));
        let caller = brand.map_or("the shop", |brand| brand.name.as_str());
        let (label, total) =
            ask.kind.headline().map_or(("", String::new()), |(label, amount)| (label, dollars(amount)));
        Self {
            site: ask.site.as_deref().unwrap_or(caller),
            caller,
            logo: ask.logo.as_deref(),
            reason: ask.reason.as_deref().map(reason::clean).unwrap_or_default(),
            label,
            total,
            purpose: match &ask.kind {
                Kind::SingleUse { .. } => "to pay",
                Kind::MultiUse { .. } => "to allow payments to",
                Kind::Recurring { .. } => "to allow regular payments to",
                Kind::Recipient { .. } => "to be paid through",
                Kind::Prepaid { .. } => "to set up a prepaid balance at",
                Kind::Postpaid { .. } => "to buy on credit from",
                Kind::EditToken { .. } => "to change how you pay",
            },
            pays: ask.kind.is_sender(),
            asks_address: ask.collects_address,
        }
    }
}

pub(super) fn show(ledger: &Ledger, visit: &Visit, id: &str, trouble: &str) -> Response<Vec<u8>> {
    let status = if trouble.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, &SignIn { id, summary: Summary::of(ledger, visit), email: &visit.email, trouble })
}

pub(super) fn take(ledger: &Ledger, visit: &mut Visit, fields: &Pairs) -> Next {
    let (email, password) =
        (fields.get("email").unwrap_or_default(), fields.get("password").unwrap_or_default());
    let account =
        ledger.account_by_email(email).filter(|account| account.password.expose_secret() == password);
    visit.email = email.chars().take(256).collect();
    let Some(account) = account else {
        return Next::Again("The e-mail address or the password is not right. Please try again.".to_owned());
    };
    visit.buyer = Some(account.id.clone());
    visit.method = None;
    if let Some(ending) = refusal(ledger, visit, account) {
        return Next::End(
            Box::new(Ending { reference: visit.ask.returned_reference(), ..ending }),
            Vec::new(),
        );
    }
    let offered = visit.offered(ledger);
    // Who edits a token came to choose.
    if !matches!(visit.ask.kind, Kind::EditToken { .. }) {
        visit.method = account.default_method.filter(|method| offered.contains(method));
    }
    Next::Page(visit.after(Step::SignIn))
}

/// Why this account cannot go on.
fn refusal(ledger: &Ledger, visit: &Visit, account: &Account) -> Option<Ending> {
    let no = |status, message: &str| Some(Ending::new(status, Some(message.to_owned())));
    if let Kind::EditToken { token } = &visit.ask.kind {
        if ledger.token(token).is_some_and(|token| token.holder != account.id) {
            return no("UT", "The token is not this user's");
        }
        if !account.is_active() {
            return no("NA", "The account does not exist any more");
        }
    }
    if !account.is_active() {
        return no("NP", "The account cannot take part");
    }
    if !account.email_verified {
        return no("NP", "The e-mail address of the account is not verified");
    }
    if !visit.ask.kind.is_sender() {
        let takes_cards = visit.ask.methods.contains(&PaymentMethod::Cc);
        return match account.kind {
            AccountKind::Personal if takes_cards => {
                no("NP", "The account is a personal account, which cannot take credit cards")
            }
            _ => None,
        };
    }
    if visit.sellers().contains(&account.id) || visit.ask.caller == account.id {
        return no("NP", "The sender and the recipient are the same");
    }
    if visit.offered(ledger).is_empty() {
        return no("PE", "The sender has none of the payment methods that were asked for");
    }
    None
}
