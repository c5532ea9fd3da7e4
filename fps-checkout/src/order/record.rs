//! An order as it is stored: one document, one version.

use fps_core::checkout::{PaymentMethod, ShippingAddress};
use fps_core::url::Url;
use fps_core::{Amount, Timestamp, TokenId, TransactionId, Version};
use serde::{Deserialize, Serialize};

use super::event::{Event, News};
use super::export::{Export, replay};
use super::id::{OrderId, Subject, TokenName};
use super::machine::{Alarm, Approval, Attempt, Machine, Refusal};
use super::operation::Operation;
use super::outbox::{Delivery, Effect, EffectId};
use super::product::Product;
use super::schedule::{Visit, next_visit};
use super::state::State;
use super::token::Spending;
use crate::storage::{InvalidRecord, Key, NewRecord, Record};

/// One order: what was frozen, where it stands, what it still has to tell, and how it came there.
///
/// Shops, handlers and operators read it; only the framework changes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    format: u32,
    id: OrderId,
    api: Version,
    product: Product,
    machine: Machine,
    buyer: Vec<BuyerSide>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    outbox: Vec<Effect>,
    effects: u32,
    journal: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Visit::is_first")]
    visit: Visit,
    /// What was paid with a stored token; an order has nothing here.
    #[serde(default, skip_serializing_if = "Spending::is_empty")]
    spending: Spending,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// Made anew for each write: after a storage error that leaves the write's fate open, finding it means done.
    write: String,
    /// The version of the record that it was read from or committed as; 0 before. The store keeps it, not the document.
    #[serde(skip)]
    version: u64,
}

/// What one attempt knows of its buyer: personal data and the token. Not in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyerSide {
    /// Where the pages send the buyer back to: the return route with the order's name and mac.
    pub(crate) return_url: Url,
    /// Where notices of this attempt's money come to: the notice route with the order's name and mac. Frozen, because a call
    /// that is sent again says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notice_url: Option<Url>,
    /// What Pay charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<TokenId>,
    /// `expiry`: when the buyer's card ends, as the service wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expiry: Option<String>,
    /// The address that the buyer confirmed on the pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<ShippingAddress>,
    /// `warningCode`, such as `invalidShippingAddress`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) warning: Option<String>,
    /// `errorMessage`: the pages' words on a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// The digest of the last genuine return, so that its repeats are not verified again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) verified: Option<String>,
}

impl BuyerSide {
    pub(crate) fn new(return_url: Url, notice_url: Option<Url>) -> Self {
        Self {
            return_url,
            notice_url,
            token: None,
            expiry: None,
            address: None,
            warning: None,
            message: None,
            verified: None,
        }
    }

    /// The address that the buyer confirmed on the pages, where the product asked for one.
    #[must_use]
    pub fn address(&self) -> Option<&ShippingAddress> {
        self.address.as_ref()
    }

    /// When the buyer's card ends, as the service wrote it: `10/2016`.
    #[must_use]
    pub fn expiry(&self) -> Option<&str> {
        self.expiry.as_deref()
    }

    /// The pages' warning, such as `invalidShippingAddress`.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// The pages' words on a refusal.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

/// One line of an order's journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was committed.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

impl Order {
    /// Freezes a product under an order's name. The first attempt has not begun yet.
    pub(crate) fn freeze(id: OrderId, api: Version, product: Product) -> Self {
        let machine = Machine::new(product.total(), product.parameters().reserve());
        Self {
            format: FORMAT,
            id,
            api,
            product,
            machine,
            buyer: Vec::new(),
            outbox: Vec::new(),
            effects: 0,
            journal: Vec::new(),
            visit: Visit::default(),
            spending: Spending::default(),
            due: None,
            write: String::new(),
            version: 0,
        }
    }

    /// Freezes the terms of a stored token. The first attempt has not begun yet.
    pub(crate) fn freeze_token(name: &TokenName, api: Version, product: Product) -> Self {
        let id = OrderId::new(name.as_str()).expect("both kinds of name have the same rules");
        Self::freeze(id, api, product)
    }

    /// With what the buyer pays, where the pages said it.
    pub(crate) fn method(&self) -> Option<PaymentMethod> {
        match self.machine.attempt(self.machine.held()?)?.approval {
            Approval::Held { method, .. } => method,
            _ => None,
        }
    }

    /// Lets an event happen: moves the machine, writes the journal, and puts the news into the outbox for those handlers.
    /// Returns whether anything changed.
    pub(crate) fn happen(
        &mut self,
        event: Event,
        now: Timestamp,
        handlers: &[&str],
    ) -> Result<bool, Refusal> {
        let (machine, news) = self.machine.apply(&event, now)?;
        if machine == self.machine && news.is_empty() {
            return Ok(false);
        }
        if machine.state() == State::TokenHeld && self.state() != State::TokenHeld {
            // Another token counts from nothing.
            self.spending = Spending::default();
        }
        self.machine = machine;
        self.journal.push(Entry { at: now, event });
        for news in news {
            self.tell(news, now, handlers);
        }
        self.visit = Visit::default();
        self.reschedule(now);
        Ok(true)
    }

