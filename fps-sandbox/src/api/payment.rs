//! Money on its way: Pay, Reserve, Settle, Refund, Cancel.

use fps_core::Amount;
use fps_core::param::api as name;

use super::arguments::{Arguments, Parameter, Shape};
use super::money::{self, Terms};
use super::refusal::Refusal;
use super::{Action, Desk, Done, transaction_result};
use crate::ledger::fee::share;
use crate::ledger::words::RefundPolicy;
use crate::ledger::{
    Due, Event, Operation, PayMethod, Role, Settled, Status, StatusCode, Token, TokenRole, Transaction,
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
        Parameter::optional(name::OVERRIDE_IPN_URL, Shape::NoticeUrl),
    ],
    run: settle,
};

pub(super) const REFUND: Action = Action {
    name: "Refund",
    parameters: &[
        Parameter::required(name::TRANSACTION_ID, Shape::Transaction),
        Parameter::optional(name::REFUND_AMOUNT, Shape::Money),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::optional(name::CALLER_DESCRIPTION, Shape::Text(160)),
        Parameter::optional(name::MARKETPLACE_REFUND_POLICY, Shape::Word(REFUND_POLICIES)),
        Parameter::optional(name::OVERRIDE_IPN_URL, Shape::NoticeUrl),
    ],
    run: refund,
};

pub(super) const CANCEL: Action = Action {
    name: "Cancel",
    parameters: &[
        Parameter::required(name::TRANSACTION_ID, Shape::Transaction),
        Parameter::optional(name::DESCRIPTION, Shape::Text(1000)),
        Parameter::optional(name::OVERRIDE_IPN_URL, Shape::NoticeUrl),
    ],
    run: cancel,
};

const PAYMENT: &[Parameter] = &[
    Parameter::required(name::SENDER_TOKEN_ID, Shape::Token),
    Parameter::optional(name::RECIPIENT_TOKEN_ID, Shape::Token),
    Parameter::required(name::TRANSACTION_AMOUNT, Shape::Money),
    Parameter::optional(name::CHARGE_FEE_TO, Shape::Word(&["Caller", "Recipient"])),
    Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
    Parameter::optional(name::CALLER_DESCRIPTION, Shape::Text(160)),
    Parameter::optional(name::SENDER_DESCRIPTION, Shape::Text(160)),
    Parameter::optional("DescriptorPolicy.SoftDescriptorType", Shape::Word(&["Dynamic", "Static"])),
    Parameter::optional("DescriptorPolicy.CSOwner", Shape::Word(&["Caller", "Recipient"])),
    Parameter::optional(name::TRANSACTION_TIMEOUT_IN_MINS, Shape::Integer(1, 525_600)),
    Parameter::optional(name::MARKETPLACE_FIXED_FEE, Shape::Money),
    Parameter::optional(name::MARKETPLACE_VARIABLE_FEE, Shape::Percent),
    Parameter::optional(name::OVERRIDE_IPN_URL, Shape::NoticeUrl),
];

const REFUND_POLICIES: &[&str] = &["MasterTxnOnly", "MarketplaceTxnOnly", "MasterAndMarketplaceTxn"];

fn pay(desk: &Desk<'_>, arguments: &Arguments<'_>, operation: Operation) -> Result<Done, Refusal> {
    let caller = desk.caller()?;
    let amount = arguments.money(name::TRANSACTION_AMOUNT).unwrap_or(Amount::ZERO);
    let sender_id = arguments.token(name::SENDER_TOKEN_ID).unwrap_or_else(|| fps_core::TokenId::new(""));
    let token = money::sender_token(desk, caller, &sender_id)?;
    check_kind(token, operation)?;
    let recipient_id = arguments.token(name::RECIPIENT_TOKEN_ID);
    let recipient = money::recipient(desk, caller, token, recipient_id.as_ref())?;
    let terms = Terms {
        operation,
        token,
        amount,
        sender: money::sender(desk, token)?,
        recipient: recipient.account,
        recipient_token: recipient.token,
        fee_to_caller: match arguments.text(name::CHARGE_FEE_TO) {
            Some(word) => word == "Caller",
            None => recipient.token.is_some_and(|token| token.recipient_pays_fee == Some(false)),
        },
        fixed_fee: arguments.money(name::MARKETPLACE_FIXED_FEE),
        variable_fee: arguments.percent(name::MARKETPLACE_VARIABLE_FEE),
        timeout_minutes: arguments.integer(name::TRANSACTION_TIMEOUT_IN_MINS),
    };
    let mut transaction = money::charge(desk, caller, &terms)?;
    money::describe(&mut transaction, arguments);
    let answer = transaction_result(&transaction);
    Ok(Done::with(vec![Event::TransactionOpened { transaction: Box::new(transaction) }], answer))
}

