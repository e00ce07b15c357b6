//! A document as a tree: elements in one arena in document order, borrowing from the text.
//!
//! Elements stand in preorder, so an element's first child is the next one in the arena, and its attributes end
//! where the next one's begin. Names and texts are spans of the source; texts that had to be put together (references,
//! comments in between, line ends) are spans of a second string. Lines and columns are counted when somebody asks.

mod attributes;
mod build;
mod document;
mod prolog;
mod scope;

use std::borrow::Cow;
use std::fmt;

use crate::limits::Limits;
use crate::names::{Names, Symbol};
use crate::refusal::{self, Refusal};

pub(crate) use build::Builder;
use scope::{Name, Namespace};

/// An element of one tree.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(u32);

/// No element: stands for a missing parent or sibling.
const NONE: u32 = u32::MAX;

/// A document whose every part has been checked.
pub struct Tree<'a> {
    source: &'a str,
    /// Texts that are not one piece of the source. A span that begins behind the source's end lies here.
    joined: String,
    nodes: Vec<Node>,
    attributes: Vec<Attribute<'a>>,
    names: Vec<Name<'a>>,
    namespaces: Vec<Namespace<'a>>,
}

/// An element; 32 bytes, so that two fit into a cache line.
#[derive(Debug, Clone, Copy)]
struct Node {
    symbol: Symbol,
    /// Index of its name.
    name: u32,
    parent: u32,
    next_sibling: u32,
    /// Byte of the source at which its tag begins.
    offset: u32,
    text: Span,
    /// Index of its first attribute; they end where those of the next node begin.
    attributes: u32,
}

/// Bytes of the source or, behind its end, of the joined texts.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    length: u32,
}

/// An attribute. Namespace declarations are none.
pub struct Attribute<'a> {
    /// Its expanded name; an attribute without prefix is in no namespace.
    pub symbol: Symbol,
    /// Its value, references resolved and white space normalized (XML section 3.3.3).
    pub value: Cow<'a, str>,
    /// For `xsi:type`, the expanded name that its value stands for in the element's scope.
    pub qname: Symbol,
    name: u32,
}

/// The child elements of an element, in document order.
#[derive(Debug, Clone)]
pub struct Children<'t, 'a> {
    tree: &'t Tree<'a>,
    next: Option<NodeId>,
}

// === impl NodeId ===

impl NodeId {
    const fn index(self) -> usize {
        self.0 as usize
    }
}

// === impl Tree ===

impl<'a> Tree<'a> {
    /// Reads a whole document.
    ///
    /// # Errors
    /// The text is not one well-formed XML 1.0 document with namespaces, has a document type declaration, or is beyond
    /// a limit.
    pub fn parse(text: &'a str, names: &Names, limits: &Limits) -> Result<Self, Refusal> {
        document::parse(text, names, limits)
    }

    /// The root element.
    #[must_use]
    pub const fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// The element's expanded name.
    #[must_use]
    pub fn symbol(&self, node: NodeId) -> Symbol {
        self.node(node).map_or(Symbol::UNKNOWN, |node| node.symbol)
    }

    /// The element's name without its prefix.
    #[must_use]
    pub fn local_name(&self, node: NodeId) -> &str {
        self.node(node).and_then(|node| self.names.get(node.name as usize)).map_or("", |name| name.local)
    }

    /// The URI of the element's namespace, empty for none.
    #[must_use]
    pub fn namespace(&self, node: NodeId) -> &str {
        self.node(node).map_or("", |node| self.namespace_of(node.name))
    }

    /// The element's own character data: pieces joined, references resolved. White space between child elements is
    /// left out; white space that is all of a childless element's content is not.
    #[must_use]
    pub fn text(&self, node: NodeId) -> &str {
        self.node(node).map_or("", |node| self.span(node.text))
    }

    /// The first child element.
    #[must_use]
    pub fn first_child(&self, node: NodeId) -> Option<NodeId> {
        let next = node.0.checked_add(1)?;
        (self.nodes.get(next as usize)?.parent == node.0).then_some(NodeId(next))
    }

