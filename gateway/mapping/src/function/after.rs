//! `after '-'`: what follows a mark.

use std::borrow::Cow;

use super::{Example, Function, piece};

pub(super) const FUNCTION: Function = Function {
    name: "after",
    usage: "after '-'",
    doc: "what follows the first mark; nothing without the mark",
    back: "one-way",
    examples: &[
        Example { record: r#"{"code":"17-2"}"#, hole: "code | after '-'", text: Some("2"), back: None },
        Example { record: r#"{"code":"17"}"#, hole: "code | after '-'", text: None, back: None },
    ],
};

pub(super) fn after<'r>(text: Cow<'r, str>, mark: &str) -> Option<Cow<'r, str>> {
    let found = text.contains(mark);
    found.then(|| piece(text, |text| text.split_once(mark).map_or(text, |(_, after)| after)))
}
