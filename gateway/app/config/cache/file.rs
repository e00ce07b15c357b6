//! The store's own cache configuration as a file: its rules, each with the line it stands in.

use std::ops::Range;
use std::path::Path;

use gateway_cache::{Rule, Scope, import_csv};
use gateway_mapping::Source;
use gateway_model::{Place, codes};

use super::Places;
use crate::config::section::Report;

/// The rules of a file. Its faults and notes are reported at their lines; a file with a fault has no rules.
pub(super) fn read_rules(path: &Path, report: &Report<'_>) -> Vec<((Scope, Rule), Places)> {
    let file = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let place = Place { file: file.clone(), span: 0..0 };
            report.shows(Source { path: file.clone(), text: String::new() });
            report.fault_in(codes::CONFIG_FILE, place, format!("`{file}` cannot be read: {error}")).add();
            return Vec::new();
        }
    };
    let place = |line| Place { file: file.clone(), span: span_of(&text, line) };
    let rules = match import_csv(&text) {
        Ok(imported) => {
            for note in &imported.notes {
                report.warning_in(codes::CONFIG_VALUE, place(note.line), note.text.clone()).add();
            }
            let places = imported.lines.iter().map(|line| Places {
                rule: place(*line),
                store: place(*line),
                is_ours: false,
            });
            imported.rules.into_iter().zip(places).collect()
        }
        Err(faults) => {
            for fault in faults {
                report.fault_in(codes::CONFIG_VALUE, place(fault.line), fault.text).add();
            }
            Vec::new()
        }
    };
    report.shows(Source { path: file, text });
    rules
}

/// The bytes of a line, without its end.
fn span_of(text: &str, line: u64) -> Range<usize> {
    let before = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    start..start + length
}