/// Whether the token is one for this operation.
pub(super) fn check_kind(token: &Token, operation: Operation) -> Result<(), Refusal> {
    match token.role {
        TokenRole::Sender => {}
        TokenRole::PrepaidSender(_) | TokenRole::CreditSender(_) if operation == Operation::Pay => {}
        _ => {
            let message = "This token cannot be used to send money in this operation.";
            return Err(Refusal::new("InvalidSenderRoleForAccountType", message));
        }
    }
    // Only the SingleUse pipeline has the flag; tokens of other pipelines can be used with both.
    if token.kind == crate::ledger::TokenType::SingleUse && token.reserve != (operation == Operation::Reserve)
    {
        let message = if token.reserve {
            "The sender token was installed for a reservation. Use Reserve and Settle."
        } else {
            "The sender token was not installed for a reservation. Use Pay."
        };
        return Err(Refusal::new("InvalidTokenType", message));
    }
    Ok(())
}

fn settle(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let reservation = own(desk, arguments, name::RESERVE_TRANSACTION_ID)?;
    let asked = arguments.money(name::TRANSACTION_AMOUNT);
    let event = settlement(desk, reservation, asked, arguments.owned(name::OVERRIDE_IPN_URL))?;
    let mut answer = reservation.clone();
    answer.status = Status::Pending;
    Ok(Done::with(vec![event], transaction_result(&answer)))
}

/// What settles a reservation: the amount asked for, or all of it.
pub(super) fn settlement(
    desk: &Desk<'_>,
    reservation: &Transaction,
    asked: Option<Amount>,
    notice_url: Option<String>,
) -> Result<Event, Refusal> {
    let reserved = match (reservation.operation, reservation.reserved, reservation.status) {
        (Operation::Reserve, Some(reserved), Status::Reserved) => reserved,
        (Operation::Reserve, _, Status::Pending) => {
            let message = "The reservation is still in progress.";
            return Err(Refusal::new("OriginalTransactionIncomplete", message));
        }
        (Operation::Reserve, _, Status::Failure) => {
            return Err(Refusal::new("OriginalTransactionFailed", "The reservation failed."));
        }
        (Operation::Reserve | Operation::Settle, ..) => {
            let message = "The reservation has been settled or cancelled already.";
            return Err(Refusal::new("InvalidTransactionState", message));
        }
        _ => return Err(Refusal::new("InvalidTransactionId", "The transaction is not a reservation.")),
    };
    let amount = asked.unwrap_or(reserved);
    if amount.is_zero() {
        return Err(Refusal::new("AmountOutOfRange", "The amount to settle must be more than zero."));
    }
    if amount > reserved {
        let message = "The amount to settle is greater than the reserved amount.";
        return Err(Refusal::new("SettleAmountGreaterThanReserveAmount", message));
    }
    let marketplace_fee = share(reservation.marketplace_fee, amount, reserved);
    let settled =
        Settled { amount, fee: desk.settings.fees.fee(reservation.method, amount), marketplace_fee };
    let due = Due {
        at: desk.now.after(desk.settings.card_delay),
        status: Status::Success,
        code: StatusCode::Success,
    };
    Ok(Event::TransactionMoved {
        transaction: reservation.id.clone(),
        at: desk.now,
        status: Status::Pending,
        code: StatusCode::PendingNetworkResponse,
        settled: Some(settled),
        due: Some(due),
        notice_url,
    })
}

fn refund(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let payment = own(desk, arguments, name::TRANSACTION_ID)?;
    let policy = arguments.text(name::MARKETPLACE_REFUND_POLICY).and_then(RefundPolicy::from_wire);
    let policy = policy.unwrap_or(RefundPolicy::MasterTxnOnly);
    let mut transaction = give_back(desk, payment, arguments.money(name::REFUND_AMOUNT), policy)?;
    money::describe(&mut transaction, arguments);
    let answer = transaction_result(&transaction);
    Ok(Done::with(vec![Event::TransactionOpened { transaction: Box::new(transaction) }], answer))
}

