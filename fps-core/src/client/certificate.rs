//! Verifying returns and notices on this side, by the service's certificate.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::{Position, Url};

use crate::client::race::race;
use crate::client::{Client, Clock, HttpSend, MAX_ANSWER_BYTES, SendError, SendErrorKind};
use crate::notice::{Notice, NoticeBody};
use crate::param::pipeline;
use crate::pipeline::{ReturnError, ReturnQuery, VerifiedReturn, VerifyError};
use crate::signature::certificate::{NotACertificate, PublicKey};
use crate::signature::explain::Explanation;
use crate::signature::received::Received;
use crate::signature::string_to_sign;
use crate::{Endpoint, Timestamp};

/// Verifies returns and notices without asking the service about each: by its certificate, which is fetched once.
///
/// A certificate is taken from the endpoint's own host below `/certs/`, kept for a day, and known by scheme, host and path
/// (the query of its address is different each time). See [`signature::certificate`](crate::signature::certificate) for
/// what this proves and what not.
///
/// ```no_run
/// use fps_core::client::{CertificateVerifier, Client};
/// use fps_core::pipeline::ReturnQuery;
///
/// # async fn f(client: Client, raw_query: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = CertificateVerifier::of(&client);
/// let query = ReturnQuery::from_raw(&"https://shop.example/return".parse()?, raw_query)?;
/// let answer = verifier.verify_return(query).await?.single_use();
/// # Ok(())
/// # }
/// ```
pub struct CertificateVerifier {
    endpoint: Endpoint,
    http: Arc<dyn HttpSend>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    keys: Mutex<BTreeMap<String, (Timestamp, PublicKey)>>,
}

impl CertificateVerifier {
    /// A verifier for that service.
    #[must_use]
    pub fn new(endpoint: Endpoint, http: Arc<dyn HttpSend>, clock: Arc<dyn Clock>) -> Self {
        Self { endpoint, http, clock, timeout: FETCH_TIMEOUT, keys: Mutex::default() }
    }

    /// A verifier for the client's service, by its way out and its clock.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self::new(client.endpoint().clone(), Arc::clone(client.http()), Arc::clone(client.clock()))
    }

    /// Verifies a return.
    ///
    /// # Errors
    ///
    /// [`VerifyError`]: refused, or not known because the certificate cannot be had.
    pub async fn verify_return(&self, query: ReturnQuery) -> Result<VerifiedReturn, VerifyError> {
        self.verify(query.received()).await?;
        Ok(query.into_verified())
    }

    /// Verifies a notice.
    ///
    /// # Errors
    ///
    /// [`VerifyError`]: refused, unreadable, or not known because the certificate cannot be had.
    pub async fn verify_notice(&self, body: NoticeBody) -> Result<Notice, VerifyError> {
        self.verify(body.received()).await?;
        body.into_verified()
    }

    /// Why a return is not genuine: for a log or a person, after [`CertificateVerifier::verify_return`] has refused it.
    ///
    /// # Errors
    ///
    /// [`VerifyError`] if its shape is wrong or the certificate cannot be had.
    pub async fn explain_return(&self, query: &ReturnQuery) -> Result<Explanation, VerifyError> {
        let received = query.received();
        received.check_certificate(&self.endpoint)?;
        let key = self.key(received.certificate_url()).await?;
        let signature = received.pairs().get(pipeline::SIGNATURE).unwrap_or_default();
        let verifies = |text: &str| key.verify(text, signature);
        Explanation::find(received.method(), received.url(), received.pairs(), verifies)
            .map_err(|error| ReturnError::from(error).into())
    }

    async fn verify(&self, received: &Received) -> Result<(), VerifyError> {
        received.check_certificate(&self.endpoint)?;
        let key = self.key(received.certificate_url()).await?;
        let text =
            string_to_sign(received.method(), received.url(), received.pairs()).map_err(ReturnError::from)?;
        let signature = received.pairs().get(pipeline::SIGNATURE).unwrap_or_default();
        if key.verify(&text, signature) { Ok(()) } else { Err(VerifyError::NotGenuine) }
    }

    async fn key(&self, url: &Url) -> Result<PublicKey, CertificateError> {
        let name = url[..Position::AfterPath].to_owned();
        let now = self.clock.now();
        if let Some((fetched, key)) = self.keys().get(&name)
            && now.since(*fetched) < KEPT
        {
            return Ok(key.clone());
        }
        let key = PublicKey::from_certificate(&self.fetch(url).await?)?;
        let mut keys = self.keys();
        if keys.len() >= MOST_KEYS {
            keys.clear();
        }
        keys.insert(name, (now, key.clone()));
        Ok(key)
    }

    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, CertificateError> {
        let mut request = http::Request::new(Vec::new());
        *request.uri_mut() = url.as_str().parse().map_err(|_| NotACertificate)?;
        let answer = race(self.http.send(request), self.clock.sleep(self.timeout))
            .await
            .unwrap_or_else(|| Err(SendError::new(SendErrorKind::TimedOut)))?;
        if answer.status() != http::StatusCode::OK {
            return Err(CertificateError::Status { status: answer.status() });
        }
        if answer.body().len() > MAX_ANSWER_BYTES {
            return Err(NotACertificate.into());
        }
        Ok(answer.into_body())
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (Timestamp, PublicKey)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CertificateVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateVerifier").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// The service's certificate cannot be had, so nothing is known about what it signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// It could not be fetched. Try again later.
    #[error("it could not be fetched")]
    Send(#[from] SendError),
    /// The answer was not 200; redirects are not followed.
    #[error("its address answered with status {status}")]
    Status {
        /// The status.
        status: http::StatusCode,
    },
    /// It is no certificate with an RSA key.
    #[error("it cannot be read")]
    Malformed(#[from] NotACertificate),
}

/// How long one fetch may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a key is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many keys are kept; the service has one at a time.
const MOST_KEYS: usize = 16;
