//! HTTP over a real connection, as other processes and languages speak it.
#![allow(dead_code, reason = "each test uses a part of it")]

use async_trait::async_trait;
use fps_core::client::{HttpSend, SendError, SendErrorKind};
use fps_sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// HTTP/1.1 as bare as it goes: one connection for each request, everything read until it closes.
#[derive(Debug)]
pub(crate) struct Wire;

impl Wire {
    /// Sends these bytes, and gives what comes until the end.
    pub(crate) async fn exchange(address: &str, text: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(text).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

#[async_trait]
impl HttpSend for Wire {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        let unanswered = || SendError::new(SendErrorKind::Unanswered);
        let target = request.uri().path_and_query().unwrap().as_str();
        let authority = request.uri().authority().unwrap().as_str();
        let mut text = format!("{} {target} HTTP/1.1\r\nConnection: close\r\n", request.method());
        if !request.headers().contains_key("host") {
            text.push_str(&format!("Host: {authority}\r\n"));
        }
        for (name, value) in request.headers() {
            text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n", request.body().len()));
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(request.body());
        let answer = Self::exchange(authority, &bytes).await.map_err(|_| unanswered())?;
        read(&answer).ok_or_else(unanswered)
    }
}

/// The answer, if it is whole.
pub(crate) fn read(answer: &[u8]) -> Option<http::Response<Vec<u8>>> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let body = answer[end + 4..].to_vec();
    let mut lines = head.lines();
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut response = http::Response::builder().status(status);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        response = response.header(name, value);
        if name == "content-length" && value.parse() != Ok(body.len()) {
            return None;
        }
    }
    response.body(body).ok()
}

/// Serves on a free port, and gives the address.
pub(crate) async fn serve(sandbox: &Sandbox) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    sandbox.listen_at(address);
    let sandbox = sandbox.clone();
    tokio::spawn(async move { sandbox.serve(listener).await });
    address.to_string()
}
