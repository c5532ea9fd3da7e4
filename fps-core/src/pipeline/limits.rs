//! What bounds a token: periods and usage limits.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::param::pipeline;
use crate::pipeline::PipelineError;
use crate::pipeline::link::amount;
use crate::pipeline::parameters::LinkParameters;
use crate::{Amount, Timestamp};

/// A stretch of time as links write it: `1 Hour`, `6 Months`.
///
/// ```
/// use fps_core::pipeline::Period;
///
/// assert_eq!(Period::months(6).to_string(), "6 Months");
/// assert_eq!(Period::hours(1).to_string(), "1 Hour");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    count: u32,
    unit: PeriodUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum PeriodUnit {
    Hour,
    Day,
    Month,
    Year,
}

impl Period {
    /// So many hours, at least one.
    #[must_use]
    pub const fn hours(count: u32) -> Self {
        Self { count, unit: PeriodUnit::Hour }
    }

    /// So many days, at least one.
    #[must_use]
    pub const fn days(count: u32) -> Self {
        Self { count, unit: PeriodUnit::Day }
    }

    /// So many months, at least one.
    #[must_use]
    pub const fn months(count: u32) -> Self {
        Self { count, unit: PeriodUnit::Month }
    }

    /// So many years, at least one.
    #[must_use]
    pub const fn years(count: u32) -> Self {
        Self { count, unit: PeriodUnit::Year }
    }

    /// When the period that `now` lies in began, if the first began at `first` and each follows the last, by the calendar of UTC.
    ///
    /// The guides do not say how the service lays its periods; this is how `fps-sandbox` does.
    ///
    /// ```
    /// use fps_core::pipeline::Period;
    ///
    /// let (first, now) = ("2010-01-31T12:00:00Z".parse()?, "2010-03-01T00:00:00Z".parse()?);
    /// assert_eq!(Period::months(1).began(first, now), "2010-02-28T12:00:00Z".parse()?);
    /// # Ok::<(), fps_core::TimestampError>(())
    /// ```
    #[must_use]
    pub fn began(self, first: Timestamp, now: Timestamp) -> Timestamp {
        let number = self.whole_periods(first, now);
        // A month can be cut short by the calendar, so the estimate may be one too high.
        let fits = |began: &Timestamp| *began <= now;
        ((number - 1).max(0)..=number)
            .rev()
            .find_map(|number| self.after(first, number).filter(fits))
            .unwrap_or(first)
    }

    /// How many periods have passed, perhaps one too many.
    fn whole_periods(self, first: Timestamp, now: Timestamp) -> i64 {
        let count = i64::from(self.count.max(1));
        let hours = now.unix_millis().saturating_sub(first.unix_millis()).max(0) / (60 * 60 * 1000);
        let months = || {
            let (first, now) =
                (first.to_jiff().to_zoned(TimeZone::UTC), now.to_jiff().to_zoned(TimeZone::UTC));
            let month = |at: &jiff::Zoned| i64::from(at.year()) * 12 + i64::from(at.month());
            month(&now).saturating_sub(month(&first)).max(0)
        };
        match self.unit {
            PeriodUnit::Hour => hours / count,
            PeriodUnit::Day => hours / 24 / count,
            PeriodUnit::Month => months() / count,
            PeriodUnit::Year => months() / 12 / count,
        }
    }

    /// So many periods after that time; nothing beyond the calendar.
    fn after(self, first: Timestamp, number: i64) -> Option<Timestamp> {
        let count = i64::from(self.count).checked_mul(number)?;
        let span = jiff::Span::new();
        let span = match self.unit {
            PeriodUnit::Hour => span.try_hours(count),
            PeriodUnit::Day => span.try_hours(count.checked_mul(24)?),
            PeriodUnit::Month => span.try_months(count),
            PeriodUnit::Year => span.try_years(count),
        };
        let then = first.to_jiff().to_zoned(TimeZone::UTC).checked_add(span.ok()?).ok()?;
        Some(Timestamp::from_unix_millis(then.timestamp().as_millisecond()))
    }

    pub(crate) fn to_wire(self, parameter: &'static str) -> Result<String, PipelineError> {
        if self.count == 0 { Err(PipelineError::Zero { parameter }) } else { Ok(self.to_string()) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            PeriodUnit::Hour => "Hour",
            PeriodUnit::Day => "Day",
            PeriodUnit::Month => "Month",
            PeriodUnit::Year => "Year",
        };
        write!(f, "{} {unit}{}", self.count, if self.count == 1 { "" } else { "s" })
    }
}

/// How much or how often a token may be used, in each period or in its whole life.
///
/// ```
/// use fps_core::Amount;
/// use fps_core::pipeline::{Period, UsageLimit};
///
/// let ten_a_month = UsageLimit::amount(Amount::usd("10")).per(Period::months(1));
/// let five_in_all = UsageLimit::count(5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLimit {
    value: UsageValue,
    period: Option<Period>,
}

/// What a [`UsageLimit`] counts, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UsageValue {
    /// At most so many dollars: `usageLimitType=Amount`.
    Amount(Amount),
    /// At most so many payments: `usageLimitType=Count`.
    Count(u32),
}

impl UsageLimit {
    /// At most so many dollars: `usageLimitType=Amount`.
    #[must_use]
    pub const fn amount(amount: Amount) -> Self {
        Self { value: UsageValue::Amount(amount), period: None }
    }

    /// At most so many payments: `usageLimitType=Count`.
    #[must_use]
    pub const fn count(count: u32) -> Self {
        Self { value: UsageValue::Count(count), period: None }
    }

