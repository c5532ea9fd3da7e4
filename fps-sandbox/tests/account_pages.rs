//! What people see of their accounts.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use fps_core::Amount;
use fps_core::client::HttpSend;
use fps_sandbox::{Buyer, Sandbox, people};

use caller::{Caller, john, sandbox};

/// A browser that is signed in.
struct Person<'a> {
    sandbox: &'a Sandbox,
    cookie: String,
}

impl<'a> Person<'a> {
    async fn sign_in(sandbox: &'a Sandbox, email: &str, password: &str) -> Result<Self, u16> {
        let form = format!("email={email}&password={password}");
        let request =
            http::Request::post("http://fps.localhost/account/sign-in").body(form.into_bytes()).unwrap();
        let response = sandbox.send(request).await.unwrap();
        match response.headers().get("set-cookie") {
            Some(cookie) => {
                let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
                Ok(Self { sandbox, cookie })
            }
            None => Err(response.status().as_u16()),
        }
    }

    async fn send(&self, method: &str, path: &str) -> (u16, String) {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://fps.localhost{path}"))
            .header("cookie", &self.cookie)
            .body(Vec::new())
            .unwrap();
        let response = self.sandbox.send(request).await.unwrap();
        (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap())
    }
}

#[tokio::test]
async fn buyer_and_seller_see_the_same_payment_each_from_his_side() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = shop.buy(john(), "a1", &[("paymentReason", "<b>Song</b> & more")]).await;
    let paid = shop.pay(token.get("tokenID").unwrap(), "1.00", "p1").await;
    let id = paid.text("TransactionId");
    let johns = Person::sign_in(&sandbox, people::JOHN, "john").await.unwrap();
    let shops = Person::sign_in(&sandbox, people::SHOP, "shop").await.unwrap();
    for (person, parts) in [
        (&johns, ["$99.00", "\u{2212}$1.00", "DigitalDownload", "Song &#38; more", "Money in and out"]),
        (&shops, ["$0.97", "$0.03", "John Customer", "Payment received", "Success"]),
    ] {
        let (status, page) = person.send("GET", "/account").await;
        assert_eq!(status, 200);
        for part in parts {
            assert!(page.contains(part), "{part:?} is not in {page}");
        }
        let (status, page) = person.send("GET", &format!("/account/transactions/{id}")).await;
        assert_eq!(status, 200);
        assert!(page.contains("The transaction was successful"), "{page}");
    }
    let (_, none) = johns.send("GET", "/account?status=Failure").await;
    assert!(none.contains("Nothing to show."), "{none}");
    let mallory = Person::sign_in(&sandbox, people::MALLORY, "mallory").await.unwrap();
    assert_eq!(mallory.send("GET", &format!("/account/transactions/{id}")).await.0, 404);
    assert_eq!(Person::sign_in(&sandbox, people::JOHN, "guess").await.err(), Some(422));
    johns.send("POST", "/account/sign-out").await;
    assert!(johns.send("GET", "/account").await.1.contains("Sign in to see"));
}

#[tokio::test]
async fn whoever_gave_a_token_can_take_it_back() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let token = shop.buy(john(), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let cancel = format!("/account/tokens/{token}/cancel");
    let shops = Person::sign_in(&sandbox, people::SHOP, "shop").await.unwrap();
    assert_eq!(shops.send("POST", &cancel).await.0, 404);
    let johns = Person::sign_in(&sandbox, people::JOHN, "john").await.unwrap();
    assert!(johns.send("GET", "/account").await.1.contains(&cancel));
    assert_eq!(johns.send("POST", &cancel).await.0, 303);
    assert_eq!(shop.pay(&token, "1.00", "p1").await.text("Code"), "TokenNotActive_Sender");
}

#[tokio::test]
async fn accounts_are_opened_and_changed_on_the_control_page() {
    let sandbox = sandbox();
    let open = async |json: &str| {
        let request = http::Request::post("http://fps.localhost/sandbox/accounts")
            .header("content-type", "application/json")
            .body(json.as_bytes().to_vec())
            .unwrap();
        sandbox.send(request).await.unwrap().status().as_u16()
    };
    assert_eq!(open("{\"email\":\"zoe@example.com\",\"balance\":\"7.50\",\"card\":\"declined\"}").await, 200);
    assert_eq!(sandbox.ledger().balance_of("zoe@example.com"), Amount::usd("7.50"));
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let zoe = Buyer::new("zoe@example.com", "zoe");
    assert_eq!(shop.buy(zoe.clone(), "a1", &[]).await.get("status"), Some("SA"));
    assert_eq!(
        open("{\"email\":\"zoe@example.com\",\"default_method\":\"CC\",\"balance\":\"1\"}").await,
        200
    );
    assert_eq!(shop.buy(zoe.clone(), "a2", &[]).await.get("status"), Some("SC"));
    assert_eq!(sandbox.ledger().balance_of("zoe@example.com"), Amount::usd("7.50"), "opened once");
    assert_eq!(open("{\"email\":\"zoe@example.com\",\"state\":\"closed\"}").await, 200);
    assert_eq!(shop.buy(zoe, "a3", &[]).await.get("status"), Some("NP"));
    for wrong in ["{}", "{\"email\":\"x@y\",\"card\":\"gold\"}", "{\"email\":\"x@y\",\"balance\":\"-1\"}"] {
        assert_eq!(open(wrong).await, 400, "{wrong}");
    }
    let stolen =
        format!("{{\"email\":\"x@y\",\"access_key\":\"{}\",\"secret_key\":\"s\"}}", people::SHOP_ACCESS_KEY);
    assert_eq!(open(&stolen).await, 400);
}
