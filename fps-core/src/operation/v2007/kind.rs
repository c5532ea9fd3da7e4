//! The enumerations of 2007-01-08 that differ from those of later versions. Each keeps a value that it does not know.

use std::borrow::Cow;

use crate::operation::kind::kinds;
use crate::operation::{ParameterValue, Parameters};
use crate::response::{AnswerError, Element, FromElement};
use crate::wire::wire_enums;

kinds! {
    /// Where a transaction stands: `Status` of a transaction.
    ///
    /// ```text
    /// Pay by balance: Success | Failure       by card or bank: Initiated → Success | Failure | TemporaryDecline
    /// TemporaryDecline → RetryTransaction: Reinitiated → Success | Failure | TemporaryDecline
    /// Reserve: Initiated → Reserved | Failure      Settle: Initiated → Success | Failure
    /// ```
    ///
    /// A request's own `Status` is another thing: it says only whether the request was accepted.
    TransactionStatus {
        /// The amount is held on the card, to be settled within seven days.
        Reserved = "Reserved",
        /// The money moved.
        Success = "Success",
        /// It ended without money.
        Failure = "Failure",
        /// It is under way: cards for a moment, bank accounts for days.
        Initiated = "Initiated",
        /// It is under way again, after a temporary decline.
        Reinitiated = "Reinitiated",
        /// Refused for now, by a lock or for a moment: to be retried by [`RetryTransaction`](super::RetryTransaction), unless the
        /// policy leaves that to the service.
        TemporaryDecline = "TemporaryDecline",
    }

    /// What a transaction does: `Operation`.
    TransactionKind {
        Pay = "Pay",
        Refund = "Refund",
        Settle = "Settle",
        SettleDebt = "SettleDebt",
        WriteOffDebt = "WriteOffDebt",
        FundPrepaid = "FundPrepaid",
        /// Money from a bank account into the balance.
        DepositFunds = "DepositFunds",
        /// Money from the balance into a bank account.
        WithdrawFunds = "WithdrawFunds",
        Reserve = "Reserve",
    }

    /// A part in a transaction: `TransactionalRole`.
    Role {
        Sender = "Sender",
        Caller = "Caller",
        Recipient = "Recipient",
        /// The service, for its fee.
        Amazon = "Amazon",
        CreditToken = "CreditToken",
        Creditor = "Creditor",
        DebtTracker = "DebtTracker",
        LiabilityTracker = "LiabilityTracker",
        PrepaidToken = "PrepaidToken",
        PrepaidLiabilityHolder = "PrepaidLiabilityHolder",
    }

    /// How a result in the queue ended: `TransactionResultStatus`.
    ResultStatus {
        Success = "Success",
        /// To be retried by [`RetryTransaction`](super::RetryTransaction).
        TemporaryDecline = "TemporaryDecline",
        Failure = "Failure",
    }

    /// How much an account's activity tells: `ResponseGroup`. Default of the service: details.
    ResponseGroup {
        /// What it leaves out is not documented.
        Summary = "Summary",
        Details = "Details",
    }

    /// Which instruments are listed: `InstrumentStatus`.
    InstrumentStatus {
        All = "All",
        Active = "Active",
        Cancelled = "Cancelled",
    }

    /// The operation of the caller's own web service that the service calls: `NotificationOperationName`.
    NotificationOperation {
        /// A transaction ended.
        PostTransactionResult = "postTransactionResult",
        /// A token was cancelled.
        PostTokenCancellation = "postTokenCancellation",
    }

    /// Whether a request was accepted: `ResponseStatus`.
    RequestStatus {
        Success = "Success",
        Failure = "Failure",
    }
}
