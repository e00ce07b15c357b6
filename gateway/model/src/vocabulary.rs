//! The vocabulary: the record types a message can be read into, and the operations that use them.
//!
//! It is built once per generation from `mappings/vocabulary.toml` (the crate `mapping` reads the file) and is
//! immutable afterwards. Record types and fields are referred to by small numbers, so that reading and writing a
//! message never looks a name up.

use std::collections::HashMap;

/// A record type of one vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordTypeId(pub u16);

/// A field of one record type: its place in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u16);

/// What a scalar's characters mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarType {
    /// Characters kept exactly as they stand.
    Text,
    /// An identifier or code; white space around it does not belong to it.
    Code,
    /// An exact decimal; its digits are kept as written.
    Number,
    /// `true` or `false`.
    Flag,
    /// A calendar date.
    Date,
    /// A date with a time, with or without a zone; a bare date is accepted.
    Datetime,
}

impl ScalarType {
    /// The name it has in the vocabulary file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Date => "date",
            Self::Datetime => "datetime",
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// One scalar.
    Scalar(ScalarType),
    /// One record.
    Record(RecordTypeId),
    /// Any number of records, in order.
    List(RecordTypeId),
}

/// How much of a field may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Personal {
    /// May be shown.
    #[default]
    No,
    /// Personal data: masked wherever a record is shown.
    Yes,
    /// A credential or payment token: masked, and not even its length is told.
    Secret,
}

/// A field of a record type.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in paths.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// What it means.
    pub doc: String,
    /// How much of it may be shown.
    pub personal: Personal,
}

/// A record type: a named, ordered set of fields.
#[derive(Debug, Clone)]
pub struct RecordType {
    /// Its name.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// Its fields; a [`FieldId`] is an index into them.
    pub fields: Vec<Field>,
    by_name: HashMap<String, FieldId>,
}

/// An operation: the record types of its request and its answer.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// What a request of it is read into.
    pub request: RecordTypeId,
    /// What an answer to it is read into.
    pub answer: RecordTypeId,
}

/// All record types and operations of one generation.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    types: Vec<RecordType>,
    by_name: HashMap<String, RecordTypeId>,
    operations: Vec<Operation>,
}

// === impl RecordType ===

impl RecordType {
    /// A record type of these fields. Of two fields of one name the first is found by name.
    #[must_use]
    pub fn new(name: String, doc: String, fields: Vec<Field>) -> Self {
        let mut by_name = HashMap::with_capacity(fields.len());
        for (index, field) in (0_u16..).zip(&fields) {
            by_name.entry(field.name.clone()).or_insert(FieldId(index));
        }
        Self { name, doc, fields, by_name }
    }

    /// The field of this name.
    #[must_use]
    pub fn field_named(&self, name: &str) -> Option<FieldId> {
        self.by_name.get(name).copied()
    }

    /// The field itself.
    #[must_use]
    pub fn field(&self, id: FieldId) -> Option<&Field> {
        self.fields.get(usize::from(id.0))
    }
}

// === impl Vocabulary ===

impl Vocabulary {
    /// A vocabulary of these types; a [`RecordTypeId`] is an index into them.
    #[must_use]
    pub fn new(types: Vec<RecordType>, operations: Vec<Operation>) -> Self {
        let by_name =
            (0_u16..).zip(&types).map(|(index, kind)| (kind.name.clone(), RecordTypeId(index))).collect();
        Self { types, by_name, operations }
    }

    /// All record types, in the order of the file.
    #[must_use]
    pub fn types(&self) -> &[RecordType] {
        &self.types
    }

    /// All operations, in the order of the file.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The record type of this name.
    #[must_use]
    pub fn type_named(&self, name: &str) -> Option<RecordTypeId> {
        self.by_name.get(name).copied()
    }

    /// The record type itself.
    #[must_use]
    pub fn record_type(&self, id: RecordTypeId) -> Option<&RecordType> {
        self.types.get(usize::from(id.0))
    }

    /// How many fields a record of this type has; 0 for a type of another vocabulary.
    #[must_use]
    pub fn width(&self, id: RecordTypeId) -> usize {
        self.record_type(id).map_or(0, |kind| kind.fields.len())
    }

    /// The operation of this name.
    #[must_use]
    pub fn operation_named(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// Type and field in one step.
    #[must_use]
    pub fn field_named(&self, record: &str, field: &str) -> Option<(RecordTypeId, FieldId)> {
        let id = self.type_named(record)?;
        Some((id, self.record_type(id)?.field_named(field)?))
    }
}
