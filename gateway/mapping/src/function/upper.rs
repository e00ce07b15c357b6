//! `upper`: capital letters.

use std::borrow::Cow;

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "upper",
    usage: "upper",
    doc: "in capital letters",
    back: "one-way",
    examples: &[Example { record: r#"{"code":"Ab1"}"#, hole: "code | upper", text: Some("AB1"), back: None }],
};

pub(super) fn upper(text: Cow<'_, str>) -> Cow<'_, str> {
    Cow::Owned(text.to_uppercase())
}
