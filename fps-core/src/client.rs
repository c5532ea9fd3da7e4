//! The thin async client.
//!
//! Around the pure parts ([`operation`](crate::operation), [`response`](crate::response), [`RetryPolicy`]) it sends, waits
//! and tries again, by an [`HttpSend`] and a [`Clock`] that anybody can bring. Nothing here needs tokio but the built-in
//! ones (feature `client`).

mod activity;
#[cfg(feature = "certificate")]
mod certificate;
mod race;
mod retry;
pub mod send;

#[cfg(feature = "client")]
mod reqwest;
#[cfg(feature = "client")]
mod system;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument;

#[cfg(feature = "client")]
pub use self::reqwest::ReqwestSend;
pub use activity::{AccountActivity, ActivityQuestion};
#[cfg(feature = "certificate")]
pub use certificate::{CertificateError, CertificateVerifier};
pub use retry::{Decision, RetryPolicy};
pub use send::{Clock, HttpSend, MAX_ANSWER_BYTES, SendError, SendErrorKind};
#[cfg(feature = "client")]
pub use system::SystemClock;

use crate::error::{Call, ClockSkew, Result};
use crate::operation::{Answer, Operation, read_answer, signed_parameters};
use crate::param::api;
use crate::response::FaultCode;
use crate::signature::{Method, SignatureMethod, SignatureVersion};
use crate::{Credentials, Endpoint, Error, Pairs, RequestId, Timestamp, Version};

/// Sends operations of one caller to one service. A clone shares everything.
///
/// Each call is a [`tracing`](https://docs.rs/tracing) span `fps.call` with `action`, `reference` (the caller's, if there is one) and
/// `request_id` (of the last answer). Within it each attempt is a span `fps.attempt` with `attempt`, counted from 1, and its own
/// `request_id`. Neither says anything else of what was sent or answered.
///
/// ```no_run
/// use fps_core::client::Client;
/// use fps_core::operation::GetTransactionStatus;
/// use fps_core::{Credentials, Endpoint, TransactionId};
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder(Credentials::from_env()?, Endpoint::sandbox()).build()?;
/// let ask = GetTransactionStatus::new(TransactionId::new("14GKE3B85HCMF1BTSH5C4PD2IHZL95RJ2LM"));
/// println!("{}", client.send(ask).await?.response.transaction_status);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    credentials: Credentials,
    endpoint: Endpoint,
    version: Version,
    method: Method,
    signature: SignatureVersion,
    http: Arc<dyn HttpSend>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    retry: RetryPolicy,
}

impl Client {
    /// Begins a client of that caller and service.
    pub fn builder(credentials: Credentials, endpoint: Endpoint) -> ClientBuilder {
        ClientBuilder {
            credentials,
            endpoint,
            version: Version::default(),
            method: Method::Post,
            signature: None,
            http: None,
            clock: None,
            timeout: DEFAULT_TIMEOUT,
            retry: RetryPolicy::default(),
        }
    }

    /// Sends the operation, and again where that is safe and may help: see [`Operation::repeat`] and [`RetryPolicy`].
    ///
    /// # Errors
    ///
    /// [`Error`] of the last attempt; its verdict considers all of them.
    pub async fn send<O: Operation>(&self, operation: O) -> Result<Answer<O::Response>> {
        self.attempts(&operation, self.0.retry).await
    }

    /// Sends the operation once, whatever comes of it.
    ///
    /// # Errors
    ///
    /// [`Error`] of that attempt.
    pub async fn send_once<O: Operation>(&self, operation: O) -> Result<Answer<O::Response>> {
        self.attempts(&operation, RetryPolicy::never()).await
    }

    /// The longest that one [`Client::send`] can take: all attempts at their timeout, with all waits between them.
    ///
    /// Whoever sends again under the same right to send waits longer than this.
    #[must_use]
    pub fn whole_deadline(&self) -> Duration {
        let timeouts = self.0.timeout.saturating_mul(self.0.retry.attempts());
        timeouts.saturating_add(self.0.retry.whole_wait())
    }

