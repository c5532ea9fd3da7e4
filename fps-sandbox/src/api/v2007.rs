//! The front of the first generation, version 2007-01-08.
//!
//! It speaks of the same accounts, tokens and transactions in the words of its time: three tokens for each payment, flat
//! answers, errors within answers of status 200, and results that wait in a queue.

mod account;
mod errors;
mod payment;
mod results;
mod rules;
mod signed;
mod stored;
mod token;
mod write;

use fps_core::Timestamp;
use fps_core::client::Clock;
use fps_core::param::api as name;
use http::{Response, StatusCode};

use super::arguments::{Arguments, Parameter};
use super::xml::Xml;
use super::{Call, Decided, Desk, Done, FIRST_VERSION, Refusal, XML, described, once, shown, take_part};
use crate::answer::with_body;
use crate::ids;
use crate::ledger::Ledger;
use crate::log::{self, Entry};
use crate::sandbox::{DataLost, Inner};

use errors::Errors;

/// Something that a caller of the first generation can ask for.
#[derive(Clone, Copy, Debug)]
struct Action {
    name: &'static str,
    parameters: &'static [Parameter],
    run: fn(&Desk<'_>, &Arguments<'_>) -> Result<Done, Errors>,
}

/// Why a call was not answered with Success.
enum Trouble {
    /// Nobody can tell what was asked for, or by whom: an HTTP error of the request layer.
    Request(Refusal),
    /// The operation was refused.
    Operation(Errors),
}

/// Answers a call and writes it into the request log.
pub(super) fn answer(inner: &Inner, call: &Call) -> Response<Vec<u8>> {
    let now = inner.clock.now();
    let mut who = String::new();
    let committed = inner.carry_out(|ledger| {
        let decided = decide(inner, ledger, call, now, &mut who)?;
        Ok((decided.events, decided.outcome.map_err(Trouble::from)))
    });
    let request_id = ids::request();
    let mut sides = None;
    let (response, verdict, why) = match committed.flatten() {
        Ok(result) => {
            let result = result.unwrap_or_default();
            let body = document(call.action(), &result, "Success", "", &request_id);
            (with_body(StatusCode::OK, XML, body), "Success".to_owned(), String::new())
        }
        Err(Trouble::Request(mut refusal)) => {
            sides = refusal.sides.take().map(|sides| *sides);
            let why = described(&refusal);
            let mut response = super::failure(&refusal, &request_id);
            if refusal.code == NOT_SIGNED_UP {
                *response.status_mut() = StatusCode::FORBIDDEN;
            }
            (response, refusal.code.to_string(), why)
        }
        Err(Trouble::Operation(errors)) => {
            let body = document(call.action(), "", "Failure", &errors.to_xml(), &request_id);
            (with_body(StatusCode::OK, XML, body), errors.code().to_owned(), errors.described())
        }
    };
    inner.log.push(Entry {
        at: now,
        what: format!("{} {} {FIRST_VERSION}", call.method.as_str(), shown(call.action())),
        came: log::parameters(&call.pairs),
        who,
        status: response.status().as_u16(),
        verdict,
        why,
        sides,
        ..Entry::default()
    });
    response
}

fn decide(
    inner: &Inner,
    ledger: &Ledger,
    call: &Call,
    now: Timestamp,
    who: &mut String,
) -> Result<Decided, Trouble> {
    if let Some(fault) = call.fault() {
        return Err(Trouble::Request(fault.clone()));
    }
    let action = action(call).map_err(Trouble::Request)?;
    let caller = signed::caller(call, ledger, now).map_err(Trouble::Request)?;
    who.clone_from(&caller.name);
    let arguments = Arguments::check(&call.pairs, action.parameters, FIRST_VERSION)?;
    take_part(caller).map_err(|refusal| match refusal.code.as_ref() {
        NOT_SIGNED_UP => Trouble::Request(refusal),
        _ => refusal.into(),
    })?;
    let desk = Desk {
        ledger,
        settings: &inner.settings,
        key: &inner.key,
        caller: Some(caller),
        version: FIRST_VERSION,
        now,
        sent: call.sent().unwrap_or(now),
        declines: call.declines,
    };
    match arguments.reference().filter(|_| action.is_kept()) {
        Some(reference) => {
            let run = || (action.run)(&desk, &arguments).map_err(Errors::into_first);
            Ok(once(&desk, &arguments, caller, reference, run)?)
        }
        None => {
            let done = (action.run)(&desk, &arguments)?;
            Ok(Decided { events: done.events, outcome: Ok(done.result) })
        }
    }
}

