//! Text of a template with entities resolved, and the bytes each of its characters came from.

use std::ops::Range;

/// Resolved text that knows where it stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Characters {
    text: String,
    /// For each byte of `text`, and for its end, the byte of the file it came from.
    origins: Vec<usize>,
    end: usize,
}

// === impl Characters ===

impl Characters {
    /// Resolves references and line ends of raw character data that begins at `offset`. In attribute values, tabs and line
    /// ends are spaces.
    pub(crate) fn resolve(raw: &str, offset: usize, attribute: bool) -> Self {
        let mut characters = Self { text: String::new(), origins: Vec::new(), end: offset + raw.len() };
        let mut rest = raw;
        while let Some(letter) = rest.chars().next() {
            let origin = offset + (raw.len() - rest.len());
            let (resolved, length) = match letter {
                '&' => reference(rest),
                '\r' if rest.starts_with("\r\n") => ('\n', 2),
                '\r' => ('\n', 1),
                other => (other, other.len_utf8()),
            };
            let resolved =
                if attribute && length < 3 && matches!(resolved, '\n' | '\t') { ' ' } else { resolved };
            characters.push(resolved, origin);
            rest = rest.get(length..).unwrap_or_default();
        }
        characters
    }

    /// Text as it stands (a CDATA section).
    pub(crate) fn verbatim(raw: &str, offset: usize) -> Self {
        let mut characters = Self { text: String::new(), origins: Vec::new(), end: offset + raw.len() };
        for (index, letter) in raw.char_indices() {
            characters.push(letter, offset + index);
        }
        characters
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim_ascii().is_empty()
    }

    /// The bytes of the file a piece of the text came from.
    pub(crate) fn place(&self, range: Range<usize>) -> Range<usize> {
        let origin = |index: usize| self.origins.get(index).copied().unwrap_or(self.end);
        origin(range.start)..origin(range.end).max(origin(range.start))
    }

    /// The bytes of the file all of it came from.
    pub(crate) fn whole(&self) -> Range<usize> {
        self.place(0..self.text.len())
    }

    /// Adds more text behind it.
    pub(crate) fn append(&mut self, more: &Self) {
        self.text.push_str(&more.text);
        self.origins.extend_from_slice(&more.origins);
        self.end = more.end;
    }

    /// The same without white space at both ends.
    pub(crate) fn trimmed(&self) -> Self {
        let start = self.text.len() - self.text.trim_ascii_start().len();
        let end = start + self.text.trim_ascii().len();
        Self {
            text: self.text.get(start..end).unwrap_or_default().to_owned(),
            origins: self.origins.get(start..end).unwrap_or_default().to_vec(),
            end: self.place(end..end).start,
        }
    }

    fn push(&mut self, letter: char, origin: usize) {
        self.text.push(letter);
        self.origins.resize(self.text.len(), origin);
    }
}

/// The character a reference stands for, and its length in the file.
fn reference(raw: &str) -> (char, usize) {
    let Some(end) = raw.find(';') else { return ('&', 1) };
    let name = raw.get(1..end).unwrap_or_default();
    let letter = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => match name.strip_prefix("#x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok().and_then(char::from_u32),
            None => name.strip_prefix('#').and_then(|digits| digits.parse().ok()).and_then(char::from_u32),
        },
    };
    letter.map_or(('&', 1), |letter| (letter, end + 1))
}

#[cfg(test)]
mod tests {
    use super::Characters;

    #[test]
    fn a_piece_after_a_reference_is_found_again() {
        let raw = "a &lt; b";
        let characters = Characters::resolve(raw, 100, false);
        assert_eq!(characters.as_str(), "a < b");
        assert_eq!(characters.place(2..3), 102..106);
        assert_eq!(characters.place(4..5), 107..108);
        assert_eq!(characters.whole(), 100..108);
    }

    #[test]
    fn line_ends_in_attributes_are_spaces_unless_written_as_references() {
        assert_eq!(Characters::resolve("a\r\nb\tc&#10;d", 0, true).as_str(), "a b c\nd");
        assert_eq!(Characters::resolve("a\r\nb", 0, false).as_str(), "a\nb");
    }

    #[test]
    fn trimming_keeps_the_places() {
        let characters = Characters::resolve(" \n{x} ", 10, false).trimmed();
        assert_eq!((characters.as_str(), characters.whole()), ("{x}", 12..15));
    }
}
