//! Buyers at the payment pages.

use std::sync::Arc;

use fps_checkout::fps_core::checkout::PaymentMethod;
use fps_checkout::fps_core::client::HttpSend;
use fps_checkout::fps_core::url::Url;
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
