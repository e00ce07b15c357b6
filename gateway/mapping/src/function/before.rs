//! `before '-'`: what precedes a mark.

use std::borrow::Cow;

use super::{Example, Function, piece};

pub(super) const FUNCTION: Function = Function {
    name: "before",
    usage: "before '-'",
    doc: "what precedes the first mark; the whole without the mark",
    back: "one-way",
    examples: &[
        Example { record: r#"{"code":"17-2"}"#, hole: "code | before '-'", text: Some("17"), back: None },
        Example { record: r#"{"code":"17"}"#, hole: "code | before '-'", text: Some("17"), back: None },
    ],
};

pub(super) fn before<'r>(text: Cow<'r, str>, mark: &str) -> Cow<'r, str> {
    piece(text, |text| text.split_once(mark).map_or(text, |(before, _)| before))
}