    /// The next element with the same parent.
    #[must_use]
    pub fn next_sibling(&self, node: NodeId) -> Option<NodeId> {
        self.node(node).and_then(|node| some(node.next_sibling))
    }

    /// The element around it.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.node(node).and_then(|node| some(node.parent))
    }

    /// Its child elements, in document order.
    #[must_use]
    pub fn children(&self, node: NodeId) -> Children<'_, 'a> {
        Children { tree: self, next: self.first_child(node) }
    }

    /// Its attributes, in document order.
    #[must_use]
    pub fn attributes(&self, node: NodeId) -> &[Attribute<'a>] {
        let Some(first) = self.node(node).map(|node| node.attributes as usize) else { return &[] };
        let next =
            self.nodes.get(node.index() + 1).map_or(self.attributes.len(), |next| next.attributes as usize);
        self.attributes.get(first..next).unwrap_or_default()
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, node: NodeId, symbol: Symbol) -> Option<&str> {
        let mut attributes = self.attributes(node).iter();
        attributes.find(|attribute| attribute.symbol == symbol && symbol.is_known()).map(|a| a.value.as_ref())
    }

    /// The namespace URI (empty for none) and the local name of an attribute of this tree.
    #[must_use]
    pub fn attribute_name(&self, attribute: &Attribute<'_>) -> (&str, &str) {
        let local = self.names.get(attribute.name as usize).map_or("", |name| name.local);
        (self.namespace_of(attribute.name), local)
    }

    /// Line and column (in characters) of the element's tag, both from 1.
    #[must_use]
    pub fn position(&self, node: NodeId) -> (u32, u32) {
        refusal::position(self.source, self.node(node).map_or(0, |node| node.offset as usize))
    }

    /// The local names from the root to the element: `/Envelope/Body/GetOrder`.
    #[must_use]
    pub fn path(&self, node: NodeId) -> String {
        let mut steps = Vec::new();
        let mut step = Some(node);
        while let Some(node) = step {
            steps.push(self.local_name(node));
            step = self.parent(node);
        }
        steps.iter().rev().fold(String::new(), |path, step| path + "/" + step)
    }

    /// The element's place in document order; the root's is 0.
    #[must_use]
    pub fn number(&self, node: NodeId) -> u32 {
        node.0
    }

    /// The element of this [number](Self::number), if there is one.
    #[must_use]
    pub fn element(&self, number: u32) -> Option<NodeId> {
        let id = NodeId(number);
        self.node(id).map(|_| id)
    }

    /// How many elements there are; at least one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no element; never true of a tree that was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The refusal of something at this element's place.
    pub(crate) fn refuse(&self, node: NodeId, code: gateway_model::codes::Code, message: &str) -> Refusal {
        Refusal::at(self.source, self.node(node).map_or(0, |node| node.offset as usize), code, message)
    }

    fn node(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node.index())
    }

    fn namespace_of(&self, name: u32) -> &str {
        let namespace = self.names.get(name as usize).map_or(0, |name| name.namespace);
        self.namespaces.get(namespace as usize).map_or("", |namespace| namespace.uri.as_ref())
    }

    fn span(&self, span: Span) -> &str {
        let (start, length) = (span.start as usize, span.length as usize);
        let (text, start) = match start.checked_sub(self.source.len()) {
            None => (self.source, start),
            Some(start) => (self.joined.as_str(), start),
        };
        text.get(start..start + length).unwrap_or_default()
    }
}

impl fmt::Debug for Tree<'_> {
    /// Counts only: what a document holds may be personal.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tree")
            .field("elements", &self.nodes.len())
            .field("attributes", &self.attributes.len())
            .finish_non_exhaustive()
    }
}

// === impl Attribute ===

impl fmt::Debug for Attribute<'_> {
    /// The name only: the value may be personal.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attribute").field("symbol", &self.symbol).finish_non_exhaustive()
    }
}

// === impl Children ===

impl Iterator for Children<'_, '_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let node = self.next?;
        self.next = self.tree.next_sibling(node);
        Some(node)
    }
}

const fn some(index: u32) -> Option<NodeId> {
    if index == NONE { None } else { Some(NodeId(index)) }
}

#[cfg(test)]
mod tests;
