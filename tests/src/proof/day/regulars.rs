//! Buyers who store a token, and are charged again and again: each time for an order of its own, within what they allowed, until
//! they or the shop take the token back.

use std::sync::Arc;
use std::time::Duration;

use fps_checkout::order::TokenRefusal;
use fps_checkout::{Amount, Checkout as _, Error, Order, OrderId, Shop, State, Token, TokenName, TokenTerms};
use fps_core::checkout::PaymentMethod;
use fps_core::client::Clock as _;
use fps_core::pipeline::{AmountType, Period, UsageLimit};
use fps_core::url::Url;
use fps_core::{Timestamp, TokenId};
use fps_sandbox::{Buyer, Page, people};

use super::HOUR;
use super::person::Person;
use super::town::{Town, someone};
use crate::proof::chance::Dice;
use crate::proof::mallory;
use crate::proof::run::Song;
use crate::proof::story::{PART, PRICE};
use crate::take_back;

/// What a regular allows, and with what he pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Three songs, and no fourth.
    Three,
    /// Two songs a day.
    Daily,
    /// Songs for two dollars in two days, each for exactly one.
    Budget,
    Card,
    Bank,
    /// Each song is reserved by card, and a part of it settled.
    Settled,
    /// Until the day after tomorrow.
    Short,
    Broke,
    Declined,
}

impl Habit {
    const ALL: [Self; 9] = [
        Self::Three,
        Self::Daily,
        Self::Budget,
        Self::Card,
        Self::Bank,
        Self::Settled,
        Self::Short,
        Self::Broke,
        Self::Declined,
    ];

    const fn method(self) -> PaymentMethod {
        match self {
            Self::Card | Self::Settled | Self::Declined => PaymentMethod::Cc,
            Self::Bank => PaymentMethod::Ach,
            _ => PaymentMethod::Abt,
        }
    }

    /// In what stretches of time his limits count, if not in the token's whole life.
    pub(super) const fn period(self) -> Option<Duration> {
        match self {
            Self::Daily => Some(DAY),
            Self::Budget => Some(DAY.saturating_mul(2)),
            _ => None,
        }
    }

    fn terms(self, now: Timestamp) -> TokenTerms {
        let terms = TokenTerms::at_most(MUCH).with_reason("Songs");
        match self {
            Self::Three => TokenTerms::at_most(THREE).with_reason("Three songs"),
            Self::Daily => terms.with_usage_limit(UsageLimit::count(2).per(Period::days(1))),
            Self::Budget => terms
                .with_each(PRICE, AmountType::Exact)
                .with_usage_limit(UsageLimit::amount(TWO).per(Period::days(2))),
            Self::Short => terms.with_expiry(now.after(DAY.saturating_mul(2))),
            _ => terms,
        }
    }
}

/// Who takes the token back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Farewell {
    Nobody,
    Shop,
    /// The buyer, on the pages of his account.
    Buyer,
}

impl Farewell {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Shop => "the shop",
            Self::Buyer => "the buyer",
        }
    }
}

/// One order that the shop charges to the token.
#[derive(Debug)]
pub(super) struct Charge {
    pub(super) id: OrderId,
    /// Whether the shop knew that the token had ended before this was asked for.
    pub(super) too_late: bool,
    /// Whether the shop ever answered with the order.
    pub(super) answered: bool,
    /// Why the shop would not.
    pub(super) refused: Option<TokenRefusal>,
}

/// A buyer with a stored token.
pub(super) struct Regular {
    person: Person,
    number: usize,
    pub(super) name: TokenName,
    pub(super) habit: Habit,
    pub(super) terms: TokenTerms,
    pub(super) farewell: Farewell,
    /// Whether he approves another token afterwards.
    anew: bool,
    /// How often he confirmed on the last page.
    pub(super) approvals: usize,
    /// Whether he did so for the last token.
    pub(super) approved: bool,
    /// Whether the shop held the token that he approved last.
    pub(super) stored: bool,
    /// Whether the shop is known to know that the token has ended.
    ended: bool,
    /// Who took the last token back.
    pub(super) ended_by: Option<Farewell>,
    /// When somebody began to take a token back, and who.
    pub(super) taken_back: Vec<(Timestamp, Farewell)>,
    pub(super) charges: Vec<Charge>,
}

impl Regular {
    pub(super) fn new(town: &Arc<Town>, number: usize, mut dice: Dice) -> Self {
        let habit = dice.pick(&Habit::ALL);
        let farewell = dice.pick(&[Farewell::Nobody, Farewell::Nobody, Farewell::Shop, Farewell::Buyer]);
        Self {
            number,
            name: TokenName::new(format!("regular-{number}")).expect("a plain name"),
            habit,
            terms: habit.terms(town.clock.now()),
            farewell,
            anew: dice.hits(2),
            approvals: 0,
            approved: false,
            stored: false,
            ended: false,
            ended_by: None,
            taken_back: Vec::new(),
            charges: Vec::new(),
            person: Person::new(town, dice),
        }
    }

