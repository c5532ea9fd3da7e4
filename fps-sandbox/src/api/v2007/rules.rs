//! The three tokens of a payment, and their rules.

use fps_core::TokenId;

use super::super::money;
use super::super::token::instruction;
use super::{Desk, Refusal};
use crate::gatekeeper::{Payment, Rules};
use crate::ledger::{Account, Role, Token, TokenRole};

/// A token in the place of a role, if this caller may use it now.
pub(super) fn token<'a>(desk: &Desk<'a>, role: Role, id: Option<TokenId>) -> Result<&'a Token, Refusal> {
    let caller = desk.caller()?;
    let token = id.and_then(|id| desk.ledger.token(&id)).filter(|token| token.caller == caller.id);
    let Some(token) = token else {
        let code = match role {
            Role::Caller => "InvalidTokenId_Caller",
            Role::Recipient => "InvalidTokenId_Recipient",
            Role::Sender => "InvalidTokenId_Sender",
        };
        return Err(Refusal::new(code, format!("{role} token is not valid, or is another caller's.")));
    };
    if token.is_spent() {
        return Err(money::used_up(token));
    }
    if !token.is_active(desk.now) {
        let code = match role {
            Role::Caller => "TokenNotActive_Caller",
            Role::Recipient => "TokenNotActive_Recipient",
            Role::Sender => "TokenNotActive_Sender",
        };
        let how = if token.cancelled { "was cancelled" } else { "has expired" };
        return Err(Refusal::new(code, format!("{role} token not active: it {how}.")));
    }
    if token.first_moment() > desk.now {
        let message = format!("The {role} token is not valid yet.");
        return Err(Refusal::new("IncompatibleTokens", message));
    }
    Ok(token)
}

/// The caller's own token, which he installed himself.
pub(super) fn caller_token<'a>(desk: &Desk<'a>, id: Option<TokenId>) -> Result<&'a Token, Refusal> {
    token(desk, Role::Caller, id)
}

/// Holds a payment against the rules of one of its tokens.
pub(super) fn hold(desk: &Desk<'_>, role: Role, token: &Token, payment: &Payment<'_>) -> Result<(), Refusal> {
    // Only a token that the caller installed himself names its role in its rules alone.
    let fits = match (&token.role, role) {
        (TokenRole::Own, _) => true,
        (TokenRole::Recipient, role) => role == Role::Recipient,
        (_, role) => role == Role::Sender,
    };
    let rules = rules(desk, token)?;
    let broken = if fits { rules.broken_by(role, payment) } else { Some(None) };
    match broken {
        None => Ok(()),
        Some(says) => {
            let says = says.map(|says| format!(" {says}")).unwrap_or_default();
            Err(Refusal::new("IncompatibleTokens", format!("{BROKEN}{role}{says}")))
        }
    }
}

/// The account behind a token, if it may be paid.
pub(super) fn recipient<'a>(desk: &Desk<'a>, sender: &Token, token: &Token) -> Result<&'a Account, Refusal> {
    let account = desk.ledger.account(&token.holder).filter(|account| account.is_active());
    let Some(account) = account else {
        let message = "Recipient account cannot participate in the transaction.";
        return Err(Refusal::new("InvalidAccountState_Recipient", message));
    };
    money::may_receive(desk.caller()?, sender, account)?;
    Ok(account)
}

/// The rules that a token was installed with. Those of a later version's token were never read, and may make no sense.
fn rules(desk: &Desk<'_>, token: &Token) -> Result<Rules, Refusal> {
    let program = token.instruction.clone().unwrap_or_else(|| instruction(token));
    Rules::read(&program, desk.settings.permissive_rules).map_err(|mistakes| {
        let place = mistakes.first().map_or("", |mistake| &mistake.text);
        let message = format!("The payment instruction of a token cannot be understood: {place}");
        Refusal::new("IncompatibleTokens", message)
    })
}

const BROKEN: &str = "The transaction could not be completed because the tokens have incompatible payment instructions: \
                      Assertion Failed for ";
