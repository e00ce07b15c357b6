//! `plain`: a number without zeros at its end.

use gateway_model::scalar;
use rust_decimal::Decimal;

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "plain",
    usage: "plain",
    doc: "a number without zeros at its end",
    back: "unchanged; the zeros are lost",
    examples: &[Example {
        record: r#"{"number":"2.00"}"#,
        hole: "number | plain",
        text: Some("2"),
        back: Some(r#"{"number":"2"}"#),
    }],
};

pub(super) fn plain(number: Decimal) -> String {
    scalar::plain(number)
}
