//! A stored token: what the buyer allowed for many payments, and what was paid with it.
//!
//! It is kept in the same document as an order and moved by the same machine: an approval that is never charged itself, but
//! rests in `TokenHeld` and is lent to orders.

mod document;
mod refusal;
mod spending;
mod terms;

use std::time::Duration;

use fps_core::checkout::{PaymentMethod, ShippingAddress};
use fps_core::{Amount, Timestamp, Version};

pub use self::refusal::TokenRefusal;
pub use self::spending::Use;
pub(crate) use self::spending::{Fate, Spending};
pub use self::terms::TokenTerms;
use super::export::Export;
use super::id::{Subject, TokenName};
use super::machine::{Attempt, Machine};
use super::outbox::Effect;
use super::product::Product;
use super::record::{BuyerSide, Entry, Order};
use super::state::State;

/// A stored token: what the buyer allowed, and what was paid with it. Read by [`Shop::token`](crate::Shop::token).
///
/// `Debug` shows neither the service's id of the token nor anything personal.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    name: TokenName,
    terms: TokenTerms,
    document: Order,
}

impl Token {
    /// The token that a document is of; none if it is an order.
    pub(crate) fn read(document: Order) -> Option<Self> {
        let terms = document.token_terms()?.clone();
        let Subject::Token(name) = document.subject() else { return None };
        Some(Self { name, terms, document })
    }

    #[cfg(any(feature = "cli", test))]
    pub(crate) fn document(&self) -> &Order {
        &self.document
    }

    /// The token's name.
    #[must_use]
    pub fn name(&self) -> &TokenName {
        &self.name
    }

    /// What the buyer is asked to allow.
    #[must_use]
    pub fn terms(&self) -> &TokenTerms {
        &self.terms
    }

    /// The protocol version that it began with, and in which its orders are paid.
    #[must_use]
    pub fn api(&self) -> Version {
        self.document.api()
    }

    /// Where it is.
    ///
    /// | state | the token |
    /// |---|---|
    /// | `AwaitingBuyer` | the buyer has the link |
    /// | `TokenHeld` | can be charged, within its limits and its time |
    /// | `Declined`, `Abandoned` | the buyer did not approve; a new attempt may begin |
    /// | `Expired` | the buyer never came back, or its time is over; a new attempt may begin |
    /// | `Cancelled` | the shop or the buyer took it back; a new attempt may begin |
    #[must_use]
    pub fn state(&self) -> State {
        self.document.state()
    }

    /// With what the buyer pays, where the pages said it.
    #[must_use]
    pub fn method(&self) -> Option<PaymentMethod> {
        self.document.method()
    }

    /// Until when it can be charged; nothing unless it is held.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        self.document.token_ends()
    }

    /// What was paid with it, payments under way among it.
    #[must_use]
    pub fn spent(&self) -> Amount {
        self.document.spending().tally(None).amount
    }

    /// How many payments were made with it, those under way among them.
    #[must_use]
    pub fn payments(&self) -> u64 {
        self.document.spending().tally(None).count
    }

    /// The payments that are under way or lie within a period that a limit counts now, the first one first. Earlier ones are in
    /// [`Token::spent`] and [`Token::payments`] alone.
    #[must_use]
    pub fn uses(&self) -> &[Use] {
        &self.document.spending().uses
    }

    /// What the attempt that holds it knows of its buyer; the current one, while none does.
    #[must_use]
    pub fn buyer(&self) -> Option<&BuyerSide> {
        let held = self.machine().held();
        held.map_or_else(|| self.document.buyer(), |held| self.document.side(held))
    }

    /// The address that the buyer confirmed on the pages, where the terms asked for one.
    #[must_use]
    pub fn address(&self) -> Option<&ShippingAddress> {
        self.buyer()?.address()
    }

    /// The attempts, the first one first.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        self.document.attempts()
    }

    /// What was frozen, as an order's document holds it.
    #[must_use]
    pub fn product(&self) -> &Product {
        self.document.product()
    }

    /// Where it stands, in full.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        self.document.machine()
    }

    /// What handlers have not heard yet.
    #[must_use]
    pub fn outbox(&self) -> &[Effect] {
        self.document.outbox()
    }

    /// All that happened but the payments, each of which has an order with a journal of its own.
    #[must_use]
    pub fn journal(&self) -> &[Entry] {
        self.document.journal()
    }

    /// When the worker visits it next, if ever.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.document.due()
    }

    /// Whether a person has to look at it: an alarm is open, or news is stuck.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.document.needs_a_person()
    }

    /// What leaves the shop of this token: its journal and where it stands, nothing personal.
    #[must_use]
    pub fn export(&self) -> Export {
        self.document.export()
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long the service keeps a token that was not told its end.
const YEAR: Duration = DAY.saturating_mul(365);