/// The refund of a payment: of the amount asked for, or of what is left.
pub(super) fn give_back(
    desk: &Desk<'_>,
    payment: &Transaction,
    asked: Option<Amount>,
    policy: RefundPolicy,
) -> Result<Transaction, Refusal> {
    match (payment.operation, payment.status) {
        (Operation::Pay | Operation::Settle, Status::Success) => {}
        (Operation::Pay | Operation::Settle, Status::Failure | Status::Cancelled) => {
            return Err(Refusal::new("OriginalTransactionFailed", "The original transaction failed."));
        }
        (Operation::Pay | Operation::Settle, Status::Pending) => {
            let message = "The original transaction is still in progress.";
            return Err(Refusal::new("OriginalTransactionIncomplete", message));
        }
        (Operation::Reserve, _) => {
            let message = "The reservation has not been settled. Cancel it instead.";
            return Err(Refusal::new("InvalidTransactionState", message));
        }
        _ => {
            let message = format!("A transaction of type {} cannot be refunded.", payment.operation);
            return Err(Refusal::new("TransactionTypeNotRefundable", message));
        }
    }
    let amount = refundable(desk, payment, asked)?;
    let mut transaction = money::blank(desk, Operation::Refund, payment.method, amount);
    transaction.caller = payment.caller.clone();
    // In a refund the roles are turned: who was paid sends.
    transaction.sender = payment.recipient.clone();
    transaction.recipient = payment.sender.clone();
    transaction.fee_paid_by = match payment.fee_paid_by {
        Role::Recipient => Role::Sender,
        other => other,
    };
    let negative = |fee: Amount| share(fee, amount, payment.amount).checked_neg().unwrap_or(Amount::ZERO);
    if policy != RefundPolicy::MarketplaceTxnOnly {
        transaction.fee = negative(payment.fee);
    }
    if policy != RefundPolicy::MasterTxnOnly {
        transaction.marketplace_fee = negative(payment.marketplace_fee);
    }
    transaction.refund_policy = Some(policy);
    transaction.original = Some(payment.id.clone());
    transaction.instrument = payment.instrument.clone();
    transaction.reason = payment.reason.clone();
    let gives_back = policy != RefundPolicy::MarketplaceTxnOnly;
    let moves_money = !matches!(payment.method, PayMethod::Prepaid | PayMethod::Debt);
    if gives_back && moves_money {
        let returned = transaction.fee.checked_add(transaction.marketplace_fee).unwrap_or(transaction.fee);
        let needed = amount.checked_add(returned).unwrap_or(amount);
        if desk.ledger.available(&transaction.sender) < needed {
            let message =
                "The recipient of the original transaction has insufficient balance for the refund.";
            return Err(Refusal::new("InsufficientBalance", message));
        }
    }
    money::schedule(desk, &mut transaction, false, None);
    Ok(transaction)
}

/// What is to be given back: what was asked for, or what is left.
fn refundable(desk: &Desk<'_>, payment: &Transaction, asked: Option<Amount>) -> Result<Amount, Refusal> {
    let refunded = desk.ledger.refunded(&payment.id);
    let left = payment.amount.checked_sub(refunded).unwrap_or(Amount::ZERO);
    if left.is_zero() || left.is_negative() {
        let message = "The transaction has already been refunded in full.";
        return Err(Refusal::new("TransactionFullyRefundedAlready", message));
    }
    let amount = asked.unwrap_or(left);
    if amount.is_zero() {
        return Err(Refusal::new("AmountOutOfRange", "The amount to refund must be more than zero."));
    }
    if amount > left {
        let message = "The amount to refund is greater than the refundable amount.";
        return Err(Refusal::new("RefundAmountExceeded", message));
    }
    Ok(amount)
}

fn cancel(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let transaction = own(desk, arguments, name::TRANSACTION_ID)?;
    if !matches!(transaction.operation, Operation::Pay | Operation::Reserve) {
        let message = "Only a payment or a reservation can be cancelled.";
        return Err(match transaction.operation {
            Operation::Settle => Refusal::new("InvalidTransactionState", "The reservation has been settled."),
            _ => Refusal::new("InvalidTransactionId", message),
        });
    }
    if transaction.has_ended() {
        let message = "The transaction has ended and cannot be cancelled.";
        return Err(Refusal::new("InvalidTransactionState", message));
    }
    let event = Event::TransactionMoved {
        transaction: transaction.id.clone(),
        at: desk.now,
        status: Status::Cancelled,
        code: StatusCode::Cancelled,
        settled: None,
        due: None,
        notice_url: arguments.owned(name::OVERRIDE_IPN_URL),
    };
    let mut answer = transaction.clone();
    answer.status = Status::Cancelled;
    Ok(Done::with(vec![event], transaction_result(&answer)))
}

/// A transaction that this caller made.
pub(super) fn own<'a>(
    desk: &Desk<'a>,
    arguments: &Arguments<'_>,
    name: &str,
) -> Result<&'a Transaction, Refusal> {
    let caller = desk.caller()?.id.clone();
    let transaction = arguments.transaction(name).and_then(|id| desk.ledger.transaction(&id));
    transaction.filter(|one| one.caller == caller).ok_or_else(|| {
        Refusal::new(
            "InvalidTransactionId",
            "The transaction was not found or was not executed by this caller.",
        )
    })
}
