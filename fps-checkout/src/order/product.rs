//! What is frozen when an order begins.

use fps_core::operation::ChargeFeeTo;
use fps_core::{Amount, PipelineParameters, Timestamp};
use serde::{Deserialize, Serialize};

/// What Pay carries beside the product, frozen with the order.
///
/// Every text is shown or kept by the service and is at most 160 characters where nothing else is said.
///
/// ```
/// use fps_checkout::{ChargeFeeTo, PayTerms};
///
/// let terms = PayTerms::new()
///     .with_charge_fee_to(ChargeFeeTo::Recipient)
///     .with_caller_description("DigitalDownload web site");
/// # let _ = terms;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PayTerms {
    /// `ChargeFeeTo`: who pays the service's fee. Default: the recipient.
    pub charge_fee_to: Option<ChargeFeeTo>,
    /// `CallerDescription`: a text for the caller's own books, at most 160 characters.
    pub caller_description: Option<String>,
    /// `SenderDescription`: a text for the buyer, at most 160 characters.
    pub sender_description: Option<String>,
    /// `TransactionTimeoutInMins`: when an unfinished transaction ends by itself.
    pub timeout_in_mins: Option<u32>,
}

impl PayTerms {
    /// Nothing beside the product.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets who pays the service's fee.
    #[must_use]
    pub fn with_charge_fee_to(mut self, payer: ChargeFeeTo) -> Self {
        self.charge_fee_to = Some(payer);
        self
    }

    /// Sets the text for the caller's own books.
    #[must_use]
    pub fn with_caller_description(mut self, text: impl Into<String>) -> Self {
        self.caller_description = Some(text.into());
        self
    }

    /// Sets the text for the buyer.
    #[must_use]
    pub fn with_sender_description(mut self, text: impl Into<String>) -> Self {
        self.sender_description = Some(text.into());
        self
    }

    /// Sets when an unfinished transaction ends by itself.
    #[must_use]
    pub fn with_timeout_in_mins(mut self, minutes: u32) -> Self {
        self.timeout_in_mins = Some(minutes);
        self
    }

    /// The first text that is longer than the service takes, with its length.
    pub(crate) fn too_long(&self) -> Option<(&'static str, usize)> {
        [("CallerDescription", &self.caller_description), ("SenderDescription", &self.sender_description)]
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.as_ref()?.chars().count())))
            .find(|(_, chars)| *chars > MAX_DESCRIPTION_CHARS)
    }
}

/// A product as the buyer saw it: frozen when the order began, and never read again from the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    parameters: PipelineParameters,
    terms: PayTerms,
    deferred: bool,
    frozen_at: Timestamp,
}

impl Product {
    pub(crate) fn freeze(
        parameters: PipelineParameters,
        terms: PayTerms,
        deferred: bool,
        frozen_at: Timestamp,
    ) -> Self {
        Self { parameters, terms, deferred, frozen_at }
    }

    /// The charges, the reason and how it may be paid.
    #[must_use]
    pub fn parameters(&self) -> &PipelineParameters {
        &self.parameters
    }

    /// What Pay carries beside the product.
    #[must_use]
    pub fn terms(&self) -> &PayTerms {
        &self.terms
    }

    /// Whether the shop charges later, by a call of its own.
    #[must_use]
    pub fn is_deferred(&self) -> bool {
        self.deferred
    }

    /// When it was frozen.
    #[must_use]
    pub fn frozen_at(&self) -> Timestamp {
        self.frozen_at
    }

    /// What the buyer pays in all.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.parameters.transaction_amount()
    }

    /// Whether another product says the same, whenever it was frozen.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        (&self.parameters, &self.terms, self.deferred) == (&other.parameters, &other.terms, other.deferred)
    }
}

const MAX_DESCRIPTION_CHARS: usize = 160;
