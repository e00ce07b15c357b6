//! `sum FIELD`, `sum (EXPRESSION)`: exact sum over a list.

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "sum",
    usage: "sum FIELD",
    doc: "the exact sum of a field, or of an expression in parentheses, over all entries that have it",
    back: "one-way",
    examples: &[
        Example {
            record: r#"{"lines":[{"number":"3.00"},{"code":"x"},{"number":"2.00"}]}"#,
            hole: "lines | sum number",
            text: Some("5"),
            back: None,
        },
        Example {
            record: r#"{"lines":[{"number":"3"},{"number":"2"}]}"#,
            hole: "lines | sum (number * 2)",
            text: Some("10"),
            back: None,
        },
    ],
};
