//! Laws of creating and loading.

use fps_core::Timestamp;

use crate::conformance::sample::{at, key, order, record};
use crate::conformance::{Breach, ensure};
use crate::storage::{Key, NewRecord, Storage, StoreError};

/// A record has version 1 when it was created, and comes back as it was given.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_created_record_has_version_1(store: &dyn Storage) -> Result<(), Breach> {
    let given = record("order/1", "Created", Some(at(0)), b"{\"a\":1}")?;
    store.create(&given).await?;
    comes_back(store, &given).await
}

/// Of a key that is present, `create` changes nothing and answers `AlreadyExists`.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn create_never_overwrites(store: &dyn Storage) -> Result<(), Breach> {
    let first = order("1")?;
    store.create(&first).await?;
    match store.create(&record("order/1", "Other", Some(at(0)), b"other")?).await {
        Err(StoreError::AlreadyExists { key }) if key == *first.key() => {}
        other => ensure!(false, "the second creation gave {other:?}"),
    }
    comes_back(store, &first).await
}

/// `load` of an absent key is `None`.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn an_absent_key_loads_as_none(store: &dyn Storage) -> Result<(), Breach> {
    store.create(&order("1")?).await?;
    for absent in ["order/", "order/10", "order/2", "token/1"].iter().filter_map(|text| Key::new(*text).ok())
    {
        let loaded = store.load(&absent).await?;
        ensure!(loaded.is_none(), "`{absent}` was never created and loads as {loaded:?}");
    }
    Ok(())
}

/// Any body of up to 1 MiB comes back byte by byte.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn bodies_come_back_byte_by_byte(store: &dyn Storage) -> Result<(), Breach> {
    let every: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = every.iter().copied().cycle().take(NewRecord::MAX_BODY_BYTES).collect();
    let bodies: [&[u8]; 6] = [b"", b"\0", b"a\0b", b"\xff\xfe\xc3\x28", &every, &large];
    for (number, body) in bodies.into_iter().enumerate() {
        let given = record(&format!("order/{number}"), "Created", None, body)?;
        store.create(&given).await?;
        comes_back(store, &given).await?;
        store.update(&given, 1).await?;
        let stored = store.load(given.key()).await?.map(|record| record.body);
        ensure!(
            stored.as_deref() == Some(body),
            "a body of {} bytes came back otherwise from an update",
            body.len()
        );
    }
    Ok(())
}

/// Any due time that a `Timestamp` can hold comes back exactly.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn due_times_come_back_exactly(store: &dyn Storage) -> Result<(), Breach> {
    let times = [i64::MIN, i64::MIN + 1, -1, 0, 1, 999, 1_282_996_800_001, i64::MAX - 1, i64::MAX];
    for (number, millis) in times.into_iter().enumerate() {
        let due = Some(Timestamp::from_unix_millis(millis));
        let given = record(&format!("order/{number}"), "Created", due, b"")?;
        store.create(&given).await?;
        comes_back(store, &given).await?;
    }
    Ok(())
}

/// Keys that differ in case, in Unicode composition or in spaces are different keys.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn keys_that_look_alike_differ(store: &dyn Storage) -> Result<(), Breach> {
    let names = [
        "a",
        "A",
        "ä",
        "a\u{308}",
        "Ä",
        "a ",
        " a",
        "a/",
        "a%",
        "a_",
        "a'",
        "a\\",
        "ａ",
        "\u{10ffff}",
        "💳",
        "ß",
        "ss",
    ];
    for name in names {
        store.create(&order(name)?).await?;
    }
    for name in names {
        comes_back(store, &order(name)?).await?;
    }
    Ok(())
}

/// A key of 200 bytes and a state of 32 come back as they were given.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn the_longest_key_and_state_fit(store: &dyn Storage) -> Result<(), Breach> {
    let state = "x".repeat(NewRecord::MAX_STATE_BYTES);
    let room = Key::MAX_BYTES - "order/".len() - 2;
    let beginning = "💳".repeat(room / 4);
    for end in ["01", "02", "é"] {
        let name = format!("order/{beginning}{end}");
        let given = record(&name, &state, None, end.as_bytes())?;
        ensure!(given.key() == &key(&name)?, "the kit is wrong");
        store.create(&given).await?;
    }
    for end in ["01", "02", "é"] {
        comes_back(store, &record(&format!("order/{beginning}{end}"), &state, None, end.as_bytes())?).await?;
    }
    Ok(())
}

/// Whether a record is there with version 1, as it was given.
async fn comes_back(store: &dyn Storage, given: &NewRecord) -> Result<(), Breach> {
    let loaded = store.load(given.key()).await?;
    let expected = given.clone().into_record(1);
    ensure!(loaded.as_ref() == Some(&expected), "{expected:?} came back as {loaded:?}");
    Ok(())
}
