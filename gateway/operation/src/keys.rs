//! Order numbers of a DOM and order ids of a store (contract sterling section 3).

use std::borrow::Cow;

use gateway_model::{FieldId, Record, Value};

/// What a store's order id gets in front to become the DOM's order number.
const PREFIX: &str = "WC_";

/// The store's order id in the DOM's order number; `None` if the number has no prefix.
pub(crate) fn order_id<'a>(record: &Record<'a>, number: FieldId) -> Option<Cow<'a, str>> {
    match record.get(number) {
        Value::Text(Cow::Borrowed(number)) => after_prefix(number).map(Cow::Borrowed),
        Value::Text(Cow::Owned(number)) => after_prefix(number).map(|id| Cow::Owned(id.to_owned())),
        _ => None,
    }
}

/// The store's order id, or the whole number of an order born in the DOM.
pub(crate) fn order_id_or_number<'a>(record: &Record<'a>, number: FieldId) -> Option<Cow<'a, str>> {
    order_id(record, number).or_else(|| crate::values::owned(record, number))
}

fn after_prefix(number: &str) -> Option<&str> {
    number.strip_prefix(PREFIX).filter(|id| !id.is_empty())
}
