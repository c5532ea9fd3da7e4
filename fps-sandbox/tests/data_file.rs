//! What `--data` keeps, through a kill at any byte.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use fps_core::client::{HttpSend, SendError};
use fps_core::{Amount, Credentials};
use fps_sandbox::ledger::{Account, AccountId};
use fps_sandbox::notices::NoticeState;
use fps_sandbox::{Buyer, Fault, Sandbox, SandboxBuilder, SandboxClock, people};

use caller::{Caller, john};

/// A file that is gone when its test ends.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fps-sandbox-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A shop that remembers what it got, and answers 500 to the first so many.
#[derive(Debug, Default)]
struct Receiver {
    fails: Mutex<u32>,
    got: Mutex<Vec<String>>,
}

#[async_trait]
impl HttpSend for Receiver {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        self.got.lock().unwrap().push(String::from_utf8(request.into_body()).unwrap());
        let mut fails = self.fails.lock().unwrap();
        let status = if *fails > 0 { 500 } else { 200 };
        *fails = fails.saturating_sub(1);
        Ok(http::Response::builder().status(status).body(Vec::new()).unwrap())
    }
}

fn clock() -> SandboxClock {
    SandboxClock::virtual_at("2010-10-06T12:00:00Z".parse().unwrap())
}

const NOTICE_URL: &str = "http://127.0.0.1:8080/notice";

