//! Why a stored token cannot pay.

use fps_core::pipeline::{AmountType, Period, UsageLimit};
use fps_core::{Amount, Timestamp};

use crate::order::state::State;

/// Why a stored token cannot pay. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// The buyer has not approved, or took it back, or it ended. Begin it anew for a new approval.
    #[error("it is {state}, and only a token that is held can pay; begin it anew to ask the buyer")]
    NotHeld {
        /// Where it is.
        state: State,
    },
    /// Its time has not come.
    #[error("it can be charged from {starts} on")]
    NotYet {
        /// From when on.
        starts: Timestamp,
    },
    /// Its time is over.
    #[error("it could be charged until {ended}; begin it anew to ask the buyer")]
    Over {
        /// Until when.
        ended: Timestamp,
    },
    /// The amount is not one that each payment may have.
    #[error("each payment is {rule} {amount}, and {asked} is asked for")]
    Each {
        /// Exact, Maximum or Minimum.
        rule: AmountType,
        /// The amount.
        amount: Amount,
        /// What was asked for.
        asked: Amount,
    },
    /// More than what is left of a limit of amounts.
    #[error("{limit} may be paid {}, {spent} are spent, and {asked} more are asked for", within(period.as_ref()))]
    Amount {
        /// The limit.
        limit: Amount,
        /// In which period; the token's whole life if absent.
        period: Option<Period>,
        /// What was spent, payments under way among it.
        spent: Amount,
        /// What was asked for.
        asked: Amount,
    },
    /// As many payments as the buyer allowed.
    #[error("{} allowed {}, and {used} made", UsageLimit::count(*limit), within(period.as_ref()))]
    Count {
        /// The limit.
        limit: u32,
        /// In which period; the token's whole life if absent.
        period: Option<Period>,
        /// How many were made, those under way among them.
        used: u64,
    },
}

fn within(period: Option<&Period>) -> String {
    period.map_or_else(|| "in all".to_owned(), |period| format!("per {}", period.to_string().to_lowercase()))
}
