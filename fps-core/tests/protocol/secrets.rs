//! No secret, token or address leaves through `Debug`, `Display`, errors or tracing, whatever happens.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use fps_core::checkout::{Charge, Charges, PipelineParameters, ShippingAddress};
use fps_core::client::SendErrorKind;
use fps_core::operation::*;
use fps_core::pipeline::{Recipient, ReturnQuery, SingleUse};
use fps_core::signature::Method;
use fps_core::{Amount, CallerReference, Credentials, Endpoint, InstrumentId, Pairs, TokenId};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{NOW, Script, Step, VirtualClock, block_on, builder, response};

const MARKER: &str = "SECRET_MARKER";
/// A token of the length of real ones, in a fault's message.
const TOKEN: &str = "SECRETMARKER553ILMLCG6Z8J431H7BX3UMN3FFQU8VSNTSRNCTAASDJNX66LNZL";

/// Keeps all that is traced.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<String>>);

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Trace {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Writer(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Writer(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Writer(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn told(error: &dyn std::error::Error) -> String {
    let mut told = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(told, " {error} {error:?}");
        cause = error.source();
    }
    told
}

#[track_caller]
fn assert_clean(told: &str) {
    assert!(!told.contains(MARKER) && !told.contains("SECRETMARKER"), "{told}");
}

fn pay() -> Pay {
    Pay::new(TokenId::new(MARKER), Amount::usd("0.10"), CallerReference::new("order-42-pay").unwrap())
}

#[test]
fn no_call_tells_a_secret() {
    let paid = "<PayResult><TransactionId>T1</TransactionId><TransactionStatus>Success</TransactionStatus></PayResult>";
    let refused = format!(
        "<Response><Errors><Error><Code>TokenUsageError</Code><Message>The token \"{TOKEN}\" of SECRET_MARKER@example.com is used.</Message></Error></Errors><RequestID>r</RequestID></Response>"
    );
    let scripts: Vec<Vec<Step>> = vec![
        vec![Step::Answer(200, response("Pay", paid))],
        vec![Step::Answer(400, refused)],
        vec![Step::Answer(200, format!("<x>{MARKER}</x>"))],
        vec![Step::Answer(200, response("Pay", &format!("<PayResult>{MARKER}</PayResult>")))],
        vec![Step::Answer(200, MARKER.to_owned())],
        vec![Step::Hang, Step::Fail(SendErrorKind::Unanswered), Step::Fail(SendErrorKind::NotSent)],
    ];
    for method in [Method::Get, Method::Post] {
        for steps in &scripts {
            let steps = steps.iter().map(|step| match step {
                Step::Answer(status, body) => Step::Answer(*status, body.clone()),
                Step::Fail(kind) => Step::Fail(*kind),
                _ => Step::Hang,
            });
            // What cannot be read is asked for again; the script has an answer for that.
            let again = (0..2).map(|_| Step::Answer(200, MARKER.to_owned()));
            let http = Script::new(steps.chain(again));
            let client = builder(&http, &VirtualClock::at(NOW)).method(method).build().unwrap();
            let trace = Trace::default();
            let result = tracing::subscriber::with_default(trace.clone(), || block_on(client.send(pay())));
            let traced = trace.0.lock().unwrap().clone();
            assert!(
                traced.contains("action=\"Pay\"") && traced.contains("reference=order-42-pay"),
                "{traced}"
            );
            assert!(traced.contains("attempt=1"), "{traced}");
            assert_clean(&traced);
            assert_clean(&format!("{client:?} {result:?}"));
            if let Err(error) = result {
                assert_clean(&told(&error));
            }
        }
    }
}

#[test]
fn no_value_shows_a_secret() {
    let reference = || CallerReference::new("r").unwrap();
    let token = || TokenId::new(MARKER);
    let url = || format!("https://shop.example/return?x={MARKER}").parse::<url::Url>().unwrap();
    let mut charges = Charges::new();
    charges.add(Charge::ItemTotal, Amount::usd("1")).unwrap();
    let address = ShippingAddress { name: Some(MARKER.to_owned()), ..ShippingAddress::default() };
    let product = PipelineParameters::new(charges).unwrap().with_address(address);
    let credentials = Credentials::new("key", MARKER);
    let single_use = SingleUse::new(reference(), &product, url()).with_recipient_token(token());
    let link = single_use.link(&credentials, &Endpoint::sandbox()).unwrap();
    assert!(link.url().as_str().contains(MARKER));
    for shown in [
        format!("{credentials:?}"),
        format!("{link:?}"),
        format!("{single_use:?}"),
        format!("{:?}", pay()),
        format!("{:?}", CancelToken::new(token())),
        format!("{:?}", GetTokenByCaller::by_token(token())),
        format!("{:?}", GetPrepaidBalance::new(InstrumentId::new(MARKER))),
        format!("{:?}", VerifySignature::new(&"https://shop.example/".parse().unwrap(), MARKER)),
        format!("{:?}", Pairs::from_iter([("a", MARKER)])),
        format!("{:?}", VerifySignature::new(&url(), "a=b")),
        format!("{:?}", ReturnQuery::from_raw(&url(), &format!("x={MARKER}&signature={MARKER}"))),
        format!("{:?}", Recipient::new(reference(), true, "https://shop.example/".parse().unwrap())),
    ] {
        assert_clean(&shown);
    }
}
