//! A client of version 2007-01-08 that shares nothing with the sandbox but the protocol.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;

use fps_core::checkout::PaymentMethod;
use fps_core::client::{Clock, HttpSend};
use fps_core::signature::legacy::string_to_sign_version_1;
use fps_core::signature::pages_2007::{self, Space};
use fps_core::signature::{SignatureMethod, escape, hmac};
use fps_core::{Credentials, Pairs};
use fps_sandbox::{Buyer, Sandbox, SandboxBuilder, SandboxClock, people};
use url::Url;

/// A shop of the time, as small as can be.
pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: Arc<dyn HttpSend>,
    pub(crate) base: Url,
    pub(crate) credentials: Credentials,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// The caller and the recipient token of a shop, and the token that its refunds come from.
pub(crate) struct Own {
    pub(crate) caller: String,
    pub(crate) recipient: String,
    pub(crate) refunder: String,
}

impl Answer {
    /// The text of the first element of that name.
    pub(crate) fn text(&self, element: &str) -> &str {
        self.find(element).unwrap_or_else(|| panic!("no {element} in {}", self.body))
    }

    pub(crate) fn find(&self, element: &str) -> Option<&str> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let from = self.body.find(&open)? + open.len();
        self.body[from..].find(&close).map(|to| &self.body[from..from + to])
    }

    /// The request's own status, which stands behind everything else but errors and the request's id.
    pub(crate) fn request_status(&self) -> &str {
        let tail = self.body.rfind("<Status>").unwrap_or_else(|| panic!("no Status in {}", self.body));
        self.body[tail + 8..].split('<').next().unwrap()
    }

    /// The first error, or nothing.
    pub(crate) fn code(&self) -> &str {
        self.find("ErrorCode").unwrap_or_default()
    }

    /// The transaction's id and status.
    pub(crate) fn transaction(&self) -> (&str, &str) {
        assert_eq!(self.request_status(), "Success", "{}", self.body);
        let inside = self.text("ns3:TransactionResponse");
        let status = inside.split("<Status>").nth(1).and_then(|rest| rest.split('<').next());
        (self.text("TransactionId"), status.unwrap())
    }
}

impl Shop {
    pub(crate) fn new(sandbox: &Sandbox, credentials: Credentials) -> Self {
        Self { sandbox: sandbox.clone(), http: sandbox.http(), base: sandbox.url(), credentials }
    }

    /// A call as the clients of the time made it: GET, signature version 1.
    pub(crate) async fn call(&self, action: &str, pairs: &[(&str, &str)]) -> Answer {
        let mut all = self.parameters(action, pairs);
        all.push("SignatureVersion", "1");
        let text = string_to_sign_version_1(&all);
        all.push("Signature", hmac::sign(SignatureMethod::HmacSha1, self.credentials.secret_key(), &text));
        self.send(&all).await
    }

    /// What every request carries, but its signature.
    pub(crate) fn parameters(&self, action: &str, pairs: &[(&str, &str)]) -> Pairs {
        let mut all = Pairs::from_iter([
            ("Action", action.to_owned()),
            ("AWSAccessKeyId", self.credentials.access_key().to_owned()),
            ("Timestamp", self.sandbox.clock().now().to_string()),
            ("Version", "2007-01-08".to_owned()),
        ]);
        for (name, value) in pairs {
            all.push((*name).to_owned(), *value);
        }
        all
    }

