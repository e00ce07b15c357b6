//! Whether two documents say the same: what they are about, and a print of what they say of it.

use std::hash::{DefaultHasher, Hash, Hasher};

use gateway_model::{FieldId, Record, Value};

use crate::views::Views;

/// The id of the order a request is about, as the store says it.
#[must_use]
pub fn order_id<'r>(views: &Views, request: &'r Record<'_>) -> Option<&'r str> {
    let order = views.frames.of(request.kind).order.and_then(|field| request.record(field))?;
    order.text(views.order.id)
}

/// A print of what a request says: the same for two that say the same. What makes a document this one (its own area) is
/// not in it, for a document that is written again has another identity and another time.
#[must_use]
pub fn print(views: &Views, request: &Record<'_>) -> u128 {
    let area = views.frames.of(request.kind).area;
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        hash_record(request, area, &mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

fn hash_record(record: &Record<'_>, but: Option<FieldId>, hasher: &mut DefaultHasher) {
    record.kind.0.hash(hasher);
    let said = record
        .values()
        .zip(0_u16..)
        .filter(|(value, field)| !value.is_absent() && but.is_none_or(|but| but.0 != *field));
    for (value, field) in said {
        field.hash(hasher);
        match value {
            Value::Absent => {}
            Value::Text(text) => text.hash(hasher),
            Value::Record(record) => hash_record(record, None, hasher),
            Value::List(records) => {
                records.len().hash(hasher);
                records.iter().for_each(|record| hash_record(record, None, hasher));
            }
        }
    }
    // So that what follows a record is not taken for a part of it.
    u16::MAX.hash(hasher);
}
