//! Buyers at the payment pages.

use std::sync::Arc;

use fps_checkout::fps_core::checkout::PaymentMethod;
use fps_checkout::fps_core::client::HttpSend;
use fps_checkout::fps_core::url::{Url, form_urlencoded};
use fps_checkout::fps_core::{TokenId, http};
use fps_sandbox::{Buyer, Page, people};

/// John approves the payment, from his balance; the address that he is sent back to.
pub async fn john_pays(http: &Arc<dyn HttpSend>, link: &Url) -> Url {
    pays(http, link, Buyer::new(people::JOHN, "john").method(PaymentMethod::Abt)).await
}

/// Somebody walks the pages to their end; the address that he is sent back to.
///
/// # Panics
///
/// If the pages do not let him.
pub async fn pays(http: &Arc<dyn HttpSend>, link: &Url, buyer: Buyer) -> Url {
    buyer.approve(http, link).await.unwrap_or_else(|error| panic!("{buyer:?} cannot pay: {error}"))
}

/// John presses Cancel on that page; the address that he is sent back to.
pub async fn cancel_on(http: &Arc<dyn HttpSend>, link: &Url, page: Page) -> Url {
    pays(http, link, Buyer::new(people::JOHN, "john").method(PaymentMethod::Abt).cancel_at(page)).await
}

/// Somebody signs in to his account, and takes back there what he allowed; whether his account's page let him.
///
/// # Panics
///
/// If the service cannot be reached, or does not know him.
pub async fn take_back(
    http: &Arc<dyn HttpSend>,
    service: &Url,
    email: &str,
    password: &str,
    token: &TokenId,
) -> bool {
    let post = |path: &str, cookie: &str, form: String| {
        let address = service.join(path).expect("the literal is a path");
        let request = http::Request::post(address.as_str()).header("cookie", cookie);
        request.body(form.into_bytes()).expect("an address and a form make a request")
    };
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", email), ("password", password)])
        .finish();
    let signed_in = http.send(post("account/sign-in", "", form)).await.expect("the service answers");
    let cookie = signed_in.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).expect("who signs in gets a cookie");
    let path = format!("account/tokens/{}/cancel", token.as_str());
    let answer = http.send(post(&path, cookie, String::new())).await.expect("the service answers");
    answer.status() == http::StatusCode::SEE_OTHER
}
