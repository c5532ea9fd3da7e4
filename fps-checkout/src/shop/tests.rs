//! The driver against a scripted service, a store in memory and a clock that tests move.

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
use crate::gateway::{Deed, Ended, FoundToken, OwnToken, Returned, VerifyError};
use crate::handler::{HandlerError, Happened};
use crate::order::{Answer, Kind, News, Operation, Outcome, PayTerms, RefundId, Report, State};
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
    sent: Mutex<Vec<(Kind, Option<String>)>>,
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
        parameters: &PipelineParameters,
        return_url: &Url,
    ) -> Result<SignedLink, PipelineError> {
        let endpoint = Endpoint::at("http://localhost/".parse().unwrap()).unwrap();
        SingleUse::new(reference.clone(), parameters, return_url.clone())
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
            reference: approved.then(|| CallerReference::new("sssss222-1-a1").unwrap()),
            ended,
            expiry: None,
            address: None,
            warning: None,
            message: None,
        })
    }

    async fn verify_notice(&self, _: &Url, _: &str, _: &str) -> Result<(), VerifyError> {
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
                is_single_use: false,
                installed_at: None,
                reason: None,
            }));
        }
        Ok(self.0.token.lock().unwrap().clone())
    }

    async fn send(&self, _: &Order, operation: &Operation, _: Option<&InstalledTokens>) -> Answer {
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
        Ok(self.0.activity.lock().unwrap().clone())
    }

    async fn activity(&self, _: Timestamp, _: Timestamp) -> Result<Vec<Deed>, fps_core::Error> {
        self.0.reach().await?;
        let report = self.0.activity.lock().unwrap().clone();
        Ok(report.map(|report| Deed { report, reference: None, received: None }).into_iter().collect())
    }

    async fn cancel_token(&self, _: &TokenId) -> Result<(), fps_core::Error> {
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
        let take =
            |left: &AtomicUsize| left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        assert!(take(&self.0.panic).is_err(), "as told");
        if take(&self.0.fail).is_ok() {
            return Err(HandlerError::retry("not now"));
        }
        self.0.heard.lock().unwrap().push((happened.effect().to_string(), happened.news().clone()));
        Ok(())
    }
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
            is_single_use: true,
            installed_at: Some(self.clock.now()),
            reason: Some("Now and Forever".to_owned()),
        });
    }

    async fn state(&self) -> State {
        self.shop.status(&Self::id()).await.unwrap()
    }

    /// Lets the worker run until nothing is due for so long.
    async fn work_for(&self, time: Duration) {
        let end = self.clock.now().after(time);
        while self.clock.now() < end {
            self.shop.work_once().await.unwrap();
            self.clock.move_on(Duration::from_secs(20).min(end.since(self.clock.now())));
        }
        self.shop.work_once().await.unwrap();
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

#[tokio::test]
async fn a_purchase_takes_four_commits() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let completed = world.shop.complete(&query).await.unwrap();
    assert_eq!(completed.order().state(), State::Paid);
    assert_eq!(world.heard(), ["Approved", "Paid"]);
    assert_eq!(world.store.commits.load(Ordering::SeqCst), 4);
    assert!(completed.order().outbox().is_empty() && completed.order().due().is_none());
    let sent = world.script.sent.lock().unwrap().clone();
    assert_eq!(sent, [(Kind::Pay, Some("sssss222-1-a1-pay".to_owned()))]);
}

#[tokio::test]
async fn the_same_return_again_changes_nothing() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let first = world.shop.complete(&query).await.unwrap();
    let again = world.shop.complete(&query).await.unwrap();
    assert_eq!(again.order(), first.order());
    // The same answer in other bytes is verified, and changes nothing either.
    let other = world.shop.complete(&format!("{query}&")).await.unwrap();
    assert_eq!(other.order(), first.order());
    assert_eq!((world.script.sent().len(), world.heard().len()), (1, 2));
}

#[tokio::test]
async fn two_tabs_at_once_pay_once() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let (one, two) = tokio::join!(world.shop.complete(&query), world.shop.complete(&query));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(world.state().await, State::Paid);
    assert_eq!(world.script.sent(), [Kind::Pay]);
}