    /// Whose keys sign.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    /// Where the service is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// The version that requests ask for.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The way out.
    #[must_use]
    pub fn http(&self) -> &Arc<dyn HttpSend> {
        &self.0.http
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// The whole call, in a span of its own with one for each attempt inside.
    async fn attempts<O: Operation>(&self, operation: &O, retry: RetryPolicy) -> Result<Answer<O::Response>> {
        let span = tracing::info_span!(
            "fps.call",
            action = O::ACTION,
            reference = operation.caller_reference().map(tracing::field::display),
            request_id = tracing::field::Empty,
        );
        let result = self.attempts_within(operation, retry).instrument(span.clone()).await;
        match &result {
            Ok(answer) => record(&span, answer.request_id.as_ref()),
            Err(error) => record(&span, error.request_id()),
        }
        result
    }

    async fn attempts_within<O: Operation>(
        &self,
        operation: &O,
        retry: RetryPolicy,
    ) -> Result<Answer<O::Response>> {
        let mut call = Call {
            operation: O::ACTION,
            caller_reference: operation.caller_reference().cloned(),
            repeat: operation.repeat(),
            attempts: 0,
            open: false,
            exhausted: false,
        };
        loop {
            call.attempts += 1;
            let span = tracing::info_span!(
                "fps.attempt",
                attempt = call.attempts,
                request_id = tracing::field::Empty,
            );
            let (mut error, jitter) = match self.attempt(operation, &call).instrument(span.clone()).await {
                Ok(answer) => {
                    record(&span, answer.request_id.as_ref());
                    span.in_scope(|| tracing::debug!("answered"));
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            record(&span, error.request_id());
            match retry.decide(call.repeat, &error, call.attempts, jitter) {
                Decision::Stop => {
                    error.call_mut().exhausted = call.attempts > 1;
                    span.in_scope(|| tracing::warn!(verdict = ?error.verdict(), %error, "failed"));
                    return Err(error);
                }
                Decision::Again { after } => {
                    span.in_scope(|| tracing::info!(?after, %error, "will be sent again"));
                    call.open |= error.last_verdict() == crate::response::Verdict::Unknown;
                    self.0.clock.sleep(after).await;
                }
            }
        }
    }

    /// One attempt, with a new timestamp and signature. An error comes with a number for the jitter of the next one.
    async fn attempt<O: Operation>(
        &self,
        operation: &O,
        call: &Call,
    ) -> Result<Answer<O::Response>, (Error, u16)> {
        let now = self.0.clock.now();
        let call = || Box::new(call.clone());
        let pairs = signed_parameters(
            operation,
            &self.0.credentials,
            self.0.endpoint.api(),
            self.0.version,
            self.0.method,
            self.0.signature,
            now,
        )
        .map_err(|source| (Error::Parameter { call: call(), source }, 0))?;
        let jitter = jitter(&pairs);
        let sent =
            race::race(self.0.http.send(self.request(&pairs)), self.0.clock.sleep(self.0.timeout)).await;
        let response = sent
            .unwrap_or_else(|| Err(SendError::new(SendErrorKind::TimedOut)))
            .map_err(|source| (Error::Unanswered { call: call(), source }, jitter))?;
        let status = response.status();
        match read_answer::<O>(self.0.version, status, response.body()) {
            Ok(Ok(answer)) if status.is_success() => Ok(answer),
            Ok(Err(fault)) => {
                let clock_skew = match fault.code() {
                    FaultCode::RequestExpired => clock_skew(now, response.headers()),
                    _ => None,
                };
                Err((Error::Refused { call: call(), fault, clock_skew }, jitter))
            }
            Ok(Ok(_)) => {
                Err((self.unreadable(call(), &response, crate::response::AnswerError::Status), jitter))
            }
            Err(source) => Err((self.unreadable(call(), &response, source), jitter)),
        }
    }

    fn request(&self, pairs: &Pairs) -> http::Request<Vec<u8>> {
        let (mut uri, encoded) = (self.0.endpoint.api().clone(), pairs.encode());
        let (method, body) = match self.0.method {
            Method::Get => {
                uri.set_query(Some(&encoded));
                (http::Method::GET, Vec::new())
            }
            Method::Post => (http::Method::POST, encoded.into_bytes()),
        };
        let mut request = http::Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri.as_str().parse().expect("an http URL is a URI");
        let headers = request.headers_mut();
        headers.insert(http::header::USER_AGENT, http::HeaderValue::from_static(USER_AGENT));
        if self.0.method == Method::Post {
            headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(FORM));
        }
        request
    }

    fn unreadable(
        &self,
        call: Box<Call>,
        response: &http::Response<Vec<u8>>,
        source: crate::response::AnswerError,
    ) -> Error {
        let id = response.headers().get("x-amzn-requestid").and_then(|id| id.to_str().ok());
        Error::Unreadable { call, status: response.status(), request_id: id.map(RequestId::new), source }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("access_key", &self.0.credentials.access_key())
            .field("api", &self.0.endpoint.api().as_str())
            .field("version", &self.0.version)
            .finish_non_exhaustive()
    }
}

/// Options of a [`Client`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    credentials: Credentials,
    endpoint: Endpoint,
    version: Version,
    method: Method,
    signature: Option<SignatureVersion>,
    http: Option<Arc<dyn HttpSend>>,
    clock: Option<Arc<dyn Clock>>,
    timeout: Duration,
    retry: RetryPolicy,
}

impl ClientBuilder {
    /// The version that requests ask for. Default: 2010-08-28. A client of 2007-01-08 sends the operations of
    /// [`operation::v2007`](crate::operation::v2007), signs and reads by the rules of that version, and takes no answer by
    /// others; clients of later versions take none by those of 2007.
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// How parameters are sent: in a form body (default), or in the URL's query, where logs of proxies may see tokens.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// How requests are signed. Default: by version 2 with HMAC-SHA256; in 2007-01-08 by version 1.
    pub fn signature_version(mut self, signature: SignatureVersion) -> Self {
        self.signature = Some(signature);
        self
    }

