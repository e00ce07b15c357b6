//! What every request and answer has around its meaning: its own area, the area it answers, the store, a refusal.
//!
//! The fields are found by their names, so that a caller that only stamps or shows a record need not know its type.

use std::borrow::Cow;

use gateway_model::{FieldId, FieldKind, Record, RecordTypeId, Value, Vocabulary};
use jiff::Timestamp;

use crate::dates;
use crate::views::Views;

/// What makes a document this one: when it was made, and its identity (`CreationDateTime` and `BODID`).
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// When it is sent.
    pub sent_at: Timestamp,
    /// Its identity.
    pub message_id: &'a str,
}

/// The frame fields of one record type; `None` where it has no such field.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Frame {
    pub(crate) area: Option<FieldId>,
    pub(crate) original: Option<FieldId>,
    pub(crate) refusal: Option<FieldId>,
    pub(crate) record_set: Option<FieldId>,
    pub(crate) store: Option<FieldId>,
    pub(crate) order: Option<FieldId>,
    pub(crate) expression: Option<FieldId>,
}

/// The frames of all record types, by type.
#[derive(Debug, Clone)]
pub(crate) struct Frames {
    frames: Vec<Frame>,
}

// === impl Frames ===

impl Frames {
    pub(crate) fn bind(vocabulary: &Vocabulary) -> Self {
        let frame = |kind: &gateway_model::RecordType| {
            let of = |name: &str, record: Option<&str>| {
                let id = kind.field_named(name)?;
                let found = match kind.field(id)?.kind {
                    FieldKind::Scalar(_) => None,
                    FieldKind::Record(id) => Some(vocabulary.record_type(id)?.name.as_str()),
                    FieldKind::List(_) => return None,
                };
                (found == record).then_some(id)
            };
            Frame {
                area: of("area", Some("area")),
                original: of("original", Some("area")),
                refusal: of("refusal", Some("refusal")),
                record_set: of("record_set", Some("record_set")),
                store: of("store", None),
                order: of("order", Some("order")),
                expression: of("expression", None),
            }
        };
        Self { frames: vocabulary.types().iter().map(frame).collect() }
    }

    pub(crate) fn of(&self, kind: RecordTypeId) -> Frame {
        self.frames.get(usize::from(kind.0)).copied().unwrap_or_default()
    }
}

/// The store a request is about: its area's, else the one the request or its order names (contract store
/// section 17, reading rule 4). For questions about orders the expression's comes first (section 4.2), for an order
/// handed over the order's own (sections 2 and 9).
#[must_use]
pub fn store<'r>(views: &Views, request: &'r Record<'_>) -> Option<&'r str> {
    match store_value(views, request) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// The refusal a record carries.
#[must_use]
pub fn refusal<'r, 'a>(views: &Views, record: &'r Record<'a>) -> Option<&'r Record<'a>> {
    views.frames.of(record.kind).refusal.and_then(|field| record.record(field))
}

/// The identity of a document (`BODID`) and when it was sent, as it says itself.
#[must_use]
pub fn identity<'r>(views: &Views, record: &'r Record<'_>) -> (Option<&'r str>, Option<&'r str>) {
    let area = views.frames.of(record.kind).area.and_then(|field| record.record(field));
    let text = |field| area.and_then(|area| area.text(field));
    (text(views.area.message_id), text(views.area.sent_at))
}

/// When the order of a request was placed, as it says itself.
#[must_use]
pub fn placed_at<'r>(views: &Views, request: &'r Record<'_>) -> Option<&'r str> {
    let order = views.frames.of(request.kind).order.and_then(|field| request.record(field))?;
    order.text(views.order.placed_at)
}

/// Gives a record its own identity and time. The context's store is filled where the record names one.
pub fn stamp<'a>(views: &Views, record: &mut Record<'a>, stamp: Stamp<'_>) {
    let frame = views.frames.of(record.kind);
    let Some(field) = frame.area else { return };
    let store = frame.store.map(|store| record.get(store).clone()).unwrap_or_default();
    let mut area = match record.take(field) {
        Value::Record(area) => area,
        _ => Box::new(views.area.shape.empty()),
    };
    area.set_text(views.area.sent_at, dates::written(stamp.sent_at));
    area.set_text(views.area.message_id, stamp.message_id.to_owned());
    if area.get(views.area.store).is_absent() {
        area.set(views.area.store, store);
    }
    record.set(field, Value::Record(area));
}

/// Says which request an answer answers: the request's area becomes the answer's `original`.
pub fn answers<'a>(views: &Views, answer: &mut Record<'a>, request: &Record<'a>) {
    let area = views.frames.of(request.kind).area.map(|field| request.get(field).clone());
    let original = views.frames.of(answer.kind).original;
    if let (Some(area @ Value::Record(_)), Some(field)) = (area, original) {
        answer.set(field, area);
    }
}

/// Fills the request's store from the places it may stand in, so that templates find it in one.
pub(crate) fn fill_store(views: &Views, request: &mut Record<'_>) {
    let store = store_value(views, request).cloned();
    if let (Some(field), Some(store)) = (views.frames.of(request.kind).store, store) {
        request.set(field, store);
    }
}

/// What is in the record set when everything is in one document: from 0, complete, counts only when positive
/// (contract store section 17, writing rule 1).
pub(crate) fn whole_record_set<'a>(views: &Views, count: usize) -> Value<'a> {
    let view = &views.record_set;
    let mut set = view.shape.empty();
    set.set_text(view.start, "0");
    if count > 0 {
        let count: Cow<'_, str> = count.to_string().into();
        set.set_text(view.count, count.clone());
        set.set_text(view.total, count);
    }
    set.set_text(view.complete, "true");
    Value::Record(Box::new(set))
}

fn store_value<'r, 'a>(views: &Views, request: &'r Record<'a>) -> Option<&'r Value<'a>> {
    let frame = views.frames.of(request.kind);
    let area = frame.area.and_then(|field| request.record(field));
    let named = frame.order.and_then(|field| request.record(field)?.record(views.order.store));
    let in_area = area.map(|area| area.get(views.area.store));
    let in_request = frame.store.map(|field| request.get(field));
    let named_by = |field| named.map(|store| store.get(field));
    let (id, name) = (named_by(views.store.id), named_by(views.store.name));
    let places = if request.kind == views.transfer_request.shape.kind() {
        [id, in_area, in_request, name]
    } else if request.kind == views.orders_request.shape.kind() {
        [in_request, in_area, id, name]
    } else {
        [in_area, in_request, id, name]
    };
    places.into_iter().flatten().find(|value| !value.is_absent())
}
