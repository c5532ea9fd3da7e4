//! The story in a real browser, by clicks and typing. Pictures of every page lie in `artefacts/` afterwards.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::time::Duration;

use fps_sandbox::people;
use fps_tests::{Browser, Program};
use tempfile::TempDir;
use thirtyfour::By;

/// The example as its users start it.
struct Example {
    shop: String,
    service: String,
    folder: TempDir,
    _program: Program,
}

impl Example {
    fn start() -> Self {
        Self::start_in("2010-08-28")
    }

    /// The example selling in that version.
    fn start_in(api: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).into_os_string();
        let mut program = Program::start(
            env!("CARGO_BIN_EXE_digital-download-under-test"),
            [
                "--shop-addr".into(),
                "127.0.0.1:0".into(),
                "--api".into(),
                api.into(),
                "--sandbox-addr".into(),
                "127.0.0.1:0".into(),
                "--data".into(),
                file("orders.db"),
                "--sales".into(),
                file("sales.jsonl"),
            ],
        );
        let shop = program.wait_for("DigitalDownload ");
        let service = program.wait_for("Payment service ");
        let first = |line: String| line.split_whitespace().next().unwrap_or_default().to_owned();
        Self { shop: first(shop), service: first(service), folder, _program: program }
    }

    fn sales(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("sales.jsonl")).unwrap_or_default()
    }

    /// The page knows of a sale a moment before the book does: the handler runs after the commit.
    async fn wait_for_sales(&self, wanted: usize) {
        for _ in 0..50 {
            if self.sales().lines().count() >= wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(self.sales().lines().count(), wanted, "{}", self.sales());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn john_buys_a_song_by_clicks_and_typing() {
    let example = Example::start();
    let browser = Browser::open("john-buys-a-song").await;

    browser.goto(&example.shop).await.unwrap();
    browser.wait_for("Now and Forever").await;
    browser.shoot("shop").await;
    browser.click("Download Now").await;

    sign_in(&browser, people::JOHN, "john").await;

    browser.wait_for("how would you like to pay").await;
    browser.shoot("payment-method").await;
    browser.click("Continue").await;

    browser.wait_for("Confirm payment authorization").await;
    let confirm = browser.text().await;
    for says in ["DigitalDownload", "Now and Forever - Richard Marx", "$0.10"] {
        assert!(confirm.contains(says), "{says:?} is not on the page:\n{confirm}");
    }
    browser.shoot("confirm").await;
    browser.click("Confirm").await;

    browser.wait_for("Thank you").await;
    browser.shoot("result").await;
    let result = browser.text().await;
    for says in ["a. Pay request\nSuccess", "b. Transaction\nSuccess", "c. Transaction id\n"] {
        assert!(result.contains(says), "{says:?} is not on the page:\n{result}");
    }
    let (_, rest) = result.split_once("c. Transaction id\n").unwrap();
    let id = rest.lines().next().unwrap();
    assert_eq!(id.len(), 35, "{id}");
    example.wait_for_sales(1).await;
    let sales = example.sales();
    assert!(sales.contains(id), "{sales}");

    // A reload and the way back change nothing.
    browser.refresh().await.unwrap();
    browser.wait_for(id).await;
    assert_eq!(example.sales(), sales);

    // John's account at the service, and the shop's.
    browser.goto(&format!("{}account", example.service)).await.unwrap();
    browser.type_into("E-mail", people::JOHN).await;
    browser.type_into("Password", "john").await;
    browser.shoot("account-sign-in").await;
    browser.click("Sign in").await;
    browser.wait_for("99.90").await;
    browser.shoot("johns-account").await;
    browser.click("Sign out").await;
    browser.type_into("E-mail", people::SHOP).await;
    browser.type_into("Password", "shop").await;
    browser.click("Sign in").await;
    browser.wait_for("Now and Forever - Richard Marx").await;
    browser.shoot("the-shops-account").await;
    let account = browser.text().await;
    assert!(account.contains("Balance\n$0.09") && account.contains("$0.10\t$0.01\t$0.09"), "{account}");
    browser.goto(&format!("{}sandbox", example.service)).await.unwrap();
    browser.wait_for(people::JOHN).await;
    browser.shoot("control").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn john_buys_a_song_in_the_version_of_2007() {
    let example = Example::start_in("2007-01-08");
    let browser = Browser::open("john-buys-a-song-in-2007").await;
    browser.goto(&example.shop).await.unwrap();
    browser.click("Download Now").await;
    sign_in(&browser, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    browser.click("Cancel and return to DigitalDownload").await;
    browser.wait_for("You left before paying").await;

    browser.click("Try again").await;
    sign_in(&browser, people::JOHN, "john").await;
    browser.click("Continue").await;
    browser.wait_for("Confirm payment authorization").await;
    browser.shoot("confirm").await;
    browser.click("Confirm").await;
    browser.wait_for("Thank you").await;
    browser.shoot("result").await;
    let result = browser.text().await;
    for says in ["a. Pay request\nSuccess", "b. Transaction\nSuccess", "c. Transaction id\n"] {
        assert!(result.contains(says), "{says:?} is not on the page:\n{result}");
    }
    example.wait_for_sales(1).await;

    // A card is pending, and then paid.
    browser.goto(&example.shop).await.unwrap();
    browser.click("Download Now").await;
    sign_in(&browser, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    browser.find(By::Css("input[value=CC]")).await.unwrap().click().await.unwrap();
    browser.click("Continue").await;
    browser.click("Confirm").await;
    browser.wait_for("a. Pay request\nSuccess").await;
    browser.wait_for("Thank you").await;
    example.wait_for_sales(2).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn a_buyer_who_cancels_can_try_again() {
    let example = Example::start();
    let browser = Browser::open("a-buyer-cancels").await;
    browser.goto(&example.shop).await.unwrap();
    browser.click("Download Now").await;
    sign_in(&browser, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    browser.click("Cancel and return to DigitalDownload").await;
    browser.wait_for("You left before paying").await;
    browser.shoot("left").await;
    assert_eq!(example.sales(), "");

    browser.click("Try again").await;
    sign_in(&browser, people::JOHN, "john").await;
    browser.click("Continue").await;
    browser.click("Confirm").await;
    browser.wait_for("Thank you").await;
    example.wait_for_sales(1).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn a_double_click_is_one_order() {
    let example = Example::start();
    let browser = Browser::open("double-click").await;
    browser.goto(&example.shop).await.unwrap();
    let left_open = browser.window().await.unwrap();
    let ticket = "return document.querySelector('input[name=ticket]').value";
    let ticket = browser.execute(ticket, Vec::new()).await.unwrap().json().as_str().unwrap().to_owned();
    let second = browser.new_tab().await.unwrap();
    browser.switch_to_window(second).await.unwrap();
    browser.goto(&example.shop).await.unwrap();
    let same = format!("document.querySelector('input[name=ticket]').value = {ticket:?}");
    browser.execute(same, Vec::new()).await.unwrap();
    browser.double_click("Download Now").await;
    sign_in(&browser, people::JOHN, "john").await;
    browser.click("Continue").await;
    browser.click("Confirm").await;
    browser.wait_for("Thank you").await;
    example.wait_for_sales(1).await;

    // The same button in a second tab that was left open leads to the same order, paid already.
    browser.switch_to_window(left_open).await.unwrap();
    browser.click("Download Now").await;
    browser.wait_for("Thank you").await;
    example.wait_for_sales(1).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn a_card_is_pending_and_the_page_shows_when_it_is_paid() {
    let example = Example::start();
    let browser = Browser::open("a-card").await;
    browser.goto(&example.shop).await.unwrap();
    browser.click("Download Now").await;
    sign_in(&browser, people::CARL, "carl").await;
    browser.click("Confirm").await;
    browser.wait_for("a. Pay request\nSuccess").await;
    browser.shoot("pending").await;
    browser.wait_for("Thank you").await;
    browser.shoot("paid").await;
    example.wait_for_sales(1).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and ChromeDriver; tests/run installs and uses them"]
async fn the_pages_fit_a_phone() {
    let example = Example::start();
    let browser = Browser::open("on-a-phone").await;
    browser.set_window_rect(0, 0, 390, 844).await.unwrap();
    browser.goto(&example.shop).await.unwrap();
    fits(&browser, "shop").await;
    browser.click("Download Now").await;
    browser.wait_for("Sign in to your payments account").await;
    fits(&browser, "sign-in").await;
    sign_in(&browser, people::JOHN, "john").await;
    browser.wait_for("how would you like to pay").await;
    fits(&browser, "payment-method").await;
    browser.click("Continue").await;
    browser.wait_for("Confirm payment authorization").await;
    fits(&browser, "confirm").await;
    browser.click("Confirm").await;
    browser.wait_for("Thank you").await;
    fits(&browser, "result").await;
    browser.close().await;
}

async fn sign_in(browser: &Browser, email: &str, password: &str) {
    browser.wait_for("Sign in to your payments account").await;
    browser.type_into("E-mail", email).await;
    browser.type_into("Password", password).await;
    browser.shoot("sign-in").await;
    browser.click("Sign in").await;
}

/// Nothing of the page lies beside the screen.
async fn fits(browser: &Browser, name: &str) {
    browser.shoot(name).await;
    let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let beside = browser.execute(script, Vec::new()).await.unwrap();
    assert_eq!(beside.json().as_i64(), Some(0), "{name} is wider than the screen");
}
