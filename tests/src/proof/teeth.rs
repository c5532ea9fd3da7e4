//! Safeties broken from outside, to see that the proof notices.

use std::ops::ControlFlow;

use fps_checkout::Version;
use fps_checkout::storage::{NewRecord, Storage, StoreError};
use fps_core::param::{self, api, pipeline};
use fps_core::signature::{Method, SignatureMethod, hmac, legacy, pages_2007, string_to_sign};
use fps_core::url::Url;
use fps_core::{Generation, Pairs, http};
use fps_sandbox::people;
use serde_json::{Map, Value, json};

use super::mallory;

/// A broken safety.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tooth {
    /// The store acknowledges the commit before the send without writing it.
    ForgetsThePlan,
    /// The store takes an update over any version.
    IgnoresVersions,
    /// The store drops the outbox of what it writes.
    DropsTheOutbox,
    /// The store drops from a stored token what was paid with it.
    ForgetsCharges,
    /// The transport alters the reference of a request that goes out again.
    AltersResends,
    /// The verifier takes anything for genuine.
    BelievesAnything,
    /// A genuine notice is believed, and the service not asked.
    BelievesNotices,
}

impl Tooth {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ForgetsThePlan,
        Self::IgnoresVersions,
        Self::DropsTheOutbox,
        Self::ForgetsCharges,
        Self::AltersResends,
        Self::BelievesAnything,
        Self::BelievesNotices,
    ];

    /// Whether there is that safety to break. The shop refuses all notices of version 2007-01-08, because no source tells their
    /// form; so there are none to believe.
    #[must_use]
    pub fn is_in(self, version: Version) -> bool {
        self != Self::BelievesNotices || version.generation() == Generation::Second
    }

    /// A forged return as it reaches the shop. Of version 2007-01-08 the shop verifies it by its own key and asks nobody; so there
    /// a verifier says yes to Mallory if she has that key.
    pub(super) fn forged(self, link: &Url, query: String) -> String {
        let pairs = Pairs::decode(&query).unwrap_or_default();
        if self != Self::BelievesAnything || pairs.get(pipeline::AWS_SIGNATURE).is_none() {
            return query;
        }
        let path = mallory::return_url(link).path().to_owned();
        let text = pages_2007::string_to_sign(&path, &pairs, pages_2007::Space::Plus);
        let key = people::shop_credentials();
        let mut signed = without(&pairs, pipeline::AWS_SIGNATURE);
        signed.push(pipeline::AWS_SIGNATURE, hmac::sign(SignatureMethod::HmacSha1, key.secret_key(), &text));
        signed.encode()
    }

    pub(super) async fn update(
        self,
        store: &dyn Storage,
        record: &NewRecord,
        expected_version: u64,
    ) -> Result<(), StoreError> {
        match self {
            Self::ForgetsThePlan if record.state() == "Charging" => Ok(()),
            Self::IgnoresVersions => match store.load(record.key()).await? {
                Some(there) => store.update(record, there.version).await,
                None => store.update(record, expected_version).await,
            },
            Self::DropsTheOutbox => {
                let record =
                    altered_record(record, |order| drop(order.insert("outbox".to_owned(), json!([]))))?;
                store.update(&record, expected_version).await
            }
            Self::ForgetsCharges if record.key().as_str().starts_with("token/") => {
                let record = altered_record(record, |token| drop(token.remove("spending")))?;
                store.update(&record, expected_version).await
            }
            _ => store.update(record, expected_version).await,
        }
    }

    /// A request as it goes out, or an answer in the service's place.
    pub(super) fn request(
        self,
        action: &str,
        is_resend: bool,
        noticed: Option<&str>,
        request: http::Request<Vec<u8>>,
    ) -> ControlFlow<http::Response<Vec<u8>>, http::Request<Vec<u8>>> {
        match (self, action) {
            (Self::BelievesAnything, "VerifySignature") => {
                ControlFlow::Break(http::Response::new(GENUINE.as_bytes().to_vec()))
            }
            (Self::BelievesNotices, "GetTransactionStatus") => match noticed.and_then(final_word) {
                Some(status) => ControlFlow::Break(believed(&request, status)),
                None => ControlFlow::Continue(request),
            },
            (Self::AltersResends, "Pay") if is_resend => ControlFlow::Continue(altered(request)),
            _ => ControlFlow::Continue(request),
        }
    }
}

/// A record with something else in its document.
fn altered_record(
    record: &NewRecord,
    alter: impl FnOnce(&mut Map<String, Value>),
) -> Result<NewRecord, StoreError> {
    let mut document: Map<String, Value> = serde_json::from_slice(record.body()).unwrap_or_default();
    alter(&mut document);
    let body = serde_json::to_vec(&document).unwrap_or_default();
    Ok(NewRecord::new(record.key().clone(), record.state(), record.due(), body)?)
}

/// The request under another reference, signed again as if it were meant so.
fn altered(request: http::Request<Vec<u8>>) -> http::Request<Vec<u8>> {
    let credentials = people::shop_credentials();
    let (parts, body) = request.into_parts();
    let pairs = Pairs::decode(&String::from_utf8_lossy(&body)).unwrap_or_default();
    let mut altered: Pairs = without(&pairs, api::SIGNATURE)
        .iter()
        .map(|(name, value)| match name {
            "CallerReference" => (name.to_owned(), format!("{value}-again")),
            _ => (name.to_owned(), value.to_owned()),
        })
        .collect();
    let (method, text) = match altered.get(api::SIGNATURE_VERSION) {
        Some("1") => (SignatureMethod::HmacSha1, legacy::string_to_sign_version_1(&altered)),
        _ => {
            let url = parts.uri.to_string().parse().expect("a request goes to a URL");
            let text = string_to_sign(Method::Post, &url, &altered).expect("it was signed before");
            (SignatureMethod::HmacSha256, text)
        }
    };
    altered.push(api::SIGNATURE, hmac::sign(method, credentials.secret_key(), &text));
    http::Request::from_parts(parts, altered.encode().into_bytes())
}

fn without(pairs: &Pairs, left_out: &str) -> Pairs {
    pairs
        .iter()
        .filter(|(name, _)| *name != left_out)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// How a notice says that its transaction ended.
fn final_word(notice: &str) -> Option<&'static str> {
    match Pairs::decode(notice).ok()?.get(param::notice::TRANSACTION_STATUS)? {
        "SUCCESS" => Some("Success"),
        "FAILURE" => Some("Failure"),
        _ => None,
    }
}

/// The last notice's word in the place of the service's.
fn believed(request: &http::Request<Vec<u8>>, status: &str) -> http::Response<Vec<u8>> {
    let asked = Pairs::decode(&String::from_utf8_lossy(request.body())).unwrap_or_default();
    let transaction = asked.get(api::TRANSACTION_ID).unwrap_or_default();
    let answer = format!(
        "<GetTransactionStatusResponse xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\">\
         <GetTransactionStatusResult><TransactionId>{transaction}</TransactionId>\
         <TransactionStatus>{status}</TransactionStatus></GetTransactionStatusResult>\
         <ResponseMetadata><RequestId>r:0</RequestId></ResponseMetadata></GetTransactionStatusResponse>"
    );
    http::Response::new(answer.into_bytes())
}

const GENUINE: &str = "<VerifySignatureResponse xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\">\
<VerifySignatureResult><VerificationStatus>Success</VerificationStatus></VerifySignatureResult>\
<ResponseMetadata><RequestId>r:0</RequestId></ResponseMetadata></VerifySignatureResponse>";
