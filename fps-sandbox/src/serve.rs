//! The sandbox on a port, and as a router.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use url::Url;

use crate::Sandbox;
use crate::answer::{Reply, with_body};

impl Sandbox {
    /// Serves on a port until the future is dropped. Unless the builder was given a public address, the port's becomes it.
    ///
    /// It is plain HTTP on purpose: put a proxy in front where TLS is wanted, and give the proxy's address to
    /// [`SandboxBuilder::url`](crate::SandboxBuilder::url). Headers must come within 10 seconds and 32 KiB, bodies within
    /// 30 seconds and 256 KiB.
    ///
    /// # Errors
    ///
    /// What the listener says when it cannot accept at all any more.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        self.listen_at(listener.local_addr()?);
        tokio::select! {
            ended = self.accept(listener) => ended,
            () = self.keep_delivering() => Ok(()),
        }
    }

    async fn accept(&self, listener: TcpListener) -> io::Result<()> {
        let seats = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        loop {
            let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return Ok(()) };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let sandbox = self.clone();
                    tokio::spawn(async move {
                        sandbox.converse(stream).await;
                        drop(seat);
                    });
                }
                // Out of file descriptors, or a client gone before it was greeted: the next may do better.
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Delivers notices as they fall due, a few times in a second by real time, because anybody may move the clock.
    async fn keep_delivering(&self) {
        let mut ticks = tokio::time::interval(NOTICE_PAUSE);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.inner.has_due_notices() {
                self.deliver_notices().await;
            }
        }
    }

    /// Takes the listener's address as the public one, unless the builder was given one. [`Sandbox::serve`] does it by
    /// itself; needed where links are made before.
    pub fn listen_at(&self, address: SocketAddr) {
        if let Ok(url) = Url::parse(&format!("http://{address}/")) {
            self.inner.listen_at(url);
        }
    }

    /// The sandbox as an axum router, for a server of one's own. Where a fault breaks the connection, the router can only
    /// answer 502.
    pub fn router(&self) -> axum::Router {
        let sandbox = self.clone();
        axum::Router::new().fallback(move |request: axum::extract::Request| {
            let sandbox = sandbox.clone();
            async move {
                let reply = match read(request).await {
                    Ok(request) => contain(sandbox.answer(request)).await,
                    Err(refused) => Reply::Whole(refused),
                };
                match reply {
                    Reply::Whole(response) => response.map(axum::body::Body::from),
                    Reply::Lost | Reply::Cut(_) => {
                        with_body(StatusCode::BAD_GATEWAY, TEXT, "the connection broke, as the script says")
                            .map(axum::body::Body::from)
                    }
                }
            }
        })
    }

    async fn converse(&self, stream: TcpStream) {
        let service = service_fn(|request: Request<Incoming>| async move {
            let reply = match read(request).await {
                Ok(request) => contain(self.answer(request)).await,
                Err(refused) => Reply::Whole(refused),
            };
            match reply {
                Reply::Whole(response) => {
                    Ok(response.map(|body| Answer { rest: Some(body.into()), cut: false }))
                }
                Reply::Cut(response) => Ok(response.map(Answer::cut)),
                Reply::Lost => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "broken by the script")),
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(MOST_HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// A panic is a bug of the sandbox; the client gets a 500 for it, and the next request is served.
async fn contain(answer: impl Future<Output = Reply>) -> Reply {
    let mut answer = pin!(answer);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context)));
        polled.unwrap_or_else(|_| {
            let words = "the sandbox failed; what it printed says where";
            Poll::Ready(Reply::Whole(with_body(StatusCode::INTERNAL_SERVER_ERROR, TEXT, words)))
        })
    })
    .await
}

/// Reads the whole body, or says what is wrong with it.
async fn read<B>(request: Request<B>) -> Result<Request<Vec<u8>>, Response<Vec<u8>>>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    let whole = Limited::new(body, MOST_BODY_BYTES).collect();
    match tokio::time::timeout(BODY_TIMEOUT, whole).await {
        Ok(Ok(body)) => Ok(Request::from_parts(head, body.to_bytes().to_vec())),
        Ok(Err(_)) => {
            Err(with_body(StatusCode::PAYLOAD_TOO_LARGE, TEXT, "the body is over 256 KiB or broke off"))
        }
        Err(_) => {
            Err(with_body(StatusCode::REQUEST_TIMEOUT, TEXT, "the body did not come within 30 seconds"))
        }
    }
}

/// A body that is whole, or breaks in the middle.
struct Answer {
    rest: Option<Bytes>,
    cut: bool,
}

impl Answer {
    fn cut(body: Vec<u8>) -> Self {
        Self { rest: Some(body.into()), cut: true }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let broken = || io::Error::new(io::ErrorKind::ConnectionAborted, "broken by the script");
        Poll::Ready(match self.rest.take() {
            Some(bytes) if self.cut => Some(Ok(Frame::data(bytes.slice(..bytes.len() / 2)))),
            Some(bytes) => Some(Ok(Frame::data(bytes))),
            None if self.cut => Some(Err(broken())),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && !self.cut
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

const TEXT: &str = "text/plain; charset=utf-8";
const MOST_CONNECTIONS: usize = 1024;
const MOST_HEADER_BYTES: usize = 32 * 1024;
const MOST_BODY_BYTES: usize = 256 * 1024;
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const NOTICE_PAUSE: Duration = Duration::from_millis(200);
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_answer() {
        let panics = async {
            tokio::task::yield_now().await;
            panic!("as a test of containing panics")
        };
        match contain(panics).await {
            Reply::Whole(response) => assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR),
            other => panic!("{other:?}"),
        }
    }
}
