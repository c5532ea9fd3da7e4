//! Tokens: InstallPaymentInstruction, GetPaymentInstruction, GetTokenByCaller, GetTokens, GetTokenUsage, CancelToken.

use fps_core::param::api as name;

use super::super::arguments::{Arguments, Parameter, Shape};
use super::super::token::{cancel_token, instruction, own, usage};
use super::super::xml::Xml;
use super::write::{MOST_LIMITS, usage_limit};
use super::{Action, Desk, Done, Errors, Refusal};
use crate::gatekeeper::{Mistake, MistakeKind, Rules};
use crate::ids;
use crate::ledger::{Event, Token, TokenRole, TokenType};

pub(super) const INSTALL_PAYMENT_INSTRUCTION: Action = Action {
    name: "InstallPaymentInstruction",
    parameters: &[
        Parameter::required(name::PAYMENT_INSTRUCTION, Shape::Text(10_240)),
        Parameter::required(name::CALLER_REFERENCE, Shape::ShortReference),
        Parameter::required(
            name::TOKEN_TYPE,
            Shape::Word(&["SingleUse", "MultiUse", "Recurring", "Unrestricted"]),
        ),
        Parameter::optional(name::TOKEN_FRIENDLY_NAME, Shape::Text(128)),
        Parameter::optional(name::PAYMENT_REASON, Shape::Text(64)),
    ],
    run: install,
};

pub(super) const GET_PAYMENT_INSTRUCTION: Action =
    Action { name: "GetPaymentInstruction", parameters: ONE, run: payment_instruction };

pub(super) const GET_TOKEN_BY_CALLER: Action = Action {
    name: "GetTokenByCaller",
    parameters: &[
        Parameter::optional(name::TOKEN_ID, Shape::Token),
        Parameter::optional(name::CALLER_REFERENCE, Shape::Reference),
    ],
    run: token_by_caller,
};

pub(super) const GET_TOKENS: Action = Action {
    name: "GetTokens",
    parameters: &[
        Parameter::optional(name::TOKEN_FRIENDLY_NAME, Shape::Text(128)),
        Parameter::optional(name::TOKEN_STATUS, Shape::Word(&["Active", "Inactive"])),
        Parameter::optional(name::CALLER_REFERENCE, Shape::Text(128)),
    ],
    run: tokens,
};

pub(super) const GET_TOKEN_USAGE: Action =
    Action { name: "GetTokenUsage", parameters: ONE, run: token_usage };

pub(super) const CANCEL_TOKEN: Action = Action {
    name: "CancelToken",
    parameters: &[
        Parameter::required(name::TOKEN_ID, Shape::Token),
        Parameter::optional(name::REASON_TEXT, Shape::Text(64)),
    ],
    run: |desk, arguments| Ok(cancel_token(desk, arguments)?),
};

const ONE: &[Parameter] = &[Parameter::required(name::TOKEN_ID, Shape::Token)];

/// A token on the caller's own account, with rules that every payment will have to keep. A repeated reference never gets the
/// first token again; GetTokenByCaller finds it.
fn install(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let caller = desk.caller()?;
    let reference =
        arguments.reference().ok_or_else(|| Refusal::params("callerReference can not be empty"))?;
    if desk.ledger.token_by_reference(&caller.id, &reference).is_some() {
        return Err(Refusal::new("DuplicateRequest", "The caller reference has a token already.").into());
    }
    let program = arguments.text(name::PAYMENT_INSTRUCTION).unwrap_or_default();
    Rules::read(program, desk.settings.permissive_rules)
        .map_err(|mistakes| Errors::new(mistakes.into_iter().map(refused).collect()))?;
    let kind =
        arguments.text(name::TOKEN_TYPE).and_then(TokenType::from_wire).unwrap_or(TokenType::Unrestricted);
    if matches!(kind, TokenType::MultiUse | TokenType::Recurring) {
        let message = format!("The payment instruction of a {kind} token has to define its usage limits.");
        let why =
            "how the rule language wrote usage limits is not known; install Unrestricted or SingleUse tokens";
        return Err(Refusal::new("UsageNotDefined", message).because(why).into());
    }
    let friendly = arguments.owned(name::TOKEN_FRIENDLY_NAME).filter(|name| !name.is_empty());
    let token = Token::single_use(ids::token(), caller.id.clone(), caller.id.clone(), reference, desk.now);
    let token = Token {
        role: TokenRole::Own,
        kind,
        friendly_name: friendly.unwrap_or_else(|| token.reference.to_string()),
        reason: arguments.owned(name::PAYMENT_REASON),
        instruction: Some(program.to_owned()),
        expires: token.expires.filter(|_| kind == TokenType::SingleUse),
        ..token
    };
    let mut xml = Xml::new();
    xml.leaf("TokenId", token.id.as_str());
    Ok(Done::with(vec![Event::TokenInstalled { token: Box::new(token) }], xml))
}

