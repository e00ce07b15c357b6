//! The XML declaration and processing instructions: nothing in them is used, all of it is checked.

use std::ops::Range;

use crate::characters::is_name;
use crate::refusal::Refusal;

use super::Builder;
use super::attributes::{self, Raw};

/// Checks the name of a processing instruction (XML section 2.6).
pub(super) fn check_instruction(
    builder: &Builder<'_, '_>,
    target: &[u8],
    start: usize,
) -> Result<(), Refusal> {
    let name = std::str::from_utf8(target).unwrap_or_default();
    if !is_name(name) || name.eq_ignore_ascii_case("xml") {
        let refusal = builder.refuse(start, "a processing instruction without a proper name");
        return Err(refusal.expecting("a name other than `xml`"));
    }
    Ok(())
}

/// Checks the XML declaration (section 2.8); its encoding has been looked at when the bytes were decoded.
pub(super) fn check_declaration(builder: &Builder<'_, '_>, range: Range<usize>) -> Result<(), Refusal> {
    if range.start != 0 {
        let refusal = builder.refuse(range.start, "an XML declaration inside the document");
        return Err(refusal.expecting("it at the very beginning, or nowhere"));
    }
    let source = builder.source;
    let mut parts = Vec::new();
    attributes::find(source.as_bytes(), "<?xml".len()..range.end - "?>".len(), &mut parts)
        .map_err(|fault| builder.attribute_refusal(fault))?;
    let part = |raw: &Raw| (source.get(raw.name.clone()), source.get(raw.value.clone()).unwrap_or_default());
    let mut parts = parts.iter().map(part).peekable();
    let version = parts.next_if(|(name, _)| *name == Some("version"));
    let encoding = parts.next_if(|(name, _)| *name == Some("encoding"));
    let standalone = parts.next_if(|(name, _)| *name == Some("standalone"));
    let proper = version.is_some_and(|(_, value)| is_version(value))
        && encoding.is_none_or(|(_, value)| is_encoding(value))
        && standalone.is_none_or(|(_, value)| matches!(value, "yes" | "no"))
        && parts.next().is_none();
    if !proper {
        let refusal = builder.refuse(0, "an XML declaration that is not well-formed");
        return Err(refusal.expecting("`<?xml version=\"1.0\" encoding=\"utf-8\"?>`"));
    }
    Ok(())
}

/// Any version 1.x is read as 1.0 (section 2.8, fifth edition).
fn is_version(value: &str) -> bool {
    value
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()))
}

fn is_encoding(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
