//! The API's server side.
//!
//! A request goes through the front end (who sent it, when, is it signed), then its parameters are checked against what its
//! action takes, then the action decides by the ledger: either events and an answer, or a refusal. Actions are pure; this
//! module commits what they decide.

mod account;
mod arguments;
mod call;
mod money;
mod payment;
mod query;
mod refusal;
mod stored;
mod subscription;
mod token;
mod v2007;
mod verify;
pub(crate) mod xml;

use fps_core::client::Clock;
use fps_core::param::api as name;
use fps_core::{CallerReference, Timestamp};
use http::{Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::answer::with_body;
use crate::faults::Fault;
use crate::key::ServiceKey;
use crate::ledger::{Account, AccountKind, AccountState, Event, Kept, Ledger, Outcome};
use crate::log::{self, Entry};
use crate::sandbox::{Inner, Settings};
use crate::{ids, ledger};

use arguments::{Arguments, Parameter};
use xml::Xml;

pub(crate) use call::{Addresses, Call};
pub(crate) use refusal::Refusal;
pub(crate) use subscription::charge_next;

/// Something that a caller can ask for.
#[derive(Clone, Copy, Debug)]
struct Action {
    name: &'static str,
    parameters: &'static [Parameter],
    run: fn(&Desk<'_>, &Arguments<'_>) -> Result<Done, Refusal>,
}

/// What an action decides by.
struct Desk<'a> {
    ledger: &'a Ledger,
    settings: &'a Settings,
    key: &'a ServiceKey,
    caller: Option<&'a Account>,
    version: &'a str,
    now: Timestamp,
    sent: Timestamp,
    /// Whether a fault lets what is asked for be declined for now; the first generation alone tells of it.
    declines: bool,
}

/// What an action decided.
#[derive(Debug, Default)]
struct Done {
    events: Vec<Event>,
    /// The inside of the result element; no result element if absent.
    result: Option<String>,
}

impl Desk<'_> {
    /// Who sent the request. Only VerifySignature runs without.
    fn caller(&self) -> Result<&Account, Refusal> {
        self.caller.ok_or_else(|| Refusal::new("MissingClientTokenId", "The request is not signed."))
    }
}

impl Done {
    fn answer(result: Xml) -> Self {
        Self { events: Vec::new(), result: Some(result.into_string()) }
    }

    fn with(events: Vec<Event>, result: Xml) -> Self {
        Self { events, result: Some(result.into_string()) }
    }
}

/// Answers a call and writes it into the request log.
pub(crate) fn answer(inner: &Inner, call: &Call) -> Response<Vec<u8>> {
    if call.pairs.get(name::VERSION) == Some(FIRST_VERSION) {
        return v2007::answer(inner, call);
    }
    let now = inner.clock.now();
    let mut entry = Entry {
        at: now,
        what: format!("{} {}", call.method.as_str(), shown(call.action())),
        came: log::parameters(&call.pairs),
        status: StatusCode::OK.as_u16(),
        verdict: "Success".to_owned(),
        ..Entry::default()
    };
    let committed = inner.carry_out(|ledger| {
        let decided = decide(inner, ledger, call, now, &mut entry.who)?;
        Ok((decided.events, decided.outcome))
    });
    let mut committed = committed.flatten();
    if let Err(refusal) = &mut committed {
        entry.status = refusal.status().as_u16();
        entry.verdict = refusal.code.to_string();
        entry.why = described(refusal);
        entry.sides = refusal.sides.take().map(|sides| *sides);
    }
    inner.log.push(entry);
    let request_id = ids::request();
    match committed {
        Ok(result) => success(call, result.as_deref(), &request_id),
        Err(refusal) => failure(&refusal, &request_id),
    }
}

/// Writes into the request log that something goes wrong at a call; what is decided about the call, if anything, comes after.
pub(crate) fn note_fault(inner: &Inner, call: &Call, fault: Fault) {
    let entry = Entry {
        at: inner.clock.now(),
        what: format!("{} {}", call.method.as_str(), shown(call.action())),
        came: log::parameters(&call.pairs),
        verdict: fault.to_string(),
        why: "the fault script says so".to_owned(),
        ..Entry::default()
    };
    inner.log.push(entry);
}

/// Refuses a call without looking at it, because a fault says so.
pub(crate) fn refuse(inner: &Inner, call: &Call, refusal: &Refusal) -> Response<Vec<u8>> {
    let response = failure(refusal, &ids::request());
    let entry = Entry {
        at: inner.clock.now(),
        what: format!("{} {}", call.method.as_str(), shown(call.action())),
        came: log::parameters(&call.pairs),
        status: response.status().as_u16(),
        verdict: refusal.code.to_string(),
        why: "the fault script says so".to_owned(),
        ..Entry::default()
    };
    inner.log.push(entry);
    response
}

/// What to commit, and what to answer if that succeeds.
struct Decided {
    events: Vec<Event>,
    outcome: Result<Option<String>, Refusal>,
}

