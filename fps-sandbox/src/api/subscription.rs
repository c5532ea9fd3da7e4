//! Subscriptions of Simple Pay's buttons: CancelSubscriptionAndRefund, GetSubscriptionDetails,
//! GetTransactionsForSubscription.
//!
//! Only those buttons could make a subscription, and the sandbox has none; so every subscription is unknown.

use fps_core::param::api as name;

use super::arguments::{Arguments, Parameter, Shape};
use super::refusal::Refusal;
use super::{Action, Desk, Done};

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
    Action { name: "GetSubscriptionDetails", parameters: ONE, run: unknown };

pub(super) const GET_TRANSACTIONS_FOR_SUBSCRIPTION: Action =
    Action { name: "GetTransactionsForSubscription", parameters: ONE, run: unknown };

const ONE: &[Parameter] = &[Parameter::required(name::SUBSCRIPTION_ID, Shape::Text(128))];

fn cancel(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    if arguments.money(name::REFUND_AMOUNT).is_some() && arguments.reference().is_none() {
        return Err(Refusal::params("\"callerReference\" is required if \"refundAmount\" is specified."));
    }
    unknown(desk, arguments)
}

fn unknown(_: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let id = arguments.text(name::SUBSCRIPTION_ID).unwrap_or_default();
    Err(Refusal::params(format!(
        "\"subscriptionId\" has to be a valid subscription ID. Specified value: {id}"
    )))
}
