//! Laws of several handles: other shops', other workers', and those of tomorrow.

use crate::conformance::sample::{at, due, names, namespace, order, record};
use crate::conformance::{Backend, Breach, ensure};
use crate::storage::{ListQuery, StoreError};

/// A store neither sees nor touches the records of another shop.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn other_shops_are_never_seen(backend: &dyn Backend) -> Result<(), Breach> {
    let (one, other) = (namespace(), namespace());
    let many = backend.capabilities().many_handles;
    let store = backend.open(&one).await?;
    store.create(&due("1", -10)?).await?;
    store.create(&due("2", -10)?).await?;
    // Kept open beside the other's where that is possible.
    let kept = many.then_some(store);

    let store = backend.open(&other).await?;
    ensure!(store.load(order("1")?.key()).await?.is_none(), "`load` shows another shop's record");
    let listed = store.list(&ListQuery::new("")).await?.records;
    ensure!(listed.is_empty(), "`list` shows another shop's {:?}", names(&listed));
    let claimed = store.claim_due(at(0), at(1000), 10).await?;
    ensure!(claimed.is_empty(), "`claim_due` takes another shop's {:?}", names(&claimed));
    match store.update(&order("1")?, 1).await {
        Err(StoreError::NotFound { .. }) => {}
        found => ensure!(false, "`update` of another shop's record gave {found:?}"),
    }
    store.create(&record("order/1", "Other", None, b"other")?).await?;
    drop(store);

    let store = match kept {
        Some(store) => store,
        None => backend.open(&one).await?,
    };
    let stored = store.load(order("1")?.key()).await?;
    ensure!(stored == Some(due("1", -10)?.into_record(1)), "another shop's creation left {stored:?}");
    let claimed = store.claim_due(at(0), at(1000), 10).await?;
    ensure!(names(&claimed) == ["1", "2"], "after another shop's claim {:?} are left", names(&claimed));
    Ok(())
}

/// After an `Ok` every handle for that shop sees the new version.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn every_handle_sees_what_was_acknowledged(backend: &dyn Backend) -> Result<(), Breach> {
    let shop = namespace();
    let (one, other) = (backend.open(&shop).await?, backend.open(&shop).await?);
    let given = due("1", -10)?;
    ensure!(other.load(given.key()).await?.is_none(), "a record is there that nobody created");
    one.create(&given).await?;
    for version in 1..=10_u64 {
        let (writer, reader) = if version % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let seen = reader.load(given.key()).await?.map(|record| record.version);
        ensure!(seen == Some(version), "version {version} was acknowledged, another handle sees {seen:?}");
        writer.update(&given, version).await?;
    }
    match other.create(&given).await {
        Err(StoreError::AlreadyExists { .. }) => {}
        created => ensure!(false, "another handle's creation of the same key gave {created:?}"),
    }
    let claimed = one.claim_due(at(0), at(1000), 10).await?;
    let again = other.claim_due(at(0), at(1000), 10).await?;
    ensure!(claimed.len() == 1 && again.is_empty(), "two handles claimed the same record");
    let listed = other.list(&ListQuery::new("order/")).await?.records;
    ensure!(listed == [given.into_record(11)], "another handle lists {listed:?}");
    Ok(())
}

/// What was acknowledged is there when the store is opened again.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn what_was_acknowledged_survives_reopening(backend: &dyn Backend) -> Result<(), Breach> {
    let shop = namespace();
    let mut expected = Vec::new();
    for opening in 0..3_u64 {
        let store = backend.open(&shop).await?;
        let stored = store.list(&ListQuery::new("")).await?.records;
        ensure!(stored == expected, "stored was {expected:?}; opened again it holds {stored:?}");
        for record in &mut expected {
            let next = due(record.key.name(), -10)?;
            store.update(&next, record.version).await?;
            *record = next.into_record(record.version + 1);
        }
        let new = order(&opening.to_string())?;
        store.create(&new).await?;
        expected.push(new.into_record(1));
    }
    let store = backend.open(&shop).await?;
    let claimed = store.claim_due(at(0), at(1000), 10).await?;
    ensure!(names(&claimed) == ["0", "1"], "opened again, {:?} are due", names(&claimed));
    drop(store);
    let again = backend.open(&shop).await?.claim_due(at(500), at(2000), 10).await?;
    ensure!(again.is_empty(), "opened again, the claims on {:?} are forgotten", names(&again));
    Ok(())
}
