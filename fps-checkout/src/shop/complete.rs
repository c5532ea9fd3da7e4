//! The buyer comes back: verifies the answer, plans the charge with it, and sends it.

use fps_core::{Pairs, Timestamp, TokenId};
use sha2::{Digest, Sha256};
use tracing::Span;
use tracing::field::Empty;

use super::Shop;
use super::span::within;
use crate::error::{Error, Result};
use crate::gateway::{Ended, FoundToken, Returned, TokenKind, VerifyError};
use crate::metrics;
use crate::order::{BuyerSide, Event, Order, Refusal, Source, State, Subject, Token};

/// What came of a return.
#[derive(Clone, Debug)]
pub enum Completed {
    /// The return is verified, and this is the order as it stands.
    Known(Order),
    /// The payment service could not be asked. Nothing is lost: the worker asks it. Tell the buyer that the order is being
    /// checked.
    Checking(Order),
    /// The buyer was asked for a stored token, and this is the token as it stands. While it is `AwaitingBuyer`, the payment service
    /// could not be asked; nothing is lost then either.
    Token(Token),
}

impl Completed {
    /// The order as it stands; none if the buyer comes back from approving a stored token.
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        match self {
            Self::Known(order) | Self::Checking(order) => Some(order),
            Self::Token(_) => None,
        }
    }

    /// The stored token as it stands, if it was one.
    #[must_use]
    pub fn token(&self) -> Option<&Token> {
        match self {
            Self::Known(_) | Self::Checking(_) => None,
            Self::Token(token) => Some(token),
        }
    }

    /// What the buyer comes back with.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::Known(order) | Self::Checking(order) => order.subject(),
            Self::Token(token) => token.name().into(),
        }
    }

    fn of(document: Order, checking: bool) -> Self {
        if document.is_token()
            && let Some(token) = Token::read(document.clone())
        {
            return Self::Token(token);
        }
        if checking { Self::Checking(document) } else { Self::Known(document) }
    }
}

impl Shop {
    /// Completes the order, or the stored token, that a buyer comes back with: give it the raw query of the return route's request, exactly as it
    /// arrived.
    ///
    /// It finds the order by our own mark, has the raw bytes verified, and only then reads them. An approval and the
    /// planned Pay are one commit; then Pay is sent, and its answer is committed. The same return again, from another tab or
    /// hours later, changes nothing and gives the order as it stands.
    ///
    /// # Errors
    ///
    /// [`Error::NotOurs`] for anything that is not a genuine return of this shop's own, the order untouched;
    /// [`Error::UnknownOrder`] or [`Error::UnknownToken`] where the mark is good and the store has no such order or token;
    /// [`Error::Storage`].
    pub async fn complete(&self, raw_query: &str) -> Result<Completed> {
        let span = tracing::info_span!("return", order = Empty, attempt = Empty);
        let completed = within(span, self.take_query(raw_query)).await;
        metrics::returned(&completed);
        completed
    }

    async fn take_query(&self, raw_query: &str) -> Result<Completed> {
        if raw_query.len() > MAX_QUERY_BYTES {
            return Err(not_ours("its query has over 8 KiB"));
        }
        let pairs = Pairs::decode(raw_query).map_err(|_| not_ours("its query cannot be decoded"))?;
        let Some((of, attempt)) = self.0.mark.find(&pairs) else {
            return Err(not_ours("it has no valid mark of an order"));
        };
        Span::current().record("order", of.label()).record("attempt", attempt);
        let order = self.load(&of).await?;
        let digest = digest(raw_query);
        if order.side(attempt).is_some_and(|side| side.verified.as_ref() == Some(&digest)) {
            return Ok(Completed::of(order, false));
        }
        let returned = match self.gateway(&order).verify(&self.0.return_url, raw_query).await {
            Ok(returned) => returned,
            Err(VerifyError::Unreachable(error)) => return self.check_later(&of, &error.to_string()).await,
            Err(VerifyError::Refused(error)) => {
                return Err(Error::NotOurs {
                    why: "it is not a signed return",
                    source: Some(Box::new(error)),
                });
            }
            Err(VerifyError::NoNotices) => return Err(not_ours("it is no return")),
        };
        self.take_return(order, attempt, returned, digest).await
    }

