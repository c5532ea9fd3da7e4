//! What is frozen when an order begins.

use fps_core::{Amount, PipelineParameters, Timestamp};
use serde::{Deserialize, Serialize};

use super::terms::{PayTerms, References};

/// A product as the buyer saw it: frozen when the order began, and never read again from the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    parameters: PipelineParameters,
    terms: PayTerms,
    deferred: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    references: Option<References>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    return_query: Vec<(String, String)>,
    frozen_at: Timestamp,
}

impl Product {
    pub(crate) fn freeze(
        parameters: PipelineParameters,
        terms: PayTerms,
        deferred: bool,
        frozen_at: Timestamp,
    ) -> Self {
        Self { parameters, terms, deferred, references: None, return_query: Vec::new(), frozen_at }
    }

    pub(crate) fn with_references(self, references: Option<References>) -> Self {
        Self { references, ..self }
    }

    pub(crate) fn with_return_query(self, return_query: Vec<(String, String)>) -> Self {
        Self { return_query, ..self }
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

    /// The shop's own references, where it gave some.
    #[must_use]
    pub fn references(&self) -> Option<&References> {
        self.references.as_ref()
    }

    /// What the shop put into the return address, by name and value.
    #[must_use]
    pub fn return_query(&self) -> &[(String, String)] {
        &self.return_query
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
        *self == Self { frozen_at: self.frozen_at, ..other.clone() }
    }
}