#[tokio::test]
async fn a_double_click_is_one_order_with_one_link() {
    let world = World::new();
    assert_eq!(world.begin().await, world.begin().await);
    assert_eq!(world.store.commits.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_unreachable_service_is_asked_by_the_worker() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    *world.script.unreachable.lock().unwrap() = true;
    let completed = world.shop.complete(&query).await.unwrap();
    assert!(matches!(completed, Completed::Checking(_)));
    assert_eq!(world.state().await, State::AwaitingBuyer);
    world.work_for(HOUR).await;
    *world.script.unreachable.lock().unwrap() = false;
    world.script.answer(accepted(Outcome::Success));
    world.work_for(HOUR).await;
    assert_eq!(world.state().await, State::Paid);
    assert_eq!(world.heard(), ["Approved", "Paid"]);
}

#[tokio::test]
async fn a_closed_browser_is_found_or_expires() {
    for approves in [true, false] {
        let world = World::new();
        world.begin().await;
        if approves {
            world.approve();
            world.script.answer(accepted(Outcome::Success));
        }
        world.work_for(HOUR * 5).await;
        let (state, heard) = if approves {
            (State::Paid, vec!["Approved", "Paid"])
        } else {
            (State::Expired, vec!["Expired"])
        };
        assert_eq!((world.state().await, world.heard()), (state, heard));
    }
}

#[tokio::test]
async fn an_unanswered_pay_is_sent_again_under_its_reference() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    for answer in [silent(), silent(), accepted(Outcome::Success)] {
        world.script.answer(answer);
    }
    let completed = world.shop.complete(&query).await.unwrap();
    assert_eq!(completed.order().state(), State::Charging);
    world.work_for(HOUR).await;
    assert_eq!(world.state().await, State::Paid);
    let sent = world.script.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|one| *one == sent[0]), "{sent:?}");
}

#[tokio::test]
async fn a_pending_payment_is_asked_for_until_it_ends() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Pending));
    world.shop.complete(&query).await.unwrap();
    world.work_for(HOUR * 30).await;
    assert_eq!(world.state().await, State::Pending);
    *world.script.standing.lock().unwrap() = Some(Outcome::Success);
    world.work_for(HOUR * 2).await;
    assert_eq!(world.state().await, State::Paid);
    assert_eq!(world.heard(), ["Approved", "Pending", "Paid"]);
}

#[tokio::test]
async fn a_call_without_an_answer_is_given_up_after_six_days() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.shop.complete(&query).await.unwrap();
    world.work_for(HOUR * 24 * 7).await;
    assert_eq!(world.state().await, State::Review);
    let sent = world.script.sent().len();
    world.work_for(HOUR * 24).await;
    assert_eq!(world.script.sent().len(), sent, "nothing is sent any more");
}

#[tokio::test]
async fn somebody_elses_token_leaves_the_order_untouched() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    let before = world.shop.order(&World::id()).await.unwrap();
    let good = world.script.token.lock().unwrap().clone().unwrap();
    for bad in [
        None,
        Some(FoundToken { token: TokenId::new("OTHER"), ..good.clone() }),
        Some(FoundToken { is_single_use: false, ..good.clone() }),
        Some(FoundToken { reason: Some("Another song".to_owned()), ..good.clone() }),
        Some(FoundToken { installed_at: Some(world.clock.now().before(HOUR)), ..good.clone() }),
    ] {
        *world.script.token.lock().unwrap() = bad.clone();
        let error = world.shop.complete(&query).await.unwrap_err();
        assert!(matches!(error, Error::NotOurs { .. }), "{bad:?}: {error}");
        assert_eq!(world.shop.order(&World::id()).await.unwrap(), before);
    }
    assert!(world.script.sent().is_empty());
}

#[tokio::test]
async fn what_is_not_signed_for_this_order_is_refused() {
    let world = World::new();
    let query = world.begin().await;
    let before = world.shop.order(&World::id()).await.unwrap();
    let unknown = world.shop.0.mark.put(world.shop.return_url(), &OrderId::new("2").unwrap(), 1);
    for query in [query.as_str(), "", "fps=1-a1.AAAA", &format!("{query}&{query}"), &"x".repeat(9000), "%"] {
        let error = world.shop.complete(query).await.unwrap_err();
        assert!(matches!(error, Error::NotOurs { .. }), "{query}: {error}");
    }
    let error = world.shop.complete(unknown.query().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::UnknownOrder { .. }), "{error}");
    assert_eq!(world.shop.order(&World::id()).await.unwrap(), before);
}

