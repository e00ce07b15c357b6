//! Character classes of XML 1.0 (fifth edition) and Namespaces in XML 1.0.

/// What one pass over a whole document found; it spares every later piece of text a search of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traits {
    /// A carriage return stands somewhere: line ends have to be normalized.
    pub(crate) carriage_return: bool,
    /// `]]>` stands somewhere: texts have to be searched for it.
    pub(crate) section_end: bool,
}

/// Looks through the document once.
///
/// # Errors
/// The offset of the first character that XML does not allow (section 2.2).
#[inline(never)]
pub(crate) fn survey(text: &str) -> Result<Traits, usize> {
    let bytes = text.as_bytes();
    let mut carriage_return = false;
    if has_control(bytes) {
        carriage_return = memchr::memchr(b'\r', bytes).is_some();
        let illegal = |byte: u8| byte < b' ' && !is_space(byte);
        if bytes.iter().fold(false, |found, &byte| found | illegal(byte))
            && let Some(offset) = bytes.iter().position(|byte| illegal(*byte))
        {
            return Err(offset);
        }
    }
    // U+FFFE and U+FFFF are the only characters above the controls that XML does not allow; both begin like this.
    let last_of_plane = memchr::memchr_iter(0xEF, bytes)
        .find(|at| matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])));
    if let Some(offset) = last_of_plane {
        return Err(offset);
    }
    Ok(Traits { carriage_return, section_end: memchr::memmem::find(bytes, b"]]>").is_some() })
}

/// Whether there is a control character other than line feed. Without a branch in its body the loop compiles to vector
/// instructions.
fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, &byte| found | ((byte < b' ') ^ (byte == b'\n')))
}

/// A character that a document may hold (production 2).
pub(crate) const fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// White space (production 3).
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether the text is white space alone, or empty.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

/// Whether the text is a name without a colon (an `NCName`): what an element, attribute or prefix may be called.
#[must_use]
pub fn is_name(text: &str) -> bool {
    if let Some((first, rest)) = text.as_bytes().split_first()
        && is_ascii_name_start(*first)
        && rest.iter().all(|byte| is_ascii_name_char(*byte))
    {
        return true;
    }
    let mut letters = text.chars();
    letters.next().is_some_and(is_name_start) && letters.all(is_name_char)
}

/// The prefix, if there is one, and the local part of a written name; none if the colons do not fit. Whether the parts are names
/// is not checked.
pub(crate) fn split_name(text: &str) -> Option<(Option<&str>, &str)> {
    let Some(colon) = text.bytes().position(|byte| byte == b':') else { return Some((None, text)) };
    let (prefix, local) = (text.get(..colon)?, text.get(colon + 1..)?);
    (!prefix.is_empty() && !local.contains(':')).then_some((Some(prefix), local))
}

/// The usual case of production 4.
const fn is_ascii_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// The usual case of production 4a.
const fn is_ascii_name_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Production 4, without the colon.
const fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// Production 4a, without the colon.
const fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::{Traits, is_name, split_name, survey};

    #[test]
    fn names_are_those_of_xml() {
        for name in ["a", "_ord", "Straße", "a-b.c1", "品", "x\u{B7}y"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "1a", "-a", ".a", "a:b", "a b", "a/", "<", "\u{B7}a", "a\u{2190}"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_written_name_has_one_colon_at_most() {
        assert_eq!(split_name("a"), Some((None, "a")));
        assert_eq!(split_name("a:b"), Some((Some("a"), "b")));
        assert_eq!(split_name(":b"), None);
        assert_eq!(split_name("a:b:c"), None);
    }

    #[test]
    fn the_first_character_that_xml_cannot_hold_is_found() {
        assert_eq!(survey("ab\u{1}c\u{2}"), Err(2));
        assert_eq!(survey("ä\u{FFFF}"), Err(2));
        assert_eq!(survey("\u{FFFE}"), Err(0));
        assert_eq!(
            survey("\u{FFFD}\u{7F}\u{85}\t\n"),
            Ok(Traits { carriage_return: false, section_end: false })
        );
        assert_eq!(survey("a\r]]x>"), Ok(Traits { carriage_return: true, section_end: false }));
        assert_eq!(survey("]]]>"), Ok(Traits { carriage_return: false, section_end: true }));
    }
}
