//! What a transaction notes down for its three parties.

use crate::Timestamp;
use crate::operation::Parameters;
use crate::operation::v2007::{DESCRIPTION_MAX_BYTES, META_DATA_MAX_BYTES};
use crate::param::api;

/// The date, references, descriptions and free text of Pay, Reserve, FundPrepaid, SettleDebt and WriteOffDebt. Each of these has
/// them in another order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) transaction_date: Option<Timestamp>,
    pub(super) sender_reference: Option<String>,
    pub(super) recipient_reference: Option<String>,
    pub(super) caller_description: Option<String>,
    pub(super) sender_description: Option<String>,
    pub(super) recipient_description: Option<String>,
    pub(super) meta_data: Option<String>,
}

impl Details {
    pub(super) const NONE: Self = Self {
        transaction_date: None,
        sender_reference: None,
        recipient_reference: None,
        caller_description: None,
        sender_description: None,
        recipient_description: None,
        meta_data: None,
    };

    pub(super) fn put_caller_description(&self, to: &mut Parameters) {
        put_description(to, api::CALLER_DESCRIPTION, self.caller_description.as_deref());
    }

    pub(super) fn put_sender_description(&self, to: &mut Parameters) {
        put_description(to, api::SENDER_DESCRIPTION, self.sender_description.as_deref());
    }

    pub(super) fn put_recipient_description(&self, to: &mut Parameters) {
        put_description(to, api::RECIPIENT_DESCRIPTION, self.recipient_description.as_deref());
    }

    pub(super) fn put_meta_data(&self, to: &mut Parameters) {
        put_meta_data(to, self.meta_data.as_deref());
    }
}

pub(super) fn put_description(to: &mut Parameters, name: &'static str, text: Option<&str>) {
    to.put_bytes(name, text, DESCRIPTION_MAX_BYTES);
}

pub(super) fn put_meta_data(to: &mut Parameters, text: Option<&str>) {
    to.put_bytes(api::META_DATA, text, META_DATA_MAX_BYTES);
}

/// The setters of [`Details`].
macro_rules! detail_methods {
    () => {
        $crate::operation::v2007::details::detail_methods! {
            /// `TransactionDate`: the caller's own date of it. When the request is sent again, it must be the same.
            with_transaction_date(transaction_date: $crate::Timestamp);
            /// `SenderReference`: the sender's name or number with the caller.
            with_sender_reference(sender_reference: String);
            /// `RecipientReference`: the recipient's name or number with the caller.
            with_recipient_reference(recipient_reference: String);
            /// `CallerDescription`: for the caller's own eyes, up to 128 bytes.
            with_caller_description(caller_description: String);
            /// `SenderDescription`: for the sender's eyes, up to 128 bytes.
            with_sender_description(sender_description: String);
            /// `RecipientDescription`: for the recipient's eyes, up to 128 bytes.
            with_recipient_description(recipient_description: String);
            /// `MetaData`: free text, such as an order number, up to 2,048 bytes.
            with_meta_data(meta_data: String);
        }
    };
    ($($(#[$doc:meta])* $with:ident($field:ident: $type:ty);)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $with(mut self, $field: impl Into<$type>) -> Self {
            self.details.$field = Some($field.into());
            self
        }
    )*};
}

pub(super) use detail_methods;
