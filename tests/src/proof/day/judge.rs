//! Compares the service's ledger with each order and with all of them together.

use std::collections::BTreeSet;

use fps_checkout::{Amount, Order, State};
use fps_core::client::Clock as _;
use fps_sandbox::Ledger;
use fps_sandbox::ledger::{Status, Transaction};

use super::Day;
use super::buyers::Visit;
use super::town::Town;
use crate::proof::judge::{REFUSED_UNHEARD, is_left_to_a_person, is_of};
use crate::proof::seam::{Plan, Seam};

impl Town {
    pub(super) async fn judge(&self, visits: &[Visit]) -> Day {
        self.sandbox.clock().set(self.clock.now());
        let ledger = self.sandbox.ledger();
        let heard: Vec<_> = self.stations.iter().flat_map(|station| station.seam.heard()).collect();
        let mut day = Day {
            buyers: visits.len(),
            restarts: self.stations.iter().map(|station| station.seam.life() / 2).sum(),
            ..Day::default()
        };
        for (fault, times) in self.stations.iter().flat_map(|station| station.seam.struck()) {
            *day.faults.entry(fault).or_default() += times;
        }
        if ledger.sum() != 0 {
            day.violations.push(format!("the ledger's sum is {}", ledger.sum()));
        }
        // A calm process, to read with.
        let calm = Seam::new(Plan::new(), None);
        let (_, shop) = self.stations[0].open(&calm).await;
        let mut paid = Amount::ZERO;
        for visit in visits {
            let Ok(order) = shop.order(&visit.id).await else {
                day.violations.push(format!("order {} is not there", visit.id));
                continue;
            };
            *day.ends.entry(order.state()).or_default() += 1;
            paid = plus(paid, order.machine().paid());
            match judge(visit, &order, &ledger, &heard) {
                Ok(None) => {}
                Ok(Some(case)) => *day.reviews.entry(case).or_default() += 1,
                Err(what) => {
                    let (wish, machine) = (visit.wish, order.machine());
                    day.violations.push(format!("order {} ({wish:?}): {what}: {machine:?}", visit.id));
                }
            }
        }
        let moved = of_the_shop(&ledger).filter(|one| one.operation.is_charge()).map(|one| one.amount);
        let moved = moved.fold(Amount::ZERO, plus);
        if moved != paid {
            day.violations.push(format!("the orders say {paid}, the ledger says {moved}"));
        }
        day
    }
}

/// One order against the ledger: the named case, if a person has to decide it.
fn judge(
    visit: &Visit,
    order: &Order,
    ledger: &Ledger,
    heard: &[(String, &'static str)],
) -> Result<Option<&'static str>, String> {
    let references: BTreeSet<_> = order.attempts().iter().map(|attempt| attempt.reference.as_str()).collect();
    let ours = |one: &&Transaction| {
        let reference = one.caller_reference.as_str();
        references.iter().any(|own| reference.strip_prefix(own).is_some_and(|rest| rest.starts_with('-')))
    };
    let (charges, refunds): (Vec<_>, Vec<_>) =
        of_the_shop(ledger).filter(ours).partition(|one| one.operation.is_charge());
    let moved = charges.iter().map(|one| one.amount).fold(Amount::ZERO, plus);
    let back = refunds.iter().map(|one| one.amount).fold(Amount::ZERO, plus);
    if charges.len() > 1 || moved > order.total() {
        return Err(format!("{moved} moved in {} charges", charges.len()));
    }
    if moved != order.machine().paid() {
        return Err(format!("{moved} moved, and the order is {}", order.state()));
    }
    if back != order.machine().refunded() || back > moved {
        return Err(format!("{back} went back, and the order says {}", order.machine().refunded()));
    }
    let ends = visit.may_end();
    if !ends.contains(&order.state()) {
        return Err(format!("the order is {}, expected one of {ends:?}", order.state()));
    }
    if is_left_to_a_person(order, heard) {
        return Ok(Some(REFUSED_UNHEARD));
    }
    if !order.is_at_rest() || order.due().is_some() {
        return Err(format!("the order waits for ever: {:?}", order.outbox()));
    }
    if !order.machine().alarms().is_empty() {
        return Err("it has alarms".to_owned());
    }
    if order.replay().as_ref() != Ok(order.machine()) {
        return Err("the journal replays to something else".to_owned());
    }
    let news: BTreeSet<_> = heard.iter().filter(|(effect, _)| is_of(effect, order)).collect();
    let told = |name: &str| news.iter().filter(|(_, news)| *news == name).count();
    if told("Paid") != usize::from(order.state() == State::Paid) {
        return Err(format!("the handlers heard {news:?}"));
    }
    Ok(None)
}

/// What ended well and was asked for by the shop.
fn of_the_shop(ledger: &Ledger) -> impl Iterator<Item = &Transaction> {
    ledger.transactions().filter(|one| one.status == Status::Success && one.caller.as_str() == "SHOP")
}

fn plus(one: Amount, other: Amount) -> Amount {
    one.checked_add(other).unwrap_or(one)
}
