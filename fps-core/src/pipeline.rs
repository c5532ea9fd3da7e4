//! The buyer pages: links there, and what comes back.
//!
//! A link is a value of one pipeline's type ([`SingleUse`] and its siblings), signed by its `link` method. The buyer comes back
//! to the return URL with a query; [`ReturnQuery::from_raw`] looks at its shape,
//! [`Client::verify_return`](crate::client::Client::verify_return) has it verified, and only [`VerifiedReturn`] can be read.
//!
//! No money moves here: the token that a return carries is charged by [`Pay`](crate::operation::Pay) or
//! [`Reserve`](crate::operation::Reserve).
//!
//! Version 2007-01-08 has pages of its own: `link_in` beside `link` signs for them, and [`v2007::verify_return`] verifies.
//!
//! Source: FPS guides, "Co-Branded Service API"; version 2009-01-09.

mod answer;
mod edit_token;
mod limits;
mod link;
mod multi_use;
mod parameters;
mod postpaid;
mod prepaid;
mod recipient;
mod recurring;
mod returned;
mod single_use;
pub mod v2007;

pub use answer::{Expiry, PipelineStatus, Warning, WarningCode};
pub use edit_token::{EditToken, EditTokenAnswer};
pub use limits::{Period, UsageLimit, UsageValue};
pub use link::{CobrandingStyle, PipelineError, SignedLink};
pub use multi_use::{AmountType, MultiUse, MultiUseAnswer};
pub use postpaid::{SetupPostpaid, SetupPostpaidAnswer};
pub use prepaid::{SetupPrepaid, SetupPrepaidAnswer};
pub use recipient::{Recipient, RecipientAnswer};
pub use recurring::{Recurring, RecurringAnswer};
pub use returned::{ReturnQuery, VerifiedReturn, VerifyError};
pub use single_use::{SingleUse, SingleUseAnswer};

pub use crate::signature::received::{MAX_RECEIVED_BYTES, ReturnError};

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::signature::{Method, SignatureMethod, hmac, string_to_sign};
    use crate::{Credentials, Endpoint, Pairs};

    type Link<'a> = &'a dyn Fn(&Credentials, &Endpoint) -> Result<SignedLink, PipelineError>;

    /// The signed query without its signature, in the order of signing, after the signature was found right.
    pub(crate) fn query(
        link: impl Fn(&Credentials, &Endpoint) -> Result<SignedLink, PipelineError>,
    ) -> String {
        let link: Link<'_> = &link;
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
        let link = link(&credentials, &Endpoint::sandbox()).unwrap();
        assert_eq!(link.url().path(), "/cobranded-ui/actions/start");
        let pairs = Pairs::decode(link.url().query().unwrap()).unwrap();
        assert_eq!(pairs.repeated(), None);
        let text = string_to_sign(Method::Get, link.url(), &pairs).unwrap();
        let signature = pairs.get("signature").unwrap();
        assert!(hmac::verify(SignatureMethod::HmacSha256, credentials.secret_key(), &text, signature));
        assert!(!format!("{link:?}").contains(signature));
        text.rsplit_once('\n').unwrap().1.to_owned()
    }

    /// Why there is no link.
    pub(crate) fn refused(
        link: impl Fn(&Credentials, &Endpoint) -> Result<SignedLink, PipelineError>,
    ) -> String {
        link(&Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"), &Endpoint::sandbox())
            .unwrap_err()
            .to_string()
    }
}
