//! A template as its author wrote it: elements, attributes and text, each with the bytes it stands at.
//!
//! `gateway_wire` decides whether a template is XML at all and what its names mean; its tree has the meaning of a
//! document and no longer the places a diagnostic has to show. This scan runs over text the tree was already built
//! from, so it only has to find things, not to judge them.

mod characters;
mod scan;

pub(crate) use characters::Characters;
pub(crate) use scan::scan;

use std::ops::Range;

/// The namespace of the mapping language's own elements and attributes.
pub(crate) const LANGUAGE: &str = "urn:dom-gateway:mapping";

/// The namespace of `xsi:type`.
pub(crate) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A name with its meaning and its place.
#[derive(Debug, Clone)]
pub(crate) struct QualifiedName {
    pub(crate) prefix: String,
    pub(crate) local: String,
    pub(crate) namespace: String,
    pub(crate) span: Range<usize>,
}

/// A namespace declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) prefix: String,
    pub(crate) namespace: String,
}

/// An attribute that is no namespace declaration.
#[derive(Debug, Clone)]
pub(crate) struct MarkupAttribute {
    pub(crate) name: QualifiedName,
    pub(crate) value: Characters,
}

/// An element.
#[derive(Debug, Clone)]
pub(crate) struct MarkupElement {
    pub(crate) name: QualifiedName,
    /// Declarations that stand on this element.
    pub(crate) declares: Vec<Declaration>,
    /// Declarations in force here, innermost last.
    pub(crate) scope: Vec<Declaration>,
    pub(crate) attributes: Vec<MarkupAttribute>,
    /// Its own text, white space around and between child elements left out.
    pub(crate) text: Characters,
    pub(crate) children: Vec<MarkupElement>,
}

// === impl QualifiedName ===

impl QualifiedName {
    /// Whether this is a word of the mapping language.
    pub(crate) fn is_language(&self) -> bool {
        self.namespace == LANGUAGE
    }

    /// The name as written.
    pub(crate) fn written(&self) -> String {
        if self.prefix.is_empty() { self.local.clone() } else { format!("{}:{}", self.prefix, self.local) }
    }
}

// === impl MarkupElement ===

impl MarkupElement {
    /// The value of an attribute of the mapping language.
    pub(crate) fn instruction(&self, name: &str) -> Option<&MarkupAttribute> {
        self.attributes.iter().find(|attribute| attribute.name.is_language() && attribute.name.local == name)
    }

    /// What a prefix means here. The empty prefix means no namespace unless one is declared.
    pub(crate) fn namespace_of(&self, prefix: &str) -> Option<&str> {
        let declared = self.scope.iter().rev().find(|declaration| declaration.prefix == prefix);
        match declared {
            Some(declaration) => Some(&declaration.namespace),
            None if prefix.is_empty() => Some(""),
            None => None,
        }
    }
}
