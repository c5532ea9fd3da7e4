//! The service calls: a notice is only a hint to ask it.

use fps_core::Pairs;
use tracing::Span;

use super::Shop;
use crate::error::{Error, Result};
use crate::gateway::VerifyError;
use crate::metrics;
use crate::order::Order;

impl Shop {
    /// Takes a notice: give it the raw query and the raw body of the notice route's request, exactly as they arrived.
    ///
    /// A notice is believed in nothing but that it is time to ask: its signature is verified, the order is found by our own
    /// mark in the address, and then the service is asked by our own keys how the order's transactions stand. Answer 2xx only
    /// when this returns `Ok`: then the step is committed.
    ///
    /// # Errors
    ///
    /// [`Error::NotOurs`] (answer 400) for what the service did not sign or our mark does not name;
    /// [`Error::UnknownOrder`], [`Error::Unverified`] and [`Error::Storage`] (answer 503: the service tries again).
    #[tracing::instrument(name = "notice", skip_all, fields(order))]
    pub async fn notice(&self, raw_query: &str, raw_body: &str) -> Result<Order> {
        let taken = self.take_notice(raw_query, raw_body).await;
        metrics::noticed(&taken);
        taken
    }

    async fn take_notice(&self, raw_query: &str, raw_body: &str) -> Result<Order> {
        let not_ours = |why| Error::NotOurs { why, source: None };
        if raw_query.len() + raw_body.len() > MAX_NOTICE_BYTES {
            return Err(not_ours("it has over 64 KiB"));
        }
        let query = Pairs::decode(raw_query).map_err(|_| not_ours("its query cannot be decoded"))?;
        let Some((id, _)) = self.0.mark.find(&query) else {
            return Err(not_ours("it has no valid mark of an order"));
        };
        Span::current().record("order", id.as_str());
        let order = self.order(&id).await?;
        match self.gateway(&order).verify_notice(&self.0.notice_url, raw_query, raw_body).await {
            Ok(()) => {}
            Err(VerifyError::Refused(error)) => {
                return Err(Error::NotOurs {
                    why: "it is not a signed notice",
                    source: Some(Box::new(error)),
                });
            }
            Err(VerifyError::Unreachable(error)) => return Err(Error::Unverified(Box::new(error))),
            Err(VerifyError::NoNotices) => {
                return Err(not_ours(
                    "orders of version 2007-01-08 have no notices; the shop asks by itself",
                ));
            }
        }
        self.visit(&id).await
    }
}

const MAX_NOTICE_BYTES: usize = 64 * 1024;
