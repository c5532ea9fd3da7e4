//! Journals that leave the shop, and whether they still tell the truth.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};

use super::Ending;
use super::arguments::Replay;
use super::output::{Cell, Output, spinner};
use crate::Shop;
use crate::order::{Export, OrderId};
use crate::storage::BoxError;

/// Writes JSON lines, asked for or not: they are to be read by [`replay`].
pub(super) async fn export(shop: &Shop, ids: &[OrderId], output: &mut Output) -> Result<Ending, BoxError> {
    for id in ids {
        output.object(&shop.order(id).await?.export())?;
    }
    if ids.is_empty() {
        let shown = spinner("journals exported");
        let mut orders = shop.walk(None);
        while let Some(order) = orders.next().await? {
            output.object(&order.export())?;
            shown.inc(1);
        }
        let mut tokens = shop.walk_tokens(None);
        while let Some(token) = tokens.next().await? {
            output.object(&token.export())?;
            shown.inc(1);
        }
        shown.finish_and_clear();
    }
    Ok(Ending::Done)
}

pub(super) fn replay(replay: &Replay, output: &mut Output) -> Result<Ending, BoxError> {
    let input: Box<dyn BufRead> = match &replay.file {
        Some(path) => Box::new(BufReader::new(
            File::open(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?,
        )),
        None => Box::new(stdin().lock()),
    };
    let (mut replayed, mut wrong) = (0_u64, Vec::new());
    for (number, line) in (1_u64..).zip(input.lines()) {
        let line = line?;
        let export: Export = serde_json::from_str(&line)
            .map_err(|error| format!("line {number} is not what `export` writes: {error}"))?;
        replayed += 1;
        if let Err(error) = export.replay() {
            let why =
                std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
            let name = export.subject().label();
            wrong.push(vec![Cell::text(name), Cell::text(format!("{error}{why}"))]);
        }
    }
    if wrong.is_empty() {
        match output.json {
            true => output.object(&serde_json::json!({ "replayed": replayed }))?,
            false => output.line(&format!("replayed {replayed}, each leads to where its order stood"))?,
        }
        return Ok(Ending::Done);
    }
    output.table(&["order", "problem"], wrong)?;
    Ok(Ending::Found)
}
