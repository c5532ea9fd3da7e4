//! Tokens: CancelToken, GetTokenByCaller.

use fps_core::param::api as name;

use super::arguments::{Arguments, Parameter, Shape};
use super::refusal::Refusal;
use super::xml::Xml;
use super::{Action, Desk, Done};
use crate::ledger::{Event, Token};

pub(super) const CANCEL_TOKEN: Action = Action {
    name: "CancelToken",
    parameters: &[
        Parameter::required(name::TOKEN_ID, Shape::Token),
        Parameter::optional(name::REASON_TEXT, Shape::Text(1000)),
        Parameter::optional(name::OVERRIDE_IPN_URL, Shape::NoticeUrl),
    ],
    run: cancel_token,
};

pub(super) const GET_TOKEN_BY_CALLER: Action = Action {
    name: "GetTokenByCaller",
    parameters: &[
        Parameter::optional(name::TOKEN_ID, Shape::Token),
        Parameter::optional(name::CALLER_REFERENCE, Shape::Reference),
    ],
    run: token_by_caller,
};

fn cancel_token(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let caller = desk.caller()?;
    let token = arguments.token(name::TOKEN_ID).and_then(|id| desk.ledger.token(&id));
    let Some(token) = token else {
        return Err(Refusal::new("InvalidTokenId", "The token ID is not valid."));
    };
    if token.caller != caller.id {
        return Err(Refusal::new("TokenAccessDenied", "Permission to cancel the token is denied."));
    }
    if !token.is_active(desk.now) {
        return Err(Refusal::new("TokenNotActive", "The token is not active."));
    }
    let event = Event::TokenCancelled {
        token: token.id.clone(),
        at: desk.now,
        reason: arguments.owned(name::REASON_TEXT),
        notice_url: arguments.owned(name::OVERRIDE_IPN_URL),
    };
    Ok(Done { events: vec![event], result: None })
}

fn token_by_caller(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let caller = desk.caller()?;
    let token = match (arguments.token(name::TOKEN_ID), arguments.text(name::CALLER_REFERENCE)) {
        (Some(id), None) => desk
            .ledger
            .token(&id)
            .filter(|token| token.caller == caller.id)
            .ok_or_else(|| Refusal::new("InvalidTokenId", "The token was not installed by this caller.")),
        (None, Some(reference)) => desk.ledger.token_by_reference(&caller.id, reference).ok_or_else(|| {
            Refusal::new("InvalidCallerReference", "No token is associated with this caller reference.")
        }),
        _ => Err(Refusal::params("Specify either \"tokenId\" or \"callerReference\", and not both.")),
    }?;
    let mut xml = Xml::new();
    write_token(&mut xml, token, desk);
    Ok(Done::answer(xml))
}

/// A token in the order of the schema.
pub(super) fn write_token(xml: &mut Xml, token: &Token, desk: &Desk<'_>) {
    let old = token.old.as_ref().unwrap_or(&token.id);
    xml.node("Token", |xml| {
        xml.leaf("TokenId", token.id.as_str())
            .leaf("FriendlyName", &token.friendly_name)
            .leaf("TokenStatus", if token.is_active(desk.now) { "Active" } else { "Inactive" })
            .leaf("DateInstalled", &token.installed.to_pacific())
            .leaf("CallerReference", token.reference.as_str())
            .leaf("TokenType", token.kind.as_str())
            .leaf("OldTokenId", old.as_str())
            .leaf_some("PaymentReason", token.reason.as_deref());
    });
}
