//! Whether the files of a dialect belong together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gateway_model::codes::{
    AMBIGUOUS_ROUTE, BAD_DIALECT, STRAY_FILE, TEMPLATE_XML, UNKNOWN_FIELD, UNKNOWN_TABLE,
};
use gateway_model::{Diagnostic, FieldKind, Place, RecordTypeId, Vocabulary};
use gateway_wire::{Limits, NamesBuilder, Tree};

use super::{is_mapping, stray};
use crate::dialect::{Organization, Settings};
use crate::message::{Message, Part};
use crate::program::Path;
use crate::report::Report;
use crate::source::File;
use crate::table::Table;

/// Files that nothing in the dialect names.
pub(super) fn strays(name: &str, files: &[&File<'_>], settings: &Settings, report: &mut Report) {
    let mut known = HashSet::new();
    for entry in &settings.messages {
        known.insert(entry.file.text.as_str());
        known.extend(entry.output_template.as_ref().map(|file| file.text.as_str()));
    }
    for file in files.iter().filter(|file| is_mapping(file.path)) {
        let path = file.path.strip_prefix(name).and_then(|path| path.strip_prefix('/')).unwrap_or_default();
        let table =
            path.strip_prefix("tables/").is_some_and(|path| !path.contains('/') && !path.ends_with(".xml"));
        let fragment =
            path.strip_prefix("fragments/").is_some_and(|path| !path.contains('/') && path.ends_with(".xml"));
        if path != "dialect.toml" && !table && !fragment && !known.contains(path) {
            let help = format!("name it in {name}/dialect.toml: `[[message]] file = \"{path}\"`");
            report.add(stray(file, "no message of the dialect is in this file").helped(help));
        }
    }
    if settings.messages.is_empty() {
        let place = Place { file: format!("{name}/dialect.toml"), span: 0..0 };
        report.add(
            Diagnostic::error(STRAY_FILE, place, "the dialect has no messages")
                .expecting("`[[message]]` with a `file`"),
        );
    }
}

/// Two messages that answer to the same document: the later one could never be reached.
pub(super) fn check_routes(messages: &[(Message, Place)], report: &mut Report) {
    for (index, (message, place)) in messages.iter().enumerate() {
        for (earlier, earlier_place) in messages.get(..index).unwrap_or_default() {
            if shadows(earlier, message) {
                let text = format!("`{}` and `{}` answer to the same documents", earlier.name, message.name);
                let mut fault = Diagnostic::error(AMBIGUOUS_ROUTE, place.clone(), text)
                    .labelled("this one is never reached")
                    .helped("tell them apart by `actions`, `profiles`, `having` or `variant`, and put the more particular one first");
                fault.related.push((earlier_place.clone(), "this one takes all of them".to_owned()));
                report.add(fault);
            }
        }
    }
}

/// Whether every request of `later` is taken by `earlier` as well, though it belongs to another operation. Answers are
/// found by the operation that was asked, so they may share roots.
fn shadows(earlier: &Message, later: &Message) -> bool {
    let covers = |wide: &[String], narrow: &[String]| {
        wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|name| wide.contains(name)))
    };
    earlier.has_root(later.root.symbol)
        && earlier.part == Part::Request
        && later.part == Part::Request
        && earlier.operation != later.operation
        && earlier.variant == later.variant
        && covers(&earlier.routing.actions, &later.routing.actions)
        && (earlier.also.contains(&later.root.symbol)
            || covers(&earlier.routing.profiles, &later.routing.profiles))
        && earlier.routing.having.iter().all(|path| later.routing.having.contains(path))
}

pub(super) fn check_variants(settings: &Settings, file: &File<'_>, report: &mut Report) {
    for (operation, variant) in &settings.variants {
        let known: Vec<_> = settings.messages.iter().filter_map(|entry| entry.variant.as_deref()).collect();
        let span = variant.span.clone();
        let variant = variant.text.as_str();
        if !known.contains(&variant) {
            let place = file.place(span);
            let message = format!("no message is of the variant `{variant}` chosen for `{operation}`");
            report.add(Diagnostic::error(BAD_DIALECT, place, message).did_you_mean(variant, known));
        }
    }
}

pub(super) fn output_templates<'f>(
    messages: &mut [(Message, Place)],
    settings: &Settings,
    settings_file: &File<'_>,
    within: &impl Fn(&str) -> Option<&'f File<'f>>,
    report: &mut Report,
) {
    let names = NamesBuilder::new().build();
    for entry in &settings.messages {
        let Some(template) = &entry.output_template else { continue };
        let Some(file) = within(&template.text) else {
            let place = settings_file.place(template.span.clone());
            report.add(Diagnostic::error(
                BAD_DIALECT,
                place,
                format!("there is no file `{}`", template.text),
            ));
            continue;
        };
        if let Err(refusal) = Tree::parse(file.text, &names, &Limits::default()) {
            let message = format!("{} (line {}, column {})", refusal.message, refusal.line, refusal.column);
            report.add(Diagnostic::error(TEMPLATE_XML, file.place(0..0), message));
        }
        let of_entry = entry.file.text.trim_end_matches(".xml");
        for (message, _) in messages.iter_mut().filter(|(message, _)| message.name == of_entry) {
            message.output_template = Some(file.text.to_owned());
        }
    }
}

pub(super) fn organization(
    settings: &Settings,
    file: &File<'_>,
    vocabulary: &Vocabulary,
    tables: &HashMap<String, Arc<Table>>,
    report: &mut Report,
) -> Option<Organization> {
    let (table_name, field_name) = settings.organization.as_ref()?;
    let table = tables.get(&table_name.text).map(Arc::clone);
    if table.is_none() {
        let place = file.place(table_name.span.clone());
        let fault =
            Diagnostic::error(UNKNOWN_TABLE, place, format!("there is no table `{}`", table_name.text));
        report.add(fault.did_you_mean(&table_name.text, tables.keys().map(String::as_str)));
    }
    let mut fields = HashMap::new();
    for (index, record) in (0_u16..).zip(vocabulary.types()) {
        let found = record.field_named(&field_name.text);
        let scalar = found
            .filter(|id| matches!(record.field(*id).map(|field| field.kind), Some(FieldKind::Scalar(_))));
        if let Some(field) = scalar {
            fields.insert(RecordTypeId(index), Path { depth: 0, steps: Box::default(), field });
        }
    }
    if fields.is_empty() {
        let place = file.place(field_name.span.clone());
        let fault =
            Diagnostic::error(UNKNOWN_FIELD, place, format!("no record has a field `{}`", field_name.text));
        let known: BTreeMap<&str, ()> = vocabulary
            .types()
            .iter()
            .flat_map(|kind| &kind.fields)
            .map(|field| (field.name.as_str(), ()))
            .collect();
        report.add(fault.did_you_mean(&field_name.text, known.into_keys()));
    }
    Some(Organization { table: table?, fields })
}
