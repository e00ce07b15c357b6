//! `last_characters 4`: the end of a text.

use std::borrow::Cow;

use super::{Example, Function, piece};

pub(super) const FUNCTION: Function = Function {
    name: "last_characters",
    usage: "last_characters 4",
    doc: "the last characters of a text; all of a shorter one",
    back: "one-way",
    examples: &[
        Example {
            record: r#"{"code":"30055"}"#,
            hole: "code | last_characters 4",
            text: Some("0055"),
            back: None,
        },
        Example {
            record: r#"{"code":"55"}"#,
            hole: "code | last_characters 4",
            text: Some("55"),
            back: None,
        },
    ],
};

pub(super) fn last_characters(text: Cow<'_, str>, count: usize) -> Cow<'_, str> {
    piece(text, |text| {
        let start = text.char_indices().rev().take(count).last().map_or(text.len(), |(index, _)| index);
        text.get(start..).unwrap_or(text)
    })
}
