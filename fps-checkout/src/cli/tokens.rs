//! Stored tokens: many of them, and one in full.

use super::Ending;
use super::arguments::WhichTokens;
use super::output::{Cell, Output, object};
use super::show::{Section, sections_of_token};
use crate::Shop;
use crate::order::{Token, TokenName};
use crate::storage::BoxError;

pub(super) async fn list(shop: &Shop, which: &WhichTokens, output: &mut Output) -> Result<Ending, BoxError> {
    let mut tokens = shop.walk_tokens(which.state);
    if let Some(after) = &which.after {
        tokens = tokens.after(after);
    }
    let (mut rows, mut last) = (Vec::new(), None);
    while rows.len() < which.limit
        && let Some(token) = tokens.next().await?
    {
        rows.push(row(&token));
        last = Some(token.name().clone());
    }
    output.table(HEAD, rows)?;
    if let Some(last) = last
        && !output.json
        && tokens.next().await?.is_some()
    {
        output.line(&format!("\nthere are more: --after {last}"))?;
    }
    Ok(Ending::Done)
}

pub(super) async fn show(shop: &Shop, name: &TokenName, output: &mut Output) -> Result<Ending, BoxError> {
    let token = shop.token(name).await?;
    let mut sections = vec![
        Section { title: "limits", head: LIMITS, rows: limits(&token) },
        Section { title: "payments", head: PAYMENTS, rows: payments(&token) },
    ];
    sections.extend(sections_of_token(&token));
    if output.json {
        let mut whole = object(HEAD, row(&token));
        whole.insert("version".to_owned(), token.api().as_str().into());
        for Section { title, head, rows } in sections {
            whole.insert(title.to_owned(), rows.into_iter().map(|row| object(head, row)).collect());
        }
        output.object(&whole)?;
        return Ok(Ending::Done);
    }
    output.table(HEAD, vec![row(&token)])?;
    for Section { title, head, rows } in sections.into_iter().filter(|section| !section.rows.is_empty()) {
        output.line(&format!("\n{title}"))?;
        output.table(head, rows)?;
    }
    Ok(Ending::Done)
}

pub(super) async fn cancel(shop: &Shop, name: &TokenName, output: &mut Output) -> Result<Ending, BoxError> {
    let token = shop.cancel_token(name).await?;
    output.table(HEAD, vec![row(&token)])?;
    Ok(Ending::Done)
}

pub(super) async fn forget(
    shop: &Shop,
    names: &[TokenName],
    output: &mut Output,
) -> Result<Ending, BoxError> {
    let mut rows = Vec::new();
    for name in names {
        rows.push(row(&shop.forget_token(name).await?));
    }
    output.table(HEAD, rows)?;
    Ok(Ending::Done)
}

fn row(token: &Token) -> Vec<Cell> {
    let last = token.journal().last().map(|entry| entry.at.to_string());
    vec![
        Cell::text(token.name().as_str()),
        Cell::state(token.state()),
        Cell::text(token.terms().limit().to_string()),
        Cell::text(token.spent().to_string()),
        Cell::number(token.payments()),
        Cell::optional(token.ends().map(|ends| ends.to_string())),
        Cell::optional(last),
    ]
}

fn limits(token: &Token) -> Vec<Vec<Cell>> {
    let terms = token.terms();
    let each = terms
        .each()
        .map(|(amount, rule)| vec![Cell::text(format!("{rule} {amount}")), Cell::text("payment")]);
    let periods = terms.usage_limits().iter().map(|limit| {
        let per =
            limit.period().map_or_else(|| "life".to_owned(), |period| period.to_string().to_lowercase());
        vec![Cell::text(limit.to_string()), Cell::text(per)]
    });
    each.into_iter().chain(periods).collect()
}

fn payments(token: &Token) -> Vec<Vec<Cell>> {
    let all = token.uses().iter();
    all.map(|one| {
        let settled = if one.settled { "paid" } else { "under way, or not looked at yet" };
        vec![
            Cell::text(one.order.as_str()),
            Cell::text(one.amount.to_string()),
            Cell::text(one.at.to_string()),
            Cell::text(settled),
        ]
    })
    .collect()
}

const HEAD: &[&str] = &["token", "state", "limit", "spent", "payments", "ends", "changed"];
const LIMITS: &[&str] = &["limit", "per"];
const PAYMENTS: &[&str] = &["order", "amount", "at", "stands"];
