//! Laws of claiming.

use fps_core::Timestamp;

use crate::conformance::sample::{at, due, names, order, record};
use crate::conformance::{Breach, ensure};
use crate::storage::{ListQuery, Storage};

/// `claim_due` takes exactly the records whose due time is not after `now`.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn only_what_is_due_is_claimed(store: &dyn Storage) -> Result<(), Breach> {
    for (name, millis) in [("past", -1), ("now", 0), ("future", 1)] {
        store.create(&due(name, millis)?).await?;
    }
    store.create(&order("resting")?).await?;
    expect(store, 0, 1000, 10, &["past", "now"]).await
}

/// Claims come earliest due first, equal ones in the order of their keys.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn the_earliest_is_claimed_first(store: &dyn Storage) -> Result<(), Breach> {
    for (name, millis) in
        [("c", -1), ("a", -1), ("B", -1), ("z", -500), ("ä", -1), ("m", -2), ("y", -1_000_000)]
    {
        store.create(&due(name, millis)?).await?;
    }
    expect(store, 0, 1000, 4, &["y", "z", "m", "B"]).await?;
    expect(store, 0, 1000, 4, &["a", "c", "ä"]).await
}

/// `claim_due` takes at most `limit` records, and none for 0.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_claim_takes_no_more_than_its_limit(store: &dyn Storage) -> Result<(), Breach> {
    for number in 0..5 {
        store.create(&due(&number.to_string(), number - 10)?).await?;
    }
    expect(store, 0, 1000, 0, &[]).await?;
    expect(store, 0, 1000, 2, &["0", "1"]).await?;
    expect(store, 0, 1000, 1, &["2"]).await?;
    expect(store, 0, 1000, usize::MAX, &["3", "4"]).await
}

/// A claimed record is not claimed again before `hidden_until`.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_claim_hides_until_its_end(store: &dyn Storage) -> Result<(), Breach> {
    store.create(&due("1", -10)?).await?;
    expect(store, 0, 1000, 10, &["1"]).await?;
    for now in [0, 1, 500, 999] {
        expect(store, now, 5000, 10, &[]).await?;
    }
    Ok(())
}

/// A claim ends at `hidden_until`, whatever became of who took it.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_lost_claim_ends_by_itself(store: &dyn Storage) -> Result<(), Breach> {
    store.create(&due("1", -10)?).await?;
    for (now, hidden_until) in [(0, 1000), (1000, 2000), (2500, 2500), (2500, 2400), (2500, 9000)] {
        expect(store, now, hidden_until, 10, &["1"]).await?;
    }
    expect(store, 2501, 9000, 10, &[]).await
}

/// A claim changes neither version, state, due time nor body.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_claim_changes_nothing_else(store: &dyn Storage) -> Result<(), Breach> {
    let given = due("1", -10)?;
    store.create(&given).await?;
    let stored = given.clone().into_record(1);
    let claimed = store.claim_due(at(0), at(1000), 10).await?;
    ensure!(claimed == [stored.clone()], "created was {stored:?}, claimed was {claimed:?}");
    let loaded = store.load(given.key()).await?;
    ensure!(loaded.as_ref() == Some(&stored), "created was {stored:?}, after the claim it is {loaded:?}");
    Ok(())
}

/// A claimed record can be loaded, listed and updated by anyone.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_claim_stands_in_nobodys_way(store: &dyn Storage) -> Result<(), Breach> {
    let given = due("1", -10)?;
    store.create(&given).await?;
    expect(store, 0, 1000, 10, &["1"]).await?;
    ensure!(store.load(given.key()).await?.is_some(), "a claimed record is not loaded");
    let listed = store.list(&ListQuery::new("order/")).await?;
    ensure!(listed.records.len() == 1, "a claimed record is not listed");
    let counted = store.list(&ListQuery::new("order/").with_state(given.state())).await?;
    ensure!(counted.records.len() == 1, "a claimed record is not listed by its state");
    store.update(&given, 1).await?;
    Ok(())
}

/// An updated record is claimed no more.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn an_update_ends_the_claim(store: &dyn Storage) -> Result<(), Breach> {
    let given = due("1", -10)?;
    store.create(&given).await?;
    expect(store, 0, 1_000_000, 10, &["1"]).await?;
    store.update(&given, 1).await?;
    expect(store, 1, 1_000_000, 10, &["1"]).await
}

/// A record whose due time an update took away is not claimed, and one whose due time moved is claimed then.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_record_without_due_time_rests(store: &dyn Storage) -> Result<(), Breach> {
    store.create(&due("taken", -10)?).await?;
    store.create(&due("later", -10)?).await?;
    store.create(&order("given")?).await?;
    store.update(&order("taken")?, 1).await?;
    store.update(&due("later", 500)?, 1).await?;
    store.update(&due("given", 600)?, 1).await?;
    expect(store, 0, 1, 10, &[]).await?;
    expect(store, 599, 1000, 10, &["later"]).await?;
    expect(store, 600, 1000, 10, &["given"]).await
}

/// Only the `now` of the call counts, even if it goes backwards.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn the_clock_is_given(store: &dyn Storage) -> Result<(), Breach> {
    for (name, millis) in [("1970", 0), ("2970", 31_556_952_000_000)] {
        let time = Some(Timestamp::from_unix_millis(millis));
        store.create(&record(&format!("order/{name}"), "Waiting", time, b"")?).await?;
    }
    for (now, until, claimed) in [
        (-1, 1000, &[][..]),
        (0, 1000, &["1970"]),
        (31_556_952_000_000, 31_556_952_001_000, &["1970", "2970"]),
        // Backwards: both are hidden by the claim before, whose end is far ahead of this now.
        (2000, 3000, &[]),
        (31_556_952_001_000, 31_556_952_001_000, &["1970", "2970"]),
    ] {
        let (now, until) = (Timestamp::from_unix_millis(now), Timestamp::from_unix_millis(until));
        let records = store.claim_due(now, until, 10).await?;
        ensure!(
            names(&records) == claimed,
            "at {now} {:?} were claimed and not {claimed:?}",
            names(&records)
        );
    }
    let now = Timestamp::from_unix_millis(31_556_951_999_999);
    let again = store.claim_due(now, now, 10).await?;
    ensure!(
        again.is_empty(),
        "at {now}, before the end of the claim, {:?} were claimed again",
        names(&again)
    );
    Ok(())
}

/// Claims, and compares the names.
async fn expect(
    store: &dyn Storage,
    now: i64,
    hidden_until: i64,
    limit: usize,
    expected: &[&str],
) -> Result<(), Breach> {
    let records = store.claim_due(at(now), at(hidden_until), limit).await?;
    ensure!(
        names(&records) == expected,
        "a claim at {now} ms until {hidden_until} ms of up to {limit} gave {:?} and not {expected:?}",
        names(&records)
    );
    Ok(())
}