fn refused(mistake: Mistake) -> Refusal {
    match mistake.kind {
        MistakeKind::Rule => Refusal::new("BadRule", format!("Parse errors: {}", mistake.text)),
        MistakeKind::Method => Refusal::new("InvalidPaymentMethod", mistake.text),
    }
}

fn payment_instruction(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let token = own(desk, arguments)?;
    let program = token.instruction.clone().unwrap_or_else(|| instruction(token));
    let mut xml = Xml::new();
    write(&mut xml, "Token", token, desk);
    xml.leaf("PaymentInstruction", &program)
        .leaf("AccountId", token.holder.as_str())
        .leaf("TokenFriendlyName", &token.friendly_name);
    Ok(Done::answer(xml))
}

fn token_by_caller(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let caller = desk.caller()?;
    let token = match (arguments.token(name::TOKEN_ID), arguments.reference()) {
        (Some(_), None) => own(desk, arguments)?,
        (None, Some(reference)) => {
            desk.ledger.token_by_reference(&caller.id, &reference).ok_or_else(|| {
                Refusal::new("InvalidCallerReference", "No token is associated with this caller reference.")
            })?
        }
        _ => {
            let message = "Specify either \"tokenId\" or \"callerReference\", and not both.";
            return Err(Refusal::params(message).into());
        }
    };
    let mut xml = Xml::new();
    write(&mut xml, "Token", token, desk);
    Ok(Done::answer(xml))
}

/// The tokens that the caller installed on his own account. Those of buyers and sellers belong to them.
fn tokens(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let caller = desk.caller()?;
    let active = arguments.text(name::TOKEN_STATUS) != Some("Inactive");
    let fits = |wanted: Option<&str>, have: &str| wanted.is_none_or(|wanted| wanted == have);
    let mut xml = Xml::new();
    for token in desk.ledger.tokens().filter(|token| token.caller == caller.id && token.holder == caller.id) {
        if token.is_active(desk.now) == active
            && fits(arguments.text(name::CALLER_REFERENCE), token.reference.as_str())
            && fits(arguments.text(name::TOKEN_FRIENDLY_NAME), &token.friendly_name)
        {
            write(&mut xml, "Tokens", token, desk);
        }
    }
    Ok(Done::answer(xml))
}

/// An unrestricted token has no limits to tell of. The placeholder in the message is the service's own.
fn token_usage(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Errors> {
    let token = own(desk, arguments)?;
    if token.kind == TokenType::SingleUse {
        let message = "Type of token \"{0}\" is invalid for this operation.";
        return Err(Refusal::new("InvalidTokenType", message).into());
    }
    let mut xml = Xml::new();
    for usage in usage(desk, token, None).iter().take(MOST_LIMITS) {
        usage_limit(&mut xml, "TokenUsageLimits", usage);
    }
    Ok(Done::answer(xml))
}

/// A token in the order of the schema.
fn write(xml: &mut Xml, element: &str, token: &Token, desk: &Desk<'_>) {
    let old = token.old.as_ref().unwrap_or(&token.id);
    xml.node(element, |xml| {
        xml.leaf("TokenId", token.id.as_str())
            .leaf("FriendlyName", &token.friendly_name)
            .leaf("Status", if token.is_active(desk.now) { "Active" } else { "Inactive" })
            .leaf("DateInstalled", &token.installed.to_pacific())
            .leaf("CallerInstalled", token.caller.as_str())
            .leaf("CallerReference", token.reference.as_str())
            .leaf("TokenType", token.kind.as_str())
            .leaf("OldTokenId", old.as_str())
            .leaf_some("PaymentReason", token.reason.as_deref());
    });
}
