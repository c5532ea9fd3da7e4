//! The sandbox under load, beside a bare axum handler in the same run:
//! `cargo bench -p fps-sandbox --bench load -- --seconds 60 --connections 64`.
//!
//! Both are called over loopback by the same client on one thread of its own: each connection sends one signed call after the other,
//! by GET, by POST with a body and by POST with a query in turn. In twenty calls there are six GetTransactionStatus, three
//! GetTransaction, three GetAccountBalance, two GetAccountActivity, two GetTokenByCaller, three Pay (each a transaction that is
//! stored) and one VerifySignature. The ledger is in memory, and there are no notices.
//!
//! The bare handler does the HTTP of the same traffic and nothing else: it reads the same requests whole, finds their action, and
//! answers with what the sandbox answered to such a call before the run, byte for byte, so that its answers are as long as the
//! sandbox's. It decodes, checks and looks up nothing. The run fails on any answer but 200, and if the sandbox does less than
//! half of what the bare handler does. Then it says what a stored transaction costs.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::RawQuery;
use fps_core::client::Clock;
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Amount, Credentials, Pairs, Timestamp};
use fps_sandbox::ledger::AccountId;
use fps_sandbox::{Buyer, Sandbox, people};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        // `cargo test --benches` only wants to know that it builds.
        return;
    }
    let number = |name: &str, otherwise: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    let (seconds, connections) = (number("--seconds", 60), number("--connections", 64));
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let servers = servers.expect("a runtime");

    let sandbox = Sandbox::new();
    let john = AccountId::new("JOHN");
    sandbox.deposit(&john, Amount::usd("100000000")).expect("there is no data file");
    let address = servers.block_on(serve_sandbox(&sandbox));
    let world = servers.block_on(World::of(&sandbox, connections));
    let answers = servers.block_on(world.answers(&sandbox));
    let bare = servers.block_on(serve_bare(answers));

    // By turns, so that both see the same machine.
    let (rounds, stored) = (seconds.div_ceil(SLICE).max(1), sandbox.ledger().transactions().count());
    let (mut each_floor, mut each_reached, mut grown) = (Vec::new(), Vec::new(), 0);
    for round in 0..rounds {
        each_floor.push(run("bare axum handler", &world, bare, round, connections));
        let before = resident();
        each_reached.push(run("fps-sandbox", &world, address, round, connections));
        grown += resident().saturating_sub(before);
    }
    let (floor, reached): (u64, u64) = (each_floor.iter().sum(), each_reached.iter().sum());
    // The line for the table of figures.
    let unit = "calls_per_second";
    println!(
        "{}",
        serde_json::json!({ "figure": "sandbox", "unit": unit, "floor": each_floor, "ours": each_reached })
    );
    let mut shares: Vec<u64> =
        each_floor.iter().zip(&each_reached).map(|(floor, reached)| reached * 100 / floor.max(&1)).collect();
    shares.sort_unstable();
    let quarter = |number: usize| shares[(shares.len() - 1) * number / 4];
    let paid = sandbox.ledger().transactions().count() - stored;
    println!("calls a second: bare axum handler {}, fps-sandbox {}", floor / rounds, reached / rounds);
    println!(
        "share of the bare handler: {} %; by rounds {} % at the median, {} % and {} % at the quartiles",
        reached * 100 / floor.max(1),
        quarter(2),
        quarter(1),
        quarter(3)
    );
    println!(
        "stored transactions: {paid}; resident memory grew by {} KiB, {} bytes each",
        grown / 1024,
        grown / paid.max(1) as u64
    );
    assert_eq!(sandbox.ledger().sum(), 0, "the books balance");
    assert!(reached * 2 >= floor, "the sandbox does less than half of a bare handler");
}

async fn serve_sandbox(sandbox: &Sandbox) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    sandbox.listen_at(address);
    let sandbox = sandbox.clone();
    tokio::spawn(async move { sandbox.serve(listener).await });
    address
}

