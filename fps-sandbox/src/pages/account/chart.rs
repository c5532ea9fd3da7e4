//! A picture of money in and out.

use std::time::Duration;

use fps_core::{Amount, Timestamp};

use crate::ledger::{AccountId, Ledger, PayMethod, Status};
use crate::pages::confirm::dollars;

/// Bars for the last days: money in upwards, money out downwards.
pub(super) struct Chart {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) middle: i64,
    pub(super) bar: i64,
    pub(super) days: i64,
    pub(super) total_in: String,
    pub(super) total_out: String,
    pub(super) summary: String,
    pub(super) bars: Vec<Bar>,
}

/// One day.
pub(super) struct Bar {
    pub(super) x: i64,
    pub(super) text_x: i64,
    pub(super) in_y: i64,
    pub(super) in_height: i64,
    pub(super) out_height: i64,
    pub(super) label: String,
    pub(super) title: String,
}

impl Chart {
    /// The chart of an account; none if nothing moved.
    pub(super) fn of(ledger: &Ledger, account: &AccountId, now: Timestamp) -> Option<Self> {
        let mut days = [(0i64, 0i64); DAYS];
        let today = now.unix_seconds().div_euclid(DAY);
        for one in ledger.transactions().rev() {
            let Some(at) = one.completed.filter(|_| one.status == Status::Success) else { continue };
            let ago = today - at.unix_seconds().div_euclid(DAY);
            let Some(day) = usize::try_from(ago).ok().and_then(|ago| DAYS.checked_sub(ago + 1)) else {
                continue;
            };
            // Prepaid and postpaid payments move a balance and no money.
            if matches!(one.method, PayMethod::Prepaid | PayMethod::Debt) {
                continue;
            }
            let micros = one.amount.micros();
            if one.recipient == *account {
                days[day].0 = days[day].0.saturating_add(micros);
            } else if one.sender == *account {
                days[day].1 = days[day].1.saturating_add(micros);
            }
        }
        let most = days.iter().map(|(income, outgo)| *income.max(outgo)).max().filter(|most| *most > 0)?;
        let scaled = |micros: i64| {
            let height = i128::from(micros) * i128::from(HALF) / i128::from(most);
            i64::try_from(height).unwrap_or(HALF).max(i64::from(micros > 0) * 2)
        };
        let sum = |pick: fn(&(i64, i64)) -> i64| {
            Amount::from_micros(days.iter().map(pick).fold(0i64, i64::saturating_add))
        };
        let (total_in, total_out) = (dollars(sum(|day| day.0)), dollars(sum(|day| day.1)));
        let bars = (0..).zip(days).map(|(at, (income, outgo))| {
            let date = now.before(Duration::from_secs(86_400 * (DAYS as u64 - 1 - at as u64))).to_string();
            let date = date.get(5..10).unwrap_or_default().to_owned();
            Bar {
                x: at * STEP + (STEP - WIDTH) / 2,
                text_x: at * STEP + STEP / 2,
                in_y: HALF - scaled(income),
                in_height: scaled(income),
                out_height: scaled(outgo),
                title: format!(
                    "{date}: in {}, out {}",
                    dollars(Amount::from_micros(income)),
                    dollars(Amount::from_micros(outgo))
                ),
                label: date,
            }
        });
        Some(Self {
            width: STEP * DAYS as i64,
            height: HALF * 2 + 16,
            middle: HALF,
            bar: WIDTH,
            days: DAYS as i64,
            summary: format!("{total_in} came in and {total_out} went out in the last {DAYS} days"),
            total_in,
            total_out,
            bars: bars.collect(),
        })
    }
}

const DAYS: usize = 14;
const DAY: i64 = 86_400;
const HALF: i64 = 48;
const STEP: i64 = 46;
const WIDTH: i64 = 22;
