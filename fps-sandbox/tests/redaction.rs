//! Secrets and tokens never show, whatever is printed for debugging.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use fps_core::Credentials;
use fps_sandbox::ledger::{Account, Secret};
use fps_sandbox::{Buyer, Sandbox, people};

use caller::Caller;

const MARKER: &str = "SECRET_MARKER";

#[tokio::test]
async fn no_debug_text_holds_a_secret_or_a_token() {
    let account = Account::personal("MARK", "Mark", "mark@example.com", MARKER);
    let sandbox = Sandbox::builder().caller(&Credentials::new("KEY", MARKER)).account(account).build();
    let shop = Caller::new(&sandbox, Credentials::new("KEY", MARKER));
    let buyer = Buyer::new("mark@example.com", MARKER);
    let token = shop.buy(buyer.clone(), "a1", &[]).await.get("tokenID").unwrap().to_owned();
    let own = [
        ("PaymentInstruction", "MyRole == 'Caller';"),
        ("TokenType", "Unrestricted"),
        ("CallerReference", "o1"),
    ];
    let installed = shop.call("InstallPaymentInstruction", &own).await.text("TokenId").to_owned();
    shop.pay(&token, "1.00", "p1").await;
    let cancel = [("TokenId", token.as_str()), ("OverrideIPNURL", "http://127.0.0.1:9/")];
    shop.call("CancelToken", &cancel).await;
    let cancel = [("TokenId", installed.as_str()), ("OverrideIPNURL", "http://127.0.0.1:9/")];
    assert_eq!(shop.call("CancelToken", &cancel).await.status, 200);
    sandbox.deliver_notices().await;
    let forged = Caller::new(&sandbox, Credentials::new(people::SHOP_ACCESS_KEY, MARKER));
    assert_eq!(forged.call("GetAccountBalance", &[]).await.status, 403);
    let wrong = Buyer::new("mark@example.com", format!("{MARKER}2"));
    let refused =
        wrong.approve(&shop.http, &shop.link(&[("callerReference", "a2"), ("transactionAmount", "1")])).await;
    let shown = format!(
        "{sandbox:?} {:?} {:?} {:?} {buyer:?} {refused:?} {} {:?}",
        sandbox.ledger(),
        sandbox.notices(),
        sandbox.service_key(),
        refused.as_ref().unwrap_err(),
        Secret::new(MARKER),
    );
    assert_eq!(sandbox.notices().len(), 2);
    for secret in [MARKER, token.as_str(), installed.as_str()] {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}
