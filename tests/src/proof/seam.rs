//! Where a shop touches the world: each touch is numbered, and the plan may hurt it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fps_checkout::order::EffectId;
use fps_checkout::storage::{Key, ListQuery, NewRecord, Page, Record, Storage, StoreError};
use fps_checkout::{HandlerError, Happened, News, ReturnHandler, Shop, TokenHappened, async_trait, web};
use fps_core::client::{Clock as _, HttpSend, SendError, SendErrorKind};
use fps_core::{Pairs, Timestamp, http};
use fps_sandbox::Sandbox;
use tokio::sync::Notify;

use super::chance::Chance;
use super::clock::PausedClock;
use super::teeth::Tooth;

/// A touch of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// A write to the store.
    Write,
    /// A call to the service.
    Call,
    /// A run of a handler.
    Handler,
    /// A notice that the service sends to the shop.
    Notice,
}

/// What goes wrong at an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The process is killed before it.
    KilledBefore,
    /// The process is killed after it, before it hears how it ended.
    KilledAfter,
    /// It is done, and reports an error that leaves its fate open: of a call, the answer is lost.
    ErrorThoughDone,
    /// A call or a notice that arrives twice.
    Twice,
    /// A call or a notice that arrives after everybody has given up waiting for it.
    Late,
    /// The task is dropped after it; the process lives.
    Dropped,
    /// It is not done, and says so.
    NotDone,
}

impl Effect {
    /// What can go wrong at it.
    #[must_use]
    pub fn faults(self) -> &'static [Fault] {
        use Fault::{Dropped, ErrorThoughDone, KilledAfter, KilledBefore, Late, NotDone, Twice};
        match self {
            Self::Write | Self::Handler => &[KilledBefore, KilledAfter, ErrorThoughDone, Dropped, NotDone],
            Self::Call | Self::Notice => {
                &[KilledBefore, KilledAfter, ErrorThoughDone, Twice, Late, Dropped, NotDone]
            }
        }
    }
}

/// Which fault strikes at which effect, by number from 0.
pub type Plan = BTreeMap<usize, Fault>;

/// The numbering of one run, shared by all processes of it.
#[derive(Debug)]
pub(super) struct Seam {
    state: Mutex<State>,
    pub(super) interrupted: Notify,
    /// Wakes every task of the process when it is killed.
    pub(super) killed: Notify,
    pub(super) tooth: Option<Tooth>,
}

#[derive(Debug, Default)]
struct State {
    plan: Plan,
    chance: Option<Chance>,
    effects: Vec<(Effect, String)>,
    heard: Vec<(String, &'static str)>,
    /// The references that something was sent under.
    sent: BTreeSet<String>,
    /// The same in full, by effect.
    said: BTreeMap<String, String>,
    /// What the last notice said.
    noticed: Option<String>,
    interruption: Option<Interruption>,
    life: u32,
}

/// How a task ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    /// The whole process is gone.
    Killed,
    /// Only the task is.
    Dropped,
}

impl Seam {
    pub(super) fn new(plan: Plan, tooth: Option<Tooth>) -> Arc<Self> {
        Self::of(State { plan, ..State::default() }, tooth)
    }

    /// Without a plan: what goes wrong is chance.
    pub(super) fn by_chance(chance: Chance, tooth: Option<Tooth>) -> Arc<Self> {
        Self::of(State { chance: Some(chance), ..State::default() }, tooth)
    }

    fn of(state: State, tooth: Option<Tooth>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(state), interrupted: Notify::new(), killed: Notify::new(), tooth })
    }

    /// All effects so far, in order.
    pub(super) fn effects(&self) -> Vec<(Effect, String)> {
        self.lock().effects.clone()
    }

    /// What the handlers' own book holds: effect ids with their news, repeats left out as a handler's own table would.
    pub(super) fn heard(&self) -> Vec<(String, &'static str)> {
        let mut heard = self.lock().heard.clone();
        heard.dedup();
        heard
    }

    /// Whether this call is not the first under its reference.
    fn has_sent(&self, request: &http::Request<Vec<u8>>) -> bool {
        parameter(request, "CallerReference").is_some_and(|reference| !self.lock().sent.insert(reference))
    }

    /// The interruption that has struck, if one has.
    pub(super) fn take_interruption(&self) -> Option<Interruption> {
        self.lock().interruption.take()
    }

    /// A new process begins; what is left of the one before touches nothing any more.
    pub(super) fn next_life(&self) -> u32 {
        let mut state = self.lock();
        state.life += 1;
        state.life
    }

    /// The life that the process is in, or the gap between two.
    pub(super) fn life(&self) -> u32 {
        self.lock().life
    }

    /// How many faults of each kind have struck by chance.
    pub(super) fn struck(&self) -> BTreeMap<Fault, usize> {
        self.lock().chance.as_ref().map(|chance| chance.struck.clone()).unwrap_or_default()
    }

    /// What the last notice said, if one came.
    fn noticed(&self) -> Option<String> {
        self.lock().noticed.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One process's side of the seam.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) seam: Arc<Seam>,
    pub(super) life: u32,
}