    pub(super) async fn go(mut self) -> Self {
        self.person.pause(3600).await;
        if self.person.dice.hits(5) {
            self.approve(true).await;
            self.person.pause(3600).await;
        }
        if !self.store().await {
            return self;
        }
        let times = 3 + self.person.dice.throw(4);
        let last = 1 + self.person.dice.throw(3);
        let rest = self.person.dice.pick(&[6, 26, 4 * 24]) * HOUR.as_secs();
        for time in 0..times {
            if time == last && self.farewell != Farewell::Nobody {
                self.take_back().await;
                if self.anew {
                    // A charge that is refused tells the shop.
                    self.buy().await;
                    if self.shop_knows_the_end().await && !self.store().await {
                        return self;
                    }
                }
            }
            self.buy().await;
            self.person.pause(rest).await;
        }
        self
    }

    /// Approves a token, and waits until the shop holds it.
    async fn store(&mut self) -> bool {
        (self.stored, self.approved) = (false, false);
        for _ in 0..MOST_APPROVALS {
            self.approve(false).await;
            for _ in 0..MOST_LOOKS {
                match self.look().await.map(|token| token.state()) {
                    Some(State::TokenHeld) => {
                        (self.stored, self.ended, self.ended_by) = (true, false, None);
                        return true;
                    }
                    Some(State::Abandoned | State::Expired | State::Cancelled) => break,
                    _ => self.person.pause(1200).await,
                }
            }
        }
        false
    }

    async fn approve(&mut self, leaves: bool) {
        let Some(link) = self.begin().await else { return };
        let town = Arc::clone(&self.person.town);
        if self.person.dice.hits(6) {
            let query = mallory::forged_cancel(&town.sandbox, &link, town.version);
            self.person.come_back(&query).await;
        }
        self.person.pause(600).await;
        let (email, password) = self.account();
        let buyer = Buyer::new(email, password).method(self.habit.method());
        let buyer = if leaves { buyer.cancel_at(Page::Confirm) } else { buyer };
        let Some(back) = self.person.walk(buyer, &link).await else { return };
        if back.query_pairs().any(|(name, _)| name == "tokenID") {
            (self.approvals, self.approved) = (self.approvals + 1, true);
        }
        if self.person.dice.hits(8) {
            let song = Song { reserve: false }.parameters().expect("a song can be paid for");
            mallory::is_paid(&town.sandbox, town.clock, &link, &song).await;
        }
        self.person.return_to_shop(&back).await;
    }

    /// Clicks until there is a link.
    async fn begin(&mut self) -> Option<Url> {
        let (terms, name) = (self.terms.clone(), self.name.clone());
        for _ in 0..MOST_CLICKS {
            let click =
                async |shop: Shop| Some(shop.begin_token(&terms, name.clone()).await.ok()?.link().clone());
            let link = self.person.ask(click).await.into_iter().flatten().next();
            if link.is_some() {
                return link;
            }
            self.person.pause(30).await;
        }
        None
    }

    /// The token as one of the shop's processes sees it, if that lives to the answer.
    async fn look(&mut self) -> Option<Token> {
        let name = self.name.clone();
        let seen = self.person.ask(async |shop: Shop| shop.token(&name).await).await;
        seen.into_iter().flatten().next()
    }

    async fn shop_knows_the_end(&mut self) -> bool {
        for _ in 0..MOST_CLICKS {
            match self.look().await.map(|token| token.state()) {
                Some(State::TokenHeld) => return false,
                Some(_) => {
                    self.ended = true;
                    return true;
                }
                None => self.person.pause(30).await,
            }
        }
        false
    }

    /// One song, or two at once.
    async fn buy(&mut self) {
        let first = self.charges.len();
        let count = if self.person.dice.hits(3) { 2 } else { 1 };
        for at in first..first + count {
            let id = OrderId::new(format!("{}-{at}", self.name)).expect("a plain name");
            let too_late = self.ended;
            self.charges.push(Charge { id, too_late, answered: false, refused: None });
        }
        let reserve = self.habit == Habit::Settled;
        let mut clerk = || Person::new(&self.person.town, self.person.dice.split());
        let (clerk, colleague) = (clerk(), clerk());
        match &mut self.charges[first..] {
            [one, other] => {
                let other = other.ask(colleague, &self.name, reserve);
                tokio::join!(one.ask(clerk, &self.name, reserve), other);
            }
            [one] => one.ask(clerk, &self.name, reserve).await,
            _ => {}
        }
        let over = |charge: &Charge| {
            let state = State::Cancelled;
            charge.refused == Some(TokenRefusal::NotHeld { state })
                || charge.refused == Some(TokenRefusal::NotHeld { state: State::Expired })
        };
        self.ended |= self.charges[first..].iter().any(over);
        if reserve {
            for at in first..first + count {
                self.settle(at).await;
            }
        }
    }

