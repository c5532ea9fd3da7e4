//! Orders: many of them, and one in full.

use serde_json::json;

use super::Ending;
use super::arguments::Which;
use super::output::{Cell, Output};
use crate::Shop;
use crate::order::{Effect, Order, OrderId};
use crate::storage::BoxError;

pub(super) async fn list(shop: &Shop, which: &Which, output: &mut Output) -> Result<Ending, BoxError> {
    let mut orders = shop.walk(which.state);
    if let Some(after) = &which.after {
        orders = orders.after(after);
    }
    let mut rows = Vec::new();
    while rows.len() < which.limit {
        match orders.next().await? {
            Some(order) => rows.push(row(&order)),
            None => break,
        }
    }
    output.table(HEAD, rows)?;
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
    if output.json {
        output.object(&json!({
            "order": id.as_str(),
            "state": order.state().as_str(),
            "version": order.api().as_str(),
            "reason": order.product().parameters().payment_reason(),
            "total": order.total(),
            "paid": order.machine().paid(),
            "refunded": order.machine().refunded(),
            "begun": order.product().frozen_at().to_string(),
            "due": order.due().map(|due| due.to_string()),
            "operations": order.machine().operations(),
            "alarms": order.machine().alarms(),
            "outbox": order.outbox(),
            "journal": order.journal(),
        }))?;
        return Ok(Ending::Done);
    }
    output.table(HEAD, vec![row(&order)])?;
    if let Some(reason) = order.product().parameters().payment_reason() {
        output.line(&format!("\nfor {reason:?}, in FPS {}", order.api()))?;
    }
    section(output, "operations", OPERATIONS, operations(&order))?;
    section(output, "alarms", &["number", "since", "closed by", "what"], alarms(&order))?;
    section(output, "news that was not heard", NEWS, order.outbox().iter().flat_map(news).collect())?;
    let journal = order.journal().iter();
    let journal =
        journal.map(|entry| vec![Cell::text(entry.at.to_string()), Cell::text(entry.event.to_string())]);
    section(output, "journal", &["at", "what"], journal.collect())?;
    Ok(Ending::Done)
}

fn section(output: &mut Output, title: &str, head: &[&str], rows: Vec<Vec<Cell>>) -> Result<(), BoxError> {
    if rows.is_empty() {
        return Ok(());
    }
    output.line(&format!("\n{title}"))?;
    output.table(head, rows)
}

fn row(order: &Order) -> Vec<Cell> {
    let machine = order.machine();
    let last = order.journal().last().map(|entry| entry.at.to_string());
    vec![
        Cell::text(order.id().as_str()),
        Cell::state(order.state()),
        Cell::text(order.total().to_string()),
        Cell::text(machine.paid().to_string()),
        Cell::text(machine.refunded().to_string()),
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

const HEAD: &[&str] = &["order", "state", "total", "paid", "refunded", "changed", "due", "transaction"];
const OPERATIONS: &[&str] =
    &["number", "kind", "amount", "outcome", "code", "sends", "transaction", "reference", "request"];
const NEWS: &[&str] = &["effect", "news", "handler", "tries", "next", "problem"];
