//! Puts a tree together, element by element and text by text, and holds it to the limits.
//!
//! It knows nothing of markup: the XML reader and the expression parser both build through it.

use std::borrow::Cow;

use gateway_model::codes;

use crate::characters::is_blank;
use crate::limits::Limits;
use crate::names::{Names, Symbol};
use crate::refusal::Refusal;

use super::attributes;
use super::scope::{self, Kind, Name, Scope};
use super::{Attribute, NONE, Node, Span, Tree};

/// A tree under construction.
#[derive(Debug)]
pub(crate) struct Builder<'a, 'n> {
    pub(super) source: &'a str,
    pub(super) limits: &'n Limits,
    pub(super) scope: Scope<'a, 'n>,
    joined: String,
    nodes: Vec<Node>,
    attributes: Vec<Attribute<'a>>,
    /// The innermost open element.
    current: u32,
    /// The child of `current` that ended last.
    closed: u32,
    pub(super) depth: u32,
    /// Character data since the last tag.
    run: Span,
    /// Character data of open elements that also have child elements, innermost last.
    mixed: Vec<(u32, Span)>,
}

impl<'a, 'n> Builder<'a, 'n> {
    /// `source` is what positions and spans refer to; at most 2 GiB, so that spans fit into 32 bits.
    pub(crate) fn new(source: &'a str, names: &'n Names, limits: &'n Limits) -> Result<Self, Refusal> {
        let most = limits.bytes.min(i32::MAX as usize);
        if source.len() > most {
            let refusal = Refusal::at("", 0, codes::LIMIT_EXCEEDED, "the document is too long");
            return Err(refusal.expecting(format!("at most {most} bytes")));
        }
        Ok(Self {
            source,
            limits,
            scope: Scope::new(names, limits, source.len()),
            joined: String::new(),
            // An indented BOD has an element every 68 bytes.
            nodes: Vec::with_capacity(source.len() / 64 + 2),
            attributes: Vec::with_capacity(source.len() / 256 + 8),
            current: NONE,
            closed: NONE,
            depth: 0,
            run: Span::default(),
            mixed: Vec::new(),
        })
    }

    /// Whether no element is open.
    pub(crate) fn is_outside(&self) -> bool {
        self.current == NONE
    }

