//! Holds the shop's orders against the account's activity: what the service knows and we do not, and the reverse.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use fps_core::response::Verdict;
use fps_core::{Amount, Timestamp, TransactionId};
use serde::{Deserialize, Serialize};

use super::Shop;
use crate::error::Result;
use crate::gateway::Deed;
use crate::order::{Kind, Operation, Order, OrderId, Outcome, Report};

/// What a reconciliation found. Made by [`Shop::reconcile`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reconciliation {
    /// From when on.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How many orders were looked at: all that the shop has.
    pub orders: u64,
    /// How many transactions the account's activity shows for that time.
    pub transactions: u64,
    /// How many of them both sides tell alike.
    pub agreed: u64,
    /// How many of them this account did not ask for as the caller: payments by others, fees, withdrawals.
    pub of_others: u64,
    /// Everything else.
    pub findings: Vec<Finding>,
}

/// Something that the shop and the service tell differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// In what they differ.
    pub what: Disagreement,
    /// The transaction.
    pub transaction: TransactionId,
    /// The order, where one knows it.
    pub order: Option<OrderId>,
    /// The caller reference, where one is known.
    pub reference: Option<String>,
    /// When the service received it, or else when the shop first sent it.
    pub at: Option<Timestamp>,
    /// How it stands by the order.
    pub ours: Option<Standing>,
    /// How it stands by the service.
    pub theirs: Option<Standing>,
}

/// In what the shop and the service differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Disagreement {
    /// The service has a transaction under this shop's name that no order knows: money moved without an order. A store was
    /// lost or restored, or somebody else uses the shop's keys.
    Unclaimed,
    /// Both know it, and tell it otherwise: another end, or another amount.
    Differs,
    /// The order has it, and the service does not know it.
    Missing,
    /// The service has a transaction under the account's keys that was not made by this shop: by another shop of the account,
    /// or by one whose store is gone.
    Elsewhere,
    /// The service has the answer to a call of which the order has not heard yet. The worker asks for it.
    Unheard,
    /// The service is further than the order. The worker asks for it.
    Behind,
}

impl Disagreement {
    /// Whether a person has to look; the others come right by themselves, or are another shop's.
    #[must_use]
    pub const fn needs_a_person(self) -> bool {
        matches!(self, Self::Unclaimed | Self::Differs | Self::Missing)
    }

    /// What it means, in a few words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unclaimed => "no order knows it",
            Self::Differs => "told otherwise",
            Self::Missing => "the service does not know it",
            Self::Elsewhere => "not made by this shop",
            Self::Unheard => "not heard of yet",
            Self::Behind => "further than the order",
        }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a transaction stands by one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Standing {
    /// Its outcome.
    pub outcome: Outcome,
    /// Its amount, where it is known.
    pub amount: Option<Amount>,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.amount {
            Some(amount) => write!(f, "{:?} {amount}", self.outcome),
            None => write!(f, "{:?}", self.outcome),
        }
    }
}

impl Shop {
    /// Holds every order against the account's activity of a time, by the service's GetAccountActivity: what the service
    /// knows and the shop does not, and the reverse. Nothing is changed.
    ///
    /// What the activity ought to show and does not is asked for by GetTransaction before it is called missing. `until`
    /// is now unless it is given. The activity of that time is held in memory; take a month rather than ten years.
    ///
    /// ```
    /// # async fn audit(shop: &fps_checkout::Shop, yesterday: fps_checkout::fps_core::Timestamp) -> fps_checkout::Result<()> {
    /// let found = shop.reconcile(yesterday, None).await?;
    /// for finding in found.findings.iter().filter(|finding| finding.what.needs_a_person()) {
    ///     eprintln!("{}: {}", finding.transaction.as_str(), finding.what);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Service`](crate::Error::Service), [`Error::Storage`](crate::Error::Storage), or
    /// [`Error::Record`](crate::Error::Record) for an order that cannot be read: half a reconciliation would be a false one.
    pub async fn reconcile(&self, since: Timestamp, until: Option<Timestamp>) -> Result<Reconciliation> {
        let until = until.unwrap_or_else(|| self.now());
        let deeds = self.0.gateways.of(self.0.version).activity(since, until).await.map_err(Box::new)?;
        let mut books = Books::open(since, until, deeds);
        let mut orders = self.walk(None);
        while let Some(order) = orders.next().await? {
            // What nobody visits any more does not come right by itself.
            let waits = order.due().is_some();
            for suspect in books.hold_against(&order) {
                let asked = self.gateway(&order).look_up_in_full(&suspect.transaction).await;
                let theirs = match asked {
                    Ok(report) => Some(standing(&report)),
                    Err(error) if error.verdict() == Verdict::Final => None,
                    Err(error) => return Err(Box::new(error).into()),
                };
                books.judge(suspect, theirs, waits);
            }
        }
        Ok(books.close(|reference| self.0.id.made(reference)))
    }
}

