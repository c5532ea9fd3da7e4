//! What happens when nothing goes wrong.

use fps_checkout::{Amount, State};
use fps_core::checkout::PaymentMethod;
use fps_sandbox::people;

/// A story, told with and without faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Story {
    /// John pays from his balance; the answer is final at once.
    Balance,
    /// John pays by card; the answer is pending, and the worker asks for its end.
    Card,
    /// Nina approves and has no money.
    NoMoney,
    /// John changes his mind on the last page.
    Cancelled,
    /// John reserves by card; the shop settles a part of it.
    Settled,
    /// John reserves by card; the shop gives it up.
    Released,
    /// John pays from his balance; the merchant refunds two parts at once.
    Refunded,
    /// Before John pays, somebody who has his link comes back in his place, with a forged cancel.
    Forged,
    /// After John paid, the store is restored to what it was when he had the link.
    Restored,
}

impl Story {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Balance,
        Self::Card,
        Self::NoMoney,
        Self::Cancelled,
        Self::Settled,
        Self::Released,
        Self::Refunded,
        Self::Forged,
        Self::Restored,
    ];

    /// Who buys, with which password, by which method.
    pub(super) const fn buyer(self) -> (&'static str, &'static str, PaymentMethod) {
        match self {
            Self::NoMoney => (people::NINA, "nina", PaymentMethod::Abt),
            Self::Card | Self::Settled | Self::Released => (people::JOHN, "john", PaymentMethod::Cc),
            Self::Balance | Self::Cancelled | Self::Refunded | Self::Forged | Self::Restored => {
                (people::JOHN, "john", PaymentMethod::Abt)
            }
        }
    }

    /// Whether the money is held first.
    pub(super) const fn reserves(self) -> bool {
        matches!(self, Self::Settled | Self::Released)
    }

    /// Where the order ends, and how much moved from the buyer to the shop.
    pub(super) const fn end(self) -> (State, Amount) {
        match self {
            Self::Balance | Self::Card | Self::Refunded | Self::Forged | Self::Restored => {
                (State::Paid, PRICE)
            }
            Self::Settled => (State::Paid, PART),
            Self::NoMoney => (State::Declined, Amount::ZERO),
            Self::Cancelled => (State::Abandoned, Amount::ZERO),
            Self::Released => (State::Cancelled, Amount::ZERO),
        }
    }

    /// What the handlers hear at least.
    pub(super) const fn news(self) -> &'static [&'static str] {
        match self {
            Self::Balance | Self::Card | Self::Forged | Self::Restored => &["Approved", "Paid"],
            Self::NoMoney => &["Approved", "Declined"],
            Self::Cancelled => &[],
            Self::Settled => &["Approved", "Reserved", "Paid"],
            Self::Released => &["Approved", "Reserved", "Cancelled"],
            Self::Refunded => &["Approved", "Paid", "Refunded"],
        }
    }
}

impl Story {
    /// Whether a handler may hear that too.
    pub(super) fn may_tell(self, news: &str) -> bool {
        let also = match self {
            Self::Card | Self::Settled | Self::Released => "Pending",
            Self::Cancelled => "Abandoned",
            _ => "",
        };
        self.news().contains(&news) || news == also || (self == Self::Cancelled && news == "Expired")
    }
}

/// What the song costs: more than a cent, so that it can be paid by card.
pub(super) const PRICE: Amount = Amount::usd("1.00");
/// What is settled, or refunded, of it.
pub(super) const PART: Amount = Amount::usd("0.60");
/// What each of the two refunds gives back.
pub(super) const HALF: Amount = Amount::usd("0.30");
