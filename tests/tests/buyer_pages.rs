//! Each pipeline's pages in a real browser, by clicks and typing. Pictures of every page lie in `artefacts/` afterwards.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use axum::extract::RawQuery;
use fps_core::client::{Clock as _, HttpSend as _};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Amount, Pairs};
use fps_sandbox::ledger::Period;
use fps_sandbox::{NewSubscription, Sandbox, people};
use fps_tests::Browser;
use tokio::net::TcpListener;
use url::Url;

/// The service, and a page of a shop to come back to.
struct World {
    sandbox: Sandbox,
    shop: Url,
}

impl World {
    async fn new() -> Self {
        let sandbox = Sandbox::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        sandbox.listen_at(listener.local_addr().unwrap());
        let served = sandbox.clone();
        tokio::spawn(async move { served.serve(listener).await });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shop = format!("http://{}/back?order=7", listener.local_addr().unwrap()).parse().unwrap();
        let page = async |RawQuery(query): RawQuery| {
            let pairs = Pairs::decode(query.as_deref().unwrap_or_default()).unwrap_or_default();
            let status = pairs.get("status").unwrap_or_default().to_owned();
            axum::response::Html(format!("<title>Shop</title><h1>Back at the shop: {status}</h1>"))
        };
        let router = axum::Router::new().route("/back", axum::routing::get(page));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { sandbox, shop }
    }

