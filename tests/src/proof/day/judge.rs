//! Compares the service's ledger with each order and each stored token, and with all of them together.

mod order;
mod token;

use fps_checkout::{Amount, Order, Shop};
use fps_core::Timestamp;
use fps_core::client::Clock as _;
use fps_sandbox::Ledger;
use fps_sandbox::ledger::{Status, Transaction};

use super::Day;
use super::buyers::Visit;
use super::regulars::Regular;
use super::town::Town;

/// What happened on a day, by the service's ledger and by the handlers' own books.
struct Evidence {
    now: Timestamp,
    ledger: Ledger,
    /// Effect ids with their news.
    heard: Vec<(String, &'static str)>,
}

impl Town {
    pub(super) async fn judge(&self, visits: &[Visit], regulars: &[Regular]) -> Day {
        self.sandbox.clock().set(self.clock.now());
        let evidence = Evidence {
            now: self.clock.now(),
            ledger: self.sandbox.ledger(),
            heard: self.stations.iter().flat_map(|station| station.seam.heard()).collect(),
        };
        let mut day = Day {
            buyers: visits.len() + regulars.len(),
            regulars: regulars.len(),
            restarts: self.stations.iter().map(|station| station.seam.life() / 2).sum(),
            ..Day::default()
        };
        for (fault, times) in self.stations.iter().flat_map(|station| station.seam.struck()) {
            *day.faults.entry(fault).or_default() += times;
        }
        if evidence.ledger.sum() != 0 {
            day.violations.push(format!("the ledger's sum is {}", evidence.ledger.sum()));
        }
        let shop = self.calm_shop().await;
        let mut paid = Amount::ZERO;
        for visit in visits {
            let Ok(order) = shop.order(&visit.id).await else {
                day.violations.push(format!("order {} is not there", visit.id));
                continue;
            };
            paid = plus(paid, order.machine().paid());
            day.note(&order, &format!("{:?}", visit.wish), evidence.judge(&order, visit.may_end()));
        }
        for regular in regulars {
            paid = plus(paid, self.judge_regular(regular, &shop, &evidence, &mut day).await);
        }
        let moved = of_the_shop(&evidence.ledger).filter(|one| one.operation.is_charge());
        let moved = moved.map(|one| one.amount).fold(Amount::ZERO, plus);
        if moved != paid {
            day.violations.push(format!("the orders say {paid}, the ledger says {moved}"));
        }
        day
    }

    /// A stored token and every order that was charged to it; how much they paid.
    async fn judge_regular(
        &self,
        regular: &Regular,
        shop: &Shop,
        evidence: &Evidence,
        day: &mut Day,
    ) -> Amount {
        let name = &regular.name;
        let Ok(token) = shop.token(name).await else {
            day.violations.push(format!("token {name} is not there"));
            return Amount::ZERO;
        };
        *day.tokens.entry(token.state()).or_default() += 1;
        for (_, by) in &regular.taken_back {
            *day.taken_back.entry(by.as_str()).or_default() += 1;
        }
        let (mut paid, mut orders) = (Amount::ZERO, Vec::new());
        for charge in &regular.charges {
            day.refused += usize::from(charge.refused.is_some() && !charge.answered);
            let order = shop.order(&charge.id).await.ok();
            if let Err(what) = token::judge_charge(charge, order.as_ref()) {
                day.violations.push(format!("{} of token {name}: {what}: {charge:?}", charge.id));
            }
            let Some(order) = order else { continue };
            paid = plus(paid, order.machine().paid());
            let ends = token::may_end(regular, &order);
            day.note(&order, &format!("{:?}", regular.habit), evidence.judge(&order, &ends));
            orders.push(order);
        }
        match evidence.judge_token(regular, self.is_first(), &token, &orders) {
            Ok(charges) => day.charges += charges,
            Err(what) => {
                let (habit, machine) = (regular.habit, token.machine());
                day.violations.push(format!("token {name} ({habit:?}): {what}: {machine:?}"));
            }
        }
        paid
    }
}

impl Day {
    /// Notes where an order ended, and what is to be said of it.
    fn note(&mut self, order: &Order, wish: &str, judged: Result<Option<&'static str>, String>) {
        *self.ends.entry(order.state()).or_default() += 1;
        match judged {
            Ok(None) => {}
            Ok(Some(case)) => *self.reviews.entry(case).or_default() += 1,
            Err(what) => {
                let (id, machine) = (order.id(), order.machine());
                self.violations.push(format!("order {id} ({wish}): {what}: {machine:?}"));
            }
        }
    }
}

/// What ended well and was asked for by the shop.
fn of_the_shop(ledger: &Ledger) -> impl Iterator<Item = &Transaction> {
    ledger.transactions().filter(|one| one.status == Status::Success && one.caller.as_str() == "SHOP")
}

/// Whether a transaction was made under a reference of an order's own.
fn is_of(order: &Order, one: &Transaction) -> bool {
    let reference = one.caller_reference.as_str();
    let own = |attempt: &fps_checkout::order::Attempt| {
        reference.strip_prefix(attempt.reference.as_str()).is_some_and(|rest| rest.starts_with('-'))
    };
    order.attempts().iter().any(own)
}

fn plus(one: Amount, other: Amount) -> Amount {
    one.checked_add(other).unwrap_or(one)
}
