//! The laws of [`Storage`], as tests that any backend can run (feature `conformance`).
//!
//! One line makes one `#[test]` of each law:
//!
//! ```no_run
//! # use fps_checkout::registry::{Opening, StoragePlugin};
//! # use fps_checkout::storage::{Namespace, StorageUrl, memory::MemoryStore};
//! # const PLUGIN: StoragePlugin = StoragePlugin::new("shelf", &["shelf"], open);
//! # fn open<'a>(_: &'a StorageUrl, _: &'a Namespace) -> Opening<'a> {
//! #     Box::pin(async { Ok(std::sync::Arc::new(MemoryStore::new()) as _) })
//! # }
//! use fps_checkout::conformance::InFolder;
//!
//! fps_checkout::storage_conformance!(InFolder::new(PLUGIN, "shelf://{folder}/shop.shelf"));
//! # fn main() {}
//! ```
//!
//! Each test opens the store for a namespace of its own, so all may share one database. What a backend is able to do, its
//! [`Capabilities`], chooses the laws; one that is not run says so on the error stream, with the reason. Races run on
//! several threads. The crash test starts the test program once more, lets it write, and kills it.
//!
//! [`guide`] is the chapter on writing a backend. Each law has a deliberately broken store, in this crate's own tests, that must fail it.

use std::fmt;
use std::future::Future;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use crate::storage::{BoxError, Namespace, Storage, StoreError};

mod backend;
pub mod claim;
pub mod crash;
pub mod create;
#[doc = include_str!("docs/write-a-storage-backend.md")]
pub mod guide {}
pub mod handles;
pub mod list;
pub mod race;
mod sample;
#[cfg(test)]
mod tests;
pub mod update;

pub use self::backend::InFolder;

/// What the kit tests: a backend that it can open.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// What the backend is able to do.
    fn capabilities(&self) -> Capabilities;

    /// Opens the store for that namespace. A second opening finds what the first one stored; with
    /// [`keeps`](Capabilities::keeps) also from another process that built the same `Backend`.
    ///
    /// # Errors
    ///
    /// Whatever hinders it: the law then counts as broken.
    async fn open(&self, namespace: &Namespace) -> Result<Arc<dyn Storage>, BoxError>;

    /// What the crash law puts into the environment of the process that it starts and kills, so that the same expression
    /// there makes a `Backend` on the same records. Empty if it does so anyway.
    fn environment(&self) -> Vec<(&'static str, String)>;
}

/// What a backend is able to do. The kit leaves out the laws that need more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Its records outlive the process.
    pub keeps: bool,
    /// A second handle can be opened while the first is in use.
    pub many_handles: bool,
}

impl Capabilities {
    /// Everything.
    pub const ALL: Self = Self { keeps: true, many_handles: true };

    /// Says whether its records outlive the process.
    #[must_use]
    pub const fn with_keeps(mut self, keeps: bool) -> Self {
        self.keeps = keeps;
        self
    }

    /// Says whether a second handle can be opened while the first is in use.
    #[must_use]
    pub const fn with_many_handles(mut self, many_handles: bool) -> Self {
        self.many_handles = many_handles;
        self
    }
}

/// One law: its name, its sentence, and how it is tested.
#[derive(Clone, Copy)]
pub struct Law {
    name: &'static str,
    sentence: &'static str,
    check: Check,
}

#[derive(Clone, Copy)]
enum Check {
    Store(for<'a> fn(&'a Arc<dyn Storage>) -> Checking<'a>),
    Backend { needs: Needs, check: for<'a> fn(&'a dyn Backend) -> Checking<'a> },
    Crash,
}

type Checking<'a> = Pin<Box<dyn Future<Output = Result<(), Breach>> + Send + 'a>>;

#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    ManyHandles,
    Keeps,
}

impl Law {
    /// All laws.
    pub const ALL: &[Self] = LAWS;

    /// The law of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        LAWS.iter().find(|law| law.name == name)
    }

    /// Its name, which is its test's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it says.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        self.sentence
    }

    /// Why a backend with these capabilities is not held to it; `None` if it is.
    #[must_use]
    pub const fn exempt(&self, able: Capabilities) -> Option<&'static str> {
        match self.check {
            Check::Backend { needs: Needs::ManyHandles, .. } if !able.many_handles => {
                Some("the backend opens no second handle while the first is in use")
            }
            Check::Backend { needs: Needs::Keeps, .. } | Check::Crash if !able.keeps => {
                Some("the backend's records end with the process")
            }
            Check::Crash if !cfg!(unix) => Some("the kit can kill a process only on Unix"),
            _ => None,
        }
    }

    /// Tests a backend, in a fresh namespace. `test` is the path of the running test, by which the crash law starts it
    /// once more.
    ///
    /// # Errors
    ///
    /// [`Broken`] if the backend does not keep the law.
    pub async fn check(&self, backend: &dyn Backend, test: &str) -> Result<(), Broken> {
        let checked = match self.check {
            Check::Store(check) => match backend.open(&sample::namespace()).await {
                Ok(store) => check(&store).await,
                Err(error) => Err(Breach::opening(&error)),
            },
            Check::Backend { check, .. } => check(backend).await,
            Check::Crash => crash::what_was_acknowledged_survives_a_kill(backend, test).await,
        };
        checked.map_err(|breach| Broken { law: *self, breach })
    }
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Law").field(&self.name).finish()
    }
}