#[tokio::test]
async fn a_buyer_who_left_may_begin_again() {
    let world = World::new();
    let query = world.begin().await;
    *world.script.ended.lock().unwrap() = Some(Ended::Left);
    assert_eq!(world.shop.complete(&query).await.unwrap().order().state(), State::Abandoned);
    assert_ne!(world.begin().await, query);
    let order = world.shop.order(&World::id()).await.unwrap();
    assert_eq!((order.state(), order.attempts().len()), (State::AwaitingBuyer, 2));
    assert_eq!(world.heard(), ["Abandoned"]);
}

#[tokio::test]
async fn a_store_that_fails_at_any_commit_loses_nothing() {
    for commit in 1..=4 {
        for failure in [Failure::NotWritten, Failure::ErrorThoughDone, Failure::ErrorAndNotDone] {
            let world = World::new();
            *world.store.fail.lock().unwrap() = Some((commit, failure));
            let begun = match world.shop.begin(&Song, World::id()).await {
                Ok(begun) => begun,
                Err(_) => world.shop.begin(&Song, World::id()).await.unwrap(),
            };
            world.approve();
            world.script.answer(accepted(Outcome::Success));
            world.script.answer(accepted(Outcome::Success));
            let _ = world.shop.complete(&query_of(&begun)).await;
            world.work_for(HOUR).await;
            assert_eq!(world.state().await, State::Paid, "{failure:?} at commit {commit}");
            let heard: std::collections::BTreeSet<_> = world.heard().into_iter().collect();
            assert_eq!(
                heard.into_iter().collect::<Vec<_>>(),
                ["Approved", "Paid"],
                "{failure:?} at {commit}"
            );
            let order = world.shop.order(&World::id()).await.unwrap();
            assert_eq!(order.replay().as_ref(), Ok(order.machine()), "{failure:?} at {commit}");
        }
    }
}

#[tokio::test]
async fn a_handler_that_fails_or_panics_hears_it_again_in_order() {
    let world = World::new();
    world.ears.fail.store(1, Ordering::SeqCst);
    world.ears.panic.store(1, Ordering::SeqCst);
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    assert!(world.heard().is_empty());
    world.work_for(HOUR).await;
    assert_eq!(world.heard(), ["Approved", "Paid"]);
    let effects: Vec<_> = world.ears.heard.lock().unwrap().iter().map(|(effect, _)| effect.clone()).collect();
    assert_eq!(effects, ["1-e1", "1-e2"]);
}

#[tokio::test]
async fn a_handler_that_never_works_is_stuck_after_a_day() {
    let world = World::new();
    world.ears.fail.store(usize::MAX, Ordering::SeqCst);
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    world.work_for(HOUR * 40).await;
    let order = world.shop.order(&World::id()).await.unwrap();
    assert!(order.outbox()[0].waiting[0].is_stuck(), "{:?}", order.outbox());
    assert_eq!(order.due(), None);
    // Another process that does not know the handler lists it as stuck at once.
    assert_eq!(order.outbox()[1].waiting[0].tries, 0, "the second news waits for the first");
}

#[tokio::test]
async fn a_refund_asked_for_twice_is_one_refund() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    let refund = || RefundId::new("r1").unwrap();
    let refunded = |transaction| {
        let transaction = TransactionId::new(transaction);
        Answer::Accepted(Report {
            transaction,
            outcome: Outcome::Success,
            declined_for_now: false,
            amount: None,
            code: None,
            request: None,
        })
    };
    world.script.answer(refunded("R1"));
    for amount in [Some(Amount::usd("0.06")), Some(Amount::usd("0.06")), None] {
        world.shop.refund(&World::id(), refund(), amount).await.unwrap();
    }
    assert_eq!(world.script.sent(), [Kind::Pay, Kind::Refund]);
    let other = world.shop.refund(&World::id(), refund(), Some(Amount::usd("0.01"))).await;
    assert!(matches!(other, Err(Error::Refused { .. })), "{other:?}");
    let cents = world.shop.refund(&World::id(), refund(), Some(Amount::usd("0.001"))).await;
    assert!(matches!(cents, Err(Error::Amount(_))), "{cents:?}");
    world.script.answer(refunded("R2"));
    let order = world.shop.refund(&World::id(), RefundId::new("r2").unwrap(), None).await.unwrap();
    assert_eq!(order.machine().refunded(), Amount::usd("0.10"));
    assert_eq!(world.heard(), ["Approved", "Paid", "Refunded", "Refunded"]);
    let more = world.shop.refund(&World::id(), RefundId::new("r3").unwrap(), None).await;
    assert!(matches!(more, Err(Error::Refused { .. })), "{more:?}");
}

