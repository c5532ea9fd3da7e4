//! The service as a whole.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use async_trait::async_trait;
use fps_core::client::{Clock, HttpSend, SendError, SendErrorKind};
use fps_core::{Credentials, Endpoint, Timestamp, TransactionId};
use url::Url;

use crate::answer::Reply;
use crate::faults::Faults;
use crate::journal::{Beside, Journal, JournalError, Record};
use crate::key::ServiceKey;
use crate::ledger::{Account, AccountId, Due, Event, FeeTable, Ledger, Status, StatusCode};
use crate::log::Log;
use crate::notices::Notices;
use crate::pages::visit::Visits;
use crate::{SandboxClock, api, people};

/// A whole FPS: accounts, API, buyer pages. Cheap to clone; clones are the same service.
///
/// A payment that is stored takes about 1.4 KB of memory (`tests/memory.rs` measures it); requests that only read leave nothing
/// behind. `cargo bench -p fps-sandbox --bench load` shows how much load it takes.
///
/// It speaks HTTP on a port ([`Sandbox::serve`]), as an axum router ([`Sandbox::router`]), or without any port through
/// [`HttpSend`], which it implements: give it to a client and a whole shop runs in one process.
///
/// ```
/// use fps_core::Amount;
/// use fps_sandbox::{Sandbox, people};
///
/// let sandbox = Sandbox::new();
/// assert_eq!(sandbox.ledger().balance_of(people::JOHN), Amount::usd("100"));
/// assert_eq!(sandbox.endpoint().api().as_str(), "http://fps.localhost/");
/// ```
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

/// What a sandbox consists of.
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) clock: SandboxClock,
    pub(crate) key: ServiceKey,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    url: RwLock<Url>,
    url_is_given: bool,
    state: RwLock<State>,
}

/// What does not change while the sandbox runs.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) certificate_base: Option<Url>,
    pub(crate) fees: FeeTable,
    pub(crate) card_delay: Duration,
    pub(crate) bank_delay: Duration,
    pub(crate) strict: bool,
    pub(crate) simulate_amounts: bool,
    pub(crate) permissive_rules: bool,
    pub(crate) encode_aws_signature: bool,
    pub(crate) notices_anywhere: bool,
    pub(crate) notices_by: Option<Arc<dyn HttpSend>>,
}

/// What changes. Never locked across an await; the request log has a lock of its own.
pub(crate) struct State {
    pub(crate) ledger: Ledger,
    pub(crate) visits: Visits,
    pub(crate) notices: Notices,
    journal: Option<Journal>,
    /// How often it was committed to.
    commits: u64,
}

impl Sandbox {
    /// A sandbox with everybody of [`people`], in memory, on system time, at `http://fps.localhost/`.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A sandbox of one's own making.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// The public address, which signatures and certificate addresses are made with.
    #[must_use]
    pub fn url(&self) -> Url {
        self.inner.url()
    }

    /// The public address as a client wants it.
    ///
    /// # Panics
    ///
    /// Never: the builder takes only addresses that are endpoints.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::insecure_at(self.url()).expect("the builder checked the address")
    }

    /// This sandbox as a transport without a port.
    #[must_use]
    pub fn http(&self) -> Arc<dyn HttpSend> {
        Arc::new(self.clone())
    }

    /// The clock. Moving it makes happen what was due.
    #[must_use]
    pub fn clock(&self) -> Arc<SandboxClock> {
        Arc::new(self.inner.clock.clone())
    }

    /// The script of what goes wrong.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.inner.faults.clone()
    }

    /// The ledger as it is now, a copy: balances, tokens, transactions, and the sum that is always zero.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.inner.shared().ledger.clone()
    }

    /// The key that signs returns.
    #[must_use]
    pub fn service_key(&self) -> ServiceKey {
        self.inner.key.clone()
    }

    /// Opens an account or changes the one of that id.
    ///
    /// # Errors
    ///
    /// [`DataLost`] if there is a data file and it cannot be written.
    pub fn set_account(&self, account: Account) -> Result<(), DataLost> {
        self.inner.locked().commit(&[Event::AccountSet { account: Box::new(account) }])
    }

    /// Puts money into an account from outside, or takes it out if negative.
    ///
    /// # Errors
    ///
    /// [`DataLost`] if there is a data file and it cannot be written.
    pub fn deposit(&self, account: &AccountId, amount: fps_core::Amount) -> Result<(), DataLost> {
        self.inner.locked().commit(&[Event::Deposited { account: account.clone(), amount }])
    }

    /// Ends every pending transaction now, without moving the clock: cards and banks answer at once. Reservations
    /// stay. Returns how many ended.
    pub fn finish_pending(&self) -> usize {
        let now = self.inner.clock.now();
        self.inner.locked().finish_pending(now)
    }

    /// Ends one pending transaction in a status of one's choice: `Success` or `Reserved` where the card or bank says yes,
    /// `Failure` where it says no. Nothing happens if it has ended.
    pub fn finish(&self, transaction: &TransactionId, status: Status) {
        let now = self.inner.clock.now();
        let code = match status {
            Status::Failure => StatusCode::TransactionDenied,
            Status::Cancelled => StatusCode::Cancelled,
            Status::Pending => StatusCode::PendingVerification,
            _ => StatusCode::Success,
        };
        let mut state = self.inner.locked();
        if state.ledger.transaction(transaction).is_some_and(|one| !one.has_ended()) {
            state.finish(transaction, Due { at: now, status, code }, now);
        }
    }
}

