//! Tokens: what a buyer or seller allowed a caller to do; and the instruments of prepaid and postpaid.

use std::fmt;
use std::time::Duration;

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, CallerReference, Timestamp, TokenId, TransactionId};
use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::transaction::Transaction;
use super::words::{AmountType, TokenType};

/// What somebody allowed a caller to do with his account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// The service's name for it, 64 upper-case letters and digits.
    pub id: TokenId,
    /// Who may use it.
    pub caller: AccountId,
    /// Whose account it is about.
    pub holder: AccountId,
    /// What it is for.
    pub role: TokenRole,
    /// How often it may be used.
    pub kind: TokenType,
    /// The caller's name for it.
    pub reference: CallerReference,
    /// A name for people.
    pub friendly_name: String,
    /// When it was given.
    pub installed: Timestamp,
    /// When it begins; when it was given, if absent.
    pub starts: Option<Timestamp>,
    /// When it ends of itself.
    pub expires: Option<Timestamp>,
    /// The token that it replaced.
    pub old: Option<TokenId>,
    /// What it is for, in the caller's words, as sent.
    pub reason: Option<String>,
    /// With what it pays.
    pub method: Option<PaymentMethod>,
    /// What each payment may be, read with `amount_type`.
    pub amount: Option<Amount>,
    /// How `amount` limits a payment.
    pub amount_type: AmountType,
    /// The most that all payments together may be.
    pub global_limit: Option<Amount>,
    /// Limits per period.
    pub limits: Vec<Limit>,
    /// Who may be paid; the caller if empty.
    pub recipients: Vec<AccountId>,
    /// Whether it must be used with Reserve, or must not.
    pub reserve: bool,
    /// Of a recipient: the greatest fixed marketplace fee.
    pub max_fixed_fee: Option<Amount>,
    /// Of a recipient: the greatest marketplace fee in percent.
    pub max_variable_fee: Option<Amount>,
    /// Of a recipient: whether he pays the service's fee.
    pub recipient_pays_fee: Option<bool>,
    /// Of an account's own: its rules, as they were sent.
    pub instruction: Option<String>,
    /// Whether it was cancelled or replaced.
    pub cancelled: bool,
    /// The transactions that it was used for.
    pub uses: Vec<TransactionId>,
    /// What those that did not fail come to; of an edited token with those of the one before.
    #[serde(default)]
    pub spent: Amount,
}

impl Token {
    /// How long a single-use token lives.
    pub const SINGLE_USE_LIFE: Duration = Duration::from_secs(3 * 60 * 60);
    /// How long a multi-use token lives unless it says otherwise.
    pub const MULTI_USE_LIFE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    /// A single-use token for a payment from `holder` to `caller`.
    pub fn single_use(
        id: TokenId,
        caller: AccountId,
        holder: AccountId,
        reference: CallerReference,
        now: Timestamp,
    ) -> Self {
        let friendly_name = format!("Friendly{:010}", now.unix_millis().rem_euclid(10_000_000_000));
        Self {
            id,
            caller,
            holder,
            role: TokenRole::Sender,
            kind: TokenType::SingleUse,
            reference,
            friendly_name,
            installed: now,
            starts: None,
            expires: Some(now.after(Self::SINGLE_USE_LIFE)),
            old: None,
            reason: None,
            method: None,
            amount: None,
            amount_type: AmountType::Maximum,
            global_limit: None,
            limits: Vec::new(),
            recipients: Vec::new(),
            reserve: false,
            max_fixed_fee: None,
            max_variable_fee: None,
            recipient_pays_fee: None,
            instruction: None,
            cancelled: false,
            uses: Vec::new(),
            spent: Amount::ZERO,
        }
    }

    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether it was for one payment, and that was made.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.kind == TokenType::SingleUse && !self.uses.is_empty()
    }

    /// Whether it can still be used: `TokenStatus`.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        !self.cancelled && !self.has_expired(now) && !self.is_spent()
    }

    /// When the earliest of the windows began that a payment now has to fit into; none without limits.
    #[must_use]
    pub fn earliest_window(&self, now: Timestamp) -> Option<Timestamp> {
        self.limits.iter().map(|limit| limit.window(self.first_moment(), now)).min()
    }

    /// What keeps a payment of `amount` from being made with it; `uses` are the payments that count, made since
    /// [`Token::earliest_window`].
    #[must_use]
    pub fn violation(&self, now: Timestamp, amount: Amount, uses: &[Use]) -> Option<Violation> {
        if let Some(allowed) = self.amount {
            let fits = match self.amount_type {
                AmountType::Exact => amount == allowed,
                AmountType::Maximum => amount <= allowed,
                AmountType::Minimum => amount >= allowed,
            };
            if !fits {
                return Some(Violation::Amount);
            }
        }
        let total = |uses: &mut dyn Iterator<Item = &Use>| {
            uses.fold(amount, |sum, one| sum.checked_add(one.amount).unwrap_or(Amount::from_micros(i64::MAX)))
        };
        let in_all = self.spent.checked_add(amount);
        if self.global_limit.is_some_and(|limit| in_all.is_none_or(|in_all| in_all > limit)) {
            return Some(Violation::Usage);
        }
        for limit in &self.limits {
            let window = limit.window(self.first_moment(), now);
            let mut inside = uses.iter().filter(|one| one.at >= window);
            let broken = match limit.most {
                Most::Amount(most) => total(&mut inside) > most,
                Most::Count(most) => inside.count() as u64 >= most,
            };
            if broken {
                return Some(Violation::Usage);
            }
        }
        None
    }

    /// When its windows begin to count.
    #[must_use]
    pub fn first_moment(&self) -> Timestamp {
        self.starts.unwrap_or(self.installed)
    }

    pub(super) fn note_use(&mut self, transaction: &Transaction) {
        self.uses.push(transaction.id.clone());
    }
}