#[tokio::test]
async fn a_name_stands_for_one_product() {
    struct Other;
    impl Checkout for Other {
        fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
            Ok(Song.parameters()?.with_payment_reason("Another song"))
        }
    }
    let world = World::new();
    world.begin().await;
    let other = world.shop.begin(&Other, World::id()).await;
    assert!(matches!(other, Err(Error::OtherProduct { .. })), "{other:?}");
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    let query = world.begin().await;
    world.shop.complete(&query).await.unwrap();
    let paid = world.shop.begin(&Song, World::id()).await;
    assert!(matches!(paid, Err(Error::NothingToApprove { state: State::Paid, .. })), "{paid:?}");
}

#[tokio::test]
async fn a_cancelled_order_is_not_charged_by_a_late_approval() {
    let world = World::new();
    let query = world.begin().await;
    world.shop.cancel(&World::id()).await.unwrap();
    world.approve();
    world.shop.complete(&query).await.unwrap();
    world.work_for(HOUR).await;
    let order = world.shop.order(&World::id()).await.unwrap();
    assert_eq!(order.state(), State::Cancelled);
    assert_eq!(order.attempts()[0].approval, crate::order::Approval::Discarded);
    assert!(world.script.sent().is_empty());
}

#[tokio::test]
async fn a_deferred_order_is_charged_by_the_shop_or_expires() {
    for charges in [true, false] {
        let world = World::new();
        let begun = world.shop.begin(&Song, World::id()).deferred().await.unwrap();
        world.approve();
        let query = query_of(&begun);
        world.shop.complete(&query).await.unwrap();
        assert_eq!(world.state().await, State::TokenHeld);
        if charges {
            let much = world.shop.charge(&World::id(), Some(Amount::usd("0.11"))).await;
            assert!(matches!(much, Err(Error::Refused { .. })), "{much:?}");
            world.script.answer(accepted(Outcome::Success));
            let order = world.shop.charge(&World::id(), Some(Amount::usd("0.07"))).await.unwrap();
            assert_eq!(order.machine().paid(), Amount::usd("0.07"));
        } else {
            world.work_for(HOUR * 4).await;
            assert_eq!(world.state().await, State::Expired);
        }
    }
}

#[tokio::test]
async fn an_operator_resolves_drops_tells_and_forgets() {
    let world = World::new();
    let id = World::id();
    world.ears.fail.store(usize::MAX, Ordering::SeqCst);
    let query = world.begin().await;
    world.approve();
    world.shop.complete(&query).await.unwrap();
    assert!(matches!(world.shop.forget(&id).await, Err(Error::NotAtRest { .. })));
    let early = world.shop.resolve(&id, State::Paid, "ann", "a statement").await;
    assert!(matches!(early, Err(Error::Refused { .. })), "{early:?}");
    world.work_for(HOUR * 24 * 8).await;
    assert_eq!(world.state().await, State::Review);
    let order = world.shop.resolve(&id, State::Paid, "ann", "the statement of May").await.unwrap();
    assert_eq!((order.state(), order.machine().paid()), (State::Paid, Amount::usd("0.10")));
    let stuck = order.outbox()[0].id.clone();
    let order = world.shop.drop_news(&id, &stuck, "listener", "ann", "known already").await.unwrap();
    assert!(order.outbox().iter().all(|effect| effect.id != stuck));
    let gone = world.shop.drop_news(&id, &stuck, "listener", "ann", "again").await;
    assert!(matches!(gone, Err(Error::NothingToTell { .. })), "{gone:?}");
    world.ears.fail.store(0, Ordering::SeqCst);
    world.shop.tell_again(&id, &order.outbox()[0].id, "listener").await.unwrap();
    world.work_for(HOUR * 2).await;
    assert_eq!(world.heard(), ["Alarm", "Paid"]);
    let order = world.shop.forget(&id).await.unwrap();
    assert!(order.side(1).unwrap().token.is_none() && order.state() == State::Paid);
    assert_eq!(order.replay().as_ref(), Ok(order.machine()));
}

