//! One order against the ledger.

use std::collections::BTreeSet;

use fps_checkout::{Amount, Order, State};

use super::{Evidence, is_of, of_the_shop, plus};
use crate::proof::judge::{REFUSED_UNHEARD, is_effect_of, is_left_to_a_person};

impl Evidence {
    /// The named case, if a person has to decide it.
    pub(super) fn judge(&self, order: &Order, ends: &[State]) -> Result<Option<&'static str>, String> {
        let (charges, refunds): (Vec<_>, Vec<_>) = of_the_shop(&self.ledger)
            .filter(|one| is_of(order, one))
            .partition(|one| one.operation.is_charge());
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
        if !ends.contains(&order.state()) {
            return Err(format!("the order is {}, expected one of {ends:?}", order.state()));
        }
        if is_left_to_a_person(order, &self.heard) {
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
        let news: BTreeSet<_> = self.heard.iter().filter(|(effect, _)| is_effect_of(effect, order)).collect();
        let told = |name: &str| news.iter().filter(|(_, news)| *news == name).count();
        if told("Paid") != usize::from(order.state() == State::Paid) {
            return Err(format!("the handlers heard {news:?}"));
        }
        Ok(None)
    }
}
