//! The codes of faults.
//!
//! The verdicts follow two rules. *Nobody loses money by a wrong verdict*: where a code can mean that an earlier send
//! of ours was carried out, it is not [`Final`](Verdict::Final). *Nobody is told "declined" but by the service*: what the
//! front end refuses before the payment system has seen it is [`NotDone`](Verdict::NotDone).

use std::fmt;

use crate::response::Verdict;

macro_rules! codes {
    ($($name:ident = $wire:literal, $verdict:ident, $meaning:literal, $remedy:literal;)*) => {
        /// The code of a fault: the 58 that the API reference of 2010 lists, the 19 more
        /// of 2007, those seen beside them, and whatever comes new.
        ///
        /// ```
        /// use fps_core::response::{FaultCode, Verdict};
        ///
        /// let code = FaultCode::from_wire("InsufficientBalance");
        /// assert_eq!(code.verdict(), Verdict::Final);
        /// println!("{code}: {}; {}", code.meaning(), code.remedy());
        /// ```
        ///
        /// Source: FPS API reference, "Error Codes".
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FaultCode {
            $(
                #[doc = concat!("`", $wire, "`: ", $meaning, ". Verdict: [`", stringify!($verdict), "`](Verdict::", stringify!($verdict), "). ")]
                #[doc = concat!("Remedy: ", $remedy, ".")]
                $name,
            )*
            /// A code that is in no list. Verdict: [`Unknown`](Verdict::Unknown).
            Other(String),
        }

        impl FaultCode {
            /// Every code that is known.
            pub const KNOWN: &[Self] = &[$(Self::$name),*];

            /// Reads a code from the wire, spelled exactly; an unknown one is kept.
            #[must_use]
            pub fn from_wire(text: &str) -> Self {
                match text {
                    $($wire => Self::$name,)*
                    other => Self::Other(other.to_owned()),
                }
            }

            /// As it goes over the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $wire,)*
                    Self::Other(text) => text,
                }
            }

            /// What happened, in a few words.
            #[must_use]
            pub const fn meaning(&self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                    Self::Other(_) => "the service refused the request by a code that this version does not know",
                }
            }

            /// What it says about the money, if it is the answer to a first send.
            #[must_use]
            pub const fn verdict(&self) -> Verdict {
                match self {
                    $(Self::$name => Verdict::$verdict,)*
                    Self::Other(_) => Verdict::Unknown,
                }
            }

            /// What the caller should do.
            #[must_use]
            pub const fn remedy(&self) -> &'static str {
                match self {
                    $(Self::$name => $remedy,)*
                    Self::Other(_) => "look the transaction up before doing anything else",
                }
            }
        }
    };
}

