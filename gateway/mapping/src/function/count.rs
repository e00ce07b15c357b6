//! `count`: how many entries a list has.

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "count",
    usage: "count",
    doc: "how many entries a list has",
    back: "one-way",
    examples: &[
        Example {
            record: r#"{"lines":[{"code":"a"},{"code":"b"}]}"#,
            hole: "lines | count",
            text: Some("2"),
            back: None,
        },
        Example {
            record: r#"{"code":"x","lines":[{"code":"a"},{"code":"b"}]}"#,
            hole: "lines where code = 'b' | count",
            text: Some("1"),
            back: None,
        },
    ],
};
