//! `first FIELD`: a value of the first entry that has it.

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "first",
    usage: "first FIELD",
    doc: "the field of the first entry that has it",
    back: "one-way",
    examples: &[
        Example {
            record: r#"{"lines":[{"number":"1"},{"code":"a"},{"code":"b"}]}"#,
            hole: "lines | first code",
            text: Some("a"),
            back: None,
        },
        Example {
            record: r#"{"lines":[{"number":"1"},{"code":"a","number":"3"}]}"#,
            hole: "lines where number > 2 | first code",
            text: Some("a"),
            back: None,
        },
    ],
};
