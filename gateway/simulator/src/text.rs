//! Values as a DOM writes them: quantities with two decimals, instants with a numeric offset, dates.

use gateway_model::{FieldId, Record, scalar};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A quantity with at least two decimals: `17.00`, `0.75`, `0.125`.
pub(crate) fn quantity(number: Decimal) -> String {
    let mut number = number.normalize();
    if number.scale() < 2 {
        number.rescale(2);
    }
    number.to_string()
}

/// An instant as Sterling writes it: `2026-07-15T11:40:02+00:00`.
pub(crate) fn instant(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// An instant as the store writes it: `2026-07-15T11:40:02.123Z`.
pub(crate) fn store_instant(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A date.
pub(crate) fn date(date: Date) -> String {
    date.to_string()
}

/// The number in a field; `None` if there is none.
pub(crate) fn number(record: &Record<'_>, field: FieldId) -> Option<Decimal> {
    scalar::parse_number(record.text(field)?)
}

/// The date in a field, with or without time; `None` if there is none.
pub(crate) fn day(record: &Record<'_>, field: FieldId) -> Option<Date> {
    Some(scalar::parse_moment(record.text(field)?)?.local.date())
}

/// A positive number in a field.
pub(crate) fn positive(record: &Record<'_>, field: FieldId) -> Option<Decimal> {
    number(record, field).filter(|number| *number > Decimal::ZERO)
}
