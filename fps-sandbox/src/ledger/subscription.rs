//! Subscriptions: regular payments that a button of Simple Pay began.

use fps_core::{Amount, SubscriptionId, Timestamp, TokenId, TransactionId};
use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::token::Period;
use super::words::SubscriptionStatus;

/// Regular payments from a buyer to a caller, made by the service itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// The service's name for it.
    pub id: SubscriptionId,
    /// Who is paid, and may ask about it.
    pub caller: AccountId,
    /// Who pays.
    pub sender: AccountId,
    /// What he pays with.
    pub token: TokenId,
    /// What for.
    pub description: String,
    /// How much each time, after the promotion.
    pub amount: Amount,
    /// What the first payments cost.
    pub promotion: Option<Promotion>,
    /// When the first payment is made.
    pub starts: Timestamp,
    /// How long it is from payment to payment.
    pub frequency: Period,
    /// How long it lasts; until it is cancelled if absent.
    pub lasts: Option<Period>,
    /// Where its notices go, instead of the account's address.
    pub notice_url: Option<String>,
    /// Whether more will be paid.
    pub status: SubscriptionStatus,
    /// When the next payment is made.
    pub next: Option<Timestamp>,
    /// The payments so far.
    pub transactions: Vec<TransactionId>,
}

/// First payments at another price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// How much each of them is.
    pub amount: Amount,
    /// How many there are.
    pub count: u32,
}

impl Subscription {
    /// How much the payment of that number is, counted from 1.
    #[must_use]
    pub fn amount_of(&self, serial: usize) -> Amount {
        match self.promotion {
            Some(promotion) if serial <= promotion.count as usize => promotion.amount,
            _ => self.amount,
        }
    }

    /// When the payment of that number is made, counted from 1; none if it would be after the end.
    #[must_use]
    pub fn date_of(&self, serial: usize) -> Option<Timestamp> {
        let date = self.frequency.after(self.starts, i64::try_from(serial).ok()? - 1)?;
        self.ends().is_none_or(|end| date < end).then_some(date)
    }

    /// When it is over, if it ends of itself.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        self.lasts.and_then(|lasts| lasts.after(self.starts, 1))
    }

    /// The number of the payment to come, counted from 1.
    #[must_use]
    pub fn next_serial(&self) -> usize {
        self.transactions.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_come_by_the_calendar_and_end_in_time() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut subscription = Subscription {
            id: SubscriptionId::new("S"),
            caller: AccountId::new("C"),
            sender: AccountId::new("B"),
            token: TokenId::new("T"),
            description: "Music".to_owned(),
            amount: Amount::usd("9.99"),
            promotion: Some(Promotion { amount: Amount::usd("1"), count: 2 }),
            starts: time("2010-10-31T12:00:00Z"),
            frequency: Period::parse("1 Month").unwrap(),
            lasts: Period::parse("3 Months"),
            notice_url: None,
            status: SubscriptionStatus::Active,
            next: None,
            transactions: Vec::new(),
        };
        for (serial, date, amount) in [
            (1, Some("2010-10-31T12:00:00Z"), "1"),
            (2, Some("2010-11-30T12:00:00Z"), "1"),
            (3, Some("2010-12-31T12:00:00Z"), "9.99"),
            (4, None, "9.99"),
        ] {
            assert_eq!(subscription.date_of(serial), date.map(time), "payment {serial}");
            assert_eq!(subscription.amount_of(serial), Amount::usd(amount), "payment {serial}");
        }
        subscription.lasts = None;
        assert_eq!(subscription.date_of(4), Some(time("2011-01-31T12:00:00Z")));
    }
}
