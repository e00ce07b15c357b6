//! A text of an outcome rule: a plain one, or one with `*` for any characters.

use std::fmt;

/// What a text has to look like. Upper and lower case letters of ASCII are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    written: String,
    /// The parts between the stars, in lower case; one part if there is no star.
    parts: Vec<String>,
    /// What a text without a star means.
    plain: Plain,
}

/// What a pattern without a star has to do with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plain {
    /// It is the whole text: codes and names.
    Whole,
    /// It stands somewhere in it: what a person reads.
    Within,
}

// === impl Pattern ===

impl Pattern {
    pub(crate) fn new(written: &str, plain: Plain) -> Self {
        let parts = written.split('*').map(str::to_ascii_lowercase).collect();
        Self { written: written.to_owned(), parts, plain }
    }

    /// Whether a text looks like this.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        match (self.parts.as_slice(), self.plain) {
            ([], _) => true,
            ([only], Plain::Whole) => text == *only,
            ([only], Plain::Within) => text.contains(only.as_str()),
            ([first, middle @ .., last], _) => {
                let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
                // The leftmost place of each part leaves the most for those behind it.
                for part in middle {
                    match rest.split_once(part.as_str()) {
                        Some((_, behind)) => rest = behind,
                        None => return false,
                    }
                }
                rest.ends_with(last.as_str())
            }
        }
    }

    /// Whether every text that looks like `other` looks like this.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        if self == other || self.parts.iter().all(String::is_empty) {
            return true;
        }
        match (self.parts.as_slice(), self.plain, other.parts.as_slice(), other.plain) {
            // What contains a longer text contains each of its pieces.
            ([only], Plain::Within, parts, _) => parts.iter().any(|part| part.contains(only.as_str())),
            (_, _, [only], Plain::Whole) => self.fits(only),
            _ => false,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}
