//! `EditToken`: the buyer changes how a token pays.

use url::Url;

use crate::checkout::PaymentMethods;
use crate::param::pipeline;
use crate::pipeline::link::{Common, common_methods};
use crate::pipeline::parameters::LinkParameters;
use crate::pipeline::{Expiry, PipelineError, PipelineStatus, VerifiedReturn};
use crate::{CallerReference, Pairs, TokenId};

/// Asks the buyer for another payment method of a multi-use or recurring token. A change makes a new token that replaces
/// the old one.
///
/// ```
/// use fps_core::pipeline::EditToken;
/// use fps_core::{CallerReference, Credentials, Endpoint, TokenId};
///
/// let reference = CallerReference::new("tab-7-edit-1")?;
/// let link = EditToken::new(reference, TokenId::new("553ILM…"), "https://shop.example/return".parse()?)
///     .link(&Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"), &Endpoint::sandbox())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `link` refuses a return URL that cannot be sent: see [`PipelineError`].
///
/// The return itself tells of `SE` (the service failed; offer another link), `A` (the buyer left), `CE` (the link was wrong), `IT` (the
/// token cannot be changed), `NA` (no such account), `UT` (another person's token) and `PE` (none of the payment methods fits): see
/// [`PipelineStatus`]. The token is as it was then.
///
/// Source: FPS Aggregated Payments guide, "Edit Token API".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditToken {
    common: Common,
    caller_reference: CallerReference,
    token_id: TokenId,
    payment_methods: Option<PaymentMethods>,
}

/// What comes back from [`EditToken`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EditTokenAnswer {
    /// `status`.
    pub status: PipelineStatus,
    /// `tokenID`: the token that is good now. Look at [`EditTokenAnswer::current`] rather.
    pub token: Option<TokenId>,
    /// `callerReference`: the link's. Failed returns often carry none.
    pub caller_reference: Option<CallerReference>,
    /// `expiry`: when the buyer's card expires.
    pub expiry: Option<Expiry>,
    /// `errorMessage`: in words, for a log; not stable.
    pub error_message: Option<String>,
    /// The shop's own parameters, from the return URL.
    pub own: Pairs,
}

impl EditToken {
    /// A link to change that token. The reference is of this change.
    #[must_use]
    pub const fn new(caller_reference: CallerReference, token_id: TokenId, return_url: Url) -> Self {
        Self { common: Common::new(return_url), caller_reference, token_id, payment_methods: None }
    }

    /// `paymentMethod`: what the buyer may choose from.
    #[must_use]
    pub fn with_payment_methods(mut self, methods: PaymentMethods) -> Self {
        self.payment_methods = Some(methods);
        self
    }

    common_methods!("EditToken");

    fn push_to<'a>(&'a self, pairs: &mut impl LinkParameters<'a>) -> Result<(), PipelineError> {
        pairs.push(pipeline::CALLER_REFERENCE, self.caller_reference.as_str());
        pairs.push_some(pipeline::PAYMENT_METHOD, self.payment_methods);
        self.common.push_to(pairs, Self::NAME);
        pairs.push(pipeline::EDIT_TOKEN_ID, self.token_id.as_str());
        Ok(())
    }
}

impl EditTokenAnswer {
    /// The token that is good now, if the walk was finished: the status is SU, SA, SB or SC and there is a token.
    #[must_use]
    pub fn current(&self) -> Option<&TokenId> {
        let finished = self.status == PipelineStatus::Unchanged || self.status.payment_method().is_some();
        self.token.as_ref().filter(|_| finished)
    }
}

impl From<&VerifiedReturn> for EditTokenAnswer {
    fn from(returned: &VerifiedReturn) -> Self {
        Self {
            status: returned.status(),
            token: returned.token(pipeline::TOKEN_ID),
            caller_reference: returned.caller_reference(),
            expiry: returned.expiry(),
            error_message: returned.error_message(),
            own: returned.own(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::PaymentMethod;
    use crate::pipeline::CobrandingStyle;
    use crate::pipeline::returned::tests::verified;
    use crate::pipeline::tests::{query, refused};

    fn link() -> EditToken {
        let reference = CallerReference::new("e7").unwrap();
        EditToken::new(reference, TokenId::new("S1"), "https://shop.example/return".parse().unwrap())
    }

    #[test]
    fn the_least_link_has_what_is_required() {
        assert_eq!(
            query(|credentials, endpoint| link().link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=e7&pipelineName=EditToken\
             &returnURL=https%3A%2F%2Fshop.example%2Freturn&signatureMethod=HmacSHA256&signatureVersion=2&tokenId=S1\
             &version=2009-01-09"
        );
    }

    #[test]
    fn the_fullest_link_has_every_parameter() {
        let link = link()
            .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Ach]))
            .with_cobranding_style(CobrandingStyle::Banner);
        assert_eq!(
            query(|credentials, endpoint| link.link(credentials, endpoint)),
            "callerKey=AKIAIOSFODNN7EXAMPLE&callerReference=e7&cobrandingStyle=banner&paymentMethod=ACH\
             &pipelineName=EditToken&returnURL=https%3A%2F%2Fshop.example%2Freturn&signatureMethod=HmacSHA256\
             &signatureVersion=2&tokenId=S1&version=2009-01-09"
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        let reference = CallerReference::new("e7").unwrap();
        let link =
            EditToken::new(reference, TokenId::new("S1"), "https://shop.example/?tokenID=x".parse().unwrap());
        assert_eq!(
            refused(|credentials, endpoint| link.link(credentials, endpoint)),
            "returnURL has a parameter `tokenID` of its own, which the service also adds; rename it"
        );
    }

    #[test]
    fn the_current_token_comes_with_any_finished_walk() {
        for (status, finished) in [
            ("SU", true),
            ("SA", true),
            ("SB", true),
            ("SC", true),
            ("SE", false),
            ("SR", false),
            ("IT", false),
            ("NA", false),
            ("UT", false),
            ("PE", false),
            ("A", false),
        ] {
            let answer = verified(&format!("status={status}&tokenID=S2")).edit_token();
            assert_eq!(answer.current().is_some(), finished, "{status}");
        }
    }
}
