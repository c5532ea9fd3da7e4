//! A stored token: what the buyer allowed for many payments, and what was paid with it.
//!
//! It is kept in the same document as an order and moved by the same machine: an approval that is never charged itself, but
//! rests in `TokenHeld` and is lent to orders.

use std::time::Duration;

use fps_core::checkout::{
    Charge, Charges, CheckoutError, PaymentMethod, PaymentMethods, PipelineParameters, ShippingAddress,
};
use fps_core::pipeline::{AmountType, Period, UsageLimit, UsageValue};
use fps_core::{Amount, Timestamp, Version};
use serde::{Deserialize, Serialize};

use super::export::Export;
use super::id::{OrderId, TokenName};
use super::machine::{Approval, Attempt, Machine};
use super::outbox::Effect;
use super::product::Product;
use super::record::{BuyerSide, Entry, Order};
use super::state::State;

/// What a buyer is asked to allow: many payments within limits. Frozen when the token begins.
///
/// | term | parameter of the link |
/// |---|---|
/// | [`at_most`](Self::at_most) | `globalAmountLimit` |
/// | [`with_each`](Self::with_each) | `transactionAmount`, `amountType` |
/// | [`with_usage_limit`](Self::with_usage_limit) | `usageLimitType1` and its siblings, at most two |
/// | [`with_start`](Self::with_start), [`with_expiry`](Self::with_expiry) | `validityStart`, `validityExpiry` |
/// | [`with_reason`](Self::with_reason) | `paymentReason` |
/// | [`with_payment_methods`](Self::with_payment_methods) | `paymentMethod` |
/// | [`with_collect_shipping_address`](Self::with_collect_shipping_address) | `collectShippingAddress` |
///
/// ```
/// use fps_checkout::fps_core::pipeline::{AmountType, Period, UsageLimit};
/// use fps_checkout::{Amount, TokenTerms};
///
/// let terms = TokenTerms::at_most(Amount::usd("50"))
///     .with_each(Amount::usd("5"), AmountType::Maximum)
///     .with_usage_limit(UsageLimit::amount(Amount::usd("10")).per(Period::months(1)))
///     .with_reason("Songs, whenever you like one");
/// # let _ = terms;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenTerms {
    limit: Amount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    each: Option<(Amount, AmountType)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    usage_limits: Vec<UsageLimit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    methods: PaymentMethods,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    collect_address: bool,
}

impl TokenTerms {
    /// At most so much in the token's whole life; dollars, whole cents, more than nothing.
    #[must_use]
    pub const fn at_most(limit: Amount) -> Self {
        Self {
            limit,
            each: None,
            usage_limits: Vec::new(),
            starts: None,
            expires: None,
            reason: None,
            methods: PaymentMethods::ALL,
            collect_address: false,
        }
    }

    /// What each payment is: exactly so much, at most, or at least. Default: anything within the other limits.
    #[must_use]
    pub fn with_each(mut self, amount: Amount, amount_type: AmountType) -> Self {
        self.each = Some((amount, amount_type));
        self
    }

    /// How much, or how often, in each period or in the token's whole life. The service takes two such limits.
    #[must_use]
    pub fn with_usage_limit(mut self, limit: UsageLimit) -> Self {
        self.usage_limits.push(limit);
        self
    }

    /// From when on it can be charged, at most a year ahead. Default: at once.
    #[must_use]
    pub const fn with_start(mut self, start: Timestamp) -> Self {
        self.starts = Some(start);
        self
    }

    /// Until when it can be charged. Default: a year after its start.
    #[must_use]
    pub const fn with_expiry(mut self, expiry: Timestamp) -> Self {
        self.expires = Some(expiry);
        self
    }

    /// What the buyer sees the payments are for; limited HTML.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// How the buyer may pay. Default: every method.
    #[must_use]
    pub const fn with_payment_methods(mut self, methods: PaymentMethods) -> Self {
        self.methods = methods;
        self
    }

    /// Has the pages ask for a shipping address, found afterwards in [`Token::buyer`].
    #[must_use]
    pub const fn with_collect_shipping_address(mut self) -> Self {
        self.collect_address = true;
        self
    }

    /// The most that all payments together may be.
    #[must_use]
    pub const fn limit(&self) -> Amount {
        self.limit
    }

    /// What each payment is.
    #[must_use]
    pub const fn each(&self) -> Option<&(Amount, AmountType)> {
        self.each.as_ref()
    }

    /// How much, or how often, in which time.
    #[must_use]
    pub fn usage_limits(&self) -> &[UsageLimit] {
        &self.usage_limits
    }

