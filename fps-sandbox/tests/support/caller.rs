//! A client of the Query interface that shares nothing with the sandbox but the protocol.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fps_core::checkout::PaymentMethod;
use fps_core::client::{Clock, HttpSend};
use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
use fps_core::{Credentials, Pairs};
use fps_sandbox::{Buyer, Sandbox, SandboxClock, people};
use url::Url;

/// A client of the Query interface, as small as can be.
pub(crate) struct Caller {
    pub(crate) http: Arc<dyn HttpSend>,
    pub(crate) clock: Arc<SandboxClock>,
    pub(crate) base: Url,
    pub(crate) credentials: Credentials,
    pub(crate) version: &'static str,
    /// Instead of the clock's time.
    pub(crate) timestamp: Option<&'static str>,
    /// How many requests were made: they go by GET, by POST with a body, and by POST with a query in turn.
    pub(crate) made: AtomicUsize,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn text(&self, element: &str) -> &str {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let from = self.body.find(&open).map(|at| at + open.len());
        let text = from.and_then(|from| self.body[from..].find(&close).map(|to| &self.body[from..from + to]));
        text.unwrap_or_else(|| panic!("no {element} in {}", self.body))
    }
}

impl Caller {
    pub(crate) fn new(sandbox: &Sandbox, credentials: Credentials) -> Self {
        Self {
            http: sandbox.http(),
            clock: sandbox.clock(),
            base: sandbox.url(),
            credentials,
            version: "2010-08-28",
            timestamp: None,
            made: AtomicUsize::new(0),
        }
    }

    /// The same caller, asking in that version.
    pub(crate) fn at(&self, version: &'static str) -> Self {
        let (http, clock) = (Arc::clone(&self.http), Arc::clone(&self.clock));
        Self {
            http,
            clock,
            base: self.base.clone(),
            credentials: self.credentials.clone(),
            version,
            timestamp: self.timestamp,
            made: AtomicUsize::new(0),
        }
    }

    pub(crate) fn link(&self, pairs: &[(&str, &str)]) -> Url {
        let mut url = self.base.join("cobranded-ui/actions/start").unwrap();
        let mut all: Vec<(String, String)> = vec![
            ("callerKey".to_owned(), self.credentials.access_key().to_owned()),
            ("pipelineName".to_owned(), "SingleUse".to_owned()),
            ("returnURL".to_owned(), RETURN.to_owned()),
            ("signatureMethod".to_owned(), "HmacSHA256".to_owned()),
            ("signatureVersion".to_owned(), "2".to_owned()),
            ("version".to_owned(), "2009-01-09".to_owned()),
        ];
        for (name, value) in pairs {
            all.retain(|(have, _)| have != name);
            if *value != "-" {
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        let mut all = Pairs::from_iter(all);
        let text = string_to_sign(Method::Get, &url, &all).unwrap();
        let signature = hmac::sign(SignatureMethod::HmacSha256, self.credentials.secret_key(), &text);
        all.push("signature", signature);
        url.set_query(Some(&all.encode()));
        url
    }

    pub(crate) async fn call(&self, action: &str, pairs: &[(&str, &str)]) -> Answer {
        let request = self.request(action, pairs);
        let response = self.http.send(request).await.unwrap();
        let status = response.status().as_u16();
        Answer { status, body: String::from_utf8(response.into_body()).unwrap() }
    }

    pub(crate) fn request(&self, action: &str, pairs: &[(&str, &str)]) -> http::Request<Vec<u8>> {
        let mut all = Pairs::from_iter([
            ("Action", action.to_owned()),
            ("AWSAccessKeyId", self.credentials.access_key().to_owned()),
            ("SignatureMethod", "HmacSHA256".to_owned()),
            ("SignatureVersion", "2".to_owned()),
            ("Timestamp", self.timestamp.map_or_else(|| self.clock.now().to_string(), str::to_owned)),
            ("Version", self.version.to_owned()),
        ]);
        for (name, value) in pairs {
            all.push((*name).to_owned(), *value);
        }
        let turn = self.made.fetch_add(1, Ordering::Relaxed) % 3;
        let method = if turn == 0 { Method::Get } else { Method::Post };
        let text = string_to_sign(method, &self.base, &all).unwrap();
        all.push("Signature", hmac::sign(SignatureMethod::HmacSha256, self.credentials.secret_key(), &text));
        let mut url = self.base.clone();
        if turn == 1 {
            let kind = "application/x-www-form-urlencoded";
            let request = http::Request::post(url.as_str()).header("content-type", kind);
            return request.body(all.encode().into_bytes()).unwrap();
        }
        url.set_query(Some(&all.encode()));
        http::Request::builder().method(method.as_str()).uri(url.as_str()).body(Vec::new()).unwrap()
    }

    /// Sends these pairs and nothing else.
    pub(crate) async fn bare(&self, pairs: &[(&str, &str)]) -> Answer {
        let mut url = self.base.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        let request = http::Request::get(url.as_str()).body(Vec::new()).unwrap();
        let response = self.http.send(request).await.unwrap();
        let status = response.status().as_u16();
        Answer { status, body: String::from_utf8(response.into_body()).unwrap() }
    }

    pub(crate) async fn pay(&self, token: &str, amount: &str, reference: &str) -> Answer {
        let amount = [("TransactionAmount.Value", amount), ("TransactionAmount.CurrencyCode", "USD")];
        let rest = [("SenderTokenId", token), ("CallerReference", reference)];
        self.call("Pay", &[amount, rest].concat()).await
    }

    /// Walks the pages of any pipeline and gives the return's parameters.
    pub(crate) async fn walk(&self, buyer: Buyer, pairs: &[(&str, &str)]) -> Pairs {
        let back = buyer.approve(&self.http, &self.link(pairs)).await.unwrap();
        Pairs::decode(back.query().unwrap()).unwrap()
    }

    /// Calls with amounts given as `("TransactionAmount", "1.00")`.
    pub(crate) async fn ask(&self, action: &str, money: (&str, &str), pairs: &[(&str, &str)]) -> Answer {
        let (value, currency) = (format!("{}.Value", money.0), format!("{}.CurrencyCode", money.0));
        self.call(action, &[pairs, &[(value.as_str(), money.1), (currency.as_str(), "USD")]].concat()).await
    }

    /// Buys for a dollar and gives the return's parameters.
    pub(crate) async fn buy(&self, buyer: Buyer, reference: &str, more: &[(&str, &str)]) -> Pairs {
        let pairs =
            [("callerReference", reference), ("transactionAmount", "1.00"), ("paymentMethod", "ABT,ACH,CC")];
        let link = self.link(&[&pairs[..], more].concat());
        let back = buyer.approve(&self.http, &link).await.unwrap();
        Pairs::decode(back.query().unwrap()).unwrap()
    }
}

pub(crate) const RETURN: &str = "http://shop.example:8080/return?order=7";

pub(crate) fn john() -> Buyer {
    Buyer::new(people::JOHN, "john").method(PaymentMethod::Abt)
}

pub(crate) fn sandbox() -> Sandbox {
    Sandbox::builder().clock(SandboxClock::virtual_at("2010-10-06T12:00:00Z".parse().unwrap())).build()
}