/// A law that a backend does not keep.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the law `{}` is broken. It says: {}. What happened: {breach}", law.name, law.sentence)]
pub struct Broken {
    law: Law,
    breach: Breach,
}

impl Broken {
    /// The law.
    #[must_use]
    pub const fn law(&self) -> &Law {
        &self.law
    }
}

/// What a store did that it must not do.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Breach(String);

impl Breach {
    fn opening(error: &BoxError) -> Self {
        Self(format!("the store could not be opened: {}", chain(error.as_ref())))
    }
}

impl From<StoreError> for Breach {
    fn from(error: StoreError) -> Self {
        Self(format!("a call failed that must not fail: {}", chain(&error)))
    }
}

impl From<BoxError> for Breach {
    fn from(error: BoxError) -> Self {
        Self::opening(&error)
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Holds a backend to one law: what [`storage_conformance!`](crate::storage_conformance) makes each test of.
///
/// # Panics
///
/// If the law is broken, or there is none of that name.
#[expect(clippy::panic, reason = "this is the body of a test")]
pub fn hold(name: &str, test: &str, backend: &dyn Backend) {
    let Some(law) = Law::find(name) else { panic!("there is no law `{name}`") };
    if let Some(reason) = law.exempt(backend.capabilities()) {
        // Written past the test harness, which keeps what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped {test}: {reason}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let checked = match runtime {
        Ok(runtime) => runtime.block_on(law.check(backend, test)),
        Err(error) => panic!("no runtime: {error}"),
    };
    if let Err(broken) = checked {
        panic!("{broken}");
    }
}

/// Ends a law with a [`Breach`] unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err($crate::conformance::Breach(format!($($message)+)));
        }
    };
}

use ensure;

macro_rules! laws {
    (
        store { $($store_module:ident :: $store:ident: $store_sentence:literal;)* }
        backend { $($backend_module:ident :: $backend:ident $needs:ident: $backend_sentence:literal;)* }
        crash { $crash:ident: $crash_sentence:literal; }
    ) => {
        const LAWS: &[Law] = &[
            $(Law {
                name: stringify!($store),
                sentence: $store_sentence,
                check: Check::Store(|store| Box::pin($store_module::$store(store))),
            },)*
            $(Law {
                name: stringify!($backend),
                sentence: $backend_sentence,
                check: Check::Backend {
                    needs: Needs::$needs,
                    check: |backend| Box::pin($backend_module::$backend(backend)),
                },
            },)*
            Law { name: stringify!($crash), sentence: $crash_sentence, check: Check::Crash },
        ];
    };
}

