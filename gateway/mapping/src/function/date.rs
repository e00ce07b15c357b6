//! `date`: a date-time without its time.

use std::borrow::Cow;

use gateway_model::scalar;

use super::{Example, Function, piece};

pub(super) const FUNCTION: Function = Function {
    name: "date",
    usage: "date",
    doc: "the date of a date-time",
    back: "unchanged; the time is lost",
    examples: &[Example {
        record: r#"{"datetime":"2026-07-15T09:00:00Z"}"#,
        hole: "datetime | date",
        text: Some("2026-07-15"),
        back: Some(r#"{"datetime":"2026-07-15"}"#),
    }],
};

pub(super) fn date(text: Cow<'_, str>) -> Cow<'_, str> {
    piece(text, scalar::date_part)
}