codes! {
    AccessFailure = "AccessFailure", Final, "the account cannot be accessed", "ask the account's owner to look into the account";
    AccountClosed = "AccountClosed", Final, "the account is not active", "ask the buyer for another account";
    AccountLimitsExceeded = "AccountLimitsExceeded", Final, "a spending or receiving limit of an account is exceeded, or its bank account is not verified", "pay less, wait for the limit's next period, or verify the account";
    AmountOutOfRange = "AmountOutOfRange", Final, "the amount is outside of the allowed range; cards and bank accounts take more than 0.01", "change the amount or the payment method";
    AuthFailure = "AuthFailure", NotDone, "the caller's credentials were not accepted", "sign the caller's account up for FPS, or use its keys";
    ConcurrentModification = "ConcurrentModification", Unknown, "something else changed the same data at the same moment, perhaps a copy of this very request", "send the same request again";
    DuplicateRequest = "DuplicateRequest", Spent, "another request has used this caller reference", "look for the transaction of that reference; a new purpose needs a new reference";
    InactiveInstrument = "InactiveInstrument", Final, "the payment instrument is inactive, such as an expired card", "ask the buyer for another payment method";
    IncompatibleTokens = "IncompatibleTokens", Final, "the tokens do not allow this payment together: expired, another recipient, amount or fee beyond their limits, or of another application", "ask the buyer or the recipient for a token that allows it";
    InstrumentAccessDenied = "InstrumentAccessDenied", Final, "the caller is not the recipient of this prepaid or postpaid instrument", "use an instrument set up for this caller";
    InstrumentExpired = "InstrumentExpired", Final, "the prepaid or postpaid instrument has expired", "have the buyer set up a new one";
    InsufficientBalance = "InsufficientBalance", Final, "the sender, caller or recipient lacks the money, fees included", "ask the buyer to add money or to choose another method";
    InternalError = "InternalError", Unknown, "something failed within the service", "send the same request again";
    InvalidAccountState = "InvalidAccountState", Final, "an account is suspended or closed", "ask the account's owner to look into the account";
    InvalidAccountStateCaller = "InvalidAccountState_Caller", Final, "the caller's account cannot take part", "look into the caller's account";
    InvalidAccountStateRecipient = "InvalidAccountState_Recipient", Final, "the recipient's account cannot take part", "ask the recipient to look into the account";
    InvalidAccountStateSender = "InvalidAccountState_Sender", Final, "the sender's account cannot take part", "ask the buyer for another account";
    InvalidCallerReference = "InvalidCallerReference", Final, "no token belongs to this caller reference", "the buyer has not confirmed; ask again later, or offer a new link";
    InvalidClientTokenId = "InvalidClientTokenId", NotDone, "the access key id does not exist", "use the caller's present keys";
    InvalidDateRange = "InvalidDateRange", Final, "the end lies before the start, or the start in the future", "ask for a range in the past";
    InvalidParams = "InvalidParams", Final, "one or more parameters are invalid", "correct the parameter that the message names";
    InvalidPaymentInstrument = "InvalidPaymentInstrument", Final, "the payment instrument is invalid", "ask the buyer for another payment method";
    InvalidPaymentMethod = "InvalidPaymentMethod", Final, "the payment method is not one for this transaction", "offer the methods that this transaction takes";
    InvalidRecipientForCCTransaction = "InvalidRecipientForCCTransaction", Final, "the recipient's account cannot receive card payments", "offer no cards, or ask the recipient for a business account";
    InvalidSenderRoleForAccountType = "InvalidSenderRoleForAccountType", Final, "this token cannot be used for this operation", "ask for a token of the right kind";
    InvalidTokenId = "InvalidTokenId", Final, "the token was not installed by this caller", "use a token that this caller installed";
    InvalidTokenIdRecipient = "InvalidTokenId_Recipient", Final, "the recipient's token is invalid or cancelled", "ask the recipient for a new one";
    InvalidTokenIdSender = "InvalidTokenId_Sender", Spent, "the sender's token is invalid, cancelled, or no longer active because it was used", "look for a transaction with this token before asking the buyer for a new one";
    InvalidTokenType = "InvalidTokenType", Final, "the operation is not one for this type of token", "use a token of the type that the operation takes";
    InvalidTransactionId = "InvalidTransactionId", Final, "no transaction of this caller has this id, or it is not of a kind for this operation", "use the id that Pay or Reserve answered";
    InvalidTransactionState = "InvalidTransactionState", Final, "the transaction is not in a state that allows this", "ask for its status and try when it is complete";
    NotMarketplaceApp = "NotMarketplaceApp", Final, "the caller is neither sender nor recipient and is no marketplace application", "register the application as a marketplace";
    OriginalTransactionFailed = "OriginalTransactionFailed", Final, "the original transaction failed", "nothing is left to settle or refund";
    OriginalTransactionIncomplete = "OriginalTransactionIncomplete", Final, "the original transaction is still in progress", "wait for its end, then ask anew";
    PaymentInstrumentNotCC = "PaymentInstrumentNotCC", Final, "only a credit card can be used here", "offer cards only when reserving";
    PaymentMethodNotDefined = "PaymentMethodNotDefined", Final, "the transaction has no payment method", "ask the buyer for a new token with a payment method";
    PrepaidFundingLimitExceeded = "PrepaidFundingLimitExceeded", Final, "the funding is above what the prepaid instrument may hold", "fund less";
    RefundAmountExceeded = "RefundAmountExceeded", Final, "the refund is more than what is left to refund", "refund at most what is left";
    SameSenderAndRecipient = "SameSenderAndRecipient", Final, "sender and recipient are one account", "the buyer must use an account other than the shop's";
    SameTokenIdUsedMultipleTimes = "SameTokenIdUsedMultipleTimes", Spent, "the token was used in an earlier transaction", "look for that transaction; a new payment needs a new token";
    SenderNotOriginalRecipient = "SenderNotOriginalRecipient", Final, "the refund's sender did not receive the original payment", "refund from the account that was paid";
    SettleAmountGreaterThanDebt = "SettleAmountGreaterThanDebt", Final, "more than the debt would be settled or written off", "settle at most the debt";
    SettleAmountGreaterThanReserveAmount = "SettleAmountGreaterThanReserveAmount", Final, "more than the reserved amount would be settled", "settle at most what was reserved";
    SignatureDoesNotMatch = "SignatureDoesNotMatch", NotDone, "the service computes another signature", "check the secret key, and that nothing on the way changes the request";
    TokenAccessDenied = "TokenAccessDenied", Final, "this caller may not cancel the token", "only who installed a token can cancel it";
    TokenNotActive = "TokenNotActive", Spent, "the token is cancelled or used up", "look for a transaction with this token before asking the buyer for a new one";
    TokenNotActiveRecipient = "TokenNotActive_Recipient", Final, "the recipient's token is cancelled", "ask the recipient for a new one";
    TokenNotActiveSender = "TokenNotActive_Sender", Spent, "the sender's token is cancelled or used up", "look for a transaction with this token before asking the buyer for a new one";
    TokenUsageError = "TokenUsageError", Spent, "the token's usage limit is reached: a single-use token was used, or a multi-use token must wait for its next period", "look for a transaction with this token; a multi-use token may be charged in its next period";
    TransactionDenied = "TransactionDenied", Final, "the transaction is not allowed", "ask the buyer for another payment method";
    TransactionFullyRefundedAlready = "TransactionFullyRefundedAlready", Spent, "the payment was refunded in full before", "look for that refund; it may be this one";
    TransactionTypeNotRefundable = "TransactionTypeNotRefundable", Final, "a transaction of this kind cannot be refunded", "pay the money back in another way";
    UnverifiedAccountRecipient = "UnverifiedAccount_Recipient", Final, "the recipient needs a verified bank account or a card", "ask the recipient to verify the account";
    UnverifiedAccountSender = "UnverifiedAccount_Sender", Final, "the sender needs a verified card or bank account in the United States", "ask the buyer to verify the account";
    UnverifiedBankAccount = "UnverifiedBankAccount", Final, "a verified bank account is needed", "ask the buyer to verify the bank account or to use another method";
    UnverifiedEmailAddressCaller = "UnverifiedEmailAddress_Caller", Final, "the caller's e-mail address is not verified", "verify it";
    UnverifiedEmailAddressRecipient = "UnverifiedEmailAddress_Recipient", Final, "the recipient's e-mail address is not verified", "ask the recipient to verify it";
    UnverifiedEmailAddressSender = "UnverifiedEmailAddress_Sender", Final, "the sender's e-mail address is not verified", "ask the buyer to verify it";
    // Of the list of 2007-01-08 only.
    BadRule = "BadRule", Final, "the payment instruction is not one of the GateKeeper language", "correct the instruction where the message says";
    CannotSpecifyUsageForSingleUseToken = "CannotSpecifyUsageForSingleUseToken", Final, "the instruction of a single-use token has a usage limit", "leave the limit out, or install a multi-use token";
    InactiveAccountCaller = "InactiveAccount_Caller", Final, "the caller's account is suspended or closed", "look into the caller's account";
    InactiveAccountRecipient = "InactiveAccount_Recipient", Final, "the recipient's account is suspended or closed", "ask the recipient to look into the account";
    InactiveAccountSender = "InactiveAccount_Sender", Final, "the sender's account is suspended or closed", "ask the buyer for another account";
    InstrumentNotActive = "InstrumentNotActive", Final, "the prepaid or postpaid instrument is not active", "have the buyer set up a new one";
    InvalidEvent = "InvalidEvent", Final, "the caller was not subscribed to this event", "nothing is left to unsubscribe";
    InvalidInstrumentForAccountType = "InvalidInstrumentForAccountType", Final, "the sender's account may pay by credit card only", "ask the buyer for a card";
    InvalidInstrumentState = "InvalidInstrumentState", Final, "the prepaid or credit instrument is not active", "have the buyer set up a new one";
    InvalidRecipientRoleForAccountType = "InvalidRecipientRoleForAccountType", Final, "the recipient's account may not receive payments", "ask the recipient for a business account";
    InvalidTokenIdCaller = "InvalidTokenId_Caller", Final, "the caller's token is invalid or cancelled", "install a new caller token";
    InvalidUsageDuration = "InvalidUsageDuration", Final, "a usage limit of the instruction has a duration under one hour", "give it an hour or more";
    InvalidUsageLimitCount = "InvalidUsageLimitCount", Final, "a usage limit of the instruction has no count", "give it one";
    InvalidUsageStartTime = "InvalidUsageStartTime", Final, "a usage limit of the instruction has no valid start", "correct the start";
    InvalidUsageType = "InvalidUsageType", Final, "a usage limit of the instruction has no valid type", "use an amount or a count";
    PaymentInstrumentMissing = "PaymentInstrumentMissing", Final, "the token names no payment instrument", "ask the buyer for a new token with a payment method";
    TokenNotActiveCaller = "TokenNotActive_Caller", Final, "the caller's token is cancelled", "install a new caller token";
    TransactionExpired = "TransactionExpired", Final, "the service itself retries this transaction", "wait for its end; do not retry it";
    UsageNotDefined = "UsageNotDefined", Final, "the instruction of a multi-use or recurring token has no usage limits", "add the limits";
    // Seen, but in no list of FPS: the first is the payment system's own, the others the front end's.
    InvalidSubscriptionState = "InvalidSubscriptionState", Final, "the subscription is cancelled or completed already", "nothing is left to cancel";
    InvalidSignature = "InvalidSignature", NotDone, "the service computes another signature", "check the secret key, and that nothing on the way changes the request";
    InvalidRequest = "InvalidRequest", Final, "the request does not fit the interface, such as by an unknown parameter", "correct the parameter that the message names";
    RequestExpired = "RequestExpired", NotDone, "the request's timestamp is too far from the service's clock", "set this machine's clock";
    InvalidParameterValue = "InvalidParameterValue", Final, "a common parameter cannot be read", "correct the parameter that the message names";
    MissingParameter = "MissingParameter", Final, "a required parameter is missing", "add the parameter that the message names";
    InvalidAction = "InvalidAction", Final, "the service does not know the operation in this version", "ask for another version, or do without the operation";
    MissingClientTokenId = "MissingClientTokenId", NotDone, "the request carries no access key id", "sign the request";
    Throttling = "Throttling", NotDone, "too many requests in a short time", "send again later, and less often";
    RequestThrottled = "RequestThrottled", NotDone, "too many requests in a short time", "send again later, and less often";
    ServiceUnavailable = "ServiceUnavailable", Unknown, "the service is not available", "send the same request again later";
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_has_a_meaning_and_a_remedy() {
        for code in FaultCode::KNOWN {
            assert_eq!(&FaultCode::from_wire(code.as_str()), code);
            assert!(code.meaning().len() > 10, "{code}");
            assert!(code.remedy().len() > 5, "{code}");
        }
        assert_eq!(FaultCode::from_wire("New"), FaultCode::Other("New".to_owned()));
    }

    #[test]
    fn the_58_codes_of_the_reference_are_all_known() {
        let listed = FaultCode::KNOWN.iter().take_while(|code| **code != FaultCode::BadRule);
        assert_eq!(listed.count(), 58);
    }

    #[test]
    fn the_codes_of_2007_are_all_known() {
        let codes = "AccountLimitsExceeded AmountOutOfRange BadRule CannotSpecifyUsageForSingleUseToken ConcurrentModification \
             DuplicateRequest InactiveAccount_Caller InactiveAccount_Recipient InactiveAccount_Sender InactiveInstrument \
             IncompatibleTokens InstrumentAccessDenied InstrumentExpired InstrumentNotActive InsufficientBalance InternalError \
             InvalidAccountState InvalidAccountState_Caller InvalidAccountState_Recipient InvalidAccountState_Sender \
             InvalidCallerReference InvalidDateRange InvalidEvent InvalidInstrumentForAccountType InvalidInstrumentState \
             InvalidParams InvalidPaymentInstrument InvalidPaymentMethod InvalidRecipientForCCTransaction \
             InvalidRecipientRoleForAccountType InvalidSenderRoleForAccountType InvalidTokenId InvalidTokenId_Caller \
             InvalidTokenId_Recipient InvalidTokenId_Sender InvalidTokenType InvalidTransactionId InvalidTransactionState \
             InvalidUsageDuration InvalidUsageLimitCount InvalidUsageStartTime InvalidUsageType OriginalTransactionFailed \
             OriginalTransactionIncomplete PaymentInstrumentMissing PaymentInstrumentNotCC PaymentMethodNotDefined \
             RefundAmountExceeded SameTokenIdUsedMultipleTimes SenderNotOriginalRecipient SettleAmountGreaterThanReserveAmount \
             TokenAccessDenied TokenNotActive_Caller TokenNotActive_Recipient TokenNotActive_Sender TokenUsageError \
             TransactionDenied TransactionExpired TransactionFullyRefundedAlready TransactionTypeNotRefundable \
             UnverifiedAccount_Recipient UnverifiedAccount_Sender UnverifiedBankAccount UnverifiedEmailAddress_Caller \
             UnverifiedEmailAddress_Recipient UnverifiedEmailAddress_Sender UsageNotDefined";
        assert_eq!(codes.split_whitespace().count(), 67);
        for code in codes.split_whitespace() {
            assert!(!matches!(FaultCode::from_wire(code), FaultCode::Other(_)), "{code}");
        }
    }

    #[test]
    fn whatever_may_follow_from_an_earlier_send_is_never_final() {
        for code in [
            "DuplicateRequest",
            "SameTokenIdUsedMultipleTimes",
            "TokenUsageError",
            "TokenNotActive",
            "TokenNotActive_Sender",
            "InvalidTokenId_Sender",
            "TransactionFullyRefundedAlready",
        ] {
            assert_eq!(FaultCode::from_wire(code).verdict(), Verdict::Spent, "{code}");
        }
        assert_eq!(FaultCode::ConcurrentModification.verdict(), Verdict::Unknown);
    }
}
