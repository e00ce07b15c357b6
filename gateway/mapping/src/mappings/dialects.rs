//! One dialect's folder: settings, tables, fragments, templates, and whether they belong together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gateway_model::codes::{BAD_DIALECT, BAD_TABLE};
use gateway_model::{Diagnostic, Place, Vocabulary};
use gateway_wire::{Names, NamesBuilder};

use super::consistency::{check_routes, check_variants, organization, output_templates, strays};
use crate::compile::{Compiler, Fragment, load_fragment};
use crate::dialect::{Dialect, MessageEntry, Settings, load_settings};
use crate::message::{Message, Routing};
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
    let messages = match &settings {
        Some(settings) => messages(&mut compiler, settings, settings_file, files),
        None => {
            unknown_messages(&mut compiler, files);
            Vec::new()
        }
    };
    let mut fragment_names: Vec<_> = fragments.keys().collect();
    fragment_names.sort_unstable();
    for fragment in fragment_names {
        compiler.check_unused_fragment(fragment);
    }
    let settings = settings?;
    let mut messages = messages;
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
        tables,
        outcomes: settings.outcomes,
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

/// The messages of a dialect, each with the place of its file's name.
fn messages<'c>(
    compiler: &mut Compiler<'c>,
    settings: &Settings,
    settings_file: &File<'_>,
    files: &[&'c File<'c>],
) -> Vec<(Message, Place)> {
    let in_folder = |file: &&File<'_>| file.path.split_once('/').map(|(_, rest)| rest.to_owned());
    let mut messages = Vec::new();
    for entry in &settings.messages {
        let place = settings_file.place(entry.file.span.clone());
        let found = files.iter().find(|file| in_folder(file).as_deref() == Some(&entry.file.text));
        match found {
            Some(file) => messages.extend(message(compiler, entry, file).map(|message| (message, place))),
            None => {
                let text = format!("there is no file `{}`", entry.file.text);
                let known: Vec<_> = files.iter().filter_map(in_folder).collect();
                let fault = Diagnostic::error(BAD_DIALECT, place, text).labelled("not in this folder");
                compiler.report.add(fault.did_you_mean(&entry.file.text, known.iter().map(String::as_str)));
            }
        }
    }
    messages
}

/// Checks templates though nobody knows which files are messages: those in the folder itself are most likely to be.
fn unknown_messages<'c>(compiler: &mut Compiler<'c>, files: &[&'c File<'c>]) {
    for file in files.iter().filter(|file| file.path.matches('/').count() == 1 && file.path.ends_with(".xml"))
    {
        let _ = compiler.template(file);
    }
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
