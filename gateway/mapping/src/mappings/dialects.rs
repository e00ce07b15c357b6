//! One dialect's folder: settings, tables, fragments, templates, and whether they belong together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gateway_model::codes::{
    AMBIGUOUS_ROUTE, BAD_DIALECT, BAD_TABLE, STRAY_FILE, TEMPLATE_XML, UNKNOWN_FIELD, UNKNOWN_TABLE,
};
use gateway_model::{Diagnostic, FieldKind, Place, RecordTypeId, Vocabulary};
use gateway_wire::{Limits, Names, NamesBuilder, Tree};

use super::{is_mapping, stray};
use crate::compile::{Compiler, Fragment, load_fragment};
use crate::dialect::{Dialect, MessageEntry, Organization, Settings, load_settings};
use crate::message::{Message, Part, Routing};
use crate::program::Path;
use crate::report::Report;
use crate::source::File;
use crate::table::{Table, load_csv, load_toml};
use crate::vocabulary::LoadedVocabulary;

/// Loads a dialect. `None` if its settings cannot be read.
pub(super) fn load_dialect(
    name: &str,
    files: &[&File<'_>],
    loaded: &LoadedVocabulary,
    names: &mut NamesBuilder,
    report: &mut Report,
) -> Option<Dialect> {
    let vocabulary = &loaded.vocabulary;
    let within = |path: &str| files.iter().copied().find(|file| file.path == format!("{name}/{path}"));
    let settings_file = within("dialect.toml")?;
    let settings = load_settings(settings_file, vocabulary, report);
    let tables = tables(name, files, report);
    let fragments = fragments(name, files, vocabulary, report);
    let mut compiler = Compiler {
        vocabulary,
        incomplete: &loaded.incomplete,
        tables: &tables,
        fragments: &fragments,
        names,
        report,
        declarations: Default::default(),
        expanding: Vec::new(),
        used: HashSet::new(),
    };
    let Some(settings) = settings else {
        // Nobody knows which files are messages; those in the folder itself are most likely to be.
        for file in
            files.iter().filter(|file| file.path.matches('/').count() == 1 && file.path.ends_with(".xml"))
        {
            let _ = compiler.template(file);
        }
        return None;
    };
    let mut messages = Vec::new();
    for entry in &settings.messages {
        let place = settings_file.place(entry.file.span.clone());
        match within(&entry.file.text) {
            Some(file) => {
                messages.extend(message(&mut compiler, entry, file).map(|message| (message, place)))
            }
            None => {
                let fault =
                    Diagnostic::error(BAD_DIALECT, place, format!("there is no file `{}`", entry.file.text));
                let known = files.iter().filter_map(|file| file.path.split_once('/').map(|(_, rest)| rest));
                compiler
                    .report
                    .add(fault.labelled("not in this folder").did_you_mean(&entry.file.text, known));
            }
        }
    }
    let mut fragment_names: Vec<_> = fragments.keys().collect();
    fragment_names.sort_unstable();
    for fragment in fragment_names {
        compiler.check_unused_fragment(fragment);
    }
    strays(name, files, &settings, report);
    check_routes(&messages, report);
    check_variants(&settings, settings_file, report);
    output_templates(&mut messages, &settings, settings_file, &within, report);
    let organization = organization(&settings, settings_file, vocabulary, &tables, report);
    Some(Dialect {
        name: name.to_owned(),
        doc: settings.doc,
        side: settings.side,
        wire: settings.wire,
        variants: settings
            .variants
            .into_iter()
            .map(|(operation, variant)| (operation, variant.text))
            .collect(),
        limits: settings.limits,
        login: settings.login,
        connection: settings.connection,
        action_path: settings.action,
        profile_path: settings.profile,
        messages: messages.into_iter().map(|(message, _)| message).collect(),
        organization,
    })
}

fn tables(name: &str, files: &[&File<'_>], report: &mut Report) -> HashMap<String, Arc<Table>> {
    let mut tables: HashMap<String, Arc<Table>> = HashMap::new();
    for file in files {
        let Some(path) = file.path.strip_prefix(name).and_then(|path| path.strip_prefix("/tables/")) else {
            continue;
        };
        let (stem, table) = match path.rsplit_once('.') {
            Some((stem, "toml")) => (stem, load_toml(stem, file, report)),
            Some((stem, "csv")) => (stem, load_csv(stem, file, report)),
            _ => continue,
        };
        if tables.insert(stem.to_owned(), Arc::new(table)).is_some() {
            let fault =
                Diagnostic::error(BAD_TABLE, file.place(0..0), format!("there are two tables `{stem}`"));
            report.add(fault.helped("keep either the .toml or the .csv file"));
        }
    }
    tables
}

fn fragments<'f>(
    name: &str,
    files: &[&'f File<'f>],
    vocabulary: &Vocabulary,
    report: &mut Report,
) -> HashMap<String, Fragment<'f>> {
    let mut fragments = HashMap::new();
    for file in files {
        let path = file.path.strip_prefix(name).and_then(|path| path.strip_prefix("/fragments/"));
        let Some(stem) = path.and_then(|path| path.strip_suffix(".xml")) else { continue };
        if let Some(fragment) = load_fragment(file, vocabulary, report) {
            fragments.insert(stem.to_owned(), fragment);
        }
    }
    fragments
}

fn message<'c>(compiler: &mut Compiler<'c>, entry: &MessageEntry, file: &'c File<'c>) -> Option<Message> {
    let template = compiler.template(file)?;
    Some(Message {
        name: entry.file.text.trim_end_matches(".xml").to_owned(),
        file: file.path.to_owned(),
        operation: template.operation,
        part: template.part,
        record: template.record,
        api: entry.api.clone(),
        output_template: None,
        variant: entry.variant.clone(),
        root: template.root,
        also: template.also,
        width: compiler.vocabulary.width(template.record),
        names: Arc::new(Names::default()),
        routing: Routing {
            actions: entry.actions.clone(),
            profiles: entry.profiles.clone(),
            having: entry.having.clone(),
        },
    })
}

/// Files that nothing in the dialect names.
fn strays(name: &str, files: &[&File<'_>], settings: &Settings, report: &mut Report) {
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
fn check_routes(messages: &[(Message, Place)], report: &mut Report) {
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

fn check_variants(settings: &Settings, file: &File<'_>, report: &mut Report) {
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

fn output_templates<'f>(
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

fn organization(
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
