//! Safeties broken from outside, to see that the proof notices.

use std::ops::ControlFlow;

use fps_checkout::storage::{NewRecord, Storage, StoreError};
use fps_core::param::{self, api};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Pairs, http};
use fps_sandbox::people;

/// A broken safety.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tooth {
    /// The store acknowledges the commit before the send without writing it.
    ForgetsThePlan,
    /// The store takes an update over any version.
    IgnoresVersions,
    /// The store drops the outbox of what it writes.
    DropsTheOutbox,
    /// The transport alters the reference of a request that goes out again.
    AltersResends,
    /// The verifier takes anything for genuine.
    BelievesAnything,
    /// A genuine notice is believed, and the service not asked.
    BelievesNotices,
}

impl Tooth {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ForgetsThePlan,
        Self::IgnoresVersions,
        Self::DropsTheOutbox,
        Self::AltersResends,
        Self::BelievesAnything,
        Self::BelievesNotices,
    ];

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
                let body = String::from_utf8_lossy(record.body()).into_owned();
                let mut order: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
                if let Some(outbox) = order.get_mut("outbox") {
                    *outbox = serde_json::Value::Array(Vec::new());
                }
                let body = serde_json::to_vec(&order).unwrap_or_default();
                let record = NewRecord::new(record.key().clone(), record.state(), record.due(), body)?;
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

/// The request under another reference, signed again as if it were meant so.
fn altered(request: http::Request<Vec<u8>>) -> http::Request<Vec<u8>> {
    let credentials = people::shop_credentials();
    let (parts, body) = request.into_parts();
    let pairs = Pairs::decode(&String::from_utf8_lossy(&body)).unwrap_or_default();
    let mut altered: Pairs = pairs
        .iter()
        .filter(|(name, _)| *name != "Signature")
        .map(|(name, value)| match name {
            "CallerReference" => (name.to_owned(), format!("{value}-again")),
            _ => (name.to_owned(), value.to_owned()),
        })
        .collect();
    if let Ok(url) = parts.uri.to_string().parse()
        && let Ok(text) = string_to_sign(Method::Post, &url, &altered)
    {
        altered.push("Signature", hmac::sign(SignatureMethod::HmacSha256, credentials.secret_key(), &text));
    }
    http::Request::from_parts(parts, altered.encode().into_bytes())
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
