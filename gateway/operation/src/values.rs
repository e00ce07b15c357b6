//! Small readings of record fields.

use std::borrow::Cow;

use gateway_model::scalar::parse_number;
use gateway_model::{FieldId, Record, Value};
use rust_decimal::Decimal;

/// A number field as a number.
pub(crate) fn number(record: &Record<'_>, field: FieldId) -> Option<Decimal> {
    record.text(field).and_then(parse_number)
}

/// Whether a number field says more than zero.
pub(crate) fn is_positive(record: &Record<'_>, field: FieldId) -> bool {
    number(record, field).is_some_and(|number| number > Decimal::ZERO)
}

/// Whether a flag field says true.
pub(crate) fn is_true(record: &Record<'_>, field: FieldId) -> bool {
    record.text(field) == Some("true")
}

/// A scalar that can outlive the record.
pub(crate) fn owned<'a>(record: &Record<'a>, field: FieldId) -> Option<Cow<'a, str>> {
    match record.get(field) {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// Takes a list out.
pub(crate) fn take_list<'a>(record: &mut Record<'a>, field: FieldId) -> Vec<Record<'a>> {
    match record.take(field) {
        Value::List(list) => list,
        _ => Vec::new(),
    }
}

/// Takes a record out.
pub(crate) fn take_record<'a>(record: &mut Record<'a>, field: FieldId) -> Option<Record<'a>> {
    match record.take(field) {
        Value::Record(inner) => Some(*inner),
        _ => None,
    }
}

/// Clears a number that is not positive: counts of zero are not valid (contract store section 3).
pub(crate) fn clear_unless_positive(record: &mut Record<'_>, field: FieldId) {
    if !is_positive(record, field) {
        record.take(field);
    }
}