    async fn take_return(
        &self,
        order: Order,
        attempt: u32,
        returned: Returned,
        digest: String,
    ) -> Result<Completed> {
        let of = order.subject();
        let Some(begun) = order.machine().attempt(attempt) else {
            return Err(not_ours("its mark names an attempt that never began"));
        };
        if returned.reference.as_ref().is_some_and(|reference| *reference != begun.reference) {
            return Err(not_ours("its caller reference is not the attempt's"));
        }
        let event = match &returned.ended {
            Ended::Left => Event::Left { attempt },
            Ended::Refused { status } => Event::Refused { attempt, status: status.clone() },
            Ended::Approved { token, method } => {
                if !returned.is_ours {
                    if returned.reference.is_none() {
                        return Err(not_ours("it approves without a caller reference"));
                    }
                    // The signature proves that the service speaks, not that it speaks of us: another caller can be given our
                    // reference and our address. Only a token that our own keys can find is ours.
                    match self.gateway(&order).find_token(&begun.reference).await {
                        Ok(Some(found))
                            if found.token == *token && is_ours(&found, &order, begun.begun_at) =>
                        {
                            if !found.is_active {
                                return self.check_later(&of, "the token is used or cancelled").await;
                            }
                        }
                        Ok(_) => return Err(not_ours("its token was not made for this order")),
                        Err(error) => return self.check_later(&of, &error.to_string()).await,
                    }
                }
                Event::Approved { attempt, method: *method, by: Source::Return }
            }
        };
        let order = self.take_end(order, attempt, event, Some((returned, digest))).await?;
        Ok(Completed::of(order, false))
    }

    /// Commits how the pages ended, and with an approval the planned charge; then charges, and tells the handlers.
    async fn take_end(
        &self,
        order: Order,
        attempt: u32,
        event: Event,
        returned: Option<(Returned, String)>,
    ) -> Result<Order> {
        let token = returned.as_ref().and_then(|(returned, _)| match &returned.ended {
            Ended::Approved { token, .. } => Some(token.clone()),
            _ => None,
        });
        self.approve(order, attempt, event, token, |side| {
            if let Some((returned, digest)) = &returned {
                side.expiry.clone_from(&returned.expiry);
                side.address.clone_from(&returned.address);
                side.warning.clone_from(&returned.warning);
                side.message.clone_from(&returned.message);
                side.verified = Some(digest.clone());
            }
        })
        .await
    }

    /// Commits how the pages ended; an approval together with the planned charge and the right to send it.
    pub(super) async fn approve(
        &self,
        order: Order,
        attempt: u32,
        event: Event,
        token: Option<TokenId>,
        note: impl Fn(&mut BuyerSide) + Send + Sync,
    ) -> Result<Order> {
        let handlers = self.handler_names();
        let (order, (changed, planned)) = self
            .change_held(order, |order, now| {
                let changed = order.happen(event.clone(), now, &handlers)?;
                if let Some(side) = order.side_mut(attempt).filter(|_| changed) {
                    note(side);
                    side.token.clone_from(&token);
                }
                let planned =
                    if changed && order.state() == State::TokenHeld && !order.product().is_deferred() {
                        Some(self.plan_charge(order, None, now)?)
                    } else {
                        None
                    };
                Ok((changed, planned))
            })
            .await?;
        if !changed {
            return Ok(order);
        }
        tracing::info!(order = order.label(), attempt, state = %order.state(), "the pages ended");
        let order = match planned {
            Some(operation) => self.send(order, operation).await?,
            None => order,
        };
        self.tell_fresh(order).await
    }

    /// Plans the charge of the held token, with the right to send it.
    pub(super) fn plan_charge(
        &self,
        order: &mut Order,
        amount: Option<fps_core::Amount>,
        now: Timestamp,
    ) -> Result<usize, Refusal> {
        let kind = order.machine().charge_kind();
        self.plan(order, kind, amount.unwrap_or(order.total()), None, now)
    }

    /// The service could not be asked, or has to be asked for more: the worker does it at once.
    async fn check_later(&self, of: &Subject, why: &str) -> Result<Completed> {
        tracing::warn!(order = of.label(), why, "the worker asks the payment service");
        let (order, ()) = self
            .change(of, |order, now| {
                if order.state() == State::AwaitingBuyer {
                    order.hurry(now);
                }
                Ok(())
            })
            .await?;
        Ok(Completed::of(order, true))
    }
}

/// Whether a token that the service found under our reference is the one that this attempt asked for. It may be used up:
/// then it is not charged, but looked into.
pub(super) fn is_ours(found: &FoundToken, order: &Order, begun_at: Timestamp) -> bool {
    let kind = if order.is_token() { TokenKind::MultiUse } else { TokenKind::SingleUse };
    found.kind == kind
        && found.reason.as_deref() == order.product().parameters().payment_reason()
        && found.installed_at.is_some_and(|at| at >= begun_at.before(CLOCK_SKEW))
}

fn digest(raw_query: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(raw_query.as_bytes()) {
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
        text.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    text
}

fn not_ours(why: &'static str) -> Error {
    Error::NotOurs { why, source: None }
}

/// What a return may have.
const MAX_QUERY_BYTES: usize = 8 * 1024;
/// How far our clock may run before the service's.
const CLOCK_SKEW: std::time::Duration = std::time::Duration::from_secs(5 * 60);