/// The service's word on a time, from which each order strikes out what it knows.
struct Books {
    found: Reconciliation,
    deeds: HashMap<TransactionId, Deed>,
    by_reference: HashMap<String, TransactionId>,
}

impl Books {
    fn open(since: Timestamp, until: Timestamp, deeds: Vec<Deed>) -> Self {
        let found = Reconciliation {
            since,
            until,
            orders: 0,
            transactions: deeds.len() as u64,
            agreed: 0,
            of_others: 0,
            findings: Vec::new(),
        };
        let by_reference = deeds
            .iter()
            .filter_map(|deed| Some((deed.reference.clone()?, deed.report.transaction.clone())))
            .collect();
        let deeds = deeds.into_iter().map(|deed| (deed.report.transaction.clone(), deed)).collect();
        Self { found, deeds, by_reference }
    }

    /// Strikes out what the order knows. Returns what it has and the activity does not show.
    fn hold_against(&mut self, order: &Order) -> Vec<Finding> {
        self.found.orders += 1;
        let waits = order.due().is_some();
        let mut missing = Vec::new();
        for known in transactions(order) {
            match self.deeds.remove(&known.transaction) {
                Some(deed) => {
                    let at = deed.received.or(known.at);
                    self.judge(Finding { at, ..known }, Some(standing(&deed.report)), waits);
                }
                None if known.at.is_some_and(|sent| self.covers(sent)) => missing.push(known),
                None => {}
            }
        }
        for operation in order.machine().operations().iter().filter(|one| one.transaction.is_none()) {
            let reference = operation.reference.as_ref().map(|reference| reference.as_str());
            let transaction = reference.and_then(|reference| self.by_reference.get(reference));
            if let Some(deed) = transaction.and_then(|transaction| self.deeds.remove(transaction)) {
                self.found.findings.push(Finding {
                    what: if waits { Disagreement::Unheard } else { Disagreement::Differs },
                    transaction: deed.report.transaction.clone(),
                    order: Some(order.id().clone()),
                    reference: deed.reference.clone(),
                    at: deed.received,
                    ours: Some(Standing { outcome: operation.outcome, amount: Some(operation.amount) }),
                    theirs: Some(standing(&deed.report)),
                });
            }
        }
        missing
    }

    /// Compares both sides' words on one transaction.
    fn judge(&mut self, known: Finding, theirs: Option<Standing>, waits: bool) {
        let what = match (known.ours, theirs) {
            (Some(ours), Some(theirs)) => match compare(ours, theirs) {
                Some(Disagreement::Behind) if !waits => Disagreement::Differs,
                Some(what) => what,
                None => {
                    self.found.agreed += 1;
                    return;
                }
            },
            _ => Disagreement::Missing,
        };
        self.found.findings.push(Finding { what, theirs, ..known });
    }

    /// What is left is known to the service alone.
    fn close(mut self, made_here: impl Fn(&str) -> bool) -> Reconciliation {
        for (transaction, deed) in self.deeds {
            let Some(reference) = deed.reference else {
                self.found.of_others += 1;
                continue;
            };
            let what = if made_here(&reference) { Disagreement::Unclaimed } else { Disagreement::Elsewhere };
            self.found.findings.push(Finding {
                what,
                transaction,
                order: None,
                reference: Some(reference),
                at: deed.received,
                ours: None,
                theirs: Some(standing(&deed.report)),
            });
        }
        self.found.findings.sort_by(|one, other| {
            (one.what, one.at, one.transaction.as_str()).cmp(&(
                other.what,
                other.at,
                other.transaction.as_str(),
            ))
        });
        self.found
    }