/// The address only: the state holds tokens and what people typed.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.url().as_str()).finish_non_exhaustive()
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl HttpSend for Sandbox {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        match self.answer(request).await {
            Reply::Whole(response) => Ok(response),
            Reply::Lost | Reply::Cut(_) => Err(SendError::new(SendErrorKind::Unanswered)),
        }
    }
}

impl Inner {
    pub(crate) fn url(&self) -> Url {
        self.url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the address that the sandbox was found to listen on, unless it was given one.
    pub(crate) fn listen_at(&self, url: Url) {
        if !self.url_is_given {
            *self.url.write().unwrap_or_else(PoisonError::into_inner) = url;
        }
    }

    /// Decides something by the ledger and commits what comes of it, or nothing if the data file cannot be written.
    ///
    /// Most decisions change nothing; those are made while others look at the ledger too. One that changes something is made
    /// anew if somebody was faster, so that what it saw is what it changes.
    pub(crate) fn carry_out<T, E: From<DataLost>>(
        &self,
        mut decide: impl FnMut(&Ledger) -> Result<(Vec<Event>, T), E>,
    ) -> Result<T, E> {
        let state = self.shared();
        let (mut decided, seen) = (decide(&state.ledger)?, state.commits);
        drop(state);
        if !decided.0.is_empty() {
            let mut state = self.locked();
            if state.commits != seen {
                decided = decide(&state.ledger)?;
            }
            state.commit(&decided.0)?;
        }
        Ok(decided.1)
    }

    /// The state to look at, after everything that was due has happened.
    pub(crate) fn shared(&self) -> RwLockReadGuard<'_, State> {
        let look = || self.state.read().unwrap_or_else(PoisonError::into_inner);
        let state = look();
        if !state.is_behind(self.clock.now(), &self.faults) {
            return state;
        }
        drop(state);
        drop(self.locked());
        look()
    }

    /// The state to change, after everything that was due has happened.
    pub(crate) fn locked(&self) -> RwLockWriteGuard<'_, State> {
        let now = self.clock.now();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.keep_faults(&self.faults);
        while let Some(at) = state.ledger.next_charge().filter(|at| *at <= now) {
            state.finish_due(at);
            if !api::charge_next(self, &mut state, at) {
                break;
            }
        }
        state.finish_due(now);
        state
    }

    /// Where the certificate of the service's key lies, under a name that is new each time.
    pub(crate) fn certificate_url(&self) -> String {
        let base = self.settings.certificate_base.clone().unwrap_or_else(|| self.url());
        format!("{base}certs/{CERTIFICATE_DATE}/PKICert.pem?requestId={}", crate::ids::certificate_request())
    }
}

impl State {
    /// Writes the events to the data file, if there is one, and then into the ledger.
    pub(crate) fn commit(&mut self, events: &[Event]) -> Result<(), DataLost> {
        self.commit_with(events, Vec::new())
    }

