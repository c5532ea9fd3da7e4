//! Prepaid and postpaid: FundPrepaid, SettleDebt, WriteOffDebt and the balances.

use fps_core::Amount;
use fps_core::param::api as name;

use super::arguments::{Arguments, Parameter, Shape};
use super::money::{self, Terms};
use super::refusal::Refusal;
use super::xml::Xml;
use super::{Action, Desk, Done, transaction_result};
use crate::ledger::{
    Book, Event, Instrument, InstrumentId, InstrumentKind, Operation, PayMethod, Status, TokenRole,
};

pub(super) const FUND_PREPAID: Action = Action {
    name: "FundPrepaid",
    parameters: &[
        Parameter::required(name::SENDER_TOKEN_ID, Shape::Token),
        Parameter::required(name::PREPAID_INSTRUMENT_ID, Shape::Token),
        Parameter::required(name::FUNDING_AMOUNT, Shape::Money),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::optional(name::SENDER_DESCRIPTION, Shape::Text(160)),
        Parameter::optional(name::CALLER_DESCRIPTION, Shape::Text(160)),
        Parameter::optional("DescriptorPolicy.SoftDescriptorType", Shape::Word(&["Dynamic", "Static"])),
        Parameter::optional("DescriptorPolicy.CSOwner", Shape::Word(&["Caller", "Recipient"])),
        Parameter::optional(name::TRANSACTION_TIMEOUT_IN_MINS, Shape::Integer(1, 525_600)),
        Parameter::optional(name::OVERRIDE_IPN_URL, Shape::NoticeUrl),
    ],
    run: fund,
};

pub(super) const SETTLE_DEBT: Action = Action {
    name: "SettleDebt",
    parameters: &[
        Parameter::required(name::SENDER_TOKEN_ID, Shape::Token),
        Parameter::required(name::CREDIT_INSTRUMENT_ID, Shape::Token),
        Parameter::required(name::SETTLEMENT_AMOUNT, Shape::Money),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::optional(name::SENDER_DESCRIPTION, Shape::Text(160)),
        Parameter::optional(name::CALLER_DESCRIPTION, Shape::Text(160)),
        Parameter::optional("DescriptorPolicy.SoftDescriptorType", Shape::Word(&["Dynamic", "Static"])),
        Parameter::optional("DescriptorPolicy.CSOwner", Shape::Word(&["Caller", "Recipient"])),
        Parameter::optional(name::TRANSACTION_TIMEOUT_IN_MINS, Shape::Integer(1, 525_600)),
        Parameter::optional(name::OVERRIDE_IPN_URL, Shape::NoticeUrl),
    ],
    run: settle_debt,
};

pub(super) const WRITE_OFF_DEBT: Action = Action {
    name: "WriteOffDebt",
    parameters: &[
        Parameter::required(name::CREDIT_INSTRUMENT_ID, Shape::Token),
        Parameter::required(name::ADJUSTMENT_AMOUNT, Shape::Money),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::optional(name::CALLER_DESCRIPTION, Shape::Text(160)),
    ],
    run: write_off,
};

pub(super) const GET_PREPAID_BALANCE: Action = Action {
    name: "GetPrepaidBalance",
    parameters: &[Parameter::required(name::PREPAID_INSTRUMENT_ID, Shape::Token)],
    run: prepaid_balance,
};

pub(super) const GET_TOTAL_PREPAID_LIABILITY: Action =
    Action { name: "GetTotalPrepaidLiability", parameters: &[], run: prepaid_liability };

pub(super) const GET_DEBT_BALANCE: Action = Action {
    name: "GetDebtBalance",
    parameters: &[Parameter::required(name::CREDIT_INSTRUMENT_ID, Shape::Token)],
    run: debt_balance,
};

pub(super) const GET_OUTSTANDING_DEBT_BALANCE: Action =
    Action { name: "GetOutstandingDebtBalance", parameters: &[], run: outstanding_debt };

fn fund(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let instrument = owned(desk, arguments, name::PREPAID_INSTRUMENT_ID, InstrumentKind::Prepaid)?;
    let amount = arguments.money(name::FUNDING_AMOUNT).unwrap_or(Amount::ZERO);
    check_funding(desk, instrument, amount)?;
    move_money(desk, arguments, Operation::FundPrepaid, instrument, amount)
}