/// A payment made with a token.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// When.
    pub at: Timestamp,
    /// How much.
    pub amount: Amount,
}

/// What a payment would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The amount is not one that the token is good for.
    Amount,
    /// A limit over the token's life or a period.
    Usage,
}

/// What a token is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenRole {
    /// Its holder pays.
    Sender,
    /// Its holder is paid.
    Recipient,
    /// Its holder gives back what he was paid.
    Refund,
    /// Buys prepaid balance.
    Funding(InstrumentId),
    /// Pays from a prepaid balance.
    PrepaidSender(InstrumentId),
    /// Pays on credit.
    CreditSender(InstrumentId),
    /// Pays off a debt.
    Settlement(InstrumentId),
    /// An account's own.
    Own,
}

/// A limit over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How much or how often.
    pub most: Most,
    /// In which time; the token's whole life if absent.
    pub period: Option<Period>,
}

impl Limit {
    /// When the window that `now` lies in began.
    #[must_use]
    pub fn window(&self, first: Timestamp, now: Timestamp) -> Timestamp {
        self.period.map_or(first, |period| period.window(first, now))
    }
}

/// How much or how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Most {
    /// Dollars.
    Amount(Amount),
    /// Payments.
    Count(u64),
}

/// A period: `6 Months`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: PeriodUnit,
}

/// A unit of time of a [`Period`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeriodUnit {
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Period {
    /// Reads `1 Hour`, `6 Months`: an integer from 1, one space, the unit in singular or plural and any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.trim().split_once(' ')?;
        let count = count.parse().ok().filter(|count| (1..=10_000).contains(count))?;
        let unit = match unit.to_ascii_lowercase().trim_end_matches('s') {
            "hour" => PeriodUnit::Hour,
            "day" => PeriodUnit::Day,
            "week" => PeriodUnit::Week,
            "month" => PeriodUnit::Month,
            "year" => PeriodUnit::Year,
            _ => return None,
        };
        Some(Self { count, unit })
    }

    /// When the window that `now` lies in began, if the first began at `first` and each follows the last.
    #[must_use]
    pub fn window(self, first: Timestamp, now: Timestamp) -> Timestamp {
        let mut window = first;
        let mut number = 1;
        while let Some(next) = self.after(first, number).filter(|next| *next <= now && *next > window) {
            window = next;
            number += 1;
        }
        window
    }

    /// The time so many periods after `first`, by the calendar; none if there is no such time.
    #[must_use]
    pub fn after(self, first: Timestamp, number: i64) -> Option<Timestamp> {
        let count = i64::from(self.count).checked_mul(number)?;
        let span = jiff::Span::new();
        let span = match self.unit {
            PeriodUnit::Hour => span.try_hours(count),
            PeriodUnit::Day => span.try_hours(count.checked_mul(24)?),
            PeriodUnit::Week => span.try_hours(count.checked_mul(24 * 7)?),
            PeriodUnit::Month => span.try_months(count),
            PeriodUnit::Year => span.try_years(count),
        };
        let first = jiff::Timestamp::from_millisecond(first.unix_millis()).ok()?;
        let then = first.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span.ok()?).ok()?;
        Some(Timestamp::from_unix_millis(then.timestamp().as_millisecond()))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            PeriodUnit::Hour => "hour",
            PeriodUnit::Day => "day",
            PeriodUnit::Week => "week",
            PeriodUnit::Month => "month",
            PeriodUnit::Year => "year",
        };
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {unit}{plural}", self.count)
    }
}