fn decide(
    inner: &Inner,
    ledger: &Ledger,
    call: &Call,
    now: Timestamp,
    who: &mut String,
) -> Result<Decided, Refusal> {
    if let Some(fault) = call.fault() {
        return Err(fault.clone());
    }
    let action = action(call)?;
    let version = call.required(name::VERSION)?;
    if !VERSIONS.contains(&version) {
        let message =
            format!("The requested version ({}) of service AmazonFPS does not exist.", shown(version));
        return Err(Refusal::new("NoSuchVersion", message));
    }
    if SINCE_2010.contains(&action.name) && version < "2010-08-28" {
        let message = format!("The action {} is not valid for version {version}.", action.name);
        return Err(Refusal::new("InvalidAction", message).because("it came with version 2010-08-28"));
    }
    let unsigned = action.name == verify::VERIFY_SIGNATURE.name && call.is_unsigned();
    let caller = if unsigned { None } else { Some(call.caller(ledger, now)?) };
    if let Some(caller) = caller {
        who.clone_from(&caller.name);
    }
    let arguments = Arguments::check(&call.pairs, action.parameters, version)?;
    if let Some(caller) = caller {
        take_part(caller)?;
    }
    let sent = call.sent().unwrap_or(now);
    let (settings, key) = (&inner.settings, &inner.key);
    let desk = Desk { ledger, settings, key, caller, version, now, sent, declines: false };
    match (caller, arguments.reference()) {
        (Some(caller), Some(reference)) if action.is_kept() => {
            once(&desk, &arguments, caller, reference, || (action.run)(&desk, &arguments))
        }
        _ => {
            let done = (action.run)(&desk, &arguments)?;
            Ok(Decided { events: done.events, outcome: Ok(done.result) })
        }
    }
}

/// Carries a request out once: the same request under its reference gets its first answer again for seven days, another
/// request is refused.
fn once(
    desk: &Desk<'_>,
    arguments: &Arguments<'_>,
    caller: &Account,
    reference: CallerReference,
    run: impl FnOnce() -> Result<Done, Refusal>,
) -> Result<Decided, Refusal> {
    let digest = digest(arguments);
    let kept = desk.ledger.kept(&caller.id, &reference);
    if let Some(kept) = kept.filter(|kept| desk.now.since(kept.at) < KEPT_FOR) {
        if kept.digest != digest {
            let message =
                "A different request associated with this caller reference has already been received.";
            return Err(Refusal::new("DuplicateRequest", message));
        }
        match &kept.outcome {
            Outcome::Done(result) => {
                // Nothing inside is no result element at all.
                let result = Some(result.clone()).filter(|result| !result.is_empty());
                return Ok(Decided { events: Vec::new(), outcome: Ok(result) });
            }
            Outcome::Refused { code, message } => {
                let refusal = Refusal {
                    code: code.clone().into(),
                    message: message.clone(),
                    why: "as before".to_owned(),
                    sides: None,
                };
                return Err(refusal);
            }
            Outcome::Passing => {}
        }
    }
    let (mut events, outcome) = match run() {
        Ok(done) => (done.events, Ok(done.result)),
        Err(refusal) => (Vec::new(), Err(refusal)),
    };
    let answered = match &outcome {
        Ok(result) => Outcome::Done(result.clone().unwrap_or_default()),
        Err(refusal) if refusal.may_pass() => Outcome::Passing,
        Err(refusal) => Outcome::Refused { code: refusal.code.to_string(), message: refusal.message.clone() },
    };
    let at = kept.filter(|kept| kept.digest == digest && desk.now.since(kept.at) < KEPT_FOR);
    let kept = Kept { digest, at: at.map_or(desk.now, |kept| kept.at), outcome: answered };
    events.push(Event::ReferenceKept { account: caller.id.clone(), reference, kept });
    Ok(Decided { events, outcome })
}

impl Action {
    /// Whether the caller reference is the request's key, and not what it asks for.
    fn is_kept(&self) -> bool {
        self.parameters.iter().any(|one| one.name == name::CALLER_REFERENCE && one.required)
            || self.name == "CancelSubscriptionAndRefund"
    }
}

fn action(call: &Call) -> Result<&'static Action, Refusal> {
    let name = call.action();
    if name.is_empty() {
        return Err(Refusal::new("MissingAction", "The request must contain the parameter Action."));
    }
    ACTIONS.iter().find(|action| action.name == name).ok_or_else(|| {
        let message = format!("The action {} is not valid for this web service.", shown(name));
        let known: Vec<_> = ACTIONS.iter().map(|action| action.name).collect();
        Refusal::new("InvalidAction", message).because(format!("known are {}", known.join(", ")))
    })
}

