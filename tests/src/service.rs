//! `fps-sandbox serve` as a process of its own, and its levers.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use fps_checkout::fps_core::client::{HttpSend as _, ReqwestSend};
use fps_checkout::fps_core::http::{Method, Request, StatusCode};
use fps_checkout::fps_core::url::Url;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::Program;

/// The payment service in another process, which lives on whatever happens to shops.
#[derive(Debug)]
pub struct Service {
    /// Where it is.
    pub address: Url,
    http: ReqwestSend,
    _program: Program,
}

impl Service {
    /// Starts the program on a free port.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[must_use]
    pub fn start(program: impl AsRef<Path>) -> Self {
        Self::start_with(program, [])
    }

    /// The same, with more arguments.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[must_use]
    pub fn start_with(program: impl AsRef<Path>, more: impl IntoIterator<Item = String>) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0"].map(str::to_owned);
        let mut program = Program::start(program, arguments.into_iter().chain(more));
        let address = program.wait_for("http://");
        let address = address.split_whitespace().next().unwrap_or_default();
        let address = format!("http://{address}").parse().expect("the service prints its address");
        Self { address, http: ReqwestSend::new().expect("an HTTP client"), _program: program }
    }

    /// Scripts a fault for every call of an operation from now on.
    pub async fn fault(&self, operation: &str, fault: &str) {
        self.pull("faults", &json!({ "operation": operation, "fault": fault })).await;
    }

    /// Forgets all faults.
    pub async fn clear_faults(&self) {
        self.pull("clear-faults", &json!({})).await;
    }

    /// Moves the service's clock forward.
    pub async fn advance(&self, seconds: u64) {
        self.pull("clock", &json!({ "seconds": seconds })).await;
    }

    /// The ledger, as the control page gives it. A long one is more than a client of ours takes of any answer, so it is read by hand.
    ///
    /// # Panics
    ///
    /// If the service does not answer.
    pub async fn ledger(&self) -> Value {
        let address = self.address.socket_addrs(|| None).expect("the service has an address");
        let read = move || -> io::Result<String> {
            let mut stream = TcpStream::connect(&*address)?;
            write!(stream, "GET /sandbox/ledger.json HTTP/1.0\r\nHost: {}\r\n\r\n", address[0])?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer =
            spawn_blocking(read).await.expect("reading does not panic").expect("the service answers");
        let (_, ledger) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        serde_json::from_str(ledger).expect("the ledger is JSON")
    }

    async fn pull(&self, lever: &str, fields: &Value) {
        let url = self.address.join(&format!("sandbox/{lever}")).expect("a path");
        let request = Request::builder().method(Method::POST).uri(url.as_str());
        let request = request.header("content-type", "application/json");
        let request = request.body(fields.to_string().into_bytes()).expect("a request");
        let answer = self.http.send(request).await.expect("the service answers");
        let said = String::from_utf8_lossy(answer.body());
        assert_eq!(answer.status(), StatusCode::OK, "{lever} {fields}: {said}");
    }
}
