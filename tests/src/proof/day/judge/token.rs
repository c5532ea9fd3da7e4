//! One stored token, and what was charged to it, against the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fps_checkout::{Amount, Order, State, Token};
use fps_core::Timestamp;
use fps_core::pipeline::{AmountType, UsageValue};
use fps_sandbox::ledger::{self, Transaction};

use super::{Evidence, is_of, of_the_shop, plus};
use crate::proof::day::regulars::{Charge, Farewell, Habit, Regular};
use crate::proof::day::town::waits_for_its_end;

/// Whether the shop did with an order what it said.
pub(super) fn judge_charge(charge: &Charge, order: Option<&Order>) -> Result<(), &'static str> {
    match (order, charge) {
        (None, Charge { refused: Some(_), answered: false, .. }) => Ok(()),
        (None, _) => Err("the shop was asked for it, and it is not there"),
        (Some(_), Charge { too_late: true, .. }) => Err("it was charged after the shop knew of the end"),
        // Nobody heard the first answer; when it was asked for again there was no room, and it came to nothing or to a person.
        (Some(order), Charge { answered: false, refused: Some(_), .. })
            if matches!(order.state(), State::Declined | State::Review) =>
        {
            Ok(())
        }
        (Some(_), Charge { answered: false, .. }) => Err("it is there, and the shop never said so"),
        (Some(_), _) => Ok(()),
    }
}

/// Where an order that was charged to a token may end.
pub(super) fn may_end(regular: &Regular, order: &Order) -> Vec<State> {
    let code = order.machine().operations().last().and_then(|last| last.code.as_deref()).unwrap_or_default();
    let last = order.journal().last().map(|last| last.at);
    let since = |end: Timestamp| last.is_some_and(|last| last >= end.before(SKEW));
    let ended =
        regular.taken_back.iter().any(|(at, _)| since(*at)) || regular.terms.expires().is_some_and(since);
    match regular.habit {
        Habit::Broke => vec![State::Declined, State::Review],
        Habit::Declined if ended => vec![State::Declined, State::Review],
        Habit::Declined => vec![State::Declined],
        _ if ended => vec![State::Paid, State::Declined, State::Review],
        // Whose return was lost is stored later than the service made the token: the shop's days begin later than the service's,
        // which may refuse what the shop does not. Whether it did is not known if the last answer was lost too.
        _ if regular.habit.period().is_some() && code == "TokenUsageError" => {
            vec![State::Declined, State::Review]
        }
        _ if regular.habit.period().is_some() => vec![State::Paid, State::Review],
        _ => vec![State::Paid],
    }
}

impl Evidence {
    /// How many charges there were.
    pub(super) fn judge_token(
        &self,
        regular: &Regular,
        is_first: bool,
        token: &Token,
        orders: &[Order],
    ) -> Result<usize, String> {
        // Of each attempt that was approved, the first one first.
        let held: Vec<_> = token.attempts().iter().filter_map(|attempt| self.token_of(attempt)).collect();
        let mut all = 0;
        for one in &held {
            let charges: Vec<_> = of_the_shop(&self.ledger)
                .filter(|charge| {
                    charge.operation.is_charge() && charge.sender_token.as_ref() == Some(&one.id)
                })
                .collect();
            all += charges.len();
            for charge in &charges {
                let own = orders.iter().filter(|order| is_of(order, charge)).count();
                if own != 1 {
                    return Err(format!("the charge {} is of {own} orders", charge.caller_reference));
                }
            }
            within_limits(regular, one, &charges)?;
        }
        if regular.approvals < held.len() {
            return Err(format!("{} approvals made {} tokens", regular.approvals, held.len()));
        }
        let paid = orders.iter().filter(|order| order.state() == State::Paid).count();
        if paid != all {
            return Err(format!("{paid} orders are paid by {all} charges"));
        }
        let wanted = regular.charges.len().min(3);
        if regular.habit == Habit::Three && regular.taken_back.is_empty() && regular.stored && paid != wanted
        {
            return Err(format!("{paid} orders are paid, and {wanted} are within the limit"));
        }
        let ends = may_end_itself(regular, is_first);
        if !ends.contains(&token.state()) {
            return Err(format!("the token is {}, expected one of {ends:?}", token.state()));
        }
        self.is_at_rest(token, orders)?;
        self.knows_what_was_spent(token, &held)?;
        self.told_its_end(token, regular)?;
        Ok(all)
    }

    /// The service's token of an attempt.
    fn token_of(&self, attempt: &fps_checkout::order::Attempt) -> Option<&ledger::Token> {
        let is_its =
            |token: &&ledger::Token| token.caller.as_str() == "SHOP" && token.reference == attempt.reference;
        self.ledger.tokens().find(is_its)
    }

