//! Subscriptions: CancelSubscriptionAndRefund, GetSubscriptionDetails, GetTransactionsForSubscription, and the payments that the
//! service makes for them by itself.
//!
//! Buttons of Simple Pay began them; here [`Sandbox::subscribe`](crate::Sandbox::subscribe) and the control page do.

use fps_core::param::api as name;
use fps_core::{Amount, SubscriptionId, Timestamp};

use super::arguments::{Arguments, Parameter, Shape};
use super::money::{self, Terms};
use super::refusal::Refusal;
use super::xml::Xml;
use super::{Action, Desk, Done, payment};
use crate::ledger::words::{RefundPolicy, SubscriptionStatus};
use crate::ledger::{
    Event, History, Operation, Period, PeriodUnit, Status, StatusCode, Subscription, Transaction,
};
use crate::sandbox::{Inner, State};

pub(super) const CANCEL_SUBSCRIPTION_AND_REFUND: Action = Action {
    name: "CancelSubscriptionAndRefund",
    parameters: &[
        Parameter::required(name::SUBSCRIPTION_ID, Shape::Text(128)),
        Parameter::optional(name::REFUND_AMOUNT, Shape::Money),
        Parameter::optional(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::optional(name::CANCEL_REASON, Shape::Text(1000)),
    ],
    run: cancel,
};

pub(super) const GET_SUBSCRIPTION_DETAILS: Action =
    Action { name: "GetSubscriptionDetails", parameters: ONE, run: details };

pub(super) const GET_TRANSACTIONS_FOR_SUBSCRIPTION: Action =
    Action { name: "GetTransactionsForSubscription", parameters: ONE, run: transactions };

const ONE: &[Parameter] = &[Parameter::required(name::SUBSCRIPTION_ID, Shape::Text(128))];

/// Without an amount it only cancels. With one it gives back up to the last payment, whether there is anything left to cancel or
/// not.
fn cancel(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let asked = arguments.money(name::REFUND_AMOUNT);
    if asked.is_some() && arguments.reference().is_none() {
        return Err(Refusal::params("\"callerReference\" is required if \"refundAmount\" is specified."));
    }
    let subscription = own(desk, arguments)?;
    let is_active = subscription.status == SubscriptionStatus::Active;
    let mut events = Vec::new();
    if is_active {
        events.push(moved(subscription, SubscriptionStatus::Cancelled, None, None));
        events.push(Event::TokenReplaced { token: subscription.token.clone(), at: desk.now });
    }
    let Some(asked) = asked else {
        return match is_active {
            true => Ok(Done { events, result: None }),
            false => Err(Refusal::new(
                "InvalidSubscriptionState",
                "The subscription has been cancelled or completed already.",
            )),
        };
    };
    let last = subscription.transactions.last().and_then(|id| desk.ledger.transaction(id));
    let Some(last) = last else {
        let message = "The subscription has no payment that could be refunded.";
        return Err(Refusal::new("RefundAmountExceeded", message));
    };
    let mut refund = payment::give_back(desk, last, Some(asked), RefundPolicy::MasterTxnOnly)?;
    money::describe(&mut refund, arguments);
    refund.caller_description = arguments.owned(name::CANCEL_REASON);
    refund.notice_url.clone_from(&subscription.notice_url);
    let mut xml = Xml::new();
    xml.leaf("RefundTransactionId", refund.id.as_str());
    events.push(Event::TransactionOpened { transaction: Box::new(refund) });
    Ok(Done::with(events, xml))
}

fn details(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let one = own(desk, arguments)?;
    let account = |id| desk.ledger.account(id);
    let email = |id| account(id).map_or("", |account| account.email.as_str());
    let name = |id| account(id).map_or("", |account| account.name.as_str());
    let coming = one.next.map(|_| one.amount_of(one.next_serial()));
    let promotional = one.promotion.map_or(0, |promotion| promotion.count);
    let mut xml = Xml::new();
    xml.node("SubscriptionDetails", |xml| {
        xml.leaf("SubscriptionId", one.id.as_str())
            .leaf("Description", &one.description)
            .amount("SubscriptionAmount", one.amount);
        if let Some(amount) = coming {
            xml.amount("NextTransactionAmount", amount);
        }
        if let Some(promotion) = one.promotion {
            xml.amount("PromotionalAmount", promotion.amount);
        }
        xml.leaf("NumberOfPromotionalTransactions", &promotional.to_string())
            .leaf("StartDate", &one.starts.to_pacific())
            .leaf_some("EndDate", one.ends().map(Timestamp::to_pacific).as_deref());
        if let Some(lasts) = one.lasts {
            duration(xml, "SubscriptionPeriod", lasts);
        }
        duration(xml, "SubscriptionFrequency", one.frequency);
        xml.leaf_some("OverrideIPNUrl", one.notice_url.as_deref())
            .leaf("SubscriptionStatus", one.status.as_str())
            .leaf("NumberOfTransactionsProcessed", &one.transactions.len().to_string())
            .leaf("RecipientEmail", email(&one.caller))
            .leaf("RecipientName", name(&one.caller))
            .leaf("SenderEmail", email(&one.sender))
            .leaf("SenderName", name(&one.sender))
            .leaf_some("NextTransactionDate", one.next.map(Timestamp::to_pacific).as_deref());
    });
    Ok(Done::answer(xml))
}

fn duration(xml: &mut Xml, name: &str, period: Period) {
    let unit = match period.unit {
        // Hours are refused when a subscription begins.
        PeriodUnit::Hour | PeriodUnit::Day => "day",
        PeriodUnit::Week => "week",
        PeriodUnit::Month => "month",
        PeriodUnit::Year => "year",
    };
    xml.node(name, |xml| {
        xml.leaf("Value", &period.count.to_string()).leaf("TimeUnit", unit);
    });
}

fn transactions(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let subscription = own(desk, arguments)?;
    let made = subscription.transactions.iter().filter_map(|id| desk.ledger.transaction(id));
    let mut xml = Xml::new();
    for (number, one) in made.enumerate() {
        xml.node("SubscriptionTransaction", |xml| {
            xml.leaf("TransactionId", one.id.as_str())
                .leaf("TransactionDate", &one.received.to_pacific())
                .leaf("TransactionSerialNumber", &(number + 1).to_string())
                .amount("TransactionAmount", one.amount)
                .leaf("Description", &subscription.description)
                .leaf("TransactionStatus", one.status.as_str());
        });
    }
    Ok(Done::answer(xml))
}

/// A subscription of this caller.
fn own<'a>(desk: &Desk<'a>, arguments: &Arguments<'_>) -> Result<&'a Subscription, Refusal> {
    let text = arguments.text(name::SUBSCRIPTION_ID).unwrap_or_default();
    let caller = &desk.caller()?.id;
    let one = desk.ledger.subscription(&SubscriptionId::new(text)).filter(|one| one.caller == *caller);
    one.ok_or_else(|| {
        let message =
            format!("\"subscriptionId\" has to be a valid subscription ID. Specified value: {text}");
        Refusal::params(message)
    })
}

/// Makes the payment of a subscription that is due at `at`. False if the data file cannot be written.
pub(crate) fn charge_next(inner: &Inner, state: &mut State, at: Timestamp) -> bool {
    let due = state.ledger.subscriptions_due(at).next().cloned();
    let Some(subscription) = due else { return false };
    let desk = Desk {
        ledger: &state.ledger,
        settings: &inner.settings,
        key: &inner.key,
        caller: state.ledger.account(&subscription.caller),
        version: "2010-08-28",
        now: at,
        sent: at,
        declines: false,
    };
    let events = charge(&desk, &subscription);
    state.commit(&events).is_ok()
}

/// A payment that is refused is a transaction in Failure. A token that has ended, because the buyer took it back, ends the
/// subscription.
fn charge(desk: &Desk<'_>, one: &Subscription) -> Vec<Event> {
    let token = desk.ledger.token(&one.token).filter(|token| token.is_active(desk.now));
    let (Some(token), Ok(caller)) = (token, desk.caller()) else {
        return vec![moved(one, SubscriptionStatus::Cancelled, None, None)];
    };
    let serial = one.next_serial();
    let amount = one.amount_of(serial);
    let charged = money::sender(desk, token).and_then(|sender| {
        let recipient = money::recipient(desk, caller, token, None)?;
        let terms = Terms {
            operation: Operation::Pay,
            token,
            amount,
            sender,
            recipient: recipient.account,
            recipient_token: None,
            fee_to_caller: false,
            fixed_fee: None,
            variable_fee: None,
            timeout_minutes: None,
        };
        money::charge(desk, caller, &terms)
    });
    let mut transaction = charged.unwrap_or_else(|_| refused(desk, one, amount));
    transaction.notice_url.clone_from(&one.notice_url);
    if let Ok(reference) = fps_core::CallerReference::new(format!("{}-{serial}", one.id)) {
        transaction.caller_reference = reference;
    }
    let next = one.date_of(serial + 1);
    let status = if next.is_some() { SubscriptionStatus::Active } else { SubscriptionStatus::Completed };
    let charged = moved(one, status, next, Some(&transaction));
    vec![Event::TransactionOpened { transaction: Box::new(transaction) }, charged]
}

fn refused(desk: &Desk<'_>, one: &Subscription, amount: Amount) -> Transaction {
    let token = desk.ledger.token(&one.token);
    let method = token.and_then(|token| token.method).unwrap_or(fps_core::checkout::PaymentMethod::Abt);
    let mut transaction = money::blank(desk, Operation::Pay, method.into(), amount);
    transaction.caller = one.caller.clone();
    transaction.sender = one.sender.clone();
    transaction.recipient = one.caller.clone();
    transaction.sender_token = Some(one.token.clone());
    transaction.reason = Some(one.description.clone());
    transaction.status = Status::Failure;
    transaction.code = StatusCode::TransactionDenied;
    transaction.completed = Some(desk.now);
    let (status, code) = (transaction.status, transaction.code);
    transaction.history = vec![History { at: desk.now, status, code, amount }];
    transaction
}

fn moved(
    one: &Subscription,
    status: SubscriptionStatus,
    next: Option<Timestamp>,
    transaction: Option<&Transaction>,
) -> Event {
    Event::SubscriptionMoved {
        subscription: one.id.clone(),
        status,
        next,
        transaction: transaction.map(|transaction| transaction.id.clone()),
    }
}
