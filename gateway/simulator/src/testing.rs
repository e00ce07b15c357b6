//! What the tests of this crate share: the shipped vocabulary, a clock that stands still, records in one line.

use std::collections::HashMap;

use gateway_model::{
    Field, FieldKind, Operation, Personal, RecordType, RecordTypeId, ScalarType, Vocabulary,
};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Scenario;

/// The shipped vocabulary, read without the mapping crate's checks.
pub(crate) fn vocabulary() -> Vocabulary {
    let text = include_str!("../../../mappings/vocabulary.toml");
    let file: toml::Table = text.parse().expect("the vocabulary is TOML");
    let records = file["record"].as_table().expect("it has records");
    let numbers: HashMap<&str, RecordTypeId> =
        records.keys().zip(0..).map(|(name, number)| (name.as_str(), RecordTypeId(number))).collect();
    let types = records
        .iter()
        .map(|(name, record)| {
            let fields = record["fields"].as_table().expect("a record has fields");
            let fields = fields.iter().map(|(name, field)| self::field(name, field, &numbers)).collect();
            RecordType::new(name.clone(), String::new(), fields)
        })
        .collect();
    let operations = file["operation"].as_table().expect("it has operations").iter();
    let operations = operations.map(|(name, operation)| Operation {
        name: name.clone(),
        doc: String::new(),
        request: numbers[operation["request"].as_str().expect("a name")],
        answer: numbers[operation["answer"].as_str().expect("a name")],
    });
    Vocabulary::new(types, operations.collect())
}

fn field(name: &str, field: &toml::Value, numbers: &HashMap<&str, RecordTypeId>) -> Field {
    let kind = match field["type"].as_str().expect("a type") {
        "text" => FieldKind::Scalar(ScalarType::Text),
        "code" => FieldKind::Scalar(ScalarType::Code),
        "number" => FieldKind::Scalar(ScalarType::Number),
        "flag" => FieldKind::Scalar(ScalarType::Flag),
        "date" => FieldKind::Scalar(ScalarType::Date),
        "datetime" => FieldKind::Scalar(ScalarType::Datetime),
        other => match other.strip_prefix("list of ") {
            Some(entry) => FieldKind::List(numbers[entry]),
            None => FieldKind::Record(numbers[other]),
        },
    };
    Field { name: name.to_owned(), kind, doc: String::new(), personal: Personal::No }
}

/// The day all tests happen on.
pub(crate) fn today() -> Date {
    jiff::civil::date(2026, 7, 15)
}

/// Noon of that day, UTC.
pub(crate) fn now() -> Timestamp {
    "2026-07-15T12:00:00Z".parse().expect("an instant")
}

/// The demo's world on that day.
pub(crate) fn scenario() -> Scenario {
    Scenario::demo(today())
}
