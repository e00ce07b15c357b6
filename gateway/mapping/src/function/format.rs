//! `format '#.00000'`: a number by a pattern.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "format",
    usage: "format '#.00000'",
    doc: "a number by a pattern: `0` a digit that is always written, `#` one that is written if needed; half to even",
    back: "one-way",
    examples: &[
        Example {
            record: r#"{"number":"0.125"}"#,
            hole: "number | format '#.00000'",
            text: Some(".12500"),
            back: None,
        },
        Example {
            record: r#"{"number":"19"}"#,
            hole: "number | format '#.00000'",
            text: Some("19.00000"),
            back: None,
        },
        Example { record: r#"{"number":"7"}"#, hole: "number | format '000'", text: Some("007"), back: None },
        Example {
            record: r#"{"number":"-2.50"}"#,
            hole: "number | format '0.0#'",
            text: Some("-2.5"),
            back: None,
        },
    ],
};

/// A pattern taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    whole: usize,
    fraction: usize,
    most: u32,
}

// === impl Format ===

impl Format {
    /// Reads a pattern of `#` and `0`, with at most one point.
    pub(crate) fn parse(pattern: &str) -> Option<Self> {
        let (whole, fraction) = pattern.split_once('.').unwrap_or((pattern, ""));
        let zeros = whole.trim_start_matches('#');
        let some = fraction.trim_end_matches('#');
        let only_zeros = |text: &str| text.bytes().all(|byte| byte == b'0');
        if pattern.is_empty() || pattern == "." || !only_zeros(zeros) || !only_zeros(some) {
            return None;
        }
        let most = u32::try_from(fraction.len()).ok().filter(|most| *most <= 28)?;
        Some(Self { whole: zeros.len(), fraction: some.len(), most })
    }

    pub(super) fn print(self, number: Decimal) -> String {
        let rounded =
            number.round_dp_with_strategy(self.most, RoundingStrategy::MidpointNearestEven).normalize();
        let digits = rounded.abs().to_string();
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let whole = if whole == "0" { "" } else { whole };
        let (width, depth) = (self.whole, self.fraction);
        let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
        let point = if fraction.is_empty() && depth == 0 { "" } else { "." };
        let printed = format!("{sign}{whole:0>width$}{point}{fraction:0<depth$}");
        if printed.is_empty() { "0".to_owned() } else { printed }
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn a_pattern_is_hashes_and_zeros_around_one_point() {
        for pattern in ["", ".", "0#", ".#0", "#,##0", "0.0.0", "x"] {
            assert_eq!(Format::parse(pattern), None, "{pattern}");
        }
        for (pattern, number, expected) in [
            ("#.00000", "0", ".00000"),
            ("#", "0", "0"),
            ("0.##", "1.005", "1"),
            ("#.#", "-0.04", "0"),
            ("0.00", "-0.125", "-0.12"),
        ] {
            let printed = Format::parse(pattern).unwrap().print(number.parse().unwrap());
            assert_eq!(printed, expected, "{pattern} {number}");
        }
    }
}
