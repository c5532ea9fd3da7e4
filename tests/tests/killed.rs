//! The shop is killed as by a power cut, and restarted on the same file, while the service in another process lives on.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fps_checkout::Version;
use fps_checkout::fps_core::client::{HttpSend, ReqwestSend};
use fps_checkout::fps_core::http::{Request, Response, header};
use fps_checkout::fps_core::url::Url;
use fps_sandbox::people;
use fps_tests::{Program, Service, VERSIONS, john_pays};
use tempfile::TempDir;

/// In 2007-01-08 nobody is asked for either: the shop verifies by itself.
#[tokio::test(flavor = "multi_thread")]
async fn killed_before_pay_while_the_return_is_verified() {
    let mut story = Story::begin(Version::V2010_08_28).await;
    story.kill_during("VerifySignature", "delay_request:600000", Until::State("AwaitingBuyer")).await;
    story.restart_and_judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_pay_while_the_token_is_looked_up() {
    let mut story = Story::begin(Version::V2010_08_28).await;
    story.kill_during("GetTokenByCaller", "delay_request:600000", Until::State("AwaitingBuyer")).await;
    story.restart_and_judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_pay_before_the_service_has_taken_it() {
    for version in VERSIONS {
        let mut story = Story::begin(version).await;
        story.kill_during("Pay", "delay_request:600000", Until::State("Charging")).await;
        assert_eq!(story.charges().await, 0);
        story.restart_and_judge().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_pay_before_its_answer_is_stored() {
    for version in VERSIONS {
        let mut story = Story::begin(version).await;
        story.kill_during("Pay", "delay_answer:600000", Until::Charges(1)).await;
        assert_eq!(story.charges().await, 1);
        story.restart_and_judge().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twice_the_second_time_while_it_recovers() {
    for version in VERSIONS {
        let mut story = Story::begin(version).await;
        story.kill_during("Pay", "delay_answer:600000", Until::Charges(1)).await;
        story.service.fault("Pay", "delay_answer:600000").await;
        story.restart().await;
        // The worker has sent Pay again, or is about to.
        tokio::time::sleep(Duration::from_secs(2)).await;
        story.kill();
        story.service.clear_faults().await;
        story.restart_and_judge().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_of_the_return() {
    for version in VERSIONS {
        for millis in [1, 3, 6, 10, 15, 25, 40] {
            let mut story = Story::begin(version).await;
            let browser = story.come_back();
            tokio::time::sleep(Duration::from_millis(millis)).await;
            story.kill();
            browser.await.unwrap();
            story.restart_and_judge().await;
        }
    }
}

/// One order of John's, and the shop and the service that it is between.
#[derive(Debug)]
struct Story {
    version: Version,
    service: Service,
    shop: Option<Program>,
    address: String,
    folder: TempDir,
    later: u64,
    http: Arc<dyn HttpSend>,
    back: Url,
}

/// What is waited for before the shop is killed.
#[derive(Clone, Copy, Debug)]
enum Until {
    State(&'static str),
    Charges(u64),
}

impl Story {
    /// John has paid on the pages and is about to come back.
    async fn begin(version: Version) -> Self {
        let service = Service::start(env!("CARGO_BIN_EXE_fps-sandbox-under-test"));
        // Free now, and ours from here on: the shop comes back to the same address.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut story = Self {
            version,
            service,
            shop: None,
            address,
            folder: tempfile::tempdir().unwrap(),
            later: 0,
            http: Arc::new(ReqwestSend::new().unwrap()),
            back: "http://127.0.0.1/".parse().unwrap(),
        };
        story.start();
        let answer = story.browse(&format!("http://{}/buy/order-1", story.address)).await.unwrap();
        let link = answer.headers()[header::LOCATION].to_str().unwrap().parse().unwrap();
        story.back = john_pays(&story.http, &link).await;
        story
    }

    fn start(&mut self) {
        let mut shop = Program::start(
            env!("CARGO_BIN_EXE_shop-to-kill"),
            [
                self.address.as_str(),
                self.service.address.as_str(),
                self.file("orders.db").to_str().unwrap(),
                self.file("book").to_str().unwrap(),
                &self.later.to_string(),
                self.version.as_str(),
            ],
        );
        shop.wait_for("listening on");
        self.shop = Some(shop);
    }

    fn kill(&mut self) {
        self.shop.take().unwrap().kill();
    }

    /// The browser comes back and waits for what the shop says, if it says anything.
    fn come_back(&self) -> tokio::task::JoinHandle<()> {
        let (http, back) = (Arc::clone(&self.http), self.back.clone());
        tokio::spawn(async move {
            let _ = http.send(get(back.as_str())).await;
        })
    }

    /// Lets the service be slow at something, and kills the shop when it has come so far.
    async fn kill_during(&mut self, operation: &str, fault: &str, until: Until) {
        self.service.fault(operation, fault).await;
        let browser = self.come_back();
        // Nothing tells from outside that a call is under way that leaves no trace; it is within half a second.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut seen = String::new();
        for _ in 0..100 {
            let (there, what) = match until {
                Until::State(state) => {
                    let now = self.state().await;
                    (now == state, now)
                }
                Until::Charges(wanted) => {
                    let now = self.charges().await;
                    (now == wanted, format!("{now} charges"))
                }
            };
            seen = what;
            if there {
                self.kill();
                browser.await.unwrap();
                self.service.clear_faults().await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("waited for {until:?} in vain, it is {seen}");
    }

    /// Starts the shop again, twenty minutes later.
    async fn restart(&mut self) {
        self.later += 20 * 60;
        self.service.advance(20 * 60).await;
        self.start();
    }

    async fn restart_and_judge(&mut self) {
        self.restart().await;
        let paid = async {
            while self.state().await != "Paid" {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(60), paid).await.is_err() {
            panic!("after a minute it is still {}", self.state().await);
        }
        let heard = || std::fs::read_to_string(self.file("book")).unwrap_or_default();
        let told = async {
            while !heard().contains(" Paid") {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), told).await.expect("the handler runs");

        // Coming back once more changes nothing.
        self.come_back().await.unwrap();
        assert_eq!(self.state().await, "Paid");
        let ledger = self.service.ledger().await;
        assert_eq!(ledger["charges"], 1, "{ledger:#}");
        assert_eq!(ledger["sum"], "0", "{ledger:#}");
        assert_eq!(ledger["balances"][people::JOHN], "99.90", "{ledger:#}");
        let mut paid: Vec<String> =
            heard().lines().filter(|line| line.ends_with(" Paid")).map(str::to_owned).collect();
        paid.dedup();
        assert_eq!(paid.len(), 1, "more than one effect says that it is paid: {paid:?}");
    }

    async fn state(&self) -> String {
        match self.browse(&format!("http://{}/orders/order-1", self.address)).await {
            Ok(answer) => String::from_utf8_lossy(answer.body()).into_owned(),
            Err(error) => error,
        }
    }

    async fn charges(&self) -> u64 {
        self.service.ledger().await["charges"].as_u64().unwrap()
    }

    async fn browse(&self, url: &str) -> Result<Response<Vec<u8>>, String> {
        self.http.send(get(url)).await.map_err(|error| error.to_string())
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}

fn get(url: &str) -> Request<Vec<u8>> {
    Request::builder().uri(url).body(Vec::new()).unwrap()
}
