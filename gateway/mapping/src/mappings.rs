//! Everything in the mappings folder, loaded and checked as one.

mod consistency;
mod dialects;

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_model::codes::{BAD_VOCABULARY, STRAY_FILE};
use gateway_model::{Diagnostic, Vocabulary};
use gateway_wire::{Names, NamesBuilder};

use crate::dialect::Dialect;
use crate::report::Report;
use crate::source::{File, Source};
use crate::vocabulary::load_vocabulary;

/// The file that declares records and operations.
const VOCABULARY: &str = "vocabulary.toml";

/// What loading came to.
#[derive(Debug)]
pub struct Loaded {
    /// The mappings; `None` when any diagnostic is an error.
    pub mappings: Option<Mappings>,
    /// Everything found, by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checked mappings: a vocabulary and the dialects that speak it.
#[derive(Debug)]
pub struct Mappings {
    vocabulary: Vocabulary,
    names: Arc<Names>,
    dialects: Vec<Dialect>,
}

/// Loads and checks the files of a mappings folder. Every fault of every file is reported.
#[must_use]
pub fn load(sources: &[Source]) -> Loaded {
    let mut report = Report::default();
    let files: Vec<File<'_>> = sources.iter().map(File::new).collect();
    let loaded = match files.iter().find(|file| file.path == VOCABULARY) {
        Some(file) => load_vocabulary(file, &mut report),
        None => {
            let place = gateway_model::Place { file: VOCABULARY.to_owned(), span: 0..0 };
            report.add(Diagnostic::error(BAD_VOCABULARY, place, "there is no vocabulary.toml"));
            None
        }
    };
    let mut names = NamesBuilder::new();
    let mut dialects = Vec::new();
    let folders = folders(&files, &mut report);
    // Without a vocabulary nothing in a template has a meaning, and everything would be a fault.
    if let Some(vocabulary) = &loaded {
        for (name, folder) in &folders {
            dialects.extend(dialects::load_dialect(name, folder, vocabulary, &mut names, &mut report));
        }
    }
    let vocabulary = loaded.unwrap_or_default().vocabulary;
    let names = Arc::new(names.build());
    for message in dialects.iter_mut().flat_map(|dialect| &mut dialect.messages) {
        message.names = Arc::clone(&names);
    }
    let sound = !report.has_errors();
    Loaded {
        mappings: sound.then_some(Mappings { vocabulary, names, dialects }),
        diagnostics: report.into_diagnostics(),
    }
}

/// Sorts files by dialect; a dialect is a folder with a `dialect.toml`.
fn folders<'f>(files: &'f [File<'f>], report: &mut Report) -> BTreeMap<&'f str, Vec<&'f File<'f>>> {
    let mut folders: BTreeMap<&str, Vec<&File<'_>>> = BTreeMap::new();
    for file in files {
        if let Some((folder, _)) = file.path.split_once('/') {
            folders.entry(folder).or_default().push(file);
        } else if file.path != VOCABULARY && is_mapping(file.path) {
            report.add(stray(file, "the file belongs to no dialect"));
        }
    }
    folders.retain(|folder, files| {
        let settings = format!("{folder}/dialect.toml");
        let known = files.iter().any(|file| file.path == settings);
        if !known {
            let strays = files.iter().filter(|file| is_mapping(file.path));
            for file in strays {
                report.add(
                    stray(file, "the folder is no dialect").helped(format!("`{settings}` would make it one")),
                );
            }
        }
        known
    });
    folders
}

fn is_mapping(path: &str) -> bool {
    [".xml", ".toml", ".csv"].iter().any(|ending| path.ends_with(ending))
}

fn stray(file: &File<'_>, message: &str) -> Diagnostic {
    Diagnostic::error(STRAY_FILE, file.place(0..0), message)
}

// === impl Mappings ===

impl Mappings {
    /// The record types and operations.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The names that documents are matched against.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The dialect of this name.
    #[must_use]
    pub fn dialect(&self, name: &str) -> Option<&Dialect> {
        self.dialects.iter().find(|dialect| dialect.name == name)
    }

    /// All dialects, by name.
    pub fn dialects(&self) -> impl Iterator<Item = &Dialect> {
        self.dialects.iter()
    }
}
