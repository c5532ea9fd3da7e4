//! A buyer's way through the pages.

use std::collections::{HashMap, HashSet, VecDeque};

use fps_core::checkout::PaymentMethod;
use fps_core::client::Clock;
use fps_core::{CallerReference, Pairs, Timestamp};
use http::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::ask::{Ask, Kind};
use super::finish::{self, Ending};
use super::{address, confirm, form, method, private, refused, session, sign_in};
use crate::answer::{redirect, see_other};
use crate::faults::{Fault, PIPELINE};
use crate::journal::Beside;
use crate::ledger::account::Address;
use crate::ledger::{Account, AccountId, Event, Ledger};
use crate::log::Entry;
use crate::sandbox::{DataLost, Inner, State};

/// The visits of all buyers, and who is signed in on the account pages.
#[derive(Debug, Default)]
pub(crate) struct Visits {
    open: HashMap<String, Visit>,
    order: VecDeque<String>,
    aborted: HashSet<(String, AccountId, CallerReference)>,
    pub(crate) signed_in: HashMap<String, AccountId>,
}

/// One buyer's way through one pipeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Visit {
    session: String,
    pub(crate) ask: Ask,
    pub(crate) step: Step,
    /// What was typed as e-mail address.
    pub(crate) email: String,
    pub(crate) buyer: Option<AccountId>,
    pub(crate) method: Option<PaymentMethod>,
    pub(crate) address: Option<Address>,
    /// Where the buyer was sent at the end; sent again, he goes there again.
    ended: Option<String>,
    /// Whether he left by Cancel.
    left: bool,
}

/// The page that a visit is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    SignIn,
    Method,
    Address,
    Confirm,
}

/// What a submitted page leads to.
pub(crate) enum Next {
    /// The next page.
    Page(Step),
    /// The same page with what is wrong.
    Again(String),
    /// The way back to the shop.
    End(Box<Ending>, Vec<Event>),
}

impl Visits {
    /// Takes a visit in as it stands now. The oldest of very many are forgotten.
    pub(crate) fn put(&mut self, id: String, visit: Visit) {
        if visit.left {
            if self.aborted.len() >= MOST_VISITS {
                self.aborted.clear();
            }
            let left = (visit.session.clone(), visit.ask.caller.clone(), visit.ask.reference.clone());
            self.aborted.insert(left);
        }
        if self.open.insert(id.clone(), visit).is_some() {
            return;
        }
        self.order.push_back(id);
        while self.order.len() > MOST_VISITS {
            if let Some(oldest) = self.order.pop_front() {
                self.open.remove(&oldest);
            }
        }
    }

    /// Whether this browser left this very link before.
    pub(crate) fn was_aborted(&self, session: &str, caller: &AccountId, reference: &CallerReference) -> bool {
        self.aborted.contains(&(session.to_owned(), caller.clone(), reference.clone()))
    }

    /// Remembers who signed in on the account pages, of not too many.
    pub(crate) fn sign_in(&mut self, session: &str, account: AccountId) {
        if self.signed_in.len() >= MOST_VISITS {
            self.signed_in.clear();
        }
        self.signed_in.insert(session.to_owned(), account);
    }
}

impl Visit {
    pub(crate) fn new(session: String, ask: Ask) -> Self {
        Self {
            session,
            ask,
            step: Step::SignIn,
            email: String::new(),
            buyer: None,
            method: None,
            address: None,
            ended: None,
            left: false,
        }
    }

    /// The caller's account.
    pub(crate) fn caller<'a>(&self, ledger: &'a Ledger) -> Option<&'a Account> {
        ledger.account(&self.ask.caller)
    }

    /// The buyer's account, once he signed in.
    pub(crate) fn buyer<'a>(&self, ledger: &'a Ledger) -> Option<&'a Account> {
        self.buyer.as_ref().and_then(|buyer| ledger.account(buyer))
    }

    /// The methods that the caller takes and the buyer has.
    pub(crate) fn offered(&self, ledger: &Ledger) -> Vec<PaymentMethod> {
        let has = |method: &PaymentMethod| self.buyer(ledger).is_some_and(|buyer| buyer.has(*method));
        self.ask.methods.iter().copied().filter(has).collect()
    }

    /// Who will be paid.
    pub(crate) fn sellers(&self) -> &[AccountId] {
        match self.ask.recipients.as_slice() {
            [] if matches!(self.ask.kind, Kind::EditToken { .. }) => &[],
            [] => std::slice::from_ref(&self.ask.caller),
            recipients => recipients,
        }
    }

    /// The page after this one.
    pub(crate) fn after(&self, step: Step) -> Step {
        let steps = [
            (Step::Method, self.ask.kind.is_sender() && self.method.is_none()),
            (Step::Address, self.ask.collects_address),
            (Step::Confirm, true),
        ];
        let done = steps.iter().position(|(one, _)| *one == step).map_or(0, |at| at + 1);
        steps[done..].iter().find(|(_, needed)| *needed).map_or(Step::Confirm, |(next, _)| *next)
    }
}

/// Shows the page that a visit is at.
pub(super) fn show(inner: &Inner, request: &Request<Vec<u8>>, id: &str) -> Response<Vec<u8>> {
    let state = inner.shared();
    match find(&state, request, id) {
        Ok(visit) => match &visit.ended {
            Some(location) => private(redirect(StatusCode::FOUND, location)),
            None => page(&state, visit, id, ""),
        },
        Err(gone) => *gone,
    }
}

