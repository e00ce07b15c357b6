//! Mappings as commands need them: loaded with all faults printed, and looked up with a word for what is not there.

use std::path::Path;

use gateway_mapping::{Dialect, Mappings};
use gateway_model::closest;

use crate::cli::exit::Failure;
use crate::cli::terminal::Terminal;
use crate::config::process_environment;
use crate::generation::{self, Checked, Generation};
use crate::report;

/// The mappings of the folder. Faults are printed.
pub(super) fn load(folder: &Path, terminal: &mut Terminal) -> Result<Mappings, Failure> {
    let checked = generation::load_mappings(folder);
    print(&checked, terminal)?;
    let summary = report::summary(&checked.diagnostics);
    checked.outcome.ok_or_else(|| Failure::Configuration(format!("{summary} in `{}`", folder.display())))
}

/// Configuration and mappings for a command that runs something. Faults are printed.
pub(super) fn generation(config: &Path, terminal: &mut Terminal) -> Result<Generation, Failure> {
    let checked = generation::load(config, &process_environment());
    print(&checked, terminal)?;
    let summary = report::summary(&checked.diagnostics);
    checked.outcome.ok_or_else(|| {
        Failure::Configuration(format!("{summary} in `{}` and its mappings", config.display()))
    })
}

/// Prints the diagnostics of what was loaded.
pub(super) fn print<T>(checked: &Checked<T>, terminal: &mut Terminal) -> Result<(), Failure> {
    Ok(terminal.report(&checked.diagnostics, &checked.files)?)
}

/// The dialect of this name.
pub(super) fn dialect<'m>(mappings: &'m Mappings, name: &str) -> Result<&'m Dialect, Failure> {
    mappings.dialect(name).ok_or_else(|| {
        let known = mappings.dialects().map(|dialect| dialect.name.as_str());
        Failure::Usage(unknown("dialect", name, known))
    })
}

/// What to say of a name that nothing has.
pub(super) fn unknown<'k>(what: &str, name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.collect();
    let meant = closest(name, known.iter().copied());
    let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
    format!("there is no {what} `{name}`, expected one of {}{meant}", known.join(", "))
}