    /// From when on it can be charged, if not at once.
    #[must_use]
    pub const fn starts(&self) -> Option<Timestamp> {
        self.starts
    }

    /// Until when it can be charged, if not for a year.
    #[must_use]
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// The terms as the parameters of one payment of all that is allowed: what an order's document holds of them.
    pub(crate) fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, self.limit)?;
        let mut parameters = PipelineParameters::new(charges)?
            .with_payment_methods(self.methods)
            .with_collect_shipping_address(self.collect_address);
        if let Some(reason) = &self.reason {
            parameters = parameters.with_payment_reason(reason.clone());
        }
        Ok(parameters)
    }

    /// When a token that was approved at that time begins to count.
    fn first_moment(&self, approved_at: Timestamp) -> Timestamp {
        self.starts.map_or(approved_at, |starts| starts.max(approved_at))
    }

    /// Until when a token that was approved at that time can be charged.
    pub(crate) fn ends(&self, approved_at: Timestamp) -> Timestamp {
        self.expires.unwrap_or_else(|| self.first_moment(approved_at).after(YEAR))
    }

    /// What keeps a payment from being made.
    fn refusal(
        &self,
        spending: &Spending,
        approved_at: Timestamp,
        asked: Amount,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        if let Some(starts) = self.starts.filter(|starts| now < *starts) {
            return Err(TokenRefusal::NotYet { starts });
        }
        let ended = self.ends(approved_at);
        if now >= ended {
            return Err(TokenRefusal::Over { ended });
        }
        if let Some((amount, rule)) = &self.each {
            let fits = match rule {
                AmountType::Maximum => asked <= *amount,
                AmountType::Minimum => asked >= *amount,
                // What this version does not know is the service's to judge.
                AmountType::Other(_) => true,
                _ => asked == *amount,
            };
            if !fits {
                let (rule, amount) = (rule.clone(), *amount);
                return Err(TokenRefusal::Each { rule, amount, asked });
            }
        }
        let first = self.first_moment(approved_at);
        let whole = UsageLimit::amount(self.limit);
        for limit in std::iter::once(&whole).chain(&self.usage_limits) {
            let since = limit.period().map_or(first, |period| period.began(first, now));
            let used = spending.tally(limit.period().map(|_| since));
            let period = limit.period();
            match limit.value() {
                UsageValue::Amount(limit) if used.amount.checked_add(asked).is_none_or(|sum| sum > limit) => {
                    return Err(TokenRefusal::Amount { limit, period, spent: used.amount, asked });
                }
                UsageValue::Count(limit) if used.count >= u64::from(limit) => {
                    return Err(TokenRefusal::Count { limit, period, used: used.count });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// When the earliest of the periods began that count now.
    fn earliest_period(&self, approved_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let first = self.first_moment(approved_at);
        self.usage_limits.iter().filter_map(|limit| Some(limit.period()?.began(first, now))).min()
    }
}

/// A payment by a stored token, as the token's record knows it: written before the order is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The order that it pays.
    pub order: OrderId,
    /// How much it asks for; how much it took, once it is settled.
    pub amount: Amount,
    /// When it was written.
    pub at: Timestamp,
    /// Whether the order is paid. One that came to nothing is taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
}

/// What became of a use's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is paid, so much.
    Paid(Amount),
    /// Nothing was paid, and nothing will be unless a new attempt begins.
    Nothing,
    /// There is no such order: whoever wrote the use did not come to it, or has not yet.
    Unknown,
    /// It is under way.
    Open,
}

/// What was paid with a stored token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spending {
    /// Those that are open, or lie within a period that counts now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    uses: Vec<Use>,
    /// Settled ones of before.
    #[serde(default)]
    before: Tally,
    /// When the service's own count was last found to know no more than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agreed_at: Option<Timestamp>,
}

/// How much, how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    amount: Amount,
    count: u64,
}

impl Tally {
    fn with(self, one: &Use) -> Self {
        let amount = self.amount.checked_add(one.amount).unwrap_or(Amount::from_micros(i64::MAX));
        Self { amount, count: self.count.saturating_add(1) }
    }
}

impl Spending {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What was used since then, or ever.
    fn tally(&self, since: Option<Timestamp>) -> Tally {
        let inside = self.uses.iter().filter(|one| since.is_none_or(|since| one.at >= since));
        inside.fold(if since.is_none() { self.before } else { Tally::default() }, Tally::with)
    }

    /// The orders of uses whose end is not known.
    pub(crate) fn open(&self) -> impl Iterator<Item = &OrderId> {
        self.uses.iter().filter(|one| !one.settled).map(|one| &one.order)
    }