    /// Commits events together with what changes beside the ledger: both or neither.
    pub(crate) fn commit_with(&mut self, events: &[Event], beside: Vec<Beside>) -> Result<(), DataLost> {
        if events.is_empty() && beside.is_empty() {
            return Ok(());
        }
        if let Some(journal) = &mut self.journal {
            journal.append(events, &beside).map_err(|source| DataLost { source })?;
        }
        self.commits += 1;
        events.iter().for_each(|event| self.take_in(event));
        beside.into_iter().for_each(|beside| self.take_beside(beside));
        debug_assert_eq!(self.ledger.sum(), 0, "the books do not balance after {events:?}");
        Ok(())
    }

    /// Commits a change beside the ledger.
    pub(crate) fn keep(&mut self, beside: Beside) -> Result<(), DataLost> {
        self.commit_with(&[], vec![beside])
    }

    fn take_in(&mut self, event: &Event) {
        self.ledger.apply(event);
        self.notices.note(&self.ledger, event);
    }

    fn take_beside(&mut self, beside: Beside) {
        match beside {
            Beside::Visit { id, visit } => self.visits.put(id, *visit),
            Beside::NoticeTried { number, at, answer } => self.notices.record(number, answer, at),
            Beside::NoticeAgain { number, at } => {
                self.notices.again(number, at);
            }
            // The script and the clock have lives of their own: they are told when the file is opened.
            Beside::Faults { .. } | Beside::ClockMoved { .. } => {}
        }
    }

    /// Whether anything was due by now, or is to be written down.
    fn is_behind(&self, now: Timestamp, faults: &Faults) -> bool {
        let due = [self.ledger.next_charge(), self.ledger.next_due()];
        due.into_iter().flatten().any(|due| due <= now) || (self.journal.is_some() && faults.has_changed())
    }

    /// Writes the fault script down if it changed.
    fn keep_faults(&mut self, faults: &Faults) {
        if self.journal.is_none() {
            return;
        }
        if let Some(script) = faults.take_change()
            && let Err(error) = self.keep(Beside::Faults { script })
        {
            tracing::warn!(%error, "the fault script is not in the data file");
        }
    }

    /// Ends every pending transaction as it would end in its time.
    pub(crate) fn finish_pending(&mut self, now: Timestamp) -> usize {
        let pending = self.ledger.waiting().filter(|one| one.status == Status::Pending);
        let pending: Vec<_> = pending.filter_map(|one| Some((one.id.clone(), one.due?))).collect();
        pending.iter().filter(|(transaction, due)| self.finish(transaction, *due, now)).count()
    }

    fn finish_due(&mut self, now: Timestamp) {
        // One after the other, because an end can bring the next: a reservation granted is a reservation that lapses.
        while self.ledger.next_due().is_some_and(|due| due <= now) {
            let due = self.ledger.waiting().next().and_then(|one| Some((one.id.clone(), one.due?)));
            let Some((transaction, due)) = due else { return };
            if !self.finish(&transaction, due, due.at) {
                return;
            }
        }
    }

    fn finish(&mut self, transaction: &TransactionId, due: Due, at: Timestamp) -> bool {
        let one = self.ledger.transaction(transaction);
        let next = one.and_then(|one| one.follow_up(due.status, due.code, at));
        let moved = Event::TransactionMoved {
            transaction: transaction.clone(),
            at,
            status: due.status,
            code: due.code,
            settled: None,
            due: next,
            notice_url: None,
        };
        // A file that cannot be written stops time rather than lose what happened.
        self.commit(&[moved]).is_ok()
    }
}

/// Makes a [`Sandbox`].
#[derive(Debug)]
pub struct SandboxBuilder {
    settings: Settings,
    clock: SandboxClock,
    key: ServiceKey,
    url: Option<Url>,
    everybody: bool,
    accounts: Vec<Account>,
    buyers: Vec<String>,
}

impl SandboxBuilder {
    /// The public address: `http://fps.localhost/` unless given, or that of the port once [`Sandbox::serve`] runs.
    ///
    /// # Errors
    ///
    /// [`fps_core::EndpointError`] if it is not http or https, or has a user name, query or fragment.
    pub fn url(mut self, url: Url) -> Result<Self, fps_core::EndpointError> {
        self.url = Some(Endpoint::insecure_at(url)?.api().clone());
        Ok(self)
    }

