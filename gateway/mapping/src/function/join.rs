//! `join FIELD ', '`: values of all entries in one text.

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "join",
    usage: "join FIELD ', '",
    doc: "the field of all entries that have it, with a text between",
    back: "one-way",
    examples: &[Example {
        record: r#"{"lines":[{"code":"a"},{"number":"1"},{"code":"b"}]}"#,
        hole: "lines | join code ', '",
        text: Some("a, b"),
        back: None,
    }],
};
