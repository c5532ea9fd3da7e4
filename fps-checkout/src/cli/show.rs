//! Orders: many of them, and one in full.

use fps_core::Amount;

use super::Ending;
use super::arguments::Which;
use super::output::{Cell, Output, object};
use crate::Shop;
use crate::order::{Effect, Kind, Order, OrderId, Outcome, Token};
use crate::storage::BoxError;

pub(super) async fn list(shop: &Shop, which: &Which, output: &mut Output) -> Result<Ending, BoxError> {
    let mut orders = shop.walk(which.state);
    if let Some(after) = &which.after {
        orders = orders.after(after);
    }
    let (mut rows, mut last) = (Vec::new(), None);
    while rows.len() < which.limit
        && let Some(order) = orders.next().await?
    {
        rows.push(row(&order));
        last = Some(order.id().clone());
    }
    output.table(HEAD, rows)?;
    if let Some(last) = last
        && !output.json
        && orders.next().await?.is_some()
    {
        output.line(&format!("\nthere are more: --after {last}"))?;
    }
    Ok(Ending::Done)
}

/// Prints one order as a row, as commands do that changed it.
pub(super) fn changed(order: &Order, output: &mut Output) -> Result<Ending, BoxError> {
    output.table(HEAD, vec![row(order)])?;
    Ok(Ending::Done)
}

pub(super) async fn forget(shop: &Shop, orders: &[OrderId], output: &mut Output) -> Result<Ending, BoxError> {
    let mut rows = Vec::new();
    for id in orders {
        rows.push(row(&shop.forget(id).await?));
    }
    output.table(HEAD, rows)?;
    Ok(Ending::Done)
}

pub(super) async fn show(shop: &Shop, id: &OrderId, output: &mut Output) -> Result<Ending, BoxError> {
    let order = shop.order(id).await?;
    let reason = order.product().parameters().payment_reason();
    if output.json {
        let mut whole = object(HEAD, row(&order));
        whole.insert("reason".to_owned(), reason.into());
        whole.insert("token".to_owned(), order.product().token().map(|token| token.as_str()).into());
        whole.insert("version".to_owned(), order.api().as_str().into());
        for Section { title, head, rows } in sections(&order) {
            whole.insert(title.to_owned(), rows.into_iter().map(|row| object(head, row)).collect());
        }
        output.object(&whole)?;
        return Ok(Ending::Done);
    }
    output.table(HEAD, vec![row(&order)])?;
    if let Some(reason) = reason {
        output.line(&format!("\nfor {reason:?}, in FPS {}", order.api()))?;
    }
    if let Some(token) = order.product().token() {
        output.line(&format!("paid by the stored token {token}"))?;
    }
    for Section { title, head, rows } in sections(&order) {
        if !rows.is_empty() {
            output.line(&format!("\n{title}"))?;
            output.table(head, rows)?;
        }
    }
    Ok(Ending::Done)
}

/// One part of what is shown of an order or a stored token.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) head: &'static [&'static str],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// What a stored token has in common with orders.
pub(super) fn sections_of_token(token: &Token) -> impl Iterator<Item = Section> {
    let [_, alarms, unheard, journal] = sections(token.document());
    [alarms, unheard, journal].into_iter()
}

fn sections(order: &Order) -> [Section; 4] {
    [
        Section { title: "operations", head: OPERATIONS, rows: operations(order) },
        Section { title: "alarms", head: ALARMS, rows: alarms(order) },
        Section { title: "unheard", head: NEWS, rows: order.outbox().iter().flat_map(news).collect() },
        Section { title: "journal", head: JOURNAL, rows: journal(order) },
    ]
}

fn row(order: &Order) -> Vec<Cell> {
    let machine = order.machine();
    let last = order.journal().last().map(|entry| entry.at.to_string());
    // What the machine counts as refunded is out of reach of another refund; what is not answered yet may still come to nothing.
    let refunded = machine
        .operations()
        .iter()
        .filter(|operation| operation.kind == Kind::Refund && operation.outcome == Outcome::Success)
        .fold(Amount::ZERO, |sum, operation| sum.checked_add(operation.amount).unwrap_or(sum));
    let refunding = machine.refunded().checked_sub(refunded).unwrap_or(Amount::ZERO);
    vec![
        Cell::text(order.label()),
        Cell::state(order.state()),
        Cell::text(order.total().to_string()),
        Cell::text(machine.paid().to_string()),
        Cell::text(refunded.to_string()),
        Cell::text(refunding.to_string()),
        Cell::optional(last),
        Cell::optional(order.due().map(|due| due.to_string())),
        Cell::optional(order.transaction().map(|transaction| transaction.as_str())),
    ]
}

fn operations(order: &Order) -> Vec<Vec<Cell>> {
    let all = (0_u64..).zip(order.machine().operations());
    all.map(|(number, operation)| {
        vec![
            Cell::number(number),
            Cell::text(operation.kind.as_str()),
            Cell::text(operation.amount.to_string()),
            Cell::text(format!("{:?}", operation.outcome)),
            Cell::optional(operation.code.as_deref()),
            Cell::number(operation.sends),
            Cell::optional(operation.transaction.as_ref().map(|transaction| transaction.as_str())),
            Cell::optional(operation.reference.as_ref().map(|reference| reference.as_str())),
            Cell::optional(operation.request.as_ref().map(|request| request.as_str())),
        ]
    })
    .collect()
}

fn alarms(order: &Order) -> Vec<Vec<Cell>> {
    let all = (0_u64..).zip(order.machine().alarms());
    all.map(|(number, alarm)| {
        vec![
            Cell::number(number),
            Cell::text(alarm.at.to_string()),
            Cell::optional(alarm.closed_by.as_deref()),
            Cell::text(&*alarm.what),
        ]
    })
    .collect()
}

fn journal(order: &Order) -> Vec<Vec<Cell>> {
    let all = order.journal().iter();
    all.map(|entry| vec![Cell::text(entry.at.to_string()), Cell::text(entry.event.to_string())]).collect()
}

fn news(effect: &Effect) -> impl Iterator<Item = Vec<Cell>> + '_ {
    effect.waiting.iter().map(|delivery| {
        vec![
            Cell::text(effect.id.as_str()),
            Cell::text(effect.news.to_string()),
            Cell::text(&*delivery.handler),
            Cell::number(delivery.tries),
            Cell::optional(delivery.next.map(|next| next.to_string())),
            Cell::optional(delivery.problem.as_deref()),
        ]
    })
}

const HEAD: &[&str] =
    &["order", "state", "total", "paid", "refunded", "refunding", "changed", "due", "transaction"];
const OPERATIONS: &[&str] =
    &["number", "kind", "amount", "outcome", "code", "sends", "transaction", "reference", "request"];
const ALARMS: &[&str] = &["number", "since", "closed by", "what"];
const JOURNAL: &[&str] = &["at", "what"];
const NEWS: &[&str] = &["effect", "news", "handler", "tries", "next", "problem"];
