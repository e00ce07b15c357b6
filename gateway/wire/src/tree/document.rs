//! Reads an XML document into a tree, with quick-xml as the scanner.
//!
//! quick-xml finds where markup begins and ends and that end tags fit; all else is checked here, because it accepts
//! silently what it is not asked about: several roots, text outside the root, unfinished documents, names, characters,
//! attributes, namespaces, declarations.

use gateway_model::codes;
use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use crate::characters::{self, Traits, is_blank, is_space};
use crate::limits::Limits;
use crate::names::Names;
use crate::refusal::Refusal;

use super::attributes::{self, Raw};
use super::prolog;
use super::scope::Kind;
use super::{Builder, Tree};

/// Taken off when a document begins with it.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// One document being read.
struct Document<'a, 'n> {
    builder: Builder<'a, 'n>,
    traits: Traits,
    /// Where the markup or text before the next event ended.
    end: usize,
    /// The attributes of the tag at hand, kept to be filled again.
    raw: Vec<Raw>,
}

/// Reads a whole document.
pub(super) fn parse<'a>(text: &'a str, names: &Names, limits: &Limits) -> Result<Tree<'a>, Refusal> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if is_blank(text) {
        let refusal = Refusal::at("", 0, codes::EMPTY_BODY, "the document is empty");
        return Err(refusal.expecting("an XML document"));
    }
    let builder = Builder::new(text, names, limits)?;
    let traits = characters::survey(text).map_err(|offset| {
        builder.refuse(offset, "a character that XML does not allow").expecting("a character of XML 1.0")
    })?;
    if text.starts_with(BYTE_ORDER_MARK) {
        return Err(builder.refuse(0, "text outside the root element").expecting("`<`"));
    }
    let mut document = Document { builder, traits, end: 0, raw: Vec::with_capacity(8) };
    document.read()?;
    Ok(document.builder.finish())
}