    /// Nothing waits but the token's own end, and what a person has to decide.
    fn is_at_rest(&self, token: &Token, orders: &[Order]) -> Result<(), String> {
        let is_in_review = |id| orders.iter().any(|order| order.id() == id && order.state() == State::Review);
        let open: Vec<_> = token.uses().iter().filter(|one| !one.settled).collect();
        if open.iter().any(|one| !is_in_review(&one.order)) {
            return Err(format!("it waits for ever to know what became of {open:?}"));
        }
        if !token.outbox().is_empty() || open.is_empty() && !waits_for_its_end(token) {
            return Err(format!("it waits for ever: {:?}, {:?}", token.due(), token.outbox()));
        }
        if token.needs_a_person() {
            return Err("it has alarms".to_owned());
        }
        Ok(())
    }

    /// What the shop counts of the token that it held last, and holds no other for good.
    fn knows_what_was_spent(&self, token: &Token, held: &[&ledger::Token]) -> Result<(), String> {
        let now = self.now;
        let Some((last, before)) = held.split_last() else { return Ok(()) };
        if let Some(left) = before.iter().find(|one| one.is_active(now)) {
            return Err(format!("the token of {} is left active", left.reference));
        }
        let is_held = token.state() == State::TokenHeld;
        if !is_held && last.is_active(now) {
            return Err(format!("it is {}, and active at the service", token.state()));
        }
        let charges = of_the_shop(&self.ledger)
            .filter(|one| one.operation.is_charge() && one.sender_token.as_ref() == Some(&last.id));
        let (paid, count) =
            charges.fold((Amount::ZERO, 0), |(sum, count), one| (plus(sum, one.amount), count + 1));
        let open: Vec<_> = token.uses().iter().filter(|one| !one.settled).collect();
        let spent = open.iter().map(|one| one.amount).fold(paid, plus);
        let payments = count + u64::try_from(open.len()).unwrap_or_default();
        if (token.spent(), token.payments()) != (spent, payments) {
            return Err(format!(
                "it counts {} in {} payments, the ledger {spent} in {payments}",
                token.spent(),
                token.payments()
            ));
        }
        Ok(())
    }

    fn told_its_end(&self, token: &Token, regular: &Regular) -> Result<(), String> {
        let prefix = format!("token/{}-e", token.name());
        let news: BTreeSet<_> = self.heard.iter().filter(|(effect, _)| effect.starts_with(&prefix)).collect();
        let told = |name: &str| news.iter().any(|(_, news)| *news == name);
        let end = match token.state() {
            State::Cancelled => "Cancelled",
            State::Expired => "Expired",
            State::Abandoned => "Abandoned",
            _ => "Approved",
        };
        if !told(end) || (regular.stored && !told("Approved")) {
            return Err(format!("the handlers heard {news:?}"));
        }
        Ok(())
    }
}

/// Where the token itself may end.
fn may_end_itself(regular: &Regular, is_first: bool) -> Vec<State> {
    if !regular.stored && !regular.approved {
        // Of a second token he may not even have had the link.
        return vec![State::Abandoned, State::Expired, State::Cancelled];
    }
    let lasts = if regular.habit == Habit::Short { State::Expired } else { State::TokenHeld };
    match regular.ended_by {
        None => vec![lasts],
        // The first version has no notices: one that is not charged any more may rest as if it were held.
        Some(Farewell::Buyer) if is_first => vec![State::Cancelled, lasts],
        // Its time may have been over first.
        Some(_) if regular.habit == Habit::Short => vec![State::Cancelled, lasts],
        Some(_) => vec![State::Cancelled],
    }
}

/// Whether what was charged is what the buyer allowed. The periods are counted here by hand: they follow each other from the
/// moment at which the service made the token.
fn within_limits(regular: &Regular, token: &ledger::Token, charges: &[&Transaction]) -> Result<(), String> {
    let terms = &regular.terms;
    let all = charges.iter().map(|one| one.amount).fold(Amount::ZERO, plus);
    if all > terms.limit() {
        return Err(format!("{all} was charged, and {} allowed", terms.limit()));
    }
    if let Some((each, AmountType::Exact)) = terms.each()
        && let Some(other) = charges.iter().find(|one| one.amount != *each)
    {
        return Err(format!("{} was charged at once, and {each} allowed", other.amount));
    }
    if let Some(late) = charges.iter().find(|one| terms.expires().is_some_and(|end| one.received >= end)) {
        return Err(format!("{} was charged after the token's time", late.caller_reference));
    }
    let Some(period) = regular.habit.period() else { return Ok(()) };
    let mut periods: BTreeMap<u64, (Amount, u32)> = BTreeMap::new();
    for one in charges {
        let number = one.received.since(token.installed).as_secs() / period.as_secs();
        let (amount, count) = periods.entry(number).or_default();
        (*amount, *count) = (plus(*amount, one.amount), *count + 1);
    }
    for limit in terms.usage_limits() {
        let over = |(amount, count): &&(Amount, u32)| match limit.value() {
            UsageValue::Amount(most) => *amount > most,
            UsageValue::Count(most) => *count > most,
        };
        if let Some(over) = periods.values().find(over) {
            return Err(format!("{over:?} was charged in one period, over {limit:?}"));
        }
    }
    Ok(())
}

/// How far a process's clock may be off, and how long a sending takes.
const SKEW: Duration = Duration::from_secs(600);
