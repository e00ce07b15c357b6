//! Faults are collected, not thrown: one run reports all of them.

use gateway_model::{Diagnostic, Severity};

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    diagnostics: Vec<Diagnostic>,
}

// === impl Report ===

impl Report {
    /// Adds a fault, unless it was found before (a fragment is checked wherever it is used).
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        let same = |known: &Diagnostic| {
            known.code == diagnostic.code
                && known.place == diagnostic.place
                && known.message == diagnostic.message
        };
        if !self.diagnostics.iter().any(same) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether anything found keeps the files from being used.
    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Everything found, by file and place.
    pub(crate) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by(|one, other| {
            let key = |diagnostic: &Diagnostic| (diagnostic.place.file.clone(), diagnostic.place.span.start);
            key(one).cmp(&key(other))
        });
        self.diagnostics
    }
}
