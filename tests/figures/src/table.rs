//! The table: medians, ratios by round with their quartiles, and whether each budget holds.

use fps_figures::{Line, Unit};

use crate::budgets::{Budget, ROWS, Row};
use crate::parts::Part;

/// Prints the rows of these parts; whether all budgets hold that were measured.
pub(crate) fn print(parts: &[&Part], measured: &[Line]) -> bool {
    println!(
        "\n{:<57}{:>13}{:>13}{:>8}  {:<17}{:<10}",
        "what / its floor", "floor", "ours", "ratio", "half of rounds in", "budget"
    );
    let mut all_hold = true;
    for row in ROWS.iter().filter(|row| parts.iter().any(|part| part.name == row.part)) {
        let line = measured.iter().find(|line| line.figure == row.figure && line.unit == row.unit);
        match line {
            Some(line) => all_hold &= print_row(row, line),
            None => println!("{:<57}not measured", heading(row)),
        }
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("\n{cores} processors, {}", crate::guard::compiler());
    all_hold
}

fn print_row(row: &Row, line: &Line) -> bool {
    let ours = Spread::of(line.ours.clone());
    let ratio = ratios(line).map(Spread::of);
    let verdict =
        row.budget.map(|budget| (budget, budget.holds(ours.median, ratio.map(|ratio| ratio.median))));
    let budget = match verdict {
        Some((budget, true)) => format!("{}  holds", budget.show(row.unit)),
        Some((budget, false)) => format!("{}  MISSED", budget.show(row.unit)),
        None => String::new(),
    };
    let floor = if line.floor.is_empty() {
        String::new()
    } else {
        show(row.unit, Spread::of(line.floor.clone()).median)
    };
    let (ratio, half) = match ratio {
        Some(ratio) if line.ours.len() > 1 => (
            thousandths(ratio.median),
            format!("{} … {}", thousandths(ratio.lower), thousandths(ratio.upper)),
        ),
        Some(ratio) => (thousandths(ratio.median), String::new()),
        None => (String::new(), String::new()),
    };
    let text = format!(
        "{:<57}{:>13}{:>13}{:>8}  {:<17}{}",
        heading(row),
        floor,
        show(row.unit, ours.median),
        ratio,
        half,
        budget
    );
    println!("{}", text.trim_end());
    verdict.is_none_or(|(_, holds)| holds)
}

fn heading(row: &Row) -> String {
    if row.what.is_empty() { format!("    {}", unit_name(row.unit)) } else { row.what.to_owned() }
}

/// Ours over the floor in thousandths, round by round; `None` without a floor, or where the floor is nothing.
fn ratios(line: &Line) -> Option<Vec<u64>> {
    let of = |(ours, floor): (&u64, &u64)| (ours * 1000).checked_div(*floor);
    let ratios: Option<Vec<u64>> = line.ours.iter().zip(&line.floor).map(of).collect();
    ratios.filter(|ratios| !ratios.is_empty())
}

/// The middle of some rounds, and between what the middle half of them lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spread {
    lower: u64,
    median: u64,
    upper: u64,
}

impl Spread {
    fn of(mut rounds: Vec<u64>) -> Self {
        rounds.sort_unstable();
        let at = |quarter: usize| rounds.get((rounds.len() * quarter / 4).min(rounds.len() - 1)).copied();
        let at = |quarter| at(quarter).expect("a line has a round");
        Self { lower: at(1), median: at(2), upper: at(3) }
    }
}

impl Budget {
    fn holds(self, ours: u64, ratio: Option<u64>) -> bool {
        match self {
            Self::AtMostTimes(most) => ratio.is_some_and(|ratio| ratio <= most),
            Self::AtLeastTimes(least) => ratio.is_some_and(|ratio| ratio >= least),
            Self::AtMost(most) => ours <= most,
            Self::Below(limit) => ours < limit,
        }
    }

    fn show(self, unit: Unit) -> String {
        match self {
            Self::AtMostTimes(most) => format!("≤ {}", thousandths(most)),
            Self::AtLeastTimes(least) => format!("≥ {}", thousandths(least)),
            Self::AtMost(most) => format!("≤ {}", show(unit, most)),
            Self::Below(limit) => format!("< {}", show(unit, limit)),
        }
    }
}

pub(crate) fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Ns => "time",
        Unit::CallsPerSecond => "calls per second",
        Unit::Instructions => "instructions",
        Unit::Allocations => "allocations",
        Unit::Commits => "commits",
        Unit::Crates => "crates",
    }
}

fn show(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Ns => match value {
            0..1_000 => format!("{value} ns"),
            1_000..1_000_000 => format!("{} µs", hundredths(value / 10)),
            1_000_000..1_000_000_000 => format!("{} ms", hundredths(value / 10_000)),
            _ => format!("{} s", hundredths(value / 10_000_000)),
        },
        Unit::CallsPerSecond => format!("{} /s", grouped(value)),
        _ => grouped(value),
    }
}

fn thousandths(value: u64) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}

fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// `1,234,567`.
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_and_the_middle_half() {
        assert_eq!(Spread::of(vec![9, 1, 5, 3, 7]), Spread { lower: 3, median: 5, upper: 7 });
        assert_eq!(Spread::of(vec![4]), Spread { lower: 4, median: 4, upper: 4 });
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let line = |floor, ours| Line { figure: String::new(), unit: Unit::Ns, floor, ours };
        assert_eq!(ratios(&line(vec![10, 20], vec![15, 20])), Some(vec![1500, 1000]));
        assert_eq!(ratios(&line(Vec::new(), vec![15])), None);
        assert_eq!(ratios(&line(vec![0], vec![15])), None, "nothing is no floor");
    }

    #[test]
    fn budgets_hold_to_the_last_thousandth() {
        let cases = [
            (Budget::AtMostTimes(1_500), 0, Some(1_500), true),
            (Budget::AtMostTimes(1_500), 0, Some(1_501), false),
            (Budget::AtMostTimes(1_500), 0, None, false),
            (Budget::AtLeastTimes(500), 0, Some(499), false),
            (Budget::AtMost(4), 4, None, true),
            (Budget::AtMost(4), 5, None, false),
            (Budget::Below(180), 180, None, false),
        ];
        for (budget, ours, ratio, holds) in cases {
            assert_eq!(budget.holds(ours, ratio), holds, "{budget:?} {ours} {ratio:?}");
        }
    }

    #[test]
    fn values_are_shown_in_their_units() {
        let cases = [
            (Unit::Ns, 999, "999 ns"),
            (Unit::Ns, 1_234, "1.23 µs"),
            (Unit::Ns, 71_230_000_000, "71.23 s"),
            (Unit::Instructions, 1_234_567, "1,234,567"),
            (Unit::Crates, 169, "169"),
        ];
        for (unit, value, shown) in cases {
            assert_eq!(show(unit, value), shown);
        }
    }

    #[test]
    fn every_row_is_of_a_part() {
        for row in ROWS {
            assert!(Part::named(row.part).is_some(), "{}", row.part);
        }
    }
}