    /// `usageLimitPeriod`: in each such period. Default: in the token's whole life.
    #[must_use]
    pub const fn per(mut self, period: Period) -> Self {
        self.period = Some(period);
        self
    }

    /// What it counts, and how far.
    #[must_use]
    pub const fn value(self) -> UsageValue {
        self.value
    }

    /// In which periods; in the token's whole life if absent.
    #[must_use]
    pub const fn period(self) -> Option<Period> {
        self.period
    }

    fn push_to<'a>(
        self,
        pairs: &mut impl LinkParameters<'a>,
        [kind, period, value]: [&'static str; 3],
    ) -> Result<(), PipelineError> {
        if let Some(length) = self.period {
            pairs.push(period, length.to_wire(period)?);
        }
        match self.value {
            UsageValue::Amount(limit) => {
                pairs.push(kind, "Amount");
                pairs.push(value, amount(value, limit)?);
            }
            UsageValue::Count(0) => return Err(PipelineError::Zero { parameter: value }),
            UsageValue::Count(count) => {
                pairs.push(kind, "Count");
                pairs.push(value, count.to_string());
            }
        }
        Ok(())
    }
}

/// How much or how often, without the period: `10.00`, `5 payments`.
impl fmt::Display for UsageLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            UsageValue::Amount(amount) => amount.fmt(f),
            UsageValue::Count(1) => f.write_str("1 payment"),
            UsageValue::Count(count) => write!(f, "{count} payments"),
        }
    }
}

/// Adds up to two usage limits; the service takes no more.
pub(crate) fn push_usage_limits<'a>(
    pairs: &mut impl LinkParameters<'a>,
    limits: &[UsageLimit],
) -> Result<(), PipelineError> {
    if limits.len() > USAGE_LIMITS.len() {
        return Err(PipelineError::TooManyLimits { limits: limits.len() });
    }
    limits.iter().zip(USAGE_LIMITS).try_for_each(|(limit, names)| limit.push_to(pairs, names))
}

const USAGE_LIMITS: [[&str; 3]; 2] = [
    [pipeline::USAGE_LIMIT_TYPE_1, pipeline::USAGE_LIMIT_PERIOD_1, pipeline::USAGE_LIMIT_VALUE_1],
    [pipeline::USAGE_LIMIT_TYPE_2, pipeline::USAGE_LIMIT_PERIOD_2, pipeline::USAGE_LIMIT_VALUE_2],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::parameters::{LinkPairs, LinkQuery};

    #[test]
    fn a_period_began_where_the_last_one_ended() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        for (period, first, now, began) in [
            (Period::hours(2), "2010-01-01T00:30:00Z", "2010-01-01T00:30:00Z", "2010-01-01T00:30:00Z"),
            (Period::hours(2), "2010-01-01T00:30:00Z", "2010-01-01T02:29:59Z", "2010-01-01T00:30:00Z"),
            (Period::hours(2), "2010-01-01T00:30:00Z", "2010-01-01T04:30:00Z", "2010-01-01T04:30:00Z"),
            (Period::days(3), "2010-01-01T12:00:00Z", "2010-01-07T11:59:59Z", "2010-01-04T12:00:00Z"),
            (Period::months(1), "2010-01-31T00:00:00Z", "2010-02-27T00:00:00Z", "2010-01-31T00:00:00Z"),
            (Period::months(1), "2010-01-31T00:00:00Z", "2010-02-28T00:00:00Z", "2010-02-28T00:00:00Z"),
            (Period::months(1), "2010-01-31T00:00:00Z", "2010-03-30T23:00:00Z", "2010-02-28T00:00:00Z"),
            (Period::months(5), "2010-01-31T00:00:00Z", "2011-05-01T00:00:00Z", "2011-04-30T00:00:00Z"),
            (Period::years(1), "2012-02-29T00:00:00Z", "2013-02-28T00:00:00Z", "2013-02-28T00:00:00Z"),
            (Period::years(1), "2012-02-29T00:00:00Z", "2013-02-27T00:00:00Z", "2012-02-29T00:00:00Z"),
            // A clock that goes backwards.
            (Period::days(1), "2010-01-02T00:00:00Z", "2010-01-01T00:00:00Z", "2010-01-02T00:00:00Z"),
        ] {
            assert_eq!(period.began(time(first), time(now)), time(began), "{period} from {first} at {now}");
        }
    }

    #[test]
    fn limits_are_numbered_and_there_are_at_most_two() {
        let limits = [
            UsageLimit::amount(Amount::usd("10")).per(Period::months(6)),
            UsageLimit::count(5),
            UsageLimit::count(6),
        ];
        let mut query = LinkQuery::at(&"https://example.com/".parse().unwrap());
        push_usage_limits(&mut query, &limits[..2]).unwrap();
        query.sort();
        let mut pairs = LinkPairs::default();
        assert_eq!(
            query.to_sign(),
            "usageLimitPeriod1=6%20Months&usageLimitType1=Amount&usageLimitType2=Count&usageLimitValue1=10.00&usageLimitValue2=5"
        );
        assert_eq!(push_usage_limits(&mut pairs, &limits), Err(PipelineError::TooManyLimits { limits: 3 }));
        for limit in [UsageLimit::count(0), UsageLimit::count(1).per(Period::days(0))] {
            let refused = push_usage_limits(&mut pairs, &[limit]);
            assert!(matches!(refused, Err(PipelineError::Zero { .. })), "{limit:?}");
        }
    }
}
