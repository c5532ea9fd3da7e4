//! What a payment carries beside its product, and under which references.

use fps_core::operation::{ChargeFeeTo, DescriptorPolicy, Percent};
use fps_core::{Amount, CallerReference, ReferenceError};
use serde::{Deserialize, Serialize};

use super::id::{ShopId, Subject};

/// What Pay and Reserve carry beside the product, frozen with the order.
///
/// A term that the order's version does not have is refused when the order begins, and so is one that cannot be sent.
///
/// | term | parameter | 2007-01-08 | since 2008-09-17 |
/// |---|---|---|---|
/// | `charge_fee_to` | `ChargeFeeTo` | yes | yes |
/// | `caller_description` | `CallerDescription` | yes | yes |
/// | `sender_description` | `SenderDescription` | yes | yes |
/// | `recipient_description` | `RecipientDescription` | yes | – |
/// | `sender_reference` | `SenderReference` | yes | – |
/// | `recipient_reference` | `RecipientReference` | yes | – |
/// | `meta_data` | `MetaData` | yes | – |
/// | `descriptor` | `DescriptorPolicy` | yes | yes |
/// | `timeout_in_mins` | `TransactionTimeoutInMins` | – | yes |
/// | `marketplace_fixed_fee` | `MarketplaceFixedFee` | yes | yes |
/// | `marketplace_variable_fee` | `MarketplaceVariableFee` | yes | yes |
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_fee_to: Option<ChargeFeeTo>,
    /// `CallerDescription`: a text for the caller's own books; 2007 takes 128 bytes, later versions 160 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller_description: Option<String>,
    /// `SenderDescription`: a text for the buyer, as long as the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_description: Option<String>,
    /// `RecipientDescription`: a text for the recipient, up to 128 bytes. 2007-01-08 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient_description: Option<String>,
    /// `SenderReference`: what the shop calls the buyer. 2007-01-08 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_reference: Option<String>,
    /// `RecipientReference`: what the shop calls the recipient. 2007-01-08 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient_reference: Option<String>,
    /// `MetaData`: details of the payment, such as an invoice's number, up to 2 KB; kept with the transaction. 2007-01-08 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_data: Option<String>,
    /// `DescriptorPolicy`: what the buyer's card statement shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descriptor: Option<DescriptorPolicy>,
    /// `TransactionTimeoutInMins`: when an unfinished transaction ends by itself. Not in 2007-01-08.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_in_mins: Option<u32>,
    /// `MarketplaceFixedFee`: what the caller takes of a payment to another recipient; dollars, whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketplace_fixed_fee: Option<Amount>,
    /// `MarketplaceVariableFee`: the same in percent of the amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketplace_variable_fee: Option<Percent>,
}

/// Setters: `with_x(value)` for a field `x`.
macro_rules! with {
    ($($(#[$doc:meta])* $with:ident($field:ident: $type:ty);)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $with(mut self, $field: impl Into<$type>) -> Self {
            self.$field = Some($field.into());
            self
        }
    )*};
}

impl PayTerms {
    /// Nothing beside the product.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    with! {
        /// Sets who pays the service's fee.
        with_charge_fee_to(charge_fee_to: ChargeFeeTo);
        /// Sets the text for the caller's own books.
        with_caller_description(caller_description: String);
        /// Sets the text for the buyer.
        with_sender_description(sender_description: String);
        /// Sets the text for the recipient.
        with_recipient_description(recipient_description: String);
        /// Sets what the shop calls the buyer.
        with_sender_reference(sender_reference: String);
        /// Sets what the shop calls the recipient.
        with_recipient_reference(recipient_reference: String);
        /// Sets the details that are kept with the transaction.
        with_meta_data(meta_data: String);
        /// Sets what the buyer's card statement shows.
        with_descriptor(descriptor: DescriptorPolicy);
        /// Sets when an unfinished transaction ends by itself.
        with_timeout_in_mins(timeout_in_mins: u32);
        /// Sets what the caller takes of a payment to another recipient.
        with_marketplace_fixed_fee(marketplace_fixed_fee: Amount);
        /// Sets the same in percent of the amount.
        with_marketplace_variable_fee(marketplace_variable_fee: Percent);
    }
}

