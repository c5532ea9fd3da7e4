//! The driver against a scripted service, a store in memory and a clock that tests move.

mod invariants;
mod merchant;
mod purchase;
mod stored;
mod terms;
mod trouble;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use async_trait::async_trait;
use fps_core::checkout::{Charge, Charges, PaymentMethod};
use fps_core::client::{Client, HttpSend, RetryPolicy, SendError, SendErrorKind};
use fps_core::http;
use fps_core::operation::GetTransactionStatus;
use fps_core::pipeline::{self, PipelineError, SignedLink, SingleUse};
use fps_core::{
    Amount, CallerReference, Checkout, CheckoutError, Credentials, Endpoint, PipelineParameters, SecretKey,
    TokenId, TransactionId,
};

use super::*;
use crate::gateway::{Deed, Ended, FoundToken, OwnToken, Returned, TokenKind, VerifyError};
use crate::handler::{HandlerError, Happened, TokenHappened};
use crate::order::{
    Answer, Kind, News, Operation, Outcome, PayTerms, Product, RefundId, Report, State, TokenTerms,
};
use crate::storage::memory::MemoryStore;
use crate::storage::{Key, NewRecord, Page, Record, StoreError};

struct Song;

impl Checkout for Song {
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, Amount::usd("0.10"))?;
        Ok(PipelineParameters::new(charges)?.with_payment_reason("Now and Forever"))
    }
}

/// A service that answers as told, and notes what it was asked.
#[derive(Debug, Default)]
struct Script {
    /// Whether returns are signed with our own secret, as in 2007.
    signs_with_our_secret: Mutex<bool>,
    ended: Mutex<Option<Ended>>,
    unreachable: Mutex<bool>,
    token: Mutex<Option<FoundToken>>,
    answers: Mutex<VecDeque<Answer>>,
    standing: Mutex<Option<Outcome>>,
    declined_for_now: Mutex<bool>,
    installed: Mutex<Vec<(String, TokenId)>>,
    cancelled: Mutex<Vec<String>>,
    loses_installed: Mutex<bool>,
    activity: Mutex<Option<Report>>,
    spent: Mutex<Option<Amount>>,
    /// The reference of an approval that comes back.
    reference: Mutex<Option<String>>,
    cancels_fail: AtomicUsize,
    sent: Mutex<Vec<(Kind, Option<String>)>>,
    /// Where to look, while something is being sent, whether it is committed.
    store: Mutex<Option<Arc<Counting>>>,
    not_committed: Mutex<Vec<Kind>>,
    notices_are_forged: Mutex<bool>,
}

impl Script {
    fn sent(&self) -> Vec<Kind> {
        self.sent.lock().unwrap().iter().map(|(kind, _)| *kind).collect()
    }

    fn answer(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }

    /// What a client says of a service that cannot be reached.
    async fn reach(&self) -> Result<(), fps_core::Error> {
        if !*self.unreachable.lock().unwrap() {
            return Ok(());
        }
        let endpoint = Endpoint::at("http://localhost/".parse().unwrap()).unwrap();
        let client = Client::builder(Credentials::new("key", "secret"), endpoint)
            .http(Arc::new(NoWire))
            .clock(Arc::new(Hand::default()))
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        client.send(GetTransactionStatus::new(TransactionId::new("T1"))).await.map(drop)
    }
}

#[derive(Debug)]
struct NoWire;

#[async_trait]
impl HttpSend for NoWire {
    async fn send(&self, _: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        Err(SendError::new(SendErrorKind::NotSent))
    }
}

#[derive(Debug)]
struct Scripted(Arc<Script>);

#[async_trait]
impl Gateway for Scripted {
    fn check(&self, _: &Order) -> Result<(), Error> {
        Ok(())
    }

    fn link(
        &self,
        reference: &CallerReference,
        product: &Product,
        return_url: &Url,
    ) -> Result<SignedLink, PipelineError> {
        let endpoint = Endpoint::at("http://localhost/".parse().unwrap()).unwrap();
        SingleUse::new(reference.clone(), product.parameters(), return_url.clone())
            .link(&Credentials::new("key", "secret"), &endpoint)
    }

