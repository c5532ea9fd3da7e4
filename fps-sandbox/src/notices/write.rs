//! What a notice says.

use fps_core::param::{notice as name, pipeline};
use fps_core::signature::{Method, string_to_sign};
use fps_core::{Pairs, Timestamp};
use url::{Url, form_urlencoded};

use crate::ledger::{Event, Ledger, Operation, Token, Transaction};
use crate::sandbox::Inner;

/// A notice before it is signed.
pub(super) struct Draft {
    pub(super) url: Url,
    pub(super) subject: String,
    pub(super) reference: String,
    pub(super) at: Timestamp,
    pub(super) pairs: Vec<(&'static str, String)>,
}

/// What an event that has just happened gives notice of.
pub(super) fn draft(ledger: &Ledger, event: &Event) -> Option<Draft> {
    match event {
        Event::TransactionOpened { transaction } => {
            of_transaction(ledger, ledger.transaction(&transaction.id)?, transaction.received)
        }
        Event::TransactionMoved { transaction, at, .. } => {
            of_transaction(ledger, ledger.transaction(transaction)?, *at)
        }
        Event::TokenCancelled { token, at, notice_url, .. } => {
            of_token(ledger, ledger.token(token)?, *at, notice_url.as_deref())
        }
        _ => None,
    }
}

/// The form body of a notice: its pairs and the four signature fields. The signature covers the pairs of the address's own
/// query too. It is made anew for every attempt, because `certificateUrl` has a new tail each time.
pub(super) fn signed(inner: &Inner, url: &Url, pairs: &[(&'static str, String)]) -> Option<String> {
    let mut all = pairs.to_vec();
    all.push((pipeline::SIGNATURE_METHOD, "RSA-SHA1".to_owned()));
    all.push((pipeline::SIGNATURE_VERSION, "2".to_owned()));
    all.push((pipeline::CERTIFICATE_URL, inner.certificate_url()));
    let mut covered = Pairs::decode(url.query().unwrap_or_default()).ok()?;
    for (name, value) in &all {
        covered.push(*name, value.as_str());
    }
    let signature = inner.key.sign(&string_to_sign(Method::Post, url, &covered).ok()?);
    all.push((pipeline::SIGNATURE, signature));
    Some(form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish())
}

fn of_transaction(ledger: &Ledger, one: &Transaction, at: Timestamp) -> Option<Draft> {
    // The first generation had no such notices.
    if one.first.is_some() {
        return None;
    }
    let own = || ledger.account(&one.caller).and_then(|caller| caller.notice_url.as_deref());
    let url = Url::parse(one.notice_url.as_deref().or_else(own)?).ok()?;
    // In a refund the roles are turned, but the buyer stays the buyer.
    let (buyer, seller) = match one.operation {
        Operation::Refund => (&one.recipient, &one.sender),
        _ => (&one.sender, &one.recipient),
    };
    let (operation, status) = (one.operation.notice_word(), one.status.notice_word());
    let mut pairs = vec![
        (name::TRANSACTION_ID, one.id.to_string()),
        (name::TRANSACTION_DATE, one.received.unix_seconds().to_string()),
        (name::STATUS_CODE, one.code.to_string()),
        (name::STATUS_MESSAGE, one.code.message(one.status).to_owned()),
        (name::TRANSACTION_STATUS, status.to_owned()),
        (name::OPERATION, operation.to_owned()),
        (name::NOTIFICATION_TYPE, "TransactionStatus".to_owned()),
        (name::CALLER_REFERENCE, one.caller_reference.to_string()),
        (name::PAYMENT_METHOD, one.method.to_string()),
        (name::TRANSACTION_AMOUNT, format!("USD {}", one.amount)),
    ];
    let mut push = |name, value: Option<&str>| {
        if let Some(value) = value {
            pairs.push((name, value.to_owned()));
        }
    };
    push(name::PAYMENT_REASON, one.reason.as_deref());
    push(name::PARENT_TRANSACTION_ID, one.original.as_ref().map(|id| id.as_str()));
    let (buyer, marketplace) = (ledger.account(buyer), one.caller != *seller);
    push(name::BUYER_NAME, buyer.map(|buyer| buyer.name.as_str()));
    if !marketplace {
        push(name::BUYER_EMAIL, buyer.map(|buyer| buyer.email.as_str()));
    }
    let seller = ledger.account(seller);
    push(name::RECIPIENT_NAME, seller.map(|seller| seller.name.as_str()));
    push(name::RECIPIENT_EMAIL, seller.map(|seller| seller.email.as_str()));
    let reference = one.caller_reference.to_string();
    Some(Draft { url, subject: format!("{operation} {status}"), reference, at, pairs })
}

fn of_token(ledger: &Ledger, token: &Token, at: Timestamp, given: Option<&str>) -> Option<Draft> {
    let own = || ledger.account(&token.caller).and_then(|caller| caller.notice_url.as_deref());
    let url = Url::parse(given.or_else(own)?).ok()?;
    let mut pairs = vec![
        (name::NOTIFICATION_TYPE, "TokenCancellation".to_owned()),
        (name::TOKEN_ID, token.id.as_str().to_owned()),
        (name::TOKEN_TYPE, token.kind.to_string()),
        (name::CALLER_REFERENCE, token.reference.to_string()),
        (name::DATE_INSTALLED, day(token.installed)),
    ];
    if let Some(customer) = ledger.account(&token.holder) {
        pairs.push((name::CUSTOMER_NAME, customer.name.clone()));
        pairs.push((name::CUSTOMER_EMAIL, customer.email.clone()));
    }
    if let Some(reason) = &token.reason {
        pairs.push((name::PAYMENT_REASON, reason.clone()));
    }
    Some(Draft {
        url,
        subject: "TokenCancellation".to_owned(),
        reference: token.reference.to_string(),
        at,
        pairs,
    })
}

/// `Sep 27, 2009`.
fn day(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.unix_millis()).unwrap_or_default();
    at.strftime("%b %-d, %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_the_one_capture_has_them() {
        for (at, text) in [("2009-09-27T10:00:00Z", "Sep 27, 2009"), ("2010-01-03T10:00:00Z", "Jan 3, 2010")]
        {
            assert_eq!(day(at.parse().unwrap()), text);
        }
    }
}
