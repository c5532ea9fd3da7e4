//! Prepaid and postpaid: FundPrepaid, SettleDebt, WriteOffDebt, the balances and the lists of instruments.

use fps_core::Amount;
use fps_core::param::api as name;

use super::super::arguments::{Arguments, Parameter, Shape};
use super::super::money;
use super::super::stored::{check_debt, check_funding, pending, totals};
use super::super::xml::Xml;
use super::payment::{
    CHARGE_FEE_TO, DECLINE_POLICY, MOST_METADATA, MOST_TEXT, Parties, RETRY_TIMEOUT, charge, describe,
};
use super::write::{dollars, transaction_response};
use super::{Action, Desk, Done, Errors, Refusal, rules};
use crate::gatekeeper::Payment;
use crate::ledger::{
    Book, Event, Instrument, InstrumentId, InstrumentKind, Operation, PayMethod, Role, TokenRole,
};

pub(super) const FUND_PREPAID: Action = Action {
    name: "FundPrepaid",
    parameters: &[
        Parameter::required(name::SENDER_TOKEN_ID, Shape::Token),
        Parameter::required("CallerTokenId", Shape::Token),
        Parameter::required(name::PREPAID_INSTRUMENT_ID, Shape::Instrument),
        Parameter::required(name::FUNDING_AMOUNT, Shape::Money),
        Parameter::optional("TransactionDate", Shape::Time),
        Parameter::optional("SenderReference", Shape::Bytes(MOST_TEXT)),
        Parameter::optional("RecipientReference", Shape::Bytes(MOST_TEXT)),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::required(name::CHARGE_FEE_TO, Shape::Word(CHARGE_FEE_TO)),
        Parameter::optional(name::SENDER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
        Parameter::optional("RecipientDescription", Shape::Bytes(MOST_TEXT)),
        Parameter::optional(name::CALLER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
        Parameter::optional("MetaData", Shape::Bytes(MOST_METADATA)),
        Parameter::optional(DECLINE_POLICY, Shape::Word(&["ExplicitRetry", "ImplicitRetry", "Failure"])),
        Parameter::optional(RETRY_TIMEOUT, Shape::Integer(1, 525_600)),
        Parameter::optional("DescriptorPolicy.SoftDescriptorType", Shape::Word(&["Dynamic", "Static"])),
        Parameter::optional("DescriptorPolicy.CSNumberOf", Shape::Word(&["Caller", "Recipient"])),
    ],
    run: fund,
};

pub(super) const SETTLE_DEBT: Action = Action {
    name: "SettleDebt",
    parameters: &[
        Parameter::required(name::SENDER_TOKEN_ID, Shape::Token),
        Parameter::required("CallerTokenId", Shape::Token),
        Parameter::required(name::CREDIT_INSTRUMENT_ID, Shape::Instrument),
        Parameter::required(name::SETTLEMENT_AMOUNT, Shape::Money),
        Parameter::optional("TransactionDate", Shape::Time),
        Parameter::optional("SenderReference", Shape::Bytes(MOST_TEXT)),
        Parameter::optional("RecipientReference", Shape::Bytes(MOST_TEXT)),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::required(name::CHARGE_FEE_TO, Shape::Word(CHARGE_FEE_TO)),
        Parameter::optional(name::SENDER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
        Parameter::optional("RecipientDescription", Shape::Bytes(MOST_TEXT)),
        Parameter::optional(name::CALLER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
        Parameter::optional("MetaData", Shape::Bytes(MOST_METADATA)),
        Parameter::optional(DECLINE_POLICY, Shape::Word(&["ExplicitRetry", "ImplicitRetry", "Failure"])),
        Parameter::optional(RETRY_TIMEOUT, Shape::Integer(1, 525_600)),
        Parameter::optional("DescriptorPolicy.SoftDescriptorType", Shape::Word(&["Dynamic", "Static"])),
        Parameter::optional("DescriptorPolicy.CSNumberOf", Shape::Word(&["Caller", "Recipient"])),
    ],
    run: settle_debt,
};

pub(super) const WRITE_OFF_DEBT: Action = Action {
    name: "WriteOffDebt",
    parameters: &[
        Parameter::required("CallerTokenId", Shape::Token),
        Parameter::required(name::CREDIT_INSTRUMENT_ID, Shape::Instrument),
        Parameter::required(name::ADJUSTMENT_AMOUNT, Shape::Money),
        Parameter::optional("TransactionDate", Shape::Time),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::optional("RecipientReference", Shape::Bytes(MOST_TEXT)),
        Parameter::optional(name::CALLER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
        Parameter::optional("RecipientDescription", Shape::Bytes(MOST_TEXT)),
        Parameter::optional("MetaData", Shape::Bytes(MOST_METADATA)),
        Parameter::optional("SenderReference", Shape::Bytes(MOST_TEXT)),
        Parameter::optional(name::SENDER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
    ],
    run: write_off,
};

pub(super) const GET_PREPAID_BALANCE: Action = Action {
    name: "GetPrepaidBalance",
    parameters: &[Parameter::required(name::PREPAID_INSTRUMENT_ID, Shape::Instrument)],
    run: prepaid_balance,
};

pub(super) const GET_DEBT_BALANCE: Action = Action {
    name: "GetDebtBalance",
    parameters: &[Parameter::required(name::CREDIT_INSTRUMENT_ID, Shape::Instrument)],
    run: debt_balance,
};

pub(super) const GET_TOTAL_PREPAID_LIABILITY: Action =
    Action { name: "GetTotalPrepaidLiability", parameters: &[], run: prepaid_liability };

pub(super) const GET_OUTSTANDING_DEBT_BALANCE: Action =
    Action { name: "GetOutstandingDebtBalance", parameters: &[], run: outstanding_debt };

pub(super) const GET_ALL_PREPAID_INSTRUMENTS: Action = Action {
    name: "GetAllPrepaidInstruments",
    parameters: STATUS,
    run: |desk, arguments| instruments(desk, arguments, InstrumentKind::Prepaid, "PrepaidInstrumentIds"),
};

pub(super) const GET_ALL_CREDIT_INSTRUMENTS: Action = Action {
    name: "GetAllCreditInstruments",
    parameters: STATUS,
    run: |desk, arguments| instruments(desk, arguments, InstrumentKind::Postpaid, "CreditInstrumentIds"),
};

const STATUS: &[Parameter] =
    &[Parameter::optional("InstrumentStatus", Shape::Word(&["All", "Active", "Cancelled"]))];

fn fund(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let instrument = owned(desk, arguments, name::PREPAID_INSTRUMENT_ID, InstrumentKind::Prepaid)?;
    let amount = arguments.money(name::FUNDING_AMOUNT).unwrap_or(Amount::ZERO);
    check_funding(desk, instrument, amount)?;
    take(desk, arguments, Operation::FundPrepaid, instrument, amount)
}

fn settle_debt(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let instrument = owned(desk, arguments, name::CREDIT_INSTRUMENT_ID, InstrumentKind::Postpaid)?;
    let amount = arguments.money(name::SETTLEMENT_AMOUNT).unwrap_or(Amount::ZERO);
    check_debt(desk, instrument, amount)?;
    take(desk, arguments, Operation::SettleDebt, instrument, amount)
}

/// Money for a balance or a debt, by the token that belongs to the instrument.
fn take(
    desk: &Desk<'_>,
    arguments: &Arguments<'_>,
    operation: Operation,
    instrument: &Instrument,
    amount: Amount,
) -> Result<Done, Errors> {
    let caller_token = rules::caller_token(desk, arguments.token("CallerTokenId"))?;
    let sender_token = rules::token(desk, Role::Sender, arguments.token(name::SENDER_TOKEN_ID))?;
    let belongs = match &sender_token.role {
        TokenRole::Funding(id) => operation == Operation::FundPrepaid && *id == instrument.id,
        TokenRole::Settlement(id) => operation == Operation::SettleDebt && *id == instrument.id,
        _ => false,
    };
    if !belongs {
        let message = "The sender token does not belong to this instrument and operation.";
        return Err(Refusal::new("InvalidSenderRoleForAccountType", message).into());
    }
    let recipient = desk.caller()?;
    money::may_receive(recipient, sender_token, recipient)?;
    let parties = Parties { caller_token, sender_token, recipient_token: None, recipient };
    Ok(charge(desk, arguments, operation, amount, &parties)?)
}

fn write_off(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let caller_token = rules::caller_token(desk, arguments.token("CallerTokenId"))?;
    let instrument = owned(desk, arguments, name::CREDIT_INSTRUMENT_ID, InstrumentKind::Postpaid)?;
    let amount = arguments.money(name::ADJUSTMENT_AMOUNT).unwrap_or(Amount::ZERO);
    if amount.is_zero() {
        let message = "The amount to write off must be more than zero.";
        return Err(Refusal::new("AmountOutOfRange", message).into());
    }
    check_debt(desk, instrument, amount)?;
    let operation = Operation::WriteOffDebt;
    // No sender's token takes part.
    let payment = Payment { operation, method: PayMethod::Debt, amount, sender_token: &caller_token.id };
    rules::hold(desk, Role::Caller, caller_token, &payment)?;
    let mut transaction = money::blank(desk, operation, PayMethod::Debt, amount);
    transaction.caller = instrument.recipient.clone();
    transaction.sender = instrument.sender.clone();
    transaction.recipient = instrument.recipient.clone();
    transaction.instrument = Some(instrument.id.clone());
    describe(desk, &mut transaction, arguments, caller_token, "");
    money::schedule(desk, &mut transaction, false, None);
    let answer = transaction_response(&transaction, &[]);
    Ok(Done::with(vec![Event::TransactionOpened { transaction: Box::new(transaction) }], answer))
}

fn prepaid_balance(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let instrument = visible(desk, arguments, name::PREPAID_INSTRUMENT_ID, InstrumentKind::Prepaid)?;
    let mut xml = Xml::new();
    xml.node("PrepaidBalance", |xml| {
        dollars(xml, "AvailableBalance", desk.ledger.book(&Book::Prepaid(instrument.id.clone())));
        dollars(xml, "PendingInBalance", pending(desk, &instrument.id, Operation::FundPrepaid));
    });
    Ok(Done::answer(xml))
}

fn debt_balance(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let instrument = visible(desk, arguments, name::CREDIT_INSTRUMENT_ID, InstrumentKind::Postpaid)?;
    let mut xml = Xml::new();
    xml.node("DebtBalance", |xml| {
        dollars(xml, "AvailableBalance", desk.ledger.book(&Book::Debt(instrument.id.clone())));
        dollars(xml, "PendingOutBalance", pending(desk, &instrument.id, Operation::SettleDebt));
    });
    Ok(Done::answer(xml))
}

fn prepaid_liability(desk: &Desk<'_>, _: &Arguments<'_>) -> Result<Done, Errors> {
    let (outstanding, pending) = totals(desk, InstrumentKind::Prepaid)?;
    let mut xml = Xml::new();
    xml.node("OutstandingPrepaidLiability", |xml| {
        dollars(xml, "OutstandingBalance", outstanding);
        dollars(xml, "PendingInBalance", pending);
    });
    Ok(Done::answer(xml))
}

fn outstanding_debt(desk: &Desk<'_>, _: &Arguments<'_>) -> Result<Done, Errors> {
    let (outstanding, pending) = totals(desk, InstrumentKind::Postpaid)?;
    let mut xml = Xml::new();
    xml.node("OutstandingDebt", |xml| {
        dollars(xml, "OutstandingBalance", outstanding);
        dollars(xml, "PendingOutBalance", pending);
    });
    Ok(Done::answer(xml))
}

/// The instruments that the caller is the sender or the recipient of.
fn instruments(
    desk: &Desk<'_>,
    arguments: &Arguments<'_>,
    kind: InstrumentKind,
    element: &str,
) -> Result<Done, Errors> {
    let caller = &desk.caller()?.id;
    let wanted = arguments.text("InstrumentStatus").unwrap_or("All");
    let mut xml = Xml::new();
    for one in desk.ledger.instruments() {
        let ours = one.kind == kind && (one.recipient == *caller || one.sender == *caller);
        let fits = match wanted {
            "Active" => !has_expired(desk, one) && !is_cancelled(desk, one),
            "Cancelled" => is_cancelled(desk, one),
            _ => true,
        };
        if ours && fits {
            xml.leaf(element, one.id.as_str());
        }
    }
    Ok(Done::answer(xml))
}

/// An instrument that this caller is the recipient of, and that is still good.
fn owned<'a>(
    desk: &Desk<'a>,
    arguments: &Arguments<'_>,
    name: &str,
    kind: InstrumentKind,
) -> Result<&'a Instrument, Refusal> {
    let instrument = known(desk, arguments, name, kind)?;
    if instrument.recipient != desk.caller()?.id {
        let message = "The caller is not the recipient of this instrument.";
        return Err(Refusal::new("InstrumentAccessDenied", message));
    }
    if has_expired(desk, instrument) {
        return Err(Refusal::new("InstrumentExpired", "The prepaid or postpaid instrument has expired."));
    }
    if is_cancelled(desk, instrument) {
        return Err(Refusal::new("InstrumentNotActive", "The prepaid or postpaid instrument is not active."));
    }
    Ok(instrument)
}

/// An instrument that this caller is the sender or the recipient of.
fn visible<'a>(
    desk: &Desk<'a>,
    arguments: &Arguments<'_>,
    name: &str,
    kind: InstrumentKind,
) -> Result<&'a Instrument, Refusal> {
    let instrument = known(desk, arguments, name, kind)?;
    let caller = &desk.caller()?.id;
    if instrument.recipient != *caller && instrument.sender != *caller {
        let message = "The caller is neither sender nor recipient of this instrument.";
        return Err(Refusal::new("InstrumentAccessDenied", message));
    }
    Ok(instrument)
}

fn known<'a>(
    desk: &Desk<'a>,
    arguments: &Arguments<'_>,
    name: &str,
    kind: InstrumentKind,
) -> Result<&'a Instrument, Refusal> {
    let text = arguments.text(name).unwrap_or_default();
    let instrument = desk.ledger.instrument(&InstrumentId::new(text)).filter(|one| one.kind == kind);
    instrument.ok_or_else(|| Refusal::params(format!("{name} : {text} is invalid")))
}

fn has_expired(desk: &Desk<'_>, instrument: &Instrument) -> bool {
    instrument.expires.is_some_and(|expires| expires <= desk.now)
}

/// Whether the token that pays from it was cancelled.
fn is_cancelled(desk: &Desk<'_>, instrument: &Instrument) -> bool {
    let pays = |role: &TokenRole| matches!(role, TokenRole::PrepaidSender(id) | TokenRole::CreditSender(id) if *id == instrument.id);
    desk.ledger.tokens().any(|token| token.cancelled && pays(&token.role))
}
