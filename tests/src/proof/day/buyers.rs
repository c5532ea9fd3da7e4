//! The buyers, and what the merchant makes of their orders.

use std::sync::Arc;

use fps_checkout::{Amount, Checkout as _, OrderId, RefundId, Shop, State};
use fps_core::checkout::PaymentMethod;
use fps_core::url::Url;
use fps_sandbox::{Buyer, Page, people};

use super::person::Person;
use super::town::{Town, someone};
use crate::proof::chance::Dice;
use crate::proof::mallory;
use crate::proof::run::Song;
use crate::proof::story::{HALF, PART};

/// What a buyer wants, and what the merchant makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Balance,
    Card,
    Bank,
    Settled,
    Released,
    Deferred,
    Refunded,
    Leaves,
    ComesAgain,
    Broke,
    Declined,
}

impl Wish {
    const ALL: [Self; 11] = [
        Self::Balance,
        Self::Card,
        Self::Bank,
        Self::Settled,
        Self::Released,
        Self::Deferred,
        Self::Refunded,
        Self::Leaves,
        Self::ComesAgain,
        Self::Broke,
        Self::Declined,
    ];

    const fn reserves(self) -> bool {
        matches!(self, Self::Settled | Self::Released)
    }

    const fn method(self) -> PaymentMethod {
        match self {
            Self::Card | Self::Settled | Self::Released | Self::Declined => PaymentMethod::Cc,
            Self::Bank => PaymentMethod::Ach,
            _ => PaymentMethod::Abt,
        }
    }
}

/// One buyer's order.
pub(super) struct Visit {
    person: Person,
    number: usize,
    pub(super) id: OrderId,
    pub(super) wish: Wish,
    /// Whether the buyer confirmed on the last page.
    approved: bool,
}

impl Visit {
    pub(super) fn new(town: &Arc<Town>, number: usize, mut dice: Dice) -> Self {
        let id = OrderId::new(format!("order-{number}")).expect("a plain name");
        let wish = dice.pick(&Wish::ALL);
        Self { person: Person::new(town, dice), number, id, wish, approved: false }
    }

    pub(super) async fn go(mut self) -> Self {
        self.person.pause(3600).await;
        self.buy(self.wish == Wish::Leaves || self.wish == Wish::ComesAgain).await;
        if self.wish == Wish::ComesAgain {
            self.person.pause(3600).await;
            self.buy(false).await;
        }
        self.merchant().await;
        self
    }

    /// Where the order may end.
    pub(super) fn may_end(&self) -> &'static [State] {
        match self.wish {
            // Its return may never have come.
            Wish::Leaves => &[State::Abandoned, State::Expired],
            _ if !self.approved => &[State::Abandoned, State::Expired, State::AwaitingBuyer],
            Wish::Broke => &[State::Declined, State::Review],
            Wish::Declined => &[State::Declined],
            Wish::Released => &[State::Cancelled],
            _ => &[State::Paid],
        }
    }

    async fn buy(&mut self, leaves: bool) {
        let Some(link) = self.begin().await else { return };
        let town = Arc::clone(&self.person.town);
        if self.person.dice.hits(6) {
            let query = mallory::forged_cancel(&town.sandbox, &link, town.version);
            self.person.come_back(&query).await;
        }
        self.person.pause(600).await;
        let buyer = if leaves { self.buyer().cancel_at(Page::Confirm) } else { self.buyer() };
        let Some(back) = self.person.walk(buyer, &link).await else { return };
        self.approved |= back.query_pairs().any(|(name, _)| name == "tokenID");
        if self.person.dice.hits(8) {
            let song = Song { reserve: self.wish.reserves() }.parameters().expect("a song can be paid for");
            mallory::is_paid(&town.sandbox, town.clock, &link, &song).await;
        }
        self.person.return_to_shop(&back).await;
    }

    /// Clicks until there is a link, sometimes at two processes at once.
    async fn begin(&mut self) -> Option<Url> {
        let (id, wish) = (self.id.clone(), self.wish);
        for _ in 0..MOST_CLICKS {
            let click = async |shop: Shop| {
                let begin = shop.begin(&Song { reserve: wish.reserves() }, id.clone());
                let begin = if wish == Wish::Deferred { begin.deferred() } else { begin };
                begin.await.ok().map(|begun| begun.link().clone())
            };
            let link = self.person.ask(click).await.into_iter().flatten().next();
            if link.is_some() {
                return link;
            }
            self.person.pause(30).await;
        }
        None
    }

    fn buyer(&self) -> Buyer {
        let (email, password) = match self.wish {
            Wish::Broke => (people::NINA.to_owned(), "nina".to_owned()),
            Wish::Declined => (people::DORA.to_owned(), "dora".to_owned()),
            _ => someone(self.number),
        };
        Buyer::new(email, password).method(self.wish.method())
    }

    /// The merchant looks at the order every few minutes, and does what is to be done until it is done.
    async fn merchant(&mut self) {
        if !matches!(self.wish, Wish::Settled | Wish::Released | Wish::Deferred | Wish::Refunded) {
            return;
        }
        let town = Arc::clone(&self.person.town);
        for _ in 0..MOST_LOOKS {
            self.person.pause(1200).await;
            let (id, wish) = (self.id.clone(), self.wish);
            let station = town.station(&mut self.person.dice);
            let look = id.clone();
            let Some(Ok(order)) = station.act(|shop| async move { shop.order(&look).await }).await else {
                continue;
            };
            let refunds = order.machine().refunded() > Amount::ZERO;
            match (wish, order.state()) {
                (Wish::Settled, State::Reserved) => {
                    let _ = station.act(|shop| async move { shop.settle(&id, Some(PART)).await }).await;
                }
                // A reservation of the first version cannot be cancelled: it lapses.
                (Wish::Released, State::Reserved) if town.is_first() => return,
                (Wish::Released, State::Reserved) => {
                    let _ = station.act(|shop| async move { shop.cancel(&id).await }).await;
                }
                (Wish::Deferred, State::TokenHeld) => {
                    let _ = station.act(|shop| async move { shop.charge(&id, Some(PART)).await }).await;
                }
                (Wish::Refunded, State::Paid) if !refunds => {
                    let refund = |shop: Shop| {
                        let id = id.clone();
                        async move {
                            let name = RefundId::new("sorry").expect("a plain name");
                            shop.refund(&id, name, Some(HALF)).await
                        }
                    };
                    let _ =
                        tokio::join!(station.act(refund), town.station(&mut self.person.dice).act(refund));
                }
                (Wish::Refunded, State::Paid)
                | (_, State::Paid | State::Cancelled | State::Declined | State::Review) => return,
                (_, State::Abandoned | State::Expired) if !self.approved => return,
                _ => {}
            }
        }
    }
}

const MOST_CLICKS: usize = 50;
const MOST_LOOKS: usize = 60;
