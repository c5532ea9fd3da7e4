//! A shop's command line, run as its operator runs it: the shop sells in this process, the service and the command line are
//! processes of their own.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fps_checkout::fps_core::client::{HttpSend, ReqwestSend};
use fps_checkout::fps_core::pipeline::{AmountType, Period, UsageLimit};
use fps_checkout::fps_core::url::Url;
use fps_checkout::storage::{Key, Namespace, NewRecord, Storage, StorageUrl, sqlite::SqliteStore};
use fps_checkout::{
    Amount, Endpoint, HandlerError, Happened, OrderId, ReturnHandler, Shop, State, TokenHappened, TokenName,
    TokenTerms,
};
use fps_sandbox::{SandboxClock, people};
use fps_tests::{NOW_AND_FOREVER, Service, john_pays};
use serde_json::Value;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_shown_refunded_cancelled_and_forgotten() {
    let office = Office::open().await;
    office.sell("order-1").await;
    office.begin("order-2").await;

    let said = office.desk(&["list"]).done();
    assert!(said.starts_with("ORDER"), "{said}");
    assert!(!said.contains('\u{1b}'), "colours are for terminals: {said:?}");
    let rows = office.desk(&["list", "--json"]).objects();
    let states: Vec<_> = rows.iter().map(|row| (row["order"].as_str(), row["state"].as_str())).collect();
    assert_eq!(states, [(Some("order-1"), Some("Paid")), (Some("order-2"), Some("AwaitingBuyer"))]);
    assert_eq!(office.desk(&["list", "--state", "paid", "--json"]).objects().len(), 1);
    assert_eq!(office.desk(&["list", "--after", "order-1", "--json"]).objects().len(), 1);
    assert_eq!(office.desk(&["list", "--limit", "1", "--json"]).objects().len(), 1);
    assert!(office.desk(&["list", "--limit", "1"]).done().contains("there are more: --after order-1"));
    assert!(!said.contains("there are more"), "{said}");

    let token = office.token("order-1").await;
    for form in [&["show", "order-1"][..], &["show", "order-1", "--json"]] {
        let said = office.desk(form).done();
        assert!(said.contains("Pay") && !said.contains(&token), "{said}");
    }
    let said = office.desk(&["show", "order-1"]).done();
    assert!(
        said.contains("attempt 1: the buyer approved") && said.contains("Pay of 0.10 is planned"),
        "{said}"
    );

    let shown = &office.desk(&["show", "order-1", "--json"]).objects()[0];
    assert_eq!((shown["state"].as_str(), shown["reason"].as_str()), (Some("Paid"), NOW_AND_FOREVER_REASON));
    assert_eq!(shown["operations"][0]["outcome"], "Success");
    assert_eq!(shown["journal"][1]["what"], "attempt 1: the buyer approved");

    // Clicked twice it is one refund; and the handler hears of it.
    for _ in 0..2 {
        office.desk(&["refund", "order-1", "--id", "r1", "--amount", "0.05"]).done();
    }
    let refused = office.desk(&["refund", "order-1", "--id", "r1", "--amount", "0.04"]).failed();
    assert!(refused.contains("the same id cannot refund 0.04"), "{refused}");
    let row = &office.desk(&["list", "--state", "Paid", "--json"]).objects()[0];
    assert_eq!((row["paid"].as_str(), row["refunded"].as_str()), (Some("0.10"), Some("0.05")));
    // A refund that the service has not heard of is no refund yet.
    let unheard = ["refund", "order-1", "--id", "r2", "--endpoint", "http://127.0.0.1:1", "--json"];
    let row = &office.desk(&unheard).objects()[0];
    assert_eq!((row["refunded"].as_str(), row["refunding"].as_str()), (Some("0.05"), Some("0.05")), "{row}");
    office.service.advance(3600).await;
    office.work_later(3600).await;
    let receipts = std::fs::read_to_string(office.folder.path().join("receipts.jsonl")).unwrap();
    let what: Vec<&str> = receipts
        .lines()
        .map(|line| if line.contains("\"Refunded\"") { "Refunded" } else { "Paid" })
        .collect();
    assert_eq!(what, ["Paid", "Refunded", "Refunded"], "{receipts}");

    assert!(office.desk(&["forget", "order-2"]).failed().contains("is not at rest"));
    office.desk(&["cancel", "order-2"]).done();
    office.desk(&["forget", "order-1", "order-2"]).done();
    let forgotten = office.shop.order(&id("order-1")).await.unwrap();
    assert!(!serde_json::to_string(&forgotten).unwrap().contains(&token));
    assert!(office.desk(&["show", "order-9"]).failed().contains("there is no order order-9"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_tokens_are_listed_shown_cancelled_and_forgotten() {
    let office = Office::open().await;
    let john = TokenName::new("john").unwrap();
    let terms = TokenTerms::at_most(Amount::usd("5"))
        .with_each(Amount::usd("1"), AmountType::Maximum)
        .with_usage_limit(UsageLimit::count(10).per(Period::months(1)));
    let begun = office.shop.begin_token(&terms, john.clone()).await.unwrap();
    let back = john_pays(&office.http, begun.link()).await;
    office.shop.complete(back.query().unwrap()).await.unwrap();
    office.shop.charge_token(&john, &NOW_AND_FOREVER, id("order-1")).await.unwrap();

    let row = &office.desk(&["tokens", "--json"]).objects()[0];
    assert_eq!((row["token"].as_str(), row["state"].as_str()), (Some("john"), Some("TokenHeld")));
    assert_eq!((row["limit"].as_str(), row["spent"].as_str()), (Some("5.00"), Some("0.10")), "{row}");
    assert!(office.desk(&["tokens", "--state", "Cancelled", "--json"]).objects().is_empty());
    assert!(office.desk(&["tokens", "--after", "john", "--json"]).objects().is_empty());
    let shown = &office.desk(&["token", "john", "--json"]).objects()[0];
    assert_eq!(shown["payments"][0]["order"], "order-1", "{shown}");
    assert_eq!(shown["limits"][0]["limit"], "Maximum 1.00", "{shown}");
    assert_eq!(
        (shown["limits"][1]["limit"].as_str(), shown["limits"][1]["per"].as_str()),
        (Some("10 payments"), Some("1 month"))
    );
    let said = office.desk(&["token", "john"]).done();
    assert!(said.contains("attempt 1: the buyer approved") && said.contains("order-1"), "{said}");
    let order = office.desk(&["show", "order-1"]).done();
    assert!(
        order.contains("paid by the stored token john") && order.contains("a stored token pays"),
        "{order}"
    );
    assert_eq!(office.desk(&["list", "--json"]).objects().len(), 1, "a token is no order");
    let id_of_token = office.token("order-1").await;
    assert!(!said.contains(&id_of_token) && !order.contains(&id_of_token), "{said}");

    // Its journal leaves the shop beside the orders', without the service's name for it.
    let exported = office.desk(&["export"]).done();
    assert!(exported.lines().count() == 2 && !exported.contains(&id_of_token), "{exported}");
    let file = office.folder.path().join("journals.jsonl");
    std::fs::write(&file, &exported).unwrap();
    assert!(office.desk(&["replay", file.to_str().unwrap()]).done().contains("replayed 2"));

    assert!(office.desk(&["forget-token", "john"]).failed().contains("token john is not at rest"));
    assert!(office.desk(&["cancel-token", "john"]).done().contains("Cancelled"));
    office.desk(&["forget-token", "john"]).done();
    assert!(office.desk(&["token", "eve"]).failed().contains("there is no token eve"));
    assert!(office.desk(&["alarms"]).done().contains("nothing needs a person"));
    let refused = office.shop.charge_token(&john, &NOW_AND_FOREVER, id("order-2")).await.unwrap_err();
    assert_eq!(refused.to_string(), "token john cannot pay this");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconciliation_tells_what_each_side_knows_alone() {
    let office = Office::open().await;
    office.begin("order-1").await;
    let yesterday = office.copy_store("yesterday.db").await;
    office.sell("order-1").await;
    let found = office.desk(&["reconcile", "--since", "1d"]).done();
    assert!(found.contains("1 orders against 1 transactions; 1 agree"), "{found}");

    // A store restored to yesterday knows nothing of it, and it is an order of its own.
    let since = ["reconcile", "--since", "1d", "--json", "--storage", &yesterday];
    let found = office.desk(&since).found();
    let finding = &found[0]["findings"][0];
    assert_eq!(
        (finding["what"].as_str(), finding["needs_a_person"].as_bool()),
        (Some("Unclaimed"), Some(true))
    );
    assert!(finding["reference"].as_str().unwrap().ends_with("-order-1-a1-pay"), "{finding}");
    assert_eq!(finding["theirs"]["outcome"], "Success");

    // Another shop of the same account is another shop's business.
    let other = office.store("other.db");
    let found = office.desk(&["reconcile", "--since", "1d", "--json", "--storage", &other]).objects();
    assert_eq!(found[0]["findings"][0]["what"], "Elsewhere");

    // What was sent and not heard of.
    office.service.fault("Pay", "lose_answer").await;
    let back = office.pay("order-2").await;
    let completing =
        tokio::time::timeout(Duration::from_secs(2), office.shop.complete(back.query().unwrap()));
    let _ = completing.await;
    office.service.clear_faults().await;
    let found = office.desk(&["reconcile", "--since", "1d", "--json"]).objects();
    assert_eq!(found[0]["findings"][0]["what"], "Unheard", "{found:#?}");
    assert_eq!(found[0]["findings"][0]["order"], "order-2");

    let refused = office.desk(&["reconcile", "--since", "soon"]).misused();
    assert!(refused.contains("how long ago, such as 90m, 24h or 7d"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn journals_are_exported_and_replayed_and_a_changed_one_is_found() {
    let office = Office::open().await;
    office.sell("order-1").await;
    office.begin("order-2").await;
    let exported = office.desk(&["export"]).done();
    assert_eq!(exported.lines().count(), 2);
    assert!(!exported.contains(&office.token("order-1").await), "{exported}");
    assert_eq!(office.desk(&["export", "order-2"]).done().lines().count(), 1);

    let file = office.folder.path().join("journals.jsonl");
    std::fs::write(&file, &exported).unwrap();
    let file = file.to_str().unwrap();
    assert!(office.desk(&["replay", file]).done().contains("replayed 2"));
    std::fs::write(file, exported.replacen("\"outcome\":\"Success\"", "\"outcome\":\"Failure\"", 1)).unwrap();
    let found = office.desk(&["replay", file, "--json"]).found();
    assert_eq!(found[0]["order"], "order-1");
    std::fs::write(file, "not json\n").unwrap();
    assert!(office.desk(&["replay", file]).failed().contains("line 1 is not what `export` writes"));
    assert!(office.desk(&["replay", "missing.jsonl"]).failed().contains("missing.jsonl cannot be read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_resolved_by_a_person_with_evidence() {
    let office = Office::open().await;
    assert!(office.desk(&["alarms"]).done().contains("nothing needs a person"));
    office.service.fault("Pay", "lose_request").await;
    let back = office.pay("order-1").await;
    let completing =
        tokio::time::timeout(Duration::from_secs(2), office.shop.complete(back.query().unwrap()));
    let _ = completing.await;
    // Never answered for a week, it is not sent again.
    office.work_later(7 * 24 * 3600).await;
    office.service.clear_faults().await;
    assert_eq!(office.shop.status(&id("order-1")).await.unwrap(), State::Review);

    let alarms = office.desk(&["alarms", "--json"]).found();
    assert_eq!(alarms[0]["then"], "resolve order-1 --to STATE --evidence TEXT", "{alarms:#?}");
    let resolve = ["resolve", "order-1", "--to", "declined", "--by", "ann", "--evidence"];
    assert!(office.desk(&resolve[..6]).misused().contains("--evidence"));
    assert!(office.desk(&[&resolve[..], &[""]].concat()).misused().contains("--evidence"));
    let to_review = ["resolve", "order-1", "--to", "Review", "--evidence", "x"];
    assert!(office.desk(&to_review).misused().contains("expected one of Paid, Declined, Cancelled"));
    office.desk(&[&resolve[..], &["the ledger shows no charge"]].concat()).done();
    office.desk(&["alarms"]).done();
    let said = office.desk(&["show", "order-1"]).done();
    assert!(said.contains("ann resolved it to Declined: the ledger shows no charge"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_a_handler_could_not_hear_is_told_again_or_dropped() {
    let office = Office::with(Deaf).await;
    for order in ["order-1", "order-2"] {
        office.sell(order).await;
    }
    let alarms = office.desk(&["alarms", "--json"]).found();
    let then: Vec<&str> = alarms.iter().filter_map(|alarm| alarm["then"].as_str()).collect();
    assert_eq!(
        then,
        [
            "tell order-1 order-1-e1 receipts-jsonl, or drop",
            "tell order-2 order-2-e1 receipts-jsonl, or drop"
        ]
    );
    let wrong = office.desk(&["tell", "order-1", "order-1-e9", "receipts-jsonl"]).failed();
    assert!(wrong.contains("waiting are: order-1-e1 for `receipts-jsonl`"), "{wrong}");
    // The command line's own handler can hear; and then what came after it.
    office.desk(&["tell", "order-1", "order-1-e1", "receipts-jsonl"]).done();
    let drop =
        ["drop", "order-2", "order-2-e1", "receipts-jsonl", "--by", "ann", "--reason", "told by phone"];
    office.desk(&drop).done();
    assert!(office.desk(&["show", "order-2"]).done().contains("ann dropped order-2-e1 for `receipts-jsonl`"));
    office.desk(&["alarms"]).done();

    // So is news of a stored token.
    for name in ["john", "mary"] {
        let terms = TokenTerms::at_most(Amount::usd("5"));
        let begun = office.shop.begin_token(&terms, TokenName::new(name).unwrap()).await.unwrap();
        let back = john_pays(&office.http, begun.link()).await;
        office.shop.complete(back.query().unwrap()).await.unwrap();
    }
    let alarms = office.desk(&["alarms", "--json"]).found();
    assert_eq!(alarms[0]["then"], "tell token/john token/john-e1 receipts-jsonl, or drop");
    office.desk(&["tell", "token/john", "token/john-e1", "receipts-jsonl"]).done();
    let drop =
        ["drop", "token/mary", "token/mary-e1", "receipts-jsonl", "--by", "ann", "--reason", "told by phone"];
    office.desk(&drop).done();
    assert!(office.desk(&["token", "mary"]).done().contains("ann dropped token/mary-e1"));
    office.desk(&["alarms"]).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_moves_to_another_store_even_if_it_is_interrupted() {
    const MORE: usize = 1500;
    let office = Office::open().await;
    office.sell("order-1").await;
    let (from, to) = (office.store("shop.db"), office.store("moved.db"));
    let open = async |url: &str| {
        SqliteStore::open(&StorageUrl::parse(url).unwrap(), &Namespace::default()).await.unwrap()
    };
    let store = open(&from).await;
    for number in 0..MORE {
        let key = Key::new(format!("token/{number:04}")).unwrap();
        store.create(&NewRecord::new(key, "Kept", None, vec![7; 100]).unwrap()).await.unwrap();
    }

    let mut interrupted = office.command(&["migrate", &from, &to]).spawn().unwrap();
    let target = open(&to).await;
    let begun = Key::new("order/order-1").unwrap();
    while target.load(&begun).await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    interrupted.kill().unwrap();
    interrupted.wait().unwrap();
    let last = Key::new(format!("token/{:04}", MORE - 1)).unwrap();
    assert_eq!(target.load(&last).await.unwrap(), None, "it was not interrupted in the middle");

    let half = office.desk(&["list", "--storage", &to]).failed();
    assert!(half.contains("the target of a migration that has not ended; run it again to its end"), "{half}");
    let all = MORE + 2;
    let said = office.desk(&["migrate", &from, &to]).done();
    assert!(said.contains(&format!("both stores hold the same {all} records")), "{said}");
    let again = office.desk(&["migrate", &from, &to, "--json"]).objects();
    assert_eq!((again[0]["records"].as_u64(), again[0]["written"].as_u64()), (Some(all as u64), Some(0)));

    // On to the backend of another crate.
    let other = format!("redb://{}", office.folder.path().join("shop.redb").display());
    let empty = office.store("empty.db");
    office.desk(&["list", "--storage", &empty]).done();
    office.desk(&["migrate", &empty, &other]).done();
    let refused = office.desk(&["migrate", &from, &other]).failed();
    assert!(refused.contains("`order/order-1`") || refused.contains("the target is in use"), "{refused}");
    let rows = office.desk(&["list", "--storage", &to, "--json"]).objects();
    assert_eq!((rows[0]["order"].as_str(), rows[0]["state"].as_str()), (Some("order-1"), Some("Paid")));

    let refused = office.desk(&["migrate", "postgres://a:SECRET_MARKER@h/d", &to]).failed();
    assert!(refused.contains("env:VARIABLE") && !refused.contains("SECRET"), "{refused}");
    let unknown = office.desk(&["migrate", &from, "shelf:x"]).failed();
    assert!(unknown.contains("no storage backend has the scheme `shelf`"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_finishes_a_lost_return_as_a_program() {
    let office = Office::open().await;
    office.pay("order-1").await;
    // The shop's clock runs ahead, the worker's does not: only what is due by its own is visited.
    assert!(office.desk(&["work", "once"]).done().contains("0 orders were due"));
    office.hurry("order-1").await;
    let worked = office.desk(&["work", "once", "--json"]).objects();
    assert_eq!((worked[0]["visited"].as_u64(), worked[0]["failed"].as_u64()), (Some(1), Some(0)));
    assert_eq!(office.shop.status(&id("order-1")).await.unwrap(), State::Paid);

    let mut running = office.command(&["work", "run"]).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ended = Command::new("kill").arg(running.id().to_string()).status().unwrap();
    assert!(ended.success() && running.wait().unwrap().success(), "a worker that is asked to end ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_and_misuse_has_a_code_of_its_own() {
    let office = Office::open().await;
    for (variable, remedy) in [
        ("FPS_SECRET_KEY", "set FPS_ACCESS_KEY and FPS_SECRET_KEY"),
        ("FPS_STORAGE", "set FPS_STORAGE or say --storage URL"),
        ("FPS_ENDPOINT", "set FPS_ENDPOINT or say --endpoint URL"),
        ("FPS_PUBLIC_URL", "set FPS_PUBLIC_URL or say --public-url URL"),
    ] {
        let said = Ran(office.command(&["list"]).env_remove(variable).output().unwrap()).failed();
        assert!(said.contains(remedy), "{variable}: {said}");
    }
    assert!(office.desk(&[]).misused().contains("Usage"));
    assert!(office.desk(&["lst"]).misused().contains("list"));
    assert!(office.desk(&["list", "--state", "Payd"]).misused().contains("Paid"));
    assert!(office.desk(&["--help"]).done().contains("reconcile"));
    let secret = people::SHOP_SECRET_KEY;
    for arguments in [&["--help"][..], &["list", "--help"], &["list"], &["show", "order-1"]] {
        let Ran(output) = office.desk(arguments);
        let all = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(!all.contains(secret), "{arguments:?}: {all}");
    }
}

/// The shop, its service, and its command line.
struct Office {
    service: Service,
    folder: TempDir,
    shop: Shop,
    clock: Arc<SandboxClock>,
    http: Arc<dyn HttpSend>,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let receipts = receipts_jsonl::Receipts::open(&folder.path().join("receipts.jsonl")).unwrap();
        Self::open_in(folder, receipts).await
    }

    async fn with(handler: impl ReturnHandler) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), handler).await
    }

    async fn open_in(folder: TempDir, handler: impl ReturnHandler) -> Self {
        let service = Service::start(env!("CARGO_BIN_EXE_fps-sandbox-under-test"));
        let clock = Arc::new(SandboxClock::system());
        let shop = Shop::builder()
            .credentials(people::shop_credentials())
            .endpoint(Endpoint::at(service.address.clone()).unwrap())
            .clock(Arc::clone(&clock) as _)
            .storage_url(format!("sqlite://{}", folder.path().join("shop.db").display()))
            .public_url(PUBLIC_URL.parse().unwrap())
            .handler(handler)
            .open()
            .await
            .unwrap();
        Self { service, folder, shop, clock, http: Arc::new(ReqwestSend::new().unwrap()) }
    }

    fn store(&self, file: &str) -> String {
        format!("sqlite://{}", self.folder.path().join(file).display())
    }

    /// A copy of the store as it is now.
    async fn copy_store(&self, file: &str) -> String {
        let copy = self.store(file);
        self.desk(&["migrate", &self.store("shop.db"), &copy]).done();
        copy
    }

    async fn begin(&self, order: &str) -> Url {
        self.shop.begin(&NOW_AND_FOREVER, id(order)).await.unwrap().link().clone()
    }

    /// John approves; the address that he is sent back to.
    async fn pay(&self, order: &str) -> Url {
        john_pays(&self.http, &self.begin(order).await).await
    }

    async fn sell(&self, order: &str) {
        let back = self.pay(order).await;
        self.shop.complete(back.query().unwrap()).await.unwrap();
        assert_eq!(self.shop.status(&id(order)).await.unwrap(), State::Paid);
    }

    /// The order's token: a secret that nothing prints.
    async fn token(&self, order: &str) -> String {
        let order = serde_json::to_value(self.shop.order(&id(order)).await.unwrap()).unwrap();
        order["buyer"][0]["token"].as_str().unwrap().to_owned()
    }

    /// Lets the shop's own worker work so much later.
    async fn work_later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.shop.work_once().await.unwrap();
    }

    /// Makes the order due now, by any clock.
    async fn hurry(&self, order: &str) {
        let url = StorageUrl::parse(&self.store("shop.db")).unwrap();
        let store = SqliteStore::open(&url, &Namespace::default()).await.unwrap();
        let record = store.load(&Key::new(format!("order/{order}")).unwrap()).await.unwrap().unwrap();
        let due = Some("1970-01-01T00:00:00Z".parse().unwrap());
        let hurried = NewRecord::new(record.key, record.state, due, record.body).unwrap();
        store.update(&hurried, record.version).await.unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_desk-under-test"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env("FPS_ACCESS_KEY", people::SHOP_ACCESS_KEY)
            .env("FPS_SECRET_KEY", people::SHOP_SECRET_KEY)
            .env("FPS_STORAGE", self.store("shop.db"))
            .env("FPS_ENDPOINT", self.service.address.as_str())
            .env("FPS_PUBLIC_URL", PUBLIC_URL);
        command
    }

    fn desk(&self, arguments: &[&str]) -> Ran {
        Ran(self.command(arguments).output().unwrap())
    }
}

/// What the command line said.
struct Ran(Output);

impl Ran {
    fn expect(&self, code: i32) {
        assert_eq!(self.0.status.code(), Some(code), "{:?}", self.0);
    }

    /// It did what it was told.
    fn done(&self) -> String {
        self.expect(0);
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn objects(&self) -> Vec<Value> {
        self.done().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// It looked, and found something for a person.
    fn found(&self) -> Vec<Value> {
        self.expect(3);
        String::from_utf8_lossy(&self.0.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// It could not.
    fn failed(&self) -> String {
        self.expect(1);
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// It was told nonsense.
    fn misused(&self) -> String {
        self.expect(2);
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }
}

/// Bears the name of the handler that the command line has, and hears nothing.
#[derive(Debug)]
struct Deaf;

#[async_trait]
impl ReturnHandler for Deaf {
    fn name(&self) -> &str {
        "receipts-jsonl"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, _: &Happened) -> Result<(), HandlerError> {
        Err(HandlerError::give_up("no paper"))
    }

    async fn handle_token(&self, _: &TokenHappened) -> Result<(), HandlerError> {
        Err(HandlerError::give_up("no paper"))
    }
}

fn id(text: &str) -> OrderId {
    OrderId::new(text).unwrap()
}

const NOW_AND_FOREVER_REASON: Option<&str> = Some("Now and Forever - Richard Marx");
const PUBLIC_URL: &str = "http://127.0.0.1:8080/";
