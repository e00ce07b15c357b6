//! What is read: a whole document, or the tree of an expression inside one.

use std::borrow::Cow;

use gateway_wire::{Attribute, NodeId, Symbol, Tree};

/// A tree whose texts end up in a record that lives for `'t`.
pub(super) trait Document<'t>: Copy {
    fn tree(&self) -> &Tree<'_>;

    /// An element's text.
    fn text(&self, node: NodeId) -> Cow<'t, str>;

    /// An attribute's value.
    fn attribute(&self, node: NodeId, symbol: Symbol) -> Option<Cow<'t, str>>;

    /// As [`Self::attribute`]; `hint` is where it is looked for first, and afterwards where the next one should be.
    fn attribute_near(&self, node: NodeId, symbol: Symbol, hint: &mut usize) -> Option<Cow<'t, str>>;

    /// Path and position of an element, for faults.
    fn place(&self, node: NodeId) -> (String, (u32, u32));

    /// Whether node numbers are those of the document the caller has.
    fn is_whole(&self) -> bool;
}

/// The document itself: texts are borrowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<'t>(pub(super) &'t Tree<'t>);

/// The tree of an expression, gone when the expression has been read: texts are copied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Embedded<'n> {
    pub(super) tree: &'n Tree<'n>,
    /// Where the expression stands in the document.
    pub(super) path: &'n str,
    pub(super) position: (u32, u32),
}

// === impl Whole ===

impl<'t> Document<'t> for Whole<'t> {
    fn tree(&self) -> &Tree<'_> {
        self.0
    }

    fn text(&self, node: NodeId) -> Cow<'t, str> {
        Cow::Borrowed(self.0.text(node))
    }

    fn attribute(&self, node: NodeId, symbol: Symbol) -> Option<Cow<'t, str>> {
        self.0.attribute(node, symbol).map(Cow::Borrowed)
    }

    fn attribute_near(&self, node: NodeId, symbol: Symbol, hint: &mut usize) -> Option<Cow<'t, str>> {
        near(self.0.attributes(node), symbol, hint).map(Cow::Borrowed)
    }

    fn place(&self, node: NodeId) -> (String, (u32, u32)) {
        (self.0.path(node), self.0.position(node))
    }

    fn is_whole(&self) -> bool {
        true
    }
}

// === impl Embedded ===

impl<'t> Document<'t> for Embedded<'_> {
    fn tree(&self) -> &Tree<'_> {
        self.tree
    }

    fn text(&self, node: NodeId) -> Cow<'t, str> {
        Cow::Owned(self.tree.text(node).to_owned())
    }

    fn attribute(&self, node: NodeId, symbol: Symbol) -> Option<Cow<'t, str>> {
        self.tree.attribute(node, symbol).map(|value| Cow::Owned(value.to_owned()))
    }

    fn attribute_near(&self, node: NodeId, symbol: Symbol, hint: &mut usize) -> Option<Cow<'t, str>> {
        near(self.tree.attributes(node), symbol, hint).map(|value| Cow::Owned(value.to_owned()))
    }

    fn place(&self, node: NodeId) -> (String, (u32, u32)) {
        (format!("{}{}", self.path, self.tree.path(node)), self.position)
    }

    fn is_whole(&self) -> bool {
        false
    }
}

fn near<'n>(attributes: &'n [Attribute<'_>], symbol: Symbol, hint: &mut usize) -> Option<&'n str> {
    let is_meant = |attribute: &Attribute<'_>| attribute.symbol == symbol;
    let ahead =
        attributes.get(*hint..).unwrap_or_default().iter().position(is_meant).map(|ahead| *hint + ahead);
    let place = ahead.or_else(|| attributes.iter().position(is_meant))?;
    *hint = place + 1;
    attributes.get(place).map(|attribute| attribute.value.as_ref())
}
