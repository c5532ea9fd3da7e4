//! A buyer stores a token in a real browser, by clicks and typing: from the shop through the payment pages to the shop's own page for
//! tokens. The shop charges it then, and the buyer takes it back in his account. Pictures lie in `artefacts/` afterwards.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use axum::routing::get;
use fps_checkout::fps_core::Generation;
use fps_checkout::fps_core::pipeline::{AmountType, Period, UsageLimit};
use fps_checkout::fps_core::url::Url;
use fps_checkout::{Amount, OrderId, Shop, TokenName, TokenTerms, Version, web};
use fps_sandbox::{Sandbox, people};
use fps_tests::{Browser, NOW_AND_FOREVER, VERSIONS};
use tokio::net::TcpListener;

/// A shop that sells to its regulars by a click, and the service, each at a port of its own.
struct World {
    sandbox: Sandbox,
    shop: Shop,
    home: Url,
}

impl World {
    async fn new(version: Version) -> Self {
        let sandbox = Sandbox::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        sandbox.listen_at(listener.local_addr().unwrap());
        let served = sandbox.clone();
        tokio::spawn(async move { served.serve(listener).await });

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let home: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let shop = Shop::builder()
            .credentials(people::shop_credentials())
            .endpoint(sandbox.endpoint())
            .storage_url("memory:")
            .public_url(home.clone())
            .version(version)
            .open()
            .await
            .unwrap();
        if version.generation() == Generation::First {
            shop.install_tokens().await.unwrap();
        }
        let page = |path: &'static str| {
            let home = home.clone();
            move |name: &str| home.join(&format!("{path}/{name}")).unwrap()
        };
        let (order_page, token_page) = (page("orders"), page("tokens"));
        let pages = web::ResultPages::new(&shop, move |order| order_page(order.as_str()))
            .tokens(move |token| token_page(token.as_str()));
        let router = Router::new()
            .route("/store/{token}", get(store))
            .route("/tokens/{token}", get(token_state))
            .route("/buy/{token}/{order}", get(buy))
            .with_state(shop.clone())
            .merge(web::axum::routes_to(&shop, pages));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { sandbox, shop, home }
    }
}

async fn store(State(shop): State<Shop>, Path(token): Path<TokenName>) -> Result<Redirect, String> {
    let begun = shop.begin_token(&terms(), token).await.map_err(|error| error.to_string())?;
    Ok(Redirect::to(begun.link().as_str()))
}

async fn token_state(State(shop): State<Shop>, Path(token): Path<TokenName>) -> Result<Html<String>, String> {
    let token = shop.token(&token).await.map_err(|error| error.to_string())?;
    let (name, state) = (token.name(), token.state());
    let (spent, limit) = (token.spent(), token.terms().limit());
    Ok(page(&format!(
        "<h1>Songs by a click</h1><p>{name} is {state}: {spent} of {limit} dollars spent.</p>\
         <p><a href=\"/buy/{name}/{name}-{}\">Buy Now and Forever</a></p>",
        token.payments() + 1
    )))
}

async fn buy(State(shop): State<Shop>, Path((token, order)): Path<(TokenName, OrderId)>) -> Html<String> {
    match shop.charge_token(&token, &NOW_AND_FOREVER, order).await {
        Ok(order) => page(&format!("<h1>{} is {}</h1>", order.id(), order.state())),
        Err(error) => page(&format!("<h1>Not bought</h1><p>{error}</p>")),
    }
}

fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>DigitalDownload</title><body style=\"font-family: sans-serif; margin: 2em\">{body}</body></html>"
    ))
}