impl<'a> Document<'a, '_> {
    fn read(&mut self) -> Result<(), Refusal> {
        let mut reader = Reader::from_str(self.builder.source);
        reader.config_mut().check_comments = true;
        // White space before markup makes no event of its own; what belongs to a text is taken from the source.
        reader.config_mut().trim_text_start = true;
        loop {
            // Taken apart where it is made: moving the event first would cost as much as scanning for it.
            match reader.read_event() {
                Ok(Event::Start(tag)) => self.start(&tag, place(&reader) - tag.len() - 2)?,
                Ok(Event::End(_)) => self.end(place(&reader))?,
                Ok(Event::Text(_)) => self.text(place(&reader))?,
                Ok(Event::Empty(tag)) => {
                    self.start(&tag, place(&reader) - tag.len() - 3)?;
                    self.builder.close(place(&reader))?;
                }
                Ok(Event::Eof) => return self.finish(),
                Ok(other) => self.rare(&other, place(&reader))?,
                Err(error) => return Err(self.scan_refusal(&error, reader.error_position())),
            }
            self.end = place(&reader);
        }
    }

    /// The document may end here.
    fn finish(&self) -> Result<(), Refusal> {
        if self.builder.has_root() && self.builder.is_outside() {
            return Ok(());
        }
        let source = self.builder.source;
        let refusal = Refusal::at(
            source,
            source.len(),
            codes::TRUNCATED_XML,
            "the document ends before its root element",
        );
        Err(refusal.expecting(if self.builder.has_root() { "an end tag" } else { "a root element" }))
    }

    #[inline]
    fn start(&mut self, tag: &BytesStart<'_>, offset: usize) -> Result<(), Refusal> {
        if self.builder.is_outside() && self.builder.has_root() {
            return Err(self
                .builder
                .refuse(offset, "a second root element")
                .expecting("the end of the document"));
        }
        if self.builder.has_text() {
            self.gap(offset);
        }
        self.builder.descend(offset)?;
        let name_start = offset + 1;
        let name_end = name_start + tag.name().as_ref().len();
        let written = self.builder.source.get(name_start..name_end).unwrap_or_default();
        if tag.len() == written.len() || written.is_empty() {
            let name = self.builder.resolve(written, Kind::Element, name_start)?;
            return self.builder.open(name, offset);
        }
        self.start_with_attributes(written, offset, name_start + tag.len())
    }

    fn start_with_attributes(&mut self, written: &'a str, offset: usize, end: usize) -> Result<(), Refusal> {
        let mut raw = std::mem::take(&mut self.raw);
        raw.clear();
        let name_end = offset + 1 + written.len();
        attributes::find(self.builder.source.as_bytes(), name_end..end, &mut raw)
            .map_err(|fault| self.attribute_refusal(fault))?;
        if raw.iter().any(|raw| raw.xmlns) {
            self.declare(&mut raw, offset)?;
        }
        self.builder.check_attributes(raw.len(), offset)?;
        let name = self.builder.resolve(written, Kind::Element, offset + 1)?;
        self.builder.open(name, offset)?;
        self.add(&raw)?;
        self.raw = raw;
        Ok(())
    }

    /// Takes the namespace declarations out of a tag's attributes.
    fn declare(&mut self, raw: &mut Vec<Raw>, offset: usize) -> Result<(), Refusal> {
        let source = self.builder.source;
        let declared = |raw: &Raw| source.get(raw.name.clone()).and_then(prefix_declared);
        let mut count = 0;
        for (at, declaration) in raw.iter().enumerate() {
            let Some(prefix) = declared(declaration) else { continue };
            let uri =
                attributes::value(source, declaration).map_err(|fault| self.attribute_refusal(fault))?;
            self.check_length(&uri, declaration)?;
            if raw.iter().take(at).any(|earlier| earlier.xmlns && declared(earlier) == Some(prefix)) {
                return Err(self.doubled(declaration));
            }
            count += 1;
            if count > self.builder.limits.namespaces {
                let most = self.builder.limits.namespaces;
                return Err(self.builder.limit(
                    offset,
                    "too many namespace declarations",
                    most,
                    "on one element",
                ));
            }
            if let Err(fault) = self.builder.scope.declare(prefix, uri, self.builder.depth) {
                return Err(self.builder.name_refusal(fault, declaration.name.start));
            }
        }
        raw.retain(|raw| declared(raw).is_none());
        Ok(())
    }

    /// Resolves a tag's attributes and gives them to the element.
    fn add(&mut self, raw: &[Raw]) -> Result<(), Refusal> {
        // A set bit says that a local name with this digest has been met, and its attribute may be this one's double.
        let mut met = [0u64; 4];
        for (count, attribute) in raw.iter().enumerate() {
            let written = self.builder.source.get(attribute.name.clone()).unwrap_or_default();
            let (name, _) = self.builder.resolve(written, Kind::Attribute, attribute.name.start)?;
            let digest = self.builder.scope.name(name).map_or(0, |name| name.digest);
            if let Some(bits) = met.get_mut(usize::from(digest >> 6)) {
                let bit = 1u64 << (digest & 63);
                if *bits & bit != 0 && self.builder.has_attribute(name, count) {
                    return Err(self.doubled(attribute));
                }
                *bits |= bit;
            }
            let value = attributes::value(self.builder.source, attribute)
                .map_err(|fault| self.attribute_refusal(fault))?;
            self.check_length(&value, attribute)?;
            self.builder.push(name, value);
        }
        Ok(())
    }

    fn check_length(&self, value: &str, raw: &Raw) -> Result<(), Refusal> {
        let most = self.builder.limits.text_bytes;
        if value.len() > most {
            return Err(self.builder.limit(raw.value.start, "too much text", most, "bytes in one attribute"));
        }
        Ok(())
    }

    #[cold]
    fn doubled(&self, raw: &Raw) -> Refusal {
        self.builder.refuse(raw.name.start, "an attribute that stands twice").expecting("each attribute once")
    }

    #[inline]
    fn end(&mut self, end: usize) -> Result<(), Refusal> {
        let gap = self.builder.source.as_bytes().get(self.end).is_some_and(|byte| *byte != b'<');
        if gap && self.builder.takes_space() {
            let text = self.builder.source.get(self.end..end).unwrap_or_default();
            self.gap(self.end + text.find('<').unwrap_or_default());
        }
        self.builder.close(end)
    }

    /// White space before markup, for which there was no event.
    fn gap(&mut self, start: usize) {
        self.piece(self.end, start);
    }

    #[inline]
    fn text(&mut self, end: usize) -> Result<(), Refusal> {
        if self.builder.is_outside() {
            return Err(self.outside());
        }
        if self.traits.section_end {
            let text = self.builder.source.get(self.end..end).unwrap_or_default();
            if let Some(at) = text.find("]]>") {
                return Err(self.builder.refuse(self.end + at, "`]]>` in text").expecting("`]]&gt;`"));
            }
        }
        self.piece(self.end, end);
        Ok(())
    }

    /// Adds character data as it stands in the source, line ends normalized (XML section 2.11).
    #[inline]
    fn piece(&mut self, start: usize, end: usize) {
        if self.traits.carriage_return {
            let text = self.builder.source.get(start..end).unwrap_or_default();
            if text.contains('\r') {
                let normal = text.replace("\r\n", "\n").replace('\r', "\n");
                return self.builder.text_with(|joined| joined.push_str(&normal));
            }
        }
        self.builder.text(start, end);
    }

    /// Events that a usual document has few of.
    fn rare(&mut self, event: &Event<'_>, end: usize) -> Result<(), Refusal> {
        let source = self.builder.source;
        let length = match event {
            Event::CData(data) => data.len() + "<![CDATA[]]>".len(),
            Event::GeneralRef(name) => name.len() + "&;".len(),
            Event::Comment(text) => text.len() + "<!---->".len(),
            Event::PI(text) => text.len() + "<??>".len(),
            Event::Decl(text) => text.len() + "<??>".len(),
            _ => return Err(self.doctype()),
        };
        let start = end - length;
        if !self.builder.is_outside() {
            self.gap(start);
        }
        match event {
            Event::CData(_) | Event::GeneralRef(_) if self.builder.is_outside() => Err(self.outside()),
            Event::CData(_) => {
                self.piece(start + "<![CDATA[".len(), end - "]]>".len());
                Ok(())
            }
            Event::GeneralRef(_) => {
                let name = source.get(start + 1..end - 1).unwrap_or_default();
                let resolved = self.builder.text_with(|joined| attributes::resolve(name, start, joined));
                resolved.map_err(|fault| self.attribute_refusal(fault))
            }
            Event::PI(text) => prolog::check_instruction(&self.builder, text.target(), start),
            Event::Decl(_) => prolog::check_declaration(&self.builder, start..end),
            _ => Ok(()),
        }
    }

    #[cold]
    fn doctype(&self) -> Refusal {
        let offset = self.end + self.space_ahead();
        let source = self.builder.source;
        Refusal::at(source, offset, codes::DOCTYPE_REFUSED, "a document type declaration")
            .expecting("a document without one")
    }

    #[cold]
    fn outside(&self) -> Refusal {
        let offset = self.end + self.space_ahead();
        let expected = if self.builder.has_root() { "the end of the document" } else { "a root element" };
        self.builder.refuse(offset, "text outside the root element").expecting(expected)
    }

    /// How much white space follows what has been read.
    fn space_ahead(&self) -> usize {
        let text = self.builder.source.get(self.end..).unwrap_or_default();
        text.bytes().position(|byte| !is_space(byte)).unwrap_or_default()
    }

    #[cold]
    fn attribute_refusal(&self, fault: attributes::Fault) -> Refusal {
        self.builder.attribute_refusal(fault)
    }

    /// What quick-xml found.
    #[cold]
    fn scan_refusal(&self, error: &Error, position: u64) -> Refusal {
        let source = self.builder.source;
        let offset = usize::try_from(position).unwrap_or_default();
        let rest = source.get(offset..).unwrap_or_default();
        let (code, message, expected) = match error {
            Error::Syntax(SyntaxError::UnclosedDoctype) => return self.doctype(),
            Error::Syntax(_) if !is_unfinished(rest) => (
                codes::MALFORMED_XML,
                "`<!` that begins nothing known",
                "a tag, a comment or `<![CDATA[`".to_owned(),
            ),
            Error::Syntax(_) => (
                codes::TRUNCATED_XML,
                "the document ends inside markup",
                "the end of what begins here".to_owned(),
            ),
            Error::IllFormed(IllFormedError::UnclosedReference) if !rest.contains(['<', ';']) => {
                (codes::TRUNCATED_XML, "the document ends inside a reference", "`;`".to_owned())
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => {
                (codes::MALFORMED_XML, "`&` that begins no reference", "`&amp;`".to_owned())
            }
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, .. }) => {
                (codes::MALFORMED_XML, "an end tag that does not fit", format!("`</{expected}>`"))
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) => {
                (codes::MALFORMED_XML, "an end tag without its start tag", "no end tag".to_owned())
            }
            Error::IllFormed(IllFormedError::DoubleHyphenInComment) => {
                (codes::MALFORMED_XML, "`--` inside a comment", "`-->` at its end alone".to_owned())
            }
            Error::IllFormed(IllFormedError::MissingDoctypeName) => return self.doctype(),
            _ => (codes::MALFORMED_XML, "the document is not well-formed", "XML 1.0".to_owned()),
        };
        Refusal::at(source, offset, code, message).expecting(expected)
    }
}

/// Where the last event ended.
#[inline]
fn place(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// Whether the text could go on to be markup that quick-xml knows.
fn is_unfinished(rest: &str) -> bool {
    let Some(bang) = rest.strip_prefix("<!") else { return true };
    ["--", "[CDATA["].iter().any(|start| bang.starts_with(start) || start.starts_with(bang))
}

/// The prefix that an attribute of this name declares; empty for the default namespace.
#[inline]
fn prefix_declared(name: &str) -> Option<&str> {
    match name.strip_prefix("xmlns")? {
        "" => Some(""),
        rest => rest.strip_prefix(':'),
    }
}
