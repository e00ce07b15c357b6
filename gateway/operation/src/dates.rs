//! Dates as a store wants them, and dates that mean "never" (contract sterling section 3).

use std::borrow::Cow;

use gateway_model::scalar::{date_part, parse_moment};
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The first year whose dates mean "never": a DOM writes 2500-01-01 where it expects no supply.
const NEVER: i16 = 2500;

/// A date as a date-time: `2026-07-15` becomes `2026-07-15T00:00:00.000`, its zone (if any) behind it. What has a
/// time passes unchanged.
#[must_use]
pub fn as_datetime(text: Cow<'_, str>) -> Cow<'_, str> {
    match parse_moment(&text) {
        Some(moment) if !moment.has_time => {
            let zone = text.get(10..).unwrap_or_default();
            Cow::Owned(format!("{}T00:00:00.000{zone}", date_part(&text)))
        }
        _ => text,
    }
}

/// A date-time with its zone: where there is none, that of `zone` at this local time.
#[must_use]
pub fn with_zone<'a>(text: Cow<'a, str>, zone: &TimeZone) -> Cow<'a, str> {
    let text = as_datetime(text);
    let Some(moment) = parse_moment(&text).filter(|moment| moment.offset.is_none()) else { return text };
    let Ok(offset) =
        zone.to_ambiguous_timestamp(moment.local).compatible().map(|instant| zone.to_offset(instant))
    else {
        return text;
    };
    Cow::Owned(format!("{text}{}", zone_text(offset)))
}

/// An instant as documents write it: `2026-07-15T09:30:00.000Z`.
#[must_use]
pub fn written(instant: Timestamp) -> String {
    let local = Offset::UTC.to_datetime(instant);
    let millis = local.subsec_nanosecond() / 1_000_000;
    format!("{}.{millis:03}Z", local.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The date a text names, unless it means "never".
pub(crate) fn real_date(text: &str) -> Option<Date> {
    parse_moment(text).map(|moment| moment.local.date()).filter(|date| date.year() < NEVER)
}

/// The earlier text is kept unless the later names a later date.
pub(crate) fn later<'a>(one: Cow<'a, str>, other: Cow<'a, str>) -> Cow<'a, str> {
    if real_date(&other) > real_date(&one) { other } else { one }
}

fn zone_text(offset: Offset) -> String {
    let total = SignedDuration::from_secs(i64::from(offset.seconds()));
    if total.is_zero() {
        return "Z".to_owned();
    }
    let sign = if total.is_negative() { '-' } else { '+' };
    let minutes = total.abs().as_mins();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use jiff::Timestamp;
    use jiff::civil::date;
    use jiff::tz::{TimeZone, offset};

    use super::{as_datetime, later, real_date, with_zone, written};

    #[test]
    fn a_bare_date_becomes_midnight_and_a_time_stays() {
        for (text, expected) in [
            ("2026-07-15", "2026-07-15T00:00:00.000"),
            ("2026-07-15Z", "2026-07-15T00:00:00.000Z"),
            ("2026-07-15+02:00", "2026-07-15T00:00:00.000+02:00"),
            ("2026-07-15T09:30:00", "2026-07-15T09:30:00"),
            ("2026-07-15T09:30:00+02:00", "2026-07-15T09:30:00+02:00"),
        ] {
            assert_eq!(as_datetime(Cow::Borrowed(text)), expected);
        }
    }

    #[test]
    fn a_time_without_zone_gets_the_configured_one() {
        let berlin = TimeZone::fixed(offset(2));
        for (text, expected) in [
            ("2026-07-15", "2026-07-15T00:00:00.000+02:00"),
            ("2026-07-15T09:30:00", "2026-07-15T09:30:00+02:00"),
            ("2026-07-15T09:30:00Z", "2026-07-15T09:30:00Z"),
            ("2026-07-15T09:30:00-05:00", "2026-07-15T09:30:00-05:00"),
        ] {
            assert_eq!(with_zone(Cow::Borrowed(text), &berlin), expected);
        }
        assert_eq!(with_zone(Cow::Borrowed("2026-07-15"), &TimeZone::UTC), "2026-07-15T00:00:00.000Z");
        let newfoundland = TimeZone::fixed(jiff::tz::Offset::from_seconds(-9000).expect("half hours exist"));
        assert_eq!(
            with_zone(Cow::Borrowed("2026-07-15T09:30:00"), &newfoundland),
            "2026-07-15T09:30:00-02:30"
        );
    }

    #[test]
    fn the_year_2500_means_never() {
        assert_eq!(real_date("2500-01-01"), None);
        assert_eq!(real_date("2500-01-01T00:00:00+00:00"), None);
        assert_eq!(real_date("2499-12-31"), Some(date(2499, 12, 31)));
        assert_eq!(real_date("soon"), None);
        assert_eq!(later("2026-07-15".into(), "2026-07-16".into()), "2026-07-16");
        assert_eq!(later("2026-07-16".into(), "2026-07-15".into()), "2026-07-16");
    }

    #[test]
    fn an_instant_is_written_with_milliseconds_and_zone() {
        let instant = Timestamp::from_millisecond(1_784_100_600_007).expect("an instant of 2026");
        assert_eq!(written(instant), "2026-07-15T07:30:00.007Z");
        assert_eq!(written(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }
}
