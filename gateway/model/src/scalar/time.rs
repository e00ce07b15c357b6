//! Dates and times as documents write them: `xs:date` and `xs:dateTime`, with or without zone.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// A date or date-time taken apart: the local time it names, and its offset if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time on the clock of its zone; midnight for a bare date.
    pub local: DateTime,
    /// The offset of that zone from UTC.
    pub offset: Option<Offset>,
    /// Whether a time of day was given.
    pub has_time: bool,
}

/// Whether this is a date, `2026-07-15`, a zone allowed behind it. A date-time is one too: its time is passed over.
#[must_use]
pub fn check_date(text: &str) -> bool {
    parse_moment(text).is_some()
}

/// Whether this is a date with a time, or a bare date.
#[must_use]
pub fn check_datetime(text: &str) -> bool {
    parse_moment(text).is_some()
}

/// The first ten characters: the date as written.
#[must_use]
pub fn date_part(text: &str) -> &str {
    text.get(..10).unwrap_or(text)
}

/// Whether the text ends in a zone: `Z` or an offset.
#[must_use]
pub fn has_zone(text: &str) -> bool {
    parse_moment(text).is_some_and(|moment| moment.offset.is_some())
}

/// Milliseconds since 1970 in UTC; a time without zone is taken to be in `zone`.
#[must_use]
pub fn epoch_millis(text: &str, zone: &TimeZone) -> Option<i64> {
    let moment = parse_moment(text)?;
    let timestamp = match moment.offset {
        Some(offset) => offset.to_timestamp(moment.local).ok()?,
        None => zone.to_ambiguous_timestamp(moment.local).compatible().ok()?,
    };
    Some(timestamp.as_millisecond())
}

/// Takes a date or date-time apart; `None` if it is neither.
#[must_use]
pub fn parse_moment(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let date = parse_date(bytes.get(..10)?)?;
    match bytes.get(10..)? {
        [b'T', rest @ ..] => {
            let (local, zone) = parse_time(date, rest)?;
            Some(Moment { local, offset: parse_zone(zone)?, has_time: true })
        }
        zone => Some(Moment { local: date.at(0, 0, 0, 0), offset: parse_zone(zone)?, has_time: false }),
    }
}

fn parse_date(text: &[u8]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return None };
    let year = i16::try_from(decimal(&[y1, y2, y3, y4])?).ok()?;
    Date::new(year, small(&[m1, m2])?, small(&[d1, d2])?).ok()
}

/// Reads `hh:mm:ss[.fraction]` and gives what follows. `24:00:00` is the next day's midnight, as XML Schema has it.
fn parse_time(date: Date, text: &[u8]) -> Option<(DateTime, &[u8])> {
    let (clock, rest) = text.split_at_checked(8)?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *clock else { return None };
    let (hour, minute, second) = (small(&[h1, h2])?, small(&[m1, m2])?, small(&[s1, s2])?);
    let (nanos, zone) = fraction(rest)?;
    if hour == 24 && minute == 0 && second == 0 && nanos == 0 {
        return Some((date.tomorrow().ok()?.at(0, 0, 0, 0), zone));
    }
    if second > 59 {
        return None;
    }
    Some((DateTime::new(date.year(), date.month(), date.day(), hour, minute, second, nanos).ok()?, zone))
}

/// Nanoseconds of `.123456…`; digits beyond the ninth are dropped.
fn fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let [b'.', digits @ ..] = text else { return Some((0, text)) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at_checked(count)?;
    if digits.is_empty() {
        return None;
    }
    let nanos = digits
        .iter()
        .chain(std::iter::repeat(&b'0'))
        .take(9)
        .fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    Some((nanos, rest))
}

fn parse_zone(text: &[u8]) -> Option<Option<Offset>> {
    let (sign, hours, minutes) = match *text {
        [] => return Some(None),
        [b'Z'] => return Some(Some(Offset::UTC)),
        // Sterling also writes offsets without the colon.
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            (sign, decimal(&[h1, h2])?, decimal(&[m1, m2])?)
        }
        _ => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok().map(Some)
}

fn decimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
}

fn small(digits: &[u8]) -> Option<i8> {
    decimal(digits).and_then(|number| i8::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::{check_datetime, date_part, epoch_millis, has_zone};

    #[test]
    fn the_forms_of_both_ends_are_dates() {
        for text in [
            "2026-07-15",
            "2026-07-15Z",
            "2026-07-15+02:00",
            "2026-07-15T09:30:00",
            "2026-07-15T09:30:00.000",
            "2026-07-15T09:30:00.000Z",
            "2026-07-15T11:40:02+00:00",
            "2026-07-15T11:40:02-0500",
            "2026-07-15T24:00:00",
            "2500-01-01",
        ] {
            assert!(check_datetime(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "15.07.2026",
            "2026-07-15 09:30:00",
            "2026-07-15T10:00Z",
            "2026-07-15T10:00:60",
            "2026-07-15T10:00:00.Z",
            "2026-07-15t10:00:00",
            "2026-07-15T10:00:00+99:00",
        ] {
            assert!(!check_datetime(text), "{text}");
        }
    }

    #[test]
    fn a_time_without_zone_is_in_the_given_zone() {
        let berlin = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(epoch_millis("1970-01-01T02:00:00", &berlin), Some(0));
        assert_eq!(epoch_millis("1970-01-01T00:00:01Z", &berlin), Some(1000));
        assert!(has_zone("1970-01-01T00:00:00+01:00") && !has_zone("1970-01-01T00:00:00"));
        assert_eq!(date_part("2026-07-15T09:30:00"), "2026-07-15");
    }
}