#[tokio::test]
async fn visits_notices_and_the_fault_script_outlive_the_program() {
    let file = File::new("outlive");
    let receiver = Arc::new(Receiver { fails: Mutex::new(1), ..Receiver::default() });
    let open = || {
        let builder =
            Sandbox::builder().clock(clock()).notices_by(Arc::clone(&receiver) as Arc<dyn HttpSend>);
        builder.open(&file.0).unwrap()
    };
    let sandbox = open();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    sandbox.faults().on("Pay", 2, Fault::Throttle);
    sandbox.faults().on("Notice", 2, Fault::NoticeNever);
    let pay = async |shop: &Caller, token: &str, reference: &str| {
        let pairs =
            [("SenderTokenId", token), ("CallerReference", reference), ("OverrideIPNURL", NOTICE_URL)];
        shop.ask("Pay", ("TransactionAmount", "1.00"), &pairs).await
    };
    let token = shop.buy(john(), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let paid = pay(&shop, &token, "p1").await;
    assert_eq!(sandbox.deliver_notices().await, 0, "the shop answers 500");

    // John is on the last page when the program is killed, and has left another by Cancel.
    let browser = Browser::default();
    let link = shop.link(&[
        ("callerReference", "a2"),
        ("transactionAmount", "2.00"),
        ("paymentReason", "<b>Two</b>"),
    ]);
    let on = browser.walk(&sandbox, &link).await;
    let left = shop.link(&[("callerReference", "a3"), ("transactionAmount", "2.00")]);
    let page = browser.walk(&sandbox, &left).await;
    assert!(browser.go(&sandbox, &page, Some("step=confirm&choice=cancel")).await.contains("status=A&"));
    drop((shop, sandbox));

    let sandbox = open();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let again = pay(&shop, &token, "p1").await;
    assert_eq!(
        again.text("Code"),
        "Throttling",
        "the second Pay, as the script says, though the program is another"
    );
    assert_eq!(pay(&shop, &token, "p1").await.text("TransactionId"), paid.text("TransactionId"));
    let notice = sandbox.notices().remove(0);
    assert_eq!((notice.attempts, notice.last.as_str()), (1, "500"));
    assert!(matches!(notice.state, NoticeState::Waiting(_)), "{notice:?}");
    sandbox.clock().advance(Duration::from_secs(60));
    assert_eq!(sandbox.deliver_notices().await, 1);
    let bodies = receiver.got.lock().unwrap().clone();
    let first = |body: &str| body.split("&certificateUrl").next().unwrap().to_owned();
    assert_eq!(first(&bodies[0]), first(&bodies[1]), "the same notice");

    // John presses Confirm in the page that he still has before him, and the same way back is his for ever.
    let confirm = Some("step=confirm&choice=continue");
    let back = browser.go(&sandbox, &on, confirm).await;
    assert!(back.contains("status=SA") && back.contains("callerReference=a2"), "{back}");
    assert!(browser.go(&sandbox, left.as_str(), None).await.contains("status=NP&"), "aborted and restarted");
    let token = back.split("tokenID=").nth(1).unwrap().split('&').next().unwrap();
    assert_eq!(shop.pay(token, "2.00", "p2").await.status, 200);
    let cancel = [("TokenId", people::BUSKER_TOKEN), ("OverrideIPNURL", NOTICE_URL)];
    assert_eq!(shop.call("CancelToken", &cancel).await.status, 200);
    assert_eq!(sandbox.notices().last().unwrap().state, NoticeState::GivenUp, "never, as the script says");
    drop((shop, sandbox));

    let sandbox = open();
    assert_eq!(browser.go(&sandbox, &on, confirm).await, back);
    let states: Vec<_> = sandbox.notices().iter().map(|notice| notice.state).collect();
    assert_eq!(states, [NoticeState::Delivered, NoticeState::GivenUp]);
    assert!(sandbox.resend_notice(2));
    drop(sandbox);
    assert_eq!(open().deliver_notices().await, 1, "somebody asked for it before the kill");
    assert_eq!(open().ledger().sum(), 0);
}

#[tokio::test]
async fn the_clock_that_the_control_page_moved_stays_moved() {
    use fps_core::client::Clock as _;

    let file = File::new("clock");
    let sandbox = Sandbox::builder().open(&file.0).unwrap();
    let request = http::Request::post("http://fps.localhost/sandbox/clock")
        .header("content-type", "application/json")
        .body(b"{\"seconds\": 864000}".to_vec())
        .unwrap();
    assert_eq!(sandbox.send(request).await.unwrap().status(), 200);
    let before = sandbox.clock().now();
    drop(sandbox);
    assert!(Sandbox::builder().open(&file.0).unwrap().clock().now() >= before);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let file = File::new("mode");
    drop(Sandbox::builder().open(&file.0).unwrap());
    assert_eq!(std::fs::metadata(&file.0).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A whole session in a small file; cut at every byte, it opens with the steps that were whole.
#[tokio::test]
async fn a_file_cut_at_any_byte_opens_with_the_whole_steps_before() {
    let file = File::new("cut");
    let keys = Credentials::new("K", "S");
    let builder = || -> SandboxBuilder { Sandbox::builder().without_people().clock(clock()) };
    let accounts = [
        Account::business("SHOP", "Shop", "shop@example.com", "s", &[("K", "S")]),
        Account::personal("ANN", "Ann", "ann@example.com", "a"),
    ];
    let sandbox = accounts.into_iter().fold(builder(), SandboxBuilder::account).open(&file.0).unwrap();
    let shop = Caller::new(&sandbox, keys);
    sandbox.deposit(&AccountId::new("ANN"), Amount::usd("10")).unwrap();
    sandbox.faults().on("Notice", 7, Fault::NoticeTwice);
    let token =
        shop.buy(Buyer::new("ann@example.com", "a"), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let pairs = [
        ("SenderTokenId", token.as_str()),
        ("CallerReference", "p1"),
        ("OverrideIPNURL", "http://192.0.2.1/"),
    ];
    let paid = shop.ask("Pay", ("TransactionAmount", "1.00"), &pairs).await;
    assert_eq!(sandbox.deliver_notices().await, 0);
    let id = paid.text("TransactionId").to_owned();
    assert_eq!(shop.call("Refund", &[("TransactionId", &id), ("CallerReference", "r1")]).await.status, 200);
    drop((shop, sandbox));

    let whole = std::fs::read(&file.0).unwrap();
    let told = |sandbox: &Sandbox| {
        let ledger = sandbox.ledger();
        let books: Vec<_> = ledger.books().collect();
        let (tokens, transactions): (Vec<_>, Vec<_>) =
            (ledger.tokens().collect(), ledger.transactions().collect());
        let beside = (sandbox.notices(), sandbox.faults().rules());
        format!("{books:?} {tokens:?} {transactions:?} {beside:?}")
    };
    let mut expected = told(&builder().build());
    let (mut opened, mut steps) = (0, 0);
    for cut in 0..=whole.len() {
        let at_end = cut == 0 || whole[cut - 1] == b'\n';
        let cut_file = File::new("cut-here");
        std::fs::write(&cut_file.0, &whole[..cut]).unwrap();
        let sandbox = builder().open(&cut_file.0).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        if at_end {
            let now = told(&sandbox);
            steps += usize::from(cut > 0);
            expected = now;
        } else if cut % 16 == 0 || cut + 2 > whole.len() || whole[cut] == b'\n' {
            assert!(told(&sandbox) == expected, "cut at {cut}");
        }
        assert_eq!(sandbox.ledger().sum(), 0, "cut at {cut}");
        assert_eq!(
            std::fs::metadata(&cut_file.0).unwrap().len() as usize,
            whole[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1),
            "what was cut off is gone from the file"
        );
        opened += 1;
    }
    assert_eq!(opened, whole.len() + 1);
    assert!(steps > 10, "{steps} steps");
}

/// A browser that keeps its cookie while the service dies and comes back.
#[derive(Debug, Default)]
struct Browser {
    cookie: Mutex<String>,
}

impl Browser {
    /// Opens a link or sends a form, and gives where it leads.
    async fn go(&self, sandbox: &Sandbox, target: &str, form: Option<&str>) -> String {
        let method = if form.is_some() { "POST" } else { "GET" };
        let request = http::Request::builder()
            .method(method)
            .uri(target)
            .header("host", "fps.localhost")
            .header("cookie", self.cookie.lock().unwrap().as_str())
            .body(form.unwrap_or_default().as_bytes().to_vec())
            .unwrap();
        let response = sandbox.send(request).await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            cookie.clone_into(&mut self.cookie.lock().unwrap());
        }
        let location = response.headers().get("location");
        location.map_or_else(String::new, |location| location.to_str().unwrap().to_owned())
    }

    /// Signs John in, chooses his balance, and stops before the last button; gives the page that he is on.
    async fn walk(&self, sandbox: &Sandbox, link: &url::Url) -> String {
        let page = self.go(sandbox, link.as_str(), None).await;
        for form in [
            "step=sign-in&email=john%40example.com&password=john&choice=continue",
            "step=method&method=ABT&choice=continue",
        ] {
            assert_eq!(self.go(sandbox, &page, Some(form)).await, page);
        }
        page
    }
}
