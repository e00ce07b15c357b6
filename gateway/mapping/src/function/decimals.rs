//! `decimals 2`: a fixed number of digits behind the point.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "decimals",
    usage: "decimals 2",
    doc: "rounds to so many digits behind the point, half to even, and writes all of them",
    back: "one-way",
    examples: &[
        Example {
            record: r#"{"number":"1.005"}"#,
            hole: "number | decimals 2",
            text: Some("1.00"),
            back: None,
        },
        Example {
            record: r#"{"number":"1.015"}"#,
            hole: "number | decimals 2",
            text: Some("1.02"),
            back: None,
        },
        Example { record: r#"{"number":"3"}"#, hole: "number | decimals 2", text: Some("3.00"), back: None },
    ],
};

pub(super) fn decimals(number: Decimal, count: u32) -> String {
    let mut rounded = number.round_dp_with_strategy(count, RoundingStrategy::MidpointNearestEven);
    if rounded.is_zero() {
        rounded.set_sign_positive(true);
    }
    let width = count as usize;
    format!("{rounded:.width$}")
}