    /// Where `certificateUrl` points instead of the public address, such as `https://fps.sandbox.amazonaws.com/`: old
    /// verifiers accept only the two FPS hosts.
    #[must_use]
    pub fn certificate_base(mut self, mut base: Url) -> Self {
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        self.settings.certificate_base = Some(base);
        self
    }

    /// The clock; system time unless given.
    #[must_use]
    pub fn clock(mut self, clock: SandboxClock) -> Self {
        self.clock = clock;
        self
    }

    /// The key that signs returns; [`ServiceKey::test`] unless given.
    #[must_use]
    pub fn service_key(mut self, key: ServiceKey) -> Self {
        self.key = key;
        self
    }

    /// The service's fees; [`FeeTable::default`] unless given.
    #[must_use]
    pub fn fees(mut self, fees: FeeTable) -> Self {
        self.settings.fees = fees;
        self
    }

    /// How long a card network takes to answer, by the sandbox's clock; one second unless given.
    #[must_use]
    pub fn card_delay(mut self, delay: Duration) -> Self {
        self.settings.card_delay = delay;
        self
    }

    /// How long a bank takes to answer, by the sandbox's clock; three days unless given.
    #[must_use]
    pub fn bank_delay(mut self, delay: Duration) -> Self {
        self.settings.bank_delay = delay;
        self
    }

