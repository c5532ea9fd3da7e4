//! What a confirmed pipeline leaves in the ledger, and what it gives back.

use fps_core::checkout::PaymentMethod;
use fps_core::param::pipeline as name;
use fps_core::{Amount, CallerReference, Timestamp, TokenId};

use super::ask::{Ask, Kind};
use super::finish::Ending;
use crate::ids;
use crate::ledger::token::Most;
use crate::ledger::words::AmountType;
use crate::ledger::{Account, Event, Instrument, InstrumentKind, Ledger, Limit, Token, TokenRole, TokenType};

/// The events and the answer of a pipeline that its user confirmed.
pub(super) fn install(
    ledger: &Ledger,
    ask: &Ask,
    user: &Account,
    method: Option<PaymentMethod>,
    now: Timestamp,
) -> (Ending, Vec<Event>) {
    let maker = Maker { ask, user, method, now };
    let mut events = Vec::new();
    let mut status = match method {
        _ if !ask.kind.is_sender() => "SR",
        Some(PaymentMethod::Ach) => "SB",
        Some(PaymentMethod::Cc) => "SC",
        _ => "SA",
    };
    let tokens = match &ask.kind {
        Kind::EditToken { token } => {
            let edited = maker.edited(ledger, token);
            match edited {
                None => {
                    status = "SU";
                    vec![(name::TOKEN_ID, token.as_str().to_owned())]
                }
                Some(edited) => {
                    events.push(Event::TokenReplaced { token: token.clone(), at: now });
                    keep(&mut events, vec![(name::TOKEN_ID, edited)])
                }
            }
        }
        Kind::Prepaid { .. } | Kind::Postpaid { .. } => {
            let (instrument, tokens) = maker.stored();
            let instrument_name = match instrument.kind {
                InstrumentKind::Prepaid => name::PREPAID_INSTRUMENT_ID,
                InstrumentKind::Postpaid => name::CREDIT_INSTRUMENT_ID,
            };
            let mut named = vec![(instrument_name, instrument.id.as_str().to_owned())];
            events.push(Event::InstrumentOpened { instrument });
            named.extend(keep(&mut events, tokens));
            named
        }
        _ => keep(&mut events, maker.tokens()),
    };
    let mut ending = Ending::new(status, None);
    ending.reference = ask.returned_reference();
    ending.tokens = tokens;
    if status == "SC" {
        ending.expiry = user.card.as_ref().map(crate::ledger::Card::expiry);
    }
    (ending, events)
}

/// Puts the tokens into events, and their names with their ids into the answer.
fn keep(events: &mut Vec<Event>, tokens: Vec<(&'static str, Token)>) -> Vec<(&'static str, String)> {
    let mut named = Vec::new();
    for (name, token) in tokens {
        named.push((name, token.id.as_str().to_owned()));
        events.push(Event::TokenInstalled { token: Box::new(token) });
    }
    named
}

/// Makes tokens for one pipeline.
struct Maker<'a> {
    ask: &'a Ask,
    user: &'a Account,
    method: Option<PaymentMethod>,
    now: Timestamp,
}

