//! The first page: who is it?

use askama::Template;
use fps_core::Pairs;
use http::{Response, StatusCode};

use super::finish::Ending;
use super::visit::{Next, Visit};
use super::{page, reason};
use crate::ledger::Ledger;

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
    pub(super) total: String,
}

impl<'a> Summary<'a> {
    pub(super) fn of(ledger: &'a Ledger, visit: &'a Visit) -> Self {
        let caller = visit.caller(ledger).map_or("the shop", |caller| caller.name.as_str());
        Self {
            site: visit.ask.site.as_deref().unwrap_or(caller),
            caller,
            logo: visit.ask.logo.as_deref(),
            reason: visit.ask.reason.as_deref().map(reason::clean).unwrap_or_default(),
            total: visit.ask.amount.to_string(),
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
    let no = |status, message: &str| {
        let ending = Ending::new(status, Some(message.to_owned()));
        Next::End(Box::new(Ending { reference: Some(visit.ask.reference.clone()), ..ending }), Vec::new())
    };
    if !account.is_active() {
        return no("NP", "The sender's account cannot take part");
    }
    if !account.email_verified {
        return no("NP", "The sender's e-mail address is not verified");
    }
    if visit.sellers().contains(&account.id) || visit.ask.caller == account.id {
        return no("NP", "The sender and the recipient are the same");
    }
    let offered = visit.offered(ledger);
    if offered.is_empty() {
        return no("PE", "The sender has none of the payment methods that were asked for");
    }
    visit.method = account.default_method.filter(|method| offered.contains(method));
    Next::Page(visit.after(super::visit::Step::SignIn))
}
