//! `GetSubscriptionDetails`.

use std::fmt;

use crate::operation::{Operation, Parameters, Repeat, SubscriptionStatus, TimeUnit};
use crate::param::api;
use crate::response::{AnswerError, Element, FromElement};
use crate::{Amount, SubscriptionId, Timestamp};

/// Asks for everything about a subscription of a Simple Pay button. Since version 2010-08-28.
///
/// ```
/// use fps_core::SubscriptionId;
/// use fps_core::operation::GetSubscriptionDetails;
///
/// let ask = GetSubscriptionDetails::new(SubscriptionId::new("s1"));
/// ```
///
/// # Errors
///
/// `InvalidParams`: no subscription of this caller.
///
/// Source: FPS interface description, `GetSubscriptionDetails`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetSubscriptionDetails {
    subscription_id: SubscriptionId,
}

/// What [`GetSubscriptionDetails`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetSubscriptionDetailsResponse {
    /// `SubscriptionDetails`.
    pub subscription_details: Option<SubscriptionDetails>,
}

/// All about a subscription. `Debug` leaves out names and e-mail addresses.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionDetails {
    /// `SubscriptionId`.
    pub subscription_id: SubscriptionId,
    /// `Description`.
    pub description: Option<String>,
    /// `SubscriptionAmount`: of each charge.
    pub subscription_amount: Amount,
    /// `NextTransactionAmount`.
    pub next_transaction_amount: Option<Amount>,
    /// `PromotionalAmount`: of the first charges.
    pub promotional_amount: Option<Amount>,
    /// `NumberOfPromotionalTransactions`.
    pub number_of_promotional_transactions: Option<i64>,
    /// `StartDate`.
    pub start_date: Option<Timestamp>,
    /// `EndDate`.
    pub end_date: Option<Timestamp>,
    /// `SubscriptionPeriod`: how long it lasts.
    pub subscription_period: Option<SubscriptionDuration>,
    /// `SubscriptionFrequency`: how long it is from charge to charge.
    pub subscription_frequency: Option<SubscriptionDuration>,
    /// `OverrideIPNUrl`: where its notices go.
    pub override_ipn_url: Option<String>,
    /// `SubscriptionStatus`.
    pub subscription_status: SubscriptionStatus,
    /// `NumberOfTransactionsProcessed`.
    pub number_of_transactions_processed: Option<i64>,
    /// `RecipientEmail`.
    pub recipient_email: Option<String>,
    /// `RecipientName`.
    pub recipient_name: Option<String>,
    /// `SenderEmail`.
    pub sender_email: Option<String>,
    /// `SenderName`.
    pub sender_name: Option<String>,
    /// `NextTransactionDate`.
    pub next_transaction_date: Option<Timestamp>,
}

/// So many days, weeks, months or years.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionDuration {
    /// `Value`.
    pub value: i64,
    /// `TimeUnit`.
    pub time_unit: TimeUnit,
}

impl GetSubscriptionDetails {
    /// Asks about that subscription.
    #[must_use]
    pub const fn new(subscription_id: SubscriptionId) -> Self {
        Self { subscription_id }
    }
}

impl Operation for GetSubscriptionDetails {
    const ACTION: &'static str = "GetSubscriptionDetails";
    type Response = GetSubscriptionDetailsResponse;

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn write(&self, to: &mut Parameters) {
        to.put_since_2010(api::SUBSCRIPTION_ID, &self.subscription_id);
    }

    fn read(result: Element<'_>) -> Result<GetSubscriptionDetailsResponse, AnswerError> {
        Ok(GetSubscriptionDetailsResponse { subscription_details: result.optional("SubscriptionDetails")? })
    }
}

impl FromElement for SubscriptionDetails {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self {
            subscription_id: element.required("SubscriptionId")?,
            description: element.optional("Description")?,
            subscription_amount: element.required("SubscriptionAmount")?,
            next_transaction_amount: element.optional("NextTransactionAmount")?,
            promotional_amount: element.optional("PromotionalAmount")?,
            number_of_promotional_transactions: element.optional("NumberOfPromotionalTransactions")?,
            start_date: element.optional("StartDate")?,
            end_date: element.optional("EndDate")?,
            subscription_period: element.optional("SubscriptionPeriod")?,
            subscription_frequency: element.optional("SubscriptionFrequency")?,
            override_ipn_url: element.optional("OverrideIPNUrl")?,
            subscription_status: element.required("SubscriptionStatus")?,
            number_of_transactions_processed: element.optional("NumberOfTransactionsProcessed")?,
            recipient_email: element.optional("RecipientEmail")?,
            recipient_name: element.optional("RecipientName")?,
            sender_email: element.optional("SenderEmail")?,
            sender_name: element.optional("SenderName")?,
            next_transaction_date: element.optional("NextTransactionDate")?,
        })
    }
}

impl FromElement for SubscriptionDuration {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(Self { value: element.required("Value")?, time_unit: element.required("TimeUnit")? })
    }
}

impl fmt::Debug for SubscriptionDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionDetails")
            .field("subscription_id", &self.subscription_id)
            .field("subscription_amount", &self.subscription_amount)
            .field("subscription_status", &self.subscription_status)
            .field("next_transaction_date", &self.next_transaction_date)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::{answered, fault, written};
    use crate::response::Verdict;

    #[test]
    fn the_request_names_the_subscription() {
        assert_eq!(written(&GetSubscriptionDetails::new(SubscriptionId::new("s1"))), "SubscriptionId=s1");
    }

    #[test]
    fn the_answer_has_amounts_dates_and_durations() {
        let response = answered::<GetSubscriptionDetails>(
            "<GetSubscriptionDetailsResult><SubscriptionDetails><SubscriptionId>s1</SubscriptionId><Description>Songs</Description>\
             <SubscriptionAmount><CurrencyCode>USD</CurrencyCode><Value>5.000000</Value></SubscriptionAmount>\
             <PromotionalAmount><CurrencyCode>USD</CurrencyCode><Value>0</Value></PromotionalAmount>\
             <NumberOfPromotionalTransactions>1</NumberOfPromotionalTransactions>\
             <StartDate>2010-10-06T05:49:52.000-07:00</StartDate>\
             <SubscriptionPeriod><Value>1</Value><TimeUnit>year</TimeUnit></SubscriptionPeriod>\
             <SubscriptionFrequency><Value>2</Value><TimeUnit>week</TimeUnit></SubscriptionFrequency>\
             <OverrideIPNUrl>https://example.com/ipn</OverrideIPNUrl><SubscriptionStatus>Active</SubscriptionStatus>\
             <NumberOfTransactionsProcessed>3</NumberOfTransactionsProcessed><SenderEmail>john@example.com</SenderEmail>\
             <SenderName>John</SenderName></SubscriptionDetails></GetSubscriptionDetailsResult>",
        );
        let details = response.subscription_details.unwrap();
        assert_eq!(details.subscription_amount, Amount::usd("5"));
        assert_eq!(details.promotional_amount, Some(Amount::ZERO));
        assert_eq!(
            details.subscription_frequency,
            Some(SubscriptionDuration { value: 2, time_unit: TimeUnit::Week })
        );
        assert_eq!(details.subscription_status, SubscriptionStatus::Active);
        assert_eq!(details.number_of_transactions_processed, Some(3));
        assert_eq!(details.sender_email.as_deref(), Some("john@example.com"));
        assert!(!format!("{details:?}").contains("john"));
    }

    #[test]
    fn faults_have_their_verdict() {
        assert_eq!(fault::<GetSubscriptionDetails>("InvalidParams").verdict(), Verdict::Final);
    }
}
