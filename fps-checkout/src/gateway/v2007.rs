//! The protocol of 2007-01-08: three tokens for each payment, returns signed with the shop's own secret, no notices, no Cancel.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::iter;
use std::time::Duration;

use async_trait::async_trait;
use fps_core::client::Client;
use fps_core::operation::v2007::{
    CancelToken, ChargeFeeTo, GetAccountActivity, GetTokenByCaller, GetTransaction,
    InstallPaymentInstruction, Pay, Refund, Reserve, RetryTransaction, Settle, TokenStatus, TokenType,
    Transaction, TransactionDetail, TransactionKind, TransactionResponse, TransactionStatus,
};
use fps_core::operation::{self, GetTokenUsage};
use fps_core::pipeline::v2007::verify_return;
use fps_core::pipeline::{PipelineError, SignedLink, SingleUse};
use fps_core::response::{FaultCode, Verdict};
use fps_core::url::Url;
use fps_core::{
    Amount, CallerReference, Credentials, Endpoint, Error, SecretKey, Timestamp, TokenId, TransactionId,
};

use super::{
    Deed, FoundToken, Gateway, OwnToken, Returned, TokenKind, VerifyError, check_lacking, check_parameters,
    failed, multi_use, of_charge, spent,
};
use crate::order::{Answer, Kind, Operation, Order, Outcome, Product, Report, TokenTerms};
use crate::shop::InstalledTokens;

/// A charge with the terms that were frozen for it. Pay and Reserve take the same ones.
macro_rules! carrying {
    ($charge:expr, $terms:expr) => {{
        let (mut charge, terms) = ($charge, $terms);
        if let Some(text) = &terms.sender_reference {
            charge = charge.with_sender_reference(text.clone());
        }
        if let Some(text) = &terms.recipient_reference {
            charge = charge.with_recipient_reference(text.clone());
        }
        if let Some(text) = &terms.caller_description {
            charge = charge.with_caller_description(text.clone());
        }
        if let Some(text) = &terms.sender_description {
            charge = charge.with_sender_description(text.clone());
        }
        if let Some(text) = &terms.recipient_description {
            charge = charge.with_recipient_description(text.clone());
        }
        if let Some(text) = &terms.meta_data {
            charge = charge.with_meta_data(text.clone());
        }
        if let Some(policy) = &terms.descriptor {
            charge = charge.with_descriptor_policy(policy.clone());
        }
        if let Some(fee) = terms.marketplace_fixed_fee {
            charge = charge.with_marketplace_fixed_fee(fee);
        }
        if let Some(fee) = terms.marketplace_variable_fee {
            charge = charge.with_marketplace_variable_fee(fee);
        }
        charge
    }};
}

/// The first generation.
#[derive(Debug)]
pub(crate) struct V2007 {
    client: Client,
    credentials: Credentials,
    /// Secrets under which returns are still taken.
    former: Vec<SecretKey>,
    endpoint: Endpoint,
}

impl V2007 {
    pub(crate) fn new(
        client: Client,
        credentials: Credentials,
        former: Vec<SecretKey>,
        endpoint: Endpoint,
    ) -> Self {
        Self { client, credentials, former, endpoint }
    }
}

#[async_trait]
impl Gateway for V2007 {
    fn check(&self, order: &Order) -> Result<(), crate::Error> {
        let (terms, version) = (order.product().terms(), self.client.version());
        check_lacking(&[("TransactionTimeoutInMins", terms.timeout_in_mins.is_some())], version)?;
        if let Some(attempt) = order.attempts().last() {
            let token = || TokenId::new("…");
            let (total, reference) = (order.total(), attempt.reference.clone());
            let pay = Pay::new(token(), token(), token(), total, ChargeFeeTo::Recipient, reference);
            check_parameters(&carrying!(pay, terms), version)?;
        }
        Ok(())
    }

    fn link(
        &self,
        reference: &CallerReference,
        product: &Product,
        return_url: &Url,
    ) -> Result<SignedLink, PipelineError> {
        let (version, keys, at) = (self.client.version(), &self.credentials, &self.endpoint);
        match product.token_terms() {
            Some(terms) => multi_use(reference, product, terms, return_url).link_in(version, keys, at),
            None => SingleUse::new(reference.clone(), product.parameters(), return_url.clone())
                .link_in(version, keys, at),
        }
    }

