//! Writing text and attribute values so that reading gives back the same text.

use crate::characters;

/// Text that no XML document can hold. Only the character is told, never the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("character U+{character:04X} at byte {offset} cannot be written in XML")]
pub struct Unwritable {
    /// The character's number.
    pub character: u32,
    /// Where it stands, in bytes of the text.
    pub offset: usize,
}

/// Writes text as an element's content. `>` is always escaped, so that no `]]>` can come about; a carriage return
/// becomes a reference, because a reader would take it for a line feed.
///
/// # Errors
/// The text has a character that XML cannot hold; nothing useful has been written then.
pub fn escape_text(text: &str, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    escape(text, &TEXT, out)
}

/// Writes text as an attribute's value, to stand between quotation marks. Tab and line feed become references too,
/// because a reader would take them for blanks.
///
/// # Errors
/// The text has a character that XML cannot hold; nothing useful has been written then.
pub fn escape_attribute(text: &str, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    escape(text, &ATTRIBUTE, out)
}

/// Writes text as an element's content, with the replacement character for every character that XML cannot hold:
/// for error texts, which must always come out.
pub(crate) fn escape_lossy(text: &str, out: &mut Vec<u8>) {
    if text.chars().all(characters::is_char) {
        let _written = escape(text, &TEXT, out);
        return;
    }
    let mended: String =
        text.chars().map(|c| if characters::is_char(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
    let _written = escape(&mended, &TEXT, out);
}

/// Stands in a table for a byte that begins no escape.
const PLAIN: u8 = 0;
/// A byte that XML cannot hold.
const ILLEGAL: u8 = 1;
/// A byte that may begin U+FFFE or U+FFFF.
const SUSPICIOUS: u8 = 2;
/// From here on, the place of the replacement in [`REPLACEMENTS`].
const REPLACED: u8 = 3;

const REPLACEMENTS: [&[u8]; 7] = [b"&amp;", b"&lt;", b"&gt;", b"&#13;", b"&quot;", b"&#9;", b"&#10;"];

/// What to do with each byte.
type Table = [u8; 256];

static TEXT: Table = table(false);
static ATTRIBUTE: Table = table(true);

const fn table(attribute: bool) -> Table {
    let mut table = [PLAIN; 256];
    let mut byte = 0usize;
    while byte < 256 {
        #[expect(
            clippy::indexing_slicing,
            reason = "the loop runs over the table's own length, at compile time"
        )]
        {
            table[byte] = class(byte, attribute);
        }
        byte += 1;
    }
    table
}

const fn class(byte: usize, attribute: bool) -> u8 {
    match byte {
        0x26 => REPLACED,
        0x3C => REPLACED + 1,
        0x3E => REPLACED + 2,
        0x0D => REPLACED + 3,
        0x22 if attribute => REPLACED + 4,
        0x09 if attribute => REPLACED + 5,
        0x0A if attribute => REPLACED + 6,
        0x09 | 0x0A => PLAIN,
        0x00..0x20 => ILLEGAL,
        0xEF => SUSPICIOUS,
        _ => PLAIN,
    }
}

fn escape(text: &str, table: &Table, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let bytes = text.as_bytes();
    let mut written = 0;
    for (offset, &byte) in bytes.iter().enumerate() {
        let class = table.get(usize::from(byte)).copied().unwrap_or(PLAIN);
        if class == PLAIN {
            continue;
        }
        let Some(replacement) = REPLACEMENTS.get(usize::from(class.wrapping_sub(REPLACED))) else {
            refuse_illegal(text, offset)?;
            continue;
        };
        out.extend_from_slice(bytes.get(written..offset).unwrap_or_default());
        out.extend_from_slice(replacement);
        written = offset + 1;
    }
    out.extend_from_slice(bytes.get(written..).unwrap_or_default());
    Ok(())
}

/// The character at this byte, unless XML can hold it.
#[cold]
fn refuse_illegal(text: &str, offset: usize) -> Result<(), Unwritable> {
    match text.get(offset..).and_then(|rest| rest.chars().next()) {
        Some(c) if !characters::is_char(c) => Err(Unwritable { character: u32::from(c), offset }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{Unwritable, escape_attribute, escape_lossy, escape_text};

    fn text(text: &str) -> Result<String, Unwritable> {
        let mut out = Vec::new();
        escape_text(text, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    fn attribute(text: &str) -> Result<String, Unwritable> {
        let mut out = Vec::new();
        escape_attribute(text, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn markup_becomes_references() {
        assert_eq!(text("a<b>&\"'\r\n\tc").unwrap(), "a&lt;b&gt;&amp;\"'&#13;\n\tc");
        assert_eq!(attribute("a<b>&\"'\r\n\tc").unwrap(), "a&lt;b&gt;&amp;&quot;'&#13;&#10;&#9;c");
        assert_eq!(text("]]>").unwrap(), "]]&gt;");
        assert_eq!(text("").unwrap(), "");
        assert_eq!(text("Größe 12 – 品").unwrap(), "Größe 12 – 品");
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_refused() {
        for (given, character, offset) in [("a\u{0}", 0, 1), ("\u{1F}", 0x1F, 0), ("ä\u{FFFE}", 0xFFFE, 2)] {
            assert_eq!(text(given), Err(Unwritable { character, offset }));
            assert_eq!(attribute(given), Err(Unwritable { character, offset }));
        }
        assert_eq!(text("\u{FFFD}").unwrap(), "\u{FFFD}");
    }

    #[test]
    fn an_error_text_always_comes_out() {
        let mut out = Vec::new();
        escape_lossy("a\u{1}<", &mut out);
        assert_eq!(out, "a\u{FFFD}&lt;".as_bytes());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in any::<String>()) {
            if let (Ok(text), Ok(attribute)) = (text(&value), attribute(&value)) {
                let document = format!("<a b=\"{attribute}\">{text}</a>");
                let tree = roxmltree::Document::parse(&document).unwrap();
                assert_eq!(tree.root_element().attribute("b"), Some(value.as_str()));
                assert_eq!(tree.root_element().text().unwrap_or_default(), value);
            } else {
                assert!(value.chars().any(|c| !super::characters::is_char(c)));
            }
        }
    }
}
