//! Where every pipeline begins: what the caller asked for, and whether it is he who asks.

use fps_core::checkout::PaymentMethod;
use fps_core::client::Clock;
use fps_core::param::pipeline as name;
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Amount, CallerReference, Pairs, SecretKey, TokenId};
use http::{Request, Response, StatusCode};
use url::Url;

use super::finish::{self, Ending};
use super::visit::Visit;
use super::{refused, refused_with, session_or_new, with_cookie};
use crate::answer::{redirect, see_other};
use crate::api::urls;
use crate::ledger::account::Address;
use crate::ledger::{Account, AccountId, AccountKind, Ledger, TokenRole};
use crate::log::Entry;
use crate::mistake;
use crate::sandbox::Inner;

/// What the caller asked the buyer for.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) caller: AccountId,
    pub(crate) reference: CallerReference,
    pub(crate) return_url: Url,
    pub(crate) amount: Amount,
    /// The charges that were sent, in the order in which they are shown.
    pub(crate) charges: Vec<(&'static str, Amount)>,
    pub(crate) reason: Option<String>,
    pub(crate) methods: Vec<PaymentMethod>,
    pub(crate) collects_address: bool,
    pub(crate) address: Option<Address>,
    pub(crate) reserve: bool,
    pub(crate) recipients: Vec<AccountId>,
    pub(crate) site: Option<String>,
    pub(crate) logo: Option<String>,
}

/// Why the pages cannot begin.
enum Trouble {
    /// Nobody knows where to send the buyer back: a page says so.
    Page { title: &'static str, message: String, details: String },
    /// The caller is told by the redirect.
    Ending(Box<(AccountId, Url, Ending)>),
}

/// The first request of a pipeline.
pub(super) fn start(inner: &Inner, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let now = inner.clock.now();
    let (session, cookie) = session_or_new(request);
    let mut state = inner.locked();
    let mut who = String::new();
    let asked = read(inner, &state.ledger, request, &mut who).and_then(|ask| {
        let aborted = state.visits.was_aborted(&session, &ask.caller, &ask.reference);
        match aborted {
            true => Err(ending(&ask.caller, &ask.return_url, Ending::aborted_and_restarted())),
            false => Ok(ask),
        }
    });
    let (response, verdict, why) = match asked {
        Ok(ask) => {
            let id = state.visits.begin(Visit::new(session, ask));
            (see_other(&format!("/cobranded-ui/visits/{id}")), "begins".to_owned(), String::new())
        }
        Err(Trouble::Page { title, message, details }) => {
            let why = format!("{message}\n{details}");
            (refused_with(StatusCode::BAD_REQUEST, title, &message, &details), title.to_owned(), why)
        }
        Err(Trouble::Ending(ended)) => {
            let (_, return_url, ending) = *ended;
            let (status, why) = (ending.status.to_owned(), ending.message.clone().unwrap_or_default());
            match finish::location(inner, &return_url, &ending) {
                Some(location) => (redirect(StatusCode::FOUND, &location), status, why),
                None => (
                    refused(StatusCode::BAD_REQUEST, "The return URL cannot be used", RETURN_URL),
                    status,
                    why,
                ),
            }
        }
    };
    state.log.push(Entry {
        number: 0,
        at: now,
        what: "GET pipeline".to_owned(),
        who,
        status: response.status().as_u16(),
        verdict,
        why,
    });
    drop(state);
    with_cookie(response, cookie)
}

fn read(
    inner: &Inner,
    ledger: &Ledger,
    request: &Request<Vec<u8>>,
    who: &mut String,
) -> Result<Ask, Trouble> {
    let Ok(pairs) = Pairs::decode(request.uri().query().unwrap_or_default()) else {
        return Err(page("The link is malformed", "Its query is not percent-encoded UTF-8."));
    };
    let given = Given { pairs: &pairs };
    let caller = caller(inner, ledger, request, &given)?;
    who.clone_from(&caller.name);
    let return_url = given.text(name::RETURN_URL).and_then(return_url);
    let Some(return_url) = return_url else {
        return Err(page("The return URL is missing or cannot be used", RETURN_URL));
    };
    let bad = |names: &[&str]| {
        let mut bad = Ending::malformed(names);
        bad.reference = given.text(name::CALLER_REFERENCE).and_then(|text| CallerReference::new(text).ok());
        ending(&caller.id, &return_url, bad)
    };
    match given.text(name::PIPELINE_NAME) {
        Some("SingleUse") => {}
        _ => return Err(bad(&[name::PIPELINE_NAME])),
    }
    let mut wrong = Vec::new();
    let version = given.text(name::VERSION);
    if version.map_or(inner.settings.strict, |version| version != VERSION) {
        wrong.push(name::VERSION);
    }
    let ask = single_use(ledger, caller, &given, &return_url, inner.settings.strict, &mut wrong);
    let Some(ask) = ask.filter(|_| wrong.is_empty()) else {
        return Err(bad(&wrong));
    };
    permitted(ledger, caller, &ask, &given).map_err(|no| ending(&caller.id, &return_url, *no))?;
    Ok(ask)
}

/// Who made the link.
fn caller<'a>(
    inner: &Inner,
    ledger: &'a Ledger,
    request: &Request<Vec<u8>>,
    given: &Given<'_>,
) -> Result<&'a Account, Trouble> {
    let Some(key) = given.text(name::CALLER_KEY) else {
        return Err(page("The link does not say who made it", "Send callerKey: the caller's access key id."));
    };
    let Some(caller) = ledger.account_by_key(key) else {
        return Err(page(
            "Nobody is known by this callerKey",
            "Use an access key id that this service issued.",
        ));
    };
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
    let urls = urls(request, &inner.url());
    let texts: Vec<String> =
        urls.iter().filter_map(|url| string_to_sign(Method::Get, url, given.pairs).ok()).collect();
    let secrets = caller.keys.iter().filter(|one| one.access_key == key);
    let secrets: Vec<_> = secrets.map(|one| SecretKey::new(one.secret_key.expose_secret())).collect();
    if texts.iter().any(|text| secrets.iter().any(|secret| hmac::verify(method, secret, text, signature))) {
        return Ok(caller);
    }
    let mistake = secrets
        .first()
        .and_then(|secret| mistake::find(method, secret, signature, Method::Get, &urls, given.pairs));
    Err(Trouble::Page {
        title: "The signature does not match",
        message: "Nothing was shown to the buyer, and nobody was redirected.".to_owned(),
        details: mistake::explain(&texts, mistake),
    })
}

