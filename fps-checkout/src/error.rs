//! What can go wrong in a shop.

use fps_core::operation::ParameterError;
use fps_core::pipeline::{PipelineError, VerifyError};
use fps_core::{AmountError, CheckoutError, ReferenceError, Version};

use crate::order::{EffectId, OrderId, RecordError, Refusal, State, Subject, TokenName, TokenRefusal};
use crate::storage::{BoxError, OpenError, StoreError};

/// What can go wrong in a shop.
///
/// | variant | the buyer's page should say |
/// |---|---|
/// | [`NotOurs`](Error::NotOurs) | that the address is not valid (400) |
/// | [`UnknownOrder`](Error::UnknownOrder), [`UnknownToken`](Error::UnknownToken) | that there is no such order (404) |
/// | [`Storage`](Error::Storage), [`Service`](Error::Service), [`Unverified`](Error::Unverified) | that the order is being checked (503); nothing is lost |
/// | others | what the error says: they are the shop's own |
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The product's values do not make a payment.
    #[error("the product cannot be paid for")]
    Product(#[from] CheckoutError),
    /// The product's values cannot be put into a link.
    #[error("the product cannot be put into a link")]
    Link(#[from] PipelineError),
    /// An amount cannot be sent.
    #[error("the amount cannot be sent")]
    Amount(#[from] AmountError),
    /// The order's name was used for another product. Give each order a name of its own.
    #[error("order {order} was begun with another product or other terms; give this one a name of its own")]
    OtherProduct {
        /// The order.
        order: OrderId,
    },
    /// The stored token's name was used with other terms. Give each token a name of its own.
    #[error("token {token} was begun with other terms; give this one a name of its own")]
    OtherTerms {
        /// The token.
        token: TokenName,
    },
    /// The stored token cannot pay: its limits, its time or its state forbid it. Nothing was sent.
    #[error("token {token} cannot pay this")]
    TokenRefused {
        /// The token.
        token: TokenName,
        /// Why.
        source: TokenRefusal,
    },
    /// The order or token does not allow it as it stands.
    #[error("{of} does not allow this")]
    Refused {
        /// The order or token.
        of: Subject,
        /// Why.
        source: Refusal,
    },
    /// The order or token is not waiting for its buyer, so that there is no link to give.
    #[error("{of} is {state}; there is nothing left to approve")]
    NothingToApprove {
        /// The order or token.
        of: Subject,
        /// Where it is.
        state: State,
    },
    /// The handler is not waiting for that news: it heard it, or was never to hear it.
    #[error("the handler `{handler}` of {of} is not waiting for {effect}")]
    NothingToTell {
        /// The order or token.
        of: Subject,
        /// The news.
        effect: EffectId,
        /// The handler.
        handler: String,
    },
    /// Something is still under way; the buyer's data is needed until it ends.
    #[error("{of} is not at rest; its buyer can be forgotten when it is")]
    NotAtRest {
        /// The order or token.
        of: Subject,
    },
    /// No order has that name.
    #[error("there is no order {order}")]
    UnknownOrder {
        /// The name.
        order: OrderId,
    },
    /// No stored token has that name.
    #[error("there is no token {token}")]
    UnknownToken {
        /// The name.
        token: TokenName,
    },
    /// A return or notice is not one of this shop's: changed, repeated, incomplete, of an old scheme, or of somebody else.
    /// Nothing was changed.
    #[error("this is not a return or notice of this shop: {why}")]
    NotOurs {
        /// Which rule it breaks.
        why: &'static str,
        /// The protocol's word on it.
        source: Option<Box<VerifyError>>,
    },
    /// The payment service could not be asked whether a notice is genuine. Nothing was changed; it comes again.
    #[error("the payment service could not be asked whether this is genuine")]
    Unverified(#[source] Box<VerifyError>),
    /// The payment service could not be asked. Nothing was changed; the worker asks again.
    #[error("the payment service could not be asked")]
    Service(#[from] Box<fps_core::Error>),
    /// The store failed. What was being done is done later by the worker, or can be asked for again.
    #[error("the store failed")]
    Storage(#[from] StoreError),
    /// An order cannot be written to, or read from, its record.
    #[error("the order's record is not usable")]
    Record(#[from] RecordError),
    /// So many others changed the order or token at the same time that this change found no place. Try again.
    #[error("{of} is being changed by too many at once; try again")]
    Busy {
        /// The order or token.
        of: Subject,
    },
    /// A reference cannot be made of these names.
    #[error("a caller reference cannot be made of this name")]
    Reference(#[from] ReferenceError),
    /// The terms cannot be sent: one is empty, too long, or no amount. Correct it.
    #[error("the terms of the payment cannot be sent")]
    Terms(#[from] ParameterError),
    /// The order's version has no such parameter. Leave it out, or begin new orders in a version that has it.
    #[error("{parameter} is not in version {version}; leave it out, or begin the order in another version")]
    NotInVersion {
        /// The parameter, by its name on the wire.
        parameter: &'static str,
        /// The order's version.
        version: Version,
    },
    /// Orders of version 2007-01-08 need the shop's own tokens. Call [`Shop::install_tokens`](crate::Shop::install_tokens) first.
    #[error(
        "version 2007-01-08 needs the shop's own tokens; call `Shop::install_tokens` before orders begin"
    )]
    TokensNotInstalled,
    /// A reservation of version 2007-01-08 cannot be cancelled. It lapses on its seventh day unless it is settled.
    #[error(
        "order {order} is reserved in version 2007-01-08, which cannot cancel; it lapses on its seventh day"
    )]
    LapsesOnly {
        /// The order.
        order: OrderId,
    },
    /// The shop's own reference names another order already. Give each order references of its own.
    #[error(
        "the reference given for order {order} is that of another order; give each order references of its own"
    )]
    ReferenceUsed {
        /// The order that cannot have it.
        order: OrderId,
    },
}

impl Error {
    /// Nothing is kept under that name.
    pub(crate) fn unknown(of: &Subject) -> Self {
        match of.clone() {
            Subject::Order(order) => Self::UnknownOrder { order },
            Subject::Token(token) => Self::UnknownToken { token },
        }
    }
}

/// Why a shop cannot open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenShopError {
    /// The builder was not told something.
    #[error("the shop was not given {what}; call `Shop::builder().{method}(..)`")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// The method that gives it.
        method: &'static str,
    },
    /// The public address cannot have routes below it, or would send buyers over plain http across a network.
    #[error("the public address {why}; expected the shop's own https address, or http on loopback")]
    PublicUrl {
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two handlers have one name.
    #[error("two handlers are called `{name}`; give each a name of its own")]
    HandlerNames {
        /// The name.
        name: String,
    },
    /// A handler plugin could not open its handler.
    #[error("the handler plugin `{plugin}` could not open")]
    Handler {
        /// The plugin.
        plugin: &'static str,
        /// Why.
        source: BoxError,
    },
    /// The storage URL could not be opened.
    #[error(transparent)]
    OpenStorage(OpenError),
    /// The store failed when the shop looked for its own name.
    #[error("the store failed")]
    Storage(#[from] StoreError),
    /// The store is the target of a migration that has not come to its end: orders are missing from it. Run the migration
    /// again until it ends, or open the store that it copies from.
    #[error(
        "the store is the target of a migration that has not ended; run it again to its end, and open the shop then"
    )]
    Migrating,
    /// The store holds something unusable under the shop's own name.
    #[error("the record `{key}` is not a shop's name; is this store used by something else?")]
    Damaged {
        /// The record's key.
        key: &'static str,
    },
    /// The client for the payment service could not be made.
    #[error("the client for the payment service could not be made")]
    Client(#[from] fps_core::client::BuildError),
}

/// A [`Result`](std::result::Result) with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
