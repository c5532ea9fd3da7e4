//! DigitalDownload's web site: the shelf, the way to the payment pages, the result, and the goods.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use fps_checkout::fps_core::url::Url;
use fps_checkout::{Error, Order, OrderId, Shop, State as OrderState};
use serde::Deserialize;

use crate::catalogue::{self, CATALOGUE, Item};
use crate::counter::Counter;
use crate::media;
use crate::pages::{ResultPage, ShopPage, SorryPage};

/// The pages. The route that buyers come back to is the framework's.
pub(crate) fn router(counter: Counter) -> Router {
    Router::new()
        .route("/", get(shelf))
        .route("/buy", post(buy))
        .route("/orders/{order}", get(result))
        .route("/orders/{order}/download", get(download))
        .with_state(counter)
}

/// The address of an order's own page in a shop at `home`.
pub(crate) fn order_page(home: &Url, order: &OrderId) -> Url {
    let mut page = home.clone();
    page.set_path(&order_path(order));
    page
}

fn order_path(order: &OrderId) -> String {
    format!("/orders/{order}")
}

async fn shelf() -> Response {
    page(StatusCode::OK, &ShopPage::new(CATALOGUE, || format!("{:032x}", rand::random::<u128>())))
}

/// What a **Download Now** button sends. The ticket was made for this one button of this one page, so that a double click,
/// a reload and a second tab are all the same order.
#[derive(Debug, Deserialize)]
struct Buy {
    item: String,
    ticket: String,
}

async fn buy(State(counter): State<Counter>, Form(buy): Form<Buy>) -> Result<Redirect, SorryPage> {
    let item = catalogue::find(&buy.item).ok_or(SorryPage::NOT_FOUND)?;
    // The order's name says what it is for. Nobody can guess a ticket, so nobody finds another's order.
    let order = OrderId::new(format!("{}.{}", buy.item, buy.ticket)).map_err(|_| SorryPage::NOT_FOUND)?;
    match counter.begin(item, &order, &buy.ticket).await {
        Ok(begun) => Ok(Redirect::to(begun.link().as_str())),
        // Bought already, perhaps in another tab: show what became of it.
        Err(Error::NothingToApprove { .. }) => Ok(Redirect::to(&order_path(&order))),
        Err(error) => Err(out_of_order(&error)),
    }
}

async fn result(State(counter): State<Counter>, Path(order): Path<String>) -> Result<Response, SorryPage> {
    let (order, item) = load(&counter.shop, order).await?;
    Ok(page(StatusCode::OK, &ResultPage::new(&order, item, &order_path(order.id()))))
}

async fn download(State(counter): State<Counter>, Path(order): Path<String>) -> Result<Response, SorryPage> {
    let (order, item) = load(&counter.shop, order).await?;
    if order.state() != OrderState::Paid {
        return Err(SorryPage::NOT_PAID);
    }
    let file = media::file(item);
    let headers = [
        (header::CONTENT_TYPE, file.media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
    ];
    Ok((headers, file.bytes).into_response())
}

async fn load(shop: &Shop, order: String) -> Result<(Order, &'static Item), SorryPage> {
    let order = OrderId::new(order).map_err(|_| SorryPage::NOT_FOUND)?;
    let slug = order.as_str().split_once('.').map(|(slug, _)| slug);
    let item = slug.and_then(catalogue::find).ok_or(SorryPage::NOT_FOUND)?;
    match shop.order(&order).await {
        Ok(order) => Ok((order, item)),
        Err(Error::UnknownOrder { .. }) => Err(SorryPage::NOT_FOUND),
        Err(error) => Err(out_of_order(&error)),
    }
}

fn out_of_order(error: &Error) -> SorryPage {
    eprintln!("digital-download: {}", crate::chain(error));
    SorryPage::OUT_OF_ORDER
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        // What an order says today may be otherwise tomorrow, so no page of ours is kept.
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => {
            eprintln!("digital-download: a page cannot be made: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl IntoResponse for SorryPage {
    fn into_response(self) -> Response {
        page(self.status(), &self)
    }
}