    /// Refuses also what the service merely may have refused.
    ///
    /// | | otherwise | strict |
    /// |---|---|---|
    /// | charges of a link that do not add up to its total | a warning in the request log | CE, `transactionAmount` |
    /// | a link without `version` | a warning | CE, `version` |
    /// | names of a link in other letters, such as `returnUrl`, `Signature` | a warning | as if they were not there |
    /// | a link that is signed for the pages' first hosts, `authorize.payments.amazon.com` and its sandbox | taken | not signed |
    /// | VerifySignature of an address on `localhost` | verified | `InvalidParams` |
    /// | VerifySignature without a signature of its own, from version 2010-08-28 | verified | `MissingClientTokenId` |
    /// | GetAccountActivity with a MaxBatchSize below 20 | answered | `InvalidParams` |
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.settings.strict = strict;
        self
    }

    /// Lets amounts with 6 or 7 as their first decimal fail, as the documentation of Amazon's sandbox says: a temporary
    /// decline and a payment error. Off unless set, because a song may cost 0.70.
    #[must_use]
    pub fn simulate_amounts(mut self, simulate: bool) -> Self {
        self.settings.simulate_amounts = simulate;
        self
    }

    /// Takes symbols of GateKeeper rules that the sandbox does not know for assertions that always hold, instead of refusing
    /// them with `BadRule`: the whole language of version 2007-01-08 was never published.
    #[must_use]
    pub fn permissive_rules(mut self, permissive: bool) -> Self {
        self.settings.permissive_rules = permissive;
        self
    }

    /// Percent-encodes `awsSignature` in the returns of version 2007-01-08. The service did not, so its `+` arrives as a
    /// space at shops that read the query as a form; off unless set.
    #[must_use]
    pub fn encode_aws_signature(mut self, encode: bool) -> Self {
        self.settings.encode_aws_signature = encode;
        self
    }

    /// Delivers notices through this, such as a shop's own router in the same process; plain HTTP unless given.
    #[must_use]
    pub fn notices_by(mut self, http: Arc<dyn HttpSend>) -> Self {
        self.settings.notices_by = Some(http);
        self
    }

    /// Lets notices leave this machine. They go to loopback only unless this is set.
    #[must_use]
    pub fn notices_anywhere(mut self, anywhere: bool) -> Self {
        self.settings.notices_anywhere = anywhere;
        self
    }

    /// Leaves out the [`people`]. Accounts given by [`SandboxBuilder::account`] are there.
    #[must_use]
    pub fn without_people(mut self) -> Self {
        self.everybody = false;
        self
    }

    /// Opens another account, or one in the place of somebody of the same id.
    #[must_use]
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.push(account);
        self
    }

    /// Opens a business account with this key pair.
    #[must_use]
    pub fn caller(self, credentials: &Credentials) -> Self {
        let number = self.accounts.len() + 1;
        let id = format!("CALLER{number}");
        let email = format!("caller{number}@example.com");
        let keys = [(credentials.access_key(), credentials.secret_key().expose_secret())];
        self.account(Account::business(&id, &format!("Caller {number}"), &email, "caller", &keys))
    }

    /// Opens a buyer's account with 100 dollars, a bank account and a card, and no default method. The password is what
    /// stands before the @.
    #[must_use]
    pub fn buyer(mut self, email: &str) -> Self {
        self.buyers.push(email.to_owned());
        self
    }

    /// The sandbox, in memory.
    #[must_use]
    pub fn build(self) -> Sandbox {
        self.assemble(Vec::new(), None)
    }

    /// The sandbox with everything in a file: append-only, made if it is not there, whole again after a kill at any moment.
    /// Accounts, tokens, transactions, caller references, notices, the visits of buyers who are under way, the fault script and
    /// how far the control page moved the clock are kept. The request log is not, nor who is signed in on the account pages.
    ///
    /// The file belongs to its owner alone, because keys and passwords stand in it. It is written before an answer goes out
    /// and left to the system to bring to the disk: it survives a kill of the program, not a power cut.
    ///
    /// # Errors
    ///
    /// [`JournalError`] if the file cannot be opened or is damaged.
    pub fn open(self, path: &Path) -> Result<Sandbox, JournalError> {
        let (journal, records) = Journal::open(path)?;
        Ok(self.assemble(records, Some(journal)))
    }

    fn assemble(self, records: Vec<Record>, journal: Option<Journal>) -> Sandbox {
        let faults = Faults::default();
        let mut state = State {
            ledger: Ledger::new(),
            visits: Visits::default(),
            notices: Notices::new(faults.clone()),
            journal,
            commits: 0,
        };
        for record in records {
            match record {
                Record::Event(event) => state.take_in(&event),
                Record::Beside(Beside::Faults { script }) => faults.restore(script),
                // A virtual clock is told its time by whoever made it.
                Record::Beside(Beside::ClockMoved { seconds }) if !self.clock.is_virtual() => {
                    self.clock.advance(Duration::from_secs(seconds));
                }
                Record::Beside(beside) => state.take_beside(beside),
            }
        }
        // What the replay counted is in the file already.
        drop(faults.take_change());
        let is_new = state.ledger.accounts().next().is_none();
        let mut events = Vec::new();
        if is_new && self.everybody {
            events = people::everybody(self.clock.now());
        }
        for account in self.accounts {
            events.push(Event::AccountSet { account: Box::new(account) });
        }
        for email in self.buyers.iter().filter(|email| state.ledger.account_by_email(email).is_none()) {
            events.extend(people::buyer(email));
        }
        if let Err(error) = state.commit(&events) {
            tracing::warn!(%error, "the first accounts are not in the data file");
        }
        let url_is_given = self.url.is_some();
        let url = self.url.unwrap_or_else(|| Url::parse(HOME).expect("the literal is a URL"));
        Sandbox {
            inner: Arc::new(Inner {
                settings: self.settings,
                clock: self.clock,
                key: self.key,
                faults,
                log: Log::default(),
                url: RwLock::new(url),
                url_is_given,
                state: RwLock::new(state),
            }),
        }
    }
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            settings: Settings {
                certificate_base: None,
                fees: FeeTable::default(),
                card_delay: Duration::from_secs(1),
                bank_delay: Duration::from_secs(3 * 24 * 60 * 60),
                strict: false,
                simulate_amounts: false,
                permissive_rules: false,
                encode_aws_signature: false,
                notices_anywhere: false,
                notices_by: None,
            },
            clock: SandboxClock::system(),
            key: ServiceKey::test(),
            url: None,
            everybody: true,
            accounts: Vec::new(),
            buyers: Vec::new(),
        }
    }
}

/// The data file could not be written: nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("the data file cannot be written; make room or check its permissions, and try again")]
pub struct DataLost {
    source: std::io::Error,
}

const HOME: &str = "http://fps.localhost/";
/// The date in the certificate's address, one of those that the service used.
const CERTIFICATE_DATE: &str = "110713";
