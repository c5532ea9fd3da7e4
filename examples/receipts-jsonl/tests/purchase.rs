//! A song is bought and refunded in the sandbox, and the receipts are there, once each.

use std::path::Path;

use fps_checkout::handler::Handlers;
use fps_checkout::{
    Amount, Checkout, HandlerError, Happened, OrderId, RefundId, ReturnHandler, Shop, State, async_trait,
};
use fps_sandbox::{Buyer, Sandbox, people};
use receipts_jsonl::{Receipts, ReceiptsFile};

#[derive(Checkout)]
#[checkout(payment_reason = "{title}")]
struct Song {
    title: &'static str,
    #[checkout(item_total)]
    price: Amount,
}

/// Hears everything twice, as after a crash between the work and its mark.
#[derive(Debug)]
struct Twice(Receipts, Receipts);

#[async_trait]
impl ReturnHandler for Twice {
    fn name(&self) -> &str {
        "twice"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
        self.0.handle(happened).await?;
        self.1.handle(happened).await?;
        self.0.handle(happened).await
    }
}

/// Buys a song and gives half of the money back.
async fn buy(
    sandbox: &Sandbox,
    configure: impl FnOnce(fps_checkout::shop::ShopBuilder) -> fps_checkout::shop::ShopBuilder,
) {
    let builder = Shop::builder()
        .credentials(people::shop_credentials())
        .endpoint(sandbox.endpoint())
        .http(sandbox.http())
        .clock(sandbox.clock())
        .storage_url("memory:")
        .public_url("http://127.0.0.1:8080".parse().expect("the story goes on"));
    let shop = configure(builder).open().await.expect("the story goes on");
    let song = Song { title: "Now and Forever - \"Richard\" Marx\u{2028}", price: Amount::usd("0.10") };
    let order = OrderId::new("order-1").expect("the story goes on");
    let begun = shop.begin(&song, order.clone()).await.expect("the story goes on");
    let back = Buyer::new(people::JOHN, "john")
        .approve(&sandbox.http(), begun.link())
        .await
        .expect("the story goes on");
    let completed = shop.complete(back.query().expect("the story goes on")).await.expect("the story goes on");
    assert_eq!(completed.order().map(fps_checkout::Order::state), Some(State::Paid));
    shop.refund(&order, RefundId::new("half").expect("the story goes on"), Some(Amount::usd("0.05")))
        .await
        .expect("the story goes on");
    for _ in 0..5 {
        shop.work_once().await.expect("the story goes on");
    }
}

fn receipts(file: &Path) -> Vec<(String, String, String)> {
    let text = std::fs::read_to_string(file).expect("the story goes on");
    let field =
        |line: &serde_json::Value, name: &str| line[name].as_str().expect("the story goes on").to_owned();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .map(|line: serde_json::Value| (field(&line, "order"), field(&line, "what"), field(&line, "amount")))
        .collect()
}

fn expected() -> Vec<(String, String, String)> {
    [("order-1", "Paid", "0.10"), ("order-1", "Refunded", "0.05")]
        .map(|(order, what, amount)| (order.to_owned(), what.to_owned(), amount.to_owned()))
        .into()
}

#[tokio::test]
async fn each_payment_and_refund_has_a_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipts.jsonl");
    buy(&Sandbox::new(), |shop| shop.handlers(Handlers::linked()).provide(ReceiptsFile::new(&file))).await;
    assert_eq!(receipts(&file), expected());
}

#[tokio::test]
async fn news_that_comes_again_writes_no_second_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipts.jsonl");
    let (one, other) = (Receipts::open(&file).unwrap(), Receipts::open(&file).unwrap());
    buy(&Sandbox::new(), |shop| shop.handler(Twice(one, other))).await;
    assert_eq!(receipts(&file), expected());
}

#[tokio::test]
async fn a_line_that_a_crash_left_unended_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipts.jsonl");
    std::fs::write(&file, "{\"effect\":\"order-1-e").unwrap();
    buy(&Sandbox::new(), |shop| shop.handler(Receipts::open(&file).unwrap())).await;
    assert_eq!(receipts(&file), expected());
}

#[tokio::test]
async fn a_shop_that_does_not_say_where_is_told_how() {
    let error = Shop::builder()
        .credentials(people::shop_credentials())
        .endpoint(Sandbox::new().endpoint())
        .http(Sandbox::new().http())
        .clock(Sandbox::new().clock())
        .storage_url("memory:")
        .public_url("http://127.0.0.1:8080".parse().unwrap())
        .handlers(Handlers::linked())
        .open()
        .await
        .unwrap_err();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    assert!(text.contains("provide(ReceiptsFile::new"), "{text}");
}