    /// Whether what was sent then must show: not so near to either end that two clocks could differ about it.
    fn covers(&self, sent: Timestamp) -> bool {
        sent >= self.found.since.after(SKEW) && sent <= self.found.until.before(SKEW)
    }
}

/// How the order's transactions stand by the order: each once, whatever calls it went through.
fn transactions(order: &Order) -> Vec<Finding> {
    let mut known: Vec<Finding> = Vec::new();
    // A Retry makes no transaction: how the one that it tries again stands is told by that one's own call.
    for operation in order.machine().operations().iter().filter(|one| one.kind != Kind::Retry) {
        let Some(transaction) = &operation.transaction else { continue };
        let ours = Some(believed(operation));
        match known.iter_mut().find(|finding| finding.transaction == *transaction) {
            // A refused settle leaves the reservation as it was.
            Some(_) if operation.kind.is_fenced() && !changes(operation) => {}
            Some(finding) => finding.ours = ours,
            None => known.push(Finding {
                what: Disagreement::Differs,
                transaction: transaction.clone(),
                order: Some(order.id().clone()),
                reference: operation.reference.as_ref().map(|reference| reference.as_str().to_owned()),
                at: operation.first_sent_at,
                ours,
                theirs: None,
            }),
        }
    }
    known
}

/// Whether a Settle or Cancel changed how its reservation stands.
fn changes(operation: &Operation) -> bool {
    matches!(operation.outcome, Outcome::Pending | Outcome::Success | Outcome::Cancelled)
}

fn believed(operation: &Operation) -> Standing {
    match (operation.kind, operation.outcome) {
        (Kind::Cancel, Outcome::Success | Outcome::Cancelled) => {
            Standing { outcome: Outcome::Cancelled, amount: None }
        }
        (_, outcome) => Standing { outcome, amount: Some(operation.amount) },
    }
}

fn standing(report: &Report) -> Standing {
    Standing { outcome: report.outcome, amount: report.amount }
}

fn compare(ours: Standing, theirs: Standing) -> Option<Disagreement> {
    let amounts_differ = matches!((ours.amount, theirs.amount), (Some(ours), Some(theirs)) if ours != theirs);
    if ours.outcome == theirs.outcome {
        // Only money that moved has an amount that counts.
        return (amounts_differ && !matches!(ours.outcome, Outcome::Failure | Outcome::Cancelled))
            .then_some(Disagreement::Differs);
    }
    if ours.outcome.rung() < theirs.outcome.rung() {
        return Some(Disagreement::Behind);
    }
    Some(Disagreement::Differs)
}

/// How far the clocks of the shop and the service may be apart.
const SKEW: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_on_one_transaction_agree_or_one_is_behind_or_they_differ() {
        use Disagreement::{Behind, Differs};
        let told = |outcome, amount: Option<&str>| Standing {
            outcome,
            amount: amount.map(|amount| Amount::parse(amount).unwrap()),
        };
        for (ours, theirs, verdict) in [
            (told(Outcome::Success, Some("1")), told(Outcome::Success, Some("1.00")), None),
            (told(Outcome::Success, Some("1")), told(Outcome::Success, None), None),
            (told(Outcome::Success, Some("1")), told(Outcome::Success, Some("1.01")), Some(Differs)),
            (told(Outcome::Reserved, Some("1")), told(Outcome::Reserved, Some("2")), Some(Differs)),
            // Nothing moved, so no amount counts.
            (told(Outcome::Failure, Some("1")), told(Outcome::Failure, Some("2")), None),
            (told(Outcome::Cancelled, None), told(Outcome::Cancelled, Some("2")), None),
            (told(Outcome::Pending, Some("1")), told(Outcome::Success, Some("1")), Some(Behind)),
            (told(Outcome::Unknown, Some("1")), told(Outcome::Failure, Some("1")), Some(Behind)),
            (told(Outcome::Success, Some("1")), told(Outcome::Pending, Some("1")), Some(Differs)),
            (told(Outcome::Success, Some("1")), told(Outcome::Failure, Some("1")), Some(Differs)),
            (told(Outcome::Cancelled, None), told(Outcome::Success, Some("1")), Some(Differs)),
        ] {
            assert_eq!(compare(ours, theirs), verdict, "{ours:?} {theirs:?}");
        }
    }
}
