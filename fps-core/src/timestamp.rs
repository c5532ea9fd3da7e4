//! Points in time.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::tz::{Offset, TimeZone};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, as precise as FPS writes it.
///
/// It prints and parses as ISO 8601. Requests carry UTC with milliseconds
/// (`2010-10-06T05:49:52.000Z`); answers carry an offset (`2009-10-07T01:37:54.765-07:00`); both are
/// read.
///
/// ```
/// use fps_core::Timestamp;
///
/// let received: Timestamp = "2009-10-07T01:37:54.765-07:00".parse()?;
/// assert_eq!(received.to_string(), "2009-10-07T08:37:54.765Z");
/// # Ok::<(), fps_core::TimestampError>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since the Unix epoch, as notices and pipelines write dates.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time so much later; stays at the end of time rather than wrap.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time so much earlier; stays at the beginning of time rather than wrap.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The form of answers: milliseconds and the offset of US Pacific time at that moment.
    #[must_use]
    pub fn to_pacific(self) -> String {
        // The rules are read once.
        static ZONE: LazyLock<TimeZone> = LazyLock::new(|| {
            TimeZone::posix(PACIFIC).unwrap_or_else(|_| TimeZone::fixed(Offset::constant(-8)))
        });
        let offset = ZONE.to_offset(self.to_jiff());
        let local = offset.to_datetime(self.to_jiff());
        let Ok(year) = u32::try_from(local.year()) else {
            return self.to_jiff().to_zoned(ZONE.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string();
        };
        let small = |number: i8| u32::from(number.unsigned_abs());
        let millis = u32::from(local.millisecond().unsigned_abs());
        let away = offset.seconds().unsigned_abs() / 60;
        // An answer can have dates by the dozen, so they are written by hand: each number from its last digit.
        let mut text = *b"0000-00-00T00:00:00.000+00:00";
        for (mut number, ends) in [
            (year, 4),
            (small(local.month()), 7),
            (small(local.day()), 10),
            (small(local.hour()), 13),
            (small(local.minute()), 16),
            (small(local.second()), 19),
            (millis, 23),
            (away / 60, 26),
            (away % 60, 29),
        ] {
            let mut at = ends;
            while number > 0 {
                at -= 1;
                text[at] = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        if offset.is_negative() {
            text[23] = b'-';
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The form of requests of 2007-01-08: UTC, and a fraction of a second only where there is one.
    pub(crate) fn to_shortest(self) -> String {
        self.to_jiff().to_string()
    }

    /// Reads the `Date` header of an HTTP answer, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub(crate) fn parse_http(text: &str) -> Option<Self> {
        jiff::fmt::rfc2822::parse(text).ok().map(|date| Self(date.timestamp().as_millisecond()))
    }

    pub(crate) fn to_jiff(self) -> jiff::Timestamp {
        // What a calendar of four digits does not hold is shown as its first or last moment.
        let end = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(end)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        match text.parse::<jiff::Timestamp>() {
            Ok(time) => Ok(Self(time.as_millisecond())),
            Err(source) => Err(TimestampError { source }),
        }
    }
}

/// A text is not a date and time of ISO 8601 with an offset, such as `2010-10-06T05:49:52.000Z`.
#[derive(Clone, Debug, thiserror::Error)]
#[error("not an ISO 8601 time with an offset such as 2010-10-06T05:49:52.000Z")]
pub struct TimestampError {
    source: jiff::Error,
}

/// Pacific time as POSIX writes it: eight hours behind UTC, seven from the second Sunday of March to the
/// first of November.
const PACIFIC: &str = "PST8PDT,M3.2.0,M11.1.0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_answers_have_milliseconds() {
        let time: Timestamp = "2009-10-07T01:37:54.765-07:00".parse().unwrap();
        assert_eq!(time.to_string(), "2009-10-07T08:37:54.765Z");
        assert_eq!(time.to_pacific(), "2009-10-07T01:37:54.765-07:00");
        assert_eq!(Timestamp::from_unix_seconds(1_262_304_000).to_string(), "2010-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_unix_seconds(1_262_304_000).to_pacific(), "2009-12-31T16:00:00.000-08:00");
        for seconds in [0, -1, 1_289_120_400, 1_289_124_000, 253_370_764_800, -62_104_060_800] {
            let time = Timestamp::from_unix_seconds(seconds);
            assert_eq!(time.to_pacific().parse::<Timestamp>().unwrap(), time, "{}", time.to_pacific());
            assert_eq!(time.to_pacific().len(), 29, "{}", time.to_pacific());
        }
    }

    #[test]
    fn requests_of_2007_have_a_fraction_only_where_there_is_one() {
        assert_eq!(Timestamp::from_unix_seconds(1_192_554_000).to_shortest(), "2007-10-16T17:00:00Z");
        assert_eq!(Timestamp::from_unix_millis(1_192_554_000_010).to_shortest(), "2007-10-16T17:00:00.01Z");
    }

    #[test]
    fn the_date_of_an_http_answer_is_read() {
        let date = Timestamp::parse_http("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date, Some(Timestamp::from_unix_seconds(784_111_777)));
        assert_eq!(Timestamp::parse_http("yesterday"), None);
    }

    #[test]
    fn a_time_without_offset_is_refused() {
        for text in ["", "2010-01-01", "2010-01-01T00:00:00", "2010-02-26 T19:48:05.000Z", "now"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn arithmetic_stays_within_time() {
        let end = Timestamp::from_unix_millis(i64::MAX);
        assert_eq!(end.after(Duration::from_secs(1)), end);
        for far in [253_402_300_799_000, i64::MAX] {
            let far = Timestamp::from_unix_millis(far);
            assert!(far.to_string().starts_with("9999-12-30T"), "{far}");
            assert!(far.to_pacific().starts_with("9999-12-30T"), "{}", far.to_pacific());
        }
        let beginning = Timestamp::from_unix_millis(i64::MIN).to_string();
        assert!(beginning.starts_with("-009999-01-02T"), "{beginning}");
        assert_eq!(Timestamp::default().since(end), Duration::ZERO);
        assert_eq!(end.since(end.before(Duration::from_millis(5))), Duration::from_millis(5));
    }
}
