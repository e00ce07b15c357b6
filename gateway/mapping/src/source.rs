//! The text of mapping files, and places in it.

use std::ops::Range;
use std::sync::Arc;

use gateway_model::Place;

/// A file of the mappings folder.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path relative to the mappings folder, with `/` between the parts.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A file while it is being checked: its text and where its lines begin.
#[derive(Debug, Clone)]
pub(crate) struct File<'s> {
    pub(crate) path: &'s str,
    pub(crate) text: &'s str,
    shared: Arc<str>,
    lines: Vec<usize>,
}

/// A place in a template, kept in the checked program for run-time faults.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    file: Arc<str>,
    line: u32,
    column: u32,
}

// === impl Source ===

impl Source {
    /// A file of this path and text.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

// === impl File ===

impl<'s> File<'s> {
    pub(crate) fn new(source: &'s Source) -> Self {
        let starts = source.text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
        Self {
            path: &source.path,
            text: &source.text,
            shared: Arc::from(source.path.as_str()),
            lines: std::iter::once(0).chain(starts).collect(),
        }
    }

    /// A piece of the file, for a diagnostic.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.path.to_owned(), span }
    }

    /// Line and column of a byte, for the checked program.
    pub(crate) fn spot(&self, offset: usize) -> Spot {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(start..offset).map_or(0, |text| text.chars().count()) + 1;
        Spot { file: Arc::clone(&self.shared), line: small(line), column: small(column) }
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

// === impl Spot ===

impl std::fmt::Display for Spot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::{File, Source};

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let source = Source::new("a.xml", "<a>\n  <ü x='1'/>\n</a>");
        let file = File::new(&source);
        for (needle, expected) in
            [("<a>", "a.xml:1:1"), ("<ü", "a.xml:2:3"), ("x=", "a.xml:2:6"), ("</a", "a.xml:3:1")]
        {
            let offset = source.text.find(needle).unwrap();
            assert_eq!(file.spot(offset).to_string(), expected, "{needle}");
        }
    }
}