impl Process {
    /// Numbers an effect, and says what goes wrong at it. A process that is gone touches nothing.
    async fn strike(&self, effect: Effect, what: String) -> Option<Fault> {
        let fault = {
            let mut state = self.seam.lock();
            if state.life == self.life {
                let number = state.effects.len();
                state.effects.push((effect, what));
                let planned = state.plan.get(&number).copied();
                Some(planned.or_else(|| state.chance.as_mut()?.strike(effect)))
            } else {
                None
            }
        };
        match fault {
            Some(fault) => fault,
            None => std::future::pending().await,
        }
    }

    /// Ends this task, and with it the process or not.
    async fn end<T>(&self, how: Interruption) -> T {
        {
            let mut state = self.seam.lock();
            if how == Interruption::Killed {
                state.life += 1;
                self.seam.killed.notify_waiters();
            }
            state.interruption = Some(how);
        }
        self.seam.interrupted.notify_one();
        std::future::pending().await
    }

    /// Does the effect as the plan wants it: `done` does it, `unclear` is an error that leaves its fate open, `not_done` one
    /// that does not.
    async fn touch<T, E>(
        &self,
        fault: Option<Fault>,
        done: impl Future<Output = Result<T, E>> + Send,
        unclear: impl FnOnce() -> E + Send,
        not_done: impl FnOnce() -> E + Send,
    ) -> Result<T, E> {
        match fault {
            None | Some(Fault::Twice | Fault::Late) => done.await,
            Some(Fault::KilledBefore) => self.end(Interruption::Killed).await,
            Some(Fault::KilledAfter) => {
                let _ = done.await;
                self.end(Interruption::Killed).await
            }
            Some(Fault::Dropped) => {
                let _ = done.await;
                self.end(Interruption::Dropped).await
            }
            Some(Fault::ErrorThoughDone) => {
                let _ = done.await;
                Err(unclear())
            }
            Some(Fault::NotDone) => Err(not_done()),
        }
    }
}

/// The store, seen by one process.
#[derive(Debug)]
pub(super) struct SeamStore {
    pub(super) process: Process,
    pub(super) store: Arc<dyn Storage>,
}

#[async_trait]
impl Storage for SeamStore {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        let fault = self.process.strike(Effect::Write, format!("create {}", record.state())).await;
        let write = self.store.create(record);
        self.process.touch(fault, write, || StoreError::ambiguous("a fault"), locked).await
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        // Let others in between a load and the write that stands on it.
        let loaded = self.store.load(key).await;
        tokio::task::yield_now().await;
        loaded
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        let fault = self.process.strike(Effect::Write, format!("update {}", record.state())).await;
        let write = async {
            match self.process.seam.tooth {
                Some(tooth) => tooth.update(self.store.as_ref(), record, expected_version).await,
                None => self.store.update(record, expected_version).await,
            }
        };
        self.process.touch(fault, write, || StoreError::ambiguous("a fault"), locked).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        hidden_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.store.claim_due(now, hidden_until, limit).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        self.store.list(query).await
    }
}

fn locked() -> StoreError {
    StoreError::unavailable("the store is locked", "a fault")
}

/// The service, seen by one process.
pub(super) struct SeamHttp {
    pub(super) process: Process,
    pub(super) sandbox: Sandbox,
    pub(super) clock: PausedClock,
    /// Whether notices are faster than answers.
    pub(super) overtakes: bool,
}

impl fmt::Debug for SeamHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeamHttp")
    }
}

