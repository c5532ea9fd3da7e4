//! `SubscribeForCallerNotification`.

use url::Url;

use crate::Generation;
use crate::operation::v2007::{FIRST, NotificationOperation};
use crate::operation::{Operation, ParameterError, Parameters};
use crate::param::api;
use crate::response::{AnswerError, Element};

/// Has the service call a SOAP service of the caller's when something happens.
///
/// Transactions made from then on do not appear in [`GetResults`](super::GetResults): it is one or the other. The form of the
/// messages is not documented, so this crate does not read them.
///
/// ```
/// use fps_core::operation::v2007::{NotificationOperation, SubscribeForCallerNotification};
///
/// let subscribe = SubscribeForCallerNotification::new(
///     NotificationOperation::PostTransactionResult,
///     "https://shop.example/fps".parse()?,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `InvalidParams`.
///
/// Source: schema of 2007-01-08; FPS developer guide of 2007, "Using Web Service Notifications".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribeForCallerNotification {
    notification_operation_name: NotificationOperation,
    web_service_api_url: Url,
}

impl SubscribeForCallerNotification {
    /// Has that operation called at the address, which is https.
    #[must_use]
    pub const fn new(notification_operation_name: NotificationOperation, web_service_api_url: Url) -> Self {
        Self { notification_operation_name, web_service_api_url }
    }
}

impl Operation for SubscribeForCallerNotification {
    const ACTION: &'static str = "SubscribeForCallerNotification";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = ();

    fn write(&self, to: &mut Parameters) {
        if self.web_service_api_url.scheme() != "https" {
            to.refuse(ParameterError::Https { parameter: api::WEB_SERVICE_API_URL });
        }
        to.put(api::NOTIFICATION_OPERATION_NAME, &self.notification_operation_name);
        to.put(api::WEB_SERVICE_API_URL, self.web_service_api_url.as_str());
    }

    fn read(_: Element<'_>) -> Result<(), AnswerError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::tests::{answered, fault, refused, written};
    use crate::response::Verdict;

    fn subscribe(url: &str) -> SubscribeForCallerNotification {
        SubscribeForCallerNotification::new(
            NotificationOperation::PostTokenCancellation,
            url.parse().unwrap(),
        )
    }

    #[test]
    fn the_request_has_the_event_and_the_address() {
        assert_eq!(
            written(&subscribe("https://shop.example/fps")),
            "NotificationOperationName=postTokenCancellation&WebServiceAPIURL=https%3A%2F%2Fshop.example%2Ffps"
        );
        assert_eq!(refused(&subscribe("http://shop.example/")), "WebServiceAPIURL is not an https URL");
    }

    #[test]
    fn the_answer_has_nothing_but_a_request_id() {
        answered::<SubscribeForCallerNotification>("");
    }

    #[test]
    fn faults_have_their_verdict() {
        let fault = fault::<SubscribeForCallerNotification>("InvalidParams", false);
        assert_eq!(fault.verdict(), Verdict::Final);
    }
}
