//! `datetime`: a bare date with midnight as its time.

use std::borrow::Cow;

use gateway_model::scalar;

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "datetime",
    usage: "datetime",
    doc: "a bare date gets midnight as its time; what has a time stays",
    back: "unchanged",
    examples: &[
        Example {
            record: r#"{"date":"2026-07-15"}"#,
            hole: "date | datetime",
            text: Some("2026-07-15T00:00:00.000"),
            back: Some(r#"{"date":"2026-07-15T00:00:00.000"}"#),
        },
        Example {
            record: r#"{"datetime":"2026-07-15T09:00:00Z"}"#,
            hole: "datetime | datetime",
            text: Some("2026-07-15T09:00:00Z"),
            back: Some(r#"{"datetime":"2026-07-15T09:00:00Z"}"#),
        },
        Example {
            record: r#"{"datetime":"2026-07-15+02:00"}"#,
            hole: "datetime | datetime",
            text: Some("2026-07-15T00:00:00.000+02:00"),
            back: Some(r#"{"datetime":"2026-07-15T00:00:00.000+02:00"}"#),
        },
    ],
};

pub(super) fn datetime(text: Cow<'_, str>) -> Cow<'_, str> {
    match scalar::parse_moment(&text) {
        Some(moment) if !moment.has_time => {
            let date = scalar::date_part(&text);
            let zone = text.get(date.len()..).unwrap_or_default();
            Cow::Owned(format!("{date}T00:00:00.000{zone}"))
        }
        _ => text,
    }
}
