//! What the sender's statement shows.

use std::borrow::Cow;

use crate::Generation;
use crate::operation::{CsOwner, ParameterValue, Parameters, SoftDescriptorType};
use crate::param::api;

/// What stands on the sender's statement: `DescriptorPolicy.SoftDescriptorType`, `DescriptorPolicy.CSOwner` (in 2007-01-08
/// `DescriptorPolicy.CSNumberOf`).
///
/// With [`SoftDescriptorType::Dynamic`] it is the first 15 characters of the sender's description; pages of 2008 ask for a
/// caller's description then, so give both.
///
/// Source: FPS data types, `DescriptorPolicy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DescriptorPolicy {
    /// `SoftDescriptorType`. Default of the service: static.
    pub soft_descriptor_type: Option<SoftDescriptorType>,
    /// `CSOwner`. Default of the service: the recipient.
    pub cs_owner: Option<CsOwner>,
}

impl DescriptorPolicy {
    /// A policy that leaves everything to the service.
    #[must_use]
    pub const fn new() -> Self {
        Self { soft_descriptor_type: None, cs_owner: None }
    }

    crate::operation::with! {
        /// `SoftDescriptorType`: where the text comes from.
        with_soft_descriptor_type(soft_descriptor_type: SoftDescriptorType);
        /// `CSOwner`: whose telephone number stands there.
        with_cs_owner(cs_owner: CsOwner);
    }
}

impl ParameterValue for DescriptorPolicy {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        to.put(format!("{name}.{}", api::SOFT_DESCRIPTOR_TYPE), &self.soft_descriptor_type);
        let owner = match to.version().generation() {
            Generation::First => api::CS_NUMBER_OF,
            Generation::Second => api::CS_OWNER,
        };
        to.put(format!("{name}.{owner}"), &self.cs_owner);
    }
}