    /// Signs requests by version 2 with that method.
    pub fn signature_method(self, method: SignatureMethod) -> Self {
        self.signature_version(SignatureVersion::V2(method))
    }

    /// The way out. Default: `ReqwestSend` with feature `client`; without the feature one must be given.
    pub fn http(mut self, http: Arc<dyn HttpSend>) -> Self {
        self.http = Some(http);
        self
    }

    /// The clock. Default: `SystemClock` with feature `client`; without the feature one must be given.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How long one attempt may take. Default: 15 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often a call is attempted. Default: three times.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if there is no way out or no clock, the endpoint needs `https` and there is none, or the version is not
    /// signed so.
    pub fn build(self) -> Result<Client, BuildError> {
        let generation = self.version.generation();
        let signature = self.signature.unwrap_or(SignatureVersion::of(generation));
        if !signature.is_in(generation) {
            return Err(BuildError::SignatureVersion { version: self.version, signature });
        }
        #[cfg(feature = "client")]
        let (http, clock): (Arc<dyn HttpSend>, Arc<dyn Clock>) = {
            let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
            match self.http {
                Some(http) => (http, clock),
                None if self.endpoint.api().scheme() == "https" && !cfg!(feature = "tls") => {
                    return Err(BuildError::Tls);
                }
                None => (Arc::new(ReqwestSend::new().map_err(|source| BuildError::Send { source })?), clock),
            }
        };
        #[cfg(not(feature = "client"))]
        let (http, clock) = match (self.http, self.clock) {
            (Some(http), Some(clock)) => (http, clock),
            _ => return Err(BuildError::NoSend),
        };
        Ok(Client(Arc::new(Inner {
            credentials: self.credentials,
            endpoint: self.endpoint,
            version: self.version,
            method: self.method,
            signature,
            http,
            clock,
            timeout: self.timeout,
            retry: self.retry,
        })))
    }
}

/// Why there is no [`Client`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No way out or no clock was given, and the built-in ones are not compiled in. Give both, or switch the feature on.
    #[error("a client needs `.http(..)` and `.clock(..)`, or fps-core's feature `client`")]
    NoSend,
    /// The endpoint is `https`, which is not compiled in. Switch the feature on, or give a way out that speaks it.
    #[error("an https endpoint needs fps-core's feature `tls`, or `.http(..)`")]
    Tls,
    /// Only version 2007-01-08 takes signature versions 0 and 1. Leave the signature to the default.
    #[error("version {version} is signed by signature version 2 only, not by {}", signature.as_str())]
    SignatureVersion {
        /// The version.
        version: Version,
        /// The signature that was asked for.
        signature: SignatureVersion,
    },
    /// The built-in way out could not be made.
    #[error("the built-in way out could not be made")]
    Send {
        /// Why.
        source: SendError,
    },
}

/// A number for the jitter: the request's signature is as good as random, and differs from request to request.
fn jitter(pairs: &Pairs) -> u16 {
    let signature = pairs.get(api::SIGNATURE).unwrap_or_default();
    signature.bytes().fold(0u16, |hash, byte| hash.wrapping_mul(31).wrapping_add(u16::from(byte)))
}

/// How far our clock is from the one that wrote the answer's `Date`.
fn clock_skew(now: Timestamp, headers: &http::HeaderMap) -> Option<ClockSkew> {
    let date = headers.get(http::header::DATE)?.to_str().ok()?;
    ClockSkew::between(now, Timestamp::parse_http(date)?)
}

fn record(span: &tracing::Span, request_id: Option<&RequestId>) {
    if let Some(id) = request_id {
        span.record("request_id", tracing::field::display(id));
    }
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const USER_AGENT: &str = concat!("fps-core/", env!("CARGO_PKG_VERSION"));
