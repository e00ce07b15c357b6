//! A generation: one loaded, checked, immutable set of configuration and mappings.
//!
//! Everything is read and checked before any of it is used; a fault anywhere leaves no generation, so whatever ran
//! before goes on as it was.

use std::path::Path;

use gateway_mapping::{Mappings, Source};
use gateway_model::Diagnostic;

use crate::config::{self, Config, Environment};
use crate::mapping_files;
use crate::report;
use crate::required_words;

/// Configuration and mappings that fit each other.
#[derive(Debug)]
pub struct Generation {
    /// The configuration.
    pub config: Config,
    /// The mappings.
    pub mappings: Mappings,
}

/// What came of loading, with everything needed to show its faults (`gateway_mapping::render`).
#[derive(Debug)]
pub struct Checked<T> {
    /// The outcome; `None` if any diagnostic is an error.
    pub outcome: Option<T>,
    /// All faults and doubts of all files.
    pub diagnostics: Vec<Diagnostic>,
    /// The files they are about.
    pub files: Vec<Source>,
}

/// Loads the configuration at `path` and the mappings it names.
///
/// If the configuration has faults, the mappings cannot be found by it; they are checked once it has none.
#[must_use]
pub fn load(path: &Path, environment: &dyn Environment) -> Checked<Generation> {
    let loaded = config::load(path, environment);
    let mut diagnostics = loaded.diagnostics;
    let mut files = loaded.files;
    let Some(config) = loaded.config else {
        return Checked { outcome: None, diagnostics, files };
    };
    let mappings = load_mappings(&config.mappings);
    diagnostics.extend(mappings.diagnostics);
    files.extend(mappings.files);
    let Some(mappings) = mappings.outcome else {
        return Checked { outcome: None, diagnostics, files };
    };
    diagnostics.extend(config.check_dialects(&path.display().to_string(), &mappings));
    let outcome = (!report::has_errors(&diagnostics)).then_some(Generation { config, mappings });
    Checked { outcome, diagnostics, files }
}

/// Loads the mappings of a folder.
#[must_use]
pub fn load_mappings(folder: &Path) -> Checked<Mappings> {
    let files = mapping_files::read(folder);
    let loaded = gateway_mapping::load(&files.sources);
    let mut diagnostics = files.diagnostics;
    diagnostics.extend(loaded.diagnostics);
    if let Some(mappings) = &loaded.mappings {
        diagnostics.extend(required_words::check(mappings, &files.sources));
    }
    let outcome = loaded.mappings.filter(|_| !report::has_errors(&diagnostics));
    // Seen from where the program runs, so that a name in a message can be opened as it stands.
    for diagnostic in &mut diagnostics {
        let related = diagnostic.related.iter_mut().map(|(place, _)| place);
        for place in std::iter::once(&mut diagnostic.place).chain(related) {
            place.file = beside(folder, &place.file);
        }
    }
    let files = files.sources.into_iter();
    let files = files.map(|source| Source { path: beside(folder, &source.path), text: source.text });
    Checked { outcome, diagnostics, files: files.collect() }
}

fn beside(folder: &Path, file: &str) -> String {
    folder.join(file).display().to_string()
}
