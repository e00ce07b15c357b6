//! Records as JSON: for people to look at, masked, and for fixtures, plain.

use gateway_model::{FieldKind, Personal, Record, RecordTypeId, ScalarType, Value, Vocabulary, scalar};
use serde_json::{Map, Value as Json};

/// How fields marked as personal are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Their characters as asterisks; of secret fields not even the length.
    Masked,
    /// As they are.
    Plain,
}

/// Why JSON is no record of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// The type is not one of the vocabulary.
    #[error("the vocabulary has no such record type")]
    UnknownRecord,
    /// A key that is no field.
    #[error("`{record}` has no field `{field}` (at {path})")]
    UnknownField {
        /// The record type.
        record: String,
        /// The key.
        field: String,
        /// Where, `order.lines[2].unit`.
        path: String,
    },
    /// A value of the wrong kind.
    #[error("the value at {path} is of the wrong kind, expected {expected}")]
    WrongKind {
        /// Where.
        path: String,
        /// What was expected.
        expected: &'static str,
    },
}

/// A record as a JSON object: keys are field names, absent fields are left out, scalars are strings.
#[must_use]
pub fn to_json(record: &Record<'_>, vocabulary: &Vocabulary, show: Show) -> Json {
    let mut object = Map::new();
    let Some(kind) = vocabulary.record_type(record.kind) else { return Json::Object(object) };
    for (field, value) in kind.fields.iter().zip(record.values()) {
        let shown = match value {
            _ if value.is_absent() => continue,
            Value::Absent => continue,
            Value::Text(text) => Json::String(match (show, field.personal) {
                (Show::Plain, _) | (Show::Masked, Personal::No) => text.to_string(),
                (Show::Masked, Personal::Yes) => "*".repeat(text.chars().count()),
                (Show::Masked, Personal::Secret) => "********".to_owned(),
            }),
            Value::Record(record) => to_json(record, vocabulary, show),
            Value::List(list) => list.iter().map(|entry| to_json(entry, vocabulary, show)).collect(),
        };
        object.insert(field.name.clone(), shown);
    }
    Json::Object(object)
}

/// The record a JSON object stands for.
///
/// # Errors
/// A key is no field of its record, or a value does not have the form of its field.
pub fn from_json(
    json: &Json,
    kind: RecordTypeId,
    vocabulary: &Vocabulary,
) -> Result<Record<'static>, JsonFault> {
    record(json, kind, vocabulary, "")
}

fn record(
    json: &Json,
    kind: RecordTypeId,
    vocabulary: &Vocabulary,
    path: &str,
) -> Result<Record<'static>, JsonFault> {
    let record_type = vocabulary.record_type(kind).ok_or(JsonFault::UnknownRecord)?;
    let object = json.as_object().ok_or_else(|| wrong(path, "an object"))?;
    let mut made = Record::new(vocabulary, kind);
    for (name, value) in object {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let field = record_type.field_named(name).and_then(|id| Some((id, record_type.field(id)?)));
        let Some((id, field)) = field else {
            return Err(JsonFault::UnknownField {
                record: record_type.name.clone(),
                field: name.clone(),
                path,
            });
        };
        let value = match field.kind {
            FieldKind::Scalar(kind) => Value::text(scalar_text(value, kind, &path)?),
            FieldKind::Record(kind) => Value::Record(Box::new(record(value, kind, vocabulary, &path)?)),
            FieldKind::List(kind) => {
                let entries = value.as_array().ok_or_else(|| wrong(&path, "an array"))?;
                let entries = entries.iter().enumerate();
                let list: Result<Vec<_>, _> = entries
                    .map(|(index, entry)| record(entry, kind, vocabulary, &format!("{path}[{index}]")))
                    .collect();
                Value::List(list?)
            }
        };
        made.set(id, value);
    }
    Ok(made)
}

fn scalar_text(json: &Json, kind: ScalarType, path: &str) -> Result<String, JsonFault> {
    let text = json.as_str().ok_or_else(|| wrong(path, "a string"))?;
    let checked = scalar::check(kind, text.into()).ok_or_else(|| wrong(path, scalar::expectation(kind)))?;
    Ok(checked.into_owned())
}

fn wrong(path: &str, expected: &'static str) -> JsonFault {
    let path = if path.is_empty() { "the top" } else { path };
    JsonFault::WrongKind { path: path.to_owned(), expected }
}
