//! The worker as a program.

use serde_json::json;

use super::Ending;
use super::arguments::Work;
use super::output::Output;
use crate::Shop;
use crate::storage::BoxError;

pub(super) async fn work(shop: &Shop, work: Work, output: &mut Output) -> Result<Ending, BoxError> {
    match work {
        Work::Once => once(shop, output).await,
        Work::Run => {
            shop.run_worker_until(interrupted()).await;
            Ok(Ending::Done)
        }
    }
}

/// A round visits only so many orders; one that is full is followed by another.
async fn once(shop: &Shop, output: &mut Output) -> Result<Ending, BoxError> {
    let (mut visited, mut failed) = (0, 0);
    loop {
        let round = shop.work_once().await?;
        visited += round.visited;
        failed += round.failed;
        if round.visited == 0 {
            break;
        }
    }
    match output.json {
        true => output.object(&json!({ "visited": visited, "failed": failed }))?,
        false => output.line(&format!("{visited} orders were due and visited"))?,
    }
    match failed {
        0 => Ok(Ending::Done),
        _ => Err(format!("{failed} visits could not be finished; they come again").into()),
    }
}

/// Ready when the process is asked to end, by Ctrl-C or as service managers do.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