    async fn verify(&self, return_url: &Url, raw_query: &str) -> Result<Returned, VerifyError> {
        let secrets: Vec<_> = iter::once(self.credentials.secret_key()).chain(&self.former).collect();
        let answer = verify_return(return_url, raw_query, &secrets)?.single_use();
        // Nobody else's pages sign with our secret.
        Ok(Returned::read(answer, true))
    }

    async fn verify_notice(&self, _: &Url, _: &str, _: &str) -> Result<(), VerifyError> {
        Err(VerifyError::NoNotices)
    }

    async fn find_token(&self, reference: &CallerReference) -> Result<Option<FoundToken>, Error> {
        let answer = match self.client.send(GetTokenByCaller::by_reference(reference.clone())).await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some(&FaultCode::InvalidCallerReference) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(answer.response.token.map(|token| FoundToken {
            is_active: token.status == Some(TokenStatus::Active),
            kind: TokenKind::of(token.token_type.as_ref()),
            installed_at: token.date_installed,
            reason: token.payment_reason,
            token: token.token_id,
        }))
    }

    async fn send(&self, order: &Order, planned: &Operation, own: Option<&InstalledTokens>) -> Answer {
        let terms = order.product().terms();
        let payer = || terms.charge_fee_to.clone().unwrap_or(ChargeFeeTo::Recipient);
        let token = order.side(planned.attempt).and_then(|side| side.token.clone());
        // The caller's date is a business parameter: a repeat carries that of the plan.
        let (amount, date) = (planned.amount, planned.planned_at);
        match (planned.kind, planned.reference.clone(), own, token) {
            (Kind::Pay, Some(reference), Some(own), Some(token)) => {
                let (caller, recipient) = (own.caller.clone(), own.recipient.clone());
                let pay = Pay::new(caller, token, recipient, amount, payer(), reference);
                of_charge(self.answer(carrying!(pay, terms).with_transaction_date(date)).await, order)
            }
            (Kind::Reserve, Some(reference), Some(own), Some(token)) => {
                let (caller, recipient) = (own.caller.clone(), own.recipient.clone());
                let reserve = Reserve::new(caller, token, recipient, amount, payer(), reference);
                of_charge(self.answer(carrying!(reserve, terms).with_transaction_date(date)).await, order)
            }
            (Kind::Pay | Kind::Reserve | Kind::Refund, _, None, _) => {
                Answer::NotDone { code: "TokensNotInstalled".to_owned(), request: None }
            }
            (kind, reference, own, _) => match (kind, transaction(order, planned), reference, own) {
                (Kind::Refund, Some(transaction), Some(reference), Some(own)) => {
                    let (caller, sender) = (own.caller.clone(), own.refund_sender.clone());
                    let mut refund = Refund::new(caller, sender, transaction, reference)
                        .with_refund_amount(amount)
                        .with_charge_fee_to(payer())
                        .with_transaction_date(date);
                    if let Some(description) = &terms.caller_description {
                        refund = refund.with_caller_description(description.clone());
                    }
                    self.answer(refund).await
                }
                (Kind::Settle, Some(reservation), ..) => {
                    let settle =
                        Settle::new(reservation).with_transaction_amount(amount).with_transaction_date(date);
                    self.answer(settle).await
                }
                (Kind::Retry, Some(transaction), ..) => self.answer(RetryTransaction::new(transaction)).await,
                // The buyer's side was forgotten, or the record is damaged: nothing can be sent.
                _ => Answer::NotDone { code: "NothingToSend".to_owned(), request: None },
            },
        }
    }

