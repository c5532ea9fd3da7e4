//! What a shop counts and traces: enough to follow an order, and nothing secret.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fps_checkout::RefundId;
use fps_sandbox::{Fault, people};
use fps_tests::World;
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::NoSubscriber;
use tracing::{Event, Subscriber};

/// A purchase with a lost answer, a forged return and a refund.
async fn eventful_day(world: &World) -> Vec<String> {
    let begun = world.begin().await;
    let back = world.john_pays(begun.link()).await;
    world.sandbox.faults().on("Pay", 1, Fault::LoseAnswer);
    world.come_back(&back).await.unwrap();
    world.shop.complete(&format!("{}&status=A", back.query().unwrap())).await.unwrap_err();
    world.shop.complete("fps=nonsense").await.unwrap_err();
    world.assert_paid_once(begun.order().id()).await;
    world.shop.refund(begun.order().id(), RefundId::new("sorry").unwrap(), None).await.unwrap();
    let secrets = back.query_pairs().filter(|(name, _)| matches!(&**name, "tokenID" | "signature" | "fps"));
    let mut secrets: Vec<String> = secrets.map(|(_, value)| value.into_owned()).collect();
    assert_eq!(secrets.len(), 3);
    secrets.push(people::SHOP_SECRET_KEY.to_owned());
    secrets.push(people::JOHN.to_owned());
    secrets
}

#[tokio::test(start_paused = true)]
async fn each_step_of_an_order_is_counted() {
    let counted = Counted::default();
    let guard = metrics::set_default_local_recorder(&counted);
    fps_checkout::metrics::describe();
    let secrets = eventful_day(&World::new().await).await;
    drop(guard);
    let counts = counted.counts.lock().unwrap();
    for (name, least) in [
        ("fps_orders_moved_total from=Created to=AwaitingBuyer", 1),
        ("fps_orders_moved_total from=AwaitingBuyer to=Charging", 1),
        ("fps_orders_moved_total from=Charging to=Paid", 1),
        ("fps_calls_total operation=Pay answer=accepted", 1),
        ("fps_calls_total operation=Refund answer=accepted", 1),
        ("fps_call_duration_seconds operation=Pay", 1),
        ("fps_returns_total result=known", 1),
        ("fps_returns_total result=refused", 2),
        ("fps_news_total handler=told result=done", 3),
    ] {
        let found = counts.get(name).map(|count| count.load(Ordering::Relaxed));
        assert_eq!(found, Some(least), "{name} in {counts:#?}");
    }
    for name in counts.keys() {
        assert!(!secrets.iter().any(|secret| name.contains(secret)), "{name}");
        let name = name.split(' ').next().unwrap();
        assert!(counted.described.lock().unwrap().contains(&name.to_owned()), "{name} is not described");
    }
}

#[tokio::test(start_paused = true)]
async fn each_step_of_an_order_is_traced_and_nothing_secret_is() {
    let traced = Traced::default();
    // With one listener alone, a place that traces asks only the thread that comes by first, which may be the other test's,
    // whether anybody listens. A second one, who hears nothing, makes it ask all.
    let _deaf = tracing::Dispatch::new(NoSubscriber::new());
    let guard = tracing::subscriber::set_default(traced.clone());
    let secrets = eventful_day(&World::new().await).await;
    drop(guard);
    let text = traced.text.lock().unwrap();
    for wanted in [
        "order=order-1",
        "attempt=1",
        "state=Paid",
        "operation=Pay",
        "span return",
        "span send",
        "span begin",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    for secret in secrets {
        assert!(!text.contains(&secret), "a secret is in the trace");
    }
}

/// Counts by name and labels.
#[derive(Debug, Default)]
struct Counted {
    counts: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    described: Mutex<Vec<String>>,
}

impl Counted {
    fn of(&self, key: &Key) -> Arc<Count> {
        let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
        let name = format!("{}{}", key.name(), labels.collect::<String>());
        Arc::new(Count(Arc::clone(self.counts.lock().unwrap().entry(name).or_default())))
    }

    fn describe(&self, name: &KeyName) {
        self.described.lock().unwrap().push(name.as_str().to_owned());
    }
}

#[derive(Debug)]
struct Count(Arc<AtomicU64>);

impl CounterFn for Count {
    fn increment(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    fn absolute(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

impl HistogramFn for Count {
    #[expect(clippy::disallowed_types, reason = "the facade's own signature")]
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Recorder for Counted {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.of(key))
    }
}

/// Everything that is traced, as text.
#[derive(Clone, Debug, Default)]
struct Traced {
    text: Arc<Mutex<String>>,
}

impl Subscriber for Traced {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = self.text.lock().unwrap();
        write!(text, "\nspan {}", span.metadata().name()).unwrap();
        span.record(&mut Written(&mut text));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Written(&mut self.text.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = self.text.lock().unwrap();
        text.push('\n');
        event.record(&mut Written(&mut text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Written<'a>(&'a mut String);

impl Visit for Written<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}={value}").unwrap();
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut cause = Some(value);
        while let Some(error) = cause {
            write!(self.0, " {field}={error} {error:?}").unwrap();
            cause = error.source();
        }
    }
}
