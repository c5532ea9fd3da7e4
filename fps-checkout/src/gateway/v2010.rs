//! The protocol of 2010-08-28 and its predecessor 2008-09-17.

use std::time::Duration;

use async_trait::async_trait;
use fps_core::client::Client;
use fps_core::notice::NoticeBody;
use fps_core::operation::{
    self, Cancel, CancelToken, GetAccountActivity, GetTokenByCaller, GetTokenUsage, GetTransaction,
    GetTransactionStatus, InstallPaymentInstruction, Pay, Refund, Reserve, Role, Settle, TokenStatus,
    TokenType, Transaction, TransactionResult, TransactionStatus,
};
use fps_core::pipeline::{self, PipelineError, ReturnQuery, SignedLink, SingleUse};
use fps_core::response::{FaultCode, Verdict};
use fps_core::url::Url;
use fps_core::{
    Amount, CallerReference, Credentials, Endpoint, Error, RequestId, Timestamp, TokenId, TransactionId,
};

use super::{
    Deed, FoundToken, Gateway, OwnToken, Returned, TokenKind, VerifyError, check_lacking, check_parameters,
    failed, multi_use, of_charge, spent,
};
use crate::order::{Answer, Kind, Operation, Order, Outcome, Product, Report, TokenTerms};
use crate::shop::InstalledTokens;