/// Whether a prepaid balance may grow by so much.
pub(super) fn check_funding(desk: &Desk<'_>, instrument: &Instrument, amount: Amount) -> Result<(), Refusal> {
    let balance = desk.ledger.book(&Book::Prepaid(instrument.id.clone()));
    let pending = pending(desk, &instrument.id, Operation::FundPrepaid);
    let after = balance.checked_add(pending).and_then(|sum| sum.checked_add(amount));
    if after.is_none_or(|after| after > instrument.limit) {
        let message = "The funding amount exceeds the limit of the prepaid instrument.";
        return Err(Refusal::new("PrepaidFundingLimitExceeded", message));
    }
    Ok(())
}

fn settle_debt(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let instrument = owned(desk, arguments, name::CREDIT_INSTRUMENT_ID, InstrumentKind::Postpaid)?;
    let amount = arguments.money(name::SETTLEMENT_AMOUNT).unwrap_or(Amount::ZERO);
    check_debt(desk, instrument, amount)?;
    move_money(desk, arguments, Operation::SettleDebt, instrument, amount)
}

fn write_off(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let instrument = owned(desk, arguments, name::CREDIT_INSTRUMENT_ID, InstrumentKind::Postpaid)?;
    let amount = arguments.money(name::ADJUSTMENT_AMOUNT).unwrap_or(Amount::ZERO);
    if amount.is_zero() {
        return Err(Refusal::new("AmountOutOfRange", "The amount to write off must be more than zero."));
    }
    check_debt(desk, instrument, amount)?;
    let mut transaction = money::blank(desk, Operation::WriteOffDebt, PayMethod::Debt, amount);
    transaction.caller = instrument.recipient.clone();
    transaction.sender = instrument.sender.clone();
    transaction.recipient = instrument.recipient.clone();
    transaction.instrument = Some(instrument.id.clone());
    money::describe(&mut transaction, arguments);
    money::schedule(desk, &mut transaction, false, None);
    let answer = transaction_result(&transaction);
    Ok(Done::with(vec![Event::TransactionOpened { transaction: Box::new(transaction) }], answer))
}

/// Money for a balance or a debt, by the token that belongs to the instrument.
fn move_money(
    desk: &Desk<'_>,
    arguments: &Arguments<'_>,
    operation: Operation,
    instrument: &Instrument,
    amount: Amount,
) -> Result<Done, Refusal> {
    let caller = desk.caller()?;
    let id = arguments.token(name::SENDER_TOKEN_ID).unwrap_or_else(|| fps_core::TokenId::new(""));
    let token = money::sender_token(desk, caller, &id)?;
    let belongs = match &token.role {
        TokenRole::Funding(id) => operation == Operation::FundPrepaid && *id == instrument.id,
        TokenRole::Settlement(id) => operation == Operation::SettleDebt && *id == instrument.id,
        _ => false,
    };
    if !belongs {
        let message = "The sender token does not belong to this instrument and operation.";
        return Err(Refusal::new("InvalidSenderRoleForAccountType", message));
    }
    let recipient = money::recipient(desk, caller, token, None)?;
    let terms = Terms {
        operation,
        token,
        amount,
        sender: money::sender(desk, token)?,
        recipient: recipient.account,
        recipient_token: None,
        fee_to_caller: false,
        fixed_fee: None,
        variable_fee: None,
        timeout_minutes: arguments.integer(name::TRANSACTION_TIMEOUT_IN_MINS),
    };
    let mut transaction = money::charge(desk, caller, &terms)?;
    money::describe(&mut transaction, arguments);
    let answer = transaction_result(&transaction);
    Ok(Done::with(vec![Event::TransactionOpened { transaction: Box::new(transaction) }], answer))
}

/// Whether a debt is at least so much.
pub(super) fn check_debt(desk: &Desk<'_>, instrument: &Instrument, amount: Amount) -> Result<(), Refusal> {
    let debt = desk.ledger.book(&Book::Debt(instrument.id.clone()));
    let settling = pending(desk, &instrument.id, Operation::SettleDebt);
    if debt.checked_sub(settling).is_none_or(|left| amount > left) {
        let message = "The amount is greater than the outstanding debt.";
        return Err(Refusal::new("SettleAmountGreaterThanDebt", message));
    }
    Ok(())
}

