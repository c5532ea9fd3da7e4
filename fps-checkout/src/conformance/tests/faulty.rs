//! For each law a store that breaks it, to see that the law has teeth.

use std::cmp::Reverse;
use std::sync::MutexGuard;

use fps_core::Timestamp;

use super::*;
use crate::storage::{Key, ListQuery, NewRecord, Page, Record};

/// What a store does wrong, each after the law that it must fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    CreatesWithVersion0,
    CreateOverwrites,
    AbsentIsEmpty,
    CutsBodiesAtNul,
    RoundsDueTimes,
    FoldsCase,
    CutsKeys,
    KeepsDueTime,
    IgnoresVersions,
    Upserts,
    UpdatesInTwoSteps,
    CreatesInTwoSteps,
    ClaimsBeforeNowOnly,
    ClaimsInKeyOrder,
    IgnoresLimit,
    NeverHides,
    HidesForEver,
    ClaimCountsVersion,
    HidesFromLoad,
    UpdateKeepsClaim,
    NeverForgetsDueTime,
    HasAClockOfItsOwn,
    ListsWithoutCase,
    ReadsPrefixWithoutCase,
    IgnoresState,
    FullPageHasNext,
    PagesByCounting,
    ChecksThenCreates,
    ChecksThenUpdates,
    LooksThenHides,
    ClaimWritesBack,
    IgnoresNamespace,
    CachesLoads,
    ForgetsAtReopening,
}

