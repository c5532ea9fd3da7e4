//! Laws of many callers at once. They run on several threads.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::conformance::sample::{at, due, order, record};
use crate::conformance::{Breach, ensure};
use crate::storage::{Storage, StoreError};

/// Of many creations of one key at once exactly one succeeds.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn of_many_creations_one_wins(store: &Arc<dyn Storage>) -> Result<(), Breach> {
    for round in 0..ROUNDS {
        let name = format!("order/{round}");
        let outcomes = together(CALLERS, |caller| {
            let (store, name) = (store.clone(), name.clone());
            async move { Ok((caller, store.create(&record(&name, "Created", None, &[caller])?).await)) }
        })
        .await?;
        let winners = winners(outcomes, |error| matches!(error, StoreError::AlreadyExists { .. }))?;
        ensure!(winners.len() == 1, "{} of {CALLERS} creations succeeded", winners.len());
        let stored = store.load(record(&name, "Created", None, b"")?.key()).await?.map(|record| record.body);
        ensure!(stored == Some(winners), "the stored record is not the winner's");
    }
    Ok(())
}

/// Of many updates at once that expect one version exactly one succeeds.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn of_many_updates_one_wins(store: &Arc<dyn Storage>) -> Result<(), Breach> {
    store.create(&order("1")?).await?;
    for version in 1..=u64::from(ROUNDS) {
        let outcomes = together(CALLERS, |caller| {
            let store = store.clone();
            async move {
                Ok((caller, store.update(&record("order/1", "Updated", None, &[caller])?, version).await))
            }
        })
        .await?;
        let winners = winners(outcomes, |error| matches!(error, StoreError::Conflict { .. }))?;
        ensure!(winners.len() == 1, "{} of {CALLERS} updates of version {version} succeeded", winners.len());
        let stored = store.load(order("1")?.key()).await?;
        let expected = record("order/1", "Updated", None, &winners)?.into_record(version + 1);
        ensure!(stored.as_ref() == Some(&expected), "the winner wrote {expected:?}, stored is {stored:?}");
    }
    Ok(())
}

/// Of many claims at once no two get the same record, and together they get all.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn no_two_claims_meet(store: &Arc<dyn Storage>) -> Result<(), Breach> {
    for number in 0..40 {
        store.create(&due(&format!("{number:02}"), number - 100)?).await?;
    }
    let claimed = together(CALLERS, |_| {
        let store = store.clone();
        async move {
            let mut claimed = Vec::new();
            // A store that does not hide what is claimed would never come to an end.
            while claimed.len() <= 40 {
                let some = store.claim_due(at(0), at(60_000), 3).await?;
                if some.is_empty() {
                    break;
                }
                claimed.extend(some.into_iter().map(|record| record.key));
            }
            Ok(claimed)
        }
    })
    .await?;
    let all: Vec<_> = claimed.into_iter().flatten().collect();
    let distinct: BTreeSet<_> = all.iter().collect();
    ensure!(all.len() == distinct.len(), "{} records were claimed twice", all.len() - distinct.len());
    // A claim may pass over what another is just taking; what all passed over is there for the next.
    let left = store.claim_due(at(0), at(60_000), 100).await?;
    ensure!(all.len() + left.len() == 40, "{} of 40 records were claimed", all.len() + left.len());
    Ok(())
}

/// A claim beside an update of the same record loses nothing of it.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_claim_never_undoes_an_update(store: &Arc<dyn Storage>) -> Result<(), Breach> {
    store.create(&due("1", -100)?).await?;
    let updates = u64::from(ROUNDS) * 4;
    let done = Arc::new(AtomicBool::new(false));
    together(CALLERS, |caller| {
        let (store, done) = (store.clone(), done.clone());
        async move {
            if caller == 0 {
                for version in 1..=updates {
                    store.update(&due("1", -100)?, version).await?;
                    // A store in memory would be through before the first claim begins.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                done.store(true, Ordering::Relaxed);
            } else {
                while !done.load(Ordering::Relaxed) {
                    store.claim_due(at(0), at(0), 1).await?;
                    tokio::task::yield_now().await;
                }
            }
            Ok(())
        }
    })
    .await?;
    let stored = store.load(due("1", -100)?.key()).await?;
    let expected = due("1", -100)?.into_record(updates + 1);
    ensure!(stored.as_ref() == Some(&expected), "{updates} updates were acknowledged, stored is {stored:?}");
    Ok(())
}

/// The callers that succeeded; the others must have met the error that says so.
fn winners(
    outcomes: Vec<(u8, Result<(), StoreError>)>,
    expected: impl Fn(&StoreError) -> bool,
) -> Result<Vec<u8>, Breach> {
    let mut winners = Vec::new();
    for (caller, outcome) in outcomes {
        match outcome {
            Ok(()) => winners.push(caller),
            Err(error) if expected(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(winners)
}

/// Starts that many callers at the same moment and waits for all.
async fn together<F, T>(count: u8, caller: impl Fn(u8) -> F) -> Result<Vec<T>, Breach>
where
    F: Future<Output = Result<T, Breach>> + Send + 'static,
    T: Send + 'static,
{
    let start = Arc::new(Barrier::new(count.into()));
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let (start, work) = (start.clone(), caller(number));
        tasks.spawn(async move {
            start.wait().await;
            work.await
        });
    }
    let mut outcomes = Vec::new();
    while let Some(joined) = tasks.join_next().await {
        outcomes.push(joined.map_err(|error| Breach(format!("a call panicked: {error}")))??);
    }
    Ok(outcomes)
}

const CALLERS: u8 = 8;
const ROUNDS: u8 = 5;
