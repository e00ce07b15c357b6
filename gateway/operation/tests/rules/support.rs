//! The shipped vocabulary, and records from and to JSON.

use gateway_model::{
    Field, FieldKind, Operation, Personal, Record, RecordType, RecordTypeId, ScalarType, Value, Vocabulary,
};
use gateway_operation::Views;
use serde_json::{Map, Value as Json};

const SHIPPED: &str = include_str!("../../../../mappings/vocabulary.toml");

/// A vocabulary and the views bound to it.
pub(crate) struct World {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) views: Views,
}

// === impl World ===

impl World {
    /// The shipped vocabulary.
    pub(crate) fn shipped() -> Self {
        Self::with("")
    }

    /// The shipped vocabulary with further fields; `"record.field: type"`, one per line.
    pub(crate) fn with(further: &str) -> Self {
        let vocabulary = vocabulary(&edited(further));
        let views = Views::bind(&vocabulary).expect("the vocabulary has all views");
        Self { vocabulary, views }
    }

    /// A record of this type.
    pub(crate) fn record(&self, kind: &str, json: &Json) -> Record<'static> {
        let id = self.vocabulary.type_named(kind).unwrap_or_else(|| panic!("no record `{kind}`"));
        self.read(id, json)
    }

    /// A record as JSON; absent fields are left out.
    pub(crate) fn json(&self, record: &Record<'_>) -> Json {
        let kind = self.vocabulary.record_type(record.kind).expect("the record's type is known");
        let mut object = Map::new();
        for (field, value) in kind.fields.iter().zip(record.values()) {
            let json = match value {
                Value::Absent => continue,
                Value::Text(text) => Json::String(text.clone().into_owned()),
                Value::Record(inner) => self.json(inner),
                Value::List(list) => list.iter().map(|entry| self.json(entry)).collect(),
            };
            object.insert(field.name.clone(), json);
        }
        Json::Object(object)
    }

    fn read(&self, id: RecordTypeId, json: &Json) -> Record<'static> {
        let kind = self.vocabulary.record_type(id).expect("the record's type is known");
        let mut record = Record::new(&self.vocabulary, id);
        for (name, value) in json.as_object().unwrap_or_else(|| panic!("`{}` is no object", kind.name)) {
            let field =
                kind.field_named(name).unwrap_or_else(|| panic!("`{}` has no field `{name}`", kind.name));
            let value = match (kind.field(field).expect("a field found by name").kind, value) {
                (FieldKind::Scalar(_), Json::String(text)) => Value::text(text.clone()),
                (FieldKind::Record(inner), value) => Value::Record(Box::new(self.read(inner, value))),
                (FieldKind::List(inner), Json::Array(list)) => {
                    Value::List(list.iter().map(|entry| self.read(inner, entry)).collect())
                }
                _ => panic!("`{}.{name}` cannot be {value}", kind.name),
            };
            record.set(field, value);
        }
        record
    }
}

/// The shipped vocabulary file with further fields.
pub(crate) fn edited(further: &str) -> toml::Table {
    let mut table: toml::Table = SHIPPED.parse().expect("the vocabulary is TOML");
    for line in further.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (path, kind) = line.split_once(": ").expect("`record.field: type`");
        let (record, field) = path.split_once('.').expect("`record.field`");
        fields_mut(&mut table, record)
            .insert(field.to_owned(), toml::toml! { type = kind doc = "further" }.into());
    }
    table
}

/// The fields of one record of a vocabulary file.
pub(crate) fn fields_mut<'t>(table: &'t mut toml::Table, record: &str) -> &'t mut toml::Table {
    table
        .get_mut("record")
        .and_then(|records| records.get_mut(record)?.get_mut("fields")?.as_table_mut())
        .unwrap_or_else(|| panic!("no record `{record}`"))
}

/// A vocabulary from its file's text, without its documentation.
pub(crate) fn vocabulary(table: &toml::Table) -> Vocabulary {
    let records = table.get("record").and_then(toml::Value::as_table).expect("the file has records");
    let names: Vec<&str> = records.keys().map(String::as_str).collect();
    let types = records
        .iter()
        .map(|(name, record)| {
            let fields = record.get("fields").and_then(toml::Value::as_table).expect("a record has fields");
            let fields = fields.iter().map(|(name, field)| Field {
                name: name.clone(),
                kind: kind(
                    &names,
                    field.get("type").and_then(toml::Value::as_str).expect("a field has a type"),
                ),
                doc: String::new(),
                personal: Personal::No,
            });
            RecordType::new(name.clone(), String::new(), fields.collect())
        })
        .collect();
    let operations = table.get("operation").and_then(toml::Value::as_table).expect("the file has operations");
    let operations = operations
        .iter()
        .map(|(name, operation)| {
            let part = |part: &str| {
                let name = operation.get(part).and_then(toml::Value::as_str).expect("both parts are named");
                record_id(&names, name)
            };
            let (request, answer) = (part("request"), part("answer"));
            Operation { name: name.clone(), doc: String::new(), request, answer }
        })
        .collect();
    Vocabulary::new(types, operations)
}

fn kind(names: &[&str], text: &str) -> FieldKind {
    let scalar = match text {
        "text" => ScalarType::Text,
        "code" => ScalarType::Code,
        "number" => ScalarType::Number,
        "flag" => ScalarType::Flag,
        "date" => ScalarType::Date,
        "datetime" => ScalarType::Datetime,
        record => {
            return match record.strip_prefix("list of ") {
                Some(entry) => FieldKind::List(record_id(names, entry)),
                None => FieldKind::Record(record_id(names, record)),
            };
        }
    };
    FieldKind::Scalar(scalar)
}

fn record_id(names: &[&str], name: &str) -> RecordTypeId {
    let index = names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("no record `{name}`"));
    RecordTypeId(u16::try_from(index).expect("few record types"))
}