    /// Begins an attempt whose pages come back to that address.
    pub(crate) fn begin(&mut self, event: Event, side: BuyerSide, now: Timestamp) -> Result<(), Refusal> {
        if self.happen(event, now, &[])? {
            self.buyer.push(side);
        }
        Ok(())
    }

    fn tell(&mut self, news: News, now: Timestamp, handlers: &[&str]) {
        self.effects += 1;
        if !handlers.is_empty() {
            let waiting = handlers.iter().map(|handler| Delivery::first(handler, now)).collect();
            self.outbox.push(Effect {
                id: EffectId::new(&self.subject(), self.effects),
                news,
                at: now,
                waiting,
            });
        }
    }

    /// Tells a handler again, from the beginning of its tries. `false` if it is not waiting for that news.
    pub(crate) fn tell_again(&mut self, effect: &EffectId, handler: &str, now: Timestamp) -> bool {
        let waiting = self.outbox.iter_mut().filter(|one| one.id == *effect).flat_map(|one| &mut one.waiting);
        let Some(delivery) = waiting.into_iter().find(|delivery| delivery.handler == handler) else {
            return false;
        };
        delivery.tries = 0;
        delivery.next = Some(now);
        self.reschedule(now);
        true
    }

    /// Takes a piece of news away from a handler, and writes it into the journal. `false` if it is not waiting for it.
    pub(crate) fn drop_news(
        &mut self,
        effect: &EffectId,
        handler: &str,
        by: &str,
        reason: &str,
        now: Timestamp,
    ) -> bool {
        let mut dropped = false;
        for one in self.outbox.iter_mut().filter(|one| one.id == *effect) {
            let before = one.waiting.len();
            one.waiting.retain(|delivery| delivery.handler != handler);
            dropped |= one.waiting.len() < before;
        }
        if dropped {
            self.outbox.retain(|one| !one.waiting.is_empty());
            let (effect, handler) = (effect.clone(), handler.to_owned());
            let (by, reason) = (by.to_owned(), reason.to_owned());
            self.journal.push(Entry { at: now, event: Event::Dropped { effect, handler, by, reason } });
            self.reschedule(now);
        }
        dropped
    }

    /// Whether nothing is under way any more: no call, no unheard news, no token that could still be charged.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.outbox.is_empty()
            && self.machine.operations().iter().all(Operation::is_resolved)
            && self.unwanted().is_empty()
            && matches!(
                self.state(),
                State::Paid | State::Declined | State::Abandoned | State::Expired | State::Cancelled
            )
    }

    /// Empties all that is known of the buyer: tokens, addresses, messages.
    pub(crate) fn forget_buyer(&mut self) {
        for side in &mut self.buyer {
            *side = BuyerSide::new(side.return_url.clone(), side.notice_url.clone());
        }
    }

    /// Notes a visit of the worker, and when the next one is due.
    pub(crate) fn visited(&mut self, visit: Visit, now: Timestamp) {
        self.visit = visit;
        self.reschedule(now);
    }

    /// Asks for a visit at once.
    pub(crate) fn hurry(&mut self, now: Timestamp) {
        self.due = Some(now);
    }

    pub(crate) fn reschedule(&mut self, now: Timestamp) {
        let due = next_visit(&self.machine, &self.outbox, self.token_ends(), self.visit, now);
        self.due = due.into_iter().chain(self.spending.due(now)).min();
    }

    pub(crate) fn visit(&self) -> Visit {
        self.visit
    }

    pub(super) fn spending(&self) -> &Spending {
        &self.spending
    }

    pub(super) fn set_spending(&mut self, spending: Spending, now: Timestamp) {
        self.spending = spending;
        self.reschedule(now);
    }

    /// The orders paid with this token whose end it does not know.
    pub(crate) fn open_uses(&self) -> Vec<OrderId> {
        self.spending.open().cloned().collect()
    }

    pub(crate) fn outbox_mut(&mut self) -> &mut Vec<Effect> {
        &mut self.outbox
    }

    /// The attempts whose tokens are to be cancelled at the service.
    pub(crate) fn unwanted(&self) -> Vec<u32> {
        let all = (1..).zip(self.machine.attempts());
        all.filter(|(_, attempt)| attempt.approval == Approval::Unwanted).map(|(at, _)| at).collect()
    }

    pub(crate) fn side(&self, attempt: u32) -> Option<&BuyerSide> {
        self.buyer.get(usize::try_from(attempt.checked_sub(1)?).ok()?)
    }

    pub(crate) fn side_mut(&mut self, attempt: u32) -> Option<&mut BuyerSide> {
        self.buyer.get_mut(usize::try_from(attempt.checked_sub(1)?).ok()?)
    }

    /// The machine made again from the journal alone. It equals [`Order::machine`].
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the journal is not one that this crate wrote.
    pub fn replay(&self) -> Result<Machine, Refusal> {
        replay(self.product.total(), self.product.parameters().reserve(), &self.journal)
            .map_err(|(_, refusal)| refusal)
    }

