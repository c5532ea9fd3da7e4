//! The enumerations of the API. Each keeps a value that it does not know instead of failing.

use std::borrow::Cow;

use crate::operation::{ParameterValue, Parameters};
use crate::response::{AnswerError, Element, FromElement};
use crate::wire::wire_enums;

/// Enumerations that requests carry and answers have.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident { $($(#[$note:meta])* $name:ident = $wire:literal,)* })*) => {$(
        wire_enums! { $(#[$doc])* $kind { $($(#[$note])* $name = $wire,)* } }

        impl ParameterValue for $kind {
            fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
                self.as_str().put(name, to);
            }
        }

        impl FromElement for $kind {
            fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
                Ok(Self::from_wire(element.text()))
            }
        }
    )*};
}

pub(crate) use kinds;

kinds! {
    /// Where a transaction stands: `TransactionStatus`.
    ///
    /// ```text
    /// Pay, Refund: Pending → Success | Failure | Cancelled        Reserve: Pending → Reserved | Failure
    /// Reserved → Settle: Pending → Success | Failure              Reserved → Cancel or day 7: Cancelled
    /// ```
    TransactionStatus {
        /// The amount is held on the card, to be settled within seven days.
        Reserved = "Reserved",
        /// The money moved.
        Success = "Success",
        /// It ended without money.
        Failure = "Failure",
        /// It is under way: cards for a moment, bank accounts for days.
        Pending = "Pending",
        /// The caller, or the service after its time, cancelled it.
        Cancelled = "Cancelled",
    }

    /// Who pays the service's fee: `ChargeFeeTo`. Default of the service: the recipient.
    ChargeFeeTo {
        Caller = "Caller",
        Recipient = "Recipient",
    }

    /// Whose descriptor policy: `SoftDescriptorType`. Default of the service: static.
    SoftDescriptorType {
        /// The statement shows the beginning of the description.
        Dynamic = "Dynamic",
        /// The statement shows what the account's settings say.
        Static = "Static",
    }

    /// Whose telephone number stands on the statement: `CSOwner`. Default of the service: the recipient's.
    CsOwner {
        Caller = "Caller",
        Recipient = "Recipient",
    }

    /// What a transaction does: `FPSOperation`.
    TransactionKind {
        Pay = "Pay",
        Refund = "Refund",
        Settle = "Settle",
        SettleDebt = "SettleDebt",
        WriteOffDebt = "WriteOffDebt",
        FundPrepaid = "FundPrepaid",
        Reserve = "Reserve",
    }

    /// What a transaction was paid with: `PaymentMethod`.
    PaymentSource {
        /// The Amazon Payments balance.
        Abt = "ABT",
        /// A bank account.
        Ach = "ACH",
        /// A credit card.
        Cc = "CC",
        /// A postpaid instrument.
        Debt = "Debt",
        /// A prepaid instrument.
        Prepaid = "Prepaid",
    }

    /// A part in a transaction: `TransactionalRole`.
    Role {
        Sender = "Sender",
        Caller = "Caller",
        Recipient = "Recipient",
    }

    /// How another transaction is related: `RelationType`.
    RelationType {
        Refund = "Refund",
        Parent = "Parent",
        MarketplaceFee = "MarketplaceFee",
        RefundReversal = "RefundReversal",
        Reserve = "Reserve",
        Settle = "Settle",
    }

    /// Which fees a marketplace gives back with a refund: `MarketplaceRefundPolicy`.
    MarketplaceRefundPolicy {
        /// The caller keeps its fee; the recipient refunds its own amount and the caller's fee. Default of the service.
        MasterTxnOnly = "MasterTxnOnly",
        /// Only the caller's fee goes back, to the recipient.
        MarketplaceTxnOnly = "MarketplaceTxnOnly",
        /// Caller and service give their fees back, and the recipient its amount.
        MasterAndMarketplaceTxn = "MasterAndMarketplaceTxn",
    }

    /// Whether a token can be used: `TokenStatus`.
    TokenStatus {
        Active = "Active",
        /// Cancelled, expired or, for a single-use token, used.
        Inactive = "Inactive",
    }

    /// How often a token can be used: `TokenType`.
    TokenType {
        SingleUse = "SingleUse",
        MultiUse = "MultiUse",
        Recurring = "Recurring",
        Unrestricted = "Unrestricted",
    }

    /// The order of a list: `SortOrder`.
    SortOrder {
        Ascending = "Ascending",
        Descending = "Descending",
    }

    /// Whether a recipient's account is verified: `RecipientVerificationStatus`.
    RecipientVerificationStatus {
        /// It may receive up to a monthly limit.
        VerificationComplete = "VerificationComplete",
        /// It is not verified yet.
        VerificationPending = "VerificationPending",
        /// It may receive without limit.
        VerificationCompleteNoLimits = "VerificationCompleteNoLimits",
    }

    /// Whether a signature is genuine: `VerificationStatus`. Only [`Success`](VerificationStatus::Success) counts.
    VerificationStatus {
        Success = "Success",
        Failure = "Failure",
    }

    /// Where a subscription stands: `SubscriptionStatus`.
    SubscriptionStatus {
        Active = "Active",
        Cancelled = "Cancelled",
        Completed = "Completed",
    }

    /// The unit of a duration: `TimeUnit`.
    TimeUnit {
        Day = "day",
        Month = "month",
        Week = "week",
        Year = "year",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_are_kept() {
        for text in ["Success", "Brand new"] {
            let status = TransactionStatus::from_wire(text);
            assert_eq!(status.as_str(), text);
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(serde_json::from_str::<TransactionStatus>(&json).unwrap(), status);
        }
        assert_eq!(TransactionStatus::from_wire("success"), TransactionStatus::Other("success".to_owned()));
    }
}
