//! Tokens: CancelToken, GetTokenByCaller, GetTokens, GetTokenUsage, GetRecipientVerificationStatus, and the caller's own
//! tokens by InstallPaymentInstruction and GetPaymentInstruction.

use std::time::Duration;

use fps_core::param::api as name;
use fps_core::{Amount, Timestamp};

use super::arguments::{Arguments, Parameter, Shape};
use super::refusal::Refusal;
use super::xml::Xml;
use super::{Action, Desk, Done, money};
use crate::ids;
use crate::ledger::token::{Most, Use};
use crate::ledger::words::AmountType;
use crate::ledger::{AccountState, Event, Limit, Token, TokenRole, TokenType};

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

pub(super) const GET_TOKENS: Action = Action {
    name: "GetTokens",
    parameters: &[
        Parameter::optional(name::TOKEN_STATUS, Shape::Word(&["Active", "Inactive"])),
        Parameter::optional(name::TOKEN_TYPE, Shape::Word(TYPES)),
        Parameter::optional(name::CALLER_REFERENCE, Shape::Text(128)),
        Parameter::optional(name::TOKEN_FRIENDLY_NAME, Shape::Text(128)),
    ],
    run: tokens,
};

pub(super) const GET_TOKEN_USAGE: Action = Action {
    name: "GetTokenUsage",
    parameters: &[Parameter::required(name::TOKEN_ID, Shape::Token)],
    run: token_usage,
};

pub(super) const GET_RECIPIENT_VERIFICATION_STATUS: Action = Action {
    name: "GetRecipientVerificationStatus",
    parameters: &[Parameter::required(name::RECIPIENT_TOKEN_ID, Shape::Token)],
    run: verification_status,
};

pub(super) const INSTALL_PAYMENT_INSTRUCTION: Action = Action {
    name: "InstallPaymentInstruction",
    parameters: &[
        Parameter::required(name::PAYMENT_INSTRUCTION, Shape::Text(10_240)),
        Parameter::required(name::TOKEN_TYPE, Shape::Word(TYPES)),
        Parameter::required(name::CALLER_REFERENCE, Shape::Reference),
        Parameter::optional(name::TOKEN_FRIENDLY_NAME, Shape::Text(128)),
        Parameter::optional(name::PAYMENT_REASON, Shape::Text(64)),
    ],
    run: install_instruction,
};

pub(super) const GET_PAYMENT_INSTRUCTION: Action = Action {
    name: "GetPaymentInstruction",
    parameters: &[Parameter::required(name::TOKEN_ID, Shape::Token)],
    run: payment_instruction,
};

const TYPES: &[&str] = &["SingleUse", "MultiUse", "Recurring", "Unrestricted"];

pub(super) fn cancel_token(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
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
    let token = match (arguments.token(name::TOKEN_ID), arguments.reference()) {
        (Some(id), None) => desk
            .ledger
            .token(&id)
            .filter(|token| token.caller == caller.id)
            .ok_or_else(|| Refusal::new("InvalidTokenId", "The token was not installed by this caller.")),
        (None, Some(reference)) => desk.ledger.token_by_reference(&caller.id, &reference).ok_or_else(|| {
            Refusal::new("InvalidCallerReference", "No token is associated with this caller reference.")
        }),
        _ => Err(Refusal::params("Specify either \"tokenId\" or \"callerReference\", and not both.")),
    }?;
    let mut xml = Xml::new();
    write_token(&mut xml, token, desk);
    Ok(Done::answer(xml))
}

/// The tokens that the caller installed on his own account. Those of buyers and sellers belong to them.
fn tokens(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let caller = desk.caller()?;
    let active = arguments.text(name::TOKEN_STATUS) != Some("Inactive");
    let fits = |wanted: Option<&str>, have: &str| wanted.is_none_or(|wanted| wanted == have);
    let mut xml = Xml::new();
    for token in desk.ledger.tokens().filter(|token| token.caller == caller.id && token.holder == caller.id) {
        if token.is_active(desk.now) == active
            && fits(arguments.text(name::TOKEN_TYPE), token.kind.as_str())
            && fits(arguments.text(name::CALLER_REFERENCE), token.reference.as_str())
            && fits(arguments.text(name::TOKEN_FRIENDLY_NAME), &token.friendly_name)
        {
            write_token(&mut xml, token, desk);
        }
    }
    Ok(Done::answer(xml))
}

/// How much of each limit is used, in the present window and in the one before.
fn token_usage(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let token = own(desk, arguments)?;
    if !matches!(token.kind, TokenType::MultiUse | TokenType::Recurring) {
        return Err(Refusal::new(
            "InvalidTokenType",
            "Only multi-use and recurring tokens have usage limits.",
        ));
    }
    let mut xml = Xml::new();
    for usage in usage(desk, token, None) {
        let Usage { limit, now, last, began } = usage;
        xml.node("TokenUsageLimits", |xml| {
            match limit.most {
                Most::Amount(_) => xml.amount("Amount", now.amount).amount("LastResetAmount", last.amount),
                Most::Count(_) => {
                    xml.leaf("Count", &now.count.to_string()).leaf("LastResetCount", &last.count.to_string())
                }
            };
            xml.leaf("LastResetTimestamp", &began.to_pacific());
        });
    }
    Ok(Done::answer(xml))
}

/// How much of one limit is used.
pub(super) struct Usage {
    pub(super) limit: Limit,
    /// In the present window.
    pub(super) now: Tally,
    /// In the window before.
    pub(super) last: Tally,
    /// When the present window began.
    pub(super) began: Timestamp,
}

