//! What the author of a mapping or configuration file is told: where, what, what was expected, what to do.
//!
//! Diagnostics are collected, never thrown one by one: a run reports all faults of all files.

use std::ops::Range;

use crate::codes::Code;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It will not load.
    Error,
    /// It loads, yet is probably not what was meant.
    Warning,
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name, relative to where the files are loaded from.
    pub file: String,
    /// Bytes of the file's text.
    pub span: Range<usize>,
}

/// A word that was probably meant, and the bytes it would replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What to write.
    pub text: String,
}

/// One fault of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its number in the register.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// What stands at the place, said next to it.
    pub label: String,
    /// What was expected there, if that can be said.
    pub expected: Option<String>,
    /// What was probably meant.
    pub suggestion: Option<Suggestion>,
    /// What to do.
    pub help: Option<String>,
    /// Other places that belong to it, each with a label.
    pub related: Vec<(Place, String)>,
}

// === impl Diagnostic ===

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            place,
            message: message.into(),
            label: String::new(),
            expected: None,
            suggestion: None,
            help: None,
            related: Vec::new(),
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// Says what stands at the place.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what was expected.
    #[must_use]
    pub fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Names the closest of the known words, if one is close enough.
    #[must_use]
    pub fn did_you_mean<'w>(mut self, found: &str, known: impl IntoIterator<Item = &'w str>) -> Self {
        self.suggestion = closest(found, known).map(|text| Suggestion { text: text.to_owned() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn helped(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The known word that `found` was most probably meant to be: at most a third of its letters differ.
#[must_use]
pub fn closest<'w>(found: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let limit = found.chars().count().div_ceil(3);
    known
        .into_iter()
        .map(|word| (distance(found, word), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Letters to insert, delete or replace to turn one word into the other (Levenshtein), case apart.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (cell, expected) in row.iter_mut().skip(1).zip(&other) {
            let above = *cell;
            let replaced = diagonal + usize::from(letter != *expected);
            left = replaced.min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn a_word_close_enough_is_suggested() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(closest("quantty", ["unit", "quantity", "item"]), Some("quantity"));
        assert_eq!(closest("xyz", ["unit", "quantity"]), None);
    }
}
