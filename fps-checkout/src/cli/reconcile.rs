//! Holds the orders against the account's activity.

use serde_json::json;

use super::Ending;
use super::arguments::Period;
use super::output::{Cell, Output, spinner};
use crate::Shop;
use crate::shop::{Finding, Reconciliation, Standing};
use crate::storage::BoxError;

pub(super) async fn reconcile(shop: &Shop, period: &Period, output: &mut Output) -> Result<Ending, BoxError> {
    let now = shop.now();
    let until = period.until.map(|until| until.by(now));
    let shown = spinner("reconciling");
    let found = shop.reconcile(period.since.by(now), until).await?;
    shown.finish_and_clear();
    if output.json {
        output.object(&object(&found))?;
    } else {
        if !found.findings.is_empty() {
            output.table(HEAD, found.findings.iter().map(row).collect())?;
            output.line("")?;
        }
        output.line(&summary(&found))?;
    }
    let person = found.findings.iter().any(|finding| finding.what.needs_a_person());
    Ok(if person { Ending::Found } else { Ending::Done })
}

fn summary(found: &Reconciliation) -> String {
    let Reconciliation { since, until, orders, transactions, agreed, of_others, findings } = found;
    let person = findings.iter().filter(|finding| finding.what.needs_a_person()).count();
    format!(
        "{since} to {until}: {orders} orders against {transactions} transactions; {agreed} agree, {of_others} are not this \
         caller's, {} differ, {person} of which need a person",
        findings.len()
    )
}

fn row(finding: &Finding) -> Vec<Cell> {
    let standing = |side: Option<Standing>| Cell::optional(side.map(|side| side.to_string()));
    vec![
        Cell::text(finding.what.as_str()),
        Cell::text(if finding.what.needs_a_person() { "yes" } else { "no" }),
        Cell::optional(finding.at.map(|at| at.to_string())),
        Cell::optional(finding.order.as_ref().map(|order| order.as_str())),
        standing(finding.ours),
        standing(finding.theirs),
        Cell::text(finding.transaction.as_str()),
        Cell::optional(finding.reference.as_deref()),
    ]
}

fn object(found: &Reconciliation) -> serde_json::Value {
    let finding = |finding: &Finding| {
        json!({
            "what": finding.what,
            "needs_a_person": finding.what.needs_a_person(),
            "at": finding.at.map(|at| at.to_string()),
            "order": finding.order,
            "ours": finding.ours,
            "theirs": finding.theirs,
            "transaction": finding.transaction,
            "reference": finding.reference,
        })
    };
    json!({
        "since": found.since.to_string(),
        "until": found.until.to_string(),
        "orders": found.orders,
        "transactions": found.transactions,
        "agreed": found.agreed,
        "of_others": found.of_others,
        "findings": found.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

const HEAD: &[&str] = &["what", "person", "at", "order", "ours", "theirs", "transaction", "reference"];