    /// Whether the root element has begun.
    pub(crate) fn has_root(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// Whether character data stands before the next tag.
    pub(super) fn has_text(&self) -> bool {
        self.run.length > 0
    }

    /// Begins an element whose declarations have been made and whose depth has been counted.
    #[inline]
    pub(super) fn open(&mut self, (name, symbol): (u32, Symbol), offset: usize) -> Result<(), Refusal> {
        if self.nodes.len() >= self.limits.elements {
            return Err(self.limit(offset, "too many elements", self.limits.elements, "elements"));
        }
        if self.run.length > 0 {
            self.set_aside();
        }
        let index = short(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(self.closed as usize) {
            node.next_sibling = index;
        }
        self.nodes.push(Node {
            symbol,
            name,
            parent: self.current,
            next_sibling: NONE,
            offset: short(offset),
            text: Span::default(),
            attributes: short(self.attributes.len()),
        });
        self.current = index;
        self.closed = NONE;
        Ok(())
    }

    /// Counts a level deeper.
    pub(super) fn descend(&mut self, offset: usize) -> Result<(), Refusal> {
        self.depth += 1;
        if self.depth as usize > self.limits.depth {
            return Err(self.limit(offset, "elements are nested too deeply", self.limits.depth, "levels"));
        }
        Ok(())
    }

    /// Begins an element in no namespace.
    pub(crate) fn open_plain(&mut self, name: &'a str, offset: usize) -> Result<(), Refusal> {
        self.descend(offset)?;
        let name = self.resolve(name, Kind::Element, offset)?;
        self.open(name, offset)
    }

    /// Gives the element that was begun last an attribute in no namespace.
    pub(crate) fn add_plain(&mut self, name: &'a str, value: &'a str, offset: usize) -> Result<(), Refusal> {
        let first = self.nodes.last().map_or(0, |node| node.attributes as usize);
        self.check_attributes(self.attributes.len() + 1 - first, offset)?;
        let (name, _) = self.resolve(name, Kind::Attribute, offset)?;
        if self.attributes.get(first..).unwrap_or_default().iter().any(|a| self.scope.same(a.name, name)) {
            return Err(self
                .refuse(offset, "a parameter that stands twice")
                .expecting("each parameter once"));
        }
        self.push(name, Cow::Borrowed(value));
        Ok(())
    }

    /// Adds an attribute to the element that was begun last.
    pub(super) fn push(&mut self, name: u32, value: Cow<'a, str>) {
        let (symbol, qname) = match self.scope.name(name) {
            Some(Name { xsi_type: true, symbol, .. }) => (*symbol, self.scope.resolve_value(&value)),
            Some(known) => (known.symbol, Symbol::UNKNOWN),
            None => (Symbol::UNKNOWN, Symbol::UNKNOWN),
        };
        self.attributes.push(Attribute { symbol, value, qname, name });
    }

    /// Whether one of the last `count` attributes has this expanded name.
    pub(super) fn has_attribute(&self, name: u32, count: usize) -> bool {
        self.attributes.iter().rev().take(count).any(|attribute| self.scope.same(attribute.name, name))
    }

    /// Holds one element's number of attributes to its limit.
    pub(super) fn check_attributes(&self, count: usize, offset: usize) -> Result<(), Refusal> {
        if count > self.limits.attributes {
            return Err(self.limit(offset, "too many attributes", self.limits.attributes, "on one element"));
        }
        Ok(())
    }

    /// Whether white space before the next end tag would be part of a text.
    pub(super) fn takes_space(&self) -> bool {
        self.closed == NONE || self.run.length > 0
    }

    /// Ends the innermost open element.
    #[inline]
    pub(crate) fn close(&mut self, offset: usize) -> Result<(), Refusal> {
        let childless = self.closed == NONE;
        let mut text = self.run;
        self.run = Span::default();
        if !childless {
            if text.length > 0 && !is_blank(self.text_of(text)) {
                self.mixed.push((self.current, text));
            }
            text = if self.mixed.is_empty() { Span::default() } else { self.join_mixed() };
        }
        if text.length as usize > self.limits.text_bytes {
            return Err(self.limit(offset, "too much text", self.limits.text_bytes, "bytes in one element"));
        }
        self.scope.leave(self.depth);
        self.depth = self.depth.saturating_sub(1);
        self.closed = self.current;
        if let Some(node) = self.nodes.get_mut(self.current as usize) {
            node.text = text;
            self.current = node.parent;
        }
        Ok(())
    }

    /// Adds a piece of the source to the character data.
    #[inline]
    pub(crate) fn text(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        if self.run.length == 0 {
            self.run = Span { start: short(start), length: short(end - start) };
        } else {
            let piece = self.source.get(start..end).unwrap_or_default();
            self.text_with(|joined| joined.push_str(piece));
        }
    }

    /// Adds character data that does not stand in the source as it is.
    pub(crate) fn text_with<T>(&mut self, write: impl FnOnce(&mut String) -> T) -> T {
        let base = self.source.len();
        if self.run.length == 0 {
            self.run.start = short(base + self.joined.len());
        } else if (self.run.start as usize) < base {
            let (start, length) = (self.run.start as usize, self.run.length as usize);
            self.run.start = short(base + self.joined.len());
            self.joined.push_str(self.source.get(start..start + length).unwrap_or_default());
        }
        let result = write(&mut self.joined);
        self.run.length = short(base + self.joined.len()) - self.run.start;
        result
    }

    /// Character data before a child element: kept if it is more than white space.
    fn set_aside(&mut self) {
        if !is_blank(self.text_of(self.run)) {
            self.mixed.push((self.current, self.run));
        }
        self.run = Span::default();
    }

    /// Joins what was set aside for the element that ends now. Each piece is copied once, at its own element's end.
    fn join_mixed(&mut self) -> Span {
        let first = self.mixed.iter().rposition(|(node, _)| *node != self.current).map_or(0, |at| at + 1);
        let start = self.joined.len();
        let pieces = self.mixed.split_off(first);
        if let [(_, only)] = pieces.as_slice() {
            return *only;
        }
        for (_, piece) in pieces {
            let (from, to) = (piece.start as usize, (piece.start + piece.length) as usize);
            match (from.checked_sub(self.source.len()), to.checked_sub(self.source.len())) {
                (Some(from), Some(to)) => self.joined.extend_from_within(from..to),
                _ => self.joined.push_str(self.source.get(from..to).unwrap_or_default()),
            }
        }
        Span { start: short(self.source.len() + start), length: short(self.joined.len() - start) }
    }

    fn text_of(&self, span: Span) -> &str {
        let (start, length) = (span.start as usize, span.length as usize);
        match start.checked_sub(self.source.len()) {
            None => self.source.get(start..start + length).unwrap_or_default(),
            Some(start) => self.joined.get(start..start + length).unwrap_or_default(),
        }
    }

    /// Resolves a name and says what is wrong with it.
    #[inline]
    pub(super) fn resolve(
        &mut self,
        written: &'a str,
        kind: Kind,
        offset: usize,
    ) -> Result<(u32, Symbol), Refusal> {
        self.scope.resolve(written, kind).map_err(|fault| self.name_refusal(fault, offset))
    }

    #[cold]
    pub(super) fn name_refusal(&self, fault: scope::Fault, offset: usize) -> Refusal {
        let (message, expected) = match fault {
            scope::Fault::NotAName => {
                ("not a name", "a letter or `_`, then letters, digits, `-`, `.` and one `:`")
            }
            scope::Fault::UndeclaredPrefix => {
                ("a prefix that is not declared", "an `xmlns:` declaration for it")
            }
            scope::Fault::ReservedPrefix => {
                ("a reserved prefix or namespace", "another prefix and namespace")
            }
            scope::Fault::EmptyNamespace => ("a prefix bound to no namespace", "a namespace URI"),
            scope::Fault::TooLong => {
                return self.limit(offset, "a name is too long", self.limits.name_bytes, "bytes");
            }
            scope::Fault::TooManyInScope => {
                let most = self.limits.namespaces.saturating_mul(8);
                return self.limit(offset, "too many namespace declarations", most, "in scope at one place");
            }
        };
        self.refuse(offset, message).expecting(expected)
    }

    #[cold]
    pub(super) fn attribute_refusal(&self, fault: attributes::Fault) -> Refusal {
        self.refuse(fault.offset, fault.message).expecting(fault.expected)
    }

    #[cold]
    pub(crate) fn refuse(&self, offset: usize, message: &str) -> Refusal {
        Refusal::at(self.source, offset, codes::MALFORMED_XML, message)
    }

    #[cold]
    pub(super) fn limit(&self, offset: usize, message: &str, most: usize, of: &str) -> Refusal {
        let refusal = Refusal::at(self.source, offset, codes::LIMIT_EXCEEDED, message);
        refusal.expecting(format!("at most {most} {of}"))
    }

    /// The finished tree.
    pub(crate) fn finish(self) -> Tree<'a> {
        Tree {
            source: self.source,
            joined: self.joined,
            nodes: self.nodes,
            attributes: self.attributes,
            names: self.scope.names,
            namespaces: self.scope.namespaces,
        }
    }
}

/// Offsets and counts fit: the source is at most 2 GiB, and what is joined is no longer than what it is joined from.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "checked once, for the whole source")]
const fn short(number: usize) -> u32 {
    number as u32
}
