//! Looks into the service's ledger, and says whether money moved once.

use std::collections::BTreeSet;
use std::fmt;

use fps_checkout::order::Refusal;
use fps_checkout::{Amount, Order, State};
use fps_sandbox::Ledger;
use fps_sandbox::ledger::Status;

use super::story::{PART, Story};

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it should be.
    Good,
    /// A person has to decide, and this case is one of the named ones.
    Review(&'static str),
    /// Something is wrong.
    Bad(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("good"),
            Self::Review(case) => write!(f, "review: {case}"),
            Self::Bad(what) => write!(f, "bad: {what}"),
        }
    }
}

pub(super) fn judge(
    story: Story,
    ledger: &Ledger,
    order: Option<&Order>,
    heard: &[(String, &'static str)],
) -> Verdict {
    match find_fault(story, ledger, order, heard) {
        Ok(()) => Verdict::Good,
        Err(what) => match order {
            Some(order) if order.state() == State::Review && moved(ledger) == Amount::ZERO => {
                match story {
                    // A sending of unknown outcome, then a refusal: it ends nothing, and the six days pass. No money moved.
                    Story::NoMoney => Verdict::Review("refused after a sending that nobody heard of"),
                    _ => Verdict::Bad(what),
                }
            }
            _ => Verdict::Bad(what),
        },
    }
}

fn find_fault(
    story: Story,
    ledger: &Ledger,
    order: Option<&Order>,
    heard: &[(String, &'static str)],
) -> Result<(), String> {
    if ledger.sum() != 0 {
        return Err(format!("the ledger's sum is {}", ledger.sum()));
    }
    let order = order.ok_or("there is no order")?;
    let (state, amount) = story.end();
    if moved(ledger) != amount || ledger.charges() != usize::from(amount != Amount::ZERO) {
        return Err(format!("{} moved in {} charges, not {amount}", moved(ledger), ledger.charges()));
    }
    let refunded: Amount = sum(ledger, |kind_is_refund| kind_is_refund);
    let wanted = if story == Story::Refunded { PART } else { Amount::ZERO };
    if refunded != wanted || order.machine().refunded() != wanted {
        return Err(format!("{refunded} refunded, {} booked, not {wanted}", order.machine().refunded()));
    }
    // A cancel that never reached the shop leaves an order that expires: nobody came back, nothing was paid.
    let also = story == Story::Cancelled && order.state() == State::Expired;
    if order.state() != state && !also {
        return Err(format!("the order is {}, not {state}: {:?}", order.state(), order.machine()));
    }
    if !order.is_at_rest() || order.due().is_some() {
        return Err(format!("the order waits for ever: {:?}", order.outbox()));
    }
    if !order.machine().alarms().is_empty() {
        return Err(format!("alarms: {:?}", order.machine().alarms()));
    }
    let replayed = order.replay().map_err(|refusal: Refusal| refusal.to_string())?;
    if replayed != *order.machine() {
        return Err("the journal replays to something else".to_owned());
    }
    let names: BTreeSet<_> = heard.iter().map(|(_, news)| *news).collect();
    if let Some(wrong) = names.iter().find(|news| !story.may_tell(news)) {
        return Err(format!("somebody heard of {wrong}: {heard:?}"));
    }
    match story.news().iter().find(|news| !names.contains(**news)) {
        Some(missing) => Err(format!("nobody heard of {missing}: {heard:?}")),
        None => Ok(()),
    }
}

/// How much went from buyers to sellers.
fn moved(ledger: &Ledger) -> Amount {
    sum(ledger, |kind_is_refund| !kind_is_refund)
}

fn sum(ledger: &Ledger, wanted: impl Fn(bool) -> bool) -> Amount {
    ledger
        .transactions()
        .filter(|one| one.status == Status::Success && wanted(one.original.is_some()))
        .fold(Amount::ZERO, |sum, one| sum.checked_add(one.amount).unwrap_or(sum))
}