    /// When the worker looks what became of them.
    pub(crate) fn due(&self, quiet: u32) -> Option<Timestamp> {
        let last = self.uses.iter().filter(|one| !one.settled).map(|one| one.at).max()?;
        Some(last.after(LOOK_FIRST.saturating_mul(1 << quiet.min(8)).min(LOOK_MOST)))
    }
}

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

/// The part of a document that is a stored token's.
impl Order {
    /// The terms of a stored token; an order has none.
    pub(crate) fn token_terms(&self) -> Option<&TokenTerms> {
        self.product().token_terms()
    }

    /// When the held token was approved.
    fn held_since(&self) -> Option<Timestamp> {
        match self.machine().attempt(self.machine().held()?)?.approval {
            Approval::Held { at, .. } => Some(at),
            _ => None,
        }
    }

    /// Until when the held token can be charged.
    pub(crate) fn token_ends(&self) -> Option<Timestamp> {
        let since = self.held_since()?;
        Some(self.token_terms().map_or_else(|| since.after(super::TOKEN_LIFE), |terms| terms.ends(since)))
    }

    /// Writes down a payment by this token, if its limits allow it. Written again for the same order it is the same payment.
    pub(crate) fn spend(
        &mut self,
        order: &OrderId,
        amount: Amount,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        let state = self.state();
        let (Some(since), Some(terms)) = (self.held_since(), self.token_terms()) else {
            return Err(TokenRefusal::NotHeld { state });
        };
        if state != State::TokenHeld {
            return Err(TokenRefusal::NotHeld { state });
        }
        let mut spending = self.spending().clone();
        spending.uses.retain(|one| one.order != *order);
        terms.refusal(&spending, since, amount, now)?;
        spending.uses.push(Use { order: order.clone(), amount, at: now, settled: false });
        self.set_spending(spending, now);
        Ok(())
    }

    /// Takes down what had become of uses' orders at that time, and adds up what no limit counts one by one any more.
    pub(crate) fn settle_uses(&mut self, fates: &[(OrderId, Fate)], looked_at: Timestamp, now: Timestamp) {
        let mut spending = self.spending().clone();
        for (order, fate) in fates {
            // A use that was written since is of a new attempt.
            let same = |one: &Use| one.order == *order && one.at <= looked_at;
            match fate {
                Fate::Paid(amount) => {
                    for one in spending.uses.iter_mut().filter(|one| same(one)) {
                        (one.amount, one.settled) = (*amount, true);
                    }
                }
                Fate::Nothing => spending.uses.retain(|one| !same(one)),
                // Its writer may only be slow.
                Fate::Unknown => spending.uses.retain(|one| !same(one) || now < one.at.after(SLOW)),
                Fate::Open => {}
            }
        }
        let earliest = match (self.token_terms(), self.held_since()) {
            (Some(terms), Some(since)) => terms.earliest_period(since, now),
            _ => None,
        };
        let is_over = |one: &Use| one.settled && earliest.is_none_or(|earliest| one.at < earliest);
        spending.before = spending.uses.iter().filter(|one| is_over(one)).fold(spending.before, Tally::with);
        spending.uses.retain(|one| !is_over(one));
        if spending != *self.spending() {
            self.set_spending(spending, now);
        }
    }

    /// Whether the service's own count has to be asked for before a charge: this store may be a restored one, and lack charges whose
    /// references protect no more. Only an agreement of both counts moves that time on, so whatever is unknown is younger
    /// than that.
    pub(crate) fn must_agree(&self, now: Timestamp) -> bool {
        let last = self.spending().agreed_at.or(self.held_since());
        last.is_none_or(|last| now.since(last) > super::GIVE_UP_SENDING_AFTER)
    }

    /// Whether the service counts no more than is known to be paid by other orders than this. What is under way may never have
    /// reached the service, and cannot stand for what it counts.
    pub(crate) fn agrees_with(&self, spent: Option<Amount>, order: &OrderId) -> bool {
        let paid = self.spending().uses.iter().filter(|one| one.settled && one.order != *order);
        let known = paid.fold(self.spending().before, Tally::with);
        spent.is_some_and(|spent| spent <= known.amount)
    }

    /// Notes that both counts agree.
    pub(crate) fn agreed(&mut self, now: Timestamp) {
        let spending = Spending { agreed_at: Some(now), ..self.spending().clone() };
        self.set_spending(spending, now);
    }
}

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
        Some(Self { name: TokenName::new(document.id().as_str()).ok()?, terms, document })
    }

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
/// After which a use without an order is one whose writer is gone.
const SLOW: Duration = Duration::from_secs(10 * 60);
const LOOK_FIRST: Duration = Duration::from_secs(3600);
const LOOK_MOST: Duration = DAY;