/// Which fault must fail which law. The law of the kill has its own test.
const TEETH: &[(&str, Fault)] = &[
    ("a_created_record_has_version_1", Fault::CreatesWithVersion0),
    ("create_never_overwrites", Fault::CreateOverwrites),
    ("an_absent_key_loads_as_none", Fault::AbsentIsEmpty),
    ("bodies_come_back_byte_by_byte", Fault::CutsBodiesAtNul),
    ("due_times_come_back_exactly", Fault::RoundsDueTimes),
    ("keys_that_look_alike_differ", Fault::FoldsCase),
    ("the_longest_key_and_state_fit", Fault::CutsKeys),
    ("an_update_replaces_all_and_counts", Fault::KeepsDueTime),
    ("update_refuses_another_version", Fault::IgnoresVersions),
    ("an_absent_key_cannot_be_updated", Fault::Upserts),
    ("a_dropped_update_is_done_or_not", Fault::UpdatesInTwoSteps),
    ("a_dropped_create_is_done_or_not", Fault::CreatesInTwoSteps),
    ("only_what_is_due_is_claimed", Fault::ClaimsBeforeNowOnly),
    ("the_earliest_is_claimed_first", Fault::ClaimsInKeyOrder),
    ("a_claim_takes_no_more_than_its_limit", Fault::IgnoresLimit),
    ("a_claim_hides_until_its_end", Fault::NeverHides),
    ("a_lost_claim_ends_by_itself", Fault::HidesForEver),
    ("a_claim_changes_nothing_else", Fault::ClaimCountsVersion),
    ("a_claim_stands_in_nobodys_way", Fault::HidesFromLoad),
    ("an_update_ends_the_claim", Fault::UpdateKeepsClaim),
    ("a_record_without_due_time_rests", Fault::NeverForgetsDueTime),
    ("the_clock_is_given", Fault::HasAClockOfItsOwn),
    ("lists_are_ordered_by_bytes", Fault::ListsWithoutCase),
    ("only_the_prefix_is_listed", Fault::ReadsPrefixWithoutCase),
    ("only_the_state_is_listed", Fault::IgnoresState),
    ("the_last_page_says_so", Fault::FullPageHasNext),
    ("a_walk_meets_each_record_once", Fault::PagesByCounting),
    ("of_many_creations_one_wins", Fault::ChecksThenCreates),
    ("of_many_updates_one_wins", Fault::ChecksThenUpdates),
    ("no_two_claims_meet", Fault::LooksThenHides),
    ("a_claim_never_undoes_an_update", Fault::ClaimWritesBack),
    ("other_shops_are_never_seen", Fault::IgnoresNamespace),
    ("every_handle_sees_what_was_acknowledged", Fault::CachesLoads),
    ("what_was_acknowledged_survives_reopening", Fault::ForgetsAtReopening),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_broken_store_fails_its_law_and_the_report_says_which() {
    for &(name, fault) in TEETH {
        let law = Law::find(name).unwrap_or_else(|| panic!("there is no law `{name}`"));
        let broken = law.check(&Broken::with(fault), "").await;
        let report = broken.expect_err(&format!("{fault:?} keeps `{name}`")).to_string();
        assert!(report.contains(name) && report.contains(law.sentence()), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_store_without_a_fault_keeps_every_law() {
    for &(name, _) in TEETH {
        let checked = Law::find(name).unwrap().check(&Broken::with(Fault::Nothing), "").await;
        assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}

/// A store that never hides a claim gives records for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_law_waits_for_a_broken_store_to_end() {
    let law = Law::find("no_two_claims_meet").unwrap();
    let report = law.check(&Broken::with(Fault::NeverHides), "").await.unwrap_err().to_string();
    assert!(report.contains("were claimed twice"), "{report}");
}

#[test]
fn every_law_has_a_broken_store() {
    let laws = Law::ALL.iter().map(Law::name);
    let killed = ["what_was_acknowledged_survives_a_kill"];
    let teeth = TEETH.iter().map(|(name, _)| *name).chain(killed);
    assert!(laws.eq(teeth));
}

/// A backend whose stores have the fault.
struct Broken {
    fault: Fault,
    shelf: Arc<Mutex<Shelf>>,
}

impl Broken {
    fn with(fault: Fault) -> Self {
        Self { fault, shelf: Arc::default() }
    }
}

#[async_trait]
impl Backend for Broken {
    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Storage>, BoxError> {
        let shelf = match self.fault {
            Fault::ForgetsAtReopening => Arc::default(),
            _ => self.shelf.clone(),
        };
        let namespace = match self.fault {
            Fault::IgnoresNamespace => String::new(),
            _ => namespace.to_string(),
        };
        let (fault, delivered, cache) = (self.fault, Mutex::default(), Mutex::default());
        Ok(Arc::new(Faulty { fault, shelf, namespace, delivered, cache }))
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

#[derive(Debug, Default)]
struct Shelf {
    rows: BTreeMap<(String, String), Row>,
    latest: Option<Timestamp>,
}

#[derive(Clone, Debug)]
struct Row {
    record: Record,
    due: Option<Timestamp>,
    hidden_until: Option<Timestamp>,
}

#[derive(Debug)]
struct Faulty {
    fault: Fault,
    shelf: Arc<Mutex<Shelf>>,
    namespace: String,
    delivered: Mutex<usize>,
    cache: Mutex<BTreeMap<Key, Option<Record>>>,
}

impl Faulty {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap()
    }

    fn place(&self, key: &Key) -> (String, String) {
        let mut name = key.to_string();
        if self.is(Fault::FoldsCase) {
            name = name.to_lowercase();
        }
        if self.is(Fault::CutsKeys) {
            name = name.chars().take(40).collect();
        }
        (self.namespace.clone(), name)
    }

    fn row(&self, record: &NewRecord, version: u64) -> Row {
        let mut record = record.clone().into_record(version);
        if self.is(Fault::CutsBodiesAtNul) {
            record.body = record.body.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        }
        if self.is(Fault::RoundsDueTimes) {
            record.due = record.due.map(|due| Timestamp::from_unix_seconds(due.unix_seconds()));
        }
        Row { due: record.due, record, hidden_until: None }
    }
}

#[async_trait]
impl Storage for Faulty {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        let place = self.place(record.key());
        let row = self.row(record, if self.is(Fault::CreatesWithVersion0) { 0 } else { 1 });
        if self.is(Fault::ChecksThenCreates) {
            let present = self.shelf().rows.contains_key(&place);
            pause().await;
            if !present {
                self.shelf().rows.insert(place, row);
                return Ok(());
            }
        } else if self.is(Fault::CreatesInTwoSteps) {
            let half = Row { record: Record { body: Vec::new(), ..row.record.clone() }, ..row.clone() };
            let present = self.shelf().rows.contains_key(&place);
            if !present {
                self.shelf().rows.insert(place.clone(), half);
                pause().await;
                self.shelf().rows.insert(place, row);
                return Ok(());
            }
        } else {
            let mut shelf = self.shelf();
            if self.is(Fault::CreateOverwrites) || !shelf.rows.contains_key(&place) {
                shelf.rows.insert(place, row);
                return Ok(());
            }
        }
        Err(StoreError::AlreadyExists { key: record.key().clone() })
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let shelf = self.shelf();
        let row = shelf.rows.get(&self.place(key));
        let row = row.filter(|row| !self.is(Fault::HidesFromLoad) || row.hidden_until.is_none());
        let record = row.map(|row| row.record.clone());
        if self.is(Fault::CachesLoads) {
            return Ok(self.cache.lock().unwrap().entry(key.clone()).or_insert(record).clone());
        }
        if self.is(Fault::AbsentIsEmpty) && record.is_none() {
            return Ok(Some(NewRecord::new(key.clone(), "Empty", None, Vec::new())?.into_record(1)));
        }
        Ok(record)
    }

    async fn update(&self, record: &NewRecord, expected: u64) -> Result<(), StoreError> {
        let key = record.key().clone();
        let place = self.place(&key);
        let found = self.shelf().rows.get(&place).cloned();
        if self.is(Fault::ChecksThenUpdates) {
            pause().await;
        }
        let row = {
            let mut shelf = self.shelf();
            let former = match (found, self.fault) {
                (Some(found), Fault::ChecksThenUpdates) => found,
                (None, Fault::Upserts) => self.row(record, 0),
                _ => match shelf.rows.get(&place) {
                    Some(row) => row.clone(),
                    None => return Err(StoreError::NotFound { key }),
                },
            };
            let version = former.record.version;
            if version != expected && !matches!(self.fault, Fault::IgnoresVersions | Fault::Upserts) {
                return Err(StoreError::Conflict { key, expected });
            }
            let mut row = self.row(record, version + 1);
            match self.fault {
                Fault::KeepsDueTime => row.record.due = former.record.due,
                Fault::UpdateKeepsClaim => row.hidden_until = former.hidden_until,
                Fault::NeverForgetsDueTime => row.due = row.due.or(former.due),
                _ => {}
            }
            let half = Row { record: Record { version, ..row.record.clone() }, ..row.clone() };
            let first = if self.is(Fault::UpdatesInTwoSteps) { half } else { row.clone() };
            shelf.rows.insert(place.clone(), first);
            row
        };
        if self.is(Fault::UpdatesInTwoSteps) {
            pause().await;
            self.shelf().rows.insert(place, row);
        }
        Ok(())
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        hidden_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let mut rows: Vec<_> = {
            let mut shelf = self.shelf();
            let latest = shelf.latest.max(Some(now));
            shelf.latest = latest;
            let now = if self.is(Fault::HasAClockOfItsOwn) { latest.unwrap_or(now) } else { now };
            let due =
                |due: Timestamp| if self.is(Fault::ClaimsBeforeNowOnly) { due < now } else { due <= now };
            let ended = |hidden: Timestamp| hidden <= now && !self.is(Fault::HidesForEver);
            shelf
                .rows
                .iter()
                .filter(|((namespace, _), row)| {
                    *namespace == self.namespace
                        && row.due.is_some_and(due)
                        && (self.is(Fault::NeverHides) || row.hidden_until.is_none_or(ended))
                })
                .map(|(place, row)| (place.clone(), row.clone()))
                .collect()
        };
        if !self.is(Fault::ClaimsInKeyOrder) {
            rows.sort_by_key(|(_, row)| (row.due, row.record.key.clone()));
        }
        if !self.is(Fault::IgnoresLimit) {
            rows.truncate(limit);
        }
        if matches!(self.fault, Fault::LooksThenHides | Fault::ClaimWritesBack) {
            pause().await;
        }
        let mut shelf = self.shelf();
        let mut claimed = Vec::new();
        for (place, mut row) in rows {
            let stored = shelf.rows.get_mut(&place).unwrap();
            if self.is(Fault::ClaimWritesBack) {
                row.hidden_until = Some(hidden_until);
                *stored = row.clone();
            } else if self.is(Fault::LooksThenHides) || stored.hidden_until == row.hidden_until {
                stored.hidden_until = Some(hidden_until);
                stored.record.version += u64::from(self.is(Fault::ClaimCountsVersion));
            } else {
                continue;
            }
            claimed.push(row.record);
        }
        Ok(claimed)
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let shelf = self.shelf();
        let mut delivered = self.delivered.lock().unwrap();
        let counting = self.is(Fault::PagesByCounting);
        if !counting || query.after().is_none() {
            *delivered = 0;
        }
        let matches = |record: &Record| {
            let key = &record.key;
            let prefix = match self.fault {
                Fault::ReadsPrefixWithoutCase => {
                    key.as_str().to_lowercase().starts_with(&query.prefix().to_lowercase())
                }
                _ => key.as_str().starts_with(query.prefix()),
            };
            prefix
                && (counting || query.after().is_none_or(|after| key > after))
                && (self.is(Fault::IgnoresState) || query.state().is_none_or(|state| record.state == state))
        };
        let own = shelf.rows.iter().filter(|((namespace, _), _)| *namespace == self.namespace);
        let mut records: Vec<Record> =
            own.map(|(_, row)| row.record.clone()).filter(matches).skip(*delivered).collect();
        records.sort_by_key(|record| match self.fault {
            Fault::ListsWithoutCase => (record.key.as_str().to_lowercase(), Reverse(record.key.clone())),
            _ => (record.key.to_string(), Reverse(record.key.clone())),
        });
        let mut page = Page::cut(records, query.limit());
        *delivered += page.records.len();
        if self.is(Fault::FullPageHasNext) && page.records.len() == query.limit() {
            page.next = page.records.last().map(|record| record.key.clone());
        }
        Ok(page)
    }
}

/// Long enough for another caller to come between two steps.
async fn pause() {
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
}

#[cfg(all(feature = "sqlite", unix))]
mod killed {
    use super::*;
    use crate::registry::{Opening, StoragePlugin};
    use crate::storage::StorageUrl;
    use crate::storage::sqlite::SqliteStore;

    const HASTY: StoragePlugin = StoragePlugin::new("hasty", &["hasty"], open);

    fn open<'a>(url: &'a StorageUrl, namespace: &'a Namespace) -> Opening<'a> {
        Box::pin(async move {
            let file = StorageUrl::parse(&format!("sqlite:{}", url.file()?.display()))?;
            Ok(Arc::new(Hasty(SqliteStore::open(&file, namespace).await?)) as _)
        })
    }

    /// Acknowledges updates before they are written, and is killed before that.
    #[derive(Debug)]
    struct Hasty(SqliteStore);

    #[async_trait]
    impl Storage for Hasty {
        async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
            self.0.create(record).await
        }

        async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
            self.0.load(key).await
        }

        async fn update(&self, _: &NewRecord, _: u64) -> Result<(), StoreError> {
            Ok(())
        }

        async fn claim_due(
            &self,
            now: Timestamp,
            until: Timestamp,
            limit: usize,
        ) -> Result<Vec<Record>, StoreError> {
            self.0.claim_due(now, until, limit).await
        }

        async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
            self.0.list(query).await
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_store_that_acknowledges_too_early_fails_the_law_of_the_kill() {
        let law = Law::find("what_was_acknowledged_survives_a_kill").unwrap();
        let test = concat!(module_path!(), "::a_store_that_acknowledges_too_early_fails_the_law_of_the_kill");
        let broken = law.check(&InFolder::new(HASTY, "hasty://{folder}/shop.db"), test).await;
        let report = broken.unwrap_err().to_string();
        assert!(report.contains("was acknowledged, there is 1"), "{report}");
    }
}
