//! `negate`: the other sign.

use gateway_model::scalar;
use rust_decimal::Decimal;

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "negate",
    usage: "negate",
    doc: "the number with the other sign",
    back: "`negate`",
    examples: &[
        Example {
            record: r#"{"number":"-29.80000"}"#,
            hole: "number | negate",
            text: Some("29.8"),
            back: Some(r#"{"number":"-29.8"}"#),
        },
        Example {
            record: r#"{"number":"0.00"}"#,
            hole: "number | negate",
            text: Some("0"),
            back: Some(r#"{"number":"0"}"#),
        },
    ],
};

pub(super) fn negate(number: Decimal) -> String {
    scalar::plain(-number)
}