    async fn install_token(
        &self,
        own: OwnToken,
        reference: &CallerReference,
    ) -> Result<Option<TokenId>, Error> {
        let install = InstallPaymentInstruction::new(own.rules(), reference.clone(), TokenType::Unrestricted);
        match self.client.send(install).await {
            Ok(answer) => Ok(Some(answer.response.token_id)),
            Err(error) if error.verdict() == Verdict::Spent => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn look_up(&self, transaction: &TransactionId) -> Result<Report, Error> {
        self.look_up_in_full(transaction).await
    }

    async fn look_up_in_full(&self, transaction: &TransactionId) -> Result<Report, Error> {
        let answer = self.client.send(GetTransaction::new(transaction.clone())).await?;
        let detail = answer.response.transaction;
        Ok(Report {
            transaction: transaction.clone(),
            outcome: detail.as_ref().map_or(Outcome::Unknown, how_it_stands),
            declined_for_now: detail.as_ref().is_some_and(|detail| is_declined_for_now(&detail.status)),
            amount: detail.as_ref().map(|detail| detail.transaction_amount),
            code: detail.and_then(|detail| detail.error_code).filter(|code| !code.is_empty()),
            request: answer.request_id,
        })
    }

    async fn find_transaction(
        &self,
        reference: &CallerReference,
        since: Timestamp,
    ) -> Result<Option<Report>, Error> {
        let mut activity = self.client.account_activity(GetAccountActivity::since(since));
        while let Some(event) = activity.next().await? {
            // A transaction has a row for each event. How it stands now, it says itself.
            if event.caller_reference() == Some(reference.as_str()) {
                return self.look_up_in_full(&event.transaction_id).await.map(Some);
            }
        }
        Ok(None)
    }

    async fn activity(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Deed>, Error> {
        let question =
            GetAccountActivity::since(since).with_end_date(until).with_max_batch_size(LARGEST_BATCH);
        let mut activity = self.client.account_activity(question);
        // A transaction has a row for each event, the oldest first: the last one tells how it stands.
        let mut deeds: Vec<Deed> = Vec::new();
        let mut places = HashMap::new();
        while let Some(event) = activity.next().await? {
            let deed = deed(&event);
            match places.entry(event.transaction_id) {
                Entry::Vacant(free) => {
                    free.insert(deeds.len());
                    deeds.push(deed);
                }
                Entry::Occupied(taken) => {
                    let before = &mut deeds[*taken.get()];
                    let lapsed = before.report.outcome == Outcome::Reserved
                        && event.operation == Some(TransactionKind::Reserve)
                        && deed.report.outcome == Outcome::Failure;
                    *before = deed;
                    if lapsed {
                        before.report.outcome = Outcome::Cancelled;
                    }
                }
            }
        }
        Ok(deeds)
    }

    async fn spent(&self, token: &TokenId, terms: &TokenTerms) -> Result<Option<Amount>, Error> {
        let answer = self.client.send(GetTokenUsage::new(token.clone())).await?;
        Ok(spent(&answer.response, terms))
    }

    async fn cancel_token(&self, token: &TokenId) -> Result<(), Error> {
        match self.client.send(CancelToken::new(token.clone())).await {
            Ok(_) => Ok(()),
            // It is cancelled, used up or gone: there is nothing left to cancel.
            Err(error) if matches!(error.verdict(), Verdict::Final | Verdict::Spent) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn whole_deadline(&self) -> Duration {
        self.client.whole_deadline()
    }
}

impl V2007 {
    async fn answer<O: operation::Operation<Response = TransactionResponse>>(&self, operation: O) -> Answer {
        match self.client.send(operation).await {
            Ok(answer) => {
                let TransactionResponse { transaction_id: transaction, status, .. } = answer.response;
                let request = answer.request_id;
                match outcome(&status) {
                    Outcome::Unknown => Answer::Silent { code: Some(status.as_str().to_owned()), request },
                    outcome => Answer::Accepted(Report {
                        transaction,
                        outcome,
                        declined_for_now: is_declined_for_now(&status),
                        amount: None,
                        code: None,
                        request,
                    }),
                }
            }
            Err(error) => failed(&error),
        }
    }
}

/// The transaction that an operation speaks of: the order's own, or the one that a Retry tries again.
fn transaction(order: &Order, planned: &Operation) -> Option<TransactionId> {
    match planned.of {
        Some(of) => order.machine().operations().get(of)?.transaction.clone(),
        None => order.transaction().cloned(),
    }
}

fn deed(event: &Transaction) -> Deed {
    Deed {
        report: Report {
            transaction: event.transaction_id.clone(),
            outcome: outcome(&event.status),
            declined_for_now: is_declined_for_now(&event.status),
            amount: Some(event.transaction_amount),
            code: event.error_code.clone().filter(|code| !code.is_empty()),
            request: None,
        },
        reference: event.caller_reference().map(str::to_owned),
        received: event.date_received,
    }
}

/// This version has no word for a reservation that lapsed. One that was held to the last and then failed did.
fn how_it_stands(detail: &TransactionDetail) -> Outcome {
    let before = detail.status_history.iter().filter(|change| change.status != TransactionStatus::Failure);
    let held_to_the_last = before
        .max_by_key(|change| change.date)
        .is_some_and(|last| last.status == TransactionStatus::Reserved);
    match outcome(&detail.status) {
        Outcome::Failure if detail.operation == Some(TransactionKind::Reserve) && held_to_the_last => {
            Outcome::Cancelled
        }
        outcome => outcome,
    }
}

fn outcome(status: &TransactionStatus) -> Outcome {
    match status {
        TransactionStatus::Success => Outcome::Success,
        TransactionStatus::Failure => Outcome::Failure,
        TransactionStatus::Reserved => Outcome::Reserved,
        TransactionStatus::Initiated
        | TransactionStatus::Reinitiated
        | TransactionStatus::TemporaryDecline => Outcome::Pending,
        _ => Outcome::Unknown,
    }
}

fn is_declined_for_now(status: &TransactionStatus) -> bool {
    *status == TransactionStatus::TemporaryDecline
}

/// The most rows that one answer has.
const LARGEST_BATCH: u32 = 200;

#[cfg(test)]
mod tests {
    use fps_core::client::{Clock, HttpSend, SendError, SendErrorKind};
    use fps_core::pipeline;
    use fps_core::signature::pages_2007::{Space, string_to_sign};
    use fps_core::signature::{SignatureMethod, hmac};
    use fps_core::{Pairs, Version, http};

    use super::super::Ended;
    use super::*;

    /// There is no service: whatever needs one fails.
    #[derive(Debug)]
    struct Nobody;

    #[async_trait]
    impl HttpSend for Nobody {
        async fn send(&self, _: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
            Err(SendError::new(SendErrorKind::NotSent))
        }
    }

    #[async_trait]
    impl Clock for Nobody {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_seconds(1_192_554_000)
        }

        async fn sleep(&self, _: Duration) {}
    }

    fn gateway(secret: &str, former: &[&str]) -> V2007 {
        let (credentials, endpoint) =
            (Credentials::new("key", secret), Endpoint::at("http://localhost/".parse().unwrap()).unwrap());
        let client = Client::builder(credentials.clone(), endpoint.clone())
            .http(std::sync::Arc::new(Nobody))
            .clock(std::sync::Arc::new(Nobody))
            .version(Version::V2007_01_08)
            .build()
            .unwrap();
        V2007::new(
            client,
            credentials,
            former.iter().map(|secret| SecretKey::new(*secret)).collect(),
            endpoint,
        )
    }

    #[tokio::test]
    async fn returns_are_verified_by_present_and_former_secrets_without_the_service() {
        let return_url: Url = "https://shop.example/fps/return".parse().unwrap();
        let query = "fps=1-a1.x&status=SC&expiry=03%2F2013&tokenID=TOKEN&callerReference=r";
        let text = string_to_sign("/fps/return", &Pairs::decode(query).unwrap(), Space::Plus);
        let signature = hmac::sign(SignatureMethod::HmacSha1, &SecretKey::new("old"), &text);
        let signed = format!("{query}&awsSignature={signature}");
        for good in [gateway("old", &[]), gateway("new", &["old"]), gateway("new", &["older", "old"])] {
            let returned = good.verify(&return_url, &signed).await.unwrap();
            assert!(returned.is_ours && returned.expiry.as_deref() == Some("03/2013"), "{returned:?}");
            assert!(matches!(returned.ended, Ended::Approved { method: Some(_), .. }), "{returned:?}");
        }
        let changed = signed.replace("TOKEN", "TAKEN");
        for (gateway, query) in [
            (gateway("new", &[]), &signed),
            (gateway("new", &["older"]), &signed),
            (gateway("old", &[]), &changed),
            (gateway("old", &[]), &query.to_owned()),
        ] {
            let refused = gateway.verify(&return_url, query).await;
            assert!(matches!(refused, Err(VerifyError::Refused(_))), "{query}: {refused:?}");
        }
        let later = format!("{query}&signature=x&signatureVersion=2");
        let refused = gateway("old", &[]).verify(&return_url, &later).await;
        assert!(matches!(refused, Err(VerifyError::Refused(pipeline::VerifyError::Shape(_)))), "{refused:?}");
        let refused = gateway("old", &[]).verify_notice(&return_url, "", "").await;
        assert!(matches!(refused, Err(VerifyError::NoNotices)), "{refused:?}");
    }
}