fn single_use(
    ledger: &Ledger,
    caller: &Account,
    given: &Given<'_>,
    return_url: &Url,
    strict: bool,
    wrong: &mut Vec<&'static str>,
) -> Option<Ask> {
    let reference = given.text(name::CALLER_REFERENCE).and_then(|text| CallerReference::new(text).ok());
    // A reference can be used again until a token exists.
    let reference =
        reference.filter(|reference| ledger.token_by_reference(&caller.id, reference.as_str()).is_none());
    if reference.is_none() {
        wrong.push(name::CALLER_REFERENCE);
    }
    let amount = given.amount(name::TRANSACTION_AMOUNT, wrong);
    if amount.is_none_or(Amount::is_zero) && !wrong.contains(&name::TRANSACTION_AMOUNT) {
        wrong.push(name::TRANSACTION_AMOUNT);
    }
    let mut charges = Vec::new();
    for (name, label) in CHARGES {
        if let Some(amount) = given.amount(name, wrong) {
            charges.push((*label, amount));
        }
    }
    // A minus in front of a discount means the same.
    let discount = given.text(name::DISCOUNT).map(|text| Amount::parse(text.trim_start_matches('-')));
    match discount {
        Some(Ok(discount)) => charges.push(("Discount", discount.checked_neg().unwrap_or(discount))),
        Some(Err(_)) => wrong.push(name::DISCOUNT),
        None => {}
    }
    if strict && !charges.is_empty() {
        let sum = charges.iter().try_fold(Amount::ZERO, |sum, (_, charge)| sum.checked_add(*charge));
        if sum != amount && !wrong.contains(&name::TRANSACTION_AMOUNT) {
            wrong.push(name::TRANSACTION_AMOUNT);
        }
    }
    if given.text(name::CURRENCY_CODE).is_some_and(|currency| currency != "USD") {
        wrong.push(name::CURRENCY_CODE);
    }
    let methods = given.methods(wrong);
    let collects_address = given.boolean(name::COLLECT_SHIPPING_ADDRESS, wrong);
    let reserve = given.boolean(name::RESERVE, wrong);
    let recipients = given.recipients(ledger, &caller.id, wrong);
    Some(Ask {
        caller: caller.id.clone(),
        reference: reference?,
        return_url: return_url.clone(),
        amount: amount?,
        charges,
        reason: given.text(name::PAYMENT_REASON).map(str::to_owned),
        methods,
        collects_address,
        address: given.address(),
        reserve,
        recipients,
        site: given.text(name::WEBSITE_DESCRIPTION).map(str::to_owned),
        logo: given.text(name::COBRANDING_URL).filter(|url| url.starts_with("https://")).map(str::to_owned),
    })
}

