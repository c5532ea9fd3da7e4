//! What everybody does who buys: asks the shop, walks the pages, comes back or does not, and waits in between.

use std::sync::Arc;
use std::time::Duration;

use fps_checkout::{Completed, Shop};
use fps_core::client::Clock as _;
use fps_core::url::Url;
use fps_sandbox::Buyer;

use super::town::Town;
use crate::proof::chance::Dice;

/// Somebody in town, with dice of his own.
pub(super) struct Person {
    pub(super) town: Arc<Town>,
    pub(super) dice: Dice,
}

impl Person {
    pub(super) fn new(town: &Arc<Town>, dice: Dice) -> Self {
        Self { town: Arc::clone(town), dice }
    }

    /// Waits for less than so many seconds.
    pub(super) async fn pause(&mut self, at_most: u64) {
        tokio::time::sleep(Duration::from_secs(self.dice.throw(at_most))).await;
    }

    /// Asks the shop, sometimes at two of its processes at once: what those answer that live to the answer.
    pub(super) async fn ask<T, F: Future<Output = T>>(&mut self, task: impl Fn(Shop) -> F) -> Vec<T> {
        if self.dice.hits(4) {
            let (one, two) = (self.town.station(&mut self.dice), self.town.station(&mut self.dice));
            let (one, two) = tokio::join!(one.act(&task), two.act(&task));
            one.into_iter().chain(two).collect()
        } else {
            self.town.station(&mut self.dice).act(task).await.into_iter().collect()
        }
    }

    /// Walks the pages to their end: where they lead back to, if they let him.
    pub(super) async fn walk(&self, buyer: Buyer, link: &Url) -> Option<Url> {
        self.town.sandbox.clock().set(self.town.clock.now());
        buyer.approve(&self.town.sandbox.http(), link).await.ok()
    }

    /// Comes back from the pages, or comes twice, or never.
    pub(super) async fn return_to_shop(&mut self, back: &Url) {
        let query = back.query().unwrap_or_default();
        match self.dice.throw(5) {
            0 => {}
            1 => {
                self.pause(120).await;
                self.come_back(query).await;
                self.come_back(query).await;
            }
            _ => {
                self.pause(120).await;
                self.come_back(query).await;
            }
        }
    }

    /// Comes back, sometimes in two tabs at two processes. A page that says "we are checking" is left alone.
    pub(super) async fn come_back(&mut self, query: &str) {
        let come = async |shop: Shop| shop.complete(query).await.map(|completed: Completed| drop(completed));
        drop(self.ask(come).await);
    }
}
