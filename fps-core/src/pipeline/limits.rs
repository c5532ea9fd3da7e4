//! What bounds a token: periods and usage limits.

use std::fmt;

use crate::Amount;
use crate::param::pipeline;
use crate::pipeline::PipelineError;
use crate::pipeline::link::amount;
use crate::pipeline::parameters::LinkParameters;

/// A stretch of time as links write it: `1 Hour`, `6 Months`.
///
/// ```
/// use fps_core::pipeline::Period;
///
/// assert_eq!(Period::months(6).to_string(), "6 Months");
/// assert_eq!(Period::hours(1).to_string(), "1 Hour");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    count: u32,
    unit: PeriodUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageLimit {
    value: UsageValue,
    period: Option<Period>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UsageValue {
    Amount(Amount),
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