/// Takes a submitted page.
pub(super) fn step(inner: &Inner, request: &Request<Vec<u8>>, id: &str) -> Response<Vec<u8>> {
    let now = inner.clock.now();
    let fields = form(request);
    let mut state = inner.locked();
    let mut visit = match find(&state, request, id) {
        Ok(visit) => visit.clone(),
        Err(gone) => return *gone,
    };
    if let Some(location) = &visit.ended {
        return private(redirect(StatusCode::FOUND, location));
    }
    let next = take(&state.ledger, &mut visit, &fields, now);
    match next {
        Next::Page(step) => {
            visit.step = step;
            match state.keep(kept(id, visit)) {
                Ok(()) => private(see_other(&format!("/cobranded-ui/visits/{id}"))),
                Err(error) => not_kept(&error),
            }
        }
        Next::Again(trouble) => {
            let shown = page(&state, &visit, id, &trouble);
            match state.keep(kept(id, visit)) {
                Ok(()) => shown,
                Err(error) => not_kept(&error),
            }
        }
        Next::End(ending, events) => end(inner, &mut state, visit, id, *ending, events, now),
    }
}

fn take(ledger: &Ledger, visit: &mut Visit, fields: &Pairs, now: Timestamp) -> Next {
    // The button decides; what else stands in the form is the page's.
    if fields.get("choice") == Some("cancel") {
        return Next::End(Box::new(Ending::abandoned()), Vec::new());
    }
    // A page from before, sent from another tab or after going back, is taken for what it is; a later one is not believed.
    match fields.get("step") {
        Some("sign-in") => sign_in::take(ledger, visit, fields),
        Some("method") if visit.buyer.is_some() => method::take(ledger, visit, fields),
        Some("address") if visit.buyer.is_some() => address::take(visit, fields),
        Some("confirm") if visit.step == Step::Confirm => confirm::take(ledger, visit, now),
        _ => Next::Page(visit.step),
    }
}

fn end(
    inner: &Inner,
    state: &mut State,
    mut visit: Visit,
    id: &str,
    mut ending: Ending,
    events: Vec<Event>,
    now: Timestamp,
) -> Response<Vec<u8>> {
    let mut events = events;
    let struck = match inner.faults.strike(PIPELINE) {
        Some(Fault::SystemError) => {
            Some(Ending::new("SE", Some("System error, please try again".to_owned())))
        }
        Some(Fault::CallerException) => Some(Ending::malformed(&["callerReference"])),
        _ => None,
    };
    if let Some(struck) = struck {
        events.clear();
        ending = Ending { reference: visit.ask.returned_reference(), ..struck };
    }
    let (scheme, return_url) = (&visit.ask.scheme, &visit.ask.return_url);
    let Some(location) = finish::location(inner, &state.ledger, scheme, return_url, &ending) else {
        return refused(StatusCode::BAD_REQUEST, "The return URL cannot be used", "Its query is malformed.");
    };
    visit.left = ending.status == "A";
    visit.ended = Some(location.clone());
    // The tokens and the way back are one step: after a crash the buyer finds both or neither.
    if let Err(error) = state.commit_with(&events, vec![kept(id, visit.clone())]) {
        return not_kept(&error);
    }
    let who = visit.buyer(&state.ledger).map_or_else(String::new, |buyer| buyer.name.clone());
    inner.log.push(Entry {
        at: now,
        what: "pipeline ends".to_owned(),
        who,
        status: 302,
        verdict: ending.status.to_owned(),
        why: ending.message.unwrap_or_default(),
        ..Entry::default()
    });
    private(redirect(StatusCode::FOUND, &location))
}

/// A visit as the data file keeps it.
pub(super) fn kept(id: &str, visit: Visit) -> Beside {
    Beside::Visit { id: id.to_owned(), visit: Box::new(visit) }
}

/// Nothing was changed, so the buyer may press the button again.
pub(super) fn not_kept(error: &DataLost) -> Response<Vec<u8>> {
    refused(StatusCode::SERVICE_UNAVAILABLE, "The service cannot write its data", &error.to_string())
}

fn page(state: &State, visit: &Visit, id: &str, trouble: &str) -> Response<Vec<u8>> {
    match visit.step {
        Step::SignIn => sign_in::show(&state.ledger, visit, id, trouble),
        Step::Method => method::show(&state.ledger, visit, id, trouble),
        Step::Address => address::show(&state.ledger, visit, id, trouble),
        Step::Confirm => confirm::show(&state.ledger, visit, id),
    }
}

fn find<'a>(
    state: &'a State,
    request: &Request<Vec<u8>>,
    id: &str,
) -> Result<&'a Visit, Box<Response<Vec<u8>>>> {
    let visit = state.visits.open.get(id);
    match (visit, session(request)) {
        (Some(visit), Some(session)) if visit.session == session => Ok(visit),
        (Some(_), None) => Err(Box::new(refused(
            StatusCode::BAD_REQUEST,
            "Cookies are switched off",
            "Allow cookies for this site, go back to the shop and pay again.",
        ))),
        _ => Err(Box::new(refused(
            StatusCode::NOT_FOUND,
            "This payment is no longer open",
            "Nothing was charged here. Go back to the shop and pay again.",
        ))),
    }
}

const MOST_VISITS: usize = 10_000;
