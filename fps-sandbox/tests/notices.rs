//! Notices: when, what, how often.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use fps_core::Pairs;
use fps_core::checkout::PaymentMethod;
use fps_core::client::{HttpSend, SendError, SendErrorKind};
use fps_sandbox::notices::NoticeState;
use fps_sandbox::{Fault, Sandbox, SandboxClock, people};

use caller::{Caller, john};

/// A shop's notice address: remembers what it got, and answers what it is told to.
#[derive(Debug, Default)]
struct Receiver {
    got: Mutex<Vec<(String, String)>>,
    answers: Mutex<Vec<u16>>,
}

#[async_trait]
impl HttpSend for Receiver {
    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        let body = String::from_utf8(request.body().clone()).unwrap();
        self.got.lock().unwrap().push((request.uri().to_string(), body));
        match self.answers.lock().unwrap().pop() {
            Some(0) => Err(SendError::new(SendErrorKind::NotSent)),
            status => Ok(http::Response::builder().status(status.unwrap_or(200)).body(Vec::new()).unwrap()),
        }
    }
}

impl Receiver {
    fn take(&self) -> Vec<(String, Pairs)> {
        let got = std::mem::take(&mut *self.got.lock().unwrap());
        got.into_iter().map(|(url, body)| (url, Pairs::decode(&body).unwrap())).collect()
    }
}

fn sandbox(receiver: &Arc<Receiver>) -> Sandbox {
    let clock = SandboxClock::virtual_at("2010-10-06T12:00:00Z".parse().unwrap());
    Sandbox::builder().clock(clock).notices_by(Arc::clone(receiver) as Arc<dyn HttpSend>).build()
}

const NOTICE_URL: &str = "http://127.0.0.1:8080/notice?fps=order.mac";

async fn pay(shop: &Caller, method: PaymentMethod, reference: &str) -> String {
    let answer =
        shop.buy(john().method(method), &format!("a-{reference}"), &[("paymentReason", "Song")]).await;
    let token = answer.get("tokenID").unwrap();
    let pairs = [
        ("SenderTokenId", token),
        ("CallerReference", reference),
        ("TransactionAmount.Value", "1.00"),
        ("TransactionAmount.CurrencyCode", "USD"),
        ("OverrideIPNURL", NOTICE_URL),
    ];
    shop.call("Pay", &pairs).await.text("TransactionId").to_owned()
}

#[tokio::test]
async fn a_card_payment_gives_two_notices_that_verify() {
    let receiver = Arc::new(Receiver::default());
    let sandbox = sandbox(&receiver);
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let id = pay(&shop, PaymentMethod::Cc, "p1").await;
    assert_eq!(sandbox.deliver_notices().await, 1);
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(sandbox.deliver_notices().await, 1);
    assert_eq!(sandbox.deliver_notices().await, 0);
    let got = receiver.got.lock().unwrap().clone();
    for ((url, body), status) in got.iter().zip(["PENDING", "SUCCESS"]) {
        assert_eq!(url, NOTICE_URL);
        let notice = Pairs::decode(body).unwrap();
        for (name, value) in [
            ("notificationType", "TransactionStatus"),
            ("transactionId", id.as_str()),
            ("transactionStatus", status),
            ("operation", "PAY"),
            ("callerReference", "p1"),
            ("paymentMethod", "CC"),
            ("transactionAmount", "USD 1.00"),
            ("paymentReason", "Song"),
            ("buyerEmail", people::JOHN),
            ("recipientName", "DigitalDownload"),
            ("signatureMethod", "RSA-SHA1"),
        ] {
            assert_eq!(notice.get(name), Some(value), "{name} of {status}");
        }
        // The address's own query is signed with the rest.
        for (query, verdict) in [("fps=order.mac&", "Success"), ("", "Failure"), ("fps=other&", "Failure")] {
            let all = format!("{query}{body}");
            let pairs = [("UrlEndPoint", "http://127.0.0.1:8080/notice"), ("HttpParameters", all.as_str())];
            let verified = shop.call("VerifySignature", &pairs).await;
            assert_eq!(verified.text("VerificationStatus"), verdict, "{query}");
        }
    }
    assert_eq!(got.len(), 2);
}

#[tokio::test]
async fn a_notice_is_tried_for_a_day_and_again_when_told_to() {
    let receiver = Arc::new(Receiver::default());
    let sandbox = sandbox(&receiver);
    let shop = Caller::new(&sandbox, people::shop_credentials());
    pay(&shop, PaymentMethod::Abt, "p1").await;
    *receiver.answers.lock().unwrap() = vec![500; 100];
    for _ in 0..(25 * 60) {
        sandbox.deliver_notices().await;
        sandbox.clock().advance(Duration::from_secs(60));
    }
    let notice = sandbox.notices().remove(0);
    assert_eq!((notice.state, notice.last.as_str()), (NoticeState::GivenUp, "500"));
    assert!((20..=30).contains(&notice.attempts), "{}", notice.attempts);
    receiver.answers.lock().unwrap().clear();
    assert!(sandbox.resend_notice(notice.number));
    assert!(!sandbox.resend_notice(99));
    assert_eq!(sandbox.deliver_notices().await, 1);
    assert_eq!(sandbox.notices()[0].state, NoticeState::Delivered);
}

