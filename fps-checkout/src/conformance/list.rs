//! Laws of listing.

use crate::conformance::sample::{key, names, order, record};
use crate::conformance::{Breach, ensure};
use crate::storage::{ListQuery, Page, Storage};

/// `list` orders by the bytes of the keys.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn lists_are_ordered_by_bytes(store: &dyn Storage) -> Result<(), Breach> {
    let sorted = [
        "-", "1", "10", "2", "A", "Z", "_", "a", "a b", "a-b", "a.b", "aa", "z", "z\u{308}", "ä", "ａ", "💳",
    ];
    for name in sorted.iter().rev() {
        store.create(&order(name)?).await?;
    }
    let page = store.list(&ListQuery::new("order/")).await?;
    ensure!(names(&page.records) == sorted, "the order was {:?}", names(&page.records));
    let first = page.records.first().map(|record| (record.version, record.body.clone()));
    ensure!(first == Some((1, b"-".to_vec())), "a listed record is not the stored one: {first:?}");
    Ok(())
}

/// `list` gives exactly the keys that begin with the prefix.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn only_the_prefix_is_listed(store: &dyn Storage) -> Result<(), Breach> {
    let all = [
        "order/%",
        "order/1",
        "order/1%2",
        "order/12",
        "order/1_2",
        "order/Ab",
        "order/ab",
        "order/\u{10ffff}",
        "shop/order/1",
        "token/1",
    ];
    for name in all {
        store.create(&record(name, "Created", None, b"")?).await?;
    }
    for prefix in [
        "",
        "o",
        "order/",
        "order/1",
        "order/1%",
        "order/1_",
        "order/%",
        "order/a",
        "order/A",
        "order/\u{10ffff}",
        "shop/",
        "token/1",
        "token/12",
        "z",
        "{",
        "1",
        "'",
    ] {
        let page = store.list(&ListQuery::new(prefix)).await?;
        let listed: Vec<_> = page.records.iter().map(|record| record.key.as_str()).collect();
        let mut expected: Vec<_> = all.into_iter().filter(|name| name.starts_with(prefix)).collect();
        expected.sort_unstable();
        ensure!(listed == expected, "the prefix `{prefix}` listed {listed:?} and not {expected:?}");
    }
    Ok(())
}

/// `list` by state gives exactly the records of that state.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn only_the_state_is_listed(store: &dyn Storage) -> Result<(), Breach> {
    for (name, state) in
        [("1", "Paid"), ("2", "paid"), ("3", "Paid"), ("4", "Pai"), ("5", "PaidOut"), ("6", "Created")]
    {
        store.create(&record(&format!("order/{name}"), state, None, b"")?).await?;
    }
    store.create(&record("token/7", "Paid", None, b"")?).await?;
    store.update(&record("order/6", "Paid", None, b"")?, 1).await?;
    store.update(&record("order/3", "Review", None, b"")?, 1).await?;
    for (state, expected) in
        [("Paid", &["1", "6"][..]), ("paid", &["2"]), ("Review", &["3"]), ("Created", &[]), ("%", &[])]
    {
        let page = store.list(&ListQuery::new("order/").with_state(state)).await?;
        ensure!(
            names(&page.records) == expected,
            "`{state}` listed {:?} and not {expected:?}",
            names(&page.records)
        );
    }
    Ok(())
}

/// `next` is the page's last key, and `None` exactly if nothing more matches.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn the_last_page_says_so(store: &dyn Storage) -> Result<(), Breach> {
    for name in ["1", "2", "3", "4"] {
        store.create(&order(name)?).await?;
    }
    store.create(&record("order/5", "Other", None, b"")?).await?;
    store.create(&record("token/1", "Created", None, b"")?).await?;
    let created = || ListQuery::new("order/").with_state("Created");
    for (query, listed, next) in [
        (created().with_limit(3), &["1", "2", "3"][..], Some("order/3")),
        (created().with_limit(4), &["1", "2", "3", "4"], None),
        (created().with_limit(5), &["1", "2", "3", "4"], None),
        (created().with_limit(2).with_after(key("order/2")?), &["3", "4"], None),
        (created().with_limit(1).with_after(key("order/15")?), &["2"], Some("order/2")),
        (created().with_after(key("order/4")?), &[], None),
        (created().with_after(key("zebra/1")?), &[], None),
        (created().with_limit(2).with_after(key("a/1")?), &["1", "2"], Some("order/2")),
        (ListQuery::new("order/").with_limit(5), &["1", "2", "3", "4", "5"], None),
        (ListQuery::new("order/").with_limit(4), &["1", "2", "3", "4"], Some("order/4")),
    ] {
        let Page { records, next: found } = store.list(&query).await?;
        ensure!(names(&records) == listed, "{query:?} listed {:?} and not {listed:?}", names(&records));
        ensure!(
            found.as_ref().map(|key| key.as_str()) == next,
            "{query:?} has next {found:?} and not {next:?}"
        );
    }
    Ok(())
}

/// A walk page by page meets every record that was there all the time exactly once.
///
/// # Errors
///
/// [`Breach`] if not.
pub async fn a_walk_meets_each_record_once(store: &dyn Storage) -> Result<(), Breach> {
    let steady: Vec<String> = (10..37).map(|number| format!("{number}-steady")).collect();
    for name in &steady {
        store.create(&order(name)?).await?;
    }
    let mut met = Vec::new();
    let mut query = ListQuery::new("order/").with_limit(5);
    for (round, written) in steady.iter().enumerate() {
        let page = store.list(&query).await?;
        met.extend(page.records.iter().map(|record| record.key.name().to_owned()));
        // Others come, before and behind the place where the walk is; and one that was there is written.
        store.create(&order(&format!("00-new-{round}"))?).await?;
        store.create(&order(&format!("99-new-{round:02}"))?).await?;
        store.update(&order(written)?, 1).await?;
        match page.next {
            Some(next) => query = query.with_after(next),
            None => break,
        }
    }
    met.retain(|name| name.ends_with("-steady"));
    ensure!(met == steady, "the walk met {met:?} and not {steady:?}");
    Ok(())
}
