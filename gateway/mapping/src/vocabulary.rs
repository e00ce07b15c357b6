//! `vocabulary.toml` to a [`Vocabulary`].

use std::collections::{HashMap, HashSet};

use gateway_model::codes::BAD_VOCABULARY;
use gateway_model::{
    Field, FieldKind, Operation, Personal, RecordType, RecordTypeId, ScalarType, Vocabulary,
};

use crate::expression::KEYWORDS;
use crate::report::Report;
use crate::source::File;
use crate::toml_view::{PlacedText, TomlView, parse_toml};

/// The record type that every message of part `refusal` speaks about.
pub(crate) const REFUSAL: &str = "refusal";

const SCALARS: [ScalarType; 6] = [
    ScalarType::Text,
    ScalarType::Code,
    ScalarType::Number,
    ScalarType::Flag,
    ScalarType::Date,
    ScalarType::Datetime,
];

/// What the vocabulary file says.
#[derive(Debug, Default)]
pub(crate) struct LoadedVocabulary {
    pub(crate) vocabulary: Vocabulary,
    /// Operations that are declared, but whose records are not: their templates cannot be checked.
    pub(crate) incomplete: HashSet<String>,
}

/// Reads the vocabulary file. All its faults are reported; what is sound of it is kept, so that templates can still
/// be checked. `None` if nothing of it can be read.
pub(crate) fn load_vocabulary(file: &File<'_>, report: &mut Report) -> Option<LoadedVocabulary> {
    let parsed = parse_toml(file, BAD_VOCABULARY, report)?;
    let root = TomlView::root(file, BAD_VOCABULARY, &parsed);
    root.known(&["operation", "record"], report);
    let records = root.named_tables("record", report);
    let ids: HashMap<String, RecordTypeId> =
        (0_u16..).zip(&records).map(|(index, (name, _))| (name.text.clone(), RecordTypeId(index))).collect();
    let types = records.iter().map(|(name, view)| record_type(name, view, &ids, report)).collect();
    let mut operations = Vec::new();
    let mut incomplete = HashSet::new();
    for (name, view) in root.named_tables("operation", report) {
        match operation(&name, &view, &ids, report) {
            Some(operation) => operations.push(operation),
            None => {
                incomplete.insert(name.text);
            }
        }
    }
    Some(LoadedVocabulary { vocabulary: Vocabulary::new(types, operations), incomplete })
}

fn record_type(
    name: &PlacedText,
    view: &TomlView<'_>,
    ids: &HashMap<String, RecordTypeId>,
    report: &mut Report,
) -> RecordType {
    view.known(&["doc", "fields"], report);
    check_name(name, view, report);
    if SCALARS.iter().any(|kind| kind.name() == name.text) {
        let message = format!("a record cannot be called `{}`, which is a scalar type", name.text);
        report.add(view.fault(name.span.clone(), message));
    }
    let doc = view.required_text("doc", report).map(|doc| doc.text).unwrap_or_default();
    let fields = view.named_tables("fields", report);
    let fields = fields.into_iter().map(|(name, view)| field(name, &view, ids, report)).collect();
    RecordType::new(name.text.clone(), doc, fields)
}

fn field(
    name: PlacedText,
    view: &TomlView<'_>,
    ids: &HashMap<String, RecordTypeId>,
    report: &mut Report,
) -> Field {
    view.known(&["type", "personal", "doc"], report);
    check_name(&name, view, report);
    let doc = view.required_text("doc", report).map(|doc| doc.text).unwrap_or_default();
    let kind = view
        .required_text("type", report)
        .and_then(|written| field_kind(&written, view, ids, report))
        .unwrap_or(FieldKind::Scalar(ScalarType::Text));
    Field { name: name.text, kind, doc, personal: personal(view, report) }
}

fn field_kind(
    written: &PlacedText,
    view: &TomlView<'_>,
    ids: &HashMap<String, RecordTypeId>,
    report: &mut Report,
) -> Option<FieldKind> {
    if let Some(kind) = SCALARS.into_iter().find(|kind| kind.name() == written.text) {
        return Some(FieldKind::Scalar(kind));
    }
    let (record, list) = match written.text.strip_prefix("list of ") {
        Some(record) => (record, true),
        None => (written.text.as_str(), false),
    };
    let id = ids.get(record).copied();
    if id.is_none() {
        let known = SCALARS.iter().map(|kind| kind.name()).chain(ids.keys().map(String::as_str));
        report.add(
            view.fault(written.span.clone(), format!("there is no type `{record}`"))
                .labelled("not a type")
                .expecting(
                    "`text`, `code`, `number`, `flag`, `date`, `datetime`, a record, or `list of` a record",
                )
                .did_you_mean(record, known),
        );
    }
    id.map(|id| if list { FieldKind::List(id) } else { FieldKind::Record(id) })
}

/// `personal = true` or `personal = "secret"`.
fn personal(view: &TomlView<'_>, report: &mut Report) -> Personal {
    let value = view.entries().into_iter().find(|(key, _)| key.text == "personal").map(|(_, value)| value);
    let Some(value) = value else { return Personal::No };
    match (value.get_ref().as_bool(), value.get_ref().as_str()) {
        (Some(true), _) => Personal::Yes,
        (Some(false), _) => Personal::No,
        (None, Some("secret")) => Personal::Secret,
        _ => {
            let fault = view.fault(value.span(), "`personal` has a value that means nothing");
            report.add(fault.expecting("`true`, `false` or `\"secret\"`"));
            // The safe reading of a mark nobody understands.
            Personal::Secret
        }
    }
}

fn operation(
    name: &PlacedText,
    view: &TomlView<'_>,
    ids: &HashMap<String, RecordTypeId>,
    report: &mut Report,
) -> Option<Operation> {
    view.known(&["doc", "request", "answer"], report);
    let doc = view.required_text("doc", report).map(|doc| doc.text).unwrap_or_default();
    let mut part = |key: &str| {
        let written = view.required_text(key, report)?;
        let id = ids.get(&written.text).copied();
        if id.is_none() {
            report.add(
                view.fault(written.span, format!("there is no record `{}`", written.text))
                    .labelled("not a record")
                    .did_you_mean(&written.text, ids.keys().map(String::as_str)),
            );
        }
        id
    };
    let (request, answer) = (part("request"), part("answer"));
    Some(Operation { name: name.text.clone(), doc, request: request?, answer: answer? })
}

fn check_name(name: &PlacedText, view: &TomlView<'_>, report: &mut Report) {
    let mut letters = name.text.chars();
    let first = letters.next().is_some_and(|letter| letter.is_alphabetic() || letter == '_');
    if !first || !letters.all(|letter| letter.is_alphanumeric() || letter == '_') {
        report.add(
            view.fault(name.span.clone(), format!("`{}` is not a name", name.text))
                .expecting("letters, digits and `_`, not beginning with a digit"),
        );
    } else if KEYWORDS.contains(&name.text.as_str()) {
        let message = format!("`{}` is a word of the expression language and cannot be a name", name.text);
        report.add(view.fault(name.span.clone(), message));
    }
}
