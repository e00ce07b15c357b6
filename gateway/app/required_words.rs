//! The words of the vocabulary that the gateway itself works with: an integrator may add to it, but not take these away.

use std::ops::Range;

use gateway_mapping::{Mappings, Source};
use gateway_model::{Diagnostic, Place, closest, codes};
use gateway_operation::{MissingView, Views};
use toml::de::{DeTable, DeValue};

/// The file all words stand in.
const FILE: &str = "vocabulary.toml";

/// Reports every record type, field and operation that is missing or has another type. `sources` are the mapping
/// files, in which its place is looked for.
#[must_use]
pub fn check(mappings: &Mappings, sources: &[Source]) -> Vec<Diagnostic> {
    let Err(missing) = Views::bind(mappings.vocabulary()) else { return Vec::new() };
    let text = sources.iter().find(|source| source.path == FILE).map_or("", |source| &source.text);
    let (document, _) = DeTable::parse_recoverable(text);
    missing.iter().map(|view| diagnose(view, mappings, document.get_ref())).collect()
}

fn diagnose(view: &MissingView, mappings: &Mappings, document: &DeTable<'_>) -> Diagnostic {
    let (kind, name) = view.record.split_once('.').unwrap_or(("record", view.record));
    let fields = if kind == "record" { &["fields"][..] } else { &[] };
    let path: Vec<&str> = [kind, name].iter().chain(fields).copied().chain(view.field).collect();
    let place = Place { file: FILE.to_owned(), span: find(document, &path) };
    let what = match view.field {
        Some(field) => format!("the field `{field}` of `{}`", view.record),
        None => format!("`{}`", view.record),
    };
    let message = match &view.found {
        Some(found) => format!("{what} is of type `{found}`, and the gateway works with it as another"),
        None => format!("{what} is missing, and the gateway works with it"),
    };
    let fault = Diagnostic::error(codes::MISSING_VIEW, place, message)
        .expecting(format!("`{}`", view.expected))
        .helped("fields may be added to the vocabulary, but those the gateway works with keep name and type");
    let record = mappings.vocabulary().type_named(name).and_then(|id| mappings.vocabulary().record_type(id));
    let known = record.into_iter().flat_map(|record| &record.fields).map(|field| field.name.as_str());
    match view.field.filter(|_| view.found.is_none()).and_then(|field| closest(field, known)) {
        Some(close) => fault.labelled(format!("has `{close}`")),
        None => fault,
    }
}

/// Where the path stands, or as much of it as is there.
fn find(table: &DeTable<'_>, path: &[&str]) -> Range<usize> {
    let mut table = table;
    let mut span = 0..0;
    for name in path {
        let Some((key, value)) = table.get_key_value(*name) else { break };
        span = key.span();
        let DeValue::Table(below) = value.get_ref() else { break };
        table = below;
    }
    span
}