    /// A signed link of DigitalDownload.
    fn link(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = self.sandbox.endpoint().pages().clone();
        let credentials = people::shop_credentials();
        let common = [
            ("callerKey", credentials.access_key()),
            ("returnURL", self.shop.as_str()),
            ("signatureMethod", "HmacSHA256"),
            ("signatureVersion", "2"),
            ("version", "2009-01-09"),
            ("websiteDescription", "DigitalDownload"),
        ];
        let all = common.iter().chain(pairs);
        let mut all: Pairs = all.map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let text = string_to_sign(Method::Get, &url, &all).unwrap();
        all.push("signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
        url.set_query(Some(&all.encode()));
        url.into()
    }

    /// Opens a link and signs in.
    async fn enter(&self, browser: &Browser, pairs: &[(&str, &str)], email: &str, password: &str) {
        browser.goto(self.link(pairs)).await.unwrap();
        browser.wait_for("Sign in to your payments account").await;
        browser.shoot("sign-in").await;
        browser.type_into("E-mail", email).await;
        browser.type_into("Password", password).await;
        browser.click("Sign in").await;
    }

    /// Waits for the way back, and gives what came with it.
    async fn back(&self, browser: &Browser) -> Pairs {
        browser.wait_for("Back at the shop").await;
        let at = browser.current_url().await.unwrap();
        assert!(at.as_str().starts_with(self.shop.as_str()), "{at}");
        Pairs::decode(at.query().unwrap()).unwrap()
    }

    /// Calls the API as DigitalDownload, and gives the answer's text.
    async fn call(&self, pairs: &[(&str, &str)]) -> String {
        let base = self.sandbox.url();
        let credentials = people::shop_credentials();
        let now = self.sandbox.clock().now().to_string();
        let common = [
            ("AWSAccessKeyId", credentials.access_key()),
            ("SignatureMethod", "HmacSHA256"),
            ("SignatureVersion", "2"),
            ("Timestamp", now.as_str()),
            ("Version", "2010-08-28"),
        ];
        let all = common.iter().chain(pairs);
        let mut all: Pairs = all.map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let text = string_to_sign(Method::Get, &base, &all).unwrap();
        all.push("Signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
        let request =
            fps_core::http::Request::get(format!("{base}?{}", all.encode())).body(Vec::new()).unwrap();
        String::from_utf8(self.sandbox.send(request).await.unwrap().into_body()).unwrap()
    }
}

/// The page says all of this.
async fn says(browser: &Browser, parts: &[&str]) {
    let text = browser.text().await;
    for part in parts {
        assert!(text.contains(part), "{part:?} is not on the page:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn one_payment_with_charges_and_an_address() {
    let world = World::new().await;
    let browser = Browser::open("pipeline-single-use").await;
    let pairs = [
        ("pipelineName", "SingleUse"),
        ("callerReference", "single"),
        ("transactionAmount", "25.98"),
        ("itemTotal", "19.99"),
        ("shipping", "4.99"),
        ("handling", "1.00"),
        ("giftWrapping", "2.00"),
        ("tax", "1.00"),
        ("discount", "3.00"),
        ("paymentMethod", "ABT,ACH,CC"),
        (
            "paymentReason",
            "<b>Two records</b><ul><li>Repeat Offender</li><li><i>Rush Street</i></li></ul><script>x</script>",
        ),
        ("collectShippingAddress", "True"),
    ];
    world.enter(&browser, &pairs, people::JOHN, "wrong").await;
    browser.wait_for("The e-mail address or the password is not right").await;
    browser.shoot("wrong-password").await;
    browser.type_into("Password", "john").await;
    browser.click("Sign in").await;

    browser.wait_for("how would you like to pay").await;
    says(&browser, &["Account balance", "Bank account", "Credit card", "Visa ending in 1111"]).await;
    browser.choose("Credit card").await;
    browser.shoot("payment-method").await;
    browser.click("Continue").await;

    browser.wait_for("Where should DigitalDownload send it?").await;
    browser.clear("ZIP code").await;
    browser.type_into("ZIP code", "9810").await;
    browser.click("Continue").await;
    browser.wait_for("Please give the ZIP code in five digits").await;
    browser.shoot("wrong-address").await;
    browser.clear("ZIP code").await;
    browser.type_into("ZIP code", "98101").await;
    browser.shoot("shipping-address").await;
    browser.click("Continue").await;

    browser.wait_for("Confirm payment authorization").await;
    browser.shoot("confirm").await;
    says(
        &browser,
        &[
            "Two records",
            "Repeat Offender",
            "Items\t$19.99",
            "Shipping\t$4.99",
            "Handling\t$1.00",
            "Gift wrapping\t$2.00",
            "Tax\t$1.00",
            "Discount\t\u{2212}$3.00",
            "Total\t$25.98",
            "Credit card",
            "1 Main Street",
            "Seattle, WA 98101",
        ],
    )
    .await;
    browser.click("Confirm").await;
    let back = world.back(&browser).await;
    for (name, value) in [
        ("status", "SC"),
        ("order", "7"),
        ("callerReference", "single"),
        ("expiry", "08/2035"),
        ("addressName", "John Customer"),
        ("addressLine1", "1 Main Street"),
        ("zip", "98101"),
    ] {
        assert_eq!(back.get(name), Some(value), "{name}");
    }
    // Going back in the browser and confirming again leads to the same end.
    let first = browser.current_url().await.unwrap();
    browser.back().await.unwrap();
    browser.goto(first.as_str()).await.unwrap();
    assert_eq!(world.back(&browser).await.get("tokenID"), back.get("tokenID"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn many_payments_and_another_method_for_them() {
    let world = World::new().await;
    let browser = Browser::open("pipeline-multi-use").await;
    let pairs = [
        ("pipelineName", "MultiUse"),
        ("callerReference", "multi"),
        ("transactionAmount", "10"),
        ("amountType", "Maximum"),
        ("globalAmountLimit", "100"),
        ("usageLimitType1", "Amount"),
        ("usageLimitPeriod1", "1 Month"),
        ("usageLimitValue1", "30"),
        ("usageLimitType2", "Count"),
        ("usageLimitPeriod2", "1 Day"),
        ("usageLimitValue2", "3"),
        ("paymentMethod", "ABT,CC"),
        ("paymentReason", "Songs, as many as you like"),
    ];
    world.enter(&browser, &pairs, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    assert!(!browser.text().await.contains("Bank account"), "the caller does not take it");
    browser.click("Continue").await;
    browser.wait_for("Confirm payment authorization").await;
    browser.shoot("confirm").await;
    says(
        &browser,
        &[
            "Each payment: at most $10.00.",
            "In every 1 month: at most $30.00.",
            "In every 1 day: at most 3 payments.",
            "All payments together: at most $100.00.",
        ],
    )
    .await;
    browser.click("Confirm").await;
    let back = world.back(&browser).await;
    assert_eq!(back.get("status"), Some("SA"));
    let token = back.get("tokenID").unwrap().to_owned();

    let edit = [("pipelineName", "EditToken"), ("callerReference", "edit"), ("tokenId", token.as_str())];
    world.enter(&browser, &edit, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    browser.choose("Credit card").await;
    browser.shoot("edit-method").await;
    browser.click("Continue").await;
    browser.wait_for("Confirm your new payment method").await;
    browser.shoot("edit-confirm").await;
    browser.click("Confirm").await;
    let back = world.back(&browser).await;
    assert_eq!(back.get("status"), Some("SC"));
    let new = back.get("tokenID").unwrap().to_owned();
    assert_ne!(new, token);
    let paid = world
        .call(&[
            ("Action", "Pay"),
            ("SenderTokenId", &new),
            ("CallerReference", "p1"),
            ("TransactionAmount.Value", "10"),
            ("TransactionAmount.CurrencyCode", "USD"),
        ])
        .await;
    assert!(paid.contains("<TransactionStatus>Pending<"), "{paid}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn regular_payments_and_a_seller() {
    let world = World::new().await;
    let browser = Browser::open("pipeline-recurring-and-recipient").await;
    let pairs = [
        ("pipelineName", "Recurring"),
        ("callerReference", "monthly"),
        ("transactionAmount", "9.99"),
        ("recurringPeriod", "1 Month"),
        ("paymentReason", "Songs without end"),
    ];
    world.enter(&browser, &pairs, people::BETTY, "betty").await;
    // Betty has a default method, so nobody asks her.
    browser.wait_for("Confirm payment authorization").await;
    browser.shoot("recurring-confirm").await;
    says(&browser, &["$9.99 once in every 1 month.", "Account balance"]).await;
    browser.click("Confirm").await;
    assert_eq!(world.back(&browser).await.get("status"), Some("SA"));

    let pairs = [
        ("pipelineName", "Recipient"),
        ("callerReference", "artist"),
        ("maxFixedFee", "0.50"),
        ("maxVariableFee", "12.5"),
        ("recipientPaysFee", "True"),
    ];
    world.enter(&browser, &pairs, people::ARTIST, "artist").await;
    browser.wait_for("Confirm that you will be paid").await;
    browser.shoot("recipient-confirm").await;
    says(
        &browser,
        &[
            "The application keeps at most $0.50 and 12.5 % of each payment.",
            "You pay the payment service's own fee.",
        ],
    )
    .await;
    browser.click("Confirm").await;
    let back = world.back(&browser).await;
    assert_eq!((back.get("status"), back.get("expiry")), (Some("SR"), None));
    let seller = back.get("tokenID").unwrap().to_owned();
    assert_eq!(back.get("refundTokenID").map(str::len), Some(64));

    // A payment to the seller carries his name on the pages.
    let pairs = [
        ("pipelineName", "SingleUse"),
        ("callerReference", "to-the-artist"),
        ("transactionAmount", "5.00"),
        ("recipientToken", seller.as_str()),
        ("isRecipientCobranding", "True"),
    ];
    world.enter(&browser, &pairs, people::BETTY, "betty").await;
    browser.wait_for("Confirm payment authorization").await;
    browser.shoot("marketplace-confirm").await;
    says(&browser, &["Richard's Records"]).await;
    browser.click("Confirm").await;
    assert_eq!(world.back(&browser).await.get("status"), Some("SA"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn prepaid_and_postpaid() {
    let world = World::new().await;
    let browser = Browser::open("pipeline-prepaid-and-postpaid").await;
    let pairs = [
        ("pipelineName", "SetupPrepaid"),
        ("callerReferenceFunding", "funding"),
        ("callerReferenceSender", "sender"),
        ("fundingAmount", "50"),
        ("paymentMethod", "CC"),
        ("paymentReason", "A card for songs"),
    ];
    world.enter(&browser, &pairs, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    browser.shoot("prepaid-method").await;
    browser.click("Continue").await;
    browser.wait_for("Confirm payment authorization").await;
    browser.shoot("prepaid-confirm").await;
    says(&browser, &["Your prepaid balance begins with $0.00 and can be filled up to $50.00."]).await;
    browser.click("Confirm").await;
    let back = world.back(&browser).await;
    assert_eq!((back.get("status"), back.get("callerReference")), (Some("SC"), None));
    for name in ["prepaidInstrumentID", "prepaidSenderTokenID", "fundingTokenID"] {
        assert_eq!(back.get(name).map(str::len), Some(64), "{name}");
    }

    let pairs = [
        ("pipelineName", "SetupPostpaid"),
        ("callerReferenceSender", "credit"),
        ("callerReferenceSettlement", "settlement"),
        ("creditLimit", "20"),
        ("globalAmountLimit", "100"),
        ("usageLimitType1", "Amount"),
        ("usageLimitPeriod1", "1 Week"),
        ("usageLimitValue1", "10"),
    ];
    world.enter(&browser, &pairs, people::BETTY, "betty").await;
    browser.wait_for("Confirm payment authorization").await;
    browser.shoot("postpaid-confirm").await;
    says(
        &browser,
        &[
            "You can owe up to $20.00 at a time.",
            "In every 1 week: at most $10.00.",
            "All purchases together: at most $100.00.",
        ],
    )
    .await;
    browser.click("Confirm").await;
    let back = world.back(&browser).await;
    assert_eq!((back.get("status"), back.get("callerReference")), (Some("SA"), None));
    for name in ["creditInstrumentID", "creditSenderTokenID", "settlementTokenID"] {
        assert_eq!(back.get(name).map(str::len), Some(64), "{name}");
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn ways_out_of_the_pages() {
    let world = World::new().await;
    let browser = Browser::open("pipeline-ways-out").await;
    let link = |reference: &'static str| {
        [
            ("pipelineName", "SingleUse"),
            ("callerReference", reference),
            ("transactionAmount", "1.00"),
            ("paymentMethod", "ABT,ACH"),
            ("collectShippingAddress", "True"),
        ]
    };
    let cancel = "Cancel and return to DigitalDownload";
    for (reference, pages) in [
        ("sign-in", &[][..]),
        ("method", &["how would you like to pay"]),
        ("address", &["how would you like to pay", "Where should DigitalDownload send it?"]),
        (
            "confirm",
            &[
                "how would you like to pay",
                "Where should DigitalDownload send it?",
                "Confirm payment authorization",
            ],
        ),
    ] {
        match pages.split_last() {
            None => browser.goto(world.link(&link(reference))).await.unwrap(),
            Some((last, before)) => {
                world.enter(&browser, &link(reference), people::JOHN, "john").await;
                for page in before {
                    browser.wait_for(page).await;
                    browser.click("Continue").await;
                }
                browser.wait_for(last).await;
            }
        }
        browser.click(cancel).await;
        let back = world.back(&browser).await;
        assert_eq!((back.get("status"), back.get("callerReference")), (Some("A"), None), "on {reference}");
        // The same link in the same browser.
        browser.goto(world.link(&link(reference))).await.unwrap();
        let back = world.back(&browser).await;
        assert_eq!(back.get("status"), Some("NP"), "after {reference}");
        assert_eq!(back.get("errorMessage"), Some("User Error: The pipeline was aborted and restarted"));
    }
    world.enter(&browser, &link("carl"), people::CARL, "carl").await;
    assert_eq!(world.back(&browser).await.get("status"), Some("PE"), "Carl has a card only");

    let forged = world.link(&link("forged")).replace("transactionAmount=1.00", "transactionAmount=0.01");
    browser.goto(forged).await.unwrap();
    browser.wait_for("The signature does not match").await;
    browser.shoot("forged").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn the_account_and_control_pages() {
    let world = World::new().await;
    let browser = Browser::open("account-and-control").await;
    let monthly = Period::parse("1 week").unwrap();
    let wanted = NewSubscription::new(people::BETTY, people::SHOP, Amount::usd("9.99"), monthly)
        .with_description("Songs without end");
    world.sandbox.subscribe(&wanted).unwrap();
    let control = format!("{}sandbox", world.sandbox.url());
    browser.goto(control.as_str()).await.unwrap();
    browser.wait_for("Sum of all books").await;
    browser.clear("Move the clock by seconds").await;
    browser.type_into("Move the clock by seconds", "604800").await;
    browser.click("Move").await;
    browser.wait_for("Songs without end").await;
    assert_eq!(world.sandbox.ledger().charges(), 2);

    let pairs = [
        ("pipelineName", "SingleUse"),
        ("callerReference", "one"),
        ("transactionAmount", "1.00"),
        ("paymentMethod", "CC"),
    ];
    world.enter(&browser, &pairs, people::JOHN, "john").await;
    browser.click("Continue").await;
    browser.click("Confirm").await;
    let token = world.back(&browser).await.get("tokenID").unwrap().to_owned();
    let pay = [
        ("Action", "Pay"),
        ("SenderTokenId", token.as_str()),
        ("CallerReference", "p1"),
        ("TransactionAmount.Value", "1.00"),
        ("TransactionAmount.CurrencyCode", "USD"),
        ("OverrideIPNURL", "http://127.0.0.1:9/notice"),
    ];
    browser.goto(control.as_str()).await.unwrap();
    browser.click("Add").await;
    browser.wait_for("Fault script").await;
    world.sandbox.faults().clear();
    assert!(world.call(&pay).await.contains("Pending"));
    world.sandbox.deliver_notices().await;
    // A client that signs spaces as + sees both strings side by side.
    let mut url = world.sandbox.url();
    let credentials = people::shop_credentials();
    let now = world.sandbox.clock().now().to_string();
    let mut pairs = Pairs::from_iter([
        ("AWSAccessKeyId", credentials.access_key()),
        ("Action", "Cancel"),
        ("Description", "changed my mind"),
        ("SignatureMethod", "HmacSHA256"),
        ("SignatureVersion", "2"),
        ("Timestamp", now.as_str()),
        ("Version", "2010-08-28"),
    ]);
    let text = string_to_sign(Method::Get, &url, &pairs).unwrap().replace("%20", "+");
    pairs.push("Signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
    url.set_query(Some(&pairs.encode()));
    let request = fps_core::http::Request::get(url.as_str()).body(Vec::new()).unwrap();
    assert_eq!(world.sandbox.send(request).await.unwrap().status(), 403);
    browser.goto(control.as_str()).await.unwrap();
    browser.wait_for("spaces were signed as +").await;
    browser.shoot("control").await;
    browser.shoot_whole("control-whole").await;
    says(&browser, &["changed+my+mind", "PAY PENDING", "Send again", "Betty Balance pays DigitalDownload"])
        .await;
    browser.click("Finish all pending").await;
    browser.wait_for("Sum of all books").await;

    browser.goto(format!("{}account", world.sandbox.url())).await.unwrap();
    browser.type_into("E-mail", people::SHOP).await;
    browser.type_into("Password", "shop").await;
    browser.click("Sign in").await;
    browser.wait_for("Money in and out, by day").await;
    browser.shoot_whole("the-shops-account").await;
    browser.goto(format!("{}account?operation=Refund", world.sandbox.url())).await.unwrap();
    browser.wait_for("Nothing to show").await;
    browser.goto(format!("{}account", world.sandbox.url())).await.unwrap();
    let id = world.sandbox.ledger().transactions().last().unwrap().id.to_string();
    browser.click(&id).await;
    browser.wait_for("p1").await;
    browser.shoot("one-transaction").await;
    browser.goto(format!("{}account", world.sandbox.url())).await.unwrap();
    browser.click("Sign out").await;
    browser.type_into("E-mail", people::BETTY).await;
    browser.type_into("Password", "betty").await;
    browser.click("Sign in").await;
    browser.wait_for("What you allowed").await;
    browser.shoot_whole("bettys-account").await;
    browser.click("Cancel").await;
    browser.wait_for("Inactive").await;
    browser.close().await;
}
