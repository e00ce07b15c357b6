//! `prefix`: literal text before a value.

use std::borrow::Cow;

use super::{Example, Function, piece};

pub(super) const FUNCTION: Function = Function {
    name: "prefix",
    usage: "prefix 'WC_'",
    doc: "puts a text before the value",
    back: "taken off if it is there",
    examples: &[Example {
        record: r#"{"code":"17"}"#,
        hole: "code | prefix 'WC_'",
        text: Some("WC_17"),
        back: Some(r#"{"code":"17"}"#),
    }],
};

pub(super) fn add<'r>(text: &str, prefix: &str) -> Cow<'r, str> {
    Cow::Owned(format!("{prefix}{text}"))
}

pub(super) fn take_off<'t>(text: Cow<'t, str>, prefix: &str) -> Cow<'t, str> {
    piece(text, |text| text.strip_prefix(prefix).unwrap_or(text))
}