/// A charge with the terms that were frozen for it, and where its notices go. Pay and Reserve take the same ones.
macro_rules! carrying {
    ($charge:expr, $terms:expr, $notices:expr) => {{
        let (mut charge, terms) = ($charge, $terms);
        if let Some(url) = $notices {
            charge = charge.with_override_ipn_url(url);
        }
        if let Some(payer) = &terms.charge_fee_to {
            charge = charge.with_charge_fee_to(payer.clone());
        }
        if let Some(text) = &terms.caller_description {
            charge = charge.with_caller_description(text.clone());
        }
        if let Some(text) = &terms.sender_description {
            charge = charge.with_sender_description(text.clone());
        }
        if let Some(policy) = &terms.descriptor {
            charge = charge.with_descriptor_policy(policy.clone());
        }
        if let Some(minutes) = terms.timeout_in_mins {
            charge = charge.with_transaction_timeout_in_mins(minutes);
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

/// The second generation.
#[derive(Debug)]
pub(crate) struct V2010 {
    client: Client,
    credentials: Credentials,
    endpoint: Endpoint,
}

impl V2010 {
    pub(crate) fn new(client: Client, credentials: Credentials, endpoint: Endpoint) -> Self {
        Self { client, credentials, endpoint }
    }
}

#[async_trait]
impl Gateway for V2010 {
    fn check(&self, order: &Order) -> Result<(), crate::Error> {
        let (terms, version) = (order.product().terms(), self.client.version());
        check_lacking(
            &[
                ("RecipientDescription", terms.recipient_description.is_some()),
                ("SenderReference", terms.sender_reference.is_some()),
                ("RecipientReference", terms.recipient_reference.is_some()),
                ("MetaData", terms.meta_data.is_some()),
            ],
            version,
        )?;
        if let Some(attempt) = order.attempts().last() {
            let pay = Pay::new(TokenId::new("…"), order.total(), attempt.reference.clone());
            let notices = order.buyer().and_then(|side| side.notice_url.clone());
            check_parameters(&carrying!(pay, terms, notices), version)?;
        }
        Ok(())
    }

    fn link(
        &self,
        reference: &CallerReference,
        product: &Product,
        return_url: &Url,
    ) -> Result<SignedLink, PipelineError> {
        let (keys, at) = (&self.credentials, &self.endpoint);
        match product.token_terms() {
            Some(terms) => multi_use(reference, product, terms, return_url).link(keys, at),
            None => {
                SingleUse::new(reference.clone(), product.parameters(), return_url.clone()).link(keys, at)
            }
        }
    }

    async fn verify(&self, return_url: &Url, raw_query: &str) -> Result<Returned, VerifyError> {
        let query = ReturnQuery::from_raw(return_url, raw_query).map_err(pipeline::VerifyError::from)?;
        let answer = self.client.verify_return(query).await?.single_use();
        Ok(Returned::read(answer, false))
    }

    async fn verify_notice(
        &self,
        notice_url: &Url,
        raw_query: &str,
        raw_body: &str,
    ) -> Result<(), VerifyError> {
        let notice =
            NoticeBody::from_raw(notice_url, raw_query, raw_body).map_err(pipeline::VerifyError::from)?;
        self.client.verify_notice(notice).await?;
        Ok(())
    }

    async fn find_token(&self, reference: &CallerReference) -> Result<Option<FoundToken>, Error> {
        let answer = match self.client.send(GetTokenByCaller::by_reference(reference.clone())).await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some(&FaultCode::InvalidCallerReference) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(answer.response.token.map(|token| FoundToken {
            is_active: token.token_status == Some(TokenStatus::Active),
            kind: TokenKind::of(token.token_type.as_ref()),
            installed_at: token.date_installed,
            reason: token.payment_reason,
            token: token.token_id,
        }))
    }

    async fn send(&self, order: &Order, planned: &Operation, _: Option<&InstalledTokens>) -> Answer {
        let terms = order.product().terms();
        let side = order.side(planned.attempt);
        let token = side.and_then(|side| side.token.clone());
        let notices = side.and_then(|side| side.notice_url.clone());
        let transaction = order.transaction().cloned();
        let description = terms.caller_description.clone();
        match (planned.kind, planned.reference.clone(), token, transaction) {
            (Kind::Pay, Some(reference), Some(token), _) => {
                let pay = carrying!(Pay::new(token, planned.amount, reference), terms, notices);
                of_charge(self.answer(pay).await, order)
            }
            (Kind::Reserve, Some(reference), Some(token), _) => {
                let reserve = carrying!(Reserve::new(token, planned.amount, reference), terms, notices);
                of_charge(self.answer(reserve).await, order)
            }
            (Kind::Refund, Some(reference), _, Some(transaction)) => {
                let mut refund = Refund::new(transaction, reference).with_amount(planned.amount);
                if let Some(description) = description {
                    refund = refund.with_caller_description(description);
                }
                if let Some(url) = notices {
                    refund = refund.with_override_ipn_url(url);
                }
                self.answer(refund).await
            }
            (Kind::Settle, _, _, Some(transaction)) => {
                let mut settle = Settle::new(transaction).with_transaction_amount(planned.amount);
                if let Some(url) = notices {
                    settle = settle.with_override_ipn_url(url);
                }
                self.answer(settle).await
            }
            (Kind::Cancel, _, _, Some(transaction)) => self.cancel(transaction, notices).await,
            // The buyer's side was forgotten, or the record is damaged: nothing can be sent.
            _ => Answer::NotDone { code: "NothingToSend".to_owned(), request: None },
        }
    }

    async fn look_up(&self, transaction: &TransactionId) -> Result<Report, Error> {
        let answer = self.client.send(GetTransactionStatus::new(transaction.clone())).await?;
        let status = answer.response;
        Ok(Report {
            transaction: transaction.clone(),
            outcome: outcome(&status.transaction_status),
            declined_for_now: false,
            amount: None,
            code: status.status_code,
            request: answer.request_id,
        })
    }

    async fn look_up_in_full(&self, transaction: &TransactionId) -> Result<Report, Error> {
        let answer = self.client.send(GetTransaction::new(transaction.clone())).await?;
        Ok(match answer.response.transaction {
            Some(detail) => Report {
                transaction: transaction.clone(),
                outcome: outcome(&detail.transaction_status),
                declined_for_now: false,
                amount: Some(detail.transaction_amount),
                code: detail.status_code,
                request: answer.request_id,
            },
            None => Report {
                transaction: transaction.clone(),
                outcome: Outcome::Unknown,
                declined_for_now: false,
                amount: None,
                code: None,
                request: answer.request_id,
            },
        })
    }

    async fn find_transaction(
        &self,
        reference: &CallerReference,
        since: Timestamp,
    ) -> Result<Option<Report>, Error> {
        let mut activity = self.client.account_activity(GetAccountActivity::since(since));
        while let Some(found) = activity.next().await? {
            let deed = deed(found);
            if deed.reference.as_deref() == Some(reference.as_str()) {
                return Ok(Some(deed.report));
            }
        }
        Ok(None)
    }

    async fn activity(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Deed>, Error> {
        let question =
            GetAccountActivity::since(since).with_end_date(until).with_max_batch_size(LARGEST_BATCH);
        let mut activity = self.client.account_activity(question);
        let mut deeds = Vec::new();
        while let Some(found) = activity.next().await? {
            deeds.push(deed(found));
        }
        Ok(deeds)
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

impl V2010 {
    async fn answer<O: operation::Operation<Response = TransactionResult>>(&self, operation: O) -> Answer {
        match self.client.send(operation).await {
            Ok(answer) => accepted(
                answer.response.transaction_id,
                &answer.response.transaction_status,
                answer.request_id,
            ),
            Err(error) => failed(&error),
        }
    }

    async fn cancel(&self, transaction: TransactionId, notices: Option<Url>) -> Answer {
        let mut cancel = Cancel::new(transaction.clone());
        if let Some(url) = notices {
            cancel = cancel.with_override_ipn_url(url);
        }
        match self.client.send(cancel).await {
            Ok(answer) => match answer.response.transaction_status {
                Some(status) => accepted(transaction, &status, answer.request_id),
                None => Answer::Silent { code: None, request: answer.request_id },
            },
            Err(error) => failed(&error),
        }
    }
}

fn deed(found: Transaction) -> Deed {
    // The caller's own part carries the caller's reference; another's part proves nothing.
    let caller = found.transaction_parts.into_iter().find(|part| part.role == Role::Caller);
    Deed {
        report: Report {
            transaction: found.transaction_id,
            outcome: outcome(&found.transaction_status),
            declined_for_now: false,
            amount: Some(found.transaction_amount),
            code: found.status_code,
            request: None,
        },
        reference: caller.and_then(|part| part.reference),
        received: found.date_received,
    }
}

fn accepted(transaction: TransactionId, status: &TransactionStatus, request: Option<RequestId>) -> Answer {
    match outcome(status) {
        Outcome::Unknown => Answer::Silent { code: Some(status.as_str().to_owned()), request },
        outcome => {
            let declined_for_now = false;
            Answer::Accepted(Report {
                transaction,
                outcome,
                declined_for_now,
                amount: None,
                code: None,
                request,
            })
        }
    }
}

fn outcome(status: &TransactionStatus) -> Outcome {
    match status {
        TransactionStatus::Success => Outcome::Success,
        TransactionStatus::Failure => Outcome::Failure,
        TransactionStatus::Cancelled => Outcome::Cancelled,
        TransactionStatus::Reserved => Outcome::Reserved,
        TransactionStatus::Pending => Outcome::Pending,
        _ => Outcome::Unknown,
    }
}

/// The most that one answer of GetAccountActivity holds.
const LARGEST_BATCH: u32 = 200;