impl Action {
    /// Whether the caller reference is the request's key. InstallPaymentInstruction never repeats its first answer.
    fn is_kept(&self) -> bool {
        self.name != token::INSTALL_PAYMENT_INSTRUCTION.name
            && self.parameters.iter().any(|one| one.name == name::CALLER_REFERENCE && one.required)
    }
}

impl From<DataLost> for Trouble {
    fn from(error: DataLost) -> Self {
        Refusal::from(error).into()
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Operation(refusal.into())
    }
}

impl From<Errors> for Trouble {
    fn from(errors: Errors) -> Self {
        Self::Operation(errors)
    }
}

fn action(call: &Call) -> Result<&'static Action, Refusal> {
    let name = call.action();
    if name.is_empty() {
        return Err(Refusal::new("MissingParameter", "The request must contain the parameter Action."));
    }
    ACTIONS.iter().find(|action| action.name == name).ok_or_else(|| {
        let message = format!("The action {} is not valid for this web service.", shown(name));
        let known: Vec<_> = ACTIONS.iter().map(|action| action.name).collect();
        let why =
            format!("{FIRST_VERSION} knows {}; its two batch operations were SOAP only", known.join(", "));
        Refusal::new("InvalidAction", message).because(why)
    })
}

/// An answer: its root is qualified, and so is a TransactionResponse within; nothing else is.
fn document(action: &str, result: &str, status: &str, errors: &str, request_id: &str) -> String {
    let root = format!("ns3:{action}Response xmlns:ns3=\"http://fps.amazonaws.com/doc/{FIRST_VERSION}/\"");
    let (before, after) = split_discards(result);
    let mut xml = Xml::new();
    xml.raw("<?xml version=\"1.0\"?>\n").node(&root, |xml| {
        xml.raw(before)
            .leaf("Status", status)
            .raw(errors)
            .raw(after)
            .leaf("RequestId", &format!("{request_id}:0"));
    });
    xml.into_string()
}

/// What stands before the request's status, and what behind it: DiscardErrors alone.
fn split_discards(result: &str) -> (&str, &str) {
    match result.starts_with("<DiscardErrors>") {
        true => ("", result),
        false => (result, ""),
    }
}

/// The code of an account that is none of the service's; this version's status for it is another.
const NOT_SIGNED_UP: &str = "AuthFailure";

/// Everything that can be asked for.
static ACTIONS: &[Action] = &[
    payment::PAY,
    payment::RESERVE,
    payment::SETTLE,
    payment::REFUND,
    payment::RETRY_TRANSACTION,
    token::INSTALL_PAYMENT_INSTRUCTION,
    token::GET_PAYMENT_INSTRUCTION,
    token::GET_TOKEN_BY_CALLER,
    token::GET_TOKENS,
    token::GET_TOKEN_USAGE,
    token::CANCEL_TOKEN,
    account::GET_TRANSACTION,
    account::GET_ACCOUNT_ACTIVITY,
    account::GET_ACCOUNT_BALANCE,
    results::GET_RESULTS,
    results::DISCARD_RESULTS,
    results::SUBSCRIBE,
    results::UNSUBSCRIBE,
    stored::FUND_PREPAID,
    stored::GET_PREPAID_BALANCE,
    stored::GET_TOTAL_PREPAID_LIABILITY,
    stored::GET_ALL_PREPAID_INSTRUMENTS,
    stored::SETTLE_DEBT,
    stored::WRITE_OFF_DEBT,
    stored::GET_DEBT_BALANCE,
    stored::GET_OUTSTANDING_DEBT_BALANCE,
    stored::GET_ALL_CREDIT_INSTRUMENTS,
];
