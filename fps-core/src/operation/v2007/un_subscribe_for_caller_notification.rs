//! `UnSubscribeForCallerNotification`.

use crate::Generation;
use crate::operation::v2007::{FIRST, NotificationOperation};
use crate::operation::{Operation, Parameters};
use crate::param::api;
use crate::response::{AnswerError, Element};

/// Ends a subscription to notifications. Transactions made from then on appear in [`GetResults`](super::GetResults) again.
///
/// ```
/// use fps_core::operation::v2007::{NotificationOperation, UnSubscribeForCallerNotification};
///
/// let unsubscribe = UnSubscribeForCallerNotification::new(NotificationOperation::PostTransactionResult);
/// ```
///
/// # Errors
///
/// `InvalidEvent`: the caller was not subscribed to it.
///
/// Source: schema of 2007-01-08.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnSubscribeForCallerNotification {
    notification_operation_name: NotificationOperation,
}

impl UnSubscribeForCallerNotification {
    /// Has that operation called no more.
    #[must_use]
    pub const fn new(notification_operation_name: NotificationOperation) -> Self {
        Self { notification_operation_name }
    }
}

impl Operation for UnSubscribeForCallerNotification {
    const ACTION: &'static str = "UnSubscribeForCallerNotification";
    const GENERATIONS: &'static [Generation] = FIRST;
    type Response = ();

    fn write(&self, to: &mut Parameters) {
        to.put(api::NOTIFICATION_OPERATION_NAME, &self.notification_operation_name);
    }

    fn read(_: Element<'_>) -> Result<(), AnswerError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::v2007::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_has_the_event() {
        let unsubscribe = UnSubscribeForCallerNotification::new(NotificationOperation::PostTransactionResult);
        assert_eq!(written(&unsubscribe), "NotificationOperationName=postTransactionResult");
    }

    #[test]
    fn the_answer_has_nothing_but_a_request_id() {
        answered::<UnSubscribeForCallerNotification>("");
    }

    #[test]
    fn faults_have_their_verdict() {
        let fault = fault::<UnSubscribeForCallerNotification>("InvalidEvent", false);
        assert_eq!(fault.verdict(), Verdict::Final);
    }
}
