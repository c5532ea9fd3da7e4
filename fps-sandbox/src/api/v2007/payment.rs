//! Money on its way: Pay, Reserve, Settle, Refund, RetryTransaction.

use std::time::Duration;

use fps_core::Amount;
use fps_core::param::api as name;

use super::super::arguments::{Arguments, Parameter, Shape};
use super::super::money::{self, Terms};
use super::super::payment::{check_kind, give_back, own, settlement};
use super::super::token::usage;
use super::super::xml::six_decimals;
use super::write::transaction_response;
use super::{Action, Desk, Done, Errors, Refusal, rules};
use crate::gatekeeper::Payment;
use crate::ledger::token::Use;
use crate::ledger::words::RefundPolicy;
use crate::ledger::{
    Account, Due, Event, FirstGeneration, Notification, OnDecline, Operation, PayMethod, Role, Status,
    StatusCode, Token, TokenRole, Transaction,
};

pub(super) const PAY: Action =
    Action { name: "Pay", parameters: PAYMENT, run: |desk, arguments| pay(desk, arguments, Operation::Pay) };

pub(super) const RESERVE: Action = Action {
    name: "Reserve",
    parameters: PAYMENT,
    run: |desk, arguments| pay(desk, arguments, Operation::Reserve),
};

pub(super) const SETTLE: Action = Action {
    name: "Settle",
    parameters: &[
        Parameter::required(name::RESERVE_TRANSACTION_ID, Shape::Transaction),
        Parameter::optional(name::TRANSACTION_AMOUNT, Shape::Money),
        Parameter::optional("TransactionDate", Shape::Time),
        Parameter::optional("MetaData", Shape::Bytes(MOST_METADATA)),
    ],
    run: settle,
};

