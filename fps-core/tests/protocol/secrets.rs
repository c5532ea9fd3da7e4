//! No secret, token or address leaves through `Debug`, `Display`, errors or tracing, whatever happens.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use fps_core::checkout::{Charge, Charges, PipelineParameters, ShippingAddress};
use fps_core::client::SendErrorKind;
use fps_core::notice::NoticeBody;
use fps_core::operation::*;
use fps_core::pipeline::v2007::verify_return;
use fps_core::pipeline::{
    EditToken, MultiUse, Period, Recipient, Recurring, ReturnQuery, SetupPostpaid, SetupPrepaid, SignedLink,
    SingleUse, VerifiedReturn, VerifyError,
};
use fps_core::signature::pages_2007::{Space, string_to_sign};
use fps_core::signature::{Method, SignatureMethod, hmac};
use fps_core::{
    Amount, CallerReference, Credentials, Endpoint, InstrumentId, Pairs, SecretKey, TokenId, TransactionId,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{NOW, Script, Step, VirtualClock, block_on, builder, client, response, traced};

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

fn link_of_2007(link: &SingleUse, credentials: &Credentials) -> SignedLink {
    link.link_in(fps_core::Version::V2007_01_08, credentials, &Endpoint::sandbox()).unwrap()
}

/// A refused return and a genuine one.
fn verify_of_2007(url: &url::Url) -> [Result<VerifiedReturn, VerifyError>; 2] {
    let secret = SecretKey::new(MARKER);
    let pairs = Pairs::from_iter([("status", "SA"), ("tokenID", MARKER)]);
    let text = string_to_sign(url.path(), &pairs, Space::Plus);
    let signature = hmac::sign(SignatureMethod::HmacSha1, &secret, &text);
    let genuine = format!("{}&awsSignature={signature}", pairs.encode());
    let forged = genuine.replace("SA", "SC");
    let [genuine, forged] = [genuine, forged].map(|query| verify_return(url, &query, &[&secret]));
    assert!(genuine.is_ok() && forged.is_err());
    [genuine, forged]
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
            let result = traced(trace.clone(), || block_on(client.send(pay())));
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
fn no_call_of_2007_tells_a_secret() {
    let flat = |content: &str| {
        format!(
            "<ns3:PayResponse xmlns:ns3=\"http://fps.amazonaws.com/doc/2007-01-08/\">{content}<RequestId>r</RequestId></ns3:PayResponse>"
        )
    };
    let failed = format!(
        "<Status>Failure</Status><Errors><Errors><ErrorType>Business</ErrorType><IsRetriable>false</IsRetriable><ErrorCode>TokenUsageError</ErrorCode><ReasonText>The token \"{TOKEN}\" of SECRET_MARKER@example.com is used.</ReasonText></Errors></Errors>"
    );
    let paid = "<TransactionResponse><TransactionId>T1</TransactionId><Status>Success</Status></TransactionResponse><Status>Success</Status>";
    for body in [
        flat(&failed),
        flat(paid),
        flat(&format!("{MARKER}<Status>Success</Status>")),
        response("Pay", &format!("<PayResult>{MARKER}</PayResult>")),
    ] {
        let http = Script::new((0..3).map(|_| Step::Answer(200, body.clone())));
        let client =
            builder(&http, &VirtualClock::at(NOW)).version(fps_core::Version::V2007_01_08).build().unwrap();
        let trace = Trace::default();
        let pay = v2007::Pay::new(
            TokenId::new(MARKER),
            TokenId::new(MARKER),
            TokenId::new(MARKER),
            Amount::usd("0.10"),
            ChargeFeeTo::Caller,
            CallerReference::new("order-42-pay").unwrap(),
        );
        assert_clean(&format!("{pay:?}"));
        let result = traced(trace.clone(), || block_on(client.send(pay)));
        let traced = trace.0.lock().unwrap().clone();
        assert!(traced.contains("action=\"Pay\""), "{traced}");
        assert_clean(&traced);
        assert_clean(&format!("{client:?} {result:?}"));
        if let Err(error) = result {
            assert_clean(&told(&error));
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
    let address = || ShippingAddress { name: Some(MARKER.to_owned()), ..ShippingAddress::default() };
    let product = PipelineParameters::new(charges).unwrap().with_address(address());
    let credentials = Credentials::new("key", MARKER);
    let single_use = SingleUse::new(reference(), &product, url()).with_recipient_token(token());
    let link = single_use.link(&credentials, &Endpoint::sandbox()).unwrap();
    assert!(link.url().as_str().contains(MARKER));
    let multi_use = MultiUse::new(reference(), Amount::usd("1"), url())
        .with_recipient_token(token())
        .with_address(address());
    let recurring = Recurring::new(reference(), Amount::usd("1"), Period::months(1), url())
        .with_recipient_token(token())
        .with_address(address());
    let prepaid =
        SetupPrepaid::new(reference(), reference(), Amount::usd("1"), url()).with_address(address());
    let postpaid = SetupPostpaid::new(reference(), reference(), Amount::usd("1"), Amount::usd("2"), url())
        .with_address(address());
    let one = Amount::usd("1");
    for shown in [
        format!("{product:?}"),
        format!("{multi_use:?} {:?}", multi_use.link(&credentials, &Endpoint::sandbox()).unwrap()),
        format!("{recurring:?} {:?}", recurring.link(&credentials, &Endpoint::sandbox()).unwrap()),
        format!("{prepaid:?} {:?}", prepaid.link(&credentials, &Endpoint::sandbox()).unwrap()),
        format!("{postpaid:?} {:?}", postpaid.link(&credentials, &Endpoint::sandbox()).unwrap()),
        format!("{:?}", EditToken::new(reference(), token(), url())),
        format!("{:?}", Reserve::new(token(), one, reference()).with_recipient_token_id(token())),
        format!("{:?}", FundPrepaid::new(token(), InstrumentId::new(MARKER), one, reference())),
        format!("{:?}", SettleDebt::new(token(), InstrumentId::new(MARKER), one, reference())),
        format!("{:?}", GetTokenUsage::new(token())),
        format!("{:?}", GetPaymentInstruction::new(token())),
        format!("{:?}", GetRecipientVerificationStatus::new(token())),
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
        format!("{:?}", link_of_2007(&single_use, &credentials)),
        format!("{:?}", v2007::Refund::new(token(), token(), TransactionId::new("T1"), reference())),
        format!(
            "{:?}",
            v2007::FundPrepaid::new(
                token(),
                token(),
                InstrumentId::new(MARKER),
                Amount::usd("1"),
                ChargeFeeTo::Caller,
                reference(),
            )
        ),
        format!("{:?}", v2007::GetTokenByCaller::by_token(token())),
        format!("{:?}", v2007::PaymentInstruction::caller().with_sender_token(&token())),
        format!("{:?}", v2007::InstallPaymentInstruction::new(MARKER, reference(), TokenType::Unrestricted)),
        format!("{:?}", verify_of_2007(&url())),
    ] {
        assert_clean(&shown);
    }
}

/// The signature is a token's neighbour in every return, and addresses come with it.
const RETURN: &str = "tokenID=SECRET_MARKER&status=SC&callerReference=r1&addressName=SECRET_MARKER&addressLine1=SECRET_MARKER\
     &errorMessage=SECRET_MARKER&fps=SECRET_MARKER&signature=U0VDUkVUX01BUktFUg&signatureVersion=2&signatureMethod=RSA-SHA1\
     &certificateUrl=https%3A%2F%2Ffps.sandbox.amazonaws.com%2Fcerts%2FSECRET_MARKER.pem";

const NOTICE: &str = "notificationType=TransactionStatus&transactionId=T1&transactionStatus=SUCCESS&transactionAmount=USD+10.00\
     &buyerName=SECRET_MARKER&buyerEmail=SECRET_MARKER&addressFullName=SECRET_MARKER&addressLine1=SECRET_MARKER\
     &signature=U0VDUkVUX01BUktFUg&signatureVersion=2&signatureMethod=RSA-SHA1\
     &certificateUrl=https%3A%2F%2Ffps.sandbox.amazonaws.com%2Fcerts%2FSECRET_MARKER.pem";

#[test]
fn no_return_and_no_notice_tells_a_secret_verified_or_not() {
    let url = "https://shop.example/return".parse().unwrap();
    let answers = |status: &str| {
        let result = format!(
            "<VerifySignatureResult><VerificationStatus>{status}</VerificationStatus></VerifySignatureResult>"
        );
        Script::new([Step::Answer(200, response("VerifySignature", &result))])
    };
    let trace = Trace::default();
    traced(trace.clone(), || {
        let query = || ReturnQuery::from_raw(&url, RETURN).unwrap();
        assert_clean(&format!("{:?}", query()));
        let returned = block_on(client(&answers("Success")).verify_return(query())).unwrap();
        let answer = returned.single_use();
        assert_eq!(answer.approved(), Some(&TokenId::new(MARKER)));
        assert_clean(&format!("{returned:?} {:?} {:?} {:?}", answer.token, answer.address, answer.own));
        assert_clean(&told(&block_on(client(&answers("Failure")).verify_return(query())).unwrap_err()));
        let body = || NoticeBody::from_raw(&url, "", NOTICE).unwrap();
        assert_clean(&format!("{:?}", body()));
        let notice = block_on(client(&answers("Success")).verify_notice(body())).unwrap();
        assert_clean(&format!("{notice:?}"));
        assert_clean(&told(&block_on(client(&answers("Failure")).verify_notice(body())).unwrap_err()));
    });
    let traced = trace.0.lock().unwrap().clone();
    assert!(traced.contains("action=\"VerifySignature\""), "{traced}");
    assert_clean(&traced);
}