#[tokio::test]
async fn faults_make_notices_come_first_twice_late_or_never() {
    let receiver = Arc::new(Receiver::default());
    let sandbox = sandbox(&receiver);
    let shop = Caller::new(&sandbox, people::shop_credentials());
    sandbox.faults().on("Pay", 1, Fault::NoticeFirst);
    pay(&shop, PaymentMethod::Abt, "first").await;
    assert_eq!(receiver.take().len(), 1, "delivered before the answer came");
    sandbox.faults().on("Notice", 2, Fault::NoticeTwice);
    sandbox.faults().on("Notice", 3, Fault::NoticeNever);
    sandbox.faults().on("Notice", 4, Fault::NoticeLate(3_600_000));
    for reference in ["twice", "never", "late", "plain"] {
        pay(&shop, PaymentMethod::Abt, reference).await;
    }
    sandbox.deliver_notices().await;
    sandbox.clock().advance(Duration::from_secs(3600));
    sandbox.deliver_notices().await;
    let references: Vec<_> =
        receiver.take().iter().map(|(_, pairs)| pairs.get("callerReference").unwrap().to_owned()).collect();
    assert_eq!(references, ["twice", "twice", "plain", "late"]);
}

#[tokio::test]
async fn refunds_and_cancelled_tokens_give_notice_and_other_machines_are_not_called() {
    let receiver = Arc::new(Receiver::default());
    let sandbox = sandbox(&receiver);
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let id = pay(&shop, PaymentMethod::Abt, "p1").await;
    sandbox.deliver_notices().await;
    receiver.take();
    let part = [("RefundAmount.Value", "0.50"), ("RefundAmount.CurrencyCode", "USD")];
    let refund = [("TransactionId", id.as_str()), ("CallerReference", "r1"), ("OverrideIPNURL", NOTICE_URL)];
    assert_eq!(shop.call("Refund", &[&refund[..], &part].concat()).await.status, 200);
    let token = shop.buy(john(), "a2", &[]).await.get("tokenID").unwrap().to_owned();
    let cancel = [("TokenId", token.as_str()), ("OverrideIPNURL", NOTICE_URL)];
    assert_eq!(shop.call("CancelToken", &cancel).await.status, 200);
    sandbox.deliver_notices().await;
    let got = receiver.take();
    let (refund, cancelled) = (&got[0].1, &got[1].1);
    assert_eq!(refund.get("operation"), Some("REFUND"));
    assert_eq!(refund.get("parentTransactionId"), Some(id.as_str()));
    assert_eq!(refund.get("buyerName"), Some("John Customer"));
    assert_eq!(cancelled.get("notificationType"), Some("TokenCancellation"));
    assert_eq!(cancelled.get("dateInstalled"), Some("Oct 6, 2010"));
    assert_eq!(cancelled.get("tokenType"), Some("SingleUse"));

    let token = shop.buy(john(), "a3", &[]).await.get("tokenID").unwrap().to_owned();
    let cancel = [("TokenId", token.as_str()), ("OverrideIPNURL", "http://shop.example/notice")];
    assert_eq!(shop.call("CancelToken", &cancel).await.status, 200);
    sandbox.deliver_notices().await;
    assert!(receiver.take().is_empty());
    assert!(sandbox.notices().last().unwrap().last.contains("not on loopback"));
}

/// Without a transport of one's own, over a real connection.
#[tokio::test]
async fn the_program_posts_notices_over_plain_http() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notice", listener.local_addr().unwrap());
    let got = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !String::from_utf8_lossy(&request).contains("signature=") {
            let mut part = [0; 4096];
            let read = stream.read(&mut part).await.unwrap();
            request.extend_from_slice(&part[..read]);
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        String::from_utf8(request).unwrap()
    });
    let sandbox = Sandbox::new();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = shop.buy(john(), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let cancel = [("TokenId", token.as_str()), ("OverrideIPNURL", url.as_str())];
    assert_eq!(shop.call("CancelToken", &cancel).await.status, 200);
    assert_eq!(sandbox.deliver_notices().await, 1, "{:?}", sandbox.notices());
    let request = got.await.unwrap();
    assert!(request.starts_with("POST /notice HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\ncontent-type: application/x-www-form-urlencoded"), "{request}");
}
