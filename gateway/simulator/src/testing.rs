//! What the tests of this crate share: the shipped vocabulary, a clock that stands still, records in one line.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use gateway_mapping::{Mappings, Source};
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

/// The shipped mappings.
pub(crate) fn mappings() -> Arc<Mappings> {
    static MAPPINGS: OnceLock<Arc<Mappings>> = OnceLock::new();
    Arc::clone(MAPPINGS.get_or_init(|| Arc::new(load_mappings())))
}

/// The shipped mappings, loaded once more.
pub(crate) fn load_mappings() -> Mappings {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mappings");
    let mut sources = Vec::new();
    collect(&folder, "", &mut sources);
    let loaded = gateway_mapping::load(&sources);
    let text = gateway_mapping::render(&loaded.diagnostics, &sources, false);
    loaded.mappings.unwrap_or_else(|| panic!("the shipped mappings have faults:\n{text}"))
}

fn collect(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let path = format!("{prefix}{name}");
        if entry.file_type().expect("a type").is_dir() {
            collect(&entry.path(), &format!("{path}/"), sources);
        } else if !name.ends_with(".md") {
            sources.push(Source::new(path, fs::read_to_string(entry.path()).expect("text")));
        }
    }
}
