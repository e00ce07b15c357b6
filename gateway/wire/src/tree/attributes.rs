//! The attributes of one tag: found, checked, their values resolved.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::escape::resolve_predefined_entity;

use crate::characters::{is_char, is_space};

/// An attribute as it stands in the tag; ranges are bytes of the source.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
    /// Whether the name begins like that of a namespace declaration.
    pub(super) xmlns: bool,
    /// Whether the value has nothing to resolve or normalize.
    pub(super) plain: bool,
}

/// What is wrong, where, and what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) message: &'static str,
    pub(super) expected: &'static str,
}

/// Finds the attributes in `source[range]`, which is a tag from the end of its name to its end.
pub(super) fn find(source: &[u8], range: Range<usize>, found: &mut Vec<Raw>) -> Result<(), Fault> {
    let mut at = range.start;
    let tag = source.get(..range.end).unwrap_or_default();
    loop {
        let start = skip_space(tag, at);
        if start >= tag.len() {
            return Ok(());
        }
        if start == at {
            return Err(fault(at, "no white space before an attribute", "white space"));
        }
        let name_end = name_end(tag, start);
        if name_end == start {
            return Err(fault(start, "no attribute name where one has to stand", "an attribute name"));
        }
        let equals = skip_space(tag, name_end);
        if tag.get(equals) != Some(&b'=') {
            return Err(fault(equals, "an attribute without a value", "`=` and a value"));
        }
        let open = skip_space(tag, equals + 1);
        let quote = match tag.get(open) {
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => return Err(fault(open, "an attribute value without quotation marks", "a quotation mark")),
        };
        let (value_end, plain) = value_end(tag, open + 1, quote)?;
        let xmlns = tag.get(start..).is_some_and(|name| name.starts_with(b"xmlns"));
        found.push(Raw { name: start..name_end, value: open + 1..value_end, xmlns, plain });
        at = value_end + 1;
    }
}

/// The value of an attribute: line ends and white space as blanks, references resolved (XML section 3.3.3).
pub(super) fn value<'a>(source: &'a str, raw: &Raw) -> Result<Cow<'a, str>, Fault> {
    let written = source.get(raw.value.clone()).unwrap_or_default();
    if raw.plain {
        return Ok(Cow::Borrowed(written));
    }
    let mut value = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, special)) =
        rest.find(['&', '\t', '\n', '\r']).and_then(|at| rest.split_at_checked(at))
    {
        value.push_str(before);
        let offset = raw.value.start + (written.len() - special.len());
        rest = match special.strip_prefix('&') {
            Some(reference) => {
                let Some((name, rest)) = reference.split_once(';') else {
                    return Err(fault(
                        offset,
                        "a reference that does not end",
                        "`;`, or `&amp;` for an ampersand",
                    ));
                };
                resolve(name, offset, &mut value)?;
                rest
            }
            None => {
                value.push(' ');
                special.strip_prefix("\r\n").or_else(|| special.get(1..)).unwrap_or_default()
            }
        };
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

/// Appends what a reference `&name;` stands for.
pub(super) fn resolve(name: &str, offset: usize, into: &mut String) -> Result<(), Fault> {
    if let Some(number) = name.strip_prefix('#') {
        let c = character(number).ok_or_else(|| {
            fault(
                offset,
                "a reference to a character that XML does not allow",
                "the number of an XML character",
            )
        })?;
        into.push(c);
        return Ok(());
    }
    let text = resolve_predefined_entity(name).ok_or_else(|| {
        fault(offset, "an unknown entity", "one of `&amp;`, `&lt;`, `&gt;`, `&apos;`, `&quot;`")
    })?;
    into.push_str(text);
    Ok(())
}

fn character(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` would take a sign.
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|c| is_char(*c))
}

#[inline]
fn skip_space(tag: &[u8], from: usize) -> usize {
    let rest = tag.get(from..).unwrap_or_default();
    rest.iter().position(|byte| !is_space(*byte)).map_or(tag.len(), |count| from + count)
}

#[inline]
fn name_end(tag: &[u8], from: usize) -> usize {
    let rest = tag.get(from..).unwrap_or_default();
    let ends = |byte: &u8| is_space(*byte) || matches!(byte, b'=' | b'"' | b'\'' | b'<' | b'/');
    rest.iter().position(ends).map_or(tag.len(), |count| from + count)
}

/// Where the value's closing mark stands, and whether the value is plain.
#[inline]
fn value_end(tag: &[u8], from: usize, quote: u8) -> Result<(usize, bool), Fault> {
    let rest = tag.get(from..).unwrap_or_default();
    let Some(length) = memchr::memchr(quote, rest) else {
        return Err(fault(tag.len(), "an attribute value that does not end", "a quotation mark"));
    };
    let value = rest.get(..length).unwrap_or_default();
    // Without a branch in its body the loop compiles to vector instructions.
    let special =
        value.iter().fold(false, |found, &byte| found | (byte == b'&') | (byte == b'<') | (byte < b' '));
    if special && let Some(at) = memchr::memchr(b'<', value) {
        return Err(fault(from + at, "`<` in an attribute value", "`&lt;`"));
    }
    Ok((from + length, !special))
}

const fn fault(offset: usize, message: &'static str, expected: &'static str) -> Fault {
    Fault { offset, message, expected }
}