#[tokio::test]
async fn a_spent_reference_is_looked_for_and_never_a_decline() {
    for found in [true, false] {
        let world = World::new();
        let query = world.begin().await;
        world.approve();
        world.script.answer(Answer::Spent { code: "DuplicateRequest".to_owned(), request: None });
        if found {
            let Answer::Accepted(report) = accepted(Outcome::Success) else { unreachable!() };
            *world.script.activity.lock().unwrap() = Some(report);
        }
        world.shop.complete(&query).await.unwrap();
        world.work_for(HOUR).await;
        assert_eq!(world.state().await, if found { State::Paid } else { State::Review });
        assert_eq!(world.script.sent(), [Kind::Pay], "nothing is sent again");
    }
}

#[tokio::test]
async fn a_used_token_is_evidence_that_money_moved() {
    for found in [true, false] {
        let world = World::new();
        let query = world.begin().await;
        world.approve();
        world.script.token.lock().unwrap().as_mut().unwrap().is_active = false;
        if found {
            let Answer::Accepted(report) = accepted(Outcome::Success) else { unreachable!() };
            *world.script.activity.lock().unwrap() = Some(report);
        }
        let completed = world.shop.complete(&query).await.unwrap();
        assert!(matches!(completed, Completed::Checking(_)), "{completed:?}");
        world.work_for(HOUR * 5).await;
        assert_eq!(world.state().await, if found { State::Paid } else { State::Expired });
        assert!(world.script.sent().is_empty(), "nothing is sent at all");
    }
}

#[tokio::test]
async fn a_return_signed_with_our_own_secret_needs_no_look_for_its_token() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    *world.script.signs_with_our_secret.lock().unwrap() = true;
    *world.script.token.lock().unwrap() = None;
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    assert_eq!(world.state().await, State::Paid);
}

#[tokio::test]
async fn own_references_are_used_for_everything_and_for_one_order_only() {
    let reference = |text: &str| CallerReference::new(text).unwrap();
    let (approval, pay) = (reference("DigitalDownload1177495829105"), reference("MP3DownloadId-AF12ES"));
    let world = World::new();
    let begin = |id: &str| world.shop.begin(&Song, OrderId::new(id).unwrap());
    let begun = begin("1").references(approval.clone(), pay.clone()).await.unwrap();
    let again = begin("1").references(approval.clone(), pay.clone()).await.unwrap();
    assert_eq!(begun.link(), again.link());
    assert!(begun.link().as_str().contains("callerReference=DigitalDownload1177495829105"));
    for other in [begin("1"), begin("1").references(approval.clone(), reference("another"))] {
        assert!(matches!(other.await, Err(Error::OtherProduct { .. })));
    }
    for (approval, pay) in [(approval.clone(), reference("p2")), (reference("a2"), pay.clone())] {
        let refused = begin("2").references(approval, pay).await;
        assert!(matches!(refused, Err(Error::ReferenceUsed { .. })), "{refused:?}");
        assert!(matches!(
            world.shop.order(&OrderId::new("2").unwrap()).await,
            Err(Error::UnknownOrder { .. })
        ));
    }

    // The first attempt ends without a token, the second pays.
    *world.script.ended.lock().unwrap() = Some(Ended::Left);
    world.shop.complete(&query_of(&begun)).await.unwrap();
    let second = begin("1").references(approval, pay).await.unwrap();
    assert!(second.link().as_str().contains("callerReference=DigitalDownload1177495829105-a2"));
    world.approve();
    *world.script.signs_with_our_secret.lock().unwrap() = true;
    for answer in [silent(), accepted(Outcome::Success)] {
        world.script.answer(answer);
    }
    world.shop.complete(&query_of(&second)).await.unwrap();
    world.work_for(HOUR).await;
    let sent = world.script.sent.lock().unwrap().clone();
    assert_eq!(sent, vec![(Kind::Pay, Some("MP3DownloadId-AF12ES-a2".to_owned())); 2]);
}

