//! The service's own words for what a thing is and how it stands.

use std::fmt;

use fps_core::checkout::PaymentMethod;
use serde::{Deserialize, Serialize};

/// An enumeration whose values are words on the wire.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// Reads the word, spelled exactly.
            #[must_use]
            pub fn from_wire(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a transaction does: `FPSOperation`.
    Operation {
        /// A payment at once.
        Pay = "Pay",
        /// Money given back.
        Refund = "Refund",
        /// A reservation that was settled.
        Settle = "Settle",
        /// A postpaid debt paid off.
        SettleDebt = "SettleDebt",
        /// A postpaid debt given up.
        WriteOffDebt = "WriteOffDebt",
        /// A prepaid balance bought.
        FundPrepaid = "FundPrepaid",
        /// A card's money held for seven days.
        Reserve = "Reserve",
    }
}

impl Operation {
    /// Whether it takes money from a buyer (and is not its being given back).
    #[must_use]
    pub const fn is_charge(self) -> bool {
        !matches!(self, Self::Refund | Self::WriteOffDebt)
    }

    /// The spelling of notices: `FUND_PREPAID`.
    #[must_use]
    pub const fn notice_word(self) -> &'static str {
        match self {
            Self::Pay => "PAY",
            Self::Refund => "REFUND",
            Self::Settle => "SETTLE",
            Self::SettleDebt => "SETTLE_DEBT",
            Self::WriteOffDebt => "WRITE_OFF_DEBT",
            Self::FundPrepaid => "FUND_PREPAID",
            Self::Reserve => "RESERVE",
        }
    }
}

words! {
    /// How a transaction stands: `TransactionStatus`.
    Status {
        /// The money is held and waits for Settle.
        Reserved = "Reserved",
        /// The money moved.
        Success = "Success",
        /// Nothing moved, and nothing will.
        Failure = "Failure",
        /// Not known yet.
        Pending = "Pending",
        /// Given up before the money moved.
        Cancelled = "Cancelled",
    }
}

impl Status {
    /// The spelling of notices: `SUCCESS`.
    #[must_use]
    pub const fn notice_word(self) -> &'static str {
        match self {
            Self::Reserved => "RESERVED",
            Self::Success => "SUCCESS",
            Self::Failure => "FAILURE",
            Self::Pending => "PENDING",
            Self::Cancelled => "CANCELLED",
        }
    }
}

words! {
    /// Why a transaction stands as it does: `StatusCode`.
    StatusCode {
        /// The caller cancelled it.
        Cancelled = "Canceled",
        /// The reservation or the timeout ran out.
        Expired = "Expired",
        /// The card network or the bank has not answered.
        PendingNetworkResponse = "PendingNetworkResponse",
        /// Somebody looks at it.
        PendingVerification = "PendingVerification",
        /// Sent again after a temporary decline. Of the first generation only.
        Reinitiated = "Reinitiated",
        /// Done.
        Success = "Success",
        /// The card network, the bank or the service said: not now. Of the first generation only.
        TemporaryDecline = "TemporaryDecline",
        /// The card network or the bank said no.
        TransactionDenied = "TransactionDenied",
    }
}

impl StatusCode {
    /// The sentence that goes with it: `StatusMessage`.
    #[must_use]
    pub const fn message(self, status: Status) -> &'static str {
        match (self, status) {
            (Self::Success, Status::Reserved) => "The requested amount was reserved successfully.",
            (Self::Success, _) => "The transaction was successful and the payment instrument was charged.",
            (Self::PendingNetworkResponse, _) => {
                "The transaction is awaiting a response from the backend payment processor."
            }
            (Self::PendingVerification, _) => "The transaction has been flagged for manual investigation.",
            (Self::TemporaryDecline, _) => "The transaction was declined temporarily and can be retried.",
            (Self::Reinitiated, _) => "The transaction was retried and is awaiting a response.",
            (Self::Cancelled, _) => "The transaction was explicitly cancelled by the caller.",
            (Self::Expired, _) => "The transaction did not complete within the specified timeout.",
            (Self::TransactionDenied, _) => "The transaction was denied by the payment processor.",
        }
    }
}

words! {
    /// With what is paid: `PaymentMethod` in answers.
    PayMethod {
        /// The Amazon Payments balance.
        Abt = "ABT",
        /// A bank account.
        Ach = "ACH",
        /// A credit card.
        Cc = "CC",
        /// A prepaid balance.
        Prepaid = "Prepaid",
        /// A postpaid debt.
        Debt = "Debt",
    }
}

impl From<PaymentMethod> for PayMethod {
    fn from(method: PaymentMethod) -> Self {
        match method {
            PaymentMethod::Abt => Self::Abt,
            PaymentMethod::Ach => Self::Ach,
            PaymentMethod::Cc => Self::Cc,
        }
    }
}

words! {
    /// The part that somebody plays in a transaction: `Role`.
    Role {
        /// Whose money it was.
        Sender = "Sender",
        /// Whose program asked for it.
        Caller = "Caller",
        /// Whose money it is now.
        Recipient = "Recipient",
    }
}

words! {
    /// How often a token may be used: `TokenType`.
    TokenType {
        /// Once, within three hours.
        SingleUse = "SingleUse",
        /// Within limits.
        MultiUse = "MultiUse",
        /// The same amount once in each period.
        Recurring = "Recurring",
        /// Without limits: the tokens of accounts themselves.
        Unrestricted = "Unrestricted",
    }
}

words! {
    /// How a subscription stands: `SubscriptionStatus`.
    SubscriptionStatus {
        /// More will be paid.
        Active = "Active",
        /// It was ended before its time.
        Cancelled = "Cancelled",
        /// All was paid.
        Completed = "Completed",
    }
}

words! {
    /// Who gives back what in a refund of a marketplace payment: `MarketplaceRefundPolicy`.
    RefundPolicy {
        /// The recipient gives back the amount, the caller keeps its fee.
        MasterTxnOnly = "MasterTxnOnly",
        /// Only the caller's fee goes back, to the recipient.
        MarketplaceTxnOnly = "MarketplaceTxnOnly",
        /// The recipient gives back the amount, the caller its fee.
        MasterAndMarketplaceTxn = "MasterAndMarketplaceTxn",
    }
}

words! {
    /// How `transactionAmount` limits each payment of a multi-use token: `amountType`.
    AmountType {
        /// Just that.
        Exact = "Exact",
        /// That or less.
        Maximum = "Maximum",
        /// That or more.
        Minimum = "Minimum",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for operation in Operation::ALL {
            assert_eq!(Operation::from_wire(operation.as_str()), Some(*operation));
            assert_eq!(operation.notice_word().replace('_', ""), operation.as_str().to_uppercase());
        }
        assert_eq!(Status::from_wire("success"), None, "words are case sensitive");
    }
}
