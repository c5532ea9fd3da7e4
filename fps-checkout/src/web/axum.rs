//! The routes for axum.
//!
//! ```
//! use fps_checkout::Shop;
//! use fps_checkout::order::OrderId;
//!
//! fn app(shop: &Shop, base: fps_checkout::fps_core::url::Url) -> axum::Router {
//!     let page = move |order: &OrderId| base.join(&format!("orders/{order}")).expect("an order id fits a path");
//!     axum::Router::new().merge(fps_checkout::web::axum::routes(shop, page))
//! }
//! ```

use ::axum::Router;
use ::axum::extract::{DefaultBodyLimit, RawQuery, State};
use ::axum::response::{IntoResponse, Response};
use ::axum::routing::{get, post};
use fps_core::url::Url;

use super::{ResultPages, answer_notice, answer_return};
use crate::order::OrderId;
use crate::shop::Shop;

/// The return and notice routes of a shop, at the paths of its public address: `…/fps/return` and `…/fps/notice`.
///
/// `result_page` makes the address of the shop's own page for an order; buyers are sent there with 303. The paths are those
/// of [`Shop::return_url`] and [`Shop::notice_url`]: merge the router at the root, behind whatever strips no prefix.
pub fn routes(shop: &Shop, result_page: impl Fn(&OrderId) -> Url + Send + Sync + 'static) -> Router {
    routes_to(shop, ResultPages::new(shop, result_page))
}

/// The same, with pages of their own for those who come back from approving a stored token.
///
/// ```
/// # use fps_checkout::{Shop, web};
/// fn app(shop: &Shop, base: fps_checkout::fps_core::url::Url) -> axum::Router {
///     let here = base.clone();
///     let pages = web::ResultPages::new(shop, move |order| base.join(&format!("orders/{order}")).expect("an id fits a path"))
///         .tokens(move |token| here.join(&format!("tokens/{token}")).expect("a name fits a path"));
///     axum::Router::new().merge(web::axum::routes_to(shop, pages))
/// }
/// ```
pub fn routes_to(shop: &Shop, pages: ResultPages) -> Router {
    let state = Rim { shop: shop.clone(), pages };
    Router::new()
        .route(shop.return_url().path(), get(take_return))
        .route(shop.notice_url().path(), post(take_notice))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

#[derive(Clone)]
struct Rim {
    shop: Shop,
    pages: ResultPages,
}

async fn take_return(State(rim): State<Rim>, RawQuery(query): RawQuery) -> Response {
    answer_return(&rim.shop, &rim.pages, query.unwrap_or_default()).await.into_response()
}

async fn take_notice(State(rim): State<Rim>, RawQuery(query): RawQuery, body: String) -> Response {
    answer_notice(&rim.shop, query.unwrap_or_default(), body).await.into_response()
}

const MAX_BODY_BYTES: usize = 64 * 1024;