#[tokio::test]
async fn terms_that_cannot_be_sent_are_refused_before_anything_is_stored() {
    let shop = Shop::builder()
        .credentials(Credentials::new("key", "secret"))
        .endpoint(Endpoint::at("http://localhost/".parse().unwrap()).unwrap())
        .http(Arc::new(NoWire))
        .storage_url("memory:")
        .public_url("http://localhost/".parse().unwrap())
        .open()
        .await
        .unwrap();
    for (terms, why) in [
        (PayTerms::new().with_meta_data("x"), "MetaData is not in version 2010-08-28"),
        (PayTerms::new().with_sender_reference("x"), "SenderReference is not in version 2010-08-28"),
        (PayTerms::new().with_recipient_reference("x"), "RecipientReference is not in"),
        (PayTerms::new().with_recipient_description("x"), "RecipientDescription is not in"),
        (PayTerms::new().with_caller_description(""), "CallerDescription is empty"),
        (PayTerms::new().with_sender_description("x".repeat(161)), "has 161 characters"),
        (
            PayTerms::new().with_marketplace_fixed_fee(Amount::usd("0.001")),
            "MarketplaceFixedFee is not an amount",
        ),
    ] {
        let refused = shop.begin(&Song, World::id()).terms(terms).await.unwrap_err();
        let mut whole = refused.to_string();
        if let Some(source) = std::error::Error::source(&refused) {
            whole = format!("{whole}: {source}");
        }
        assert!(whole.contains(why), "{whole}");
        assert!(matches!(shop.order(&World::id()).await, Err(Error::UnknownOrder { .. })));
    }
    let terms = PayTerms::new()
        .with_descriptor(fps_core::operation::DescriptorPolicy::new())
        .with_marketplace_fixed_fee(Amount::usd("0.01"))
        .with_marketplace_variable_fee("2.5".parse::<fps_core::operation::Percent>().unwrap())
        .with_timeout_in_mins(60u32);
    assert!(shop.begin(&Song, World::id()).terms(terms).await.is_ok());
}

#[tokio::test]
async fn what_is_declined_for_now_is_tried_again_after_a_look() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    *world.script.declined_for_now.lock().unwrap() = true;
    let Answer::Accepted(report) = accepted(Outcome::Pending) else { unreachable!() };
    world.script.answer(Answer::Accepted(Report { declined_for_now: true, ..report }));
    // The first try is not heard of, and its repeat is taken.
    for answer in [silent(), accepted(Outcome::Pending)] {
        world.script.answer(answer);
    }
    let completed = world.shop.complete(&query).await.unwrap();
    assert_eq!(completed.order().state(), State::Pending);
    world.work_for(Duration::from_secs(40)).await;
    assert_eq!(world.script.sent(), [Kind::Pay, Kind::Retry], "nothing is sent again without a look");
    world.work_for(Duration::from_secs(50)).await;
    assert_eq!(
        world.script.sent()[..3],
        [Kind::Pay, Kind::Retry, Kind::Retry],
        "the look told to send it again"
    );
    *world.script.declined_for_now.lock().unwrap() = false;
    *world.script.standing.lock().unwrap() = Some(Outcome::Success);
    world.work_for(HOUR).await;
    assert_eq!(world.state().await, State::Paid);
    let order = world.shop.order(&World::id()).await.unwrap();
    assert!(order.is_at_rest() && order.due().is_none(), "{:#?}", order.machine().operations());
    assert_eq!(world.heard(), ["Approved", "Pending", "Paid"]);
    assert_eq!(order.replay().as_ref(), Ok(order.machine()));
}

#[tokio::test]
async fn what_stays_declined_is_tried_with_growing_gaps_and_then_needs_a_person() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    *world.script.declined_for_now.lock().unwrap() = true;
    let Answer::Accepted(report) = accepted(Outcome::Pending) else { unreachable!() };
    for _ in 0..100 {
        world.script.answer(Answer::Accepted(Report { declined_for_now: true, ..report.clone() }));
    }
    world.shop.complete(&query).await.unwrap();
    for _ in 0..9 * 24 * 4 {
        world.shop.work_once().await.unwrap();
        world.clock.move_on(HOUR / 4);
    }
    assert_eq!(world.state().await, State::Review);
    let tries = world.script.sent().iter().filter(|kind| **kind == Kind::Retry).count();
    assert!((10..30).contains(&tries), "{tries}");
}

#[tokio::test]
async fn a_shop_opens_on_a_store_only_when_the_migration_into_it_has_ended() {
    let store = MemoryStore::new();
    let open = || {
        let shop = Shop::builder().credentials(Credentials::new("key", "secret")).http(Arc::new(NoWire));
        let shop = shop.endpoint(Endpoint::at("http://localhost/".parse().unwrap()).unwrap());
        shop.public_url("http://localhost/".parse().unwrap()).storage(Arc::new(store.clone())).open()
    };
    let mark =
        |state| NewRecord::new(Key::new("migration/target").unwrap(), state, None, Vec::new()).unwrap();
    store.create(&mark("Running")).await.unwrap();
    let error = open().await.unwrap_err();
    assert!(error.to_string().contains("run it again to its end"), "{error}");
    store.update(&mark("Ended"), 1).await.unwrap();
    open().await.unwrap();
}