async fn serve_bare(answers: Vec<(&'static str, Bytes)>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let handler = async move |RawQuery(query): RawQuery, body: Bytes| {
        let query = query.unwrap_or_default();
        let pieces = query.as_bytes().split(|byte| *byte == b'&').chain(body.split(|byte| *byte == b'&'));
        let action = pieces.filter_map(|piece| piece.strip_prefix(b"Action=")).next().unwrap_or_default();
        let answer = answers.iter().find(|(name, _)| name.as_bytes() == action);
        let answer = answer.map(|(_, answer)| answer.clone()).ok_or(http::StatusCode::BAD_REQUEST);
        ([("content-type", "text/xml;charset=UTF-8")], answer)
    };
    let router = axum::Router::new().fallback(handler);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// What the calls are about: tokens to pay with, and a transaction and a return to ask about.
struct World {
    credentials: Credentials,
    tokens: Vec<String>,
    transaction: String,
    returned: String,
}

impl World {
    async fn of(sandbox: &Sandbox, connections: u64) -> Self {
        let http = sandbox.http();
        let mut world = Self {
            credentials: people::shop_credentials(),
            tokens: Vec::new(),
            transaction: String::new(),
            returned: String::new(),
        };
        for number in 0..connections {
            let reference = format!("token-{number}");
            let link = world.link(
                &sandbox.url(),
                &[
                    ("pipelineName", "MultiUse"),
                    ("callerReference", &reference),
                    ("globalAmountLimit", "1000000"),
                ],
            );
            let back = Buyer::new(people::JOHN, "john").approve(&http, &link).await.expect("a token");
            let query = back.query().unwrap_or_default().to_owned();
            let token = Pairs::decode(&query).expect("a query").get("tokenID").expect("a token").to_owned();
            world.tokens.push(token);
            world.returned = query;
        }
        // As many as one activity shows.
        for number in 0..BATCH {
            let answer = world.ask(sandbox, &world.pairs("Pay", 0, &format!("first-{number}"))).await;
            let id = answer.split("<TransactionId>").nth(1).and_then(|rest| rest.split('<').next());
            id.expect("a transaction").clone_into(&mut world.transaction);
        }
        world
    }

    /// What the sandbox answers to one call of each action.
    async fn answers(&self, sandbox: &Sandbox) -> Vec<(&'static str, Bytes)> {
        let mut answers = Vec::new();
        for (_, action) in MIX {
            let pairs = self.pairs(action, 0, "recorded");
            answers.push((action, self.ask(sandbox, &pairs).await.into()));
        }
        answers
    }

    /// Asks the sandbox without a port.
    async fn ask(&self, sandbox: &Sandbox, pairs: &[(&'static str, String)]) -> String {
        let call = self.call(&sandbox.url(), Method::Get, pairs, sandbox.clock().now());
        let request = http::Request::get(format!("{}?{call}", sandbox.url())).body(Vec::new());
        let answer = fps_core::client::HttpSend::send(sandbox, request.expect("a request")).await;
        String::from_utf8(answer.expect("an answer").into_body()).expect("a text")
    }

    fn link(&self, base: &Url, pairs: &[(&str, &str)]) -> Url {
        let mut url = base.join("cobranded-ui/actions/start").expect("the path is plain");
        let common: [(&str, &str); 5] = [
            ("callerKey", self.credentials.access_key()),
            ("returnURL", "http://shop.example/return"),
            ("signatureMethod", "HmacSHA256"),
            ("signatureVersion", "2"),
            ("version", "2009-01-09"),
        ];
        let mut all =
            common.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), *value)).collect::<Pairs>();
        let text = string_to_sign(Method::Get, &url, &all).expect("the path is plain");
        all.push("signature", hmac::sign(SignatureMethod::HmacSha256, self.credentials.secret_key(), &text));
        url.set_query(Some(&all.encode()));
        url
    }

    /// The parameters of a call; `reference` is new each time, for the calls that need one.
    fn pairs(&self, action: &'static str, connection: usize, reference: &str) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("Action", action.to_owned())];
        pairs.extend(match action {
            "GetTransactionStatus" | "GetTransaction" => vec![("TransactionId", self.transaction.clone())],
            "GetAccountActivity" => {
                vec![("StartDate", "2010-01-01".to_owned()), ("MaxBatchSize", BATCH.to_string())]
            }
            "GetTokenByCaller" => vec![("CallerReference", format!("token-{connection}"))],
            "Pay" => vec![
                ("SenderTokenId", self.tokens[connection].clone()),
                ("CallerReference", reference.to_owned()),
                ("TransactionAmount.Value", "0.10".to_owned()),
                ("TransactionAmount.CurrencyCode", "USD".to_owned()),
            ],
            "VerifySignature" => vec![
                ("UrlEndPoint", "http://shop.example/return".to_owned()),
                ("HttpParameters", self.returned.clone()),
            ],
            _ => Vec::new(),
        });
        pairs
    }

    /// A signed call, form-encoded.
    fn call(&self, base: &Url, method: Method, pairs: &[(&'static str, String)], now: Timestamp) -> String {
        let mut all = Pairs::from_iter([
            ("AWSAccessKeyId", self.credentials.access_key().to_owned()),
            ("SignatureMethod", "HmacSHA256".to_owned()),
            ("SignatureVersion", "2".to_owned()),
            ("Timestamp", now.to_string()),
            ("Version", "2010-08-28".to_owned()),
        ]);
        for (name, value) in pairs {
            all.push(*name, value.as_str());
        }
        let text = string_to_sign(method, base, &all).expect("the path is plain");
        all.push("Signature", hmac::sign(SignatureMethod::HmacSha256, self.credentials.secret_key(), &text));
        all.encode()
    }

    /// A request as it goes over the wire.
    fn request(&self, base: &Url, host: &str, connection: usize, number: u64, now: Timestamp) -> String {
        let action = MIX.iter().find(|(until, _)| number % 20 < *until).map_or("", |(_, action)| action);
        let pairs = self.pairs(action, connection, &format!("pay-{connection}-{number}"));
        let method = if number.is_multiple_of(3) { Method::Get } else { Method::Post };
        let call = self.call(base, method, &pairs, now);
        match number % 3 {
            0 => format!("GET /?{call} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            1 => format!("POST /?{call} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"),
            _ => format!(
                "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\n\r\n{call}",
                call.len()
            ),
        }
    }
}

/// Calls one server for one slice of time, and gives the calls per second.
fn run(name: &str, world: &World, address: SocketAddr, round: u64, connections: u64) -> u64 {
    let (calls, failed) = (AtomicU64::new(0), AtomicU64::new(0));
    let over = AtomicBool::new(false);
    let began = now();
    std::thread::scope(|threads| {
        let (done, wait) = mpsc::channel();
        let (calls, failed, over) = (&calls, &failed, &over);
        threads.spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let all = tokio::task::LocalSet::new();
            all.block_on(&runtime, async {
                let mut talks = Vec::new();
                for connection in 0..connections {
                    let connection = usize::try_from(connection).expect("a small number");
                    talks.push(converse(
                        world,
                        address,
                        connection,
                        round * A_SLICE_OF_NUMBERS,
                        calls,
                        failed,
                        over,
                    ));
                }
                join(talks).await;
            });
            let _nobody_waits_after_a_panic = done.send(());
        });
        if wait.recv_timeout(Duration::from_secs(SLICE)).is_err() {
            over.store(true, Ordering::Relaxed);
        }
    });
    let calls = calls.load(Ordering::Relaxed);
    let millis = u64::try_from(now().duration_since(began).as_millis()).unwrap_or(u64::MAX);
    let rate = calls * 1000 / millis.max(1);
    let failed = failed.load(Ordering::Relaxed);
    assert_eq!(failed, 0, "{name} failed");
    rate
}

/// Drives all of them at once, on this thread.
async fn join<F: Future<Output = ()>>(futures: Vec<F>) {
    let mut left: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|context| {
        left.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if left.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

async fn converse(
    world: &World,
    address: SocketAddr,
    connection: usize,
    first: u64,
    calls: &AtomicU64,
    failed: &AtomicU64,
    over: &AtomicBool,
) {
    let host = address.to_string();
    let base: Url = format!("http://{host}/").parse().expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket option");
    let clock = fps_sandbox::SandboxClock::system();
    let mut answer = Vec::new();
    let mut number = first + connection as u64;
    while !over.load(Ordering::Relaxed) {
        let request = world.request(&base, &host, connection, number, clock.now());
        number += 1;
        if stream.write_all(request.as_bytes()).await.is_err() || !read(&mut stream, &mut answer).await {
            failed.fetch_add(1, Ordering::Relaxed);
            eprintln!("{request}\n{}", String::from_utf8_lossy(&answer));
            return;
        }
        calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// Reads one answer; whether it is whole and a 200.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> bool {
    answer.clear();
    let mut wanted = None;
    loop {
        if answer.len() >= wanted.unwrap_or(usize::MAX) {
            return answer.starts_with(b"HTTP/1.1 200");
        }
        match stream.read_buf(answer).await {
            Ok(read) if read > 0 => {}
            _ => return false,
        }
        if wanted.is_none()
            && let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let head = String::from_utf8_lossy(&answer[..end]);
            let length = head.lines().filter_map(|line| line.split_once(':'));
            let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = length.map(|(_, value)| value.trim().parse::<usize>()).next();
            let Some(Ok(length)) = length else { return false };
            wanted = Some(end + 4 + length);
        }
    }
}

/// The memory of this process that is in use, where the system tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

#[expect(clippy::disallowed_methods, reason = "a measurement wants the clock itself")]
fn now() -> Instant {
    Instant::now()
}

/// How many seconds a server is called before it is the other's turn.
const SLICE: u64 = 1;
/// More calls than a connection makes in one turn; no reference comes twice.
const A_SLICE_OF_NUMBERS: u64 = 1_000_000;
/// How many transactions an activity shows.
const BATCH: usize = 20;
/// Of twenty calls, up to which number each action goes.
const MIX: [(u64, &str); 7] = [
    (6, "GetTransactionStatus"),
    (9, "GetTransaction"),
    (12, "GetAccountBalance"),
    (14, "GetAccountActivity"),
    (16, "GetTokenByCaller"),
    (19, "Pay"),
    (20, "VerifySignature"),
];
