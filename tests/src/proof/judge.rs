//! Looks into the service's ledger, and says whether money moved once.

use std::collections::BTreeSet;
use std::fmt;

use fps_checkout::order::Refusal;
use fps_checkout::{Amount, Order, State, Token};
use fps_sandbox::Ledger;
use fps_sandbox::ledger::{Status, Transaction};

use super::story::{PART, Story, TWICE};

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it should be.
    Good,
    /// A person has to decide, and this case is one of the named ones.
    Review(&'static str),
    /// Something is wrong.
    Bad(Harm, String),
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harm {
    /// More money moved than the buyer approved, or more often.
    DoubleCharge,
    /// Less money moved than the buyer approved, or it moved and the order or its handlers do not know.
    LostPayment,
    /// The order waits for ever, or for a person in a case that is not named.
    Stuck,
    /// Anything else.
    Wrong,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("good"),
            Self::Review(case) => write!(f, "review: {case}"),
            Self::Bad(harm, what) => write!(f, "{harm:?}: {what}"),
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
        Err((harm, what)) => match order.filter(|_| story == Story::NoMoney && moved(ledger) == Amount::ZERO)
        {
            Some(order) if is_left_to_a_person(order, heard) => Verdict::Review(REFUSED_UNHEARD),
            _ => Verdict::Bad(harm, what),
        },
    }
}

/// Whether the stored token's record knows what was paid with it, and no more; and whether the handlers know of it.
pub(super) fn judge_token(token: Option<&Token>, heard: &[(String, &'static str)]) -> Verdict {
    let Some(token) = token else {
        return Verdict::Bad(Harm::LostPayment, "there is no token".to_owned());
    };
    let known = (token.state(), token.spent(), token.payments(), token.uses().len());
    if known != (State::TokenHeld, TWICE, 2, 0) {
        return Verdict::Bad(Harm::Wrong, format!("the token is {known:?}"));
    }
    if token.due() != token.ends() || !token.outbox().is_empty() {
        return Verdict::Bad(Harm::Stuck, format!("the token waits for ever: {:?}", token.outbox()));
    }
    let names: BTreeSet<_> = heard.iter().map(|(_, news)| *news).collect();
    if names != BTreeSet::from(["Approved"]) {
        return Verdict::Bad(Harm::Wrong, format!("the handlers heard of the token: {heard:?}"));
    }
    Verdict::Good
}

/// Whether an order is in Review, a person was told, and nothing is under way for it any more.
pub(super) fn is_left_to_a_person(order: &Order, heard: &[(String, &'static str)]) -> bool {
    order.state() == State::Review
        && order.outbox().is_empty()
        && order.due().is_none()
        && order.replay().as_ref() == Ok(order.machine())
        && heard.iter().any(|(effect, news)| *news == "Alarm" && is_effect_of(effect, order))
}

/// Whether an effect is one of this order's.
pub(super) fn is_effect_of(effect: &str, order: &Order) -> bool {
    effect.strip_prefix(order.id().as_str()).is_some_and(|rest| rest.starts_with("-e"))
}

fn find_fault(
    story: Story,
    ledger: &Ledger,
    order: Option<&Order>,
    heard: &[(String, &'static str)],
) -> Result<(), (Harm, String)> {
    let wrong = |what: String| Err((Harm::Wrong, what));
    if ledger.sum() != 0 {
        return wrong(format!("the ledger's sum is {}", ledger.sum()));
    }
    let (state, amount) = story.end();
    let (moved, charges) = (moved(ledger), payments(ledger).count());
    if moved > amount || charges > story.orders().len() {
        return Err((Harm::DoubleCharge, format!("{moved} moved in {charges} charges, not {amount}")));
    }
    let Some(order) = order else {
        return Err((Harm::LostPayment, "there is no order".to_owned()));
    };
    // A cancel that never reached the shop leaves an order that expires: nobody came back, nothing was paid.
    let also = story == Story::Cancelled && order.state() == State::Expired;
    if order.state() != state && !also {
        let what = format!("the order is {}, not {state}: {:?}", order.state(), order.machine());
        let harm = match (order.state(), state) {
            (State::Paid, _) => Harm::Wrong,
            (State::Declined | State::Cancelled | State::Expired | State::Abandoned, State::Paid) => {
                Harm::LostPayment
            }
            _ => Harm::Stuck,
        };
        return Err((harm, what));
    }
    if moved < amount {
        return Err((Harm::LostPayment, format!("{moved} moved in {charges} charges, not {amount}")));
    }
    let refunded = refunded(ledger);
    let wanted = if story == Story::Refunded { PART } else { Amount::ZERO };
    if refunded != wanted || order.machine().refunded() != wanted {
        return wrong(format!("{refunded} refunded, {} booked, not {wanted}", order.machine().refunded()));
    }
    if !order.is_at_rest() || order.due().is_some() {
        return Err((Harm::Stuck, format!("the order waits for ever: {:?}", order.outbox())));
    }
    if !order.machine().alarms().is_empty() {
        return wrong(format!("alarms: {:?}", order.machine().alarms()));
    }
    match order.replay() {
        Ok(replayed) if replayed == *order.machine() => {}
        Ok(_) => return wrong("the journal replays to something else".to_owned()),
        Err(refusal) => return wrong(Refusal::to_string(&refusal)),
    }
    let names: BTreeSet<_> = heard.iter().map(|(_, news)| *news).collect();
    if let Some(other) = names.iter().find(|news| !story.may_tell(news)) {
        return wrong(format!("somebody heard of {other}: {heard:?}"));
    }
    match story.news().iter().find(|news| !names.contains(**news)) {
        Some(missing) => Err((Harm::LostPayment, format!("nobody heard of {missing}: {heard:?}"))),
        None => Ok(()),
    }
}

/// How much went from buyers to the shop.
fn moved(ledger: &Ledger) -> Amount {
    sum(payments(ledger))
}

/// How much went back.
fn refunded(ledger: &Ledger) -> Amount {
    sum(of_the_shop(ledger).filter(|one| one.original.is_some()))
}

fn payments(ledger: &Ledger) -> impl Iterator<Item = &Transaction> {
    of_the_shop(ledger).filter(|one| one.operation.is_charge())
}

/// What ended well and was asked for by the shop: what Mallory pays herself is her own affair.
fn of_the_shop(ledger: &Ledger) -> impl Iterator<Item = &Transaction> {
    ledger.transactions().filter(|one| one.status == Status::Success && one.caller.as_str() == "SHOP")
}

fn sum<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> Amount {
    transactions.fold(Amount::ZERO, |sum, one| sum.checked_add(one.amount).unwrap_or(sum))
}

/// A sending of unknown outcome, then a refusal: that ends nothing, because the first one may have moved the money. So the six
/// days pass in which it is sent again, and a person decides.
pub(super) const REFUSED_UNHEARD: &str = "refused after a sending that nobody heard of";
