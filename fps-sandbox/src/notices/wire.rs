//! Plain HTTP to another program on this machine.

use async_trait::async_trait;
use fps_core::client::{HttpSend, MAX_ANSWER_BYTES, SendError, SendErrorKind};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One connection for each request, without TLS. Redirects are not followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlainHttp;

#[async_trait]
impl HttpSend for PlainHttp {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SendError> {
        let not_sent = || SendError::new(SendErrorKind::NotSent);
        let unanswered = |error: Box<dyn std::error::Error + Send + Sync>| {
            SendError::with_source(SendErrorKind::Unanswered, error)
        };
        let uri = request.uri();
        if uri.scheme_str() != Some("http") {
            return Err(SendError::with_source(SendErrorKind::NotSent, "only plain http is spoken here"));
        }
        let host = uri.host().ok_or_else(not_sent)?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(80);
        let target = uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let stream = TcpStream::connect((host.as_str(), port))
            .await
            .map_err(|error| SendError::with_source(SendErrorKind::NotSent, error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| unanswered(error.into()))?;
        let driver = tokio::spawn(connection);
        let (mut head, body) = request.into_parts();
        head.uri = target.parse().map_err(|_| not_sent())?;
        let request = Request::from_parts(head, Full::new(Bytes::from(body)));
        let response = sender.send_request(request).await.map_err(|error| unanswered(error.into()))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(unanswered)?;
        driver.abort();
        Ok(Response::from_parts(head, body.to_bytes().to_vec()))
    }
}