    /// The merchant settles a part of a reservation, and does it again until it is done.
    async fn settle(&mut self, at: usize) {
        let id = self.charges[at].id.clone();
        for _ in 0..MOST_LOOKS {
            let seen = self.person.ask(async |shop: Shop| shop.order(&id).await).await;
            match seen.into_iter().flatten().next().map(|order: Order| order.state()) {
                Some(State::Reserved) => {
                    drop(self.person.ask(async |shop: Shop| shop.settle(&id, Some(PART)).await).await);
                }
                Some(State::Paid | State::Declined | State::Review | State::Cancelled) => return,
                None if !self.charges[at].answered => return,
                _ => {}
            }
            self.person.pause(1200).await;
        }
    }

    async fn take_back(&mut self) {
        let now = self.person.town.clock.now();
        match self.farewell {
            Farewell::Nobody => {}
            Farewell::Shop => {
                self.taken_back.push((now, Farewell::Shop));
                self.ended |= self.cancel().await;
                self.ended_by = Some(Farewell::Shop);
            }
            Farewell::Buyer => {
                let town = Arc::clone(&self.person.town);
                let Some(token) = self.token_of_the_service() else { return };
                let (email, password) = self.account();
                town.sandbox.clock().set(now);
                let (http, service) = (town.sandbox.http(), town.sandbox.url());
                if take_back(&http, &service, &email, &password, &token).await {
                    self.taken_back.push((now, Farewell::Buyer));
                    self.ended_by = Some(Farewell::Buyer);
                }
            }
        }
    }

    /// The shop cancels the token, while it charges another song to it or not. Whether it says that it is cancelled.
    async fn cancel(&mut self) -> bool {
        let (name, mut canceller) =
            (self.name.clone(), Person::new(&self.person.town, self.person.dice.split()));
        let cancel = async {
            for _ in 0..MOST_CLICKS {
                let answers = canceller.ask(async |shop: Shop| shop.cancel_token(&name).await).await;
                match answers.into_iter().next() {
                    Some(Ok(token)) => return token.state() == State::Cancelled,
                    // Its time was over.
                    Some(Err(Error::Refused { .. })) => return false,
                    _ => canceller.pause(30).await,
                }
            }
            false
        };
        if self.person.dice.hits(2) { tokio::join!(cancel, self.buy()).0 } else { cancel.await }
    }

    /// The last token that he approved, by the service's own name.
    fn token_of_the_service(&self) -> Option<TokenId> {
        let ledger = self.person.town.sandbox.ledger();
        let is_his = |reference: &str| {
            reference.rsplit_once("-t").is_some_and(|(of, _)| of.ends_with(self.name.as_str()))
        };
        ledger.tokens().filter(|token| is_his(token.reference.as_str())).last().map(|token| token.id.clone())
    }

    fn account(&self) -> (String, String) {
        match self.habit {
            Habit::Broke => (people::NINA.to_owned(), "nina".to_owned()),
            Habit::Declined => (people::DORA.to_owned(), "dora".to_owned()),
            _ => someone(self.number),
        }
    }
}

impl Charge {
    /// Asks for it until the shop has said what became of it, and sometimes once more.
    async fn ask(&mut self, mut person: Person, token: &TokenName, reserve: bool) {
        let id = self.id.clone();
        for _ in 0..MOST_CLICKS {
            // Who asks again wants to hear again: what was refused before may be there now.
            let mut heard = false;
            let charge = async |shop: Shop| shop.charge_token(token, &Song { reserve }, id.clone()).await;
            for answer in person.ask(charge).await {
                match answer {
                    Ok(_) => (self.answered, heard) = (true, true),
                    Err(Error::TokenRefused { source, .. }) => (self.refused, heard) = (Some(source), true),
                    Err(_) => {}
                }
            }
            if heard && !person.dice.hits(4) {
                return;
            }
            person.pause(30).await;
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);
const TWO: Amount = Amount::usd("2.00");
const THREE: Amount = Amount::usd("3.00");
const MUCH: Amount = Amount::usd("30.00");
const MOST_APPROVALS: usize = 3;
const MOST_CLICKS: usize = 50;
const MOST_LOOKS: usize = 60;