pub(super) const REFUND: Action = Action {
    name: "Refund",
    parameters: &[
        Parameter::required("CallerTokenId", Shape::Token),
        Parameter::required("RefundSenderTokenId", Shape::Token),
        Parameter::required(name::TRANSACTION_ID, Shape::Transaction),
        Parameter::optional(name::REFUND_AMOUNT, Shape::Money),
        Parameter::optional(name::CHARGE_FEE_TO, Shape::Word(CHARGE_FEE_TO)),
        Parameter::optional("TransactionDate", Shape::Time),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::optional("RefundSenderReference", Shape::Bytes(MOST_TEXT)),
        Parameter::optional("RefundRecipientReference", Shape::Bytes(MOST_TEXT)),
        Parameter::optional(name::CALLER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
        Parameter::optional("RefundSenderDescription", Shape::Bytes(MOST_TEXT)),
        Parameter::optional("RefundRecipientDescription", Shape::Bytes(MOST_TEXT)),
        Parameter::optional("MetaData", Shape::Bytes(MOST_METADATA)),
        Parameter::optional(name::MARKETPLACE_REFUND_POLICY, Shape::Word(REFUND_POLICIES)),
    ],
    run: refund,
};

pub(super) const RETRY_TRANSACTION: Action = Action {
    name: "RetryTransaction",
    parameters: &[Parameter::required("OriginalTransactionId", Shape::Transaction)],
    run: retry,
};

const PAYMENT: &[Parameter] = &[
    Parameter::required("CallerTokenId", Shape::Token),
    Parameter::required(name::SENDER_TOKEN_ID, Shape::Token),
    Parameter::required(name::RECIPIENT_TOKEN_ID, Shape::Token),
    Parameter::required(name::TRANSACTION_AMOUNT, Shape::Money),
    Parameter::optional("TransactionDate", Shape::Time),
    Parameter::required(name::CHARGE_FEE_TO, Shape::Word(CHARGE_FEE_TO)),
    Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
    Parameter::optional("SenderReference", Shape::Bytes(MOST_TEXT)),
    Parameter::optional("RecipientReference", Shape::Bytes(MOST_TEXT)),
    Parameter::optional(name::CALLER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
    Parameter::optional(name::SENDER_DESCRIPTION, Shape::Bytes(MOST_TEXT)),
    Parameter::optional("RecipientDescription", Shape::Bytes(MOST_TEXT)),
    Parameter::optional("MetaData", Shape::Bytes(MOST_METADATA)),
    Parameter::optional(name::MARKETPLACE_FIXED_FEE, Shape::Money),
    Parameter::optional(name::MARKETPLACE_VARIABLE_FEE, Shape::Percent),
    Parameter::optional(DECLINE_POLICY, Shape::Word(&["ExplicitRetry", "ImplicitRetry", "Failure"])),
    Parameter::optional(RETRY_TIMEOUT, Shape::Integer(1, 525_600)),
    Parameter::optional("DescriptorPolicy.SoftDescriptorType", Shape::Word(&["Dynamic", "Static"])),
    Parameter::optional("DescriptorPolicy.CSNumberOf", Shape::Word(&["Caller", "Recipient"])),
];

pub(super) const CHARGE_FEE_TO: &[&str] = &["Caller", "Recipient"];
pub(super) const DECLINE_POLICY: &str = "TemporaryDeclinePolicy.TemporaryDeclinePolicyType";
pub(super) const RETRY_TIMEOUT: &str = "TemporaryDeclinePolicy.ImplicitRetryTimeoutInMins";
pub(super) const MOST_TEXT: usize = 128;
pub(super) const MOST_METADATA: usize = 2048;
const REFUND_POLICIES: &[&str] = &["MasterTxnOnly", "MarketplaceTxnOnly", "MasterAndMarketplaceTxn"];

/// Who takes part in a charge, and by which tokens.
pub(super) struct Parties<'a> {
    pub(super) caller_token: &'a Token,
    pub(super) sender_token: &'a Token,
    pub(super) recipient_token: Option<&'a Token>,
    pub(super) recipient: &'a Account,
}

fn pay(desk: &Desk<'_>, arguments: &Arguments<'_>, operation: Operation) -> Result<Done, Errors> {
    let caller_token = rules::caller_token(desk, arguments.token("CallerTokenId"))?;
    let recipient_token = rules::token(desk, Role::Recipient, arguments.token(name::RECIPIENT_TOKEN_ID))?;
    let sender_token = rules::token(desk, Role::Sender, arguments.token(name::SENDER_TOKEN_ID))?;
    let parties = Parties {
        caller_token,
        sender_token,
        recipient_token: Some(recipient_token),
        recipient: rules::recipient(desk, sender_token, recipient_token)?,
    };
    let amount = arguments.money(name::TRANSACTION_AMOUNT).unwrap_or(Amount::ZERO);
    Ok(charge(desk, arguments, operation, amount, &parties)?)
}

/// Takes money from a sender, if the rules of all tokens allow it.
pub(super) fn charge(
    desk: &Desk<'_>,
    arguments: &Arguments<'_>,
    operation: Operation,
    amount: Amount,
    parties: &Parties<'_>,
) -> Result<Done, Refusal> {
    let sender = money::sender(desk, parties.sender_token)?;
    let token = with_method(desk, parties.sender_token, sender, operation, amount);
    let Some(method) = method(&token) else {
        let message = "The sender token has no payment method.";
        return Err(Refusal::new("PaymentMethodNotDefined", message));
    };
    let payment = Payment { operation, method, amount, sender_token: &token.id };
    rules::hold(desk, Role::Caller, parties.caller_token, &payment)?;
    if let Some(recipient_token) = parties.recipient_token {
        rules::hold(desk, Role::Recipient, recipient_token, &payment)?;
    }
    rules::hold(desk, Role::Sender, &token, &payment)?;
    if matches!(operation, Operation::Pay | Operation::Reserve) && token.role != TokenRole::Own {
        check_kind(&token, operation)?;
    }
    let fee_to_caller = arguments.text(name::CHARGE_FEE_TO) == Some("Caller");
    let pays_no_fee = parties.recipient_token.is_some_and(|one| one.recipient_pays_fee == Some(false));
    if pays_no_fee && !fee_to_caller {
        let message = "The recipient token does not allow that the recipient pays the fee.";
        return Err(Refusal::new("IncompatibleTokens", message));
    }
    let terms = Terms {
        operation,
        token: &token,
        amount,
        sender,
        recipient: parties.recipient,
        recipient_token: parties.recipient_token,
        fee_to_caller,
        fixed_fee: arguments.money(name::MARKETPLACE_FIXED_FEE),
        variable_fee: arguments.percent(name::MARKETPLACE_VARIABLE_FEE),
        timeout_minutes: None,
    };
    let caller = desk.caller()?;
    let mut transaction = money::charge(desk, caller, &terms)?;
    if fee_to_caller {
        transaction.fee_paid_by = Role::Caller;
    }
    describe(desk, &mut transaction, arguments, parties.caller_token, "");
    if desk.declines {
        decline(desk, &mut transaction);
    }
    let used = usage(desk, &token, Some(Use { at: desk.now, amount }));
    let answer = transaction_response(&transaction, &used);
    Ok(Done::with(vec![Event::TransactionOpened { transaction: Box::new(transaction) }], answer))
}

/// The sender's token with what it pays with. One that the caller installed on his own account pays with the first that the
/// account has and the token's rules allow.
fn with_method(
    desk: &Desk<'_>,
    token: &Token,
    sender: &Account,
    operation: Operation,
    amount: Amount,
) -> Token {
    use fps_core::checkout::PaymentMethod;

    let mut token = token.clone();
    if token.role == TokenRole::Own {
        let mut methods = PaymentMethod::ALL.into_iter().filter(|method| sender.has(*method));
        let allowed = |method: &PaymentMethod| {
            let payment = Payment { operation, method: (*method).into(), amount, sender_token: &token.id };
            rules::hold(desk, Role::Sender, &token, &payment).is_ok()
        };
        let method = methods.clone().find(allowed).or_else(|| methods.next());
        token.method = method;
    }
    token
}

fn method(token: &Token) -> Option<PayMethod> {
    match token.role {
        TokenRole::PrepaidSender(_) => Some(PayMethod::Prepaid),
        TokenRole::CreditSender(_) => Some(PayMethod::Debt),
        _ => token.method.map(PayMethod::from),
    }
}

/// What the caller says about it. In a refund, the names of its parties begin with another word.
pub(super) fn describe(
    desk: &Desk<'_>,
    transaction: &mut Transaction,
    arguments: &Arguments<'_>,
    caller_token: &Token,
    prefix: &str,
) {
    let text = |name: &str| arguments.owned(&format!("{prefix}{name}"));
    money::describe(transaction, arguments);
    transaction.sender_description = text(name::SENDER_DESCRIPTION);
    if let Some(date) = arguments.time("TransactionDate") {
        transaction.caller_date = date;
    }
    let timeout = arguments.integer(RETRY_TIMEOUT).and_then(|minutes| u64::try_from(minutes).ok());
    let subscribed = desk.ledger.notified_at(&transaction.caller, Notification::TransactionResults);
    transaction.first = Some(Box::new(FirstGeneration {
        caller_token: Some(caller_token.id.clone()),
        sender_reference: text("SenderReference"),
        recipient_reference: text("RecipientReference"),
        recipient_description: text("RecipientDescription"),
        metadata: arguments.owned("MetaData"),
        on_decline: match arguments.text(DECLINE_POLICY) {
            Some("ImplicitRetry") => OnDecline::ImplicitRetry {
                until: timeout.map(|minutes| desk.now.after(Duration::from_secs(minutes * 60))),
            },
            Some("Failure") => OnDecline::Failure,
            _ => OnDecline::ExplicitRetry,
        },
        queued: subscribed.is_none(),
    }));
}

/// Lets a transaction be declined for now: at once, or when the card network or the bank answers.
fn decline(desk: &Desk<'_>, transaction: &mut Transaction) {
    let fails = transaction.first.as_ref().is_some_and(|first| first.on_decline == OnDecline::Failure);
    let (status, code) = match fails {
        true => (Status::Failure, StatusCode::TransactionDenied),
        false => (Status::Pending, StatusCode::TemporaryDecline),
    };
    match &mut transaction.due {
        Some(due) => (due.status, due.code) = (status, code),
        None => {
            (transaction.status, transaction.code) = (status, code);
            transaction.completed = fails.then_some(desk.now);
            transaction.due = transaction.follow_up(status, code, desk.now);
            for moment in &mut transaction.history {
                (moment.status, moment.code) = (status, code);
            }
        }
    }
}

fn settle(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let reservation = own(desk, arguments, name::RESERVE_TRANSACTION_ID)?;
    let asked = arguments.money(name::TRANSACTION_AMOUNT);
    let mut event = settlement(desk, reservation, asked, None).map_err(|refusal| {
        match (refusal.code.as_ref(), asked, reservation.reserved) {
            ("SettleAmountGreaterThanReserveAmount", Some(asked), Some(reserved)) => {
                let (asked, reserved) = (six_decimals(asked), six_decimals(reserved));
                let message =
                    format!("Settle Amount \"${asked}\" is greater than the Reserve Amount \"${reserved}\"");
                Refusal { message, ..refusal }
            }
            _ => refusal,
        }
    })?;
    if let (Event::TransactionMoved { due: Some(due), .. }, true) = (&mut event, desk.declines) {
        (due.status, due.code) = (Status::Pending, StatusCode::TemporaryDecline);
    }
    let mut events = vec![event];
    let (date, metadata) = (arguments.time("TransactionDate"), arguments.owned("MetaData"));
    if date.is_some() || metadata.is_some() {
        events.push(Event::TransactionNoted {
            transaction: reservation.id.clone(),
            caller_date: date.unwrap_or(reservation.caller_date),
            metadata,
        });
    }
    let mut answer = reservation.clone();
    (answer.status, answer.code) = (Status::Pending, StatusCode::PendingNetworkResponse);
    Ok(Done::with(events, transaction_response(&answer, &[])))
}

fn refund(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let caller_token = rules::caller_token(desk, arguments.token("CallerTokenId"))?;
    let token = rules::token(desk, Role::Sender, arguments.token("RefundSenderTokenId"))?;
    let payment = own(desk, arguments, name::TRANSACTION_ID)?;
    let policy = arguments.text(name::MARKETPLACE_REFUND_POLICY).and_then(RefundPolicy::from_wire);
    let policy = policy.unwrap_or(RefundPolicy::MasterTxnOnly);
    let mut transaction = give_back(desk, payment, arguments.money(name::REFUND_AMOUNT), policy)?;
    // To a card it goes back the way it came; what came from a bank goes to the sender's balance, at once.
    if transaction.method == PayMethod::Ach {
        transaction.method = PayMethod::Abt;
        transaction.due = None;
        money::schedule(desk, &mut transaction, false, None);
    }
    let terms = Payment {
        operation: Operation::Refund,
        method: transaction.method,
        amount: transaction.amount,
        sender_token: &token.id,
    };
    rules::hold(desk, Role::Caller, caller_token, &terms)?;
    rules::hold(desk, Role::Sender, token, &terms)?;
    if token.holder != payment.recipient {
        let message = "The refund sender is not the recipient of the original transaction.";
        return Err(Refusal::new("SenderNotOriginalRecipient", message).into());
    }
    transaction.sender_token = Some(token.id.clone());
    describe(desk, &mut transaction, arguments, caller_token, "Refund");
    if desk.declines {
        decline(desk, &mut transaction);
    }
    let answer = transaction_response(&transaction, &[]);
    Ok(Done::with(vec![Event::TransactionOpened { transaction: Box::new(transaction) }], answer))
}

fn retry(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let one = own(desk, arguments, "OriginalTransactionId")?;
    if !one.is_declined_for_now() {
        let message = "Only a transaction in the status TemporaryDecline can be retried.";
        return Err(Refusal::new("InvalidTransactionState", message).into());
    }
    let on_decline = one.first.as_ref().map(|first| first.on_decline);
    if let Some(OnDecline::ImplicitRetry { .. }) = on_decline {
        let message = "The transaction waits for an implicit retry and cannot be retried explicitly.";
        return Err(Refusal::new("TransactionExpired", message).into());
    }
    if one.operation != Operation::Refund {
        money::check_funds(desk, one)?;
    }
    let moved = |status, code, due| Event::TransactionMoved {
        transaction: one.id.clone(),
        at: desk.now,
        status,
        code,
        settled: None,
        due,
        notice_url: None,
    };
    let (status, code) = match (money::will_be_declined(desk, one), desk.declines) {
        (_, true) => (Status::Pending, StatusCode::TemporaryDecline),
        (true, false) => (Status::Failure, StatusCode::TransactionDenied),
        (false, false) => (one.goal(), StatusCode::Success),
    };
    let mut answer = one.clone();
    let events = match money::delay(desk, one.method) {
        Some(delay) => {
            (answer.status, answer.code) = (Status::Pending, StatusCode::Reinitiated);
            let due = Due { at: desk.now.after(delay), status, code };
            vec![moved(answer.status, answer.code, Some(due))]
        }
        None => {
            (answer.status, answer.code) = (status, code);
            vec![moved(Status::Pending, StatusCode::Reinitiated, None), moved(status, code, None)]
        }
    };
    Ok(Done::with(events, transaction_response(&answer, &[])))
}
