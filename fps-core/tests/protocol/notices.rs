//! Verifying notices, and walking an account's activity.

use fps_core::notice::{Notice, NoticeBody};
use fps_core::operation::GetAccountActivity;
use fps_core::pipeline::VerifyError;
use fps_core::{Pairs, Timestamp};

use crate::support::{Script, Step, block_on, client, response};

const BODY: &str = "notificationType=TransactionStatus&transactionId=T1&transactionStatus=SUCCESS&transactionAmount=USD+10.00&signature=c2ln%0AbmF0dXJl&signatureVersion=2&signatureMethod=RSA-SHA1&certificateUrl=https%3A%2F%2Ffps.sandbox.amazonaws.com%2Fcerts%2F110713%2FPKICert.pem";

fn says(status: &str) -> Step {
    let result = format!(
        "<VerifySignatureResult><VerificationStatus>{status}</VerificationStatus></VerifySignatureResult>"
    );
    Step::Answer(200, response("VerifySignature", &result))
}

fn body() -> NoticeBody {
    let url = "https://shop.example/notice?fps=order.mac".parse().unwrap();
    NoticeBody::from_raw(&url, "fps=order.mac", BODY).unwrap()
}

#[test]
fn a_notice_is_read_once_the_service_has_passed_it() {
    let http = Script::new([says("Success")]);
    let notice = block_on(client(&http).verify_notice(body())).unwrap();
    let asked = http.seen().remove(0);
    assert_eq!(asked.get("UrlEndPoint"), Some("https://shop.example/notice"));
    assert_eq!(asked.get("HttpParameters"), Some(format!("fps=order.mac&{BODY}").as_str()));
    let Notice::Transaction(notice) = notice else { panic!("{notice:?}") };
    assert_eq!(notice.transaction_id.as_str(), "T1");
    assert_eq!(notice.own, Pairs::from_iter([("fps", "order.mac")]));
    let http = Script::new([says("Failure")]);
    assert!(matches!(block_on(client(&http).verify_notice(body())), Err(VerifyError::NotGenuine)));
}

/// One batch of transactions, and where the next one starts.
fn batch(ids: &[&str], next: Option<&str>) -> Step {
    let transactions: String = ids
        .iter()
        .map(|id| {
            format!(
                "<Transaction><TransactionId>{id}</TransactionId><TransactionAmount><CurrencyCode>USD</CurrencyCode><Value>1</Value></TransactionAmount><TransactionStatus>Success</TransactionStatus></Transaction>"
            )
        })
        .collect();
    let next = next.map(|next| format!("<StartTimeForNextTransaction>{next}</StartTimeForNextTransaction>"));
    let result = format!(
        "<GetAccountActivityResult>{transactions}{}</GetAccountActivityResult>",
        next.unwrap_or_default()
    );
    Step::Answer(200, response("GetAccountActivity", &result))
}

#[test]
fn activity_is_walked_batch_by_batch_and_each_transaction_comes_once() {
    let (second, third) = ("2010-01-02T00:00:00.000Z", "2010-01-03T00:00:00.000Z");
    let http = Script::new([
        batch(&["T1", "T2"], Some(second)),
        batch(&["T2", "T3"], Some(third)),
        // The service points to the same place for ever: nothing new, so this is the end.
        batch(&["T3"], Some(third)),
    ]);
    let since = Timestamp::from_unix_seconds(1_262_304_000);
    let mut activity = client(&http).account_activity(GetAccountActivity::since(since));
    let mut ids = Vec::new();
    while let Some(transaction) = block_on(activity.next()).unwrap() {
        ids.push(transaction.transaction_id.as_str().to_owned());
    }
    assert_eq!(ids, ["T1", "T2", "T3"]);
    let starts: Vec<_> = http.seen().iter().map(|asked| asked.get("StartDate").unwrap().to_owned()).collect();
    assert_eq!(starts, ["2010-01-01T00:00:00.000Z", second, third]);
    assert!(http.seen().iter().all(|asked| asked.get("SortOrderByDate") == Some("Ascending")));
}
