//! The built-in way out, against a loopback server that behaves badly.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use fps_core::client::{Client, Clock, HttpSend, MAX_ANSWER_BYTES, ReqwestSend, SendErrorKind, SystemClock};
use fps_core::operation::GetTransactionStatus;
use fps_core::signature::Method;
use fps_core::{Credentials, Endpoint, Error, TransactionId};

use crate::support::response;

/// Answers each connection by the same means, on a port of its own.
fn serve(answer: impl Fn(&mut TcpStream, &str) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 64 * 1024];
            let read = stream.read(&mut request).unwrap_or(0);
            answer(&mut stream, &String::from_utf8_lossy(&request[..read]));
        }
    });
    address
}

fn write(stream: &mut TcpStream, head: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // The client may have gone already.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn get(address: SocketAddr) -> http::Request<Vec<u8>> {
    http::Request::builder()
        .uri(format!("http://{address}/?Signature=SECRET_MARKER"))
        .body(Vec::new())
        .unwrap()
}

fn send(address: SocketAddr) -> Result<http::Response<Vec<u8>>, fps_core::client::SendError> {
    run(async { ReqwestSend::new().unwrap().send(get(address)).await })
}

/// All that an error and its causes say.
fn told(error: &dyn std::error::Error) -> String {
    let mut told = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    told
}

#[test]
fn a_whole_call_goes_over_the_wire() {
    let address = serve(|stream, request| {
        let status = if request.starts_with("POST / HTTP/1.1\r\n")
            && request.contains("Action=GetTransactionStatus")
        {
            "Success"
        } else {
            "Failure"
        };
        let result = format!(
            "<GetTransactionStatusResult><TransactionId>T1</TransactionId><TransactionStatus>{status}</TransactionStatus></GetTransactionStatusResult>"
        );
        write(stream, "200 OK", response("GetTransactionStatus", &result).as_bytes());
    });
    let endpoint = Endpoint::at(format!("http://{address}").parse().unwrap()).unwrap();
    let client = Client::builder(Credentials::new("key", "secret"), endpoint).build().unwrap();
    let answer = run(client.send(GetTransactionStatus::new(TransactionId::new("T1")))).unwrap();
    assert_eq!(answer.response.transaction_status.as_str(), "Success");
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = serve(|_, _| panic!("the redirect was followed"));
    let address =
        serve(move |stream, _| write(stream, &format!("302 Found\r\nLocation: http://{elsewhere}/"), b""));
    assert_eq!(send(address).unwrap().status(), 302);
}

#[test]
fn an_answer_over_the_limit_is_not_read() {
    let fits = serve(|stream, _| write(stream, "200 OK", &vec![b'x'; MAX_ANSWER_BYTES]));
    assert_eq!(send(fits).unwrap().body().len(), MAX_ANSWER_BYTES);
    let over = serve(|stream, _| write(stream, "200 OK", &vec![b'x'; MAX_ANSWER_BYTES + 1]));
    assert_eq!(send(over).unwrap_err().kind(), SendErrorKind::Unanswered);
}

#[test]
fn nobody_there_means_not_sent_and_a_broken_answer_means_unanswered() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hangs_up = serve(|_, _| {});
    let cut_off = serve(|stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<PayResp").unwrap();
    });
    for (address, kind) in [
        (nobody, SendErrorKind::NotSent),
        (hangs_up, SendErrorKind::Unanswered),
        (cut_off, SendErrorKind::Unanswered),
    ] {
        let error = send(address).unwrap_err();
        assert_eq!(error.kind(), kind, "{}", told(&error));
        assert!(!told(&error).contains("SECRET_MARKER"), "{}", told(&error));
    }
}

#[test]
fn the_clients_timeout_ends_a_call_that_hangs() {
    let address = serve(|_, _| thread::sleep(Duration::from_secs(30)));
    let endpoint = Endpoint::at(format!("http://{address}").parse().unwrap()).unwrap();
    let client = Client::builder(Credentials::new("key", "secret"), endpoint)
        .method(Method::Get)
        .timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let error = run(client.send_once(GetTransactionStatus::new(TransactionId::new("T1")))).unwrap_err();
    assert!(
        matches!(&error, Error::Unanswered { source, .. } if source.kind() == SendErrorKind::TimedOut),
        "{}",
        told(&error)
    );
}

#[test]
fn the_systems_clock_goes_on() {
    let before = SystemClock.now();
    assert!(before.unix_seconds() > 1_700_000_000);
    run(SystemClock.sleep(Duration::from_millis(5)));
    assert!(SystemClock.now().since(before) >= Duration::from_millis(5));
}

#[cfg(not(feature = "tls"))]
#[test]
fn https_without_tls_names_the_feature() {
    let error =
        Client::builder(Credentials::new("key", "secret"), Endpoint::production()).build().unwrap_err();
    assert!(error.to_string().contains("`tls`"), "{error}");
    let request = http::Request::builder().uri("https://127.0.0.1:1/").body(Vec::new()).unwrap();
    let error = run(async { ReqwestSend::new().unwrap().send(request).await }).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::NotSent);
    assert!(told(&error).contains("`tls`"), "{}", told(&error));
}
