//! The way out over the network.

use std::time::Duration;

use async_trait::async_trait;

use crate::client::{HttpSend, MAX_ANSWER_BYTES, SendError, SendErrorKind};

/// Sends by reqwest: HTTP/1.1, no redirects, no cookies, no proxy from the environment, at most [`MAX_ANSWER_BYTES`] of an
/// answer.
///
/// Connecting may take 5 seconds and a whole exchange 60; the client's own timeout is usually shorter. `https` needs the
/// feature `tls` and the system's root certificates; without them `http` works all the same.
#[derive(Clone, Debug)]
pub struct ReqwestSend {
    client: reqwest::Client,
    /// Why `https` cannot be spoken.
    no_tls: Option<NoTls>,
}

impl ReqwestSend {
    /// Prepares a pool of connections.
    ///
    /// # Errors
    ///
    /// [`SendError`] if the system gives no resources for it.
    pub fn new() -> Result<Self, SendError> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(WHOLE_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT);
        let (builder, no_tls) = tls::configure(builder);
        let client = builder
            .build()
            .map_err(|error| SendError::with_source(SendErrorKind::NotSent, error.without_url()))?;
        Ok(Self { client, no_tls })
    }
}

#[async_trait]
impl HttpSend for ReqwestSend {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        if request.uri().scheme_str() == Some("https")
            && let Some(no_tls) = &self.no_tls
        {
            return Err(SendError::with_source(SendErrorKind::NotSent, no_tls.clone()));
        }
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(cut_off)? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(SendError::with_source(SendErrorKind::Unanswered, AnswerTooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// What a failed exchange says about the request. The URL, whose query may hold tokens, is taken out.
fn failed(error: reqwest::Error) -> SendError {
    let kind = if error.is_connect() || error.is_builder() {
        SendErrorKind::NotSent
    } else if error.is_timeout() {
        SendErrorKind::TimedOut
    } else {
        SendErrorKind::Unanswered
    };
    SendError::with_source(kind, error.without_url())
}

/// The same for an answer that had begun.
fn cut_off(error: reqwest::Error) -> SendError {
    let kind = if error.is_timeout() { SendErrorKind::TimedOut } else { SendErrorKind::Unanswered };
    SendError::with_source(kind, error.without_url())
}

/// The answer is over 1 MiB.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer is over {MAX_ANSWER_BYTES} bytes")]
struct AnswerTooLarge;

/// Why `https` cannot be spoken.
#[derive(Clone, Debug, thiserror::Error)]
enum NoTls {
    #[cfg(not(feature = "tls"))]
    #[error("https needs fps-core's feature `tls`; switch it on")]
    Feature,
    #[cfg(feature = "tls")]
    #[error("https needs the system's root certificates; install them (Debian: ca-certificates)")]
    Roots(#[source] rustls::Error),
}

#[cfg(feature = "tls")]
mod tls {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::BuilderVerifierExt;

    use super::NoTls;

    /// rustls with the ring provider and the system's verifier. Where that cannot be had nothing is trusted, so that plain
    /// `http` still works on a machine without root certificates.
    pub(super) fn configure(builder: reqwest::ClientBuilder) -> (reqwest::ClientBuilder, Option<NoTls>) {
        let (config, no_tls) = match verified() {
            Ok(config) => (Some(config), None),
            Err(error) => (trusting_nobody().ok(), Some(NoTls::Roots(error))),
        };
        match config {
            Some(config) => (builder.tls_backend_preconfigured(config), no_tls),
            None => (builder, no_tls),
        }
    }

    fn verified() -> Result<ClientConfig, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        Ok(builder.with_platform_verifier()?.with_no_client_auth())
    }

    fn trusting_nobody() -> Result<ClientConfig, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
    }
}

#[cfg(not(feature = "tls"))]
mod tls {
    use super::NoTls;

    pub(super) fn configure(builder: reqwest::ClientBuilder) -> (reqwest::ClientBuilder, Option<NoTls>) {
        (builder, Some(NoTls::Feature))
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const WHOLE_TIMEOUT: Duration = Duration::from_secs(60);
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
