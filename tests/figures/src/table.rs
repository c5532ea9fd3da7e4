//! The table: medians, ratios by round with their quartiles, and whether each budget holds.

use fps_figures::{Line, Unit};

use crate::budgets::{Budget, ROWS, Row};
use crate::parts::Part;
use crate::value::{show, thousandths, unit_name};

/// Rows as they are read, and what they say of their budgets.
pub(crate) struct Table {
    rows: Vec<[String; COLUMNS.len()]>,
    held: usize,
    /// What the missed budgets are of.
    missed: Vec<String>,
    /// What has a budget and was not measured.
    unknown: Vec<String>,
}

/// How a table is written.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    Text,
    Markdown,
}

/// Their names; whether they are numbers, which stand under each other by their last digits.
const COLUMNS: [(&str, bool); 7] = [
    ("ours / floor", false),
    ("floor", true),
    ("ours", true),
    ("ratio", true),
    ("half of the rounds in", false),
    ("budget", false),
    ("holds", false),
];

impl Table {
    /// The rows of these parts.
    pub(crate) fn of(parts: &[&Part], measured: &[Line]) -> Self {
        Self::with(ROWS.iter().filter(|row| parts.iter().any(|part| part.name == row.part)), measured)
    }

    fn with<'a>(rows: impl Iterator<Item = &'a Row>, measured: &[Line]) -> Self {
        let mut table = Self { rows: Vec::new(), held: 0, missed: Vec::new(), unknown: Vec::new() };
        for row in rows {
            let line = measured.iter().find(|line| line.figure == row.figure && line.unit == row.unit);
            table.add(row, line.filter(|line| !line.ours.is_empty()));
        }
        table
    }

    fn add(&mut self, row: &Row, line: Option<&Line>) {
        let heading =
            if row.what.is_empty() { format!("… {}", unit_name(row.unit)) } else { row.what.to_owned() };
        let budget = row.budget.map(|budget| budget.show(row.unit)).unwrap_or_default();
        let Some(line) = line else {
            if row.budget.is_some() {
                self.unknown.push(format!("{}, {}", row.figure, unit_name(row.unit)));
            }
            let [none, not] = ["", "not measured"].map(str::to_owned);
            self.rows.push([heading, none.clone(), not, none.clone(), none.clone(), budget, none]);
            return;
        };
        let ours = Spread::of(line.ours.clone());
        let ratio = ratios(line).map(Spread::of);
        let holds = match row.budget.map(|budget| budget.holds(ours.median, ratio.map(|ratio| ratio.median)))
        {
            Some(true) => {
                self.held += 1;
                "yes"
            }
            Some(false) => {
                self.missed.push(format!("{}, {}", row.figure, unit_name(row.unit)));
                "NO"
            }
            None => "",
        };
        let floor = Some(line.floor.clone()).filter(|floor| !floor.is_empty()).map(Spread::of);
        let half = ratio.filter(|_| line.ours.len() > 1);
        self.rows.push([
            heading,
            floor.map(|floor| show(row.unit, floor.median)).unwrap_or_default(),
            show(row.unit, ours.median),
            ratio.map(|ratio| thousandths(ratio.median)).unwrap_or_default(),
            half.map(|half| format!("{} … {}", thousandths(half.lower), thousandths(half.upper)))
                .unwrap_or_default(),
            budget,
            holds.to_owned(),
        ]);
    }

    /// Whether a budget does not hold.
    pub(crate) fn is_missed(&self) -> bool {
        !self.missed.is_empty()
    }

    /// Whether all was measured that has a budget.
    pub(crate) fn is_whole(&self) -> bool {
        self.unknown.is_empty()
    }

    /// How many budgets hold, and which do not.
    pub(crate) fn summary(&self) -> String {
        let all = self.held + self.missed.len() + self.unknown.len();
        let mut summary = format!("{} of {all} budgets hold", self.held);
        for (what, figures) in [("missed", &self.missed), ("not measured", &self.unknown)] {
            if !figures.is_empty() {
                summary.push_str(&format!("; {what}: {}", figures.join("; ")));
            }
        }
        summary
    }

    /// All lines of it.
    pub(crate) fn show(&self, form: Form) -> String {
        let names = COLUMNS.map(|(name, _)| name.to_owned());
        let all = std::iter::once(&names).chain(&self.rows);
        match form {
            Form::Markdown => {
                let line = |cells: &[String; COLUMNS.len()]| format!("| {} |\n", cells.join(" | "));
                let rule = COLUMNS.map(|(_, is_number)| if is_number { "---:" } else { "---" }.to_owned());
                let rows: String = self.rows.iter().map(line).collect();
                line(&names) + &line(&rule) + &rows
            }
            Form::Text => {
                let width = |column: usize| all.clone().map(|cells| cells[column].chars().count()).max();
                let widths: [usize; COLUMNS.len()] =
                    std::array::from_fn(|column| width(column).unwrap_or_default());
                let line = |cells: &[String; COLUMNS.len()]| {
                    let cells =
                        cells.iter().zip(widths).zip(COLUMNS).map(|((cell, width), (_, is_number))| {
                            if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                        });
                    format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
                };
                all.clone().map(line).collect()
            }
        }
    }
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
    fn a_table_says_what_holds_and_what_was_not_measured() {
        let row = |figure, unit, what, budget| Row { part: "p", figure, unit, what, budget };
        let rows = [
            row("link", Unit::Ns, "a link / HMAC", Some(Budget::AtMostTimes(1_600))),
            row("link", Unit::Allocations, "", None),
            row("link", Unit::Instructions, "", Some(Budget::AtMostTimes(1_020))),
            row("shop", Unit::Commits, "a purchase", Some(Budget::AtMost(4))),
        ];
        let line = |figure: &str, unit, floor: &[u64], ours: &[u64]| Line {
            figure: figure.to_owned(),
            unit,
            floor: floor.to_vec(),
            ours: ours.to_vec(),
        };
        let lines = [
            line("link", Unit::Ns, &[1_000, 1_000], &[1_500, 1_400]),
            line("link", Unit::Allocations, &[0], &[1]),
            line("shop", Unit::Commits, &[], &[5]),
        ];
        let table = Table::with(rows.iter(), &lines);
        assert_eq!(
            table.show(Form::Text),
            "ours / floor      floor          ours  ratio  half of the rounds in  budget   holds
a link / HMAC   1.00 µs       1.50 µs  1.500  1.400 … 1.500          ≤ 1.600  yes
… allocations         0             1
… instructions           not measured                                ≤ 1.020
a purchase                          5                                ≤ 4      NO
"
        );
        assert_eq!(
            table.show(Form::Markdown),
            "| ours / floor | floor | ours | ratio | half of the rounds in | budget | holds |
| --- | ---: | ---: | ---: | --- | --- | --- |
| a link / HMAC | 1.00 µs | 1.50 µs | 1.500 | 1.400 … 1.500 | ≤ 1.600 | yes |
| … allocations | 0 | 1 |  |  |  |  |
| … instructions |  | not measured |  |  | ≤ 1.020 |  |
| a purchase |  | 5 |  |  | ≤ 4 | NO |
"
        );
        assert_eq!(
            table.summary(),
            "1 of 3 budgets hold; missed: shop, commits; not measured: link, instructions"
        );
        assert!(table.is_missed() && !table.is_whole());
    }

    #[test]
    fn every_row_is_of_a_part() {
        for row in ROWS {
            assert!(Part::named(row.part).is_some(), "{}", row.part);
        }
    }
}
