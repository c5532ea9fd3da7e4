//! Where every pipeline begins: what the caller asked for, and whether it is he who asks.

use fps_core::checkout::PaymentMethod;
use fps_core::client::Clock;
use fps_core::param::pipeline as name;
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Endpoint, Pairs, Timestamp};
use http::{Request, Response, StatusCode};
use url::Url;

use super::ask::{self, Ask, Given, Kind};
use super::finish::{self, Ending, Scheme};
use super::visit::{self, Visit};
use super::{refused, refused_with, session_or_new, v2007, warnings, with_cookie};
use crate::answer::{redirect, see_other};
use crate::api::Addresses;
use crate::ids;
use crate::ledger::{Account, AccountKind, Ledger};
use crate::log::{self, Entry};
use crate::mistake::{self, Sides};
use crate::sandbox::Inner;

/// Why the pages cannot begin.
enum Trouble {
    /// Nobody knows where to send the buyer back: a page says so.
    Page { title: &'static str, message: String, details: String, sides: Option<Box<Sides>> },
    /// The caller is told by the redirect.
    Ending(Box<Ended>),
}

/// A pipeline that ends before it began.
struct Ended {
    scheme: Scheme,
    return_url: Url,
    ending: Ending,
    /// For the request log.
    why: String,
    /// For the request log, of a signature that does not match.
    sides: Option<Sides>,
}

/// The first request of a pipeline.
pub(super) fn start(inner: &Inner, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let now = inner.clock.now();
    let (session, cookie) = session_or_new(request);
    let mut state = inner.locked();
    let mut who = String::new();
    let asked = read(inner, &state.ledger, request, now, &mut who).and_then(|ask| {
        // The first generation is not known to have minded.
        let aborted = ask.scheme == Scheme::Certificate
            && state.visits.was_aborted(&session, &ask.caller, &ask.reference);
        match aborted {
            true => Err(ending(&ask.scheme, &ask.return_url, Ending::aborted_and_restarted())),
            false => Ok(ask),
        }
    });
    let mut sides = None;
    let (response, verdict, why) = match asked {
        Ok(ask) => {
            let (id, warnings) = (ids::secret(), warnings::of(request, &ask));
            match state.keep(visit::kept(&id, Visit::new(session, ask))) {
                Ok(()) => (see_other(&format!("/cobranded-ui/visits/{id}")), "begins".to_owned(), warnings),
                Err(error) => (visit::not_kept(&error), "not kept".to_owned(), error.to_string()),
            }
        }
        Err(Trouble::Page { title, message, details, sides: both }) => {
            sides = both.map(|both| *both);
            let why = message.clone();
            (refused_with(StatusCode::BAD_REQUEST, title, &message, &details), title.to_owned(), why)
        }
        Err(Trouble::Ending(ended)) => {
            let Ended { scheme, return_url, ending, why, sides: both } = *ended;
            sides = both;
            let status = ending.status.to_owned();
            let message = ending.message.as_deref().unwrap_or_default();
            let why = format!("{message}\n{why}").trim_end().to_owned();
            match finish::location(inner, &state.ledger, &scheme, &return_url, &ending) {
                Some(location) => (redirect(StatusCode::FOUND, &location), status, why),
                None => (
                    refused(StatusCode::BAD_REQUEST, "The return URL cannot be used", RETURN_URL),
                    status,
                    why,
                ),
            }
        }
    };
    let pairs = Pairs::decode(request.uri().query().unwrap_or_default()).unwrap_or_default();
    inner.log.push(Entry {
        at: now,
        what: "GET pipeline".to_owned(),
        came: log::parameters(&pairs),
        who,
        status: response.status().as_u16(),
        verdict,
        why,
        sides,
        ..Entry::default()
    });
    drop(state);
    with_cookie(response, cookie)
}

fn read(
    inner: &Inner,
    ledger: &Ledger,
    request: &Request<Vec<u8>>,
    now: Timestamp,
    who: &mut String,
) -> Result<Ask, Trouble> {
    let Ok(pairs) = Pairs::decode(request.uri().query().unwrap_or_default()) else {
        return Err(page("The link is malformed", "Its query is not percent-encoded UTF-8."));
    };
    let given = Given { pairs: &pairs, exact: false };
    // The first generation never minded how names were spelled.
    let given = Given { exact: inner.settings.strict && !v2007::is_link(&given), ..given };
    let (caller, scheme) = caller(inner, ledger, request, &given)?;
    who.clone_from(&caller.name);
    let return_url = given.text(name::RETURN_URL).and_then(return_url);
    let Some(return_url) = return_url else {
        return Err(page("The return URL is missing or cannot be used", RETURN_URL));
    };
    let bad = |names: &[&str]| {
        let mut bad = Ending::malformed(names);
        bad.reference = given.reference();
        ending(&scheme, &return_url, bad)
    };
    let mut wrong = Vec::new();
    let version = given.text(name::VERSION);
    let is_second = scheme == Scheme::Certificate;
    if is_second && version.map_or(inner.settings.strict, |version| version != VERSION) {
        wrong.push(name::VERSION);
    }
    let strict = inner.settings.strict && is_second;
    let ask = ask::read(ledger, caller, &pairs, &return_url, now, strict, &mut wrong);
    let Some(mut ask) = ask.filter(|_| wrong.is_empty()) else {
        return Err(bad(&wrong));
    };
    if !is_second {
        v2007::complete(&mut ask, &given);
    }
    permitted(ledger, caller, &ask, now).map_err(|no| ending(&scheme, &return_url, *no))?;
    Ok(Ask { scheme, ..ask })
}

/// Who made the link.
fn caller<'a>(
    inner: &Inner,
    ledger: &'a Ledger,
    request: &Request<Vec<u8>>,
    given: &Given<'_>,
) -> Result<(&'a Account, Scheme), Trouble> {
    let Some(key) = given.text(name::CALLER_KEY) else {
        return Err(page("The link does not say who made it", "Send callerKey: the caller's access key id."));
    };
    let Some(caller) = ledger.account_by_key(key) else {
        return Err(page(
            "Nobody is known by this callerKey",
            "Use an access key id that this service issued.",
        ));
    };
    if v2007::is_link(given) {
        return match v2007::check_link(request, given, caller) {
            Ok(()) => Ok((caller, Scheme::Secret { access_key: key.to_owned() })),
            Err((why, sides)) => Err(not_signed(given, why, sides)),
        };
    }
    let Some(signature) = given.text(name::SIGNATURE) else {
        return Err(page(
            "The link is not signed",
            "Send signature, signatureMethod and signatureVersion=2.",
        ));
    };
    if given.text(name::SIGNATURE_VERSION) != Some("2") {
        let message = "Send signatureVersion=2; version 1 ended on 2011-02-10.";
        return Err(page("The signature is of an old version", message));
    }
    let Some(method) = given.text(name::SIGNATURE_METHOD).and_then(SignatureMethod::from_wire) else {
        return Err(page(
            "The signature's method is not known",
            "Send signatureMethod=HmacSHA256, or HmacSHA1.",
        ));
    };
    let mut urls: Vec<_> = Addresses::of(request, &inner.url()).urls().collect();
    if !inner.settings.strict {
        // Some clients of the time can be told where the API is, but not where the pages are: they sign for the first ones.
        urls.extend([Endpoint::sandbox(), Endpoint::production()].map(|service| service.pages().clone()));
    }
    let texts: Vec<String> =
        urls.iter().filter_map(|url| string_to_sign(Method::Get, url, given.pairs).ok()).collect();
    let fits =
        |text: &String| caller.signing_keys(key).any(|secret| hmac::verify(method, secret, text, signature));
    if texts.iter().any(fits) {
        return Ok((caller, Scheme::Certificate));
    }
    let mistake = caller
        .signing_keys(key)
        .next()
        .and_then(|secret| mistake::find(method, secret, signature, Method::Get, &urls, given.pairs));
    Err(Trouble::Page {
        title: "The signature does not match",
        message: "Nothing was shown to the buyer, and nobody was redirected.".to_owned(),
        details: mistake::explain(&texts, mistake.as_ref()),
        sides: Sides::of(texts.first(), mistake.as_ref()).map(Box::new),
    })
}

