//! The shipped mappings, ready to interpret.

use std::fs;
use std::path::Path;

use gateway_exchange::Interpreter;
use gateway_mapping::Source;
use gateway_wire::Limits;
use jiff::tz::TimeZone;

pub(crate) fn interpreter() -> Interpreter {
    interpreter_with("")
}

/// The shipped mappings with further rows before the outcome rules of the DOM's dialect.
pub(crate) fn interpreter_with(rows: &str) -> Interpreter {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mappings");
    let mut sources = Vec::new();
    collect(&folder, "", &mut sources);
    for source in sources.iter_mut().filter(|source| source.path == "sterling/dialect.toml") {
        source.text = source.text.replacen("[[outcome]]", &format!("{rows}\n[[outcome]]"), 1);
    }
    let mappings = gateway_mapping::load(&sources).mappings.unwrap();
    Interpreter::new(mappings, TimeZone::UTC, Limits::default()).unwrap()
}

fn collect(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{path}/"), sources);
        } else if [".xml", ".toml", ".csv"].iter().any(|ending| path.ends_with(ending)) {
            sources.push(Source { text: fs::read_to_string(entry.path()).unwrap(), path });
        }
    }
}
