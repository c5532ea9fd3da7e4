//! `VerifySignature`.

use url::Url;

use crate::operation::{Operation, Parameters, Repeat, VerificationStatus};
use crate::param::api;
use crate::response::{AnswerError, Element};

/// Asks the service whether a return or a notice is its own.
///
/// Rather use [`Client::verify_return`](crate::client::Client::verify_return), which looks at everything that must be
/// looked at before and gives a type that cannot be had otherwise. `Debug` shows the address, never the parameters.
///
/// ```
/// use fps_core::operation::VerifySignature;
///
/// let ask = VerifySignature::new(&"https://shop.example/return?a=b".parse()?, "a=b&status=SA&signature=…");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `InvalidParams` when the parameters have no `certificateUrl`, or the address is not one that the service takes.
///
/// Source: FPS API reference, `VerifySignature`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifySignature {
    url_end_point: Url,
    http_parameters: String,
}

/// What [`VerifySignature`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifySignatureResponse {
    /// `VerificationStatus`. Only `Success` counts.
    pub verification_status: Option<VerificationStatus>,
}

impl VerifySignature {
    /// Asks about parameters that arrived at an address.
    ///
    /// `url_end_point` is the address as the caller gave it to the service; its query and fragment are left out.
    /// `http_parameters` is the query or body byte for byte as it was received.
    #[must_use]
    pub fn new(url_end_point: &Url, http_parameters: impl Into<String>) -> Self {
        let mut url_end_point = url_end_point.clone();
        url_end_point.set_query(None);
        url_end_point.set_fragment(None);
        Self { url_end_point, http_parameters: http_parameters.into() }
    }
}

impl Operation for VerifySignature {
    const ACTION: &'static str = "VerifySignature";
    type Response = VerifySignatureResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put(api::URL_END_POINT, self.url_end_point.as_str());
        to.put(api::HTTP_PARAMETERS, &self.http_parameters);
    }

    fn read(result: Element<'_>) -> Result<VerifySignatureResponse, AnswerError> {
        Ok(VerifySignatureResponse { verification_status: result.optional("VerificationStatus")? })
    }
}

impl std::fmt::Debug for VerifySignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifySignature")
            .field("url_end_point", &self.url_end_point.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn what_was_received_is_encoded_once_more_and_otherwise_untouched() {
        let url = "http://vamsik.desktop.amazon.com:8080/ipn.jsp?x=y#z".parse().unwrap();
        let ask = VerifySignature::new(&url, "expiry=08%2F2015&signature=yn%0AQ%3D&a=b+c");
        assert_eq!(
            written(&ask),
            "UrlEndPoint=http%3A%2F%2Fvamsik.desktop.amazon.com%3A8080%2Fipn.jsp\
             &HttpParameters=expiry%3D08%252F2015%26signature%3Dyn%250AQ%253D%26a%3Db%2Bc"
        );
        assert!(!format!("{ask:?}").contains("signature="));
    }

    #[test]
    fn only_the_status_counts() {
        let status = |text: &str| {
            let result = format!(
                "<VerifySignatureResult><VerificationStatus>{text}</VerificationStatus></VerifySignatureResult>"
            );
            answered::<VerifySignature>(&result).verification_status
        };
        assert_eq!(status("Success"), Some(VerificationStatus::Success));
        assert_eq!(status("Failure"), Some(VerificationStatus::Failure));
        assert_eq!(status("success"), Some(VerificationStatus::Other("success".to_owned())));
        assert_eq!(answered::<VerifySignature>("<VerifySignatureResult/>").verification_status, None);
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<VerifySignature>("InvalidParams").verdict(), Verdict::Final);
    }
}
