//! Safeties broken from outside, to see that the proof notices.

use std::ops::ControlFlow;

use fps_checkout::storage::{NewRecord, Storage, StoreError};
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
}

impl Tooth {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ForgetsThePlan,
        Self::IgnoresVersions,
        Self::DropsTheOutbox,
        Self::AltersResends,
        Self::BelievesAnything,
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
        request: http::Request<Vec<u8>>,
    ) -> ControlFlow<http::Response<Vec<u8>>, http::Request<Vec<u8>>> {
        match (self, action) {
            (Self::BelievesAnything, "VerifySignature") => {
                ControlFlow::Break(http::Response::new(GENUINE.as_bytes().to_vec()))
            }
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

const GENUINE: &str = "<VerifySignatureResponse xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\">\
<VerifySignatureResult><VerificationStatus>Success</VerificationStatus></VerifySignatureResult>\
<ResponseMetadata><RequestId>r:0</RequestId></ResponseMetadata></VerifySignatureResponse>";