impl Maker<'_> {
    /// The tokens of the pipelines without an instrument.
    fn tokens(&self) -> Vec<(&'static str, Token)> {
        let token = Token {
            reason: self.ask.reason.clone(),
            method: self.method,
            recipients: self.ask.recipients.clone(),
            ..self.blank(self.ask.reference.clone())
        };
        let one = |token| vec![(name::TOKEN_ID, token)];
        match &self.ask.kind {
            Kind::SingleUse { amount, reserve } => {
                one(Token { amount: Some(*amount), reserve: *reserve, ..token })
            }
            Kind::MultiUse { amount, amount_type, global_limit, limits } => one(Token {
                amount: *amount,
                amount_type: *amount_type,
                global_limit: Some(*global_limit),
                limits: limits.clone(),
                ..self.lasting(token, true)
            }),
            Kind::Recurring { amount, period } => one(Token {
                kind: TokenType::Recurring,
                amount: Some(*amount),
                amount_type: AmountType::Exact,
                limits: vec![Limit { most: Most::Count(1), period: Some(*period) }],
                ..self.lasting(token, false)
            }),
            Kind::Recipient { refund_reference, max_fixed_fee, max_variable_fee, pays_fee } => {
                let refund = Token { role: TokenRole::Refund, ..self.blank(refund_reference.clone()) };
                let recipient = Token {
                    role: TokenRole::Recipient,
                    max_fixed_fee: *max_fixed_fee,
                    max_variable_fee: *max_variable_fee,
                    recipient_pays_fee: Some(*pays_fee),
                    ..self.lasting(token, false)
                };
                // The recipient token last: it is the one that a look-up by their common reference finds.
                vec![(name::REFUND_TOKEN_ID, self.lasting(refund, false)), (name::TOKEN_ID, recipient)]
            }
            Kind::Prepaid { .. } | Kind::Postpaid { .. } | Kind::EditToken { .. } => Vec::new(),
        }
    }

    /// An instrument with the two tokens that go with it.
    fn stored(&self) -> (Instrument, Vec<(&'static str, Token)>) {
        let id = ids::instrument();
        let lasting = |role, reference: &CallerReference| {
            let token = Token { role, reason: self.ask.reason.clone(), ..self.blank(reference.clone()) };
            self.lasting(token, false)
        };
        let instrument = |kind, limit, global_limit| Instrument {
            id: id.clone(),
            kind,
            sender: self.user.id.clone(),
            recipient: self.ask.caller.clone(),
            limit,
            global_limit,
            expires: self.ask.expires,
        };
        let paying = |token| Token { method: self.method, ..token };
        match &self.ask.kind {
            Kind::Postpaid { settlement_reference, credit_limit, global_limit, limits } => {
                let sender = Token {
                    global_limit: Some(*global_limit),
                    limits: limits.clone(),
                    ..lasting(TokenRole::CreditSender(id.clone()), &self.ask.reference)
                };
                let settlement = paying(lasting(TokenRole::Settlement(id.clone()), settlement_reference));
                (
                    instrument(InstrumentKind::Postpaid, *credit_limit, Some(*global_limit)),
                    vec![(name::CREDIT_SENDER_TOKEN_ID, sender), (name::SETTLEMENT_TOKEN_ID, settlement)],
                )
            }
            Kind::Prepaid { sender_reference, limit } => {
                let sender = lasting(TokenRole::PrepaidSender(id.clone()), sender_reference);
                let funding = paying(lasting(TokenRole::Funding(id.clone()), &self.ask.reference));
                (
                    instrument(InstrumentKind::Prepaid, *limit, None),
                    vec![(name::PREPAID_SENDER_TOKEN_ID, sender), (name::FUNDING_TOKEN_ID, funding)],
                )
            }
            _ => (instrument(InstrumentKind::Prepaid, Amount::ZERO, None), Vec::new()),
        }
    }

    /// The token in the place of another, if the method is another. What it was used for counts on.
    fn edited(&self, ledger: &Ledger, id: &TokenId) -> Option<Token> {
        let old = ledger.token(id).filter(|old| old.method != self.method)?;
        Some(Token {
            id: ids::token(),
            reference: self.ask.reference.clone(),
            old: Some(old.id.clone()),
            method: self.method,
            // Windows go on from where they were.
            starts: Some(old.first_moment()),
            installed: self.now,
            ..old.clone()
        })
    }

    fn blank(&self, reference: CallerReference) -> Token {
        let (caller, holder) = (self.ask.caller.clone(), self.user.id.clone());
        Token::single_use(ids::token(), caller, holder, reference, self.now)
    }

    /// A token that lives longer: as asked for, or a year, or for ever.
    fn lasting(&self, token: Token, a_year: bool) -> Token {
        let starts = self.ask.starts.unwrap_or(self.now);
        let year = a_year.then(|| starts.after(Token::MULTI_USE_LIFE));
        Token {
            kind: TokenType::MultiUse,
            starts: self.ask.starts,
            expires: self.ask.expires.or(year),
            ..token
        }
    }
}
