//! `zoned`: a time with the zone it is meant in.

use std::borrow::Cow;

use gateway_model::scalar;
use jiff::tz::{Offset, TimeZone};

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "zoned",
    usage: "zoned",
    doc: "adds the configured zone's offset where there is none",
    back: "unchanged",
    examples: &[
        Example {
            record: r#"{"datetime":"2026-07-15T09:00:00"}"#,
            hole: "datetime | zoned",
            text: Some("2026-07-15T09:00:00Z"),
            back: Some(r#"{"datetime":"2026-07-15T09:00:00Z"}"#),
        },
        Example {
            record: r#"{"datetime":"2026-07-15T09:00:00+02:00"}"#,
            hole: "datetime | zoned",
            text: Some("2026-07-15T09:00:00+02:00"),
            back: Some(r#"{"datetime":"2026-07-15T09:00:00+02:00"}"#),
        },
    ],
};

pub(super) fn zoned<'r>(text: Cow<'r, str>, zone: &TimeZone) -> Cow<'r, str> {
    let offset = scalar::parse_moment(&text)
        .filter(|moment| moment.offset.is_none())
        .and_then(|moment| zone.to_ambiguous_timestamp(moment.local).compatible().ok())
        .map(|timestamp| zone.to_offset(timestamp));
    match offset {
        Some(offset) => Cow::Owned(format!("{text}{}", written(offset))),
        None => text,
    }
}

/// `Z`, `+02:00`, `-05:30`. Seconds, which only zones of long ago have, are dropped: XML Schema has no place for them.
fn written(offset: Offset) -> String {
    let seconds = offset.seconds();
    if seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use jiff::tz::{TimeZone, offset};

    use super::zoned;

    #[test]
    fn the_offset_is_that_of_the_zone() {
        for (hours, expected) in [(2, "2026-07-15T09:00:00+02:00"), (-5, "2026-07-15T09:00:00-05:00")] {
            let zone = TimeZone::fixed(offset(hours));
            assert_eq!(zoned(Cow::Borrowed("2026-07-15T09:00:00"), &zone), expected);
        }
    }
}