/// Whether the caller may ask for it, before any buyer is known.
fn permitted(ledger: &Ledger, caller: &Account, ask: &Ask, given: &Given<'_>) -> Result<(), Box<Ending>> {
    let no = |status, message: &str| {
        let ending = Ending::new(status, Some(message.to_owned()));
        Err(Box::new(Ending { reference: Some(ask.reference.clone()), ..ending }))
    };
    if given.text(name::RECIPIENT_TOKEN).is_some() && !caller.third_party {
        return no("NM", "The caller is not registered as a third-party caller for this transaction");
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

/// The parameters of a link, found without regard to case; an exact match wins.
struct Given<'a> {
    pairs: &'a Pairs,
}

impl<'a> Given<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        let any_case =
            || self.pairs.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        self.pairs.get(name).or_else(any_case)
    }

    fn amount(&self, name: &'static str, wrong: &mut Vec<&'static str>) -> Option<Amount> {
        let text = self.text(name)?;
        let amount = Amount::parse(text).ok().and_then(|amount| amount.to_wire().ok());
        if amount.is_none() {
            wrong.push(name);
        }
        amount.map(|amount| amount.amount())
    }

    fn boolean(&self, name: &'static str, wrong: &mut Vec<&'static str>) -> bool {
        match self.text(name) {
            None => false,
            Some(text) if text.eq_ignore_ascii_case("true") => true,
            Some(text) if text.eq_ignore_ascii_case("false") => false,
            Some(_) => {
                wrong.push(name);
                false
            }
        }
    }

    /// ABT unless given; `BA` is what the first generation called ACH.
    fn methods(&self, wrong: &mut Vec<&'static str>) -> Vec<PaymentMethod> {
        let Some(text) = self.text(name::PAYMENT_METHOD) else { return vec![PaymentMethod::Abt] };
        let mut methods = Vec::new();
        for word in text.split(',').map(|word| word.trim().to_ascii_uppercase()) {
            let word = if word == "BA" { "ACH" } else { word.as_str() };
            match PaymentMethod::ALL.into_iter().find(|method| method.as_str() == word) {
                Some(method) if !methods.contains(&method) => methods.push(method),
                Some(_) => {}
                None => {
                    wrong.push(name::PAYMENT_METHOD);
                    break;
                }
            }
        }
        methods
    }

    fn recipients(
        &self,
        ledger: &Ledger,
        caller: &AccountId,
        wrong: &mut Vec<&'static str>,
    ) -> Vec<AccountId> {
        let Some(text) = self.text(name::RECIPIENT_TOKEN) else { return Vec::new() };
        let token = ledger.token(&TokenId::new(text));
        match token.filter(|token| token.caller == *caller && token.role == TokenRole::Recipient) {
            Some(token) if !token.cancelled => vec![token.holder.clone()],
            _ => {
                wrong.push(name::RECIPIENT_TOKEN);
                Vec::new()
            }
        }
    }

    fn address(&self) -> Option<Address> {
        let part = |name| self.text(name).unwrap_or_default().to_owned();
        let address = Address {
            name: part(name::ADDRESS_NAME),
            line_1: part(name::ADDRESS_LINE_1),
            line_2: part(name::ADDRESS_LINE_2),
            city: part(name::CITY),
            state: part(name::STATE),
            zip: part(name::ZIP),
            phone: part(name::PHONE_NUMBER),
        };
        (address != Address::default()).then_some(address)
    }
}

/// An absolute address of the web.
fn return_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn page(title: &'static str, message: &str) -> Trouble {
    Trouble::Page { title, message: message.to_owned(), details: String::new() }
}

fn ending(caller: &AccountId, return_url: &Url, ending: Ending) -> Trouble {
    Trouble::Ending(Box::new((caller.clone(), return_url.clone(), ending)))
}

const VERSION: &str = "2009-01-09";
const RETURN_URL: &str =
    "Send returnURL: an absolute http or https address, to which the buyer is sent at the end.";

const CHARGES: &[(&str, &str)] = &[
    (name::ITEM_TOTAL, "Items"),
    (name::SHIPPING, "Shipping"),
    (name::HANDLING, "Handling"),
    (name::GIFT_WRAPPING, "Gift wrapping"),
    (name::TAX, "Tax"),
];
