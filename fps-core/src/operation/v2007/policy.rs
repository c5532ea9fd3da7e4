//! What happens to a payment that is refused for now.

use std::borrow::Cow;

use crate::operation::{ParameterValue, Parameters};
use crate::param::api;

/// What the service does with a payment that is refused for now: `TemporaryDeclinePolicy`.
///
/// Source: schema of 2007-01-08, later revision. Which one the service takes without a policy is not documented for this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemporaryDeclinePolicy {
    /// `ExplicitRetry`: it becomes `TemporaryDecline` and waits for [`RetryTransaction`](super::RetryTransaction).
    ExplicitRetry,
    /// `ImplicitRetry`: the service tries again by itself.
    ImplicitRetry {
        /// `ImplicitRetryTimeoutInMins`: for how many minutes. Default: the service's own choice.
        timeout_in_mins: Option<u32>,
    },
    /// `Failure`: it fails.
    Failure,
}

impl ParameterValue for TemporaryDeclinePolicy {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        let (policy, timeout) = match self {
            Self::ExplicitRetry => ("ExplicitRetry", &None),
            Self::ImplicitRetry { timeout_in_mins } => ("ImplicitRetry", timeout_in_mins),
            Self::Failure => ("Failure", &None),
        };
        to.put(format!("{name}.{}", api::TEMPORARY_DECLINE_POLICY_TYPE), policy);
        to.put(format!("{name}.{}", api::IMPLICIT_RETRY_TIMEOUT_IN_MINS), timeout);
    }
}