fn terms() -> TokenTerms {
    TokenTerms::at_most(Amount::usd("50"))
        .with_each(Amount::usd("5"), AmountType::Maximum)
        .with_usage_limit(UsageLimit::count(10).per(Period::months(1)))
        .with_usage_limit(UsageLimit::amount(Amount::usd("20")).per(Period::days(7)))
        .with_reason("Songs, whenever you like one")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn a_stored_token_is_approved_charged_and_taken_back() {
    for version in VERSIONS {
        for (screen, width, height) in [("desktop", 1000, 900), ("phone", 390, 844)] {
            let world = World::new(version).await;
            let browser = Browser::open(&format!("stored-token-{version}-{screen}")).await;
            browser.set_window_rect(0, 0, width, height).await.unwrap();
            walk(&world, &browser).await;
            browser.close().await;
        }
    }
}

async fn walk(world: &World, browser: &Browser) {
    // He leaves first, and thinks better of it.
    browser.goto(world.home.join("store/john").unwrap().as_str()).await.unwrap();
    sign_in(browser, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    shoot(browser, "payment-method").await;
    browser.click("Cancel and return to DigitalDownload").await;
    browser.wait_for("john is Abandoned").await;
    shoot(browser, "left").await;

    browser.goto(world.home.join("store/john").unwrap().as_str()).await.unwrap();
    sign_in(browser, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    browser.choose("Account balance").await;
    browser.click("Continue").await;
    browser.wait_for("Confirm payment authorization").await;
    shoot(browser, "confirm").await;
    let confirm = browser.text().await;
    for says in [
        "DigitalDownload",
        "Songs, whenever you like one",
        "Each payment: at most $5.00.",
        "In every 1 month: at most 10 payments.",
        "In every 7 days: at most $20.00.",
        "All payments together: at most $50.00.",
        "Account balance",
    ] {
        assert!(confirm.contains(says), "{says:?} is not on the page:\n{confirm}");
    }
    browser.click("Confirm").await;
    browser.wait_for("john is TokenHeld: 0.00 of 50.00 dollars spent").await;
    shoot(browser, "stored").await;
    let at = browser.current_url().await.unwrap();
    assert_eq!(at.as_str(), world.home.join("tokens/john").unwrap().as_str());

    // Without the payment pages, and the same again is the same.
    browser.click("Buy Now and Forever").await;
    browser.wait_for("john-1 is Paid").await;
    shoot(browser, "bought").await;
    browser.refresh().await.unwrap();
    browser.wait_for("john-1 is Paid").await;
    browser.goto(world.home.join("tokens/john").unwrap().as_str()).await.unwrap();
    browser.wait_for("john is TokenHeld: 0.10 of 50.00 dollars spent").await;
    assert_eq!(world.sandbox.ledger().balance_of(people::JOHN), Amount::usd("99.90"));

    // His account shows both; there he takes it back.
    browser.goto(world.sandbox.url().join("account").unwrap().as_str()).await.unwrap();
    if browser.text().await.contains("Password") {
        browser.type_into("E-mail", people::JOHN).await;
        browser.type_into("Password", "john").await;
        browser.click("Sign in").await;
    }
    browser.wait_for("What you allowed").await;
    shoot(browser, "account").await;
    browser.shoot_whole("account-in-full").await;
    browser.click("Cancel").await;
    browser.wait_for("Inactive").await;
    shoot(browser, "account-without").await;
    browser.goto(world.home.join("tokens/john").unwrap().as_str()).await.unwrap();
    browser.click("Buy Now and Forever").await;
    browser.wait_for("john-2 is Declined").await;
    browser.goto(world.home.join("tokens/john").unwrap().as_str()).await.unwrap();
    browser.wait_for("john is Cancelled: 0.10 of 50.00 dollars spent").await;
    assert_eq!(world.sandbox.ledger().balance_of(people::JOHN), Amount::usd("99.90"));
    let known = world.shop.token(&TokenName::new("john").unwrap()).await.unwrap();
    assert_eq!((known.spent(), known.payments()), (Amount::usd("0.10"), 1));
}

async fn sign_in(browser: &Browser, email: &str, password: &str) {
    browser.wait_for("Sign in to your payments account").await;
    shoot(browser, "sign-in").await;
    browser.type_into("E-mail", email).await;
    browser.type_into("Password", password).await;
    browser.click("Sign in").await;
}

/// Keeps a picture, and says that nothing of the page lies beside the screen.
async fn shoot(browser: &Browser, name: &str) {
    browser.shoot(name).await;
    let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let beside = browser.execute(script, Vec::new()).await.unwrap();
    assert_eq!(beside.json().as_i64(), Some(0), "{name} is wider than the screen");
}
