//! `trim`: no white space at the ends.

use std::borrow::Cow;

use super::{Example, Function, piece};

pub(super) const FUNCTION: Function = Function {
    name: "trim",
    usage: "trim",
    doc: "without white space at both ends",
    back: "one-way",
    examples: &[Example {
        record: r#"{"text":" a b "}"#,
        hole: "text | trim",
        text: Some("a b"),
        back: None,
    }],
};

pub(super) fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    piece(text, |text| text.trim())
}