/// How much of each limit of a token is used, together with one more use.
pub(super) fn usage(desk: &Desk<'_>, token: &Token, one_more: Option<Use>) -> Vec<Usage> {
    let mut uses = money::uses(desk, token, token.first_moment());
    uses.extend(one_more);
    let whole = token.global_limit.map(|most| Limit { most: Most::Amount(most), period: None });
    let of = |limit: Limit| {
        let began = limit.window(token.first_moment(), desk.now);
        // A moment before the window began lies in the one before.
        let before = limit.window(token.first_moment(), began.before(Duration::from_millis(1)));
        let (mut now, mut last) = (Tally::default(), Tally::default());
        for one in &uses {
            if one.at >= began {
                now.add(one.amount);
            } else if one.at >= before {
                last.add(one.amount);
            }
        }
        Usage { limit, now, last, began }
    };
    token.limits.iter().copied().chain(whole).map(of).collect()
}

/// What was used in one window.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) amount: Amount,
}

impl Tally {
    fn add(&mut self, amount: Amount) {
        self.count += 1;
        self.amount = self.amount.checked_add(amount).unwrap_or(self.amount);
    }
}

/// The words of 2011-09-20 are others than those before.
fn verification_status(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let caller = desk.caller()?;
    let token = arguments.token(name::RECIPIENT_TOKEN_ID).and_then(|id| desk.ledger.token(&id));
    let ours = |token: &&Token| token.caller == caller.id && token.role == TokenRole::Recipient;
    let account = token.filter(ours).and_then(|token| desk.ledger.account(&token.holder));
    let Some(account) = account else {
        return Err(Refusal::new("InvalidTokenId_Recipient", "Recipient token is not valid."));
    };
    let good = account.is_active() && account.email_verified;
    let word = match desk.version {
        "2011-09-20" if account.state == AccountState::Closed => "Closed",
        "2011-09-20" if good => "Active",
        "2011-09-20" => "PendingUserAction",
        _ if !good => "VerificationPending",
        _ if account.unlimited => "VerificationCompleteNoLimits",
        _ => "VerificationComplete",
    };
    let mut xml = Xml::new();
    xml.leaf("RecipientVerificationStatus", word);
    Ok(Done::answer(xml))
}

/// A token on the caller's own account. Its rules are kept and given back, not carried out: this generation needs none.
fn install_instruction(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let caller = desk.caller()?;
    let instruction = arguments.text(name::PAYMENT_INSTRUCTION).unwrap_or_default();
    if !instruction.contains("MyRole") || !instruction.trim_end().ends_with(';') {
        let message = "\"paymentInstruction\" has to be statements such as MyRole == 'Caller';";
        return Err(Refusal::params(message));
    }
    let Some(reference) = arguments.reference() else {
        return Err(Refusal::params("\"callerReference\" is required."));
    };
    let kind =
        arguments.text(name::TOKEN_TYPE).and_then(TokenType::from_wire).unwrap_or(TokenType::Unrestricted);
    let token = Token::single_use(ids::token(), caller.id.clone(), caller.id.clone(), reference, desk.now);
    let friendly = arguments.owned(name::TOKEN_FRIENDLY_NAME).unwrap_or_else(|| token.friendly_name.clone());
    let token = Token {
        role: TokenRole::Own,
        kind,
        friendly_name: friendly,
        reason: arguments.owned(name::PAYMENT_REASON),
        instruction: Some(instruction.to_owned()),
        expires: token.expires.filter(|_| kind == TokenType::SingleUse),
        ..token
    };
    let mut xml = Xml::new();
    xml.leaf("TokenId", token.id.as_str());
    Ok(Done::with(vec![Event::TokenInstalled { token: Box::new(token) }], xml))
}

fn payment_instruction(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    let token = own(desk, arguments)?;
    let mut xml = Xml::new();
    write_token(&mut xml, token, desk);
    let rules = token.instruction.clone().unwrap_or_else(|| instruction(token));
    xml.leaf("PaymentInstruction", &rules)
        .leaf("CallerReference", token.reference.as_str())
        .leaf("TokenFriendlyName", &token.friendly_name);
    Ok(Done::answer(xml))
}

/// What a token from a pipeline allows, in the rule language of the first generation.
pub(super) fn instruction(token: &Token) -> String {
    let role = match token.role {
        TokenRole::Recipient => "Recipient",
        TokenRole::Own => "Caller",
        _ => "Sender",
    };
    let mut rules = format!("MyRole == '{role}';");
    rules.push_str(match token.role {
        TokenRole::Refund => " OperationType == 'Refund';",
        TokenRole::Funding(_) => " OperationType == 'FundPrepaid';",
        TokenRole::Settlement(_) => " OperationType == 'SettleDebt';",
        _ => "",
    });
    if let Some(amount) = token.amount {
        let compare = match token.amount_type {
            AmountType::Exact => "==",
            AmountType::Maximum => "<=",
            AmountType::Minimum => ">=",
        };
        rules.push_str(&format!(" TransactionAmount {compare} 'USD {amount}';"));
    }
    rules
}

/// A token that this caller asked for.
pub(super) fn own<'a>(desk: &Desk<'a>, arguments: &Arguments<'_>) -> Result<&'a Token, Refusal> {
    let caller = desk.caller()?.id.clone();
    let token = arguments.token(name::TOKEN_ID).and_then(|id| desk.ledger.token(&id));
    token
        .filter(|token| token.caller == caller)
        .ok_or_else(|| Refusal::new("InvalidTokenId", "The token was not installed by this caller."))
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
