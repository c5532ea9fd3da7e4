//! The sandbox on a port, as other processes and languages meet it.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/wire.rs"]
mod wire;

use std::sync::Arc;
use std::time::Duration;

use fps_core::client::HttpSend;
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Pairs, Timestamp};
use fps_sandbox::{Buyer, Fault, Sandbox, SandboxClock, people};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use wire::{Wire, read, serve};

fn signed(method: Method, base: &Url, pairs: &[(&str, &str)]) -> Pairs {
    let mut all = Pairs::from_iter([
        ("AWSAccessKeyId", people::SHOP_ACCESS_KEY),
        ("SignatureMethod", "HmacSHA256"),
        ("SignatureVersion", "2"),
        ("Timestamp", NOW),
    ]);
    for (name, value) in pairs {
        all.push((*name).to_owned(), *value);
    }
    let text = string_to_sign(method, base, &all).unwrap();
    let credentials = people::shop_credentials();
    all.push("Signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
    all
}

fn sandbox() -> Sandbox {
    let now: Timestamp = NOW.parse().unwrap();
    Sandbox::builder().clock(SandboxClock::virtual_at(now)).build()
}

const NOW: &str = "2010-10-06T12:00:00.000Z";

#[tokio::test]
async fn get_post_and_post_with_a_query_are_answered_in_the_namespace_asked_for() {
    let sandbox = sandbox();
    let address = serve(&sandbox).await;
    let with_port: Url = format!("http://{address}/").parse().unwrap();
    let without_port: Url = "http://127.0.0.1/".parse().unwrap();
    for version in ["2008-09-17", "2010-08-28", "2011-09-20"] {
        for base in [&with_port, &without_port] {
            for (method, in_body) in [(Method::Get, false), (Method::Post, true), (Method::Post, false)] {
                let pairs = signed(method, base, &[("Action", "GetAccountBalance"), ("Version", version)]);
                // Java and PHP write spaces as +, and end with an ampersand.
                let query = pairs.encode().replace("%20", "+") + "&";
                let (target, body) =
                    if in_body { (String::new(), query) } else { (format!("?{query}"), String::new()) };
                let request = http::Request::builder()
                    .method(method.as_str())
                    .uri(format!("http://{address}/{target}"))
                    .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
                    .body(body.into_bytes())
                    .unwrap();
                let response = Wire.send(request).await.unwrap();
                let text = String::from_utf8(response.body().clone()).unwrap();
                assert_eq!(response.status(), 200, "{method:?} {base} {text}");
                let namespace = format!("xmlns=\"http://fps.amazonaws.com/doc/{version}/\"");
                assert!(text.contains(&namespace), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn soap_is_refused_in_words() {
    let address = serve(&sandbox()).await;
    let request = http::Request::post(format!("http://{address}/"))
        .header("content-type", "text/xml")
        .body(b"<?xml version=\"1.0\"?><Envelope/>".to_vec())
        .unwrap();
    let response = Wire.send(request).await.unwrap();
    assert_eq!(response.status(), 400);
    let text = String::from_utf8(response.into_body()).unwrap();
    assert!(text.contains("SOAP is not spoken here"), "{text}");
}

#[tokio::test]
async fn a_buyer_walks_the_pages_over_a_connection() {
    let sandbox = sandbox();
    let address = serve(&sandbox).await;
    let pages: Url = format!("http://{address}/cobranded-ui/actions/start").parse().unwrap();
    // The capitalised variants, a small rl, and a stray name that differs in case from the real one.
    let mut pairs = Pairs::from_iter([
        ("callerKey", people::SHOP_ACCESS_KEY),
        ("pipelineName", "SingleUse"),
        ("returnUrl", "http://shop.example/return"),
        ("SignatureMethod", "HmacSHA256"),
        ("SignatureVersion", "2"),
        ("version", "2009-01-09"),
        ("CallerReference", "stray"),
        ("callerReference", "real"),
        ("transactionAmount", "1.00"),
    ]);
    let text = string_to_sign(Method::Get, &pages, &pairs).unwrap();
    let credentials = people::shop_credentials();
    pairs.push("Signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
    let mut link = pages;
    link.set_query(Some(&pairs.encode()));
    let http: Arc<dyn HttpSend> = Arc::new(Wire);
    let back = Buyer::new(people::JOHN, "john").approve(&http, &link).await.unwrap();
    let answer = Pairs::decode(back.query().unwrap()).unwrap();
    assert_eq!((answer.get("status"), answer.get("callerReference")), (Some("SA"), Some("real")));
    let certificate = answer.get("certificateUrl").unwrap();
    assert!(certificate.starts_with(&format!("http://{address}/certs/")), "{certificate}");
}

#[tokio::test]
async fn a_scripted_fault_breaks_the_connection() {
    let sandbox = sandbox();
    let address = serve(&sandbox).await;
    let base: Url = format!("http://{address}/").parse().unwrap();
    let pairs = signed(Method::Get, &base, &[("Action", "GetAccountBalance"), ("Version", "2010-08-28")]);
    let text = format!("GET /?{} HTTP/1.1\r\nHost: {address}\r\n\r\n", pairs.encode());
    for fault in [Fault::LoseRequest, Fault::LoseAnswer] {
        sandbox.faults().on_next("GetAccountBalance", fault);
        let answer = Wire::exchange(&address, text.as_bytes()).await;
        assert!(answer.as_ref().is_ok_and(Vec::is_empty) || answer.is_err(), "{fault:?}: {answer:?}");
    }
    sandbox.faults().on_next("GetAccountBalance", Fault::CutAnswer);
    let answer = Wire::exchange(&address, text.as_bytes()).await.unwrap_or_default();
    assert!(read(&answer).is_none(), "{:?}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn large_bodies_and_headers_are_cut_off() {
    let address = serve(&sandbox()).await;
    let large = http::Request::post(format!("http://{address}/")).body(vec![b'a'; 300 * 1024]).unwrap();
    // The answer may be lost, because the connection closes while the body still comes.
    if let Ok(response) = Wire.send(large).await {
        assert_eq!(response.status(), 413);
    }
    let header = format!("GET / HTTP/1.1\r\nHost: {address}\r\nX: {}\r\n\r\n", "a".repeat(64 * 1024));
    let answer = Wire::exchange(&address, header.as_bytes()).await.unwrap_or_default();
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"),
        "{:?}",
        String::from_utf8_lossy(&answer)
    );
}

#[tokio::test]
async fn the_control_page_is_for_programs_too() {
    let sandbox = sandbox();
    let address = serve(&sandbox).await;
    let post = async |lever: &str, json: &str, site: &str| {
        let request = http::Request::post(format!("http://{address}/sandbox/{lever}"))
            .header("content-type", "application/json")
            .header("sec-fetch-site", site)
            .body(json.as_bytes().to_vec())
            .unwrap();
        let response = Wire.send(request).await.unwrap();
        (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap())
    };
    assert_eq!(post("clock", "{\"seconds\": 60}", "none").await.0, 200);
    assert_eq!(post("clock", "{\"seconds\": -1}", "none").await.0, 400);
    assert_eq!(post("clock", "{\"seconds\": 60}", "cross-site").await.0, 403);
    assert_eq!(
        post("deposit", "{\"email\": \"nina@example.com\", \"amount\": \"2.50\"}", "none").await.0,
        200
    );
    assert_eq!(
        post("faults", "{\"operation\": \"Pay\", \"call\": 1, \"fault\": \"lose_answer\"}", "none").await.0,
        200
    );
    assert_eq!(post("faults", "{\"operation\": \"Pay\", \"fault\": \"explode\"}", "none").await.0, 400);
    assert_eq!(post("nothing", "[1", "none").await.0, 400);
    assert_eq!(sandbox.faults().rules().len(), 1);
    let request =
        http::Request::get(format!("http://{address}/sandbox/ledger.json")).body(Vec::new()).unwrap();
    let ledger = Wire.send(request).await.unwrap().into_body();
    let ledger: serde_json::Value = serde_json::from_slice(&ledger).unwrap();
    assert_eq!(ledger["sum"], "0");
    assert_eq!(ledger["balances"]["nina@example.com"], "2.50");
    assert_eq!(ledger["now"], "2010-10-06T12:01:00.000Z");
}

#[tokio::test]
async fn the_program_keeps_its_ledger_through_a_kill() {
    let data = std::env::temp_dir().join(format!("fps-sandbox-kill-{}", std::process::id()));
    let _ = std::fs::remove_file(&data);
    let start = async || {
        let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_fps-sandbox"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .stdout(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut output = program.stdout.take().unwrap();
        while !said.contains("secret key") {
            let mut part = [0; 1024];
            let read = tokio::time::timeout(Duration::from_secs(20), output.read(&mut part)).await;
            let read = read.expect("the program says something within 20 seconds").unwrap();
            assert!(read > 0, "{said}");
            said.push_str(std::str::from_utf8(&part[..read]).unwrap());
        }
        let address = said.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        (program, address, output)
    };
    for round in 1..=3 {
        let (mut program, address, _output) = start().await;
        let request = http::Request::post(format!("http://{address}/sandbox/deposit"))
            .header("content-type", "application/json")
            .body(b"{\"email\": \"nina@example.com\", \"amount\": \"1.00\"}".to_vec())
            .unwrap();
        assert_eq!(Wire.send(request).await.unwrap().status(), 200);
        let request =
            http::Request::get(format!("http://{address}/sandbox/ledger.json")).body(Vec::new()).unwrap();
        let ledger: serde_json::Value =
            serde_json::from_slice(&Wire.send(request).await.unwrap().into_body()).unwrap();
        assert_eq!(ledger["balances"]["nina@example.com"], format!("{round}.00"));
        program.kill().await.unwrap();
    }
    std::fs::remove_file(&data).unwrap();
}

/// Tokio's time jumps on as soon as nothing else is to be done, so the sandbox's patience costs no real time.
#[tokio::test(start_paused = true)]
async fn slow_clients_are_cut_off() {
    let address = serve(&sandbox()).await;
    for (sent, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", ""),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 408"),
    ] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with(status) && answer.lines().count() < 12, "{sent:?}: {answer}");
    }
    // Who comes meanwhile is served.
    let request =
        http::Request::get(format!("http://{address}/sandbox/ledger.json")).body(Vec::new()).unwrap();
    assert_eq!(Wire.send(request).await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_program_explains_every_flag() {
    let help = async |arguments: &[&str]| {
        let program =
            tokio::process::Command::new(env!("CARGO_BIN_EXE_fps-sandbox")).args(arguments).output();
        String::from_utf8(program.await.unwrap().stdout).unwrap()
    };
    assert!(help(&["--help"]).await.contains("serve"));
    let serve = help(&["serve", "--help"]).await;
    for flag in [
        "--listen",
        "--data",
        "--caller",
        "--buyer",
        "--strict",
        "--public-url",
        "--certificate-base",
        "--key",
        "--notices-anywhere",
        "--simulate-amounts",
        "Examples:",
        "put a proxy in front",
    ] {
        assert!(serve.contains(flag), "{flag} is not in {serve}");
    }
}

#[tokio::test]
async fn the_program_names_what_it_cannot_use_and_the_option_that_gives_another() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = env!("CARGO_MANIFEST_DIR");
    let manifest = format!("{folder}/Cargo.toml");
    for (option, value, says) in [
        ("--listen", address.as_str(), "another address is given by --listen"),
        ("--key", folder, "cannot be read"),
        ("--key", &manifest, "expected a private key in PKCS#8 PEM"),
    ] {
        let program = tokio::process::Command::new(env!("CARGO_BIN_EXE_fps-sandbox"))
            .args(["serve", option, value])
            .output();
        let ended = program.await.unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{option} {value}: {said}");
        assert!(said.contains(value) && said.contains(says), "{option} {value}: {said}");
    }
}

#[tokio::test]
async fn a_fault_is_in_the_request_log() {
    let sandbox = sandbox();
    let base = sandbox.url();
    let pairs = signed(Method::Get, &base, &[("Action", "GetAccountBalance"), ("Version", "2010-08-28")]);
    sandbox.faults().on_next("GetAccountBalance", Fault::LoseRequest);
    let request = http::Request::get(format!("{base}?{}", pairs.encode())).body(Vec::new()).unwrap();
    assert!(sandbox.send(request).await.is_err());
    let page = http::Request::get("/sandbox").body(Vec::new()).unwrap();
    let page = String::from_utf8(sandbox.send(page).await.unwrap().into_body()).unwrap();
    assert!(page.contains("lose_request") && page.contains("the fault script says so"), "{page}");
}