fn prepaid_balance(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let instrument = visible(desk, arguments, name::PREPAID_INSTRUMENT_ID, InstrumentKind::Prepaid)?;
    let mut xml = Xml::new();
    xml.node("PrepaidBalance", |xml| {
        xml.amount("AvailableBalance", desk.ledger.book(&Book::Prepaid(instrument.id.clone())))
            .amount("PendingInBalance", pending(desk, &instrument.id, Operation::FundPrepaid));
    });
    Ok(Done::answer(xml))
}

fn debt_balance(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let instrument = visible(desk, arguments, name::CREDIT_INSTRUMENT_ID, InstrumentKind::Postpaid)?;
    let mut xml = Xml::new();
    xml.node("DebtBalance", |xml| {
        xml.amount("AvailableBalance", desk.ledger.book(&Book::Debt(instrument.id.clone())))
            .amount("PendingOutBalance", pending(desk, &instrument.id, Operation::SettleDebt));
    });
    Ok(Done::answer(xml))
}

fn prepaid_liability(desk: &Desk<'_>, _: &Arguments<'_>) -> Result<Done, Refusal> {
    let (outstanding, pending) = totals(desk, InstrumentKind::Prepaid)?;
    let mut xml = Xml::new();
    xml.node("OutstandingPrepaidLiability", |xml| {
        xml.amount("OutstandingBalance", outstanding).amount("PendingInBalance", pending);
    });
    Ok(Done::answer(xml))
}

fn outstanding_debt(desk: &Desk<'_>, _: &Arguments<'_>) -> Result<Done, Refusal> {
    let (outstanding, pending) = totals(desk, InstrumentKind::Postpaid)?;
    let mut xml = Xml::new();
    xml.node("OutstandingDebt", |xml| {
        xml.amount("OutstandingBalance", outstanding).amount("PendingOutBalance", pending);
    });
    Ok(Done::answer(xml))
}

/// What all instruments of the caller come to, and what is on its way.
pub(super) fn totals(desk: &Desk<'_>, kind: InstrumentKind) -> Result<(Amount, Amount), Refusal> {
    let caller = desk.caller()?.id.clone();
    let (book, operation) = match kind {
        InstrumentKind::Prepaid => (Book::PrepaidIssued(caller.clone()), Operation::FundPrepaid),
        InstrumentKind::Postpaid => (Book::DebtGiven(caller.clone()), Operation::SettleDebt),
    };
    let outstanding = desk.ledger.book(&book).checked_neg().unwrap_or(Amount::ZERO);
    let own = desk.ledger.instruments().filter(|one| one.kind == kind && one.recipient == caller);
    let pending = own
        .map(|one| pending(desk, &one.id, operation))
        .fold(Amount::ZERO, |sum, one| sum.checked_add(one).unwrap_or(sum));
    Ok((outstanding, pending))
}

/// What is on its way to an instrument.
pub(super) fn pending(desk: &Desk<'_>, id: &InstrumentId, operation: Operation) -> Amount {
    let fits = |one: &&crate::ledger::Transaction| {
        one.operation == operation && one.status == Status::Pending && one.instrument.as_ref() == Some(id)
    };
    let waiting = desk.ledger.waiting().filter(fits);
    waiting.fold(Amount::ZERO, |sum, one| sum.checked_add(one.amount).unwrap_or(sum))
}

/// An instrument that this caller is the recipient of, and that is still good.
fn owned<'a>(
    desk: &Desk<'a>,
    arguments: &Arguments<'_>,
    name: &str,
    kind: InstrumentKind,
) -> Result<&'a Instrument, Refusal> {
    let id = InstrumentId::new(arguments.text(name).unwrap_or_default());
    let instrument = money::instrument(desk, &id)?;
    if instrument.kind != kind {
        return Err(Refusal::new("InvalidPaymentInstrument", "The payment instrument is of another kind."));
    }
    if instrument.recipient != desk.caller()?.id {
        return Err(Refusal::new(
            "InstrumentAccessDenied",
            "The caller is not the recipient of this instrument.",
        ));
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
    let id = InstrumentId::new(arguments.text(name).unwrap_or_default());
    let caller = &desk.caller()?.id;
    let Some(instrument) = desk.ledger.instrument(&id).filter(|one| one.kind == kind) else {
        return Err(Refusal::new("InvalidPaymentInstrument", "The payment instrument is not valid."));
    };
    if instrument.recipient != *caller && instrument.sender != *caller {
        let message = "The caller is neither sender nor recipient of this instrument.";
        return Err(Refusal::new("InstrumentAccessDenied", message));
    }
    Ok(instrument)
}