/// Whether the caller's own account is in order.
fn take_part(caller: &Account) -> Result<(), Refusal> {
    if caller.kind == AccountKind::Personal {
        let message = "The account is not signed up for the Flexible Payments Service.";
        return Err(Refusal::new("AuthFailure", message)
            .because("only business accounts call; this is a personal one"));
    }
    if caller.state == AccountState::Closed {
        return Err(Refusal::new("AccountClosed", "The account is not active."));
    }
    if !caller.is_active() {
        return Err(Refusal::new(
            "InvalidAccountState_Caller",
            "Caller account cannot participate in the transaction.",
        ));
    }
    if !caller.email_verified {
        return Err(Refusal::new(
            "UnverifiedEmailAddress_Caller",
            "Caller's e-mail address is not verified.",
        ));
    }
    Ok(())
}

fn digest(arguments: &Arguments<'_>) -> String {
    let mut digest = Sha256::new();
    for (name, value) in arguments.business() {
        for part in [name, value] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
    }
    ids::hex(&digest.finalize())
}

fn success(call: &Call, result: Option<&str>, request_id: &str) -> Response<Vec<u8>> {
    let (action, version) = (call.action(), call.pairs.get(name::VERSION).unwrap_or_default());
    let mut xml = Xml::with_capacity(ENVELOPE + result.map_or(0, str::len));
    xml.node(&[action, "Response xmlns=\"http://fps.amazonaws.com/doc/", version, "/\""].concat(), |xml| {
        if let Some(result) = result {
            xml.node(&[action, "Result"].concat(), |xml| {
                xml.raw(result);
            });
        }
        xml.node("ResponseMetadata", |xml| {
            xml.leaf("RequestId", &[request_id, ":0"].concat());
        });
    });
    with_body(StatusCode::OK, XML, xml.into_string())
}

/// The document that every client of the time reads: without namespace and white space, all on one line.
fn failure(refusal: &Refusal, request_id: &str) -> Response<Vec<u8>> {
    let mut xml = Xml::new();
    xml.raw("<?xml version=\"1.0\"?>\n").node("Response", |xml| {
        xml.node("Errors", |xml| {
            xml.node("Error", |xml| {
                xml.leaf("Code", &refusal.code).leaf("Message", &one_line(&refusal.message));
            });
        });
        xml.leaf("RequestID", request_id);
    });
    with_body(refusal.status(), XML, xml.into_string())
}

fn one_line(text: &str) -> String {
    shown(text).replace(['\n', '\r'], " ")
}

/// A text from outside, cut to a length that nobody minds.
fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_SHOWN)]
}

fn described(refusal: &Refusal) -> String {
    match refusal.why.as_str() {
        "" => refusal.message.clone(),
        why => format!("{}\n{why}", refusal.message),
    }
}

/// Everything that can be asked for.
static ACTIONS: &[Action] = &[
    payment::PAY,
    payment::RESERVE,
    payment::SETTLE,
    payment::REFUND,
    payment::CANCEL,
    token::CANCEL_TOKEN,
    token::GET_TOKEN_BY_CALLER,
    token::GET_TOKENS,
    token::GET_TOKEN_USAGE,
    token::GET_RECIPIENT_VERIFICATION_STATUS,
    token::INSTALL_PAYMENT_INSTRUCTION,
    token::GET_PAYMENT_INSTRUCTION,
    stored::FUND_PREPAID,
    stored::SETTLE_DEBT,
    stored::WRITE_OFF_DEBT,
    stored::GET_PREPAID_BALANCE,
    stored::GET_TOTAL_PREPAID_LIABILITY,
    stored::GET_DEBT_BALANCE,
    stored::GET_OUTSTANDING_DEBT_BALANCE,
    subscription::CANCEL_SUBSCRIPTION_AND_REFUND,
    subscription::GET_SUBSCRIPTION_DETAILS,
    subscription::GET_TRANSACTIONS_FOR_SUBSCRIPTION,
    query::GET_TRANSACTION,
    query::GET_TRANSACTION_STATUS,
    account::GET_ACCOUNT_BALANCE,
    account::GET_ACCOUNT_ACTIVITY,
    verify::VERIFY_SIGNATURE,
];

/// The first generation, which has a front of its own.
pub(crate) const FIRST_VERSION: &str = "2007-01-08";
const XML: &str = "text/xml;charset=UTF-8";
/// The versions that are spoken. The last was never published; it differs in one enumeration.
const VERSIONS: &[&str] = &["2008-09-17", "2010-08-28", "2011-09-20"];
/// What came with 2010-08-28.
const SINCE_2010: &[&str] = &["GetSubscriptionDetails", "GetTransactionsForSubscription"];
/// How long a caller reference is remembered.
const KEPT_FOR: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 60 * 60);
const MOST_SHOWN: usize = 500;
/// More bytes than an answer has around its result.
const ENVELOPE: usize = 512;

/// What a transaction's answer looks like.
fn transaction_result(transaction: &ledger::Transaction) -> Xml {
    let mut xml = Xml::new();
    xml.leaf("TransactionId", transaction.id.as_str()).leaf("TransactionStatus", transaction.status.as_str());
    xml
}
