//! The service calls: a notice is only a hint to ask it.

use fps_core::Pairs;
use fps_core::param::notice as param;
use tracing::Span;
use tracing::field::Empty;

use super::Shop;
use super::span::within;
use crate::error::{Error, Result};
use crate::gateway::VerifyError;
use crate::metrics;
use crate::order::{Order, Subject};

impl Shop {
    /// Takes a notice: give it the raw query and the raw body of the notice route's request, exactly as they arrived.
    ///
    /// A notice is believed in nothing but that it is time to ask: its signature is verified, the order is found by our own
    /// mark in the address, and then the service is asked by our own keys how the order's transactions stand. Answer 2xx only
    /// when this returns `Ok`: then the step is committed.
    ///
    /// That a buyer cancelled a token goes to the account's own address, which has no mark. Let that address be
    /// [`Shop::notice_url`]: such a notice is believed in as little, and only looked at if it names a token that this shop holds.
    ///
    /// # Errors
    ///
    /// [`Error::NotOurs`] (answer 400) for what the service did not sign or our mark does not name;
    /// [`Error::UnknownOrder`], [`Error::Unverified`], [`Error::Service`] and [`Error::Storage`] (answer 503: the service tries again).
    pub async fn notice(&self, raw_query: &str, raw_body: &str) -> Result<Subject> {
        let span = tracing::info_span!("notice", order = Empty);
        let taken = within(span, self.take_notice(raw_query, raw_body)).await;
        metrics::noticed(&taken);
        Ok(taken?.subject())
    }

    async fn take_notice(&self, raw_query: &str, raw_body: &str) -> Result<Order> {
        if raw_query.len() + raw_body.len() > MAX_NOTICE_BYTES {
            return Err(not_ours("it has over 64 KiB"));
        }
        let query = Pairs::decode(raw_query).map_err(|_| not_ours("its query cannot be decoded"))?;
        if let Some((of, _)) = self.0.mark.find(&query) {
            Span::current().record("order", of.label());
            let order = self.load(&of).await?;
            self.check_notice(&order, raw_query, raw_body).await?;
            return self.visit(&of).await;
        }
        match self.cancelled_token(raw_body).await? {
            Some(token) => {
                Span::current().record("order", token.label());
                self.check_notice(&token, raw_query, raw_body).await?;
                self.look_at_token(token).await
            }
            None => Err(not_ours("it has no valid mark of an order")),
        }
    }

    async fn check_notice(&self, order: &Order, raw_query: &str, raw_body: &str) -> Result<()> {
        match self.gateway(order).verify_notice(&self.0.notice_url, raw_query, raw_body).await {
            Ok(()) => Ok(()),
            Err(VerifyError::Refused(error)) => {
                Err(Error::NotOurs { why: "it is not a signed notice", source: Some(Box::new(error)) })
            }
            Err(VerifyError::Unreachable(error)) => Err(Error::Unverified(Box::new(error))),
            Err(VerifyError::NoNotices) => {
                Err(not_ours("orders of version 2007-01-08 have no notices; the shop asks by itself"))
            }
        }
    }

    /// The stored token whose cancellation a notice tells, by its reference and by the service's id of it, which nobody guesses.
    /// Nothing of that is believed yet; but only such a notice is worth a question.
    async fn cancelled_token(&self, raw_body: &str) -> Result<Option<Order>> {
        let Ok(facts) = Pairs::decode(raw_body) else { return Ok(None) };
        let named = facts.get(param::CALLER_REFERENCE).and_then(|text| self.0.id.approved_by(text));
        let (Some("TokenCancellation"), Some((of @ Subject::Token(_), attempt)), Some(id)) =
            (facts.get(param::NOTIFICATION_TYPE), named, facts.get(param::TOKEN_ID))
        else {
            return Ok(None);
        };
        let token = match self.load(&of).await {
            Err(Error::UnknownToken { .. }) => return Ok(None),
            known => known?,
        };
        let known = token.side(attempt).and_then(|side| side.token.as_ref());
        Ok(known.is_some_and(|known| known.as_str() == id).then_some(token))
    }
}

fn not_ours(why: &'static str) -> Error {
    Error::NotOurs { why, source: None }
}

const MAX_NOTICE_BYTES: usize = 64 * 1024;