    /// The order's name.
    #[must_use]
    pub fn id(&self) -> &OrderId {
        &self.id
    }

    /// What the document is of.
    pub(crate) fn subject(&self) -> Subject {
        Subject::named(&self.id, self.is_token())
    }

    /// What the document is of, for traces.
    pub(crate) fn label(&self) -> String {
        self.subject().label()
    }

    /// Whether the document is a stored token's.
    pub(crate) fn is_token(&self) -> bool {
        self.product.token_terms().is_some()
    }

    /// The protocol version that the order began with and is finished in.
    #[must_use]
    pub fn api(&self) -> Version {
        self.api
    }

    /// What was frozen.
    #[must_use]
    pub fn product(&self) -> &Product {
        &self.product
    }

    /// Where the order stands, in full.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Where the order is.
    #[must_use]
    pub fn state(&self) -> State {
        self.machine.state()
    }

    /// What the buyer pays in all.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.machine.total()
    }

    /// The transaction of the money: of the last Pay or Reserve, once the service has named it.
    #[must_use]
    pub fn transaction(&self) -> Option<&TransactionId> {
        self.machine.transaction()
    }

    /// The last Pay or Reserve.
    #[must_use]
    pub fn charge(&self) -> Option<&Operation> {
        self.machine.operations().get(self.machine.charge()?)
    }

    /// The attempts, the first one first.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        self.machine.attempts()
    }

    /// What the current attempt knows of its buyer.
    #[must_use]
    pub fn buyer(&self) -> Option<&BuyerSide> {
        self.side(self.machine.current_attempt())
    }

    /// What handlers have not heard yet.
    #[must_use]
    pub fn outbox(&self) -> &[Effect] {
        &self.outbox
    }

    /// The news that nobody tries to tell any more, each with the handler that could not hear it: a person tells it again or
    /// drops it.
    pub fn stuck(&self) -> impl Iterator<Item = (&Effect, &Delivery)> {
        let all =
            self.outbox.iter().flat_map(|effect| effect.waiting.iter().map(move |waits| (effect, waits)));
        all.filter(|(_, delivery)| delivery.is_stuck())
    }

    /// Whether a person has to look at it: it is in Review, an alarm is open, or news is stuck.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.state() == State::Review
            || self.machine.alarms().iter().any(Alarm::is_open)
            || self.stuck().next().is_some()
    }

    /// What leaves the shop of this order: its journal and where it stands, nothing personal.
    #[must_use]
    pub fn export(&self) -> Export {
        Export::new(self)
    }

    /// All that happened, the first thing first.
    #[must_use]
    pub fn journal(&self) -> &[Entry] {
        &self.journal
    }

    /// When the worker visits it next, if ever.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    pub(crate) fn write(&self) -> &str {
        &self.write
    }

    /// The version of the record that it was read from or committed as; 0 before.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Notes that the store has it as that version.
    pub(crate) fn committed_as(&mut self, version: u64) {
        self.version = version;
    }

    /// The order as a record, marked with a write id of its own.
    pub(crate) fn write_record(&mut self, write: String) -> Result<NewRecord, RecordError> {
        self.write = write;
        let key = self.subject().key();
        let mut body = Vec::with_capacity(TYPICAL_BYTES);
        serde_json::to_writer(&mut body, self)
            .map_err(|source| RecordError::Json { key: key.clone(), source })?;
        Ok(NewRecord::new(key, self.state().as_str(), self.due, body)?)
    }

    /// Reads an order from its record.
    pub(crate) fn from_record(record: &Record) -> Result<Self, RecordError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let newer = |format| RecordError::Newer { key: record.key.clone(), format };
        match serde_json::from_slice(&record.body) {
            Ok(Self { format, .. }) if format > FORMAT => Err(newer(format)),
            Ok(order) => Ok(Self { version: record.version, ..order }),
            // What a newer version wrote may well be unreadable; then the format says why.
            Err(source) => match serde_json::from_slice(&record.body) {
                Ok(Format { format }) if format > FORMAT => Err(newer(format)),
                _ => Err(RecordError::Json { key: record.key.clone(), source }),
            },
        }
    }
}

/// Why an order cannot be written to, or read from, its record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The body is not an order: it was written by something else, or is damaged.
    #[error("the body of `{key}` is not an order that this version can read")]
    Json {
        /// Which record.
        key: Key,
        /// What the reader says.
        source: serde_json::Error,
    },
    /// The body was written by a newer version of this crate. Update this process.
    #[error(
        "the body of `{key}` has format {format}, this version reads up to {FORMAT}; update this process"
    )]
    Newer {
        /// Which record.
        key: Key,
        /// Its format.
        format: u32,
    },
    /// The order has grown over what a record can hold.
    #[error(transparent)]
    TooLarge(#[from] InvalidRecord),
}

const FORMAT: u32 = 1;
/// What a paid order of one attempt takes: space for it is asked for once.
const TYPICAL_BYTES: usize = 2048;