    pub(crate) async fn send(&self, pairs: &Pairs) -> Answer {
        let mut url = self.base.clone();
        url.set_query(Some(&pairs.encode()));
        let response =
            self.http.send(http::Request::get(url.as_str()).body(Vec::new()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        Answer { status, body: String::from_utf8(response.into_body()).unwrap() }
    }

    /// A call with one amount.
    pub(crate) async fn ask(&self, action: &str, money: (&str, &str), pairs: &[(&str, &str)]) -> Answer {
        let (amount, currency) = (format!("{}.Amount", money.0), format!("{}.CurrencyCode", money.0));
        self.call(action, &[pairs, &[(amount.as_str(), money.1), (currency.as_str(), "USD")]].concat()).await
    }

    pub(crate) async fn install(&self, rules: &str, reference: &str, kind: &str) -> Answer {
        let pairs = [("PaymentInstruction", rules), ("CallerReference", reference), ("TokenType", kind)];
        self.call("InstallPaymentInstruction", &pairs).await
    }

    /// Installs the tokens that every shop needs.
    pub(crate) async fn own(&self) -> Own {
        let install = async |rules: &str, reference: &str| {
            let answer = self.install(rules, reference, "Unrestricted").await;
            answer.text("TokenId").to_owned()
        };
        Own {
            caller: install("MyRole == 'Caller' orSay 'Roles do not match';", "own-caller").await,
            recipient: install("MyRole == 'Recipient' orSay 'Roles do not match';", "own-recipient").await,
            refunder: install("MyRole == 'Sender';\nOperationType == 'Refund';", "own-refunder").await,
        }
    }

    /// Pay or Reserve of a dollar, or what `more` says.
    pub(crate) async fn pay(&self, action: &str, own: &Own, token: &str, more: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![
            ("CallerTokenId", own.caller.as_str()),
            ("SenderTokenId", token),
            ("RecipientTokenId", own.recipient.as_str()),
            ("TransactionAmount.Amount", "1.00"),
            ("TransactionAmount.CurrencyCode", "USD"),
            ("ChargeFeeTo", "Recipient"),
        ];
        pairs.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        self.call(action, &[&pairs[..], more].concat()).await
    }

    /// A signed link to the buyer pages; `-` leaves a parameter out.
    pub(crate) fn link(&self, pairs: &[(&str, &str)]) -> Url {
        self.link_in(Space::Plus, pairs)
    }

    pub(crate) fn link_in(&self, space: Space, pairs: &[(&str, &str)]) -> Url {
        let mut all: Vec<(String, String)> = vec![
            ("callerKey".to_owned(), self.credentials.access_key().to_owned()),
            ("pipelineName".to_owned(), "SingleUse".to_owned()),
            ("returnURL".to_owned(), RETURN.to_owned()),
        ];
        for (name, value) in pairs {
            all.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
            if *value != "-" {
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        let all = Pairs::from_iter(all);
        let mut url = self.base.join("cobranded-ui/actions/start").unwrap();
        let text = pages_2007::string_to_sign(url.path(), &all, space);
        let signature = hmac::sign(SignatureMethod::HmacSha1, self.credentials.secret_key(), &text);
        let (_, query) = text.split_once('?').unwrap();
        url.set_query(Some(&format!("{query}&awsSignature={}", escape::encode(&signature))));
        url
    }

    /// Walks the pages of any pipeline and gives the whole return URL.
    pub(crate) async fn walk(&self, buyer: Buyer, pairs: &[(&str, &str)]) -> Url {
        buyer.approve(&self.http, &self.link(pairs)).await.unwrap()
    }

    /// A single-use token for a dollar.
    pub(crate) async fn token(&self, buyer: Buyer, reference: &str, more: &[(&str, &str)]) -> String {
        let pairs = [("callerReference", reference), ("transactionAmount", "1.00")];
        let back = self.walk(buyer, &[&pairs[..], more].concat()).await;
        returned(&back, "tokenID").unwrap_or_else(|| panic!("no token in {back}"))
    }
}

/// A parameter of a return, decoded.
pub(crate) fn returned(url: &Url, name: &str) -> Option<String> {
    Pairs::decode(url.query().unwrap_or_default()).unwrap().get(name).map(str::to_owned)
}

/// The page of the guide's shop, with its own query.
pub(crate) const RETURN: &str = "http://localhost:8080/amazonfpssdk/usecases/digitalDownload/paymentDetails.jsp?\
                                 PaymentAmount=0.10&Download=Now+and+Forever+-+Richard+Marx&uniqueId=1177495829105";

pub(crate) fn john() -> Buyer {
    Buyer::new(people::JOHN, "john").method(PaymentMethod::Abt)
}

pub(crate) fn builder() -> SandboxBuilder {
    Sandbox::builder().clock(SandboxClock::virtual_at("2007-10-16T17:00:00Z".parse().unwrap()))
}

/// A shop with its tokens, in a sandbox of October 2007.
pub(crate) async fn shop() -> (Shop, Own) {
    let shop = Shop::new(&builder().build(), people::shop_credentials());
    let own = shop.own().await;
    (shop, own)
}