    async fn verify(&self, _: &Url, _: &str) -> Result<Returned, VerifyError> {
        self.0.reach().await.map_err(|error| VerifyError::Unreachable(error.into()))?;
        let ended = self
            .0
            .ended
            .lock()
            .unwrap()
            .clone()
            .ok_or(VerifyError::Refused(pipeline::VerifyError::NotGenuine))?;
        let is_ours = *self.0.signs_with_our_secret.lock().unwrap();
        let approved = matches!(ended, Ended::Approved { .. }) && !is_ours;
        Ok(Returned {
            is_ours,
            reference: approved.then(|| {
                let given = self.0.reference.lock().unwrap().clone();
                CallerReference::new(given.unwrap_or_else(|| "sssss222-1-a1".to_owned())).unwrap()
            }),
            ended,
            expiry: None,
            address: None,
            warning: None,
            message: None,
        })
    }

    async fn verify_notice(&self, _: &Url, _: &str, _: &str) -> Result<(), VerifyError> {
        if *self.0.notices_are_forged.lock().unwrap() {
            return Err(VerifyError::Refused(pipeline::VerifyError::NotGenuine));
        }
        Ok(())
    }

    async fn find_token(&self, reference: &CallerReference) -> Result<Option<FoundToken>, fps_core::Error> {
        self.0.reach().await?;
        let installed = self.0.installed.lock().unwrap().clone();
        if let Some((name, token)) = installed.iter().find(|(known, _)| known == reference.as_str()) {
            let is_active = !self.0.cancelled.lock().unwrap().contains(name);
            let token = token.clone();
            return Ok(Some(FoundToken {
                token,
                is_active,
                kind: TokenKind::Other,
                installed_at: None,
                reason: None,
            }));
        }
        Ok(self.0.token.lock().unwrap().clone())
    }

    async fn send(&self, order: &Order, operation: &Operation, _: Option<&InstalledTokens>) -> Answer {
        let store = self.0.store.lock().unwrap().clone();
        if let Some(store) = store {
            let record = store.load(&Key::new(format!("order/{}", order.id())).unwrap()).await.unwrap();
            let stored = Order::from_record(&record.unwrap()).unwrap();
            if operation.right.is_none() || !stored.machine().operations().contains(operation) {
                self.0.not_committed.lock().unwrap().push(operation.kind);
            }
        }
        let reference = operation.reference.as_ref().map(ToString::to_string);
        self.0.sent.lock().unwrap().push((operation.kind, reference));
        self.0.answers.lock().unwrap().pop_front().unwrap_or(Answer::Silent { code: None, request: None })
    }

    async fn install_token(
        &self,
        own: OwnToken,
        reference: &CallerReference,
    ) -> Result<Option<TokenId>, fps_core::Error> {
        self.0.reach().await?;
        let token = {
            let mut installed = self.0.installed.lock().unwrap();
            if installed.iter().any(|(known, _)| known == reference.as_str()) {
                return Ok(None);
            }
            let token = TokenId::new(format!("{}{}", own.as_str(), installed.len()));
            installed.push((reference.as_str().to_owned(), token.clone()));
            token
        };
        // The token may be there, and nobody hears of it.
        if std::mem::take(&mut *self.0.loses_installed.lock().unwrap()) {
            *self.0.unreachable.lock().unwrap() = true;
        }
        self.0.reach().await?;
        Ok(Some(token))
    }

    async fn look_up(&self, transaction: &TransactionId) -> Result<Report, fps_core::Error> {
        self.0.reach().await?;
        let outcome = self.0.standing.lock().unwrap().unwrap_or(Outcome::Pending);
        let declined_for_now = *self.0.declined_for_now.lock().unwrap();
        Ok(Report {
            transaction: transaction.clone(),
            outcome,
            declined_for_now,
            amount: None,
            code: None,
            request: None,
        })
    }

