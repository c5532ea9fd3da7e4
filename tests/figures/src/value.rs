//! Figures as they are read: with their units, and so many digits as say something.

use fps_figures::Unit;

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

/// `1.23 µs`, `1,234,567`.
pub(crate) fn show(unit: Unit, value: u64) -> String {
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

/// `1.500`.
pub(crate) fn thousandths(value: u64) -> String {
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
    fn values_are_shown_in_their_units() {
        let cases = [
            (Unit::Ns, 999, "999 ns"),
            (Unit::Ns, 1_234, "1.23 µs"),
            (Unit::Ns, 71_230_000_000, "71.23 s"),
            (Unit::CallsPerSecond, 12_345, "12,345 /s"),
            (Unit::Instructions, 1_234_567, "1,234,567"),
            (Unit::Crates, 169, "169"),
        ];
        for (unit, value, shown) in cases {
            assert_eq!(show(unit, value), shown);
        }
    }
}
