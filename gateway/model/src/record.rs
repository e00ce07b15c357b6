//! A message's meaning: values in the places the vocabulary gives them.
//!
//! Scalars are kept as the characters they came in, checked against their type when they are read; so a quantity of
//! `0.750` leaves as `0.750`. Whoever calculates parses them ([`crate::scalar`]). Text is borrowed from the
//! document wherever it can be.

use std::borrow::Cow;

use crate::vocabulary::{FieldId, RecordTypeId, Vocabulary};

/// The content of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value<'a> {
    /// Nothing was said.
    #[default]
    Absent,
    /// A scalar; never empty.
    Text(Cow<'a, str>),
    /// One record.
    Record(Box<Record<'a>>),
    /// Records, in order.
    List(Vec<Record<'a>>),
}

/// A record of one type.
///
/// Messages fill few of the fields a record type has, so only those that were touched have a place of their own.
///
/// `Debug` shows values unmasked: never print a record outside tests; `gateway_mapping` has a masked form.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// Its type.
    pub kind: RecordTypeId,
    /// Where it stood in the document it was read from (a node number, for ordering); 0 when it was made. Not part of
    /// its meaning, so not compared.
    pub position: u32,
    width: u16,
    /// By field number, the place of its value in `values`, from 1; 0 for a field that was never touched. Empty until the
    /// first one is.
    places: Vec<u16>,
    values: Vec<Value<'a>>,
}

/// Places taken with the first value, so that a record seldom has to move.
const FIRST_VALUES: usize = 8;

// === impl Value ===

impl<'a> Value<'a> {
    /// A scalar, or [`Value::Absent`] for empty text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Absent } else { Self::Text(text) }
    }

    /// Whether nothing was said: absent, or a list without entries.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::List(list) => list.is_empty(),
            Self::Text(_) | Self::Record(_) => false,
        }
    }

    /// The same, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Absent => Value::Absent,
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Record(record) => Value::Record(Box::new(record.into_owned())),
            Self::List(list) => Value::List(list.into_iter().map(Record::into_owned).collect()),
        }
    }
}

// === impl Record ===

impl PartialEq for Record<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.width == other.width && self.values().eq(other.values())
    }
}

impl Eq for Record<'_> {}

impl<'a> Record<'a> {
    /// An empty record of this type.
    #[must_use]
    pub fn new(vocabulary: &Vocabulary, kind: RecordTypeId) -> Self {
        Self::with_width(kind, vocabulary.width(kind))
    }

    /// An empty record with room for `width` fields; a record type has at most 65,535.
    #[must_use]
    pub fn with_width(kind: RecordTypeId, width: usize) -> Self {
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        Self { kind, position: 0, width, places: Vec::new(), values: Vec::new() }
    }

    /// The value of a field; [`Value::Absent`] for a field this record does not have.
    #[must_use]
    pub fn get(&self, field: FieldId) -> &Value<'a> {
        let place = self.places.get(usize::from(field.0)).copied().unwrap_or_default();
        let value = usize::from(place).checked_sub(1).and_then(|place| self.values.get(place));
        value.unwrap_or(&Value::Absent)
    }

    /// The place of a field's value. `None` for a field this record does not have.
    pub fn get_mut(&mut self, field: FieldId) -> Option<&mut Value<'a>> {
        if field.0 >= self.width {
            return None;
        }
        if self.places.is_empty() {
            self.places.resize(usize::from(self.width), 0);
            self.values.reserve(FIRST_VALUES);
        }
        let place = self.places.get_mut(usize::from(field.0))?;
        if *place == 0 {
            self.values.push(Value::Absent);
            *place = u16::try_from(self.values.len()).ok()?;
        }
        self.values.get_mut(usize::from(*place).checked_sub(1)?)
    }

    /// Sets a field; ignored for a field this record does not have.
    pub fn set(&mut self, field: FieldId, value: Value<'a>) {
        if value.is_absent() && matches!(self.get(field), Value::Absent) {
            return;
        }
        if let Some(place) = self.get_mut(field) {
            *place = value;
        }
    }

    /// Sets a scalar; empty text clears it.
    pub fn set_text(&mut self, field: FieldId, text: impl Into<Cow<'a, str>>) {
        self.set(field, Value::text(text));
    }

    /// Takes a field's value out and leaves it absent.
    pub fn take(&mut self, field: FieldId) -> Value<'a> {
        match self.get(field) {
            Value::Absent => Value::Absent,
            _ => self.get_mut(field).map(std::mem::take).unwrap_or_default(),
        }
    }

    /// A scalar's text.
    #[must_use]
    pub fn text(&self, field: FieldId) -> Option<&str> {
        match self.get(field) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A record inside.
    #[must_use]
    pub fn record(&self, field: FieldId) -> Option<&Record<'a>> {
        match self.get(field) {
            Value::Record(record) => Some(record),
            _ => None,
        }
    }

    /// A record inside, to change.
    pub fn record_mut(&mut self, field: FieldId) -> Option<&mut Record<'a>> {
        match self.get_mut(field) {
            Some(Value::Record(record)) => Some(record),
            _ => None,
        }
    }

    /// The entries of a list; none if it is absent.
    #[must_use]
    pub fn list(&self, field: FieldId) -> &[Record<'a>] {
        match self.get(field) {
            Value::List(list) => list,
            _ => &[],
        }
    }

    /// The list itself, made if it is absent. `None` for a field this record does not have.
    pub fn list_mut(&mut self, field: FieldId) -> Option<&mut Vec<Record<'a>>> {
        let place = self.get_mut(field)?;
        if !matches!(place, Value::List(_)) {
            *place = Value::List(Vec::new());
        }
        match place {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The values of all fields, by field number.
    pub fn values(&self) -> impl Iterator<Item = &Value<'a>> {
        (0..self.width).map(|field| self.get(FieldId(field)))
    }

    /// Whether no field says anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Value::is_absent)
    }

    /// The same, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Record<'static> {
        Record {
            kind: self.kind,
            position: self.position,
            width: self.width,
            places: self.places,
            values: self.values.into_iter().map(Value::into_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, Value};
    use crate::vocabulary::{FieldId, RecordTypeId};

    const KIND: RecordTypeId = RecordTypeId(0);

    #[test]
    fn records_are_compared_by_what_they_say() {
        let mut one = Record::with_width(KIND, 3);
        one.set_text(FieldId(2), "b");
        one.set_text(FieldId(0), "a");
        let mut other = Record::with_width(KIND, 3);
        other.set_text(FieldId(0), "a");
        assert_ne!(one, other);
        let _ = other.get_mut(FieldId(1));
        other.set_text(FieldId(2), "b");
        other.position = 7;
        assert_eq!(one, other);
        assert_eq!(one.values().count(), 3);
    }

    #[test]
    fn a_field_the_record_does_not_have_is_absent_and_cannot_be_set() {
        let mut record = Record::with_width(KIND, 1);
        record.set_text(FieldId(1), "a");
        assert!(record.is_empty() && record.get_mut(FieldId(1)).is_none());
        assert_eq!(record.get(FieldId(1)), &Value::Absent);
        record.set_text(FieldId(0), "a");
        assert_eq!(record.text(FieldId(0)), Some("a"));
        assert_eq!(record.take(FieldId(0)), Value::text("a"));
        assert!(record.is_empty());
    }
}