/// The service's name for a prepaid or postpaid instrument.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstrumentId(String);

impl InstrumentId {
    /// An instrument of that name.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A prepaid balance or a postpaid debt of one buyer at one seller.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instrument {
    /// The service's name for it.
    pub id: InstrumentId,
    /// Prepaid or postpaid.
    pub kind: InstrumentKind,
    /// Whose it is.
    pub sender: AccountId,
    /// Where it is good.
    pub recipient: AccountId,
    /// The greatest balance or debt at one time.
    pub limit: Amount,
    /// The greatest sum over its life, of a postpaid one.
    pub global_limit: Option<Amount>,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// What an [`Instrument`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstrumentKind {
    /// Paid before.
    Prepaid,
    /// Paid after.
    Postpaid,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn periods_are_read_in_every_spelling_seen() {
        for (text, shown) in [("1 Hour", "1 hour"), ("6 Months", "6 months"), ("1 month", "1 month")] {
            assert_eq!(Period::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for text in ["", "1", "Month", "0 Month", "-1 Month", "1 Fortnight", "1.5 Days", "99999999999 Day"] {
            assert_eq!(Period::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn windows_follow_each_other_from_the_first_moment() {
        let month = Period::parse("1 Month").unwrap();
        for (now, window) in [
            ("2010-01-31T00:00:00Z", "2010-01-31T00:00:00Z"),
            ("2010-02-27T23:59:59Z", "2010-01-31T00:00:00Z"),
            ("2010-02-28T00:00:00Z", "2010-02-28T00:00:00Z"),
            ("2010-03-31T00:00:00Z", "2010-03-31T00:00:00Z"),
        ] {
            assert_eq!(month.window(time("2010-01-31T00:00:00Z"), time(now)), time(window), "{now}");
        }
    }

    #[test]
    fn amounts_and_limits_hold() {
        let now = time("2010-01-01T00:00:00Z");
        let reference = CallerReference::new("r").unwrap();
        let mut token =
            Token::single_use(TokenId::new("T"), AccountId::new("C"), AccountId::new("H"), reference, now);
        token.amount = Some(Amount::usd("10"));
        for (kind, amount, violation) in [
            (AmountType::Exact, "10", None),
            (AmountType::Exact, "9", Some(Violation::Amount)),
            (AmountType::Maximum, "9", None),
            (AmountType::Maximum, "10.01", Some(Violation::Amount)),
            (AmountType::Minimum, "11", None),
            (AmountType::Minimum, "9.99", Some(Violation::Amount)),
        ] {
            token.amount_type = kind;
            assert_eq!(token.violation(now, Amount::usd(amount), &[]), violation, "{kind} {amount}");
        }
        token.amount = None;
        token.global_limit = Some(Amount::usd("50"));
        let hour = Period::parse("1 Hour");
        token.limits = vec![
            Limit { most: Most::Amount(Amount::usd("20")), period: hour },
            Limit { most: Most::Count(2), period: Period::parse("1 Day") },
        ];
        let used = |at: &str, amount| Use { at: time(at), amount: Amount::usd(amount) };
        let later = time("2010-01-01T01:30:00Z");
        assert_eq!(token.violation(later, Amount::usd("20"), &[used("2010-01-01T00:30:00Z", "20")]), None);
        let inside = [used("2010-01-01T01:10:00Z", "0.01")];
        assert_eq!(token.violation(later, Amount::usd("20"), &inside), Some(Violation::Usage));
        let two = [used("2010-01-01T00:10:00Z", "1"), used("2010-01-01T00:11:00Z", "1")];
        assert_eq!(token.violation(later, Amount::usd("1"), &two), Some(Violation::Usage));
        let next_day = time("2010-01-02T00:00:00Z");
        assert_eq!(token.violation(next_day, Amount::usd("1"), &two), None);
        token.spent = Amount::usd("45");
        assert_eq!(token.violation(next_day, Amount::usd("5.00"), &[]), None);
        assert_eq!(token.violation(next_day, Amount::usd("5.01"), &[]), Some(Violation::Usage));
    }
}
