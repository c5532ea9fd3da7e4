//! What is frozen when an order begins.

use std::ops::Not;

use fps_core::{Amount, CheckoutError, PipelineParameters, Timestamp};
use serde::{Deserialize, Serialize};

use super::id::TokenName;
use super::terms::{PayTerms, References};
use super::token::TokenTerms;

/// A product as the buyer saw it: frozen when the order began, and never read again from the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    parameters: PipelineParameters,
    #[serde(default, skip_serializing_if = "PayTerms::is_empty")]
    terms: PayTerms,
    #[serde(default, skip_serializing_if = "Not::not")]
    deferred: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    references: Option<References>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    return_query: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<TokenName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_terms: Option<TokenTerms>,
    frozen_at: Timestamp,
}

impl Product {
    pub(crate) fn freeze(
        parameters: PipelineParameters,
        terms: PayTerms,
        deferred: bool,
        frozen_at: Timestamp,
    ) -> Self {
        Self {
            parameters,
            terms,
            deferred,
            references: None,
            return_query: Vec::new(),
            token: None,
            token_terms: None,
            frozen_at,
        }
    }

    /// The terms of a stored token: the approval rests, as that of a deferred order does.
    pub(crate) fn freeze_terms(terms: TokenTerms, frozen_at: Timestamp) -> Result<Self, CheckoutError> {
        let product = Self::freeze(terms.parameters()?, PayTerms::default(), true, frozen_at);
        Ok(Self { token_terms: Some(terms), ..product })
    }

    /// Paid by a stored token rather than at the pages.
    pub(crate) fn with_token(self, token: TokenName) -> Self {
        Self { token: Some(token), ..self }
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

    /// The stored token that pays it, where the buyer is not sent to the pages.
    #[must_use]
    pub fn token(&self) -> Option<&TokenName> {
        self.token.as_ref()
    }

    /// The terms, if this is a stored token's.
    pub(crate) fn token_terms(&self) -> Option<&TokenTerms> {
        self.token_terms.as_ref()
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
