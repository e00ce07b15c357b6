//! `suffix`: literal text behind a value.

use std::borrow::Cow;

use super::{Example, Function, piece};

pub(super) const FUNCTION: Function = Function {
    name: "suffix",
    usage: "suffix 'x'",
    doc: "puts a text behind the value",
    back: "taken off if it is there",
    examples: &[Example {
        record: r#"{"code":"17"}"#,
        hole: "code | suffix ' pc'",
        text: Some("17 pc"),
        back: Some(r#"{"code":"17"}"#),
    }],
};

pub(super) fn add<'r>(text: &str, suffix: &str) -> Cow<'r, str> {
    Cow::Owned(format!("{text}{suffix}"))
}

pub(super) fn take_off<'t>(text: Cow<'t, str>, suffix: &str) -> Cow<'t, str> {
    piece(text, |text| text.strip_suffix(suffix).unwrap_or(text))
}
