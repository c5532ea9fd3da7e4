//! What happens when nothing goes wrong.

use fps_checkout::{Amount, State, Version};
use fps_core::Generation;
use fps_core::checkout::PaymentMethod;
use fps_sandbox::people;

use super::seam::OTHER_NEWS;
use crate::VERSIONS;

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
    /// John pays from his balance, and his browser never comes back.
    Lost,
    /// John approves; the shop charges later, and less than he approved.
    Deferred,
    /// John pays by card; the notice of its end comes before anybody asks.
    Noticed,
    /// John pays from his balance; the notice comes before the answer to Pay.
    Overtaken,
    /// Dora's card is declined. Mallory, who has seen her address, pays herself under our reference and has the genuine
    /// notice of it sent to us.
    Impostor,
    /// John reserves by card, and nobody settles: it lapses on its seventh day.
    Lapsed,
    /// John pays from his balance; the service declines it for now, and takes it when it is tried again.
    Retried,
    /// John approves a stored token, and the shop charges two orders to it.
    Stored,
}

impl Story {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Balance,
        Self::Card,
        Self::NoMoney,
        Self::Cancelled,
        Self::Settled,
        Self::Released,
        Self::Refunded,
        Self::Forged,
        Self::Restored,
        Self::Lost,
        Self::Deferred,
        Self::Noticed,
        Self::Overtaken,
        Self::Impostor,
        Self::Lapsed,
        Self::Retried,
        Self::Stored,
    ];

    /// Every story in every version that can tell it.
    pub fn in_all_versions() -> impl Iterator<Item = (Self, Version)> {
        VERSIONS.into_iter().flat_map(|version| Self::in_version(version).map(move |story| (story, version)))
    }

    /// Every story that this version can tell.
    pub fn in_version(version: Version) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |story| story.is_told_in(version.generation()))
    }

    /// The first generation has no notices and no Cancel, the second no RetryTransaction.
    const fn is_told_in(self, generation: Generation) -> bool {
        match generation {
            Generation::First => {
                !matches!(self, Self::Released | Self::Noticed | Self::Overtaken | Self::Impostor)
            }
            Generation::Second => !matches!(self, Self::Retried),
        }
    }

    /// Who buys, with which password, by which method.
    pub(super) const fn buyer(self) -> (&'static str, &'static str, PaymentMethod) {
        match self {
            Self::NoMoney => (people::NINA, "nina", PaymentMethod::Abt),
            Self::Impostor => (people::DORA, "dora", PaymentMethod::Cc),
            Self::Card | Self::Settled | Self::Released | Self::Lapsed | Self::Noticed => {
                (people::JOHN, "john", PaymentMethod::Cc)
            }
            _ => (people::JOHN, "john", PaymentMethod::Abt),
        }
    }

    /// Whether the money is held first.
    pub(super) const fn reserves(self) -> bool {
        matches!(self, Self::Settled | Self::Released | Self::Lapsed)
    }

    /// Whether the service's notices reach the shop. In the other stories they never come.
    pub(super) const fn has_notices(self) -> bool {
        matches!(self, Self::Noticed | Self::Overtaken | Self::Impostor)
    }

    /// The orders that it tells of.
    pub(super) const fn orders(self) -> &'static [&'static str] {
        match self {
            Self::Stored => &["1", "2"],
            _ => &["1"],
        }
    }

    /// Where each order ends, and how much moved from the buyer to the shop in all.
    pub(super) const fn end(self) -> (State, Amount) {
        match self {
            Self::Settled | Self::Deferred => (State::Paid, PART),
            Self::NoMoney | Self::Impostor => (State::Declined, Amount::ZERO),
            Self::Cancelled => (State::Abandoned, Amount::ZERO),
            Self::Released | Self::Lapsed => (State::Cancelled, Amount::ZERO),
            Self::Stored => (State::Paid, TWICE),
            _ => (State::Paid, PRICE),
        }
    }

    /// What the handlers hear at least.
    pub(super) const fn news(self) -> &'static [&'static str] {
        match self {
            Self::NoMoney | Self::Impostor => &["Approved", "Declined"],
            Self::Cancelled => &[],
            Self::Settled => &["Approved", "Reserved", "Paid"],
            Self::Released | Self::Lapsed => &["Approved", "Reserved", "Cancelled"],
            Self::Refunded => &["Approved", "Paid", "Refunded"],
            Self::Stored => &["Paid"],
            _ => &["Approved", "Paid"],
        }
    }

    /// Whether a handler may hear that too.
    pub(super) fn may_tell(self, news: &str) -> bool {
        let also = match self {
            Self::Card
            | Self::Settled
            | Self::Released
            | Self::Noticed
            | Self::Impostor
            | Self::Lapsed
            | Self::Retried => "Pending",
            Self::Cancelled => "Abandoned",
            _ => "",
        };
        // A restored store has forgotten what it told, and gives the same numbers again.
        let retold = self == Self::Restored && news == OTHER_NEWS;
        retold
            || self.news().contains(&news)
            || news == also
            || (self == Self::Cancelled && news == "Expired")
    }
}

/// What the song costs: more than a cent, so that it can be paid by card.
pub(super) const PRICE: Amount = Amount::usd("1.00");
/// Two songs.
pub(super) const TWICE: Amount = Amount::usd("2.00");
/// What is settled, or refunded, of it.
pub(super) const PART: Amount = Amount::usd("0.60");
/// What each of the two refunds gives back.
pub(super) const HALF: Amount = Amount::usd("0.30");
