//! Laws of compare and set, and of calls that nobody waited for.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::conformance::sample::{at, order, record};
use crate::conformance::{Breach, ensure};
use crate::storage::{NewRecord, Storage, StoreError};

/// `update` replaces state, due time and body, and each one makes the version one more.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn an_update_replaces_all_and_counts(store: &dyn Storage) -> Result<(), Breach> {
    store.create(&record("order/1", "Created", Some(at(0)), b"a long body, then a short one")?).await?;
    store.create(&order("2")?).await?;
    for version in 1..=20_u64 {
        let due = if version % 3 == 0 { None } else { Some(at(i64::from(version as u32))) };
        let next = record("order/1", &format!("State{version}"), due, version.to_string().as_bytes())?;
        store.update(&next, version).await?;
        let loaded = store.load(next.key()).await?;
        let expected = next.into_record(version + 1);
        ensure!(loaded.as_ref() == Some(&expected), "{expected:?} came back as {loaded:?}");
    }
    let other = store.load(order("2")?.key()).await?;
    ensure!(other == Some(order("2")?.into_record(1)), "the update of another record changed {other:?}");
    Ok(())
}

/// `update` with a version that is not the stored one changes nothing and answers `Conflict`.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn update_refuses_another_version(store: &dyn Storage) -> Result<(), Breach> {
    let first = order("1")?;
    store.create(&first).await?;
    let second = record("order/1", "Second", Some(at(0)), b"second")?;
    store.update(&second, 1).await?;
    for version in [0, 1, 3, u64::from(u32::MAX), i64::MAX as u64, u64::MAX] {
        match store.update(&first, version).await {
            Err(StoreError::Conflict { key, expected }) if key == *first.key() && expected == version => {}
            other => ensure!(false, "stored is version 2; the update that expected {version} gave {other:?}"),
        }
        let loaded = store.load(first.key()).await?;
        ensure!(loaded == Some(second.clone().into_record(2)), "the refused update left {loaded:?}");
    }
    Ok(())
}

/// `update` of an absent key answers `NotFound` and creates nothing.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn an_absent_key_cannot_be_updated(store: &dyn Storage) -> Result<(), Breach> {
    let absent = order("1")?;
    for version in [0, 1, 2] {
        match store.update(&absent, version).await {
            Err(StoreError::NotFound { key }) if key == *absent.key() => {}
            other => ensure!(false, "the update that expected {version} gave {other:?}"),
        }
        let loaded = store.load(absent.key()).await?;
        ensure!(loaded.is_none(), "the refused update created {loaded:?}");
    }
    Ok(())
}

/// An update whose future is dropped at any await is wholly done or not done at all.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_dropped_update_is_done_or_not(store: &Arc<dyn Storage>) -> Result<(), Breach> {
    for polls in 0..ROUNDS {
        let name = format!("order/{polls}");
        let first = record(&name, "First", Some(at(1)), b"first")?;
        let second = record(&name, "Second", Some(at(2)), b"second")?;
        store.create(&first).await?;
        drop_after(polls, store.update(&second, 1)).await;
        settles(store, &[None, Some(&first), Some(&second)], 1, &first).await?;
        // The store is as usable as before, from whichever version it has now.
        let mut version = version(store, &first).await?;
        loop {
            match store.update(&first, version).await {
                // The dropped call was still on its way.
                Err(StoreError::Conflict { .. }) if version == 1 => version = 2,
                other => break other?,
            }
        }
    }
    Ok(())
}

/// A creation whose future is dropped at any await is wholly done or not done at all.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_dropped_create_is_done_or_not(store: &Arc<dyn Storage>) -> Result<(), Breach> {
    for polls in 0..ROUNDS {
        let given = record(&format!("order/{polls}"), "First", Some(at(1)), b"first")?;
        drop_after(polls, store.create(&given)).await;
        settles(store, &[None, Some(&given)], 0, &given).await?;
        match store.create(&given).await {
            Ok(()) | Err(StoreError::AlreadyExists { .. }) => {}
            Err(other) => return Err(other.into()),
        }
        let version = version(store, &given).await?;
        ensure!(version == 1, "the creation again left version {version}");
    }
    Ok(())
}

/// Polls a future so often, with time in between for what it waits for, and drops it.
async fn drop_after<F: Future>(polls: u32, future: F) {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let polled = Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(_) => return,
            Poll::Pending => tokio::time::sleep(Duration::from_micros(200)).await,
        }
    }
}

/// Looks for a while at a record that a dropped call may still be writing: at each look it is one of `whole`, the later
/// of which have the higher versions after `base`.
async fn settles(
    store: &Arc<dyn Storage>,
    whole: &[Option<&NewRecord>],
    base: u64,
    sample: &NewRecord,
) -> Result<(), Breach> {
    for _ in 0..3 {
        let loaded = store.load(sample.key()).await?;
        let fits = match &loaded {
            None => base == 0 && whole.contains(&None),
            Some(record) => whole
                .iter()
                .flatten()
                .enumerate()
                .any(|(more, one)| *record == (*one).clone().into_record(base.max(1) + more as u64)),
        };
        ensure!(fits, "the dropped call left {loaded:?}");
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    Ok(())
}

async fn version(store: &Arc<dyn Storage>, sample: &NewRecord) -> Result<u64, Breach> {
    match store.load(sample.key()).await? {
        Some(record) => Ok(record.version),
        None => Err(Breach(format!("`{}` is gone", sample.key()))),
    }
}

const ROUNDS: u32 = 12;
