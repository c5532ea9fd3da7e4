//! The routes that buyers and the payment service come back to.
//!
//! The middle is plain `http` types: a request's query or body in, a status and headers out. The rim is a web framework:
//! [`axum`](mod@axum) (feature `axum`), or your own in a few lines.

use std::time::Duration;

use fps_core::http::{StatusCode, header};
use fps_core::url::Url;
use fps_core::{Pairs, http};

use crate::error::Error;
use crate::order::{OrderId, Subject, TokenName};
use crate::shop::Shop;

#[cfg(feature = "axum")]
pub mod axum;

/// The addresses of the shop's own pages: where a buyer is sent from the return route.
#[derive(Clone)]
pub struct ResultPages {
    order: std::sync::Arc<dyn Fn(&OrderId) -> Url + Send + Sync>,
    token: std::sync::Arc<dyn Fn(&TokenName) -> Url + Send + Sync>,
}

impl ResultPages {
    /// Makes the address of the page for an order. Who comes back from approving a stored token is sent to the shop's front, until
    /// [`ResultPages::tokens`] says more.
    pub fn new(shop: &Shop, order: impl Fn(&OrderId) -> Url + Send + Sync + 'static) -> Self {
        let front = shop.front().clone();
        Self { order: std::sync::Arc::new(order), token: std::sync::Arc::new(move |_| front.clone()) }
    }

    /// Makes the address of the page for a stored token.
    #[must_use]
    pub fn tokens(self, token: impl Fn(&TokenName) -> Url + Send + Sync + 'static) -> Self {
        Self { token: std::sync::Arc::new(token), ..self }
    }

    fn of(&self, subject: &Subject) -> Url {
        match subject {
            Subject::Order(id) => (self.order)(id),
            Subject::Token(name) => (self.token)(name),
        }
    }
}

impl std::fmt::Debug for ResultPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultPages").finish_non_exhaustive()
    }
}

/// Answers the return route: give it the raw query. The work goes on in a task of its own, so a closed tab drops nothing.
///
/// | answer | when |
/// |---|---|
/// | 303 to the shop's page | the order is known; the page shows its state, which may be "being checked" |
/// | 400 | not a return of this shop: changed, incomplete, or somebody else's |
/// | 404 | a good mark of an order that the store does not have |
/// | 503 | the store failed; the buyer may reload |
///
/// No answer is kept by a cache or tells its address to another site.
pub async fn answer_return(shop: &Shop, pages: &ResultPages, raw_query: String) -> http::Response<String> {
    let patience = shop.clone();
    let worker = shop.clone();
    let query = raw_query.clone();
    let task = tokio::spawn(async move { worker.complete(&query).await });
    let completed = tokio::select! {
        completed = task => Some(completed),
        () = patience.sleep(PATIENCE) => None,
    };
    match completed {
        Some(Ok(Ok(completed))) => see_other(&pages.of(&completed.subject())),
        Some(Ok(Err(error))) => refuse(&error),
        Some(Err(_)) => {
            plain(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong. Nothing is lost; please reload.")
        }
        // It takes long: the page of the order shows that it is being checked.
        None => match Pairs::decode(&raw_query).ok().and_then(|pairs| shop.marked(&pairs)) {
            Some(of) => see_other(&pages.of(&of)),
            None => plain(StatusCode::BAD_REQUEST, NOT_OURS),
        },
    }
}

/// Answers the notice route: give it the raw query and the raw body. 200 only when the step is committed; 400 with the reason
/// for what is not ours, which in version 2007-01-08 is everything; 503 for what the service should send again.
pub async fn answer_notice(shop: &Shop, raw_query: String, raw_body: String) -> http::Response<String> {
    let worker = shop.clone();
    let task =
        tokio::spawn(async move { worker.notice(&raw_query, &raw_body).await.map(|of: Subject| drop(of)) });
    match task.await {
        Ok(Ok(())) => plain(StatusCode::OK, ""),
        Ok(Err(Error::UnknownOrder { .. } | Error::UnknownToken { .. })) => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "")
        }
        // Whoever wired the route to the wrong thing learns what is wrong.
        Ok(Err(error @ Error::NotOurs { why, .. })) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a notice was refused");
            plain(StatusCode::BAD_REQUEST, &format!("This is not a notice of this shop: {why}."))
        }
        Ok(Err(error)) => refuse(&error),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, ""),
    }
}

fn see_other(page: &Url) -> http::Response<String> {
    let mut response = plain(StatusCode::SEE_OTHER, "");
    if let Ok(address) = page.as_str().parse() {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

fn refuse(error: &Error) -> http::Response<String> {
    tracing::warn!(error = error as &dyn std::error::Error, "a return or notice was refused");
    match error {
        Error::NotOurs { .. } => plain(StatusCode::BAD_REQUEST, NOT_OURS),
        Error::UnknownOrder { .. } | Error::UnknownToken { .. } => {
            plain(StatusCode::NOT_FOUND, "There is no such order.")
        }
        _ => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "Your order is being checked. Nothing is lost; please reload in a moment.",
        ),
    }
}

fn plain(status: StatusCode, text: &str) -> http::Response<String> {
    let mut response = http::Response::new(text.to_owned());
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}

const NOT_OURS: &str = "This is not a valid answer of the payment pages to this shop. Nothing was changed.";
/// How long a buyer looks at an empty page before the order's own page says that it is being checked.
const PATIENCE: Duration = Duration::from_secs(8);
