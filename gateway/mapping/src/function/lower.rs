//! `lower`: small letters.

use std::borrow::Cow;

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "lower",
    usage: "lower",
    doc: "in small letters",
    back: "one-way",
    examples: &[Example { record: r#"{"code":"Ab1"}"#, hole: "code | lower", text: Some("ab1"), back: None }],
};

pub(super) fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    Cow::Owned(text.to_lowercase())
}