#[tokio::test]
async fn the_return_address_carries_the_shops_own_parameters_and_the_mark() {
    let world = World::new();
    let begin = |pairs: [(&str, &str); 2]| world.shop.begin(&Song, World::id()).return_query(pairs);
    let begun = begin([("Download", "Now and Forever - Richard Marx"), ("uniqueId", "1")]).await.unwrap();
    let query = query_of(&begun);
    assert!(query.starts_with("Download=Now+and+Forever+-+Richard+Marx&uniqueId=1&fps=1-a1."), "{query}");
    world.approve();
    world.script.answer(accepted(Outcome::Success));
    world.shop.complete(&query).await.unwrap();
    assert_eq!(world.state().await, State::Paid);
    for (pairs, why) in [([("a", "1"), ("fps", "2")], "fps"), ([("status", "SA"), ("b", "2")], "status")] {
        let refused = world.shop.begin(&Song, OrderId::new("2").unwrap()).return_query(pairs).await;
        match refused {
            Err(Error::Link(refused)) => assert!(refused.to_string().contains(why), "{refused}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn own_tokens_are_installed_once_whatever_is_lost() {
    let world = World::new();
    let tokens = world.shop.install_tokens().await.unwrap();
    let names: Vec<String> =
        world.script.installed.lock().unwrap().iter().map(|(reference, _)| reference.clone()).collect();
    assert_eq!(names, ["sssss222-own-caller-1", "sssss222-own-recipient-1", "sssss222-own-refund-sender-1"]);
    for _ in 0..2 {
        assert_eq!(world.shop.install_tokens().await.unwrap(), tokens);
    }
    assert_eq!(world.script.installed.lock().unwrap().len(), 3);
    assert!(!format!("{tokens:?}").contains("caller0"), "{tokens:?}");

    // Stored, they are there without the service; and one that was cancelled is replaced.
    *world.script.unreachable.lock().unwrap() = true;
    assert_eq!(world.shop.install_tokens().await.unwrap(), tokens);
    *world.script.unreachable.lock().unwrap() = false;
    world.script.cancelled.lock().unwrap().push("sssss222-own-recipient-1".to_owned());
    let replaced = world.shop.install_tokens().await.unwrap();
    assert_eq!((&replaced.caller, &replaced.refund_sender), (&tokens.caller, &tokens.refund_sender));
    assert_ne!(replaced.recipient, tokens.recipient);
    assert_eq!(world.shop.tokens().await.unwrap(), Some(replaced));
}

#[tokio::test]
async fn a_crash_while_tokens_are_installed_installs_none_twice() {
    // After each call, and at the write: with an error before it, after it, and of an open end.
    for lost in 0..6 {
        let world = World::new();
        for _ in 0..lost.min(2) {
            *world.script.loses_installed.lock().unwrap() = true;
            assert!(matches!(world.shop.install_tokens().await, Err(Error::Service(_))));
            *world.script.unreachable.lock().unwrap() = false;
        }
        let failure = match lost {
            3 => Some(Failure::NotWritten),
            4 => Some(Failure::ErrorThoughDone),
            5 => Some(Failure::ErrorAndNotDone),
            _ => None,
        };
        *world.store.fail.lock().unwrap() = failure.map(|failure| (1, failure));
        let first = world.shop.install_tokens().await;
        assert_eq!(first.is_err(), failure.is_some(), "{lost}: {first:?}");
        let tokens = world.shop.install_tokens().await.unwrap();
        assert_eq!(world.shop.tokens().await.unwrap(), Some(tokens));
        assert_eq!(world.script.installed.lock().unwrap().len(), 3, "{lost}");
    }
}

#[tokio::test]
async fn what_the_worker_finds_out_is_heard_at_once() {
    let world = World::new();
    let query = world.begin().await;
    world.approve();
    world.script.answer(accepted(Outcome::Pending));
    world.shop.complete(&query).await.unwrap();
    *world.script.standing.lock().unwrap() = Some(Outcome::Success);
    world.clock.move_on(Duration::from_secs(3));
    world.shop.work_once().await.unwrap();
    assert_eq!(world.heard(), ["Approved", "Pending", "Paid"]);
}