#[async_trait]
impl HttpSend for SeamHttp {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        let action = action(&request);
        let is_pay = action == "Pay";
        let fault = self.process.strike(Effect::Call, action.clone()).await;
        let request = match self.process.seam.tooth {
            Some(tooth) => {
                let (is_resend, noticed) =
                    (self.process.seam.has_sent(&request), self.process.seam.noticed());
                match tooth.request(&action, is_resend, noticed.as_deref(), request) {
                    ControlFlow::Continue(request) => request,
                    ControlFlow::Break(answer) => return Ok(answer),
                }
            }
            None => request,
        };
        if fault == Some(Fault::Twice) {
            let _ = deliver(&self.sandbox, self.clock, request.clone()).await;
        }
        if fault == Some(Fault::Late) {
            let (sandbox, clock) = (self.sandbox.clone(), self.clock);
            let late = tokio::spawn(async move {
                clock.sleep(LATE).await;
                deliver(&sandbox, clock, request).await
            });
            return late.await.unwrap_or_else(|_| Err(SendError::new(SendErrorKind::Unanswered)));
        }
        let call = async {
            let answer = deliver(&self.sandbox, self.clock, request).await;
            if self.overtakes && is_pay {
                self.sandbox.deliver_notices().await;
            }
            answer
        };
        self.process
            .touch(
                fault,
                call,
                || SendError::new(SendErrorKind::Unanswered),
                || SendError::new(SendErrorKind::NotSent),
            )
            .await
    }
}

/// A request at the service, at the time of the shop's clock.
pub(super) async fn deliver(
    sandbox: &Sandbox,
    clock: PausedClock,
    request: http::Request<Vec<u8>>,
) -> Result<http::Response<Vec<u8>>, SendError> {
    sandbox.clock().set(clock.now());
    HttpSend::send(sandbox, request).await
}

/// The shop's notice route, as the service reaches it: whichever process is up.
#[derive(Debug, Default)]
pub(super) struct SeamNotices {
    up: Mutex<Option<(Process, Shop)>>,
}

impl SeamNotices {
    /// From now on that process takes the notices.
    pub(super) fn lead_to(&self, process: Process, shop: Shop) {
        *self.up.lock().unwrap_or_else(PoisonError::into_inner) = Some((process, shop));
    }
}

#[async_trait]
impl HttpSend for SeamNotices {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        let up = self.up.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((process, shop)) = up else { return Err(SendError::new(SendErrorKind::NotSent)) };
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let fault = process.strike(Effect::Notice, query.clone()).await;
        process.seam.lock().noticed = Some(body.clone());
        let take =
            async || web::answer_notice(&shop, query.clone(), body.clone()).await.map(String::into_bytes);
        let unanswered = || SendError::new(SendErrorKind::Unanswered);
        if fault == Some(Fault::Twice) {
            drop(take().await);
        }
        if fault == Some(Fault::Late) {
            let (shop, query, body) = (shop.clone(), query.clone(), body.clone());
            tokio::spawn(async move {
                tokio::time::sleep(LATE).await;
                web::answer_notice(&shop, query, body).await
            });
            return Err(unanswered());
        }
        let not_sent = || SendError::new(SendErrorKind::NotSent);
        process.touch(fault, async { Ok(take().await) }, unanswered, not_sent).await
    }
}

fn action(request: &http::Request<Vec<u8>>) -> String {
    parameter(request, "Action").unwrap_or_else(|| "?".to_owned())
}

fn parameter(request: &http::Request<Vec<u8>>, name: &str) -> Option<String> {
    let body = String::from_utf8_lossy(request.body()).into_owned();
    Pairs::decode(&body).ok()?.get(name).map(str::to_owned)
}

/// A handler that keeps a book of its own, as a shop's would: each effect id once.
#[derive(Debug)]
pub(super) struct Bookkeeper {
    pub(super) process: Process,
}

#[async_trait]
impl ReturnHandler for Bookkeeper {
    fn name(&self) -> &str {
        "bookkeeper"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
        self.note(happened.effect(), happened.news()).await
    }

    async fn handle_token(&self, happened: &TokenHappened) -> Result<(), HandlerError> {
        self.note(happened.effect(), happened.news()).await
    }
}

impl Bookkeeper {
    async fn note(&self, effect: &EffectId, news: &News) -> Result<(), HandlerError> {
        let line = (effect.to_string(), news.name());
        let fault = self.process.strike(Effect::Handler, line.1.to_owned()).await;
        let write = async {
            let mut state = self.process.seam.lock();
            let in_full = format!("{news:?}");
            if *state.said.entry(line.0.clone()).or_insert_with(|| in_full.clone()) != in_full {
                state.heard.push((line.0.clone(), OTHER_NEWS));
            }
            if !state.heard.contains(&line) {
                state.heard.push(line.clone());
            }
            Ok(())
        };
        let fails = || HandlerError::retry("a fault");
        self.process.touch(fault, write, fails, fails).await
    }
}

/// What an effect was told as, and then told as something else: a handler that takes it for a repeat never hears of it.
pub(super) const OTHER_NEWS: &str = "other news under the same effect";
/// Longer than a client waits for one answer, and than a second one.
const LATE: Duration = Duration::from_secs(40);