/// The shop's own references for an order, instead of those that the framework makes.
///
/// They name the first attempt. A later attempt of the same order has them with `-a2`, `-a3` and so on behind them, because the
/// service takes a reference once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    approval: CallerReference,
    pay: CallerReference,
}

impl References {
    pub(crate) const fn new(approval: CallerReference, pay: CallerReference) -> Self {
        Self { approval, pay }
    }

    /// The buyer's approval, as the link carries it.
    #[must_use]
    pub const fn approval(&self) -> &CallerReference {
        &self.approval
    }

    /// The Pay or Reserve.
    #[must_use]
    pub const fn pay(&self) -> &CallerReference {
        &self.pay
    }
}

/// The reference of an attempt's approval: the shop's own, or `<shop>-<order>-a<attempt>`.
pub(crate) fn approval_reference(
    own: Option<&References>,
    shop: &ShopId,
    order: &Subject,
    attempt: u32,
) -> Result<CallerReference, ReferenceError> {
    match own {
        Some(own) => of_attempt(&own.approval, attempt),
        None => shop.approval(order, attempt),
    }
}

/// The reference of an attempt's Pay or Reserve: the shop's own, or the approval's with the operation's name.
pub(crate) fn charge_reference(
    own: Option<&References>,
    approval: &CallerReference,
    attempt: u32,
    operation: &str,
) -> Result<CallerReference, ReferenceError> {
    match own {
        Some(own) => of_attempt(&own.pay, attempt),
        None => CallerReference::new(format!("{approval}-{operation}")),
    }
}

fn of_attempt(own: &CallerReference, attempt: u32) -> Result<CallerReference, ReferenceError> {
    match attempt {
        1 => Ok(own.clone()),
        later => CallerReference::new(format!("{own}-a{later}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::id::OrderId;

    #[test]
    fn own_references_name_the_first_attempt_and_later_ones_after_it() {
        let reference = |text: &str| CallerReference::new(text).unwrap();
        let own =
            References::new(reference("DigitalDownload1177495829105"), reference("MP3DownloadId-AF12ES"));
        let (shop, order) = (ShopId::random(), Subject::Order(OrderId::new("1").unwrap()));
        for (attempt, approval, pay) in [
            (1, "DigitalDownload1177495829105", "MP3DownloadId-AF12ES"),
            (2, "DigitalDownload1177495829105-a2", "MP3DownloadId-AF12ES-a2"),
        ] {
            let made = approval_reference(Some(&own), &shop, &order, attempt).unwrap();
            assert_eq!(made.as_str(), approval);
            assert_eq!(charge_reference(Some(&own), &made, attempt, "pay").unwrap().as_str(), pay);
        }
        let made = shop.approval(&order, 1).unwrap();
        let pay = charge_reference(None, &made, 1, "pay").unwrap();
        assert_eq!(pay.as_str(), format!("{made}-pay"));
    }

    #[test]
    fn the_stored_form_reads_back_and_that_of_older_orders_too() {
        let terms = PayTerms::new()
            .with_charge_fee_to(ChargeFeeTo::Caller)
            .with_meta_data("Digital Content downloaded")
            .with_descriptor(DescriptorPolicy::new())
            .with_marketplace_fixed_fee(Amount::usd("0.05"))
            .with_marketplace_variable_fee("2.5".parse::<Percent>().unwrap());
        let json = serde_json::to_string(&terms).unwrap();
        assert_eq!(serde_json::from_str::<PayTerms>(&json).unwrap(), terms, "{json}");
        let older = r#"{"charge_fee_to":null,"caller_description":"x","sender_description":null,"timeout_in_mins":null}"#;
        assert_eq!(
            serde_json::from_str::<PayTerms>(older).unwrap(),
            PayTerms::new().with_caller_description("x")
        );
    }
}
