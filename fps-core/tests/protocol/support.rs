//! A service that answers from a script, and a clock that moves only when somebody sleeps.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use fps_core::client::{Client, ClientBuilder, Clock, HttpSend, SendError, SendErrorKind};
use fps_core::{Credentials, Endpoint, Pairs, Timestamp};
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Subscriber};

/// What the scripted service does with one request.
#[derive(Debug)]
pub(crate) enum Step {
    Answer(u16, String),
    AnswerWith(u16, &'static str, &'static str, String),
    Fail(SendErrorKind),
    /// Never answers.
    Hang,
}

/// Answers by its script, one step per request, and keeps what it was sent.
#[derive(Debug, Default)]
pub(crate) struct Script {
    steps: Mutex<VecDeque<Step>>,
    seen: Mutex<Vec<http::Request<Vec<u8>>>>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self { steps: Mutex::new(steps.into_iter().collect()), seen: Mutex::default() })
    }

    /// The parameters of each request, from its body or its URL.
    pub(crate) fn seen(&self) -> Vec<Pairs> {
        let pairs = |request: &http::Request<Vec<u8>>| match request.uri().query() {
            Some(query) => Pairs::decode(query).unwrap(),
            None => Pairs::decode(std::str::from_utf8(request.body()).unwrap()).unwrap(),
        };
        self.seen.lock().unwrap().iter().map(pairs).collect()
    }

    pub(crate) fn requests(&self) -> Vec<http::Request<Vec<u8>>> {
        self.seen.lock().unwrap().clone()
    }
}

#[async_trait]
impl HttpSend for Script {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        self.seen.lock().unwrap().push(request);
        let step = self.steps.lock().unwrap().pop_front().expect("the script has a step for each request");
        match step {
            Step::Answer(status, body) => {
                Ok(http::Response::builder().status(status).body(body.into_bytes()).unwrap())
            }
            Step::AnswerWith(status, name, value, body) => Ok(http::Response::builder()
                .status(status)
                .header(name, value)
                .body(body.into_bytes())
                .unwrap()),
            Step::Fail(kind) => Err(SendError::new(kind)),
            Step::Hang => std::future::pending().await,
        }
    }
}

/// Sleeping moves it, at once, and is kept.
#[derive(Debug, Default)]
pub(crate) struct VirtualClock {
    now: Mutex<Timestamp>,
    slept: Mutex<Vec<Duration>>,
}

impl VirtualClock {
    pub(crate) fn at(seconds: i64) -> Arc<Self> {
        Arc::new(Self { now: Mutex::new(Timestamp::from_unix_seconds(seconds)), slept: Mutex::default() })
    }

    pub(crate) fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap().clone()
    }

    /// Moves it.
    pub(crate) fn pass(&self, duration: Duration) {
        let mut now = self.now.lock().unwrap();
        *now = now.after(duration);
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        self.slept.lock().unwrap().push(duration);
        self.pass(duration);
    }
}

/// 2010-10-06T05:49:52Z.
pub(crate) const NOW: i64 = 1_286_344_192;

pub(crate) fn builder(http: &Arc<Script>, clock: &Arc<VirtualClock>) -> ClientBuilder {
    Client::builder(Credentials::new("AKIAIOSFODNN7EXAMPLE", "SECRET_MARKER"), Endpoint::sandbox())
        .http(Arc::<Script>::clone(http))
        .clock(Arc::<VirtualClock>::clone(clock))
}

pub(crate) fn client(http: &Arc<Script>) -> Client {
    builder(http, &VirtualClock::at(NOW)).build().unwrap()
}

/// A response within the envelope of its operation.
pub(crate) fn response(action: &str, result: &str) -> String {
    format!(
        "<{action}Response xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\">{result}<ResponseMetadata><RequestId>request-1:0</RequestId></ResponseMetadata></{action}Response>"
    )
}

pub(crate) fn fault(code: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>{code}</Code><Message>No.</Message></Error></Errors><RequestID>request-2</RequestID></Response>"
    )
}

/// Runs a future to its end without a runtime: nothing here ever waits for another thread.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future waits for something that never happens");
}

/// What the work returns while that subscriber listens, whatever other tests do meanwhile.
///
/// Each place that traces remembers whether anybody listens. With one listener alone, it asks only the thread that comes by first,
/// which may be another test's; a second one, who hears nothing, makes it ask all.
pub(crate) fn traced<T>(subscriber: impl Subscriber + Send + Sync + 'static, work: impl FnOnce() -> T) -> T {
    static DEAF: OnceLock<Dispatch> = OnceLock::new();
    DEAF.get_or_init(|| Dispatch::new(NoSubscriber::new()));
    tracing::subscriber::with_default(subscriber, work)
}