laws! {
    store {
        create::a_created_record_has_version_1:
            "a record has version 1 when it was created, and comes back as it was given";
        create::create_never_overwrites:
            "of a key that is present, `create` changes nothing and answers `AlreadyExists`";
        create::an_absent_key_loads_as_none: "`load` of an absent key is `None`";
        create::bodies_come_back_byte_by_byte: "any body of up to 1 MiB comes back byte by byte";
        create::due_times_come_back_exactly: "any due time that a `Timestamp` can hold comes back exactly";
        create::keys_that_look_alike_differ:
            "keys that differ in case, in Unicode composition or in spaces are different keys";
        create::the_longest_key_and_state_fit: "a key of 200 bytes and a state of 32 come back as they were given";
        update::an_update_replaces_all_and_counts:
            "`update` replaces state, due time and body, and each one makes the version one more";
        update::update_refuses_another_version:
            "`update` with a version that is not the stored one changes nothing and answers `Conflict`";
        update::an_absent_key_cannot_be_updated: "`update` of an absent key answers `NotFound` and creates nothing";
        update::a_dropped_update_is_done_or_not:
            "an update whose future is dropped at any await is wholly done or not done at all";
        update::a_dropped_create_is_done_or_not:
            "a creation whose future is dropped at any await is wholly done or not done at all";
        claim::only_what_is_due_is_claimed: "`claim_due` takes exactly the records whose due time is not after `now`";
        claim::the_earliest_is_claimed_first: "claims come earliest due first, equal ones in the order of their keys";
        claim::a_claim_takes_no_more_than_its_limit: "`claim_due` takes at most `limit` records, and none for 0";
        claim::a_claim_hides_until_its_end: "a claimed record is not claimed again before `hidden_until`";
        claim::a_lost_claim_ends_by_itself: "a claim ends at `hidden_until`, whatever became of who took it";
        claim::a_claim_changes_nothing_else: "a claim changes neither version, state, due time nor body";
        claim::a_claim_stands_in_nobodys_way: "a claimed record can be loaded, listed and updated by anyone";
        claim::an_update_ends_the_claim: "an updated record is claimed no more";
        claim::a_record_without_due_time_rests:
            "a record whose due time an update took away is not claimed, and one whose due time moved is claimed then";
        claim::the_clock_is_given: "only the `now` of the call counts, even if it goes backwards";
        list::lists_are_ordered_by_bytes: "`list` orders by the bytes of the keys";
        list::only_the_prefix_is_listed: "`list` gives exactly the keys that begin with the prefix";
        list::only_the_state_is_listed: "`list` by state gives exactly the records of that state";
        list::the_last_page_says_so: "`next` is the page's last key, and `None` exactly if nothing more matches";
        list::a_walk_meets_each_record_once:
            "a walk page by page meets every record that was there all the time exactly once";
        race::of_many_creations_one_wins: "of many creations of one key at once exactly one succeeds";
        race::of_many_updates_one_wins: "of many updates at once that expect one version exactly one succeeds";
        race::no_two_claims_meet: "of many claims at once no two get the same record, and together they get all";
        race::a_claim_never_undoes_an_update: "a claim beside an update of the same record loses nothing of it";
    }
    backend {
        handles::other_shops_are_never_seen Nothing: "a store neither sees nor touches the records of another shop";
        handles::every_handle_sees_what_was_acknowledged ManyHandles:
            "after an `Ok` every handle for that shop sees the new version";
        handles::what_was_acknowledged_survives_reopening Keeps:
            "what was acknowledged is there when the store is opened again";
    }
    crash {
        what_was_acknowledged_survives_a_kill:
            "what was acknowledged is there after the process was killed, no version was given twice, and nothing is half";
    }
}

/// Makes one `#[test]` of each law of [`conformance`](mod@crate::conformance) for a
/// backend that implements its trait `Backend`. The expression is evaluated anew in each test.
///
/// `storage_conformance!(ignore = "needs a server", backend())` makes them tests that run only when asked for.
#[macro_export]
macro_rules! storage_conformance {
    (ignore = $reason:literal, $backend:expr) => {
        $crate::storage_conformance! { @all [#[ignore = $reason]] $backend }
    };
    ($backend:expr) => {
        $crate::storage_conformance! { @all [] $backend }
    };
    (@all $attributes:tt $backend:expr) => {
        $crate::storage_conformance! { @laws $attributes $backend;
            a_created_record_has_version_1
            create_never_overwrites
            an_absent_key_loads_as_none
            bodies_come_back_byte_by_byte
            due_times_come_back_exactly
            keys_that_look_alike_differ
            the_longest_key_and_state_fit
            an_update_replaces_all_and_counts
            update_refuses_another_version
            an_absent_key_cannot_be_updated
            a_dropped_update_is_done_or_not
            a_dropped_create_is_done_or_not
            only_what_is_due_is_claimed
            the_earliest_is_claimed_first
            a_claim_takes_no_more_than_its_limit
            a_claim_hides_until_its_end
            a_lost_claim_ends_by_itself
            a_claim_changes_nothing_else
            a_claim_stands_in_nobodys_way
            an_update_ends_the_claim
            a_record_without_due_time_rests
            the_clock_is_given
            lists_are_ordered_by_bytes
            only_the_prefix_is_listed
            only_the_state_is_listed
            the_last_page_says_so
            a_walk_meets_each_record_once
            of_many_creations_one_wins
            of_many_updates_one_wins
            no_two_claims_meet
            a_claim_never_undoes_an_update
            other_shops_are_never_seen
            every_handle_sees_what_was_acknowledged
            what_was_acknowledged_survives_reopening
            what_was_acknowledged_survives_a_kill
        }
    };
    (@laws $attributes:tt $backend:expr; $($law:ident)*) => {
        $($crate::storage_conformance! { @law $attributes $backend; $law })*

        /// A law that is added later is missed here until the list above names it.
        #[test]
        fn every_law_has_its_test() {
            let tests = [$(stringify!($law)),*];
            let laws: Vec<_> = $crate::conformance::Law::ALL.iter().map(|law| law.name()).collect();
            assert_eq!(tests.as_slice(), laws);
        }
    };
    (@law [$(#[$attribute:meta])*] $backend:expr; $law:ident) => {
        #[test]
        $(#[$attribute])*
        fn $law() {
            $crate::conformance::hold(stringify!($law), concat!(module_path!(), "::", stringify!($law)), &$backend);
        }
    };
}
