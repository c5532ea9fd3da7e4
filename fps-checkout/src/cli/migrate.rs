//! Moves a shop from one store to another.

use serde_json::json;

use super::Ending;
use super::arguments::Stores;
use super::open::store_url;
use super::output::{Output, bar};
use crate::registry::Registry;
use crate::storage::migrate::{Stage, migrate as copy};
use crate::storage::{BoxError, Namespace};

pub(super) async fn migrate(
    registry: &Registry,
    namespace: &Namespace,
    stores: &Stores,
    output: &mut Output,
) -> Result<Ending, BoxError> {
    let from = registry.open(&store_url(&stores.from)?, namespace).await?;
    let to = registry.open(&store_url(&stores.to)?, namespace).await?;
    let shown = bar("counting");
    let moved = copy(from.as_ref(), to.as_ref(), |at| {
        shown.set_message(match at.stage {
            Stage::Counting => "counting",
            Stage::Copying => "copying",
            Stage::Verifying => "verifying",
        });
        shown.set_length(at.total);
        shown.set_position(at.done);
    })
    .await;
    shown.finish_and_clear();
    let moved = moved?;
    if output.json {
        output.object(&json!({ "records": moved.records, "written": moved.written }))?;
    } else {
        output.line(&format!(
            "both stores hold the same {} records; {} of them were written now",
            moved.records, moved.written
        ))?;
    }
    Ok(Ending::Done)
}