    async fn look_up_in_full(&self, transaction: &TransactionId) -> Result<Report, fps_core::Error> {
        self.look_up(transaction).await
    }

    async fn find_transaction(
        &self,
        _: &CallerReference,
        _: Timestamp,
    ) -> Result<Option<Report>, fps_core::Error> {
        self.0.reach().await?;
        Ok(self.0.activity.lock().unwrap().clone())
    }

    async fn activity(&self, _: Timestamp, _: Timestamp) -> Result<Vec<Deed>, fps_core::Error> {
        self.0.reach().await?;
        let report = self.0.activity.lock().unwrap().clone();
        Ok(report.map(|report| Deed { report, reference: None, received: None }).into_iter().collect())
    }

    async fn spent(&self, _: &TokenId, _: &TokenTerms) -> Result<Option<Amount>, fps_core::Error> {
        self.0.reach().await?;
        Ok(*self.0.spent.lock().unwrap())
    }

    async fn cancel_token(&self, _: &TokenId) -> Result<(), fps_core::Error> {
        if take(&self.0.cancels_fail) {
            *self.0.unreachable.lock().unwrap() = true;
            let failed = self.0.reach().await;
            *self.0.unreachable.lock().unwrap() = false;
            return failed;
        }
        Ok(())
    }

    fn whole_deadline(&self) -> Duration {
        Duration::from_secs(30)
    }
}

#[derive(Debug, Default)]
struct Hand(AtomicI64);

#[async_trait]
impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(1_000_000_000_000 + self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }
}

impl Hand {
    fn move_on(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// Counts commits, and can fail one in a given way.
#[derive(Debug, Default)]
struct Counting {
    store: MemoryStore,
    writes: AtomicUsize,
    commits: AtomicUsize,
    fail: Mutex<Option<(usize, Failure)>>,
}

#[derive(Clone, Copy, Debug)]
enum Failure {
    NotWritten,
    ErrorThoughDone,
    ErrorAndNotDone,
}

impl Counting {
    async fn counted<F: Future<Output = Result<(), StoreError>> + Send>(
        &self,
        write: F,
    ) -> Result<(), StoreError> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let failure = self.fail.lock().unwrap().filter(|(at, _)| *at == number).map(|(_, failure)| failure);
        let write = async {
            let written = write.await;
            self.commits.fetch_add(usize::from(written.is_ok()), Ordering::SeqCst);
            written
        };
        match failure {
            None => write.await,
            Some(Failure::NotWritten) => Err(StoreError::unavailable("it is locked", "test")),
            Some(Failure::ErrorAndNotDone) => Err(StoreError::ambiguous("test")),
            Some(Failure::ErrorThoughDone) => {
                write.await?;
                Err(StoreError::ambiguous("test"))
            }
        }
    }
}

#[async_trait]
impl Storage for Counting {
    async fn create(&self, record: &NewRecord) -> Result<(), StoreError> {
        self.counted(self.store.create(record)).await
    }

    async fn load(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.store.load(key).await
    }