/// A link of 2007-01-08 whose signature does not match: its maker is told, without a signature, if there is a way.
fn not_signed(given: &Given<'_>, why: String, sides: Option<Sides>) -> Trouble {
    match given.text(name::RETURN_URL).and_then(return_url) {
        Some(return_url) => {
            let message = "The signature of the request does not match".to_owned();
            let ending = Ending { reference: given.reference(), ..Ending::new("CE", Some(message)) };
            Trouble::Ending(Box::new(Ended { scheme: Scheme::Unsigned, return_url, ending, why, sides }))
        }
        None => Trouble::Page {
            title: "The signature does not match",
            message: "Nothing was shown to the buyer, and nobody was redirected.".to_owned(),
            details: why,
            sides: sides.map(Box::new),
        },
    }
}

/// Whether the caller may ask for it, before any buyer is known.
fn permitted(ledger: &Ledger, caller: &Account, ask: &Ask, now: Timestamp) -> Result<(), Box<Ending>> {
    let no = |status, message: &str| {
        let ending = Ending::new(status, Some(message.to_owned()));
        Err(Box::new(Ending { reference: ask.returned_reference(), ..ending }))
    };
    let third_party = !ask.recipients.is_empty() || !ask.kind.is_sender();
    if third_party && !caller.third_party {
        return no("NM", "The caller is not registered as a third-party caller for this transaction");
    }
    if let Kind::EditToken { token } = &ask.kind {
        if !ask::is_editable(ledger.token(token), &caller.id, now) {
            return no("IT", "The token is invalid, expired or cannot be edited");
        }
        return Ok(());
    }
    if !ask.kind.is_sender() {
        return Ok(());
    }
    let sellers = if ask.recipients.is_empty() { std::slice::from_ref(&caller.id) } else { &ask.recipients };
    for seller in sellers {
        let Some(seller) = ledger.account(seller) else { continue };
        if !seller.is_active() {
            return no("NP", "The recipient's account is closed");
        }
        if seller.kind == AccountKind::Personal && ask.methods.contains(&PaymentMethod::Cc) {
            return no("NP", "The recipient's account is a personal account, which cannot take credit cards");
        }
    }
    Ok(())
}

/// An absolute address of the web.
fn return_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn page(title: &'static str, message: &str) -> Trouble {
    Trouble::Page { title, message: message.to_owned(), details: String::new(), sides: None }
}

fn ending(scheme: &Scheme, return_url: &Url, ending: Ending) -> Trouble {
    let (scheme, return_url) = (scheme.clone(), return_url.clone());
    Trouble::Ending(Box::new(Ended { scheme, return_url, ending, why: String::new(), sides: None }))
}

const VERSION: &str = "2009-01-09";
const RETURN_URL: &str =
    "Send returnURL: an absolute http or https address, to which the buyer is sent at the end.";
