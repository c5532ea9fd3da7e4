//! Mallory, who has seen a buyer's link.

use std::sync::Arc;

use fps_core::checkout::PaymentMethod;
use fps_core::client::{Client, Clock as _};
use fps_core::operation::Pay;
use fps_core::pipeline::SingleUse;
use fps_core::url::Url;
use fps_core::{CallerReference, Generation, Pairs, PipelineParameters, TokenId, Version};
use fps_sandbox::{Buyer, Sandbox, people};

use super::clock::PausedClock;

/// A cancel that comes back with the buyer's address, and that the service never signed: the raw query.
pub(super) fn forged_cancel(sandbox: &Sandbox, link: &Url, version: Version) -> String {
    let own = return_url(link);
    let certificate = sandbox.url().join("certs/090911/PKICert.pem").expect("a path");
    let mut query = own.query().unwrap_or_default().to_owned();
    let signature: &[_] = match version.generation() {
        Generation::First => &[("awsSignature", "Zm9yZ2Vk")],
        Generation::Second => &[
            ("signature", "Zm9yZ2Vk"),
            ("signatureVersion", "2"),
            ("signatureMethod", "RSA-SHA1"),
            ("certificateUrl", certificate.as_str()),
        ],
    };
    for (name, value) in [("status", "A")].iter().chain(signature) {
        query.push('&');
        query.push_str(&Pairs::from_iter([(*name, *value)]).encode());
    }
    query
}

/// Mallory is paid by her own keys, for the same product under our reference, and has the genuine notice of it sent to us.
pub(super) async fn is_paid(sandbox: &Sandbox, clock: PausedClock, link: &Url, product: &PipelineParameters) {
    let pairs = Pairs::decode(link.query().unwrap_or_default()).unwrap_or_default();
    let reference = CallerReference::new(pairs.get("callerReference").unwrap_or_default());
    let reference = reference.expect("our link has a reference");
    let mut notices: Url = "https://digitaldownload.example/fps/notice".parse().expect("a URL");
    notices.set_query(return_url(link).query());
    let back = "https://mallory.example/".parse().expect("a URL");
    let own = SingleUse::new(reference.clone(), product, back)
        .link(&people::mallory_credentials(), &sandbox.endpoint())
        .expect("Mallory can make links");
    sandbox.clock().set(clock.now());
    let john = Buyer::new(people::JOHN, "john").method(PaymentMethod::Abt);
    let Ok(back) = john.approve(&sandbox.http(), own.url()).await else { return };
    let Some((_, token)) = back.query_pairs().find(|(name, _)| name == "tokenID") else { return };
    let pay = Pay::new(TokenId::new(token.into_owned()), product.transaction_amount(), reference)
        .with_override_ipn_url(notices);
    let client = Client::builder(people::mallory_credentials(), sandbox.endpoint())
        .http(sandbox.http())
        .clock(Arc::new(clock))
        .build()
        .expect("Mallory has a client");
    // Whether she is paid is her own affair.
    let _ = client.send(pay).await;
}

/// Where a link leads back to.
pub(super) fn return_url(link: &Url) -> Url {
    let pairs = Pairs::decode(link.query().unwrap_or_default()).unwrap_or_default();
    pairs.get("returnURL").and_then(|url| url.parse().ok()).expect("a link has a return URL")
}