    async fn update(&self, record: &NewRecord, expected_version: u64) -> Result<(), StoreError> {
        self.counted(self.store.update(record, expected_version)).await
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

/// Writes down what it hears; fails or panics so many times before.
#[derive(Debug, Default)]
struct Ears {
    heard: Mutex<Vec<(String, News)>>,
    heard_of_tokens: Mutex<Vec<String>>,
    fail: AtomicUsize,
    panic: AtomicUsize,
}

#[derive(Debug)]
struct Listener(Arc<Ears>);

#[async_trait]
impl ReturnHandler for Listener {
    fn name(&self) -> &str {
        "listener"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
        assert!(!take(&self.0.panic), "as told");
        if take(&self.0.fail) {
            return Err(HandlerError::retry("not now"));
        }
        self.0.heard.lock().unwrap().push((happened.effect().to_string(), happened.news().clone()));
        Ok(())
    }

    async fn handle_token(&self, happened: &TokenHappened) -> Result<(), HandlerError> {
        let heard = format!("{} {}", happened.effect(), happened.news().name());
        self.0.heard_of_tokens.lock().unwrap().push(heard);
        Ok(())
    }
}

/// One less of them; `false` if none was left.
fn take(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

struct World {
    shop: Shop,
    script: Arc<Script>,
    clock: Arc<Hand>,
    store: Arc<Counting>,
    ears: Arc<Ears>,
}

impl World {
    fn new() -> Self {
        let (script, clock, store, ears) = <(Arc<Script>, Arc<Hand>, Arc<Counting>, Arc<Ears>)>::default();
        let gateway: Arc<dyn Gateway> = Arc::new(Scripted(Arc::clone(&script)));
        let shop = Shop(Arc::new(Inner {
            store: Arc::clone(&store) as _,
            gateways: Gateways { v2007: Arc::clone(&gateway), v2008: Arc::clone(&gateway), v2010: gateway },
            clock: Arc::clone(&clock) as _,
            mark: ReturnMark::new([&SecretKey::new("secret")].into_iter()),
            handlers: vec![Arc::new(Listener(Arc::clone(&ears)))],
            id: serde_json::from_str("\"sssss222\"").unwrap(),
            version: Version::V2010_08_28,
            return_url: "http://localhost/fps/return".parse().unwrap(),
            notice_url: "http://localhost/fps/notice".parse().unwrap(),
            front: "http://localhost/".parse().unwrap(),
            process: "p".to_owned(),
        }));
        Self { shop, script, clock, store, ears }
    }

    fn id() -> OrderId {
        OrderId::new("1").unwrap()
    }

    /// Begins the order; returns the query that the buyer comes back with.
    async fn begin(&self) -> String {
        query_of(&self.shop.begin(&Song, Self::id()).await.unwrap())
    }

    /// The buyer confirms on the pages.
    fn approve(&self) {
        let token = TokenId::new("TOKEN");
        *self.script.ended.lock().unwrap() =
            Some(Ended::Approved { token: token.clone(), method: Some(PaymentMethod::Abt) });
        *self.script.token.lock().unwrap() = Some(FoundToken {
            token,
            is_active: true,
            kind: TokenKind::SingleUse,
            installed_at: Some(self.clock.now()),
            reason: Some("Now and Forever".to_owned()),
        });
    }

    async fn state(&self) -> State {
        self.shop.status(&Self::id()).await.unwrap()
    }

    /// Lets the worker run for so long. It looks with growing gaps, and so never a thousand times.
    async fn work_for(&self, time: Duration) {
        let end = self.clock.now().after(time);
        let mut visits = 0;
        while self.clock.now() < end {
            visits += self.shop.work_once().await.unwrap().visited;
            assert!(visits < 1000, "the worker turns in a circle");
            self.clock.move_on(Duration::from_secs(20).min(end.since(self.clock.now())));
        }
        self.shop.work_once().await.unwrap();
    }

    fn heard_of_tokens(&self) -> Vec<String> {
        self.ears.heard_of_tokens.lock().unwrap().clone()
    }

    fn heard(&self) -> Vec<&'static str> {
        self.ears.heard.lock().unwrap().iter().map(|(_, news)| news.name()).collect()
    }
}

/// The query of the return address in a link, as the pages would lengthen it.
fn query_of(begun: &Begun) -> String {
    let pairs = fps_core::Pairs::decode(begun.link().query().unwrap()).unwrap();
    let return_url: Url = pairs.get("returnURL").unwrap().parse().unwrap();
    return_url.query().unwrap().to_owned()
}

fn accepted(outcome: Outcome) -> Answer {
    let transaction = TransactionId::new("T1");
    Answer::Accepted(Report {
        transaction,
        outcome,
        declined_for_now: false,
        amount: None,
        code: None,
        request: None,
    })
}

fn silent() -> Answer {
    Answer::Silent { code: None, request: None }
}

const HOUR: Duration = Duration::from_secs(3600);
